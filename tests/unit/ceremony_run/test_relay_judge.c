/* How attempts at a ceremony end, and which are followed by another. */
#include "relay_rig.h"
#include "testing.h"

#include <string.h>

static void test_too_long_is_run_again(void **state)
{
    struct ceremony_answer says[N];

    (void)state;
    for (uint8_t i = 0; i < N; i++) {
        says[i] = relay_rig_aborted(CEREMONY_NORM, CEREMONY_NOBODY, 0);
    }
    for (unsigned attempt = 1; attempt <= RELAY_ATTEMPTS_MAX; attempt++) {
        assert_int_equal(rig.relay->state, RELAY_RUNS);
        assert_int_equal(rig.relay->attempt, attempt);
        assert_int_equal(rig.relay->nonce[0], attempt); /* a fresh one */
        relay_rig_begin();
        relay_rig_end_all(says);
        assert_int_equal(rig.relay->end.why, RELAY_TOO_LONG);
    }
    relay_rig_expect(RELAY_FAILED, RELAY_TOO_LONG, CEREMONY_NOBODY);
    assert_false(relay_rig_asked(0));
}

static void test_proven(void **state)
{
    struct ceremony_answer says[N];

    (void)state;
    relay_rig_begin();
    for (uint8_t i = 0; i < N; i++) {
        says[i] = relay_rig_aborted(CEREMONY_BAD_T, 4, 1);
    }
    says[4] = relay_rig_aborted(CEREMONY_BAD_DONE, 0, 1); /* it would say that */
    relay_rig_end_all(says);
    relay_rig_expect(RELAY_FAILED, RELAY_PROVEN, 4);
    assert_int_equal(rig.relay->end.reason, CEREMONY_BAD_T);
}

/* Two that lie do not get a third condemned: nobody is, and it runs again. */
static void test_proven_by_too_few(void **state)
{
    struct ceremony_answer says[N];

    (void)state;
    relay_rig_begin();
    for (uint8_t i = 0; i < N; i++) {
        says[i] = i < 2 ? relay_rig_aborted(CEREMONY_BAD_T, 3, 1)
                        : relay_rig_aborted(CEREMONY_MISSING, 0, 0);
    }
    relay_rig_end_all(says);
    relay_rig_expect(RELAY_RUNS, RELAY_ACCUSED, 0);
    assert_int_equal(rig.relay->end.reason, CEREMONY_MISSING);
    assert_int_equal(rig.relay->attempt, 2);
}

static void test_own_fault(void **state)
{
    struct ceremony_answer says[N];

    (void)state;
    relay_rig_begin();
    for (uint8_t i = 0; i < N; i++) {
        says[i] = relay_rig_aborted(CEREMONY_OWN_FAULT, 2, 0);
    }
    relay_rig_end_all(says);
    relay_rig_expect(RELAY_RUNS, RELAY_ACCUSED, 2);
}

static void test_split(void **state)
{
    struct ceremony_answer says[N];

    (void)state;
    relay_rig_begin();
    for (uint8_t i = 0; i < N; i++) {
        says[i] = i < 2 ? relay_rig_finished(1)
                        : relay_rig_aborted(CEREMONY_NORM, CEREMONY_NOBODY, 0);
    }
    relay_rig_end_all(says);
    relay_rig_expect(RELAY_RUNS, RELAY_SPLIT, CEREMONY_NOBODY);
}

/* Who goes on running when another has given up gets some time, no more. */
static void test_settle(void **state)
{
    struct ceremony_answer a = relay_rig_aborted(CEREMONY_MISSING, 3, 0);

    (void)state;
    relay_rig_begin();
    rig.now += RELAY_IDLE_MS;
    assert_true(relay_rig_asked(1));
    a.messages = relay_rig_one(1, ALL, 10);
    relay_rig_say_all(1, &a);
    assert_true(relay_rig_asked(0)); /* they are told */
    assert_int_equal(rig.body.n, MESSAGE(10));
    relay_rig_say(0, relay_rig_one(0, 1, 10));
    rig.now += RELAY_SETTLE_MS;
    assert_false(relay_rig_asked(1)); /* it hears nothing any more */
    relay_tick(rig.relay, rig.now);
    relay_rig_expect(RELAY_RUNS, RELAY_ACCUSED, 3);
    assert_int_equal(rig.relay->attempt, 2);
}

static void test_silent(void **state)
{
    (void)state;
    relay_rig_begin();
    rig.now += RELAY_IDLE_MS;
    assert_true(relay_rig_asked(2));
    assert_int_equal(relay_next_ms(rig.relay), rig.now); /* others can be asked */
    rig.now += RELAY_ANSWER_MS;
    relay_tick(rig.relay, rig.now);
    relay_rig_expect(RELAY_RUNS, RELAY_SILENT, 2);
    assert_int_equal(rig.relay->end.err, ERR_DEADLINE);
    assert_int_equal(rig.relay->attempt, 2);
    assert_false(relay_rig_asked(2)); /* its answer to the old question is still to come */
    relay_rig_say(2, relay_rig_one(2, ALL, 10));
    assert_null(rig.relay->first); /* and counts for nothing */
    assert_true(relay_rig_asked(2));
    assert_int_equal(rig.type, FRAME_CEREMONY_BEGIN);
    relay_lost(rig.relay, 2, ERR_IO, rig.now);
    relay_rig_expect(RELAY_FAILED, RELAY_SILENT, 2); /* twice is enough */
    assert_int_equal(rig.relay->end.err, ERR_IO);
}

/* Two that are silent in turn do not keep it going for ever. */
static void test_silent_in_turn(void **state)
{
    (void)state;
    for (unsigned i = 0; rig.relay->state == RELAY_RUNS; i++) {
        assert_true(i < RELAY_ATTEMPTS_MAX);
        assert_true(relay_rig_asked(i % 2));
        relay_lost(rig.relay, i % 2, ERR_IO, rig.now);
    }
    assert_int_equal(rig.relay->attempt, RELAY_ATTEMPTS_MAX);
}

static void test_slow(void **state)
{
    (void)state;
    relay_rig_begin();
    rig.now += RELAY_ATTEMPT_MS;
    relay_tick(rig.relay, rig.now);
    relay_rig_expect(RELAY_RUNS, RELAY_SLOW, CEREMONY_NOBODY);
}

static void test_refused(void **state)
{
    (void)state;
    assert_true(relay_rig_asked(1));
    relay_refused(rig.relay, 1, ERR_STATE, rig.now);
    relay_rig_expect(RELAY_FAILED, RELAY_REFUSED, 1);
    assert_int_equal(rig.relay->end.err, ERR_STATE);
}

/* A core that leaves an older key is asked again, and the attempt goes on. */
static void test_not_yet(void **state)
{
    (void)state;
    assert_true(relay_rig_asked(1));
    relay_refused(rig.relay, 1, ERR_NOSPACE, rig.now);
    assert_int_equal(rig.relay->state, RELAY_RUNS);
    assert_int_equal(rig.relay->attempt, 1);
    assert_false(relay_rig_asked(1));
    assert_true(relay_next_ms(rig.relay) <= rig.now + RELAY_IDLE_MS);
    rig.now += RELAY_IDLE_MS;
    assert_true(relay_rig_asked(1));
    relay_refused(rig.relay, 1, ERR_POLICY, rig.now);
    relay_rig_expect(RELAY_FAILED, RELAY_REFUSED, 1);
}

static void test_refused_later(void **state)
{
    (void)state;
    relay_rig_begin();
    rig.now += RELAY_IDLE_MS;
    assert_true(relay_rig_asked(1));
    relay_refused(rig.relay, 1, ERR_STATE, rig.now);
    relay_rig_expect(RELAY_RUNS, RELAY_SILENT, 1);
}

static void test_another_ceremony_there(void **state)
{
    struct ceremony_answer idle = relay_rig_running((struct view){NULL, 0});

    (void)state;
    relay_rig_begin();
    idle.state = CEREMONY_IDLE;
    rig.now += RELAY_IDLE_MS;
    assert_true(relay_rig_asked(4));
    relay_rig_say_all(4, &idle);
    relay_rig_expect(RELAY_RUNS, RELAY_SILENT, 4);
}

static void test_speaks_for_another(void **state)
{
    (void)state;
    relay_rig_begin();
    rig.now += RELAY_IDLE_MS;
    assert_true(relay_rig_asked(4));
    relay_rig_say(4, relay_rig_one(3, ALL, 10));
    relay_rig_expect(RELAY_FAILED, RELAY_MISBEHAVED, 4);
}

static void test_speaks_to_nobody(void **state)
{
    (void)state;
    relay_rig_begin();
    rig.now += RELAY_IDLE_MS;
    assert_true(relay_rig_asked(4));
    relay_rig_say(4, relay_rig_one(4, N, 10));
    relay_rig_expect(RELAY_FAILED, RELAY_MISBEHAVED, 4);
}

static void test_malformed(void **state)
{
    static const uint8_t bytes[3];

    (void)state;
    relay_rig_begin();
    rig.now += RELAY_IDLE_MS;
    assert_true(relay_rig_asked(4));
    relay_answer(rig.relay, 4, (struct view){bytes, sizeof bytes}, rig.now);
    relay_rig_expect(RELAY_FAILED, RELAY_MISBEHAVED, 4);
}

static void test_flood(void **state)
{
    size_t sent = 0;

    (void)state;
    relay_rig_begin();
    while (rig.relay->state == RELAY_RUNS && sent < 2 * (size_t)RELAY_SENDER_MAX) {
        rig.now += RELAY_IDLE_MS;
        assert_true(relay_rig_asked(0));
        relay_rig_say(0, relay_rig_one(0, 1, 200000));
        assert_true(rig.relay->nodes[0].held <= RELAY_SENDER_MAX);
        sent += 200000;
    }
    relay_rig_expect(RELAY_FAILED, RELAY_MISBEHAVED, 0);
    assert_int_equal(rig.relay->end.err, ERR_RATE);
    assert_true(sent > RELAY_SENDER_MAX - 400000);
}

static void test_bad_plan(void **state)
{
    struct relay *none = NULL;
    const struct view cut = {rig.kit.encoded.p, rig.kit.encoded.n - 1};

    (void)state;
    assert_int_equal(relay_new(cut, &entropy_os, 0, &none), ERR_TRUNCATED);
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_too_long_is_run_again),
        TEST(test_proven),
        TEST(test_proven_by_too_few),
        TEST(test_own_fault),
        TEST(test_split),
        TEST(test_settle),
        TEST(test_silent),
        TEST(test_silent_in_turn),
        TEST(test_slow),
        TEST(test_refused),
        TEST(test_not_yet),
        TEST(test_refused_later),
        TEST(test_another_ceremony_there),
        TEST(test_speaks_for_another),
        TEST(test_speaks_to_nobody),
        TEST(test_malformed),
        TEST(test_flood),
        TEST(test_bad_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
