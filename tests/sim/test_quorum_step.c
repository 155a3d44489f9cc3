/* The scheduler of sessions over five cores in virtual time: slow, silent, gone, empty and
 * lying cores cost what the header says, and no more. */
#include "step_rig.h"

static unsigned odd;
static int64_t longest_rest_ns;

static void on_odd(void *user, unsigned party, enum err e, int64_t rest_ns)
{
    (void)user;
    assert_int_not_equal(e, ERR_OK);
    assert_int_equal(party, 2);
    assert_true(rig.step->cores[party].rest_ns == rig.kit->now_ns + rest_ns);
    odd++;
    longest_rest_ns = rest_ns > longest_rest_ns ? rest_ns : longest_rest_ns;
}

static void many_jobs_are_signed_and_shared(void **state)
{
    (void)state;
    for (size_t i = 0; i < 30; i++) { /* more than there are places */
        step_rig_submit(i, 20000);
    }
    step_rig_run(rig.kit->now_ns + 20000 * MS);
    for (size_t i = 0; i < 30; i++) {
        step_rig_ends(i, ERR_OK);
    }
    assert_int_equal(rig.step->signed_, 30);
    assert_int_equal(atomic_load(&rig.counters.queue_depth), 0);
    for (size_t i = 0; i < 5; i++) { /* each about three fifths of all sessions */
        assert_in_range(rig.asked[i], rig.step->sessions * 3 * 4 / 10,
                        rig.step->sessions * 3 * 8 / 10);
        assert_int_equal(rig.step->cores[i].pending, 0);
    }
}

static void two_of_five_may_go(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        step_rig_submit(i, 2000);
    }
    step_rig_pull();
    quorum_step_up(rig.step, 0, false, rig.kit->now_ns);
    quorum_step_up(rig.step, 3, false, rig.kit->now_ns);
    step_rig_run(rig.kit->now_ns + 2000 * MS);
    for (size_t i = 0; i < 4; i++) {
        step_rig_ends(i, ERR_OK);
    }
}

static void three_go(void)
{
    for (unsigned i = 0; i < 3; i++) {
        quorum_step_up(rig.step, i, false, rig.kit->now_ns);
    }
}

static void fewer_than_three_reject_soon(void **state)
{
    (void)state;
    step_rig_submit(0, 2000);
    step_rig_pull();
    three_go();
    step_rig_run(rig.kit->now_ns + QUORUM_BACK_NS - 1);
    assert_int_equal(rig.jobs[0].done, 0); /* one may be back */
    step_rig_run(rig.kit->now_ns + 1);
    step_rig_ends(0, ERR_QUORUM);
    step_rig_submit(1, 2000);
    step_rig_ends(1, ERR_QUORUM);
    quorum_step_up(rig.step, 1, true, rig.kit->now_ns); /* and recovers */
    step_rig_submit(2, 2000);
    step_rig_run(rig.kit->now_ns + 2000 * MS);
    step_rig_ends(2, ERR_OK);
}

static void who_is_back_in_time_ends_no_job(void **state)
{
    (void)state;
    step_rig_submit(0, 2000);
    step_rig_pull();
    three_go();
    step_rig_run(rig.kit->now_ns + QUORUM_BACK_NS - 1);
    quorum_step_up(rig.step, 2, true, rig.kit->now_ns);
    step_rig_run(rig.kit->now_ns + 2000 * MS);
    step_rig_ends(0, ERR_OK);
}

/* Nobody waits for who was silent before it went. */
static void who_was_silent_is_not_waited_for(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        quorum_step_silent(rig.step, i, rig.kit->now_ns);
    }
    step_rig_submit(0, 2000);
    quorum_step_silent(rig.step, 2, rig.kit->now_ns);
    step_rig_ends(0, ERR_QUORUM);
    three_go();
    assert_int_equal(quorum_step_alive(rig.step), 2);
}

/* Two liars make one session after the other come to nothing: of none of them a place of an
 * honest core's pool is left. */
static void sessions_given_up_are_given_back(void **state)
{
    (void)state;
    rig.faults[0].spoils = true;
    rig.faults[1].spoils = true;
    for (size_t i = 0; i < 20; i++) {
        step_rig_submit(i, 2000);
    }
    step_rig_run(rig.kit->now_ns + 2000 * MS);
    for (unsigned i = 0; i < 5; i++) {
        size_t all;

        (void)pq_party_expire(&rig.kit->nodes[i].party, rig.kit->now_ns);
        (void)pq_party_held(&rig.kit->nodes[i].party, 0, &all);
        assert_int_equal(all, 0);
    }
}

static void a_silent_core_costs_one_wait(void **state)
{
    const int64_t begin = rig.kit->now_ns;

    (void)state;
    rig.faults[1].silent = true;
    for (size_t i = 0; i < 10; i++) {
        step_rig_submit(i, 2000);
    }
    step_rig_run(begin + 2000 * MS);
    for (size_t i = 0; i < 10; i++) {
        step_rig_ends(i, ERR_OK);
        assert_true(rig.jobs[i].done_ns - begin < 1000 * MS);
    }
    assert_true(rig.step->cores[1].silent);
    const uint64_t before = rig.asked[1];

    step_rig_submit(10, 2000);
    step_rig_run(rig.kit->now_ns + 2000 * MS);
    step_rig_ends(10, ERR_OK);
    assert_int_equal(rig.asked[1], before);
    rig.faults[1].silent = false; /* it answers something else again */
    quorum_step_heard(rig.step, 1);
    step_rig_run(rig.kit->now_ns + (QUORUM_DOUBT_NS << QUORUM_DOUBT_DOUBLINGS));
    for (size_t i = 11; i < 20; i++) {
        step_rig_submit(i, 2000);
    }
    step_rig_run(rig.kit->now_ns + 2000 * MS);
    assert_true(rig.asked[1] > before);
}

static void who_answers_something_else_is_not_silent(void **state)
{
    (void)state;
    rig.faults[0].silent = rig.faults[4].silent = true;
    rig.faults[2].loses_r3 = true;
    step_rig_submit(0, 5000);
    step_rig_run(rig.kit->now_ns + 300 * MS);
    assert_int_equal(rig.jobs[0].done, 0); /* an R3 waits, and three live */
    rig.faults[2].loses_r3 = false;
    step_rig_submit(1, 5000);
    step_rig_run(rig.kit->now_ns + 4000 * MS);
    step_rig_ends(1, ERR_OK);
    step_rig_ends(0, ERR_OK);
}

static void three_silent_ones_reject_within_100_ms(void **state)
{
    const int64_t begin = rig.kit->now_ns;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        rig.faults[i].silent = true;
    }
    for (size_t i = 0; i < 8; i++) { /* enough that each of the three is rig.asked */
        step_rig_submit(i, 2000);
    }
    step_rig_run(begin + 100 * MS);
    for (size_t i = 0; i < 8; i++) {
        step_rig_ends(i, ERR_QUORUM);
    }
    step_rig_submit(8, 2000);
    step_rig_ends(8, ERR_QUORUM);
    assert_int_equal(rig.jobs[8].done_ns, rig.kit->now_ns);
}

static void a_liar_is_named_and_left_out(void **state)
{
    (void)state;
    rig.faults[2].lies = true;
    for (size_t i = 0; i < 6; i++) {
        step_rig_submit(i, 5000);
    }
    step_rig_run(rig.kit->now_ns + 5000 * MS);
    for (size_t i = 0; i < 6; i++) {
        step_rig_ends(i, ERR_OK);
    }
    assert_int_equal(rig.blamed, 1U << 2);
    assert_true(rig.step->cores[2].banned);
    assert_int_equal(quorum_step_alive(rig.step), 4);
    const uint64_t before = rig.asked[2];

    step_rig_submit(6, 5000);
    step_rig_run(rig.kit->now_ns + 5000 * MS);
    step_rig_ends(6, ERR_OK);
    assert_int_equal(rig.asked[2], before);
}

/* Nothing that one says proves a lie, and it is the quickest: those who refuse are not to pay
 * for it. */
static void who_spoils_sessions_is_left_out(unsigned spoilers, int64_t within_ms)
{
    for (unsigned i = 0; i < 5; i++) {
        rig.faults[i].is_quick = (spoilers >> i & 1) != 0;
    }
    for (size_t i = 0; i < 4; i++) {
        step_rig_submit(i, 5000); /* who is quick, is known */
    }
    step_rig_run(rig.kit->now_ns + 5000 * MS);
    for (unsigned i = 0; i < 5; i++) {
        rig.faults[i].spoils = rig.faults[i].is_quick;
    }
    for (size_t i = 4; i < 12; i++) {
        step_rig_submit(i, within_ms);
        step_rig_run(rig.kit->now_ns + within_ms * MS);
        step_rig_ends(i, ERR_OK);
    }
}

static void one_who_spoils_sessions(void **state)
{
    (void)state;
    who_spoils_sessions_is_left_out(0x02, 1000);
}

static void two_who_spoil_sessions(void **state)
{
    (void)state;
    who_spoils_sessions_is_left_out(0x12, 2000);
}

/* Spans that make the accuracy too large, which the scheduler sees itself. */
static void two_whose_clocks_are_off(void **state)
{
    (void)state;
    rig.nodes[0].now_ns -= 5000 * MS;
    rig.nodes[3].now_ns += 5000 * MS;
    for (size_t i = 0; i < 8; i++) {
        rig.faults[0].is_quick = rig.faults[3].is_quick = true;
        step_rig_submit(i, 2000);
        step_rig_run(rig.kit->now_ns + 2000 * MS);
        step_rig_ends(i, ERR_OK);
    }
}

static void who_garbles_rests_ever_longer(void **state)
{
    (void)state;
    odd = 0;
    longest_rest_ns = 0;
    rig.step->on_odd = on_odd;
    rig.faults[2].garbles = true;
    for (size_t i = 0; i < 20; i++) {
        step_rig_submit(i, 5000);
        step_rig_run(rig.kit->now_ns + 200 * MS);
        step_rig_ends(i, ERR_OK);
    }
    assert_int_equal(rig.blamed, 0);
    assert_false(rig.step->cores[2].banned);
    assert_in_range(odd, 3, 5); /* 4 s are rests of 250, 500, 1000 and 2000 ms */
    assert_true(longest_rest_ns >= 1000 * MS);
    quorum_step_up(rig.step, 2, false, rig.kit->now_ns); /* a new connection is no excuse */
    quorum_step_up(rig.step, 2, true, rig.kit->now_ns);
    assert_true(rig.step->cores[2].rest_ns > rig.kit->now_ns);
    rig.faults[2].garbles = false;
    step_rig_run(rig.kit->now_ns + 4000 * MS);
    for (size_t i = 20; i < 30 && rig.step->cores[2].wrong > 0; i++) {
        step_rig_submit(i, 5000);
        step_rig_run(rig.kit->now_ns + 200 * MS);
        step_rig_ends(i, ERR_OK);
    }
    assert_int_equal(rig.step->cores[2].wrong, 0); /* one whole session is */
}

static void an_empty_pool_is_waited_for(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        rig.faults[i].refills_not = true;
    }
    step_rig_submit(0, 1000);
    step_rig_run(rig.kit->now_ns + 100 * MS);
    assert_int_equal(rig.jobs[0].done, 0);
    for (unsigned i = 0; i < 5; i++) {
        rig.faults[i].refills_not = false;
    }
    step_rig_run(rig.kit->now_ns + 900 * MS);
    step_rig_ends(0, ERR_OK);
}

static void a_deadline_ends_a_job(void **state)
{
    const int64_t begin = rig.kit->now_ns;

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        rig.faults[i].refills_not = true;
    }
    for (size_t i = 0; i < 12; i++) {
        step_rig_submit(i, 300);
    }
    step_rig_run(begin + 1000 * MS);
    for (size_t i = 0; i < 12; i++) {
        step_rig_ends(i, ERR_DEADLINE);
        assert_int_equal(rig.jobs[i].done_ns, begin + 300 * MS);
    }
    assert_int_equal(atomic_load(&rig.counters.deadline), 12);
}

static void other_frames_close_the_connection(void **state)
{
    struct writer w = wr_init(rig.ask_room, rig.ask_max);
    struct frame_header h;
    struct view frame;
    unsigned party = 0;

    (void)state;
    step_rig_submit(0, 1000);
    while (!quorum_step_pull(rig.step, party, &w)) {
        party++;
    }
    assert_int_equal(wr_finish(&w, &frame), ERR_OK);
    assert_int_equal(frame_header_decode((struct view){frame.p, FRAME_HEADER_LEN}, &h), ERR_OK);
    h.type = FRAME_R2 | FRAME_ANSWER;
    assert_int_equal(
        quorum_step_take(rig.step, party, &h, (struct view){rig.ask_room, 4}, rig.kit->now_ns),
        ERR_TYPE);
    /* Late, foreign and impossible ids are nobody's. */
    h.request_id ^= UINT64_C(1) << 40;
    assert_int_equal(
        quorum_step_take(rig.step, party, &h, (struct view){rig.ask_room, 4}, rig.kit->now_ns),
        ERR_OK);
    h.request_id = QUORUM_ID_BIT | 0xffff;
    assert_int_equal(
        quorum_step_take(rig.step, party, &h, (struct view){rig.ask_room, 4}, rig.kit->now_ns),
        ERR_OK);
    assert_int_equal(rig.jobs[0].done, 0);
}

static void another_epoch_is_refused(void **state)
{
    (void)state;
    sim_job_make(&rig.jobs[0], rig.kit, 1000);
    memset(rig.jobs[0].job.epoch_id, 0, EPOCH_ID_LEN);
    atomic_fetch_add(&rig.counters.queue_depth, 1);
    quorum_step_submit(rig.step, &rig.jobs[0].job, rig.kit->now_ns);
    step_rig_ends(0, ERR_QUORUM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_jobs_are_signed_and_shared, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(two_of_five_may_go, step_rig_start, step_rig_stop),
        cmocka_unit_test_setup_teardown(fewer_than_three_reject_soon, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(who_is_back_in_time_ends_no_job, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(who_was_silent_is_not_waited_for, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(sessions_given_up_are_given_back, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(a_silent_core_costs_one_wait, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(who_answers_something_else_is_not_silent,
                                        step_rig_start, step_rig_stop),
        cmocka_unit_test_setup_teardown(three_silent_ones_reject_within_100_ms, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(a_liar_is_named_and_left_out, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(one_who_spoils_sessions, step_rig_start, step_rig_stop),
        cmocka_unit_test_setup_teardown(two_who_spoil_sessions, step_rig_start, step_rig_stop),
        cmocka_unit_test_setup_teardown(two_whose_clocks_are_off, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(who_garbles_rests_ever_longer, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(an_empty_pool_is_waited_for, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(a_deadline_ends_a_job, step_rig_start, step_rig_stop),
        cmocka_unit_test_setup_teardown(other_frames_close_the_connection, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(another_epoch_is_refused, step_rig_start,
                                        step_rig_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
