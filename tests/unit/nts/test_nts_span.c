#include "testing.h"

#include "enclave/nts/nts_span.h"

#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define MS INT64_C(1000000)
#define NTP_2026 (UINT64_C(1767225600) + 2208988800) /* the floor of the eras, since 1900 */

static const struct ntp_header good = {.version = 4,
                                       .mode = 4,
                                       .stratum = 1,
                                       .precision = -25,
                                       .receive = (NTP_2026 + 100) << 32,
                                       .transmit = (NTP_2026 + 100) << 32};

static enum err bound(const struct ntp_header *h, int64_t round_ns, struct nts_bound *b)
{
    static const struct nts_bound zero;
    const enum err e = nts_bound_of(h, 5000, 5000 + round_ns, b);

    assert_true(e == ERR_OK || memcmp(b, &zero, sizeof zero) == 0);
    return e;
}

static void an_exchange_bounds_the_time(void **state)
{
    struct ntp_header h = good;
    struct nts_bound b;
    int64_t doubt;

    (void)state;
    assert_int_equal(bound(&h, 10 * MS, &b), ERR_OK);
    assert_true(b.counter_ns == 5000 + 10 * MS && b.delay_ns == 10 * MS);
    assert_true(b.since_ns == 5000);
    assert_true(b.utc_ns == (NTS_ERA_FLOOR_S + 100) * NS_PER_S);
    doubt = ntp_log2_ns(-25) + NTS_PRECISION_NS + 2000 + NTS_DRIFT_PPM;
    assert_true(b.below_ns == doubt && b.above_ns == doubt + 10 * MS + 1);
    h.transmit += UINT64_C(1) << 25; /* held for 2^-7 s, which is no delay */
    h.root_delay = 0x10000 / 64;
    h.root_dispersion = 0x10000 / 128;
    assert_int_equal(bound(&h, 10 * MS, &b), ERR_OK);
    assert_true(b.delay_ns == 10 * MS - NS_PER_S / 128);
    assert_true(b.below_ns == doubt + NS_PER_S / 128 + NS_PER_S / 128);
    assert_true(b.above_ns == b.below_ns + b.delay_ns + 1);
}

static void all_delay_may_be_on_either_side(void **state)
{
    struct nts_bound b;

    (void)state;
    for (int64_t way = 0; way <= 90 * MS; way += 9 * MS) { /* of 90 ms, there; the rest back */
        const int64_t truth = (NTS_ERA_FLOOR_S + 100) * NS_PER_S + (90 * MS - way);

        assert_int_equal(bound(&good, 90 * MS, &b), ERR_OK);
        assert_true(truth >= b.utc_ns - b.below_ns && truth <= b.utc_ns + b.above_ns);
    }
}

static void unfit_replies_have_their_results(void **state)
{
    struct ntp_header h = good;
    struct nts_bound b;

    (void)state;
    h.leap = 3;
    assert_int_equal(bound(&h, MS, &b), ERR_STATE);
    h = good;
    h.stratum = 16;
    assert_int_equal(bound(&h, MS, &b), ERR_STATE);
    h.stratum = 15;
    assert_int_equal(bound(&h, MS, &b), ERR_OK);
    h = good;
    h.transmit -= 1000; /* T3 < T2 */
    assert_int_equal(bound(&h, MS, &b), ERR_TIME);
    h = good;
    h.transmit += UINT64_C(1) << 32; /* held for a second of one that took a millisecond */
    assert_int_equal(bound(&h, MS, &b), ERR_TIME);
    assert_int_equal(bound(&good, -1, &b), ERR_TIME);
    assert_int_equal(bound(&good, NTS_DELAY_MAX_NS, &b), ERR_OK);
    assert_int_equal(bound(&good, NTS_DELAY_MAX_NS + 1, &b), ERR_DEADLINE);
    h = good;
    h.root_dispersion = 0x10000 / 10 + 1;
    assert_int_equal(bound(&h, 0, &b), ERR_RANGE);
    h.root_dispersion = UINT32_MAX;
    h.root_delay = UINT32_MAX;
    h.precision = 127;
    assert_int_equal(bound(&h, 0, &b), ERR_RANGE);
    h = good;
    h.precision = -20;  /* a coarse clock may seem to hold it longer than it was away */
    h.transmit += 4295; /* 1 us */
    assert_int_equal(bound(&h, 0, &b), ERR_OK);
    assert_true(b.delay_ns == 0);
}

/* Before and after 2036-02-07T06:28:16Z, and an exchange across it. */
static void eras_roll_over(void **state)
{
    const int64_t era1_s = INT64_C(2085978496);
    struct ntp_header h = good;
    struct nts_bound b;

    (void)state;
    h.receive = UINT64_MAX - 4294967; /* a millisecond before */
    h.transmit = 4294967;
    assert_int_equal(bound(&h, 5 * MS, &b), ERR_OK);
    assert_true(b.utc_ns / NS_PER_S == era1_s && b.delay_ns > 2 * MS && b.delay_ns < 4 * MS);
    h.receive = h.transmit = (NTP_2026 - 1) << 32; /* before the floor: the next time round */
    assert_int_equal(bound(&h, MS, &b), ERR_OK);
    assert_true(b.utc_ns / NS_PER_S == NTS_ERA_FLOOR_S - 1 + INT64_C(0x100000000));
}

static void spans_widen_with_age(void **state)
{
    const struct nts_span s = {1000, 5000, 6000, 900, 7};
    struct nts_span at = nts_span_at(&s, 1000);

    (void)state;
    assert_memory_equal(&at, &s, sizeof s);
    at = nts_span_at(&s, 1000 + 10 * NS_PER_S);
    assert_true(at.lo_ns == 5000 + 10 * NS_PER_S - 2 * MS - NTS_DRIFT_PPM);
    assert_true(at.hi_ns == 6000 + 10 * NS_PER_S + 2 * MS + NTS_DRIFT_PPM);
    at = nts_span_at(&s, 0); /* not later */
    assert_memory_equal(&at, &s, sizeof s);
}

static void quota_tolerates_less_than_a_third(void **state)
{
    static const size_t want[] = {1, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8, 9, 9, 10, 11, 11};

    (void)state;
    for (size_t m = 0; m < sizeof want / sizeof want[0]; m++) {
        assert_int_equal(nts_quota(m), want[m]);
    }
}

static struct nts_span span(int64_t lo, int64_t hi)
{
    return (struct nts_span){.lo_ns = lo, .hi_ns = hi};
}

static void majority_is_the_hull_of_what_enough_allow(void **state)
{
    struct nts_span s[4] = {span(0, 10), span(4, 12), span(8, 20), span(100, 110)};
    int64_t lo = 0;
    int64_t hi = 0;
    size_t agreeing = 0;

    (void)state;
    assert_int_equal(nts_majority(s, 4, 3, &lo, &hi, &agreeing), ERR_OK); /* one liar of four */
    assert_true(lo == 8 && hi == 10 && agreeing == 3);
    s[3] = span(9, 9);
    assert_int_equal(nts_majority(s, 4, 3, &lo, &hi, &agreeing), ERR_OK);
    assert_true(lo == 8 && hi == 10 && agreeing == 4);
    s[2] = span(12, 12); /* touches one alone */
    s[3] = span(30, 40);
    assert_int_equal(nts_majority(s, 4, 3, &lo, &hi, &agreeing), ERR_QUORUM);
    assert_true(lo == 0 && hi == 0 && agreeing == 2);
    s[0] = span(0, 100); /* two places where three meet: the truth may be in either */
    s[1] = span(0, 100);
    s[2] = span(10, 20);
    s[3] = span(80, 90);
    assert_int_equal(nts_majority(s, 4, 3, &lo, &hi, &agreeing), ERR_OK);
    assert_true(lo == 10 && hi == 90 && agreeing == 3);
    assert_int_equal(nts_majority(s, 0, 1, &lo, &hi, &agreeing), ERR_QUORUM);
    assert_int_equal(nts_majority(s, 4, 0, &lo, &hi, &agreeing), ERR_RANGE);
    assert_int_equal(nts_majority(s, TIME_SOURCES_MAX + 1, 1, &lo, &hi, &agreeing), ERR_RANGE);
}

static uint32_t next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (uint32_t)(*seed >> 33);
}

/* Right sources have the truth in their spans, liars are anywhere: with at most
 * floor((m - 1) / 3) of them, the truth is in what comes out. */
static void truth_is_within_whatever_few_liars_say(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        const size_t m = 1 + next(&seed) % TIME_SOURCES_MAX;
        const size_t liars = next(&seed) % ((m - 1) / 3 + 1);
        struct nts_span s[TIME_SOURCES_MAX];
        int64_t lo = 0;
        int64_t hi = 0;
        size_t agreeing = 0;

        for (size_t i = 0; i < m; i++) {
            const int64_t wide = (int64_t)(next(&seed) % 100);
            const int64_t at = i < liars ? (int64_t)(next(&seed) % 400) - 200
                                         : -(int64_t)(next(&seed) % (uint32_t)(wide + 1));

            s[i] = span(at, at + wide);
        }
        assert_int_equal(nts_majority(s, m, nts_quota(m), &lo, &hi, &agreeing), ERR_OK);
        assert_true(lo <= 0 && hi >= 0 && agreeing >= nts_quota(m));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exchange_bounds_the_time),
        cmocka_unit_test(all_delay_may_be_on_either_side),
        cmocka_unit_test(unfit_replies_have_their_results),
        cmocka_unit_test(eras_roll_over),
        cmocka_unit_test(spans_widen_with_age),
        cmocka_unit_test(quota_tolerates_less_than_a_third),
        cmocka_unit_test(majority_is_the_hull_of_what_enough_allow),
        cmocka_unit_test(truth_is_within_whatever_few_liars_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
