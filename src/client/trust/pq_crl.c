#include "client/trust/pq_crl.h"

#include "client/trust/pq_chain.h"
#include "format/mldsa_alg.h"

/* AlgorithmIdentifier in TBSCertList: after version, which is optional. */
static enum err read_inner_alg(struct view tbs, struct alg_id *out)
{
    struct reader r = rd_init(tbs);
    struct reader seq;
    struct view version;

    TRY(der_enter(&r, DER_SEQUENCE, &seq));
    if (der_next_is(&seq, DER_INTEGER)) {
        TRY(der_read(&seq, DER_INTEGER, &version));
    }
    return cms_parse_alg(&seq, out);
}

/* CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signatureValue } */
static enum err parse(struct view list, struct pq_crl *out)
{
    struct reader r = rd_init(list);
    struct reader seq;
    struct reader bits;
    struct alg_id inner;
    struct view value;
    uint8_t unused = 0;

    TRY(der_enter(&r, DER_SEQUENCE, &seq));
    TRY(rd_finish(&r));
    TRY(der_read_whole(&seq, DER_SEQUENCE, &out->tbs));
    TRY(cms_parse_alg(&seq, &out->alg));
    TRY(der_read(&seq, DER_BIT_STRING, &value));
    TRY(rd_finish(&seq));
    bits = rd_init(value);
    TRY(rd_u8(&bits, &unused));
    if (unused != 0) {
        return ERR_ENCODING; /* a signature is whole bytes */
    }
    out->signature = (struct view){bits.p, bits.n};
    TRY(read_inner_alg(out->tbs, &inner));
    return view_equal(inner.oid, out->alg.oid) && view_equal(inner.params, out->alg.params)
               ? ERR_OK
               : ERR_MISMATCH;
}

enum err pq_crl_parse(struct view list, struct pq_crl *out)
{
    struct pq_crl c = {.tbs = {NULL, 0}};
    const enum err e = parse(list, &c);

    *out = e == ERR_OK ? c : (struct pq_crl){.tbs = {NULL, 0}};
    return e;
}

enum err pq_crl_check(struct view list, struct view issuer)
{
    const struct mldsa_params *params;
    struct cert_ids ids;
    struct pq_crl c;

    TRY(pq_crl_parse(list, &c));
    TRY(mldsa_alg_read(&c.alg, &params));
    TRY(cert_ids_parse(issuer, &ids));
    return pq_signature_check(&ids, params, c.tbs, c.signature);
}
