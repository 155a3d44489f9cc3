/* mldsa_kit.h - ML-DSA for tests: every set, every path, room for one key, a stream of noise.
 */
#ifndef TESTS_MLDSA_KIT_H
#define TESTS_MLDSA_KIT_H

#include "crypto/mldsa/mldsa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct mldsa_params *const mldsa_sets[] = {&mldsa_44, &mldsa_65, &mldsa_87, NULL};

#define MLDSA_PATHS 2

/* The path after this one, of those that this machine has; NULL after the last. */
static inline const struct mldsa_path *mldsa_next_path(const struct mldsa_path *path)
{
    return path == &mldsa_portable ? mldsa_avx2() : NULL;
}

#define FOR_EACH_PATH(path) \
    for (const struct mldsa_path *path = &mldsa_portable; path; path = mldsa_next_path(path))

/* Says what is missing. A group setup. */
static inline int mldsa_find_paths(void **state)
{
    (void)state;
    if (mldsa_avx2() == NULL) {
        printf("SKIP the AVX2 path: this processor has none\n");
    }
    return 0;
}

/* The list ends with NULL. */
#define FOR_EACH_SET(params)                                                                 \
    for (const struct mldsa_params *const *params##_at = mldsa_sets, *params = *params##_at; \
         params; params = *++params##_at)

/* Too big for a stack. */
struct mldsa_kit {
    struct mldsa_private_key private_key;
    struct mldsa_public_key public_key;
    struct mldsa_key_scratch key_scratch;
    struct mldsa_sign_scratch sign_scratch;
    struct mldsa_verify_scratch verify_scratch;
    uint8_t pk[MLDSA_PK_MAX], sk[MLDSA_SK_MAX], sig[MLDSA_SIG_MAX];
};

/* Whether a test may take minutes. */
static inline bool mldsa_long(void)
{
    const char *value = getenv("QUORATE_LONG");

    return value != NULL && strcmp(value, "1") == 0;
}

/* Whether the compiler made the code fast. */
static inline bool mldsa_fast(void)
{
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
    return true;
#else
    return false;
#endif
}

/* The same numbers on every run. */
static inline uint64_t noise(uint64_t *state)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

static inline void noise_bytes(uint64_t *state, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = (uint8_t)noise(state);
    }
}

/* A number in [lo, hi]. */
static inline int32_t noise_in(uint64_t *state, int32_t lo, int32_t hi)
{
    const uint64_t span = (uint64_t)((int64_t)hi - lo) + 1;

    return (int32_t)(lo + (int64_t)(noise(state) % span));
}

#endif
