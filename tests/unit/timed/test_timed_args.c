#include "testing.h"

#include "enclave/timed/timed_args.h"

#include <stdio.h>
#include <string.h>

#define ARGS_MAX 64
#define TABLE "1483228800:37@4102444800"

/* A command line, split at spaces. */
static enum err parse(const char *line, struct timed_args *a, int *where)
{
    static char text[4096];
    static const struct timed_args zero;
    char *argv[ARGS_MAX] = {text};
    int argc = 1;
    enum err e;

    assert_true(strlen(line) + 16 < sizeof text);
    strcpy(text, "quorate-timed");
    strcpy(text + 16, line);
    for (char *p = strtok(text + 16, " "); p; p = strtok(NULL, " ")) {
        argv[argc++] = p;
    }
    e = timed_args_parse(argc, argv, a, where);
    assert_true(e == ERR_OK || memcmp(a, &zero, sizeof zero) == 0);
    return e;
}

#if defined(QUORATE_SIMULATED)
#define SIMULATED true
#else
#define SIMULATED false
#endif
#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEAD "--core unix:/c --ca /ca --leap-table " TABLE
#define FOUR                                                           \
    " --source a.test,127.0.0.1:1,o1,se --source b.test,[::1]:2,o2,de" \
    " --source c,127.0.0.3:3,o3,de --source d,127.0.0.4:4,o4,de"

static void takes_a_whole_command_line(void **state)
{
    struct timed_args a;
    int where = 0;

    (void)state;
    assert_int_equal(parse(HEAD FOUR, &a, &where), ERR_OK);
    assert_true(a.n_sources == 4 && a.poll == TIMED_POLL_PRESET && !a.few);
    assert_string_equal(a.ca, "/ca");
    assert_string_equal(a.sources[1].name, "b.test");
    assert_string_equal(a.sources[1].operator, "o2");
    assert_string_equal(a.sources[0].jurisdiction, "se");
    assert_int_equal(a.sources[1].ke.addr.ss_family, AF_INET6);
    assert_int_equal(a.leap.entries[0].offset_s, 37);
    assert_int_equal(parse(HEAD FOUR " --poll 10", &a, &where), ERR_OK);
    assert_int_equal(a.poll, 10);
    assert_int_equal(parse("--help", &a, &where), ERR_OK);
    assert_true(a.help);
    assert_int_equal(parse("--version", &a, &where), ERR_OK);
    assert_true(a.version);
}

static void refuses_with_the_argument_at_fault(void **state)
{
    static const struct {
        const char *line;
        enum err want;
        int where;
    } cases[] = {
        {"", ERR_TRUNCATED, 1},
        {HEAD, ERR_TRUNCATED, 7},
        {"--ca /ca" FOUR " --leap-table " TABLE, ERR_TRUNCATED, 13},
        {HEAD " --sauce x", ERR_TAG, 7},
        {HEAD " --source", ERR_TRUNCATED, 8},
        {HEAD " --core unix:/d", ERR_TRAILING, 8},
        {HEAD " --ca /d", ERR_TRAILING, 8},
        {HEAD " --leap-table " TABLE, ERR_TRAILING, 8},
        {HEAD " --poll 11", ERR_RANGE, 8},
        {HEAD " --poll x", ERR_ENCODING, 8},
        {HEAD " --poll 111", ERR_ENCODING, 8},
        {HEAD " --poll 1 --poll 1", ERR_TRAILING, 10},
        {HEAD " --core x", ERR_TRAILING, 8},
        {"--core x", ERR_ENCODING, 2},
        {"--leap-table x", ERR_ENCODING, 2},
        {HEAD " --source a,127.0.0.1:1,o", ERR_ENCODING, 8},
        {HEAD " --source a,time_test:1,o,j", ERR_ENCODING, 8},
        {HEAD " --source a,time.test,o,j", ERR_ENCODING, 8},
        {HEAD " --source a,127.0.0.1:1,o,j,fast", ERR_ENCODING, 8},
        {HEAD " --source a,127.0.0.1:1,o,j,smeared", ERR_TIME, 8},
        {HEAD " --source a,127.0.0.1:1,o,j,smeared,x", ERR_ENCODING, 8},
        {HEAD " --source ,127.0.0.1:1,o,j", ERR_ENCODING, 8},
        {HEAD " --source a,127.0.0.1:1,o,j --source a,127.0.0.2:1,p,k", ERR_TRAILING, 10},
        {HEAD " --source a,127.0.0.1:1,o,j --source b,127.0.0.2:1,p,k", ERR_QUORUM, 11},
        {HEAD FOUR " --source e,127.0.0.5:5,o1,se", ERR_POLICY, 17},
        {"--core unix:/c --leap-table " TABLE FOUR, ERR_TRUNCATED, 13},
        {"--core unix:/c --ca /ca" FOUR, ERR_TRUNCATED, 13},
        {HEAD " --roughtime", ERR_TRUNCATED, 8},
        {HEAD " --roughtime 127.0.0.1:1", ERR_ENCODING, 8},
        {HEAD " --roughtime 127.0.0.1:1," KEY "0", ERR_LENGTH, 8},
        {HEAD " --roughtime 127.0.0.1:1," KEY "00", ERR_NOSPACE, 8},
        {HEAD " --roughtime 127.0.0.1:1,00", ERR_LENGTH, 8},
        {HEAD " --roughtime 127.0.0.1:1,x", ERR_ENCODING, 8},
        {HEAD " --roughtime ,x", ERR_ENCODING, 8},
        {HEAD " --roughtime 127.0.0.1," KEY, ERR_ENCODING, 8},
        {HEAD " --roughtime 127.0.0.1:1," KEY " --roughtime 127.0.0.1:1," KEY, ERR_TRAILING,
         10},
        {HEAD " --roughtime 127.0.0.1:1," KEY " --roughtime 127.0.0.1:2," KEY
              " --roughtime 127.0.0.1:3," KEY " --roughtime 127.0.0.1:4," KEY
              " --roughtime 127.0.0.1:5," KEY,
         ERR_NOSPACE, 16},
        {HEAD " --allow-few --allow-few", SIMULATED ? ERR_TRAILING : ERR_POLICY,
         SIMULATED ? 8 : 7},
    };
    struct timed_args a;
    int where = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(parse(cases[i].line, &a, &where), cases[i].want);
        assert_int_equal(where, cases[i].where);
    }
}

static void texts_have_their_lengths(void **state)
{
    static const struct timed_source zero;
    char text[256];
    struct timed_source s;
    char program[] = "quorate-timed";
    char option[] = "--poll";
    char roots[] = "--ca";
    char empty[] = "";
    char *argv[] = {program, option, empty};
    struct timed_args a;
    int where = 0;

    (void)state;
    for (int n = 63; n <= 64; n++) {
        (void)snprintf(text, sizeof text, "%0*d,127.0.0.1:1,o,j", n, 0);
        assert_int_equal(timed_source_parse(text, &s), n == 63 ? ERR_OK : ERR_ENCODING);
        (void)snprintf(text, sizeof text, "a,127.0.0.1:1,%0*d,j", n - 32, 0);
        assert_int_equal(timed_source_parse(text, &s), n == 63 ? ERR_OK : ERR_ENCODING);
    }
    (void)snprintf(text, sizeof text, "a,%0100d:1,o,j", 0);
    assert_int_equal(timed_source_parse(text, &s), ERR_ENCODING);
    assert_memory_equal(&s, &zero, sizeof s);
    assert_int_equal(timed_source_parse("a,ntp.example:4460,o,j", &s), ERR_OK);
    assert_string_equal(s.host, "ntp.example");
    assert_int_equal(timed_source_parse("a,192.0.2.1:4460,o,j", &s), ERR_OK);
    assert_string_equal(s.host, "");
    assert_int_equal(timed_source_parse("a b,127.0.0.1:1,o,j", &s), ERR_ENCODING);
    assert_int_equal(timed_source_parse("a\x7f,127.0.0.1:1,o,j", &s), ERR_ENCODING);
    assert_int_equal(timed_args_parse(3, argv, &a, &where), ERR_ENCODING);
    assert_int_equal(where, 2);
    argv[1] = roots;
    assert_int_equal(timed_args_parse(3, argv, &a, &where), ERR_ENCODING);
}

static void roughtime_servers_are_no_sources(void **state)
{
    struct timed_args a;
    int where = 0;

    (void)state;
    assert_int_equal(parse(HEAD FOUR " --roughtime [::1]:2002," KEY
                                     " --roughtime 127.0.0.1:7," KEY,
                           &a, &where),
                     ERR_OK);
    assert_true(a.n_fences == 2 && a.n_sources == 4);
    assert_string_equal(a.fences[0].name, "[::1]:2002");
    assert_int_equal(a.fences[0].at.addr.ss_family, AF_INET6);
    assert_int_equal(a.fences[1].public_key[31], 0x1f);
    assert_int_equal(parse(HEAD " --roughtime 127.0.0.1:1," KEY, &a, &where), ERR_TRUNCATED);
}

static void independence_is_counted(void **state)
{
    static char line[4096] = HEAD;
    struct timed_args a;
    size_t at;
    int where = 0;

    (void)state;
    /* Four of one country. */
    assert_int_equal(parse(HEAD " --source a,127.0.0.1:1,o1,j --source b,127.0.0.1:1,o2,j"
                                " --source c,127.0.0.1:1,o3,j --source d,127.0.0.1:1,o4,j",
                           &a, &where),
                     ERR_POLICY);
    /* Of seven two may lie: so many may be of one operator. */
    at = strlen(line);
    for (int i = 0; i < 7; i++) {
        at +=
            (size_t)snprintf(line + at, sizeof line - at, " --source s%d,127.0.0.1:1,%s,j%d", i,
                             i < 2   ? "x"
                             : i < 4 ? "y"
                             : i < 6 ? "z"
                                     : "w",
                             i % 2);
    }
    assert_int_equal(parse(line, &a, &where), ERR_OK);
    assert_int_equal(a.n_sources, 7);
    assert_int_equal(parse(HEAD " --allow-few --source a,127.0.0.1:1,o,j", &a, &where),
                     SIMULATED ? ERR_OK : ERR_POLICY);
}

static void more_than_there_is_room_for(void **state)
{
    static char line[4096];
    struct timed_args a;
    size_t at = 0;
    int where = 0;

    (void)state;
    for (int i = 0; i <= TIME_SOURCES_MAX; i++) {
        at += (size_t)snprintf(line + at, sizeof line - at, " --source s%d,127.0.0.1:1,o,j", i);
    }
    assert_int_equal(parse(line, &a, &where), ERR_NOSPACE);
    assert_int_equal(where, 2 * (TIME_SOURCES_MAX + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_whole_command_line),
        cmocka_unit_test(refuses_with_the_argument_at_fault),
        cmocka_unit_test(texts_have_their_lengths),
        cmocka_unit_test(roughtime_servers_are_no_sources),
        cmocka_unit_test(independence_is_counted),
        cmocka_unit_test(more_than_there_is_room_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
