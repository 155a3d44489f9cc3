/* aead_gcm.h - AES-256-GCM (SP 800-38D) with nettle. The key schedule is our own: nettle's
 * looks the key up in a table. From there on time depends on lengths alone where the processor
 * has AES and PCLMULQDQ, as all have that seal memory; on others nettle uses tables. */
#ifndef CRYPTO_AEAD_GCM_H
#define CRYPTO_AEAD_GCM_H

#include "base/bytes.h"

#include <nettle/gcm.h>

#define AEAD_GCM_KEY_LEN 32
#define AEAD_GCM_NONCE_LEN 12
#define AEAD_GCM_TAG_LEN 16

/* A key, ready for use. Secret: its owner ends it by wipe(). */
struct aead_gcm_key {
    struct gcm_aes256_ctx ctx;
};

void aead_gcm_init(struct aead_gcm_key *k, const uint8_t key[AEAD_GCM_KEY_LEN]);

/* Writes plain.n + AEAD_GCM_TAG_LEN bytes to out, which may be where plain is. A nonce is used
 * once with a key. */
void aead_gcm_seal(struct aead_gcm_key *k, const uint8_t nonce[AEAD_GCM_NONCE_LEN],
                   struct view aad, struct view plain, uint8_t *out);

/* Writes sealed.n - AEAD_GCM_TAG_LEN bytes to plain, which may be where sealed is. On failure
 * they are zero. ERR_TRUNCATED: no room for a tag; plain is untouched. ERR_SIGNATURE: not
 * sealed by this key with that nonce and aad. */
MUST_CHECK enum err aead_gcm_open(struct aead_gcm_key *k,
                                  const uint8_t nonce[AEAD_GCM_NONCE_LEN], struct view aad,
                                  struct view sealed, uint8_t *plain);

#endif
