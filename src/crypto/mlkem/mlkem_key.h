/* mlkem_key.h - ML-KEM keys: made, checked, and held ready for use, FIPS 203 7.1 to 7.3.
 *
 * A prepared key holds A and its vectors as hats, so that many operations share that work. It
 * belongs to the path and the parameter set that made it; both must outlive it. */
#ifndef CRYPTO_MLKEM_MLKEM_KEY_H
#define CRYPTO_MLKEM_MLKEM_KEY_H

#include "base/bytes.h"
#include "crypto/mlkem/mlkem_sample.h"

/* Secret: a key pair is made from it, and it may be kept instead of the key (3.3). Each half is
 * 32 fresh random bytes, or a known answer's. */
struct mlkem_seed {
    uint8_t d[MLKEM_SEED_LEN], z[MLKEM_SEED_LEN];
};

/* The encapsulation key ek. Public. */
struct mlkem_encaps_key {
    const struct mlkem_params *params;
    const struct mlkem_path *path;
    uint8_t rho[MLKEM_SEED_LEN];
    uint8_t h[MLKEM_HASH_LEN];                          /* H(ek) */
    struct mlkem_poly a_hat[MLKEM_K_MAX * MLKEM_K_MAX]; /* row after row, k entries each */
    struct mlkem_poly t_hat[MLKEM_K_MAX];               /* [0, q) */
};

/* The decapsulation key dk. Secret. Lives in memory that its owner has locked; ended by wipe().
 */
struct mlkem_decaps_key {
    struct mlkem_encaps_key encaps;
    struct mlkem_poly s_hat[MLKEM_K_MAX]; /* [0, q) */
    uint8_t z[MLKEM_SEED_LEN];
};

/* Scratch of making and reading keys. Erased before each call returns. */
struct mlkem_key_scratch {
    struct mlkem_sampler sampler;
    struct sponge sponge;
    struct mlkem_poly e[MLKEM_K_MAX];
    uint8_t rho_sigma[2 * MLKEM_SEED_LEN];
    uint8_t h[MLKEM_HASH_LEN];
};

/* ML-KEM.KeyGen_internal (alg. 16): the key pair of a seed. ek gets params->ek_len bytes.
 * Cannot fail. */
void mlkem_keygen(const struct mlkem_path *path, const struct mlkem_params *params,
                  const struct mlkem_seed *seed, struct mlkem_key_scratch *scratch,
                  struct mlkem_decaps_key *key, uint8_t *ek);

/* The encapsulation key that a peer sent, with the checks of 7.2. *key is zero on failure.
 * ERR_LENGTH: not params->ek_len bytes. ERR_RANGE: a number of t is q or more (modulus check).
 */
MUST_CHECK enum err mlkem_encaps_key_parse(const struct mlkem_path *path,
                                           const struct mlkem_params *params, struct view ek,
                                           struct mlkem_key_scratch *scratch,
                                           struct mlkem_encaps_key *key);

/* A decapsulation key in the expanded form of alg. 16, with the checks of 7.3 and one more.
 * *key is zero on failure. ERR_LENGTH: not params->dk_len bytes. ERR_RANGE: a number of s or t
 * is q or more, which 7.3 lets pass and no key generation makes. ERR_MISMATCH: its H(ek) is not
 * the hash of its ek (hash check). Whether s belongs to t is not checked. */
MUST_CHECK enum err mlkem_decaps_key_parse(const struct mlkem_path *path,
                                           const struct mlkem_params *params, struct view dk,
                                           struct mlkem_key_scratch *scratch,
                                           struct mlkem_decaps_key *key);

/* ek and dk as FIPS 203 encodes them: params->ek_len and params->dk_len bytes. dk is secret:
 * the caller wipes it. */
void mlkem_encaps_key_encode(const struct mlkem_encaps_key *key, uint8_t *ek);
void mlkem_decaps_key_encode(const struct mlkem_decaps_key *key, uint8_t *dk);

#endif
