/* aes_siv.h - AES-SIV-CMAC-256, RFC 5297: AEAD 15 of NTS (RFC 8915 5.1).
 *
 * CMAC and AES are nettle's, S2V is our own: nettle's SIV takes exactly two strings beside the
 * plaintext and aborts on an empty nonce, OpenSSL 3.0's fails on an empty plaintext, which
 * every NTS request has. nettle looks keys up in a table: for a process that holds no key of
 * ours. */
#ifndef CRYPTO_AES_SIV_H
#define CRYPTO_AES_SIV_H

#include "base/bytes.h"

#include <nettle/aes.h>
#include <nettle/cmac.h>

#define AES_SIV_KEY_LEN 32
#define AES_SIV_TAG_LEN 16

/* Secret: its owner ends it by wipe(). */
struct aes_siv_key {
    struct cmac_aes128_ctx mac;
    struct aes128_ctx ctr;
};

/* key: first the half for CMAC, then the one for CTR (RFC 5297 2.2). */
void aes_siv_init(struct aes_siv_key *k, const uint8_t key[AES_SIV_KEY_LEN]);

/* Writes the tag and then the ciphertext to out: AES_SIV_TAG_LEN + plain.n bytes, which do not
 * overlap plain. strings: the associated data in order, a nonce as the last of them (RFC 5297
 * 3); at most 126, none of them is left out when it is empty. */
void aes_siv_seal(struct aes_siv_key *k, const struct view *strings, size_t n,
                  struct view plain, uint8_t *out);

/* Writes sealed.n - AES_SIV_TAG_LEN bytes to plain, which do not overlap sealed. On failure
 * they are zero. ERR_TRUNCATED: no room for a tag; plain is untouched. ERR_SIGNATURE: not
 * sealed by this key with those strings. */
MUST_CHECK enum err aes_siv_open(struct aes_siv_key *k, const struct view *strings, size_t n,
                                 struct view sealed, uint8_t *plain);

#endif
