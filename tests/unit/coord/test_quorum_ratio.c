/* Who goes behind the others, over a model of sessions: an index is accepted by all with a
 * chance that a core which rejects too much lowers. */
#include "testing.h"

#include "host/coord/quorum_ratio.h"

#include <string.h>

#define N 5
#define T 3
#define SEEDS 20
#define INDICES 62
#define CHANCE 0.0112 /* of an index, with honest cores: half of the sessions have one */
#define NOBODY N

static struct quorum_ratios r;
static uint64_t rng;

/* What the cores do, and how they are chosen while there is no trial. */
static struct {
    double accepts[N]; /* of the answers that it should give */
    unsigned framer;   /* signs nothing beside victim; NOBODY */
    unsigned victim;
    bool same_three; /* the first ones that are not behind, always; else any */
} model;

static uint32_t draw(uint32_t n)
{
    rng += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = rng;

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((x ^ x >> 31) % n);
}

static void begin(uint64_t seed)
{
    rng = seed;
    quorum_ratios_init(&r, N, T);
    model.framer = NOBODY;
    model.victim = NOBODY;
    model.same_three = false;
    for (unsigned i = 0; i < N; i++) {
        model.accepts[i] = 1;
    }
}

static unsigned count_bits(unsigned mask)
{
    unsigned n = 0;

    for (unsigned i = 0; i < N; i++) {
        n += mask >> i & 1;
    }
    return n;
}

static unsigned choose(void)
{
    unsigned act = quorum_ratios_ask(&r, (1U << N) - 1);

    for (unsigned i = 0; model.same_three && i < N && count_bits(act) < T; i++) {
        act |= (r.behind >> i & 1) == 0 ? 1U << i : 0;
    }
    while (count_bits(act) != T || (act & r.behind) != 0) {
        act = draw(1U << N);
    }
    return act;
}

static bool signs(unsigned act)
{
    double chance = CHANCE;
    double none = 1;

    for (unsigned i = 0; i < N; i++) {
        chance *= (act >> i & 1) != 0 ? model.accepts[i] : 1;
    }
    for (unsigned i = 0; i < INDICES; i++) {
        none *= 1 - chance;
    }
    if ((act >> model.framer & 1) != 0 && (act >> model.victim & 1) != 0) {
        return false;
    }
    return draw(1000000) < (1 - none) * 1000000;
}

/* Sessions, until somebody goes behind or so many are over. Who; NOBODY. */
static unsigned run(unsigned sessions, enum quorum_ratio_news *last)
{
    unsigned who;

    *last = QUORUM_RATIO_SAME;
    for (unsigned i = 0; i < sessions; i++) {
        const unsigned act = choose();
        const enum quorum_ratio_news news = quorum_ratios_count(&r, act, signs(act), &who);

        *last = news != QUORUM_RATIO_SAME ? news : *last;
        if (news == QUORUM_RATIO_LOW) {
            return who;
        }
    }
    return NOBODY;
}

/* Of the next sessions, so many in 1000. */
static unsigned permille_signed(void)
{
    unsigned good = 0;

    for (unsigned i = 0; i < 10000; i++) {
        good += signs(choose());
    }
    return good / 10;
}

static void honest_cores_stay_where_they_are(void **state)
{
    enum quorum_ratio_news last;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        begin(seed);
        model.same_three = seed % 2 == 0;
        assert_int_equal(run(20000, &last), NOBODY);
        assert_int_equal(last, QUORUM_RATIO_SAME); /* not even a trial */
    }
}

/* Its figure, and those of who sits beside it, are low: it goes, and nobody after it. */
static void one_bad_core_goes_behind(double accepts, bool same_three)
{
    enum quorum_ratio_news last;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const unsigned bad = (unsigned)seed % N;
        const bool is_asked = !same_three || bad < T;

        begin(seed);
        model.accepts[bad] = accepts;
        model.same_three = same_three;
        assert_int_equal(run(4000, &last), is_asked ? bad : NOBODY);
        assert_int_equal(r.behind, is_asked ? 1U << bad : 0);
        assert_in_range(permille_signed(), 470, 530);
        assert_int_equal(run(20000, &last), NOBODY);
        assert_int_equal(last, QUORUM_RATIO_SAME);
    }
}

static void one_that_signs_nothing(void **state)
{
    (void)state;
    one_bad_core_goes_behind(0, false);
    one_bad_core_goes_behind(0, true);
}

/* Five indices of 62 are not odd. */
static void one_that_rejects_as_much_as_it_dares(void **state)
{
    (void)state;
    one_bad_core_goes_behind(5 / 18.6, false);
    one_bad_core_goes_behind(5 / 18.6, true);
}

/* Without the rule that only the lowest goes, honest ones would: of 1000 sessions of an honest
 * core beside one that signs nothing, far fewer than 350 sign. */
static void beside_a_bad_core_figures_are_bad(void **state)
{
    unsigned who;

    (void)state;
    begin(1);
    model.accepts[2] = 0;
    for (unsigned i = 0; i < QUORUM_RATIO_WINDOW; i++) { /* no core has a whole window yet */
        const unsigned act = choose();

        assert_int_equal(quorum_ratios_count(&r, act, signs(act), &who), QUORUM_RATIO_SAME);
    }
    for (unsigned i = 0; i < N; i++) {
        assert_in_range(r.cores[i].signed_ * 100U / r.cores[i].sessions, i == 2 ? 0 : 20,
                        i == 2 ? 0 : 30);
    }
}

static void two_bad_cores_go_one_after_the_other(void **state)
{
    static const double accepts[] = {0, 5 / 18.6};
    enum quorum_ratio_news last;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const unsigned a = (unsigned)seed % N;
        const unsigned b = (unsigned)(seed + 1 + seed / N % 4) % N;

        begin(seed);
        model.accepts[a] = accepts[seed % 2];
        model.accepts[b] = accepts[seed / 2 % 2];
        const unsigned first = run(6000, &last);
        const unsigned second = run(6000, &last);

        assert_int_equal(1U << first | 1U << second, 1U << a | 1U << b);
        assert_in_range(permille_signed(), 470, 530);
        assert_int_equal(run(20000, &last), NOBODY);
    }
}

/* Nobody can say which of the two it is: one of them goes, and sessions sign. */
static void a_framed_core_costs_no_service(void **state)
{
    enum quorum_ratio_news last;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        begin(seed);
        model.framer = 1;
        model.victim = 3;
        const unsigned who = run(20000, &last);

        assert_true(who == 1 || who == 3 || who == NOBODY);
        (void)run(20000, &last);
        assert_int_equal(r.behind & ~(1U << 1 | 1U << 3), 0);
        assert_true(permille_signed() >= 340);
    }
}

/* Then it is none of them: each has its place again. */
static void more_than_may_go_all_come_back(void **state)
{
    enum quorum_ratio_news last;

    (void)state;
    begin(7);
    for (unsigned i = 0; i < N; i++) {
        model.accepts[i] = 0.5;
    }
    assert_int_not_equal(run(6000, &last), NOBODY);
    assert_int_not_equal(run(6000, &last), NOBODY);
    assert_int_equal(count_bits(r.behind), N - T);
    while (last != QUORUM_RATIO_ANEW) {
        (void)run(1, &last);
    }
    assert_int_equal(r.behind, 0);
    assert_true(r.trial > 0);
}

static void all_of_all_have_no_trial(void **state)
{
    unsigned who;

    (void)state;
    quorum_ratios_init(&r, T, T);
    for (unsigned i = 0; i < 5000; i++) {
        assert_int_equal(quorum_ratios_count(&r, 7, false, &who), QUORUM_RATIO_SAME);
        assert_int_equal(quorum_ratios_ask(&r, 7), 0);
    }
}

static void a_window_slides(void **state)
{
    unsigned who;
    unsigned i = 0;

    (void)state;
    begin(1);
    for (; i < 5000; i++) {
        assert_int_equal(quorum_ratios_count(&r, 7, i % 2 == 0, &who), QUORUM_RATIO_SAME);
    }
    assert_in_range(r.cores[0].sessions, QUORUM_RATIO_WINDOW,
                    QUORUM_RATIO_WINDOW + QUORUM_RATIO_BLOCK - 1);
    assert_int_equal(r.cores[0].sessions, r.cores[0].signed_ * 2);
    assert_int_equal(r.cores[3].sessions, 0);
    i = 0; /* 350 of 1000 are what is left after some 300 that do not sign */
    while (quorum_ratios_count(&r, 7, false, &who) == QUORUM_RATIO_SAME) {
        i++;
    }
    assert_in_range(i, 300, 420);
}

static void a_trial_asks_every_quorum_alike(void **state)
{
    unsigned asked[1U << N] = {0};

    (void)state;
    begin(1);
    assert_int_equal(quorum_ratios_ask(&r, 0x1f), 0);
    r.trial = 1;
    for (unsigned i = 0; i < 100; i++) {
        asked[quorum_ratios_ask(&r, 0x1f)]++;
    }
    for (unsigned act = 0; act < 1U << N; act++) {
        assert_int_equal(asked[act], count_bits(act) == T ? 10 : 0);
    }
    assert_int_equal(quorum_ratios_ask(&r, 0x13), 0x13); /* whoever can be asked */
    assert_int_equal(quorum_ratios_ask(&r, 0x03), 0);
    r.behind = 0x02;
    assert_int_equal(quorum_ratios_ask(&r, 0x13), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_cores_stay_where_they_are),
        cmocka_unit_test(one_that_signs_nothing),
        cmocka_unit_test(one_that_rejects_as_much_as_it_dares),
        cmocka_unit_test(beside_a_bad_core_figures_are_bad),
        cmocka_unit_test(two_bad_cores_go_one_after_the_other),
        cmocka_unit_test(a_framed_core_costs_no_service),
        cmocka_unit_test(more_than_may_go_all_come_back),
        cmocka_unit_test(all_of_all_have_no_trial),
        cmocka_unit_test(a_window_slides),
        cmocka_unit_test(a_trial_asks_every_quorum_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
