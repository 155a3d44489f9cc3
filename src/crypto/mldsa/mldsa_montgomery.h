/* mldsa_montgomery.h - products modulo q without division (Montgomery's reduction, FIPS 204
 * appendix A, with signed representatives). */
#ifndef CRYPTO_MLDSA_MLDSA_MONTGOMERY_H
#define CRYPTO_MLDSA_MLDSA_MONTGOMERY_H

#include "base/cpu.h"
#include "crypto/mldsa/mldsa_params.h"
#include "crypto/mldsa/mldsa_zetas.h"

/* The low 32 bits of a product, as a signed number. */
ALWAYS_INLINE int32_t mldsa_low(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a * (uint32_t)b);
}

/* x 2^-32 mod q, magnitude below q. |x| < 2^31 q. x and low * q agree in their low 32 bits, so
 * the difference is a multiple of 2^32. */
ALWAYS_INLINE int32_t mldsa_reduce(int64_t x)
{
    const int32_t low = mldsa_low((int32_t)x, MLDSA_Q_INV);

    return (int32_t)((x - (int64_t)low * MLDSA_Q) >> 32);
}

/* a b 2^-32 mod q for a constant |b| < q given with b_q = b q^-1 mod 2^32; magnitude below q.
 */
ALWAYS_INLINE int32_t mldsa_mul(int32_t a, int32_t b, int32_t b_q)
{
    return (int32_t)(((int64_t)a * b - (int64_t)mldsa_low(a, b_q) * MLDSA_Q) >> 32);
}

#endif
