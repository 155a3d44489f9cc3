#include "host/coord/coord_stock.h"

#include <assert.h>
#include <string.h>

#define NS_PER_MS INT64_C(1000000)

void coord_stock_init(struct coord_stock *s, uint16_t r1_life_ms)
{
    const int64_t life = r1_life_ms < R1_LIFE_MS ? r1_life_ms : R1_LIFE_MS;

    memset(s, 0, sizeof *s);
    s->life_ns = (life - COORD_R1_MARGIN_MS) * NS_PER_MS;
}

void coord_stock_add(struct coord_stock *s, const struct coord_r1 *r1)
{
    assert(s->n < COORD_STOCK_MAX);
    s->at[(s->first + s->n) % COORD_STOCK_MAX] = *r1;
    s->n++;
}

static void drop_first(struct coord_stock *s)
{
    s->first = (s->first + 1) % COORD_STOCK_MAX;
    s->n--;
}

size_t coord_stock_fresh(struct coord_stock *s, int64_t now_ns)
{
    while (s->n > 0 && now_ns - s->at[s->first].asked_ns > s->life_ns) {
        drop_first(s);
    }
    return s->n;
}

bool coord_stock_take(struct coord_stock *s, int64_t now_ns, struct coord_r1 *out)
{
    /* Two requests may have been answered out of order: each one is looked at. */
    if (coord_stock_fresh(s, now_ns) == 0) {
        return false;
    }
    *out = s->at[s->first];
    drop_first(s);
    coord_rate_count(&s->rate, 1, now_ns);
    return true;
}

void coord_stock_drop(struct coord_stock *s)
{
    s->first = 0;
    s->n = 0;
}

size_t coord_stock_want(struct coord_stock *s, size_t waiting, int64_t now_ns)
{
    const size_t have = coord_stock_fresh(s, now_ns) + s->asked;
    const size_t want = coord_rate_want(&s->rate, have, waiting, COORD_STOCK_MAX, now_ns);

    return want < STAMP_BATCH_MAX ? want : STAMP_BATCH_MAX;
}
