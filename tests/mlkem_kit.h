/* mlkem_kit.h - ML-KEM for tests: every set, every path, room for one key, a stream of noise.
 */
#ifndef TESTS_MLKEM_KIT_H
#define TESTS_MLKEM_KIT_H

#include "crypto/mlkem/mlkem.h"

#include <stdio.h>
#include <string.h>

static const struct mlkem_params *const mlkem_sets[] = {&mlkem_512, &mlkem_768, &mlkem_1024,
                                                        NULL};

#define MLKEM_PATHS 2

/* The path after this one, of those that this machine has; NULL after the last. */
static inline const struct mlkem_path *mlkem_next_path(const struct mlkem_path *path)
{
    return path == &mlkem_portable ? mlkem_avx2() : NULL;
}

#define FOR_EACH_PATH(path) \
    for (const struct mlkem_path *path = &mlkem_portable; path; path = mlkem_next_path(path))

/* Says what is missing. A group setup. */
static inline int mlkem_find_paths(void **state)
{
    (void)state;
    if (mlkem_avx2() == NULL) {
        printf("SKIP the AVX2 path: this processor has none\n");
    }
    return 0;
}

/* The list ends with NULL. */
#define FOR_EACH_SET(params)                                                                 \
    for (const struct mlkem_params *const *params##_at = mlkem_sets, *params = *params##_at; \
         params; params = *++params##_at)

/* Too big for a stack. */
struct mlkem_kit {
    struct mlkem_decaps_key decaps;
    struct mlkem_encaps_key encaps;
    struct mlkem_key_scratch key_scratch;
    struct mlkem_scratch scratch;
    struct mlkem_seed seed;
    struct mlkem_message m;
    struct mlkem_shared_key shared;
    uint8_t ek[MLKEM_EK_MAX], dk[MLKEM_DK_MAX], c[MLKEM_C_MAX];
};

/* Bytes that are the same on every run: SHAKE256 of a label, to be squeezed. */
static inline struct sponge noise_of(const char *label)
{
    struct sponge s;

    sponge_init(&s, &keccak_portable, SPONGE_SHAKE256);
    sponge_absorb(&s, label, strlen(label));
    return s;
}

/* A number in [lo, hi]. */
static inline int32_t noise_in(struct sponge *noise, int32_t lo, int32_t hi)
{
    uint32_t v;

    sponge_squeeze(noise, &v, sizeof v);
    return lo + (int32_t)(v % (uint32_t)(hi - lo + 1));
}

#endif
