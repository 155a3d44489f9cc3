/* order_file.h - operators' keys, and their signatures under orders (wire/reenrol_order.h,
 * wire/renew_order.h). `quorate ceremony order` is made of it. */
#ifndef HOST_CEREMONY_ORDER_FILE_H
#define HOST_CEREMONY_ORDER_FILE_H

#include "wire/reenrol_order.h"

/* An order of either kind: what operators sign, and their signatures, in it. */
struct order_signed {
    struct view body;
    struct reenrol_signature *signatures; /* PLAN_OPERATORS_MAX */
    size_t *n;
};

/* Signs an order with a P-384 private key in PEM: its signature stands among the others then,
 * at the place that the plan gives to its operator; one that stood there is replaced. With
 * OpenSSL. ERR_ENCODING: no such key. ERR_MISMATCH: its public key is no operator's of the
 * plan. ERR_BUG: OpenSSL. */
MUST_CHECK enum err order_sign(const struct order_signed *o, const struct plan *p,
                               struct view pem);

/* The public key of a P-384 private key in PEM, as a plan has it. ERR_ENCODING, ERR_BUG. */
MUST_CHECK enum err order_public(struct view pem, uint8_t out[P384_PUBLIC_LEN]);

#define ORDER_PEM_MAX 1024 /* bytes of a new key */
/* A new private key in PEM. ERR_NOSPACE: out; ERR_BUG: OpenSSL. */
MUST_CHECK enum err order_new_key(struct writer *out);

#endif
