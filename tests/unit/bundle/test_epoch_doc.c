/* The document of an epoch, and the chain that documents form. */
#include "bundle/epoch_doc.h"
#include "testing.h"

#include <string.h>

static struct epoch_doc example(uint64_t number)
{
    struct epoch_doc d = {
        .number = number, .threshold = 3, .total = 5, .assurance = EPOCH_MIXED};

    memset(d.epoch_id, (int)number, sizeof d.epoch_id);
    memset(d.previous, (int)number - 1, sizeof d.previous);
    memset(d.plan_hash, 0xa1, sizeof d.plan_hash);
    memset(d.policy_hash, 0xa2, sizeof d.policy_hash);
    memset(d.record_id, 0xa3, sizeof d.record_id);
    memset(d.classic, 0xa4, sizeof d.classic);
    memset(d.pq, 0xa5, sizeof d.pq);
    memset(d.evidence, 0xa6, (size_t)d.total * EPOCH_DOC_HASH_LEN);
    return d;
}

static struct view encode(const struct epoch_doc *d, uint8_t room[EPOCH_DOC_MAX])
{
    struct writer w = wr_init(room, EPOCH_DOC_MAX);
    struct view out;

    epoch_doc_encode(&w, d);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    const struct epoch_doc d = example(7);
    uint8_t room[EPOCH_DOC_MAX];
    struct epoch_doc out;
    const struct view in = encode(&d, room);

    assert_int_equal(in.n, 1 + 8 + 7 * 48 + 3 + 5 * 48);
    assert_int_equal(in.p[0], 1);
    assert_int_equal(in.p[1], 7);
    assert_int_equal(in.p[9], 7);          /* epoch_id */
    assert_int_equal(in.p[9 + 48], 6);     /* previous */
    assert_int_equal(in.p[9 + 7 * 48], 3); /* threshold */
    assert_int_equal(in.p[9 + 7 * 48 + 3], 0xa6);
    assert_int_equal(epoch_doc_decode(in, &out), ERR_OK);
    assert_memory_equal(&out, &d, sizeof d);
    for (size_t n = 0; n < in.n; n++) {
        assert_int_equal(epoch_doc_decode((struct view){in.p, n}, &out), ERR_TRUNCATED);
    }
}

static enum err decode_with(void (*change)(struct epoch_doc *d))
{
    struct epoch_doc d = example(2), out;
    uint8_t room[EPOCH_DOC_MAX] = {0};
    struct writer w = wr_init(room, sizeof room);

    change(&d);
    epoch_doc_encode(&w, &d);
    return epoch_doc_decode((struct view){room, w.len}, &out);
}

static void number_zero(struct epoch_doc *d)
{
    d->number = 0;
}
static void first_with_previous(struct epoch_doc *d)
{
    d->number = 1;
}
static void later_without_previous(struct epoch_doc *d)
{
    memset(d->previous, 0, sizeof d->previous);
}
static void one_signs_alone(struct epoch_doc *d)
{
    d->threshold = 1;
}
static void more_sign_than_there_are(struct epoch_doc *d)
{
    d->threshold = 6;
}
static void too_many_nodes(struct epoch_doc *d)
{
    d->total = BUNDLE_NODES_MAX; /* written whole; then one more */
    d->threshold = BUNDLE_NODES_MAX + 1;
}
static void unknown_assurance(struct epoch_doc *d)
{
    d->assurance = 3;
}

static void numbers_outside_are_refused(void **state)
{
    (void)state;
    void (*const changes[])(struct epoch_doc *) = {
        number_zero,      first_with_previous,      later_without_previous,
        one_signs_alone,  more_sign_than_there_are, too_many_nodes,
        unknown_assurance};

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        assert_int_equal(decode_with(changes[i]), ERR_RANGE);
    }
    const struct epoch_doc d = example(1);
    uint8_t room[EPOCH_DOC_MAX + 1] = {0};
    struct epoch_doc out;
    const struct view in = encode(&d, room);

    assert_int_equal(epoch_doc_decode((struct view){in.p, in.n + 1}, &out), ERR_TRAILING);
    room[0] = 2;
    assert_int_equal(epoch_doc_decode(in, &out), ERR_VERSION);
    room[0] = 1;
    room[9 + 7 * 48 + 1] = BUNDLE_NODES_MAX + 1;
    assert_int_equal(epoch_doc_decode(in, &out), ERR_RANGE);
}

static void a_chain_has_no_gap_and_no_fork(void **state)
{
    (void)state;
    uint8_t room[3][EPOCH_DOC_MAX];
    struct view docs[3];
    struct epoch_doc d[4];
    size_t at = 0;

    for (unsigned i = 0; i < 4; i++) {
        d[i] = example(i + 1);
    }
    for (size_t i = 0; i < 3; i++) {
        docs[i] = encode(&d[i], room[i]);
    }
    assert_int_equal(epoch_doc_chain(NULL, 0, &d[0], &at), ERR_OK);
    assert_int_equal(epoch_doc_chain(docs, 3, &d[3], &at), ERR_OK);
    assert_int_equal(epoch_doc_chain(NULL, 0, &d[1], &at), ERR_MISMATCH); /* began before */
    assert_int_equal(epoch_doc_chain(docs, 2, &d[3], &at), ERR_MISMATCH); /* a gap */
    assert_int_equal(at, 2);
    assert_int_equal(epoch_doc_chain(docs + 1, 2, &d[3], &at), ERR_MISMATCH);
    assert_int_equal(at, 0);
    const struct view swapped[] = {docs[0], docs[2], docs[1]};

    assert_int_equal(epoch_doc_chain(swapped, 3, &d[3], &at), ERR_MISMATCH);
    assert_int_equal(at, 1);
    d[3].number = 5; /* of an epoch that is told right, and yet not the next */
    assert_int_equal(epoch_doc_chain(docs, 3, &d[3], &at), ERR_MISMATCH);
    assert_int_equal(at, 3);
    d[3].number = 4;
    d[3].previous[47] ^= 1; /* another third epoch */
    assert_int_equal(epoch_doc_chain(docs, 3, &d[3], &at), ERR_MISMATCH);
    assert_int_equal(at, 3);
    docs[1].n--;
    assert_int_equal(epoch_doc_chain(docs, 3, &d[3], &at), ERR_ENCODING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(numbers_outside_are_refused),
        cmocka_unit_test(a_chain_has_no_gap_and_no_fork),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
