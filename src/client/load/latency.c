#include "client/load/latency.h"

#define TOP (UINT64_C(2) * LATENCY_SUB)

/* Up to LATENCY_SUB each microsecond has its cell; above, the cells of a power of two are as
 * wide as the power says. */
static size_t cell_of(uint64_t us)
{
    unsigned power = 0;

    while (us >= TOP && power + 1 < LATENCY_POWERS) {
        us >>= 1;
        power++;
    }
    if (us < LATENCY_SUB) {
        return (size_t)us;
    }
    if (us >= TOP) {
        us = TOP - 1;
    }
    return LATENCY_SUB + (size_t)power * LATENCY_SUB + (size_t)(us - LATENCY_SUB);
}

/* The last microsecond of a cell. */
static uint64_t edge_of(size_t cell)
{
    if (cell < LATENCY_SUB) {
        return cell;
    }
    const size_t power = (cell - LATENCY_SUB) / LATENCY_SUB;
    const uint64_t step = (cell - LATENCY_SUB) % LATENCY_SUB + LATENCY_SUB;

    return ((step + 1) << power) - 1;
}

void latency_add(struct latency *l, uint64_t us)
{
    l->cells[cell_of(us)]++;
    l->count++;
    l->sum_us += us;
    if (us > l->max_us) {
        l->max_us = us;
    }
}

void latency_merge(struct latency *into, const struct latency *from)
{
    for (size_t i = 0; i < LATENCY_CELLS; i++) {
        into->cells[i] += from->cells[i];
    }
    into->count += from->count;
    into->sum_us += from->sum_us;
    if (from->max_us > into->max_us) {
        into->max_us = from->max_us;
    }
}

uint64_t latency_quantile_us(const struct latency *l, uint32_t per_100k)
{
    const uint64_t whole = l->count / 100000 * per_100k;
    const uint64_t part = (l->count % 100000 * per_100k + 99999) / 100000;
    const uint64_t rank = whole + part > 0 ? whole + part : 1;
    uint64_t seen = 0;

    for (size_t i = 0; i < LATENCY_CELLS; i++) {
        seen += l->cells[i];
        if (seen >= rank) {
            const uint64_t edge = edge_of(i);

            return edge < l->max_us ? edge : l->max_us;
        }
    }
    return l->max_us;
}
