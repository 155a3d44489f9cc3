#include "base/secret.h"
#include "crypto/aes_stream.h"
#include "crypto/keccak/sponge.h"
#include "crypto/tmldsa/tmldsa_gauss.h"
#include "crypto/tmldsa/tmldsa_loops.h"
#include "crypto/tmldsa/tmldsa_wide.h"

#include <string.h>

static double as_double(uint64_t bits)
{
    double d;

    memcpy(&d, &bits, sizeof d);
    return d;
}

static uint64_t as_bits(double d)
{
    uint64_t bits;

    memcpy(&bits, &d, sizeof bits);
    return bits;
}

/* x < 2^32, exactly. */
static double from_32(uint64_t x)
{
    return as_double(x | GAUSS_2_52_BITS) - 0x1p52;
}

/* c[0] z^(terms-1) + ... + c[terms-1], in two chains that a processor runs side by side. */
static double polynomial(double z, const double *c, int terms)
{
    const double z2 = z * z;
    double a = c[0];
    double b = c[1];

    for (int i = 2; i + 1 < terms; i += 2) {
        a = a * z2 + c[i];
        b = b * z2 + c[i + 1];
    }
    return terms % 2 == 0 ? a * z + b : (a * z2 + c[terms - 1]) + b * z;
}

/* ln a for a in [2^-65, 1]. */
static double ln(double a)
{
    /* 2^e, e + 1024 above the mantissa: no number is negative. */
    const uint64_t e =
        (as_bits(a) - GAUSS_SQRT_HALF_BITS + ((uint64_t)1024 << 52)) >> 52; /* 0 to 1025 */
    const double m = as_double(as_bits(a) - (e << 52) + ((uint64_t)1024 << 52));
    const double s = (m - 1) / (m + 1);
    const double z = s * s;
    const double tail = s * (z * polynomial(z, gauss_ln, GAUSS_LN_TERMS));

    return (from_32(e) - 1024) * GAUSS_LN_2 + (s + s + (tail + tail));
}

/* Of 2 pi v / 2^64. */
static void cos_sin(uint64_t v, double *cos, double *sin)
{
    const uint64_t up = v + ((uint64_t)1 << 60);
    const uint64_t eighth = up >> 61;
    const uint64_t rest = up & (((uint64_t)1 << 61) - 1); /* 2^60 too many */
    const double x = ((from_32(rest >> 32) * 0x1p32 - 0x1p60) + from_32(rest & 0xffffffff)) *
                     (GAUSS_2_PI * 0x1p-64);
    const double z = x * x;
    const double s = x + x * (z * polynomial(z, gauss_sin, GAUSS_SIN_TERMS));
    const double c = 1 + z * polynomial(z, gauss_cos, GAUSS_COS_TERMS);
    const uint64_t odd = 0 - (eighth & 1); /* turned by pi/4 */
    const uint64_t quarter = eighth >> 1;
    const uint64_t swap = 0 - (quarter & 1); /* turned by pi/2 */
    const uint64_t s1 = (as_bits((s + c) * GAUSS_SQRT_HALF) & odd) | (as_bits(s) & ~odd);
    const uint64_t c1 = (as_bits((c - s) * GAUSS_SQRT_HALF) & odd) | (as_bits(c) & ~odd);

    *sin = as_double(((c1 & swap) | (s1 & ~swap)) ^ ((quarter >> 1) << 63));
    *cos = as_double(((s1 & swap) | (c1 & ~swap)) ^ (((quarter ^ (quarter >> 1)) & 1) << 63));
}

static void gaussians(const uint64_t *u, double *g, size_t n)
{
    for (size_t i = 0; i < n; i += 2) {
        const double a =
            from_32(u[i] >> 32) * 0x1p-32 + (from_32(u[i] & 0xffffffff) + 0.5) * 0x1p-64;
        const double m = __builtin_sqrt(-2 * ln(a));
        double c;
        double s;

        cos_sin(u[i + 1], &c, &s);
        g[i] = m * c;
        g[i + 1] = m * s;
    }
}

/* In four sums, as the wide one. */
static double square_sum(const double *g, size_t n)
{
    double sum[4] = {0};

    for (size_t i = 0; i < n; i += 4) {
        for (size_t j = 0; j < 4; j++) {
            sum[j] += g[i + j] * g[i + j];
        }
    }
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void scale(double *g, double f, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g[i] *= f;
    }
}

/* The low bits of 1.5 * 2^52 + y are y, rounded. */
static void nearest(const double y[MLDSA_N], struct mldsa_poly *r)
{
    for (unsigned i = 0; i < MLDSA_N; i++) {
        r->coeff[i] = (int32_t)(uint32_t)as_bits(y[i] + 0x1.8p52);
    }
}

static double shifted_square_sum(const double y[MLDSA_N], const struct mldsa_poly *v)
{
    double sum[4] = {0};

    for (unsigned i = 0; i < MLDSA_N; i += 4) {
        for (unsigned j = 0; j < 4; j++) {
            const double d = y[i + j] + (double)mldsa_center(v->coeff[i + j]);

            sum[j] += d * d;
        }
    }
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void encode_12(const struct mldsa_poly *u, uint8_t *out)
{
    for (unsigned i = 0; i < MLDSA_N; i += 2, out += 3) {
        const uint32_t two = (uint32_t)u->coeff[i] | (uint32_t)u->coeff[i + 1] << 12;

        out[0] = (uint8_t)two;
        out[1] = (uint8_t)(two >> 8);
        out[2] = (uint8_t)(two >> 16);
    }
}

static uint32_t add_12(struct mldsa_poly *sum, const uint8_t *in, int32_t max)
{
    uint32_t over = 0;

    for (unsigned i = 0; i < MLDSA_N; i += 2, in += 3) {
        const int32_t a = in[0] | (in[1] & 15) << 8;
        const int32_t b = in[1] >> 4 | in[2] << 4;

        over |= (uint32_t)mldsa_negative(max - a) | (uint32_t)mldsa_negative(max - b);
        sum->coeff[i] += a;
        sum->coeff[i + 1] += b;
    }
    return over;
}

void tmldsa_stream_shake(const struct keccak_path *keccak, const uint8_t seed[TMLDSA_SEED_LEN],
                         unsigned repetition, uint64_t *u, size_t n)
{
    const uint8_t nonce[2] = {(uint8_t)repetition, (uint8_t)(repetition >> 8)};
    struct sponge s;

    sponge_init(&s, keccak, SPONGE_SHAKE256);
    sponge_absorb(&s, seed, TMLDSA_SEED_LEN);
    sponge_absorb(&s, nonce, sizeof nonce);
    sponge_squeeze(&s, u, n * sizeof *u);
    wipe(&s, sizeof s);
}

void tmldsa_stream(const struct keccak_path *keccak, const uint8_t seed[TMLDSA_SEED_LEN],
                   unsigned repetition, uint64_t *u, size_t n)
{
    if (aes_stream_here()) {
        aes_stream(seed, (uint16_t)repetition, (uint8_t *)u, n * sizeof *u / AES_STREAM_BLOCK);
    } else {
        tmldsa_stream_shake(keccak, seed, repetition, u, n);
    }
}

const struct tmldsa_path tmldsa_portable = {
    .name = "portable",
    .ring = &mldsa_portable,
    .stream = tmldsa_stream,
    .gaussians = gaussians,
    .square_sum = square_sum,
    .scale = scale,
    .round = nearest,
    .shifted_square_sum = shifted_square_sum,
    .drop_bits = drop_bits,
    .encode_12 = encode_12,
    .add_12 = add_12,
};

const struct tmldsa_path *tmldsa_avx2(void)
{
#if CPU_BUILD_AVX2
    return cpu_has_avx2() ? &tmldsa_avx2_path : NULL;
#else
    return NULL;
#endif
}

const struct tmldsa_path *tmldsa_best(void)
{
    const struct tmldsa_path *wide = tmldsa_avx2();

    return wide != NULL ? wide : &tmldsa_portable;
}
