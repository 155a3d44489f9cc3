#include "testing.h"

#include "enclave/clock/leap_table.h"

#include <stdio.h>
#include <string.h>

#define S INT64_C(1000000000)
#define LEAP_2017 INT64_C(1483228800) /* 2017-01-01, 37 s from then on */
#define HISTORY "1435708800:36,1483228800:37@1782604800"

static struct leap_table table(const char *text)
{
    struct leap_table t;

    assert_int_equal(leap_table_parse(text, &t), ERR_OK);
    return t;
}

static int64_t tai(const struct leap_table *t, int64_t utc_ns)
{
    int64_t out;

    assert_int_equal(leap_to_tai(t, utc_ns, &out), ERR_OK);
    return out;
}

static int64_t utc(const struct leap_table *t, int64_t tai_ns)
{
    int64_t out;

    assert_int_equal(leap_to_utc(t, tai_ns, &out), ERR_OK);
    return out;
}

static void reads_its_text(void **state)
{
    const struct leap_table t = table(HISTORY);
    const struct leap_table n = table("0:-3@86400");

    (void)state;
    assert_int_equal(t.n, 2);
    assert_int_equal(t.entries[1].from_s, LEAP_2017);
    assert_int_equal(t.entries[1].offset_s, 37);
    assert_int_equal(t.expires_s, 1782604800);
    assert_int_equal(n.entries[0].offset_s, -3);
}

static void refuses_other_texts(void **state)
{
    static const struct {
        const char *text;
        enum err e;
    } bad[] = {
        {"", ERR_ENCODING},
        {"1483228800", ERR_ENCODING},
        {"1483228800:", ERR_ENCODING},
        {"1483228800:37", ERR_ENCODING},
        {"1483228800:37@", ERR_ENCODING},
        {"1483228800:37@1782604800 ", ERR_ENCODING},
        {"1483228800:37,@1782604800", ERR_ENCODING},
        {"1483228800:037@1782604800", ERR_ENCODING},
        {"+1483228800:37@1782604800", ERR_ENCODING},
        {"1483228800:--37@1782604800", ERR_ENCODING},
        {"1483228800;37@1782604800", ERR_ENCODING},
        {"1483228800:37;1782604800", ERR_ENCODING},
        {"1483228801:37@1782604800", ERR_RANGE},
        {"1483228800:3601@1782604800", ERR_RANGE},
        {"1483228800:37@1483228800", ERR_RANGE},
        {"1483228800:37@99999999999999999999", ERR_RANGE},
        {"1483228800:37,1483228800:38@1782604800", ERR_RANGE},
        {"1435708800:36,1483228800:38@1782604800", ERR_RANGE},
        {"1435708800:36,1483228800:36@1782604800", ERR_RANGE},
    };
    struct leap_table t;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(leap_table_parse(bad[i].text, &t), bad[i].e);
        assert_int_equal(t.n, 0);
    }
}

static void takes_so_many_entries(void **state)
{
    static char text[4096];
    size_t at = 0;
    struct leap_table t;

    (void)state;
    for (int i = 0; i < LEAP_ENTRIES_MAX; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%d:%d,", (i + 1) * 86400, i);
    }
    (void)snprintf(text + at - 1, sizeof text - at + 1, "@9999999");
    assert_int_equal(leap_table_parse(text, &t), ERR_OK);
    assert_int_equal(t.n, LEAP_ENTRIES_MAX);
    (void)snprintf(text + at - 1, sizeof text - at + 1, ",8640000:64@9999999");
    assert_int_equal(leap_table_parse(text, &t), ERR_NOSPACE);
}

static void converts_about_an_inserted_second(void **state)
{
    const struct leap_table t = table(HISTORY);
    const int64_t before = LEAP_2017 * S - 1;  /* 23:59:59.999999999 */
    const int64_t leap = (LEAP_2017 + 36) * S; /* TAI of 23:59:60 */
    const int64_t midnight = (LEAP_2017 + 37) * S;

    (void)state;
    assert_int_equal(tai(&t, before), leap - 1);
    assert_int_equal(utc(&t, leap - 1), before);
    assert_int_equal(utc(&t, leap), (LEAP_2017 - 1) * S);
    assert_int_equal(utc(&t, midnight - 1), before);
    assert_int_equal(utc(&t, midnight), LEAP_2017 * S);
    assert_int_equal(tai(&t, LEAP_2017 * S), midnight);
    for (int64_t at = leap - 5 * S; at < leap + 5 * S; at += S / 7) { /* apart from the leap */
        if (at < leap - S || at >= midnight) {
            assert_int_equal(tai(&t, utc(&t, at)), at);
        }
    }
}

static void converts_about_a_second_left_out(void **state)
{
    const struct leap_table t = table("1435708800:36,1483228800:35@1782604800");
    const int64_t turn = (LEAP_2017 + 35) * S;

    (void)state;
    assert_int_equal(utc(&t, turn - 1), (LEAP_2017 - 1) * S - 1); /* 23:59:58.999999999 */
    assert_int_equal(utc(&t, turn), LEAP_2017 * S);
    assert_int_equal(tai(&t, LEAP_2017 * S), turn);
}

static void refuses_times_outside(void **state)
{
    const struct leap_table t = table(HISTORY);
    const struct leap_table behind = table("0:-3@86400");
    int64_t out = 1;

    (void)state;
    assert_int_equal(leap_to_tai(&t, 1435708800 * S - 1, &out), ERR_RANGE);
    assert_int_equal(out, 0);
    out = 1;
    assert_int_equal(leap_to_utc(&behind, -1, &out), ERR_RANGE);
    assert_int_equal(out, 0);
    assert_int_equal(leap_to_tai(&t, -1, &out), ERR_RANGE);
    assert_int_equal(leap_to_tai(&t, INT64_MAX, &out), ERR_RANGE);
    assert_int_equal(leap_to_utc(&t, (1435708800 + 36) * S - 1, &out), ERR_RANGE);
    assert_int_equal(leap_to_utc(&t, -1, &out), ERR_RANGE);
    assert_int_equal(leap_to_utc(&t, INT64_MAX, &out), ERR_RANGE);
}

static void knows_when_a_leap_second_is_near(void **state)
{
    const struct leap_table t = table(HISTORY);
    const int64_t begin = (LEAP_2017 + 36 - 1) * S; /* 23:59:59.0 */
    const int64_t end = (LEAP_2017 + 37 + 1) * S;   /* 00:00:01.0 */

    (void)state;
    assert_false(leap_table_near(&t, begin - 9, begin - 1, 0));
    assert_true(leap_table_near(&t, begin - 9, begin, 0));
    assert_true(leap_table_near(&t, begin - 9, end + 9, 0));
    assert_true(leap_table_near(&t, end, end + 9, 0));
    assert_false(leap_table_near(&t, end + 1, end + 9, 0));
    assert_true(leap_table_near(&t, begin - S, begin - S, S));
    assert_false(leap_table_near(&t, begin - S - 1, begin - S - 1, S));
    /* The first entry is where the table begins: no leap second that it tells of. */
    assert_false(leap_table_near(&t, (1435708800 + 36) * S, (1435708800 + 36) * S, 0));
    assert_int_equal(leap_table_today(&t, begin), 1);
    assert_int_equal(leap_table_today(&t, (LEAP_2017 - 86400 + 36) * S), 1);
    assert_int_equal(leap_table_today(&t, (LEAP_2017 - 86400 + 36) * S - 1), 0);
    assert_int_equal(leap_table_today(&t, (LEAP_2017 + 37) * S), 0);
}

static void knows_the_ends_of_months(void **state)
{
    static const int64_t firsts[] = {
        1483228800, 1485907200, 1488326400, /* 2017: January to March */
        1709251200,                         /* 2024-03-01, after a leap day */
        1767225600, 4107542400,             /* 2026-01-01, 2100-03-01: no leap day */
    };
    const struct leap_table t = table(HISTORY);

    (void)state;
    for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
        const int64_t turn = (firsts[i] + 37) * S;

        assert_true(leap_month_end(&t, turn, turn, 0));
        assert_true(leap_month_end(&t, turn - S, turn - S, 0));
        assert_false(leap_month_end(&t, turn - 5 * S, turn - 4 * S, 0));
        assert_true(leap_month_end(&t, turn - 5 * S, turn - 4 * S, 4 * S));
        assert_false(leap_month_end(&t, turn + 3 * S, turn + 4 * S, 0));
        assert_false(leap_month_end(&t, turn + 86400 * S, turn + 86400 * S, 0));
        assert_false(leap_month_end(&t, turn - 86400 * S, turn - 86400 * S, 0));
    }
    assert_true(leap_month_end(&t, 0, INT64_MAX, 0));
    assert_true(leap_month_end(&t, 5 * S, 6 * S, 0)); /* before 1970 in UTC */
    assert_false(
        leap_month_end(&t, (firsts[0] + 86400 * 14) * S, (firsts[0] + 86400 * 15) * S, 0));
    assert_true(
        leap_month_end(&t, (firsts[0] + 86400 * 14) * S, (firsts[0] + 86400 * 15) * S + 1, 0));
}

static void expires(void **state)
{
    const struct leap_table t = table(HISTORY);

    (void)state;
    assert_false(leap_table_expired(&t, (1782604800 + 37) * S - 1));
    assert_true(leap_table_expired(&t, (1782604800 + 37) * S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_its_text),
        cmocka_unit_test(refuses_other_texts),
        cmocka_unit_test(takes_so_many_entries),
        cmocka_unit_test(converts_about_an_inserted_second),
        cmocka_unit_test(converts_about_a_second_left_out),
        cmocka_unit_test(refuses_times_outside),
        cmocka_unit_test(knows_when_a_leap_second_is_near),
        cmocka_unit_test(knows_the_ends_of_months),
        cmocka_unit_test(expires),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
