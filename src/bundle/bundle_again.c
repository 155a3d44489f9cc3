#include "bundle/bundle_again.h"

enum err bundle_again_take(struct bundle_again *a, const struct bundle *b, const struct plan *p,
                           const uint8_t epoch_id[EPOCH_ID_LEN])
{
    a->n = 0;
    a->plan = *p;
    reenrol_roster_init(&a->roster);
    for (size_t i = 0; i < b->n_orders; i++) {
        struct reenrol_order *const o = &a->orders[i];

        TRY(reenrol_order_decode(b->orders[i], o));
        TRY(reenrol_roster_take(&a->roster, &a->plan, epoch_id, o));
        a->n++;
    }
    return ERR_OK;
}

const struct reenrol_order *bundle_again_find(const struct bundle_again *a, unsigned place,
                                              uint32_t incarnation)
{
    for (size_t i = 0; i < a->n; i++) {
        if (a->orders[i].node == place && a->orders[i].attempt + 1 == incarnation) {
            return &a->orders[i];
        }
    }
    return NULL;
}
