#include "testing.h"

#include "host/front/media_type.h"

#include <string.h>

static struct view text(const char *s)
{
    return (struct view){(const uint8_t *)s, strlen(s)};
}

static void reads_content_types(void **state)
{
    static const struct {
        const char *value;
        enum media_type want;
    } rows[] = {
        {"application/timestamp-query", MEDIA_QUERY},
        {"Application/TimeStamp-Query", MEDIA_QUERY},
        {"application/timestamp-query;charset=utf-8", MEDIA_QUERY},
        {" application/timestamp-query ; a=b ; c=\"d\\\";e\" ", MEDIA_QUERY},
        {"application/timestamp-query;", MEDIA_QUERY},
        {"application/timestamp-query;;a=b", MEDIA_QUERY},
        {"application/timestamp-reply", MEDIA_REPLY},
        {"application/json", MEDIA_JSON},
        {"application/json; charset=utf-8", MEDIA_JSON},
        {"application/x-www-form-urlencoded", MEDIA_OTHER},
        {"text/json", MEDIA_OTHER},
        {"application/timestamp-queryx", MEDIA_OTHER},
        {"", MEDIA_NONE},
        {" \t", MEDIA_NONE},
        {"application", MEDIA_BAD},
        {"application/", MEDIA_BAD},
        {"/json", MEDIA_BAD},
        {"application /json", MEDIA_BAD},
        {"application/json x", MEDIA_BAD},
        {"application/json;a", MEDIA_BAD},
        {"application/json;a=", MEDIA_BAD},
        {"application/json;a=\"", MEDIA_BAD},
        {"application/json;a=\"b\\", MEDIA_BAD},
        {"application/json;a=\"\x01\"", MEDIA_BAD},
        {"application/json, text/plain", MEDIA_BAD},
        {"application/timestamp-query\x80", MEDIA_BAD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (media_type_parse(text(rows[i].value)) != rows[i].want) {
            fail_msg("\"%s\"", rows[i].value);
        }
    }
}

static void weighs_accept(void **state)
{
    static const struct {
        const char *value;
        bool want;
    } rows[] = {
        {"", false},
        {"*/*", false},
        {"application/*", false},
        {"application/json", true},
        {"text/html, application/json;q=0.5", true},
        {"application/json;q=0", false},
        {"application/json;q=0.000", false},
        {"application/json;q=0.001", true},
        {"application/json;q=1.000", true},
        {"application/json;q=1.001", false},
        {"application/json;q=2", false},
        {"application/json;q=x", false},
        {"application/timestamp-reply", false},
        {"application/timestamp-reply, application/json", true},
        {"application/timestamp-reply, application/json;q=0.9", false},
        {"application/timestamp-reply;q=0.1,application/json;q=0.9", true},
        {", ,application/json,", true},
        {"application/json application/json", false},
        {"application/json;charset=utf-8", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (media_accepts_json(text(rows[i].value)) != rows[i].want) {
            fail_msg("\"%s\"", rows[i].value);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_content_types),
        cmocka_unit_test(weighs_accept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
