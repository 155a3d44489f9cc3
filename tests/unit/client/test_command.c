#include "testing.h"

#include "client/command/command.h"
#include "client/command/exec_authority.h"
#include "client/kit/progress.h"

#include <stdio.h>
#include <string.h>

static void every_command_can_be_found_and_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count; i++) {
        const struct command *c = command_list[i];
        char start[64];

        assert_ptr_equal(command_find(c->name), c);
        assert_non_null(c->run);
        assert_true(strlen(c->summary) > 0);
        if (c->usage != NULL) {
            (void)snprintf(start, sizeof start, "usage: quorate %s ", c->name);
            assert_memory_equal(c->usage, start, strlen(start));
            assert_non_null(strstr(c->usage, "exit code"));
        }
    }
    assert_null(command_find("stam"));
    assert_null(command_find(""));
}

/* The help of a command fits a terminal. */
static void help_is_at_most_100_columns_wide(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count; i++) {
        const char *p = command_list[i]->usage;

        while (p != NULL && *p != '\0') {
            const size_t n = strcspn(p, "\n");

            assert_true(n <= 100);
            p += n + (p[n] == '\n');
        }
    }
}

static void the_other_program_is_looked_for_beside_our_own(void **state)
{
    char out[32];

    (void)state;
    assert_int_equal(
        exec_authority_beside("/opt/bin/quorate", "quorate-authority", out, sizeof out),
        ERR_OK);
    assert_string_equal(out, "/opt/bin/quorate-authority");
    assert_int_equal(exec_authority_beside("quorate", "x", out, sizeof out), ERR_RANGE);
    assert_int_equal(exec_authority_beside("/a-long-folder-name/quorate", "quorate-authority",
                                           out, sizeof out),
                     ERR_NOSPACE);
}

static void a_progress_line_shows_files_and_share(void **state)
{
    struct progress p;
    char line[PROGRESS_LINE_MAX];

    (void)state;
    progress_open(&p, false, 4);
    progress_file(&p, 1, "/some/where/b\x1b.bin");
    progress_line(&p, 50, line);
    assert_string_equal(line, "[#######             ] 2/4  50 %  b\\x1b.bin");
    progress_file(&p, 3, "d");
    progress_line(&p, 100, line);
    assert_string_equal(line, "[####################] 4/4 100 %  d");
    progress_tell(&p, 1, 0); /* an unknown size draws nothing */
    progress_clear(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_can_be_found_and_explained),
        cmocka_unit_test(help_is_at_most_100_columns_wide),
        cmocka_unit_test(the_other_program_is_looked_for_beside_our_own),
        cmocka_unit_test(a_progress_line_shows_files_and_share),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
