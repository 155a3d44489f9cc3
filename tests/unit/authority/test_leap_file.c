#include "testing.h"

#include "host/authority/leap_file.h"

#include <string.h>

#define UPDATED "#$\t3960835200\n"
#define EXPIRES "#@\t3991593600\n"
#define ENTRIES                              \
    "2272060800      10      # 1 Jan 1972\n" \
    "3692217600\t37\n"
#define HASH "#h\taecb9d23 39a6cae4 38b95df1 041709da 66c4c85d\n" /* sha1sum of the numbers */

static char text[LEAP_FILE_TEXT_MAX];
static int64_t expires_s;

static enum err parse(const char *file)
{
    return leap_file_parse((struct view){(const uint8_t *)file, strlen(file)}, text,
                           &expires_s);
}

#define WANT "63072000:10,1483228800:37@1782604800"

static void makes_the_option(void **state)
{
    (void)state;
    assert_int_equal(parse("#\tLeap seconds\n\n" UPDATED EXPIRES ENTRIES HASH), ERR_OK);
    assert_string_equal(text, WANT);
    assert_int_equal(expires_s, 1782604800);
    /* Without the last line feed, with DOS lines, with a word of the hash in seven digits. */
    assert_int_equal(parse(UPDATED EXPIRES "2272060800 10\r\n3692217600 37 # x\r\n"
                                           "#h aecb9d23 39A6CAE4 38b95df1 41709da 66c4c85d"),
                     ERR_OK);
    assert_string_equal(text, WANT);
}

static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *file;
        enum err want;
    } rows[] = {
        {"", ERR_TRUNCATED},
        {UPDATED EXPIRES HASH, ERR_TRUNCATED},
        {UPDATED EXPIRES ENTRIES, ERR_TRUNCATED},
        {UPDATED ENTRIES HASH, ERR_TRUNCATED},
        {EXPIRES ENTRIES HASH, ERR_SIGNATURE},
        {UPDATED "#@\t3991593601\n" ENTRIES HASH, ERR_SIGNATURE},
        {UPDATED EXPIRES "2272060800 11\n3692217600 37\n" HASH, ERR_SIGNATURE},
        {UPDATED EXPIRES "2272060800\n" HASH, ERR_ENCODING},
        {UPDATED EXPIRES "2272060800 10 x\n" HASH, ERR_ENCODING},
        {UPDATED EXPIRES "2272060800 -10\n" HASH, ERR_ENCODING},
        {UPDATED EXPIRES "junk\n" HASH, ERR_ENCODING},
        {UPDATED EXPIRES "2208988799 10\n" HASH, ERR_RANGE},
        {UPDATED EXPIRES "2272060800 3601\n" HASH, ERR_RANGE},
        {UPDATED EXPIRES "227206080000 10\n" HASH, ERR_ENCODING},
        {UPDATED EXPIRES ENTRIES "#h aecb9d23 39a6cae4 38b95df1 041709da\n", ERR_ENCODING},
        {UPDATED EXPIRES ENTRIES "#h aecb9d239 39a6cae4 38b95df1 041709da 1\n", ERR_ENCODING},
        {UPDATED EXPIRES ENTRIES "#h aecb9d2z 39a6cae4 38b95df1 041709da 1\n", ERR_ENCODING},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const enum err e = parse(rows[i].file);

        if (e != rows[i].want || text[0] != '\0' || expires_s != 0) {
            fail_msg("row %zu: %s", i, err_name(e));
        }
    }
}

static void too_many_are_refused(void **state)
{
    char file[4096] = UPDATED EXPIRES;

    (void)state;
    for (int i = 0; i <= LEAP_FILE_ENTRIES_MAX; i++) {
        assert_int_equal(parse(file), ERR_TRUNCATED);
        (void)strcat(file, "2272060800 10\n");
    }
    assert_int_equal(parse(file), ERR_NOSPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_option),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(too_many_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
