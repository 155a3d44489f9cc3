#include "testing.h"

#include "host/authority/cluster.h"

#include <string.h>

#define ALL 0x1f

static const struct cluster_rule rule = {
    .threshold = 3, .total = 5, .backoff_ms = 200, .front_drain_ms = 1000};
static struct cluster c;
static int64_t now;

static struct cluster_todo step(enum cluster_event ev, uint8_t core)
{
    return cluster_step(&c, ev, core, now);
}

static bool is_nothing(struct cluster_todo todo)
{
    static const struct cluster_todo nothing;

    return memcmp(&todo, &nothing, sizeof todo) == 0;
}

/* Cores run, and are enrolled. */
static void start(void)
{
    struct cluster_todo todo;

    now = 1000;
    cluster_init(&c, &rule, now);
    todo = step(CLUSTER_TICK, 0);
    assert_int_equal(todo.start_cores, ALL);
    assert_true(todo.enrol);
    assert_false(todo.start_front);
    assert_int_equal(cluster_next_ms(&c), INT64_MAX);
    assert_int_equal(cluster_shares(&c), 0);
}

static void serve(void)
{
    start();
    now += 3000;
    struct cluster_todo todo = step(CLUSTER_ENROLLED, 0);

    assert_true(todo.start_front);
    assert_int_equal(todo.start_cores, 0);
    assert_int_equal(cluster_shares(&c), 5);
    assert_true(step(CLUSTER_FRONT_READY, 0).say_ready);
    assert_false(step(CLUSTER_FRONT_READY, 0).say_ready);
    assert_int_equal(c.phase, CLUSTER_SERVING);
}

/* One that ended stands outside, until another has its share; then the epoch has its spare
 * again, and its end is kept as that of any other. */
static void a_core_that_comes_again_counts(void **state)
{
    (void)state;
    serve();
    assert_int_equal(step(CLUSTER_CORE_ENDED, 4).note_ended, 1U << 4);
    (void)step(CLUSTER_CORE_BACK, 4); /* it does not run yet */
    assert_int_equal(cluster_shares(&c), 4);
    now += rule.backoff_ms;
    assert_int_equal(step(CLUSTER_TICK, 0).start_cores, 1U << 4);
    assert_true(is_nothing(step(CLUSTER_CORE_BACK, 4)));
    assert_int_equal(cluster_shares(&c), 5);
    (void)step(CLUSTER_CORE_ENDED, 0);
    (void)step(CLUSTER_CORE_ENDED, 1);
    assert_int_equal(c.phase, CLUSTER_SERVING);
    assert_int_equal(step(CLUSTER_CORE_ENDED, 4).note_ended, 1U << 4);
    assert_int_equal(c.phase, CLUSTER_HALTED);
    now += 10 * rule.backoff_ms;
    (void)step(CLUSTER_TICK, 0);
    (void)step(CLUSTER_CORE_BACK, 4); /* for ever */
    assert_int_equal(c.phase, CLUSTER_HALTED);
}

/* Every core ends, as they were told. */
static struct cluster_todo cores_end(void)
{
    struct cluster_todo todo = {0};

    for (uint8_t i = 0; i < rule.total; i++) {
        if (c.cores[i].runs) {
            assert_false(todo.exit);
            todo = step(CLUSTER_CORE_ENDED, i);
        }
    }
    return todo;
}

static void a_lost_core_is_replaced_outside_of_the_epoch(void **state)
{
    struct cluster_todo todo;

    (void)state;
    serve();
    todo = step(CLUSTER_CORE_ENDED, 2);
    assert_true(todo.say_lost && !todo.say_halted);
    assert_int_equal(todo.start_cores, 0);
    assert_int_equal(cluster_next_ms(&c), now + rule.backoff_ms);
    now = cluster_next_ms(&c);
    todo = step(CLUSTER_TICK, 0);
    assert_int_equal(todo.start_cores, 1U << 2);
    assert_false(todo.enrol); /* it waits */
    assert_int_equal(cluster_shares(&c), 4);

    todo = step(CLUSTER_CORE_ENDED, 2); /* the new one: nothing is lost with it */
    assert_false(todo.say_lost || todo.say_halted);
    assert_int_equal(cluster_next_ms(&c), now + 2 * rule.backoff_ms);
}

static void too_few_shares_halt_it_for_ever(void **state)
{
    struct cluster_todo todo;

    (void)state;
    serve();
    assert_true(step(CLUSTER_CORE_ENDED, 0).say_lost);
    assert_true(step(CLUSTER_CORE_ENDED, 1).say_lost);
    todo = step(CLUSTER_CORE_ENDED, 2);
    assert_true(todo.say_halted && !todo.say_lost);
    assert_int_equal(c.phase, CLUSTER_HALTED);
    now += 10000;
    assert_int_equal(step(CLUSTER_TICK, 0).start_cores, 7); /* they come back */
    assert_int_equal(c.phase, CLUSTER_HALTED);              /* and that changes nothing */
    assert_int_equal(cluster_shares(&c), 2);
    assert_false(step(CLUSTER_CORE_ENDED, 3).say_halted); /* once */
    assert_true(c.front.runs);                            /* it rejects */
}

static void renewal_begins_anew(void **state)
{
    struct cluster_todo todo;

    (void)state;
    serve();
    for (uint8_t i = 0; i < 3; i++) {
        (void)step(CLUSTER_CORE_ENDED, i);
    }
    todo = step(CLUSTER_RENEW, 0);
    assert_true(todo.stop_front);
    assert_int_equal(todo.stop_cores, 0); /* after the front */
    assert_int_equal(todo.start_cores, 0);
    todo = step(CLUSTER_FRONT_ENDED, 0);
    assert_int_equal(todo.stop_cores, 0x18);
    assert_true(is_nothing(step(CLUSTER_RENEW, 0)));
    todo = cores_end();
    assert_false(todo.exit);
    assert_int_equal(todo.start_cores, ALL);
    assert_true(todo.enrol);
    assert_int_equal(c.phase, CLUSTER_ENROLLING);
    todo = step(CLUSTER_ENROLLED, 0);
    assert_true(todo.start_front);
    assert_int_equal(cluster_shares(&c), 5);
}

static void what_fails_before_it_serves_ends_it(void **state)
{
    static const enum cluster_event events[] = {CLUSTER_CORE_ENDED, CLUSTER_NOT_ENROLLED};

    (void)state;
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        start();
        struct cluster_todo todo = step(events[i], 4);

        assert_int_equal(todo.end_enrol, events[i] == CLUSTER_CORE_ENDED);
        assert_int_equal(todo.stop_cores, events[i] == CLUSTER_CORE_ENDED ? 0x0f : ALL);
        assert_true(cores_end().exit);
        assert_true(c.failed);
    }
    start();
    (void)step(CLUSTER_ENROLLED, 0);
    assert_int_equal(step(CLUSTER_FRONT_ENDED, 0).stop_cores, ALL);
    assert_true(c.failed);
}

static void a_front_that_ends_is_restarted(void **state)
{
    (void)state;
    serve();
    assert_true(is_nothing(step(CLUSTER_FRONT_ENDED, 0)));
    assert_int_equal(cluster_next_ms(&c), now + rule.backoff_ms);
    now = cluster_next_ms(&c);
    assert_true(step(CLUSTER_TICK, 0).start_front);
    assert_false(step(CLUSTER_FRONT_READY, 0).say_ready);
    now += CLUSTER_STABLE_MS;
    (void)step(CLUSTER_FRONT_ENDED, 0);
    assert_int_equal(cluster_next_ms(&c), now + rule.backoff_ms); /* it ran well */
}

static void pauses_are_bounded(void **state)
{
    (void)state;
    serve();
    for (int i = 0; i < 40; i++) {
        (void)step(CLUSTER_CORE_ENDED, 1);
        assert_true(cluster_next_ms(&c) <= now + CLUSTER_BACKOFF_MS_MAX);
        now = cluster_next_ms(&c);
        assert_int_equal(step(CLUSTER_TICK, 0).start_cores, 2);
    }
}

static void it_ends_in_order(void **state)
{
    struct cluster_todo todo;

    (void)state;
    serve();
    todo = step(CLUSTER_STOP, 0);
    assert_true(todo.stop_front);
    assert_int_equal(cluster_next_ms(&c), now + rule.front_drain_ms + CLUSTER_STOP_MS);
    now = cluster_next_ms(&c);
    assert_true(step(CLUSTER_TICK, 0).kill_front);
    todo = step(CLUSTER_FRONT_ENDED, 0);
    assert_int_equal(todo.stop_cores, ALL);
    now += CLUSTER_STOP_MS;
    assert_int_equal(step(CLUSTER_TICK, 0).kill_cores, ALL);
    assert_true(cores_end().exit);
    assert_false(c.failed);
}

static void a_second_order_to_stop_is_obeyed_at_once(void **state)
{
    struct cluster_todo todo;

    (void)state;
    serve();
    (void)step(CLUSTER_RENEW, 0);
    todo = step(CLUSTER_STOP, 0);
    assert_true(todo.kill_front);
    assert_int_equal(todo.kill_cores, ALL);
    (void)step(CLUSTER_FRONT_ENDED, 0);
    assert_true(cores_end().exit); /* and not anew */
    start();
    todo = step(CLUSTER_STOP, 0);
    assert_true(todo.end_enrol);
    assert_int_equal(todo.stop_cores, ALL);
    assert_true(cores_end().exit);
    assert_false(c.failed);
}

/* Of a core that ends, once, if it held a share: also in an ordinary end. */
static void who_ended_with_a_share_is_kept(void **state)
{
    (void)state;
    serve();
    assert_int_equal(step(CLUSTER_CORE_ENDED, 2).note_ended, 1U << 2);
    now += rule.backoff_ms;
    assert_int_equal(step(CLUSTER_TICK, 0).start_cores, 1U << 2);
    assert_int_equal(step(CLUSTER_CORE_ENDED, 2).note_ended, 0); /* it had none */
    (void)step(CLUSTER_STOP, 0);
    (void)step(CLUSTER_FRONT_ENDED, 0);
    assert_int_equal(step(CLUSTER_CORE_ENDED, 4).note_ended, 1U << 4);
    start();
    assert_int_equal(step(CLUSTER_CORE_ENDED, 0).note_ended, 0); /* no key yet */
}

/* ---- a patient one, as people run it ---- */

static struct cluster_todo start_patient(void)
{
    struct cluster_rule patient = rule;

    patient.patient = true;
    now = 1000;
    cluster_init(&c, &patient, now);
    return step(CLUSTER_TICK, 0);
}

static void a_patient_one_serves_nothing_until_there_is_a_key(void **state)
{
    struct cluster_todo todo = start_patient();

    (void)state;
    assert_true(todo.start_cores == ALL && todo.enrol && todo.start_front);
    assert_true(step(CLUSTER_FRONT_READY, 0).say_ready);
    assert_int_equal(cluster_next_ms(&c), INT64_MAX); /* as long as people take */
    todo = step(CLUSTER_ENROLLED, 0);
    assert_true(todo.say_key);
    assert_false(todo.start_front || todo.say_ready); /* it runs, and knows */
    assert_int_equal(c.phase, CLUSTER_SERVING);
    assert_int_equal(cluster_shares(&c), 5);
}

static void a_patient_one_tries_again(void **state)
{
    struct cluster_todo todo = start_patient();
    int64_t pause = rule.backoff_ms;

    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        todo = step(CLUSTER_NOT_ENROLLED, 0);
        assert_false(todo.exit || todo.enrol || c.failed);
        assert_int_equal(cluster_next_ms(&c), now + pause);
        now = cluster_next_ms(&c);
        assert_true(step(CLUSTER_TICK, 0).enrol);
        pause = 2 * pause < CLUSTER_BACKOFF_MS_MAX ? 2 * pause : CLUSTER_BACKOFF_MS_MAX;
    }
    todo = step(CLUSTER_FRONT_ENDED, 0);
    assert_false(todo.exit || c.failed);
    now = cluster_next_ms(&c);
    assert_true(step(CLUSTER_TICK, 0).start_front);
}

/* An enrolment is of cores that all live: one that ends begins it anew. */
static void a_core_that_ends_before_there_is_a_key_is_no_end(void **state)
{
    struct cluster_todo todo = start_patient();

    (void)state;
    todo = step(CLUSTER_CORE_ENDED, 3);
    assert_true(todo.end_enrol && todo.enrol && todo.note_ended == 0 && !todo.exit);
    assert_int_equal(c.phase, CLUSTER_ENROLLING);
    now = cluster_next_ms(&c);
    assert_int_equal(step(CLUSTER_TICK, 0).start_cores, 1U << 3);
    /* Its end and that of the command came together: the command's is of cores that were. */
    c.enrol.runs = false;
    (void)step(CLUSTER_ENROLLED, 0);
    assert_int_equal(c.phase, CLUSTER_ENROLLING);
    assert_true(step(CLUSTER_RENEW, 0).stop_front); /* people may begin anew at any time */
    (void)step(CLUSTER_FRONT_ENDED, 0);
    assert_int_equal(cores_end().start_cores, ALL);
    assert_int_equal(c.phase, CLUSTER_ENROLLING);
}

/* Other cores serve: nothing of its own is started again, and the front stays. */
static void cores_that_are_let_go_stay_away(void **state)
{
    struct cluster_todo todo;

    (void)state;
    start();
    assert_true(is_nothing(step(CLUSTER_LET_GO, 0))); /* there is nothing to let go yet */
    serve();
    (void)step(CLUSTER_CORE_ENDED, 1);
    todo = step(CLUSTER_LET_GO, 0);
    assert_int_equal(todo.stop_cores, ALL & ~(1U << 1));
    assert_false(todo.stop_front);
    now += CLUSTER_STOP_MS;
    todo = step(CLUSTER_TICK, 0);
    assert_int_equal(todo.kill_cores, ALL & ~(1U << 1));
    assert_int_equal(todo.start_cores, 0); /* nor the one that had a pause */
    assert_int_equal(step(CLUSTER_CORE_ENDED, 0).note_ended, 1U << 0);
    (void)step(CLUSTER_RENEW, 0);
    (void)step(CLUSTER_LET_GO, 0);
    (void)cores_end();
    assert_int_equal(c.phase, CLUSTER_LEFT);
    assert_int_equal(cluster_shares(&c), 0);
    assert_int_equal(cluster_next_ms(&c), INT64_MAX);
    now += 10 * CLUSTER_BACKOFF_MS_MAX;
    assert_true(is_nothing(step(CLUSTER_TICK, 0)));
    assert_false(step(CLUSTER_FRONT_ENDED, 0).exit);
    now = cluster_next_ms(&c);
    assert_true(step(CLUSTER_TICK, 0).start_front);
    assert_true(step(CLUSTER_STOP, 0).stop_front);
    assert_true(step(CLUSTER_FRONT_ENDED, 0).exit);
}

/* Another supervisor runs the front. */
static void one_that_is_alone_starts_no_front(void **state)
{
    struct cluster_rule alone = rule;

    (void)state;
    alone.alone = alone.patient = true;
    now = 1000;
    cluster_init(&c, &alone, now);
    assert_false(step(CLUSTER_TICK, 0).start_front);
    assert_false(step(CLUSTER_ENROLLED, 0).start_front);
    assert_int_equal(c.phase, CLUSTER_SERVING);
    now += 10 * CLUSTER_BACKOFF_MS_MAX;
    assert_true(is_nothing(step(CLUSTER_TICK, 0)));
    assert_int_equal(cluster_next_ms(&c), INT64_MAX);
    assert_int_equal(step(CLUSTER_STOP, 0).stop_cores, ALL);
    assert_true(cores_end().exit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_core_that_comes_again_counts),
        cmocka_unit_test(a_lost_core_is_replaced_outside_of_the_epoch),
        cmocka_unit_test(too_few_shares_halt_it_for_ever),
        cmocka_unit_test(who_ended_with_a_share_is_kept),
        cmocka_unit_test(renewal_begins_anew),
        cmocka_unit_test(a_patient_one_serves_nothing_until_there_is_a_key),
        cmocka_unit_test(a_patient_one_tries_again),
        cmocka_unit_test(a_core_that_ends_before_there_is_a_key_is_no_end),
        cmocka_unit_test(what_fails_before_it_serves_ends_it),
        cmocka_unit_test(a_front_that_ends_is_restarted),
        cmocka_unit_test(pauses_are_bounded),
        cmocka_unit_test(cores_that_are_let_go_stay_away),
        cmocka_unit_test(one_that_is_alone_starts_no_front),
        cmocka_unit_test(it_ends_in_order),
        cmocka_unit_test(a_second_order_to_stop_is_obeyed_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
