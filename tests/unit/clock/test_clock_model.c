/* The model alone: which samples bound its rate, and which it keeps. */
#include "clock_rig.h"

static struct clock_model m;

static enum clock_taken take(int64_t counter_ns, int64_t lo_ns, int64_t hi_ns)
{
    const struct clock_anchor a = {counter_ns, RIG_TAI + counter_ns + lo_ns,
                                   RIG_TAI + counter_ns + hi_ns};

    return clock_model_take(&m, &a);
}

static void nothing_is_known_at_first(void **state)
{
    (void)state;
    clock_model_init(&m);
    assert_false(m.set);
    assert_int_equal(take(0, -NS_MS, NS_MS), CLOCK_TAKEN);
    assert_int_equal(m.n, 1);
    assert_int_equal(m.slope.lo_ppb, -CLOCK_DRIFT_PPB);
    assert_int_equal(m.slope.hi_ppb, CLOCK_DRIFT_PPB);
}

static void a_short_baseline_bounds_no_rate(void **state)
{
    (void)state;
    clock_model_init(&m);
    assert_int_equal(take(0, 0, 0), CLOCK_TAKEN);
    assert_int_equal(take(CLOCK_BASELINE_NS - 1, 0, 0), CLOCK_TAKEN);
    assert_int_equal(m.slope.hi_ppb - m.slope.lo_ppb, 2 * CLOCK_DRIFT_PPB);
    assert_int_equal(m.rate.hi_ppb - m.rate.lo_ppb, 2 * CLOCK_DRIFT_PPB);
    assert_int_equal(take(CLOCK_BASELINE_NS, 0, 0), CLOCK_TAKEN);
    assert_true(m.slope.hi_ppb - m.slope.lo_ppb <= 2);
    assert_true(m.rate.hi_ppb - m.rate.lo_ppb <= 2 * CLOCK_WANDER_PPB + 2);
}

/* Spans of hours bound nothing, and do not wrap. */
static void wide_samples_bound_no_rate(void **state)
{
    const int64_t wide = INT64_C(18446744073710); /* times 10^6 is a little over 2^64 */

    (void)state;
    clock_model_init(&m);
    assert_int_equal(take(0, 0, 0), CLOCK_TAKEN);
    assert_int_equal(take(CLOCK_BASELINE_NS, -wide, wide), CLOCK_TAKEN);
    assert_int_equal(m.rate.lo_ppb, -CLOCK_DRIFT_PPB);
    assert_int_equal(m.rate.hi_ppb, CLOCK_DRIFT_PPB);
    assert_true(m.slope.lo_ppb < -CLOCK_DRIFT_PPB && m.slope.hi_ppb > CLOCK_DRIFT_PPB);
}

/* The oldest go, for room and for age; the others stay in order. */
static void keeps_the_latest(void **state)
{
    (void)state;
    clock_model_init(&m);
    for (int64_t i = 0; i < CLOCK_ANCHORS_MAX + 8; i++) {
        assert_int_equal(take(i * CLOCK_ANCHOR_GAP_NS, -NS_MS, NS_MS), CLOCK_TAKEN);
        assert_int_equal(take(i * CLOCK_ANCHOR_GAP_NS + 1, -NS_MS, NS_MS), CLOCK_TAKEN);
    }
    assert_int_equal(m.n, CLOCK_ANCHORS_MAX);
    for (size_t i = 0; i < m.n; i++) {
        assert_int_equal(m.anchors[i].counter_ns, (int64_t)(i + 8) * CLOCK_ANCHOR_GAP_NS);
    }
    assert_int_equal(take(m.anchors[30].counter_ns + CLOCK_ANCHOR_LIFE_NS + 1, -NS_MS, NS_MS),
                     CLOCK_TAKEN);
    assert_int_equal(m.n, 2); /* the last of them is not too old */
    assert_int_equal(m.anchors[0].counter_ns, (CLOCK_ANCHORS_MAX + 7) * CLOCK_ANCHOR_GAP_NS);
}

/* Shares of a time, away from each other by one at most, and never inward. */
static void shares_are_rounded_outward(void **state)
{
    static const int64_t times[] = {0, 1, 999999999, 1000000000, INT64_C(3600000000007)};
    static const int64_t rates[] = {0, 1, -1, 199999, -199999, 1000000, -1000000};

    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        for (size_t j = 0; j < sizeof rates / sizeof rates[0]; j++) {
            const int64_t down = clock_share_down(times[i], rates[j]);
            const int64_t up = clock_share_up(times[i], rates[j]);
            const int64_t exact = times[i] * rates[j];

            assert_true(down * NS_S <= exact && exact < (down + 1) * NS_S);
            assert_true(up * NS_S >= exact && exact > (up - 1) * NS_S);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_known_at_first),
        cmocka_unit_test(a_short_baseline_bounds_no_rate),
        cmocka_unit_test(wide_samples_bound_no_rate),
        cmocka_unit_test(keeps_the_latest),
        cmocka_unit_test(shares_are_rounded_outward),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
