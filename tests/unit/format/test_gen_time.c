#include "parser_cases.h"

#include "format/ber.h"
#include "format/gen_time.h"
#include "format/gen_time_parse.h"

#include <stdio.h>
#include <time.h>

static const char *write_ms(int64_t ms, char text[GEN_TIME_TEXT_MAX + 1])
{
    uint8_t out[GEN_TIME_TEXT_MAX] = {0};
    const size_t n = gen_time_write(ms, out);

    assert_true(n <= sizeof out);
    memcpy(text, out, n);
    text[n] = '\0';
    return text;
}

static void trims_the_fraction(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "19700101000000Z"},
        {1, "19700101000000.001Z"},
        {10, "19700101000000.01Z"},
        {100, "19700101000000.1Z"},
        {120, "19700101000000.12Z"},
        {123, "19700101000000.123Z"},
        {999, "19700101000000.999Z"},
        {1000, "19700101000001Z"},
        {INT64_C(951782400000), "20000229000000Z"},
        {INT64_C(951868799999), "20000229235959.999Z"},
        {INT64_C(951868800000), "20000301000000Z"},
        {INT64_C(4107542400000), "21000301000000Z"}, /* 2100 is no leap year */
        {INT64_C(4107542399000), "21000228235959Z"},
        {INT64_C(1704067199999), "20231231235959.999Z"},
        {INT64_C(1704067200000), "20240101000000Z"},
        {GEN_TIME_MS_MAX, "99991231235959.999Z"},
        {GEN_TIME_MS_MAX + 1, ""},
        {-1, ""},
        {INT64_MIN, ""},
        {INT64_MAX, ""},
    };
    char text[GEN_TIME_TEXT_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(write_ms(rows[i].ms, text), rows[i].text);
    }
}

/* One moment of every day up to year 9999: as the C library says it, and read back by the
 * parser. */
static void agrees_with_the_library_on_every_day(void **state)
{
    (void)state;
    for (int64_t day = 0; day * 86400000 <= GEN_TIME_MS_MAX; day++) {
        const int64_t ms = day * 86400000 + day * 7919 % 86400000;
        const time_t s = (time_t)(ms / 1000);
        struct gen_time t;
        struct tm tm;
        char text[GEN_TIME_TEXT_MAX + 1];
        char want[64];
        uint32_t flaws = 0;

        assert_non_null(gmtime_r(&s, &tm));
        (void)snprintf(want, sizeof want, "%04d%02d%02d%02d%02d%02d", tm.tm_year + 1900,
                       tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        (void)write_ms(ms, text);
        assert_memory_equal(text, want, 14);
        assert_int_equal(
            gen_time_parse((struct view){(const uint8_t *)text, strlen(text)}, &t, &flaws),
            ERR_OK);
        assert_true(gen_time_ms(&t) == ms && flaws == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trims_the_fraction),
        cmocka_unit_test(agrees_with_the_library_on_every_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
