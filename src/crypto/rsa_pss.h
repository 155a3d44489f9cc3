/* rsa_pss.h - verifies RSASSA-PSS (RFC 8017 8.1.2) as AMD's roots sign: a modulus of 4096 bits,
 * exponent 65537, SHA-384, MGF1 with SHA-384, 48 bytes of salt, trailer 0xbc. By nettle. */
#ifndef CRYPTO_RSA_PSS_H
#define CRYPTO_RSA_PSS_H

#include "base/bytes.h"

#define RSA_PSS_4096_LEN 512 /* of a modulus, and of a signature: big-endian */
#define RSA_PSS_DIGEST_LEN 48

/* Bytes of an arena in which rsa_pss_verify() does not run out (gmp_arena.h). */
#define RSA_PSS_ARENA_LEN 8192

/* Public inputs only. GMP allocates: where there is no heap, inside of gmp_arena_run().
 * ERR_RANGE: the modulus is even, or has fewer than 4096 bits. ERR_SIGNATURE: not a signature
 * of digest by that key with those parameters. */
MUST_CHECK enum err rsa_pss_verify(const uint8_t modulus[RSA_PSS_4096_LEN],
                                   const uint8_t digest[RSA_PSS_DIGEST_LEN],
                                   const uint8_t sig[RSA_PSS_4096_LEN]);

#endif
