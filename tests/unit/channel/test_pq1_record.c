#include "pq1_fixture.h"

#include <string.h>

#define TEXT_LEN 40

struct sent {
    uint8_t bytes[TEXT_LEN + PQ1_RECORD_OVERHEAD];
    size_t n;
};

static const struct pq1_about about = {.type = 0x21, .round = 6, .session = {1, 2, 3}};

static struct sent seal(struct end *from, uint8_t mark)
{
    uint8_t text[TEXT_LEN];
    struct sent s;
    struct writer w = wr_init(s.bytes, sizeof s.bytes);

    memset(text, mark, sizeof text);
    assert_int_equal(pq1_seal(&from->c, NOW, &about, (struct view){text, sizeof text}, &w),
                     ERR_OK);
    s.n = w.len;
    return s;
}

static enum err open_at(struct end *to, int64_t now_ns, const struct sent *s)
{
    struct pq1_about got;
    uint8_t plain[TEXT_LEN];
    size_t n = 7;
    enum err e;

    memset(plain, 0, sizeof plain);
    memset(&got, 0x77, sizeof got);
    e = pq1_open(&to->c, now_ns, (struct view){s->bytes, s->n}, &got, plain, sizeof plain, &n);
    if (e != ERR_OK) {
        assert_int_equal(n, 0);
        assert_true(is_zero(plain, sizeof plain));
        assert_true(is_zero(&got, sizeof got));
    }
    return e;
}

static enum err open_(struct end *to, const struct sent *s)
{
    return open_at(to, NOW, s);
}

static void verified(struct end both[2])
{
    static struct talk t;

    pair_new(both);
    pair_talk(both, &t, NULL, NULL);
    assert_true(pq1_is_verified(&both[0].c));
}

static void opens_the_next_record_only(void **state)
{
    static struct end both[2];
    struct sent s[4];

    (void)state;
    verified(both);
    for (uint8_t i = 0; i < 4; i++) {
        s[i] = seal(&both[0], i);
    }
    assert_int_equal(open_(&both[1], &s[1]),
                     ERR_MISMATCH); /* before its turn, or s[0] is lost */
    assert_int_equal(open_(&both[1], &s[3]), ERR_MISMATCH);
    assert_int_equal(open_(&both[1], &s[0]), ERR_OK);
    assert_int_equal(open_(&both[1], &s[0]), ERR_STALE); /* again */
    assert_int_equal(open_(&both[1], &s[1]), ERR_OK);
    assert_int_equal(open_(&both[1], &s[0]), ERR_STALE);
    assert_int_equal(open_(&both[1], &s[3]), ERR_MISMATCH); /* s[2] was dropped */
    assert_int_equal(open_(&both[1], &s[2]), ERR_OK);
    assert_int_equal(open_(&both[1], &s[3]), ERR_OK);
    assert_pair_works(both);
    pair_free(both);
}

/* Every bit of a record; the record itself is still the next. */
static void refuses_each_changed_bit(void **state)
{
    static struct end both[2];
    struct sent s;

    (void)state;
    verified(both);
    s = seal(&both[0], 1);
    for (size_t bit = 0; bit < 8 * s.n; bit++) {
        enum err e;

        s.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        e = open_(&both[1], &s);
        s.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (bit < 8) {
            assert_int_equal(e, ERR_TAG);
        } else if (bit >= 55 * 8 && bit < 59 * 8) {
            assert_int_equal(e, ERR_RANGE); /* seq */
        } else {
            assert_int_equal(e, ERR_SIGNATURE);
        }
    }
    for (size_t n = 0; n < s.n; n++) {
        struct sent part = s;

        part.n = n;
        assert_int_not_equal(open_(&both[1], &part), ERR_OK);
    }
    assert_int_equal(open_(&both[1], &s), ERR_OK);
    pair_free(both);
}

/* To its sender, and to another pair; with another seq written over a replay. */
static void refuses_records_of_elsewhere(void **state)
{
    static struct end both[2];
    static struct end others[2];
    static struct talk t;
    struct pq1_setup s;
    struct sent r;

    (void)state;
    verified(both);
    r = seal(&both[0], 1);
    assert_int_equal(open_(&both[0], &r), ERR_SIGNATURE); /* reflected */
    assert_int_equal(open_(&both[1], &r), ERR_OK);
    r.bytes[51] = 1;
    assert_int_equal(open_(&both[1], &r), ERR_SIGNATURE); /* replayed as the next */

    /* The same keys under another name, epoch or incarnation do not open it either. */
    for (size_t i = 0; i < 5; i++) {
        struct pq1_lane lane = both[1].c.receive;
        struct pq1_about got;
        uint8_t plain[TEXT_LEN];
        size_t n;

        r = seal(&both[0], 2);
        lane.seq = both[0].c.send.seq - 1;
        lane.ends.epoch_id[0] ^= i == 0;
        lane.ends.from ^= i == 1;
        lane.ends.to ^= i == 2;
        lane.ends.inc_from ^= i == 3;
        lane.ends.inc_to ^= i == 4;
        assert_int_equal(
            pq1_lane_open(&lane, (struct view){r.bytes, r.n}, &got, plain, sizeof plain, &n),
            ERR_SIGNATURE);
    }

    /* A channel that the same two made before. */
    pair_new(others);
    pair_talk(others, &t, NULL, NULL);
    r = seal(&others[0], 1);
    for (size_t i = 0; i < 2; i++) {
        s = setup_of(others, i);
        assert_int_equal(pq1_init(&others[i].c, &s), ERR_OK);
    }
    pair_talk(others, &t, NULL, NULL);
    assert_int_equal(open_(&others[1], &r), ERR_SIGNATURE);
    pair_free(others);
    pair_free(both);
}

static void ends_at_its_limits(void **state)
{
    static struct end both[2];
    uint8_t out[PQ1_RECORD_OVERHEAD + 1];
    uint8_t plain[1];
    struct pq1_about got;
    struct sent s;
    size_t n = 0;

    (void)state;
    verified(both);
    assert_false(pq1_is_due(&both[0].c, NOW + PQ1_LIFE_NS / 2 - 1));
    assert_true(pq1_is_due(&both[0].c, NOW + PQ1_LIFE_NS / 2));
    /* The last number. */
    both[0].c.send.seq = PQ1_RECORDS_MAX - 1;
    both[1].c.receive.seq = PQ1_RECORDS_MAX - 1;
    assert_true(pq1_is_due(&both[0].c, NOW));
    assert_true(pq1_is_due(&both[1].c, NOW));
    s = seal(&both[0], 1);
    assert_int_equal(open_(&both[1], &s), ERR_OK);
    struct writer w = wr_init(out, sizeof out);
    assert_int_equal(pq1_seal(&both[0].c, NOW, &about, (struct view){plain, 1}, &w), ERR_STATE);
    assert_int_equal(w.len, 0);
    assert_int_equal(both[0].c.send.seq, PQ1_RECORDS_MAX);

    /* Its life: half of it asked for a new one, all of it still serves, then no more. */
    s = seal(&both[1], 1);
    assert_int_equal(open_at(&both[0], NOW + PQ1_LIFE_NS + 1, &s), ERR_STATE);
    assert_int_equal(open_at(&both[0], NOW - 1, &s), ERR_STATE);
    assert_int_equal(open_at(&both[0], NOW + PQ1_LIFE_NS, &s), ERR_OK);
    w = wr_init(out, sizeof out);
    assert_int_equal(
        pq1_seal(&both[1].c, NOW + PQ1_LIFE_NS + 1, &about, (struct view){plain, 1}, &w),
        ERR_STATE);
    assert_int_equal(
        pq1_seal(&both[1].c, NOW + PQ1_LIFE_NS, &about, (struct view){plain, 1}, &w), ERR_OK);

    /* Room. */
    both[1].c.send.seq = 5;
    both[0].c.receive.seq = 5;
    w = wr_init(out, sizeof out - 1);
    assert_int_equal(pq1_seal(&both[1].c, NOW, &about, (struct view){plain, 1}, &w),
                     ERR_NOSPACE);
    w = wr_init(out, sizeof out);
    w.full = true; /* of what was written before */
    assert_int_equal(pq1_seal(&both[1].c, NOW, &about, (struct view){plain, 1}, &w),
                     ERR_NOSPACE);
    assert_int_equal(both[1].c.send.seq, 5);
    w = wr_init(out, sizeof out);
    assert_int_equal(pq1_seal(&both[1].c, NOW, &about, (struct view){plain, 1}, &w), ERR_OK);
    assert_int_equal(pq1_open(&both[0].c, NOW, (struct view){out, w.len}, &got, plain, 0, &n),
                     ERR_NOSPACE);
    assert_int_equal(pq1_open(&both[0].c, NOW, (struct view){out, w.len}, &got, plain, 1, &n),
                     ERR_OK);
    pair_free(both);
}

static void takes_texts_of_every_length(void **state)
{
    static struct end both[2];
    static uint8_t text[PQ1_PLAIN_MAX + 1];
    static uint8_t plain[PQ1_PLAIN_MAX];
    static uint8_t out[PQ1_RECORD_OVERHEAD + PQ1_PLAIN_MAX + 1];
    static const size_t lengths[] = {0, 1, 15, 16, 17, 255, 256, 65535, 65536};
    struct pq1_about got;
    size_t n = 0;

    (void)state;
    verified(both);
    memset(text, 0x3c, sizeof text);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct writer w = wr_init(out, sizeof out);

        assert_int_equal(pq1_seal(&both[0].c, NOW, &about, (struct view){text, lengths[i]}, &w),
                         ERR_OK);
        assert_int_equal(
            pq1_open(&both[1].c, NOW, (struct view){out, w.len}, &got, plain, sizeof plain, &n),
            ERR_OK);
        assert_int_equal(n, lengths[i]);
        assert_memory_equal(plain, text, n);
    }
    struct writer w = wr_init(out, sizeof out);
    assert_int_equal(pq1_seal(&both[0].c, NOW, &about, (struct view){text, sizeof text}, &w),
                     ERR_LENGTH);
    pair_free(both);
}

/* Nothing is sealed or opened before the peer is known. */
static void says_nothing_before_it_is_verified(void **state)
{
    static struct end both[2];
    uint8_t hello[PQ1_HELLO_LEN];
    struct sent s;
    struct writer w = wr_init(hello, sizeof hello);

    (void)state;
    verified(both);
    s = seal(&both[0], 1);
    pair_free(both);
    pair_new(both);
    assert_int_equal(open_(&both[1], &s), ERR_STATE);
    assert_int_equal(pq1_begin(&both[1].c, &both[1].tools, &w), ERR_OK);
    assert_int_equal(open_(&both[1], &s), ERR_STATE);
    w = wr_init(hello, sizeof hello);
    assert_int_equal(pq1_seal(&both[1].c, NOW, &about, (struct view){NULL, 0}, &w), ERR_STATE);
    pair_free(both);
}

/* ---- renewal ---- */

/* How far a renewal has come decides what old keys may do: probe() is called before each of the
 * messages. */
static struct end renewing[2];

static void probe(struct talk *t, size_t from, size_t which, void *arg)
{
    (void)t;
    (void)arg;
    if (which < 2) {
        const struct sent s = seal(&renewing[from], (uint8_t)which);

        assert_int_equal(open_(&renewing[1 - from], &s), ERR_OK);
    } else {
        uint8_t out[PQ1_RECORD_OVERHEAD];
        struct writer w = wr_init(out, sizeof out);

        assert_int_equal(pq1_seal(&renewing[from].c, NOW, &about, (struct view){NULL, 0}, &w),
                         ERR_STATE);
    }
}

static void renews_its_keys(void **state)
{
    static struct talk t;
    struct sent old;
    struct sent late;

    (void)state;
    verified(renewing);
    old = seal(&renewing[0], 1);
    assert_int_equal(open_(&renewing[1], &old), ERR_OK);
    late = seal(&renewing[0], 2);
    renewing[0].c.send.seq--; /* as if it had not been: the next takes its number */
    pair_talk(renewing, &t, probe, NULL);
    assert_int_equal(t.took[0][2], ERR_OK);
    assert_int_equal(t.took[1][2], ERR_OK);
    assert_int_equal(renewing[0].c.send.seq, 0);
    assert_int_equal(renewing[1].c.receive.seq, 0);
    assert_int_equal(open_(&renewing[1], &late), ERR_SIGNATURE);
    renewing[1].c.receive.seq = 1;
    assert_int_equal(open_(&renewing[1], &late), ERR_SIGNATURE);
    renewing[1].c.receive.seq = 0;
    assert_pair_works(renewing);
    pair_free(renewing);
}

/* The old keys outlive a renewal that fails. */
static void spoil(struct talk *t, size_t from, size_t which, void *arg)
{
    const size_t *const spoiled = arg;

    if (which == *spoiled) {
        t->bytes[from][which][t->n[from][which] - 1] ^= 1;
    }
}

static void keeps_its_keys_if_a_renewal_fails(void **state)
{
    static struct end both[2];
    static struct talk t;

    (void)state;
    verified(both);
    for (size_t which = 0; which < 3; which++) {
        pair_talk(both, &t, spoil, &which);
        assert_int_equal(both[0].c.step, PQ1_STEP_NONE);
        assert_int_equal(both[1].c.step, PQ1_STEP_NONE);
        assert_pair_works(both);
    }
    pair_talk(both, &t, NULL, NULL);
    assert_pair_works(both);
    pair_free(both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_the_next_record_only),
        cmocka_unit_test(refuses_each_changed_bit),
        cmocka_unit_test(refuses_records_of_elsewhere),
        cmocka_unit_test(ends_at_its_limits),
        cmocka_unit_test(takes_texts_of_every_length),
        cmocka_unit_test(says_nothing_before_it_is_verified),
        cmocka_unit_test(renews_its_keys),
        cmocka_unit_test(keeps_its_keys_if_a_renewal_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
