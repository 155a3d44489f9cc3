/* The loop of a core that signs with others, in a process of its own: its long frames and
 * answers through sockets. */
#include "quorum_fixture.h"

#include "enclave/core/core_io.h"
#include "os/clock.h"
#include "os/endpoint.h"
#include "os/stop_signal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRIES 40 /* each gives a signature about every second time; the load decides which */
#define BATCHES (TRIES + 8) /* the other tests open sessions, too */
#define THREADS 2

static struct quorum_fixture *f;
static struct endpoint at;
static char folder[] = "/tmp/quorate-core-io-XXXXXX";
static pid_t child;

/* ---- the core ---- */

/* A socket that blocks. */
static int dial(void)
{
    int fd = -1;

    assert_int_equal(endpoint_connect(&at, &fd), ERR_OK);
    assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
    return fd;
}

/* Member 0 as it is, with the signals, the pool, the areas and the threads that boot_io.c gives
 * it. */
static void run_core(int listener)
{
    static struct core_io io;
    static struct worker_pool pool;
    static struct core_areas areas;
    struct member *const m = f->members[0];
    struct pq_worker *const workers =
        aligned_alloc(4096, (THREADS * sizeof *workers + 4095) / 4096 * 4096);
    const struct worker_setup worker_setup = {
        .jobs = &m->core.jobs, .party = &m->party, .pq_workers = workers, .n = THREADS};
    struct core_io_setup setup = {.core = &m->core,
                                  .pool = &pool,
                                  .clock = &clock_os,
                                  .listeners = &listener,
                                  .n_listeners = 1,
                                  .areas = &areas,
                                  .idle_ms = 30000};

    for (size_t i = 0; i < THREADS; i++) {
        pq_worker_init(&workers[i]);
    }
    core_areas_init(&areas, calloc(LIMIT_AREAS, LIMIT_AREA_LEN), LIMIT_AREAS);
    if (stop_signal_open(&setup.signal_fd) != ERR_OK ||
        worker_pool_start(&pool, &worker_setup) != ERR_OK ||
        core_io_init(&io, &setup) != ERR_OK || core_io_run(&io) != ERR_OK) {
        _exit(1);
    }
    _exit(core_areas_has_for(&areas, LIMIT_AREAS - 1) && m->core.jobs.busy == 0 ? 0 : 2);
}

static int start(void **state)
{
    char uri[64];
    int listener;

    (void)state;
    f = quorum_fixture_new(BATCHES);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(uri, sizeof uri, "unix:%s/core.sock", folder);
    assert_int_equal(endpoint_parse(uri, &at), ERR_OK);
    assert_int_equal(endpoint_listen(&at, 16, &listener), ERR_OK);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        run_core(listener);
    }
    (void)close(listener);
    f->members[0]->fd = dial();
    return 0;
}

/* It drains, and has all its areas then. */
static int stop(void **state)
{
    char path[64];
    int status = -1;

    (void)state;
    assert_int_equal(kill(child, SIGTERM), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    (void)snprintf(path, sizeof path, "%s/core.sock", folder);
    (void)unlink(path);
    (void)rmdir(folder);
    quorum_fixture_free(f);
    return 0;
}

/* ---- its peers ---- */

static void open_session(void)
{
    assert_int_equal(session_r1(f, 0x07), ERR_OK);
    session_fix(f);
    for (size_t i = 0; i < SIGNERS; i++) {
        assert_int_equal(session_r2(f, i), ERR_OK);
    }
}

static void signs_through_a_socket(void **state)
{
    bool found = false;

    (void)state;
    for (size_t i = 0; i < TRIES && !found; i++) {
        found = session_run(f, 0x07);
    }
    assert_true(found);
}

/* Everything at once, and nothing is read for long: frames stay whole, whoever is first. */
static void answers_what_was_sent_at_once(void **state)
{
    struct member *const m = f->members[0];
    const size_t respond = 2 + QUORUM_WORD_HEAD;
    bool seen[8] = {false};
    uint64_t first;

    (void)state;
    open_session();
    first = m->request_id + 1;
    member_send(m, FRAME_STATS, (struct view){NULL, 0});
    member_send(m, FRAME_R3, session_r3_body(f, 0));
    member_send(m, FRAME_STATE, (struct view){NULL, 0});
    member_send(m, FRAME_R3, session_r3_body(f, 0)); /* again: stale */
    member_send(m, FRAME_HELLO, (struct view){NULL, 0});
    for (size_t i = 0; i < 5; i++) {
        member_receive(m);
        assert_true(m->head.request_id - first < 5);
        assert_false(seen[m->head.request_id - first]);
        seen[m->head.request_id - first] = true;
        if (m->head.request_id == first + 1) {
            assert_int_equal(m->head.type, FRAME_R3 | FRAME_ANSWER);
            assert_true(m->body.n > respond + 3200);
            assert_int_equal(session_respond(f, 0), ERR_OK);
        }
        if (m->head.request_id == first + 3) {
            assert_int_equal(m->head.type, FRAME_ERROR);
        }
    }
}

/* So many peers send half of an R3 that all areas are lent. Short frames are served all the
 * same, and a long one once somebody is gone. */
static void goes_on_while_areas_are_lent(void **state)
{
    static const uint8_t half[200000];
    struct member *const m = f->members[0];
    uint8_t head[FRAME_HEADER_LEN];
    struct writer w = wr_init(head, sizeof head);
    int others[LIMIT_AREAS];
    struct hello hello;

    (void)state;
    open_session();
    (void)frame_begin(&w, FRAME_R3, 1);
    head[5] = 0x7e; /* its length: 294,400 */
    head[6] = 0x04;
    for (size_t i = 0; i < LIMIT_AREAS; i++) {
        others[i] = dial();
        assert_int_equal(write(others[i], head, sizeof head), sizeof head);
        for (size_t sent = 0; sent < sizeof half;) {
            const ssize_t n = write(others[i], half + sent, sizeof half - sent);

            assert_true(n > 0);
            sent += (size_t)n;
        }
    }
    assert_int_equal(member_call(m, FRAME_HELLO, (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(hello_decode(m->body, &hello), ERR_OK);
    for (size_t i = 0; i < LIMIT_AREAS; i++) {
        (void)close(others[i]);
    }
    assert_int_equal(session_r3(f, 0), ERR_OK);
}

/* Gone in the middle of a long answer, and while a worker makes one: others are served, and
 * nothing is left behind (stop() looks). */
static void survives_peers_that_go(void **state)
{
    struct member *const m = f->members[0];
    uint8_t some[1000];

    (void)state;
    open_session();
    member_send(m, FRAME_R3, session_r3_body(f, 0));
    assert_true(read(m->fd, some, sizeof some) > 0);
    (void)close(m->fd);
    m->fd = dial();
    open_session();
    member_send(m, FRAME_R3, session_r3_body(f, 0));
    (void)close(m->fd);
    m->fd = dial();
    open_session();
    assert_int_equal(session_r3(f, 0), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_through_a_socket),
        cmocka_unit_test(answers_what_was_sent_at_once),
        cmocka_unit_test(goes_on_while_areas_are_lent),
        cmocka_unit_test(survives_peers_that_go),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
