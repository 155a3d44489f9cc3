/* pq_key.h - an ML-DSA-65 key, and what one thread signs with. All of it lives in
 * locked memory. */
#ifndef CRYPTO_MLDSA_PQ_KEY_H
#define CRYPTO_MLDSA_PQ_KEY_H

#include "base/build.h"
#include "crypto/mldsa/mldsa.h"

#define PQ_PUBLIC_LEN 1952 /* FIPS 204 table 2 */
#define PQ_SIG_LEN 3309
/* Below 4 KiB are used; sanitizers and no optimisation take far more. */
#define PQ_STACK_LEN (BUILD_ASAN ? 262144 : 16384)

struct pq_key {
    struct mldsa_private_key private_key;
    uint8_t public_key[PQ_PUBLIC_LEN];
};

/* For one thread at a time. The stack comes first: it grows downwards, away from what follows.
 */
struct pq_signer {
    _Alignas(32) uint8_t stack[PQ_STACK_LEN];
    struct mldsa_sign_scratch scratch;
};

/* Makes the key pair of the seed xi: 32 fresh random bytes, or a known answer's. Nothing of it
 * stays on the signer's stack. ERR_BUG: the stack was too short; *k is zero. */
MUST_CHECK enum err pq_key_make(struct pq_signer *s, struct mldsa_key_scratch *scratch,
                                const uint8_t xi[MLDSA_SEED_LEN], struct pq_key *k);

/* Signs mu, hedged by rnd: 32 fresh random bytes (zeros: deterministic). ERR_BUG: the stack was
 * too short, or MLDSA_ATTEMPTS_MAX attempts failed; sig is zero. */
MUST_CHECK enum err pq_sign(struct pq_signer *s, const struct pq_key *k,
                            const uint8_t mu[MLDSA_MU_LEN], const uint8_t rnd[MLDSA_SEED_LEN],
                            uint8_t sig[PQ_SIG_LEN]);

#endif
