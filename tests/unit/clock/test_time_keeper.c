#include "clock_rig.h"

#include <stdlib.h>

#define LEAP_S INT64_C(1483228800) /* 2017-01-01: 36 before, 37 after */

static struct clock_rig rig;

static void start(void)
{
    rig_start(&rig, RIG_TABLE, RIG_TAI);
}

/* Serving, with a bound of some 3 ms. */
static void start_serving(void)
{
    start();
    rig_go(&rig, NS_S);
    assert_int_equal(rig_sample(&rig, 0, NS_MS), KEEPER_TAKEN);
    assert_int_equal(rig.now.reason, TIME_HOLDS);
}

static void serves_after_the_first_sample(void **state)
{
    (void)state;
    start();
    rig_go(&rig, NS_S);
    assert_int_equal(rig.now.reason, TIME_NO_SAMPLE);
    assert_int_equal(rig_sample(&rig, 0, NS_MS), KEEPER_TAKEN);
    assert_int_equal(rig_error(&rig), 0);
    assert_int_equal(rig.now.half_ns, NS_MS + WATCH_UNSEEN_NS);
    assert_int_equal(rig.now.lo_ns, rig.tai_ns - 37 * NS_S - rig.now.half_ns);
    assert_int_equal(rig.now.hi_ns, rig.tai_ns - 37 * NS_S + rig.now.half_ns);
}

static void a_sample_of_too_few_says_nothing(void **state)
{
    const struct time_sample few = {.seq = 1,
                                    .counter_ns = 100 * NS_S,
                                    .since_ns = 100 * NS_S,
                                    .lo_ns = RIG_TAI,
                                    .hi_ns = RIG_TAI + NS_MS,
                                    .sources = 4,
                                    .quota = 3,
                                    .agreeing = 2};
    struct time_sample s = few;
    int64_t moved = 1;

    (void)state;
    start();
    assert_int_equal(rig.now.half_ns, 0); /* no span at all */
    assert_int_equal(time_keeper_take(&rig.keeper, &s, &moved), KEEPER_IGNORED);
    assert_int_equal(moved, 0);
    assert_int_equal(time_keeper_take(&rig.keeper, &s, &moved), KEEPER_REPLAYED);
    s.seq = 2;
    s.agreeing = 4;
    s.counter_ns = rig.counter_ns + 1; /* of the future */
    assert_int_equal(time_keeper_take(&rig.keeper, &s, &moved), KEEPER_IGNORED);
    assert_int_equal(rig.keeper.seq, 1);
    s.counter_ns = rig.counter_ns;
    s.lo_ns = LEAP_UNIX_MAX * NS_S - NS_MS; /* when there is no table any more */
    s.hi_ns = LEAP_UNIX_MAX * NS_S;
    assert_int_equal(time_keeper_take(&rig.keeper, &s, &moved), KEEPER_IGNORED);
    assert_false(rig.keeper.model.set);
    rig.seq = 2;
    assert_int_equal(rig_sample(&rig, 0, NS_S / 2 + 1), KEEPER_IGNORED);
    assert_int_equal(rig.now.reason, TIME_NO_SAMPLE);
}

static void a_sample_is_not_taken_twice(void **state)
{
    struct time_sample s = {.seq = 9,
                            .counter_ns = 101 * NS_S,
                            .since_ns = 101 * NS_S,
                            .lo_ns = RIG_TAI,
                            .hi_ns = RIG_TAI + 2 * NS_S - 1,
                            .sources = 1,
                            .quota = 1,
                            .agreeing = 1};
    int64_t moved;

    (void)state;
    start_serving();
    s.seq = rig.seq;
    assert_int_equal(time_keeper_take(&rig.keeper, &s, &moved), KEEPER_REPLAYED);
    s.seq++; /* a new number, and an old counter */
    s.counter_ns = rig.counter_ns;
    assert_int_equal(time_keeper_take(&rig.keeper, &s, &moved), KEEPER_REPLAYED);
}

static void learns_the_rate(void **state)
{
    static const int64_t rates[] = {0, 40000, -60000, 199000, -199000};

    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        const struct clock_rate *const s = &rig.keeper.model.slope;

        start();
        rig.rate_ppb = rates[i];
        rig_sampled(&rig, 900 * NS_S, NS_MS);
        assert_true(s->hi_ppb - s->lo_ppb <= 5000); /* of two spans of 2 ms in 15 min */
        assert_true(s->lo_ppb <= -rates[i] + 50 && s->hi_ppb >= -rates[i] - 50);
        assert_true(rig.now.half_ns <= 5 * NS_MS);
        assert_true(llabs(rig_error(&rig)) <= NS_MS);
    }
}

/* An hour without an answer: inside of 100 ms, and refused exactly when the bound is over it.
 */
static void holds_over(void **state)
{
    int64_t last = 0;
    int64_t held = 0;

    (void)state;
    start();
    rig.rate_ppb = 30000;
    rig_sampled(&rig, 3600 * NS_S, NS_MS);
    while (rig_read(&rig) == TIME_HOLDS) {
        assert_true(rig.now.half_ns <= 100 * NS_MS);
        last = rig.now.half_ns;
        held += 100 * NS_MS;
        rig_go(&rig, 100 * NS_MS);
    }
    assert_true(held > 3600 * NS_S);
    assert_int_equal(rig.now.reason, TIME_WIDE);
    assert_true(rig.now.half_ns > 100 * NS_MS && last > 100 * NS_MS - 100000);
    assert_true(llabs(rig.now.half_ns) < 101 * NS_MS);
    /* Regained only well below it. */
    assert_int_equal(rig_sample(&rig, 0, 90 * NS_MS), KEEPER_TAKEN);
    assert_int_equal(rig.now.reason, TIME_WIDE);
    rig_go(&rig, NS_S);
    assert_int_equal(rig_sample(&rig, 0, 60 * NS_MS), KEEPER_TAKEN);
    assert_int_equal(rig.now.reason, TIME_HOLDS);
}

static void never_goes_back_and_slews(void **state)
{
    int64_t before;

    (void)state;
    start();
    assert_int_equal(rig_sample(&rig, 20 * NS_MS, 25 * NS_MS), KEEPER_TAKEN);
    before = rig.now.mid_tai_ns;
    rig_pass(&rig, NS_MS);
    assert_int_equal(rig_sample(&rig, 0, NS_MS), KEEPER_TAKEN); /* the middle goes back by 20 */
    for (int i = 0; i < 60000; i++) {
        const int64_t step = i % 3 == 0 ? 200000 : 1700000;
        int64_t went;

        rig_pass(&rig, step);
        assert_int_equal(rig_read(&rig), TIME_HOLDS);
        went = rig.now.mid_tai_ns - before - step;
        before = rig.now.mid_tai_ns;
        assert_true(i == 0 || llabs(went) <= step / 1000); /* twice 500 ppm at a new base */
    }
    assert_true(llabs(rig_error(&rig)) <= 2 * NS_MS);
}

static void an_event_ends_it(void **state)
{
    static const struct {
        int64_t counter_ns, second_ns;
        enum time_event e;
    } cases[] = {{NS_S, 0, TIME_EVENT_JUMP},
                 {-NS_S, 0, TIME_EVENT_BACK},
                 {0, NS_S, TIME_EVENT_JUMP},
                 {0, -NS_S, TIME_EVENT_BACK},
                 {10 * NS_S, 10 * NS_S, TIME_EVENT_GAP}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_serving();
        rig_go(&rig, NS_S);
        rig.counter_ns += cases[i].counter_ns;
        rig.second_ns += cases[i].second_ns;
        rig.tai_ns += cases[i].e == TIME_EVENT_GAP ? 10 * NS_S : 0;
        assert_int_equal(rig_read(&rig), TIME_NO_SAMPLE);
        assert_int_equal(rig.now.event, cases[i].e);
        rig_go(&rig, 2 * NS_S);
        assert_int_equal(rig_sample(&rig, 0, NS_MS), KEEPER_TAKEN);
        assert_int_equal(rig.now.reason, TIME_NO_SAMPLE); /* one is not enough */
        rig_go(&rig, NS_S);
        assert_int_equal(rig_sample(&rig, 0, NS_MS), KEEPER_TAKEN);
        assert_int_equal(rig.now.reason, TIME_UNSTEADY);
        rig_go(&rig, 5 * NS_S);
        assert_int_equal(rig.now.reason, TIME_HOLDS);
    }
}

/* What the client measured before a jump says nothing after it, however new it looks. */
static void what_was_measured_before_an_event_is_void(void **state)
{
    struct time_sample s = {.seq = 50, .sources = 4, .quota = 3, .agreeing = 4};
    int64_t moved;

    (void)state;
    start_serving();
    rig_go(&rig, 10 * NS_S);
    s.since_ns = rig.counter_ns - 100 * NS_MS;
    rig.counter_ns -= NS_S;
    assert_int_equal(rig_read(&rig), TIME_NO_SAMPLE);
    rig_go(&rig, 3 * NS_S);
    s.counter_ns = rig.counter_ns;
    assert_int_equal(time_keeper_take(&rig.keeper, &s, &moved), KEEPER_IGNORED);
    s.seq++;
    rig.counter_ns += NS_S;
    assert_int_equal(rig_read(&rig), TIME_NO_SAMPLE);
    s.since_ns = rig.counter_ns; /* at the jump forward, not after it */
    s.counter_ns = rig.counter_ns;
    s.lo_ns = rig.tai_ns - NS_S;
    s.hi_ns = rig.tai_ns - NS_S + NS_MS;
    assert_int_equal(time_keeper_take(&rig.keeper, &s, &moved), KEEPER_IGNORED);
    assert_false(rig.keeper.model.set);
}

static void samples_that_exclude_one_another(void **state)
{
    (void)state;
    start_serving();
    rig_go(&rig, 10 * NS_S);
    assert_int_equal(rig_sample(&rig, 0, NS_MS), KEEPER_TAKEN);
    rig_go(&rig, 10 * NS_S);
    assert_int_equal(rig_sample(&rig, -50 * NS_MS, NS_MS), KEEPER_DISJOINT);
    assert_int_equal(rig.now.reason, TIME_NO_SAMPLE);
    rig_go(&rig, 10 * NS_S);
    assert_int_equal(rig_sample(&rig, 0, NS_MS), KEEPER_DISJOINT);
    rig_go(&rig, 10 * NS_S);
    assert_int_equal(rig_sample(&rig, 0, NS_MS), KEEPER_TAKEN);
    rig_go(&rig, 10 * NS_S);
    assert_int_equal(rig_sample(&rig, 0, NS_MS), KEEPER_TAKEN);
    assert_int_equal(rig.now.reason, TIME_HOLDS);
    assert_true(llabs(rig_error(&rig)) <= 2 * NS_MS);
}

/* Samples that each fit the span, and no rate: of anchors, that is, that no counter makes. */
static void a_rate_that_is_none(void **state)
{
    struct clock_model m;
    struct clock_anchor a = {0, RIG_TAI, RIG_TAI};

    (void)state;
    clock_model_init(&m);
    assert_int_equal(clock_model_take(&m, &a), CLOCK_TAKEN);
    m.anchors[1] = (struct clock_anchor){60 * NS_S, RIG_TAI + 60 * NS_S + 6 * NS_MS,
                                         RIG_TAI + 60 * NS_S + 6 * NS_MS};
    m.n = 2; /* + 100 ppm at first, and nothing of it is left at the end */
    a = (struct clock_anchor){120 * NS_S, RIG_TAI + 120 * NS_S, RIG_TAI + 120 * NS_S};
    assert_int_equal(clock_model_take(&m, &a), CLOCK_OFF_RATE);
    assert_int_equal(m.base.counter_ns, 0);
    assert_int_equal(m.n, 2);
}

/* Delays of one way widen the spans: no rate and no time moves by them. */
static void delays_move_no_rate(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        start();
        for (int i = 0; i < 100; i++) {
            const int64_t delay = i % 2 == 0 ? 50 * NS_MS : 0;

            rig_go(&rig, 10 * NS_S);
            assert_int_equal(rig_sample(&rig, sign * delay / 2, delay / 2 + NS_MS),
                             KEEPER_TAKEN);
            assert_true(llabs(rig_error(&rig)) <= 26 * NS_MS); /* and rig_read() looks */
        }
    }
}

/* How far the middle went by a sample, and which event one is that fits no rate. */
static void says_what_a_sample_did(void **state)
{
    struct time_sample s = {
        .seq = 1, .sources = 4, .quota = 3, .agreeing = 4, .leap = TIME_LEAP_NONE};
    struct clock_model *const model = &rig.keeper.model;
    int64_t moved = 1;

    (void)state;
    start();
    s.counter_ns = rig.counter_ns;
    s.since_ns = rig.counter_ns;
    s.lo_ns = rig.tai_ns - 10 * NS_MS;
    s.hi_ns = rig.tai_ns + 10 * NS_MS;
    assert_int_equal(time_keeper_take(&rig.keeper, &s, &moved), KEEPER_TAKEN);
    assert_int_equal(moved, 0);
    assert_int_equal(rig.keeper.leap_word_ns, rig.counter_ns);
    rig_go(&rig, NS_S);
    s.seq = 2;
    s.counter_ns = rig.counter_ns;
    s.lo_ns = rig.tai_ns - NS_MS;
    s.hi_ns = rig.tai_ns + 9 * NS_MS;
    assert_int_equal(time_keeper_take(&rig.keeper, &s, &moved), KEEPER_TAKEN);
    assert_int_equal(moved, 4 * NS_MS);
    rig_go(&rig, 120 * NS_S);
    model->anchors[1] = (struct clock_anchor){rig.counter_ns - 60 * NS_S,
                                              rig.tai_ns - 50 * NS_S, rig.tai_ns - 50 * NS_S};
    model->n = 2;
    rig.seq = 2;
    assert_int_equal(rig_sample(&rig, 0, NS_MS), KEEPER_OFF_RATE);
    assert_int_equal(rig.now.reason, TIME_NO_SAMPLE);
}

/* At one counter value it says one time, or a later one: also when a sample of that moment
 * sends it back, and within a millisecond of the moment from which it holds. */
static void stands_still_at_a_sample(void **state)
{
    int64_t before;

    (void)state;
    start();
    assert_int_equal(rig_sample(&rig, 0, 25 * NS_MS), KEEPER_TAKEN);
    rig_pass(&rig, 900000);
    assert_int_equal(rig_read(&rig), TIME_HOLDS);
    before = rig.now.mid_tai_ns;
    assert_int_equal(rig_sample(&rig, -5 * NS_MS, NS_MS), KEEPER_TAKEN);
    assert_int_equal(rig.now.mid_tai_ns, before);

    start();
    assert_int_equal(rig_sample(&rig, 0, 90 * NS_MS), KEEPER_TAKEN);
    assert_int_equal(rig.now.reason, TIME_WIDE);
    rig_pass(&rig, 1000);
    assert_int_equal(rig_sample(&rig, -20 * NS_MS, 20 * NS_MS), KEEPER_TAKEN);
    assert_int_equal(rig.now.reason, TIME_HOLDS);
    before = rig.now.mid_tai_ns;
    rig_pass(&rig, 1000);
    assert_int_equal(rig_read(&rig), TIME_HOLDS);
    assert_in_range(rig.now.mid_tai_ns - before, 999, 1001);
}

/* Any history of samples that are right: it goes on by 500 ppm about its rate, and never back.
 */
static void any_samples_slew(void **state)
{
    uint64_t random = 7;
    int64_t before = 0;

    (void)state;
    start();
    for (int i = 0; i < 20000; i++) {
        int64_t step;
        int64_t rate;

        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        step = 1 + (int64_t)(random >> 40) % (100 * NS_MS);
        rate = (rig.keeper.model.rate.lo_ppb + rig.keeper.model.rate.hi_ppb) / 2;
        rig_pass(&rig, step);
        (void)rig_read(&rig);
        if (before != 0) {
            const int64_t slew =
                rig.now.mid_tai_ns - before - step - clock_share_down(step, rate);

            assert_int_equal(rig.now.reason, TIME_HOLDS);
            assert_true(llabs(slew) <= step / (1000000 / KEEPER_SLEW_PPM) + 2);
            assert_true(rig.now.mid_tai_ns > before);
        }
        if (i % 40 == 0) {
            const int64_t half = NS_MS / 10 + (int64_t)(random >> 35) % (30 * NS_MS);
            const int64_t off = (int64_t)(random >> 33) % (2 * half) - half;

            assert_int_equal(rig_sample(&rig, off, half), KEEPER_TAKEN);
        }
        before = rig.now.mid_tai_ns;
    }
}

/* ---- leap seconds ---- */

/* Frozen for long_s seconds from that TAI on, and the accuracy of 1 s on each side. */
struct freeze {
    const char *table;
    int64_t from_s;
    int64_t long_s;
};

/* One tenth of a second, past_ns after it began; whether it is frozen. *utc_ns: the latest time
 * told. */
static bool tell_about_leap(const struct freeze *f, int64_t past_ns, int64_t *utc_ns)
{
    rig_go(&rig, 100 * NS_MS);
    if (rig.now.reason == TIME_HOLDS) {
        assert_true(rig.now.lo_ns > *utc_ns);
        *utc_ns = rig.now.lo_ns;
        assert_true(past_ns < -NS_S || past_ns > f->long_s * NS_S + NS_S / 2);
        return false;
    }
    assert_int_equal(rig.now.reason, TIME_LEAP);
    if (past_ns > 0 && past_ns < f->long_s * NS_S) { /* what servers say is not used */
        assert_int_equal(rig_sample(&rig, -NS_S, NS_MS), KEEPER_IGNORED);
    }
    return true;
}

static void freezes_about_a_leap_second(void **state)
{
    static const struct freeze cases[] = {
        {"1435708800:36,1483228800:37@4102444800", LEAP_S + 35, 3},
        {"1435708800:36,1483228800:35@4102444800", LEAP_S + 34, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const int64_t from_ns = cases[i].from_s * NS_S;
        int64_t utc_ns = 0;
        int frozen = 0;

        rig_start(&rig, cases[i].table, from_ns - 20 * NS_S);
        rig_go(&rig, NS_S);
        assert_int_equal(rig_sample(&rig, 0, NS_MS), KEEPER_TAKEN);
        for (int t = 0; t < 400; t++) {
            frozen += tell_about_leap(&cases[i], rig.tai_ns - from_ns, &utc_ns);
        }
        assert_in_range(frozen, cases[i].long_s * 10 + 20, cases[i].long_s * 10 + 22);
    }
}

static void say_leap(uint8_t leap)
{
    struct time_sample s = {.seq = ++rig.seq,
                            .counter_ns = rig.counter_ns,
                            .since_ns = rig.counter_ns,
                            .lo_ns = rig.tai_ns - NS_MS,
                            .hi_ns = rig.tai_ns + NS_MS,
                            .sources = 4,
                            .quota = 3,
                            .agreeing = 4,
                            .leap = leap};
    int64_t moved;

    assert_int_equal(time_keeper_take(&rig.keeper, &s, &moved), KEEPER_TAKEN);
}

static bool froze; /* for a leap second that is known */

/* Through midnight of a month's end, with that table and word: what the worst reason was, and
 * the last one. */
static void through_month_end(const char *table, uint8_t leap, enum time_reason *worst)
{
    const int64_t turn = (INT64_C(1798761600) + 37) * NS_S; /* 2027-01-01 */

    rig_start(&rig, table, turn - 20 * NS_S);
    rig_go(&rig, NS_S);
    say_leap(leap);
    *worst = TIME_HOLDS;
    froze = false;
    for (int t = 0; t < 400; t++) {
        rig_go(&rig, 100 * NS_MS);
        *worst = rig.now.reason > *worst ? rig.now.reason : *worst;
        froze = froze || rig.now.reason == TIME_LEAP;
    }
}

static void hears_of_leap_seconds(void **state)
{
    static const char *const good = "1483228800:37@1814400000";
    static const char *const expired = "1483228800:37@1782604800";
    enum time_reason worst;

    (void)state;
    rig_start(&rig, good, RIG_TAI);
    assert_int_equal(rig.keeper.model.rate.hi_ppb, CLOCK_DRIFT_PPB);
    through_month_end(good, TIME_LEAP_NONE, &worst);
    assert_int_equal(worst, TIME_HOLDS);
    through_month_end(good, TIME_LEAP_UNKNOWN, &worst);
    assert_int_equal(worst, TIME_HOLDS);
    through_month_end(good, TIME_LEAP_INSERT, &worst);
    assert_int_equal(worst, TIME_LEAP);
    assert_int_equal(rig.now.reason, TIME_HOLDS);
    through_month_end(expired, TIME_LEAP_NONE, &worst);
    assert_int_equal(worst, TIME_HOLDS);
    through_month_end(expired, TIME_LEAP_DELETE, &worst);
    assert_int_equal(rig.now.reason, TIME_LEAP_MISSED);
    assert_false(froze);
    through_month_end(expired, TIME_LEAP_UNKNOWN, &worst);
    assert_int_equal(rig.now.reason, TIME_LEAP_MISSED);
}

static void other_refusals(void **state)
{
    struct time_sample s = {.sources = 4, .quota = 3, .agreeing = 4, .flags = TIME_FLAG_FENCE};
    int64_t moved;

    (void)state;
    start_serving();
    rig_go(&rig, NS_S);
    s.seq = ++rig.seq;
    s.counter_ns = rig.counter_ns;
    s.since_ns = rig.counter_ns;
    s.lo_ns = rig.tai_ns;
    s.hi_ns = rig.tai_ns;
    assert_int_equal(time_keeper_take(&rig.keeper, &s, &moved), KEEPER_TAKEN);
    assert_int_equal(rig_read(&rig), TIME_FENCED);
    rig_go(&rig, NS_S); /* whose servers fall silent is fenced as before */
    s = (struct time_sample){.seq = ++rig.seq, .sources = 4, .quota = 3, .agreeing = 2};
    s.counter_ns = rig.counter_ns;
    s.since_ns = rig.counter_ns;
    assert_int_equal(time_keeper_take(&rig.keeper, &s, &moved), KEEPER_IGNORED);
    assert_int_equal(rig_read(&rig), TIME_FENCED);
    rig_go(&rig, NS_S);
    assert_int_equal(rig_sample(&rig, 0, NS_MS), KEEPER_TAKEN);
    assert_int_equal(rig.now.reason, TIME_HOLDS);
    /* Before the table begins. */
    rig_start(&rig, RIG_TABLE, INT64_C(1435708800) * NS_S);
    assert_int_equal(rig_sample(&rig, 0, NS_MS), KEEPER_TAKEN);
    assert_int_equal(rig.now.reason, TIME_OUTSIDE);
}

/* After an event time may be told anew from earlier than what was given: not served. */
static void never_below_what_was_given(void **state)
{
    (void)state;
    start_serving();
    rig.keeper.given_ns += 30 * NS_S;
    rig_go(&rig, 20 * NS_S);
    assert_int_equal(rig.now.reason, TIME_BELOW_GIVEN);
    rig_go(&rig, 11 * NS_S);
    assert_int_equal(rig.now.reason, TIME_HOLDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_after_the_first_sample),
        cmocka_unit_test(a_sample_of_too_few_says_nothing),
        cmocka_unit_test(a_sample_is_not_taken_twice),
        cmocka_unit_test(learns_the_rate),
        cmocka_unit_test(holds_over),
        cmocka_unit_test(never_goes_back_and_slews),
        cmocka_unit_test(an_event_ends_it),
        cmocka_unit_test(what_was_measured_before_an_event_is_void),
        cmocka_unit_test(samples_that_exclude_one_another),
        cmocka_unit_test(a_rate_that_is_none),
        cmocka_unit_test(delays_move_no_rate),
        cmocka_unit_test(says_what_a_sample_did),
        cmocka_unit_test(stands_still_at_a_sample),
        cmocka_unit_test(any_samples_slew),
        cmocka_unit_test(freezes_about_a_leap_second),
        cmocka_unit_test(hears_of_leap_seconds),
        cmocka_unit_test(other_refusals),
        cmocka_unit_test(never_below_what_was_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
