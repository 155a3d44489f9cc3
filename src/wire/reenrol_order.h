/* reenrol_order.h - the order by which operators of a plan let a fresh process have the place
 * of a node that is lost, and what each node remembers of such orders. docs/wire.md 15.
 *
 * The process has other keys than the lost one: they are in the order. Its incarnation of that
 * place is one above the attempt, which rises with every order of an epoch, so that all nodes
 * have the same number whatever they have missed. */
#ifndef WIRE_REENROL_ORDER_H
#define WIRE_REENROL_ORDER_H

#include "crypto/tecdsa/tecdsa_repair.h"
#include "wire/plan.h"

#define REENROL_BODY_LEN 232 /* what operators sign, without a platform */
#define REENROL_BODY_MAX (REENROL_BODY_LEN + PLAN_PLATFORM_LEN)
#define REENROL_SIGNATURE_ROW (1 + P384_SIG_LEN)
#define REENROL_ORDER_MAX (REENROL_BODY_MAX + 1 + PLAN_OPERATORS_MAX * REENROL_SIGNATURE_ROW)
#define REENROL_ATTEMPT_MAX UINT32_C(4294967294)

struct reenrol_signature {
    uint8_t place; /* the operator in the plan, from 0 */
    uint8_t signature[P384_SIG_LEN];
};

/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): the order in which it is sent */
struct reenrol_order {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t node;                      /* whose place, from 0 */
    uint32_t attempt;                  /* 1 to REENROL_ATTEMPT_MAX */
    uint8_t identity[P384_PUBLIC_LEN]; /* of the fresh process, as in a plan */
    uint8_t signing_key[PLAN_SIGNING_KEY_LEN];
    uint8_t boot_nonce[PLAN_NONCE_LEN];
    struct view platform; /* the machine on which it runs, PLAN_PLATFORM_LEN; of a plan without
                             a policy empty */
    size_t n;
    struct reenrol_signature signatures[PLAN_OPERATORS_MAX]; /* operators ascending */
};

#define REENROL_MAGIC_LEN 16 /* with which what operators sign begins, to say what it is of */

/* What orders of operators have in common. Head: ERR_TRUNCATED; ERR_TAG: of another kind.
 * Encoded: how many, and each. Decode: ERR_TRUNCATED; ERR_RANGE: too many, no operator;
 * ERR_ENCODING: they do not ascend. Judge: of the bytes that they sign, and whether those are
 * of the epoch: as reenrol_order_judge(). */
MUST_CHECK enum err reenrol_head_read(struct reader *r, const char magic[REENROL_MAGIC_LEN],
                                      uint8_t epoch_id[EPOCH_ID_LEN]);
void reenrol_signatures_encode(struct writer *w, const struct reenrol_signature *s, size_t n);
MUST_CHECK enum err reenrol_signatures_decode(struct reader *r,
                                              struct reenrol_signature s[PLAN_OPERATORS_MAX],
                                              size_t *n);
MUST_CHECK enum err reenrol_signatures_judge(const struct plan *p,
                                             const uint8_t epoch_id[EPOCH_ID_LEN],
                                             struct view body,
                                             const struct reenrol_signature *s, size_t n);

/* The bytes that operators sign (ECDSA with SHA-384), at most REENROL_BODY_MAX. */
void reenrol_body_encode(struct writer *w, const struct reenrol_order *o);
/* Those, then the signatures. */
void reenrol_order_encode(struct writer *w, const struct reenrol_order *o);

/* Reads a whole order and nothing after it; none of it is verified. platform points into bytes.
 * On failure *out is zero.
 * ERR_TRUNCATED, ERR_TRAILING. ERR_TAG: no order. ERR_RANGE: a node, attempt, platform or count
 * outside what stands above; an identity that is no point of the curve. ERR_ENCODING: operators
 * do not ascend. */
MUST_CHECK enum err reenrol_order_decode(struct view bytes, struct reenrol_order *out);

/* SHA-384 of the body: two orders that differ in signatures alone are one. */
void reenrol_order_hash(const struct reenrol_order *o, uint8_t hash[TECDSA_HASH_LEN]);

/* Whether operators of the plan order it, of this epoch. ERR_POLICY: the plan lets nobody.
 * ERR_MISMATCH: another epoch, no such node or operator, or a key or nonce that some node of
 * the plan has. ERR_EVIDENCE: a machine that the plan does not list for that node, or none, of
 * a plan with a policy; one, of a plan without. ERR_SIGNATURE: one is not genuine. ERR_QUORUM:
 * fewer than the plan's orders_needed.
 */
MUST_CHECK enum err reenrol_order_judge(const struct reenrol_order *o, const struct plan *p,
                                        const uint8_t epoch_id[EPOCH_ID_LEN]);

/* ---- what a node remembers ---- */

/* Orders that a node takes in an epoch, of which TECDSA_REPAIRED_MAX nodes can have any: of
 * each it remembers whom it replaced. */
#define REENROL_TAKEN_MAX 32

/* A process that had a place: none has one again. */
struct reenrol_gone {
    uint8_t identity[P384_PUBLIC_LEN];
    uint8_t signing_key[PLAN_SIGNING_KEY_LEN];
    uint8_t boot_nonce[PLAN_NONCE_LEN];
};

/* Of one epoch, from its start on. Whose keys count is in the plan that goes with it. */
struct reenrol_roster {
    struct tecdsa_repair_epoch epoch;
    uint32_t incarnation[PLAN_NODES_MAX];
    uint8_t order[PLAN_NODES_MAX][TECDSA_HASH_LEN]; /* hash of the last one; zero: none */
    /* That it names; zero: none. */
    uint8_t platform[PLAN_NODES_MAX][PLAN_PLATFORM_LEN];
    size_t n_gone;
    struct reenrol_gone gone[REENROL_TAKEN_MAX];
};
void reenrol_roster_init(struct reenrol_roster *r);

/* Judges an order and takes it: the node's incarnation rises and p gets the new keys, by which
 * alone that place is known from then on. Nothing changes on failure. What
 * reenrol_order_judge() gives; ERR_MISMATCH also of a key or nonce that some node had.
 * ERR_STATE: a repair is under way. ERR_STALE: an order of that node with this attempt or a
 * higher one was taken (the same once more too). ERR_HALTED: TECDSA_REPAIRED_MAX other nodes
 * were ordered, or REENROL_TAKEN_MAX orders taken: the epoch is over. */
MUST_CHECK enum err reenrol_roster_take(struct reenrol_roster *r, struct plan *p,
                                        const uint8_t epoch_id[EPOCH_ID_LEN],
                                        const struct reenrol_order *o);

/* The machine on which that node must run by the last order of it; NULL: any of the plan's. */
const uint8_t *reenrol_roster_platform(const struct reenrol_roster *r, unsigned node);

/* Whether this very order is the last one taken of its node. */
bool reenrol_roster_has(const struct reenrol_roster *r, const struct reenrol_order *o);

#endif
