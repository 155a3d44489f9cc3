/* cpu.h - what the processor can do beyond x86-64, and the compiler extensions that code for it
 * needs. A file named *_avx2.c is compiled for AVX2, BMI1 and BMI2, one named *_avx512.c for
 * AVX-512 F and VL beside these, and one named *_aesni.c for AES-NI (cmake/tree.cmake), on
 * x86-64 only; nothing in it may run before cpu_has_avx2(), cpu_has_avx512() or cpu_has_aes()
 * said yes. */
#ifndef BASE_CPU_H
#define BASE_CPU_H

#include <stdbool.h>

/* Whether these files are in this build. */
#if defined(__x86_64__)
#define CPU_BUILD_AVX2 1
#else
#define CPU_BUILD_AVX2 0
#endif

/* For bodies that are only fast when the constants of the caller reach them. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Before a loop of at most 16 turns whose number is a constant: written out, so that what it
 * works on stays in registers. */
#if defined(__clang__)
#define UNROLLED _Pragma("unroll")
#else
#define UNROLLED _Pragma("GCC unroll 16")
#endif

/* AVX2, BMI1 and BMI2, and the kernel keeps the wide registers. */
bool cpu_has_avx2(void);

/* AVX-512 F and VL, and all that cpu_has_avx2() asks. */
bool cpu_has_avx512(void);

/* AES-NI. */
bool cpu_has_aes(void);

#endif
