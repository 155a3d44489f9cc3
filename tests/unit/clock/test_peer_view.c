/* Five cores that look at one another's clocks. */
#include "clock_rig.h"

#include "enclave/clock/peer_view.h"

#include <string.h>

#define N 5
#define T 3

static struct peer_view views[N];
static int64_t off[N]; /* of its clock, from the truth */
static bool holds[N];
static bool cut[N][N]; /* [from][to]: what it says does not arrive */
static int64_t now_ns, tai_ns;
static uint8_t nonce;

static void start(void)
{
    now_ns = 1000 * NS_S;
    tai_ns = RIG_TAI;
    memset(cut, 0, sizeof cut);
    for (uint8_t i = 0; i < N; i++) {
        peer_view_init(&views[i], (uint8_t)(i + 1), T, N);
        off[i] = 0;
        holds[i] = true;
    }
}

static struct peer_time time_of(size_t i)
{
    return (struct peer_time){now_ns, tai_ns + off[i] - 5 * NS_MS, tai_ns + off[i] + 5 * NS_MS};
}

static void pass(int64_t ns)
{
    now_ns += ns;
    tai_ns += ns;
}

static struct time_statement told[N];

static struct time_statement tell(size_t i, const struct time_probe *p)
{
    const struct peer_time own = time_of(i);
    struct time_statement s;

    peer_view_tell(&views[i], p, holds[i] ? &own : NULL, now_ns, 0, &s);
    return s;
}

/* One round; each leg of it takes that long. */
static void go_round(int64_t leg_ns)
{
    struct time_probe p = {.step = TIME_TELL, .n = N};

    for (size_t i = 0; i < N; i++) {
        const uint8_t fresh[TIME_NONCE_LEN] = {++nonce};
        const struct peer_time own = time_of(i);

        peer_view_open(&views[i], fresh, &own);
        p.challenges[i] = views[i].own;
    }
    pass(leg_ns);
    for (size_t i = 0; i < N; i++) {
        told[i] = tell(i, &p);
    }
    pass(leg_ns);
    for (size_t i = 0; i < N; i++) {
        const struct peer_time own = time_of(i);

        for (size_t j = 0; j < N; j++) {
            if (!cut[j][i]) {
                (void)peer_view_hear(&views[i], &told[j], &own);
            }
        }
    }
}

static unsigned permitted(void)
{
    unsigned n = 0;

    for (size_t i = 0; i < N; i++) {
        n += peer_view_permits(&views[i], now_ns);
    }
    return n;
}

static void two_rounds(void)
{
    go_round(10 * NS_MS);
    pass(NS_S);
    go_round(10 * NS_MS);
}

static void agree_after_two_rounds(void **state)
{
    (void)state;
    start();
    assert_int_equal(permitted(), 0);
    go_round(10 * NS_MS);
    assert_int_equal(permitted(), 0); /* each sees all, and does not know that they see it */
    assert_int_equal(peer_view_mask(&views[0], now_ns), 0x1f);
    pass(NS_S);
    go_round(10 * NS_MS);
    assert_int_equal(permitted(), N);
    pass(PEER_LIFE_NS);
    assert_int_equal(permitted(), N);
    pass(1);
    assert_int_equal(permitted(), 0);
    assert_int_equal(peer_view_mask(&views[0], now_ns), 0x01);
}

static void on_either_side(void **state)
{
    static const int64_t offs[] = {12 * NS_MS, -12 * NS_MS, NS_S,
                                   -NS_S,      3600 * NS_S, -3600 * NS_S};

    (void)state;
    for (size_t i = 0; i < sizeof offs / sizeof offs[0]; i++) {
        start();
        off[4] = offs[i];
        go_round(0);
        pass(NS_S);
        go_round(0);
        assert_int_equal(permitted(), 4);
        assert_false(peer_view_permits(&views[4], now_ns));
        assert_int_equal(peer_view_mask(&views[0], now_ns), 0x0f);
    }
}

static void two_and_two_and_one(void **state)
{
    (void)state;
    start();
    off[0] = off[1] = NS_S;
    off[2] = off[3] = -NS_S;
    two_rounds();
    assert_int_equal(permitted(), 0);
    start();
    off[0] = off[1] = NS_S; /* the three that are left go on */
    two_rounds();
    assert_int_equal(permitted(), 3);
}

/* 1 - 2 - 3 in a row: each pair of neighbours agrees, the ends do not. */
static void neighbours_are_no_clique(void **state)
{
    (void)state;
    start();
    off[0] = -8 * NS_MS;
    off[2] = 8 * NS_MS;
    holds[3] = holds[4] = false;
    go_round(0);
    pass(NS_S);
    go_round(0);
    assert_int_equal(peer_view_mask(&views[1], now_ns), 0x07);
    assert_int_equal(permitted(), 0);
}

/* What one does not hear counts on neither side. */
static void both_sides_must_see_it(void **state)
{
    (void)state;
    start();
    holds[3] = holds[4] = false;
    cut[0][1] = true; /* 2 does not hear 1 */
    two_rounds();
    assert_int_equal(peer_view_mask(&views[0], now_ns), 0x07);
    assert_int_equal(permitted(), 0);
    cut[0][1] = false;
    pass(NS_S);
    two_rounds();
    assert_int_equal(permitted(), 3);
}

static void without_sources_of_its_own(void **state)
{
    (void)state;
    start();
    holds[0] = false;
    two_rounds();
    assert_int_equal(peer_view_mask(&views[1], now_ns), 0x1e);
    assert_int_equal(told[0].view, 0);
}

/* A statement counts once, in answer to the challenge of now, and within a second. */
static void old_statements_are_stale(void **state)
{
    struct time_probe p = {.step = TIME_TELL, .n = 1};
    const uint8_t fresh[TIME_NONCE_LEN] = {0xee};
    struct peer_time own;
    struct time_statement s;

    (void)state;
    start();
    two_rounds();
    own = time_of(0);
    assert_int_equal(peer_view_hear(&views[0], &told[1], &own), PEER_STALE); /* again */
    peer_view_open(&views[0], fresh, &own);
    assert_int_equal(peer_view_hear(&views[0], &told[1], &own), PEER_STALE); /* of before */
    p.challenges[0] = views[0].own;
    s = tell(1, &p);
    pass(PEER_ROUND_NS + 1);
    own = time_of(0);
    assert_int_equal(peer_view_hear(&views[0], &s, &own), PEER_STALE);
    peer_view_open(&views[0], fresh, &own);
    s = tell(1, &p);
    s.index = 1; /* its own word */
    assert_int_equal(peer_view_hear(&views[0], &s, &own), PEER_STALE);
    s.index = 6; /* nobody */
    assert_int_equal(peer_view_hear(&views[0], &s, &own), PEER_STALE);
    s.index = 2;
    s.heard[0].index = 3;
    assert_int_equal(peer_view_hear(&views[0], &s, &own), PEER_STALE);
    s.heard[0].index = 1;
    assert_int_equal(peer_view_hear(&views[0], &s, &own), PEER_CONSISTENT);
}

/* A span as wide as the world meets every other one. */
static void wide_and_far(void **state)
{
    const uint8_t fresh[TIME_NONCE_LEN] = {0xdd};
    struct time_probe p = {.step = TIME_TELL, .n = 1};
    struct peer_time own;
    struct time_statement s;

    (void)state;
    start();
    own = time_of(0);
    peer_view_open(&views[0], fresh, &own);
    p.challenges[0] = views[0].own;
    s = tell(1, &p);
    s.lo_ns = 0;
    assert_int_equal(peer_view_hear(&views[0], &s, &own), PEER_APART);
    assert_int_equal(peer_view_mask(&views[0], now_ns), 0x01);
}

/* A round of core 1 with what core 2 says, changed as asked. */
static enum peer_heard hear_one(uint8_t n, uint64_t seq, bool holding, int64_t off_ns)
{
    const uint8_t fresh[TIME_NONCE_LEN] = {n};
    const struct peer_time own = time_of(0);
    struct time_probe p = {.step = TIME_TELL, .n = 1};
    struct time_statement s;

    peer_view_open(&views[0], fresh, &own);
    p.challenges[0] = views[0].own;
    assert_memory_equal(views[0].own.nonce, fresh, sizeof fresh);
    s = tell(1, &p);
    s.seq = seq;
    s.holds = holding;
    s.lo_ns += off_ns;
    s.hi_ns += off_ns;
    s.view = 0x1f;
    s.given_ns = tai_ns - (int64_t)seq;
    return peer_view_hear(&views[0], &s, &own);
}

/* One statement in a round, each later than the one before; what it says no more is gone. */
static void the_latest_word_counts(void **state)
{
    struct time_probe p = {.step = TIME_TELL, .n = 1};
    struct peer_time own;
    struct time_statement s;

    (void)state;
    start();
    assert_int_equal(hear_one(1, 10, true, 0), PEER_CONSISTENT);
    own = time_of(0);
    p.challenges[0] = views[0].own;
    s = tell(1, &p);
    s.seq = 11;
    assert_int_equal(peer_view_hear(&views[0], &s, &own), PEER_STALE); /* another in it */
    assert_int_equal(hear_one(2, 10, true, 0), PEER_STALE);            /* not a later one */
    assert_int_equal(peer_view_mask(&views[0], now_ns), 0x03);
    assert_int_equal(hear_one(3, 11, false, 0), PEER_SILENT);
    assert_int_equal(peer_view_mask(&views[0], now_ns), 0x01);
    assert_int_equal(views[0].peers[1].view, 0);
    assert_int_equal(hear_one(4, 12, true, 0), PEER_CONSISTENT);
    assert_int_equal(hear_one(5, 13, true, NS_S), PEER_APART);
    assert_int_equal(peer_view_mask(&views[0], now_ns), 0x01);
    assert_int_equal(hear_one(6, 13, true, 0), PEER_STALE);
}

/* What others gave out: the highest of those that agree now. */
static void what_others_gave_out(void **state)
{
    (void)state;
    start();
    assert_int_equal(peer_view_given(&views[0], now_ns), 0);
    assert_int_equal(hear_one(1, 10, true, 0), PEER_CONSISTENT);
    assert_int_equal(peer_view_given(&views[0], now_ns), tai_ns - 10);
    views[0].peers[2] = views[0].peers[1];
    views[0].peers[2].given_ns -= 5;
    assert_int_equal(peer_view_given(&views[0], now_ns), tai_ns - 10);
    views[0].peers[1].seen_ns = 0;
    assert_int_equal(peer_view_given(&views[0], now_ns), tai_ns - 15);
    assert_int_equal(peer_view_given(&views[0], now_ns + PEER_LIFE_NS + 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agree_after_two_rounds),
        cmocka_unit_test(on_either_side),
        cmocka_unit_test(two_and_two_and_one),
        cmocka_unit_test(neighbours_are_no_clique),
        cmocka_unit_test(both_sides_must_see_it),
        cmocka_unit_test(without_sources_of_its_own),
        cmocka_unit_test(old_statements_are_stale),
        cmocka_unit_test(wide_and_far),
        cmocka_unit_test(the_latest_word_counts),
        cmocka_unit_test(what_others_gave_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
