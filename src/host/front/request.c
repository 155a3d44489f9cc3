#include "host/front/request.h"

#include <stdlib.h>
#include <string.h>

#define STATE_MASK 3U

enum err request_pool_init(struct request_pool *p, size_t max)
{
    *p = (struct request_pool){.max = max};
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant */
    p->all = calloc(max, sizeof *p->all);
    if (p->all == NULL || pthread_mutex_init(&p->lock, NULL) != 0) {
        free(p->all);
        return ERR_NOSPACE;
    }
    return ERR_OK;
}

void request_pool_wipe(struct request_pool *p)
{
    for (size_t i = 0; i < p->n; i++) {
        free(p->all[i]);
    }
    free(p->all);
    (void)pthread_mutex_destroy(&p->lock);
}

/* A free object, or a new one while there are fewer than max. */
static struct request *take_object(struct request_pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
    struct request *r = p->free;

    if (r != NULL) {
        p->free = r->next;
    } else if (p->n < p->max) {
        r = calloc(1, sizeof *r);
        if (r != NULL) {
            p->all[p->n] = r;
            atomic_fetch_add_explicit(&p->n, 1, memory_order_release);
        }
    }
    (void)pthread_mutex_unlock(&p->lock);
    return r;
}

static void set_state(struct request *r, enum request_state s)
{
    const uint_fast64_t phase = atomic_load_explicit(&r->phase, memory_order_relaxed);

    atomic_store_explicit(&r->phase, (phase & ~(uint_fast64_t)STATE_MASK) | (unsigned)s,
                          memory_order_release);
}

struct request *request_take(struct request_pool *p, struct front *front,
                             struct serving *serving)
{
    struct request *r = take_object(p);

    if (r == NULL) {
        return NULL;
    }
    /* Only what is read before it is written: the arrays are large. */
    r->front = front;
    r->serving = serving;
    r->id = atomic_fetch_add_explicit(&p->next_id, 1, memory_order_relaxed);
    r->connection = NULL;
    r->route = NULL;
    r->verdict = (struct http_verdict){0};
    r->json_view = false;
    r->body = r->inline_body;
    r->body_n = 0;
    r->body_cap = sizeof r->inline_body;
    r->body_total = 0;
    r->policy = NULL;
    r->cert_req = false;
    r->may_degrade = false;
    r->evidence.archive = NULL;
    r->composed = NULL;
    r->err = ERR_OK;
    r->resp = (struct view){0};
    r->token = (struct view){0};
    atomic_store_explicit(&r->refs, 1, memory_order_relaxed);
    /* The count tells this life of the object from the one before, for the sweep. */
    atomic_fetch_add_explicit(&r->phase, STATE_MASK + 1, memory_order_relaxed);
    set_state(r, REQUEST_READING);
    return r;
}

enum err request_add_body(struct request *r, struct view bytes, size_t cap)
{
    if (bytes.n > cap || r->body_n > cap - bytes.n) {
        return ERR_NOSPACE;
    }
    if (bytes.n > r->body_cap - r->body_n) {
        uint8_t *larger = r->body == r->inline_body ? malloc(cap) : NULL;

        if (larger == NULL) {
            return ERR_NOSPACE;
        }
        memcpy(larger, r->body, r->body_n);
        r->body = larger;
        r->body_cap = cap;
    }
    if (bytes.n > 0) {
        memcpy(r->body + r->body_n, bytes.p, bytes.n);
        r->body_n += bytes.n;
    }
    return ERR_OK;
}

void request_wait(struct request *r, int64_t deadline_ns)
{
    atomic_store_explicit(&r->expires_ns, deadline_ns + REQUEST_GRACE_NS, memory_order_relaxed);
    atomic_store_explicit(&r->refs, 2, memory_order_relaxed);
    set_state(r, REQUEST_WAITING);
}

/* From WAITING as it was seen in phase to DONE. */
static bool finish_phase(struct request *r, uint_fast64_t phase, enum err e)
{
    const uint_fast64_t done = (phase & ~(uint_fast64_t)STATE_MASK) | REQUEST_DONE;

    if ((phase & STATE_MASK) != REQUEST_WAITING ||
        !atomic_compare_exchange_strong(&r->phase, &phase, done)) {
        return false;
    }
    r->err = e; /* read by the connection's thread only after resume() */
    r->resume(r);
    return true;
}

bool request_finish(struct request *r, enum err e)
{
    return finish_phase(r, atomic_load(&r->phase), e);
}

bool request_is_done(const struct request *r)
{
    return (atomic_load(&r->phase) & STATE_MASK) == REQUEST_DONE;
}

void request_release(struct request_pool *p, struct request *r)
{
    if (atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    if (r->body != r->inline_body) {
        free(r->body);
        r->body = r->inline_body;
    }
    free(r->composed);
    r->composed = NULL;
    archive_put(r->evidence.archive); /* speaks of a policy of the snapshot */
    r->evidence.archive = NULL;
    serving_put(r->serving);
    r->serving = NULL;
    set_state(r, REQUEST_FREE);
    (void)pthread_mutex_lock(&p->lock);
    r->next = p->free;
    p->free = r;
    (void)pthread_mutex_unlock(&p->lock);
}

size_t request_pool_sweep(struct request_pool *p, int64_t now_ns)
{
    const size_t n = atomic_load_explicit(&p->n, memory_order_acquire);
    size_t ended = 0;

    for (size_t i = 0; i < n; i++) {
        struct request *r = p->all[i];
        /* Phase first: if the object begins another life after this, the exchange fails. */
        const uint_fast64_t phase = atomic_load(&r->phase);

        if ((phase & STATE_MASK) == REQUEST_WAITING && atomic_load(&r->expires_ns) < now_ns &&
            finish_phase(r, phase, ERR_DEADLINE)) {
            ended++;
        }
    }
    return ended;
}
