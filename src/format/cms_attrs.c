#include "format/cms_attrs.h"

#include "format/ber.h"
#include "format/oid.h"

enum err cms_attrs_open(struct view attrs, struct reader *out)
{
    struct reader r = rd_init(attrs);
    struct der_element el;

    *out = (struct reader){NULL, 0};
    if (attrs.n == 0) {
        return ERR_OK;
    }
    TRY(der_read_any(&r, &el));
    if (el.tag != DER_SET && el.tag != DER_CONTEXT_0 && el.tag != DER_CONTEXT_1) {
        return ERR_TAG;
    }
    TRY(rd_finish(&r));
    *out = rd_init(el.body);
    return ERR_OK;
}

/* Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF AttributeValue } */
static enum err read_attr(struct reader *r, struct cms_attr *out)
{
    struct reader seq;
    struct reader values;
    struct der_element el;

    TRY(der_enter(r, DER_SEQUENCE, &seq));
    TRY(der_read_oid(&seq, &out->type));
    TRY(der_read(&seq, DER_SET, &out->values));
    values = rd_init(out->values);
    while (values.n > 0) {
        TRY(der_read_any(&values, &el));
    }
    return rd_finish(&seq);
}

enum err cms_attrs_next(struct reader *r, struct cms_attr *out)
{
    struct cms_attr a = {0};
    const enum err e = r->n == 0 ? ERR_TRAILING : read_attr(r, &a);

    *out = e == ERR_OK ? a : (struct cms_attr){0};
    return e;
}

/* IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber INTEGER } */
static enum err parse_issuer_serial(struct reader *r, struct ess_cert_id *id)
{
    struct reader seq;
    struct reader names;
    struct reader name;
    struct der_element el;

    TRY(der_enter(r, DER_SEQUENCE, &seq));
    TRY(der_read(&seq, DER_SEQUENCE, &id->issuer_names));
    TRY(der_read_integer(&seq, &id->serial));
    TRY(rd_finish(&seq));
    names = rd_init(id->issuer_names);
    TRY(der_read_any(&names, &el));
    if (names.n == 0 && el.tag == DER_CONTEXT_4) { /* EXPLICIT: Name is a CHOICE */
        name = rd_init(el.body);
        if (der_read_whole(&name, DER_SEQUENCE, &id->issuer) != ERR_OK || name.n > 0) {
            id->issuer = (struct view){NULL, 0};
        }
    }
    while (names.n > 0) {
        TRY(der_read_any(&names, &el));
    }
    id->has_issuer_serial = true;
    return ERR_OK;
}

/* hashAlgorithm DEFAULT { algorithm id-sha256 } */
static enum err parse_hash(struct reader *r, struct ess_cert_id *id, uint32_t *flaws)
{
    if (der_next_is(r, DER_SEQUENCE)) {
        TRY(cms_parse_alg(r, &id->hash));
        if (oid_find(id->hash.oid) == OID_SHA256 && id->hash.params.n == 0) {
            *flaws |= BER_FLAW_DEFAULT;
        }
    }
    return ERR_OK;
}

/* ESSCertID ::= SEQUENCE { certHash OCTET STRING, issuerSerial IssuerSerial OPTIONAL }; version
 * 2 has hashAlgorithm before these. */
static enum err parse_ess_cert_id(struct reader *r, bool v2, struct ess_cert_id *id,
                                  uint32_t *flaws)
{
    struct reader seq;

    TRY(der_enter(r, DER_SEQUENCE, &seq));
    if (v2) {
        TRY(parse_hash(&seq, id, flaws));
    }
    TRY(der_read(&seq, DER_OCTETS, &id->cert_hash));
    if (id->cert_hash.n == 0) {
        return ERR_RANGE;
    }
    if (seq.n > 0) {
        TRY(parse_issuer_serial(&seq, id));
    }
    return rd_finish(&seq);
}

/* SigningCertificate(V2) ::= SEQUENCE { certs SEQUENCE OF ESSCertID(v2), policies SEQUENCE OF
 * PolicyInformation OPTIONAL }. The first certificate is the signer's (RFC 2634 5.4.1); the
 * others are only held to be well formed. */
static enum err parse_signing_certificate(struct reader *value, bool v2, struct cms_attrs *a)
{
    struct ess_cert_id *first = v2 ? &a->ess_v2 : &a->ess_v1;
    struct reader seq;
    struct reader certs;
    struct view policies;
    size_t n = 0;

    TRY(der_enter(value, DER_SEQUENCE, &seq));
    TRY(der_enter(&seq, DER_SEQUENCE, &certs));
    while (certs.n > 0) {
        struct ess_cert_id id = {0};

        TRY(parse_ess_cert_id(&certs, v2, &id, &a->flaws));
        if (n++ == 0) {
            *first = id;
        }
    }
    if (n == 0) {
        return ERR_RANGE;
    }
    first->n_certs = n;
    if (seq.n > 0) {
        TRY(der_read(&seq, DER_SEQUENCE, &policies));
    }
    return rd_finish(&seq);
}

/* Time ::= CHOICE { utcTime UTCTime, generalTime GeneralizedTime } */
static enum err parse_signing_time(struct reader *value, struct cms_attrs *a)
{
    struct der_element el;

    TRY(der_read_any(value, &el));
    a->has_signing_time = true;
    if (el.tag == DER_UTC_TIME) {
        return gen_time_parse_utc(el.body, &a->signing_time);
    }
    return el.tag == DER_GENERALIZED_TIME ? gen_time_parse(el.body, &a->signing_time, &a->flaws)
                                          : ERR_TAG;
}

/* CMSAlgorithmProtection ::= SEQUENCE { digestAlgorithm, signatureAlgorithm [1] OPTIONAL,
 * macAlgorithm [2] OPTIONAL }; of the two a SignedData has the first (RFC 6211 2). */
static enum err parse_protection(struct reader *value, struct cms_attrs *a)
{
    struct reader seq;

    TRY(der_enter(value, DER_SEQUENCE, &seq));
    TRY(cms_parse_alg(&seq, &a->protected_digest));
    TRY(cms_parse_alg_as(&seq, DER_CONTEXT_1, &a->protected_signature));
    a->has_protection = true;
    return rd_finish(&seq);
}

static enum err parse_digest(struct reader *value, struct cms_attrs *a)
{
    TRY(der_read(value, DER_OCTETS, &a->message_digest));
    return a->message_digest.n > 0 ? ERR_OK : ERR_RANGE;
}

/* A known attribute's value. Each may stand once: what is there already was set by an earlier
 * one. */
static enum err parse_known(enum oid_id type, struct reader *value, struct cms_attrs *a)
{
    bool twice = false;

    if (type == OID_CONTENT_TYPE) {
        twice = a->content_type.n > 0;
        TRY(der_read_oid(value, &a->content_type));
    } else if (type == OID_MESSAGE_DIGEST) {
        twice = a->message_digest.n > 0;
        TRY(parse_digest(value, a));
    } else if (type == OID_SIGNING_TIME) {
        twice = a->has_signing_time;
        TRY(parse_signing_time(value, a));
    } else if (type == OID_SIGNING_CERTIFICATE) {
        twice = a->ess_v1.n_certs > 0;
        TRY(parse_signing_certificate(value, false, a));
    } else if (type == OID_SIGNING_CERTIFICATE_V2) {
        twice = a->ess_v2.n_certs > 0;
        TRY(parse_signing_certificate(value, true, a));
    } else if (type == OID_ALGORITHM_PROTECTION) {
        twice = a->has_protection;
        TRY(parse_protection(value, a));
    } else {
        a->n_unknown++;
        return ERR_OK;
    }
    return twice || value->n > 0 ? ERR_RANGE : ERR_OK;
}

static enum err parse_all(struct view signed_attrs, struct cms_attrs *a)
{
    struct reader r;
    struct reader one;
    struct reader value;
    struct cms_attr attr;
    struct view before = {NULL, 0};
    struct view whole;

    TRY(cms_attrs_open(signed_attrs, &r));
    while (r.n > 0) {
        if (++a->n_attrs > CMS_ATTRS_MAX) {
            return ERR_RANGE;
        }
        TRY(der_read_whole(&r, DER_SEQUENCE, &whole));
        if (der_sorts_before(whole, before)) {
            a->flaws |= BER_FLAW_ATTRS_ORDER;
        }
        before = whole;
        one = rd_init(whole);
        TRY(cms_attrs_next(&one, &attr));
        value = rd_init(attr.values);
        TRY(parse_known(oid_find(attr.type), &value, a));
    }
    return ERR_OK;
}

enum err cms_attrs_parse(struct view signed_attrs, struct cms_attrs *out)
{
    struct cms_attrs a = {0};
    const enum err e = parse_all(signed_attrs, &a);

    *out = e == ERR_OK ? a : (struct cms_attrs){0};
    return e;
}
