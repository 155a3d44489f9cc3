/* reenrol_kit.h - orders of the operators of a plan_kit, for keys of known scalars. */
#ifndef TESTS_REENROL_KIT_H
#define TESTS_REENROL_KIT_H

#include "plan_kit.h"

#include "crypto/hash.h"
#include "wire/renew_order.h"
#include "wire/retire_call.h"

/* Signed by those operators of the plan, a mask. */
static inline enum err reenrol_kit_signatures(struct plan_kit *k, unsigned operators,
                                              const uint8_t digest[TECDSA_HASH_LEN],
                                              struct reenrol_signature *out, size_t *n)
{
    *n = 0;
    for (uint8_t i = 0; i < 2; i++) {
        struct reenrol_signature *const s = &out[*n];
        const struct p384_key *key = &k->keys[PLAN_NODES_MAX];

        if ((operators >> i & 1) == 0) {
            continue;
        }
        if (memcmp(key->public_key, k->plan.operators[i], P384_PUBLIC_LEN) != 0) {
            key++;
        }
        s->place = i;
        TRY(p384_sign(k->signer, key, digest, s->signature));
        (*n)++;
    }
    return ERR_OK;
}

/* Signed anew. */
static inline enum err reenrol_kit_sign(struct plan_kit *k, unsigned operators,
                                        struct reenrol_order *o)
{
    uint8_t digest[TECDSA_HASH_LEN];

    reenrol_order_hash(o, digest);
    return reenrol_kit_signatures(k, operators, digest, o->signatures, &o->n);
}

/* That two nodes try once more. */
static inline enum err renew_kit_order(struct plan_kit *k, const uint8_t epoch_id[EPOCH_ID_LEN],
                                       uint8_t a, uint8_t b, uint32_t attempt,
                                       unsigned operators, struct renew_order *o)
{
    uint8_t body[RENEW_BODY_LEN];
    uint8_t digest[TECDSA_HASH_LEN];
    struct writer w = wr_init(body, sizeof body);

    memset(o, 0, sizeof *o);
    memcpy(o->epoch_id, epoch_id, EPOCH_ID_LEN);
    o->nodes[0] = a;
    o->nodes[1] = b;
    o->attempt = attempt;
    renew_body_encode(&w, o);
    hash_once(HASH_SHA384, (struct view){body, w.len}, digest);
    return reenrol_kit_signatures(k, operators, digest, o->signatures, &o->n);
}

/* That an epoch ends. */
static inline enum err retire_kit_order(struct plan_kit *k,
                                        const uint8_t epoch_id[EPOCH_ID_LEN], uint8_t reason,
                                        unsigned operators, struct retire_order *o)
{
    uint8_t digest[P384_DIGEST_LEN];

    memset(o, 0, sizeof *o);
    memcpy(o->epoch_id, epoch_id, EPOCH_ID_LEN);
    memset(o->next, reason == RETIRE_SUPERSEDED ? 0xa7 : 0, EPOCH_ID_LEN);
    o->reason = reason;
    retire_order_hash(o, digest);
    return reenrol_kit_signatures(k, operators, digest, o->signatures, &o->n);
}

/* The key that a node has after that attempt. */
static inline enum err reenrol_kit_key(struct plan_kit *k, uint8_t node, uint32_t attempt,
                                       struct p384_key *out)
{
    const uint8_t d[P384_SCALAR_LEN] = {1, node, [P384_SCALAR_LEN - 1] = (uint8_t)attempt};

    return p384_key_from_scalar(k->signer, d, out);
}

static inline enum err reenrol_kit_order(struct plan_kit *k,
                                         const uint8_t epoch_id[EPOCH_ID_LEN], uint8_t node,
                                         uint32_t attempt, unsigned operators,
                                         struct reenrol_order *o)
{
    struct p384_key key;

    memset(o, 0, sizeof *o);
    TRY(reenrol_kit_key(k, node, attempt, &key));
    memcpy(o->epoch_id, epoch_id, EPOCH_ID_LEN);
    memcpy(o->identity, key.public_key, sizeof o->identity);
    memset(o->signing_key, 0x77, sizeof o->signing_key);
    memset(o->boot_nonce, 0x88, sizeof o->boot_nonce);
    o->signing_key[0] = o->boot_nonce[0] = node;
    o->signing_key[1] = o->boot_nonce[1] = (uint8_t)attempt;
    o->node = node;
    o->attempt = attempt;
    return reenrol_kit_sign(k, operators, o);
}

#endif
