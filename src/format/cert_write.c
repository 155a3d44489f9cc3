#include "format/cert_write.h"

#include "format/gen_time.h"

#define UTC_TIME_END_S INT64_C(2524608000) /* 2050-01-01, RFC 5280 4.1.2.5 */

/* AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters OPTIONAL } */
static void write_alg(struct writer *w, enum oid_id alg, enum oid_id params)
{
    const size_t mark = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, oid_body(alg));
    if (params != OID_NONE) {
        der_write(w, DER_OID, oid_body(params));
    }
    der_end(w, mark);
}

/* Parameters are absent: RFC 5758 3.2, RFC 9881 2. */
static void write_signature_alg(struct writer *w, enum sign_alg alg)
{
    write_alg(w, alg == SIGN_ML_DSA_65 ? OID_ML_DSA_65 : OID_ECDSA_SHA384, OID_NONE);
}

static void write_bits(struct writer *w, struct view bytes)
{
    der_head(w, DER_BIT_STRING, bytes.n + 1);
    wr_u8(w, 0);
    wr_view(w, bytes);
}

/* GeneralizedTime of whole seconds under any tag. */
static void write_general(struct writer *w, enum der_tag tag, int64_t s)
{
    uint8_t text[GEN_TIME_TEXT_MAX];
    const bool fits = s >= 0 && s <= GEN_TIME_MS_MAX / 1000;
    const size_t n = fits ? gen_time_write(s * 1000, text) : 0;

    if (n == 0) {
        w->full = true;
        return;
    }
    der_write(w, tag, (struct view){text, n});
}

/* Time ::= CHOICE { utcTime UTCTime, generalTime GeneralizedTime }: the first until 2049. */
static void write_time(struct writer *w, int64_t s)
{
    uint8_t text[GEN_TIME_TEXT_MAX];

    if (s < 0 || s >= UTC_TIME_END_S) {
        write_general(w, DER_GENERALIZED_TIME, s);
        return;
    }
    const size_t n = gen_time_write(s * 1000, text);

    der_write(w, DER_UTC_TIME, (struct view){text + 2, n - 2});
}

static void write_extension(struct writer *w, const struct extension *x)
{
    const size_t mark = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, x->type);
    if (x->critical) {
        der_write(w, DER_BOOLEAN, (struct view){(const uint8_t[]){0xff}, 1});
    }
    der_write(w, DER_OCTETS, x->value);
    der_end(w, mark);
}

static void write_extensions(struct writer *w, const struct cert_fields *f)
{
    const size_t explicit_3 = der_begin(w, DER_CONTEXT_3);
    const size_t list = der_begin(w, DER_SEQUENCE);

    for (size_t i = 0; i < f->n_extensions; i++) {
        write_extension(w, &f->extensions[i]);
    }
    der_end(w, list);
    der_end(w, explicit_3);
}

/* version [0] EXPLICIT INTEGER: v3 is 2 */
static void write_version(struct writer *w)
{
    const size_t mark = der_begin(w, DER_CONTEXT_0);

    der_write(w, DER_INTEGER, (struct view){(const uint8_t[]){2}, 1});
    der_end(w, mark);
}

void cert_write_tbs(struct writer *w, const struct cert_fields *f)
{
    const size_t tbs = der_begin(w, DER_SEQUENCE);

    write_version(w);
    der_write_unsigned(w, DER_INTEGER, f->serial);
    write_signature_alg(w, f->alg);
    wr_view(w, f->issuer);
    const size_t validity = der_begin(w, DER_SEQUENCE);

    write_time(w, f->not_before_s);
    write_time(w, f->not_after_s);
    der_end(w, validity);
    wr_view(w, f->subject);
    wr_view(w, f->spki);
    if (f->n_extensions > 0) {
        write_extensions(w, f);
    }
    der_end(w, tbs);
}

void cert_write(struct writer *w, struct view tbs, enum sign_alg alg, struct view signature)
{
    const size_t mark = der_begin(w, DER_SEQUENCE);

    wr_view(w, tbs);
    write_signature_alg(w, alg);
    write_bits(w, signature);
    der_end(w, mark);
}

enum err cert_write_spki(struct writer *w, enum sign_alg alg, struct view key)
{
    const bool pq = alg == SIGN_ML_DSA_65;

    if (key.n != (pq ? CERT_WRITE_ML_DSA_65_LEN : CERT_WRITE_P384_LEN)) {
        return ERR_LENGTH;
    }
    const size_t mark = der_begin(w, DER_SEQUENCE);

    write_alg(w, pq ? OID_ML_DSA_65 : OID_EC_PUBLIC_KEY, pq ? OID_NONE : OID_SECP384R1);
    write_bits(w, key);
    der_end(w, mark);
    return ERR_OK;
}

void cert_write_name(struct writer *w, struct view common_name)
{
    static const uint8_t type[] = {0x55, 0x04, 0x03}; /* 2.5.4.3 */
    const size_t name = der_begin(w, DER_SEQUENCE);
    const size_t rdn = der_begin(w, DER_SET);
    const size_t pair = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, (struct view){type, sizeof type});
    der_write(w, DER_UTF8_STRING, common_name);
    der_end(w, pair);
    der_end(w, rdn);
    der_end(w, name);
}

void cert_write_basic_constraints(struct writer *w, bool ca, uint8_t path_len)
{
    const size_t mark = der_begin(w, DER_SEQUENCE);

    if (ca) {
        der_write(w, DER_BOOLEAN, (struct view){(const uint8_t[]){0xff}, 1});
        if (path_len != CERT_PATH_LEN_NONE) {
            der_write_unsigned(w, DER_INTEGER, (struct view){&path_len, 1});
        }
    }
    der_end(w, mark);
}

/* A BIT STRING of named bits ends with its last one, X.690 11.2.2. */
void cert_write_key_usage(struct writer *w, uint8_t bits)
{
    uint8_t unused = 0;

    while (unused < 7 && (bits >> unused & 1) == 0) {
        unused++;
    }
    der_write(w, DER_BIT_STRING, (struct view){(const uint8_t[]){unused, bits}, 2});
}

void cert_write_time_stamping(struct writer *w)
{
    const size_t mark = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, oid_body(OID_KP_TIME_STAMPING));
    der_end(w, mark);
}

void cert_write_ski(struct writer *w, struct view key_id)
{
    der_write(w, DER_OCTETS, key_id);
}

void cert_write_aki(struct writer *w, struct view key_id)
{
    const size_t mark = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_PRIMITIVE_0, key_id);
    der_end(w, mark);
}

void cert_write_usage_period(struct writer *w, int64_t not_before_s, int64_t not_after_s)
{
    const size_t mark = der_begin(w, DER_SEQUENCE);

    write_general(w, DER_PRIMITIVE_0, not_before_s);
    write_general(w, DER_PRIMITIVE_1, not_after_s);
    der_end(w, mark);
}
