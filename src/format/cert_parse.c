#include "format/cert_parse.h"

#include "format/spki.h"

#define PATH_LEN_MAX 127

/* BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint OPTIONAL } */
static enum err read_basic_constraints(struct view value, struct cert *c)
{
    struct reader r = rd_init(value);
    struct reader seq;
    struct view body;

    TRY(der_enter(&r, DER_SEQUENCE, &seq));
    TRY(rd_finish(&r));
    if (der_next_is(&seq, DER_BOOLEAN)) {
        TRY(der_read_bool(&seq, &c->ca));
    }
    if (der_next_is(&seq, DER_INTEGER)) {
        TRY(der_read_integer(&seq, &body));
        TRY(der_small(body, PATH_LEN_MAX, &c->path_len));
        c->has_path_len = true;
    }
    return rd_finish(&seq);
}

/* KeyUsage ::= BIT STRING: nine named bits */
static enum err read_key_usage(struct view value, struct cert *c)
{
    struct reader r = rd_init(value);
    struct view body;
    struct reader bits;
    uint8_t unused = 0;

    TRY(der_read(&r, DER_BIT_STRING, &body));
    TRY(rd_finish(&r));
    bits = rd_init(body);
    TRY(rd_u8(&bits, &unused));
    if (unused > 7 || bits.n == 0 || bits.n > 2) {
        return ERR_ENCODING;
    }
    c->has_key_usage = true;
    return rd_u8(&bits, &c->key_usage);
}

/* ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF KeyPurposeId */
static enum err read_ext_key_usage(const struct extension *x, struct cert *c)
{
    static const uint8_t any[] = {0x55, 0x1d, 0x25, 0x00}; /* anyExtendedKeyUsage */
    struct reader r = rd_init(x->value);
    struct reader seq;
    bool named = false;
    bool other = false;

    TRY(der_enter(&r, DER_SEQUENCE, &seq));
    TRY(rd_finish(&r));
    c->may_time_stamp = false;
    do {
        struct view purpose;

        TRY(der_read_oid(&seq, &purpose));
        const bool stamping = oid_find(purpose) == OID_KP_TIME_STAMPING;

        other = other || !stamping || named;
        named = named || stamping;
        if (stamping || view_equal(purpose, (struct view){any, sizeof any})) {
            c->may_time_stamp = true;
        }
    } while (seq.n > 0);
    c->has_ext_key_usage = true;
    c->tsa = named && !other && x->critical;
    return ERR_OK;
}

static enum err read_date(struct reader *seq, enum der_tag tag, bool *has, int64_t *s)
{
    struct view text;
    struct gen_time t;
    uint32_t flaws = 0;

    if (!der_next_is(seq, tag)) {
        return ERR_OK;
    }
    TRY(der_read(seq, tag, &text));
    TRY(gen_time_parse(text, &t, &flaws));
    *has = true;
    *s = t.s;
    return ERR_OK;
}

/* PrivateKeyUsagePeriod ::= SEQUENCE { notBefore [0] OPTIONAL, notAfter [1] OPTIONAL } */
static enum err read_usage_period(struct view value, struct cert *c)
{
    struct reader r = rd_init(value);
    struct reader seq;

    TRY(der_enter(&r, DER_SEQUENCE, &seq));
    TRY(rd_finish(&r));
    TRY(read_date(&seq, DER_PRIMITIVE_0, &c->has_usage_begin, &c->usage_begin_s));
    TRY(read_date(&seq, DER_PRIMITIVE_1, &c->has_usage_end, &c->usage_end_s));
    return rd_finish(&seq);
}

static enum err read_extension(const struct extension *x, struct cert *c)
{
    const enum oid_id type = oid_find(x->type);

    if (type == OID_BASIC_CONSTRAINTS) {
        return read_basic_constraints(x->value, c);
    }
    if (type == OID_KEY_USAGE) {
        return read_key_usage(x->value, c);
    }
    if (type == OID_EXT_KEY_USAGE) {
        return read_ext_key_usage(x, c);
    }
    if (type == OID_PRIVATE_KEY_USAGE_PERIOD) {
        return read_usage_period(x->value, c);
    }
    /* Another name of the subject bears on no path here. Key identifiers only help to search.
     */
    return x->critical && type != OID_SUBJECT_ALT_NAME ? ERR_EXTENSION : ERR_OK;
}

/* RFC 5280 4.2: no extension stands twice. */
static enum err check_single(const struct extension *seen, size_t n, struct view type)
{
    for (size_t i = 0; i < n; i++) {
        if (view_equal(seen[i].type, type)) {
            return ERR_RANGE;
        }
    }
    return ERR_OK;
}

static enum err read_extensions(struct cert *c)
{
    struct extension seen[CERT_PARSE_EXTENSIONS_MAX];
    struct reader list = rd_init(c->ids.extensions);

    for (size_t n = 0; list.n > 0; n++) {
        if (n == CERT_PARSE_EXTENSIONS_MAX) {
            return ERR_RANGE;
        }
        TRY(extension_next(&list, &seen[n]));
        TRY(check_single(seen, n, seen[n].type));
        TRY(read_extension(&seen[n], c));
    }
    return ERR_OK;
}

static enum err parse_all(struct view in, struct cert *c)
{
    TRY(cert_ids_parse(in, &c->ids));
    if (c->ids.version != 3) {
        return ERR_VERSION;
    }
    c->may_time_stamp = true;
    return read_extensions(c);
}

enum err cert_parse(struct view in, struct cert *out)
{
    struct cert c = {0};
    const enum err e = parse_all(in, &c);

    *out = e == ERR_OK ? c : (struct cert){0};
    return e;
}

enum err cert_ml_dsa_key(const struct cert_ids *c, const struct mldsa_params **out)
{
    return spki_ml_dsa(&(struct spki){c->key_alg, c->public_key}, out);
}

enum err cert_ml_dsa_signature(const struct cert_ids *c, const struct mldsa_params **out)
{
    const struct mldsa_params *params;

    *out = NULL;
    TRY(mldsa_alg_read(&c->signature_alg, &params));
    if (c->signature.n != params->sig_len) {
        return ERR_LENGTH;
    }
    *out = params;
    return ERR_OK;
}
