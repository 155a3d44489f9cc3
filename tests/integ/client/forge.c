#include "forge.h"

#include "base/hex.h"

#include <stdlib.h>
#include <string.h>

#define ATTRS_MAX 16

const uint8_t forge_imprint[32] = {0xab, 1, 2, 3};
const uint8_t forge_nonce[8] = {0x11, 2, 3, 4, 5, 6, 7, 8};

static const char policy_hex[] =
    "060c2b0601040181fd59985901 01"; /* 1.3.6.1.4.1.32473.3161.1.1 */
static const char tst_oid_hex[] = "060b2a864886f70d0109100104";
static const char content_type_hex[] =
    "301a06092a864886f70d010903310d060b2a864886f70d0109100104";
static const char signed_data_hex[] = "06092a864886f70d010702";
static const char serial_hex[] = "02140102030405060708090a0b0c0d0e0f1011121314";

struct view forge_view(const struct forge *f, enum forge_part part)
{
    return (struct view){f->part[part].b, f->part[part].n};
}

void forge_put(struct forge *f, enum forge_part part, struct view bytes)
{
    struct forge_blob *b = &f->part[part];

    assert_true(2 * bytes.n <= sizeof b->b);
    if (bytes.n > 0) {
        memmove(b->b, bytes.p, bytes.n);
    }
    b->n = bytes.n;
    b->given = true;
}

/* What an honest authority would put there. */
static void fill(struct forge *f, enum forge_part part, struct view bytes)
{
    struct forge_blob *b = &f->part[part];

    if (b->given) {
        return;
    }
    forge_put(f, part, bytes);
    if (f->twice[part]) {
        memcpy(b->b + b->n, b->b, b->n);
        b->n *= 2;
    }
}

static struct view from_hex(const char *text, uint8_t *out, size_t cap)
{
    char plain[2048];
    size_t len = 0;
    size_t n = 0;

    for (; *text != '\0'; text++) {
        if (*text != ' ') {
            assert_true(len + 1 < sizeof plain);
            plain[len++] = *text;
        }
    }
    plain[len] = '\0';
    assert_int_equal(hex_parse(plain, out, cap, &n), ERR_OK);
    return (struct view){out, n};
}

static void fill_hex(struct forge *f, enum forge_part part, const char *text)
{
    uint8_t bytes[1024];

    fill(f, part, from_hex(text, bytes, sizeof bytes));
}

struct view forge_wrap(enum der_tag tag, struct view body, uint8_t *out, size_t cap)
{
    struct writer w = wr_init(out, cap);
    struct view all;

    der_write(&w, tag, body);
    assert_int_equal(wr_finish(&w, &all), ERR_OK);
    return all;
}

/* The parts first to last in one element. */
static void fill_joined(struct forge *f, enum forge_part part, enum der_tag tag,
                        enum forge_part first, enum forge_part last)
{
    static uint8_t bytes[FORGE_PART_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view all;
    const size_t mark = der_begin(&w, tag);

    for (unsigned i = first; i <= last; i++) {
        wr_view(&w, forge_view(f, (enum forge_part)i));
    }
    der_end(&w, mark);
    assert_int_equal(wr_finish(&w, &all), ERR_OK);
    fill(f, part, all);
}

/* One part in one element. */
static void fill_wrapped(struct forge *f, enum forge_part part, enum der_tag tag,
                         struct view body)
{
    static uint8_t bytes[FORGE_PART_MAX];

    fill(f, part, forge_wrap(tag, body, bytes, sizeof bytes));
}

void forge_change(struct forge *f, const struct forge_change *c)
{
    uint8_t bytes[1024];
    const struct view text = {(const uint8_t *)c->text, c->text != NULL ? strlen(c->text) : 0};

    switch (c->how) {
    case AS_IT_IS:
        break;
    case OMIT:
        forge_put(f, c->part, (struct view){NULL, 0});
        break;
    case TWICE:
        f->twice[c->part] = true;
        break;
    case HEX:
        forge_put(f, c->part, from_hex(c->text, bytes, sizeof bytes));
        break;
    case TIME:
        forge_put(f, c->part, forge_wrap(DER_GENERALIZED_TIME, text, bytes, sizeof bytes));
        break;
    }
}

struct forge *forge_new(struct forge_node *signer)
{
    struct forge *f = calloc(1, sizeof *f);

    assert_non_null(f);
    f->signer = signer;
    f->named = signer;
    f->digest = "SHA384";
    return f;
}

void forge_free(struct forge *f)
{
    free(f);
}

/* ---- TSTInfo ---- */

void forge_alg(struct writer *w, const char *digest)
{
    const ASN1_OBJECT *o = OBJ_nid2obj(OBJ_sn2nid(digest));
    const size_t mark = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, (struct view){OBJ_get0_data(o), OBJ_length(o)});
    der_end(w, mark);
}

static void make_tst(struct forge *f)
{
    uint8_t bytes[256];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view imprint;
    const struct forge_change now = {TST_GEN_TIME, TIME, FORGE_GEN_TIME};
    const size_t mark = der_begin(&w, DER_SEQUENCE);

    forge_alg(&w, "SHA256");
    der_write(&w, DER_OCTETS, (struct view){forge_imprint, sizeof forge_imprint});
    der_end(&w, mark);
    assert_int_equal(wr_finish(&w, &imprint), ERR_OK);
    fill_hex(f, TST_VERSION, "020101");
    fill_hex(f, TST_POLICY, policy_hex);
    fill(f, TST_IMPRINT, imprint);
    fill_hex(f, TST_SERIAL, serial_hex);
    if (!f->part[TST_GEN_TIME].given) {
        forge_change(f, &now);
    }
    fill_hex(f, TST_ACCURACY, "3003 020101");
    fill_hex(f, TST_ORDERING, "");
    fill_wrapped(f, TST_NONCE, DER_INTEGER, (struct view){forge_nonce, sizeof forge_nonce});
    fill_hex(f, TST_TSA, "");
    fill_hex(f, TST_EXTENSIONS, "");
    fill_joined(f, TST_INFO, DER_SEQUENCE, TST_VERSION, TST_EXTENSIONS);
}

/* ---- signed attributes ---- */

static struct view digest_of(const char *name, struct view in, uint8_t out[EVP_MAX_MD_SIZE])
{
    unsigned n = 0;

    assert_int_equal(EVP_Digest(in.p, in.n, out, &n, EVP_get_digestbyname(name), NULL), 1);
    return (struct view){out, n};
}

/* Attribute with one value. */
static void fill_attr(struct forge *f, enum forge_part part, int nid, struct view value)
{
    uint8_t bytes[2048];
    struct writer w = wr_init(bytes, sizeof bytes);
    const ASN1_OBJECT *o = OBJ_nid2obj(nid);
    const size_t mark = der_begin(&w, DER_SEQUENCE);
    struct view all;

    der_write(&w, DER_OID, (struct view){OBJ_get0_data(o), OBJ_length(o)});
    der_write(&w, DER_SET, value);
    der_end(&w, mark);
    assert_int_equal(wr_finish(&w, &all), ERR_OK);
    fill(f, part, all);
}

/* IssuerSerial ::= SEQUENCE { GeneralNames, serialNumber } */
static void write_issuer_serial(struct writer *w, const struct forge_issuer_serial *s)
{
    uint8_t name[256];
    uint8_t serial[64];
    uint8_t *p = name;
    uint8_t *q = serial;
    const int n = i2d_X509_NAME(X509_get_issuer_name(s->issuer_of), &p);
    const int m = i2d_ASN1_INTEGER(X509_get0_serialNumber(s->serial_of), &q);
    const size_t seq = der_begin(w, DER_SEQUENCE);
    const size_t names = der_begin(w, DER_SEQUENCE);

    assert_true(n > 0 && (size_t)n <= sizeof name && m > 0 && (size_t)m <= sizeof serial);
    der_write(w, DER_CONTEXT_4, (struct view){name, (size_t)n});
    der_end(w, names);
    wr_bytes(w, serial, (size_t)m);
    der_end(w, seq);
}

void forge_ess(struct forge *f, bool v2, const char *hash, X509 *cert,
               const struct forge_issuer_serial *issuer_serial)
{
    const char *by = hash != NULL ? hash : v2 ? "SHA256" : "SHA1";
    uint8_t digest[EVP_MAX_MD_SIZE];
    uint8_t bytes[1024];
    struct view der = forge_cert_der(cert);
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view value;
    const size_t all = der_begin(&w, DER_SEQUENCE);
    const size_t certs = der_begin(&w, DER_SEQUENCE);
    const size_t id = der_begin(&w, DER_SEQUENCE);

    if (hash != NULL) {
        forge_alg(&w, hash);
    }
    der_write(&w, DER_OCTETS, digest_of(by, der, digest));
    if (issuer_serial != NULL) {
        write_issuer_serial(&w, issuer_serial);
    }
    der_end(&w, id);
    der_end(&w, certs);
    der_end(&w, all);
    assert_int_equal(wr_finish(&w, &value), ERR_OK);
    OPENSSL_free((void *)(uintptr_t)der.p);
    fill_attr(f, v2 ? ATTR_ESS_V2 : ATTR_ESS_V1,
              v2 ? NID_id_smime_aa_signingCertificateV2 : NID_id_smime_aa_signingCertificate,
              value);
}

/* CMSAlgorithmProtection; its OID has no name in OpenSSL 3.0. */
static void make_protection(struct forge *f)
{
    static const uint8_t oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 0x34};
    uint8_t bytes[512];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view all;
    const size_t attr = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_OID, (struct view){oid, sizeof oid});
    const size_t set = der_begin(&w, DER_SET);
    const size_t seq = der_begin(&w, DER_SEQUENCE);

    wr_view(&w, forge_view(f, SI_DIGEST_ALG));
    const size_t at = w.len;

    wr_view(&w, forge_view(f, SI_SIG_ALG));
    bytes[at] = DER_CONTEXT_1; /* IMPLICIT */
    der_end(&w, seq);
    der_end(&w, set);
    der_end(&w, attr);
    assert_int_equal(wr_finish(&w, &all), ERR_OK);
    fill(f, ATTR_PROTECTION, all);
}

/* id-RSASSA-PSS with SHA-384, MGF1 with the same, salt of 48 bytes */
static void fill_pss(struct forge *f)
{
    fill_hex(f, SI_SIG_ALG,
             "304106092a864886f70d01010a3034"
             "a00f300d06096086480165030402020500"
             "a11c301a06092a864886f70d010108300d06096086480165030402020500"
             "a203020130");
}

static void make_algs(struct forge *f)
{
    const char *md = f->sig_digest != NULL ? f->sig_digest : f->digest;
    const int key = EVP_PKEY_get_base_id(f->signer->key);
    uint8_t bytes[128];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view alg;
    unsigned char *der = NULL;
    int nid = NID_undef;

    forge_alg(&w, f->digest);
    assert_int_equal(wr_finish(&w, &alg), ERR_OK);
    fill(f, SI_DIGEST_ALG, alg);
    if (f->pss) {
        fill_pss(f);
        return;
    }
    if (key == EVP_PKEY_ED25519) {
        nid = NID_ED25519;
    } else {
        assert_int_equal(OBJ_find_sigid_by_algs(&nid, OBJ_sn2nid(md), key), 1);
    }
    X509_ALGOR *a = X509_ALGOR_new();

    assert_int_equal(X509_ALGOR_set0(a, OBJ_nid2obj(nid), V_ASN1_UNDEF, NULL), 1);
    const int n = i2d_X509_ALGOR(a, &der);

    assert_true(n > 0);
    fill(f, SI_SIG_ALG, (struct view){der, (size_t)n});
    OPENSSL_free(der);
    X509_ALGOR_free(a);
}

/* SIGNED_BYTES: the attributes in DER's order, or as they come. */
static void fill_set(struct forge *f)
{
    static uint8_t bytes[FORGE_PART_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view attrs[ATTRS_MAX];
    struct view all;
    size_t n = 0;

    for (unsigned i = ATTR_CONTENT_TYPE; i <= ATTR_OTHER; i++) {
        struct reader r = rd_init(forge_view(f, (enum forge_part)i));

        while (r.n > 0) {
            struct der_element el;
            size_t at = n++;

            assert_true(n <= ATTRS_MAX);
            assert_int_equal(der_read_any(&r, &el), ERR_OK);
            for (; at > 0 && !f->unsorted && der_sorts_before(el.whole, attrs[at - 1]); at--) {
                attrs[at] = attrs[at - 1];
            }
            attrs[at] = el.whole;
        }
    }
    const size_t mark = der_begin(&w, DER_SET);

    for (size_t i = 0; i < n; i++) {
        wr_view(&w, attrs[i]);
    }
    der_end(&w, mark);
    assert_int_equal(wr_finish(&w, &all), ERR_OK);
    fill(f, SIGNED_BYTES, all);
}

static void make_attrs(struct forge *f)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    uint8_t octets[EVP_MAX_MD_SIZE + 2];

    make_tst(f);
    make_algs(f);
    fill_hex(f, ATTR_CONTENT_TYPE, content_type_hex);
    fill_attr(f, ATTR_DIGEST, NID_pkcs9_messageDigest,
              forge_wrap(DER_OCTETS, digest_of(f->digest, forge_view(f, TST_INFO), hash),
                         octets, sizeof octets));
    fill_hex(f, ATTR_ESS_V1, "");
    forge_ess(f, true, NULL, f->named->cert, NULL);
    make_protection(f);
    fill_hex(f, ATTR_OTHER, "");
    fill_set(f);
}

/* ---- SignerInfo ---- */

static void make_sid(struct forge *f)
{
    PKCS7_ISSUER_AND_SERIAL *sid = PKCS7_ISSUER_AND_SERIAL_new();
    unsigned char *der = NULL;

    assert_int_equal(X509_NAME_set(&sid->issuer, X509_get_issuer_name(f->named->cert)), 1);
    ASN1_INTEGER_free(sid->serial);
    sid->serial = ASN1_INTEGER_dup(X509_get0_serialNumber(f->named->cert));
    const int n = i2d_PKCS7_ISSUER_AND_SERIAL(sid, &der);

    assert_true(n > 0);
    fill(f, SI_SID, (struct view){der, (size_t)n});
    OPENSSL_free(der);
    PKCS7_ISSUER_AND_SERIAL_free(sid);
}

static void make_signature(struct forge *f)
{
    const char *md = f->sig_digest != NULL ? f->sig_digest : f->digest;
    const bool pure = EVP_PKEY_get_base_id(f->signer->key) == EVP_PKEY_ED25519;
    const struct view message = forge_view(f, SIGNED_BYTES);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    uint8_t sig[1024];
    size_t n = sizeof sig;

    assert_int_equal(
        EVP_DigestSignInit_ex(ctx, &pctx, pure ? NULL : md, NULL, NULL, f->signer->key, NULL),
        1);
    if (f->pss) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST), 1);
    }
    assert_int_equal(EVP_DigestSign(ctx, sig, &n, message.p, message.n), 1);
    EVP_MD_CTX_free(ctx);
    fill_wrapped(f, SI_SIGNATURE, DER_OCTETS, (struct view){sig, n});
}

static void make_signer(struct forge *f)
{
    static uint8_t bytes[FORGE_PART_MAX];
    struct view body = {NULL, 0};
    struct reader r;

    make_attrs(f);
    r = rd_init(forge_view(f, SIGNED_BYTES));
    if (!f->part[SI_ATTRS].given) {
        assert_int_equal(der_read(&r, DER_SET, &body), ERR_OK);
    }
    fill(f, SI_ATTRS, forge_wrap(DER_CONTEXT_0, body, bytes, sizeof bytes));
    fill_hex(f, SI_VERSION, "020101");
    make_sid(f);
    make_signature(f);
    fill_hex(f, SI_UNSIGNED, "");
    fill_joined(f, SIGNER_INFO, DER_SEQUENCE, SI_VERSION, SI_UNSIGNED);
}

/* ---- SignedData ---- */

static void make_token(struct forge *f)
{
    static uint8_t bytes[FORGE_PART_MAX];

    make_signer(f);
    fill_hex(f, SD_VERSION, "020103");
    fill_wrapped(f, SD_DIGEST_ALGS, DER_SET, forge_view(f, SI_DIGEST_ALG));
    fill_hex(f, SD_CONTENT_TYPE, tst_oid_hex);
    fill_wrapped(f, SD_CONTENT, DER_CONTEXT_0,
                 forge_wrap(DER_OCTETS, forge_view(f, TST_INFO), bytes, sizeof bytes));
    if (f->certificates.n > 0) {
        fill_wrapped(f, SD_CERTIFICATES, DER_CONTEXT_0, f->certificates);
    }
    fill_hex(f, SD_CERTIFICATES, "");
    fill_hex(f, SD_CRLS, "");
    fill_wrapped(f, SD_SIGNER_INFOS, DER_SET, forge_view(f, SIGNER_INFO));
    static uint8_t out[FORGE_PART_MAX];
    struct writer w = wr_init(out, sizeof out);
    struct view sd;
    const size_t mark = der_begin(&w, DER_SEQUENCE);

    wr_view(&w, forge_view(f, SD_VERSION));
    wr_view(&w, forge_view(f, SD_DIGEST_ALGS));
    const size_t encap = der_begin(&w, DER_SEQUENCE);

    wr_view(&w, forge_view(f, SD_CONTENT_TYPE));
    wr_view(&w, forge_view(f, SD_CONTENT));
    der_end(&w, encap);
    wr_view(&w, forge_view(f, SD_CERTIFICATES));
    wr_view(&w, forge_view(f, SD_CRLS));
    wr_view(&w, forge_view(f, SD_SIGNER_INFOS));
    der_end(&w, mark);
    assert_int_equal(wr_finish(&w, &sd), ERR_OK);
    fill_hex(f, CI_TYPE, signed_data_hex);
    fill_wrapped(f, CI_CONTENT, DER_CONTEXT_0, sd);
    fill_joined(f, TOKEN, DER_SEQUENCE, CI_TYPE, CI_CONTENT);
}

struct view forge_make(struct forge *f, enum forge_part part)
{
    if (part == TST_INFO) {
        make_tst(f);
    } else if (part == SIGNED_BYTES) {
        make_attrs(f);
    } else if (part == SIGNER_INFO) {
        make_signer(f);
    } else {
        make_token(f);
        fill_hex(f, RESP_STATUS, "3003 020100");
    }
    if (part == RESPONSE) {
        static uint8_t bytes[FORGE_PART_MAX];
        struct writer w = wr_init(bytes, sizeof bytes);
        struct view all;

        wr_view(&w, forge_view(f, RESP_STATUS));
        wr_view(&w, forge_view(f, TOKEN));
        assert_int_equal(wr_finish(&w, &all), ERR_OK);
        fill_wrapped(f, RESPONSE, DER_SEQUENCE, all);
    }
    return forge_view(f, part);
}
