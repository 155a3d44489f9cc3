/* request.h - one POST that wants a stamp, from its first header to its last answered byte; and
 * the pool of them.
 *
 * A request has up to two holders: the HTTP connection, and coord or the journal while they
 * work on it. While it is WAITING the connection is suspended; whoever moves it to DONE (the
 * work, or the sweep when the deadline is over) resumes the connection, once. The object goes
 * back to the pool when both holders have let go. */
#ifndef HOST_FRONT_REQUEST_H
#define HOST_FRONT_REQUEST_H

#include "host/coord/coord.h"
#include "host/front/evidence.h"
#include "host/front/http_rules.h"
#include "host/log/journal.h"

#define REQUEST_BODY_INLINE \
    1024 /* bytes of a body kept in the object; a larger one gets memory of its own */
#define REQUEST_REJECTION_MAX 320
#define REQUEST_GRACE_NS                                                 \
    INT64_C(100000000) /* after its deadline, for coord to say so itself \
                        */

enum request_state { REQUEST_FREE, REQUEST_READING, REQUEST_WAITING, REQUEST_DONE };

struct front;

struct request {
    struct request *next; /* in the free list */
    struct front *front;
    struct serving *serving; /* one reference */
    atomic_uint refs;
    atomic_uint_fast64_t phase; /* how often it was taken << 2 | enum request_state */
    atomic_int_fast64_t expires_ns;
    uint64_t id;
    void *connection; /* of the HTTP server */
    void (*resume)(struct request *r);

    /* what the head said */
    const struct http_route *route;
    enum http_method method;
    struct http_verdict verdict;
    bool json_view;

    /* the body */
    uint8_t *body; /* inline_body, or allocated */
    size_t body_n, body_cap;
    int64_t body_total; /* bytes seen, also of data and of what is thrown away */
    struct hash_state hash;
    uint8_t inline_body[REQUEST_BODY_INLINE];

    /* the work */
    struct coord_job job;
    struct evidence_entry evidence; /* of a hybrid policy */
    struct journal_entry entry;
    const struct config_policy *policy;
    bool cert_req;
    bool may_degrade; /* named no policy */
    enum err err;     /* the outcome, once DONE */
    int64_t begun_ns, signed_ns;
    struct view resp, token; /* into out, or into composed */
    uint8_t *composed;       /* a hybrid reply, allocated; NULL: none */
    uint8_t out[TOKEN_BUILD_MAX];
    uint8_t rejection[REQUEST_REJECTION_MAX]; /* not out: coord may still write there after the
                                                 deadline */
};

struct request_pool {
    pthread_mutex_t lock;
    struct request *free;
    struct request **all; /* max places, n in use */
    atomic_size_t n;
    size_t max;
    atomic_uint_fast64_t next_id;
};

/* ERR_NOSPACE: out of memory. */
MUST_CHECK enum err request_pool_init(struct request_pool *p, size_t max);
/* Every request must have been released. */
void request_pool_wipe(struct request_pool *p);

/* A fresh request, READING, with the connection's reference. It takes over the reference to
 * serving. NULL: max are in use, or out of memory; serving is then still the caller's. */
struct request *request_take(struct request_pool *p, struct front *front,
                             struct serving *serving);

/* Adds bytes of the body. ERR_NOSPACE: over cap or out of memory. */
MUST_CHECK enum err request_add_body(struct request *r, struct view bytes, size_t cap);

/* To WAITING, with a second reference for who works on it; expires at deadline_ns
 * (CLOCK_MONOTONIC) and a grace. */
void request_wait(struct request *r, int64_t deadline_ns);

/* To DONE with this outcome, and resumes the connection; false: it was DONE already, nothing
 * happens. */
bool request_finish(struct request *r, enum err e);

/* Whether it is DONE: nobody waits for the work any more. */
bool request_is_done(const struct request *r);

/* Drops one reference. */
void request_release(struct request_pool *p, struct request *r);

/* Ends with ERR_DEADLINE what expired. How many. */
size_t request_pool_sweep(struct request_pool *p, int64_t now_ns);

#endif
