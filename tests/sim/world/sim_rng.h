/* sim_rng.h - the numbers of a history: all that happens in it follows from its seed. */
#ifndef TESTS_SIM_RNG_H
#define TESTS_SIM_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct sim_rng {
    uint64_t state;
};

static inline uint64_t sim_next(struct sim_rng *r)
{
    uint64_t x = r->state += 0x9e3779b97f4a7c15;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

/* Below n, which is not 0. */
static inline unsigned sim_below(struct sim_rng *r, unsigned n)
{
    return (unsigned)(sim_next(r) % n);
}

/* In [lo, hi]. */
static inline int64_t sim_in(struct sim_rng *r, int64_t lo, int64_t hi)
{
    return lo + (int64_t)(sim_next(r) % ((uint64_t)(hi - lo) + 1));
}

/* True so many times in a thousand. */
static inline bool sim_chance(struct sim_rng *r, unsigned permille)
{
    return sim_below(r, 1000) < permille;
}

/* One bit becomes another one. */
static inline void sim_flip(struct sim_rng *r, uint8_t *bytes, size_t n)
{
    const unsigned at = sim_below(r, (unsigned)n);

    bytes[at] ^= (uint8_t)(1U << sim_below(r, 8));
}

static inline void sim_bytes(struct sim_rng *r, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i += 8) {
        const uint64_t x = sim_next(r);

        memcpy(out + i, &x, n - i < 8 ? n - i : 8);
    }
}

#endif
