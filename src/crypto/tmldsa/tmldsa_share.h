/* tmldsa_share.h - a threshold ML-DSA key as one party has it: the public key, and the secrets
 * of its subsets ready for use. There is no other form of the private key, and no way out of
 * it.
 */
#ifndef CRYPTO_TMLDSA_TMLDSA_SHARE_H
#define CRYPTO_TMLDSA_TMLDSA_SHARE_H

#include "crypto/tmldsa/tmldsa_keygen.h"

#define TMLDSA_KEY_ID_LEN 32

/* What signers and the coordinator know alike. */
struct tmldsa_public_key {
    const struct tmldsa_params *params;
    const struct tmldsa_path *path;
    uint8_t id[TMLDSA_KEY_ID_LEN]; /* the first bytes of tr */
    struct mldsa_public_key key;
};

/* The secrets of one party. Lives in locked memory; ended by wipe(). */
struct tmldsa_share {
    const struct tmldsa_params *params;
    const struct tmldsa_path *path;
    unsigned party;
    struct tmldsa_masks held;
    uint8_t sigma[TMLDSA_HELD_MAX][TMLDSA_SIGMA_LEN];
    struct mldsa_poly s1_hat[TMLDSA_HELD_MAX][MLDSA_L_MAX];
    struct mldsa_poly s2_hat[TMLDSA_HELD_MAX][MLDSA_K_MAX];
};

/* Scratch of loading a share; erased before the call returns. */
struct tmldsa_share_scratch {
    struct mldsa_sampler sampler;
    struct mldsa_poly s[TMLDSA_HELD_MAX][MLDSA_L_MAX + MLDSA_K_MAX];
};

/* The sums s1_i and s2_i of the subsets that a party answers for, as hats. Secret. */
struct tmldsa_duty {
    struct mldsa_poly s1_hat[MLDSA_L_MAX];
    struct mldsa_poly s2_hat[MLDSA_K_MAX];
};

/* ERR_LENGTH: not params->set->pk_len bytes. */
MUST_CHECK enum err tmldsa_public_key_parse(const struct tmldsa_path *path,
                                            const struct tmldsa_params *params, struct view pk,
                                            struct mldsa_key_scratch *scratch,
                                            struct tmldsa_public_key *key);

/* Expands the sigma_I of party's subsets, in the order of tmldsa_alloc_held(). Time shows what
 * mldsa_expand_s() says.
 *
 * ERR_RANGE: for some quorum, sqrt(tau) times the norm of this party's sum passes B / 1.15,
 * where B is the bound that the radii were computed for. It is nobody's fault, and happens
 * less than once in 2^40 keys of (3,5): the ceremony starts anew. *share is zero then. */
MUST_CHECK enum err tmldsa_share_load(const struct tmldsa_path *path,
                                      const struct tmldsa_params *params, unsigned party,
                                      const uint8_t sigma[][TMLDSA_SIGMA_LEN],
                                      struct tmldsa_share_scratch *scratch,
                                      struct tmldsa_share *share);

/* The sums for a quorum of which the share's party is one. The owner wipes them. */
void tmldsa_share_sum(const struct tmldsa_share *share, unsigned act, struct tmldsa_duty *duty);

#endif
