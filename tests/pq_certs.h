/* pq_certs.h - certificates of ML-DSA-65 keys for tests: good ones, and ones with one thing
 * wrong. A key is named by one byte, its seed; all are made here and worth nothing. */
#ifndef TESTS_PQ_CERTS_H
#define TESTS_PQ_CERTS_H

#include "openssl_evp.h"
#include "testing.h"

#include "crypto/mldsa/mldsa.h"
#include "format/cert_write.h"
#include "format/pem.h"

#include <string.h>

#define PQ_CERTS_PK_LEN 1952
#define PQ_CERTS_SIG_LEN 3309
#define PQ_CERT_MAX 8192

struct pq_cert_spec {
    const char *subject, *issuer;
    uint8_t key, signer; /* seeds */
    struct view spki;    /* in place of the key's; n == 0: no */
    bool ca;
    uint8_t usage; /* enum cert_key_usage; 0: left out */
    bool usage_not_critical;
    bool eku, eku_not_critical, eku_twice; /* timeStamping, twice: which is not alone */
    struct view binding;                   /* extnValue; n == 0: left out */
    const char *serial;                    /* bytes; NULL: one */
    int64_t from_s, to_s;
    bool flip;                /* a bit of the signature */
    bool says_ecdsa;          /* as the algorithm of an ML-DSA-65 signature */
    EVP_PKEY *classic_signer; /* a P-384 key that signs in place of signer */
};

static inline struct pq_cert_spec pq_cert_root(int64_t now_s)
{
    return (struct pq_cert_spec){.subject = "pq root",
                                 .issuer = "pq root",
                                 .key = 1,
                                 .signer = 1,
                                 .ca = true,
                                 .usage = CERT_KEY_CERT_SIGN,
                                 .from_s = now_s - 1000,
                                 .to_s = now_s + 1000};
}

static inline struct pq_cert_spec pq_cert_leaf(int64_t now_s)
{
    return (struct pq_cert_spec){.subject = "pq tsa",
                                 .issuer = "pq root",
                                 .key = 2,
                                 .signer = 1,
                                 .usage = CERT_DIGITAL_SIGNATURE,
                                 .eku = true,
                                 .from_s = now_s - 1000,
                                 .to_s = now_s + 1000};
}

struct pq_certs_room {
    struct mldsa_private_key key;
    struct mldsa_key_scratch key_scratch;
    struct mldsa_sign_scratch sign_scratch;
};

static inline void pq_certs_key(struct pq_certs_room *room, uint8_t seed,
                                uint8_t pk[PQ_CERTS_PK_LEN])
{
    uint8_t xi[MLDSA_SEED_LEN];

    memset(xi, seed, sizeof xi);
    mldsa_keygen(mldsa_best(), &mldsa_65, xi, &room->key_scratch, &room->key, pk, NULL);
}

/* The public key of that seed; out holds PQ_CERTS_PK_LEN. */
static inline struct view pq_certs_public_key(uint8_t seed, uint8_t *out)
{
    static struct pq_certs_room room;

    pq_certs_key(&room, seed, out);
    return (struct view){out, PQ_CERTS_PK_LEN};
}

struct pq_certs_extensions {
    uint8_t bytes[4][512];
    struct extension list[4];
    size_t n;
};

static inline void pq_certs_add(struct pq_certs_extensions *x, enum oid_id type, bool critical,
                                const struct writer *w)
{
    assert_false(w->full);
    x->list[x->n++] = (struct extension){
        .type = oid_body(type), .critical = critical, .value = {w->p, w->len}};
}

static inline void pq_certs_fill(const struct pq_cert_spec *s, struct pq_certs_extensions *x)
{
    struct writer w = wr_init(x->bytes[x->n], sizeof x->bytes[0]);

    if (s->ca) {
        cert_write_basic_constraints(&w, true, CERT_PATH_LEN_NONE);
        pq_certs_add(x, OID_BASIC_CONSTRAINTS, true, &w);
    }
    w = wr_init(x->bytes[x->n], sizeof x->bytes[0]);
    if (s->usage != 0) {
        cert_write_key_usage(&w, s->usage);
        pq_certs_add(x, OID_KEY_USAGE, !s->usage_not_critical, &w);
    }
    w = wr_init(x->bytes[x->n], sizeof x->bytes[0]);
    if (s->eku) {
        const size_t mark = der_begin(&w, DER_SEQUENCE);

        der_write(&w, DER_OID, oid_body(OID_KP_TIME_STAMPING));
        if (s->eku_twice) {
            der_write(&w, DER_OID, oid_body(OID_KP_TIME_STAMPING));
        }
        der_end(&w, mark);
        pq_certs_add(x, OID_EXT_KEY_USAGE, !s->eku_not_critical, &w);
    }
    w = wr_init(x->bytes[x->n], sizeof x->bytes[0]);
    if (s->binding.n > 0) {
        wr_view(&w, s->binding);
        pq_certs_add(x, OID_OUR_BINDING, false, &w);
    }
}

static inline struct view pq_certs_name(const char *text, struct writer *w)
{
    const size_t at = w->len;

    cert_write_name(w, (struct view){(const uint8_t *)text, strlen(text)});
    return (struct view){w->p + at, w->len - at};
}

static inline struct view pq_certs_sign(const struct pq_cert_spec *s, struct view tbs,
                                        uint8_t sig[PQ_CERTS_SIG_LEN])
{
    static struct pq_certs_room room;
    static const uint8_t rnd[MLDSA_SEED_LEN];
    static uint8_t pk[PQ_CERTS_PK_LEN];
    size_t n = PQ_CERTS_SIG_LEN;

    if (s->classic_signer != NULL) {
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();

        assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, s->classic_signer),
                         1);
        assert_int_equal(EVP_DigestSign(ctx, sig, &n, tbs.p, tbs.n), 1);
        EVP_MD_CTX_free(ctx);
    } else {
        pq_certs_key(&room, s->signer, pk);
        assert_int_equal(
            mldsa_sign(&room.key, (struct view){NULL, 0}, tbs, rnd, &room.sign_scratch, sig),
            ERR_OK);
    }
    sig[n - 1] ^= s->flip ? 1 : 0;
    return (struct view){sig, n};
}

/* Appends the certificate, DER. */
static inline void pq_certs_der(const struct pq_cert_spec *s, struct writer *out)
{
    static struct pq_certs_extensions x;
    static uint8_t names[256], spki[2048], tbs[PQ_CERT_MAX], pk[PQ_CERTS_PK_LEN];
    static uint8_t sig[PQ_CERTS_SIG_LEN];
    const enum sign_alg alg =
        s->classic_signer != NULL || s->says_ecdsa ? SIGN_ECDSA_P384_SHA384 : SIGN_ML_DSA_65;
    struct writer name = wr_init(names, sizeof names);
    struct writer key = wr_init(spki, sizeof spki);
    struct writer w = wr_init(tbs, sizeof tbs);
    const char *serial = s->serial != NULL ? s->serial : "\x01";

    x.n = 0;
    pq_certs_fill(s, &x);
    assert_int_equal(cert_write_spki(&key, SIGN_ML_DSA_65, pq_certs_public_key(s->key, pk)),
                     ERR_OK);
    const struct cert_fields f = {
        .alg = alg,
        .serial = {(const uint8_t *)serial, strlen(serial)},
        .issuer = pq_certs_name(s->issuer, &name),
        .subject = pq_certs_name(s->subject, &name),
        .not_before_s = s->from_s,
        .not_after_s = s->to_s,
        .spki = s->spki.n > 0 ? s->spki : (struct view){spki, key.len},
        .extensions = x.list,
        .n_extensions = x.n,
    };

    cert_write_tbs(&w, &f);
    assert_false(w.full);
    const struct view all = {tbs, w.len};

    cert_write(out, all, alg, pq_certs_sign(s, all, sig));
    assert_false(out->full);
}

/* Appends it in PEM. */
static inline void pq_certs_pem(const struct pq_cert_spec *s, struct writer *out)
{
    static uint8_t der[PQ_CERT_MAX];
    struct writer w = wr_init(der, sizeof der);

    pq_certs_der(s, &w);
    pem_write(out, "CERTIFICATE", (struct view){der, w.len});
    assert_false(out->full);
}

#endif
