/* pq_crl.h - whether an ML-DSA key signed a revocation list, RFC 5280 5.1, RFC 9881.
 * OpenSSL 3.0 knows no ML-DSA. Pure. */
#ifndef CLIENT_TRUST_PQ_CRL_H
#define CLIENT_TRUST_PQ_CRL_H

#include "format/cms_parse.h"

/* Views point into the parsed bytes. */
struct pq_crl {
    struct view tbs; /* TBSCertList, whole: what is signed */
    struct alg_id alg;
    struct view signature;
};

/* Parses what stands around TBSCertList, and nothing after it. On failure *out is all zero.
 * ERR_TRUNCATED, ERR_TRAILING, ERR_TAG, ERR_ENCODING. ERR_MISMATCH: it names two signature
 * algorithms (RFC 5280 5.1.1.2). */
MUST_CHECK enum err pq_crl_parse(struct view list, struct pq_crl *out);

/* Whether the key of issuer, a certificate, signed the list. Both DER. What else the list says
 * is for the caller. ERR_BAD_ALG: it is not signed with ML-DSA, or the key is of another
 * parameter set. Else as pq_crl_parse(), cert_ids_parse() and pq_signature_check(). */
MUST_CHECK enum err pq_crl_check(struct view list, struct view issuer);

#endif
