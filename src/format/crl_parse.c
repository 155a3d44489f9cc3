#include "format/crl_parse.h"

/* Extensions of which none may be critical: SEQUENCE OF Extension */
static enum err read_extensions(struct reader *r)
{
    struct reader list;
    struct extension ext;

    TRY(der_enter(r, DER_SEQUENCE, &list));
    while (list.n > 0) {
        TRY(extension_next(&list, &ext));
        if (ext.critical) {
            return ERR_EXTENSION;
        }
    }
    return ERR_OK;
}

/* SEQUENCE { userCertificate, revocationDate, crlEntryExtensions OPTIONAL } */
static enum err next_entry(struct reader *list, struct view *serial)
{
    struct reader entry;
    struct gen_time when;

    TRY(der_enter(list, DER_SEQUENCE, &entry));
    TRY(der_read_integer(&entry, serial));
    TRY(cert_ids_time(&entry, &when));
    if (entry.n > 0) {
        TRY(read_extensions(&entry));
    }
    return rd_finish(&entry);
}

static enum err read_entries(struct reader *tbs, struct crl *c)
{
    struct reader list;
    struct view serial;

    TRY(der_read(tbs, DER_SEQUENCE, &c->revoked));
    list = rd_init(c->revoked);
    while (list.n > 0) {
        TRY(next_entry(&list, &serial));
    }
    return ERR_OK;
}

/* Version OPTIONAL: 1 is version 2 */
static enum err read_version(struct reader *tbs)
{
    struct view body;
    uint32_t v = 0;

    if (!der_next_is(tbs, DER_INTEGER)) {
        return ERR_OK;
    }
    TRY(der_read_integer(tbs, &body));
    return der_small(body, 1, &v) == ERR_OK && v == 1 ? ERR_OK : ERR_VERSION;
}

static enum err read_tbs(struct crl *c, struct alg_id *inner)
{
    struct reader r = rd_init(c->tbs);
    struct reader tbs;
    struct reader explicit_0;

    TRY(der_enter(&r, DER_SEQUENCE, &tbs));
    TRY(read_version(&tbs));
    TRY(cms_parse_alg(&tbs, inner));
    TRY(der_read_whole(&tbs, DER_SEQUENCE, &c->issuer));
    TRY(cert_ids_time(&tbs, &c->this_update));
    if (der_next_is(&tbs, DER_UTC_TIME) || der_next_is(&tbs, DER_GENERALIZED_TIME)) {
        c->has_next_update = true;
        TRY(cert_ids_time(&tbs, &c->next_update));
    }
    if (der_next_is(&tbs, DER_SEQUENCE)) {
        TRY(read_entries(&tbs, c));
    }
    if (der_next_is(&tbs, DER_CONTEXT_0)) {
        TRY(der_enter(&tbs, DER_CONTEXT_0, &explicit_0));
        TRY(read_extensions(&explicit_0));
        TRY(rd_finish(&explicit_0));
    }
    return rd_finish(&tbs);
}

/* CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signatureValue BIT STRING }
 */
static enum err parse_all(struct view in, struct crl *c)
{
    struct reader top = rd_init(in);
    struct reader seq;
    struct alg_id inner;
    struct view bits;

    TRY(der_enter(&top, DER_SEQUENCE, &seq));
    TRY(rd_finish(&top));
    TRY(der_read_whole(&seq, DER_SEQUENCE, &c->tbs));
    TRY(cms_parse_alg(&seq, &c->alg));
    TRY(der_read(&seq, DER_BIT_STRING, &bits));
    TRY(rd_finish(&seq));
    if (bits.n < 2 || bits.p[0] != 0) {
        return ERR_RANGE;
    }
    c->signature = (struct view){bits.p + 1, bits.n - 1};
    TRY(read_tbs(c, &inner));
    return view_equal(inner.oid, c->alg.oid) && view_equal(inner.params, c->alg.params)
               ? ERR_OK
               : ERR_MISMATCH;
}

enum err crl_parse(struct view in, struct crl *out)
{
    struct crl c = {.tbs = {NULL, 0}};
    const enum err e = parse_all(in, &c);

    *out = e == ERR_OK ? c : (struct crl){.tbs = {NULL, 0}};
    return e;
}

bool crl_revokes(const struct crl *c, struct view serial)
{
    struct reader list = rd_init(c->revoked);
    struct view named;

    while (list.n > 0) {
        if (next_entry(&list, &named) != ERR_OK || view_equal(named, serial)) {
            return true; /* the first cannot be: crl_parse() read it */
        }
    }
    return false;
}
