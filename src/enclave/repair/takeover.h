/* takeover.h - the rule by which a core has to do with orders that give the place of a lost
 * node to a fresh process (threshold-security F4; docs/wire.md 15): when it looks at them, what
 * becomes of each, and for whom they are. Whether operators gave one, for a machine of the
 * plan, is reenrol_order.h; whether who comes runs there is enclave/attest. Pure. */
#ifndef ENCLAVE_REPAIR_TAKEOVER_H
#define ENCLAVE_REPAIR_TAKEOVER_H

#include "wire/reenrol_order.h"

/* Where a core stands. */
struct takeover {
    bool serving;     /* it started, and does not drain */
    bool repairing;   /* a re-enrolment is under way */
    bool in_ceremony; /* one runs, or ended in dispute */
    bool has_share;
    bool in_use;   /* its key is: others count on it */
    uint8_t place; /* of has_share: its own, from 0 */
};

/* Whether orders are looked at. fresh: a record came with them, so this process is to get a
 * place. ERR_STATE: it does not serve, or one is under way; fresh, and it has a share or is in
 * a ceremony; not fresh, and it has no share, or one that is not in use yet. */
MUST_CHECK enum err takeover_may_begin(const struct takeover *t, bool fresh);

/* One of the orders, oldest first; is_last: the one that is carried out, of which those before
 * are for cores that missed them. *taken: it was, and what knew the lost process is void now:
 * the fence. Not taken, and ERR_OK: this very order was taken before; or it is not the last,
 * and a later one of that node was.
 *
 * ERR_MISMATCH: it gives this core's own place to another. What reenrol_roster_take() gives:
 * nothing changes then. */
MUST_CHECK enum err takeover_take(const struct takeover *t, struct reenrol_roster *r,
                                  struct plan *p, const uint8_t epoch_id[EPOCH_ID_LEN],
                                  const struct reenrol_order *o, bool is_last, bool *taken);

/* Whether a core with a share is one of the helpers, a mask of places. */
bool takeover_helps(const struct takeover *t, unsigned helpers);

/* Whether an order is for the process that has these. ERR_MISMATCH: another one. */
MUST_CHECK enum err takeover_is_for(const struct reenrol_order *o,
                                    const uint8_t identity[P384_PUBLIC_LEN],
                                    const uint8_t signing_key[PLAN_SIGNING_KEY_LEN],
                                    const uint8_t boot_nonce[PLAN_NONCE_LEN]);

#endif
