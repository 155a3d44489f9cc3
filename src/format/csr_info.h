/* csr_info.h - writes CertificationRequestInfo (RFC 2986 4.1) in DER, from fields: what a core
 * signs to ask for the certificate of a key. */
#ifndef FORMAT_CSR_INFO_H
#define FORMAT_CSR_INFO_H

#include "format/signed_attrs.h"

#define CSR_INFO_MAX 2304 /* bytes that are enough for either key */
#define CSR_INFO_EPOCH_LEN 48

/* Templates of the subject. */
enum csr_subject {
    CSR_SUBJECT_TSA = 1, /* commonName "Quorate TSA", serialNumber: the first 16 bytes of
                            epoch_id in hexadecimal */
};

struct csr_fields {
    enum sign_alg alg;       /* of the key */
    uint8_t subject;         /* enum csr_subject */
    const uint8_t *epoch_id; /* CSR_INFO_EPOCH_LEN */
    struct view public_key;  /* P-384: 04 | X | Y. ML-DSA-65: as FIPS 204 encodes it */
};

/* Appends version 0, the subject, the key and no attributes. ERR_RANGE: no such template.
 * ERR_LENGTH: the key is not as long as one of alg. w is untouched then. Overflow is kept in w.
 */
MUST_CHECK enum err csr_info_write(struct writer *w, const struct csr_fields *f);

#endif
