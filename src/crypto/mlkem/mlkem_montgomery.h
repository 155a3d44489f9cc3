/* mlkem_montgomery.h - arithmetic modulo q without division: products (Montgomery's reduction,
 * with signed representatives) and representatives (Barrett's). */
#ifndef CRYPTO_MLKEM_MLKEM_MONTGOMERY_H
#define CRYPTO_MLKEM_MLKEM_MONTGOMERY_H

#include "base/cpu.h"
#include "crypto/mlkem/mlkem_params.h"
#include "crypto/mlkem/mlkem_zetas.h"

/* The high and the low 16 bits of a product, as signed numbers. */
ALWAYS_INLINE int16_t mlkem_high(int16_t a, int16_t b)
{
    return (int16_t)(((int32_t)a * b) >> 16);
}

ALWAYS_INLINE int16_t mlkem_low(int16_t a, int16_t b)
{
    return (int16_t)((uint32_t)a * (uint32_t)b);
}

/* x 2^-16 mod q, magnitude below q. |x| < 2^15 q. x and low * q agree in their low 16 bits, so
 * the difference is a multiple of 2^16. */
ALWAYS_INLINE int16_t mlkem_reduce(int32_t x)
{
    const int16_t low = mlkem_low((int16_t)x, MLKEM_Q_INV);

    return (int16_t)((x - (int32_t)low * MLKEM_Q) >> 16);
}

/* a b 2^-16 mod q for a constant |b| < q given with b_q = b q^-1 mod 2^16; magnitude below q.
 */
ALWAYS_INLINE int16_t mlkem_mul(int16_t a, int16_t b, int16_t b_q)
{
    return (int16_t)(mlkem_high(a, b) - mlkem_high(mlkem_low(a, b_q), MLKEM_Q));
}

/* The value of smallest magnitude that is a modulo q, for every a. 20159 is 2^26 / q, rounded:
 * the quotient is that of a / q rounded to nearest. */
ALWAYS_INLINE int16_t mlkem_center(int16_t a)
{
    const int32_t n = ((int32_t)a * 20159 + (1 << 25)) >> 26;

    return (int16_t)(a - n * MLKEM_Q);
}

/* From |a| < q to [0, q). */
ALWAYS_INLINE int16_t mlkem_canonical(int16_t a)
{
    return (int16_t)(a + ((a >> 15) & MLKEM_Q));
}

#endif
