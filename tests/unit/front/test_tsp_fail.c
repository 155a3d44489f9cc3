#include "testing.h"

#include "format/tsp_resp.h"
#include "host/front/tsp_fail.h"

#include <string.h>

/* What each error is to the sender; token.md, "Rules that peers break". */
static const struct {
    enum err err;
    enum fail_info bit;
    const char *name;
} rows[] = {
    {ERR_TRUNCATED, FAIL_BAD_DATA_FORMAT, "badDataFormat"},
    {ERR_TRAILING, FAIL_BAD_DATA_FORMAT, "badDataFormat"},
    {ERR_TAG, FAIL_BAD_DATA_FORMAT, "badDataFormat"},
    {ERR_ENCODING, FAIL_BAD_DATA_FORMAT, "badDataFormat"},
    {ERR_LENGTH, FAIL_BAD_DATA_FORMAT, "badDataFormat"},
    {ERR_RANGE, FAIL_BAD_REQUEST, "badRequest"},
    {ERR_BAD_ALG, FAIL_BAD_ALG, "badAlg"},
    {ERR_VERSION, FAIL_BAD_REQUEST, "badRequest"},
    {ERR_POLICY, FAIL_UNACCEPTED_POLICY, "unacceptedPolicy"},
    {ERR_EXTENSION, FAIL_UNACCEPTED_EXTENSION, "unacceptedExtension"},
    {ERR_TYPE, FAIL_BAD_REQUEST, "badRequest"},
    {ERR_STALE, FAIL_SYSTEM_FAILURE, "systemFailure"},
    {ERR_STATE, FAIL_SYSTEM_FAILURE, "systemFailure"},
    {ERR_TIME, FAIL_TIME_NOT_AVAILABLE, "timeNotAvailable"},
    {ERR_QUORUM, FAIL_SYSTEM_FAILURE, "systemFailure"},
    {ERR_NOSPACE, FAIL_SYSTEM_FAILURE, "systemFailure"},
    {ERR_DEADLINE, FAIL_SYSTEM_FAILURE, "systemFailure"},
    {ERR_IO, FAIL_SYSTEM_FAILURE, "systemFailure"},
    {ERR_RATE, FAIL_SYSTEM_FAILURE, "systemFailure"},
    {ERR_HALTED, FAIL_SYSTEM_FAILURE, "systemFailure"},
    {ERR_BUSY, FAIL_SYSTEM_FAILURE, "systemFailure"},
    {ERR_SIGNATURE, FAIL_SYSTEM_FAILURE, "systemFailure"},
    {ERR_EVIDENCE, FAIL_SYSTEM_FAILURE, "systemFailure"},
    {ERR_MISMATCH, FAIL_SYSTEM_FAILURE, "systemFailure"},
    {ERR_BUG, FAIL_SYSTEM_FAILURE, "systemFailure"},
};

static size_t find_row(enum err e)
{
    size_t i = 0;

    while (i < sizeof rows / sizeof rows[0] && rows[i].err != e) {
        i++;
    }
    return i;
}

/* Every number that err_name() knows has a row here, and the row holds. */
static void maps_every_error(void **state)
{
    size_t seen = 0;

    (void)state;
    for (int n = 1; n <= 0xffff; n++) {
        const enum err e = (enum err)n;

        if (strcmp(err_name(e), "unknown") == 0) {
            assert_int_equal(tsp_fail_of(e)->fail_info, FAIL_SYSTEM_FAILURE);
            continue;
        }
        const size_t at = find_row(e);

        if (at == sizeof rows / sizeof rows[0]) {
            fail_msg("no row for %s", err_name(e));
        }
        assert_int_equal(tsp_fail_of(e)->fail_info, rows[at].bit);
        assert_string_equal(tsp_resp_fail_name(tsp_fail_of(e)->fail_info), rows[at].name);
        seen++;
    }
    assert_int_equal(seen, sizeof rows / sizeof rows[0]);
    assert_int_equal(tsp_fail_of(ERR_OK)->fail_info, FAIL_SYSTEM_FAILURE);
}

/* The text fits what the writer takes, and is plain ASCII. */
static void says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *text = tsp_fail_of(rows[i].err)->text;
        uint8_t space[320];
        struct writer w = wr_init(space, sizeof space);
        struct view out;

        assert_true(strlen(text) > 10 && strlen(text) <= 200);
        for (; *text != '\0'; text++) {
            assert_true(*text >= ' ' && *text <= '~');
        }
        tsp_resp_write_rejection(&w, rows[i].bit, tsp_fail_of(rows[i].err)->text);
        assert_int_equal(wr_finish(&w, &out), ERR_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_every_error),
        cmocka_unit_test(says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
