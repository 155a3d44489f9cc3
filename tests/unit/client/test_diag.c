#include "testing.h"

#include "client/kit/diag.h"

static void escapes_what_could_move_a_cursor(void **state)
{
    static const uint8_t text[] = "a\x1b[2Jb\n\xc3\xa9";
    char out[64];

    (void)state;
    diag_escape((struct view){text, sizeof text - 1}, out, sizeof out);
    assert_string_equal(out, "a\\x1b[2Jb\\x0a\\xc3\\xa9");
}

static void cuts_to_the_buffer(void **state)
{
    char out[8];

    (void)state;
    diag_escape((struct view){(const uint8_t *)"abcdefghijkl", 12}, out, sizeof out);
    assert_string_equal(out, "abcd");
    diag_escape((struct view){NULL, 0}, out, sizeof out);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_what_could_move_a_cursor),
        cmocka_unit_test(cuts_to_the_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
