#include "promise.h"

#include "wire/reenrol_order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An order has one encoding, and is within its ranges. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t again[REENROL_ORDER_MAX];
    struct writer w = wr_init(again, sizeof again);
    struct reenrol_order o;
    struct view out;

    if (reenrol_order_decode((struct view){data, size}, &o) != ERR_OK) {
        return 0;
    }
    promise(o.node < PLAN_NODES_MAX && o.attempt > 0 && o.attempt <= REENROL_ATTEMPT_MAX);
    promise(o.n <= PLAN_OPERATORS_MAX &&
            (o.platform.n == 0 || o.platform.n == PLAN_PLATFORM_LEN));
    promise_inside(o.platform, (struct view){data, size});
    for (size_t i = 1; i < o.n; i++) {
        promise(o.signatures[i - 1].place < o.signatures[i].place);
    }
    reenrol_order_encode(&w, &o);
    promise(wr_finish(&w, &out) == ERR_OK && view_equal(out, (struct view){data, size}));
    return 0;
}
