/* cluster_fixture.h - a cluster of up to six fake cores in virtual time. Nothing but the
 * classic key: sessions are in tests/sim. */
#ifndef TESTS_CLUSTER_FIXTURE_H
#define TESTS_CLUSTER_FIXTURE_H

#include "coord_fixture.h"

#include "host/coord/coord_cluster.h"
#include "host/coord/roster.h"

#define WORLD_JOBS 2000

/* How a core behaves. */
enum manner { HONEST, STOPPED, GARBAGE };

struct world_core {
    struct fake_core *fake;
    enum manner manner;
    bool connected;
};

struct world {
    int64_t now_ns;
    size_t n;
    struct coord_counters counters;
    struct coord_cluster cluster;
    struct coord_member *members;
    struct world_core cores[COORD_CORES_MAX];
    struct plan plan;
    struct tmldsa_public_key key;
    struct quorum_roster roster;
    struct quorum_scratch *scratch;
    uint8_t *room;
    uint8_t accepts[COORD_CORES_MAX][ACTIVATION_HASH_LEN]; /* all of them */
    unsigned news[COORD_NEWS_HALTED + 1];
    int64_t ended_ns[WORLD_JOBS];
    struct counted_job jobs[WORLD_JOBS];
};

static inline void world_news(void *user, enum coord_news what, const struct coord_member *m)
{
    struct world *w = user;

    (void)m;
    w->news[what]++;
}

/* The core of a place starts, with an identity of its own for each boot. */
static inline void world_boot(struct world *w, size_t at, uint8_t boot)
{
    struct fake_core *f = w->cores[at].fake;

    free(f);
    f = fake_new((uint8_t)(boot * 16U + at));
    memset(f->epoch_id, 0xe0, sizeof f->epoch_id);
    memset(f->identity, (int)(boot * 16U + at), sizeof f->identity);
    memset(f->activation, 0xa0 + (int)at, sizeof f->activation);
    f->index = (uint8_t)(at + 1);
    f->total = COORD_CORES_MAX;
    w->cores[at].fake = f;
}

/* threshold of n, all booted with boot 1 and in the plan, none connected. */
static inline struct world *world_new(uint8_t threshold, uint8_t n)
{
    struct world *w = calloc(1, sizeof *w);
    struct coord_cluster_setup setup;

    assert_non_null(w);
    w->now_ns = 1000 * MS;
    w->n = n;
    w->members = calloc(n, sizeof *w->members);
    w->scratch = aligned_alloc(64, (sizeof *w->scratch + 63) / 64 * 64);
    w->plan.threshold = threshold;
    w->plan.total = n;
    for (size_t i = 0; i < n; i++) {
        world_boot(w, i, 1);
        memcpy(w->plan.nodes[i].identity, w->cores[i].fake->identity, IDENTITY_LEN);
        memset(w->plan.nodes[i].boot_nonce, (int)i + 1, PLAN_NONCE_LEN);
        memcpy(w->accepts[i], w->cores[i].fake->activation, ACTIVATION_HASH_LEN);
    }
    w->key.params = tmldsa_params_find(&mldsa_65, threshold, n);
    w->room = malloc(QUORUM_RUNS_MAX * quorum_run_room(w->key.params));
    w->roster = (struct quorum_roster){.plan = &w->plan, .key = &w->key};
    memset(w->roster.epoch_id, 0xe0, EPOCH_ID_LEN);
    setup = (struct coord_cluster_setup){.members = w->members,
                                         .n = n,
                                         .together = true,
                                         .counters = &w->counters,
                                         .hooks = {world_news, w}};
    coord_cluster_init(&w->cluster, &setup);
    return w;
}

static inline void world_epoch(struct world *w)
{
    const struct quorum_step_setup setup = {
        .counters = &w->counters, .scratch = w->scratch, .room = w->room};

    coord_cluster_epoch(&w->cluster, &w->roster, &setup, w->now_ns);
}

static inline void world_free(struct world *w)
{
    for (size_t i = 0; i < w->n; i++) {
        free(w->cores[i].fake);
    }
    free(w->members);
    free(w->scratch);
    free(w->room);
    free(w);
}

static inline void world_drop(struct world *w, size_t at, enum err why)
{
    if (w->cores[at].connected) {
        w->cores[at].connected = false;
        coord_cluster_close(&w->cluster, at, why, w->now_ns);
    }
}

/* What the core says to what it was asked; and what that does to its connection. False: it
 * says nothing. */
static inline bool world_answer(struct world *w, size_t at)
{
    struct world_core *c = &w->cores[at];
    bool answered = false;

    while (c->connected && c->manner != STOPPED && c->fake->n > 0) {
        size_t used = 0;
        struct view v = {(const uint8_t *)"HTTP/1.1 400 Bad Request\r\n", 26};

        answered = true;
        c->fake->now_ns = w->now_ns;
        if (c->manner == HONEST) {
            v = fake_answer(c->fake, 0);
        }
        const enum err e = coord_cluster_take(&w->cluster, at, v, w->now_ns, &used);

        if (e != ERR_OK) {
            world_drop(w, at, e);
        }
    }
    return answered;
}

/* One turn of what the thread does. False: nothing came of it. */
static inline bool world_turn(struct world *w)
{
    bool answered = false;

    coord_cluster_tick(&w->cluster, w->now_ns);
    for (size_t i = 0; i < w->n; i++) {
        if (w->cores[i].connected) {
            const enum err e = coord_cluster_pump(&w->cluster, i, w->now_ns);

            if (e != ERR_OK) {
                world_drop(w, i, e);
                continue;
            }
            const struct view out = coord_step_send(&w->members[i].step);

            fake_receive(w->cores[i].fake, out);
            coord_step_sent(&w->members[i].step, out.n);
        }
    }
    for (size_t i = 0; i < w->n; i++) {
        answered = world_answer(w, i) || answered;
    }
    return answered;
}

/* Lets time go; cores answer at once. */
static inline void world_run(struct world *w, int64_t ms)
{
    const int64_t end_ns = w->now_ns + ms * MS;

    for (;;) {
        unsigned turns = 0;

        while (world_turn(w)) { /* what an answer lets go on, goes on */
            assert_true(++turns < 10000);
        }
        const int64_t next = coord_cluster_next(&w->cluster);

        assert_true(next > w->now_ns); /* it never spins */
        if (next > end_ns) {
            w->now_ns = end_ns;
            return;
        }
        w->now_ns = next;
    }
}

static inline void world_connect(struct world *w, size_t at)
{
    w->cores[at].connected = true;
    w->cores[at].fake->n = 0;
    w->cores[at].fake->in_len = 0;
    coord_cluster_open(&w->cluster, at, w->now_ns);
}

static inline void world_connect_all(struct world *w)
{
    for (size_t i = 0; i < w->n; i++) {
        world_connect(w, i);
    }
    world_run(w, 1);
}

/* Another process at the same place: another boot, another identity. */
static inline void world_restart(struct world *w, size_t at, uint8_t boot)
{
    world_drop(w, at, ERR_IO);
    world_boot(w, at, boot);
    world_connect(w, at);
}

static inline void world_job_done(struct coord_job *job)
{
    struct world *w = job->user;
    const ptrdiff_t i = (struct counted_job *)(void *)job - w->jobs;

    w->jobs[i].done++;
    w->ended_ns[i] = w->now_ns;
}

static inline void world_submit(struct world *w, uint32_t i, int64_t within_ms)
{
    struct counted_job *j = &w->jobs[i];

    job_fill(j, w->cores[0].fake, i, w->now_ns + within_ms * MS);
    memset(j->job.epoch_id, 0xe0, EPOCH_ID_LEN);
    memset(j->job.activation, 0, ACTIVATION_HASH_LEN);
    j->job.accepts = w->accepts[0];
    j->job.n_accepts = w->n;
    j->job.done = world_job_done;
    j->job.user = w;
    atomic_fetch_add(&w->counters.queue_depth, 1);
    coord_cluster_submit(&w->cluster, &j->job, w->now_ns);
}

#endif
