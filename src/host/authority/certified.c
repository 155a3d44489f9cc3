#include "host/authority/certified.h"

#include "crypto/hash.h"
#include "format/token_write.h"
#include "host/authority/openssl_api.h"

#include <string.h>

#define SERIAL_DER_MAX 64

/* NULL: no point of the curve, or no memory. */
static EVP_PKEY *key_of_point(const uint8_t public_key[P384_PUBLIC_LEN])
{
    static char group[] = "P-384";
    uint8_t point[P384_PUBLIC_LEN];
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

    memcpy(point, public_key, sizeof point);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
        OSSL_PARAM_construct_end(),
    };
    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return key;
}

static enum err copy_bio(BIO *bio, struct writer *w)
{
    char *text = NULL;
    const long n = BIO_get_mem_data(bio, &text);

    if (n <= 0) {
        return ERR_BUG;
    }
    wr_bytes(w, text, (size_t)n);
    return w->full ? ERR_NOSPACE : ERR_OK;
}

enum err certified_spki_pem(const uint8_t public_key[P384_PUBLIC_LEN], struct writer *w)
{
    EVP_PKEY *key = key_of_point(public_key);
    BIO *bio = BIO_new(BIO_s_mem());
    enum err e = ERR_RANGE;

    if (key != NULL && bio != NULL) {
        e = PEM_write_bio_PUBKEY(bio, key) == 1 ? copy_bio(bio, w) : ERR_BUG;
    }
    BIO_free(bio);
    EVP_PKEY_free(key);
    return e;
}

/* ---- what is asked of the leaf ---- */

static bool is_critical(const X509 *cert, int nid)
{
    const int at = X509_get_ext_by_NID(cert, nid, -1);

    return at >= 0 && X509_get_ext_by_NID(cert, nid, at) < 0 &&
           X509_EXTENSION_get_critical(X509_get_ext(cert, at)) == 1;
}

/* RFC 3161 2.3: critical, and id-kp-timeStamping alone. */
static bool eku_is_time_stamping(const X509 *cert)
{
    EXTENDED_KEY_USAGE *eku = X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);
    const bool alone = eku != NULL && sk_ASN1_OBJECT_num(eku) == 1 &&
                       OBJ_obj2nid(sk_ASN1_OBJECT_value(eku, 0)) == NID_time_stamp;

    EXTENDED_KEY_USAGE_free(eku);
    return alone && is_critical(cert, NID_ext_key_usage);
}

static bool key_usage_is_signature(X509 *cert)
{
    const uint32_t usage = X509_get_key_usage(cert);

    return is_critical(cert, NID_key_usage) && (usage & KU_DIGITAL_SIGNATURE) != 0 &&
           (usage & ~(uint32_t)(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0;
}

static enum err check_leaf(X509 *leaf, const uint8_t public_key[P384_PUBLIC_LEN],
                           const char **why)
{
    EVP_PKEY *key = key_of_point(public_key);
    const bool same = key != NULL && EVP_PKEY_eq(X509_get0_pubkey(leaf), key) == 1;

    EVP_PKEY_free(key);
    if (!same) {
        *why = "the first certificate is not for the core's key";
        return ERR_MISMATCH;
    }
    if (!eku_is_time_stamping(leaf)) {
        *why = "extendedKeyUsage must be critical and timeStamping alone";
        return ERR_EXTENSION;
    }
    if (!key_usage_is_signature(leaf)) {
        *why = "keyUsage must be critical and digitalSignature";
        return ERR_EXTENSION;
    }
    return ERR_OK;
}

/* ---- what a core is told of the leaf ---- */

/* RFC 5280 4.1.2.2: positive, at most 20 bytes. */
static enum err take_serial(X509 *leaf, struct certified *out)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(leaf);
    uint8_t der[SERIAL_DER_MAX];
    uint8_t *at = der;
    const int n = i2d_ASN1_INTEGER(serial, NULL);

    if (n < 3 || n > (int)(2 + sizeof out->serial) || i2d_ASN1_INTEGER(serial, &at) != n) {
        return ERR_RANGE;
    }
    out->serial_len = (size_t)n - 2; /* a short body has a one-byte length */
    memcpy(out->serial, der + 2, out->serial_len);
    if ((out->serial[0] & 0x80) != 0 || (out->serial_len == 1 && out->serial[0] == 0)) {
        return ERR_RANGE;
    }
    return ERR_OK;
}

static enum err take_leaf(X509 *leaf, struct certified *out)
{
    X509_NAME *issuer = X509_get_issuer_name(leaf);
    const int n = i2d_X509_NAME(issuer, NULL);
    uint8_t *at = out->issuer;
    uint8_t *der = NULL;

    TRY(take_serial(leaf, out));
    if (n < 1 || n > (int)sizeof out->issuer || i2d_X509_NAME(issuer, &at) != n) {
        return ERR_RANGE;
    }
    out->issuer_len = (size_t)n;
    const int len = i2d_X509(leaf, &der);

    if (len <= 0) {
        return ERR_BUG;
    }
    hash_once(HASH_SHA256, (struct view){der, (size_t)len}, out->cert_hash);
    OPENSSL_free(der);
    return ERR_OK;
}

/* ---- the chain ---- */

static bool valid_at(const X509 *cert, int64_t now_s)
{
    time_t at = (time_t)now_s;

    return X509_cmp_time(X509_get0_notBefore(cert), &at) < 0 &&
           X509_cmp_time(X509_get0_notAfter(cert), &at) > 0;
}

static enum err check_order(STACK_OF(X509) * certs, int64_t now_s, const char **why)
{
    const int n = sk_X509_num(certs);

    for (int i = 0; i < n; i++) {
        X509 *cert = sk_X509_value(certs, i);
        X509 *issuer = sk_X509_value(certs, i + 1 < n ? i + 1 : i);

        if (!valid_at(cert, now_s)) {
            *why = "a certificate is not valid now";
            return ERR_TIME;
        }
        if (X509_check_issued(issuer, cert) != X509_V_OK ||
            X509_verify(cert, X509_get0_pubkey(issuer)) != 1 || X509_check_ca(issuer) == 0) {
            *why = i + 1 < n ? "a certificate is not issued by the one after it"
                             : "the last certificate is not a self-signed root";
            return ERR_SIGNATURE;
        }
    }
    return ERR_OK;
}

static enum err read_certs(BIO *in, STACK_OF(X509) * certs, const char **why)
{
    X509 *cert = NULL;

    while ((cert = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
        if (sk_X509_num(certs) >= TOKEN_CERTIFICATES_MAX || sk_X509_push(certs, cert) <= 0) {
            X509_free(cert);
            *why = "too many certificates";
            return ERR_NOSPACE;
        }
    }
    /* The end of the text is told as PEM_R_NO_START_LINE; anything else is a damaged one. */
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE ||
        sk_X509_num(certs) == 0) {
        *why = "no certificates in PEM, or one that cannot be read";
        return ERR_ENCODING;
    }
    return ERR_OK;
}

static enum err take_pem(STACK_OF(X509) * certs, struct certified *out)
{
    BIO *bio = BIO_new(BIO_s_mem());
    struct writer w = wr_init(out->pem, sizeof out->pem);
    struct view written;
    enum err e = bio != NULL ? ERR_OK : ERR_BUG;

    for (int i = 0; e == ERR_OK && i < sk_X509_num(certs); i++) {
        e = PEM_write_bio_X509(bio, sk_X509_value(certs, i)) == 1 ? ERR_OK : ERR_BUG;
    }
    if (e == ERR_OK) {
        e = copy_bio(bio, &w);
    }
    if (e == ERR_OK) {
        e = wr_finish(&w, &written);
        out->pem_len = written.n;
    }
    BIO_free(bio);
    return e;
}

static enum err parse(BIO *in, STACK_OF(X509) * certs, const uint8_t *public_key, int64_t now_s,
                      struct certified *out, const char **why)
{
    TRY(read_certs(in, certs, why));
    X509 *leaf = sk_X509_value(certs, 0);

    TRY(check_leaf(leaf, public_key, why));
    TRY(check_order(certs, now_s, why));
    *why = "serial number or issuer of the first certificate is too long";
    TRY(take_leaf(leaf, out));
    *why = "the chain is too long";
    TRY(take_pem(certs, out));
    *why = "";
    return ERR_OK;
}

enum err certified_parse(struct view pem, const uint8_t public_key[P384_PUBLIC_LEN],
                         int64_t now_s, struct certified *out, const char **why)
{
    enum err e = ERR_NOSPACE;
    BIO *in = NULL;
    STACK_OF(X509) *certs = NULL;

    memset(out, 0, sizeof *out);
    *why = "the chain is too long";
    if (pem.n <= CERTIFIED_PEM_MAX) {
        ERR_clear_error();
        in = BIO_new_mem_buf(pem.n == 0 ? (const uint8_t *)"" : pem.p, (int)pem.n);
        certs = sk_X509_new_null();
        e = in != NULL && certs != NULL ? parse(in, certs, public_key, now_s, out, why)
                                        : ERR_BUG;
    }
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    sk_X509_pop_free(certs, X509_free);
    BIO_free(in);
    ERR_clear_error();
    return e;
}
