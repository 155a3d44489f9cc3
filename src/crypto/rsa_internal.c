#include "crypto/rsa_internal.h"

enum err rsa_verify(const uint8_t *modulus, const uint8_t *sig, size_t n, const uint8_t *digest,
                    rsa_verifier *verifier)
{
    struct rsa_public_key key;
    mpz_t s;
    enum err e = ERR_RANGE;

    if ((modulus[0] & 0x80) == 0 || (modulus[n - 1] & 1) == 0) {
        return ERR_RANGE;
    }
    rsa_public_key_init(&key);
    nettle_mpz_init_set_str_256_u(s, n, sig);
    nettle_mpz_set_str_256_u(key.n, n, modulus);
    mpz_set_ui(key.e, RSA_EXPONENT);
    if (rsa_public_key_prepare(&key) == 1) {
        e = verifier(&key, digest, s) == 1 ? ERR_OK : ERR_SIGNATURE;
    }
    mpz_clear(s);
    rsa_public_key_clear(&key);
    return e;
}
