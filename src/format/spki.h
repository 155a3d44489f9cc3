/* spki.h - SubjectPublicKeyInfo, RFC 5280 4.1: a public key as certificates and key files hold
 * it. */
#ifndef FORMAT_SPKI_H
#define FORMAT_SPKI_H

#include "format/mldsa_alg.h"

/* Views point into the parsed bytes. */
struct spki {
    struct alg_id alg;
    struct view key; /* of subjectPublicKey's BIT STRING, without its first byte */
};

/* Parses one SubjectPublicKeyInfo and nothing after it. Strict DER. On failure *out is all
 * zero. ERR_TRUNCATED, ERR_TRAILING, ERR_TAG. ERR_ENCODING: also a key that is not of whole
 * bytes. */
MUST_CHECK enum err spki_parse(struct view in, struct spki *out);

/* The parameter set of an ML-DSA key, RFC 9881 4; *out is NULL on failure. ERR_BAD_ALG: it is
 * none. ERR_ENCODING: its algorithm has parameters. ERR_LENGTH: it is not as long as that
 * set's. */
MUST_CHECK enum err spki_ml_dsa(const struct spki *s, const struct mldsa_params **out);

#endif
