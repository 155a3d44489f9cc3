#include "host/coord/coord.h"

#include "host/coord/coord_conn_io.h"
#include "host/coord/coord_log.h"
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
#define WAKE_ALWAYS 1U
#define TAG_WAKE 0
#define TAG_LINK 1   /* and the cores after it */
#define WORDS_MAX 16 /* seen to end, until the thread looks: more than ever live at once */

struct coord {
    pthread_t thread;
    void (*on_change)(void *user);
    void (*on_rest)(void *user);
    void *user;
    char *proof_dir; /* NULL: none */
    int wake_fd, epoll_fd;
    size_t n;
    /* From any thread. */
    _Atomic(struct coord_job *) inbox; /* newest first; the thread takes all of it at once */
    _Atomic(struct roster *) next_roster;
    /* What the sleeping thread is to be woken for: WAKE_ALWAYS, and a bit 1U << key for jobs of
     * each key that need not wait for an answer. 0: it is awake. */
    atomic_uint asleep;
    atomic_bool ending, has_words;
    atomic_uint gates[STAMP_KEYS]; /* enum err: why a job would be refused */
    atomic_uint_fast64_t round_trips_us[COORD_CORES_MAX];
    struct coord_counters counters;
    pthread_mutex_t look_lock; /* over what follows down to n_words */
    struct coord_core_view seen[COORD_CORES_MAX];
    int64_t seen_status_ns[COORD_CORES_MAX];
    struct coord_epoch_view seen_epoch;
    uint8_t words[WORDS_MAX][PLAN_NONCE_LEN];
    size_t n_words;
    /* The thread's own. */
    struct coord_cluster cluster;
    struct coord_member *members;
    struct coord_conn *conns;
    enum err broken[COORD_CORES_MAX]; /* of the last events */
    bool again;                       /* work came after it was looked for */
    bool was_up[COORD_CORES_MAX];
    struct roster *roster;
    struct quorum_scratch *scratch;
    uint8_t *room; /* of the roster's sessions */
    uint8_t sid_prefix[COORD_SID_PREFIX_LEN];
};

static int64_t monotonic_ns(void)
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

static void on_lie(void *user, unsigned party, const struct quorum_run *run)
{
    struct coord *c = user;
    char name[PROOF_NAME_MAX] = "";
    const enum err e =
        c->proof_dir == NULL ? ERR_STATE : proof_keep_run(c->proof_dir, run, party, name);

    atomic_fetch_add(&c->counters.lies, 1);
    coord_log_lie(run, party, name, e);
}

/* ---- what others see ---- */

static void tell(const struct coord *c, const struct coord_member *m, bool was_up)
{
    const bool up = m->step.known.connected;
    const enum event ev = !up      ? EVENT_CORE_LOST
                          : was_up ? EVENT_CORE_STATE
                                   : EVENT_CORE_CONNECTED;

    coord_log_core(up ? EVENT_INFO : EVENT_WARN, ev, m, c->conns[m->at].uri, NULL);
}

/* Shows what is known of one member. True: the front should look again. */
static bool publish_member(struct coord *c, struct coord_member *m)
{
    const size_t at = m->at;
    const bool changed = m->step.changed;

    if (!changed && m->shown && m->step.status_ns == c->seen_status_ns[at]) {
        return false;
    }
    m->shown = true;
    m->step.changed = false;
    (void)pthread_mutex_lock(&c->look_lock);
    c->seen[at] = m->step.known;
    c->seen[at].fault = m->fault;
    c->seen[at].silent = m->silent;
    c->seen[at].banned = m->banned;
    c->seen_status_ns[at] = m->step.status_ns;
    (void)pthread_mutex_unlock(&c->look_lock);
    atomic_store(&c->round_trips_us[at], (uint64_t)(m->step.round_trip_ns / 1000));
    if (changed) {
        tell(c, m, c->was_up[at]);
        c->was_up[at] = m->step.known.connected;
    }
    return changed;
}

static bool publish_epoch(struct coord *c)
{
    const struct coord_epoch_view *const old = &c->seen_epoch;
    struct coord_epoch_view v;
    bool changed;

    for (size_t i = 0; i < STAMP_KEYS; i++) {
        atomic_store(&c->gates[i],
                     (unsigned)coord_cluster_gate(&c->cluster, (enum core_key)(i + 1)));
    }
    if (!c->cluster.together) {
        return false;
    }
    coord_cluster_show(&c->cluster, &v);
    if (memcmp(&v, old, sizeof v) == 0) { /* both were zero before they were filled */
        return false;
    }
    changed = v.halted != old->halted || v.has_roster != old->has_roster ||
              memcmp(v.epoch_id, old->epoch_id, EPOCH_ID_LEN) != 0;
    (void)pthread_mutex_lock(&c->look_lock);
    memcpy(&c->seen_epoch, &v, sizeof v);
    (void)pthread_mutex_unlock(&c->look_lock);
    return changed;
}

static void publish(struct coord *c)
{
    bool changed = publish_epoch(c);

    for (size_t i = 0; i < c->n; i++) {
        changed = publish_member(c, &c->members[i]) || changed;
    }
    if (changed && c->on_change != NULL) {
        c->on_change(c->user);
    }
}

void coord_look(struct coord *c, size_t at, struct coord_core_view *out)
{
    int64_t status_ns = 0;

    memset(out, 0, sizeof *out);
    out->age_ms = -1;
    out->last_err = ERR_QUORUM;
    if (at >= c->n) {
        return;
    }
    (void)pthread_mutex_lock(&c->look_lock);
    *out = c->seen[at];
    status_ns = c->seen_status_ns[at];
    (void)pthread_mutex_unlock(&c->look_lock);
    for (size_t i = 0; i < out->n_policies; i++) {
        out->policies[i].oid.p = out->oids[i];
    }
    out->age_ms = status_ns == 0 ? -1 : (monotonic_ns() - status_ns) / NS_PER_MS;
    out->round_trip_us = atomic_load(&c->round_trips_us[at]);
}

void coord_look_epoch(struct coord *c, struct coord_epoch_view *out)
{
    (void)pthread_mutex_lock(&c->look_lock);
    *out = c->seen_epoch;
    (void)pthread_mutex_unlock(&c->look_lock);
}

const struct coord_counters *coord_counters(const struct coord *c)
{
    return &c->counters;
}

/* ---- in ---- */

static void refuse(struct coord *c, struct coord_job *job, enum err e)
{
    atomic_fetch_sub(&c->counters.queue_depth, 1);
    atomic_fetch_add(&c->counters.refused, 1);
    job->err = e;
    job->done(job);
}

static void wake(const struct coord *c)
{
    const uint64_t one = 1;

    /* It is never read, for the event is edge-triggered: it takes 2^64 - 2 of these to fill. */
    (void)!write(c->wake_fd, &one, sizeof one);
}

static void wake_if_asleep(struct coord *c, unsigned what)
{
    if ((atomic_load(&c->asleep) & what) != 0 && atomic_exchange(&c->asleep, 0) != 0) {
        wake(c);
    }
}

void coord_submit(struct coord *c, struct coord_job *job)
{
    enum err e = ERR_OK;

    job->tries = 0;
    job->tried = 0;
    job->asked = false;
    atomic_fetch_add(&c->counters.submitted, 1);
    if (atomic_fetch_add(&c->counters.queue_depth, 1) >= COORD_QUEUE_MAX) {
        refuse(c, job, ERR_NOSPACE);
        return;
    }
    e = (enum err)atomic_load(&c->gates[job->key - 1]);
    if (e != ERR_OK) {
        refuse(c, job, e);
        return;
    }
    job->next = atomic_load(&c->inbox);
    while (!atomic_compare_exchange_weak(&c->inbox, &job->next, job)) {
    }
    wake_if_asleep(c, 1U << job->key);
}

void coord_take_roster(struct coord *c, struct roster *r)
{
    assert(c->cluster.together);
    roster_free(atomic_exchange(&c->next_roster, r)); /* one that was not looked at */
    wake_if_asleep(c, WAKE_ALWAYS);
}

void coord_core_ended(struct coord *c, const uint8_t boot_nonce[PLAN_NONCE_LEN])
{
    (void)pthread_mutex_lock(&c->look_lock);
    if (c->n_words < WORDS_MAX) {
        memcpy(c->words[c->n_words++], boot_nonce, PLAN_NONCE_LEN);
    }
    (void)pthread_mutex_unlock(&c->look_lock);
    atomic_store(&c->has_words, true);
    wake_if_asleep(c, WAKE_ALWAYS);
}

/* The newest is first in the inbox: turned round, they keep their order. */
static void empty_inbox(struct coord *c, int64_t now_ns)
{
    struct coord_job *job = atomic_exchange(&c->inbox, NULL);
    struct coord_line line = {0};

    while (job != NULL) {
        struct coord_job *next = job->next;

        coord_line_push_front(&line, job);
        job = next;
    }
    while ((job = coord_line_pop(&line)) != NULL) {
        coord_cluster_submit(&c->cluster, job, now_ns);
    }
}

static void hear_words(struct coord *c, int64_t now_ns)
{
    uint8_t words[WORDS_MAX][PLAN_NONCE_LEN];
    size_t n;

    (void)pthread_mutex_lock(&c->look_lock);
    n = c->n_words;
    memcpy(words, c->words, sizeof words);
    c->n_words = 0;
    (void)pthread_mutex_unlock(&c->look_lock);
    for (size_t i = 0; i < n; i++) {
        coord_cluster_ended(&c->cluster, words[i], now_ns);
    }
}

/* ---- epochs ---- */

static bool is_in_force(const struct coord *c, const struct roster *r)
{
    return c->roster != NULL && memcmp(c->roster->id, r->id, sizeof r->id) == 0;
}

static void take_roster(struct coord *c, int64_t now_ns)
{
    struct roster *const r = atomic_exchange(&c->next_roster, NULL);
    struct roster *const old = c->roster;
    uint8_t *const old_room = c->room;
    uint8_t *room;

    if (r == NULL) {
        return;
    }
    room = is_in_force(c, r) ? NULL
                             : malloc(QUORUM_RUNS_MAX * quorum_run_room(r->quorum.key->params));
    if (room == NULL) { /* nothing new, or no memory: it is read again */
        roster_free(r);
        return;
    }
    struct quorum_step_setup setup = {.counters = &c->counters,
                                      .scratch = c->scratch,
                                      .room = room,
                                      .on_blame = on_lie,
                                      .on_odd = on_odd,
                                      .user = c};

    memcpy(setup.sid_prefix, c->sid_prefix, sizeof setup.sid_prefix);
    coord_cluster_epoch(&c->cluster, &r->quorum, &setup, now_ns);
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
    int timeout = wait_ms(c, monotonic_ns());

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
    const int64_t now_ns = monotonic_ns();

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
                hear_words(c, now_ns);
            }
        }
        empty_inbox(c, now_ns);
        serve(c, now_ns);
        publish(c);
        if (c->on_rest != NULL) {
            c->on_rest(c->user);
        }
    }
    for (size_t i = 0; i < STAMP_KEYS; i++) {
        atomic_store(&c->gates[i], (unsigned)ERR_QUORUM);
    }
    for (size_t i = 0; i < c->n; i++) { /* the last one to go ends the jobs */
        coord_cluster_close(&c->cluster, i, ERR_QUORUM, monotonic_ns());
    }
    empty_inbox(c, monotonic_ns()); /* no core is up: each ends */
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
    wake(c);
    (void)pthread_join(c->thread, NULL);
    dispose(c);
}
