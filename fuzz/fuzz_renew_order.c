#include "promise.h"

#include "wire/renew_order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An order has one encoding, and is within its ranges. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t again[RENEW_ORDER_MAX];
    struct writer w = wr_init(again, sizeof again);
    struct renew_order o;
    struct view out;
    struct reader r = rd_init((struct view){data, size});

    if (reenrol_signatures_decode(&r, o.signatures, &o.n) == ERR_OK) {
        reenrol_signatures_encode(&w, o.signatures, o.n);
        promise(view_equal((struct view){w.p, w.len}, (struct view){data, size - r.n}));
        w.len = 0;
    }
    if (renew_order_decode((struct view){data, size}, &o) != ERR_OK) {
        return 0;
    }
    promise(o.nodes[0] < o.nodes[1] && o.nodes[1] < PLAN_NODES_MAX && o.attempt > 0);
    promise(o.n <= PLAN_OPERATORS_MAX);
    renew_order_encode(&w, &o);
    promise(wr_finish(&w, &out) == ERR_OK && view_equal(out, (struct view){data, size}));
    return 0;
}
