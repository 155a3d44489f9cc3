/* self_test_pq.h - the same as self_test.h for ML-DSA-65: its arithmetic before the key is
 * made, and the key before it serves. */
#ifndef ENCLAVE_SELFTEST_SELF_TEST_PQ_H
#define ENCLAVE_SELFTEST_SELF_TEST_PQ_H

#include "crypto/hash.h"
#include "crypto/mldsa/pq_key.h"

/* SHA-256 of the public key of the seed 00 01 .. 1f, and of its deterministic signature of
 * "quorate" with an empty context. */
struct self_test_pq_answers {
    uint8_t public_key[32];
    uint8_t signature[32];
};

/* Where they come from stands beside them. */
extern const struct self_test_pq_answers self_test_pq_known;

/* Used while it boots, in locked memory; erased by each call but for key_scratch, which mldsa
 * erases. */
struct self_test_pq_work {
    struct pq_key key;
    struct mldsa_key_scratch key_scratch;
    struct mldsa_public_key public_key;
    struct mldsa_verify_scratch verify_scratch;
    uint8_t sig[2][PQ_SIG_LEN];
};

/* Makes the known key and its signature: both must be those; the signature must verify, and no
 * longer once a bit of it is changed. ERR_BUG: something differs. */
MUST_CHECK enum err self_test_pq_run(const struct self_test_pq_answers *a, struct pq_signer *s,
                                     struct self_test_pq_work *w);

/* Signs with the key and verifies with its public half; a second signature, hedged otherwise,
 * must differ. ERR_BUG: it does not come out. */
MUST_CHECK enum err self_test_pq_pair(struct pq_signer *s, const struct pq_key *k,
                                      struct self_test_pq_work *w);

#endif
