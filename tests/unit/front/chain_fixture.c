#include "chain_fixture.h"

/* <openssl/types.h> has a type ERR_STATE, which is an enumerator of ours. */
#define ERR_STATE openssl_err_state
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#include <stdlib.h>
#include <string.h>

struct fixture {
    EVP_PKEY *keys[4]; /* root, intermediate, leaf, other root */
    X509 *certs[4];
};

static void must(bool good)
{
    if (!good) {
        abort(); /* the fixture itself is broken */
    }
}

static void add_extension(X509 *x, int nid, const char *value)
{
    X509_EXTENSION *e = NULL;

    if (value == NULL) {
        return;
    }
    e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    must(e != NULL && X509_add_ext(x, e, -1) == 1);
    X509_EXTENSION_free(e);
}

/* privateKeyUsagePeriod has no text form in OpenSSL. */
static void add_period(X509 *x, const char *value)
{
    if (value != NULL) {
        CONF *conf = NCONF_new(NULL);
        X509V3_CTX ctx;
        char line[256] = "2.5.29.16 = ";

        strcat(line, value);
        BIO *bio = BIO_new_mem_buf(line, -1);

        must(NCONF_load_bio(conf, bio, NULL) == 1);
        X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
        X509V3_set_nconf(&ctx, conf);
        must(X509V3_EXT_add_nconf(conf, &ctx, "default", x) == 1);
        BIO_free(bio);
        NCONF_free(conf);
    }
}

static void set_name(X509_NAME *name, const char *text)
{
    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)text, -1,
                                    -1, 0) == 1);
}

/* An unsigned certificate; issuer NULL: its own. */
static X509 *make(const char *name, EVP_PKEY *key, const X509 *issuer, int64_t from_s,
                  int64_t until_s)
{
    static long serial = 0x7fff00;
    X509 *x = X509_new();

    must(x != NULL && X509_set_version(x, 2) == 1);
    must(ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial) == 1);
    must(ASN1_TIME_set(X509_getm_notBefore(x), FIXTURE_NOW + from_s) != NULL);
    must(ASN1_TIME_set(X509_getm_notAfter(x), FIXTURE_NOW + until_s) != NULL);
    set_name(X509_get_subject_name(x), name);
    must(X509_set_issuer_name(x, X509_get_subject_name(issuer != NULL ? issuer : x)) == 1);
    must(X509_set_pubkey(x, key) == 1);
    return x;
}

static X509 *make_ca(const char *name, EVP_PKEY *key, const X509 *issuer, EVP_PKEY *issuer_key)
{
    X509 *x = make(name, key, issuer, -1000, 100000);

    add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(x, NID_key_usage, "critical,keyCertSign");
    must(X509_sign(x, issuer_key, EVP_sha384()) > 0);
    return x;
}

struct fixture *fixture_new(const struct fixture_leaf *leaf)
{
    struct fixture *f = calloc(1, sizeof *f);

    must(f != NULL);
    for (size_t i = 0; i < 4; i++) {
        f->keys[i] = EVP_EC_gen(i == 2 ? leaf->curve : "P-384");
        must(f->keys[i] != NULL);
    }
    f->certs[0] = make_ca("Test root", f->keys[0], NULL, f->keys[0]);
    f->certs[1] = make_ca("Test CA", f->keys[1], f->certs[0], f->keys[0]);
    f->certs[2] = make("Test TSA", f->keys[2], f->certs[1], leaf->from_s, leaf->until_s);
    f->certs[3] = make_ca("Other root", f->keys[3], NULL, f->keys[3]);
    add_extension(f->certs[2], NID_ext_key_usage, leaf->eku);
    add_extension(f->certs[2], NID_key_usage, leaf->usage);
    add_period(f->certs[2], leaf->period);
    must(X509_sign(f->certs[2], f->keys[1], EVP_sha384()) > 0);
    return f;
}

void fixture_free(struct fixture *f)
{
    for (size_t i = 0; i < 4; i++) {
        X509_free(f->certs[i]);
        EVP_PKEY_free(f->keys[i]);
    }
    free(f);
}

struct view fixture_pem(const struct fixture *f, const char *which,
                        uint8_t out[FIXTURE_PEM_MAX])
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;

    for (; *which != '\0'; which++) {
        const size_t at = (size_t)(strchr("rclo", *which) - "rclo");

        must(PEM_write_bio_X509(bio, f->certs[at]) == 1);
    }
    const long n = BIO_get_mem_data(bio, &text);

    must(n >= 0 && n <= FIXTURE_PEM_MAX);
    if (n > 0) {
        memcpy(out, text, (size_t)n);
    }
    BIO_free(bio);
    return (struct view){out, (size_t)n};
}

void fixture_sign(const struct fixture *f, const uint8_t digest[48], uint8_t out[96])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(f->keys[2], NULL);
    unsigned char der[128];
    const unsigned char *p = der;
    size_t n = sizeof der;

    must(EVP_PKEY_sign_init(ctx) == 1 && EVP_PKEY_sign(ctx, der, &n, digest, 48) == 1);
    EVP_PKEY_CTX_free(ctx);
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)n);

    must(sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 48) == 48 &&
         BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 48, 48) == 48);
    ECDSA_SIG_free(sig);
}

bool fixture_openssl_verifies(const struct fixture *f, struct view resp, struct view data)
{
    const unsigned char *p = resp.p;
    TS_RESP *reply = d2i_TS_RESP(NULL, &p, (long)resp.n);
    TS_VERIFY_CTX *ctx = TS_VERIFY_CTX_new();
    X509_STORE *store = X509_STORE_new();
    X509_VERIFY_PARAM *param = X509_STORE_get0_param(store);
    BIO *bio = BIO_new_mem_buf(data.p, (int)data.n);
    STACK_OF(X509) *more = sk_X509_new_null();

    must(X509_STORE_add_cert(store, f->certs[0]) == 1);
    must(sk_X509_push(more, f->certs[1]) > 0 && sk_X509_push(more, f->certs[2]) > 0);
    X509_VERIFY_PARAM_set_time(param, FIXTURE_NOW);
    (void)TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_DATA);
    (void)TS_VERIFY_CTX_set_store(ctx, store);
    (void)TS_VERIFY_CTX_set_data(ctx, bio);
    (void)TS_VERIFY_CTX_set_certs(ctx, more);
    const bool good =
        reply != NULL && p == resp.p + resp.n && TS_RESP_verify_response(ctx, reply) == 1;

    (void)TS_VERIFY_CTX_set_certs(ctx, NULL);
    sk_X509_free(more);
    TS_VERIFY_CTX_free(ctx); /* and store and bio with it */
    TS_RESP_free(reply);
    return good;
}
