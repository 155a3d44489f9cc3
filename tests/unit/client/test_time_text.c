#include "testing.h"

#include "client/kit/time_text.h"

#include <string.h>

static void reads_what_users_write(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } rows[] = {
        {"1970-01-01", 0},
        {"1970-01-01T00:00:01Z", 1},
        {"2026-11-21 02:00:00", 1795226400},
        {"2024-02-29T23:59:59Z", 1709251199},
        {"2000-02-29", 951782400},
        {"1969-12-31T23:59:59Z", -1},
        {"0001-01-01", -62135596800},
        {"9999-12-31T23:59:59Z", 253402300799},
        {"@0", 0},
        {"@1709251199", 1709251199},
        {"@-5", -5},
    };
    int64_t s = 0;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(time_text_parse(rows[i].text, &s), ERR_OK);
        assert_int_equal(s, rows[i].seconds);
    }
}

static void refuses_what_is_no_time(void **state)
{
    static const struct {
        const char *text;
        enum err e;
    } rows[] = {
        {"", ERR_ENCODING},
        {"now", ERR_ENCODING},
        {"2026-1-1", ERR_ENCODING},
        {"2026-01-01T", ERR_ENCODING},
        {"2026-01-01T10:00", ERR_ENCODING},
        {"2026-01-01T10:00:00+01:00", ERR_ENCODING},
        {"2026-01-01T10:00:00Zx", ERR_ENCODING},
        {"2026-01-01x", ERR_ENCODING},
        {"@", ERR_ENCODING},
        {"@12x", ERR_ENCODING},
        {"2026-02-29", ERR_RANGE},
        {"2026-13-01", ERR_RANGE},
        {"2026-00-01", ERR_RANGE},
        {"2026-04-31", ERR_RANGE},
        {"2026-04-00", ERR_RANGE},
        {"2026-04-01T24:00:00Z", ERR_RANGE},
        {"2026-04-01T23:60:00Z", ERR_RANGE},
        {"2026-04-01T23:59:60Z", ERR_RANGE},
        {"0000-01-01", ERR_RANGE},
        {"@253402300800", ERR_RANGE},
        {"@99999999999999999999", ERR_RANGE},
    };
    int64_t s = 7;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(time_text_parse(rows[i].text, &s), rows[i].e);
        assert_int_equal(s, 0);
    }
}

static void writes_what_it_reads(void **state)
{
    char text[TIME_TEXT_LEN];
    int64_t s = 0;

    (void)state;
    /* A step that meets every day of month, hour and minute in 3 000 years. */
    for (int64_t t = -62135596800; t < 253402300799; t += 8640007) {
        time_text_write(t, 0, text);
        assert_int_equal(time_text_parse(text, &s), ERR_OK);
        assert_int_equal(s, t);
    }
    time_text_write(0, 500000000, text);
    assert_string_equal(text, "1970-01-01T00:00:00.5Z");
    time_text_write(-1, 1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.000000001Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_users_write),
        cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test(writes_what_it_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
