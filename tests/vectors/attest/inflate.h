/* inflate.h - unpacks gzip (RFC 1951, RFC 1952) of vectors that are stored so. */
#ifndef TESTS_INFLATE_H
#define TESTS_INFLATE_H

#include "testing.h"

#include "base/bytes.h"

#include <string.h>

#define INFLATE_CODES 320 /* at most 288 lengths, 32 distances */
#define INFLATE_BITS 15

struct inflate {
    struct view in;
    size_t bit; /* the next to be read */
    uint8_t *out;
    size_t n, cap;
};

/* How many codes of each length, and the symbols in their order. */
struct inflate_code {
    uint16_t count[INFLATE_BITS + 1];
    uint16_t symbol[INFLATE_CODES];
};

static inline unsigned inflate_bits(struct inflate *z, unsigned n)
{
    unsigned v = 0;

    for (unsigned i = 0; i < n; i++, z->bit++) {
        assert_true(z->bit / 8 < z->in.n);
        v |= ((unsigned)z->in.p[z->bit / 8] >> z->bit % 8 & 1U) << i;
    }
    return v;
}

static inline void inflate_build(struct inflate_code *c, const uint8_t *lengths, size_t n)
{
    uint16_t at[INFLATE_BITS + 1] = {0};

    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < n; i++) {
        c->count[lengths[i]]++;
    }
    for (size_t len = 1; len < INFLATE_BITS; len++) {
        at[len + 1] = (uint16_t)(at[len] + c->count[len]);
    }
    for (size_t i = 0; i < n; i++) {
        if (lengths[i] != 0) {
            c->symbol[at[lengths[i]]++] = (uint16_t)i;
        }
    }
}

static inline unsigned inflate_symbol(struct inflate *z, const struct inflate_code *c)
{
    unsigned code = 0;
    unsigned first = 0;
    unsigned index = 0;

    for (unsigned len = 1; len <= INFLATE_BITS; len++) {
        code |= inflate_bits(z, 1);
        if (code - first < c->count[len]) {
            return c->symbol[index + (code - first)];
        }
        index += c->count[len];
        first = (first + c->count[len]) << 1;
        code <<= 1;
    }
    fail_msg("no such code");
    return 0;
}

static inline void inflate_put(struct inflate *z, uint8_t byte)
{
    assert_true(z->n < z->cap);
    z->out[z->n++] = byte;
}

static inline void inflate_block(struct inflate *z, const struct inflate_code *lengths,
                                 const struct inflate_code *distances)
{
    for (unsigned s = inflate_symbol(z, lengths); s != 256; s = inflate_symbol(z, lengths)) {
        if (s < 256) {
            inflate_put(z, (uint8_t)s);
            continue;
        }
        const unsigned extra = s < 265 || s == 285 ? 0 : (s - 261) / 4;
        const unsigned base = s < 265    ? s - 254
                              : s == 285 ? 258
                                         : ((4 + (s - 265) % 4) << extra) + 3;
        const unsigned len = base + inflate_bits(z, extra);
        const unsigned d = inflate_symbol(z, distances);
        const unsigned more = d < 4 ? 0 : d / 2 - 1;
        const unsigned back =
            (d < 4 ? d + 1 : ((2 + d % 2) << more) + 1) + inflate_bits(z, more);

        assert_true(back <= z->n);
        for (unsigned i = 0; i < len; i++) {
            inflate_put(z, z->out[z->n - back]);
        }
    }
}

static inline void inflate_dynamic(struct inflate *z, struct inflate_code *lengths,
                                   struct inflate_code *distances)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    const unsigned n_len = inflate_bits(z, 5) + 257;
    const unsigned n_dist = inflate_bits(z, 5) + 1;
    const unsigned n_code = inflate_bits(z, 4) + 4;
    uint8_t lens[INFLATE_CODES + 138] = {0};
    struct inflate_code c;

    for (unsigned i = 0; i < n_code; i++) {
        lens[order[i]] = (uint8_t)inflate_bits(z, 3);
    }
    inflate_build(&c, lens, 19);
    memset(lens, 0, sizeof lens);
    for (unsigned i = 0; i < n_len + n_dist;) {
        const unsigned s = inflate_symbol(z, &c);
        const unsigned times = s < 16    ? 1
                               : s == 16 ? 3 + inflate_bits(z, 2)
                               : s == 17 ? 3 + inflate_bits(z, 3)
                                         : 11 + inflate_bits(z, 7);
        const uint8_t len = s < 16 ? (uint8_t)s : s == 16 && i > 0 ? lens[i - 1] : 0;

        memset(lens + i, len, times);
        i += times;
    }
    inflate_build(lengths, lens, n_len);
    inflate_build(distances, lens + n_len, n_dist);
}

static inline void inflate_stored(struct inflate *z)
{
    z->bit = (z->bit + 7) / 8 * 8;
    const unsigned n = inflate_bits(z, 16);

    (void)inflate_bits(z, 16);
    for (unsigned i = 0; i < n; i++) {
        inflate_put(z, (uint8_t)inflate_bits(z, 8));
    }
}

/* The bytes of a gzip member whose head has no optional parts. */
static inline struct view inflate_gzip(struct view in, uint8_t *out, size_t cap)
{
    struct inflate z = {.in = in, .bit = 80, .out = out, .cap = cap};
    struct inflate_code lengths;
    struct inflate_code distances;
    unsigned last = 0;

    assert_true(in.n > 18 && in.p[0] == 0x1f && in.p[1] == 0x8b && in.p[3] == 0);
    while (last == 0) {
        last = inflate_bits(&z, 1);
        const unsigned kind = inflate_bits(&z, 2);

        if (kind == 0) {
            inflate_stored(&z);
            continue;
        }
        uint8_t lens[288];

        for (unsigned i = 0; i < 288; i++) {
            lens[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
        }
        inflate_build(&lengths, lens, 288);
        memset(lens, 5, 30);
        inflate_build(&distances, lens, 30);
        if (kind == 2) {
            inflate_dynamic(&z, &lengths, &distances);
        }
        inflate_block(&z, &lengths, &distances);
    }
    return (struct view){out, z.n};
}

#endif
