#include "base/avx2.h"
#include "crypto/mldsa/mldsa_wide.h"
#include "crypto/mldsa/mldsa_zetas.h"

/* Eight constants to multiply by, each with its product by q^-1 (mldsa_zetas.h). Only even
 * 32-bit lanes take part in a multiplication: of even are the factors of even lanes, of odd
 * those of odd lanes, moved down. */
struct factor {
    __m256i even, odd, even_q, odd_q;
};

/* mldsa_mul() in each lane. The two 64-bit differences have zeros in their low halves. */
ALWAYS_INLINE __m256i mul(__m256i a, struct factor f)
{
    const __m256i q = _mm256_set1_epi32(MLDSA_Q);
    const __m256i a_odd = _mm256_srli_epi64(a, 32);
    const __m256i even = _mm256_sub_epi64(_mm256_mul_epi32(a, f.even),
                                          _mm256_mul_epi32(_mm256_mul_epi32(a, f.even_q), q));
    const __m256i odd = _mm256_sub_epi64(_mm256_mul_epi32(a_odd, f.odd),
                                         _mm256_mul_epi32(_mm256_mul_epi32(a_odd, f.odd_q), q));

    return _mm256_or_si256(_mm256_srli_epi64(even, 32), odd);
}

/* One constant for all lanes. */
ALWAYS_INLINE struct factor same(int32_t z, int32_t z_q)
{
    const __m256i v = _mm256_set1_epi32(z);
    const __m256i v_q = _mm256_set1_epi32(z_q);

    return (struct factor){v, v, v_q, v_q};
}

/* Two constants, each for four lanes. */
ALWAYS_INLINE __m256i spread2(const int32_t *z)
{
    return _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(_mm_loadl_epi64((const void *)z)),
                                       _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1));
}

/* Four constants, each for two lanes. */
ALWAYS_INLINE __m256i spread4(const int32_t *z)
{
    return _mm256_cvtepu32_epi64(_mm_load_si128((const void *)z));
}

ALWAYS_INLINE struct factor factor2(const int32_t *z, const int32_t *z_q)
{
    const __m256i v = spread2(z);
    const __m256i v_q = spread2(z_q);

    return (struct factor){v, v, v_q, v_q};
}

ALWAYS_INLINE struct factor factor4(const int32_t *z, const int32_t *z_q)
{
    const __m256i v = spread4(z);
    const __m256i v_q = spread4(z_q);

    return (struct factor){v, v, v_q, v_q};
}

ALWAYS_INLINE struct factor factor8(const int32_t *z, const int32_t *z_q)
{
    const __m256i v = avx2_load(z);
    const __m256i v_q = avx2_load(z_q);

    return (struct factor){v, _mm256_srli_epi64(v, 32), v_q, _mm256_srli_epi64(v_q, 32)};
}

ALWAYS_INLINE void butterfly(__m256i *a, __m256i *b, struct factor f)
{
    const __m256i t = mul(*b, f);

    *b = _mm256_sub_epi32(*a, t);
    *a = _mm256_add_epi32(*a, t);
}

ALWAYS_INLINE void butterfly_inverse(__m256i *a, __m256i *b, struct factor f)
{
    const __m256i t = _mm256_sub_epi32(*a, *b);

    *a = _mm256_add_epi32(*a, *b);
    *b = mul(t, f);
}

/* Layers len = 4, 2, 1 of the 16 coefficients number p: regrouped so that the partners of a
 * layer stand in the same lane of the two. */
ALWAYS_INLINE void last_layers(__m256i *a, __m256i *b, unsigned p)
{
    avx2_swap_128(a, b);
    butterfly(a, b, factor2(&mldsa_zeta[32 + 2 * p], &mldsa_zeta_q[32 + 2 * p]));
    avx2_swap_64(a, b);
    butterfly(a, b, factor4(&mldsa_zeta[64 + 4 * p], &mldsa_zeta_q[64 + 4 * p]));
    avx2_swap_32(a, b);
    butterfly(a, b, factor8(&mldsa_zeta[128 + 8 * p], &mldsa_zeta_q[128 + 8 * p]));
}

ALWAYS_INLINE void first_inverse_layers(__m256i *a, __m256i *b, unsigned p)
{
    butterfly_inverse(a, b,
                      factor8(&mldsa_zeta_inv[128 + 8 * p], &mldsa_zeta_inv_q[128 + 8 * p]));
    avx2_swap_32(a, b);
    butterfly_inverse(a, b,
                      factor4(&mldsa_zeta_inv[64 + 4 * p], &mldsa_zeta_inv_q[64 + 4 * p]));
    avx2_swap_64(a, b);
    butterfly_inverse(a, b,
                      factor2(&mldsa_zeta_inv[32 + 2 * p], &mldsa_zeta_inv_q[32 + 2 * p]));
    avx2_swap_128(a, b);
}

ALWAYS_INLINE struct factor zeta(unsigned m)
{
    return same(mldsa_zeta[m], mldsa_zeta_q[m]);
}

ALWAYS_INLINE struct factor zeta_inv(unsigned m)
{
    return same(mldsa_zeta_inv[m], mldsa_zeta_inv_q[m]);
}

void mldsa_ntt_avx2(struct mldsa_poly *a)
{
    for (unsigned col = 0; col < 32; col += 8) { /* len = 128, 64, 32 */
        __m256i v[8];

        for (unsigned i = 0; i < 8; i++) {
            v[i] = avx2_load(&a->coeff[32 * i + col]);
        }
        for (unsigned i = 0; i < 4; i++) {
            butterfly(&v[i], &v[i + 4], zeta(1));
        }
        for (unsigned i = 0; i < 2; i++) {
            butterfly(&v[i], &v[i + 2], zeta(2));
            butterfly(&v[i + 4], &v[i + 6], zeta(3));
        }
        for (unsigned i = 0; i < 8; i += 2) {
            butterfly(&v[i], &v[i + 1], zeta(4 + i / 2));
        }
        for (unsigned i = 0; i < 8; i++) {
            avx2_store(&a->coeff[32 * i + col], v[i]);
        }
    }
    for (unsigned b = 0; b < 8; b++) { /* len = 16 and below */
        __m256i v[4];

        for (unsigned i = 0; i < 4; i++) {
            v[i] = avx2_load(&a->coeff[32 * b + 8 * i]);
        }
        butterfly(&v[0], &v[2], zeta(8 + b));
        butterfly(&v[1], &v[3], zeta(8 + b));
        butterfly(&v[0], &v[1], zeta(16 + 2 * b));
        butterfly(&v[2], &v[3], zeta(16 + 2 * b + 1));
        last_layers(&v[0], &v[1], 2 * b);
        last_layers(&v[2], &v[3], 2 * b + 1);
        for (unsigned i = 0; i < 4; i++) {
            avx2_store(&a->coeff[32 * b + 8 * i], v[i]);
        }
    }
}

void mldsa_ntt_inverse_avx2(struct mldsa_poly *a)
{
    for (unsigned b = 0; b < 8; b++) { /* len = 1 to 16 */
        __m256i v[4];

        for (unsigned i = 0; i < 4; i++) {
            v[i] = avx2_load(&a->coeff[32 * b + 8 * i]);
        }
        first_inverse_layers(&v[0], &v[1], 2 * b);
        first_inverse_layers(&v[2], &v[3], 2 * b + 1);
        butterfly_inverse(&v[0], &v[1], zeta_inv(16 + 2 * b));
        butterfly_inverse(&v[2], &v[3], zeta_inv(16 + 2 * b + 1));
        butterfly_inverse(&v[0], &v[2], zeta_inv(8 + b));
        butterfly_inverse(&v[1], &v[3], zeta_inv(8 + b));
        for (unsigned i = 0; i < 4; i++) {
            avx2_store(&a->coeff[32 * b + 8 * i], v[i]);
        }
    }
    for (unsigned col = 0; col < 32; col += 8) { /* len = 32, 64, 128 */
        __m256i v[8];

        for (unsigned i = 0; i < 8; i++) {
            v[i] = avx2_load(&a->coeff[32 * i + col]);
        }
        for (unsigned i = 0; i < 8; i += 2) {
            butterfly_inverse(&v[i], &v[i + 1], zeta_inv(4 + i / 2));
        }
        for (unsigned i = 0; i < 2; i++) {
            butterfly_inverse(&v[i], &v[i + 2], zeta_inv(2));
            butterfly_inverse(&v[i + 4], &v[i + 6], zeta_inv(3));
        }
        for (unsigned i = 0; i < 4; i++) {
            butterfly_inverse(&v[i], &v[i + 4], same(MLDSA_SCALE_ZETA, MLDSA_SCALE_ZETA_Q));
            v[i] = mul(v[i], same(MLDSA_SCALE, MLDSA_SCALE_Q));
        }
        for (unsigned i = 0; i < 8; i++) {
            avx2_store(&a->coeff[32 * i + col], v[i]);
        }
    }
}

void mldsa_hat_order_avx2(struct mldsa_poly *a)
{
    for (unsigned i = 0; i < MLDSA_N; i += 16) {
        __m256i lo = avx2_load(&a->coeff[i]);
        __m256i hi = avx2_load(&a->coeff[i + 8]);

        avx2_swap_128(&lo, &hi);
        avx2_swap_64(&lo, &hi);
        avx2_swap_32(&lo, &hi);
        avx2_store(&a->coeff[i], lo);
        avx2_store(&a->coeff[i + 8], hi);
    }
}

/* mldsa_reduce() of sums in 64-bit lanes. */
ALWAYS_INLINE __m256i reduce(__m256i even, __m256i odd)
{
    const __m256i q = _mm256_set1_epi32(MLDSA_Q);
    const __m256i q_inv = _mm256_set1_epi32(MLDSA_Q_INV);

    even = _mm256_sub_epi64(even, _mm256_mul_epi32(_mm256_mul_epi32(even, q_inv), q));
    odd = _mm256_sub_epi64(odd, _mm256_mul_epi32(_mm256_mul_epi32(odd, q_inv), q));
    return _mm256_or_si256(_mm256_srli_epi64(even, 32), odd);
}

/* n is a constant at each use. */
ALWAYS_INLINE void dot(struct mldsa_poly *r, const struct mldsa_poly *a,
                       const struct mldsa_poly *b, unsigned n)
{
    for (unsigned i = 0; i < MLDSA_N; i += 8) {
        __m256i even = _mm256_setzero_si256();
        __m256i odd = _mm256_setzero_si256();

        for (unsigned j = 0; j < n; j++) {
            const __m256i x = avx2_load(&a[j].coeff[i]);
            const __m256i y = avx2_load(&b[j].coeff[i]);

            even = _mm256_add_epi64(even, _mm256_mul_epi32(x, y));
            odd = _mm256_add_epi64(
                odd, _mm256_mul_epi32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(y, 32)));
        }
        avx2_store(&r->coeff[i], reduce(even, odd));
    }
}

void mldsa_hat_dot_avx2(struct mldsa_poly *r, const struct mldsa_poly *a,
                        const struct mldsa_poly *b, unsigned n)
{
    switch (n) {
    case 1: /* by c */
        dot(r, a, b, 1);
        break;
    case 4: /* a row of A of ML-DSA-44 */
        dot(r, a, b, 4);
        break;
    case 5: /* of ML-DSA-65; of ML-DSA-44 with t1 */
        dot(r, a, b, 5);
        break;
    case 6: /* of ML-DSA-65 with t1 */
        dot(r, a, b, 6);
        break;
    case 7: /* of ML-DSA-87 */
        dot(r, a, b, 7);
        break;
    case 8: /* of ML-DSA-87 with t1 */
        dot(r, a, b, 8);
        break;
    default:
        dot(r, a, b, n);
        break;
    }
}
