/* reenrol_kit.h - orders of the operators of a plan_kit, for keys of known scalars. */
#ifndef TESTS_REENROL_KIT_H
#define TESTS_REENROL_KIT_H

#include "plan_kit.h"

#include "wire/reenrol_order.h"

/* Signed anew by those operators of the plan, a mask. */
static inline enum err reenrol_kit_sign(struct plan_kit *k, unsigned operators,
                                        struct reenrol_order *o)
{
    uint8_t digest[TECDSA_HASH_LEN];

    reenrol_order_hash(o, digest);
    o->n = 0;
    for (uint8_t i = 0; i < 2; i++) {
        struct reenrol_signature *const s = &o->signatures[o->n];
        const struct p384_key *key = &k->keys[PLAN_NODES_MAX];

        if ((operators >> i & 1) == 0) {
            continue;
        }
        if (memcmp(key->public_key, k->plan.operators[i], P384_PUBLIC_LEN) != 0) {
            key++;
        }
        s->place = i;
        TRY(p384_sign(k->signer, key, digest, s->signature));
        o->n++;
    }
    return ERR_OK;
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
