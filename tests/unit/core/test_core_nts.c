/* A core whose time comes in samples of its time client. */
#include "core_fixture.h"

#include "wire/time_status.h"

#include <string.h>

#define TABLE "1483228800:37@4102444800"
#define TAI_NS (START_NS + 37 * SECOND)

static struct rounds rounds;
static uint64_t seq;

static struct core_fixture *boot(void)
{
    static const char *const policy = "1,classic,1.2.3,3,100,1000";
    struct core_fixture *const f = core_fixture_boot(CLOCK_TRUST_SYSTEM, &policy, 1);
    const struct core_setup setup = {
        .args = &f->args, .entropy = &f->entropy.source, .clock = &f->clock.source};

    f->args.clock = CLOCK_NTS;
    assert_int_equal(leap_table_parse(TABLE, &f->args.leaps), ERR_OK);
    seq = 0;
    f->clock.err = ERR_IO; /* the kernel's time is not asked for */
    assert_int_equal(core_init(&f->core, &setup), ERR_OK);
    assert_int_equal(core_start(&f->core, ERR_OK, &f->public), ERR_OK);
    return f;
}

/* Time goes on, in steps that are no gap. */
static void go(struct core_fixture *f, int64_t ns)
{
    for (; ns > 0; ns -= 100 * MS) {
        false_clock_go(&f->clock, ns < 100 * MS ? ns : 100 * MS);
        core_tick(&f->core);
    }
}

/* A sample of now that is off by that much, from the time client or from anybody. */
static enum err sample(struct core_fixture *f, int64_t off_ns, bool timed)
{
    const int64_t tai_ns = f->clock.kernel.now_ns + 37 * SECOND + off_ns;
    const struct time_report r = {
        .sample = {.seq = ++seq,
                   .counter_ns = f->clock.counter_ns,
                   .since_ns = f->clock.counter_ns,
                   .lo_ns = tai_ns - MS,
                   .hi_ns = tai_ns + MS,
                   .sources = 4,
                   .quota = 3,
                   .agreeing = 4},
        .n_sources = 1,
        .rows = {
            {.name = {(const uint8_t *)"ptb", 3}, .state = TIME_SOURCE_AGREES, .reach = 1}}};
    uint8_t body[128];
    struct writer bw = wr_init(body, sizeof body);
    struct writer w = wr_init(f->reply, LIMIT_ANSWER);
    struct core_call call = {.head = {FRAME_TIME_SAMPLE, 0, ++f->request_id}, .timed = timed};
    enum err e = ERR_OK;

    time_report_encode(&bw, &r);
    call.body = (struct view){body, bw.len};
    call.head.body_len = (uint32_t)bw.len;
    assert_null(core_step(&f->core, &call, &w));
    assert_int_equal(frame_header_decode((struct view){f->reply, w.len}, &f->head), ERR_OK);
    if (f->head.type == FRAME_ERROR) {
        assert_int_equal(frame_error_decode((struct view){f->reply + FRAME_HEADER_LEN, 2}, &e),
                         ERR_OK);
        return e;
    }
    assert_int_equal(f->head.type, FRAME_TIME_SAMPLE | FRAME_ANSWER);
    assert_int_equal(w.len, FRAME_HEADER_LEN);
    return ERR_OK;
}

static struct core_fixture *serving(void)
{
    struct core_fixture *const f = boot();

    go(f, SECOND);
    assert_int_equal(sample(f, 0, true), ERR_OK);
    assert_int_equal(core_fixture_activate(f, 1), ERR_OK);
    assert_int_equal(f->core.state, CORE_SERVING);
    return f;
}

static void serves_by_samples(void **state)
{
    struct core_fixture *const f = boot();

    (void)state;
    assert_int_equal(f->core.state, CORE_TIME_SYNC);
    go(f, SECOND);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_TIME);
    assert_int_equal(sample(f, 0, true), ERR_OK);
    assert_int_equal(f->core.state, CORE_WAITING);
    assert_int_equal(core_fixture_activate(f, 1), ERR_OK);
    assert_int_equal(f->core.state, CORE_SERVING);
    assert_int_equal(f->core.now.lo_ns + f->core.now.hi_ns, 2 * f->clock.kernel.now_ns);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_OK);
    assert_int_equal(core_fixture_audited(f, AUDIT_TIME, TIME_HOLDS, -1), 1);
    assert_int_equal(core_fixture_audited(f, AUDIT_TIME_ADJUSTED, 0, 2500), 1);
}

/* The host reaches the core, too: it is not believed. */
static void only_the_time_client_is_heard(void **state)
{
    struct core_fixture *f = boot();

    (void)state;
    assert_int_equal(sample(f, 0, false), ERR_TYPE);
    assert_int_equal(f->core.state, CORE_TIME_SYNC);
    f = core_fixture_serving(); /* of another clock */
    assert_int_equal(sample(f, 0, true), ERR_TYPE);
}

static void a_sample_counts_once(void **state)
{
    struct core_fixture *const f = serving();

    (void)state;
    seq--;
    assert_int_equal(sample(f, 0, true), ERR_STALE);
    assert_int_equal(f->core.state, CORE_SERVING);
}

static void a_jump_ends_it_until_samples_agree(void **state)
{
    struct core_fixture *const f = serving();

    (void)state;
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    f->clock.counter_ns += SECOND;
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_TIME);
    assert_int_equal(f->core.state, CORE_TIME_DRIFT);
    assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), 0);
    assert_int_equal(core_fixture_audited(f, AUDIT_TIME_EVENT, TIME_EVENT_JUMP, -1), 1);
    assert_int_equal(core_fixture_audited(f, AUDIT_TIME, TIME_NO_SAMPLE, -1), 1);
    for (int i = 0; i < 2; i++) {
        go(f, SECOND);
        assert_int_equal(sample(f, 0, true), ERR_OK);
    }
    assert_int_equal(f->core.state, CORE_TIME_DRIFT);
    go(f, KEEPER_STEADY_NS);
    assert_int_equal(f->core.state, CORE_SERVING);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_OK);
}

static void samples_that_exclude_one_another(void **state)
{
    struct core_fixture *const f = serving();

    (void)state;
    assert_int_equal(rounds_r1(f, 2, &rounds), ERR_OK);
    go(f, 100 * MS);
    assert_int_equal(sample(f, 50 * MS, true), ERR_OK);
    assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), 0);
    assert_int_equal(f->core.state, CORE_TIME_DRIFT);
    assert_int_equal(core_fixture_audited(f, AUDIT_TIME_EVENT, TIME_EVENT_DISJOINT, -1), 1);
}

/* Without samples the bound grows by 200 ppm until no policy takes it. */
static void holds_over_and_then_refuses(void **state)
{
    struct core_fixture *const f = serving();
    int minutes = 0;

    (void)state;
    while (f->core.state == CORE_SERVING) {
        go(f, 60 * SECOND);
        minutes++;
    }
    assert_in_range(minutes, 60, 64); /* 746 ms by 200 ppm */
    assert_int_equal(f->core.state, CORE_TIME_DRIFT);
    assert_int_equal(f->core.now.reason, TIME_WIDE);
    assert_int_equal(sample(f, 0, true), ERR_OK);
    assert_int_equal(f->core.state, CORE_SERVING);
}

/* A clock that cannot be read at one moment gives no time, and is no event. */
static void put_off_between_two_clocks(void **state)
{
    struct core_fixture *const f = serving();
    const uint64_t events = f->core.clock.events;

    (void)state;
    f->clock.mono_cost_ns = MS;
    core_tick(&f->core);
    assert_int_equal(f->core.state, CORE_TIME_DRIFT);
    assert_int_equal(f->core.clock.events, events);
}

static void tell(struct core_fixture *f, struct time_status *out)
{
    assert_int_equal(core_fixture_call(f, FRAME_TIME_STATUS, (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(time_status_decode(f->body, out), ERR_OK);
}

static void it_says_what_it_holds_and_why(void **state)
{
    struct core_fixture *const f = boot();
    struct time_status s;

    (void)state;
    tell(f, &s);
    assert_int_equal(s.reason, TIME_NO_SAMPLE);
    assert_int_equal(s.err, ERR_TIME);
    assert_int_equal(s.flags, TIME_STATUS_PERMIT);
    assert_true(s.heard_ms == TIME_AGE_NEVER && s.sample_ms == TIME_AGE_NEVER);
    assert_int_equal(s.n_sources, 0);
    go(f, SECOND);
    f->clock.err = ERR_OK;
    assert_int_equal(sample(f, 20 * MS, true), ERR_OK);
    go(f, SECOND);
    tell(f, &s);
    assert_string_equal(time_status_label(&s), "nts, CLOCK_MONOTONIC_RAW");
    assert_int_equal(s.reason, TIME_HOLDS);
    assert_int_equal(s.flags, TIME_STATUS_VALID | TIME_STATUS_SPAN | TIME_STATUS_PERMIT);
    assert_in_range(s.offset_ns, 19 * MS, 21 * MS); /* the machine's clock is behind */
    assert_in_range(s.half_width_ns, MS, 4 * MS);
    assert_int_equal(s.bound_ns, 749 * MS);
    assert_int_equal(s.heard_ms, 1000);
    assert_int_equal(s.sample_ms, 1000);
    assert_true(s.rate_lo_ppb == -CLOCK_DRIFT_PPB && s.rate_hi_ppb == CLOCK_DRIFT_PPB);
    assert_true(s.leap == TIME_LEAP_NONE && s.change == TIME_LEAP_NONE);
    assert_int_equal(s.leap_expires_s, 4102444800);
    assert_true(s.sources == 4 && s.quota == 3 && s.agreeing == 4);
    assert_true(s.adjusted == 1 && s.events == 0 && s.given_ns == 0);
    assert_true(s.total == 0 && s.peers == 0);
    assert_int_equal(s.n_sources, 1);
    assert_memory_equal(s.rows[0].name.p, "ptb", 3);
    assert_int_equal(
        core_fixture_call(f, FRAME_TIME_STATUS, (struct view){(const uint8_t *)"x", 1}),
        ERR_TRAILING);
}

/* Each adjustment is counted, and is an entry of the audit. */
static void it_counts_what_changed_it(void **state)
{
    struct core_fixture *const f = serving();
    struct time_status s;

    (void)state;
    for (int i = 0; i < 5; i++) {
        go(f, SECOND);
        assert_int_equal(sample(f, i * MS / 10, true), ERR_OK);
    }
    tell(f, &s);
    assert_int_equal(s.adjusted, 6);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    go(f, 31 * SECOND);
    tell(f, &s);
    assert_int_not_equal(s.flags & TIME_STATUS_HOLDOVER, 0);
    assert_in_range(s.given_ns, f->clock.kernel.now_ns - 32 * SECOND,
                    f->clock.kernel.now_ns - 30 * SECOND);
    f->clock.counter_ns += SECOND;
    tell(f, &s);
    assert_int_equal(s.events, 1);
    assert_int_equal(s.reason, TIME_NO_SAMPLE);
    assert_int_equal(s.state, CORE_TIME_DRIFT);
    assert_int_equal(s.flags, TIME_STATUS_PERMIT);
    assert_int_equal(s.sample_ms, TIME_AGE_NEVER);
    assert_int_equal(s.n_sources, 1);
}

static void of_the_kernel_it_says_what_the_kernel_says(void **state)
{
    static const char *const policy = "1,classic,1.2.3,3,100,1000";
    struct core_fixture *const f = core_fixture_boot(CLOCK_KERNEL, &policy, 1);
    struct time_status s;

    (void)state;
    assert_int_equal(core_start(&f->core, ERR_OK, &f->public), ERR_OK);
    tell(f, &s);
    assert_string_equal(time_status_label(&s), "kernel, untrusted");
    assert_int_equal(s.reason, TIME_HOLDS);
    assert_int_equal(s.half_width_ns, 2 * MS);
    assert_true(s.offset_ns == 0 && s.rate_hi_ppb == 0 && s.leap_expires_s == 0);
    f->clock.kernel.bound_us = 2000000;
    tell(f, &s);
    assert_int_equal(s.reason, TIME_WIDE);
    assert_int_equal(s.half_width_ns, 2000 * MS);
    f->clock.kernel.synchronised = false;
    tell(f, &s);
    assert_int_equal(s.reason, TIME_UNSYNCHRONISED);
    assert_int_equal(s.flags, TIME_STATUS_PERMIT);
    f->clock.err = ERR_IO;
    tell(f, &s);
    assert_int_equal(s.reason, TIME_UNREADABLE);
    f->clock.err = ERR_OK;
    f->clock.kernel.synchronised = true;
    f->clock.kernel.bound_us = 2000;
    f->clock.kernel.now_ns += SECOND;
    tell(f, &s);
    assert_int_equal(s.reason, TIME_UNSTEADY);
    assert_int_equal(s.events, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_by_samples),
        cmocka_unit_test(only_the_time_client_is_heard),
        cmocka_unit_test(a_sample_counts_once),
        cmocka_unit_test(a_jump_ends_it_until_samples_agree),
        cmocka_unit_test(samples_that_exclude_one_another),
        cmocka_unit_test(holds_over_and_then_refuses),
        cmocka_unit_test(put_off_between_two_clocks),
        cmocka_unit_test(it_says_what_it_holds_and_why),
        cmocka_unit_test(it_counts_what_changed_it),
        cmocka_unit_test(of_the_kernel_it_says_what_the_kernel_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
