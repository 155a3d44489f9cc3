/* p256.h - verifies ECDSA over P-256 (FIPS 186-5), as Intel signs quotes and what belongs to
 * them. By nettle; nothing here is secret and nothing is signed. */
#ifndef CRYPTO_P256_H
#define CRYPTO_P256_H

#include "base/bytes.h"

#define P256_SCALAR_LEN 32
#define P256_PUBLIC_LEN 64 /* X | Y, big-endian, without a 04 before them */
#define P256_SIG_LEN 64    /* r | s, big-endian */
#define P256_DIGEST_LEN 32

/* Bytes of an arena in which these do not run out (gmp_arena.h). */
#define P256_ARENA_LEN 16384

/* Public inputs only. GMP allocates: where there is no heap, inside of gmp_arena_run().
 * ERR_RANGE: no point of the curve. ERR_SIGNATURE: not a signature of digest by public_key, or
 * r or s outside 1 to n-1. */
MUST_CHECK enum err p256_verify(const uint8_t public_key[P256_PUBLIC_LEN],
                                const uint8_t digest[P256_DIGEST_LEN],
                                const uint8_t sig[P256_SIG_LEN]);

/* Whether it is a point of the curve. ERR_RANGE: it is not. Allocates likewise. */
MUST_CHECK enum err p256_check_public(const uint8_t public_key[P256_PUBLIC_LEN]);

#endif
