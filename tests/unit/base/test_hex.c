#include "testing.h"

#include "base/hex.h"

#include <string.h>

static void every_byte_round_trips(void **state)
{
    uint8_t all[256];
    uint8_t again[256];
    char text[2 * sizeof all + 1];
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < sizeof all; i++) {
        all[i] = (uint8_t)i;
    }
    hex_write((struct view){all, sizeof all}, text);
    assert_int_equal(strlen(text), 2 * sizeof all);
    assert_memory_equal(text, "000102030405060708090a0b0c0d0e0f10", 34);
    assert_int_equal(hex_parse(text, again, sizeof again, &n), ERR_OK);
    assert_int_equal(n, sizeof all);
    assert_memory_equal(again, all, sizeof all);
}

static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *text;
        enum err want;
        size_t n;
    } rows[] = {
        {"", ERR_OK, 0},
        {"00ff", ERR_OK, 2},
        {"aAbBfF09", ERR_OK, 4},
        {"0", ERR_LENGTH, 0},
        {"000", ERR_LENGTH, 0},
        {"0g", ERR_ENCODING, 0},
        {"g0", ERR_ENCODING, 0},
        {"00 11", ERR_ENCODING, 0},
        {"0x00", ERR_ENCODING, 0},
        {"-1", ERR_ENCODING, 0},
        {"0011223344", ERR_NOSPACE, 0},
        {"\xff\xff", ERR_ENCODING, 0},
        {"@@", ERR_ENCODING, 0},
        {"``", ERR_ENCODING, 0},
        {"GG", ERR_ENCODING, 0},
        {"::", ERR_ENCODING, 0},
        {"//", ERR_ENCODING, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[4];
        size_t n = 99;

        assert_int_equal(hex_parse(rows[i].text, out, sizeof out, &n), rows[i].want);
        assert_int_equal(n, rows[i].n);
    }
}

static void nothing_is_an_empty_text(void **state)
{
    char text[1] = {'x'};

    (void)state;
    hex_write((struct view){NULL, 0}, text);
    assert_int_equal(text[0], '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_round_trips),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(nothing_is_an_empty_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
