#include "promise.h"

#include "wire/retire_call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_order(struct view in)
{
    uint8_t again[RETIRE_ORDER_MAX];
    struct writer w = wr_init(again, sizeof again);
    struct retire_order o;
    struct view out;

    if (retire_order_decode(in, &o) == ERR_OK) {
        promise(o.n <= PLAN_OPERATORS_MAX);
        retire_order_encode(&w, &o);
        promise(wr_finish(&w, &out) == ERR_OK && view_equal(out, in));
    }
}

static void take_statement(struct view in)
{
    uint8_t again[RETIRED_LEN];
    struct writer w = wr_init(again, sizeof again);
    struct retired s;
    struct view out;

    if (retired_decode(in, &s) == ERR_OK) {
        promise(s.place < PLAN_NODES_MAX && s.incarnation > 0);
        retired_encode(&w, &s);
        promise(wr_finish(&w, &out) == ERR_OK && view_equal(out, in));
    }
}

/* Orders and statements have one encoding each, and are within their ranges. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};

    take_order(in);
    take_statement(in);
    return 0;
}
