/* ecdh_p384.h - Diffie-Hellman over P-384, SP 800-56A 5.7.1.2, with nettle on the signer's
 * scratch stack. Keys: p384_key_generate(). */
#ifndef CRYPTO_ECDH_P384_H
#define CRYPTO_ECDH_P384_H

#include "crypto/p384.h"

/* The x coordinate of the common point, big-endian. Secret: not uniform, so a key is derived
 * from it, never it. */
struct ecdh_p384_secret {
    uint8_t x[P384_SCALAR_LEN];
};

/* The secret that k and the peer's public key have in common. The peer's key is checked first:
 * a point of the curve, never infinity, which has no such encoding; the order of the curve is
 * prime, so no other check is needed. Time does not depend on k. *out is zero on failure.
 * ERR_ENCODING, ERR_RANGE: as of p384_check_public(). ERR_NOSPACE: the GMP arena. */
MUST_CHECK enum err ecdh_p384_agree(struct p384_signer *s, const struct p384_key *k,
                                    const uint8_t peer[P384_PUBLIC_LEN],
                                    struct ecdh_p384_secret *out);

#endif
