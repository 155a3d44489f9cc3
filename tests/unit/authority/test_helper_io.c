/* A child that keeps ending: what the status says of it, and what it said last. */
#include "testing.h"

#include "host/authority/helper_io.h"

#include <string.h>

static char shell[] = "/bin/sh", option[] = "-c", script[] = "echo why=this >&2; exit 3";
static char *const argv[] = {shell, option, script, NULL};
static struct child_log l;
static struct helper h;
static int64_t now;

static int set_up(void **state)
{
    (void)state;
    child_log_init(&l);
    h = (struct helper){.program = shell,
                        .argv = argv,
                        .started = EVENT_CORES_STARTED,
                        .ended = EVENT_CORES_ENDED,
                        .does = "supervises",
                        .name = "cores-2",
                        .pid = -1,
                        .log = &l};
    now = 1000;
    time_client_init(&h.state, 100);
    time_client_want(&h.state, true, now);
    return 0;
}

/* From its start to its end, in no time. */
static void live_once(void)
{
    now = time_client_next_ms(&h.state);
    assert_true(helper_step(&h, now));
    while (h.pid > 0) {
        child_log_step(&l);
        (void)helper_step(&h, now);
        (void)poll(NULL, 0, 1);
    }
}

static void assert_says(const char *wanted)
{
    uint8_t room[512];
    struct writer w = wr_init(room, sizeof room - 1);

    helper_status(&h, &w);
    room[w.len] = '\0';
    assert_string_equal((const char *)room, wanted);
}

static void whoever_keeps_ending_is_said_to(void **state)
{
    (void)state;
    assert_says("cores-2 pid 0 ended\n"); /* it has not begun */
    live_once();
    assert_says("cores-2 pid 0 ended\nfailing cores-2 times 1 exit 3: \n");
    live_once();
    live_once(); /* somebody listens now */
    assert_says("cores-2 pid 0 ended\nfailing cores-2 times 3 exit 3: why=this\n");
    time_client_want(&h.state, false, now);
    assert_says("cores-2 pid 0 ended\n");
    time_client_want(&h.state, true, now); /* another build, perhaps */
    assert_says("cores-2 pid 0 ended\n");
}

static void what_cannot_be_started_is_said_too(void **state)
{
    (void)state;
    h.program = "/nonexistent/quorate-authority";
    now = time_client_next_ms(&h.state);
    assert_true(helper_step(&h, now));
    assert_says("cores-2 pid 0 ended\nfailing cores-2 times 1 could not be started: \n");
}

static void a_helper_of_a_core_has_no_such_line(void **state)
{
    (void)state;
    h.log = NULL;
    live_once();
    live_once();
    assert_says("cores-2 pid 0 ended\n");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup(f, set_up)
    const struct CMUnitTest tests[] = {
        CASE(whoever_keeps_ending_is_said_to),
        CASE(what_cannot_be_started_is_said_too),
        CASE(a_helper_of_a_core_has_no_such_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
