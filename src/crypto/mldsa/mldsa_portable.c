#include "crypto/mldsa/mldsa_loops.h"
#include "crypto/mldsa/mldsa_montgomery.h"
#include "crypto/mldsa/mldsa_wide.h"
#include "crypto/mldsa/mldsa_zetas.h"

#include <string.h>

/* Alg. 41. Each layer adds less than q to a magnitude. */
static void ntt(struct mldsa_poly *a)
{
    unsigned m = 1;

    for (unsigned len = 128; len > 0; len /= 2) {
        for (unsigned start = 0; start < MLDSA_N; start += 2 * len, m++) {
            for (unsigned j = start; j < start + len; j++) {
                const int32_t t = mldsa_mul(a->coeff[j + len], mldsa_zeta[m], mldsa_zeta_q[m]);

                a->coeff[j + len] = a->coeff[j] - t;
                a->coeff[j] += t;
            }
        }
    }
}

/* Alg. 42, with the zetas inverted instead of negated and taken backwards. Each layer doubles a
 * magnitude at most: from below q to below 256 q, which is below 2^31. */
static void ntt_inverse(struct mldsa_poly *a)
{
    for (unsigned len = 1; len < 128; len *= 2) {
        unsigned m = 128 / len;

        for (unsigned start = 0; start < MLDSA_N; start += 2 * len, m++) {
            for (unsigned j = start; j < start + len; j++) {
                const int32_t t = a->coeff[j];

                a->coeff[j] = t + a->coeff[j + len];
                a->coeff[j + len] =
                    mldsa_mul(t - a->coeff[j + len], mldsa_zeta_inv[m], mldsa_zeta_inv_q[m]);
            }
        }
    }
    for (unsigned j = 0; j < 128; j++) {
        const int32_t t = a->coeff[j];

        a->coeff[j] = mldsa_mul(t + a->coeff[j + 128], MLDSA_SCALE, MLDSA_SCALE_Q);
        a->coeff[j + 128] =
            mldsa_mul(t - a->coeff[j + 128], MLDSA_SCALE_ZETA, MLDSA_SCALE_ZETA_Q);
    }
}

static void hat_order(struct mldsa_poly *a)
{
    (void)a;
}

/* The sum stays below (7 * 9 + 81) q^2, which is below 2^31 q. */
static void hat_dot(struct mldsa_poly *r, const struct mldsa_poly *a,
                    const struct mldsa_poly *b, unsigned n)
{
    for (unsigned i = 0; i < MLDSA_N; i++) {
        int64_t sum = 0;

        for (unsigned j = 0; j < n; j++) {
            sum += (int64_t)a[j].coeff[i] * b[j].coeff[i];
        }
        r->coeff[i] = mldsa_reduce(sum);
    }
}

static void w1_encode(const struct mldsa_poly *w1, int32_t gamma2, uint8_t *out)
{
    const int32_t *w = w1->coeff;

    if (gamma2 == (MLDSA_Q - 1) / 32) {
        for (size_t i = 0; i < MLDSA_N / 2; i++) {
            out[i] = (uint8_t)(w[2 * i] | w[2 * i + 1] << 4);
        }
        return;
    }
    for (size_t i = 0; i < MLDSA_N / 4; i++, w += 4) {
        out[3 * i] = (uint8_t)(w[0] | w[1] << 6);
        out[3 * i + 1] = (uint8_t)(w[1] >> 2 | w[2] << 4);
        out[3 * i + 2] = (uint8_t)(w[2] >> 4 | w[3] << 2);
    }
}

static void gamma1_unpack(struct mldsa_poly *r, int32_t gamma1, const uint8_t *in)
{
    const unsigned bits = gamma1 == 1 << 19 ? 20 : 18;
    const uint32_t mask = (1u << bits) - 1;

    for (unsigned i = 0; i < MLDSA_N; i++) {
        const unsigned at = i * bits;
        uint32_t four;

        memcpy(&four, in + at / 8, 4);
        r->coeff[i] = gamma1 - (int32_t)((four >> at % 8) & mask);
    }
}

/* CoeffFromThreeBytes (alg. 14). */
static unsigned take_uniform(struct mldsa_poly *a, unsigned have, const uint8_t *in, size_t n)
{
    for (size_t i = 0; i + 3 <= n && have < MLDSA_N; i += 3) {
        const int32_t v = in[i] | in[i + 1] << 8 | (in[i + 2] & 0x7f) << 16;

        if (v < MLDSA_Q) {
            a->coeff[have++] = v;
        }
    }
    return have;
}

const struct mldsa_path mldsa_portable = {
    .name = "portable",
    .keccak = &keccak_portable,
    .ntt = ntt,
    .ntt_inverse = ntt_inverse,
    .hat_order = hat_order,
    .hat_dot = hat_dot,
    .add_small = add_small,
    .sub_small = sub_small,
    .norm_reaches = norm_reaches,
    .decompose = decompose,
    .use_hint = use_hint,
    .w1_encode = w1_encode,
    .gamma1_unpack = gamma1_unpack,
    .take_uniform = take_uniform,
};

const struct mldsa_path *mldsa_avx2(void)
{
#if CPU_BUILD_AVX2
    return cpu_has_avx2() ? &mldsa_avx2_path : NULL;
#else
    return NULL;
#endif
}

const struct mldsa_path *mldsa_best(void)
{
    const struct mldsa_path *wide = mldsa_avx2();

    return wide != NULL ? wide : &mldsa_portable;
}
