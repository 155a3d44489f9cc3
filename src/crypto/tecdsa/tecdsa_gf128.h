/* tecdsa_gf128.h - GF(2^128) = GF(2)[x] / (x^128 + x^7 + x^2 + x + 1), in which the OT
 * extension checks its columns. The coefficient of x^j is bit j % 8 of byte j / 8. Not GHASH's
 * order of bits. */
#ifndef CRYPTO_TECDSA_GF128_H
#define CRYPTO_TECDSA_GF128_H

#include <stddef.h>
#include <stdint.h>

#define TECDSA_GF128_LEN 16
#define TECDSA_GF128_TERMS_MAX 5

/* out = v_n + sum over m < n of v_m chi_m, where v is n + 1 elements and n is at most
 * TECDSA_GF128_TERMS_MAX: the function F of the check. v may be secret; chi is public, and time
 * may depend on it. */
void tecdsa_gf128_hash(const uint8_t *v, const uint8_t *chi, size_t n,
                       uint8_t out[TECDSA_GF128_LEN]);

#endif
