/* self_test_channel.h - the same as self_test.h for what channels between cores and identities
 * rest on: ECDH over P-384, ML-KEM-768, HKDF, AES-256-GCM, Ed25519. */
#ifndef ENCLAVE_SELFTEST_SELF_TEST_CHANNEL_H
#define ENCLAVE_SELFTEST_SELF_TEST_CHANNEL_H

#include "crypto/ecdh_p384.h"
#include "crypto/ed25519.h"
#include "enclave/channel/pq1.h"

#define SELF_TEST_GCM_TEXT_LEN 60
#define SELF_TEST_HKDF_LEN 44

/* The known answers; a test hands in false ones and sees them refused. */
struct self_test_channel_answers {
    /* x of the point that the private and the public key of NIST's example have in common. */
    uint8_t ecdh[P384_SCALAR_LEN];
    /* d = 00 .. 1f, z = 20 .. 3f, m = 40 .. 5f: SHA-256 of ek and of the ciphertext; the shared
     * key, and that of the ciphertext with its first bit changed. */
    uint8_t kem_ek[32], kem_ct[32];
    uint8_t kem_key[MLKEM_KEY_LEN], kem_rejected[MLKEM_KEY_LEN];
    uint8_t hkdf[SELF_TEST_HKDF_LEN];
    uint8_t gcm[SELF_TEST_GCM_TEXT_LEN + AEAD_GCM_TAG_LEN];
    uint8_t ed25519_public[ED25519_PUBLIC_LEN];
    uint8_t ed25519[ED25519_SIG_LEN];
};

/* Where they come from stands beside each. */
extern const struct self_test_channel_answers self_test_channel_known;

/* Compares this program's answers with those; a sealed text must open, and a signature verify,
 * and no longer once a bit is changed. Leaves nothing in w. ERR_BUG: something differs. */
MUST_CHECK enum err self_test_channel_run(const struct self_test_channel_answers *a,
                                          struct p384_signer *s, struct pq1_work *w);

#endif
