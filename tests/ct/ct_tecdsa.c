/* Threshold ECDSA: scalars, GF(2^128) and hashes of secrets. */
#include "../tecdsa_kit.h"

#include "base/secret.h"
#include "crypto/tecdsa/tecdsa_gf128.h"
#include "crypto/tecdsa/tecdsa_hash.h"

static int check_scalars(void)
{
    uint64_t number = 1;
    struct tecdsa_scalar a = tecdsa_noise_scalar(&number);
    struct tecdsa_scalar b = tecdsa_noise_scalar(&number);
    struct tecdsa_scalar c;
    struct tecdsa_hash h;
    uint8_t bytes[TECDSA_SCALAR_LEN];

    CT_SECRET(&a, sizeof a);
    CT_SECRET(&b, sizeof b);
    tecdsa_scalar_encode(&a, bytes);
    if (tecdsa_scalar_decode(bytes, &a) != ERR_OK) {
        return 1;
    }
    tecdsa_scalar_mul(&a, &b, &c);
    tecdsa_scalar_invert(&b, &b);
    tecdsa_scalar_mul(&c, &b, &c);
    tecdsa_scalar_add(&c, &b, &c);
    tecdsa_scalar_sub(&c, &b, &c);
    tecdsa_scalar_neg(&c, &b);
    tecdsa_scalar_select(tecdsa_scalar_zero(&b), &a, &c, &c);
    tecdsa_scalar_mask(tecdsa_scalar_equal(&a, &c), &c, &c);
    tecdsa_hash_start(&h, "ct");
    tecdsa_hash_field(&h, &c, sizeof c);
    tecdsa_hash_scalar(&h, &b);
    tecdsa_scalar_of_digest(bytes, &b);
    tecdsa_scalar_sub(&b, &c, &c);
    CT_PUBLIC(&c, sizeof c);
    return tecdsa_scalar_zero(&c) != 0 ? 0 : 2;
}

static int check_gf128(void)
{
    uint64_t number = 2;
    uint8_t v[96];
    uint8_t chi[80];
    uint8_t out[TECDSA_GF128_LEN];

    tecdsa_noise(&number, v, sizeof v);
    tecdsa_noise(&number, chi, sizeof chi);
    CT_SECRET(v, sizeof v);
    tecdsa_gf128_hash(v, chi, 5, out);
    return 0;
}

int main(void)
{
    return check_scalars() | check_gf128();
}
