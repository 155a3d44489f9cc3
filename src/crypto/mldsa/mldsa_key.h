/* mldsa_key.h - ML-DSA keys: made, read, and held ready for use, FIPS 204 6.1 and 7.2.
 *
 * A prepared key holds A and its vectors as hats, so that many signatures share that work. It
 * belongs to the path and the parameter set that made it; both must outlive it. */
#ifndef CRYPTO_MLDSA_MLDSA_KEY_H
#define CRYPTO_MLDSA_MLDSA_KEY_H

#include "base/bytes.h"
#include "crypto/mldsa/mldsa_sample.h"

/* Secret. Lives in memory that its owner has locked; ended by wipe(). */
struct mldsa_private_key {
    const struct mldsa_params *params;
    const struct mldsa_path *path;
    uint8_t k[MLDSA_SEED_LEN]; /* FIPS 204's K */
    uint8_t tr[MLDSA_TR_LEN];
    struct mldsa_poly a_hat[MLDSA_K_MAX * MLDSA_L_MAX]; /* row after row, l entries each */
    struct mldsa_poly s1_hat[MLDSA_L_MAX];
    struct mldsa_poly s2_hat[MLDSA_K_MAX];
    struct mldsa_poly t0_hat[MLDSA_K_MAX];
};

struct mldsa_public_key {
    const struct mldsa_params *params;
    const struct mldsa_path *path;
    uint8_t tr[MLDSA_TR_LEN];
    /* Row after row: the l entries of A, then t1 * 2^d. */
    struct mldsa_poly rows_hat[MLDSA_K_MAX * (MLDSA_L_MAX + 1)];
};

/* Scratch of making and reading keys. Erased before each call returns. */
struct mldsa_key_scratch {
    struct mldsa_sampler sampler;
    struct mldsa_poly s1[MLDSA_L_MAX];
    struct mldsa_poly s2[MLDSA_K_MAX];
    struct mldsa_poly t, t0, t1;
};

/* ML-DSA.KeyGen_internal (alg. 6): the key pair of the seed xi, which is 32 fresh random bytes,
 * or a known answer's. pk gets params->pk_len bytes. sk gets params->sk_len bytes, or is NULL:
 * then the key never exists in encoded form. Cannot fail. */
void mldsa_keygen(const struct mldsa_path *path, const struct mldsa_params *params,
                  const uint8_t xi[MLDSA_SEED_LEN], struct mldsa_key_scratch *scratch,
                  struct mldsa_private_key *key, uint8_t *pk, uint8_t *sk);

/* skDecode (alg. 25) with the check that FIPS 204 leaves to the caller. *key is zero on
 * failure. ERR_LENGTH: not params->sk_len bytes. ERR_RANGE: a coefficient of s1 or s2 outside
 * [-eta, eta]. Whether t0 and tr belong to s1 and s2 is not checked. */
MUST_CHECK enum err mldsa_private_key_parse(const struct mldsa_path *path,
                                            const struct mldsa_params *params, struct view sk,
                                            struct mldsa_key_scratch *scratch,
                                            struct mldsa_private_key *key);

/* pkDecode (alg. 23). ERR_LENGTH: not params->pk_len bytes; *key is untouched. Every string of
 * that length is a key. */
MUST_CHECK enum err mldsa_public_key_parse(const struct mldsa_path *path,
                                           const struct mldsa_params *params, struct view pk,
                                           struct mldsa_key_scratch *scratch,
                                           struct mldsa_public_key *key);

#endif
