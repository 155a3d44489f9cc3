#include "host/coord/coord.h"

#include "host/coord/coord_log.h"
#include "host/coord/coord_own.h"
#include "host/coord/proof_io.h"
#include "host/coord/roster.h"
#include "os/entropy.h"
#include "os/event_log.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS INT64_C(1000000)
#define SCRATCH_ALIGN 64 /* of polynomials */
#define EVENTS_MAX 16
#define TAG_WAKE 0
#define TAG_LINK 1 /* and the cores after it */

int64_t coord_now_ns(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void take_news(void *user, enum coord_news what, const struct coord_member *m)
{
    const struct coord *c = user;

    coord_log_news(what, m, c->conns[m->at].uri);
}

static void on_odd(void *user, unsigned party, enum err e, int64_t rest_ns)
{
    const struct coord *c = user;

    coord_log_odd(c->cluster.roster, party, e, rest_ns / NS_PER_MS);
}

static void on_ratio(void *user, unsigned party, enum quorum_ratio_news news)
{
    const struct coord *c = user;

    coord_log_ratio(c->cluster.roster, party, news);
}

static void on_lie(void *user, unsigned party, const struct quorum_run *run)
{
    struct coord *c = user;
    char name[PROOF_NAME_MAX] = "";
    const enum err e =
        c->proof_dir == NULL ? ERR_STATE : proof_keep_run(c->proof_dir, run, party, name);

    atomic_fetch_add(&c->counters.lies, 1);
    coord_log_lie(run, party, name, e);
}

static void on_rest(void *user, unsigned s)
{
    const struct coord *c = user;

    coord_log_triple(c->cluster.roster, s);
}

static void on_few(void *user, enum coord_triples level)
{
    const struct coord *c = user;

    coord_log_few(c->cluster.roster, level);
}

/* ---- epochs ---- */

static bool is_in_force(const struct coord *c, const struct roster *r)
{
    return c->roster != NULL && memcmp(c->roster->id, r->id, sizeof r->id) == 0;
}

/* What stamps of a classic key take that the cores of the roster share. */
static void share(struct coord *c, const struct roster *r, struct classic_step *classic,
                  int64_t now_ns)
{
    struct classic_step_setup setup = {.roster = &r->quorum,
                                       .counters = &c->counters,
                                       .on_odd = on_odd,
                                       .on_rest = on_rest,
                                       .on_few = on_few,
                                       .user = c,
                                       .chance = c->sample_seed};

    if (classic != NULL) {
        memcpy(setup.sid_prefix, c->sid_prefix, sizeof setup.sid_prefix);
        coord_cluster_share(&c->cluster, classic, &setup, now_ns);
    }
    free(c->classic);
    c->classic = classic;
}

static void take_roster(struct coord *c, int64_t now_ns)
{
    struct roster *const r = atomic_exchange(&c->next_roster, NULL);
    struct roster *const old = c->roster;
    uint8_t *const old_room = c->room;
    struct classic_step *classic = NULL;
    uint8_t *room;

    if (r == NULL) {
        return;
    }
    room = is_in_force(c, r) ? NULL
                             : malloc(QUORUM_RUNS_MAX * quorum_run_room(r->quorum.key->params));
    if (r->quorum.classic_key != NULL && room != NULL) {
        classic = malloc(sizeof *classic);
    }
    /* Nothing new, or no memory: it is read again. */
    if (room == NULL || (r->quorum.classic_key != NULL && classic == NULL)) {
        free(room);
        roster_free(r);
        return;
    }
    struct quorum_step_setup setup = {.counters = &c->counters,
                                      .scratch = c->scratch,
                                      .room = room,
                                      .on_blame = on_lie,
                                      .on_odd = on_odd,
                                      .on_ratio = on_ratio,
                                      .sample = {c->sample_seed, QUORUM_SAMPLE_ONE_IN},
                                      .user = c};

    memcpy(setup.sid_prefix, c->sid_prefix, sizeof setup.sid_prefix);
    coord_cluster_epoch(&c->cluster, &r->quorum, &setup, now_ns);
    share(c, r, classic, now_ns);
    c->roster = r;
    c->room = room;
    coord_log_epoch(EVENT_INFO, EVENT_EPOCH_TAKEN, &r->quorum);
    for (size_t i = 0; i < c->n; i++) {
        c->members[i].shown = false;
    }
    roster_free(old);
    free(old_room);
}

/* ---- the thread ---- */

static int wait_ms(const struct coord *c, int64_t now_ns)
{
    int64_t next = coord_cluster_next(&c->cluster);

    for (size_t i = 0; i < c->n; i++) {
        const int64_t dial = coord_conn_next(&c->conns[i]);

        next = dial < next ? dial : next;
    }
    if (next <= now_ns || c->again) {
        return 0;
    }
    /* Rounded up: else it would wake just before it is due, again and again. */
    const int64_t ms = (next - now_ns + NS_PER_MS - 1) / NS_PER_MS;

    return ms < 60000 ? (int)ms : 60000;
}

static bool has_post(const struct coord *c)
{
    return atomic_load(&c->inbox) != NULL || atomic_load(&c->ending) ||
           atomic_load(&c->has_words) || atomic_load(&c->next_roster) != NULL;
}

/* Waits for events; notes the first bad one of each link. */
static void take_events(struct coord *c, int timeout)
{
    struct epoll_event events[EVENTS_MAX];
    const int n = epoll_wait(c->epoll_fd, events, EVENTS_MAX, timeout);

    for (int i = 0; i < n; i++) {
        if (events[i].data.u32 >= TAG_LINK) {
            const size_t at = events[i].data.u32 - TAG_LINK;
            const enum err e = coord_conn_events(&c->conns[at], events[i].events);

            c->broken[at] = c->broken[at] != ERR_OK ? c->broken[at] : e;
        }
    }
}

/* Sleeps until something is to be done; what time it is then. */
static int64_t await(struct coord *c)
{
    const unsigned full = coord_cluster_full(&c->cluster);
    int timeout = wait_ms(c, coord_now_ns());

    if (full != 0 && timeout > COORD_SWEEP_MS) { /* the inbox has deadlines, too */
        timeout = COORD_SWEEP_MS;
    }
    atomic_store(&c->asleep, ~(full << 1));
    if (has_post(c)) {
        timeout = 0;
    }
    memset(c->broken, 0, sizeof c->broken);
    take_events(c, timeout);
    atomic_store(&c->asleep, 0);
    const int64_t now_ns = coord_now_ns();

    /* Who is to be called silent may have spoken since: another look, after the clock. */
    if (coord_cluster_next(&c->cluster) <= now_ns) {
        take_events(c, 0);
    }
    return now_ns;
}

static void drop(struct coord *c, size_t at, enum err why, int64_t now_ns)
{
    coord_conn_drop(&c->conns[at], why, now_ns);
    c->again = true; /* its jobs may be another's by now */
}

static void serve(struct coord *c, int64_t now_ns)
{
    c->again = false;
    for (size_t i = 0; i < c->n; i++) {
        enum err e = c->broken[i];

        if (e == ERR_OK) {
            e = coord_conn_receive(&c->conns[i], now_ns);
        }
        if (e != ERR_OK) {
            drop(c, i, e, now_ns);
        }
    }
    coord_cluster_tick(&c->cluster, now_ns);
    for (size_t i = 0; i < c->n; i++) {
        const enum err e = coord_conn_send(&c->conns[i], now_ns);

        if (e != ERR_OK) {
            drop(c, i, e, now_ns);
        }
        coord_conn_dial(&c->conns[i], c->epoll_fd, (uint32_t)(TAG_LINK + i), now_ns);
    }
}

static void *run(void *self)
{
    struct coord *c = self;

    while (!atomic_load(&c->ending)) {
        const int64_t now_ns = await(c);

        if (c->cluster.together) {
            /* Looked at first: who tells of a roster, and then of its nodes, is understood. */
            const bool has_words = atomic_exchange(&c->has_words, false);

            take_roster(c, now_ns);
            if (has_words) {
                coord_hear_words(c, now_ns);
            }
        }
        coord_empty_inbox(c, now_ns);
        serve(c, now_ns);
        coord_publish(c);
        if (c->on_rest != NULL) {
            c->on_rest(c->user);
        }
    }
    for (size_t i = 0; i < STAMP_KEYS; i++) {
        atomic_store(&c->gates[i], (unsigned)ERR_QUORUM);
    }
    for (size_t i = 0; i < c->n; i++) { /* the last one to go ends the jobs */
        coord_cluster_close(&c->cluster, i, ERR_QUORUM, coord_now_ns());
    }
    coord_empty_inbox(c, coord_now_ns()); /* no core is up: each ends */
    return NULL;
}

/* ---- new and free ---- */

static enum err start_cluster(struct coord *c, const struct coord_options *o)
{
    struct coord_cluster_setup setup = {.members = c->members,
                                        .n = o->n,
                                        .together = o->together,
                                        .counters = &c->counters,
                                        .hooks = {take_news, c}};

    TRY(entropy_os.fill(entropy_os.self, c->sid_prefix, sizeof c->sid_prefix));
    TRY(entropy_os.fill(entropy_os.self, (uint8_t *)&c->sample_seed, sizeof c->sample_seed));
    memcpy(setup.sid_prefix, c->sid_prefix, sizeof setup.sid_prefix);
    coord_cluster_init(&c->cluster, &setup);
    for (size_t i = 0; i < c->n; i++) {
        TRY(coord_conn_init(&c->conns[i], &c->cluster, i, o->cores[i]));
        c->seen[i].last_err = ERR_QUORUM;
    }
    c->seen_epoch.n = o->n;
    c->seen_epoch.together = o->together;
    return ERR_OK;
}

/* What signing together takes. */
static enum err start_sessions(struct coord *c, const char *proof_dir)
{
    c->scratch = aligned_alloc(SCRATCH_ALIGN, (sizeof *c->scratch + SCRATCH_ALIGN - 1) /
                                                  SCRATCH_ALIGN * SCRATCH_ALIGN);
    if (c->scratch == NULL) {
        return ERR_NOSPACE;
    }
    if (proof_dir != NULL && proof_dir[0] != '\0') {
        c->proof_dir = strdup(proof_dir);
        return c->proof_dir != NULL ? ERR_OK : ERR_NOSPACE;
    }
    return ERR_OK;
}

static enum err start(struct coord *c, const struct coord_options *o)
{
    struct epoll_event ev = {.events = EPOLLIN | EPOLLET, .data = {.u32 = TAG_WAKE}};

    c->members = calloc(o->n, sizeof *c->members);
    c->conns = calloc(o->n, sizeof *c->conns);
    if (c->members == NULL || c->conns == NULL) {
        return ERR_NOSPACE;
    }
    c->n = o->n;
    for (size_t i = 0; i < c->n; i++) {
        coord_link_init(&c->conns[i].link);
    }
    if (o->together) {
        TRY(start_sessions(c, o->proof_dir));
    }
    TRY(start_cluster(c, o));
    c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (c->epoll_fd < 0 || c->wake_fd < 0 ||
        epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, c->wake_fd, &ev) != 0) {
        return ERR_IO;
    }
    return pthread_create(&c->thread, NULL, run, c) == 0 ? ERR_OK : ERR_NOSPACE;
}

static void dispose(struct coord *c)
{
    if (c->epoll_fd >= 0) {
        (void)close(c->epoll_fd);
    }
    if (c->wake_fd >= 0) {
        (void)close(c->wake_fd);
    }
    (void)pthread_mutex_destroy(&c->look_lock);
    for (size_t i = 0; i < c->n; i++) {
        coord_conn_free(&c->conns[i]);
    }
    roster_free(c->roster);
    roster_free(atomic_load(&c->next_roster));
    free(c->room);
    free(c->classic);
    free(c->scratch);
    free(c->proof_dir);
    free(c->conns);
    free(c->members);
    free(c);
}

enum err coord_new(const struct coord_options *o, struct coord **out)
{
    struct coord *c = NULL;
    enum err e = ERR_OK;

    *out = NULL;
    if (o->n == 0 || o->n > COORD_CORES_MAX || (!o->together && o->n != 1)) {
        return ERR_RANGE;
    }
    c = calloc(1, sizeof *c);
    if (c == NULL) {
        return ERR_NOSPACE;
    }
    c->on_change = o->on_change;
    c->on_rest = o->on_rest;
    c->user = o->user;
    c->epoll_fd = -1;
    c->wake_fd = -1;
    for (size_t i = 0; i < STAMP_KEYS; i++) {
        atomic_store(&c->gates[i], (unsigned)ERR_QUORUM);
    }
    (void)pthread_mutex_init(&c->look_lock, NULL);
    e = start(c, o);
    if (e != ERR_OK) {
        dispose(c);
        return e;
    }
    *out = c;
    return ERR_OK;
}

void coord_free(struct coord *c)
{
    if (c == NULL) {
        return;
    }
    atomic_store(&c->ending, true);
    coord_wake(c);
    (void)pthread_join(c->thread, NULL);
    dispose(c);
}
