/* A certify command that does not read what it is asked: what it answers counts, and how it
 * ends. */
#include "testing.h"

#include "host/authority/certify_io.h"

#include <poll.h>
#include <signal.h>
#include <string.h>

#define LONG 300000 /* bytes of requests: more than a pipe takes */

static struct certify c;
static uint8_t requests[LONG];

/* With the signals that a process has when it starts. */
static int set_up(void **state)
{
    (void)state;
    assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    memset(requests, 'r', sizeof requests);
    return 0;
}

/* From its start to its end, in no time of its clock. */
static enum err run(const char *command, struct view *out, char why[64])
{
    static const struct core_keys keys;
    enum err e = certify_start(&c, command, &keys, (struct view){requests, LONG}, 1);
    bool done = false;

    while (e == ERR_OK && !done) {
        e = certify_step(&c, 0, &done, out, why);
        (void)poll(NULL, 0, 1);
    }
    return e;
}

static void what_it_answers_counts(void **state)
{
    struct view out;
    char why[64];

    (void)state;
    assert_int_equal(run("exec <&-; sleep 0.02; echo chain", &out, why), ERR_OK);
    assert_int_equal(out.n, 6);
    assert_memory_equal(out.p, "chain\n", 6);
}

static void its_failure_is_named(void **state)
{
    struct view out;
    char why[64];

    (void)state;
    assert_int_equal(run("exec <&-; sleep 0.02; exit 3", &out, why), ERR_IO);
    assert_string_equal(why, "the certify command ended with exit 3");
}

/* The command's own pipes end it as those of any command. */
static void it_has_the_usual_signals(void **state)
{
    struct view out;
    char why[64];

    (void)state;
    assert_int_equal(run("cat >/dev/null; kill -s PIPE $$; echo alive", &out, why), ERR_IO);
    assert_non_null(strstr(why, "signal 13"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_it_answers_counts, set_up),
        cmocka_unit_test_setup(its_failure_is_named, set_up),
        cmocka_unit_test_setup(it_has_the_usual_signals, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
