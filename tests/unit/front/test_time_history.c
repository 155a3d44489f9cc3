#include "testing.h"

#include "host/front/time_history.h"

#include <string.h>

#define SECOND INT64_C(1000000000)

static struct time_history *history;
static struct time_views views;
static struct time_bin bins[240];
static uint8_t body[TIME_STATUS_LEN_MAX];

static int begin(void **state)
{
    (void)state;
    history = time_history_new(2);
    return history == NULL;
}

static int end(void **state)
{
    (void)state;
    time_history_free(history);
    return 0;
}

static struct view status_of(int64_t offset_ns, int64_t half_ns, uint8_t flags)
{
    const struct time_status s = {
        .clock = CLOCK_NTS,
        .state = CORE_SERVING,
        .flags = flags,
        .hi_ns = (flags & TIME_STATUS_VALID) != 0 ? 1 : 0,
        .half_width_ns = half_ns,
        .offset_ns = offset_ns,
        .n_sources = 1,
        .rows = {{.name = {(const uint8_t *)"ptb", 3}, .state = TIME_SOURCE_AGREES}}};
    struct writer w = wr_init(body, sizeof body);
    struct view v;

    time_status_encode(&w, &s);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static void take(int64_t second, int64_t offset_ns, int64_t half_ns)
{
    time_history_take(history, 1, ERR_OK,
                      status_of(offset_ns, half_ns, TIME_STATUS_VALID | TIME_STATUS_SPAN),
                      second * SECOND);
}

static void nothing_is_known_at_first(void **state)
{
    (void)state;
    time_history_look(history, 5 * SECOND, &views);
    assert_int_equal(views.n, 2);
    assert_false(views.at[0].known);
    assert_int_equal(views.at[0].age_ms, -1);
    time_history_bins(history, 0, 5 * SECOND, bins, 240);
    assert_false(bins[239].any);
    time_history_look(NULL, 5 * SECOND, &views);
    assert_int_equal(views.n, 0);
    assert_null(time_history_new(COORD_CORES_MAX + 1));
}

static void an_answer_counts_for_a_while(void **state)
{
    (void)state;
    take(7, -3, 9);
    time_history_look(history, 8 * SECOND, &views);
    assert_true(views.at[1].known && !views.at[0].known);
    assert_int_equal(views.at[1].age_ms, 1000);
    assert_int_equal(views.at[1].status.offset_ns, -3);
    assert_memory_equal(views.at[1].status.rows[0].name.p, "ptb", 3);
    memset(body, 'x', sizeof body); /* it is a copy */
    assert_memory_equal(views.at[1].status.rows[0].name.p, "ptb", 3);
    time_history_look(history, 13 * SECOND, &views);
    assert_false(views.at[1].known);
}

/* Whatever a core sends: it is counted, and changes nothing that was known. */
static void what_is_no_answer_is_counted(void **state)
{
    static const uint8_t junk[TIME_STATUS_LEN_MAX + 50];

    (void)state;
    take(7, -3, 9);
    for (size_t n = 0; n < sizeof junk; n++) {
        time_history_take(history, 1, ERR_OK, (struct view){junk, n}, 8 * SECOND);
    }
    time_history_take(history, 1, ERR_DEADLINE, (struct view){NULL, 0}, 8 * SECOND);
    time_history_look(history, 8 * SECOND, &views);
    assert_true(views.at[1].known);
    assert_int_equal(views.at[1].bad, sizeof junk);
    assert_int_equal(views.at[1].err, ERR_DEADLINE);
}

/* Times that a lying core says as far off as can be said make no sum overflow. */
static void what_is_far_off_stays_a_number(void **state)
{
    (void)state;
    take(4000, INT64_C(9223372036000000000), INT64_C(9223372036000000000));
    take(4001, -INT64_C(9223372036000000000), INT64_C(9223372036000000000));
    time_history_bins(history, 1, 4001 * SECOND, bins, 240);
    assert_true(bins[239].any);
    assert_true(bins[239].high_ns == 2 * TIME_POINT_FAR_NS);
    assert_true(bins[239].low_ns == -2 * TIME_POINT_FAR_NS);
}

static void an_hour_is_kept(void **state)
{
    (void)state;
    for (int64_t s = 10000; s < 10000 + 2 * TIME_HISTORY_MAX; s++) {
        take(s, s, 1);
    }
    time_history_bins(history, 1, (10000 + 2 * TIME_HISTORY_MAX - 1) * SECOND, bins, 240);
    for (size_t i = 0; i < 240; i++) {
        const int64_t first = 10000 + TIME_HISTORY_MAX + 15 * (int64_t)i;

        assert_true(bins[i].any);
        assert_int_equal(bins[i].first_ns, first);
        assert_int_equal(bins[i].last_ns, first + 14);
        assert_int_equal(bins[i].low_ns, first - 1);
        assert_int_equal(bins[i].high_ns, first + 15);
    }
}

/* Seconds without an answer are empty, so are those before and long after. */
static void gaps_are_gaps(void **state)
{
    (void)state;
    take(10000, 1, 1);
    take(10030, 1, 1);
    take(10020, 1, 1); /* a clock that went back changes nothing */
    time_history_bins(history, 1, 10059 * SECOND, bins, 240);
    for (size_t i = 0; i < 240; i++) {
        assert_int_equal(bins[i].any, i == 236 || i == 238);
    }
    take(10000 + 3 * TIME_HISTORY_MAX, 1, 1);
    time_history_bins(history, 1, (10000 + 3 * TIME_HISTORY_MAX) * SECOND, bins, 240);
    assert_true(bins[239].any && !bins[238].any && !bins[0].any);
    time_history_bins(history, 1, (10000 + 5 * TIME_HISTORY_MAX) * SECOND, bins, 240);
    assert_false(bins[0].any);
}

static void a_span_alone_is_no_offset(void **state)
{
    (void)state;
    time_history_take(history, 1, ERR_OK, status_of(0, 9, TIME_STATUS_SPAN), 9 * SECOND);
    time_history_bins(history, 1, 9 * SECOND, bins, 240);
    assert_false(bins[239].any);
    time_history_look(history, 9 * SECOND, &views);
    assert_int_equal(views.at[1].status.half_width_ns, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_known_at_first, begin, end),
        cmocka_unit_test_setup_teardown(an_answer_counts_for_a_while, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_answer_is_counted, begin, end),
        cmocka_unit_test_setup_teardown(what_is_far_off_stays_a_number, begin, end),
        cmocka_unit_test_setup_teardown(an_hour_is_kept, begin, end),
        cmocka_unit_test_setup_teardown(gaps_are_gaps, begin, end),
        cmocka_unit_test_setup_teardown(a_span_alone_is_no_offset, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
