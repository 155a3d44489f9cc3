/* rsa_2048.h - verifies RSA signatures of TPMs and of JSON Web Tokens: a modulus of 2048 bits,
 * exponent 65537, SHA-256 (RFC 8017 8.1.2 and 8.2.2). By nettle. */
#ifndef CRYPTO_RSA_2048_H
#define CRYPTO_RSA_2048_H

#include "base/bytes.h"

#define RSA_2048_LEN 256 /* of a modulus, and of a signature: big-endian */
#define RSA_2048_DIGEST_LEN 32

enum rsa_scheme {
    RSA_SCHEME_PKCS1 = 1, /* RSASSA-PKCS1-v1_5 */
    RSA_SCHEME_PSS,       /* RSASSA-PSS, MGF1 with SHA-256 */
};

/* Public inputs only. Salts of PSS are as long as the digest, or as long as they can be: a TPM
 * takes one or the other (TPM 2.0 part 1, B.7). GMP allocates: where there is no heap, inside
 * of gmp_arena_run().
 *
 * ERR_RANGE: the modulus is even, or has fewer than 2048 bits. ERR_SIGNATURE: not a signature
 * of digest by that key with that scheme. */
MUST_CHECK enum err rsa_2048_verify(enum rsa_scheme scheme, const uint8_t modulus[RSA_2048_LEN],
                                    const uint8_t digest[RSA_2048_DIGEST_LEN],
                                    const uint8_t sig[RSA_2048_LEN]);

#endif
