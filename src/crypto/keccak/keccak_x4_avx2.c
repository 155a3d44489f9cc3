#include "base/avx2.h"
#include "crypto/keccak/keccak_wide.h"

/* n is a constant at each use; a rotation by whole bytes is one shuffle. */
ALWAYS_INLINE __m256i rotate(__m256i a, int n)
{
    if (n == 8) {
        return _mm256_shuffle_epi8(a,
                                   _mm256_set_epi64x(0x0e0d0c0b0a09080f, 0x0605040302010007,
                                                     0x0e0d0c0b0a09080f, 0x0605040302010007));
    }
    if (n == 56) {
        return _mm256_shuffle_epi8(a,
                                   _mm256_set_epi64x(0x080f0e0d0c0b0a09, 0x0007060504030201,
                                                     0x080f0e0d0c0b0a09, 0x0007060504030201));
    }
    return _mm256_or_si256(_mm256_slli_epi64(a, n), _mm256_srli_epi64(a, 64 - n));
}

#define LANE __m256i
#define LANE_XOR(a, b) _mm256_xor_si256(a, b)
#define LANE_CHI(a, b, c) _mm256_xor_si256(a, _mm256_andnot_si256(b, c))
#define LANE_ROL(a, n) rotate(a, n)
#define LANE_CONST(c) _mm256_set1_epi64x((int64_t)(c))
#include "crypto/keccak/keccak_round.h"

static void permute_x4(struct keccak_state_x4 *s)
{
    __m256i a[KECCAK_LANES];
    __m256i e[KECCAK_LANES];

    for (int i = 0; i < KECCAK_LANES; i++) {
        a[i] = avx2_load(s->lane[i]);
    }
    for (int r = 0; r < KECCAK_ROUNDS; r += 2) {
        keccak_round(a, e, keccak_iota[r]);
        keccak_round(e, a, keccak_iota[r + 1]);
    }
    for (int i = 0; i < KECCAK_LANES; i++) {
        avx2_store(s->lane[i], a[i]);
    }
}

const struct keccak_path keccak_avx2_path = {"avx2", keccak_permute_avx2, permute_x4};
