#include "format/cert_ids.h"

#include "format/spki.h"

/* version [0] EXPLICIT INTEGER DEFAULT v1 */
static enum err parse_version(struct reader *tbs, struct cert_ids *c)
{
    struct reader explicit_0;
    struct view body;
    uint32_t v = 0;

    if (der_next_is(tbs, DER_CONTEXT_0)) {
        TRY(der_enter(tbs, DER_CONTEXT_0, &explicit_0));
        TRY(der_read_integer(&explicit_0, &body));
        TRY(rd_finish(&explicit_0));
        TRY(der_small(body, 2, &v));
    }
    c->version = v + 1;
    return ERR_OK;
}

enum err cert_ids_time(struct reader *r, struct gen_time *t)
{
    struct der_element el;
    uint32_t flaws = 0;

    *t = (struct gen_time){0};
    TRY(der_read_any(r, &el));
    if (el.tag == DER_UTC_TIME) {
        return gen_time_parse_utc(el.body, t);
    }
    return el.tag == DER_GENERALIZED_TIME ? gen_time_parse(el.body, t, &flaws) : ERR_TAG;
}

static enum err parse_validity(struct reader *tbs, struct cert_ids *c)
{
    struct reader seq;

    TRY(der_enter(tbs, DER_SEQUENCE, &seq));
    TRY(cert_ids_time(&seq, &c->not_before));
    TRY(cert_ids_time(&seq, &c->not_after));
    return rd_finish(&seq);
}

static enum err parse_key(struct reader *tbs, struct cert_ids *c)
{
    struct spki key;

    TRY(der_read_whole(tbs, DER_SEQUENCE, &c->spki));
    TRY(spki_parse(c->spki, &key));
    c->key_alg = key.alg;
    c->public_key = key.key;
    return ERR_OK;
}

/* extensions [3] EXPLICIT SEQUENCE OF Extension */
static enum err parse_extensions(struct reader *tbs, struct cert_ids *c)
{
    struct reader r;
    struct extension ext;

    TRY(der_enter(tbs, DER_CONTEXT_3, &r));
    TRY(der_read(&r, DER_SEQUENCE, &c->extensions));
    TRY(rd_finish(&r));
    r = rd_init(c->extensions);
    while (r.n > 0) {
        TRY(extension_next(&r, &ext));
    }
    return ERR_OK;
}

/* issuerUniqueID [1], subjectUniqueID [2], extensions [3] */
static enum err parse_tail(struct reader *tbs, struct cert_ids *c)
{
    struct view v;

    if (der_next_is(tbs, DER_PRIMITIVE_1)) {
        TRY(der_read(tbs, DER_PRIMITIVE_1, &v));
    }
    if (der_next_is(tbs, DER_PRIMITIVE_2)) {
        TRY(der_read(tbs, DER_PRIMITIVE_2, &v));
    }
    if (der_next_is(tbs, DER_CONTEXT_3)) {
        TRY(parse_extensions(tbs, c));
    }
    return rd_finish(tbs);
}

static enum err parse_tbs(struct reader *cert, struct cert_ids *c)
{
    struct reader whole;
    struct reader tbs;

    TRY(der_read_whole(cert, DER_SEQUENCE, &c->tbs));
    whole = rd_init(c->tbs);
    TRY(der_enter(&whole, DER_SEQUENCE, &tbs));
    TRY(parse_version(&tbs, c));
    TRY(der_read_integer(&tbs, &c->serial));
    if (c->serial.n > CERT_IDS_SERIAL_MAX) {
        return ERR_RANGE;
    }
    TRY(cms_parse_alg(&tbs, &c->signature_alg));
    TRY(der_read_whole(&tbs, DER_SEQUENCE, &c->issuer));
    TRY(parse_validity(&tbs, c));
    TRY(der_read_whole(&tbs, DER_SEQUENCE, &c->subject));
    TRY(parse_key(&tbs, c));
    return parse_tail(&tbs, c);
}

/* Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue BIT STRING } */
static enum err parse_body(struct view in, struct cert_ids *c)
{
    struct reader top = rd_init(in);
    struct reader cert;
    struct alg_id alg;
    struct view bits;

    TRY(der_enter(&top, DER_SEQUENCE, &cert));
    TRY(rd_finish(&top));
    TRY(parse_tbs(&cert, c));
    TRY(cms_parse_alg(&cert, &alg));
    TRY(der_read(&cert, DER_BIT_STRING, &bits)); /* of whatever bits: who verifies it sees */
    TRY(rd_finish(&cert));
    if (bits.n > 1 && bits.p[0] == 0) {
        c->signature = (struct view){bits.p + 1, bits.n - 1};
    }
    return view_equal(alg.oid, c->signature_alg.oid) &&
                   view_equal(alg.params, c->signature_alg.params)
               ? ERR_OK
               : ERR_MISMATCH;
}

enum err cert_ids_parse(struct view cert, struct cert_ids *out)
{
    struct cert_ids c = {0};
    const enum err e = parse_body(cert, &c);

    *out = e == ERR_OK ? c : (struct cert_ids){0};
    return e;
}

enum err cert_ids_extension(const struct cert_ids *c, enum oid_id type, struct extension *out)
{
    struct reader list = rd_init(c->extensions);
    bool found = false;

    *out = (struct extension){0};
    while (list.n > 0) {
        struct extension ext;

        TRY(extension_next(&list, &ext));
        if (!view_equal(ext.type, oid_body(type))) {
            continue;
        }
        if (found) {
            *out = (struct extension){0};
            return ERR_RANGE;
        }
        found = true;
        *out = ext;
    }
    return found ? ERR_OK : ERR_EXTENSION;
}

struct view cert_ids_ski(const struct cert_ids *c)
{
    struct extension ext;
    struct reader r;
    struct view ski = {NULL, 0};

    if (cert_ids_extension(c, OID_SUBJECT_KEY_ID, &ext) != ERR_OK) {
        return ski;
    }
    r = rd_init(ext.value);
    if (der_read(&r, DER_OCTETS, &ski) != ERR_OK || r.n > 0) {
        ski = (struct view){NULL, 0};
    }
    return ski;
}

bool cert_ids_is_tsa(const struct cert_ids *c)
{
    struct extension ext;
    struct reader r;
    struct reader seq;
    struct view purpose;

    if (cert_ids_extension(c, OID_EXT_KEY_USAGE, &ext) != ERR_OK || !ext.critical) {
        return false;
    }
    r = rd_init(ext.value);
    return der_enter(&r, DER_SEQUENCE, &seq) == ERR_OK && r.n == 0 &&
           der_read_oid(&seq, &purpose) == ERR_OK && seq.n == 0 &&
           oid_find(purpose) == OID_KP_TIME_STAMPING;
}

bool cert_ids_valid_at(const struct cert_ids *c, int64_t s)
{
    return c->not_before.s <= s && s <= c->not_after.s;
}
