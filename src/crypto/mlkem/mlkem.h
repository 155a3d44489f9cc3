/* mlkem.h - ML-KEM key encapsulation, FIPS 203.
 *
 * One body serves ML-KEM-512, -768 and -1024; the key says which. Keys: mlkem_key.h. Time and
 * memory access depend on public values alone: parameter set, rho, ek and lengths. */
#ifndef CRYPTO_MLKEM_MLKEM_H
#define CRYPTO_MLKEM_MLKEM_H

#include "crypto/mlkem/mlkem_key.h"

/* Secret: 32 fresh random bytes for each encapsulation, used once and wiped, or a known
 * answer's. Whoever knows m knows K. */
struct mlkem_message {
    uint8_t m[MLKEM_SEED_LEN];
};

/* The shared secret key K. Secret. */
struct mlkem_shared_key {
    uint8_t k[MLKEM_KEY_LEN];
};

/* Scratch of both operations, erased before each call returns. One serves one thread at a time.
 */
struct mlkem_scratch {
    struct mlkem_sampler sampler;
    struct sponge sponge;
    struct mlkem_poly y_hat[MLKEM_K_MAX]; /* or u, as hats, in decapsulation */
    struct mlkem_poly e[MLKEM_K_MAX + 1]; /* e1, then e2 */
    struct mlkem_poly r, t;
    uint8_t k_r[MLKEM_KEY_LEN + MLKEM_SEED_LEN]; /* K and the seed r, from G */
    uint8_t k_bar[MLKEM_KEY_LEN];                /* K if c is rejected */
    struct mlkem_message m;
    uint8_t c[MLKEM_C_MAX]; /* c', what c should have been */
};

/* ML-KEM.Encaps_internal (alg. 17): a shared secret key, and the ciphertext that carries it, of
 * params->c_len bytes. Cannot fail: the key was checked when it was read. */
void mlkem_encaps(const struct mlkem_encaps_key *key, const struct mlkem_message *m,
                  struct mlkem_scratch *scratch, uint8_t *c, struct mlkem_shared_key *shared);

/* ML-KEM.Decaps (alg. 21): the shared secret key that c carries. A c of the right length that
 * was not made by encapsulation gives another key, which only z determines (implicit
 * rejection): ERR_OK does not say that c is genuine, and nothing else does until the peers
 * prove that they hold the same key. ERR_LENGTH: not params->c_len bytes (7.3); *shared is
 * untouched. */
MUST_CHECK enum err mlkem_decaps(const struct mlkem_decaps_key *key, struct view c,
                                 struct mlkem_scratch *scratch,
                                 struct mlkem_shared_key *shared);

#endif
