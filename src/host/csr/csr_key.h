/* csr_key.h - a key of cores for which a certificate is to be asked: its request, once it is
 * signed. Pure. */
#ifndef HOST_CSR_CSR_KEY_H
#define HOST_CSR_CSR_KEY_H

#include "format/csr.h"
#include "format/csr_info.h"
#include "wire/core_info.h"

#define CSR_PEM_MAX 8192 /* bytes of one request in PEM */

struct csr_key {
    uint8_t key;             /* KEY_CLASSIC or KEY_PQ */
    const uint8_t *epoch_id; /* EPOCH_ID_LEN */
    struct view public_key;  /* as HELLO gives it */
};

/* CertificationRequestInfo as every signer writes it, the subject by CSR_SUBJECT_TSA, in out.
 * ERR_LENGTH: no such key. */
MUST_CHECK enum err csr_key_info(const struct csr_key *k, uint8_t out[CSR_INFO_MAX],
                                 struct view *info);

/* Appends the request with this signature (96 bytes r | s, or 3309) in PEM, if it is genuine.
 * ERR_SIGNATURE: it is not. ERR_LENGTH: no such key or signature. ERR_ENCODING, ERR_RANGE: the
 * key is none. ERR_NOSPACE. */
MUST_CHECK enum err csr_key_pem(const struct csr_key *k, struct view signature,
                                struct csr_scratch *x, struct writer *w);

#endif
