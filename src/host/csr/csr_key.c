#include "host/csr/csr_key.h"

#include "format/pem.h"

static enum sign_alg alg_of(const struct csr_key *k)
{
    return k->key == KEY_PQ ? SIGN_ML_DSA_65 : SIGN_ECDSA_P384_SHA384;
}

enum err csr_key_info(const struct csr_key *k, uint8_t out[CSR_INFO_MAX], struct view *info)
{
    struct writer w = wr_init(out, CSR_INFO_MAX);
    const struct csr_fields f = {alg_of(k), CSR_SUBJECT_TSA, k->epoch_id, k->public_key};

    *info = (struct view){NULL, 0};
    TRY(csr_info_write(&w, &f));
    return wr_finish(&w, info);
}

enum err csr_key_pem(const struct csr_key *k, struct view signature, struct csr_scratch *x,
                     struct writer *w)
{
    uint8_t bytes[CSR_INFO_MAX];
    uint8_t der[CSR_MAX];
    struct writer dw = wr_init(der, sizeof der);
    struct view info;
    struct view whole;
    struct csr c;

    TRY(csr_key_info(k, bytes, &info));
    TRY(csr_write(&dw, info, alg_of(k), signature));
    TRY(wr_finish(&dw, &whole));
    TRY(csr_parse(whole, &c));
    TRY(csr_verify(&c, x));
    pem_write(w, CSR_PEM_LABEL, whole);
    return w->full ? ERR_NOSPACE : ERR_OK;
}
