/* csr_facts.h - what certificate requests (PKCS#10, format/csr.h) ask for, as text and as JSON,
 * and whether each is signed by the key that it names. */
#ifndef CLIENT_TOKEN_CSR_FACTS_H
#define CLIENT_TOKEN_CSR_FACTS_H

#include "client/token/key_facts.h"

#define CSR_FACTS_MAX 16 /* requests in one file */

struct csr_facts {
    char subject[256];
    char algorithm[KEY_FACTS_TEXT_MAX];
    char sha384[2 * HASH_MAX + 1]; /* of SubjectPublicKeyInfo, as QuorateBinding names a key */
    bool attributes;               /* it asks for more than a certificate */
    enum err proof;                /* of possession: ERR_OK, or why it does not hold */
};

struct csr_list {
    size_t n;
    struct csr_facts of[CSR_FACTS_MAX];
};

/* Reads one request in DER, or any in PEM. On failure *out is all zero. ERR_TAG: it holds none.
 * ERR_NOSPACE: too many, one that is too long, or no memory. Else as csr_parse(). */
MUST_CHECK enum err csr_facts_read(struct view bytes, struct csr_list *out);

void csr_facts_print(const struct csr_list *l, FILE *out);

/* A new reference; NULL: no memory. */
json_t *csr_facts_json(const struct csr_list *l);

#endif
