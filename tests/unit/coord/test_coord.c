/* The whole coordinator, thread and socket, against a fake core on a unix socket. */
#include "coord_fixture.h"

#include "host/coord/roster.h"
#include "os/endpoint.h"

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS 4
#define JOBS_EACH 300

static char dir[128];
static char uri[160];
static sem_t changed; /* posted by on_change */

static int64_t monotonic_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void wait_for(sem_t *sem)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 30;
    assert_int_equal(sem_timedwait(sem, &until), 0);
}

static void on_change(void *user)
{
    (void)sem_post(user);
}

static int setup(void **state)
{
    const char *base = getenv("TMPDIR");

    (void)state;
    (void)snprintf(dir, sizeof dir, "%s/quorate-coord-XXXXXX",
                   base != NULL && strlen(base) < 64 ? base : "/tmp");
    assert_non_null(mkdtemp(dir));
    (void)snprintf(uri, sizeof uri, "unix:%s/core.sock", dir);
    return sem_init(&changed, 0, 0);
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(uri + strlen("unix:"));
    (void)rmdir(dir);
    return sem_destroy(&changed);
}

/* ---- the core: one connection after the other, each answered in order ---- */

enum manner { HONEST, GARBAGE, NO_R1 };

struct server {
    pthread_t thread;
    struct fake_core *core;
    enum manner manner;
    int listener, stop[2];
    uint8_t buf[16384];
};

static bool send_all(int fd, struct view v)
{
    while (v.n > 0) {
        const ssize_t n = send(fd, v.p, v.n, MSG_NOSIGNAL); /* the peer may be gone */

        if (n <= 0) {
            return false;
        }
        v = (struct view){v.p + n, v.n - (size_t)n};
    }
    return true;
}

static bool answer_all(struct server *s, int fd)
{
    size_t at = 0;

    while (at < s->core->n) {
        if (s->manner == NO_R1 && s->core->frames[at].type == FRAME_R1) {
            at++;
            continue;
        }
        if (s->manner == GARBAGE) {
            return send_all(fd,
                            (struct view){(const uint8_t *)"HTTP/1.1 400 Bad Request\r\n", 26});
        }
        s->core->now_ns = monotonic_ns();
        if (!send_all(fd, fake_answer(s->core, at))) {
            return false;
        }
    }
    return true;
}

/* Whether fd has something before the test says stop. */
static bool ready(const struct server *s, int fd)
{
    struct pollfd p[2] = {{.fd = fd, .events = POLLIN}, {.fd = s->stop[0], .events = POLLIN}};

    return poll(p, 2, 30000) > 0 && p[1].revents == 0;
}

static void *serve(void *self)
{
    struct server *s = self;

    while (ready(s, s->listener)) {
        const int fd = accept(s->listener, NULL, NULL);

        s->core->n = 0;
        s->core->in_len = 0;
        while (ready(s, fd)) {
            const ssize_t n = read(fd, s->buf, sizeof s->buf);

            if (n <= 0) {
                break;
            }
            fake_receive(s->core, (struct view){s->buf, (size_t)n});
            if (!answer_all(s, fd)) {
                break;
            }
        }
        (void)close(fd);
    }
    (void)close(s->listener);
    return NULL;
}

static void server_run(struct server *s, struct fake_core *core, const char *at,
                       enum manner manner)
{
    struct endpoint e;

    s->core = core;
    s->manner = manner;
    assert_int_equal(endpoint_parse(at, &e), ERR_OK);
    assert_int_equal(endpoint_listen(&e, 8, &s->listener), ERR_OK);
    assert_int_equal(pipe(s->stop), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_start(struct server *s, uint8_t boot, enum manner manner)
{
    server_run(s, fake_new(boot), uri, manner);
}

static void server_stop(struct server *s)
{
    assert_int_equal(write(s->stop[1], "x", 1), 1);
    assert_int_equal(pthread_join(s->thread, NULL), 0);
    (void)close(s->stop[0]);
    (void)close(s->stop[1]);
    free(s->core);
}

/* ---- the callers ---- */

static struct coord *start(void)
{
    const char *uris[] = {uri};
    const struct coord_options o = {
        .cores = uris, .n = 1, .on_change = on_change, .user = &changed};
    struct coord *c = NULL;

    assert_int_equal(coord_new(&o, &c), ERR_OK);
    return c;
}

/* Until the coordinator says so by on_change. */
static void wait_connected(struct coord *c, bool want)
{
    struct coord_core_view v;

    for (;;) {
        coord_look(c, 0, &v);
        if (v.connected == want && (want || v.last_err != ERR_QUORUM)) {
            return;
        }
        wait_for(&changed);
    }
}

static void post_done(struct coord_job *job)
{
    (void)sem_post(job->user);
}

static enum err ask_one(struct coord *c, const struct fake_core *core, uint32_t i)
{
    struct counted_job j;
    sem_t sem;

    job_fill(&j, core, i, monotonic_ns() + 20000 * MS);
    assert_int_equal(sem_init(&sem, 0, 0), 0);
    j.job.done = post_done;
    j.job.user = &sem;
    coord_submit(c, &j.job);
    wait_for(&sem);
    (void)sem_destroy(&sem);
    j.done = 1;
    assert_true(j.job.err != ERR_OK || job_is_signed(&j));
    return j.job.err;
}

static void without_a_core_it_refuses_at_once(void **state)
{
    struct fake_core *core = fake_new(1);
    struct coord *c = start();
    struct coord_core_view v;

    (void)state;
    wait_connected(c, false);
    coord_look(c, 0, &v);
    assert_true(!v.connected && v.last_err == ERR_IO && v.age_ms == -1 && v.keys[0].len == 0);
    coord_look(c, 1, &v);
    assert_true(!v.connected && v.last_err == ERR_QUORUM);
    assert_int_equal(ask_one(c, core, 1), ERR_QUORUM);
    assert_int_equal(atomic_load(&coord_counters(c)->refused), 1);
    assert_int_equal(atomic_load(&coord_counters(c)->queue_depth), 0);
    coord_free(c);
    free(core);
}

struct client {
    pthread_t thread;
    struct coord *c;
    const struct fake_core *core;
    size_t good;
};

static void *ask_many(void *self)
{
    struct client *k = self;

    for (uint32_t i = 0; i < JOBS_EACH; i++) {
        k->good += ask_one(k->c, k->core, i) == ERR_OK;
    }
    return NULL;
}

static void many_threads_are_served(void **state)
{
    struct server s;
    struct client clients[CLIENTS];
    struct coord_core_view v;

    (void)state;
    server_start(&s, 1, HONEST);
    struct coord *c = start();

    wait_connected(c, true);
    for (size_t i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.c = c, .core = s.core};
        assert_int_equal(pthread_create(&clients[i].thread, NULL, ask_many, &clients[i]), 0);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(pthread_join(clients[i].thread, NULL), 0);
        assert_int_equal(clients[i].good, JOBS_EACH);
    }
    const struct coord_counters *n = coord_counters(c);

    assert_int_equal(atomic_load(&n->signed_), CLIENTS * JOBS_EACH);
    assert_int_equal(atomic_load(&n->submitted), CLIENTS * JOBS_EACH);
    assert_int_equal(atomic_load(&n->queue_depth), 0);
    coord_look(c, 0, &v);
    assert_true(v.age_ms >= 0 && v.keys[0].len == 97 && v.n_policies == 1);
    assert_true(v.policies[0].oid.p == v.oids[0]);
    coord_free(c);
    server_stop(&s);
}

static void a_core_that_restarts_is_found_again(void **state)
{
    struct server s;
    struct coord_core_view v;

    (void)state;
    server_start(&s, 1, HONEST);
    struct coord *c = start();

    wait_connected(c, true);
    assert_int_equal(ask_one(c, s.core, 1), ERR_OK);
    server_stop(&s);
    wait_connected(c, false);
    struct fake_core *gone = fake_new(1);

    assert_int_equal(ask_one(c, gone, 1), ERR_QUORUM);
    server_start(&s, 2, HONEST);
    wait_connected(c, true);
    coord_look(c, 0, &v);
    assert_memory_equal(v.status.epoch_id, s.core->epoch_id, EPOCH_ID_LEN);
    assert_int_equal(ask_one(c, gone, 1), ERR_QUORUM); /* the old epoch */
    assert_int_equal(ask_one(c, s.core, 1), ERR_OK);
    assert_int_equal(atomic_load(&coord_counters(c)->reconnects), 1);
    coord_free(c);
    server_stop(&s);
    free(gone);
}

static void garbage_closes_the_connection(void **state)
{
    struct server s;

    (void)state;
    server_start(&s, 1, GARBAGE);
    struct coord *c = start();

    wait_connected(c, false);
    assert_true(atomic_load(&coord_counters(c)->frames_bad) > 0);
    server_stop(&s);
    server_start(&s, 1, HONEST);
    wait_connected(c, true);
    assert_int_equal(ask_one(c, s.core, 1), ERR_OK);
    coord_free(c);
    server_stop(&s);
}

static void a_full_queue_refuses_and_free_ends_all(void **state)
{
    static struct counted_job jobs[COORD_QUEUE_MAX + 1];
    struct server s;

    (void)state;
    server_start(&s, 1, NO_R1);
    struct coord *c = start();

    wait_connected(c, true);
    for (uint32_t i = 0; i <= COORD_QUEUE_MAX; i++) {
        job_fill(&jobs[i], s.core, i, monotonic_ns() + 60000 * MS);
        coord_submit(c, &jobs[i].job);
    }
    assert_int_equal(jobs[COORD_QUEUE_MAX].done, 1);
    assert_int_equal(jobs[COORD_QUEUE_MAX].job.err, ERR_NOSPACE);
    coord_free(c);
    for (uint32_t i = 0; i < COORD_QUEUE_MAX; i++) {
        assert_int_equal(jobs[i].done, 1);
        assert_int_equal(jobs[i].job.err, ERR_QUORUM);
    }
    server_stop(&s);
}

/* ---- several ---- */

#define CORES 3 /* of which two sign, as the record says */

static struct server servers[CORES];
static char uris[CORES][192];

/* A record of a ceremony of three nodes, two to sign. */
static struct roster *read_roster(void)
{
    static uint8_t bytes[CEREMONY_RECORD_MAX];
    FILE *f = fopen(QUORATE_SOURCE "/fuzz/corpus/ceremony_record/two_of_three", "rb");
    struct roster *r = NULL;
    char why[ROSTER_WHY_MAX];
    size_t n;

    assert_non_null(f);
    n = fread(bytes, 1, sizeof bytes, f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(roster_new((struct view){bytes, n}, &r, why), ERR_OK);
    return r;
}

/* The core of this place; boot 1 is the one of the ceremony. */
static void several_start(const struct roster *r, size_t i, uint8_t boot)
{
    struct fake_core *f = fake_new((uint8_t)(boot * 16U + i));

    memcpy(f->epoch_id, r->quorum.epoch_id, EPOCH_ID_LEN);
    memcpy(f->identity, r->quorum.plan->nodes[i].identity, IDENTITY_LEN);
    if (boot != 1) {
        memset(f->identity, boot, IDENTITY_LEN);
    }
    f->index = (uint8_t)(i + 1);
    f->total = CORES;
    (void)unlink(uris[i] + strlen("unix:"));
    server_run(&servers[i], f, uris[i], HONEST);
}

/* Until the epoch looks like that. */
static void wait_epoch(struct coord *c, unsigned answering, bool halted)
{
    struct coord_epoch_view v;

    for (;;) {
        coord_look_epoch(c, &v);
        if (v.answering == answering && v.halted == halted) {
            return;
        }
        struct timespec until; /* not every change of it is told */

        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 20 * MS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        (void)sem_timedwait(&changed, &until);
    }
}

static enum err ask_any(struct coord *c, const struct roster *r, uint32_t i)
{
    struct counted_job j;
    sem_t sem;

    job_fill(&j, servers[2].core, i, monotonic_ns() + 20000 * MS);
    memcpy(j.job.epoch_id, r->quorum.epoch_id, EPOCH_ID_LEN);
    assert_int_equal(sem_init(&sem, 0, 0), 0);
    j.job.done = post_done;
    j.job.user = &sem;
    coord_submit(c, &j.job);
    wait_for(&sem);
    (void)sem_destroy(&sem);
    j.done = 1;
    assert_true(j.job.err != ERR_OK || job_is_signed(&j));
    return j.job.err;
}

static void several_cores_come_and_go(void **state)
{
    const char *list[CORES];
    struct coord_options o = {
        .cores = list, .n = CORES, .together = true, .on_change = on_change, .user = &changed};
    struct roster *r = read_roster();
    struct coord_core_view v;
    struct coord *c = NULL;

    (void)state;
    for (size_t i = 0; i < CORES; i++) {
        (void)snprintf(uris[i], sizeof uris[i], "%s-%zu", uri, i);
        list[i] = uris[i];
        several_start(r, i, 1);
    }
    assert_int_equal(coord_new(&o, &c), ERR_OK);
    assert_int_equal(ask_any(c, r, 1), ERR_QUORUM); /* no epoch yet */
    coord_take_roster(c, read_roster());
    wait_epoch(c, 3, false);
    for (uint32_t i = 0; i < 200; i++) {
        assert_int_equal(ask_any(c, r, i), ERR_OK);
    }
    server_stop(&servers[1]);
    wait_epoch(c, 2, false);
    assert_int_equal(ask_any(c, r, 1), ERR_OK);
    several_start(r, 1, 2); /* it is back, without its share */
    coord_take_roster(c, read_roster());
    do {
        coord_look(c, 1, &v);
    } while (!v.connected);
    assert_int_equal(v.fault, COORD_STRANGER);
    assert_int_equal(ask_any(c, r, 1), ERR_OK);
    server_stop(&servers[0]);
    wait_epoch(c, 1, false);
    assert_int_equal(ask_any(c, r, 1), ERR_QUORUM);
    coord_core_ended(c, r->record.known.plan->nodes[2].boot_nonce);
    wait_epoch(c, 0, true); /* two of three are gone for ever */
    several_start(r, 0, 1);
    assert_int_equal(ask_any(c, r, 1), ERR_HALTED);
    coord_free(c);
    for (size_t i = 0; i < CORES; i++) {
        server_stop(&servers[i]);
        (void)unlink(uris[i] + strlen("unix:"));
    }
    roster_free(r);
}

static void refuses_what_it_cannot_dial(void **state)
{
    const char *bad[] = {"carrier-pigeon:1"};
    const char *seven[] = {uri, uri, uri, uri, uri, uri, uri};
    struct coord_options o = {.cores = bad, .n = 1};
    struct coord *c = NULL;

    (void)state;
    assert_int_equal(coord_new(&o, &c), ERR_ENCODING);
    assert_null(c);
    o = (struct coord_options){.cores = seven, .n = 2};
    assert_int_equal(coord_new(&o, &c), ERR_RANGE); /* two that sign alone */
    o.n = 0;
    assert_int_equal(coord_new(&o, &c), ERR_RANGE);
    o = (struct coord_options){.cores = seven, .n = 7, .together = true};
    assert_int_equal(coord_new(&o, &c), ERR_RANGE);
    coord_free(NULL);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(without_a_core_it_refuses_at_once),
        CASE(many_threads_are_served),
        CASE(a_core_that_restarts_is_found_again),
        CASE(garbage_closes_the_connection),
        CASE(a_full_queue_refuses_and_free_ends_all),
        CASE(refuses_what_it_cannot_dial),
        CASE(several_cores_come_and_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
