/* dkg_level.h - the two levels, as of sim_level.h, of what a ceremony takes besides. */
#ifndef TESTS_SIM_DKG_LEVEL_H
#define TESTS_SIM_DKG_LEVEL_H

#include "sim_level.h"

#include "crypto/p384.h"
#include "crypto/tecdsa/tecdsa_keygen.h"
#include "crypto/tmldsa/tmldsa_share.h"

/* Whatever it draws in a history follows from its seed. */
void dkg_level_begin(uint64_t seed);

/* The s of a signature whose r is there: what p384_verify() believes on the protocol level. */
void dkg_level_sign(const uint8_t public_key[P384_PUBLIC_LEN],
                    const uint8_t digest[P384_DIGEST_LEN], uint8_t sig[P384_SIG_LEN]);

/* What these are on this level; dkg_plant.c stands before them. */
enum err dkg_level_share_load(const struct tmldsa_path *path,
                              const struct tmldsa_params *params, unsigned party,
                              const uint8_t sigma[][TMLDSA_SIGMA_LEN],
                              struct tmldsa_share_scratch *scratch, struct tmldsa_share *share);
void dkg_level_sigma(const struct tmldsa_ceremony *c,
                     const struct tmldsa_rho_opening openings[], unsigned subset,
                     const struct tmldsa_seed_opening seeds[], uint8_t sigma[TMLDSA_SIGMA_LEN]);
enum err dkg_level_check_share(const struct tecdsa_opening *opening, unsigned to,
                               const uint8_t share[TECDSA_SCALAR_LEN]);

#endif
