/* csr.h - CertificationRequest, PKCS#10, RFC 2986: of P-384 keys with ecdsa-with-SHA384 (RFC
 * 5758 3.2) and of ML-DSA-65 keys (RFC 9881 2), and of no others. In PEM: "CERTIFICATE
 * REQUEST". */
#ifndef FORMAT_CSR_H
#define FORMAT_CSR_H

#include "crypto/mldsa/mldsa.h"
#include "format/signed_attrs.h"

#define CSR_PEM_LABEL "CERTIFICATE REQUEST"
#define CSR_MAX 8192 /* bytes of a request that is read */

/* Appends the request. info: what csr_info_write() gave. signature: r | s of 96 bytes, or the
 * 3309 bytes of ML-DSA-65. ERR_LENGTH: neither; w is untouched. Overflow is kept in w. */
MUST_CHECK enum err csr_write(struct writer *w, struct view info, enum sign_alg alg,
                              struct view signature);

/* Views point into the parsed bytes. */
struct csr {
    struct view info; /* CertificationRequestInfo, whole: what is signed */
    struct view subject;
    struct view spki; /* SubjectPublicKeyInfo, whole */
    enum sign_alg alg;
    struct view public_key; /* 04 | X | Y or that of ML-DSA-65; not known to be on the curve */
    struct view attributes; /* what is asked for besides; concatenated, n == 0: nothing */
    struct view signature;  /* of the BIT STRING: ECDSA-Sig-Value, or 3309 bytes */
};

/* Parses one request in DER and nothing after it; verifies nothing. On failure *out is all
 * zero.
 *
 * ERR_TRUNCATED, ERR_TRAILING, ERR_TAG, ERR_ENCODING: not DER, not a request. ERR_RANGE: over
 * CSR_MAX. ERR_VERSION: not version 0. ERR_BAD_ALG: another key, or a signature that such a
 * key does not make. ERR_LENGTH: a key or a signature of another length than its algorithm's.
 */
MUST_CHECK enum err csr_parse(struct view in, struct csr *out);

struct csr_scratch {
    struct mldsa_public_key key;
    struct mldsa_key_scratch key_scratch;
    struct mldsa_verify_scratch verify;
};

/* Proof of possession: who made the request has the key that it names. ERR_SIGNATURE: it is
 * not genuine. ERR_ENCODING, ERR_RANGE: a key or a signature that is none. */
MUST_CHECK enum err csr_verify(const struct csr *c, struct csr_scratch *x);

#endif
