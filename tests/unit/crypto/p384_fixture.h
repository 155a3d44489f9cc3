/* p384_fixture.h - signers, digests, and the nonce of a signature, for the tests of p384.h. */
#ifndef TESTS_P384_FIXTURE_H
#define TESTS_P384_FIXTURE_H

#include "testing.h"

#include "crypto/hash.h"
#include "crypto/p384.h"

#include <gmp.h>
#include <stdlib.h>
#include <string.h>

static const char order_hex[] = "ffffffffffffffffffffffffffffffffffffffffffffffff"
                                "c7634d81f4372ddf581a0db248b0a77aecec196accc52973";

static inline struct p384_signer *new_signer(unsigned seed_byte)
{
    const uint8_t seed[DRBG_SEED_LEN] = {(uint8_t)seed_byte, 1, 2, 3};
    void *memory = aligned_alloc(4096, p384_signer_size());
    struct p384_signer *s;

    assert_non_null(memory);
    assert_int_equal(p384_signer_init(memory, seed, &s), ERR_OK);
    return s;
}

static inline void make_digest(unsigned i, uint8_t digest[P384_DIGEST_LEN])
{
    hash_once(HASH_SHA384, (struct view){(const uint8_t *)&i, sizeof i}, digest);
}

/* k = (h + r d) / s mod n: who has d can compute the nonce of a signature. */
static inline void recover_nonce(const struct p384_key *key,
                                 const uint8_t digest[P384_DIGEST_LEN],
                                 const uint8_t sig[P384_SIG_LEN], uint8_t k[P384_SCALAR_LEN])
{
    mpz_t n;
    mpz_t d;
    mpz_t h;
    mpz_t r;
    mpz_t s;
    size_t count;

    mpz_init_set_str(n, order_hex, 16);
    mpz_inits(d, h, r, s, NULL);
    mpz_import(d, P384_SCALAR_LEN, 1, 1, 1, 0, key->d);
    mpz_import(h, P384_DIGEST_LEN, 1, 1, 1, 0, digest);
    mpz_import(r, P384_SCALAR_LEN, 1, 1, 1, 0, sig);
    mpz_import(s, P384_SCALAR_LEN, 1, 1, 1, 0, sig + P384_SCALAR_LEN);
    mpz_mul(r, r, d);
    mpz_add(h, h, r);
    assert_int_equal(mpz_invert(s, s, n) != 0, 1);
    mpz_mul(h, h, s);
    mpz_mod(h, h, n);
    memset(k, 0, P384_SCALAR_LEN);
    count = (mpz_sizeinbase(h, 2) + 7) / 8;
    mpz_export(k + P384_SCALAR_LEN - count, NULL, 1, 1, 1, 0, h);
    mpz_clears(n, d, h, r, s, NULL);
}

#endif
