/* bundle_again.h - places of an epoch that another process has taken, by orders of the
 * operators that stand in the bundle (docs/wire.md 15): who has each, and who had it before. */
#ifndef BUNDLE_BUNDLE_AGAIN_H
#define BUNDLE_BUNDLE_AGAIN_H

#include "bundle/bundle.h"

#include "wire/reenrol_order.h"

struct bundle_again {
    size_t n;
    struct reenrol_order orders[BUNDLE_ORDERS_MAX]; /* as they were taken */
    struct reenrol_roster roster;                   /* after all of them, */
    struct plan plan;                               /* and whose keys count then */
};

/* Takes all orders of a bundle, one after the other, as each core of the epoch did. What
 * reenrol_order_decode() and reenrol_roster_take() give for the first that does not hold; those
 * before it stand. a points into bundle and plan. */
MUST_CHECK enum err bundle_again_take(struct bundle_again *a, const struct bundle *b,
                                      const struct plan *p,
                                      const uint8_t epoch_id[EPOCH_ID_LEN]);

/* The order by which that incarnation of a place came; NULL: none did. */
const struct reenrol_order *bundle_again_find(const struct bundle_again *a, unsigned place,
                                              uint32_t incarnation);

#endif
