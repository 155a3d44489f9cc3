/* tdx_kit_certs.h - keys, certificates and revocation lists for tdx_kit.h, and what all of its
 * parts are told by. */
#ifndef TESTS_TDX_KIT_CERTS_H
#define TESTS_TDX_KIT_CERTS_H

#include "openssl_evp.h"
#include "testing.h"

#include "attest/tdx_judge.h"
#include "base/hex.h"
#include "crypto/hash.h"
#include "format/cert_write.h"
#include "format/gen_time.h"
#include "format/pem.h"

#include <openssl/param_build.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TDX_KIT_AT_S INT64_C(1790000000) /* 2026-09-21, within all that is made here */
#define TDX_KIT_DAY_S INT64_C(86400)
#define TDX_KIT_MAX 20480
#define TDX_KIT_JSON_MAX 40960

/* Offsets in a quote of version 4; of version 5 the body begins six bytes later. */
enum tdx_at {
    TDX_AT_VERSION = 0,
    TDX_AT_KEY_TYPE = 2,
    TDX_AT_TEE_TYPE = 4,
    TDX_AT_VENDOR = 12,
    TDX_AT_BODY = 48,
    /* in the body */
    BODY_SVN = 0,
    BODY_SIGNER_SEAM = 64,
    BODY_SEAM_ATTRIBUTES = 112,
    BODY_TD_ATTRIBUTES = 120,
    BODY_MRTD = 136,
    BODY_CONFIG_ID = 184,
    BODY_OWNER = 232,
    BODY_OWNER_CONFIG = 280,
    BODY_RTMR = 328,
    BODY_REPORT_DATA = 520,
    BODY_LEN = 584,
    BODY_SERVICE_TD = 600, /* of TDX 1.5 */
    BODY_LEN_1_5 = 648,
    /* in the report of the quoting enclave */
    QE_MISC_SELECT = 16,
    QE_ATTRIBUTES = 48,
    QE_MR_SIGNER = 128,
    QE_PROD_ID = 256,
    QE_SVN = 258,
    QE_REPORT_DATA = 320,
};

enum tdx_kit_key {
    TDX_KEY_ROOT = 1,
    TDX_KEY_CA,
    TDX_KEY_PCK,
    TDX_KEY_TCB,
    TDX_KEY_QE,
    TDX_KEY_ATTEST,
    TDX_KEY_OTHER,
    TDX_KEY_COUNT,
};

/* What is wrong with a key, with the name of an algorithm, and with the form of a signature. */
enum tdx_kit_spoil_key {
    TDX_KEY_GOOD = 0,
    TDX_KEY_CURVE,
    TDX_KEY_ALGORITHM,
    TDX_KEY_LONG,
    TDX_KEY_FORM,
    TDX_KEY_SPOILS,
};

enum tdx_kit_spoil_alg {
    TDX_ALG_GOOD = 0,
    TDX_ALG_OTHER,
    TDX_ALG_NULL, /* parameters, of which there are none */
    TDX_ALG_SPOILS,
};

enum tdx_kit_spoil_sig {
    TDX_SIG_GOOD = 0,
    TDX_SIG_NEGATIVE, /* r without the zero before it */
    TDX_SIG_TAG,
    TDX_SIG_TRAILING,
    TDX_SIG_THIRD,
    TDX_SIG_INTEGER,
    TDX_SIG_LONG,
    TDX_SIG_EMPTY,
    TDX_SIG_SPOILS,
};

struct tdx_kit_cert {
    const char *subject, *issuer;
    enum tdx_kit_key key, by;
    uint8_t serial;
    int64_t from_s, until_s;
    bool ca;
    uint8_t usage; /* 0: none */
    bool off_curve, critical;
    enum tdx_kit_spoil_key spoil_key;
    enum tdx_kit_spoil_alg spoil_alg;
    enum tdx_kit_spoil_sig spoil_sig;
    bool pck;         /* with the SGX extensions */
    size_t pad;       /* bytes of an extension of nobody */
    bool spoil_outer; /* its DER is none */
};

struct tdx_kit_crl {
    const char *issuer;
    enum tdx_kit_key by;
    int64_t from_s, until_s; /* until_s 0: none */
    uint8_t revoked;         /* 0: none */
    enum tdx_kit_spoil_alg spoil_alg;
    bool spoil_outer;
    size_t pad;
};

/* What of the SGX extensions is wrong: one field, by its number; 17 and 18 are of the TCB. */
struct tdx_kit_pck {
    uint8_t left_out, twice, short_one, left_out_svn, twice_svn, long_svn;
    uint8_t trail, trail_svn; /* something stands behind the value */
    bool trail_outer;
    bool unknown; /* fields and SVNs that nobody knows, after the others; of other arcs, too */
};

struct tdx_kit {
    bool v5;
    uint8_t head[48], body[BODY_LEN_1_5], qe[TDX_QE_REPORT_LEN], auth[32];
    uint16_t body_kind, cert_type, inner_type;
    uint32_t body_len; /* as it is written */
    size_t auth_len;
    struct tdx_kit_cert root, ca, pck, tcb, qe_cert;
    struct tdx_kit_crl root_crl, pck_crl;
    struct tdx_pck platform;
    struct tdx_kit_pck spoil;
    enum tdx_kit_key quote_by, qe_by, tcb_by, qe_identity_by;
    bool unbound;       /* the quoting enclave vouches for another key */
    uint8_t bound_tail; /* last byte of its REPORTDATA */
    char tcb_text[TDX_KIT_JSON_MAX], qe_text[TDX_KIT_JSON_MAX];
    const char *third;     /* a member beside value and signature; or NULL */
    const char *after_pem; /* in the quote; or NULL */
    bool no_root_pem, no_nul;
    int more_data, more_certs, more_inner; /* added to the lengths as they are written */
    size_t trailing;
};

struct tdx_kit_made {
    uint8_t quote[TDX_KIT_MAX], certs[5][TDX_KIT_MAX], pems[2][TDX_KIT_MAX],
        lists[2][TDX_KIT_MAX];
    char texts[2][TDX_KIT_JSON_MAX + 512];
    struct tdx_evidence ev;
    struct tdx_root root;
};

/* ---- keys ---- */

static inline EVP_PKEY *tdx_kit_key(enum tdx_kit_key which)
{
    static EVP_PKEY *keys[TDX_KEY_COUNT];

    if (!keys[which]) {
        EC_GROUP *g = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
        EC_POINT *p = EC_POINT_new(g);
        uint8_t d[32];
        uint8_t pub[65];
        OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

        memset(d, 0x10 + (int)which, sizeof d);
        BIGNUM *n = BN_bin2bn(d, sizeof d, NULL);

        assert_int_equal(EC_POINT_mul(g, p, n, NULL, NULL, NULL), 1);
        assert_int_equal(
            EC_POINT_point2oct(g, p, POINT_CONVERSION_UNCOMPRESSED, pub, sizeof pub, NULL), 65);
        OSSL_PARAM_BLD_push_utf8_string(b, "group", "P-256", 0);
        OSSL_PARAM_BLD_push_octet_string(b, "pub", pub, sizeof pub);
        OSSL_PARAM_BLD_push_BN(b, "priv", n);
        OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(b);

        assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
        assert_int_equal(EVP_PKEY_fromdata(ctx, &keys[which], EVP_PKEY_KEYPAIR, params), 1);
        OSSL_PARAM_free(params);
        OSSL_PARAM_BLD_free(b);
        EVP_PKEY_CTX_free(ctx);
        BN_free(n);
        EC_POINT_free(p);
        EC_GROUP_free(g);
    }
    return keys[which];
}

/* 04 | X | Y */
static inline void tdx_kit_public(enum tdx_kit_key which, uint8_t out[65])
{
    size_t n = 0;

    assert_int_equal(EVP_PKEY_get_octet_string_param(tdx_kit_key(which), "pub", out, 65, &n),
                     1);
    assert_int_equal(n, 65);
}

/* ECDSA-Sig-Value; out holds 80 bytes. */
static inline struct view tdx_kit_sign_der(enum tdx_kit_key by, struct view bytes, uint8_t *out)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t n = 80;

    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, tdx_kit_key(by)), 1);
    assert_int_equal(EVP_DigestSign(ctx, out, &n, bytes.p, bytes.n), 1);
    EVP_MD_CTX_free(ctx);
    return (struct view){out, n};
}

/* r | s */
static inline void tdx_kit_sign(enum tdx_kit_key by, struct view bytes, uint8_t out[64])
{
    uint8_t der[80];
    const struct view v = tdx_kit_sign_der(by, bytes, der);
    const unsigned char *p = v.p;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)v.n);

    assert_non_null(sig);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32), 32);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32), 32);
    ECDSA_SIG_free(sig);
}

/* ---- certificates and lists ---- */

static inline void tdx_kit_oid(struct writer *w, const char *text)
{
    uint8_t oid[DER_OID_MAX];
    size_t n = 0;

    assert_int_equal(der_oid_from_text(text, oid, sizeof oid, &n), ERR_OK);
    der_write(w, DER_OID, (struct view){oid, n});
}

static inline void tdx_kit_alg(struct writer *w, enum tdx_kit_spoil_alg spoil)
{
    const size_t seq = der_begin(w, DER_SEQUENCE);

    tdx_kit_oid(w, spoil == TDX_ALG_OTHER ? "1.2.840.10045.4.3.3" : "1.2.840.10045.4.3.2");
    if (spoil == TDX_ALG_NULL) {
        der_write(w, DER_NULL, (struct view){NULL, 0});
    }
    der_end(w, seq);
}

static inline void tdx_kit_time(struct writer *w, int64_t s)
{
    uint8_t text[GEN_TIME_TEXT_MAX];
    const size_t n = gen_time_write(s * 1000, text);

    der_write(w, DER_GENERALIZED_TIME, (struct view){text, n});
}

static inline void tdx_kit_name(struct writer *w, const char *cn)
{
    cert_write_name(w, (struct view){(const uint8_t *)cn, strlen(cn)});
}

/* Begins an extension; what is written before tdx_kit_ext_end() is its value. */
struct tdx_kit_ext {
    size_t seq, octets;
};

static inline struct tdx_kit_ext tdx_kit_ext(struct writer *w, const char *oid, bool critical)
{
    struct tdx_kit_ext x;

    x.seq = der_begin(w, DER_SEQUENCE);
    tdx_kit_oid(w, oid);
    if (critical) {
        der_write(w, DER_BOOLEAN, (struct view){(const uint8_t *)"\xff", 1});
    }
    x.octets = der_begin(w, DER_OCTETS);
    return x;
}

static inline void tdx_kit_ext_end(struct writer *w, struct tdx_kit_ext x)
{
    der_end(w, x.octets);
    der_end(w, x.seq);
}

static inline void tdx_kit_svn(struct writer *w, const struct tdx_kit *k, unsigned i)
{
    const size_t seq = der_begin(w, DER_SEQUENCE);
    const uint16_t v = i == 17  ? k->platform.pce_svn
                       : i < 17 ? k->platform.components[i - 1]
                                : 0;
    const uint8_t bytes[] = {1, (uint8_t)(v >> 8), (uint8_t)v};
    char oid[48];

    (void)snprintf(oid, sizeof oid, "1.2.840.113741.1.13.1.2.%u", i);
    tdx_kit_oid(w, oid);
    if (i == 18) {
        der_write(w, DER_OCTETS,
                  (struct view){k->platform.cpu_svn, k->spoil.long_svn == i ? 15 : 16});
    } else {
        const size_t skip = k->spoil.long_svn == i ? 0 : 1;

        der_write_unsigned(w, DER_INTEGER, (struct view){bytes + skip, sizeof bytes - skip});
    }
    if (k->spoil.trail_svn == i) {
        der_write(w, DER_NULL, (struct view){NULL, 0});
    }
    der_end(w, seq);
}

/* One that nobody reads, whatever it holds. */
static inline void tdx_kit_foreign(struct writer *w, const char *oid)
{
    const size_t seq = der_begin(w, DER_SEQUENCE);

    tdx_kit_oid(w, oid);
    der_write(w, DER_NULL, (struct view){NULL, 0});
    der_write(w, DER_NULL, (struct view){NULL, 0});
    der_end(w, seq);
}

static inline void tdx_kit_pck_field(struct writer *w, const struct tdx_kit *k, unsigned i)
{
    const struct view values[] = {{NULL, 0},
                                  {k->platform.ppid, TDX_PPID_LEN},
                                  {NULL, 0},
                                  {k->platform.pce_id, TDX_PCE_ID_LEN},
                                  {k->platform.fmspc, TDX_FMSPC_LEN}};
    const size_t seq = der_begin(w, DER_SEQUENCE);
    char oid[48];

    (void)snprintf(oid, sizeof oid, "1.2.840.113741.1.13.1.%u", i);
    tdx_kit_oid(w, oid);
    if (i == 2) {
        const size_t list = der_begin(w, DER_SEQUENCE);

        for (unsigned n = 1; n <= 18; n++) {
            for (int times = k->spoil.left_out_svn == n ? 0
                             : k->spoil.twice_svn == n  ? 2
                                                        : 1;
                 times > 0; times--) {
                tdx_kit_svn(w, k, n);
            }
        }
        if (k->spoil.unknown) {
            tdx_kit_foreign(w, "1.2.840.113741.1.13.1.2.19");
            tdx_kit_foreign(w, "1.2.840.113741.1.13.1.3.1");
            tdx_kit_foreign(w, "1.2.840.113741.1.13.1.2.1.1");
        }
        der_end(w, list);
    } else {
        der_write(w, DER_OCTETS,
                  (struct view){values[i].p, values[i].n - (k->spoil.short_one == i ? 1 : 0)});
    }
    if (k->spoil.trail == i) {
        der_write(w, DER_NULL, (struct view){NULL, 0});
    }
    der_end(w, seq);
}

static inline void tdx_kit_pck_ext(struct writer *w, const struct tdx_kit *k)
{
    const struct tdx_kit_ext x = tdx_kit_ext(w, "1.2.840.113741.1.13.1", false);
    const size_t list = der_begin(w, DER_SEQUENCE);

    for (unsigned i = 1; i <= 4; i++) {
        for (int times = k->spoil.left_out == i ? 0
                         : k->spoil.twice == i  ? 2
                                                : 1;
             times > 0; times--) {
            tdx_kit_pck_field(w, k, i);
        }
    }
    if (k->spoil.unknown) {
        tdx_kit_foreign(w, "1.2.840.113741.1.13.1.5");
        tdx_kit_foreign(w, "1.2.840.113741.1.14.1.1");
        tdx_kit_foreign(w, "1.2.840.113741.1.13.1.4.1");
        tdx_kit_foreign(w, "1.2.3");
    }
    der_end(w, list);
    if (k->spoil.trail_outer) {
        der_write(w, DER_NULL, (struct view){NULL, 0});
    }
    tdx_kit_ext_end(w, x);
}

static inline void tdx_kit_pad(struct writer *w, size_t n, bool critical)
{
    static const uint8_t zeros[TDX_KIT_MAX];
    const struct tdx_kit_ext x = tdx_kit_ext(w, "1.3.6.1.4.1.32473.9", critical);

    der_write(w, DER_OCTETS, (struct view){zeros, n});
    tdx_kit_ext_end(w, x);
}

static inline void tdx_kit_extensions(struct writer *w, const struct tdx_kit_cert *c,
                                      const struct tdx_kit *k)
{
    const size_t outer = der_begin(w, (enum der_tag)0xa3);
    const size_t list = der_begin(w, DER_SEQUENCE);
    struct tdx_kit_ext x = tdx_kit_ext(w, "2.5.29.19", true);

    cert_write_basic_constraints(w, c->ca, CERT_PATH_LEN_NONE);
    tdx_kit_ext_end(w, x);
    if (c->usage != 0) {
        x = tdx_kit_ext(w, "2.5.29.15", true);
        cert_write_key_usage(w, c->usage);
        tdx_kit_ext_end(w, x);
    }
    if (c->pck) {
        tdx_kit_pck_ext(w, k);
    }
    if (c->pad > 0 || c->critical) {
        tdx_kit_pad(w, c->pad, c->critical);
    }
    der_end(w, list);
    der_end(w, outer);
}

static inline void tdx_kit_spki(struct writer *w, const struct tdx_kit_cert *c)
{
    const size_t spki = der_begin(w, DER_SEQUENCE);
    const size_t alg = der_begin(w, DER_SEQUENCE);
    uint8_t bits[67] = {0};

    tdx_kit_oid(w, c->spoil_key == TDX_KEY_ALGORITHM ? "1.3.132.1.12" : "1.2.840.10045.2.1");
    tdx_kit_oid(w, c->spoil_key == TDX_KEY_CURVE ? "1.3.132.0.10" : "1.2.840.10045.3.1.7");
    der_end(w, alg);
    tdx_kit_public(c->key, bits + 1);
    bits[1] = c->spoil_key == TDX_KEY_FORM ? 6 : bits[1];
    bits[65] ^= c->off_curve ? 1 : 0;
    der_write(w, DER_BIT_STRING,
              (struct view){bits, sizeof bits - (c->spoil_key == TDX_KEY_LONG ? 0 : 1)});
    der_end(w, spki);
}

/* ECDSA-Sig-Value of those bytes, with what is wrong with it. */
static inline void tdx_kit_sig_value(struct writer *w, enum tdx_kit_key by, struct view bytes,
                                     enum tdx_kit_spoil_sig spoil)
{
    uint8_t rs[64] = {0};
    uint8_t longer[34] = {1};

    do { /* until r has its highest bit, where that matters */
        tdx_kit_sign(by, bytes, rs);
    } while (spoil == TDX_SIG_NEGATIVE && (rs[0] & 0x80) == 0);
    memcpy(longer + 2, rs, 32);
    const size_t seq = der_begin(w, spoil == TDX_SIG_TAG ? DER_SET : DER_SEQUENCE);

    if (spoil == TDX_SIG_NEGATIVE || spoil == TDX_SIG_INTEGER) {
        der_write(w, spoil == TDX_SIG_INTEGER ? DER_OCTETS : DER_INTEGER,
                  (struct view){rs, 32});
    } else if (spoil == TDX_SIG_LONG) {
        der_write(w, DER_INTEGER, (struct view){longer, sizeof longer});
    } else if (spoil != TDX_SIG_EMPTY) {
        der_write_unsigned(w, DER_INTEGER, (struct view){rs, 32});
    }
    if (spoil != TDX_SIG_EMPTY) {
        der_write_unsigned(w, DER_INTEGER, (struct view){rs + 32, 32});
    }
    if (spoil == TDX_SIG_THIRD) {
        der_write_unsigned(w, DER_INTEGER, (struct view){rs, 32});
    }
    der_end(w, seq);
    if (spoil == TDX_SIG_TRAILING) {
        der_write(w, DER_NULL, (struct view){NULL, 0});
    }
}

/* SEQUENCE { tbs, algorithm, signature } */
static inline struct view tdx_kit_signed(struct view tbs, enum tdx_kit_spoil_alg alg,
                                         enum tdx_kit_spoil_sig sig, enum tdx_kit_key by,
                                         uint8_t out[TDX_KIT_MAX])
{
    uint8_t bits[160] = {0};
    struct writer value = wr_init(bits + 1, sizeof bits - 1);
    struct writer w = wr_init(out, TDX_KIT_MAX);
    const size_t seq = der_begin(&w, DER_SEQUENCE);
    struct view der;

    tdx_kit_sig_value(&value, by, tbs, sig);
    wr_view(&w, tbs);
    tdx_kit_alg(&w, alg);
    der_write(&w, DER_BIT_STRING, (struct view){bits, value.len + 1});
    der_end(&w, seq);
    assert_int_equal(wr_finish(&w, &der), ERR_OK);
    return der;
}

static inline struct view tdx_kit_cert(const struct tdx_kit_cert *c, const struct tdx_kit *k,
                                       uint8_t out[TDX_KIT_MAX])
{
    static uint8_t tbs[TDX_KIT_MAX];
    struct writer w = wr_init(tbs, sizeof tbs);
    const size_t seq = der_begin(&w, DER_SEQUENCE);
    const size_t version = der_begin(&w, DER_CONTEXT_0);
    struct view v;

    der_write(&w, DER_INTEGER, (struct view){(const uint8_t *)"\2", 1});
    der_end(&w, version);
    der_write(&w, DER_INTEGER, (struct view){&c->serial, 1});
    tdx_kit_alg(&w, c->spoil_alg);
    tdx_kit_name(&w, c->issuer);
    const size_t validity = der_begin(&w, DER_SEQUENCE);

    tdx_kit_time(&w, c->from_s);
    tdx_kit_time(&w, c->until_s);
    der_end(&w, validity);
    tdx_kit_name(&w, c->subject);
    tdx_kit_spki(&w, c);
    tdx_kit_extensions(&w, c, k);
    der_end(&w, seq);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    v = tdx_kit_signed(v, c->spoil_alg, c->spoil_sig, c->by, out);
    if (c->spoil_outer) {
        out[0] = DER_SET;
    }
    return v;
}

static inline struct view tdx_kit_crl(const struct tdx_kit_crl *c, uint8_t out[TDX_KIT_MAX])
{
    static uint8_t tbs[TDX_KIT_MAX];
    struct writer w = wr_init(tbs, sizeof tbs);
    const size_t seq = der_begin(&w, DER_SEQUENCE);
    struct view v;

    der_write(&w, DER_INTEGER, (struct view){(const uint8_t *)"\1", 1});
    tdx_kit_alg(&w, c->spoil_alg);
    tdx_kit_name(&w, c->issuer);
    tdx_kit_time(&w, c->from_s);
    if (c->until_s != 0) {
        tdx_kit_time(&w, c->until_s);
    }
    if (c->revoked != 0) {
        const size_t list = der_begin(&w, DER_SEQUENCE);
        const size_t entry = der_begin(&w, DER_SEQUENCE);

        der_write(&w, DER_INTEGER, (struct view){&c->revoked, 1});
        tdx_kit_time(&w, c->from_s);
        der_end(&w, entry);
        der_end(&w, list);
    }
    if (c->pad > 0) {
        const size_t outer = der_begin(&w, DER_CONTEXT_0);
        const size_t list = der_begin(&w, DER_SEQUENCE);

        tdx_kit_pad(&w, c->pad, false);
        der_end(&w, list);
        der_end(&w, outer);
    }
    der_end(&w, seq);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    v = tdx_kit_signed(v, c->spoil_alg, TDX_SIG_GOOD, c->by, out);
    if (c->spoil_outer) {
        out[0] = DER_SET;
    }
    return v;
}

#endif
