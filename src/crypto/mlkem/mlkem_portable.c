#include "crypto/mlkem/mlkem_loops.h"
#include "crypto/mlkem/mlkem_wide.h"

/* Alg. 9. Each layer adds less than q to a magnitude: below 8q, which is below 2^15. */
static void ntt(struct mlkem_poly *a)
{
    unsigned m = 1;

    for (unsigned len = 128; len > 1; len /= 2) {
        for (unsigned start = 0; start < MLKEM_N; start += 2 * len, m++) {
            for (unsigned j = start; j < start + len; j++) {
                const int16_t t = mlkem_mul(a->coeff[j + len], mlkem_zeta[m], mlkem_zeta_q[m]);

                a->coeff[j + len] = (int16_t)(a->coeff[j] - t);
                a->coeff[j] = (int16_t)(a->coeff[j] + t);
            }
        }
    }
    for (unsigned j = 0; j < MLKEM_N; j++) {
        a->coeff[j] = mlkem_center(a->coeff[j]);
    }
}

/* Alg. 10, with the zetas inverted instead of negated and taken backwards. Sums are centered in
 * each layer, so that no difference reaches 2^15. */
static void ntt_inverse(struct mlkem_poly *a)
{
    for (unsigned len = 2; len < 128; len *= 2) {
        unsigned m = 128 / len;

        for (unsigned start = 0; start < MLKEM_N; start += 2 * len, m++) {
            for (unsigned j = start; j < start + len; j++) {
                const int16_t t = a->coeff[j];

                a->coeff[j] = mlkem_center((int16_t)(t + a->coeff[j + len]));
                a->coeff[j + len] = mlkem_mul((int16_t)(t - a->coeff[j + len]),
                                              mlkem_zeta_inv[m], mlkem_zeta_inv_q[m]);
            }
        }
    }
    for (unsigned j = 0; j < 128; j++) {
        const int16_t t = a->coeff[j];

        a->coeff[j] = mlkem_mul((int16_t)(t + a->coeff[j + 128]), MLKEM_SCALE, MLKEM_SCALE_Q);
        a->coeff[j + 128] =
            mlkem_mul((int16_t)(t - a->coeff[j + 128]), MLKEM_SCALE_ZETA, MLKEM_SCALE_ZETA_Q);
    }
}

/* a b modulo X^2 - gamma, alg. 12, without the factor 2^-16 yet; |gamma b1| < q. */
ALWAYS_INLINE void multiply_add(const int16_t a[2], const int16_t b[2], int16_t gamma_b1,
                                int32_t c[2])
{
    c[0] += (int32_t)a[0] * b[0] + (int32_t)a[1] * gamma_b1;
    c[1] += (int32_t)a[0] * b[1] + (int32_t)a[1] * b[0];
}

/* A sum stays below 2 MLKEM_K_MAX q^2, which is below 2^15 q. */
static void hat_dot(struct mlkem_poly *r, const struct mlkem_poly *a, unsigned stride,
                    const struct mlkem_poly *b, unsigned n)
{
    for (unsigned i = 0; i < MLKEM_N; i += 4) {
        const unsigned m = 64 + i / 4;
        int32_t even[2] = {0};
        int32_t odd[2] = {0};

        for (unsigned j = 0; j < n; j++) {
            const int16_t *u = &a[(size_t)j * stride].coeff[i];
            const int16_t *v = &b[j].coeff[i];
            const int16_t g1 = mlkem_mul(v[1], mlkem_zeta[m], mlkem_zeta_q[m]);
            const int16_t g3 = mlkem_mul(v[3], mlkem_zeta[m], mlkem_zeta_q[m]);

            multiply_add(u, v, g1, even);
            multiply_add(u + 2, v + 2, (int16_t)-g3, odd);
        }
        r->coeff[i] = mlkem_reduce(even[0]);
        r->coeff[i + 1] = mlkem_reduce(even[1]);
        r->coeff[i + 2] = mlkem_reduce(odd[0]);
        r->coeff[i + 3] = mlkem_reduce(odd[1]);
    }
}

const struct mlkem_path mlkem_portable = {
    .name = "portable",
    .keccak = &keccak_portable,
    .ntt = ntt,
    .ntt_inverse = ntt_inverse,
    .hat_dot = hat_dot,
    .hat_add = hat_add,
    .add = add,
    .sub_from = sub_from,
    .canonical = canonical,
    .compress = compress,
    .decompress = decompress,
    .encode = encode,
    .decode = decode,
    .cbd = cbd,
    .take_uniform = take_uniform,
};

const struct mlkem_path *mlkem_avx2(void)
{
#if CPU_BUILD_AVX2
    return cpu_has_avx2() ? &mlkem_avx2_path : NULL;
#else
    return NULL;
#endif
}

const struct mlkem_path *mlkem_best(void)
{
    const struct mlkem_path *wide = mlkem_avx2();

    return wide != NULL ? wide : &mlkem_portable;
}
