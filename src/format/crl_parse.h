/* crl_parse.h - reads a revocation list, RFC 5280 5.1. It verifies nothing. */
#ifndef FORMAT_CRL_PARSE_H
#define FORMAT_CRL_PARSE_H

#include "format/cert_ids.h"

/* Views point into the parsed bytes. */
struct crl {
    struct view tbs;    /* TBSCertList, whole: what is signed */
    struct view issuer; /* Name, whole */
    struct gen_time this_update;
    bool has_next_update;
    struct gen_time next_update;
    struct view revoked; /* its entries, one after the other; n == 0: none */
    struct alg_id alg;
    struct view signature;
};

/* Parses one CertificateList and nothing after it, each entry of it. Strict DER. On failure
 * *out is all zero.
 *
 * ERR_TRUNCATED, ERR_TRAILING, ERR_TAG, ERR_ENCODING. ERR_RANGE: a date; a signature that is
 * not of whole bytes. ERR_VERSION: neither version 1 nor 2. ERR_EXTENSION: a critical one, of
 * the list or of an entry: such a list is of less than it seems. ERR_MISMATCH: it names two
 * signature algorithms. */
MUST_CHECK enum err crl_parse(struct view in, struct crl *out);

/* Whether it names that serial number, an INTEGER body. */
bool crl_revokes(const struct crl *c, struct view serial);

#endif
