#include "crypto/rsa_pss.h"

#include <gmp.h>
#include <nettle/bignum.h>
#include <nettle/rsa.h>

#define EXPONENT 65537
#define SALT_LEN 48

enum err rsa_pss_verify(const uint8_t modulus[RSA_PSS_4096_LEN],
                        const uint8_t digest[RSA_PSS_DIGEST_LEN],
                        const uint8_t sig[RSA_PSS_4096_LEN])
{
    struct rsa_public_key key;
    mpz_t s;
    enum err e = ERR_RANGE;

    if ((modulus[0] & 0x80) == 0 || (modulus[RSA_PSS_4096_LEN - 1] & 1) == 0) {
        return ERR_RANGE;
    }
    rsa_public_key_init(&key);
    nettle_mpz_init_set_str_256_u(s, RSA_PSS_4096_LEN, sig);
    nettle_mpz_set_str_256_u(key.n, RSA_PSS_4096_LEN, modulus);
    mpz_set_ui(key.e, EXPONENT);
    if (rsa_public_key_prepare(&key) == 1) {
        e = rsa_pss_sha384_verify_digest(&key, SALT_LEN, digest, s) == 1 ? ERR_OK
                                                                         : ERR_SIGNATURE;
    }
    mpz_clear(s);
    rsa_public_key_clear(&key);
    return e;
}
