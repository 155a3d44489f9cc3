#include "promise.h"

#include "host/coord/ended_list.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void orders(struct view in)
{
    struct reader r = rd_init(in);
    uint8_t space[2][REENROL_ORDER_MAX];
    uint8_t line[ENDED_ORDER_MAX];
    struct view order;
    struct view again;

    while (ended_list_next_order(&r, space[0], &order)) {
        struct writer w = wr_init(line, sizeof line);
        struct view text;

        promise(order.n <= REENROL_ORDER_MAX);
        ended_list_write_order(&w, order);
        promise(wr_finish(&w, &text) == ERR_OK);
        struct reader own = rd_init(text);

        promise(order.n == 0 ||
                (ended_list_next_order(&own, space[1], &again) && view_equal(order, again)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_init((struct view){data, size});
    uint8_t nonce[PLAN_NONCE_LEN];
    uint8_t again[PLAN_NONCE_LEN];
    uint8_t line[ENDED_LINE_MAX];

    orders((struct view){data, size});
    while (ended_list_next(&r, nonce)) {
        struct writer w = wr_init(line, sizeof line);
        struct view text;

        ended_list_write(&w, "core-1", nonce);
        promise(wr_finish(&w, &text) == ERR_OK);
        struct reader own = rd_init(text);

        promise(ended_list_next(&own, again) && memcmp(nonce, again, sizeof nonce) == 0);
    }
    return 0;
}
