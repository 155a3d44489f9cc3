/* p384_internal.h - what the self-test and the tests of p384.h need, and nobody else. */
#ifndef CRYPTO_P384_INTERNAL_H
#define CRYPTO_P384_INTERNAL_H

#include "crypto/p384.h"

/* p384_sign() with a nonce from the caller, big-endian: for known answers alone, since a nonce
 * used twice or known to anybody gives the key away. ERR_RANGE: the nonce is 0 or not below n.
 */
MUST_CHECK enum err p384_sign_with_nonce(struct p384_signer *s, const struct p384_key *k,
                                         const uint8_t digest[P384_DIGEST_LEN],
                                         const uint8_t nonce[P384_SCALAR_LEN],
                                         uint8_t out[P384_SIG_LEN]);

/* p384_sign() without the erasure of the scratch stack: the control of the test that looks for
 * the nonce. */
MUST_CHECK enum err p384_sign_unwiped(struct p384_signer *s, const struct p384_key *k,
                                      const uint8_t digest[P384_DIGEST_LEN],
                                      uint8_t out[P384_SIG_LEN]);

#endif
