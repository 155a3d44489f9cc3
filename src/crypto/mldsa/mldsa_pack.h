/* mldsa_pack.h - polynomials and hints as bytes, FIPS 204 7.1 and 7.2. Time depends on no
 * coefficient; a hint is public. */
#ifndef CRYPTO_MLDSA_MLDSA_PACK_H
#define CRYPTO_MLDSA_MLDSA_PACK_H

#include "base/bytes.h"
#include "crypto/mldsa/mldsa_poly.h"

#define MLDSA_T1_LEN 320 /* a polynomial of t1: 10 bits a coefficient */
#define MLDSA_T0_LEN 416 /* a polynomial of t0: 13 bits */

/* One polynomial of t1, coefficients in [0, 2^10). Every string of bytes is one. */
void mldsa_t1_encode(const struct mldsa_poly *t1, uint8_t out[MLDSA_T1_LEN]);
void mldsa_t1_decode(const uint8_t in[MLDSA_T1_LEN], struct mldsa_poly *t1);

/* One polynomial of t0, coefficients in (-2^12, 2^12]. Every string of bytes is one. */
void mldsa_t0_encode(const struct mldsa_poly *t0, uint8_t out[MLDSA_T0_LEN]);
void mldsa_t0_decode(const uint8_t in[MLDSA_T0_LEN], struct mldsa_poly *t0);

/* One polynomial of s1 or s2, coefficients in [-eta, eta], as 96 (eta 2) or 128 (eta 4) bytes.
 * Decoding returns all-ones if a coefficient is outside, else zero. */
void mldsa_eta_encode(const struct mldsa_poly *s, unsigned eta, uint8_t *out);
uint32_t mldsa_eta_decode(const uint8_t *in, unsigned eta, struct mldsa_poly *s);

/* One polynomial of z, coefficients in (-gamma1, gamma1]; decoding is the path's gamma1_unpack.
 */
void mldsa_z_encode(const struct mldsa_poly *z, const struct mldsa_params *params,
                    uint8_t *out);

/* A hint is ones and zeros. */
struct mldsa_hint {
    uint8_t at[MLDSA_K_MAX][MLDSA_N];
};

/* HintBitPack (alg. 20): omega + k bytes. omega ones at most. */
void mldsa_hint_encode(const struct mldsa_params *params, const struct mldsa_hint *hint,
                       uint8_t *out);

/* HintBitUnpack (alg. 21). ERR_LENGTH: not omega + k bytes. ERR_ENCODING: a count that falls or
 * passes omega, places of one polynomial not rising, or bytes not zero after the last place.
 * hint is zero then. */
MUST_CHECK enum err mldsa_hint_decode(const struct mldsa_params *params, struct view in,
                                      struct mldsa_hint *hint);

#endif
