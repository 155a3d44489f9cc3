#include "host/log/journal.h"

#include "host/log/journal_store.h"
#include "os/event_log.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define RETRY_MS \
    100 /* after a failed commit nothing is tried for so long; entries fail at once */
#define PROBE_MS 1000 /* while unhealthy without entries, a commit is tried so often */

struct journal {
    pthread_t thread;
    pthread_mutex_t lock; /* over the queue and ending */
    pthread_cond_t filled;
    struct journal_entry *head, **tail;
    bool waiting; /* the thread sleeps: only then is it woken */
    bool ending;
    atomic_bool healthy;
    struct journal_counters counters;
    /* the thread's own */
    struct journal_store store;
    int64_t retry_after_ms, probe_after_ms; /* monotonic */
    int64_t failing_since_ms;               /* of what is not healthy */
    uint64_t failed_tries, failed_before;   /* commits since then, entries until then */
};

static void publish(struct journal *j)
{
    atomic_store(&j->counters.rows, journal_store_rows(&j->store));
    atomic_store(&j->counters.segments, journal_store_segments(&j->store));
    atomic_store(&j->counters.exported, j->store.exported);
}

/* Calls done() for each; an entry is not ours any more once it was called. */
static void finish(struct journal *j, struct journal_entry *first, uint64_t n, enum err e)
{
    atomic_fetch_add(e == ERR_OK ? &j->counters.appended : &j->counters.failed, n);
    atomic_fetch_sub(&j->counters.queue_depth, n);
    while (first != NULL) {
        struct journal_entry *next = first->next;

        first->err = e;
        first->done(first);
        first = next;
    }
}

static void say_recovered(const struct journal *j, int64_t now)
{
    const uint64_t failed = atomic_load(&j->counters.failed) - j->failed_before;
    const struct event_field fields[] = {
        {.key = "commits", .kind = EVENT_NUMBER, .number = (int64_t)j->failed_tries},
        {.key = "entries", .kind = EVENT_NUMBER, .number = (int64_t)failed},
        {.key = "ms", .kind = EVENT_NUMBER, .number = now - j->failing_since_ms},
        {.key = "segment", .kind = EVENT_NUMBER, .number = j->store.active_number},
    };

    event_log(EVENT_WARN, EVENT_JOURNAL_RECOVERED, fields, sizeof fields / sizeof fields[0]);
}

/* Why a commit failed was said when the first did; how many did is said when one succeeds. */
static void note_change(struct journal *j, enum err e, int64_t now)
{
    const bool was = atomic_load(&j->healthy);

    if (e != ERR_OK && was) {
        j->failing_since_ms = now;
        j->failed_tries = 0;
        j->failed_before = atomic_load(&j->counters.failed);
    }
    j->failed_tries += e != ERR_OK;
    if (e == ERR_OK && !was) {
        say_recovered(j, now);
    }
}

/* Notes how a commit went. */
static void judge(struct journal *j, enum err e)
{
    const int64_t now = journal_io_monotonic_ms();

    note_change(j, e, now);
    if (e == ERR_OK) {
        atomic_fetch_add(&j->counters.commits, 1);
    } else {
        j->retry_after_ms = now + RETRY_MS;
    }
    j->probe_after_ms = now + PROBE_MS;
    atomic_store(&j->healthy, e == ERR_OK);
}

static void commit_list(struct journal *j, struct journal_entry *first)
{
    enum err e = ERR_IO;
    uint64_t n = 0;

    for (const struct journal_entry *at = first; at != NULL; at = at->next) {
        n++;
    }
    if (atomic_load(&j->healthy) || journal_io_monotonic_ms() >= j->retry_after_ms) {
        e = journal_store_append(&j->store, first);
        judge(j, e);
    }
    publish(j);
    finish(j, first, n, e);
}

static void keep(struct journal *j)
{
    if (!atomic_load(&j->healthy) && journal_io_monotonic_ms() >= j->probe_after_ms) {
        judge(j, journal_store_probe(&j->store));
    }
    journal_store_keep(&j->store);
    publish(j);
}

/* Waits until the queue is filled, or until keep() may have something to do. Called and left
 * with the lock held. */
static void await(struct journal *j)
{
    struct timespec until = {0};
    const int64_t ms = atomic_load(&j->healthy) ? JOURNAL_KEEP_MS : PROBE_MS;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    j->waiting = true;
    while (j->head == NULL && !j->ending &&
           pthread_cond_timedwait(&j->filled, &j->lock, &until) == 0) {
    }
    j->waiting = false;
}

static struct journal_entry *take_all(struct journal *j)
{
    struct journal_entry *first = j->head;

    j->head = NULL;
    j->tail = &j->head;
    return first;
}

static void *write_on(void *self)
{
    struct journal *j = self;
    bool ending = false;

    while (!ending) {
        (void)pthread_mutex_lock(&j->lock);
        if (j->head == NULL && !j->ending) {
            await(j);
        }
        struct journal_entry *first = take_all(j);

        ending = j->ending && first == NULL;
        (void)pthread_mutex_unlock(&j->lock);
        if (first != NULL) {
            commit_list(j, first);
        }
        if (!ending) {
            keep(j);
        }
    }
    return NULL;
}

static enum err start_thread(struct journal *j)
{
    pthread_condattr_t attr;
    enum err e = ERR_NOSPACE;

    (void)pthread_mutex_init(&j->lock, NULL);
    if (pthread_condattr_init(&attr) != 0) {
        return ERR_NOSPACE;
    }
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    if (pthread_cond_init(&j->filled, &attr) == 0) {
        e = pthread_create(&j->thread, NULL, write_on, j) == 0 ? ERR_OK : ERR_NOSPACE;
    }
    (void)pthread_condattr_destroy(&attr);
    return e;
}

enum err journal_open(const struct journal_config *cfg, struct journal **out)
{
    struct journal *j = calloc(1, sizeof *j);
    enum err e = ERR_OK;

    *out = NULL;
    if (j == NULL) {
        return ERR_NOSPACE;
    }
    j->tail = &j->head;
    atomic_init(&j->healthy, true);
    e = journal_store_open(&j->store, cfg);
    if (e == ERR_OK) {
        publish(j);
        e = start_thread(j);
        if (e != ERR_OK) {
            journal_store_close(&j->store);
        }
    }
    if (e != ERR_OK) {
        free(j);
        return e;
    }
    *out = j;
    return ERR_OK;
}

void journal_close(struct journal *j)
{
    if (j == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&j->lock);
    j->ending = true;
    (void)pthread_cond_signal(&j->filled);
    (void)pthread_mutex_unlock(&j->lock);
    (void)pthread_join(j->thread, NULL);
    journal_store_close(&j->store);
    (void)pthread_cond_destroy(&j->filled);
    (void)pthread_mutex_destroy(&j->lock);
    free(j);
}

void journal_queue(struct journal *j, struct journal_entry *e)
{
    assert(hash_len((enum hash_alg)e->hash_alg) > 0 &&
           e->policy_oid_len <= WIRE_POLICY_OID_MAX);
    e->next = NULL;
    if (atomic_fetch_add(&j->counters.queue_depth, 1) >= JOURNAL_QUEUE_MAX) {
        atomic_fetch_sub(&j->counters.queue_depth, 1);
        atomic_fetch_add(&j->counters.failed, 1);
        e->err = ERR_NOSPACE;
        e->done(e);
        return;
    }
    (void)pthread_mutex_lock(&j->lock);
    *j->tail = e;
    j->tail = &e->next;
    (void)pthread_mutex_unlock(&j->lock);
}

void journal_wake(struct journal *j)
{
    bool wake;

    (void)pthread_mutex_lock(&j->lock);
    wake = j->waiting && j->head != NULL;
    (void)pthread_mutex_unlock(&j->lock);
    if (wake) {
        (void)pthread_cond_signal(&j->filled);
    }
}

void journal_append(struct journal *j, struct journal_entry *e)
{
    journal_queue(j, e);
    journal_wake(j);
}

bool journal_healthy(const struct journal *j)
{
    return atomic_load(&j->healthy);
}

const struct journal_counters *journal_counters(const struct journal *j)
{
    return &j->counters;
}
