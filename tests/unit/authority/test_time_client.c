#include "testing.h"

#include "host/authority/time_client.h"

static struct time_client c;

static void start(void)
{
    time_client_init(&c, 100);
    assert_int_equal(time_client_step(&c, 5), TIME_CLIENT_REST);
    assert_int_equal(time_client_next_ms(&c), INT64_MAX);
    time_client_want(&c, true, 10);
    assert_int_equal(time_client_next_ms(&c), 10);
    assert_int_equal(time_client_step(&c, 10), TIME_CLIENT_START);
    assert_int_equal(time_client_step(&c, 11), TIME_CLIENT_REST);
    assert_int_equal(time_client_next_ms(&c), INT64_MAX);
}

static void it_runs_while_its_core_does(void **state)
{
    (void)state;
    start();
    time_client_want(&c, false, 1000);
    assert_true(time_client_next_ms(&c) <= 1000);
    assert_int_equal(time_client_step(&c, 1000), TIME_CLIENT_STOP);
    assert_int_equal(time_client_step(&c, 1001), TIME_CLIENT_REST);
    assert_int_equal(time_client_next_ms(&c), 1000 + TIME_CLIENT_STOP_MS);
    /* The next core's is not started before it has ended, and then at once. */
    time_client_want(&c, true, 1100);
    assert_int_equal(time_client_step(&c, 1100), TIME_CLIENT_REST);
    time_client_ended(&c, 1200);
    assert_int_equal(time_client_step(&c, 1200), TIME_CLIENT_START);
    time_client_want(&c, false, 1300);
    assert_int_equal(time_client_step(&c, 1300), TIME_CLIENT_STOP);
    time_client_ended(&c, 1400);
    assert_int_equal(time_client_step(&c, 1400), TIME_CLIENT_REST);
    assert_int_equal(time_client_next_ms(&c), INT64_MAX);
}

static void one_that_does_not_end_is_killed(void **state)
{
    (void)state;
    start();
    time_client_want(&c, false, 1000);
    assert_int_equal(time_client_step(&c, 1000), TIME_CLIENT_STOP);
    assert_int_equal(time_client_step(&c, 1000 + TIME_CLIENT_STOP_MS - 1), TIME_CLIENT_REST);
    assert_int_equal(time_client_step(&c, 1000 + TIME_CLIENT_STOP_MS), TIME_CLIENT_KILL);
}

static void one_that_ends_comes_back_after_longer_pauses(void **state)
{
    static const int64_t pauses[] = {
        100, 200, 400, 800, 1600, 3200, TIME_CLIENT_BACKOFF_MS_MAX};
    int64_t now = 100;

    (void)state;
    start();
    for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
        time_client_ended(&c, now);
        assert_int_equal(time_client_next_ms(&c), now + pauses[i]);
        assert_int_equal(time_client_step(&c, now + pauses[i] - 1), TIME_CLIENT_REST);
        now += pauses[i];
        assert_int_equal(time_client_step(&c, now), TIME_CLIENT_START);
    }
    now += TIME_CLIENT_STABLE_MS;
    time_client_ended(&c, now);
    assert_int_equal(time_client_next_ms(&c), now + 100);
    /* While it waits its core ends: nothing is started. Another core waits for no pause. */
    time_client_want(&c, false, now);
    assert_int_equal(time_client_step(&c, now + 100), TIME_CLIENT_REST);
    time_client_want(&c, true, now + 1);
    assert_int_equal(time_client_step(&c, now + 1), TIME_CLIENT_START);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_runs_while_its_core_does),
        cmocka_unit_test(one_that_does_not_end_is_killed),
        cmocka_unit_test(one_that_ends_comes_back_after_longer_pauses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
