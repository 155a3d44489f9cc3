#include "parser_cases.h"

#include "format/ber.h"
#include "format/gen_time_parse.h"

static enum err parse(struct view in)
{
    struct gen_time t = {1, 1, 1};
    uint32_t flaws = 0;
    const enum err e = gen_time_parse(in, &t, &flaws);

    assert_true(t.ns < 1000000000 && (flaws & ~(uint32_t)BER_FLAW_TIME) == 0);
    if (e != ERR_OK) {
        assert_true(t.s == 0 && t.ns == 0 && t.digits == 0 && flaws == 0);
    }
    return e;
}

static enum err parse_utc(struct view in)
{
    struct gen_time t = {1, 1, 1};
    const enum err e = gen_time_parse_utc(in, &t);

    assert_true(t.ns == 0 && t.digits == 0 && (e == ERR_OK || t.s == 0));
    return e;
}

static struct view text(const char *s)
{
    return (struct view){(const uint8_t *)s, strlen(s)};
}

static void reads_each_form(void **state)
{
    static const struct {
        const char *text;
        int64_t s;
        uint32_t ns;
        uint8_t digits;
        uint32_t flaws;
    } rows[] = {
        {"19700101000000Z", 0, 0, 0, 0},
        {"20190412090032.613Z", 1555059632, 613000000, 3, 0},
        {"20190412090032.5Z", 1555059632, 500000000, 1, 0},
        {"20190412090032.000001Z", 1555059632, 1000, 6, 0},
        {"20190412090032.123456789Z", 1555059632, 123456789, 9, 0},
        {"20190412090032.1234567899Z", 1555059632, 123456789, 10, 0},
        {"20190412090032.0Z", 1555059632, 0, 1, BER_FLAW_TIME},
        {"20190412090032.500Z", 1555059632, 500000000, 3, BER_FLAW_TIME},
        {"20190412090032,5Z", 1555059632, 500000000, 1, BER_FLAW_TIME},
        {"19691231235959Z", -1, 0, 0, 0},
        {"19691231235959.9Z", -1, 900000000, 1, 0},
        {"00000101000000Z", INT64_C(-62167219200), 0, 0, 0},
        {"99991231235959Z", INT64_C(253402300799), 0, 0, 0},
        {"20000229000000Z", 951782400, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct gen_time t;
        uint32_t flaws = 0;

        assert_int_equal(gen_time_parse(text(rows[i].text), &t, &flaws), ERR_OK);
        assert_true(t.s == rows[i].s);
        assert_int_equal(t.ns, rows[i].ns);
        assert_int_equal(t.digits, rows[i].digits);
        assert_int_equal(flaws, rows[i].flaws);
    }
}

static void refuses_other_forms(void **state)
{
    static const struct {
        const char *text;
        enum err want;
    } rows[] = {
        {"", ERR_ENCODING},
        {"20190412090032", ERR_ENCODING},      /* local time */
        {"20190412090032+0000", ERR_ENCODING}, /* an offset */
        {"20190412090032z", ERR_ENCODING},
        {"201904120900Z", ERR_ENCODING}, /* no seconds */
        {"2019041209Z", ERR_ENCODING},
        {"20190412090032.Z", ERR_ENCODING},
        {"20190412090032.5", ERR_ENCODING},
        {"20190412090032.5 Z", ERR_ENCODING},
        {"20190412090032ZZ", ERR_ENCODING},
        {"2019041209003aZ", ERR_ENCODING},
        {" 0190412090032Z", ERR_ENCODING},
        {"20191312090032Z", ERR_RANGE},
        {"20190012090032Z", ERR_RANGE},
        {"20190400090032Z", ERR_RANGE},
        {"20190431090032Z", ERR_RANGE},
        {"20190229090032Z", ERR_RANGE},
        {"19000229090032Z", ERR_RANGE},
        {"20190412240032Z", ERR_RANGE},
        {"20190412096032Z", ERR_RANGE},
        {"20161231235960Z", ERR_RANGE}, /* a leap second */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct view in = text(rows[i].text);

        assert_int_equal(parse_copy(parse, in.p, in.n), rows[i].want);
    }
}

static void reads_utc_time(void **state)
{
    static const struct {
        const char *text;
        int64_t s;
        enum err want;
    } rows[] = {
        {"700101000000Z", 0, ERR_OK},           {"190412090032Z", 1555059632, ERR_OK},
        {"491231235959Z", 2524607999, ERR_OK},  {"500101000000Z", -631152000, ERR_OK},
        {"1904120900Z", 0, ERR_ENCODING},       {"190412090032.5Z", 0, ERR_ENCODING},
        {"190412090032+0000", 0, ERR_ENCODING}, {"190230090032Z", 0, ERR_RANGE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct gen_time t;

        assert_int_equal(gen_time_parse_utc(text(rows[i].text), &t), rows[i].want);
        assert_true(t.s == rows[i].s);
    }
}

static void rounds_milliseconds_down(void **state)
{
    (void)state;
    assert_true(gen_time_ms(&(struct gen_time){1, 999999999, 9}) == 1999);
    assert_true(gen_time_ms(&(struct gen_time){-1, 1, 9}) == -1000);
    assert_true(gen_time_ms(&(struct gen_time){-1, 999000000, 3}) == -1);
}

static void many_digits_are_counted_to_255(void **state)
{
    char long_text[400] = "20190412090032.";
    struct gen_time t;
    uint32_t flaws = 0;

    (void)state;
    memset(long_text + 15, '1', 300);
    long_text[315] = 'Z';
    assert_int_equal(gen_time_parse(text(long_text), &t, &flaws), ERR_OK);
    assert_int_equal(t.digits, 255);
    assert_int_equal(t.ns, 111111111);
}

static void prefixes_and_flips(void **state)
{
    (void)state;
    refuses_every_prefix_of(parse, text("20190412090032.613Z"));
    refuses_every_prefix_of(parse_utc, text("190412090032Z"));
    (void)survives_every_flip_of(parse, text("20190412090032.613Z"));
    (void)survives_every_flip_of(parse_utc, text("190412090032Z"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_each_form),
        cmocka_unit_test(refuses_other_forms),
        cmocka_unit_test(reads_utc_time),
        cmocka_unit_test(rounds_milliseconds_down),
        cmocka_unit_test(many_digits_are_counted_to_255),
        cmocka_unit_test(prefixes_and_flips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
