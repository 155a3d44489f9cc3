#include "crypto/tecdsa/tecdsa_proof.h"

#include "base/secret.h"

static void challenge(const struct tecdsa_proof_of *of,
                      const uint8_t public_key[TECDSA_POINT_LEN],
                      const uint8_t commitment[TECDSA_POINT_LEN], struct tecdsa_scalar *c)
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, of->tag);
    tecdsa_hash_field(&h, of->id, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, of->party, 1);
    tecdsa_hash_field(&h, public_key, TECDSA_POINT_LEN);
    tecdsa_hash_field(&h, commitment, TECDSA_POINT_LEN);
    tecdsa_hash_scalar(&h, c);
}

void tecdsa_proof_make(const struct tecdsa_proof_of *of, const struct tecdsa_scalar *x,
                       const uint8_t public_key[TECDSA_POINT_LEN],
                       const uint8_t nonce[TECDSA_WIDE_LEN], struct tecdsa_proof *out)
{
    struct tecdsa_scalar k;
    struct tecdsa_scalar c;
    struct tecdsa_point t;

    tecdsa_scalar_reduce(nonce, &k);
    tecdsa_point_mul_g(&k, &t);
    tecdsa_point_encode(&t, out->commitment);
    CT_PUBLIC(out->commitment, sizeof out->commitment);
    challenge(of, public_key, out->commitment, &c);
    tecdsa_scalar_mul(&c, x, &c);
    tecdsa_scalar_add(&k, &c, &k);
    tecdsa_scalar_encode(&k, out->response);
    CT_PUBLIC(out->response, sizeof out->response);
    wipe(&k, sizeof k);
    wipe(&c, sizeof c);
    wipe(&t, sizeof t);
}

enum err tecdsa_proof_verify(const struct tecdsa_proof_of *of,
                             const uint8_t public_key[TECDSA_POINT_LEN],
                             const struct tecdsa_proof *proof)
{
    struct tecdsa_point x;
    struct tecdsa_point t;
    struct tecdsa_point left;
    struct tecdsa_scalar z;
    struct tecdsa_scalar c;

    TRY(tecdsa_point_decode(public_key, &x));
    TRY(tecdsa_point_decode(proof->commitment, &t));
    TRY(tecdsa_scalar_decode(proof->response, &z));
    challenge(of, public_key, proof->commitment, &c);
    tecdsa_point_mul_g(&z, &left); /* z G = T + c X */
    tecdsa_point_mul(&c, &x, &x);
    tecdsa_point_add(&t, &x, &t);
    return tecdsa_point_equal(&left, &t) != 0 ? ERR_OK : ERR_SIGNATURE;
}
