#include "testing.h"

#include "base/err.h"

#include <string.h>

/* Every enumerator; a new one is missed here by the count below. */
static const struct {
    enum err e;
    const char *name;
    unsigned class;
} rows[] = {
    {ERR_OK, "ok", 0},
    {ERR_TRUNCATED, "truncated", 1},
    {ERR_TRAILING, "trailing", 1},
    {ERR_TAG, "tag", 1},
    {ERR_ENCODING, "encoding", 1},
    {ERR_RANGE, "range", 1},
    {ERR_LENGTH, "length", 1},
    {ERR_BAD_ALG, "bad_alg", 2},
    {ERR_VERSION, "version", 2},
    {ERR_POLICY, "policy", 2},
    {ERR_EXTENSION, "extension", 2},
    {ERR_TYPE, "type", 2},
    {ERR_STALE, "stale", 2},
    {ERR_STATE, "state", 2},
    {ERR_TIME, "time", 3},
    {ERR_QUORUM, "quorum", 3},
    {ERR_NOSPACE, "nospace", 3},
    {ERR_DEADLINE, "deadline", 3},
    {ERR_IO, "io", 3},
    {ERR_RATE, "rate", 3},
    {ERR_HALTED, "halted", 3},
    {ERR_BUSY, "busy", 3},
    {ERR_SIGNATURE, "signature", 4},
    {ERR_EVIDENCE, "evidence", 4},
    {ERR_MISMATCH, "mismatch", 4},
    {ERR_BUG, "bug", 15},
};

static void each_has_its_name_and_class(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(err_name(rows[i].e), rows[i].name);
        assert_int_equal(err_class(rows[i].e), rows[i].class);
    }
}

/* No other number of the classes has a name. */
static void nothing_else_has_one(void **state)
{
    size_t named = 0;

    (void)state;
    for (unsigned e = 0; e <= 0xffff; e++) {
        const bool has_name = strcmp(err_name((enum err)e), "unknown") != 0;

        named += has_name ? 1 : 0;
        assert_int_equal(err_known(e), has_name && e != ERR_OK);
    }
    assert_int_equal(named, sizeof rows / sizeof rows[0]);
}

static enum err second(enum err first, int *calls)
{
    TRY(first);
    (*calls)++;
    return ERR_OK;
}

static void try_returns_early(void **state)
{
    int calls = 0;

    (void)state;
    assert_int_equal(second(ERR_TAG, &calls), ERR_TAG);
    assert_int_equal(calls, 0);
    assert_int_equal(second(ERR_OK, &calls), ERR_OK);
    assert_int_equal(calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_its_name_and_class),
        cmocka_unit_test(nothing_else_has_one),
        cmocka_unit_test(try_returns_early),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
