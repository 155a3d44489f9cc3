/* mldsa_sample.h - pseudorandom polynomials, FIPS 204 7.3. */
#ifndef CRYPTO_MLDSA_MLDSA_SAMPLE_H
#define CRYPTO_MLDSA_MLDSA_SAMPLE_H

#include "crypto/keccak/sponge_x4.h"
#include "crypto/mldsa/mldsa_poly.h"

#define MLDSA_SAMPLE_BLOCKS 5 /* enough for one polynomial, but for a few in a million */

/* Scratch of the functions below. Holds secrets after expand_s and expand_mask: the owner wipes
 * it. */
struct mldsa_sampler {
    struct sponge_x4 x4;
    uint8_t seed[4][MLDSA_RHO_PRIME_LEN + 2];
    uint8_t bytes[4][MLDSA_SAMPLE_BLOCKS * SHAKE128_RATE + MLDSA_SLACK];
};

/* ExpandA (alg. 32): entry (r, s) of A to a_hat[r * stride + s], in the path's order. rho is
 * public. */
void mldsa_expand_a(const struct mldsa_path *path, const struct mldsa_params *params,
                    const uint8_t rho[MLDSA_SEED_LEN], struct mldsa_sampler *sampler,
                    struct mldsa_poly *a_hat, unsigned stride);

/* ExpandS (alg. 33). Time shows which nibbles of the stream were refused (alg. 31). That is
 * harmless: the stream is the output of SHAKE256 on a secret seed, so what is refused says
 * nothing of what is kept. Nothing else shows. */
void mldsa_expand_s(const struct mldsa_path *path, const struct mldsa_params *params,
                    const uint8_t rho_prime[MLDSA_RHO_PRIME_LEN], struct mldsa_sampler *sampler,
                    struct mldsa_poly *s1, struct mldsa_poly *s2);

/* Four polynomials of ExpandMask (alg. 34): those made with the counters first to first + 3. */
void mldsa_expand_mask(const struct mldsa_path *path, const struct mldsa_params *params,
                       const uint8_t rho_pp[MLDSA_RHO_PRIME_LEN], unsigned first,
                       struct mldsa_sampler *sampler, struct mldsa_poly y[4]);

/* SampleInBall (alg. 29). c_tilde, params->c_tilde_len bytes, is public. */
void mldsa_sample_in_ball(const struct mldsa_path *path, const struct mldsa_params *params,
                          const uint8_t *c_tilde, struct mldsa_poly *c);

#endif
