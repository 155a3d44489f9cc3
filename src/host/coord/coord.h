/* coord.h - obtains stamps from the cores. The front asks from many threads; one thread of
 * coord runs the rounds.
 *
 * It is not trusted: whatever it does, a core signs only what its own rule allows. Round 1 is
 * asked ahead within the life of an R1, and whatever is queued goes into one R2 frame, so a
 * busy front pays no extra round trip. */
#ifndef HOST_COORD_COORD_H
#define HOST_COORD_COORD_H

#include "wire/stamp.h"

#include <stdatomic.h>

#define COORD_QUEUE_MAX 4096 /* jobs waiting or under way; more: ERR_NOSPACE at once */

/* One stamp that somebody wants. The caller owns it and leaves it alone from coord_submit()
 * until done() runs. */
struct coord_job {
    struct coord_job *next; /* coord's own */
    uint8_t tries;          /* coord's own */
    bool asked;             /* coord's own: ready() was called */
    int64_t deadline_ns;    /* CLOCK_MONOTONIC */
    uint8_t key;            /* enum core_key */
    uint8_t policy;         /* its number */
    uint8_t hash_alg;       /* enum hash_alg */
    uint8_t nonce_len;
    uint8_t hashed_message[HASH_MAX];
    uint8_t nonce[STAMP_NONCE_MAX]; /* INTEGER body */
    struct stamp_policy rule;       /* of that policy number */
    uint8_t
        epoch_id[EPOCH_ID_LEN]; /* and activation: what the caller holds the certificate of */
    uint8_t activation[ACTIVATION_HASH_LEN];
    /* NULL, or called on coord's thread, once, just before the job goes out: may still fill
     * hashed_message. False: it is not wanted any more, and ends with ERR_DEADLINE. */
    bool (*ready)(struct coord_job *job);
    /* For a key that several cores sign together: ML-DSA's mu of job->stamp, MLDSA_MU_LEN
     * bytes. The caller holds the certificate that signedAttrs name. On coord's thread. */
    enum err (*to_sign)(const struct coord_job *job, uint8_t *mu);
    void (*done)(struct coord_job *job); /* on coord's thread, once; must not block */
    void *user;

    /* The result, valid in done(). ERR_DEADLINE, ERR_QUORUM (no core answers, or of another
     * epoch), ERR_TIME (the core has no valid time), ERR_STALE (activation differs), ERR_STATE,
     * ERR_NOSPACE, ERR_BUG. */
    enum err err;
    struct stamp stamp; /* genTime, accuracy, serial number by the rule of wire/stamp.h */
    uint8_t signature[STAMP_SIGNATURE_MAX];
    size_t signature_len;
};

/* A public key of a core. */
struct coord_key {
    size_t len;               /* 0: none yet */
    uint8_t threshold, total; /* so many of so many cores sign together */
    uint8_t bytes[WIRE_PUBLIC_KEY_MAX];
};

/* What is known of a core now, for readiness, /status and /metrics. */
struct coord_core_view {
    bool connected;
    enum err last_err; /* why it is not, or not serving */
    int64_t age_ms;    /* of status; -1: none yet */
    struct core_status status;
    struct coord_key keys[WIRE_KEYS_MAX]; /* by enum core_key - 1 */
    uint8_t clock, flags, index;
    size_t n_policies;
    struct hello_policy policies[WIRE_POLICIES_MAX]; /* oid points into oids below */
    uint8_t oids[WIRE_POLICIES_MAX][WIRE_POLICY_OID_MAX];
    uint64_t round_trip_us; /* smoothed, of R2 */
};

struct coord_counters {
    atomic_uint_fast64_t submitted, signed_, refused, deadline, reconnects, frames_bad,
        queue_depth;
};

struct coord;

/* cores: n endpoint URIs (now n == 1). on_change (may be NULL) runs on coord's thread whenever
 * a core connects, goes, or its epoch, state or activation changes: the front then looks for
 * its certificates again. ERR_ENCODING, ERR_RANGE: a URI, or n. ERR_IO, ERR_NOSPACE. */
MUST_CHECK enum err coord_new(const char *const *cores, size_t n, void (*on_change)(void *user),
                              void *user, struct coord **out);

/* Ends every job under way with ERR_QUORUM, joins the thread, frees. */
void coord_free(struct coord *c);

/* Hands the job over; from any thread. Calls done() itself, before it returns, with ERR_NOSPACE
 * when the queue is full and at once with ERR_QUORUM when no core is connected. */
void coord_submit(struct coord *c, struct coord_job *job);

/* Copies what is known of core number at (from 0). From any thread. */
void coord_look(struct coord *c, size_t at, struct coord_core_view *out);

const struct coord_counters *coord_counters(const struct coord *c);

#endif
