#include "base/avx2.h"
#include "crypto/mlkem/mlkem_wide.h"
#include "crypto/mlkem/mlkem_zetas.h"

/* Sixteen constants to multiply by, each with its product by q^-1 (mlkem_zetas.h). */
struct factor {
    __m256i z, z_q;
};

/* mlkem_mul() in each lane. */
ALWAYS_INLINE __m256i mul(__m256i a, struct factor f)
{
    const __m256i q = _mm256_set1_epi16(MLKEM_Q);

    return _mm256_sub_epi16(_mm256_mulhi_epi16(a, f.z),
                            _mm256_mulhi_epi16(_mm256_mullo_epi16(a, f.z_q), q));
}

/* mlkem_center(): its sum is below 2^31, and what it adds is a multiple of 2^16. */
ALWAYS_INLINE __m256i center(__m256i a)
{
    const __m256i high = _mm256_mulhi_epi16(a, _mm256_set1_epi16(20159));
    const __m256i n = _mm256_srai_epi16(_mm256_add_epi16(high, _mm256_set1_epi16(1 << 9)), 10);

    return _mm256_sub_epi16(a, _mm256_mullo_epi16(n, _mm256_set1_epi16(MLKEM_Q)));
}

/* One constant for all lanes. */
ALWAYS_INLINE struct factor same(int16_t z, int16_t z_q)
{
    return (struct factor){_mm256_set1_epi16(z), _mm256_set1_epi16(z_q)};
}

/* Two constants, each for eight lanes; four, each for four; eight, each for two. */
ALWAYS_INLINE __m256i spread2(const int16_t *z)
{
    return _mm256_set_m128i(_mm_set1_epi16(z[1]), _mm_set1_epi16(z[0]));
}

ALWAYS_INLINE __m256i spread4(const int16_t *z)
{
    const __m256i each = _mm256_setr_epi8(0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3, 4, 5,
                                          4, 5, 4, 5, 4, 5, 6, 7, 6, 7, 6, 7, 6, 7);

    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadl_epi64((const void *)z)),
                               each);
}

ALWAYS_INLINE __m256i spread8(const int16_t *z)
{
    const __m256i v = _mm256_cvtepu16_epi32(_mm_load_si128((const void *)z));

    return _mm256_or_si256(v, _mm256_slli_epi32(v, 16));
}

ALWAYS_INLINE struct factor factor2(const int16_t *z, const int16_t *z_q)
{
    return (struct factor){spread2(z), spread2(z_q)};
}

ALWAYS_INLINE struct factor factor4(const int16_t *z, const int16_t *z_q)
{
    return (struct factor){spread4(z), spread4(z_q)};
}

ALWAYS_INLINE struct factor factor8(const int16_t *z, const int16_t *z_q)
{
    return (struct factor){spread8(z), spread8(z_q)};
}

ALWAYS_INLINE struct factor zeta(unsigned m)
{
    return same(mlkem_zeta[m], mlkem_zeta_q[m]);
}

ALWAYS_INLINE struct factor zeta_inv(unsigned m)
{
    return same(mlkem_zeta_inv[m], mlkem_zeta_inv_q[m]);
}

ALWAYS_INLINE void butterfly(__m256i *a, __m256i *b, struct factor f)
{
    const __m256i t = mul(*b, f);

    *b = _mm256_sub_epi16(*a, t);
    *a = _mm256_add_epi16(*a, t);
}

ALWAYS_INLINE void butterfly_inverse(__m256i *a, __m256i *b, struct factor f)
{
    const __m256i t = _mm256_sub_epi16(*a, *b);

    *a = center(_mm256_add_epi16(*a, *b));
    *b = mul(t, f);
}

/* Layers len = 8, 4, 2 of the 32 coefficients number p: regrouped so that the partners of a
 * layer stand in the same lane of the two. */
ALWAYS_INLINE void last_layers(__m256i *a, __m256i *b, unsigned p)
{
    avx2_swap_128(a, b);
    butterfly(a, b, factor2(&mlkem_zeta[16 + 2 * p], &mlkem_zeta_q[16 + 2 * p]));
    avx2_swap_64(a, b);
    butterfly(a, b, factor4(&mlkem_zeta[32 + 4 * p], &mlkem_zeta_q[32 + 4 * p]));
    avx2_swap_32(a, b);
    butterfly(a, b, factor8(&mlkem_zeta[64 + 8 * p], &mlkem_zeta_q[64 + 8 * p]));
    avx2_swap_32(a, b);
    avx2_swap_64(a, b);
    avx2_swap_128(a, b);
}

ALWAYS_INLINE void first_inverse_layers(__m256i *a, __m256i *b, unsigned p)
{
    avx2_swap_128(a, b);
    avx2_swap_64(a, b);
    avx2_swap_32(a, b);
    butterfly_inverse(a, b,
                      factor8(&mlkem_zeta_inv[64 + 8 * p], &mlkem_zeta_inv_q[64 + 8 * p]));
    avx2_swap_32(a, b);
    butterfly_inverse(a, b,
                      factor4(&mlkem_zeta_inv[32 + 4 * p], &mlkem_zeta_inv_q[32 + 4 * p]));
    avx2_swap_64(a, b);
    butterfly_inverse(a, b,
                      factor2(&mlkem_zeta_inv[16 + 2 * p], &mlkem_zeta_inv_q[16 + 2 * p]));
    avx2_swap_128(a, b);
}

void mlkem_ntt_avx2(struct mlkem_poly *a)
{
    for (unsigned col = 0; col < 32; col += 16) { /* len = 128, 64, 32 */
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
    for (unsigned at = 0, p = 0; at < MLKEM_N; at += 32, p++) { /* len = 16 and below */
        __m256i lo = avx2_load(&a->coeff[at]);
        __m256i hi = avx2_load(&a->coeff[at + 16]);

        butterfly(&lo, &hi, zeta(8 + p));
        last_layers(&lo, &hi, p);
        avx2_store(&a->coeff[at], center(lo));
        avx2_store(&a->coeff[at + 16], center(hi));
    }
}

void mlkem_ntt_inverse_avx2(struct mlkem_poly *a)
{
    for (unsigned at = 0, p = 0; at < MLKEM_N; at += 32, p++) { /* len = 2 to 16 */
        __m256i lo = avx2_load(&a->coeff[at]);
        __m256i hi = avx2_load(&a->coeff[at + 16]);

        first_inverse_layers(&lo, &hi, p);
        butterfly_inverse(&lo, &hi, zeta_inv(8 + p));
        avx2_store(&a->coeff[at], lo);
        avx2_store(&a->coeff[at + 16], hi);
    }
    for (unsigned col = 0; col < 32; col += 16) { /* len = 32, 64, 128 */
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
            const __m256i sum = _mm256_add_epi16(v[i], v[i + 4]);
            const __m256i less = _mm256_sub_epi16(v[i], v[i + 4]);

            v[i] = mul(sum, same(MLKEM_SCALE, MLKEM_SCALE_Q));
            v[i + 4] = mul(less, same(MLKEM_SCALE_ZETA, MLKEM_SCALE_ZETA_Q));
        }
        for (unsigned i = 0; i < 8; i++) {
            avx2_store(&a->coeff[32 * i + col], v[i]);
        }
    }
}

/* Of each pair (b0, b1) this is (b0, gamma b1): gamma is zeta[m] and -zeta[m] in turn. */
ALWAYS_INLINE __m256i by_gamma(__m256i b, struct factor f)
{
    const __m256i turns =
        _mm256_setr_epi16(1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1);

    return _mm256_blend_epi16(b, _mm256_sign_epi16(mul(b, f), turns), 0xaa);
}

/* mlkem_reduce() of sums in 32-bit lanes, those of even places and those of odd ones: their low
 * halves go away, so the difference of the high halves is all. */
ALWAYS_INLINE __m256i reduce(__m256i even, __m256i odd)
{
    const __m256i low = _mm256_blend_epi16(even, _mm256_slli_epi32(odd, 16), 0xaa);
    const __m256i high = _mm256_blend_epi16(_mm256_srli_epi32(even, 16), odd, 0xaa);
    const __m256i n = _mm256_mullo_epi16(low, _mm256_set1_epi16(MLKEM_Q_INV));

    return _mm256_sub_epi16(high, _mm256_mulhi_epi16(n, _mm256_set1_epi16(MLKEM_Q)));
}

/* Alg. 12 of eight pairs at a time: a product of pairs is two sums of two products. */
void mlkem_hat_dot_avx2(struct mlkem_poly *r, const struct mlkem_poly *a, unsigned stride,
                        const struct mlkem_poly *b, unsigned n)
{
    for (unsigned i = 0; i < MLKEM_N; i += 16) {
        const unsigned m = 64 + i / 4;
        const struct factor gamma = factor4(&mlkem_zeta[m], &mlkem_zeta_q[m]);
        __m256i even = _mm256_setzero_si256();
        __m256i odd = _mm256_setzero_si256();

        for (unsigned j = 0; j < n; j++) {
            const __m256i u = avx2_load(&a[(size_t)j * stride].coeff[i]);
            const __m256i v = avx2_load(&b[j].coeff[i]);
            const __m256i turned =
                _mm256_or_si256(_mm256_srli_epi32(v, 16), _mm256_slli_epi32(v, 16));

            even = _mm256_add_epi32(even, _mm256_madd_epi16(u, by_gamma(v, gamma)));
            odd = _mm256_add_epi32(odd, _mm256_madd_epi16(u, turned));
        }
        avx2_store(&r->coeff[i], reduce(even, odd));
    }
}
