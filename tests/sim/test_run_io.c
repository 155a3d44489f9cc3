/* Whole ceremonies over sockets: a thread is the cores, real nodes behind unix sockets. */
#include "ceremony_cores.h"
#include "testing.h"

#include "host/ceremony/run_io.h"
#include "os/clock.h"
#include "os/endpoint.h"
#include "os/small_file.h"
#include "wire/ceremony_call.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NODES 3

struct world {
    struct ceremony_cores cores;
    char folder[32], record[64];
    int listeners[NODES], stop[2];
    uint8_t deaf; /* node that closes every connection */
    pthread_t thread;
    struct run_job job;
    unsigned failures;
    struct relay_end failure; /* the last */
    uint8_t in[FRAME_HEADER_LEN + FRAME_BODY_LONG_MAX];
    uint8_t out[FRAME_HEADER_LEN + FRAME_BODY_LONG_MAX];
};

static bool receive(int fd, uint8_t *bytes, size_t n)
{
    return recv(fd, bytes, n, MSG_WAITALL) == (ssize_t)n;
}

/* One connection, one question. */
static void serve(struct world *w, uint8_t node, int fd)
{
    struct writer out = wr_init(w->out, sizeof w->out);
    struct frame_header h;
    size_t at = 0;

    if (!receive(fd, w->in, FRAME_HEADER_LEN) ||
        frame_header_decode((struct view){w->in, FRAME_HEADER_LEN}, &h) != ERR_OK ||
        !receive(fd, w->in, h.body_len)) {
        return;
    }
    const size_t mark = frame_begin(&out, h.type | FRAME_ANSWER, h.request_id);

    w->cores.rig.now_ns = clock_os.monotonic_ns(clock_os.self);
    ceremony_cores_answer(&w->cores, node, h.type, (struct view){w->in, h.body_len}, &out);
    frame_end(&out, mark);
    while (at < out.len) {
        const ssize_t n = send(fd, out.p + at, out.len - at, MSG_NOSIGNAL);

        if (n <= 0) {
            return;
        }
        at += (size_t)n;
    }
}

static void *be_the_cores(void *arg)
{
    struct world *w = arg;
    struct pollfd fds[NODES + 1];

    for (;;) {
        for (size_t i = 0; i < NODES; i++) {
            fds[i] = (struct pollfd){.fd = w->listeners[i], .events = POLLIN};
        }
        fds[NODES] = (struct pollfd){.fd = w->stop[0], .events = POLLIN};
        (void)poll(fds, NODES + 1, -1);
        if (fds[NODES].revents != 0) {
            return NULL;
        }
        for (uint8_t i = 0; i < NODES; i++) {
            const int fd = fds[i].revents != 0 ? accept(w->listeners[i], NULL, NULL) : -1;

            if (fd >= 0 && i != w->deaf) {
                serve(w, i, fd);
            }
            if (fd >= 0) {
                (void)close(fd);
            }
        }
    }
}

static void failed(void *user, unsigned attempt, const struct relay_end *end)
{
    struct world *w = user;

    assert_int_equal(attempt, w->failures + 1);
    w->failures++;
    w->failure = *end;
}

static struct world *make(void)
{
    struct world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    ceremony_cores_make(&w->cores, 2, NODES, 5);
    (void)snprintf(w->folder, sizeof w->folder, "/tmp/quorate-run-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    (void)snprintf(w->record, sizeof w->record, "%s/ceremony.qcr", w->folder);
    w->deaf = CEREMONY_NOBODY;
    w->job = (struct run_job){
        .plan = w->cores.rig.kit.encoded, .record = w->record, .failed = failed, .user = w};
    for (size_t i = 0; i < NODES; i++) {
        struct endpoint e;

        (void)snprintf(w->job.uris[i], RUN_URI_MAX, "unix:%s/%zu", w->folder, i);
        assert_int_equal(endpoint_parse(w->job.uris[i], &e), ERR_OK);
        assert_int_equal(endpoint_listen(&e, 8, &w->listeners[i]), ERR_OK);
    }
    assert_int_equal(pipe(w->stop), 0);
    return w;
}

static enum err run(struct world *w, struct run_result *result)
{
    assert_int_equal(pthread_create(&w->thread, NULL, be_the_cores, w), 0);
    const enum err e = run_ceremony(&w->job, result);

    assert_int_equal(write(w->stop[1], "x", 1), 1);
    assert_int_equal(pthread_join(w->thread, NULL), 0);
    return e;
}

static void end(struct world *w)
{
    for (size_t i = 0; i < NODES; i++) {
        (void)close(w->listeners[i]);
        (void)unlink(w->job.uris[i] + strlen("unix:"));
    }
    (void)close(w->stop[0]);
    (void)close(w->stop[1]);
    (void)unlink(w->record);
    assert_int_equal(rmdir(w->folder), 0); /* nothing else was left there */
    ceremony_cores_free(&w->cores);
    free(w);
}

static void writes_the_record(void **state)
{
    static uint8_t bytes[CEREMONY_RECORD_MAX];
    struct world *w = make();
    struct run_result result;
    struct view record;

    (void)state;
    assert_int_equal(run(w, &result), ERR_OK);
    assert_int_equal(result.attempts, w->failures + 1);
    assert_int_equal(small_file_read(w->record, bytes, sizeof bytes, &record), ERR_OK);
    assert_true(view_equal(record, w->cores.rig.nodes[0].c.record_bytes));
    assert_int_equal(result.record_len, record.n);
    assert_memory_equal(result.id, w->cores.rig.nodes[1].c.id, sizeof result.id);
    assert_memory_equal(result.epoch_id, w->cores.rig.nodes[1].c.known.epoch_id,
                        sizeof result.epoch_id);
    end(w);
}

static void names_a_liar(void **state)
{
    struct world *w = make();
    struct run_result result;

    (void)state;
    w->cores.rig.bad = 2;
    w->cores.rig.round = CEREMONY_RHO;
    assert_int_equal(run(w, &result), ERR_QUORUM);
    assert_int_equal(result.end.why, RELAY_PROVEN);
    assert_int_equal(result.end.node, 2);
    assert_int_equal(w->failures, 1);
    assert_int_not_equal(access(w->record, F_OK), 0);
    end(w);
}

static void names_who_is_not_there(void **state)
{
    struct world *w = make();
    struct run_result result;

    (void)state;
    w->deaf = 1;
    assert_int_equal(run(w, &result), ERR_QUORUM);
    assert_int_equal(result.end.why, RELAY_SILENT);
    assert_int_equal(result.end.node, 1);
    assert_int_equal(result.end.err, ERR_IO);
    assert_int_equal(w->failures, 2);
    end(w);
}

static void a_record_that_cannot_be_written(void **state)
{
    struct world *w = make();
    struct run_result result;

    (void)state;
    w->job.record = "/nonexistent/ceremony.qcr";
    assert_int_equal(run(w, &result), ERR_IO);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_record),
        cmocka_unit_test(names_a_liar),
        cmocka_unit_test(names_who_is_not_there),
        cmocka_unit_test(a_record_that_cannot_be_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
