#include "base/avx2.h"
#include "crypto/keccak/keccak_wide.h"

/* Truth tables of three inputs: a ^ b ^ c, and a ^ (~b & c). */
#define LANE __m256i
#define LANE_XOR(a, b) _mm256_xor_si256(a, b)
#define LANE_XOR3(a, b, c) _mm256_ternarylogic_epi64(a, b, c, 0x96)
#define LANE_CHI(a, b, c) _mm256_ternarylogic_epi64(a, b, c, 0xd2)
#define LANE_ROL(a, n) _mm256_rol_epi64(a, n)
#define LANE_CONST(c) _mm256_set1_epi64x((int64_t)(c))
#include "crypto/keccak/keccak_round.h"

ALWAYS_INLINE void rounds(__m256i a[KECCAK_LANES])
{
    __m256i e[KECCAK_LANES];

    for (int r = 0; r < KECCAK_ROUNDS; r += 2) {
        keccak_round(a, e, keccak_iota[r]);
        keccak_round(e, a, keccak_iota[r + 1]);
    }
}

/* In the first of four places: thirty-two registers hold a whole state, sixteen do not. */
static void permute(struct keccak_state *s)
{
    __m256i a[KECCAK_LANES];

    for (int i = 0; i < KECCAK_LANES; i++) {
        a[i] = _mm256_castsi128_si256(_mm_cvtsi64_si128((int64_t)s->lane[i]));
    }
    rounds(a);
    for (int i = 0; i < KECCAK_LANES; i++) {
        s->lane[i] = (uint64_t)_mm256_extract_epi64(a[i], 0);
    }
}

static void permute_x4(struct keccak_state_x4 *s)
{
    __m256i a[KECCAK_LANES];

    for (int i = 0; i < KECCAK_LANES; i++) {
        a[i] = avx2_load(s->lane[i]);
    }
    rounds(a);
    for (int i = 0; i < KECCAK_LANES; i++) {
        avx2_store(s->lane[i], a[i]);
    }
}

const struct keccak_path keccak_avx512_path = {"avx512", permute, permute_x4};
