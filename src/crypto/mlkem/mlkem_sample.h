/* mlkem_sample.h - pseudorandom polynomials, FIPS 203 4.2.2. */
#ifndef CRYPTO_MLKEM_MLKEM_SAMPLE_H
#define CRYPTO_MLKEM_MLKEM_SAMPLE_H

#include "crypto/keccak/sponge_x4.h"
#include "crypto/mlkem/mlkem_poly.h"

#define MLKEM_SAMPLE_BLOCKS 3 /* enough for one polynomial of A, but for one in a hundred */

/* Scratch of the functions below. Holds secrets after mlkem_sample_cbd(): the owner wipes it.
 */
struct mlkem_sampler {
    struct sponge_x4 x4;
    uint8_t seed[4][MLKEM_SEED_LEN + 2];
    uint8_t bytes[4][MLKEM_SAMPLE_BLOCKS * SHAKE128_RATE + MLKEM_SLACK];
};

/* A (alg. 13, lines 3 to 7): entry (i, j) to a_hat[i * params->k + j]. rho is public. */
void mlkem_expand_a(const struct mlkem_path *path, const struct mlkem_params *params,
                    const uint8_t rho[MLKEM_SEED_LEN], struct mlkem_sampler *sampler,
                    struct mlkem_poly *a_hat);

/* SamplePolyCBD_eta(PRF_eta(seed, N)) (alg. 8, 4.1) for N = first and the count - 1 that
 * follow. Any count. */
void mlkem_sample_cbd(const struct mlkem_path *path, const uint8_t seed[MLKEM_SEED_LEN],
                      unsigned first, unsigned eta, struct mlkem_sampler *sampler,
                      struct mlkem_poly *to, unsigned count);

#endif
