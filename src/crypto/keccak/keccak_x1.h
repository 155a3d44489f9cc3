/* keccak_x1.h - Keccak-f[1600] on one state: a text for the compiler, once without and once
 * with BMI (andn, rorx). */
#ifndef CRYPTO_KECCAK_KECCAK_X1_H
#define CRYPTO_KECCAK_KECCAK_X1_H

#include "crypto/keccak/keccak.h"

#include <string.h>

#define LANE uint64_t
#define LANE_XOR(a, b) ((a) ^ (b))
#define LANE_CHI(a, b, c) ((a) ^ (~(b) & (c)))
#define LANE_ROL(a, n) (((a) << (n)) | ((a) >> (64 - (n))))
#define LANE_CONST(c) (c)
#include "crypto/keccak/keccak_round.h"

ALWAYS_INLINE void keccak_x1(struct keccak_state *s)
{
    uint64_t a[KECCAK_LANES];
    uint64_t e[KECCAK_LANES];

    memcpy(a, s->lane, sizeof a);
    for (int r = 0; r < KECCAK_ROUNDS; r += 2) {
        keccak_round(a, e, keccak_iota[r]);
        keccak_round(e, a, keccak_iota[r + 1]);
    }
    memcpy(s->lane, a, sizeof a);
}

#endif
