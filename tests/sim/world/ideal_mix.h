/* ideal_mix.h - the one hash of the protocol level: quick, and of 64 bits, which is enough
 * where nobody looks for collisions. */
#ifndef TESTS_SIM_IDEAL_MIX_H
#define TESTS_SIM_IDEAL_MIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What a hash is of comes first in it. */
enum mix_label {
    MIX_HASH = 1,
    MIX_RANDOM,
    MIX_IDENTITY,
    MIX_BATCH,
    MIX_W,
    MIX_COM,
    MIX_CHALLENGE,
    MIX_ACCEPT,
    MIX_LUCK,
    MIX_Z,
    MIX_SIGNATURE,
    MIX_KEYGEN,
    MIX_CHANNEL
};

struct mix {
    uint64_t a, b;
};

static inline uint64_t fold(uint64_t x, uint64_t y)
{
    __extension__ typedef unsigned __int128 wide;
    const wide p = (wide)(x ^ 0xa0761d6478bd642f) * (y ^ 0xe7037ed1a0b428db);

    return (uint64_t)p ^ (uint64_t)(p >> 64);
}

static inline struct mix mix_begin(enum mix_label label)
{
    return (struct mix){label, 0x8ebc6af09c88c6e3};
}

static inline void mix_word(struct mix *m, uint64_t word)
{
    m->a = fold(m->a ^ word, m->b);
    m->b += 0x9e3779b97f4a7c15;
}

static inline void mix_bytes(struct mix *m, const uint8_t *p, size_t n)
{
    mix_word(m, n);
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word = 0;

        memcpy(&word, p + i, n - i < 8 ? n - i : 8);
        mix_word(m, word);
    }
}

/* Whether n bytes are 0: quick for many. */
static inline bool mix_nothing(const void *bytes, size_t n)
{
    const uint8_t *const p = bytes;
    uint64_t any = 0;

    for (size_t i = 0; i + 8 <= n; i += 8) {
        uint64_t word;

        memcpy(&word, p + i, sizeof word);
        any |= word;
    }
    for (size_t i = n / 8 * 8; i < n; i++) {
        any |= p[i];
    }
    return any == 0;
}

/* n bytes out of it. */
static inline void mix_out(const struct mix *m, uint8_t *out, size_t n)
{
    uint64_t x = m->a;

    for (size_t i = 0; i < n; i += 8) {
        x = fold(x, m->b + i);
        memcpy(out + i, &x, n - i < 8 ? n - i : 8);
    }
}

#endif
