#include "base/secret.h"
#include "crypto/aead_gcm.h"
#include "crypto/ecdh_p384.h"
#include "crypto/ed25519.h"
#include "crypto/hkdf.h"

#include <stdlib.h>
#include <string.h>

/* d and the common point are secret; the peer's key is not. */
static int agree(struct p384_signer *s)
{
    uint8_t d[P384_SCALAR_LEN];
    struct ecdh_p384_secret x;
    struct p384_key key;
    struct p384_key peer;

    memset(d, 0x3c, sizeof d);
    CT_SECRET(d, sizeof d);
    if (p384_key_from_scalar(s, d, &key) != ERR_OK || p384_key_generate(s, &peer) != ERR_OK) {
        return 1;
    }
    for (int i = 0; i < 8; i++) {
        if (ecdh_p384_agree(s, &key, peer.public_key, &x) != ERR_OK) {
            return 2;
        }
        key = peer;
        if (p384_key_generate(s, &peer) != ERR_OK) {
            return 3;
        }
    }
    return 0;
}

/* The seed is secret, public key and signature are not. */
static int sign(struct work_stack *w)
{
    uint8_t seed[ED25519_SEED_LEN];
    uint8_t sig[ED25519_SIG_LEN];
    struct ed25519_key k;

    memset(seed, 0x5a, sizeof seed);
    for (uint8_t i = 0; i < 8; i++) {
        seed[0] = i;
        CT_SECRET(seed, sizeof seed);
        if (ed25519_key_make(w, seed, &k) != ERR_OK ||
            ed25519_sign(w, &k, (struct view){&i, 1}, sig) != ERR_OK ||
            ed25519_verify(w, k.public_key, (struct view){&i, 1}, sig) != ERR_OK) {
            return 4;
        }
        CT_PUBLIC(seed, sizeof seed);
    }
    return 0;
}

/* Key and plaintext are secret, and so is what opening gives. */
static int seal(void)
{
    const uint8_t nonce[AEAD_GCM_NONCE_LEN] = {1};
    uint8_t key[AEAD_GCM_KEY_LEN];
    uint8_t text[100 + AEAD_GCM_TAG_LEN];
    struct view sealed = {text, sizeof text};
    struct aead_gcm_key k;

    memset(key, 0x11, sizeof key);
    memset(text, 0x22, sizeof text);
    CT_SECRET(key, sizeof key);
    CT_SECRET(text, 100);
    aead_gcm_init(&k, key);
    aead_gcm_seal(&k, nonce, (struct view){nonce, 5}, (struct view){text, 100}, text);
    CT_PUBLIC(text, sizeof text);
    if (aead_gcm_open(&k, nonce, (struct view){nonce, 5}, sealed, text) != ERR_OK) {
        return 5;
    }
    return aead_gcm_open(&k, nonce, (struct view){nonce, 5}, sealed, text) == ERR_SIGNATURE ? 0
                                                                                            : 6;
}

/* Salt and info are known, all else is secret. */
static int derive(void)
{
    uint8_t ikm[112];
    uint8_t out[92];
    struct hkdf_prk prk;

    memset(ikm, 0x33, sizeof ikm);
    CT_SECRET(ikm, sizeof ikm);
    hkdf_extract((struct view){(const uint8_t *)"salt", 4}, (struct view){ikm, sizeof ikm},
                 &prk);
    if (hkdf_expand(&prk, (struct view){(const uint8_t *)"info", 4}, out, sizeof out) !=
        ERR_OK) {
        return 7;
    }
    hkdf_hmac((struct view){out, 48}, (struct view){(const uint8_t *)"text", 4}, out);
    return 0;
}

static struct work_stack work;

int main(void)
{
    uint8_t seed[DRBG_SEED_LEN];
    void *memory = aligned_alloc(4096, p384_signer_size());
    struct p384_signer *s;
    int result = 1;

    memset(seed, 9, sizeof seed);
    CT_SECRET(seed, sizeof seed);
    work_stack_init(&work);
    if (memory != NULL && p384_signer_init(memory, seed, &s) == ERR_OK) {
        result = agree(s);
        result = result != 0 ? result : sign(&work);
        result = result != 0 ? result : seal();
        result = result != 0 ? result : derive();
    }
    free(memory);
    return result;
}
