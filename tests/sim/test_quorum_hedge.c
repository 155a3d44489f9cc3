/* A session that is late is not waited for, whichever of two signs first serves the job, and
 * the other costs nobody anything but its batches. */
#include "step_rig.h"

#define QUICK_NS (2 * MS)

/* As if it had answered so quickly for long, and be asked before all others. */
static void make_usual(unsigned party)
{
    struct quorum_core *const c = &rig.step->cores[party];

    for (unsigned round = 0; round < QUORUM_ROUNDS; round++) {
        for (unsigned i = 0; i < QUORUM_TRIPS_KEPT; i++) {
            quorum_trips_add(&c->trips[round], QUICK_NS);
        }
    }
    c->trip_ns = 0;
}

static uint64_t hedges(void)
{
    return atomic_load(&rig.counters.hedges);
}

/* Ended once, and what it has is a signature of its own stamp; nothing is left of it. */
static void is_served(size_t i)
{
    const struct coord_job *const job = &rig.jobs[i].job;
    uint8_t mu[MLDSA_MU_LEN];

    step_rig_ends(i, ERR_OK);
    quorum_node_mu(&job->stamp, mu);
    assert_int_equal(mldsa_verify_mu(&rig.kit->math->key.key, mu,
                                     (struct view){job->signature, job->signature_len},
                                     &rig.scratch->blame.combine.verify),
                     ERR_OK);
}

static void nothing_is_left(void)
{
    for (size_t i = 0; i < QUORUM_RUNS_MAX; i++) {
        assert_false(rig.step->slots[i].busy);
    }
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(rig.step->cores[i].pending, 0);
    }
    assert_int_equal(rig.step->waiting.n, 0);
    assert_int_equal(atomic_load(&rig.counters.queue_depth), 0);
}

static void who_is_late_is_not_waited_for(void **state)
{
    const int64_t begin = rig.kit->now_ns;

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        make_usual(i);
    }
    rig.faults[1].slow_ns = 70 * MS;
    step_rig_submit(0, 2000);
    step_rig_run(begin + 9 * MS);
    assert_int_equal(hedges(), 0);
    step_rig_run(begin + 11 * MS);
    assert_int_equal(hedges(), 1);
    step_rig_run(begin + 1000 * MS);
    is_served(0);
    assert_true(rig.jobs[0].done_ns - begin < 70 * MS);
    assert_false(rig.step->cores[1].silent); /* late, and nothing worse */
    assert_int_equal(rig.step->cores[1].misses, 0);
    nothing_is_left();
    assert_true(rig.step->cores[1].trip_ns > rig.step->cores[0].trip_ns);
}

/* Its session is over, and yet that it never answers is seen. */
static void who_never_answers_is_named_and_rests(void **state)
{
    const int64_t begin = rig.kit->now_ns;

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        make_usual(i);
    }
    rig.faults[1].loses_r3 = true;
    rig.step->cores[1].trip_ns = -1;
    step_rig_submit(0, 2000);
    step_rig_run(begin + 300 * MS);
    is_served(0);
    assert_int_equal(hedges(), 1);
    assert_int_equal(rig.step->cores[1].pending, 1);
    assert_int_equal(rig.step->cores[1].misses, 0);
    step_rig_run(begin + 600 * MS);
    assert_true(rig.step->cores[1].silent);
    assert_int_equal(rig.step->cores[1].misses, 1);
    assert_true(rig.step->cores[1].rest_ns > rig.kit->now_ns);
    nothing_is_left();
}

/* A place that was left is given up for a job in line. */
static void a_place_that_was_left_is_free_for_jobs(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        make_usual(i);
    }
    rig.faults[1].loses_r3 = true;
    rig.step->cores[1].trip_ns = -1;
    step_rig_submit(0, 2000);
    step_rig_run(rig.kit->now_ns + 100 * MS);
    is_served(0);
    assert_int_equal(rig.step->cores[1].pending, 1);
    for (size_t i = 1; i <= QUORUM_RUNS_MAX; i++) {
        step_rig_submit(i, 20000);
    }
    assert_int_equal(rig.step->waiting.n, 0);
    for (size_t i = 0; i < QUORUM_RUNS_MAX; i++) {
        assert_true(rig.step->slots[i].busy && !rig.step->slots[i].left);
    }
    step_rig_run(rig.kit->now_ns + 20000 * MS);
    nothing_is_left();
}

/* Either may be the first, and the other is nobody's then, however far it is. */
static void whichever_signs_first_serves_the_job(void **state)
{
    (void)state;
    for (size_t i = 0; i < STEP_RIG_JOBS_MAX; i++) {
        make_usual((unsigned)i % 5);
        rig.step->saved = QUORUM_HEDGE_SESSIONS;
        rig.faults[i % 5].slow_r3_ns = (9 + (int64_t)i / 5) * MS;
        step_rig_submit(i, 2000);
        step_rig_run(rig.kit->now_ns + 2000 * MS);
        is_served(i);
        nothing_is_left();
        rig.faults[i % 5].slow_r3_ns = 0;
    }
    assert_in_range(hedges(), STEP_RIG_JOBS_MAX / 2, STEP_RIG_JOBS_MAX);
    assert_in_range(atomic_load(&rig.counters.late_signed), 1, hedges() - 1);
    assert_int_equal(rig.step->signed_, STEP_RIG_JOBS_MAX); /* none came of a dropped one */
    assert_int_equal(atomic_load(&rig.counters.signed_), STEP_RIG_JOBS_MAX);
}

static void a_job_is_hedged_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5; i++) { /* whoever is asked beside 0 and 4 is slow */
        make_usual(i);
        rig.faults[i].slow_ns = i > 0 && i < 4 ? 60 * MS : 0;
        rig.step->cores[i].trip_ns = i > 0 && i < 4 ? 0 : -1;
    }
    step_rig_submit(0, 3000);
    step_rig_run(rig.kit->now_ns + 3000 * MS);
    is_served(0);
    assert_int_equal(hedges(), 1);
    nothing_is_left();
}

static void hedges_are_earned(void **state)
{
    (void)state;
    rig.step->saved = QUORUM_HEDGE_SESSIONS - 2;
    for (size_t i = 0; i < 2; i++) {
        make_usual(1);
        rig.faults[1].slow_ns = 70 * MS;
        rig.step->cores[1].trip_ns = -1;
        step_rig_submit(i, 2000);
        step_rig_run(rig.kit->now_ns + 40 * MS);
        assert_int_equal(hedges(), i);
        step_rig_run(rig.kit->now_ns + 2000 * MS);
        is_served(i);
        rig.step->saved =
            QUORUM_HEDGE_SESSIONS - 1; /* the next session is the last one needed */
    }
}

static void none_while_jobs_wait(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        make_usual(i);
    }
    rig.faults[1].slow_ns = 60 * MS;
    for (size_t i = 0; i < 40; i++) {
        step_rig_submit(i, 20000);
    }
    step_rig_run(rig.kit->now_ns + 12 * MS);
    assert_true(rig.step->waiting.n > 0);
    assert_int_equal(hedges(), 0);
    step_rig_run(rig.kit->now_ns + 20000 * MS);
    for (size_t i = 0; i < 40; i++) {
        is_served(i);
    }
    nothing_is_left();
}

static void nobody_else_no_hedge(void **state)
{
    (void)state;
    quorum_step_up(rig.step, 3, false, rig.kit->now_ns);
    quorum_step_up(rig.step, 4, false, rig.kit->now_ns);
    make_usual(1);
    rig.faults[1].slow_ns = 40 * MS;
    step_rig_submit(0, 5000);
    step_rig_run(rig.kit->now_ns + 5000 * MS);
    is_served(0);
    assert_int_equal(hedges(), 0);
    nothing_is_left();
}

static void a_deadline_ends_both(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        make_usual(i);
        rig.faults[i].slow_ns = i == 1 || i == 3 ? 50 * MS : 0;
    }
    rig.step->cores[1].trip_ns = -1;
    rig.faults[0].loses_r3 = rig.faults[2].loses_r3 = rig.faults[4].loses_r3 = true;
    step_rig_submit(0, 30);
    step_rig_run(rig.kit->now_ns + 25 * MS);
    assert_int_equal(hedges(), 1);
    step_rig_run(rig.kit->now_ns + 1000 * MS);
    step_rig_ends(0, ERR_DEADLINE);
    nothing_is_left();
}

/* Of the late one, then of the other, and of all. */
static void cores_that_go_end_a_job_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        make_usual(i);
    }
    rig.faults[1].slow_ns = 70 * MS;
    rig.step->cores[1].trip_ns = -1;
    step_rig_submit(0, 2000);
    step_rig_run(rig.kit->now_ns + 11 * MS);
    assert_int_equal(hedges(), 1);
    quorum_step_up(rig.step, 1, false, rig.kit->now_ns); /* the job has its other session */
    assert_int_equal(rig.step->waiting.n, 0);
    assert_int_equal(rig.jobs[0].done, 0);
    for (unsigned i = 2; i < 5; i++) {
        quorum_step_up(rig.step, i, false, rig.kit->now_ns);
    }
    step_rig_run(rig.kit->now_ns + QUORUM_BACK_NS);
    step_rig_ends(0, ERR_QUORUM);
    nothing_is_left();
}

static void the_usual_time_is_that_of_nineteen_in_twenty(void **state)
{
    struct quorum_trips t = {0};

    (void)state;
    assert_int_equal(quorum_trips_late_ns(&t), QUORUM_TRIPS_FIRST_NS * QUORUM_LATE_TIMES);
    for (unsigned i = 1; i <= 200; i++) { /* 137 to 200 are kept */
        quorum_trips_add(&t, (int64_t)i * MS);
    }
    assert_int_equal(quorum_trips_late_ns(&t), 197 * MS * QUORUM_LATE_TIMES);
    for (unsigned i = 0; i < QUORUM_TRIPS_KEPT; i++) {
        quorum_trips_add(&t, i < QUORUM_TRIPS_OVER ? 500 * MS : MS);
    }
    assert_int_equal(quorum_trips_late_ns(&t), QUORUM_LATE_LEAST_NS);
    quorum_trips_add(&t, -1);
    quorum_trips_add(&t, INT64_MAX);
    assert_int_equal(t.us[9], UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_late_is_not_waited_for, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(who_never_answers_is_named_and_rests, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(a_place_that_was_left_is_free_for_jobs, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(whichever_signs_first_serves_the_job, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(a_job_is_hedged_once, step_rig_start, step_rig_stop),
        cmocka_unit_test_setup_teardown(hedges_are_earned, step_rig_start, step_rig_stop),
        cmocka_unit_test_setup_teardown(none_while_jobs_wait, step_rig_start, step_rig_stop),
        cmocka_unit_test_setup_teardown(nobody_else_no_hedge, step_rig_start, step_rig_stop),
        cmocka_unit_test_setup_teardown(a_deadline_ends_both, step_rig_start, step_rig_stop),
        cmocka_unit_test_setup_teardown(cores_that_go_end_a_job_once, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test(the_usual_time_is_that_of_nineteen_in_twenty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
