/* retire_call.h - RETIRE: operators of a plan have a core erase its shares for ever, and what
 * the core then says of it. docs/wire.md 19.
 *
 * A statement is signed by the Ed25519 key that the plan lists for the node: whoever has the
 * record of the ceremony can verify it, and needs nothing else. It names the core's audit key
 * and the head of its log, in which the retirement stands. */
#ifndef WIRE_RETIRE_CALL_H
#define WIRE_RETIRE_CALL_H

#include "wire/audit_log.h"
#include "wire/reenrol_order.h"

enum retire_reason { /* RFC 5280 5.3.1 numbers them so */
                     RETIRE_KEY_COMPROMISE = 1,
                     RETIRE_SUPERSEDED = 4, /* another epoch has taken over */
                     RETIRE_CESSATION = 5,  /* none follows */
};

#define RETIRE_BODY_LEN 113 /* what operators sign */
#define RETIRE_ORDER_MAX (RETIRE_BODY_LEN + 1 + PLAN_OPERATORS_MAX * REENROL_SIGNATURE_ROW)

struct retire_order {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t next[EPOCH_ID_LEN]; /* the epoch that follows: of SUPERSEDED, else zero */
    uint8_t reason;             /* enum retire_reason */
    size_t n;
    struct reenrol_signature signatures[PLAN_OPERATORS_MAX]; /* operators ascending */
};

/* The bytes that operators sign (ECDSA with SHA-384), RETIRE_BODY_LEN of them. */
void retire_body_encode(struct writer *w, const struct retire_order *o);
/* Those, then the signatures: the body of RETIRE. */
void retire_order_encode(struct writer *w, const struct retire_order *o);

/* Reads a whole order and nothing after it; none of it is verified. On failure *out is zero.
 * ERR_TRUNCATED, ERR_TRAILING. ERR_TAG: no order. ERR_RANGE: no reason; one that another epoch
 * follows without that epoch, or the other way round. What reenrol_signatures_decode() gives.
 */
MUST_CHECK enum err retire_order_decode(struct view bytes, struct retire_order *out);

/* SHA-384 of the body: two orders that differ in signatures alone are one. */
void retire_order_hash(const struct retire_order *o, uint8_t hash[P384_DIGEST_LEN]);

/* Whether operators of the plan order it, of this epoch: as reenrol_order_judge(). */
MUST_CHECK enum err retire_order_judge(const struct retire_order *o, const struct plan *p,
                                       const uint8_t epoch_id[EPOCH_ID_LEN]);

/* ---- the answer ---- */

#define RETIRED_BODY_LEN 313 /* what the core signs */
#define RETIRED_LEN (RETIRED_BODY_LEN + 64)

/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): the order in which it is sent */
struct retired {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t place;        /* the node's, from 0 */
    uint8_t reason;       /* enum retire_reason, of the order */
    uint32_t incarnation; /* of that place, from 1 */
    uint8_t boot_nonce[PLAN_NONCE_LEN];
    uint8_t order[P384_DIGEST_LEN]; /* retire_order_hash() */
    int64_t time_ns;                /* middle of the core's own span; 0: it had no valid time */
    uint8_t audit_key[P384_PUBLIC_LEN];
    uint64_t seq;                 /* of the last entry of its log then, */
    uint8_t head[AUDIT_HASH_LEN]; /* and the chain's hash there */
    uint8_t signature[64];        /* Ed25519, of all before it */
};

/* The bytes that the core signs. */
void retired_body_encode(struct writer *w, const struct retired *s);
/* Those and the signature: the answer to RETIRE, and what a bundle has. */
void retired_encode(struct writer *w, const struct retired *s);

/* Reads a whole one and nothing after it; verifies nothing. On failure *out is zero.
 * ERR_TRUNCATED, ERR_TRAILING. ERR_TAG: no statement. ERR_RANGE: a place, a reason or an
 * incarnation that is none. */
MUST_CHECK enum err retired_decode(struct view bytes, struct retired *out);

/* Whether a node of the plan says so, of this epoch. ERR_MISMATCH: another epoch, no such node,
 * another boot of it, or one that came later by an order, whose key no plan lists.
 * ERR_SIGNATURE. For hosts and clients: it takes memory of the heap. */
MUST_CHECK enum err retired_judge(const struct retired *s, const struct plan *p,
                                  const uint8_t epoch_id[EPOCH_ID_LEN]);
/* Whether the process of an order says so, which was judged before (reenrol_order_judge()).
 * ERR_MISMATCH: another epoch, place, incarnation or boot. ERR_SIGNATURE. As retired_judge().
 */
MUST_CHECK enum err retired_judge_ordered(const struct retired *s,
                                          const struct reenrol_order *o);

#endif
