#include "format/csr.h"

#include "crypto/hash.h"
#include "crypto/p384.h"
#include "format/spki.h"

#include <string.h>

#define ML_DSA_65_SIG_LEN 3309

/* ---- writing ---- */

/* ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }, RFC 3279 2.2.3, in a BIT STRING */
static void write_ecdsa(struct writer *w, struct view signature)
{
    const struct view r = {signature.p, P384_SCALAR_LEN};
    const struct view s = {signature.p + P384_SCALAR_LEN, P384_SCALAR_LEN};
    const size_t both = der_len(der_unsigned_len(r)) + der_len(der_unsigned_len(s));

    der_head(w, DER_BIT_STRING, 1 + der_len(both));
    wr_u8(w, 0);
    der_head(w, DER_SEQUENCE, both);
    der_write_unsigned(w, DER_INTEGER, r);
    der_write_unsigned(w, DER_INTEGER, s);
}

enum err csr_write(struct writer *w, struct view info, enum sign_alg alg, struct view signature)
{
    const bool pq = alg == SIGN_ML_DSA_65;

    if (signature.n != (pq ? ML_DSA_65_SIG_LEN : P384_SIG_LEN)) {
        return ERR_LENGTH;
    }
    const size_t mark = der_begin(w, DER_SEQUENCE);

    wr_view(w, info);
    const size_t id = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, oid_body(pq ? OID_ML_DSA_65 : OID_ECDSA_SHA384));
    der_end(w, id);
    if (pq) {
        der_head(w, DER_BIT_STRING, 1 + signature.n);
        wr_u8(w, 0);
        wr_view(w, signature);
    } else {
        write_ecdsa(w, signature);
    }
    der_end(w, mark);
    return ERR_OK;
}

/* ---- reading ---- */

static bool names(struct view oid_element, enum oid_id id)
{
    struct reader r = rd_init(oid_element);
    struct view body;

    return der_read_oid(&r, &body) == ERR_OK && r.n == 0 && oid_find(body) == id;
}

/* A key of P-384, RFC 5480 2.1.1 and 2.2, or of ML-DSA-65. */
static enum err read_key(struct view spki, struct csr *c)
{
    const struct mldsa_params *params = NULL;
    struct spki key;

    TRY(spki_parse(spki, &key));
    c->spki = spki;
    c->public_key = key.key;
    if (oid_find(key.alg.oid) == OID_EC_PUBLIC_KEY && names(key.alg.params, OID_SECP384R1)) {
        c->alg = SIGN_ECDSA_P384_SHA384;
        return key.key.n == P384_PUBLIC_LEN ? ERR_OK : ERR_LENGTH;
    }
    c->alg = SIGN_ML_DSA_65;
    TRY(spki_ml_dsa(&key, &params));
    return params == &mldsa_65 ? ERR_OK : ERR_BAD_ALG;
}

/* attributes [0] Attributes: a SET OF SEQUENCE, of which nothing is read */
static enum err read_attributes(struct reader *r, struct csr *c)
{
    struct reader list;
    struct view one;

    TRY(der_read(r, DER_CONTEXT_0, &c->attributes));
    list = rd_init(c->attributes);
    while (list.n > 0) {
        TRY(der_read(&list, DER_SEQUENCE, &one));
    }
    return ERR_OK;
}

/* CertificationRequestInfo ::= SEQUENCE { version, subject, subjectPKInfo, attributes [0] } */
static enum err read_info(struct view whole, struct csr *c)
{
    struct reader r = rd_init(whole);
    struct reader seq;
    struct view version;
    struct view spki;

    TRY(der_enter(&r, DER_SEQUENCE, &seq));
    TRY(der_read_integer(&seq, &version));
    if (version.n != 1 || version.p[0] != 0) {
        return ERR_VERSION;
    }
    TRY(der_read_whole(&seq, DER_SEQUENCE, &c->subject));
    TRY(der_read_whole(&seq, DER_SEQUENCE, &spki));
    TRY(read_key(spki, c));
    TRY(read_attributes(&seq, c));
    return rd_finish(&seq);
}

/* The algorithm that the key signs with, RFC 5758 3.2 and RFC 9881 2: without parameters. */
static enum err read_alg(struct reader *r, const struct csr *c)
{
    const bool pq = c->alg == SIGN_ML_DSA_65;
    struct alg_id alg;

    TRY(cms_parse_alg(r, &alg));
    if (oid_find(alg.oid) != (pq ? OID_ML_DSA_65 : OID_ECDSA_SHA384)) {
        return ERR_BAD_ALG;
    }
    return alg.params.n == 0 ? ERR_OK : ERR_ENCODING;
}

/* A number of at most P384_SCALAR_LEN bytes, not negative, filled up with zeros before it. */
static enum err read_scalar(struct reader *r, uint8_t out[P384_SCALAR_LEN])
{
    struct view n;

    TRY(der_read_integer(r, &n));
    if ((n.p[0] & 0x80) != 0) {
        return ERR_RANGE;
    }
    if (n.n > 1 && n.p[0] == 0) {
        n.p++;
        n.n--;
    }
    if (n.n > P384_SCALAR_LEN) {
        return ERR_LENGTH;
    }
    memset(out, 0, P384_SCALAR_LEN);
    memcpy(out + P384_SCALAR_LEN - n.n, n.p, n.n);
    return ERR_OK;
}

static enum err read_ecdsa(struct view value, uint8_t out[P384_SIG_LEN])
{
    struct reader r = rd_init(value);
    struct reader seq;

    TRY(der_enter(&r, DER_SEQUENCE, &seq));
    TRY(rd_finish(&r));
    TRY(read_scalar(&seq, out));
    TRY(read_scalar(&seq, out + P384_SCALAR_LEN));
    return rd_finish(&seq);
}

static enum err read_signature(struct reader *r, struct csr *c)
{
    uint8_t both[P384_SIG_LEN];
    struct reader bits;
    struct view body;
    uint8_t unused = 0;

    TRY(der_read(r, DER_BIT_STRING, &body));
    bits = rd_init(body);
    TRY(rd_u8(&bits, &unused));
    if (unused != 0) {
        return ERR_ENCODING;
    }
    TRY(rd_take(&bits, bits.n, &c->signature));
    if (c->alg == SIGN_ML_DSA_65) {
        return c->signature.n == ML_DSA_65_SIG_LEN ? ERR_OK : ERR_LENGTH;
    }
    return read_ecdsa(c->signature, both);
}

static enum err parse(struct view in, struct csr *c)
{
    struct reader top = rd_init(in);
    struct reader seq;

    if (in.n > CSR_MAX) {
        return ERR_RANGE;
    }
    TRY(der_enter(&top, DER_SEQUENCE, &seq));
    TRY(rd_finish(&top));
    TRY(der_read_whole(&seq, DER_SEQUENCE, &c->info));
    TRY(read_info(c->info, c));
    TRY(read_alg(&seq, c));
    TRY(read_signature(&seq, c));
    return rd_finish(&seq);
}

enum err csr_parse(struct view in, struct csr *out)
{
    struct csr c = {0};
    const enum err e = parse(in, &c);

    *out = e == ERR_OK ? c : (struct csr){0};
    return e;
}

enum err csr_verify(const struct csr *c, struct csr_scratch *x)
{
    uint8_t digest[HASH_MAX];
    uint8_t sig[P384_SIG_LEN];

    if (c->alg == SIGN_ML_DSA_65) {
        TRY(mldsa_public_key_parse(mldsa_best(), &mldsa_65, c->public_key, &x->key_scratch,
                                   &x->key));
        return mldsa_verify(&x->key, (struct view){NULL, 0}, c->info, c->signature, &x->verify);
    }
    TRY(read_ecdsa(c->signature, sig));
    hash_once(HASH_SHA384, c->info, digest);
    return p384_verify(c->public_key.p, digest, sig);
}
