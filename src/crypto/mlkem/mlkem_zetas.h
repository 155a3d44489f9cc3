/* mlkem_zetas.h - powers of zeta = 17, the 256-th root of unity mod q, FIPS 203 4.3 and
 * appendix A. */
#ifndef CRYPTO_MLKEM_MLKEM_ZETAS_H
#define CRYPTO_MLKEM_MLKEM_ZETAS_H

#include <stdalign.h>
#include <stdint.h>

/* q^-1 mod 2^16. */
#define MLKEM_Q_INV (-3327)

/* zeta^brv(m) * 2^16 mod q, of smallest magnitude, brv the reversal of 7 bits; and that times
 * q^-1 mod 2^16, which saves a multiplication (mlkem_montgomery.h). With gamma_i =
 * zeta^(2 brv(i) + 1) of alg. 11, entry 64 + i is gamma_(2i), and -gamma_(2i+1). */
extern const int16_t mlkem_zeta[128], mlkem_zeta_q[128];

/* The same with zeta^-brv(m). */
extern const int16_t mlkem_zeta_inv[128], mlkem_zeta_inv_q[128];

/* What ends an inverse NTT: 2^32 / 128 mod q, and that times zeta^-64; each again times q^-1
 * mod 2^16. */
#define MLKEM_SCALE 1441
#define MLKEM_SCALE_Q (-10079)
#define MLKEM_SCALE_ZETA (-1397)
#define MLKEM_SCALE_ZETA_Q (-5237)

/* 2^32 mod q, and that times q^-1 mod 2^16. */
#define MLKEM_R2 1353
#define MLKEM_R2_Q 20553

#endif
