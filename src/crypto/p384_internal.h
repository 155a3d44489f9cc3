/* p384_internal.h - what p384*.c, ecdh_p384.c, the self-test and the tests of p384.h need, and
 * nobody else. */
#ifndef CRYPTO_P384_INTERNAL_H
#define CRYPTO_P384_INTERNAL_H

#include "crypto/p384.h"
#include "crypto/work_stack.h"

#define P384_SIGNER_ALIGN 4096
/* Of one DRBG request. Asking once for eight nonces saves three quarters of the DRBG's time;
 * their secrecy rests on the same memory as that of d. */
#define P384_POOL_LEN ((size_t)8 * P384_SCALAR_LEN)

/* In the caller's memory. */
struct p384_signer {
    _Alignas(P384_SIGNER_ALIGN) struct work_stack work;
    struct drbg drbg;
    uint8_t pool[P384_POOL_LEN]; /* DRBG output for nonces, each part erased when it is used */
    size_t pool_left;
};

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
