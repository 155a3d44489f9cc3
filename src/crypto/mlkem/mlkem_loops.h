/* mlkem_loops.h - the functions of a path that are plain loops over coefficients. The text is
 * compiled once for each path: the compiler makes vectors of it where it may use AVX2. */
#ifndef CRYPTO_MLKEM_MLKEM_LOOPS_H
#define CRYPTO_MLKEM_MLKEM_LOOPS_H

#include "crypto/mlkem/mlkem_montgomery.h"
#include "crypto/mlkem/mlkem_poly.h"

#include <string.h>

static void hat_add(struct mlkem_poly *restrict r, const struct mlkem_poly *restrict a)
{
    for (int i = 0; i < MLKEM_N; i++) {
        const int16_t v = mlkem_mul(r->coeff[i], MLKEM_R2, MLKEM_R2_Q);

        r->coeff[i] = mlkem_canonical(mlkem_center((int16_t)(v + a->coeff[i])));
    }
}

static void add(struct mlkem_poly *restrict r, const struct mlkem_poly *restrict a)
{
    for (int i = 0; i < MLKEM_N; i++) {
        r->coeff[i] = mlkem_canonical(mlkem_center((int16_t)(r->coeff[i] + a->coeff[i])));
    }
}

static void sub_from(struct mlkem_poly *restrict r, const struct mlkem_poly *restrict a)
{
    for (int i = 0; i < MLKEM_N; i++) {
        r->coeff[i] = mlkem_canonical(mlkem_center((int16_t)(a->coeff[i] - r->coeff[i])));
    }
}

static void canonical(struct mlkem_poly *r)
{
    for (int i = 0; i < MLKEM_N; i++) {
        r->coeff[i] = mlkem_canonical(r->coeff[i]);
    }
}

/* Eight numbers of d bits to d bytes, and back; bits within a byte rise (alg. 3 and 4). */
ALWAYS_INLINE void pack_8(const uint32_t v[8], unsigned d, uint8_t *out)
{
    uint64_t rest = 0;
    unsigned bits = 0;

    for (int j = 0; j < 8; j++) {
        rest |= (uint64_t)v[j] << bits;
        for (bits += d; bits >= 8; bits -= 8) {
            *out++ = (uint8_t)rest;
            rest >>= 8;
        }
    }
}

ALWAYS_INLINE void unpack_8(const uint8_t *in, unsigned d, uint32_t v[8])
{
    uint64_t rest = 0;
    unsigned bits = 0;

    for (int j = 0; j < 8; j++) {
        for (; bits < d; bits += 8) {
            rest |= (uint64_t)*in++ << bits;
        }
        v[j] = (uint32_t)rest & ((1u << d) - 1);
        rest >>= d;
        bits -= d;
    }
}

/* round(2^d x / q) mod 2^d, eq. 4.7, for x in [0, q). 161271 is 2^29 / q, a little more; 100
 * less than a half makes up for that: right for each x and each d that there is. */
ALWAYS_INLINE uint32_t compress_one(int16_t x, unsigned d)
{
    return (((uint32_t)x * 161271 + (1u << (28 - d)) - 100) >> (29 - d)) & ((1u << d) - 1);
}

/* d as a constant of each loop. */
ALWAYS_INLINE void compress_by(const struct mlkem_poly *restrict a, unsigned d,
                               uint8_t *restrict out)
{
    for (int i = 0; i < MLKEM_N; i += 8, out += d) {
        uint32_t v[8];

        for (int j = 0; j < 8; j++) {
            v[j] = compress_one(a->coeff[i + j], d);
        }
        pack_8(v, d, out);
    }
}

/* round(q y / 2^d), eq. 4.8. */
ALWAYS_INLINE void decompress_by(const uint8_t *restrict in, unsigned d,
                                 struct mlkem_poly *restrict a)
{
    for (int i = 0; i < MLKEM_N; i += 8, in += d) {
        uint32_t v[8];

        unpack_8(in, d, v);
        for (int j = 0; j < 8; j++) {
            a->coeff[i + j] = (int16_t)((v[j] * MLKEM_Q + (1u << (d - 1))) >> d);
        }
    }
}

static void compress(const struct mlkem_poly *a, unsigned d, uint8_t *out)
{
    switch (d) {
    case 1:
        compress_by(a, 1, out);
        break;
    case 4:
        compress_by(a, 4, out);
        break;
    case 5:
        compress_by(a, 5, out);
        break;
    case 10:
        compress_by(a, 10, out);
        break;
    default:
        compress_by(a, 11, out);
        break;
    }
}

static void decompress(const uint8_t *in, unsigned d, struct mlkem_poly *a)
{
    switch (d) {
    case 1:
        decompress_by(in, 1, a);
        break;
    case 4:
        decompress_by(in, 4, a);
        break;
    case 5:
        decompress_by(in, 5, a);
        break;
    case 10:
        decompress_by(in, 10, a);
        break;
    default:
        decompress_by(in, 11, a);
        break;
    }
}

static void encode(const struct mlkem_poly *a, uint8_t *out)
{
    for (int i = 0; i < MLKEM_N; i += 2, out += 3) {
        const unsigned two = (unsigned)a->coeff[i] | (unsigned)a->coeff[i + 1] << 12;

        out[0] = (uint8_t)two;
        out[1] = (uint8_t)(two >> 8);
        out[2] = (uint8_t)(two >> 16);
    }
}

static uint32_t decode(const uint8_t *in, struct mlkem_poly *a)
{
    uint32_t below = UINT32_MAX; /* top bit: all numbers less q are negative */

    for (int i = 0; i < MLKEM_N; i += 2, in += 3) {
        const uint32_t two = in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16;
        const uint32_t v0 = two & 0xfff;
        const uint32_t v1 = two >> 12;

        a->coeff[i] = (int16_t)v0;
        a->coeff[i + 1] = (int16_t)v1;
        below &= (v0 - MLKEM_Q) & (v1 - MLKEM_Q);
    }
    return (below >> 31) - 1;
}

/* Each coefficient is the sum of eta bits less the sum of the next eta. Sums of all at once. */
static void cbd_2(const uint8_t *in, struct mlkem_poly *a)
{
    for (int i = 0; i < MLKEM_N; i += 8, in += 4) {
        uint32_t t;

        memcpy(&t, in, 4);
        t = (t & 0x55555555) + (t >> 1 & 0x55555555);
        for (int j = 0; j < 8; j++) {
            a->coeff[i + j] = (int16_t)((t >> (4 * j) & 3) - (t >> (4 * j + 2) & 3));
        }
    }
}

static void cbd_3(const uint8_t *in, struct mlkem_poly *a)
{
    for (int i = 0; i < MLKEM_N; i += 4, in += 3) {
        uint32_t t;

        memcpy(&t, in, 4);
        t = (t & 0x249249) + (t >> 1 & 0x249249) + (t >> 2 & 0x249249);
        for (int j = 0; j < 4; j++) {
            a->coeff[i + j] = (int16_t)((t >> (6 * j) & 7) - (t >> (6 * j + 3) & 7));
        }
    }
}

static void cbd(const uint8_t *in, unsigned eta, struct mlkem_poly *a)
{
    if (eta == 2) {
        cbd_2(in, a);
    } else {
        cbd_3(in, a);
    }
}

static unsigned take_uniform(struct mlkem_poly *a, unsigned have, const uint8_t *in, size_t n)
{
    for (size_t i = 0; i + 3 <= n && have < MLKEM_N; i += 3) {
        const unsigned d1 = in[i] | (in[i + 1] & 15u) << 8;
        const unsigned d2 = in[i + 1] >> 4 | (unsigned)in[i + 2] << 4;

        a->coeff[have] = (int16_t)d1;
        have += d1 < MLKEM_Q;
        if (have < MLKEM_N) {
            a->coeff[have] = (int16_t)d2;
            have += d2 < MLKEM_Q;
        }
    }
    return have;
}

#endif
