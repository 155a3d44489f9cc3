/* The step machine over time: what expires, what a clock event voids, what draining keeps. */
#include "core_fixture.h"

#include "enclave/core/core_step.h"

static struct rounds rounds;

static void test_r1_lives_250_ms(void **state)
{
    struct core_fixture *const f = core_fixture_serving();

    (void)state;
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    false_clock_go(&f->clock, R1_LIFE_NS);
    core_tick(&f->core);
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_OK);

    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    false_clock_go(&f->clock, R1_LIFE_NS + 1); /* no tick between: the judge itself sees it */
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_STALE);

    assert_int_equal(rounds_r1(f, 3, &rounds), ERR_OK);
    false_clock_go(&f->clock, R1_LIFE_NS + 1);
    core_tick(&f->core);
    assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), 0);
    assert_int_equal(core_fixture_stat(f, STAT_R1_EXPIRED), 3);
}

static void test_clock_step_voids_r1_and_recovers(void **state)
{
    struct core_fixture *const f = core_fixture_serving();
    enum err why;

    (void)state;
    assert_int_equal(rounds_r1(f, 2, &rounds), ERR_OK);
    f->clock.kernel.now_ns += 3600 * SECOND; /* somebody sets the clock */
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_TIME);
    assert_int_equal(f->core.state, CORE_TIME_DRIFT);
    assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), 0);
    assert_int_equal(core_fixture_audited(f, AUDIT_CLOCK, ERR_TIME, -1), 1);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_TIME);
    false_clock_go(&f->clock, OWN_CLOCK_STEADY_NS - 1);
    assert_int_equal(core_fixture_state(f, &why), CORE_TIME_DRIFT);
    assert_int_equal(why, ERR_TIME);
    false_clock_go(&f->clock, 1);
    assert_int_equal(core_fixture_state(f, &why), CORE_SERVING);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_OK);
}

static void test_a_day_without_discipline(void **state)
{
    static const char *const policy = "1,classic,1.2.3,3,100,1000";
    struct core_fixture *f = core_fixture_serving();

    (void)state;
    f->clock.kernel.synchronised = false; /* as on a machine with no time daemon */
    for (int minute = 0; minute < 24 * 60; minute++) {
        false_clock_go(&f->clock, 60 * SECOND);
        core_tick(&f->core);
        assert_int_equal(f->core.state, CORE_SERVING);
    }
    assert_true(f->clock.kernel.bound_us >= 16000000);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_OK);

    f = core_fixture_boot(CLOCK_KERNEL, &policy, 1);
    assert_int_equal(core_start(&f->core, ERR_OK, &f->public), ERR_OK);
    assert_int_equal(core_fixture_activate(f, 1), ERR_OK);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_OK);
    while (f->clock.kernel.bound_us <= 749000) { /* 1000 - r1_life - 1 */
        assert_int_equal(f->core.state, CORE_SERVING);
        false_clock_go(&f->clock, 60 * SECOND);
        core_tick(&f->core);
    }
    assert_int_equal(f->core.state, CORE_TIME_DRIFT);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_TIME);
    f->clock.kernel.bound_us = 500; /* the daemon is back */
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_OK);
}

static void test_time_lost_between_the_rounds(void **state)
{
    static const char *const policy = "1,classic,1.2.3,3,100,1000";
    struct core_fixture *const f = core_fixture_boot(CLOCK_KERNEL, &policy, 1);

    (void)state;
    assert_int_equal(core_start(&f->core, ERR_OK, &f->public), ERR_OK);
    assert_int_equal(core_fixture_activate(f, 1), ERR_OK);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    f->clock.kernel.synchronised = false;
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_TIME);
    f->clock.kernel.synchronised = true;
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_STALE); /* it was used all the same */
    assert_int_equal(core_fixture_stat(f, STAT_R2_REFUSED_TIME), 1);
    /* The clock was lost for a moment and found again, all before R2. */
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    f->clock.kernel.synchronised = false;
    core_tick(&f->core);
    f->clock.kernel.synchronised = true;
    core_tick(&f->core);
    assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), 0);
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_STALE);
    /* A bound that got much wider: genTime +- accuracy does not cover it any more. */
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    f->clock.kernel.bound_us = 600000;
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_TIME);
}

static void test_draining_keeps_its_promises(void **state)
{
    static struct rounds later;
    struct core_fixture *const f = core_fixture_serving();

    (void)state;
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    assert_int_equal(rounds_r1(f, 1, &later), ERR_OK);
    core_drain(&f->core);
    assert_int_equal(f->core.state, CORE_DRAINING);
    assert_false(core_drained(&f->core));
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_OK);
    assert_false(core_drained(&f->core));
    false_clock_go(&f->clock, R1_LIFE_NS + 1);
    core_tick(&f->core);
    assert_true(core_drained(&f->core));
    assert_int_equal(rounds_r2_one(f, &later), ERR_STALE);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_r1_lives_250_ms),
        cmocka_unit_test(test_clock_step_voids_r1_and_recovers),
        cmocka_unit_test(test_a_day_without_discipline),
        cmocka_unit_test(test_time_lost_between_the_rounds),
        cmocka_unit_test(test_draining_keeps_its_promises),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
