#include "host/authority/dev_ca.h"

#if defined(QUORATE_SIMULATED)

#include "format/oid.h"
#include "host/authority/openssl_api.h"

#include <stdlib.h>

#define DAY_S 86400
#define SERIAL_BYTES 20

struct dev_ca {
    EVP_PKEY *key;
    X509 *cert;
};

void dev_ca_free(struct dev_ca *ca)
{
    if (ca != NULL) {
        EVP_PKEY_free(ca->key);
        X509_free(ca->cert);
        free(ca);
    }
}

/* ---- parts of a certificate; each is true when it worked ---- */

/* RFC 5280 4.1.2.2: positive, at most 20 bytes; random, so that two folders never agree. */
static bool set_serial(X509 *cert)
{
    uint8_t bytes[SERIAL_BYTES];
    BIGNUM *n = NULL;
    bool ok = RAND_bytes(bytes, sizeof bytes) == 1;

    bytes[0] = (uint8_t)((bytes[0] & 0x3f) | 0x40);
    n = BN_bin2bn(bytes, sizeof bytes, NULL);
    ok = ok && n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert)) != NULL;
    BN_free(n);
    return ok;
}

static bool set_name(X509_NAME *name, const char *common_name)
{
    const unsigned char *o = (const unsigned char *)"Quorate test, worth no trust";
    const unsigned char *cn = (const unsigned char *)common_name;

    return X509_NAME_add_entry_by_NID(name, NID_organizationName, MBSTRING_UTF8, o, -1, -1,
                                      0) == 1 &&
           X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, cn, -1, -1, 0) == 1;
}

static bool add_extension(X509 *cert, X509V3_CTX *ctx, int nid, const char *value)
{
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
    const bool ok = ext != NULL && X509_add_ext(cert, ext, -1) == 1;

    X509_EXTENSION_free(ext);
    return ok;
}

/* RFC 3280 4.2.1.4. */
static bool add_key_usage_period(X509 *cert, int64_t from_s, int64_t to_s)
{
    PKEY_USAGE_PERIOD *period = PKEY_USAGE_PERIOD_new();
    bool ok = period != NULL;

    if (ok) {
        period->notBefore = ASN1_GENERALIZEDTIME_set(NULL, (time_t)from_s);
        period->notAfter = ASN1_GENERALIZEDTIME_set(NULL, (time_t)to_s);
        ok = period->notBefore != NULL && period->notAfter != NULL &&
             X509_add1_ext_i2d(cert, NID_private_key_usage_period, period, 0, 0) == 1;
    }
    PKEY_USAGE_PERIOD_free(period);
    return ok;
}

/* QuorateBinding, whose OID OpenSSL has no name for. */
static bool add_binding(X509 *cert, struct view binding)
{
    ASN1_OBJECT *type = OBJ_txt2obj(OID_BINDING, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *ext = NULL;
    bool ok = type != NULL && value != NULL &&
              ASN1_OCTET_STRING_set(value, binding.p, (int)binding.n) == 1;

    if (ok) {
        ext = X509_EXTENSION_create_by_OBJ(NULL, type, 0, value);
        ok = ext != NULL && X509_add_ext(cert, ext, -1) == 1;
    }
    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(type);
    return ok;
}

static bool set_validity(X509 *cert, int64_t from_s, int64_t to_s)
{
    return ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)from_s) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)to_s) != NULL;
}

/* ---- the root ---- */

static bool make_root(struct dev_ca *ca, int64_t now_s)
{
    X509V3_CTX ctx;

    ca->key = EVP_EC_gen("P-384");
    ca->cert = X509_new();
    if (ca->key == NULL || ca->cert == NULL) {
        return false;
    }
    X509V3_set_ctx(&ctx, ca->cert, ca->cert, NULL, NULL, 0);
    return X509_set_version(ca->cert, X509_VERSION_3) == 1 && set_serial(ca->cert) &&
           set_validity(ca->cert, now_s - DEV_CA_EARLY_S,
                        now_s + (int64_t)DEV_CA_DAYS * DAY_S) &&
           set_name(X509_get_subject_name(ca->cert), DEV_CA_NAME) &&
           X509_set_issuer_name(ca->cert, X509_get_subject_name(ca->cert)) == 1 &&
           X509_set_pubkey(ca->cert, ca->key) == 1 &&
           add_extension(ca->cert, &ctx, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           add_extension(ca->cert, &ctx, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           add_extension(ca->cert, &ctx, NID_subject_key_identifier, "hash") &&
           X509_sign(ca->cert, ca->key, EVP_sha384()) > 0;
}

enum err dev_ca_new(int64_t now_s, struct dev_ca **out)
{
    struct dev_ca *ca = calloc(1, sizeof *ca);

    *out = NULL;
    if (ca == NULL || !make_root(ca, now_s)) {
        dev_ca_free(ca);
        ERR_clear_error();
        return ERR_BUG;
    }
    *out = ca;
    return ERR_OK;
}

static enum err check_root(const struct dev_ca *ca, int64_t now_s)
{
    time_t at = (time_t)now_s;

    if (ca->key == NULL || ca->cert == NULL) {
        return ERR_ENCODING;
    }
    if (X509_check_private_key(ca->cert, ca->key) != 1) {
        return ERR_MISMATCH;
    }
    if (X509_cmp_time(X509_get0_notBefore(ca->cert), &at) >= 0 ||
        X509_cmp_time(X509_get0_notAfter(ca->cert), &at) <= 0) {
        return ERR_TIME;
    }
    return ERR_OK;
}

/* No prompt on the terminal: an encrypted key is not one of ours. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the type is OpenSSL's */
static int no_password(char *buf, int size, int rwflag, void *u)
{
    (void)buf;
    (void)size;
    (void)rwflag;
    (void)u;
    return -1;
}

enum err dev_ca_load(struct view key_pem, struct view cert_pem, int64_t now_s,
                     struct dev_ca **out)
{
    struct dev_ca *ca = calloc(1, sizeof *ca);
    BIO *key = NULL;
    BIO *cert = NULL;
    enum err e = ERR_BUG;

    *out = NULL;
    if (ca == NULL) {
        return e;
    }
    if (key_pem.n == 0 || key_pem.n > DEV_CA_TEXT_MAX || cert_pem.n == 0 ||
        cert_pem.n > DEV_CA_TEXT_MAX) {
        dev_ca_free(ca);
        return ERR_ENCODING;
    }
    key = BIO_new_mem_buf(key_pem.p, (int)key_pem.n);
    cert = BIO_new_mem_buf(cert_pem.p, (int)cert_pem.n);
    if (key != NULL && cert != NULL) {
        ca->key = PEM_read_bio_PrivateKey(key, NULL, no_password, NULL);
        ca->cert = PEM_read_bio_X509(cert, NULL, no_password, NULL);
        e = check_root(ca, now_s);
    }
    BIO_free(key);
    BIO_free(cert);
    ERR_clear_error();
    if (e != ERR_OK) {
        dev_ca_free(ca);
        return e;
    }
    *out = ca;
    return ERR_OK;
}

/* ---- PEM ---- */

static enum err append(BIO *bio, bool ok, struct writer *w)
{
    char *text = NULL;
    const long n = ok && bio != NULL ? BIO_get_mem_data(bio, &text) : 0;

    if (n > 0) {
        wr_bytes(w, text, (size_t)n);
    }
    BIO_free(bio);
    ERR_clear_error();
    if (n <= 0) {
        return ERR_BUG;
    }
    return w->full ? ERR_NOSPACE : ERR_OK;
}

enum err dev_ca_key_pem(const struct dev_ca *ca, struct writer *w)
{
    BIO *bio = BIO_new(BIO_s_secmem());

    return append(bio,
                  bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, ca->key, NULL, NULL, 0,
                                                               NULL, NULL) == 1,
                  w);
}

static enum err cert_pem(X509 *cert, struct writer *w)
{
    BIO *bio = BIO_new(BIO_s_mem());

    return append(bio, bio != NULL && PEM_write_bio_X509(bio, cert) == 1, w);
}

enum err dev_ca_cert_pem(const struct dev_ca *ca, struct writer *w)
{
    return cert_pem(ca->cert, w);
}

/* ---- the TSA's certificate ---- */

static bool make_leaf(const struct dev_ca *ca, X509 *cert, EVP_PKEY *key, struct view binding,
                      int64_t now_s)
{
    const int64_t from_s = now_s - DEV_CA_EARLY_S;
    X509V3_CTX ctx;

    X509V3_set_ctx(&ctx, ca->cert, cert, NULL, NULL, 0);
    return X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
           ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)from_s) != NULL &&
           X509_set1_notAfter(cert, X509_get0_notAfter(ca->cert)) == 1 &&
           set_name(X509_get_subject_name(cert), DEV_TSA_NAME) &&
           X509_set_issuer_name(cert, X509_get_subject_name(ca->cert)) == 1 &&
           X509_set_pubkey(cert, key) == 1 &&
           add_extension(cert, &ctx, NID_key_usage, "critical,digitalSignature") &&
           add_extension(cert, &ctx, NID_ext_key_usage, "critical,timeStamping") &&
           add_key_usage_period(cert, from_s, now_s + (int64_t)DEV_TSA_KEY_DAYS * DAY_S) &&
           add_extension(cert, &ctx, NID_subject_key_identifier, "hash") &&
           add_extension(cert, &ctx, NID_authority_key_identifier, "keyid:always") &&
           add_binding(cert, binding) && X509_sign(cert, ca->key, EVP_sha384()) > 0;
}

enum err dev_ca_issue(const struct dev_ca *ca, struct view spki, struct view binding,
                      int64_t now_s, struct writer *w)
{
    const unsigned char *at = spki.p;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)spki.n);
    X509 *cert = X509_new();
    enum err e = key == NULL || at != spki.p + spki.n ? ERR_ENCODING : ERR_BUG;

    if (e == ERR_BUG && cert != NULL && make_leaf(ca, cert, key, binding, now_s)) {
        e = cert_pem(cert, w);
    }
    if (e == ERR_OK) {
        e = dev_ca_cert_pem(ca, w);
    }
    X509_free(cert);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return e;
}

#endif
