/* JSON of others: what the grammar allows and what it does not, each cap at its edge, and what
 * is read of it. */
#include "parser_cases.h"

#include "format/json.h"

#include <stdio.h>

static struct view text_of(const char *text)
{
    return (struct view){(const uint8_t *)text, strlen(text)};
}

static enum err parse(struct view in)
{
    static const struct json_value zero;
    struct json_value v;
    const enum err e = json_parse(in, &v);

    if (e != ERR_OK) {
        assert_memory_equal(&v, &zero, sizeof v);
    }
    return e;
}

static enum err parse_text(const char *text)
{
    return parse_copy(parse, (const uint8_t *)text, strlen(text));
}

static struct json_value value_of(const char *text)
{
    struct json_value v;

    assert_int_equal(json_parse(text_of(text), &v), ERR_OK);
    return v;
}

static void assert_view(struct view v, const char *text)
{
    assert_true(view_equal(v, text_of(text)));
}

/* The first and the last of each length. */
static const char characters[] = "\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0"
                                 "\x90\x80\x80\xf4\x8f\xbf\xbf\x7f\"";

static void good_texts_are_taken(void **state)
{
    static const char *const good[] = {
        "0",
        "-0",
        "-1.5e+07",
        "12E-3",
        "\"\"",
        "null",
        "true",
        "false",
        "[]",
        "{}",
        " \t\r\n[ ] \n",
        "[[],{},[{}]]",
        "{\"a\":{\"b\":[1,2,{\"c\":null}]},\"d\":\"\"}",
        "{ \"a\" : 1 , \"b\" : [ 1 , 2 ] }",
        "[\"\\ue000\\uffff\\ud7ff\"]",
        "{\"a\":1,\"A\":2,\"\":3,\"aa\":4}",
        "{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}",
        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\ud834\\udd1e\\u0000\"]",
        characters,
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(parse_text(good[i]), ERR_OK);
    }
}

struct bad {
    const char *text;
    enum err want;
};

static void refuses_all(const struct bad *bad, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const enum err e = parse_text(bad[i].text);

        if (e != bad[i].want) {
            print_error("%s: %s\n", bad[i].text, err_name(e));
        }
        assert_int_equal(e, bad[i].want);
    }
}

static void bad_grammar_is_refused(void **state)
{
    static const struct bad bad[] = {
        {"", ERR_TRUNCATED},         {" ", ERR_TRUNCATED},
        {"[", ERR_TRUNCATED},        {"{\"a\"", ERR_TRUNCATED},
        {"{\"a\":", ERR_TRUNCATED},  {"\"a", ERR_TRUNCATED},
        {"tru", ERR_TRUNCATED},      {"-", ERR_TRUNCATED},
        {"1.", ERR_TRUNCATED},       {"1e", ERR_TRUNCATED},
        {"1e+", ERR_TRUNCATED},      {"[1,", ERR_TRUNCATED},
        {"1 1", ERR_TRAILING},       {"{}}", ERR_TRAILING},
        {"[]]", ERR_TRAILING},       {"01", ERR_TRAILING},
        {"truex", ERR_TRAILING},     {"[1,]", ERR_ENCODING},
        {"[,1]", ERR_ENCODING},      {"[1 2]", ERR_ENCODING},
        {"[1}", ERR_ENCODING},       {"{\"a\":1]", ERR_ENCODING},
        {"{\"a\" 1}", ERR_ENCODING}, {"{\"a\":1,}", ERR_ENCODING},
        {"{1:2}", ERR_ENCODING},     {"{a:2}", ERR_ENCODING},
        {"{'a':2}", ERR_ENCODING},   {"[+1]", ERR_ENCODING},
        {"[-a]", ERR_ENCODING},      {"[.5]", ERR_ENCODING},
        {"[1.e1]", ERR_ENCODING},    {"[1ea]", ERR_ENCODING},
        {"[0x1]", ERR_ENCODING},     {"[NaN]", ERR_ENCODING},
        {"[True]", ERR_ENCODING},    {"[nul]", ERR_ENCODING},
        {"[1]/**/", ERR_TRAILING},   {"/**/[1]", ERR_ENCODING},
        {"[\f1]", ERR_ENCODING},     {"\xef\xbb\xbf[]", ERR_ENCODING},
    };

    (void)state;
    refuses_all(bad, sizeof bad / sizeof *bad);
    assert_int_equal(parse((struct view){(const uint8_t *)"[1]\0", 4}), ERR_TRAILING);
    assert_int_equal(parse((struct view){(const uint8_t *)"[\0]", 3}), ERR_ENCODING);
}

static void bad_strings_are_refused(void **state)
{
    static const struct bad bad[] = {
        {"\"\n\"", ERR_ENCODING},
        {"\"\x1f\"", ERR_ENCODING},
        {"\"\\x41\"", ERR_ENCODING},
        {"\"\\U0041\"", ERR_ENCODING},
        {"\"\\u004g\"", ERR_ENCODING},
        {"\"\\u00", ERR_TRUNCATED},
        {"\"\\ud834\"", ERR_ENCODING},
        {"\"\\ud834x\"", ERR_ENCODING},
        {"\"\\ud834\\n\"", ERR_ENCODING},
        {"\"\\ud834\\u0041\"", ERR_ENCODING},
        {"\"\\ud834\\ud834\"", ERR_ENCODING},
        {"\"\\ud834\\ue000\"", ERR_ENCODING},
        {"\"\\udd1e\"", ERR_ENCODING},
        {"\"\\udd1e\\udd1e\"", ERR_ENCODING},
        {"\"\\ud834\\ndd1e\"", ERR_ENCODING},
        {"\"\xbf\xbf\"", ERR_ENCODING},
        {"\"\xfc\x80\x80\x80\"", ERR_ENCODING},
        {"\"\x80\"", ERR_ENCODING},
        {"\"\xbf\"", ERR_ENCODING},
        {"\"\xc0\x80\"", ERR_ENCODING},
        {"\"\xc1\xbf\"", ERR_ENCODING},
        {"\"\xe0\x9f\xbf\"", ERR_ENCODING},
        {"\"\xed\xa0\x80\"", ERR_ENCODING},
        {"\"\xed\xbf\xbf\"", ERR_ENCODING},
        {"\"\xf0\x8f\xbf\xbf\"", ERR_ENCODING},
        {"\"\xf4\x90\x80\x80\"", ERR_ENCODING},
        {"\"\xf8\x88\x80\x80\x80\"", ERR_ENCODING},
        {"\"\xff\"", ERR_ENCODING},
        {"\"\xc3\"", ERR_ENCODING},
        {"\"\xe2\x82\"", ERR_ENCODING},
        {"\"\xe2\xc3\xa9\"", ERR_ENCODING},
    };

    (void)state;
    refuses_all(bad, sizeof bad / sizeof *bad);
}

static void a_name_that_stands_twice_is_refused(void **state)
{
    static const struct bad bad[] = {
        {"{\"a\":1,\"a\":1}", ERR_RANGE},
        {"{\"a\":1,\"b\":2,\"a\":1}", ERR_RANGE},
        {"{\"\":1,\"\":1}", ERR_RANGE},
        {"{\"a\":1,\"\\u0061\":1}", ERR_RANGE},
        {"{\"\\/\":1,\"/\":1}", ERR_RANGE},
        {"{\"\xf0\x9d\x84\x9e\":1,\"\\ud834\\udd1e\":1}", ERR_RANGE},
        {"[{\"a\":{\"x\":1},\"b\":[{\"x\":1}],\"a\":1}]", ERR_RANGE},
    };

    (void)state;
    refuses_all(bad, sizeof bad / sizeof *bad);
}

/* FNV-1a of 64 bits gives the first two 0: nobody compares names that were made so. Of the
 * pairs after them two are the same in one half of it, the others in FNV-1a of 32 bits. */
static void names_of_one_hash_are_one(void **state)
{
    (void)state;
    assert_int_equal(parse_text("{\"!0IC=VloaY\":1,\"QvXtM>@Fp%\":2}"), ERR_RANGE);
    assert_int_equal(parse_text("{\"!0IC=VloaY\":1,\"a\":{\"QvXtM>@Fp%\":2}}"), ERR_OK);
    assert_int_equal(parse_text("{\"n64cb\":1,\"n30bf0\":2}"), ERR_OK);
    assert_int_equal(parse_text("{\"nc899\":1,\"n138ee\":2}"), ERR_OK);
    assert_int_equal(parse_text("{\"costarring\":1,\"liquid\":2}"), ERR_OK);
    assert_int_equal(parse_text("{\"costarring\":1,\"liquid\":2,\"liquid\":2}"), ERR_RANGE);
    assert_int_equal(parse_text("{\"lsexqzd\":1,\"ztxtxde\":2}"), ERR_OK);
}

static void prefixes_and_flips_are_survived(void **state)
{
    static const char text[] =
        "{\"a\":[1,-2.5e3,\"\\ud834\\udd1e\xe2\x82\xac\",true,null],\"b\":{\"c\":{}}}";
    const struct view good = {(const uint8_t *)text, sizeof text - 1};

    (void)state;
    refuses_every_prefix_of(parse, good);
    refuses_a_byte_after(parse, good);
    (void)survives_every_flip_of(parse, good);
}

static void each_cap_is_kept(void **state)
{
    static char text[JSON_TEXT_MAX + 2];
    struct json_value v;

    (void)state;
    memset(text, ' ', sizeof text);
    text[0] = '1';
    assert_int_equal(json_parse((struct view){(const uint8_t *)text, JSON_TEXT_MAX}, &v),
                     ERR_OK);
    assert_int_equal(parse((struct view){(const uint8_t *)text, JSON_TEXT_MAX + 1}),
                     ERR_LENGTH);

    for (size_t depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(parse((struct view){(const uint8_t *)text, 2 * depth}),
                         depth == JSON_DEPTH_MAX ? ERR_OK : ERR_RANGE);
    }
}

/* An object of n members, the last of which holds what follows. */
static size_t write_members(char *out, size_t cap, char name, size_t n)
{
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        at += (size_t)snprintf(out + at, cap - at, "%s\"%c%zu\":%s", i == 0 ? "{" : ",", name,
                               i, i + 1 < n ? "0" : "");
    }
    return at;
}

static void members_are_counted(void **state)
{
    static char text[65536];

    (void)state;
    for (size_t n = JSON_MEMBERS_MAX; n <= JSON_MEMBERS_MAX + 1; n++) {
        const size_t at = write_members(text, sizeof text, 'a', n);

        (void)snprintf(text + at, sizeof text - at, "0}");
        assert_int_equal(parse_text(text), n == JSON_MEMBERS_MAX ? ERR_OK : ERR_RANGE);
    }
    for (size_t more = 0; more <= 1; more++) {
        size_t at = 0;

        at += write_members(text + at, sizeof text - at, 'a', JSON_MEMBERS_MAX);
        at += write_members(text + at, sizeof text - at, 'b', JSON_MEMBERS_MAX);
        (void)snprintf(text + at, sizeof text - at, more == 0 ? "{}}}" : "{\"c\":0}}}");
        assert_int_equal(parse_text(text), more == 0 ? ERR_OK : ERR_RANGE);
    }
    /* Those of an object that has ended do not count. */
    size_t at = (size_t)snprintf(text, sizeof text, "[");

    for (int i = 0; i < 4; i++) {
        at += write_members(text + at, sizeof text - at, 'a', JSON_MEMBERS_MAX);
        at += (size_t)snprintf(text + at, sizeof text - at, i < 3 ? "0}," : "0}]");
    }
    assert_int_equal(parse_text(text), ERR_OK);
}

static void members_and_elements_come_in_order(void **state)
{
    const struct json_value v =
        value_of(" {\"a\" : [1, \"x]\" ,{\"z\":\"}\"} ] ,\"b\":-2.5 , \"c\":\"\\\"\"} ");
    struct json_items it = json_items(&v);
    struct json_value key;
    struct json_value value;

    (void)state;
    assert_int_equal(v.type, JSON_TYPE_OBJECT);
    assert_true(json_next(&it, &key, &value));
    assert_view(key.raw, "\"a\"");
    assert_int_equal(value.type, JSON_TYPE_ARRAY);
    assert_view(value.raw, "[1, \"x]\" ,{\"z\":\"}\"} ]");

    struct json_items inner = json_items(&value);

    assert_true(json_next(&inner, &key, &value));
    assert_int_equal(key.type, JSON_TYPE_NULL);
    assert_view(value.raw, "1");
    assert_true(json_next(&inner, &key, &value));
    assert_view(value.raw, "\"x]\"");
    assert_true(json_next(&inner, &key, &value));
    assert_int_equal(value.type, JSON_TYPE_OBJECT);
    assert_view(value.raw, "{\"z\":\"}\"}");
    assert_false(json_next(&inner, &key, &value));
    assert_int_equal(value.raw.n, 0);

    assert_true(json_next(&it, &key, &value));
    assert_view(value.raw, "-2.5");
    assert_true(json_next(&it, &key, &value));
    assert_view(value.raw, "\"\\\"\"");
    assert_false(json_next(&it, &key, &value));
    assert_false(json_next(&it, &key, &value));
}

static void what_holds_nothing_gives_nothing(void **state)
{
    static const char *const empty[] = {"{}", "[ ]", "1", "\"abc\"", "null"};
    struct json_value key;
    struct json_value value;

    (void)state;
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        const struct json_value v = value_of(empty[i]);
        struct json_items it = json_items(&v);

        assert_false(json_next(&it, &key, &value));
        assert_false(json_find(&v, "a", &value));
    }
}

static void a_member_is_found_by_its_name(void **state)
{
    const struct json_value v = value_of("{\"a\":{\"b\":1},\"\\u0062\":2,\"ab\":[]}");
    const struct json_value list = value_of("[\"a\",1]");
    struct json_value out;

    (void)state;
    assert_true(json_find(&v, "b", &out));
    assert_view(out.raw, "2");
    assert_true(json_find(&v, "ab", &out));
    assert_int_equal(out.type, JSON_TYPE_ARRAY);
    assert_false(json_find(&v, "c", &out));
    assert_int_equal(out.raw.n, 0);
    assert_false(json_find(&v, "", &out));
    assert_false(json_find(&list, "a", &out));
}

static void strings_are_read(void **state)
{
    const struct json_value plain = value_of("\"a\xc3\xa9z\"");
    const struct json_value escaped =
        value_of("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\\u20AC\\ud834\\udd1e\"");
    const struct json_value number = value_of("12");
    static const char want[] = "\"\\/\b\f\n\r\t\0\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e";
    uint8_t buf[32];
    struct view out;

    (void)state;
    assert_int_equal(json_plain(&plain, &out), ERR_OK);
    assert_view(out, "a\xc3\xa9z");
    assert_int_equal(json_plain(&escaped, &out), ERR_ENCODING);
    assert_int_equal(out.n, 0);
    assert_int_equal(json_plain(&number, &out), ERR_TAG);
    assert_int_equal(json_text(&escaped, buf, sizeof buf, &out), ERR_OK);
    assert_true(view_equal(out, (struct view){(const uint8_t *)want, sizeof want - 1}));
    assert_int_equal(json_text(&escaped, buf, sizeof want - 2, &out), ERR_NOSPACE);
    assert_int_equal(out.n, 0);
    assert_int_equal(json_text(&number, buf, sizeof buf, &out), ERR_TAG);
    assert_true(json_string_is(&escaped, "\"\\/\b\f\n\r\t") == false);
    const struct json_value word = value_of("\"w\\u006frd\"");

    assert_true(json_string_is(&word, "word"));
    assert_false(json_string_is(&word, "wor"));
    assert_false(json_string_is(&word, "words"));
    assert_false(json_string_is(&number, "12"));
    assert_false(json_string_is(&number, ""));
    const struct json_value zero = value_of("\"a\\u0000\"");

    assert_false(json_string_is(&zero, "a"));
}

static void numbers_are_read(void **state)
{
    static const struct {
        const char *text;
        enum err u, i;
    } cases[] = {
        {"0", ERR_OK, ERR_OK},
        {"9223372036854775807", ERR_OK, ERR_OK},
        {"9223372036854775808", ERR_OK, ERR_RANGE},
        {"18446744073709551615", ERR_OK, ERR_RANGE},
        {"18446744073709551616", ERR_RANGE, ERR_RANGE},
        {"99999999999999999999999999", ERR_RANGE, ERR_RANGE},
        {"-9223372036854775808", ERR_RANGE, ERR_OK},
        {"-9223372036854775809", ERR_RANGE, ERR_RANGE},
        {"-0", ERR_RANGE, ERR_ENCODING},
        {"1.0", ERR_ENCODING, ERR_ENCODING},
        {"1e2", ERR_ENCODING, ERR_ENCODING},
        {"\"1\"", ERR_TAG, ERR_TAG},
        {"true", ERR_TAG, ERR_TAG},
    };
    uint64_t u = 0;
    int64_t i = 0;

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const struct json_value v = value_of(cases[c].text);

        assert_int_equal(json_u64(&v, UINT64_MAX, &u), cases[c].u);
        assert_int_equal(json_i64(&v, &i), cases[c].i);
        if (cases[c].u != ERR_OK) {
            assert_int_equal(u, 0);
        }
    }
    const struct json_value least = value_of("-9223372036854775808");
    const struct json_value small = value_of("255");

    assert_int_equal(json_i64(&least, &i), ERR_OK);
    assert_true(i == INT64_MIN);
    assert_int_equal(json_u64(&small, 255, &u), ERR_OK);
    assert_int_equal(u, 255);
    assert_int_equal(json_u64(&small, 254, &u), ERR_RANGE);
    assert_int_equal(json_u64(&small, 3, &u), ERR_RANGE);
}

static void truths_are_read(void **state)
{
    const struct json_value yes = value_of("true");
    const struct json_value no = value_of("false");
    const struct json_value null = value_of("null");
    bool b = false;

    (void)state;
    assert_int_equal(json_bool(&yes, &b), ERR_OK);
    assert_true(b);
    assert_int_equal(json_bool(&no, &b), ERR_OK);
    assert_false(b);
    assert_int_equal(json_bool(&null, &b), ERR_TAG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts_are_taken),
        cmocka_unit_test(bad_grammar_is_refused),
        cmocka_unit_test(bad_strings_are_refused),
        cmocka_unit_test(a_name_that_stands_twice_is_refused),
        cmocka_unit_test(names_of_one_hash_are_one),
        cmocka_unit_test(prefixes_and_flips_are_survived),
        cmocka_unit_test(each_cap_is_kept),
        cmocka_unit_test(members_are_counted),
        cmocka_unit_test(members_and_elements_come_in_order),
        cmocka_unit_test(what_holds_nothing_gives_nothing),
        cmocka_unit_test(a_member_is_found_by_its_name),
        cmocka_unit_test(strings_are_read),
        cmocka_unit_test(numbers_are_read),
        cmocka_unit_test(truths_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
