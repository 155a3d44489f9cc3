/* coord.h - obtains stamps from the cores. The front asks from many threads; one thread of
 * coord runs the rounds.
 *
 * It is not trusted: whatever it does, a core signs only what its own rule allows. Round 1 is
 * asked ahead within the life of an R1, and whatever is queued goes into one R2 frame, so a
 * busy front pays no extra round trip.
 *
 * There is one core that signs alone, or there are the cores of a ceremony. Of these a stamp of
 * the classic key is one core's, any that serves under a certificate that the job's owner
 * holds; a stamp of the pq key is of T of them together. What a core does not answer, another
 * is asked, until the job's deadline. */
#ifndef HOST_COORD_COORD_H
#define HOST_COORD_COORD_H

#include "wire/plan.h"
#include "wire/reenrol_order.h"
#include "wire/stamp.h"

#include <stdatomic.h>

#define COORD_QUEUE_MAX 4096 /* jobs waiting or under way; more: ERR_NOSPACE at once */
#define COORD_CORES_MAX PLAN_NODES_MAX

struct roster;

/* A core that had no more the presignatures that a job was to have of it. */
struct coord_gone {
    uint8_t n; /* of them */
    int64_t until_ns;
};

/* One stamp that somebody wants. The caller owns it and leaves it alone from coord_submit()
 * until done() runs. */
struct coord_job {
    struct coord_job *next; /* coord's own */
    int64_t deadline_ns;    /* CLOCK_MONOTONIC */
    int64_t came_ns;        /* coord's own: when it was taken, of a shared classic key */
    uint8_t tries;          /* coord's own */
    uint8_t tried;          /* coord's own: a mask of cores that did not do it */
    uint32_t barred;        /* coord's own: of triples whose clocks do not serve its policy */
    struct coord_gone gone[PLAN_NODES_MAX]; /* coord's own: of each core */
    bool asked : 1;                         /* coord's own: ready() was called */
    bool hedged : 1;  /* coord's own: a session for it was late, and another begun */
    bool starved : 1; /* coord's own: it has waited for a presignature */
    uint8_t key;      /* enum core_key */
    uint8_t policy;   /* its number */
    uint8_t hash_alg; /* enum hash_alg */
    uint8_t nonce_len;
    uint8_t hashed_message[HASH_MAX];
    uint8_t nonce[STAMP_NONCE_MAX]; /* INTEGER body */
    struct stamp_policy rule;       /* of that policy number */
    uint8_t epoch_id[EPOCH_ID_LEN];
    /* What the caller holds the certificate of. Where cores have certificates of their own, it
     * holds several: n_accepts of them one after the other, until done(), when activation is
     * the one of the core that signed. NULL: activation alone. */
    const uint8_t *accepts;
    size_t n_accepts;
    uint8_t activation[ACTIVATION_HASH_LEN];
    /* NULL, or called on coord's thread, once, just before the job goes out: may still fill
     * hashed_message. False: it is not wanted any more, and ends with ERR_DEADLINE. */
    bool (*ready)(struct coord_job *job);
    /* For a key that several cores sign together: ML-DSA's mu of job->stamp, MLDSA_MU_LEN
     * bytes; of the classic key the SHA-384 digest, P384_DIGEST_LEN bytes. The caller holds the
     * certificate that signedAttrs name. On coord's thread, for each session that is begun:
     * several of them may be under way, and done() has the stamp of the one that signed. */
    enum err (*to_sign)(const struct coord_job *job, uint8_t *mu);
    void (*done)(struct coord_job *job); /* on coord's thread, once; must not block */
    void *user;

    /* The result, valid in done(). ERR_DEADLINE, ERR_QUORUM (too few cores answer, or of
     * another epoch), ERR_HALTED (too many cores of the epoch have ended), ERR_TIME (the core
     * has no valid time), ERR_STALE (activation differs), ERR_STATE, ERR_NOSPACE, ERR_BUG. */
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

/* Why a core that is connected is left out of the work of several. */
enum coord_fault {
    COORD_FITS,
    COORD_NO_EPOCH,    /* there is no record of a ceremony yet */
    COORD_STRANGER,    /* its identity is not in the plan */
    COORD_OTHER_EPOCH, /* it is, but says another epoch, or another place */
    COORD_TWICE,       /* its place is another connection's */
    COORD_ENDED,       /* its place's boot has ended: this is a copy */
};

/* "" for COORD_FITS. */
const char *coord_fault_text(enum coord_fault fault);

/* What is known of a core now, for readiness, /status and /metrics. */
struct coord_core_view {
    bool connected;
    uint8_t fault;     /* enum coord_fault */
    bool silent;       /* does not answer now */
    bool banned;       /* lied, or answered oddly too often: left out for the epoch */
    bool behind;       /* too few of its sessions sign: asked after the others */
    enum err last_err; /* why it is not, or not serving */
    int64_t age_ms;    /* of status; -1: none yet */
    struct core_status status;
    struct coord_key keys[WIRE_KEYS_MAX]; /* by enum core_key - 1 */
    uint8_t clock, flags, index;
    size_t n_policies;
    struct hello_policy policies[WIRE_POLICIES_MAX]; /* oid points into oids below */
    uint8_t oids[WIRE_POLICIES_MAX][WIRE_POLICY_OID_MAX];
    uint64_t round_trip_us; /* smoothed, of R2 */
    /* Of the pq key's last thousand or so in which it answered everything; which gave one. */
    uint32_t sessions, signed_;
};

#define COORD_TRIPLES_MAX 20 /* of six nodes */

/* The classic key that several cores have together, and its presignatures. */
struct coord_shared_view {
    bool is_shared;
    uint8_t answering; /* cores that can be asked for stamps of it */
    uint8_t pairs;     /* of these */
    uint8_t set_up;    /* of these, those that have set up what DKLs23 takes, as both say */
    uint8_t n;         /* triples */
    uint8_t usable;    /* of these */
    struct coord_triple_view {
        uint8_t s;      /* mask of the three, from bit 0 */
        bool answers;   /* all three can be asked */
        bool rests;     /* three of its signatures were wrong, or one of the three says that it
                           makes nothing for it */
        bool usable;    /* answers, does not rest, and has stock or is set up */
        bool set_up;    /* all pairs of it are */
        uint16_t stock; /* presignatures that all three have listed */
    } triples[COORD_TRIPLES_MAX];
};

/* With fewer usable triples than that somebody is to look (threshold-security F6), if there are
 * more at all. */
#define COORD_TRIPLES_FEW 2
enum coord_triples { COORD_TRIPLES_ENOUGH, COORD_TRIPLES_ONE, COORD_TRIPLES_NONE };
enum coord_triples coord_triples_of(unsigned usable, unsigned n);

/* The three from 1, as "1,2,4". */
#define COORD_TRIPLE_TEXT 8
const char *coord_triple_text(unsigned s, char text[COORD_TRIPLE_TEXT]);

/* The whole of several cores. */
struct coord_epoch_view {
    size_t n;        /* cores configured, connected or not */
    bool together;   /* they sign as an epoch; else one signs alone */
    bool has_roster; /* what follows holds */
    bool halted;     /* for ever */
    uint8_t threshold, total;
    uint8_t answering;  /* fit, serve, are neither silent nor banned */
    uint8_t quorum;     /* of these, with the pq key active */
    uint8_t ended;      /* known to be gone for ever */
    uint8_t reenrolled; /* bit i: another process has the lost node's place i: whoever had its
                           shares before has them for the epoch */
    uint8_t epoch_id[EPOCH_ID_LEN];
    struct coord_shared_view shared;
};

struct coord_counters {
    atomic_uint_fast64_t submitted, signed_, refused, deadline, reconnects, frames_bad,
        queue_depth;
    atomic_uint_fast64_t moved;       /* jobs that another core was asked for */
    atomic_uint_fast64_t sessions;    /* of the pq key together */
    atomic_uint_fast64_t hedges;      /* begun beside one that was late */
    atomic_uint_fast64_t late_signed; /* which signed first all the same */
    atomic_uint_fast64_t sampled;     /* of these, with every response looked at */
    atomic_uint_fast64_t lies;        /* proved */
    /* Presignatures of the shared classic key. */
    atomic_uint_fast64_t presign_used;   /* of which a signature was made */
    atomic_uint_fast64_t presign_wasted; /* named to a core, and lost */
    atomic_uint_fast64_t presign_wrong;  /* of these, for answers that make no signature */
    atomic_uint_fast64_t presign_waited; /* stamps that found none at once */
    /* Stamps that found none in time: there was none; or only those of cores that cannot be
     * asked. */
    atomic_uint_fast64_t presign_none, presign_held;
};

struct coord;

struct coord_options {
    const char *const *cores; /* endpoint URIs */
    size_t n;                 /* 1 to COORD_CORES_MAX */
    bool together;            /* else n == 1: it signs alone */
    const char *proof_dir;    /* NULL or "": no proof is kept */
    /* May be NULL; on coord's thread, whenever a core connects, goes, or its epoch, state or
     * activation changes: the front then looks for its certificates again. */
    void (*on_change)(void *user);
    /* May be NULL; on coord's thread, before it waits for anything: what done() of several jobs
     * put together is passed on here. */
    void (*on_rest)(void *user);
    void *user;
};

/* ERR_ENCODING, ERR_RANGE: a URI, or n. ERR_IO, ERR_NOSPACE. */
MUST_CHECK enum err coord_new(const struct coord_options *o, struct coord **out);

/* Of cores that sign together: a new epoch. The roster is coord's from here on, which frees it;
 * one of the epoch in force changes nothing. Until there is one, jobs end with ERR_QUORUM. From
 * any thread. */
void coord_take_roster(struct coord *c, struct roster *r);

/* Somebody saw the process of the plan's node with this boot nonce end. Nothing, if the epoch
 * in force has none such; it may be said again. From any thread. */
void coord_core_ended(struct coord *c, const uint8_t boot_nonce[PLAN_NONCE_LEN]);

/* An order to re-enrol a node of the epoch in force was carried out. Nothing, if it does not
 * hold or was taken before; it may be said again. From any thread. */
void coord_take_order(struct coord *c, const struct reenrol_order *o);

/* Ends every job under way with ERR_QUORUM, joins the thread, frees. */
void coord_free(struct coord *c);

/* Hands the job over; from any thread. Calls done() itself, before it returns, with ERR_NOSPACE
 * when the queue is full and at once with ERR_QUORUM or ERR_HALTED when too few cores are
 * there.
 */
void coord_submit(struct coord *c, struct coord_job *job);

/* Copies what is known of core number at (from 0). From any thread. */
void coord_look(struct coord *c, size_t at, struct coord_core_view *out);

/* And of all of them. From any thread. */
void coord_look_epoch(struct coord *c, struct coord_epoch_view *out);

const struct coord_counters *coord_counters(const struct coord *c);

#endif
