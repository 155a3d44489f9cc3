#include "silicon/silicon_rsa.h"

#include "crypto/drbg.h"
#include "crypto/hash.h"

#include <gmp.h>
#include <nettle/bignum.h>
#include <nettle/rsa.h>
#include <string.h>

#define EXPONENT 65537
#define SALT_LEN 48
#define PARTS 5 /* of a private key */

/* Blinds the private operation; what it gives is in no result. */
static void blind(void *drbg, size_t n, uint8_t *out)
{
    if (drbg_generate(drbg, (struct view){NULL, 0}, out, n) != ERR_OK) {
        memset(out, 1, n);
    }
}

static bool load(const uint8_t k[SILICON_ISSUER_KEY_LEN], struct rsa_private_key *key,
                 struct rsa_public_key *pub)
{
    mpz_ptr const parts[PARTS] = {key->p, key->q, key->a, key->b, key->c};

    for (size_t i = 0; i < PARTS; i++) {
        nettle_mpz_set_str_256_u(parts[i], SILICON_PRIME_LEN, k + i * SILICON_PRIME_LEN);
    }
    mpz_mul(pub->n, key->p, key->q);
    mpz_set_ui(pub->e, EXPONENT);
    return rsa_private_key_prepare(key) == 1 && rsa_public_key_prepare(pub) == 1 &&
           pub->size == RSA_PSS_4096_LEN;
}

enum err silicon_rsa_sign(const uint8_t k[SILICON_ISSUER_KEY_LEN],
                          const uint8_t digest[RSA_PSS_DIGEST_LEN],
                          uint8_t out[RSA_PSS_4096_LEN])
{
    struct rsa_private_key key;
    struct rsa_public_key pub;
    struct hash_state h;
    struct drbg drbg;
    uint8_t salt[SALT_LEN];
    mpz_t s;
    enum err e = ERR_RANGE;

    memset(out, 0, RSA_PSS_4096_LEN);
    hash_init(&h, HASH_SHA384);
    hash_update(&h, k, SILICON_ISSUER_KEY_LEN);
    hash_update(&h, digest, RSA_PSS_DIGEST_LEN);
    hash_final(&h, salt);
    drbg_init(&drbg, (struct view){salt, sizeof salt}, (struct view){NULL, 0});
    rsa_private_key_init(&key);
    rsa_public_key_init(&pub);
    mpz_init(s);
    if (load(k, &key, &pub)) {
        e = rsa_pss_sha384_sign_digest_tr(&pub, &key, &drbg, blind, sizeof salt, salt, digest,
                                          s) == 1
                ? ERR_OK
                : ERR_BUG;
    }
    if (e == ERR_OK) {
        nettle_mpz_get_str_256(RSA_PSS_4096_LEN, out, s);
    }
    mpz_clear(s);
    rsa_public_key_clear(&pub);
    rsa_private_key_clear(&key);
    return e;
}
