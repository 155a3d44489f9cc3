/* How long a pair waits, when it is dead, which triples rest, and who is out. */
#include "testing.h"

#include "enclave/presign/presign_standing.h"

#include <string.h>

#define OWN 1
#define MINUTE INT64_C(60000000000)
#define NOW (1000 * MINUTE)

static struct presign_standing s;

static int fresh(void **state)
{
    (void)state;
    memset(&s, 0, sizeof s);
    s.own = OWN;
    return 0;
}

static bool may_renew(unsigned peer, int64_t now_ns)
{
    const bool may = presign_standing_renew(&s, peer, now_ns);

    if (may) {
        presign_standing_renewed(&s);
    }
    return may;
}

static void a_pair_waits_longer_each_time(void **state)
{
    static const int64_t waits[] = {1, 10, 60, 360};
    int64_t now = NOW;

    (void)state;
    assert_true(may_renew(3, now));
    for (size_t i = 0; i < 4; i++) {
        presign_standing_failed(&s, 3, now);
        assert_false(may_renew(3, now));
        assert_false(may_renew(3, now + waits[i] * MINUTE - 1));
        assert_true(may_renew(2, now)); /* another pair */
        now += waits[i] * MINUTE;
        assert_true(may_renew(3, now));
        assert_true(presign_standing_usable(&s, 0x0b, now));
    }
    presign_standing_failed(&s, 3, now);
    assert_false(may_renew(3, now + 10 * PRESIGN_DAY_NS)); /* for the epoch */
    assert_false(presign_standing_usable(&s, 0x0b, now));
    assert_true(presign_standing_usable(&s, 0x07, now));
    presign_standing_order(&s, 3);
    assert_true(may_renew(3, now));
    presign_standing_failed(&s, 3, now); /* an order is for one more */
    assert_false(may_renew(3, now + PRESIGN_DAY_NS));
}

/* Failures of a day ago are forgotten. */
static void a_day_passes(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        presign_standing_failed(&s, 0, NOW);
    }
    presign_standing_failed(&s, 0, NOW + PRESIGN_DAY_NS);
    assert_true(may_renew(0, NOW + PRESIGN_DAY_NS + MINUTE));
    assert_int_equal(s.with[0].n, 1);
    fresh(NULL);
    for (int i = 0; i < 4; i++) {
        presign_standing_failed(&s, 0, NOW);
    }
    presign_standing_failed(&s, 0, NOW + PRESIGN_DAY_NS - 1);
    assert_true(s.with[0].dead);
}

static void one_renewal_at_a_time(void **state)
{
    (void)state;
    assert_true(presign_standing_renew(&s, 0, NOW));
    assert_false(presign_standing_renew(&s, 2, NOW));
    presign_standing_renewed(&s);
    assert_true(presign_standing_renew(&s, 2, NOW));
    presign_standing_renewed(&s);
    assert_false(may_renew(OWN, NOW));
    assert_false(may_renew(TECDSA_PARTIES_MAX, NOW));
}

static enum err wrong(unsigned triple, uint8_t record, int64_t now_ns)
{
    const uint8_t id[TECDSA_HASH_LEN] = {record};

    return presign_standing_wrong(&s, triple, id, now_ns);
}

/* Who shows one wrong signature again and again makes no triple rest. */
static void a_record_counts_once(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < PRESIGN_WRONG_KEPT; i++) {
        assert_int_equal(wrong(i % 2 == 0 ? 0x07 : 0x0b, i, NOW + i * PRESIGN_REST_NS), ERR_OK);
        assert_int_equal(wrong(0x07, i, NOW + i * PRESIGN_REST_NS), ERR_STALE);
        assert_int_equal(wrong(0x07, 0, NOW + i * PRESIGN_REST_NS), ERR_STALE);
    }
    assert_true(presign_standing_usable(&s, 0x07, NOW + 64 * PRESIGN_REST_NS));
    assert_true(presign_standing_usable(&s, 0x0b, NOW + 64 * PRESIGN_REST_NS));
}

/* What was found counts at once and is told later. */
static void what_was_found_is_told_later(void **state)
{
    const int64_t told = NOW + PRESIGN_SHOWN_NS;

    (void)state;
    assert_false(presign_standing_shows_usable(&s, 0x0d, NOW)); /* none of this node */
    assert_true(presign_standing_shows(&s, 2, 0));              /* nothing failed */
    presign_standing_triple(&s, 0x07, NOW);
    assert_false(presign_standing_usable(&s, 0x07, NOW));
    assert_true(presign_standing_shows_usable(&s, 0x07, told - 1));
    assert_false(presign_standing_shows_usable(&s, 0x07, told));
    assert_true(presign_standing_shows_usable(&s, 0x07, NOW + PRESIGN_REST_NS));
    presign_standing_proven(&s, 3, NOW);
    assert_true(presign_standing_shows_usable(&s, 0x0b, told - 1));
    assert_false(presign_standing_shows_usable(&s, 0x0b, told));
    for (unsigned i = 0; i < PRESIGN_FAILURES_MAX; i++) {
        presign_standing_failed(&s, 4, NOW);
    }
    assert_true(s.with[4].dead);
    assert_false(presign_standing_usable(&s, 0x16, NOW));
    assert_false(presign_standing_shows(&s, 4, told - 1));
    assert_true(presign_standing_shows_usable(&s, 0x16, told - 1));
    assert_true(presign_standing_shows(&s, 4, told));
    assert_false(presign_standing_shows_usable(&s, 0x16, told));
}

static void a_triple_rests(void **state)
{
    (void)state;
    assert_int_equal(wrong(0x07, 1, NOW), ERR_OK);
    assert_int_equal(wrong(0x07, 2, NOW + 1), ERR_OK);
    assert_true(presign_standing_usable(&s, 0x07, NOW + 1));
    assert_int_equal(wrong(0x07, 3, NOW + PRESIGN_REST_NS),
                     ERR_OK); /* the first is an hour old */
    assert_true(presign_standing_usable(&s, 0x07, NOW + PRESIGN_REST_NS));
    assert_int_equal(wrong(0x07, 4, NOW + PRESIGN_REST_NS), ERR_OK);
    assert_false(presign_standing_usable(&s, 0x07, NOW + PRESIGN_REST_NS));
    assert_false(presign_standing_usable(&s, 0x07, NOW + 2 * PRESIGN_REST_NS - 1));
    assert_true(presign_standing_usable(&s, 0x07, NOW + 2 * PRESIGN_REST_NS));
    assert_true(presign_standing_usable(&s, 0x0b, NOW + PRESIGN_REST_NS));
    assert_true(may_renew(0, NOW + PRESIGN_REST_NS)); /* pairs have nothing to do with it */
}

/* Two bad nodes can spoil two triples of which an honest one is the only common member. That
 * one stays: three honest nodes must be able to go on. */
static void two_bad_nodes_cut_off_nobody_else(void **state)
{
    (void)state;
    presign_standing_triple(&s, 0x07, NOW); /* 0, 1, 2: 2 is bad */
    presign_standing_triple(&s, 0x13, NOW); /* 0, 1, 4: 4 is bad */
    assert_false(s.with[0].out);
    assert_true(presign_standing_usable(&s, 0x0b, NOW)); /* 0, 1, 3 */
    presign_standing_triple(&s, 0x16, NOW);              /* 1, 2, 4 */
    assert_false(s.with[0].out || s.with[3].out);
    presign_standing_triple(&s, 0x0e, NOW); /* 1, 2, 3 */
    presign_standing_triple(&s, 0x1a, NOW); /* 1, 3, 4: two bad ones explain it in one way */
    assert_true(s.with[2].out && s.with[4].out);
    assert_false(s.with[0].out || s.with[3].out || s.with[OWN].out);
    assert_true(presign_standing_usable(&s, 0x0b, NOW));
    presign_standing_triple(&s, 0x0b, NOW); /* three are bad: nothing more follows */
    assert_false(s.with[0].out || s.with[3].out);
}

static void who_must_be_bad_is_out(void **state)
{
    (void)state;
    presign_standing_triple(&s, 0x07, NOW); /* 0, 1, 2 */
    presign_standing_triple(&s, 0x07, NOW); /* the same again says no more */
    assert_false(s.with[0].out || s.with[2].out);
    assert_false(presign_standing_usable(&s, 0x07, NOW));
    assert_true(presign_standing_usable(&s, 0x07, NOW + PRESIGN_REST_NS));
    presign_standing_triple(&s, 0x0b, NOW); /* 0, 1, 3: 0, or 2 and 3 */
    assert_false(s.with[0].out);
    presign_standing_triple(&s, 0x13, NOW); /* 0, 1, 4: two cannot be all of 2, 3, 4 */
    assert_true(s.with[0].out);
    assert_false(s.with[2].out || s.with[3].out || s.with[4].out || s.with[OWN].out);
    assert_false(presign_standing_usable(&s, 0x07, NOW + PRESIGN_REST_NS));
    assert_true(presign_standing_usable(&s, 0x0e, NOW)); /* 1, 2, 3 */
    presign_standing_order(&s, 0);
    assert_true(presign_standing_usable(&s, 0x07, NOW + PRESIGN_REST_NS));
}

/* Of whatever class it is. */
static void what_is_not_told_yet_is_known_to_be_there(void **state)
{
    (void)state;
    assert_false(presign_standing_hides(&s, 0));
    assert_false(presign_standing_hides(&s, NOW));
    presign_standing_failed(&s, 0, NOW);
    assert_true(presign_standing_hides(&s, NOW + PRESIGN_SHOWN_NS - 1));
    assert_false(presign_standing_hides(&s, NOW + PRESIGN_SHOWN_NS));
    presign_standing_triple(&s, 0x07, NOW + PRESIGN_DAY_NS);
    assert_true(presign_standing_hides(&s, NOW + PRESIGN_DAY_NS + PRESIGN_SHOWN_NS - 1));
    assert_false(presign_standing_hides(&s, NOW + PRESIGN_DAY_NS + PRESIGN_SHOWN_NS));
    presign_standing_proven(&s, 2, NOW + 2 * PRESIGN_DAY_NS);
    assert_true(presign_standing_hides(&s, NOW + 2 * PRESIGN_DAY_NS + PRESIGN_SHOWN_NS - 1));
    assert_false(presign_standing_hides(&s, NOW + 2 * PRESIGN_DAY_NS + PRESIGN_SHOWN_NS));
}

/* What a node was in before an order is no reason to leave it out again; what others were in
 * still counts, and so does what it is in from then on. */
static void an_order_forgets_what_a_node_was_in(void **state)
{
    static const unsigned with_0[] = {0x07, 0x0b, 0x13}; /* 0, 1 and each of 2, 3, 4 */

    (void)state;
    presign_standing_triple(&s, 0x0e, NOW); /* 1, 2, 3 */
    for (unsigned i = 0; i < 3; i++) {
        presign_standing_triple(&s, with_0[i], NOW);
        assert_true(s.with[0].out == (i == 2));
    }
    presign_standing_order(&s, 0);
    presign_standing_triple(&s, 0x0e, NOW);
    assert_false(s.with[0].out);
    for (unsigned i = 0; i < 3; i++) { /* until then 2 and 3 could be all that are bad */
        presign_standing_triple(&s, with_0[i], NOW);
        assert_true(s.with[0].out == (i == 2));
        assert_false(s.with[2].out || s.with[3].out || s.with[4].out);
    }
}

static void only_own_triples_count(void **state)
{
    static const unsigned none[] = {0, 0x01, 0x03, 0x0d, 0x0f, 1U << 6 | 0x03, 1U << 20};
    struct presign_standing before;

    (void)state;
    s.triples[0].bad = true; /* of nobody: it stands where a node too many would */
    before = s;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        presign_standing_triple(&s, none[i], NOW);
        assert_int_equal(wrong(none[i], 1, NOW), ERR_RANGE);
        assert_false(presign_standing_usable(&s, none[i], NOW));
    }
    presign_standing_failed(&s, OWN, NOW);
    presign_standing_failed(&s, TECDSA_PARTIES_MAX, NOW);
    presign_standing_order(&s, TECDSA_PARTIES_MAX);
    assert_memory_equal(&s, &before, sizeof s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_pair_waits_longer_each_time, fresh),
        cmocka_unit_test_setup(a_day_passes, fresh),
        cmocka_unit_test_setup(one_renewal_at_a_time, fresh),
        cmocka_unit_test_setup(a_record_counts_once, fresh),
        cmocka_unit_test_setup(what_was_found_is_told_later, fresh),
        cmocka_unit_test_setup(what_is_not_told_yet_is_known_to_be_there, fresh),
        cmocka_unit_test_setup(a_triple_rests, fresh),
        cmocka_unit_test_setup(two_bad_nodes_cut_off_nobody_else, fresh),
        cmocka_unit_test_setup(who_must_be_bad_is_out, fresh),
        cmocka_unit_test_setup(an_order_forgets_what_a_node_was_in, fresh),
        cmocka_unit_test_setup(only_own_triples_count, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
