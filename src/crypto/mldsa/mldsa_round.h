/* mldsa_round.h - rounding and hints of one coefficient, FIPS 204 7.4. */
#ifndef CRYPTO_MLDSA_MLDSA_ROUND_H
#define CRYPTO_MLDSA_MLDSA_ROUND_H

#include "base/cpu.h"
#include "crypto/mldsa/mldsa_params.h"

/* All-ones if a is negative, else zero. */
ALWAYS_INLINE int32_t mldsa_negative(int32_t a)
{
    return -(int32_t)((uint32_t)a >> 31);
}

/* From |a| < q to [0, q). */
ALWAYS_INLINE int32_t mldsa_canonical(int32_t a)
{
    return a + (mldsa_negative(a) & MLDSA_Q);
}

/* The value of magnitude below 2^21 that is a modulo q, if there is one. |a| < 2^30. The shift
 * is arithmetic, as gcc and clang define it. q is 2^23
 * - 8191: for a = v + n q the quotient is n as long as |v - 8191 n| < 2^22. */
ALWAYS_INLINE int32_t mldsa_center(int32_t a)
{
    return a - ((a + (1 << 22)) >> 23) * MLDSA_Q;
}

/* All-ones if |a| >= bound, else zero. |a| and bound are below 2^31 - 1. */
ALWAYS_INLINE uint32_t mldsa_reaches(int32_t a, int32_t bound)
{
    const int32_t sign = mldsa_negative(a);
    const int32_t magnitude = (a ^ sign) - sign;

    return (uint32_t)mldsa_negative(bound - 1 - magnitude);
}

/* Power2Round (alg. 35): r in [0, q) is *r0 plus the result times 2^d, *r0 in (-2^(d-1),
 * 2^(d-1)]. */
ALWAYS_INLINE int32_t mldsa_power2round(int32_t r, int32_t *r0)
{
    const int32_t r1 = (r + (1 << (MLDSA_D - 1)) - 1) >> MLDSA_D;

    *r0 = r - (r1 << MLDSA_D);
    return r1;
}

/* floor(x / (2 gamma2)) for x in [0, q + gamma2). 2 gamma2 is 2^9 * 1023 or 2^11 * 93, and
 * 1023 * 1025 = 93 * 11275 = 2^20 - 1. With y = floor(x / 2^9), (y + 1) * 1025 >> 20 steps from
 * j-1 to j just at y = 1023 j: at y + 1 = 1023 j the product is 2^20 j - j, one more adds 1025,
 * and j is at most 16. The same with 93 and 11275, j at most 44. */
ALWAYS_INLINE int32_t mldsa_div_2gamma2(int32_t x, int32_t gamma2)
{
    return gamma2 == (MLDSA_Q - 1) / 32 ? (((x >> 9) + 1) * 1025) >> 20
                                        : (((x >> 11) + 1) * 11275) >> 20;
}

/* Decompose (alg. 36): the high bits of r in [0, q); *r0 its low bits. Where the high bits
 * would be m they are 0, and then r - q is *r0: the one from alg. 36 is in that r. */
ALWAYS_INLINE int32_t mldsa_decompose(int32_t r, int32_t gamma2, int32_t *r0)
{
    const int32_t m = (MLDSA_Q - 1) / (2 * gamma2);
    int32_t r1 = mldsa_div_2gamma2(r + gamma2 - 1, gamma2);
    int32_t top;

    top = mldsa_negative(m - 1 - r1); /* all-ones if r1 is m */
    r1 &= ~top;
    *r0 = r - r1 * 2 * gamma2 - (top & MLDSA_Q);
    return r1;
}

/* UseHint (alg. 40): the high bits of r in [0, q), corrected by hint, 0 or 1. */
ALWAYS_INLINE int32_t mldsa_use_hint(int32_t r, int32_t gamma2, int32_t hint)
{
    const int32_t m = (MLDSA_Q - 1) / (2 * gamma2);
    int32_t r0;
    int32_t r1 = mldsa_decompose(r, gamma2, &r0);
    const int32_t down = mldsa_negative(r0 - 1); /* r0 <= 0 */

    r1 += hint * (1 + 2 * down); /* one up or one down, mod m */
    r1 += mldsa_negative(r1) & m;
    return r1 - (~mldsa_negative(r1 - m) & m);
}

/* MakeHint (alg. 39) as signing needs it: 1 if the high bits of w1 * 2 gamma2 + r0 are not w1.
 * w1 in [0, m); |r0| < 2^30. The high bits are w1 for r0 in (-gamma2, gamma2], and for -gamma2
 * too if w1 is 0: alg. 36 takes one from r0 there. */
ALWAYS_INLINE uint32_t mldsa_make_hint(int32_t w1, int32_t r0, int32_t gamma2)
{
    const int32_t above = mldsa_negative(gamma2 - r0);
    const int32_t below = mldsa_negative(r0 + gamma2 - 1); /* r0 <= -gamma2 */
    const int32_t edge = ~mldsa_negative(r0 + gamma2) & mldsa_negative(w1 - 1);

    return (uint32_t)(above | (below & ~edge)) & 1;
}

#endif
