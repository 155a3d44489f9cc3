/* mldsa_zetas.h - powers of zeta = 1753, the 512-th root of unity mod q, FIPS 204 2.5 and
 * appendix B. */
#ifndef CRYPTO_MLDSA_MLDSA_ZETAS_H
#define CRYPTO_MLDSA_MLDSA_ZETAS_H

#include <stdalign.h>
#include <stdint.h>

/* q^-1 mod 2^32. */
#define MLDSA_Q_INV 58728449

/* zeta^brv(m) * 2^32 mod q, of smallest magnitude, brv the reversal of 8 bits; and that times
 * q^-1 mod 2^32, which saves a multiplication (mldsa_montgomery.h). */
extern const int32_t mldsa_zeta[256], mldsa_zeta_q[256];

/* The same with zeta^-brv(m). */
extern const int32_t mldsa_zeta_inv[256], mldsa_zeta_inv_q[256];

/* What ends an inverse NTT: 2^64 / 256 mod q, and that times zeta^-128; each again times q^-1
 * mod 2^32. */
#define MLDSA_SCALE 41978
#define MLDSA_SCALE_Q (-8395782)
#define MLDSA_SCALE_ZETA 3975713
#define MLDSA_SCALE_ZETA_Q 151046689

#endif
