/* snp_chain_kit.h - roots, issuers, keys and revocation lists as AMD's are, made by ourselves:
 * each field may be spoiled before it is signed. OpenSSL signs. */
#ifndef TESTS_SNP_CHAIN_KIT_H
#define TESTS_SNP_CHAIN_KIT_H

#include "openssl_evp.h"
#include "snp_kit.h"
#include "snp_kit_keys.h"

#include "attest/snp_vek.h"
#include "format/gen_time.h"
#include "format/oid.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>

#define SNP_KIT_DER_MAX 20480 /* room for more than may be read */
#define SNP_KIT_EXTENSIONS_MAX 16
#define SNP_KIT_AT_S INT64_C(1790000000) /* 2026-09-21, within all that is made here */
#define SNP_KIT_DAY_S INT64_C(86400)

/* How the signature algorithm is written. */
enum snp_kit_pss {
    SNP_KIT_PSS,         /* as AMD's roots do: with the trailer spelled out */
    SNP_KIT_PSS_DEFAULT, /* without it, as DER has it */
    SNP_KIT_PSS_SALT_32,
    SNP_KIT_PSS_SHA256,
    SNP_KIT_PSS_OTHER, /* the parameters of another algorithm's */
    SNP_KIT_PSS_CUT,   /* a signature without its last byte */
    SNP_KIT_RSA_V15,
};

struct snp_kit_ext {
    uint8_t oid[12]; /* whole OID body */
    size_t oid_len;
    bool critical;
    uint8_t value[96];
    size_t n;
};

struct snp_kit_cert {
    const char *issuer, *subject; /* common names */
    const char *more_subject;     /* a second common name, or NULL */
    int64_t from_s, until_s;
    uint8_t serial[4]; /* INTEGER body */
    size_t serial_len;
    const uint8_t *point; /* P384_PUBLIC_LEN bytes; NULL: an RSA key */
    enum snp_kit_rsa rsa; /* whose modulus it holds then */
    size_t modulus_len;   /* at most RSA_PSS_4096_LEN: it is cut */
    uint8_t exponent;     /* the last byte of 01 00 .. */
    bool wrong_curve, wrong_key_alg, no_key_params, wide_modulus;
    bool more_in_key, more_after_key, long_point; /* an INTEGER that no RSAPublicKey has */
    enum snp_kit_pss pss;
    enum snp_kit_rsa signed_by;
    size_t pad; /* bytes of an extension of nobody; 0: none */
    size_t n_ext;
    struct snp_kit_ext ext[SNP_KIT_EXTENSIONS_MAX];
};

struct snp_kit_crl {
    const char *issuer;
    int64_t from_s, until_s; /* until_s 0: none */
    uint8_t revoked[4];      /* INTEGER bodies of one byte */
    size_t n_revoked;
    bool critical; /* an extension that nobody here reads */
    size_t pad;    /* bytes more in its value */
    bool more;     /* an element that no TBSCertList has */
    enum snp_kit_pss pss;
    enum snp_kit_rsa signed_by;
};

static inline EVP_PKEY *snp_kit_rsa(enum snp_kit_rsa which)
{
    static EVP_PKEY *keys[SNP_KIT_RSA_COUNT];

    if (!keys[which]) {
        BIO *bio = BIO_new_mem_buf(snp_kit_rsa_pem[which], -1);

        keys[which] = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
        assert_non_null(keys[which]);
        (void)BIO_free(bio);
    }
    return keys[which];
}

static inline void snp_kit_modulus(enum snp_kit_rsa which, uint8_t out[RSA_PSS_4096_LEN])
{
    BIGNUM *n = NULL;

    assert_int_equal(EVP_PKEY_get_bn_param(snp_kit_rsa(which), OSSL_PKEY_PARAM_RSA_N, &n), 1);
    assert_int_equal(BN_bn2binpad(n, out, RSA_PSS_4096_LEN), RSA_PSS_4096_LEN);
    BN_free(n);
}

/* AlgorithmIdentifier */
static inline void snp_kit_alg(struct writer *w, enum snp_kit_pss pss)
{
    static const char sha384[] = "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05";
    uint8_t hash[13];
    size_t mark = der_begin(w, DER_SEQUENCE);

    if (pss == SNP_KIT_RSA_V15) {
        der_write(w, DER_OID, oid_body(OID_RSA_SHA384));
        der_write(w, DER_NULL, (struct view){NULL, 0});
        der_end(w, mark);
        return;
    }
    memcpy(hash, sha384, sizeof sha384);
    if (pss == SNP_KIT_PSS_SHA256) {
        hash[10] = 1;
    }
    der_write(w, DER_OID, oid_body(pss == SNP_KIT_PSS_OTHER ? OID_RSA_SHA384 : OID_RSA_PSS));
    const size_t params = der_begin(w, DER_SEQUENCE);
    size_t inner = der_begin(w, DER_CONTEXT_0);

    der_write(w, DER_SEQUENCE, (struct view){hash, sizeof hash});
    der_end(w, inner);
    inner = der_begin(w, DER_CONTEXT_1);
    const size_t mgf = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID,
              (struct view){(const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08", 9});
    der_write(w, DER_SEQUENCE, (struct view){hash, sizeof hash});
    der_end(w, mgf);
    der_end(w, inner);
    const uint8_t salt[3] = {0x02, 0x01, pss == SNP_KIT_PSS_SALT_32 ? 32 : 48};

    der_write(w, DER_CONTEXT_2, (struct view){salt, sizeof salt});
    if (pss == SNP_KIT_PSS) {
        der_write(w, DER_CONTEXT_3, (struct view){(const uint8_t *)"\x02\x01\x01", 3});
    }
    der_end(w, params);
    der_end(w, mark);
}

static inline void snp_kit_rdn(struct writer *w, uint8_t type, const char *text)
{
    const uint8_t oid[3] = {0x55, 0x04, type};
    const size_t set = der_begin(w, DER_SET);
    const size_t pair = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, (struct view){oid, sizeof oid});
    der_write(w, DER_UTF8_STRING, (struct view){(const uint8_t *)text, strlen(text)});
    der_end(w, pair);
    der_end(w, set);
}

static inline void snp_kit_name(struct writer *w, const char *cn, const char *more)
{
    const size_t mark = der_begin(w, DER_SEQUENCE);

    snp_kit_rdn(w, 0x0a, "SIMULATED - NOT AMD");
    snp_kit_rdn(w, 0x03, cn);
    if (more) {
        snp_kit_rdn(w, 0x03, more);
    }
    der_end(w, mark);
}

static inline void snp_kit_time(struct writer *w, int64_t s)
{
    uint8_t text[GEN_TIME_TEXT_MAX];
    const size_t n = gen_time_write(s * 1000, text);

    assert_true(n > 0);
    der_write(w, DER_GENERALIZED_TIME, (struct view){text, n});
}

static inline void snp_kit_rsa_spki(struct writer *w, const struct snp_kit_cert *c)
{
    const uint8_t exponent[3] = {1, 0, c->exponent};
    uint8_t wide[1 + RSA_PSS_4096_LEN] = {1}; /* a bit more than it may have */
    uint8_t *const modulus = wide + 1;
    size_t mark = der_begin(w, DER_SEQUENCE);
    const size_t alg = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, oid_body(c->wrong_key_alg ? OID_RSA_PSS : OID_RSA_ENCRYPTION));
    if (!c->no_key_params) {
        der_write(w, DER_NULL, (struct view){NULL, 0});
    }
    der_end(w, alg);
    const size_t bits = der_begin(w, DER_BIT_STRING);

    wr_u8(w, 0);
    const size_t key = der_begin(w, DER_SEQUENCE);

    snp_kit_modulus(c->rsa, modulus);
    der_write_unsigned(w, DER_INTEGER,
                       c->wide_modulus ? (struct view){wide, sizeof wide}
                                       : (struct view){modulus, c->modulus_len});
    der_write(w, DER_INTEGER, (struct view){exponent, sizeof exponent});
    if (c->more_in_key) {
        der_write(w, DER_INTEGER, (struct view){exponent, 1});
    }
    der_end(w, key);
    if (c->more_after_key) {
        der_write(w, DER_INTEGER, (struct view){exponent, 1});
    }
    der_end(w, bits);
    der_end(w, mark);
}

static inline void snp_kit_point_spki(struct writer *w, const struct snp_kit_cert *c)
{
    const size_t mark = der_begin(w, DER_SEQUENCE);
    const size_t alg = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, oid_body(c->wrong_key_alg ? OID_RSA_ENCRYPTION : OID_EC_PUBLIC_KEY));
    der_write(w, DER_OID, oid_body(c->wrong_curve ? OID_SECP521R1 : OID_SECP384R1));
    der_end(w, alg);
    const size_t bits = der_begin(w, DER_BIT_STRING);

    wr_u8(w, 0);
    wr_bytes(w, c->point, P384_PUBLIC_LEN);
    if (c->long_point) {
        wr_u8(w, 0);
    }
    der_end(w, bits);
    der_end(w, mark);
}

/* An extension that is nobody's, with so many zeros. */
static inline void snp_kit_pad(struct writer *w, size_t n)
{
    static const uint8_t zeros[SNP_KIT_DER_MAX];
    const size_t mark = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, (struct view){(const uint8_t *)"\x55\x1d\x62", 3});
    der_write(w, DER_OCTETS, (struct view){zeros, n});
    der_end(w, mark);
}

static inline void snp_kit_extensions(struct writer *w, const struct snp_kit_cert *c)
{
    const size_t outer = der_begin(w, DER_CONTEXT_3);
    const size_t list = der_begin(w, DER_SEQUENCE);

    for (size_t i = 0; i < c->n_ext; i++) {
        const struct snp_kit_ext *x = &c->ext[i];
        const size_t mark = der_begin(w, DER_SEQUENCE);

        der_write(w, DER_OID, (struct view){x->oid, x->oid_len});
        if (x->critical) {
            der_write(w, DER_BOOLEAN, (struct view){(const uint8_t *)"\xff", 1});
        }
        der_write(w, DER_OCTETS, (struct view){x->value, x->n});
        der_end(w, mark);
    }
    if (c->pad > 0) {
        snp_kit_pad(w, c->pad);
    }
    der_end(w, list);
    der_end(w, outer);
}

/* Appends algorithm and signature behind what is signed, and the SEQUENCE around all. */
static inline struct view snp_kit_signed(struct view tbs, enum snp_kit_pss pss,
                                         enum snp_kit_rsa by, uint8_t out[SNP_KIT_DER_MAX])
{
    uint8_t sig[RSA_PSS_4096_LEN];
    size_t n = sizeof sig;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key = NULL;
    const EVP_MD *md = pss == SNP_KIT_PSS_SHA256 ? EVP_sha256() : EVP_sha384();
    struct writer w = wr_init(out, SNP_KIT_DER_MAX);
    struct view whole;

    assert_int_equal(EVP_DigestSignInit(ctx, &key, md, NULL, snp_kit_rsa(by)), 1);
    if (pss != SNP_KIT_RSA_V15) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(
            EVP_PKEY_CTX_set_rsa_pss_saltlen(key, pss == SNP_KIT_PSS_SALT_32 ? 32 : 48), 1);
    }
    assert_int_equal(EVP_DigestSign(ctx, sig, &n, tbs.p, tbs.n), 1);
    EVP_MD_CTX_free(ctx);
    const size_t mark = der_begin(&w, DER_SEQUENCE);

    wr_view(&w, tbs);
    snp_kit_alg(&w, pss);
    const size_t bits = der_begin(&w, DER_BIT_STRING);

    wr_u8(&w, 0);
    wr_bytes(&w, sig, n - (pss == SNP_KIT_PSS_CUT ? 1 : 0));
    der_end(&w, bits);
    der_end(&w, mark);
    assert_int_equal(wr_finish(&w, &whole), ERR_OK);
    return whole;
}

static inline struct view snp_kit_cert(const struct snp_kit_cert *c,
                                       uint8_t out[SNP_KIT_DER_MAX])
{
    static uint8_t buf[SNP_KIT_DER_MAX];
    struct writer w = wr_init(buf, sizeof buf);
    struct view tbs;
    const size_t mark = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_CONTEXT_0, (struct view){(const uint8_t *)"\x02\x01\x02", 3});
    der_write(&w, DER_INTEGER, (struct view){c->serial, c->serial_len});
    snp_kit_alg(&w, c->pss);
    snp_kit_name(&w, c->issuer, NULL);
    const size_t validity = der_begin(&w, DER_SEQUENCE);

    snp_kit_time(&w, c->from_s);
    snp_kit_time(&w, c->until_s);
    der_end(&w, validity);
    snp_kit_name(&w, c->subject, c->more_subject);
    if (c->point) {
        snp_kit_point_spki(&w, c);
    } else {
        snp_kit_rsa_spki(&w, c);
    }
    snp_kit_extensions(&w, c);
    der_end(&w, mark);
    assert_int_equal(wr_finish(&w, &tbs), ERR_OK);
    return snp_kit_signed(tbs, c->pss, c->signed_by, out);
}

static inline struct view snp_kit_crl(const struct snp_kit_crl *c, uint8_t out[SNP_KIT_DER_MAX])
{
    static uint8_t buf[SNP_KIT_DER_MAX];
    struct writer w = wr_init(buf, sizeof buf);
    struct view tbs;
    const size_t mark = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_INTEGER, (struct view){(const uint8_t *)"\x01", 1});
    snp_kit_alg(&w, c->pss);
    snp_kit_name(&w, c->issuer, NULL);
    snp_kit_time(&w, c->from_s);
    if (c->until_s != 0) {
        snp_kit_time(&w, c->until_s);
    }
    if (c->n_revoked > 0) {
        const size_t list = der_begin(&w, DER_SEQUENCE);

        for (size_t i = 0; i < c->n_revoked; i++) {
            const size_t entry = der_begin(&w, DER_SEQUENCE);

            der_write(&w, DER_INTEGER, (struct view){&c->revoked[i], 1});
            snp_kit_time(&w, c->from_s);
            der_end(&w, entry);
        }
        der_end(&w, list);
    }
    const size_t outer = der_begin(&w, DER_CONTEXT_0);
    const size_t list = der_begin(&w, DER_SEQUENCE);
    const size_t number = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_OID, (struct view){(const uint8_t *)"\x55\x1d\x14", 3}); /* cRLNumber */
    if (c->critical) {
        der_write(&w, DER_BOOLEAN, (struct view){(const uint8_t *)"\xff", 1});
    }
    der_write(&w, DER_OCTETS, (struct view){(const uint8_t *)"\x02\x01\x07", 3});
    der_end(&w, number);
    if (c->pad > 0) {
        snp_kit_pad(&w, c->pad);
    }
    der_end(&w, list);
    der_end(&w, outer);
    if (c->more) {
        der_write(&w, DER_NULL, (struct view){NULL, 0});
    }
    der_end(&w, mark);
    assert_int_equal(wr_finish(&w, &tbs), ERR_OK);
    return snp_kit_signed(tbs, c->pss, c->signed_by, out);
}

/* ---- as AMD's are ---- */

static inline void snp_kit_ext_add(struct snp_kit_cert *c, const char *oid, bool critical,
                                   const void *value, size_t n)
{
    struct snp_kit_ext *x = &c->ext[c->n_ext++];

    assert_true(c->n_ext <= SNP_KIT_EXTENSIONS_MAX && n <= sizeof x->value);
    *x = (struct snp_kit_ext){.critical = critical, .n = n};
    assert_int_equal(der_oid_from_text(oid, x->oid, sizeof x->oid, &x->oid_len), ERR_OK);
    if (n > 0) {
        memcpy(x->value, value, n);
    }
}

/* The extension .3704.1.<tail>; it must be there. */
static inline struct snp_kit_ext *snp_kit_ext_find(struct snp_kit_cert *c, const char *tail)
{
    char text[64];
    uint8_t oid[12];
    size_t n = 0;

    (void)snprintf(text, sizeof text, "1.3.6.1.4.1.3704.1.%s", tail);
    assert_int_equal(der_oid_from_text(text, oid, sizeof oid, &n), ERR_OK);
    for (size_t i = 0; i < c->n_ext; i++) {
        if (c->ext[i].oid_len == n && memcmp(c->ext[i].oid, oid, n) == 0) {
            return &c->ext[i];
        }
    }
    print_message("no extension %s\n", tail);
    abort();
}

static inline void snp_kit_ext_drop(struct snp_kit_cert *c, const char *tail)
{
    *snp_kit_ext_find(c, tail) = c->ext[c->n_ext - 1];
    c->n_ext--;
}

static inline struct snp_kit_cert snp_kit_ark(void)
{
    struct snp_kit_cert c = {.issuer = "ARK-SIM",
                             .subject = "ARK-SIM",
                             .from_s = SNP_KIT_AT_S - 400 * SNP_KIT_DAY_S,
                             .until_s = SNP_KIT_AT_S + 8000 * SNP_KIT_DAY_S,
                             .serial = {1},
                             .serial_len = 1,
                             .rsa = SNP_KIT_RSA_ARK,
                             .modulus_len = RSA_PSS_4096_LEN,
                             .exponent = 1,
                             .signed_by = SNP_KIT_RSA_ARK};

    snp_kit_ext_add(&c, "2.5.29.15", true, "\x03\x02\x01\x06", 4); /* keyCertSign, cRLSign */
    snp_kit_ext_add(&c, "2.5.29.19", true, "\x30\x03\x01\x01\xff", 5);
    return c;
}

static inline struct snp_kit_cert snp_kit_ask(const char *subject)
{
    struct snp_kit_cert c = snp_kit_ark();

    c.subject = subject;
    c.from_s += SNP_KIT_DAY_S;
    c.until_s -= SNP_KIT_DAY_S;
    c.serial[0] = 2;
    c.rsa = SNP_KIT_RSA_ASK;
    c.n_ext = 0;
    snp_kit_ext_add(&c, "2.5.29.15", true, "\x03\x02\x02\x04", 4); /* keyCertSign */
    snp_kit_ext_add(&c, "2.5.29.19", true, "\x30\x06\x01\x01\xff\x02\x01\x00", 8);
    return c;
}

static inline void snp_kit_spl(struct snp_kit_cert *c, const char *tail, uint8_t v)
{
    const uint8_t wide[4] = {0x02, 0x02, 0x00, v};
    const uint8_t narrow[3] = {0x02, 0x01, v};
    char oid[64];

    (void)snprintf(oid, sizeof oid, "1.3.6.1.4.1.3704.1.3.%s", tail);
    snp_kit_ext_add(c, oid, false, v >= 0x80 ? wide : narrow, v >= 0x80 ? 4 : 3);
}

/* A key for the reports of snp_kit_report(). */
static inline struct snp_kit_cert snp_kit_vek(enum snp_line line, enum snp_signer signer,
                                              const char *issuer, const uint8_t *point)
{
    const bool turin = line == SNP_LINE_TURIN;
    const bool vlek = signer == SNP_SIGNER_VLEK;
    const uint8_t *tcb = turin ? snp_kit_tcb_turin : snp_kit_tcb_milan;
    const char *product = line == SNP_LINE_MILAN ? (vlek ? "\x16\x05Milan" : "\x16\x08Milan-B0")
                          : turin                ? "\x16\x05Turin"
                                                 : "\x16\x05Genoa";
    uint8_t chip[SNP_CHIP_ID_LEN];
    struct snp_kit_cert c = {.issuer = issuer,
                             .subject = vlek ? "SEV-VLEK" : "SEV-VCEK",
                             .from_s = SNP_KIT_AT_S - 10 * SNP_KIT_DAY_S,
                             .until_s = SNP_KIT_AT_S + 300 * SNP_KIT_DAY_S,
                             .serial = {vlek ? 5 : 0},
                             .serial_len = 1,
                             .point = point,
                             .signed_by = SNP_KIT_RSA_ASK};

    snp_kit_ext_add(&c, "1.3.6.1.4.1.3704.1.1", false, turin ? "\x02\x01\x01" : "\x02\x01\x00",
                    3);
    snp_kit_ext_add(&c, "1.3.6.1.4.1.3704.1.2", false, product, strlen(product));
    snp_kit_spl(&c, "1", tcb[turin ? 1 : 0]);
    snp_kit_spl(&c, "2", tcb[turin ? 2 : 1]);
    snp_kit_spl(&c, "3", tcb[turin ? 3 : 6]);
    snp_kit_spl(&c, "5", 0);
    snp_kit_spl(&c, "8", tcb[7]);
    snp_kit_spl(&c, turin ? "9" : "4", turin ? tcb[0] : 0);
    if (vlek) {
        snp_kit_ext_add(&c, "1.3.6.1.4.1.3704.1.5", false,
                        "\x16\x07"
                        "example",
                        9);
    } else {
        snp_kit_fill(chip, sizeof chip, 0x91);
        snp_kit_ext_add(&c, "1.3.6.1.4.1.3704.1.4", false, chip,
                        turin ? SNP_CHIP_ID_TURIN_LEN : SNP_CHIP_ID_LEN);
    }
    return c;
}

static inline struct snp_kit_crl snp_kit_list(void)
{
    return (struct snp_kit_crl){.issuer = "ARK-SIM",
                                .from_s = SNP_KIT_AT_S - 3 * SNP_KIT_DAY_S,
                                .until_s = SNP_KIT_AT_S + 30 * SNP_KIT_DAY_S,
                                .revoked = {9, 7},
                                .n_revoked = 2,
                                .signed_by = SNP_KIT_RSA_ARK};
}

/* The tests' own root, for one line. */
static inline struct snp_root snp_kit_root(enum snp_line line)
{
    static uint8_t der[SNP_KIT_DER_MAX];
    struct snp_root root = {.line = line, .assurance = ATTEST_ASSURANCE_SIMULATED};
    const struct snp_kit_cert ark = snp_kit_ark();
    struct cert_ids ids;

    assert_int_equal(cert_ids_parse(snp_kit_cert(&ark, der), &ids), ERR_OK);
    hash_once(HASH_SHA256, ids.spki, root.pin);
    return root;
}

#endif
