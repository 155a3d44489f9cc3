#include "enclave/repair/takeover.h"

#include <string.h>

enum err takeover_may_begin(const struct takeover *t, bool fresh)
{
    if (!t->serving || t->repairing) {
        return ERR_STATE;
    }
    if (fresh) {
        return t->has_share || t->in_ceremony ? ERR_STATE : ERR_OK;
    }
    return t->has_share && t->in_use ? ERR_OK : ERR_STATE;
}

enum err takeover_take(const struct takeover *t, struct reenrol_roster *r, struct plan *p,
                       const uint8_t epoch_id[EPOCH_ID_LEN], const struct reenrol_order *o,
                       bool is_last, bool *taken)
{
    enum err e = ERR_OK;

    *taken = false;
    if (reenrol_roster_has(r, o)) {
        return ERR_OK;
    }
    if (t->has_share && o->node == t->place) {
        return ERR_MISMATCH;
    }
    e = reenrol_roster_take(r, p, epoch_id, o);
    *taken = e == ERR_OK;
    return e == ERR_STALE && !is_last ? ERR_OK : e;
}

bool takeover_helps(const struct takeover *t, unsigned helpers)
{
    return t->has_share && (helpers >> t->place & 1) == 1;
}

enum err takeover_is_for(const struct reenrol_order *o, const uint8_t identity[P384_PUBLIC_LEN],
                         const uint8_t signing_key[PLAN_SIGNING_KEY_LEN],
                         const uint8_t boot_nonce[PLAN_NONCE_LEN])
{
    return memcmp(o->identity, identity, sizeof o->identity) == 0 &&
                   memcmp(o->signing_key, signing_key, sizeof o->signing_key) == 0 &&
                   memcmp(o->boot_nonce, boot_nonce, sizeof o->boot_nonce) == 0
               ? ERR_OK
               : ERR_MISMATCH;
}
