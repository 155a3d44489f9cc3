#include "host/coord/coord.h"

#include "host/coord/coord_link_io.h"
#include "host/coord/coord_step.h"
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

#define BACKOFF_MIN_MS 20
#define BACKOFF_MAX_MS 500
#define BACKOFF_FORGET_MS 1000 /* a core that was up for so long is dialled at once again */
#define DIAL_MS 1000           /* a connection that is not made after so long is given up */
#define NS_PER_MS INT64_C(1000000)
#define EVENTS_MAX 4
#define TAG_WAKE 0
#define TAG_LINK 1

struct coord {
    pthread_t thread;
    char *uri;
    struct endpoint endpoint;
    void (*on_change)(void *user);
    void *user;
    int wake_fd, epoll_fd;
    /* From any thread. */
    _Atomic(struct coord_job *) inbox; /* newest first; the thread takes all of it at once */
    atomic_bool asleep;                /* then who fills the inbox wakes the thread */
    atomic_bool up, ending;
    atomic_uint_fast64_t round_trip_us;
    struct coord_counters counters;
    pthread_mutex_t look_lock; /* over seen and seen_status_ns */
    struct coord_core_view seen;
    int64_t seen_status_ns;
    /* The thread's own. */
    struct coord_link link;
    struct coord_step step;
    int64_t
        dial_ns; /* without a link: when to dial; with one not yet connected: when to give up */
    int64_t backoff_ms;
};

static int64_t monotonic_ns(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- what others see ---- */

static void log_core(const struct coord *c, enum event_level level, enum event ev)
{
    const struct coord_core_view *k = &c->step.known;
    const struct event_field fields[] = {
        {.key = "core", .kind = EVENT_TEXT, .text = c->uri},
        {.key = "state", .kind = EVENT_NUMBER, .number = k->connected ? k->status.state : 0},
        {.key = "boot_id", .kind = EVENT_HEX, .hex = {c->step.boot_id, BOOT_ID_LEN}},
        {.key = "err", .kind = EVENT_ERR, .number = k->last_err},
    };

    event_log(level, ev, fields, sizeof fields / sizeof fields[0]);
}

static void tell(struct coord *c, bool was_up)
{
    const bool up = c->step.known.connected;

    if (up && !was_up) {
        log_core(c, EVENT_INFO, EVENT_CORE_CONNECTED);
    } else {
        log_core(c, up ? EVENT_INFO : EVENT_WARN, up ? EVENT_CORE_STATE : EVENT_CORE_LOST);
    }
    if (c->on_change != NULL) {
        c->on_change(c->user);
    }
}

/* Shows what the machine knows now. */
static void publish(struct coord *c)
{
    const bool was_up = atomic_load(&c->up);

    if (!c->step.changed && c->step.status_ns == c->seen_status_ns) {
        return;
    }
    (void)pthread_mutex_lock(&c->look_lock);
    c->seen = c->step.known;
    c->seen_status_ns = c->step.status_ns;
    (void)pthread_mutex_unlock(&c->look_lock);
    atomic_store(&c->round_trip_us, (uint64_t)(c->step.round_trip_ns / 1000));
    atomic_store(&c->up, c->step.known.connected);
    if (c->step.changed) {
        c->step.changed = false;
        tell(c, was_up);
    }
}

void coord_look(struct coord *c, size_t at, struct coord_core_view *out)
{
    int64_t status_ns = 0;

    memset(out, 0, sizeof *out);
    out->age_ms = -1;
    out->last_err = ERR_QUORUM;
    if (at != 0) {
        return;
    }
    (void)pthread_mutex_lock(&c->look_lock);
    *out = c->seen;
    status_ns = c->seen_status_ns;
    (void)pthread_mutex_unlock(&c->look_lock);
    for (size_t i = 0; i < out->n_policies; i++) {
        out->policies[i].oid.p = out->oids[i];
    }
    out->age_ms = status_ns == 0 ? -1 : (monotonic_ns() - status_ns) / NS_PER_MS;
    out->round_trip_us = atomic_load(&c->round_trip_us);
}

const struct coord_counters *coord_counters(const struct coord *c)
{
    return &c->counters;
}

/* ---- jobs in ---- */

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

void coord_submit(struct coord *c, struct coord_job *job)
{
    atomic_fetch_add(&c->counters.submitted, 1);
    if (atomic_fetch_add(&c->counters.queue_depth, 1) >= COORD_QUEUE_MAX) {
        refuse(c, job, ERR_NOSPACE);
        return;
    }
    if (!atomic_load(&c->up)) {
        refuse(c, job, ERR_QUORUM);
        return;
    }
    job->next = atomic_load(&c->inbox);
    while (!atomic_compare_exchange_weak(&c->inbox, &job->next, job)) {
    }
    if (atomic_exchange(&c->asleep, false)) {
        wake(c);
    }
}

/* The newest is first in the inbox: turned round, they keep their order. */
static void empty_inbox(struct coord *c)
{
    struct coord_job *job = atomic_exchange(&c->inbox, NULL);
    struct coord_line line = {0};

    while (job != NULL) {
        struct coord_job *next = job->next;

        coord_line_push_front(&line, job);
        job = next;
    }
    while ((job = coord_line_pop(&line)) != NULL) {
        coord_step_submit(&c->step, job);
    }
}

/* ---- the link ---- */

/* Ends the connection, and dials again later. */
static void drop(struct coord *c, enum err why, int64_t now_ns)
{
    coord_link_close(&c->link);
    atomic_store(&c->up, false);
    if (c->step.phase == COORD_UP) {
        atomic_fetch_add(&c->counters.reconnects, 1);
        if (now_ns - c->step.up_ns >= BACKOFF_FORGET_MS * NS_PER_MS) {
            c->backoff_ms = BACKOFF_MIN_MS;
        }
    }
    coord_step_close(&c->step, why);
    c->dial_ns = now_ns + c->backoff_ms * NS_PER_MS;
    c->backoff_ms = c->backoff_ms * 2 < BACKOFF_MAX_MS ? c->backoff_ms * 2 : BACKOFF_MAX_MS;
}

static void dial_if_due(struct coord *c, int64_t now_ns)
{
    if (c->link.fd < 0 && now_ns >= c->dial_ns) {
        if (coord_link_dial(&c->link, &c->endpoint, c->epoll_fd, TAG_LINK) != ERR_OK) {
            drop(c, ERR_IO, now_ns);
            return;
        }
        c->dial_ns = now_ns + DIAL_MS * NS_PER_MS;
    } else if (c->link.fd >= 0 && !c->link.connected && now_ns >= c->dial_ns) {
        drop(c, ERR_DEADLINE, now_ns);
    }
}

static enum err receive(struct coord *c, int64_t now_ns)
{
    size_t used = 0;

    while (c->link.readable) {
        TRY(coord_link_read(&c->link));
        TRY(coord_step_take(&c->step, (struct view){c->link.in, c->link.in_len}, now_ns,
                            &used));
        coord_link_taken(&c->link, used);
    }
    return ERR_OK;
}

static enum err flush(struct coord *c)
{
    while (c->link.writable && coord_step_send(&c->step).n > 0) {
        size_t n = 0;

        TRY(coord_link_write(&c->link, coord_step_send(&c->step), &n));
        coord_step_sent(&c->step, n);
    }
    return ERR_OK;
}

static enum err serve_link(struct coord *c, int64_t now_ns)
{
    if (!c->link.connected) {
        return ERR_OK;
    }
    if (c->step.phase == COORD_DOWN) {
        coord_step_open(&c->step, now_ns);
    }
    TRY(receive(c, now_ns));
    TRY(coord_step_pump(&c->step, now_ns));
    return flush(c);
}

/* ---- the thread ---- */

static int wait_ms(const struct coord *c, int64_t now_ns)
{
    int64_t next = coord_step_next(&c->step);

    if (!c->link.connected && c->dial_ns < next) {
        next = c->dial_ns;
    }
    if (next <= now_ns) {
        return 0;
    }
    /* Rounded up: else it would wake just before it is due, again and again. */
    const int64_t ms = (next - now_ns + NS_PER_MS - 1) / NS_PER_MS;

    return ms < 60000 ? (int)ms : 60000;
}

/* Sleeps until something is to be done; the first bad event of the link. */
static enum err await(struct coord *c)
{
    struct epoll_event events[EVENTS_MAX];
    enum err e = ERR_OK;
    int timeout = wait_ms(c, monotonic_ns());

    atomic_store(&c->asleep, true);
    if (atomic_load(&c->inbox) != NULL || atomic_load(&c->ending)) {
        timeout = 0;
    }
    const int n = epoll_wait(c->epoll_fd, events, EVENTS_MAX, timeout);

    atomic_store(&c->asleep, false);
    for (int i = 0; i < n && e == ERR_OK; i++) {
        if (events[i].data.u32 == TAG_LINK) {
            e = coord_link_events(&c->link, events[i].events);
        }
    }
    return e;
}

static void *run(void *self)
{
    struct coord *c = self;

    while (!atomic_load(&c->ending)) {
        enum err e = await(c);
        const int64_t now_ns = monotonic_ns();

        empty_inbox(c);
        if (e == ERR_OK) {
            e = serve_link(c, now_ns);
        }
        if (e != ERR_OK) {
            drop(c, e, now_ns);
        }
        dial_if_due(c, now_ns);
        publish(c);
    }
    atomic_store(&c->up, false);
    coord_step_close(&c->step, ERR_QUORUM);
    empty_inbox(c); /* no core is up: each ends */
    coord_link_close(&c->link);
    return NULL;
}

/* ---- new and free ---- */

static enum err start(struct coord *c, const char *uri)
{
    struct epoll_event ev = {.events = EPOLLIN | EPOLLET, .data = {.u32 = TAG_WAKE}};
    uint8_t prefix[COORD_SID_PREFIX_LEN];

    TRY(endpoint_parse(uri, &c->endpoint));
    TRY(entropy_os.fill(entropy_os.self, prefix, sizeof prefix));
    coord_step_init(&c->step, &c->counters, prefix);
    c->uri = strdup(uri);
    if (c->uri == NULL) {
        return ERR_NOSPACE;
    }
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
    free(c->uri);
    free(c);
}

enum err coord_new(const char *const *cores, size_t n, void (*on_change)(void *user),
                   void *user, struct coord **out)
{
    struct coord *c = NULL;
    enum err e = ERR_OK;

    *out = NULL;
    if (n != 1) {
        return ERR_RANGE;
    }
    c = calloc(1, sizeof *c);
    if (c == NULL) {
        return ERR_NOSPACE;
    }
    c->on_change = on_change;
    c->user = user;
    c->epoll_fd = -1;
    c->wake_fd = -1;
    c->backoff_ms = BACKOFF_MIN_MS;
    coord_link_init(&c->link);
    (void)pthread_mutex_init(&c->look_lock, NULL);
    c->seen.last_err = ERR_QUORUM;
    e = start(c, cores[0]);
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
