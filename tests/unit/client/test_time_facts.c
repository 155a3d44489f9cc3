#include "testing.h"

#include "client/status/time_ask.h"
#include "client/status/time_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODE_1                                                                               \
    "{\"node\":1,\"known\":true,\"last_err\":\"ok\",\"clock\":\"nts, "                       \
    "CLOCK_MONOTONIC_RAW\",\"state\":\"serving\",\"reason\":\"holds\",\"offset_ns\":-42000," \
    "\"half_width_ns\":3200000,\"holdover_since\":null,\"sources\":4,\"agreeing\":3}"
#define NODE_2 "{\"node\":2,\"known\":false,\"last_err\":\"deadline\"}"
#define NODE_3                                                                        \
    "{\"node\":3,\"known\":true,\"last_err\":\"ok\",\"clock\":\"kernel, untrusted\"," \
    "\"state\":\"time_drift\",\"reason\":\"wide\",\"offset_ns\":null,"                \
    "\"half_width_ns\":2000000000,\"holdover_since\":7,\"sources\":0,\"agreeing\":0}"
#define PAGE(nodes)                                                                            \
    "{\"degraded\":\"presignatures low\",\"ready\":false,\"reason\":\"time: the bound serves " \
    "no policy\",\"node_id\":\"a\","                                                           \
    "\"nodes\":[" nodes "]}"

static struct time_facts facts;

static enum err parse(const char *text)
{
    return time_facts_parse((struct view){(const uint8_t *)text, strlen(text)}, &facts);
}

static void reads_what_is_said(void **state)
{
    (void)state;
    assert_int_equal(parse(PAGE(NODE_1 "," NODE_2 "," NODE_3)), ERR_OK);
    assert_false(facts.ready);
    assert_string_equal(facts.reason, "time: the bound serves no policy");
    assert_string_equal(facts.degraded, "presignatures low");
    assert_int_equal(facts.n, 3);
    assert_true(facts.nodes[0].known && facts.nodes[0].valid && facts.nodes[0].span);
    assert_int_equal(facts.nodes[0].offset_ns, -42000);
    assert_int_equal(facts.nodes[0].agreeing, 3);
    assert_false(facts.nodes[0].holdover);
    assert_false(facts.nodes[1].known);
    assert_string_equal(facts.nodes[1].last_err, "deadline");
    assert_true(facts.nodes[2].holdover && facts.nodes[2].span && !facts.nodes[2].valid);
}

static char *printed(bool table)
{
    char *text = NULL;
    size_t n = 0;
    FILE *const to = open_memstream(&text, &n);

    assert_non_null(to);
    if (table) {
        time_table_print(&facts, "\n", to);
    } else {
        time_lines_print(&facts, "at=x ", to);
    }
    assert_int_equal(fclose(to), 0);
    return text;
}

/* A share that came again is the same one. */
static void tells_of_an_index_that_was_given_again(void **state)
{
    char *text;

    (void)state;
    assert_int_equal(
        parse("{\"ready\":true,\"reenrolled\":[5],\"node_id\":\"a\",\"nodes\":[]}"), ERR_OK);
    assert_int_equal(facts.reenrolled, 1U << 4);
    text = printed(true);
    assert_non_null(strstr(text, "\nindex 5 was given again, with the same share: if a process "
                                 "that had it was ever compromised, it stays so until the "
                                 "next epoch\n"));
    free(text);
    text = printed(false);
    assert_string_equal(text, "at=x reenrolled=5\n");
    free(text);
    assert_int_equal(parse("{\"ready\":true,\"reenrolled\":[0],\"nodes\":[]}"), ERR_ENCODING);
    assert_int_equal(parse("{\"ready\":true,\"reenrolled\":[17],\"nodes\":[]}"), ERR_ENCODING);
    assert_int_equal(parse("{\"ready\":true,\"reenrolled\":[\"1\"],\"nodes\":[]}"),
                     ERR_ENCODING);
}

/* An authority is not trusted with the terminal of who asks it. */
static void text_cannot_steer_a_terminal(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"ready\":true,\"reason\":\"a\\u001b[2J\\u00e9\",\"nodes\":[]}"),
                     ERR_OK);
    for (const char *c = facts.reason; *c != '\0'; c++) {
        assert_in_range(*c, ' ', '~');
    }
}

static void refuses_what_is_of_another_form(void **state)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "7",
        "{\"ready\":true}",
        "{\"ready\":1,\"nodes\":[]}",
        "{\"ready\":true,\"nodes\":{}}",
        PAGE("7"),
        PAGE("{\"known\":false}"),
        PAGE("{\"node\":\"1\",\"known\":false}"),
        PAGE("{\"node\":1,\"known\":1}"),
        PAGE("{\"node\":1,\"known\":true}"),
        PAGE("{\"node\":1,\"known\":false,\"known\":true}"),
        PAGE(NODE_2) "x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(parse(bad[i]), ERR_ENCODING);
        assert_int_equal(facts.n, 0);
    }
    assert_int_equal(
        parse(PAGE(NODE_2 "," NODE_2 "," NODE_2 "," NODE_2 "," NODE_2 "," NODE_2 "," NODE_2
                          "," NODE_2 "," NODE_2 "," NODE_2 "," NODE_2 "," NODE_2 "," NODE_2
                          "," NODE_2 "," NODE_2 "," NODE_2 "," NODE_2)),
        ERR_NOSPACE);
}

static void prints_a_table_and_lines(void **state)
{
    char *text;

    (void)state;
    assert_int_equal(parse(PAGE(NODE_1 "," NODE_2 "," NODE_3)), ERR_OK);
    text = printed(true);
    assert_string_equal(
        text, "a: not ready: time: the bound serves no policy; degraded: presignatures low\n"
              "NODE  SOURCES  OFFSET      HALF-WIDTH  STATE       REASON          CLOCK\n"
              "1     3/4      -42.000 us  3.200 ms    serving     holds           nts, "
              "CLOCK_MONOTONIC_RAW\n"
              "2     -        -           -           no answer   deadline        -\n"
              "3     -        -           2.000 s     time_drift  wide, holdover  kernel, "
              "untrusted\n");
    free(text);
    text = printed(false);
    assert_string_equal(
        text, "at=x node=1 known=yes state=serving reason=holds offset_ns=-42000 "
              "half_width_ns=3200000 sources=4 agreeing=3 holdover=no clock=\"nts, "
              "CLOCK_MONOTONIC_RAW\"\n"
              "at=x node=2 known=no last_err=deadline\n"
              "at=x node=3 known=yes state=time_drift reason=wide half_width_ns=2000000000 "
              "sources=0 agreeing=0 holdover=yes clock=\"kernel, untrusted\"\n");
    free(text);
}

static void finds_the_page(void **state)
{
    static const struct {
        const char *url, *admin, *want;
    } rows[] = {
        {NULL, NULL, "http://127.0.0.1:3161/time.json"},
        {"https://tsa.example/", NULL, "https://tsa.example/time.json"},
        {NULL, "127.0.0.1:9", "http://127.0.0.1:9/time.json"},
        {NULL, "unix:/run/a", "http://localhost/time.json"},
    };
    static char longest[TIME_ASK_URL_MAX + 1];
    const struct http_options http = {1, 1, NULL};
    struct time_ask a;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(time_ask_open(&a, rows[i].url, rows[i].admin, &http), ERR_OK);
        assert_string_equal(a.url, rows[i].want);
        assert_int_equal(a.unix_path != NULL, i == 3);
        time_ask_close(&a);
    }
    assert_int_equal(time_ask_open(&a, "u", "a", &http), ERR_TYPE);
    memset(longest, 'x', TIME_ASK_URL_MAX);
    assert_int_equal(time_ask_open(&a, longest, NULL, &http), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_said),
        cmocka_unit_test(tells_of_an_index_that_was_given_again),
        cmocka_unit_test(text_cannot_steer_a_terminal),
        cmocka_unit_test(refuses_what_is_of_another_form),
        cmocka_unit_test(prints_a_table_and_lines),
        cmocka_unit_test(finds_the_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
