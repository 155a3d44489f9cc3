/* mldsa_wide.h - what the *_avx2.c files give to mldsa_portable.c and to one another; nobody
 * else uses it. */
#ifndef CRYPTO_MLDSA_MLDSA_WIDE_H
#define CRYPTO_MLDSA_MLDSA_WIDE_H

#include "crypto/mldsa/mldsa_poly.h"

extern const struct mldsa_path mldsa_avx2_path;

/* As the members of struct mldsa_path say. Within each 16 values of a hat, the 8 of even place
 * in FIPS 204's order come first. */
void mldsa_ntt_avx2(struct mldsa_poly *a);
void mldsa_ntt_inverse_avx2(struct mldsa_poly *a);
void mldsa_hat_order_avx2(struct mldsa_poly *a);
void mldsa_hat_dot_avx2(struct mldsa_poly *r, const struct mldsa_poly *a,
                        const struct mldsa_poly *b, unsigned n);
void mldsa_w1_encode_avx2(const struct mldsa_poly *w1, int32_t gamma2, uint8_t *out);
void mldsa_gamma1_unpack_avx2(struct mldsa_poly *r, int32_t gamma1, const uint8_t *in);
unsigned mldsa_take_uniform_avx2(struct mldsa_poly *a, unsigned have, const uint8_t *in,
                                 size_t n);

#endif
