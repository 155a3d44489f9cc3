#include "chain_fixture.h"
#include "fake_work.h"
#include "front_fixture.h"
#include "testing.h"

#include "host/front/readiness.h"

#include <string.h>

static struct front *front;
static struct fixture *chain;

static int begin(void **state)
{
    (void)state;
    front = front_fixture_new(&chain);
    return 0;
}

static int end(void **state)
{
    (void)state;
    front_fixture_free(front, chain);
    return 0;
}

static struct time_views times;

/* Judges a snapshot made of what the fake core says now. */
static struct readiness judge(bool with_chain, bool journal, int64_t now_s)
{
    struct serving *old = serving_get(&front->slot);
    struct held_chain *const chains[WIRE_KEYS_MAX] = {with_chain ? old->legs[0].held[0] : NULL,
                                                      old->legs[1].held[0]};
    struct serving *s =
        front_fixture_snapshot(&old->config, chains[0], chains[1], front->metrics);
    struct cores_view cores;

    cores_look(NULL, &cores);
    const struct readiness r = readiness_judge(s, &cores, &times, journal, now_s);

    serving_put(s);
    serving_put(old);
    return r;
}

static void is_ready(void **state)
{
    const struct readiness r = judge(true, true, FIXTURE_NOW);

    (void)state;
    assert_true(r.ready && r.key_live && r.certificate && r.clock && r.journal);
    assert_string_equal(r.reason, "");
    assert_string_equal(r.time, "kernel");
    assert_int_equal(r.error_bound_us, 1000);
}

/* Development may do without; nobody is kept from stamping by it. */
static void says_that_memory_is_not_locked(void **state)
{
    const struct coord_core_view good = fake.core;
    struct readiness r = judge(true, true, FIXTURE_NOW);

    (void)state;
    assert_true(r.memory_locked);
    fake.core.flags |= HELLO_FLAG_UNLOCKED;
    r = judge(true, true, FIXTURE_NOW);
    assert_true(r.ready && !r.memory_locked);
    fake.core.connected = false; /* nobody knows */
    assert_true(judge(true, true, FIXTURE_NOW).memory_locked);
    fake.core = good;
}

static void says_why_not(void **state)
{
    const struct coord_core_view good = fake.core;

    (void)state;
    assert_string_equal(judge(false, true, FIXTURE_NOW).reason, "no certificate");
    assert_string_equal(judge(true, true, FIXTURE_NOW + 1001).reason,
                        "the certificate is not valid now");
    assert_string_equal(judge(true, true, FIXTURE_NOW - 101).reason,
                        "the certificate is not valid now");
    assert_string_equal(judge(true, false, FIXTURE_NOW).reason,
                        "the journal cannot be written");
    fake.core.connected = false;
    assert_string_equal(judge(true, true, FIXTURE_NOW).reason, "no core answers");
    assert_string_equal(judge(true, true, FIXTURE_NOW).time, "unknown");
    fake.core = good;
    fake.core.keys[0].bytes[5] ^= 1;
    assert_false(judge(true, true, FIXTURE_NOW).key_live);
    fake.core = good;
    fake.core.status.activation[0][0] ^= 1;
    assert_false(judge(true, true, FIXTURE_NOW).ready);
    fake.core = good;
    fake.core.status.state = CORE_TIME_DRIFT;
    assert_false(judge(true, true, FIXTURE_NOW).key_live);
    fake.core = good;
    fake.core.age_ms = READINESS_AGE_MAX_MS + 1;
    assert_false(judge(true, true, FIXTURE_NOW).ready);
    fake.core = good;
    fake.core.policies[0].digits = 1; /* the default policy is not the core's */
    assert_false(judge(true, true, FIXTURE_NOW).ready);
}

/* The cause, not what follows from it. */
static void says_that_the_time_is_why(void **state)
{
    (void)state;
    fake.core.status.state = CORE_TIME_DRIFT;
    assert_string_equal(judge(true, true, FIXTURE_NOW).reason, "time: not known well enough");
    assert_string_equal(judge(true, true, FIXTURE_NOW).time_reason, "unknown");
    times.n = 1;
    times.at[0].known = true;
    for (unsigned reason = 0; reason < 256; reason++) {
        const char *const name = time_reason_name((enum time_reason)reason);

        times.at[0].status.reason = (uint8_t)reason;
        const struct readiness r = judge(false, true, FIXTURE_NOW);

        assert_false(r.ready);
        assert_string_equal(r.time_reason, name);
        assert_int_equal(strncmp(r.reason, "time: ", 6), 0);
        assert_int_equal(strcmp(r.reason, "time: not known well enough") == 0,
                         reason == TIME_HOLDS || strcmp(name, "unknown") == 0);
    }
    fake.core.status.state = CORE_WAITING; /* then it is something else */
    assert_string_equal(judge(false, true, FIXTURE_NOW).reason, "no certificate");
    fake.core.status.state = CORE_TIME_DRIFT;
    fake.core.silent = true;
    assert_string_equal(judge(false, true, FIXTURE_NOW).reason, "no certificate");
    times = (struct time_views){0};
}

/* Of several: only if with them there were enough. */
static void the_time_of_several_is_why(void **state)
{
    struct coord_core_view *const more = fake.more;

    (void)state;
    fake.epoch = (struct coord_epoch_view){
        .n = 3, .together = true, .has_roster = true, .threshold = 2, .total = 3};
    fake.epoch.answering = 1;
    more[0] = more[1] = fake.core;
    more[0].connected = false;
    more[1].status.state = CORE_TIME_DRIFT;
    times.n = 3;
    times.at[2].known = true;
    times.at[2].status.reason = TIME_PEERS;
    assert_string_equal(judge(true, true, FIXTURE_NOW).reason,
                        "time: too few cores' clocks agree");
    assert_string_equal(judge(true, true, FIXTURE_NOW).time_reason, "peers");
    fake.epoch.threshold = 3;
    assert_string_equal(judge(true, true, FIXTURE_NOW).reason, "too few cores answer");
    fake.epoch.halted = true;
    assert_int_equal(strncmp(judge(true, true, FIXTURE_NOW).reason, "halted", 6), 0);
    times = (struct time_views){0};
}

static void it_names_what_is_believed(void **state)
{
    (void)state;
    fake.core.clock = CLOCK_NTS;
    assert_string_equal(judge(true, true, FIXTURE_NOW).time, "nts");
    fake.core.clock = CLOCK_KERNEL;
}

static void watches_the_clock(void **state)
{
    struct readiness r;

    (void)state;
    fake.core.status.time_valid = 0;
    r = judge(true, true, FIXTURE_NOW);
    assert_false(r.ready);
    assert_int_equal(r.error_bound_us, -1);
    assert_string_equal(r.reason, "the clock is not known well enough");
    fake.core.status.time_valid = 1;
    /* The policy's second, less the life of an R1, is what the core's own bound may take. */
    fake.core.status.hi_ns = fake.core.status.lo_ns + 2 * INT64_C(750000000);
    assert_true(judge(true, true, FIXTURE_NOW).ready);
    fake.core.status.hi_ns += 2000000;
    assert_false(judge(true, true, FIXTURE_NOW).ready);
}

static void calls_untrusted_time_so(void **state)
{
    (void)state;
    fake.core.clock = CLOCK_TRUST_SYSTEM;
    assert_string_equal(judge(true, true, FIXTURE_NOW).time, "untrusted (trust-system)");
    assert_true(judge(true, true, FIXTURE_NOW).ready);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_ready, begin, end),
        cmocka_unit_test_setup_teardown(says_that_memory_is_not_locked, begin, end),
        cmocka_unit_test_setup_teardown(says_why_not, begin, end),
        cmocka_unit_test_setup_teardown(watches_the_clock, begin, end),
        cmocka_unit_test_setup_teardown(says_that_the_time_is_why, begin, end),
        cmocka_unit_test_setup_teardown(the_time_of_several_is_why, begin, end),
        cmocka_unit_test_setup_teardown(it_names_what_is_believed, begin, end),
        cmocka_unit_test_setup_teardown(calls_untrusted_time_so, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
