/* Which T of N cores are asked. */
#include "testing.h"

#include "host/coord/quorum_choice.h"

#include <string.h>

#define N 5
#define T 3
#define ALL 31U
#define QUORUMS 10 /* 3 of 5 */
#define NOW INT64_C(1000000000)

static struct quorum_choice c;
static struct quorum_core cores[N];

static int setup(void **state)
{
    (void)state;
    quorum_choice_init(&c, N, T);
    memset(cores, 0, sizeof cores);
    return 0;
}

static unsigned choose(unsigned can, unsigned behind)
{
    return quorum_choose(&c, cores, can, behind, NOW);
}

/* A session of these comes to nothing. */
static void spoil(unsigned act)
{
    quorum_choice_spoiled(&c, act);
    for (unsigned i = 0; i < N; i++) {
        if ((act >> i & 1) != 0) {
            quorum_core_doubt(&cores[i], NOW);
        }
    }
}

static void takes_the_fastest_of_those_that_can(void **state)
{
    (void)state;
    for (unsigned i = 0; i < N; i++) {
        cores[i].trip_ns = N - i;
    }
    assert_int_equal(choose(ALL, 0), 0x1c);
    assert_int_equal(choose(0x0f, 0), 0x0e);
    assert_int_equal(choose(ALL, 0x04), 0x1a);
    assert_int_equal(choose(0x16, 0x04), 0x16);
    assert_int_equal(choose(0x18, 0), 0);
}

static void equal_cores_share_the_work(void **state)
{
    unsigned asked[N] = {0};

    (void)state;
    for (unsigned k = 0; k < 100; k++) {
        const unsigned act = choose(ALL, 0);

        for (unsigned i = 0; i < N; i++) {
            asked[i] += act >> i & 1;
        }
    }
    for (unsigned i = 0; i < N; i++) {
        assert_int_equal(asked[i], 100 * T / N);
    }
}

/* Who is doubted is asked last, whoever is fast. */
static void doubted_ones_come_last(void **state)
{
    (void)state;
    cores[0].trip_ns = -1;
    spoil(0x01);
    assert_int_equal(choose(ALL, 0) & 1, 0);
    assert_int_equal(choose(0x07, 0), 0x07);
    spoil(0x02);
    assert_int_equal(choose(ALL, 0), 0x1c);
    assert_int_equal(choose(ALL, 0x1c) & 0x03, 0x03); /* but before those that are behind */
}

/* Two liars prove nothing, and are the fastest: each pair of them leaves one quorum, which has
 * its turn by the tenth session. */
static void two_liars_do_not_hide_the_honest_three(void **state)
{
    (void)state;
    for (unsigned liars = 0; liars <= ALL; liars++) {
        unsigned tries = 0;

        if (__builtin_popcount(liars) != N - T) {
            continue;
        }
        (void)setup(NULL);
        for (unsigned i = 0; i < N; i++) {
            cores[i].trip_ns = (liars >> i & 1) != 0 ? 1 : 1000;
        }
        for (unsigned act = choose(ALL, 0); (act & liars) != 0; act = choose(ALL, 0)) {
            assert_int_equal(__builtin_popcount(act), T);
            spoil(act);
            assert_true(++tries < QUORUMS);
        }
    }
}

/* A quorum that was whole is as good as new, and comes before those that came to nothing. */
static void what_was_whole_comes_first(void **state)
{
    (void)state;
    for (unsigned k = 0; k < QUORUMS; k++) {
        spoil(choose(ALL, 0));
    }
    for (unsigned k = 0; k < QUORUMS; k++) {
        const unsigned act = choose(ALL, 0);

        spoil(act);
        assert_int_not_equal(choose(ALL, 0), act);
    }
    quorum_choice_whole(&c, 0x15);
    assert_int_equal(choose(ALL, 0), 0x15);
}

/* One that rejects all proves nothing, and is no better for having answered. */
static void an_odd_answer_clears_nobody(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        quorum_core_doubt(&cores[i], NOW);
        quorum_core_count(&cores[i], i == 0, NOW);
    }
    assert_true(quorum_core_is_doubted(&cores[0], NOW));
    assert_false(quorum_core_is_doubted(&cores[1], NOW));
    assert_int_equal(cores[0].odd, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(takes_the_fastest_of_those_that_can, setup),
        cmocka_unit_test_setup(equal_cores_share_the_work, setup),
        cmocka_unit_test_setup(doubted_ones_come_last, setup),
        cmocka_unit_test_setup(two_liars_do_not_hide_the_honest_three, setup),
        cmocka_unit_test_setup(what_was_whole_comes_first, setup),
        cmocka_unit_test_setup(an_odd_answer_clears_nobody, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
