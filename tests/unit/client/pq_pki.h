/* pq_pki.h - a small ML-DSA authority made while a test runs: any parameter set, dates,
 * extensions, and what is malformed on purpose. */
#ifndef TESTS_UNIT_CLIENT_PQ_PKI_H
#define TESTS_UNIT_CLIENT_PQ_PKI_H

#include "testing.h"

#include "crypto/mldsa/mldsa.h"
#include "format/cert_parse.h"

#include <stdlib.h>
#include <string.h>

#define PQ_CERT_MAX 12288
#define PQ_T0 INT64_C(1767225600) /* 2026-01-01 */
#define PQ_DAY INT64_C(86400)
#define PQ_NOW (PQ_T0 + 50 * PQ_DAY)
#define PQ_END (PQ_T0 + 100 * PQ_DAY)

enum pq_eku { EKU_NONE, EKU_TSA, EKU_TSA_SOFT, EKU_TSA_TWICE, EKU_ANY, EKU_SERVER };

struct pq_cert {
    const char *name;                  /* commonName */
    const char *issuer;                /* NULL: that of the node which issues */
    const struct mldsa_params *key;    /* NULL: ML-DSA-65 */
    int64_t not_before_s, not_after_s; /* both 0: PQ_T0 and PQ_END */
    bool no_basic, ca;
    uint8_t path_plus_1; /* 0: no pathLenConstraint */
    uint8_t key_usage;   /* 0: none */
    enum pq_eku eku;
    bool critical_unknown;
    bool key_params;      /* NULL stands where the key has no parameters */
    size_t cut_key;       /* bytes off the key's end */
    size_t cut_signature; /* and off the signature's */
    bool spoil_signature, spoil_hint;
    struct view binding; /* QuorateBinding's extnValue; n == 0: left out */
};

#define PQ_CA .ca = true, .key_usage = CERT_KEY_CERT_SIGN | CERT_CRL_SIGN
#define PQ_TSA .key_usage = CERT_DIGITAL_SIGNATURE, .eku = EKU_TSA

/* Too big for a stack. */
struct pq_node {
    const struct mldsa_params *params;
    struct mldsa_private_key key;
    uint8_t pk[MLDSA_PK_MAX];
    uint8_t name[64];
    struct view subject;
    uint8_t room[PQ_CERT_MAX];
    struct view cert;
};

struct pq_scratch {
    struct mldsa_key_scratch key;
    struct mldsa_sign_scratch sign;
    uint8_t sig[MLDSA_SIG_MAX];
};

static struct pq_scratch pq_scratch;

static inline struct view pq_written(struct writer *w)
{
    struct view v;

    assert_int_equal(wr_finish(w, &v), ERR_OK);
    return v;
}

static inline enum oid_id pq_oid(const struct mldsa_params *params)
{
    return params == &mldsa_44   ? OID_ML_DSA_44
           : params == &mldsa_65 ? OID_ML_DSA_65
                                 : OID_ML_DSA_87;
}

static inline void pq_alg(struct writer *w, enum oid_id id, bool null)
{
    const size_t mark = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, oid_body(id));
    if (null) {
        der_write(w, DER_NULL, (struct view){NULL, 0});
    }
    der_end(w, mark);
}

static inline void pq_bits(struct writer *w, struct view bytes)
{
    der_head(w, DER_BIT_STRING, bytes.n + 1);
    wr_u8(w, 0);
    wr_view(w, bytes);
}

static inline struct view pq_name(const char *text, uint8_t *out, size_t cap)
{
    struct writer w = wr_init(out, cap);

    cert_write_name(&w, (struct view){(const uint8_t *)text, strlen(text)});
    return pq_written(&w);
}

static inline struct view pq_sign(struct pq_node *by, struct view message)
{
    static const uint8_t rnd[MLDSA_SEED_LEN];

    assert_int_equal(mldsa_sign(&by->key, (struct view){NULL, 0}, message, rnd,
                                &pq_scratch.sign, pq_scratch.sig),
                     ERR_OK);
    return (struct view){pq_scratch.sig, by->params->sig_len};
}

/* Sets a byte of the hint that no hint has: an index count over omega. */
static inline void pq_spoil_hint(const struct mldsa_params *params)
{
    pq_scratch.sig[params->sig_len - 1] = (uint8_t)(params->omega + 1);
}

struct pq_values {
    uint8_t bytes[6][64];
    struct extension list[7];
    size_t n;
};

static inline void pq_extend(struct pq_values *v, enum oid_id type, bool critical,
                             struct writer *w)
{
    v->list[v->n++] = (struct extension){oid_body(type), critical, pq_written(w)};
}

static inline void pq_write_eku(struct writer *w, enum pq_eku eku)
{
    static const uint8_t server[] = {0x2b, 6, 1, 5, 5, 7, 3, 1};
    static const uint8_t any[] = {0x55, 0x1d, 0x25, 0x00};
    const size_t mark = der_begin(w, DER_SEQUENCE);

    if (eku == EKU_ANY) {
        der_write(w, DER_OID, (struct view){any, sizeof any});
    }
    if (eku == EKU_SERVER) {
        der_write(w, DER_OID, (struct view){server, sizeof server});
    }
    for (unsigned i = 0; eku <= EKU_TSA_TWICE && i < (eku == EKU_TSA_TWICE ? 2 : 1); i++) {
        der_write(w, DER_OID, oid_body(OID_KP_TIME_STAMPING));
    }
    der_end(w, mark);
}

static inline void pq_extensions(const struct pq_cert *c, struct pq_values *v)
{
    struct writer w = wr_init(v->bytes[v->n], sizeof v->bytes[0]);

    if (!c->no_basic) {
        cert_write_basic_constraints(&w, c->ca,
                                     c->path_plus_1 == 0 ? CERT_PATH_LEN_NONE
                                                         : (uint8_t)(c->path_plus_1 - 1));
        pq_extend(v, OID_BASIC_CONSTRAINTS, true, &w);
    }
    if (c->key_usage != 0) {
        w = wr_init(v->bytes[v->n], sizeof v->bytes[0]);
        cert_write_key_usage(&w, c->key_usage);
        pq_extend(v, OID_KEY_USAGE, true, &w);
    }
    if (c->eku != EKU_NONE) {
        w = wr_init(v->bytes[v->n], sizeof v->bytes[0]);
        pq_write_eku(&w, c->eku);
        pq_extend(v, OID_EXT_KEY_USAGE, c->eku != EKU_TSA_SOFT, &w);
    }
    if (c->critical_unknown) {
        w = wr_init(v->bytes[v->n], sizeof v->bytes[0]);
        der_write(&w, DER_NULL, (struct view){NULL, 0});
        pq_extend(v, OID_QTST_STATEMENT, true, &w);
    }
    if (c->binding.n > 0) {
        v->list[v->n++] = (struct extension){oid_body(OID_OUR_BINDING), false, c->binding};
    }
}

/* Replaces the signature algorithm that cert_write.h knows by another set's: the last byte of
 * the first such OID from there on. */
static inline void pq_patch_alg(uint8_t *p, size_t n, enum oid_id id)
{
    const struct view from = oid_body(OID_ML_DSA_65);
    uint8_t *at = memmem(p, n, from.p, from.n);

    assert_non_null(at);
    memcpy(at, oid_body(id).p, from.n);
}

static inline struct view pq_tbs(const struct pq_cert *c, struct view spki, struct view issuer,
                                 struct view subject, enum oid_id alg, uint8_t *out, size_t cap)
{
    static uint8_t serial = 1;
    struct pq_values v = {.n = 0};
    struct writer w = wr_init(out, cap);

    serial++;
    pq_extensions(c, &v);
    const struct cert_fields f = {
        .alg = SIGN_ML_DSA_65,
        .serial = {&serial, 1},
        .issuer = issuer,
        .subject = subject,
        .not_before_s = c->not_before_s != 0 ? c->not_before_s : PQ_T0,
        .not_after_s = c->not_after_s != 0 ? c->not_after_s : PQ_END,
        .spki = spki,
        .extensions = v.list,
        .n_extensions = v.n,
    };

    cert_write_tbs(&w, &f);
    const struct view tbs = pq_written(&w);

    pq_patch_alg(out, tbs.n, alg);
    return tbs;
}

static inline struct view pq_spki(const struct pq_cert *c, const struct pq_node *n,
                                  uint8_t *out, size_t cap)
{
    struct writer w = wr_init(out, cap);
    const size_t mark = der_begin(&w, DER_SEQUENCE);

    pq_alg(&w, pq_oid(n->params), c->key_params);
    pq_bits(&w, (struct view){n->pk, n->params->pk_len - c->cut_key});
    der_end(&w, mark);
    return pq_written(&w);
}

/* A key, without a certificate. */
static inline struct pq_node *pq_key(const struct mldsa_params *params)
{
    static uint8_t seed[MLDSA_SEED_LEN];
    struct pq_node *n = aligned_alloc(_Alignof(struct pq_node), sizeof *n);

    assert_non_null(n);
    memset(n, 0, sizeof *n);
    seed[0]++;
    n->params = params != NULL ? params : &mldsa_65;
    mldsa_keygen(mldsa_best(), n->params, seed, &pq_scratch.key, &n->key, n->pk, NULL);
    return n;
}

/* Gives n a certificate, in place of one it has; by NULL: it signs itself. */
static inline void pq_issue(struct pq_node *n, const struct pq_cert *c, struct pq_node *by)
{
    static uint8_t spki_room[4096];
    static uint8_t tbs_room[PQ_CERT_MAX];
    uint8_t issuer_room[64];
    struct pq_node *issuer = by != NULL ? by : n;
    const enum oid_id alg = pq_oid(issuer->params);

    n->subject = pq_name(c->name, n->name, sizeof n->name);
    const struct view spki = pq_spki(c, n, spki_room, sizeof spki_room);
    const struct view issuer_name = c->issuer != NULL
                                        ? pq_name(c->issuer, issuer_room, sizeof issuer_room)
                                        : issuer->subject;
    const struct view tbs =
        pq_tbs(c, spki, issuer_name, n->subject, alg, tbs_room, sizeof tbs_room);
    struct view signature = pq_sign(issuer, tbs);
    struct writer w = wr_init(n->room, sizeof n->room);

    signature.n -= c->cut_signature;
    pq_scratch.sig[0] ^= c->spoil_signature;
    if (c->spoil_hint) {
        pq_spoil_hint(issuer->params);
    }
    cert_write(&w, tbs, SIGN_ML_DSA_65, signature);
    n->cert = pq_written(&w);
    const size_t after_tbs = 4 + tbs.n;

    pq_patch_alg(n->room + after_tbs, n->cert.n - after_tbs, alg);
}

static inline struct pq_node *pq_make(const struct pq_cert *c, struct pq_node *by)
{
    struct pq_node *n = pq_key(c->key);

    pq_issue(n, c, by);
    return n;
}

#endif
