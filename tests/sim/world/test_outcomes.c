/* The outcomes that threshold-security F2 states, one by one, on both levels: R2 held back, two
 * bad spans, a clock that steps between the rounds, a flood of R1. And that a history follows
 * from its seed alone. */
#include "sim_world.h"
#include "testing.h"

#define TRIP_NS 50000 /* of every frame here */
#define SPAN_US 5000  /* half a span of every node */
#define ACT 0x07      /* nodes 1 to 3 */

static struct sim_fixture *fixture;
static struct sim_world *w;

static int start_all(void **state)
{
    (void)state;
    fixture = sim_fixture_new(&mldsa_44);
    w = sim_world_new(fixture);
    return 0;
}

static int stop_all(void **state)
{
    (void)state;
    sim_world_free(w);
    sim_fixture_free(fixture);
    return 0;
}

/* Good weather, and clocks that are right to the nanosecond. */
static int start(void **state)
{
    const struct sim_options options = {.seed = 11};

    (void)state;
    sim_world_begin(w, &options);
    w->weather = (struct sim_weather){.trip_max_ns = TRIP_NS};
    for (unsigned i = 0; i < SIM_NODES; i++) {
        w->boxes[i].offset_ns = 0;
        w->boxes[i].bound_us = SPAN_US;
    }
    sim_world_run(w, 100 * MS); /* pools are full then */
    return 0;
}

static int stop(void **state)
{
    (void)state;
    assert_int_equal(w->check.broken, RULE_NONE);
    sim_world_end(w);
    return 0;
}

/* One session of a coordinator that holds R2 back, by ACT under that policy. */
static void session(int64_t hold_ns, uint8_t policy)
{
    const size_t s = sim_rogue_open(w, TRICK_HOLD, ACT, 0, policy);

    w->rogue.sessions[s].hold_ns = hold_ns;
    for (unsigned i = 0; i < SIM_NODES; i++) {
        w->check.said[i] = ERR_BUG;
    }
    sim_at(w, w->now_ns, SIM_ROGUE, 0, (int64_t)s);
    sim_world_run(w, w->now_ns + hold_ns + 50 * MS);
    assert_int_equal(w->check.broken, RULE_NONE);
}

static void all_said(enum err e)
{
    for (unsigned i = 0; i < SIM_THRESHOLD; i++) {
        assert_int_equal(w->check.said[i], e);
    }
}

/* The stamp that all signers accepted last: of this genTime, from now. */
static void genTime_was(int64_t ms_ago)
{
    const struct stamp *const st = &w->check.accepts[w->check.n_accepts - 1].stamp;
    const int64_t now_ms = sim_true_ns(w) / MS;

    assert_in_range(now_ms - st->gen_time_ms, ms_ago, ms_ago + 2);
    assert_true(st->accuracy_ms >= ms_ago - 50);
}

/* ---- R2 held back ---- */

static void held_back_for_less_than_its_life_it_serves(void **state)
{
    (void)state;
    session((R1_LIFE_MS - 1) * MS, SIM_POLICY_NEAR);
    all_said(ERR_OK);
    genTime_was(R1_LIFE_MS - 1 + 50); /* within its accuracy of when the imprint came */
}

static void held_back_for_more_it_is_stale(void **state)
{
    (void)state;
    session((R1_LIFE_MS + 1) * MS, SIM_POLICY_NEAR);
    all_said(ERR_STALE);
    assert_int_equal(w->check.n_accepts, 0);
}

static void held_back_for_ten_seconds_it_is_stale(void **state)
{
    (void)state;
    session(10000 * MS, SIM_POLICY_WIDE); /* whose accuracy would have room for it */
    all_said(ERR_STALE);
    assert_int_equal(w->check.n_accepts, 0);
}

/* ---- two bad spans ---- */

/* Nodes 2 and 3 put their spans there; node 1 is asked to sign with them. */
static void two_bad_spans(int64_t off_ms, uint8_t policy)
{
    for (unsigned i = 1; i < 3; i++) {
        w->boxes[i].lies = LIE_SPAN;
        w->boxes[i].span_off_ns = off_ms * MS;
    }
    session(0, policy);
}

static void two_spans_a_second_ahead_are_refused(void **state)
{
    (void)state;
    two_bad_spans(1000, SIM_POLICY_WIDE);
    assert_int_equal(w->check.said[0], ERR_TIME);
}

static void two_spans_a_second_behind_are_refused(void **state)
{
    (void)state;
    two_bad_spans(-1000, SIM_POLICY_WIDE);
    assert_int_equal(w->check.said[0], ERR_TIME);
}

/* One second is what the accuracy of a near policy never covers. */
static void they_are_refused_for_their_accuracy_too(void **state)
{
    (void)state;
    two_bad_spans(1000, SIM_POLICY_NEAR);
    assert_int_equal(w->check.said[0], ERR_TIME);
}

static void spans_further_away_are_somebodys_lie(void **state)
{
    (void)state;
    two_bad_spans(-1100, SIM_POLICY_WIDE);
    assert_int_equal(w->check.said[0], ERR_MISMATCH);
}

/* What two liars can do: move genTime back by as much as an R1 may be old, which the accuracy
 * says. */
static void spans_within_the_rule_move_gen_time_by_less_than_its_accuracy(void **state)
{
    (void)state;
    two_bad_spans(-200, SIM_POLICY_WIDE);
    assert_int_equal(w->check.said[0], ERR_OK);
}

/* ---- a clock step between R1 and R2 ---- */

static void a_step_between_the_rounds(int64_t by_ns)
{
    sim_at(w, w->now_ns + 10 * MS, SIM_STEP_CLOCK, 0, by_ns);
    session(30 * MS, SIM_POLICY_WIDE);
    assert_int_equal(w->check.said[0], ERR_TIME);
    assert_int_equal(w->check.said[1], ERR_OK);
    assert_int_equal(w->check.said[2], ERR_OK);
}

static void a_clock_that_steps_ahead_refuses(void **state)
{
    (void)state;
    a_step_between_the_rounds(3000 * MS);
}

static void a_clock_that_steps_back_refuses(void **state)
{
    (void)state;
    a_step_between_the_rounds(-50 * MS); /* below what it gave out: no step is too small */
}

static void it_serves_again_when_it_was_steady(void **state)
{
    (void)state;
    a_step_between_the_rounds(3000 * MS);
    w->boxes[0].offset_ns = 0; /* and that is a step, too */
    sim_world_run(w, w->now_ns + OWN_CLOCK_STEADY_NS - 100 * MS);
    session(0, SIM_POLICY_NEAR);
    assert_int_equal(w->check.said[0], ERR_BUG); /* it gave no R1, and was not asked */
    sim_world_run(w, w->now_ns + 400 * MS);
    session(0, SIM_POLICY_NEAR);
    all_said(ERR_OK);
}

/* ---- a flood of R1 ---- */

static void a_flood_costs_a_wait_and_nothing_more(void **state)
{
    const uint64_t refused = w->totals.refused;
    const size_t job = sim_front_job(w, SIM_POLICY_NEAR, 2000 * MS);

    (void)state;
    for (unsigned i = 0; i < 3; i++) { /* 36 R1s of each of five nodes within a moment */
        const size_t s = sim_rogue_open(w, TRICK_FLOOD,
                                        i == 0   ? 0x07
                                        : i == 1 ? 0x1c
                                                 : 0x13,
                                        0, SIM_POLICY_NEAR);

        w->rogue.sessions[s].hold_ns = 10000 * MS;
        sim_at(w, w->now_ns, SIM_ROGUE, 0, (int64_t)s);
    }
    sim_world_run(w, w->now_ns + MS);
    for (unsigned i = 0; i < SIM_NODES; i++) { /* its batches and no more */
        assert_int_equal(w->check.n_r1[i], sim_level_pool);
    }
    sim_front_submit(w, job);
    sim_world_run(w, w->now_ns + 200 * MS);
    assert_int_equal(w->jobs[job].done, 0); /* what was promised is kept until its life ends */
    sim_world_run(w, w->now_ns + 1800 * MS);
    assert_int_equal(w->jobs[job].done, 1);
    assert_int_equal(w->jobs[job].job.err, ERR_OK);
    assert_int_equal(w->totals.refused, refused);
}

/* ---- seeds ---- */

static void a_history_follows_from_its_seed_alone(void **state)
{
    uint64_t prints[8];

    (void)state;
    sim_world_end(w);
    for (unsigned i = 0; i < 16; i++) { /* there and back again */
        const unsigned at = i < 8 ? i : 15 - i;
        const struct sim_options options = {.seed = 1 + at};

        assert_true(sim_history(w, &options));
        if (i < 8) {
            prints[at] = w->print;
        }
        assert_int_equal(w->print, prints[at]);
        assert_true(at == 0 || prints[at] != prints[at - 1]);
    }
    (void)start(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(held_back_for_less_than_its_life_it_serves),
        TEST(held_back_for_more_it_is_stale),
        TEST(held_back_for_ten_seconds_it_is_stale),
        TEST(two_spans_a_second_ahead_are_refused),
        TEST(two_spans_a_second_behind_are_refused),
        TEST(they_are_refused_for_their_accuracy_too),
        TEST(spans_further_away_are_somebodys_lie),
        TEST(spans_within_the_rule_move_gen_time_by_less_than_its_accuracy),
        TEST(a_clock_that_steps_ahead_refuses),
        TEST(a_clock_that_steps_back_refuses),
        TEST(it_serves_again_when_it_was_steady),
        TEST(a_flood_costs_a_wait_and_nothing_more),
        TEST(a_history_follows_from_its_seed_alone),
    };

    return cmocka_run_group_tests(tests, start_all, stop_all);
}
