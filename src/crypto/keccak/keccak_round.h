/* keccak_round.h - one body of Keccak-f[1600] for every width. The file that includes it
 * defines
 *   LANE               the type of a lane,
 *   LANE_XOR(a, b)     a ^ b, and LANE_XOR3(a, b, c) where one instruction does it,
 *   LANE_CHI(a, b, c)  a ^ (~b & c),
 *   LANE_ROL(a, n)     a rotated left by the constant n, 1 to 63,
 *   LANE_CONST(c)      the 64-bit constant c in each state. */
#ifndef CRYPTO_KECCAK_KECCAK_ROUND_H
#define CRYPTO_KECCAK_KECCAK_ROUND_H

#include "base/cpu.h"

#include <stdint.h>

#define KECCAK_ROUNDS 24

#ifndef LANE_XOR3
#define LANE_XOR3(a, b, c) LANE_XOR(LANE_XOR(a, b), c)
#endif

/* iota, FIPS 202 3.2.5. */
static const uint64_t keccak_iota[KECCAK_ROUNDS] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

/* chi over one row: out[x] = b[x] ^ (~b[x+1] & b[x+2]), FIPS 202 3.2.4. */
ALWAYS_INLINE void keccak_row(LANE out[5], LANE b0, LANE b1, LANE b2, LANE b3, LANE b4)
{
    out[0] = LANE_CHI(b0, b1, b2);
    out[1] = LANE_CHI(b1, b2, b3);
    out[2] = LANE_CHI(b2, b3, b4);
    out[3] = LANE_CHI(b3, b4, b0);
    out[4] = LANE_CHI(b4, b0, b1);
}

/* theta's sum of column x, FIPS 202 3.2.1. */
ALWAYS_INLINE LANE keccak_column(const LANE a[25], int x)
{
    return LANE_XOR3(LANE_XOR3(a[x], a[x + 5], a[x + 10]), a[x + 15], a[x + 20]);
}

/* One round from a to e. Row y of the result takes lane (x + 3y, x) of a at its place x: that
 * is pi (3.2.3); the rotations are rho (3.2.2). */
ALWAYS_INLINE void keccak_round(const LANE a[25], LANE e[25], uint64_t iota)
{
    const LANE c0 = keccak_column(a, 0);
    const LANE c1 = keccak_column(a, 1);
    const LANE c2 = keccak_column(a, 2);
    const LANE c3 = keccak_column(a, 3);
    const LANE c4 = keccak_column(a, 4);
    const LANE d0 = LANE_XOR(c4, LANE_ROL(c1, 1));
    const LANE d1 = LANE_XOR(c0, LANE_ROL(c2, 1));
    const LANE d2 = LANE_XOR(c1, LANE_ROL(c3, 1));
    const LANE d3 = LANE_XOR(c2, LANE_ROL(c4, 1));
    const LANE d4 = LANE_XOR(c3, LANE_ROL(c0, 1));

    keccak_row(e, LANE_XOR(a[0], d0), LANE_ROL(LANE_XOR(a[6], d1), 44),
               LANE_ROL(LANE_XOR(a[12], d2), 43), LANE_ROL(LANE_XOR(a[18], d3), 21),
               LANE_ROL(LANE_XOR(a[24], d4), 14));
    e[0] = LANE_XOR(e[0], LANE_CONST(iota));
    keccak_row(e + 5, LANE_ROL(LANE_XOR(a[3], d3), 28), LANE_ROL(LANE_XOR(a[9], d4), 20),
               LANE_ROL(LANE_XOR(a[10], d0), 3), LANE_ROL(LANE_XOR(a[16], d1), 45),
               LANE_ROL(LANE_XOR(a[22], d2), 61));
    keccak_row(e + 10, LANE_ROL(LANE_XOR(a[1], d1), 1), LANE_ROL(LANE_XOR(a[7], d2), 6),
               LANE_ROL(LANE_XOR(a[13], d3), 25), LANE_ROL(LANE_XOR(a[19], d4), 8),
               LANE_ROL(LANE_XOR(a[20], d0), 18));
    keccak_row(e + 15, LANE_ROL(LANE_XOR(a[4], d4), 27), LANE_ROL(LANE_XOR(a[5], d0), 36),
               LANE_ROL(LANE_XOR(a[11], d1), 10), LANE_ROL(LANE_XOR(a[17], d2), 15),
               LANE_ROL(LANE_XOR(a[23], d3), 56));
    keccak_row(e + 20, LANE_ROL(LANE_XOR(a[2], d2), 62), LANE_ROL(LANE_XOR(a[8], d3), 55),
               LANE_ROL(LANE_XOR(a[14], d4), 39), LANE_ROL(LANE_XOR(a[15], d0), 41),
               LANE_ROL(LANE_XOR(a[21], d1), 2));
}

#endif
