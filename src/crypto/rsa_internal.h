/* rsa_internal.h - one RSA verification by nettle, whatever the padding. Public inputs only. */
#ifndef CRYPTO_RSA_INTERNAL_H
#define CRYPTO_RSA_INTERNAL_H

#include "base/bytes.h"

#include <gmp.h>
#include <nettle/bignum.h>
#include <nettle/rsa.h>

#define RSA_EXPONENT 65537

/* 1: a signature of digest by key. */
typedef int rsa_verifier(const struct rsa_public_key *key, const uint8_t *digest,
                         const mpz_t sig);

/* modulus and sig have n bytes, big-endian. ERR_RANGE: the modulus is even, or its highest bit
 * is not set. ERR_SIGNATURE. */
MUST_CHECK enum err rsa_verify(const uint8_t *modulus, const uint8_t *sig, size_t n,
                               const uint8_t *digest, rsa_verifier *verifier);

#endif
