#include "crypto/keccak/keccak.h"

#include "crypto/keccak/keccak_wide.h"
#include "crypto/keccak/keccak_x1.h"

static void permute(struct keccak_state *s)
{
    keccak_x1(s);
}

static void permute_x4(struct keccak_state_x4 *s)
{
    struct keccak_state one;

    for (int n = 0; n < 4; n++) {
        for (int i = 0; i < KECCAK_LANES; i++) {
            one.lane[i] = s->lane[i][n];
        }
        permute(&one);
        for (int i = 0; i < KECCAK_LANES; i++) {
            s->lane[i][n] = one.lane[i];
        }
    }
}

const struct keccak_path keccak_portable = {"portable", permute, permute_x4};

const struct keccak_path *keccak_avx2(void)
{
#if CPU_BUILD_AVX2
    return cpu_has_avx2() ? &keccak_avx2_path : NULL;
#else
    return NULL;
#endif
}

const struct keccak_path *keccak_avx512(void)
{
#if CPU_BUILD_AVX2
    return cpu_has_avx512() ? &keccak_avx512_path : NULL;
#else
    return NULL;
#endif
}

const struct keccak_path *keccak_best(void)
{
    const struct keccak_path *widest = keccak_avx512();
    const struct keccak_path *wide = widest != NULL ? widest : keccak_avx2();

    return wide != NULL ? wide : &keccak_portable;
}
