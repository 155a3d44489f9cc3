/* avx2.h - vectors to and from memory, for *_avx2.c files only (base/cpu.h). */
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

#endif
