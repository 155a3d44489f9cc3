/* A real core with both keys, and stamps that both sign: under its sandbox, in locked memory,
 * within its memory. */
#include "core_process.h"

#include "base/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RSS_MAX_KB 16384
/* The kernel counts pages on each CPU apart, and sums them up now and then. */
#define RSS_MORE_KB (BUILD_ASAN ? 1024 : 512)
#define FRAMES 60
#define PEERS 4

static const char *const args[] = {"--clock",
                                   "trust-system",
                                   "--allow-untrusted-time",
                                   "--allow-unlocked",
                                   "--policy",
                                   CORE_POLICY,
                                   "--policy",
                                   "2,pq,1.3.6.1.4.1.32473.3161.1.92,3,100,1000",
                                   "--policy",
                                   "3,dual,1.3.6.1.4.1.32473.3161.1.97,3,100,1000",
                                   NULL};

static struct core_process core;
static struct core_session session;
static struct core_rounds rounds;
static struct core_reply reply;
static uint8_t body[FRAME_BODY_MAX];

static long rss_kb(void)
{
    char path[64];
    char line[256];
    long kb = -1;
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)core.pid);
    f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kb = strtol(line + 6, NULL, 10);
        }
    }
    (void)fclose(f);
    return kb;
}

static void stamp_frame(int fd, uint8_t key, size_t n)
{
    assert_int_equal(core_stamp(fd, &session, key, n, &rounds), n);
}

static enum core_state state_of(int fd)
{
    struct core_status s;

    assert_int_equal(core_ask(fd, FRAME_STATE, (struct view){NULL, 0}, &reply), ERR_OK);
    assert_int_equal(core_status_decode((struct view){reply.body, reply.head.body_len}, &s),
                     ERR_OK);
    return (enum core_state)s.state;
}

/* Both keys in turn, full frames, from several connections. */
static void test_both_keys_serve(void **state)
{
    int fd[PEERS];
    long before;
    long after;

    (void)state;
    for (size_t i = 0; i < PEERS; i++) {
        fd[i] = core_connect(core.uri);
    }
    core_hello(fd[0], &session);
    assert_int_equal(session.hello.n_keys, 2);
    assert_int_equal(core_activate_key(fd[0], &session, KEY_PQ, 1), ERR_OK);
    assert_int_equal(state_of(fd[0]), CORE_WAITING);
    assert_int_equal(core_activate(fd[0], &session, 2), ERR_OK);
    assert_int_equal(state_of(fd[0]), CORE_SERVING);
    stamp_frame(fd[0], KEY_PQ, STAMP_BATCH_PQ_MAX);
    stamp_frame(fd[0], KEY_DUAL, STAMP_BATCH_PQ_MAX);
    before = rss_kb();
    for (size_t i = 0; i < FRAMES; i++) {
        stamp_frame(fd[i % PEERS], i % 2 == 0 ? KEY_PQ : KEY_DUAL, 1 + i % STAMP_BATCH_PQ_MAX);
        stamp_frame(fd[i % PEERS], KEY_CLASSIC, 1 + i % STAMP_BATCH_MAX);
    }
    after = rss_kb();
    for (size_t i = 0; i < PEERS; i++) {
        (void)close(fd[i]);
    }
    print_message("VmRSS %ld kB before, %ld kB after\n", before, after);
    assert_true(after <= before + RSS_MORE_KB);
    assert_in_range(after, 1, BUILD_ASAN ? 8 * RSS_MAX_KB : RSS_MAX_KB);
}

/* Work of both keys left behind does not stay. */
static void test_peers_that_leave(void **state)
{
    int fd = -1;

    (void)state;
    for (int i = 0; i < 8; i++) {
        fd = core_connect(core.uri);
        assert_int_equal(core_r1_key(fd, &session, i % 2 == 0 ? KEY_PQ : KEY_DUAL,
                                     STAMP_BATCH_PQ_MAX, &rounds),
                         ERR_OK);
        core_send(fd, FRAME_R2, 1, core_r2_body(&rounds, body, sizeof body));
        (void)close(fd);
    }
    fd = core_connect(core.uri);
    stamp_frame(fd, KEY_PQ, STAMP_BATCH_PQ_MAX);
    stamp_frame(fd, KEY_DUAL, STAMP_BATCH_PQ_MAX);
    stamp_frame(fd, KEY_CLASSIC, STAMP_BATCH_MAX);
    (void)close(fd);
}

static int start(void **state)
{
    (void)state;
    assert_true(core_process_start(&core, args));
    return 0;
}

static int stop(void **state)
{
    (void)state;
    assert_int_equal(core_process_stop(&core), 0);
    core_process_clean(&core);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_keys_serve),
        cmocka_unit_test(test_peers_that_leave),
    };

    if (!core_can_serve()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, start, stop);
}
