/* mlkem_wide.h - what the *_avx2.c files give to mlkem_portable.c and to one another; nobody
 * else uses it. */
#ifndef CRYPTO_MLKEM_MLKEM_WIDE_H
#define CRYPTO_MLKEM_MLKEM_WIDE_H

#include "crypto/mlkem/mlkem_poly.h"

extern const struct mlkem_path mlkem_avx2_path;

/* As the members of struct mlkem_path say; the same numbers as the portable ones give, not
 * merely the same residues. */
void mlkem_ntt_avx2(struct mlkem_poly *a);
void mlkem_ntt_inverse_avx2(struct mlkem_poly *a);
void mlkem_hat_dot_avx2(struct mlkem_poly *r, const struct mlkem_poly *a, unsigned stride,
                        const struct mlkem_poly *b, unsigned n);

#endif
