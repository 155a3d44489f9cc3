#include "host/front/show_desk.h"

#include <stdlib.h>
#include <string.h>

enum err show_desk_init(struct show_desk *d)
{
    memset(d, 0, sizeof *d);
    return pthread_mutex_init(&d->lock, NULL) == 0 && pthread_cond_init(&d->more, NULL) == 0
               ? ERR_OK
               : ERR_IO;
}

static void empty(struct show_place *p)
{
    free(p->file);
    *p = (struct show_place){.step = SHOW_FREE};
}

void show_desk_free(struct show_desk *d)
{
    for (size_t i = 0; i < SHOW_NONCES_MAX; i++) {
        empty(&d->places[i]);
    }
    (void)pthread_cond_destroy(&d->more);
    (void)pthread_mutex_destroy(&d->lock);
}

/* With the lock. NULL: no such nonce. */
static struct show_place *find(struct show_desk *d, const uint8_t *nonce)
{
    for (size_t i = 0; i < SHOW_NONCES_MAX; i++) {
        struct show_place *const p = &d->places[i];

        if (p->step != SHOW_FREE && memcmp(p->nonce, nonce, sizeof p->nonce) == 0) {
            return p;
        }
    }
    return NULL;
}

static struct show_place *oldest(struct show_desk *d, enum show_step step)
{
    struct show_place *best = NULL;

    for (size_t i = 0; i < SHOW_NONCES_MAX; i++) {
        struct show_place *const p = &d->places[i];

        if (p->step == step && (best == NULL || p->number < best->number)) {
            best = p;
        }
    }
    return best;
}

/* One that is free, or was done long enough ago. NULL: none. */
static struct show_place *make_room(struct show_desk *d, int64_t now_ns)
{
    struct show_place *const done = oldest(d, SHOW_DONE);

    for (size_t i = 0; i < SHOW_NONCES_MAX; i++) {
        struct show_place *const p = &d->places[i];

        if (p->step == SHOW_DONE && now_ns - p->done_ns >= SHOW_KEPT_NS) {
            empty(p);
        }
        if (p->step == SHOW_FREE) {
            return p;
        }
    }
    if (done == NULL || now_ns - done->done_ns < SHOW_LEAST_NS) {
        return NULL;
    }
    empty(done);
    return done;
}

static enum err begin(struct show_desk *d, const uint8_t *nonce, int64_t now_ns)
{
    struct show_place *const p = make_room(d, now_ns);

    if (p == NULL) {
        return ERR_RATE;
    }
    p->step = SHOW_WAITS;
    p->number = ++d->last_number;
    memcpy(p->nonce, nonce, sizeof p->nonce);
    (void)pthread_cond_signal(&d->more);
    return ERR_BUSY;
}

/* A failure is told once: the next request begins anew. */
static enum err give(struct show_place *p, uint8_t **file, size_t *n)
{
    const enum err e = p->err;

    if (e != ERR_OK) {
        empty(p);
        return e;
    }
    *file = malloc(p->n);
    if (*file == NULL) {
        return ERR_NOSPACE;
    }
    memcpy(*file, p->file, p->n);
    *n = p->n;
    return ERR_OK;
}

enum err show_desk_get(struct show_desk *d, const uint8_t nonce[REPORT_DATA_NONCE_LEN],
                       int64_t now_ns, uint8_t **file, size_t *n)
{
    struct show_place *p;
    enum err e = ERR_BUSY;

    *file = NULL;
    *n = 0;
    (void)pthread_mutex_lock(&d->lock);
    p = find(d, nonce);
    if (p == NULL) {
        e = begin(d, nonce, now_ns);
    } else if (p->step == SHOW_DONE) {
        e = give(p, file, n);
    }
    (void)pthread_mutex_unlock(&d->lock);
    return e;
}

bool show_desk_next(struct show_desk *d, uint8_t nonce[REPORT_DATA_NONCE_LEN])
{
    struct show_place *p = NULL;
    bool stopped;

    (void)pthread_mutex_lock(&d->lock);
    while (!d->stopped && (p = oldest(d, SHOW_WAITS)) == NULL) {
        (void)pthread_cond_wait(&d->more, &d->lock);
    }
    stopped = d->stopped;
    if (!stopped) {
        p->step = SHOW_UNDER_WAY;
        memcpy(nonce, p->nonce, sizeof p->nonce);
    }
    (void)pthread_mutex_unlock(&d->lock);
    return !stopped;
}

void show_desk_put(struct show_desk *d, int64_t now_ns, enum err e, struct view file)
{
    uint8_t *const kept = e == ERR_OK ? malloc(file.n) : NULL;
    struct show_place *p;

    if (kept != NULL) {
        memcpy(kept, file.p, file.n);
    }
    (void)pthread_mutex_lock(&d->lock);
    p = oldest(d, SHOW_UNDER_WAY);
    if (p != NULL) {
        p->step = SHOW_DONE;
        p->done_ns = now_ns;
        p->err = e == ERR_OK && kept == NULL ? ERR_NOSPACE : e;
        p->file = kept;
        p->n = kept != NULL ? file.n : 0;
    } else {
        free(kept);
    }
    (void)pthread_mutex_unlock(&d->lock);
}

void show_desk_stop(struct show_desk *d)
{
    (void)pthread_mutex_lock(&d->lock);
    d->stopped = true;
    (void)pthread_cond_signal(&d->more);
    (void)pthread_mutex_unlock(&d->lock);
}

bool show_desk_stopped(struct show_desk *d)
{
    bool stopped;

    (void)pthread_mutex_lock(&d->lock);
    stopped = d->stopped;
    (void)pthread_mutex_unlock(&d->lock);
    return stopped;
}
