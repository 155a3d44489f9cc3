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

#define CHAIN 4

static uint8_t rooms[CHAIN][EPOCH_DOC_MAX];
static struct view docs[CHAIN];
static struct epoch_doc epochs[CHAIN];

/* Each has the hash of the one before. */
static void make_chain(void)
{
    for (size_t i = 0; i < CHAIN; i++) {
        epochs[i] = example(i + 1);
        if (i > 0) {
            epoch_doc_hash(docs[i - 1], epochs[i].previous);
        }
        docs[i] = encode(&epochs[i], rooms[i]);
    }
}

/* Those of places that lead to the last one; gives where it breaks. */
static enum err chain(const size_t *places, size_t n, size_t *at)
{
    struct view list[CHAIN];

    for (size_t i = 0; i < n; i++) {
        list[i] = docs[places[i]];
    }
    return epoch_doc_chain(list, n, &epochs[CHAIN - 1], at);
}

static void a_whole_chain_leads_to_the_last_epoch(void **state)
{
    static const size_t all[] = {0, 1, 2};
    size_t at = 9;

    (void)state;
    make_chain();
    assert_int_equal(epoch_doc_chain(NULL, 0, &epochs[0], &at), ERR_OK);
    assert_int_equal(chain(all, 3, &at), ERR_OK);
    assert_int_equal(at, 3);
}

static void a_missing_epoch_is_said_to_be_missing(void **state)
{
    static const size_t no_first[] = {1, 2}, no_second[] = {0, 2}, no_last[] = {0, 1};
    size_t at = 9;

    (void)state;
    make_chain();
    assert_int_equal(chain(NULL, 0, &at), ERR_TRUNCATED);
    assert_int_equal(at, 0);
    assert_int_equal(chain(no_first, 2, &at), ERR_TRUNCATED);
    assert_int_equal(at, 0);
    assert_int_equal(chain(no_second, 2, &at), ERR_TRUNCATED);
    assert_int_equal(at, 1);
    assert_int_equal(chain(no_last, 2, &at), ERR_TRUNCATED);
    assert_int_equal(at, 2);
}

static void epochs_out_of_order_are_said_to_be_so(void **state)
{
    static const size_t swapped[] = {0, 2, 1}, back[] = {2, 1, 0}, twice[] = {0, 1, 1, 2};
    static const size_t too_many[] = {0, 1, 2, 3};
    size_t at = 9;

    (void)state;
    make_chain();
    assert_int_equal(chain(swapped, 3, &at), ERR_RANGE);
    assert_int_equal(at, 1);
    assert_int_equal(chain(back, 3, &at), ERR_RANGE);
    assert_int_equal(at, 0);
    assert_int_equal(chain(twice, 4, &at), ERR_RANGE);
    assert_int_equal(at, 2);
    assert_int_equal(chain(too_many, 4, &at), ERR_RANGE);
    assert_int_equal(at, 4);
}

/* Every bit of an epoch before is held by the one after it. */
static void an_altered_epoch_is_said_to_be_another(void **state)
{
    static const size_t all[] = {0, 1, 2};
    size_t at = 9;

    (void)state;
    make_chain();
    for (size_t i = 9; i < docs[1].n; i += 37) { /* all but version and number */
        rooms[1][i] ^= 0x04;
        const enum err e = chain(all, 3, &at);

        /* Its own link, or threshold and the like, are judged where it stands. */
        assert_true(e == ERR_MISMATCH || e == ERR_ENCODING);
        assert_int_equal(at, i >= 9 + 48 && i < 9 + 96 ? 1 : e == ERR_ENCODING ? 1 : 2);
        rooms[1][i] ^= 0x04;
    }
    assert_int_equal(chain(all, 3, &at), ERR_OK);
    epochs[3].number = 5; /* it names the one before, and yet is not the next */
    assert_int_equal(chain(all, 3, &at), ERR_TRUNCATED);
    assert_int_equal(at, 3);
    epochs[3].number = 4;
    epochs[3].previous[47] ^= 1; /* a fork */
    assert_int_equal(chain(all, 3, &at), ERR_MISMATCH);
    assert_int_equal(at, 3);
    epochs[3].previous[47] ^= 1;
    docs[1].n--;
    assert_int_equal(chain(all, 3, &at), ERR_ENCODING);
    assert_int_equal(at, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(numbers_outside_are_refused),
        cmocka_unit_test(a_whole_chain_leads_to_the_last_epoch),
        cmocka_unit_test(a_missing_epoch_is_said_to_be_missing),
        cmocka_unit_test(epochs_out_of_order_are_said_to_be_so),
        cmocka_unit_test(an_altered_epoch_is_said_to_be_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
