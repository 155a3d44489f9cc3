/* What a supervisor says of a process that keeps ending, and of its cores, and how it is read.
 */
#include "testing.h"

#include "host/authority/failing.h"
#include "host/authority/set_status.h"

#include <string.h>

static struct view text(const char *s)
{
    return (struct view){(const uint8_t *)s, strlen(s)};
}

static struct view written(const struct failing *f, uint8_t room[512])
{
    struct writer w = wr_init(room, 512);
    struct view out;

    failing_write(&w, f);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

static void whoever_ends_most_often_is_named(void **state)
{
    struct failing f = {.times = 0};
    uint8_t room[512];

    (void)state;
    assert_int_equal(written(&f, room).n, 0);
    failing_note(&f, &(struct failing_end){"core-1", 1, "exit 3", ""});
    failing_note(&f, &(struct failing_end){"core-2", 1, "signal 9", ""});
    assert_string_equal(f.name, "core-2");
    failing_note(&f, &(struct failing_end){"core-1", 2, "exit 3", "failed step=self_test"});
    failing_note(&f, &(struct failing_end){"core-2", 1, "signal 9", ""});
    assert_true(view_equal(written(&f, room),
                           text("failing core-1 times 2 exit 3: failed step=self_test\n")));
}

static void what_is_written_is_read(void **state)
{
    static const char status[] = "enrolling shares 0 of 5 threshold 3\n"
                                 "core-1 pid 0 enrolling\n"
                                 "failing cores-12 times 4 signal 9: \n"
                                 "failing core-1 times 17 exit 1: why: a b times 3 c\n";
    struct failing f;

    (void)state;
    assert_true(failing_find(text(status), NULL, &f));
    assert_string_equal(f.name, "cores-12");
    assert_int_equal(f.times, 4);
    assert_string_equal(f.how, "signal 9");
    assert_string_equal(f.said, "");
    assert_true(failing_find(text(status), "core-1", &f));
    assert_int_equal(f.times, 17);
    assert_string_equal(f.how, "exit 1");
    assert_string_equal(f.said, "why: a b times 3 c");
    assert_false(failing_find(text(status), "cores-1", &f));
    assert_int_equal(f.times, 0);
    assert_string_equal(f.name, "");
}

static void other_lines_are_passed_over(void **state)
{
    static const char *const rows[] = {
        "",
        "failing core-1 times 3 exit 1: cut",
        "failing core-1 3 exit 1: a\n",
        "failing core-1 times 3 exit 1\n",
        "failing\n",
        " failing core-1 times 3 exit 1: a\n",
    };
    struct failing f;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_false(failing_find(text(rows[i]), NULL, &f));
        assert_int_equal(f.times, 0);
    }
    assert_true(failing_find(text("failing a times 99999999999 b: c\n"), NULL, &f));
    assert_true(f.times >= 100000);
}

static void the_last_line_of_a_log(void **state)
{
    char out[FAILING_SAID_MAX] = "as it was";
    char longer[2 * FAILING_SAID_MAX];

    (void)state;
    assert_false(failing_last_line(text(""), out));
    assert_false(failing_last_line(text("no end"), out));
    assert_false(failing_last_line(text("\n\n"), out));
    assert_string_equal(out, "as it was");
    assert_true(failing_last_line(text("one\ntwo\n\nthr"), out));
    assert_string_equal(out, "two");
    assert_true(failing_last_line(text("\x1b[31m\tred\x80\n"), out));
    assert_string_equal(out, "?[31m?red?");
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\n';
    assert_true(failing_last_line((struct view){(uint8_t *)longer, sizeof longer}, out));
    assert_int_equal(strlen(out), FAILING_SAID_MAX - 1);
}

#define CORES(a, b) "core-1 pid " a "\ncore-2 pid " b "\nfront pid 77 127.0.0.1:1\n"

static void a_set_serves_or_does_not(void **state)
{
    char line[SET_STATUS_LINE_MAX];

    (void)state;
    assert_true(set_status_serves(text("serving shares 2 of 2 threshold 2\n")));
    assert_false(set_status_serves(text("serving shares 2 of 2")));
    assert_false(set_status_serves(text("enrolling shares 0 of 2 threshold 2\nserving \n")));
    assert_false(set_status_serves(text("")));
    set_status_line(text("HALTED shares 1 of 2\nserving\n"), line);
    assert_string_equal(line, "HALTED shares 1 of 2");
    set_status_line(text("no end"), line);
    assert_string_equal(line, "");
}

static void a_set_is_gone_or_is_not(void **state)
{
    static const char let_go[] =
        "retired shares 0 of 2 threshold 2\n" CORES("0 retired", "0 retired");
    static const char beside[] = "serving shares 2 of 2 threshold 2\n" CORES(
        "5 share", "6 share") "cores-2 pid 8 supervises\ncores-13 pid 0 ended\n";

    (void)state;
    assert_true(set_status_is_gone(text(let_go), 1));
    assert_false(set_status_is_gone(
        text("retired shares 0 of 2 threshold 2\n" CORES("0 retired", "6 retired")), 1));
    assert_false(set_status_is_gone(
        text("serving shares 0 of 2 threshold 2\n" CORES("0 retired", "0 retired")), 1));
    assert_false(set_status_is_gone(text("retired shares 0 of 0 threshold 2\n"), 1));
    assert_false(set_status_is_gone(text(beside), 2));
    assert_false(set_status_is_gone(text(beside), 13)); /* it is to come again */
    assert_true(set_status_is_gone(text(beside), 3));
    assert_true(set_status_is_gone(text(beside), 1000));
    assert_false(set_status_is_gone(text(""), 3)); /* the supervisor has said nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_ends_most_often_is_named),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(other_lines_are_passed_over),
        cmocka_unit_test(the_last_line_of_a_log),
        cmocka_unit_test(a_set_serves_or_does_not),
        cmocka_unit_test(a_set_is_gone_or_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
