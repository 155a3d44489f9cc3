#include "testing.h"

#include "enclave/tsm/tsm_args.h"

#include <string.h>

static struct tsm_args a;
static int where;

/* line: words, of which none has a space. */
static enum err parse(const char *line)
{
    static char text[512];
    static char *argv[24];
    int argc = 1;

    argv[0] = text;
    (void)strcpy(text, line);                                     /* NOLINT: ours */
    for (char *p = strtok(text, " "); p; p = strtok(NULL, " ")) { /* NOLINT: one thread */
        argv[argc++] = p;
    }
    return tsm_args_parse(argc, argv, &a, &where);
}

static void test_good(void **state)
{
    (void)state;
    assert_int_equal(parse("--core unix:/x --provider configfs"), ERR_OK);
    assert_int_equal(a.way, TSM_WAY_CONFIGFS);
    assert_string_equal(tsm_way_name(a.way), "configfs");
    assert_string_equal(a.uri, "unix:/x");
    assert_int_equal(parse("--core unix:/x --provider sev-guest --device /d --vmpl 2 "
                           "--certificates /c"),
                     ERR_OK);
    assert_int_equal(a.vmpl, 2);
    assert_string_equal(a.certificates, "/c");
    assert_int_equal(parse("--core unix:/x --provider tdx-guest --root /r --collateral /i"),
                     ERR_OK);
    assert_string_equal(a.collateral, "/i");
    assert_int_equal(parse("--provider azure --core unix:/x"), ERR_OK);
    assert_int_equal(parse("--help"), ERR_OK);
    assert_true(a.help);
    assert_int_equal(parse("--version"), ERR_OK);
    assert_true(a.version);
}

static void test_simulated(void **state)
{
    (void)state;
#if defined(QUORATE_SIMULATED)
    assert_int_equal(parse("--core unix:/x --provider sim --programs /p --chip 65535"), ERR_OK);
    assert_int_equal(a.chip, 65535);
    assert_int_equal(parse("--core unix:/x --provider sim --programs /p --chip 65536"),
                     ERR_RANGE);
    assert_int_equal(parse("--core unix:/x --provider sim --programs /p"), ERR_TRUNCATED);
    assert_int_equal(parse("--core unix:/x --provider sim --chip 1"), ERR_TRUNCATED);
    assert_int_equal(parse("--core unix:/x --provider sim --programs /p --chip 1 --device /d"),
                     ERR_STATE);
    assert_false(a.has_guest);
    assert_int_equal(parse("--core unix:/x --provider sim --programs /p --chip 1 --guest "
                           "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"),
                     ERR_OK);
    assert_true(a.has_guest && a.guest[0] == 0xa0 && a.guest[31] == 0xbf);
    assert_int_equal(parse("--core unix:/x --provider sim --programs /p --chip 1 --guest a0a1"),
                     ERR_LENGTH);
    assert_int_equal(parse("--core unix:/x --provider sim --programs /p --chip 1 --guest xy"),
                     ERR_ENCODING);
#else
    assert_int_equal(parse("--core unix:/x --provider sim --programs /p --chip 1"), ERR_POLICY);
    assert_int_equal(where, 3);
#endif
}

static void test_refused(void **state)
{
    static const struct {
        const char *line;
        enum err err;
        int where;
    } rows[] = {
        {"", ERR_TRUNCATED, 0},
        {"--core unix:/x", ERR_TRUNCATED, 0},
        {"--provider azure", ERR_TRUNCATED, 0},
        {"--core", ERR_TRUNCATED, 1},
        {"core", ERR_TAG, 1},
        {"--core unix:/x --what x", ERR_TAG, 3},
        {"--core tcp:127.0.0.1:0 --provider azure", ERR_TYPE, 1},
        {"--core nowhere --provider azure", ERR_ENCODING, 1},
        {"--core unix:/x --core unix:/y", ERR_TRAILING, 3},
        {"--provider azure --provider azure", ERR_TRAILING, 3},
        {"--provider cca", ERR_ENCODING, 1},
        {"--core unix:/x --provider sev-guest --vmpl 4", ERR_RANGE, 5},
        {"--core unix:/x --provider sev-guest --vmpl 01", ERR_ENCODING, 5},
        {"--core unix:/x --provider sev-guest --vmpl x", ERR_ENCODING, 5},
        {"--core unix:/x --provider sev-guest --vmpl 1 --vmpl 1", ERR_TRAILING, 7},
        {"--core unix:/x --provider azure --vmpl 1", ERR_STATE, 0},
        {"--core unix:/x --provider azure --root /r", ERR_STATE, 0},
        {"--core unix:/x --provider azure --chip 1", ERR_STATE, 0},
        {"--core unix:/x --provider azure --guest "
         "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf",
         ERR_STATE, 0},
        {"--core unix:/x --provider azure --programs /p", ERR_STATE, 0},
        {"--core unix:/x --provider configfs --device /d", ERR_STATE, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const enum err e = parse(rows[i].line);

        if (e != rows[i].err || where != rows[i].where) {
            print_message("%s: %s at %d\n", rows[i].line, err_name(e), where);
        }
        assert_int_equal(e, rows[i].err);
        assert_int_equal(where, rows[i].where);
        assert_null(a.uri);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_simulated),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
