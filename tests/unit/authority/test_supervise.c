#include "testing.h"

#include "host/authority/supervise.h"

static const struct sup_rule rule = {.backoff_ms = 1000, .front_drain_ms = 10000};

/* Up to the point where both serve, at now_ms 0. */
static void bring_up(struct supervise *s, const struct sup_rule *r)
{
    sup_init(s, r, 0);
    assert_int_equal(sup_step(s, SUP_TICK, 0), SUP_START_CORE);
    assert_int_equal(sup_next_ms(s), SUP_ASK_MS);
    assert_int_equal(sup_step(s, SUP_TICK, SUP_ASK_MS), SUP_ASK_HELLO);
    assert_int_equal(sup_step(s, SUP_CORE_HELLO, 30), SUP_CERTIFY);
    assert_int_equal(sup_step(s, SUP_CERTIFIED, 40), SUP_ACTIVATE | SUP_START_FRONT);
    assert_int_equal(sup_step(s, SUP_FRONT_READY, 50), 0);
    assert_int_equal(sup_step(s, SUP_ACTIVATED, 60), SUP_READY);
    assert_int_equal(sup_next_ms(s), INT64_MAX);
}

static void test_start_to_ready(void **state)
{
    struct supervise s;

    (void)state;
    bring_up(&s, &rule);
    assert_int_equal(sup_step(&s, SUP_TICK, 100000), 0);
}

static void test_core_not_listening_yet_is_asked_again(void **state)
{
    struct supervise s;

    (void)state;
    sup_init(&s, &rule, 0);
    (void)sup_step(&s, SUP_TICK, 0);
    assert_int_equal(sup_step(&s, SUP_TICK, 20), SUP_ASK_HELLO);
    assert_int_equal(sup_step(&s, SUP_CORE_SILENT, 21), 0);
    assert_int_equal(sup_next_ms(&s), 41);
    assert_int_equal(sup_step(&s, SUP_TICK, 41), SUP_ASK_HELLO);
    /* one that never answers is ended, then started anew */
    assert_int_equal(sup_step(&s, SUP_CORE_SILENT, SUP_CORE_UP_MS), SUP_TERM_CORE);
    assert_int_equal(sup_step(&s, SUP_TICK, SUP_CORE_UP_MS + SUP_CORE_STOP_MS), SUP_KILL_CORE);
    assert_int_equal(sup_step(&s, SUP_CORE_ENDED, 26000), SUP_END_CERTIFY);
    assert_int_equal(sup_step(&s, SUP_TICK, 27000), SUP_START_CORE);
}

static void test_core_without_time_is_asked_again_for_its_request(void **state)
{
    struct sup_rule first = rule;
    struct supervise s;

    (void)state;
    for (int must = 0; must < 2; must++) {
        first.must_start = must == 1;
        sup_init(&s, &first, 0);
        (void)sup_step(&s, SUP_TICK, 0);
        (void)sup_step(&s, SUP_TICK, 20);
        assert_int_equal(sup_step(&s, SUP_CORE_NO_TIME, 25), 0); /* nobody asked for it */
        assert_int_equal(sup_step(&s, SUP_CORE_HELLO, 30), SUP_CERTIFY);
        /* A front says what is missing, unless somebody waits for the first token. */
        assert_int_equal(sup_step(&s, SUP_CORE_NO_TIME, 40), must == 1 ? 0 : SUP_START_FRONT);
        assert_int_equal(sup_next_ms(&s), 40 + SUP_TIME_MS);
        assert_int_equal(sup_step(&s, SUP_TICK, 40 + SUP_TIME_MS), SUP_CERTIFY);
        assert_int_equal(sup_step(&s, SUP_CORE_NO_TIME, SUP_TIME_UP_MS),
                         must == 1 ? SUP_END_CERTIFY | SUP_TERM_CORE : 0);
        assert_int_equal(s.failed, must == 1);
    }
}

static void test_restarted_core_is_certified_and_front_stays(void **state)
{
    struct supervise s;

    (void)state;
    bring_up(&s, &rule);
    assert_int_equal(sup_step(&s, SUP_CORE_ENDED, 70), SUP_END_CERTIFY);
    assert_int_equal(sup_next_ms(&s), 1070);
    assert_int_equal(sup_step(&s, SUP_TICK, 1069), 0);
    assert_int_equal(sup_step(&s, SUP_TICK, 1070), SUP_START_CORE);
    assert_int_equal(sup_step(&s, SUP_TICK, 1090), SUP_ASK_HELLO);
    assert_int_equal(sup_step(&s, SUP_CORE_HELLO, 1091), SUP_CERTIFY);
    assert_int_equal(sup_step(&s, SUP_CERTIFIED, 1092), SUP_ACTIVATE);
    assert_int_equal(sup_step(&s, SUP_ACTIVATED, 1093), 0);
}

static void test_restarted_front_does_not_touch_the_core(void **state)
{
    struct supervise s;

    (void)state;
    bring_up(&s, &rule);
    assert_int_equal(sup_step(&s, SUP_FRONT_ENDED, 70), 0);
    assert_int_equal(sup_step(&s, SUP_TICK, 1070), SUP_START_FRONT);
    assert_int_equal(sup_step(&s, SUP_FRONT_READY, 1080), 0);
}

static void test_backoff_doubles_and_is_capped(void **state)
{
    struct supervise s;
    int64_t now = 70;
    int64_t pause = rule.backoff_ms;

    (void)state;
    bring_up(&s, &rule);
    for (int i = 0; i < 40; i++) {
        (void)sup_step(&s, SUP_FRONT_ENDED, now);
        assert_int_equal(sup_next_ms(&s), now + pause);
        now += pause;
        assert_int_equal(sup_step(&s, SUP_TICK, now), SUP_START_FRONT);
        pause = pause * 2 < SUP_BACKOFF_MS_MAX ? pause * 2 : SUP_BACKOFF_MS_MAX;
    }
    /* one that served after all is soon back */
    (void)sup_step(&s, SUP_FRONT_READY, now + 1);
    now += 2;
    (void)sup_step(&s, SUP_FRONT_ENDED, now);
    assert_int_equal(sup_next_ms(&s), now + SUP_SERVED_MS_MAX);
    now += SUP_SERVED_MS_MAX;
    (void)sup_step(&s, SUP_TICK, now);
    (void)sup_step(&s, SUP_FRONT_READY, now + 1);
    /* who served for long starts from the shortest pause again */
    now += SUP_STABLE_MS;
    (void)sup_step(&s, SUP_FRONT_ENDED, now);
    assert_int_equal(sup_next_ms(&s), now + rule.backoff_ms);
}

static void test_core_that_is_killed_while_it_serves_is_soon_back(void **state)
{
    struct supervise s;
    int64_t now = 70;

    (void)state;
    bring_up(&s, &rule);
    for (int i = 0; i < 40; i++) {
        (void)sup_step(&s, SUP_CORE_ENDED, now);
        assert_true(sup_next_ms(&s) <= now + SUP_SERVED_MS_MAX);
        now = sup_next_ms(&s);
        assert_int_equal(sup_step(&s, SUP_TICK, now), SUP_START_CORE);
        now += SUP_ASK_MS;
        assert_int_equal(sup_step(&s, SUP_TICK, now), SUP_ASK_HELLO);
        (void)sup_step(&s, SUP_CORE_HELLO, now);
        (void)sup_step(&s, SUP_CERTIFIED, now);
        (void)sup_step(&s, SUP_ACTIVATED, now);
        now++;
    }
    /* one that ends before it serves is given more time */
    for (int i = 0; i < 3; i++) {
        (void)sup_step(&s, SUP_CORE_ENDED, now);
        now = sup_next_ms(&s);
        (void)sup_step(&s, SUP_TICK, now);
    }
    (void)sup_step(&s, SUP_CORE_ENDED, now);
    assert_int_equal(sup_next_ms(&s), now + SUP_BACKOFF_MS_MAX);
}

static void test_a_long_first_pause_is_kept(void **state)
{
    const struct sup_rule slow = {.backoff_ms = 600000, .front_drain_ms = 10000};
    struct supervise s;

    (void)state;
    bring_up(&s, &slow);
    (void)sup_step(&s, SUP_FRONT_ENDED, 70);
    assert_int_equal(sup_next_ms(&s), 70 + slow.backoff_ms);
}

static void test_certify_is_tried_again_and_front_rejects_meanwhile(void **state)
{
    struct supervise s;

    (void)state;
    sup_init(&s, &rule, 0);
    (void)sup_step(&s, SUP_TICK, 0);
    (void)sup_step(&s, SUP_TICK, 20);
    assert_int_equal(sup_step(&s, SUP_CORE_HELLO, 30), SUP_CERTIFY);
    assert_int_equal(sup_step(&s, SUP_CERTIFY_FAILED, 40), SUP_START_FRONT);
    assert_int_equal(sup_step(&s, SUP_FRONT_READY, 50), 0);
    assert_int_equal(sup_step(&s, SUP_TICK, 1040), SUP_CERTIFY);
    assert_int_equal(sup_step(&s, SUP_CERTIFY_FAILED, 1050), 0);
    assert_int_equal(sup_next_ms(&s), 3050);
    assert_int_equal(sup_step(&s, SUP_TICK, 3050), SUP_CERTIFY);
    assert_int_equal(sup_step(&s, SUP_CERTIFIED, 3060), SUP_ACTIVATE);
    assert_int_equal(sup_step(&s, SUP_ACTIVATED, 3070), SUP_READY);
}

static void test_refused_activation_ends_the_core(void **state)
{
    struct supervise s;

    (void)state;
    sup_init(&s, &rule, 0);
    (void)sup_step(&s, SUP_TICK, 0);
    (void)sup_step(&s, SUP_TICK, 20);
    (void)sup_step(&s, SUP_CORE_HELLO, 30);
    (void)sup_step(&s, SUP_CERTIFIED, 40);
    assert_int_equal(sup_step(&s, SUP_CORE_SILENT, 50), SUP_TERM_CORE);
    assert_int_equal(sup_step(&s, SUP_CORE_ENDED, 60), SUP_END_CERTIFY);
    assert_int_equal(sup_step(&s, SUP_TICK, 1060), SUP_START_CORE);
}

static void test_stop_ends_front_then_core(void **state)
{
    struct supervise s;

    (void)state;
    bring_up(&s, &rule);
    assert_int_equal(sup_step(&s, SUP_STOP, 100), SUP_END_CERTIFY | SUP_TERM_FRONT);
    assert_int_equal(sup_step(&s, SUP_FRONT_ENDED, 200), SUP_TERM_CORE);
    assert_int_equal(sup_step(&s, SUP_CORE_ENDED, 300), SUP_EXIT);
    assert_false(s.failed);
}

static void test_stop_is_bounded(void **state)
{
    struct supervise s;

    (void)state;
    bring_up(&s, &rule);
    (void)sup_step(&s, SUP_STOP, 100);
    assert_int_equal(sup_next_ms(&s), 100 + 10000 + SUP_FRONT_STOP_MS);
    assert_int_equal(sup_step(&s, SUP_TICK, 15100), SUP_KILL_FRONT);
    assert_int_equal(sup_step(&s, SUP_FRONT_ENDED, 15110), SUP_TERM_CORE);
    assert_int_equal(sup_step(&s, SUP_TICK, 15110 + SUP_CORE_STOP_MS), SUP_KILL_CORE);
    assert_int_equal(sup_step(&s, SUP_CORE_ENDED, 21000), SUP_EXIT);
}

static void test_core_that_dies_in_a_stop_is_not_restarted(void **state)
{
    struct supervise s;

    (void)state;
    bring_up(&s, &rule);
    (void)sup_step(&s, SUP_STOP, 100);
    assert_int_equal(sup_step(&s, SUP_CORE_ENDED, 110), 0);
    assert_int_equal(sup_step(&s, SUP_TICK, 9000), 0);
    assert_int_equal(sup_step(&s, SUP_FRONT_ENDED, 9001), SUP_EXIT);
}

static void test_second_stop_kills(void **state)
{
    struct supervise s;

    (void)state;
    bring_up(&s, &rule);
    (void)sup_step(&s, SUP_STOP, 100);
    assert_int_equal(sup_step(&s, SUP_STOP, 101), SUP_KILL_FRONT | SUP_KILL_CORE);
}

static void test_stop_before_anything_runs(void **state)
{
    struct supervise s;

    (void)state;
    sup_init(&s, &rule, 0);
    assert_int_equal(sup_step(&s, SUP_STOP, 0), SUP_END_CERTIFY | SUP_EXIT);
}

static void test_stop_while_certifying(void **state)
{
    struct supervise s;

    (void)state;
    sup_init(&s, &rule, 0);
    (void)sup_step(&s, SUP_TICK, 0);
    (void)sup_step(&s, SUP_TICK, 20);
    (void)sup_step(&s, SUP_CORE_HELLO, 30);
    assert_int_equal(sup_step(&s, SUP_STOP, 40), SUP_END_CERTIFY | SUP_TERM_CORE);
    assert_int_equal(sup_step(&s, SUP_CERTIFIED, 41), 0);
    assert_int_equal(sup_step(&s, SUP_CORE_ENDED, 50), SUP_EXIT);
}

static void test_must_start_gives_up_at_the_first_failure(void **state)
{
    const struct sup_rule strict = {
        .backoff_ms = 1000, .front_drain_ms = 10000, .must_start = true};
    struct supervise s;

    (void)state;
    sup_init(&s, &strict, 0);
    (void)sup_step(&s, SUP_TICK, 0);
    assert_int_equal(sup_step(&s, SUP_CORE_ENDED, 10), SUP_END_CERTIFY | SUP_EXIT);
    assert_true(s.failed);

    sup_init(&s, &strict, 0);
    (void)sup_step(&s, SUP_TICK, 0);
    (void)sup_step(&s, SUP_TICK, 20);
    (void)sup_step(&s, SUP_CORE_HELLO, 30);
    assert_int_equal(sup_step(&s, SUP_CERTIFY_FAILED, 40), SUP_END_CERTIFY | SUP_TERM_CORE);
    assert_true(s.failed);

    /* once it was ready it goes on like any other */
    bring_up(&s, &strict);
    assert_int_equal(sup_step(&s, SUP_FRONT_ENDED, 70), 0);
    assert_int_equal(sup_step(&s, SUP_TICK, 1070), SUP_START_FRONT);
    assert_false(s.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start_to_ready),
        cmocka_unit_test(test_core_not_listening_yet_is_asked_again),
        cmocka_unit_test(test_core_without_time_is_asked_again_for_its_request),
        cmocka_unit_test(test_restarted_core_is_certified_and_front_stays),
        cmocka_unit_test(test_restarted_front_does_not_touch_the_core),
        cmocka_unit_test(test_backoff_doubles_and_is_capped),
        cmocka_unit_test(test_core_that_is_killed_while_it_serves_is_soon_back),
        cmocka_unit_test(test_a_long_first_pause_is_kept),
        cmocka_unit_test(test_certify_is_tried_again_and_front_rejects_meanwhile),
        cmocka_unit_test(test_refused_activation_ends_the_core),
        cmocka_unit_test(test_stop_ends_front_then_core),
        cmocka_unit_test(test_stop_is_bounded),
        cmocka_unit_test(test_core_that_dies_in_a_stop_is_not_restarted),
        cmocka_unit_test(test_second_stop_kills),
        cmocka_unit_test(test_stop_before_anything_runs),
        cmocka_unit_test(test_stop_while_certifying),
        cmocka_unit_test(test_must_start_gives_up_at_the_first_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
