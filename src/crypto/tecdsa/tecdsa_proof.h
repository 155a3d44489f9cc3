/* tecdsa_proof.h - Schnorr's proof that somebody knows the discrete logarithm of a point, made
 * non-interactive by a hash (Fiat-Shamir). Both run on a work stack. */
#ifndef CRYPTO_TECDSA_PROOF_H
#define CRYPTO_TECDSA_PROOF_H

#include "crypto/tecdsa/tecdsa_hash.h"
#include "crypto/tecdsa/tecdsa_point.h"

#define TECDSA_PROOF_LEN (TECDSA_POINT_LEN + TECDSA_SCALAR_LEN)

/* What a proof is bound to: it proves nothing elsewhere. */
struct tecdsa_proof_of {
    const char *tag;   /* of the hash: one for each use of proofs */
    const uint8_t *id; /* TECDSA_HASH_LEN: of the ceremony or the setup */
    unsigned party;    /* who proves */
};

/* T = k G and z = k + c x, where c = Hq(tag, id, party, X, T). */
struct tecdsa_proof {
    uint8_t commitment[TECDSA_POINT_LEN];
    uint8_t response[TECDSA_SCALAR_LEN];
};

/* x is the logarithm of public_key; nonce is TECDSA_WIDE_LEN fresh uniform bytes, which give x
 * away if they are known or used twice. */
void tecdsa_proof_make(const struct tecdsa_proof_of *of, const struct tecdsa_scalar *x,
                       const uint8_t public_key[TECDSA_POINT_LEN],
                       const uint8_t nonce[TECDSA_WIDE_LEN], struct tecdsa_proof *out);

/* ERR_SIGNATURE: not proven. ERR_ENCODING, ERR_RANGE: a point or scalar in it is none, or
 * public_key is no point. */
MUST_CHECK enum err tecdsa_proof_verify(const struct tecdsa_proof_of *of,
                                        const uint8_t public_key[TECDSA_POINT_LEN],
                                        const struct tecdsa_proof *proof);

#endif
