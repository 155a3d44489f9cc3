/* pq_chain.h - from an ML-DSA certificate to an ML-DSA anchor, RFC 5280 6 as far as an
 * authority of time-stamps needs it. OpenSSL 3.0 knows no ML-DSA. Pure: no file, no clock. */
#ifndef CLIENT_TRUST_PQ_CHAIN_H
#define CLIENT_TRUST_PQ_CHAIN_H

#include "format/cert_parse.h"

#define PQ_CHAIN_DEPTH_MAX 4    /* certificates above the signer's, the anchor included */
#define PQ_CHAIN_POOL_MAX 4352  /* certificates of one kind that are looked through */
#define PQ_CHAIN_CHECKS_MAX 512 /* signatures that one search verifies */
#define PQ_CHAIN_REASON_LEN 128

/* Certificates, DER. Those that are not of ML-DSA, or cannot be read, count for nothing. */
struct pq_certs {
    const struct view *list;
    size_t n;
};

struct pq_chain_result {
    size_t n; /* certificates of the path, signer and anchor included */
    struct view path[PQ_CHAIN_DEPTH_MAX + 1]; /* these, DER, the signer's first */
    struct view anchor;                       /* the last of them */
    char reason[PQ_CHAIN_REASON_LEN];         /* why not; "" on success */
};

/* Whether signature is one of the parameter set params over message with the key of c, empty
 * context. ERR_BAD_ALG: the key is not of that set. ERR_LENGTH, ERR_RANGE, ERR_ENCODING,
 * ERR_SIGNATURE: as mldsa_verify(). ERR_NOSPACE: no memory. */
MUST_CHECK enum err pq_signature_check(const struct cert_ids *c,
                                       const struct mldsa_params *params, struct view message,
                                       struct view signature);

/* What is wrong with a signature, to follow "the signature "; for any error of
 * pq_signature_check(). */
const char *pq_signature_flaw(enum err e);

/* Finds and checks a path at one second. Names compare as bytes. Each certificate is valid
 * then; each above the signer is a CA (basicConstraints, path length, keyCertSign, no
 * extendedKeyUsage that leaves out time-stamping) with an ML-DSA key, and each below the anchor
 * is signed with ML-DSA, whatever the parameter set: a classical CA ends the search. The signer
 * may itself be an anchor. What the signer's own usages must be is for the caller.
 *
 * ERR_BAD_ALG, ERR_ENCODING, ERR_LENGTH: the signer's key is none of ML-DSA, or malformed.
 * ERR_LENGTH, ERR_ENCODING, ERR_RANGE: so is a signature on the way. ERR_SIGNATURE: no path,
 * for another reason. ERR_NOSPACE: no memory, over PQ_CHAIN_POOL_MAX or PQ_CHAIN_CHECKS_MAX.
 * Else what cert_parse() says of the signer's. out->reason stands always. */
MUST_CHECK enum err pq_chain_check(struct view signer, struct pq_certs anchors,
                                   struct pq_certs helpers, int64_t at_s,
                                   struct pq_chain_result *out);

#endif
