#include "crypto/rsa_pss.h"

#include "crypto/rsa_internal.h"

#define SALT_LEN 48

static int verifier(const struct rsa_public_key *key, const uint8_t *digest, const mpz_t sig)
{
    return rsa_pss_sha384_verify_digest(key, SALT_LEN, digest, sig);
}

enum err rsa_pss_verify(const uint8_t modulus[RSA_PSS_4096_LEN],
                        const uint8_t digest[RSA_PSS_DIGEST_LEN],
                        const uint8_t sig[RSA_PSS_4096_LEN])
{
    return rsa_verify(modulus, sig, RSA_PSS_4096_LEN, digest, verifier);
}
