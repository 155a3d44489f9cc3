/* self_test.h - what a core proves of its own arithmetic before it makes a key, and of its key
 * before it serves. */
#ifndef ENCLAVE_SELFTEST_SELF_TEST_H
#define ENCLAVE_SELFTEST_SELF_TEST_H

#include "crypto/hash.h"
#include "crypto/p384.h"

#define SELF_TEST_HASHES 6
#define SELF_TEST_SHAKE_LEN 48
#define SELF_TEST_DRBG_LEN 48

/* The known answers; a test hands in false ones and sees them refused. */
struct self_test_answers {
    struct {
        enum hash_alg alg;
        uint8_t digest[HASH_MAX];
    } hashes[SELF_TEST_HASHES];            /* of "abc" */
    uint8_t shake256[SELF_TEST_SHAKE_LEN]; /* of "abc" */
    /* HMAC_DRBG: entropy 00 01 .. 2f, personalisation "quorate"; the first request without
     * additional input, the second with "additional". */
    uint8_t drbg[2][SELF_TEST_DRBG_LEN];
    /* ECDSA of SHA-384("sample"). */
    uint8_t public_key[P384_PUBLIC_LEN];
    uint8_t signature[P384_SIG_LEN];
};

/* Where they come from stands beside each. */
extern const struct self_test_answers self_test_known;

/* Compares this program's answers with those; the signature must verify, and no longer once a
 * bit of it is changed; the signer's own DRBG must not repeat itself. ERR_BUG: something
 * differs. */
MUST_CHECK enum err self_test_run(const struct self_test_answers *a, struct p384_signer *s);

/* Signs with the key and verifies with its public half; a second signature must differ.
 * ERR_BUG: it does not come out. */
MUST_CHECK enum err self_test_pair(struct p384_signer *s, const struct p384_key *k);

#endif
