/* pq_issue.h - whether a certificate was issued under another's ML-DSA-65 key, RFC 9881.
 * OpenSSL 3.0 knows no ML-DSA. */
#ifndef HOST_CHAIN_PQ_ISSUE_H
#define HOST_CHAIN_PQ_ISSUE_H

#include "format/cert_ids.h"

/* Whether the key of c is an ML-DSA-65 key in its one encoding: no parameters, 1952 bytes. */
bool pq_issue_key_ok(const struct cert_ids *c);

/* Names compare as bytes; issuer == c asks whether c is self-signed. That the issuer is a CA,
 * and dates, are for the caller.
 * ERR_MISMATCH: the issuer has another name. ERR_BAD_ALG: its key or the signature is not of
 * ML-DSA-65. ERR_NOSPACE: no memory. Else as mldsa_verify(). */
MUST_CHECK enum err pq_issue_check(const struct cert_ids *c, const struct cert_ids *issuer);

#endif
