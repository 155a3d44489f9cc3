/* tecdsa_online.h - the one round of threshold ECDSA that knows the message, and what makes a
 * signature of three answers (FIPS 186-5 6.4).
 *
 * A presignature answers once, whatever becomes of the answer: two answers for two messages
 * would give the key away. It is taken before anything is computed, by an atomic exchange, so
 * that of two threads one gets an answer. Nonces are not randomised anew by the message
 * (docs/adr/0017). */
#ifndef CRYPTO_TECDSA_ONLINE_H
#define CRYPTO_TECDSA_ONLINE_H

#include "crypto/p384.h"
#include "crypto/tecdsa/tecdsa_presign.h"

/* w = e phi + r v, and u: what one signer sends. */
struct tecdsa_answer {
    uint8_t w[TECDSA_SCALAR_LEN];
    uint8_t u[TECDSA_SCALAR_LEN];
};

/* The answer to a SHA-384 digest, which the caller has computed itself of what it judged. The
 * record is erased. ERR_STATE: it was used, or is none, or has another id: what is fresh stays
 * so. ERR_RANGE: the digest is 0 mod n; the record is used all the same. out is zero on
 * failure. On a work stack. */
MUST_CHECK enum err tecdsa_online_answer(struct tecdsa_presignature *record,
                                         const uint8_t id[TECDSA_HASH_LEN],
                                         const uint8_t digest[P384_DIGEST_LEN],
                                         struct tecdsa_answer *out);

/* Erases a record that is too old, or that a member of its triple can no longer complete. Of a
 * record that is being used in another thread it changes nothing. */
void tecdsa_online_discard(struct tecdsa_presignature *record);

/* The signature of three answers: s = sum of w / sum of u. It is verified. sig is zero on
 * failure. Public. ERR_RANGE: w or u of an answer is no scalar. ERR_SIGNATURE: it is none:
 * somebody's answer is wrong, or is for another digest; the presignature is lost. */
MUST_CHECK enum err tecdsa_online_combine(const uint8_t public_key[P384_PUBLIC_LEN],
                                          const uint8_t r[TECDSA_SCALAR_LEN],
                                          const uint8_t digest[P384_DIGEST_LEN],
                                          const struct tecdsa_answer answers[TECDSA_T],
                                          uint8_t sig[P384_SIG_LEN]);

#endif
