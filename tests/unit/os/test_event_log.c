#include "testing.h"

#include "os/event_log.h"

#include <string.h>

/* 2024-02-29T23:59:59.007Z */
static const struct timespec leap_day = {.tv_sec = 1709251199, .tv_nsec = 7999999};

static const uint8_t bytes[] = {0x00, 0xff};

static const struct event_field fields[] = {
    {.key = "n", .kind = EVENT_NUMBER, .number = -7},
    {.key = "plain", .kind = EVENT_TEXT, .text = "tcp:127.0.0.1:1"},
    {.key = "foreign", .kind = EVENT_TEXT, .text = "a b\"\\\n\xc3"},
    {.key = "id", .kind = EVENT_HEX, .hex = {bytes, sizeof bytes}},
    {.key = "err", .kind = EVENT_ERR, .number = ERR_BAD_ALG},
};

static void check(enum event_format format, const char *want)
{
    char line[1024];
    const size_t n =
        event_log_format(&(struct event_head){format, EVENT_WARN, EVENT_CORE_LOST, &leap_day},
                         fields, sizeof fields / sizeof fields[0], line, sizeof line);

    assert_int_equal(n, strlen(want));
    assert_memory_equal(line, want, n);
}

static void writes_text(void **state)
{
    (void)state;
    event_log_open("quorate-front", EVENT_AS_TEXT, EVENT_INFO);
    check(EVENT_AS_TEXT,
          "core_lost time=2024-02-29T23:59:59.007Z level=warn program=quorate-front n=-7 "
          "plain=tcp:127.0.0.1:1 foreign=\"a b\\\"\\\\\\x0a\\xc3\" id=00ff err=bad_alg\n");
}

static void writes_json(void **state)
{
    (void)state;
    event_log_open("quorate-front", EVENT_AS_JSON, EVENT_INFO);
    check(EVENT_AS_JSON,
          "{\"event\":\"core_lost\",\"time\":\"2024-02-29T23:59:59.007Z\",\"level\":\"warn\","
          "\"program\":\"quorate-front\",\"n\":-7,\"plain\":\"tcp:127.0.0.1:1\","
          "\"foreign\":\"a b\\\"\\\\\\u000a\\u00c3\",\"id\":\"00ff\",\"err\":\"bad_alg\"}\n");
}

static void knows_the_calendar(void **state)
{
    static const struct {
        time_t at;
        const char *want;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},          {951782399, "2000-02-28T23:59:59.000Z"},
        {951868800, "2000-03-01T00:00:00.000Z"},  {1798761599, "2026-12-31T23:59:59.000Z"},
        {4107542400, "2100-03-01T00:00:00.000Z"}, {253402300799, "9999-12-31T23:59:59.000Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct timespec at = {.tv_sec = rows[i].at};
        char line[256];
        const size_t n =
            event_log_format(&(struct event_head){EVENT_AS_TEXT, EVENT_INFO, EVENT_READY, &at},
                             NULL, 0, line, sizeof line);

        line[n - 1] = '\0';
        assert_non_null(strstr(line, rows[i].want));
    }
}

/* Whatever is cut, the line ends well and says so. */
static void cuts_long_lines(void **state)
{
    static const enum event_format formats[] = {EVENT_AS_TEXT, EVENT_AS_JSON};
    char text[2000];

    (void)state;
    memset(text, '"', sizeof text);
    for (size_t len = 0; len < sizeof text; len += 7) {
        text[len] = '\0';
        for (size_t i = 0; i < 2; i++) {
            const struct event_field f[] = {{.key = "t", .kind = EVENT_TEXT, .text = text},
                                            {.key = "z", .kind = EVENT_NUMBER, .number = 1}};
            char line[256];
            const size_t n = event_log_format(
                &(struct event_head){formats[i], EVENT_INFO, EVENT_READY, &leap_day}, f, 2,
                line, sizeof line);
            const bool whole = memmem(line, n, "cut", 3) == NULL;

            assert_true(n <= sizeof line && line[n - 1] == '\n');
            assert_true(whole == (memmem(line, n, i == 0 ? " z=1" : "\"z\":1}",
                                         i == 0 ? 4 : 6) != NULL));
            assert_true(i == 0 || line[n - 2] == '}');
        }
        text[len] = '"';
    }
}

static void cuts_too_many_fields(void **state)
{
    struct event_field many[17] = {{0}};
    char line[1024];

    (void)state;
    for (size_t i = 0; i < 17; i++) {
        many[i] = (struct event_field){.key = "k", .kind = EVENT_NUMBER, .number = 1};
    }
    const size_t n = event_log_format(
        &(struct event_head){EVENT_AS_TEXT, EVENT_INFO, EVENT_READY, &leap_day}, many, 17, line,
        sizeof line);

    assert_non_null(memmem(line, n, "k=1 cut=yes\n", 12));
}

static void names_every_event(void **state)
{
    (void)state;
    for (int i = 0; i < EVENT_COUNT; i++) {
        assert_non_null(event_name((enum event)i));
        assert_string_not_equal(event_name((enum event)i), "unknown");
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(event_name((enum event)i), event_name((enum event)j));
        }
    }
    assert_string_equal(event_name(EVENT_COUNT), "unknown");
}

static void obeys_the_level(void **state)
{
    (void)state;
    event_log_open("t", EVENT_AS_TEXT, EVENT_WARN);
    assert_false(event_log_wants(EVENT_INFO));
    assert_true(event_log_wants(EVENT_WARN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_text),          cmocka_unit_test(writes_json),
        cmocka_unit_test(knows_the_calendar),   cmocka_unit_test(cuts_long_lines),
        cmocka_unit_test(cuts_too_many_fields), cmocka_unit_test(names_every_event),
        cmocka_unit_test(obeys_the_level),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
