#include "testing.h"

#include "base/version.h"

#include <stdio.h>
#include <string.h>

static void a_program_says_its_release(void **state)
{
    char line[VERSION_LINE_MAX];
    char wanted[VERSION_LINE_MAX];

    (void)state;
    (void)snprintf(wanted, sizeof wanted, "quorate-core %s\n", quorate_version);
    assert_string_equal(version_line("quorate-core", line), wanted);
    assert_true(strlen(quorate_version) > 0);
}

static void what_does_not_fit_is_left_out(void **state)
{
    char line[VERSION_LINE_MAX + 1];
    char name[VERSION_LINE_MAX] = {0};

    (void)state;
    memset(name, 'x', VERSION_LINE_MAX - 3);
    line[VERSION_LINE_MAX] = '#';
    (void)version_line(name, line);
    assert_int_equal(strlen(line), VERSION_LINE_MAX - 1);
    assert_int_equal(line[VERSION_LINE_MAX - 2], '\n');
    assert_int_equal(line[VERSION_LINE_MAX], '#');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_says_its_release),
        cmocka_unit_test(what_does_not_fit_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
