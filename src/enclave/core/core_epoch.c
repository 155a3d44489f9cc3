#include "enclave/core/core_epoch.h"

#include "enclave/core/core_parts.h"

#include <string.h>

#define NONCE_LEN 32 /* of a ceremony */

/* What a start has of its own. T = N = 1: the plan is empty, and the core draws the ceremony
 * nonce itself. */
static enum err begin_epoch(struct core *c, const uint8_t identity[IDENTITY_LEN])
{
    static const char label[] = "quorate-epoch-v1";
    uint8_t nonce[NONCE_LEN];
    struct hash_state h;

    TRY(core_random(c, c->boot_id, sizeof c->boot_id));
    TRY(core_random(c, c->boot_nonce, sizeof c->boot_nonce));
    if (c->member != NULL) { /* its ceremony says */
        return ERR_OK;
    }
    TRY(core_random(c, nonce, sizeof nonce));
    hash_init(&h, HASH_SHA384);
    hash_update(&h, label, sizeof label - 1);
    hash_update_field(&h, NULL, 0);
    hash_update_field(&h, identity, IDENTITY_LEN);
    hash_update_field(&h, c->boot_nonce, BOOT_NONCE_LEN);
    hash_update_field(&h, nonce, NONCE_LEN);
    hash_final(&h, c->epoch_id);
    return ERR_OK;
}

enum err core_epoch_start(struct core *c, const struct core_public *keys)
{
    TRY(begin_epoch(c, keys->identity));
    c->public = *keys;
    if (c->audit_key.signer != NULL) {
        audit_ring_chain(&c->audit, c->boot_nonce, keys->audit);
    }
    if (c->has_pq) {
        core_epoch_pq(c, keys->pq);
    }
    return ERR_OK;
}

/* tr = H(pk, 64), FIPS 204 alg. 6. */
void core_epoch_pq(struct core *c, const uint8_t pq[PQ_PUBLIC_LEN])
{
    struct shake256 x;

    memmove(c->public.pq, pq, sizeof c->public.pq);
    shake256_init(&x);
    shake256_update(&x, pq, sizeof c->public.pq);
    shake256_final(&x, c->certs[KEY_PQ - 1].tr, MLDSA_TR_LEN);
    c->has_pq = true;
}
