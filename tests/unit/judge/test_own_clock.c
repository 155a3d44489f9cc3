/* The own clock under an injected adjtimex: spans, refusals, jumps. */
#include "false_clock.h"
#include "testing.h"

#include "enclave/judge/own_clock.h"

static struct false_clock kernel;
static struct own_clock clock_;
static struct own_time now;

static void start(uint8_t kind, const char *const *policies, size_t n)
{
    struct boot_args a = {.clock = kind, .n_policies = n};

    for (size_t i = 0; i < n; i++) {
        assert_int_equal(boot_policy_parse(policies[i], &a.policies[i]), ERR_OK);
    }
    false_clock_init(&kernel);
    own_clock_init(&clock_, &kernel.source, &a);
    own_clock_read(&clock_, &now);
    assert_int_equal(now.err, ERR_OK);
}

static void start_one(uint8_t kind)
{
    static const char *const policy = "1,classic,1.2.3,3,100,1000";

    start(kind, &policy, 1);
}

static enum err read_clock(void)
{
    own_clock_read(&clock_, &now);
    return now.err;
}

static void test_kernel_span_is_its_bound(void **state)
{
    (void)state;
    start_one(CLOCK_KERNEL);
    assert_int_equal(now.lo_ns, START_NS - 2 * MS);
    assert_int_equal(now.hi_ns, START_NS + 2 * MS);
    assert_int_equal(now.bound_us, 2000);
    kernel.kernel.bound_us = 749000;
    assert_int_equal(read_clock(), ERR_OK);
    assert_int_equal(now.hi_ns - now.lo_ns, INT64_C(2) * 749 * MS);
    kernel.kernel.bound_us = 749001;
    assert_int_equal(read_clock(), ERR_TIME);
    assert_int_equal(now.lo_ns, 0);
    assert_int_equal(now.hi_ns, 0);
    kernel.kernel.bound_us = 10;
    kernel.kernel.synchronised = false;
    assert_int_equal(read_clock(), ERR_TIME);
    assert_false(now.synchronised);
    kernel.err = ERR_IO;
    assert_int_equal(read_clock(), ERR_IO);
    assert_false(now.stepped);
}

static void test_kernel_bound_follows_the_loosest_policy(void **state)
{
    static const char *const policies[] = {"1,classic,1.2.3,3,100,400",
                                           "2,classic,1.2.4,3,100,2000"};

    (void)state;
    start(CLOCK_KERNEL, policies, 2);
    kernel.kernel.bound_us = 1749000;
    assert_int_equal(read_clock(), ERR_OK);
    kernel.kernel.bound_us++;
    assert_int_equal(read_clock(), ERR_TIME);
}

static void test_trust_system_declares(void **state)
{
    static const char *const policies[] = {"1,classic,1.2.3,3,100,1000",
                                           "2,classic,1.2.4,0,100,1100"};

    (void)state;
    start_one(CLOCK_TRUST_SYSTEM);
    assert_int_equal(now.lo_ns, START_NS - 749 * MS);
    assert_int_equal(now.hi_ns, START_NS + 749 * MS);
    kernel.kernel.synchronised = false;
    kernel.kernel.bound_us = 16000000;
    assert_int_equal(read_clock(), ERR_OK);
    assert_int_equal(now.bound_us, 16000000);
    assert_false(now.synchronised);
    /* Whole seconds cost half of one. */
    start(CLOCK_TRUST_SYSTEM, policies, 2);
    assert_int_equal(now.hi_ns - now.lo_ns, INT64_C(2) * (1100 - 250 - 1 - 500) * MS);
}

/* The R1s of one stamp are up to the life of one apart. */
static void test_several_cores_declare_less(void **state)
{
    struct boot_args a = {.clock = CLOCK_TRUST_SYSTEM, .n_policies = 1, .member = true};

    (void)state;
    false_clock_init(&kernel);
    assert_int_equal(boot_policy_parse("1,pq,1.2.3,3,100,1000", &a.policies[0]), ERR_OK);
    own_clock_init(&clock_, &kernel.source, &a);
    assert_int_equal(read_clock(), ERR_OK);
    assert_int_equal(now.hi_ns, START_NS + (1000 - 250 - 1 - 250) * MS);
    assert_int_equal(boot_policy_parse("1,pq,1.2.3,3,100,300", &a.policies[0]), ERR_OK);
    own_clock_init(&clock_, &kernel.source, &a);
    assert_int_equal(read_clock(), ERR_OK);
    assert_int_equal(now.hi_ns, START_NS + MS);
}

static void test_each_policy_gets_its_accuracy(void **state)
{
    static const struct {
        const char *policy;
        uint32_t accuracy_ms;
    } cases[] = {
        {"1,classic,1.2.3,3,100,1000", 1000}, {"1,classic,1.2.3,2,100,1000", 1000},
        {"1,classic,1.2.3,1,100,1000", 1000}, {"1,classic,1.2.3,0,100,1000", 1000},
        {"1,classic,1.2.3,3,100,252", 252},   {"1,classic,1.2.3,3,100,60000", 60000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start(CLOCK_TRUST_SYSTEM, &cases[i].policy, 1);
        for (int64_t at = 0; at < 1200 * MS; at += 7 * MS + 1) {
            struct r2_head h = {.key = KEY_CLASSIC, .t = 1, .signers = {1}, .n = 1};
            struct r1_body b = {.key = KEY_CLASSIC, .index = 1};
            uint8_t body[R1_BODY_LEN];
            uint8_t imprint[32] = {0};
            struct writer w = wr_init(body, sizeof body);
            struct r2_stamp s = {.bodies = {body, sizeof body},
                                 .hash_alg = HASH_SHA256,
                                 .hashed_message = {imprint, sizeof imprint}};
            struct boot_policy p;
            struct stamp st;

            assert_int_equal(boot_policy_parse(cases[i].policy, &p), ERR_OK);
            false_clock_go(&kernel, 7 * MS + 1);
            assert_int_equal(read_clock(), ERR_OK);
            b.lo_ns = now.lo_ns;
            b.hi_ns = now.hi_ns;
            r1_body_encode(&w, &b);
            assert_int_equal(stamp_derive(&h, &s, &p.rule, &st), ERR_OK);
            assert_in_range(st.accuracy_ms, cases[i].accuracy_ms / 2, cases[i].accuracy_ms);
            if (p.rule.digits == 3) {
                assert_int_equal(st.accuracy_ms, cases[i].accuracy_ms);
            }
        }
    }
}

/* Refused from now on for the steady time, then good again. */
static void expect_event(uint64_t events)
{
    assert_int_equal(read_clock(), ERR_TIME);
    assert_true(now.stepped);
    assert_int_equal(clock_.events, events);
    false_clock_go(&kernel, OWN_CLOCK_STEADY_NS - 1);
    assert_int_equal(read_clock(), ERR_TIME);
    assert_false(now.stepped);
    false_clock_go(&kernel, 1);
    assert_int_equal(read_clock(), ERR_OK);
    assert_int_equal(clock_.events, events);
}

static void test_jumps_are_events(void **state)
{
    (void)state;
    start_one(CLOCK_TRUST_SYSTEM);
    false_clock_go(&kernel, SECOND);
    assert_int_equal(read_clock(), ERR_OK);
    kernel.kernel.now_ns += 101 * MS;
    expect_event(1);
    kernel.kernel.now_ns -= 101 * MS;
    expect_event(2);
    kernel.kernel.now_ns += 1000000 * SECOND;
    expect_event(3);
    kernel.kernel.now_ns -= 1000000 * SECOND;
    expect_event(4);
    kernel.mono_ns += 150 * MS; /* a machine that stood still, its clock since corrected */
    expect_event(5);
    kernel.kernel.now_ns += 99 * MS; /* within what a daemon may correct at once */
    assert_int_equal(read_clock(), ERR_OK);
}

static void test_small_jumps_add_up(void **state)
{
    int n = 0;

    (void)state;
    start_one(CLOCK_TRUST_SYSTEM);
    while (read_clock() == ERR_OK && n < 1000) {
        false_clock_go(&kernel, 100 * MS);
        kernel.kernel.now_ns += 1 * MS; /* 1 %: ten times what slewing may be */
        n++;
    }
    assert_true(now.stepped);
    assert_in_range(n, 100, 120);
}

static void test_slewing_is_no_event(void **state)
{
    (void)state;
    start_one(CLOCK_KERNEL);
    for (int i = 0; i < 100000; i++) { /* 500 ppm for three hours, then back */
        false_clock_go(&kernel, 100 * MS);
        kernel.kernel.bound_us = 2000;
        kernel.kernel.now_ns += i < 50000 ? 50000 : -50000;
        assert_int_equal(read_clock(), ERR_OK);
    }
    /* A long time without a reading allows as much. */
    false_clock_go(&kernel, 3600 * SECOND);
    kernel.kernel.bound_us = 2000;
    kernel.kernel.now_ns += 3600 * SECOND / 2000;
    assert_int_equal(read_clock(), ERR_OK);
    assert_int_equal(clock_.events, 0);
}

static void test_never_below_what_was_given(void **state)
{
    (void)state;
    start_one(CLOCK_TRUST_SYSTEM);
    own_clock_give(&clock_, &now);
    kernel.mono_ns += MS;
    kernel.kernel.now_ns -= 1; /* far too small a step to be found otherwise */
    assert_int_equal(read_clock(), ERR_TIME);
    assert_true(now.stepped);
    false_clock_go(&kernel, OWN_CLOCK_STEADY_NS);
    assert_int_equal(read_clock(), ERR_OK);
    own_clock_give(&clock_, &now);
    /* Set back by an hour: refused for that hour, and served after it. */
    kernel.kernel.now_ns -= 3600 * SECOND;
    for (int s = 0; s < 3600; s++) {
        assert_int_equal(read_clock(), ERR_TIME);
        false_clock_go(&kernel, SECOND);
    }
    false_clock_go(&kernel, OWN_CLOCK_STEADY_NS);
    assert_int_equal(read_clock(), ERR_OK);
    assert_true(now.lo_ns + (now.hi_ns - now.lo_ns) / 2 > clock_.given_ns);
}

static void test_leap_second(void **state)
{
    (void)state;
    start_one(CLOCK_KERNEL);
    own_clock_give(&clock_, &now);
    kernel.kernel.now_ns -= SECOND; /* 23:59:60 as Linux counts it */
    expect_event(1);
}

static void test_put_off_between_two_clocks(void **state)
{
    (void)state;
    start_one(CLOCK_KERNEL);
    kernel.read_cost_ns = 500 * MS; /* each reading takes so long: nothing can be said */
    assert_int_equal(read_clock(), ERR_TIME);
    assert_false(now.stepped);
    kernel.read_cost_ns = 0;
    kernel.kernel.now_ns += 1500 * MS;
    assert_int_equal(read_clock(), ERR_OK);
    assert_int_equal(clock_.events, 0);
}

static void test_times_outside_the_format(void **state)
{
    static const int64_t times[] = {INT64_MIN + 2000 * SECOND, -1, 0, 748 * MS,
                                    STAMP_TIME_MAX_NS};

    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        start_one(CLOCK_TRUST_SYSTEM);
        kernel.mono_ns = 0;
        kernel.kernel.now_ns = times[i];
        clock_.started = false;
        assert_int_equal(read_clock(), ERR_TIME);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernel_span_is_its_bound),
        cmocka_unit_test(test_kernel_bound_follows_the_loosest_policy),
        cmocka_unit_test(test_trust_system_declares),
        cmocka_unit_test(test_several_cores_declare_less),
        cmocka_unit_test(test_each_policy_gets_its_accuracy),
        cmocka_unit_test(test_jumps_are_events),
        cmocka_unit_test(test_small_jumps_add_up),
        cmocka_unit_test(test_slewing_is_no_event),
        cmocka_unit_test(test_never_below_what_was_given),
        cmocka_unit_test(test_leap_second),
        cmocka_unit_test(test_put_off_between_two_clocks),
        cmocka_unit_test(test_times_outside_the_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
