#include "base/avx2.h"
#include "crypto/mldsa/mldsa_wide.h"

/* 32 coefficients below 2^8 as 32 bytes. */
ALWAYS_INLINE __m256i narrow(const int32_t *w)
{
    const __m256i a = _mm256_packus_epi32(avx2_load(w), avx2_load(w + 8));
    const __m256i b = _mm256_packus_epi32(avx2_load(w + 16), avx2_load(w + 24));

    /* the packs work within halves: [0 2 4 6 | 1 3 5 7] in units of four */
    return _mm256_permutevar8x32_epi32(_mm256_packus_epi16(a, b),
                                       _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

/* 64 coefficients of 4 bits as 32 bytes. */
ALWAYS_INLINE void encode_4_bits(const int32_t *w, uint8_t *out)
{
    const __m256i by = _mm256_set1_epi16(0x1001); /* 1 and 16 */
    const __m256i a = _mm256_maddubs_epi16(narrow(w), by);
    const __m256i b = _mm256_maddubs_epi16(narrow(w + 32), by);

    avx2_storeu(out, _mm256_permute4x64_epi64(_mm256_packus_epi16(a, b), 0xd8));
}

/* 32 coefficients of 6 bits as 24 bytes. */
ALWAYS_INLINE void encode_6_bits(const int32_t *w, uint8_t *out)
{
    const __m256i pairs = _mm256_maddubs_epi16(narrow(w), _mm256_set1_epi16(0x4001));
    const __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x10000001));
    const __m256i dense = _mm256_shuffle_epi8(
        fours, _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, 0, 1, 2,
                                4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
    const __m256i joined =
        _mm256_permutevar8x32_epi32(dense, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));

    _mm_storeu_si128((void *)out, _mm256_castsi256_si128(joined));
    _mm_storel_epi64((void *)(out + 16), _mm256_extracti128_si256(joined, 1));
}

void mldsa_w1_encode_avx2(const struct mldsa_poly *w1, int32_t gamma2, uint8_t *out)
{
    if (gamma2 == (MLDSA_Q - 1) / 32) {
        for (unsigned i = 0; i < MLDSA_N; i += 64) {
            encode_4_bits(&w1->coeff[i], out + i / 2);
        }
    } else {
        for (unsigned i = 0; i < MLDSA_N; i += 32) {
            encode_6_bits(&w1->coeff[i], out + i * 3 / 4);
        }
    }
}

/* Eight coefficients from two strings of bits/2 bytes: the bytes that hold each, then a shift.
 */
ALWAYS_INLINE __m256i unpack8(const uint8_t *in, unsigned bits, __m128i bytes, __m256i shift)
{
    const __m256i two =
        _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const void *)in)),
                                _mm_loadu_si128((const void *)(in + bits / 2)), 1);
    const __m256i v = _mm256_shuffle_epi8(two, _mm256_broadcastsi128_si256(bytes));

    return _mm256_and_si256(_mm256_srlv_epi32(v, shift),
                            _mm256_set1_epi32((int32_t)((1u << bits) - 1)));
}

ALWAYS_INLINE void unpack(struct mldsa_poly *r, int32_t gamma1, const uint8_t *in,
                          unsigned bits, __m128i bytes, __m256i shift)
{
    for (unsigned i = 0; i < MLDSA_N; i += 8) {
        const __m256i v = unpack8(in + i * bits / 8, bits, bytes, shift);

        avx2_store(&r->coeff[i], _mm256_sub_epi32(_mm256_set1_epi32(gamma1), v));
    }
}

void mldsa_gamma1_unpack_avx2(struct mldsa_poly *r, int32_t gamma1, const uint8_t *in)
{
    if (gamma1 == 1 << 19) {
        unpack(r, gamma1, in, 20,
               _mm_setr_epi8(0, 1, 2, 3, 2, 3, 4, 5, 5, 6, 7, 8, 7, 8, 9, 10),
               _mm256_setr_epi32(0, 4, 0, 4, 0, 4, 0, 4));
    } else {
        unpack(r, gamma1, in, 18, _mm_setr_epi8(0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7, 8, 9),
               _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
    }
}

/* Eight candidates of 23 bits from 24 bytes. */
ALWAYS_INLINE __m256i candidates(const uint8_t *in)
{
    const __m256i halves = _mm256_permute4x64_epi64(avx2_loadu(in), 0x94); /* 0-15, 8-23 */
    const __m256i v = _mm256_shuffle_epi8(
        halves, _mm256_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, 4, 5, 6,
                                 -1, 7, 8, 9, -1, 10, 11, 12, -1, 13, 14, 15, -1));

    return _mm256_and_si256(v, _mm256_set1_epi32(0x7fffff));
}

/* One candidate in a thousand is refused: eight are taken at once, or one by one. */
unsigned mldsa_take_uniform_avx2(struct mldsa_poly *a, unsigned have, const uint8_t *in,
                                 size_t n)
{
    const __m256i max = _mm256_set1_epi32(MLDSA_Q - 1);

    for (size_t i = 0; i + 24 <= n && have < MLDSA_N; i += 24) {
        alignas(32) int32_t eight[8];
        const __m256i v = candidates(in + i);

        if (have + 8 <= MLDSA_N && _mm256_movemask_epi8(_mm256_cmpgt_epi32(v, max)) == 0) {
            avx2_storeu(&a->coeff[have], v);
            have += 8;
            continue;
        }
        avx2_store(eight, v);
        for (unsigned j = 0; j < 8 && have < MLDSA_N; j++) {
            if (eight[j] < MLDSA_Q) {
                a->coeff[have++] = eight[j];
            }
        }
    }
    return have;
}
