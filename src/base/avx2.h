/* avx2.h - vectors to and from memory, and regrouped in pairs, for *_avx2.c files only
 * (base/cpu.h). */
#ifndef BASE_AVX2_H
#define BASE_AVX2_H

#include "base/cpu.h"

#include <immintrin.h>

/* p is aligned to 32. */
ALWAYS_INLINE __m256i avx2_load(const void *p)
{
    return _mm256_load_si256(p);
}

ALWAYS_INLINE void avx2_store(void *p, __m256i v)
{
    _mm256_store_si256(p, v);
}

/* p may be anywhere. */
ALWAYS_INLINE __m256i avx2_loadu(const void *p)
{
    return _mm256_loadu_si256(p);
}

ALWAYS_INLINE void avx2_storeu(void *p, __m256i v)
{
    _mm256_storeu_si256(p, v);
}

/* Of blocks of so many bits a gets those of even place of both, b those of odd place: in turn
 * one of a and one of b. Each undoes itself. */
ALWAYS_INLINE void avx2_swap_128(__m256i *a, __m256i *b)
{
    const __m256i even = _mm256_permute2x128_si256(*a, *b, 0x20);

    *b = _mm256_permute2x128_si256(*a, *b, 0x31);
    *a = even;
}

/* The same within each half of the vectors. */
ALWAYS_INLINE void avx2_swap_64(__m256i *a, __m256i *b)
{
    const __m256i even = _mm256_unpacklo_epi64(*a, *b);

    *b = _mm256_unpackhi_epi64(*a, *b);
    *a = even;
}

/* The same within each quarter. */
ALWAYS_INLINE void avx2_swap_32(__m256i *a, __m256i *b)
{
    const __m256i even = _mm256_blend_epi32(*a, _mm256_slli_epi64(*b, 32), 0xaa);

    *b = _mm256_blend_epi32(_mm256_srli_epi64(*a, 32), *b, 0xaa);
    *a = even;
}

#endif
