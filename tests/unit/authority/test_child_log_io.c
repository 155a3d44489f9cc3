/* A child whose log goes through here: each line comes out at our stderr, and the last is kept.
 */
#include "testing.h"

#include "host/authority/child_log_io.h"
#include "host/authority/process_io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MS 20000

static int ours = -1;      /* stderr, as it was */
static int ends[2] = {-1}; /* what stands in its place */
static struct child_log l;

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    ours = dup(STDERR_FILENO);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    child_log_init(&l);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)dup2(ours, STDERR_FILENO);
    (void)close(ours);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return 0;
}

/* To the end of it, by what a supervisor does. */
static int run(struct child_log *log, const char *script)
{
    char shell[] = "/bin/sh", option[] = "-c", text[256];
    char *const argv[] = {shell, option, text, NULL};
    struct pollfd fds[1];
    int status = 0;
    pid_t pid = -1;

    (void)snprintf(text, sizeof text, "%s", script);
    assert_int_equal(child_log_start(log, shell, argv, &pid), ERR_OK);
    while (child_log_fds(&l, fds) == 1) {
        assert_int_equal(poll(fds, 1, WAIT_MS), 1);
        child_log_step(&l);
    }
    while (!process_ended(pid, &status)) {
        (void)poll(NULL, 0, 1);
    }
    child_log_close(&l);
    return status;
}

static void assert_passed_on(const char *wanted)
{
    char got[2 * CHILD_LOG_MAX] = "";
    const ssize_t n = read(ends[0], got, sizeof got - 1);

    assert_int_equal(n > 0 ? n : 0, strlen(wanted));
    assert_string_equal(got, wanted);
}

static void lines_are_passed_on_and_the_last_is_kept(void **state)
{
    char how[24];

    (void)state;
    process_status_text(run(&l, "echo one >&2; echo two; printf 'no end' >&2; exit 3"), how);
    assert_string_equal(how, "exit 3");
    assert_passed_on("one\ntwo\nno end\n");
    assert_string_equal(l.said, "no end");
    (void)run(&l, "exit 0"); /* another, of whom nothing is known yet */
    assert_passed_on("");
    assert_string_equal(l.said, "");
}

static void a_line_without_end_is_passed_on_in_pieces(void **state)
{
    char wanted[CHILD_LOG_MAX + 7];

    (void)state;
    memset(wanted, '0', sizeof wanted);
    wanted[sizeof wanted - 2] = '\n';
    wanted[sizeof wanted - 1] = '\0';
    (void)run(&l, "printf '%04101d\n' 0 >&2");
    assert_passed_on(wanted);
    assert_string_equal(l.said, "00000");
}

/* The supervisor goes on, and loses lines. */
static void nobody_waits_for_who_does_not_read(void **state)
{
    char room[4096];
    ssize_t n = 0;

    (void)state;
    memset(room, 'x', sizeof room);
    while (write(ends[1], room, sizeof room) > 0) {
    }
    (void)run(&l, "echo lost >&2");
    assert_string_equal(l.said, "lost");
    while ((n = read(ends[0], room, sizeof room)) > 0) {
        assert_null(memchr(room, 'l', (size_t)n));
    }
}

static void without_one_it_has_our_stderr(void **state)
{
    (void)state;
    (void)run(NULL, "echo direct >&2");
    assert_passed_on("direct\n");
    assert_string_equal(l.said, "");
}

static void what_cannot_be_started_is_said(void **state)
{
    char name[] = "/nonexistent/quorate-core";
    char *const argv[] = {name, NULL};
    struct pollfd fds[1];
    pid_t pid = 0;

    (void)state;
    assert_int_equal(child_log_start(&l, name, argv, &pid), ERR_IO);
    assert_int_equal(pid, -1);
    assert_int_equal(child_log_fds(&l, fds), 1);
    child_log_step(&l);
    assert_int_equal(child_log_fds(&l, fds), 0); /* nobody holds its end */
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(lines_are_passed_on_and_the_last_is_kept),
        CASE(a_line_without_end_is_passed_on_in_pieces),
        CASE(nobody_waits_for_who_does_not_read),
        CASE(without_one_it_has_our_stderr),
        CASE(what_cannot_be_started_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
