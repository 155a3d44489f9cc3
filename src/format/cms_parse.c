#include "format/cms_parse.h"

#include "format/ber.h"
#include "format/der.h"
#include "format/oid.h"

#define VERSION_MAX 127

enum err cms_parse_alg_as(struct reader *r, enum der_tag tag, struct alg_id *out)
{
    struct reader seq;
    struct der_element params = {0};
    struct view oid;

    *out = (struct alg_id){0};
    TRY(der_enter(r, tag, &seq));
    TRY(der_read_oid(&seq, &oid));
    if (seq.n > 0) {
        TRY(der_read_any(&seq, &params));
    }
    TRY(rd_finish(&seq));
    *out = (struct alg_id){oid, params.whole};
    return ERR_OK;
}

enum err cms_parse_alg(struct reader *r, struct alg_id *out)
{
    return cms_parse_alg_as(r, DER_SEQUENCE, out);
}

static enum err parse_version(struct reader *r, uint32_t *out)
{
    struct view body;

    TRY(der_read_integer(r, &body));
    return der_small(body, VERSION_MAX, out);
}

/* Counts the elements of a SET OF, and tells whether they stand in DER's order. */
static enum err count_list(struct view list, size_t *n, uint32_t *flaws)
{
    struct reader r = rd_init(list);
    struct view before = {NULL, 0};
    struct der_element el;

    while (r.n > 0) {
        if (++*n > CMS_LIST_MAX) {
            return ERR_RANGE;
        }
        TRY(der_read_any(&r, &el));
        if (der_sorts_before(el.whole, before)) {
            *flaws |= BER_FLAW_SET_ORDER;
        }
        before = el.whole;
    }
    return ERR_OK;
}

static enum err parse_digest_algs(struct reader *r, struct signed_data *sd)
{
    struct reader algs;
    struct alg_id alg;

    TRY(der_read(r, DER_SET, &sd->digest_algs));
    TRY(count_list(sd->digest_algs, &sd->n_digest_algs, &sd->flaws));
    algs = rd_init(sd->digest_algs);
    while (algs.n > 0) {
        TRY(cms_parse_alg(&algs, &alg));
    }
    return ERR_OK;
}

/* EncapsulatedContentInfo ::= SEQUENCE { eContentType, eContent [0] EXPLICIT OCTET STRING
 * OPTIONAL } */
static enum err parse_encap(struct reader *r, struct signed_data *sd)
{
    struct reader seq;
    struct reader explicit_0;

    TRY(der_enter(r, DER_SEQUENCE, &seq));
    TRY(der_read_oid(&seq, &sd->content_type));
    if (seq.n > 0) {
        TRY(der_enter(&seq, DER_CONTEXT_0, &explicit_0));
        TRY(der_read(&explicit_0, DER_OCTETS, &sd->content));
        TRY(rd_finish(&explicit_0));
        sd->has_content = true;
    }
    return rd_finish(&seq);
}

/* certificates [0] IMPLICIT CertificateSet OPTIONAL, crls [1] IMPLICIT RevocationInfoChoices
 * OPTIONAL */
static enum err parse_optional_lists(struct reader *r, struct signed_data *sd)
{
    if (der_next_is(r, DER_CONTEXT_0)) {
        TRY(der_read(r, DER_CONTEXT_0, &sd->certificates));
        TRY(count_list(sd->certificates, &sd->n_certificates, &sd->flaws));
        sd->has_certificates = true;
    }
    if (der_next_is(r, DER_CONTEXT_1)) {
        TRY(der_read(r, DER_CONTEXT_1, &sd->crls));
        TRY(count_list(sd->crls, &sd->n_crls, &sd->flaws));
    }
    return ERR_OK;
}

static enum err parse_signers(struct reader *r, struct signed_data *sd)
{
    struct reader signers;
    struct signer_info si;

    TRY(der_read(r, DER_SET, &sd->signer_infos));
    TRY(count_list(sd->signer_infos, &sd->n_signers, &sd->flaws));
    signers = rd_init(sd->signer_infos);
    for (bool first = true; signers.n > 0; first = false) {
        TRY(cms_parse_signer(&signers, &si));
        if (first) {
            sd->signer = si;
        }
    }
    return ERR_OK;
}

/* SignerIdentifier ::= CHOICE { issuerAndSerialNumber, subjectKeyIdentifier [0] } */
static enum err parse_sid(struct reader *r, struct signer_info *si)
{
    struct reader seq;

    if (der_next_is(r, DER_PRIMITIVE_0)) {
        TRY(der_read(r, DER_PRIMITIVE_0, &si->ski));
        return si->ski.n > 0 ? ERR_OK : ERR_RANGE;
    }
    TRY(der_enter(r, DER_SEQUENCE, &seq));
    TRY(der_read_whole(&seq, DER_SEQUENCE, &si->issuer));
    TRY(der_read_integer(&seq, &si->serial));
    return rd_finish(&seq);
}

static enum err parse_signer_body(struct reader *r, struct signer_info *si)
{
    struct reader seq;

    TRY(der_enter(r, DER_SEQUENCE, &seq));
    TRY(parse_version(&seq, &si->version));
    TRY(parse_sid(&seq, si));
    TRY(cms_parse_alg(&seq, &si->digest_alg));
    if (der_next_is(&seq, DER_CONTEXT_0)) {
        TRY(der_read_whole(&seq, DER_CONTEXT_0, &si->signed_attrs));
    }
    TRY(cms_parse_alg(&seq, &si->signature_alg));
    TRY(der_read(&seq, DER_OCTETS, &si->signature));
    if (der_next_is(&seq, DER_CONTEXT_1)) {
        TRY(der_read_whole(&seq, DER_CONTEXT_1, &si->unsigned_attrs));
    }
    return rd_finish(&seq);
}

enum err cms_parse_signer(struct reader *r, struct signer_info *out)
{
    struct signer_info si = {0};
    const enum err e = r->n == 0 ? ERR_TRAILING : parse_signer_body(r, &si);

    *out = e == ERR_OK ? si : (struct signer_info){0};
    return e;
}

static enum err parse_signed_data(struct reader *r, struct signed_data *sd)
{
    struct reader seq;

    TRY(der_enter(r, DER_SEQUENCE, &seq));
    TRY(parse_version(&seq, &sd->version));
    TRY(parse_digest_algs(&seq, sd));
    TRY(parse_encap(&seq, sd));
    TRY(parse_optional_lists(&seq, sd));
    TRY(parse_signers(&seq, sd));
    return rd_finish(&seq);
}

/* ContentInfo ::= SEQUENCE { contentType, content [0] EXPLICIT ANY } */
static enum err parse_content_info(struct view in, struct signed_data *sd)
{
    struct reader top = rd_init(in);
    struct reader seq;
    struct reader explicit_0;
    struct view type;

    TRY(der_enter(&top, DER_SEQUENCE, &seq));
    TRY(rd_finish(&top));
    TRY(der_read_oid(&seq, &type));
    if (oid_find(type) != OID_SIGNED_DATA) {
        return ERR_TYPE;
    }
    TRY(der_enter(&seq, DER_CONTEXT_0, &explicit_0));
    TRY(rd_finish(&seq));
    TRY(parse_signed_data(&explicit_0, sd));
    return rd_finish(&explicit_0);
}

enum err cms_parse(struct view in, struct signed_data *out)
{
    struct signed_data sd = {0};
    const enum err e = parse_content_info(in, &sd);

    *out = e == ERR_OK ? sd : (struct signed_data){0};
    return e;
}

enum err cms_certificate(const struct signed_data *sd, size_t i, struct view *cert)
{
    struct reader r = rd_init(sd->certificates);
    struct der_element el;

    *cert = (struct view){NULL, 0};
    do {
        if (r.n == 0) {
            return ERR_RANGE;
        }
        TRY(der_read_any(&r, &el));
    } while (i-- > 0);
    if (el.tag != DER_SEQUENCE) {
        return ERR_TYPE;
    }
    *cert = el.whole;
    return ERR_OK;
}
