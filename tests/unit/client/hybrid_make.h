/* hybrid_make.h - an authority with a P-384 and an ML-DSA-65 key, and its hybrid and dual
 * tokens, right or wrong, by the project's own writers. */
#ifndef TESTS_UNIT_CLIENT_HYBRID_MAKE_H
#define TESTS_UNIT_CLIENT_HYBRID_MAKE_H

#include "token_make.h"

#include "client/token/token.h"
#include "client/trust/trust.h"
#include "crypto/mldsa/mldsa.h"
#include "format/cert_ids.h"
#include "format/cert_write.h"
#include "format/er_attach.h"
#include "format/evidence_record.h"
#include "format/multiple_signatures.h"
#include "format/quorate_binding.h"

#define HY_T0 INT64_C(1767225600) /* 2026-01-01 */
#define HY_DAY INT64_C(86400)
#define HY_NOW_MS ((HY_T0 + 50 * HY_DAY) * 1000 + 500)
#define HY_END (HY_T0 + 100 * HY_DAY)
#define HY_TOKEN_MAX 32768
#define HY_LEAVES_MAX 8

#define HY_CLASSIC_POLICY "1.3.6.1.4.1.32473.3161.1.1"
#define HY_PQ_POLICY "1.3.6.1.4.1.32473.3161.1.2"
#define HY_HYBRID_POLICY "1.3.6.1.4.1.32473.3161.1.3"
#define HY_EVIDENCE_POLICY "1.3.6.1.4.1.32473.3161.1.4"
#define HY_HYBRID_SIMULATED "1.3.6.1.4.1.32473.3161.1.93"
#define HY_EVIDENCE_SIMULATED "1.3.6.1.4.1.32473.3161.1.94"

/* Too big for a stack. */
struct hy_node {
    enum sign_alg alg;
    EVP_PKEY *ec;
    struct mldsa_private_key ml;
    uint8_t spki_bytes[2048], spki_hash[QUORATE_BINDING_HASH_LEN], name_bytes[64],
        cert_bytes[8192];
    struct view spki, name, cert;
};

struct hy_cert {
    const char *name;
    bool ca;
    int64_t from_s, to_s; /* both 0: HY_T0 and HY_END */
    bool no_binding, garbled_binding;
    const struct hy_node *other; /* whose key the binding names */
    uint8_t epoch;
    enum quorate_assurance assurance;
};

struct hy_bytes {
    uint8_t b[HY_TOKEN_MAX];
    struct view der;
};

static struct {
    struct mldsa_key_scratch key;
    struct mldsa_sign_scratch sign;
} hy_scratch;

static inline struct view hy_done(struct writer *w)
{
    struct view v;

    assert_int_equal(wr_finish(w, &v), ERR_OK);
    return v;
}

/* A key without certificate. */
static inline struct hy_node *hy_key(enum sign_alg alg)
{
    static uint8_t seed[MLDSA_SEED_LEN] = {7};
    struct hy_node *n = aligned_alloc(_Alignof(struct hy_node), sizeof *n);
    uint8_t pk[MLDSA_PK_MAX];
    size_t pk_len = CERT_WRITE_ML_DSA_65_LEN;

    assert_non_null(n);
    memset(n, 0, sizeof *n);
    n->alg = alg;
    struct writer w = wr_init(n->spki_bytes, sizeof n->spki_bytes);

    if (alg == SIGN_ML_DSA_65) {
        seed[1]++;
        mldsa_keygen(mldsa_best(), &mldsa_65, seed, &hy_scratch.key, &n->ml, pk, NULL);
    } else {
        n->ec = EVP_EC_gen("P-384");
        assert_non_null(n->ec);
        assert_int_equal(
            EVP_PKEY_get_octet_string_param(n->ec, "encoded-pub-key", pk, sizeof pk, &pk_len),
            1);
    }
    assert_int_equal(cert_write_spki(&w, alg, (struct view){pk, pk_len}), ERR_OK);
    n->spki = hy_done(&w);
    hash_once(HASH_SHA384, n->spki, n->spki_hash);
    return n;
}

static inline void hy_free(struct hy_node *n)
{
    if (n != NULL) {
        EVP_PKEY_free(n->ec);
        free(n);
    }
}

/* raw: r | s for ECDSA, as token_write() wants it, else as it stands in a certificate. */
static inline struct view hy_sign(struct hy_node *n, struct view message, bool raw,
                                  uint8_t out[MLDSA_SIG_MAX])
{
    static const uint8_t rnd[MLDSA_SEED_LEN];
    size_t len = MLDSA_SIG_MAX;

    if (n->alg == SIGN_ML_DSA_65) {
        assert_int_equal(
            mldsa_sign(&n->ml, (struct view){NULL, 0}, message, rnd, &hy_scratch.sign, out),
            ERR_OK);
        return (struct view){out, mldsa_65.sig_len};
    }
    if (raw) {
        made_sign(n->ec, message, out);
        return (struct view){out, 96};
    }
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, n->ec), 1);
    assert_int_equal(EVP_DigestSign(ctx, out, &len, message.p, message.n), 1);
    EVP_MD_CTX_free(ctx);
    return (struct view){out, len};
}

struct hy_values {
    uint8_t b[5][QUORATE_BINDING_ROOM];
    struct extension list[5];
    size_t n;
};

static inline struct writer hy_value(struct hy_values *v)
{
    return wr_init(v->b[v->n], sizeof v->b[0]);
}

static inline void hy_extend(struct hy_values *v, enum oid_id type, bool critical,
                             struct writer *w)
{
    v->list[v->n++] = (struct extension){oid_body(type), critical, hy_done(w)};
}

static inline void hy_bind(const struct hy_cert *c, struct hy_values *v)
{
    uint8_t epoch[QUORATE_BINDING_HASH_LEN] = {c->epoch};
    const struct quorate_binding b = {
        .epoch_id = {epoch, sizeof epoch},
        .n_other_keys = 1,
        .other_keys = {{c->other->spki_hash, sizeof c->other->spki_hash}},
        .threshold = 1,
        .total = 1,
        .assurance = c->assurance,
    };
    struct writer w = hy_value(v);

    assert_int_equal(quorate_binding_write(&w, &b), ERR_OK);
    if (c->garbled_binding) {
        v->b[v->n][4] = 2; /* another version */
    }
    hy_extend(v, OID_OUR_BINDING, false, &w);
}

static inline void hy_extensions(const struct hy_cert *c, struct hy_values *v)
{
    struct writer w = hy_value(v);

    cert_write_basic_constraints(&w, c->ca, CERT_PATH_LEN_NONE);
    hy_extend(v, OID_BASIC_CONSTRAINTS, true, &w);
    w = hy_value(v);
    cert_write_key_usage(&w,
                         c->ca ? CERT_KEY_CERT_SIGN | CERT_CRL_SIGN : CERT_DIGITAL_SIGNATURE);
    hy_extend(v, OID_KEY_USAGE, true, &w);
    if (!c->ca) {
        w = hy_value(v);
        cert_write_time_stamping(&w);
        hy_extend(v, OID_EXT_KEY_USAGE, true, &w);
    }
    if (c->other != NULL && !c->no_binding) {
        hy_bind(c, v);
    }
}

/* Gives n a certificate, in place of one it has; by NULL: it signs itself. */
static inline void hy_issue(struct hy_node *n, const struct hy_cert *c, struct hy_node *by)
{
    static uint8_t serial[2] = {1, 0};
    uint8_t tbs_bytes[4096];
    uint8_t signature[MLDSA_SIG_MAX];
    struct hy_values v = {.n = 0};
    struct hy_node *issuer = by != NULL ? by : n;
    struct writer w = wr_init(n->name_bytes, sizeof n->name_bytes);

    serial[1]++;
    cert_write_name(&w, (struct view){(const uint8_t *)c->name, strlen(c->name)});
    n->name = hy_done(&w);
    hy_extensions(c, &v);
    const struct cert_fields f = {
        .alg = issuer->alg,
        .serial = {serial, sizeof serial},
        .issuer = issuer->name,
        .subject = n->name,
        .not_before_s = c->from_s == 0 && c->to_s == 0 ? HY_T0 : c->from_s,
        .not_after_s = c->from_s == 0 && c->to_s == 0 ? HY_END : c->to_s,
        .spki = n->spki,
        .extensions = v.list,
        .n_extensions = v.n,
    };

    w = wr_init(tbs_bytes, sizeof tbs_bytes);
    cert_write_tbs(&w, &f);
    const struct view tbs = hy_done(&w);

    w = wr_init(n->cert_bytes, sizeof n->cert_bytes);
    cert_write(&w, tbs, issuer->alg, hy_sign(issuer, tbs, false, signature));
    n->cert = hy_done(&w);
}

/* ---- tokens ---- */

struct hy_stamp {
    struct hy_node *signer;
    const char *policy;
    enum hash_alg hash_alg; /* HASH_NONE: SHA-512 */
    struct view imprint;
    int64_t time_ms;
    uint32_t accuracy_ms; /* 0: 1000 */
    bool no_certificates, response, spoil_signature;
    bool null_params;         /* in the AlgorithmIdentifier of the imprint */
    bool critical_ext;        /* TSTInfo has an extension that nobody knows */
    struct view certificates; /* n == 0: the signer's */
    struct view link;         /* MultipleSignatures value; n == 0: none */
};

/* TSTInfo with what no writer of ours writes. */
static inline struct view hy_bend_tst(const struct hy_stamp *s, struct view tst, uint8_t *out,
                                      size_t cap)
{
    static const uint8_t ext[] = {0xa1, 0x0d, 0x30, 0x0b, 0x06, 0x03, 0x2a, 0x03,
                                  0x04, 0x01, 0x01, 0xff, 0x04, 0x01, 0x00};
    struct writer w = wr_init(out, cap);
    struct reader r = rd_init(tst);
    struct reader seq;
    const size_t whole = der_begin(&w, DER_SEQUENCE);

    assert_int_equal(der_enter(&r, DER_SEQUENCE, &seq), ERR_OK);
    for (size_t i = 0; seq.n > 0; i++) {
        struct der_element el;

        assert_int_equal(der_read_any(&seq, &el), ERR_OK);
        if (i == 2 && s->null_params) { /* messageImprint */
            const size_t imprint = der_begin(&w, DER_SEQUENCE);
            const size_t alg = der_begin(&w, DER_SEQUENCE);

            wr_bytes(&w, el.body.p + 2, el.body.p[1]);
            der_write(&w, DER_NULL, (struct view){NULL, 0});
            der_end(&w, alg);
            wr_bytes(&w, el.body.p + 2 + el.body.p[1], el.body.n - 2 - el.body.p[1]);
            der_end(&w, imprint);
        } else {
            wr_view(&w, el.whole);
        }
    }
    if (s->critical_ext) {
        wr_bytes(&w, ext, sizeof ext);
    }
    der_end(&w, whole);
    return hy_done(&w);
}

static inline struct view hy_tst(const struct hy_stamp *s, uint8_t *out, size_t cap)
{
    uint8_t plain[TST_INFO_MAX];
    uint8_t oid[DER_OID_MAX];
    size_t oid_len = 0;
    struct writer w = wr_init(plain, sizeof plain);

    assert_int_equal(der_oid_from_text(s->policy, oid, sizeof oid, &oid_len), ERR_OK);
    const struct tst_info t = {
        .policy = {oid, oid_len},
        .hash_alg = s->hash_alg != HASH_NONE ? s->hash_alg : HASH_SHA512,
        .hashed_message = s->imprint,
        .serial_number = {0x11, 2, 3},
        .gen_time_ms = s->time_ms,
        .accuracy_ms = s->accuracy_ms != 0 ? s->accuracy_ms : 1000,
    };

    tst_info_write(&w, &t);
    return hy_bend_tst(s, hy_done(&w), out, cap);
}

static inline struct cert_ids hy_ids(const struct hy_node *n)
{
    struct cert_ids ids;

    assert_int_equal(cert_ids_parse(n->cert, &ids), ERR_OK);
    return ids;
}

/* The attribute that holds the link. */
static inline struct view hy_link_attr(struct view link, uint8_t *out, size_t cap)
{
    struct writer w = wr_init(out, cap);
    const size_t attr = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_OID, oid_body(OID_MULTIPLE_SIGNATURES));
    der_write(&w, DER_SET, link);
    der_end(&w, attr);
    return hy_done(&w);
}

/* The attributes under tag 31, the link in its place among them. */
static inline struct view hy_attrs(const struct hy_stamp *s, struct view tst, uint8_t *out,
                                   size_t cap)
{
    const struct cert_ids ids = hy_ids(s->signer);
    const bool ml = s->signer->alg == SIGN_ML_DSA_65;
    struct ess_cert_id_v2 ess = {.issuer = ids.issuer, .serial = ids.serial};
    uint8_t plain[SIGNED_ATTRS_MAX];
    uint8_t link_room[1024];
    uint8_t digest[HASH_MAX];
    struct writer w = wr_init(plain, sizeof plain);
    struct view link = {NULL, 0};
    struct reader r;
    struct reader set;

    hash_once(HASH_SHA256, s->signer->cert, ess.cert_hash);
    hash_once(ml ? HASH_SHA512 : HASH_SHA384, tst, digest);
    signed_attrs_write(&w, s->signer->alg, (struct view){digest, ml ? 64 : 48}, &ess);
    r = rd_init(hy_done(&w));
    assert_int_equal(der_enter(&r, DER_SET, &set), ERR_OK);
    if (s->link.n > 0) {
        link = hy_link_attr(s->link, link_room, sizeof link_room);
    }
    w = wr_init(out, cap);
    const size_t mark = der_begin(&w, DER_SET);

    while (set.n > 0) {
        struct der_element el;

        assert_int_equal(der_read_any(&set, &el), ERR_OK);
        if (link.n > 0 && der_sorts_before(link, el.whole)) {
            wr_view(&w, link);
            link.n = 0;
        }
        wr_view(&w, el.whole);
    }
    wr_view(&w, link);
    der_end(&w, mark);
    return hy_done(&w);
}

static inline void hy_token(const struct hy_stamp *s, struct hy_bytes *out)
{
    uint8_t tst[TST_INFO_MAX];
    uint8_t attrs[2 * SIGNED_ATTRS_MAX];
    uint8_t signature[MLDSA_SIG_MAX];
    const struct cert_ids ids = hy_ids(s->signer);
    struct writer w = wr_init(out->b, sizeof out->b);
    struct token_parts p = {
        .alg = s->signer->alg,
        .tst_info = hy_tst(s, tst, sizeof tst),
        .issuer = ids.issuer,
        .serial = ids.serial,
        .certificates = s->certificates.n > 0 ? s->certificates : s->signer->cert,
    };

    if (s->no_certificates) {
        p.certificates.n = 0;
    }
    p.signed_attrs = hy_attrs(s, p.tst_info, attrs, sizeof attrs);
    p.signature = hy_sign(s->signer, p.signed_attrs, true, signature);
    signature[p.signature.n / 2] ^= s->spoil_signature;
    assert_int_equal(s->response ? tsp_resp_write_granted(&w, &p) : token_write(&w, &p),
                     ERR_OK);
    out->der = hy_done(&w);
}

/* The token inside of what hy_token() made. */
static inline struct view hy_content_info(struct view in)
{
    struct token t;
    struct view content_info;

    assert_int_equal(token_open(in, &t), ERR_OK);
    content_info = t.content_info; /* DER: it lies in the input */
    token_close(&t);
    return content_info;
}

/* The record of a batch: classic and leaves - 1 others; its archive time-stamp as asked for,
 * its imprint the root. */
static inline void hy_record(struct view classic, size_t leaves, const struct hy_stamp *archive,
                             struct hy_bytes *out)
{
    static struct er_tree tree;
    static struct hy_bytes stamp;
    struct er_hash hashes[HY_LEAVES_MAX] = {{{0}}};
    struct hy_stamp s = *archive;
    struct er_path path;
    struct writer w = wr_init(out->b, sizeof out->b);

    hash_once(HASH_SHA512, hy_content_info(classic), hashes[0].b);
    for (size_t i = 1; i < leaves; i++) {
        hashes[i].b[0] = (uint8_t)(37 * i);
    }
    assert_int_equal(er_tree_build(&tree, hashes, leaves), ERR_OK);
    assert_int_equal(er_tree_path(&tree, 0, &path), ERR_OK);
    if (s.imprint.n == 0) {
        s.imprint = er_tree_root(&tree);
    }
    hy_token(&s, &stamp);
    assert_int_equal(evidence_record_write(&w, &path, stamp.der), ERR_OK);
    out->der = hy_done(&w);
}

static inline void hy_attach(struct view classic, struct view record, struct hy_bytes *out)
{
    struct writer w = wr_init(out->b, sizeof out->b);

    assert_int_equal(er_attach(&w, classic, record), ERR_OK);
    out->der = hy_done(&w);
}

static inline void hy_trust(struct trust *t, enum trust_kind kind, const struct hy_node *n)
{
    assert_int_equal(trust_add(t, kind, n->cert), ERR_OK);
}

#endif
