/* latency.h - a histogram of times from 1 us to over an hour, each within 1/64 of its value. */
#ifndef CLIENT_LOAD_LATENCY_H
#define CLIENT_LOAD_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#define LATENCY_SUB 64    /* steps of each power of two */
#define LATENCY_POWERS 28 /* 2^6 us to 2^33 us; times beyond count as the last */
#define LATENCY_CELLS (LATENCY_SUB + LATENCY_POWERS * LATENCY_SUB)

struct latency {
    uint64_t cells[LATENCY_CELLS];
    uint64_t count;
    uint64_t sum_us, max_us;
};

void latency_add(struct latency *l, uint64_t us);
void latency_merge(struct latency *into, const struct latency *from);

/* The time that per_100k of 100 000 stay within (50000: the median), in us: the upper edge of
 * its cell, never over the longest. 0: nothing was added. */
uint64_t latency_quantile_us(const struct latency *l, uint32_t per_100k);

#endif
