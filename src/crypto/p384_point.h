/* p384_point.h - limbs of P-384: constants, range and curve checks. For p384*.c alone. */
#ifndef CRYPTO_P384_POINT_H
#define CRYPTO_P384_POINT_H

#include "crypto/p384.h"

#include <gmp.h>

#define P384_LIMBS 6
#define P384_WIDE_LIMBS 12 /* of a product, or of x and y */
_Static_assert(sizeof(mp_limb_t) == 8 && P384_LIMBS * 8 == P384_SCALAR_LEN,
               "P-384 in limbs of 64 bits");

/* Big-endian bytes <-> limbs, least significant first. */
void p384_limbs_read(const uint8_t in[P384_SCALAR_LEN], mp_limb_t out[P384_LIMBS]);
void p384_limbs_write(const mp_limb_t in[P384_LIMBS], uint8_t out[P384_SCALAR_LEN]);

/* All-ones if 1 <= x < n, else zero. Constant time. */
uint32_t p384_scalar_mask(const mp_limb_t x[P384_LIMBS]);

/* x | y in limbs; results as of p384_check_public(). Public inputs only. */
MUST_CHECK enum err p384_point_read(const uint8_t public_key[P384_PUBLIC_LEN],
                                    mp_limb_t out[P384_WIDE_LIMBS]);

#endif
