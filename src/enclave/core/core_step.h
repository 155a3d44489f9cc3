/* core_step.h - the step machine of a core: a frame in, an answer or signatures to make out.
 * No kernel call: entropy and clocks are arguments, and whoever signs hands the batch back. So
 * several cores can run in one process, with a false clock. */
#ifndef ENCLAVE_CORE_CORE_STEP_H
#define ENCLAVE_CORE_CORE_STEP_H

#include "crypto/drbg.h"
#include "crypto/mldsa/pq_key.h"
#include "enclave/clock/peer_view.h"
#include "enclave/events/audit_ring.h"
#include "enclave/jobs/jobs.h"
#include "enclave/judge/judge.h"
#include "enclave/judge/stamping.h"
#include "os/entropy.h"
#include "wire/retire_call.h"

struct core_counts {
    uint64_t stamps_signed, r1_opened, r1_expired, refused_stale, refused_time, refused_other,
        bad_frames, connections, connections_refused, connections_timed_out, jobs_busy;
};

/* Public halves of the keys. */
struct core_public {
    uint8_t identity[IDENTITY_LEN];
    uint8_t signing_key[SIGNING_KEY_LEN];
    uint8_t classic[P384_PUBLIC_LEN];
    uint8_t pq[PQ_PUBLIC_LEN];    /* unused where no policy of the boot record uses KEY_PQ */
    uint8_t audit[AUDIT_KEY_LEN]; /* zero: this core signs no log */
};

/* Of the pool, what one connection's place had; whoever comes to that place next goes on with
 * it. */
struct core_share {
    uint32_t got;     /* batches, in parts of one: those of long ago count less and less */
    int64_t asked_ns; /* last; 0: never */
};

/* Of the pq key where several cores sign it: core_quorum.h. */
struct core_quorum {
    struct pq_party *party; /* NULL: this core signs alone, or there is no key yet */
    size_t filling;         /* places of its pool that are being filled */
    bool ending;            /* for another ceremony */
    uint8_t caps_passed;    /* of the key's caps on repetitions, how many are audited */
    struct core_share shares[LIMIT_CONNECTIONS];
    int64_t blamed_ns[PLAN_NODES_MAX]; /* when that peer was named last; 0: never */
};

/* Of the classic key where several cores share it: core_presign.h. */
struct core_presign {
    struct presign_pool *pool; /* NULL: this core has a classic key of its own */
    struct presign_desk *desk; /* NULL: nobody fills it */
    bool ending;               /* for another ceremony */
    uint32_t fetched_by;       /* the lane that fetches packets */
    int64_t fetched_ns;        /* when it did so last; 0: never */
    struct core_presign_told { /* in the audit log: core_presign_audit.h */
        int64_t looked_ns;
        unsigned pairs;   /* that are cut: masks */
        uint64_t triples; /* that rest: bit s for that of mask s */
    } told;
};

/* What signs the log of events: core_audit_log.h. */
struct core_audit_key {
    struct p384_signer *signer; /* NULL: nothing does; then key is, too */
    const struct p384_key *key; /* made before core_start() */
    struct audit_head head;     /* signed last */
    int64_t signed_ns;
};

/* What the time client said last, for TIME_STATUS. */
struct core_heard {
    int64_t at_ns;                    /* CLOCK_BOOTTIME; 0: nothing yet */
    uint8_t sources, quota, agreeing; /* as in the sample */
    uint64_t adjusted;                /* samples that moved or narrowed the span */
    size_t rows_len;
    uint8_t rows[TIME_SOURCES_LEN_MAX]; /* as time_sources_encode() writes them */
};

/* The end of the epoch, as far as this core goes: core_retirement.h. */
struct core_retirement {
    bool ordered, said; /* statement stands as far as it is known; with its signature */
    struct retired statement;
};

struct core_member;
struct presign_desk;
struct presign_pool;
struct tsm_desk;

struct core {
    const struct boot_args *args;
    const struct entropy_source *entropy;
    struct core_member *member; /* NULL: this core signs alone */
    struct tsm_desk *desk;      /* NULL: this core has no evidence */
    struct core_audit_key audit_key;
    struct core_retirement retirement;
    struct p384_key *own_key; /* of a member: its P-384 key of before; NULL: none to erase */
    uint8_t evidence_nonces[LIMIT_EVIDENCE_NONCES][REPORT_DATA_NONCE_LEN]; /* core_evidence.h */
    uint8_t flags;                                                         /* HELLO_FLAG_* */
    uint8_t boot_id[BOOT_ID_LEN];
    uint8_t boot_nonce[BOOT_NONCE_LEN];
    uint8_t epoch_id[EPOCH_ID_LEN]; /* zero before core_start(), or the ceremony of a member */
    uint8_t index;                  /* HELLO's: 1 for a core that signs alone */
    uint8_t threshold[WIRE_KEYS_MAX], total; /* by key - 1 */
    struct core_public public;
    bool has_pq;                            /* KEY_PQ exists: a policy uses it, and a member
                                               had its ceremony */
    struct stamp_cert certs[WIRE_KEYS_MAX]; /* by key - 1 */
    uint8_t csr_attempts[WIRE_KEYS_MAX];    /* by key - 1: the last one of SIGN_CSR */

    enum core_state state;
    bool started, timed, draining, retired, failed;
    struct own_clock clock;
    struct own_time now;    /* the latest reading */
    int64_t ordered_ms;     /* the highest genTime of policies with ordering */
    struct peer_view peers; /* of CLOCK_NTS, where several cores sign: whose clocks agree */
    bool permitted;         /* by them, when it was audited */
    bool learned;           /* what they gave out before */
    struct core_heard heard;

    struct drbg drbg;
    uint32_t drbg_requests;
    struct core_quorum quorum;
    struct core_presign presign;
    struct core_counts counts;

    /* From here on nothing is read before it was written. */
    struct r1_table r1;
    struct audit_ring audit;
    struct jobs jobs;
    struct audit_page page;                  /* workspace of AUDIT */
    struct audit_log_page log_page;          /* and of AUDIT_LOG */
    struct r2_stamp stamps[STAMP_BATCH_MAX]; /* workspace of R2 */
};

struct core_setup {
    const struct boot_args *args;
    const struct entropy_source *entropy;
    const struct clock_source *clock;
    struct core_member *member;       /* of a core that signs with others, else NULL */
    struct tsm_desk *desk;            /* of a core with evidence, else NULL; made by its loop */
    struct p384_signer *audit_signer; /* of the main thread; NULL: no log is signed */
    const struct p384_key *audit_key; /* made before core_start() */
    struct p384_key *own_key;         /* erased at the end of the epoch; NULL: nobody has it */
    uint8_t flags;
};

/* From nothing to SELF_TEST. setup's pointers stay the caller's, for as long as the core lives.
 * ERR_IO: no entropy; the core is of no use then. */
MUST_CHECK enum err core_init(struct core *c, const struct core_setup *setup);

/* Ends the self-test. With ERR_OK and the keys: the epoch begins, on to TIME_SYNC or further.
 * Else FAILED, and the same error is given. ERR_IO: no entropy. */
MUST_CHECK enum err core_start(struct core *c, enum err self_test,
                               const struct core_public *keys);

/* One request. */
struct core_call {
    struct frame_header head;
    struct view body;
    uint32_t lane; /* below LIMIT_CONNECTIONS */
    bool timed;    /* from the time client, on the endpoint that is kept for it */
};

/* Carries out one request. Either its answer (the frame's, or a FRAME_ERROR) is written to w,
 * at most LIMIT_ANSWER bytes of it (to EVIDENCE LIMIT_ANSWER_EVIDENCE), and NULL given; or a
 * batch that is to be submitted, signed and then given to core_finish(). */
struct sign_batch *core_step(struct core *c, const struct core_call *call, struct writer *w);

/* Writes the answer of a batch whose jobs are done, at most LIMIT_ANSWER_R2 bytes (not
 * KEY_CLASSIC: LIMIT_ANSWER_R2_PQ), and frees it. w == NULL: nobody waits for it. */
void core_finish(struct core *c, struct sign_batch *b, struct writer *w);

/* A frame header that cannot be followed: counted and audited. */
void core_bad_frame(struct core *c, enum err e);

/* Housekeeping, every LIMIT_TICK_NS: reads the clock, expires records, moves the state. */
void core_tick(struct core *c);

/* No R1 from now on. Drained: nothing promised or under way is left. */
void core_drain(struct core *c);
bool core_drained(const struct core *c);
/* After draining, for ever; the log is closed. */
void core_retire(struct core *c);

#endif
