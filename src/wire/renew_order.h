/* renew_order.h - the order by which operators of a plan have a pair of nodes, which were cut
 * for the epoch after checks that failed, set up with each other once more; or a node that was
 * left out of new triples taken back by the other (threshold-security F6). docs/wire.md 14.5.
 *
 * The attempt rises with every order of a pair and epoch; each of the two takes one once. */
#ifndef WIRE_RENEW_ORDER_H
#define WIRE_RENEW_ORDER_H

#include "wire/reenrol_order.h"

#define RENEW_BODY_LEN 70 /* what operators sign */
#define RENEW_ORDER_MAX (RENEW_BODY_LEN + 1 + PLAN_OPERATORS_MAX * REENROL_SIGNATURE_ROW)

struct renew_order {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t nodes[2]; /* from 0, ascending */
    uint32_t attempt; /* from 1 */
    size_t n;
    struct reenrol_signature signatures[PLAN_OPERATORS_MAX]; /* operators ascending */
};

/* The bytes that operators sign (ECDSA with SHA-384), RENEW_BODY_LEN of them. */
void renew_body_encode(struct writer *w, const struct renew_order *o);
/* Those, then the signatures. */
void renew_order_encode(struct writer *w, const struct renew_order *o);

/* Reads a whole order and nothing after it; none of it is verified. On failure *out is zero.
 * ERR_TRUNCATED, ERR_TRAILING. ERR_TAG: no order. ERR_RANGE: no two nodes, or they do not
 * ascend; an attempt of 0. What reenrol_signatures_decode() gives. */
MUST_CHECK enum err renew_order_decode(struct view bytes, struct renew_order *out);

/* Whether operators of the plan order it, of this epoch: as reenrol_order_judge(). */
MUST_CHECK enum err renew_order_judge(const struct renew_order *o, const struct plan *p,
                                      const uint8_t epoch_id[EPOCH_ID_LEN]);

#endif
