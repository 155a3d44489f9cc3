#include "crypto/p256.h"

#include <gmp.h>
#include <nettle/bignum.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>

/* Sets a point that ecc_point_clear() ends, whatever this says. */
static enum err read_point(const uint8_t public_key[P256_PUBLIC_LEN], struct ecc_point *out)
{
    mpz_t x;
    mpz_t y;

    ecc_point_init(out, nettle_get_secp_256r1());
    nettle_mpz_init_set_str_256_u(x, P256_SCALAR_LEN, public_key);
    nettle_mpz_init_set_str_256_u(y, P256_SCALAR_LEN, public_key + P256_SCALAR_LEN);
    const enum err e = ecc_point_set(out, x, y) == 1 ? ERR_OK : ERR_RANGE;

    mpz_clear(x);
    mpz_clear(y);
    return e;
}

enum err p256_check_public(const uint8_t public_key[P256_PUBLIC_LEN])
{
    struct ecc_point point;
    const enum err e = read_point(public_key, &point);

    ecc_point_clear(&point);
    return e;
}

enum err p256_verify(const uint8_t public_key[P256_PUBLIC_LEN],
                     const uint8_t digest[P256_DIGEST_LEN], const uint8_t sig[P256_SIG_LEN])
{
    struct ecc_point point;
    struct dsa_signature rs;
    enum err e = read_point(public_key, &point);

    if (e == ERR_OK) {
        dsa_signature_init(&rs);
        nettle_mpz_set_str_256_u(rs.r, P256_SCALAR_LEN, sig);
        nettle_mpz_set_str_256_u(rs.s, P256_SCALAR_LEN, sig + P256_SCALAR_LEN);
        e = ecdsa_verify(&point, P256_DIGEST_LEN, digest, &rs) == 1 ? ERR_OK : ERR_SIGNATURE;
        dsa_signature_clear(&rs);
    }
    ecc_point_clear(&point);
    return e;
}
