/* silicon_rsa.h - signs as AMD's issuers do: RSASSA-PSS (RFC 8017 8.1.1), SHA-384, 48 bytes of
 * salt, a modulus of 4096 bits. By nettle, with the heap. */
#ifndef SILICON_SILICON_RSA_H
#define SILICON_SILICON_RSA_H

#include "silicon/silicon_keys.h"

#include "crypto/rsa_pss.h"

/* The same digest gives the same signature: the salt comes of both. ERR_RANGE: no such key.
 * ERR_BUG: the signature came out wrong; out is zero. */
MUST_CHECK enum err silicon_rsa_sign(const uint8_t key[SILICON_ISSUER_KEY_LEN],
                                     const uint8_t digest[RSA_PSS_DIGEST_LEN],
                                     uint8_t out[RSA_PSS_4096_LEN]);

#endif
