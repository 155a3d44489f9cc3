#include "testing.h"

#include "enclave/nts/nts_report.h"

#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define MS INT64_C(1000000)
#define NOW (100 * NS_PER_S)

static const char *const names[4] = {"a", "b", "c", "d"};
static struct nts_source s[4];
static const struct nts_source *const all[4] = {&s[0], &s[1], &s[2], &s[3]};

/* Four that answered a second ago, each a little off the other. */
static void start(void)
{
    memset(s, 0, sizeof s);
    for (int i = 0; i < 4; i++) {
        const struct nts_span span = {NOW - NS_PER_S, i * MS, i * MS + 10 * MS,
                                      NOW - 2 * NS_PER_S + i, 3};

        s[i].state = NTS_SOURCE_READY;
        s[i].answered_ns = NOW - NS_PER_S;
        s[i].reach = 1;
        nts_source_add(&s[i], &span);
    }
}

static struct time_report report(void)
{
    struct time_report r;
    uint8_t bytes[2048];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct time_report read;
    struct view v;

    nts_report(all, names, 4, NOW, 9, &r);
    time_report_encode(&w, &r); /* what a core takes */
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    assert_int_equal(time_report_decode(v, &read), ERR_OK);
    assert_int_equal(read.n_sources, 4);
    return r;
}

static void a_sample_is_what_the_quota_allows(void **state)
{
    struct time_report r;

    (void)state;
    start();
    r = report();
    assert_true(r.sample.seq == 9 && r.sample.counter_ns == NOW && r.sample.leap == 0);
    assert_true(r.sample.sources == 4 && r.sample.quota == 3 && r.sample.agreeing == 4);
    assert_true(r.sample.since_ns == NOW - 2 * NS_PER_S);
    /* the second and the third of the edges, aged by a second */
    assert_true(r.sample.lo_ns > 2 * MS + NS_PER_S - MS / 2 &&
                r.sample.lo_ns < 2 * MS + NS_PER_S);
    assert_true(r.sample.hi_ns > 11 * MS + NS_PER_S &&
                r.sample.hi_ns < 11 * MS + NS_PER_S + MS / 2);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(r.rows[i].state, TIME_SOURCE_AGREES);
        assert_int_equal(r.rows[i].age_ms, 1000);
        assert_int_equal(r.rows[i].delay_ns, 3);
        assert_true(r.rows[i].offset_ns > (i - 2) * MS - MS &&
                    r.rows[i].offset_ns < (i - 1) * MS);
    }
}

static void states_of_sources(void **state)
{
    struct time_report r;

    (void)state;
    start();
    s[0].spans[0].lo_ns += NS_PER_S; /* a liar */
    s[0].spans[0].hi_ns += NS_PER_S;
    r = report();
    assert_int_equal(r.sample.agreeing, 3);
    assert_int_equal(r.rows[0].state, TIME_SOURCE_DISAGREES);
    assert_true(r.rows[0].offset_ns > 900 * MS);
    s[0].state = NTS_SOURCE_STOPPED;
    s[0].n_spans = 0;
    memcpy(s[0].kiss, "DENY", 4);
    r = report();
    assert_int_equal(r.rows[0].state, TIME_SOURCE_REFUSED);
    assert_memory_equal(r.rows[0].kiss, "DENY", 4);
    assert_true(time_sample_holds(&r.sample));
    s[1].unset = true;
    s[1].n_spans = 0;
    r = report();
    assert_int_equal(r.rows[1].state, TIME_SOURCE_UNSYNCHRONISED);
    assert_false(time_sample_holds(&r.sample)); /* two of four */
    assert_true(r.sample.lo_ns == 0 && r.sample.hi_ns == 0 && r.sample.agreeing == 2);
    assert_int_equal(r.rows[2].offset_ns, 0);
    assert_int_equal(r.rows[2].state, TIME_SOURCE_AGREES); /* with nobody, against nobody */
    s[2].reach = 0;
    r = report();
    assert_int_equal(r.rows[2].state, TIME_SOURCE_UNREACHABLE);
    memset(&s[3], 0, sizeof s[3]);
    r = report();
    assert_int_equal(r.rows[3].state, TIME_SOURCE_STARTING);
    assert_true(r.rows[3].age_ms == UINT32_MAX);
    s[3].counts.ke_failed = 1;
    r = report();
    assert_int_equal(r.rows[3].state, TIME_SOURCE_UNREACHABLE);
    assert_int_equal(r.sample.leap, TIME_LEAP_NONE);
    s[3].counts = (struct nts_counts){.lost = 1};
    r = report();
    assert_int_equal(r.rows[3].state, TIME_SOURCE_UNREACHABLE);
    start();
    s[0].n_spans = 0; /* it answers, and gives no time; the others agree */
    s[0].answered_ns = NOW - INT64_C(5000000) * NS_PER_S; /* longer than a row can say */
    r = report();
    assert_true(time_sample_holds(&r.sample));
    assert_int_equal(r.rows[0].state, TIME_SOURCE_UNREACHABLE);
    assert_true(r.rows[0].age_ms == UINT32_MAX);
}

static void utc_becomes_tai_but_not_at_a_leap_second(void **state)
{
    struct nts_bound b = {5, 4, INT64_C(1500000000) * NS_PER_S, 10, 20, 30};
    struct leap_table t;
    struct nts_span span;

    (void)state;
    assert_int_equal(leap_table_parse("1435708800:36,1483228800:37@4102444800", &t), ERR_OK);
    assert_int_equal(nts_report_span(&t, &b, &span), ERR_OK);
    assert_true(span.lo_ns == INT64_C(1500000037) * NS_PER_S - 10);
    assert_true(span.hi_ns == INT64_C(1500000037) * NS_PER_S + 20);
    assert_true(span.counter_ns == 5 && span.since_ns == 4 && span.delay_ns == 30);
    b.utc_ns = INT64_C(1483228800) * NS_PER_S - 5 * NS_PER_S;
    assert_int_equal(nts_report_span(&t, &b, &span), ERR_OK);
    assert_true(span.lo_ns == INT64_C(1483228831) * NS_PER_S - 10);
    for (int64_t ms = -1000; ms <= 1000; ms += 250) { /* which of two seconds? */
        b.utc_ns = INT64_C(1483228800) * NS_PER_S + ms * MS;
        assert_int_equal(nts_report_span(&t, &b, &span), ERR_TIME);
        assert_true(span.hi_ns == 0);
    }
    b.utc_ns = INT64_C(1400000000) * NS_PER_S;
    assert_int_equal(nts_report_span(&t, &b, &span), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_is_what_the_quota_allows),
        cmocka_unit_test(states_of_sources),
        cmocka_unit_test(utc_becomes_tai_but_not_at_a_leap_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
