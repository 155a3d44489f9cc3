/* What the scheduler of sessions does with the figures of whole sessions, and which it looks at
 * once more. */
#include "step_rig.h"

/* Figures of whole sessions, and what follows from them: test_quorum_ratio.c has their rule. */
static void who_is_behind_is_asked_last(void **state)
{
    uint64_t before;

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        step_rig_submit(i, 5000);
    }
    step_rig_run(rig.kit->now_ns + 5000 * MS);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(rig.step->ratios.cores[i].sessions, rig.step->cores[i].responses);
        assert_in_range(rig.step->ratios.cores[i].signed_, 1, 8);
    }
    rig.step->ratios.behind = 1U << 2;
    rig.faults[2].is_quick = true;
    before = rig.asked[2];
    for (size_t i = 8; i < 16; i++) {
        step_rig_submit(i, 5000);
    }
    step_rig_run(rig.kit->now_ns + 5000 * MS);
    assert_int_equal(rig.asked[2], before);
    quorum_step_up(rig.step, 0, false, rig.kit->now_ns); /* three are left, and it */
    quorum_step_up(rig.step, 4, false, rig.kit->now_ns);
    step_rig_submit(16, 5000);
    step_rig_run(rig.kit->now_ns + 5000 * MS);
    step_rig_ends(16, ERR_OK);
    assert_true(rig.asked[2] > before);
}

static void a_trial_mixes_quorums(void **state)
{
    (void)state;
    rig.faults[0].is_quick = rig.faults[1].is_quick = rig.faults[2].is_quick = true;
    rig.step->ratios.trial = 1000;
    for (size_t i = 0; i < 16; i++) {
        step_rig_submit(i, 5000);
        step_rig_run(rig.kit->now_ns + 300 * MS);
        step_rig_ends(i, ERR_OK);
    }
    for (unsigned i = 0; i < 5; i++) { /* each in six of ten */
        assert_in_range(rig.step->cores[i].responses, rig.step->sessions * 4 / 10,
                        rig.step->sessions * 8 / 10);
    }
    assert_int_equal(rig.step->ratios.trial, 1000 - rig.step->sessions);
}

/* Its answers do no harm, and nothing else shows it. */
static void whoever_answers_wrongly_is_found_by_chance(void **state)
{
    (void)state;
    rig.faults[3].wrong_z = true;
    rig.step->sample = (struct quorum_sample){1, 1};
    for (size_t i = 0; i < 10; i++) {
        step_rig_submit(i, 5000);
        step_rig_run(rig.kit->now_ns + 300 * MS);
        step_rig_ends(i, ERR_OK);
    }
    assert_int_equal(rig.blamed, 1U << 3);
    assert_int_equal(rig.step->cores[3].responses, 1);
    assert_int_equal(atomic_load(&rig.counters.sampled), rig.step->sessions);
}

static void one_in_a_hundred_is_drawn(void **state)
{
    struct quorum_sample s = {12345, QUORUM_SAMPLE_ONE_IN};
    struct quorum_sample none = {12345, 0};
    unsigned drawn = 0;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        drawn += quorum_sample_draw(&s);
        assert_false(quorum_sample_draw(&none));
    }
    assert_in_range(drawn, 900, 1100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_behind_is_asked_last, step_rig_start,
                                        step_rig_stop),
        cmocka_unit_test_setup_teardown(a_trial_mixes_quorums, step_rig_start, step_rig_stop),
        cmocka_unit_test_setup_teardown(whoever_answers_wrongly_is_found_by_chance,
                                        step_rig_start, step_rig_stop),
        cmocka_unit_test(one_in_a_hundred_is_drawn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
