#include "crypto/rsa_2048.h"

#include "crypto/rsa_internal.h"

#define SALT_LONGEST (RSA_2048_LEN - RSA_2048_DIGEST_LEN - 2)

static int verify_pkcs1(const struct rsa_public_key *key, const uint8_t *digest,
                        const mpz_t sig)
{
    return rsa_sha256_verify_digest(key, digest, sig);
}

static int verify_pss(const struct rsa_public_key *key, const uint8_t *digest, const mpz_t sig)
{
    return rsa_pss_sha256_verify_digest(key, RSA_2048_DIGEST_LEN, digest, sig) == 1 ||
           rsa_pss_sha256_verify_digest(key, SALT_LONGEST, digest, sig) == 1;
}

enum err rsa_2048_verify(enum rsa_scheme scheme, const uint8_t modulus[RSA_2048_LEN],
                         const uint8_t digest[RSA_2048_DIGEST_LEN],
                         const uint8_t sig[RSA_2048_LEN])
{
    return rsa_verify(modulus, sig, RSA_2048_LEN, digest,
                      scheme == RSA_SCHEME_PSS ? verify_pss : verify_pkcs1);
}
