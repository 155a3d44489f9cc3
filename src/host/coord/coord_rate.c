#include "host/coord/coord_rate.h"

#define NS_PER_MS INT64_C(1000000)

void coord_rate_count(struct coord_rate *r, size_t uses, int64_t now_ns)
{
    const int64_t window = COORD_RATE_WINDOW_MS * NS_PER_MS;
    const int64_t age = now_ns - r->window_ns;

    if (age >= window) {
        r->used_before = age < 2 * window ? r->used : 0;
        r->used = 0;
        r->window_ns = now_ns;
    }
    r->used += uses;
}

size_t coord_rate_want(struct coord_rate *r, size_t have, size_t waiting, size_t most,
                       int64_t now_ns)
{
    size_t ahead;
    size_t want;

    coord_rate_count(r, 0, now_ns);
    ahead = r->used > r->used_before ? r->used : r->used_before;
    ahead = (ahead + COORD_STOCK_PER_WINDOW_DIV - 1) / COORD_STOCK_PER_WINDOW_DIV;
    want = waiting + ahead < most ? waiting + ahead : most;
    /* Half a stock is enough to go on with: so requests are few and not small. */
    if (have >= want || (have >= waiting && have - waiting > ahead / 2)) {
        return 0;
    }
    return want - have;
}
