#include "host/chain/tsa_chain.h"

#include "crypto/hash.h"
#include "format/token_write.h"
#include "host/chain/pq_issue.h"

/* <openssl/types.h> has a type ERR_STATE, which is an enumerator of ours. */
#define ERR_STATE openssl_err_state
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#include <stdio.h>
#include <string.h>

struct certs {
    enum core_key key;
    X509 *at[TSA_CHAIN_CERTS_MAX];
    struct view der[TSA_CHAIN_CERTS_MAX];
    struct cert_ids ids[TSA_CHAIN_CERTS_MAX]; /* of KEY_CLASSIC: the leaf's alone */
    size_t n;
};

static enum err refuse(char *why, enum err e, size_t at, const char *what)
{
    (void)snprintf(why, TSA_CHAIN_WHY_MAX, "certificate %zu: %s", at + 1, what);
    return e;
}

static void free_certs(struct certs *c)
{
    for (size_t i = 0; i < c->n; i++) {
        X509_free(c->at[i]);
    }
    c->n = 0;
}

/* Reads every certificate of the text. Other blocks are refused: a private key does not belong
 * here. */
static enum err read_certs(struct view pem, struct certs *c, char *why)
{
    enum err e = ERR_OK;
    BIO *bio = pem.n <= TSA_CHAIN_PEM_MAX
                   ? BIO_new_mem_buf(pem.n == 0 ? (const void *)"" : pem.p, (int)pem.n)
                   : NULL;

    if (bio == NULL) {
        return refuse(why, ERR_NOSPACE, 0, "the text is too long");
    }
    ERR_clear_error();
    while (e == ERR_OK) {
        char *name = NULL;
        char *header = NULL;
        unsigned char *der = NULL;
        long n = 0;

        if (PEM_read_bio(bio, &name, &header, &der, &n) != 1) {
            break;
        }
        const unsigned char *p = der;

        if (c->n == TSA_CHAIN_CERTS_MAX) {
            e = refuse(why, ERR_NOSPACE, c->n, "too many");
        } else if (strcmp(name, PEM_STRING_X509) != 0 ||
                   (c->at[c->n] = d2i_X509(NULL, &p, n)) == NULL) {
            e = refuse(why, ERR_ENCODING, c->n, "not a certificate");
        } else {
            c->n++;
        }
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(der);
    }
    /* The end of the text is an error to PEM_read_bio(), too. */
    if (e == ERR_OK &&
        (c->n == 0 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)) {
        e = refuse(why, ERR_ENCODING, c->n, "none is there, or it is damaged");
    }
    ERR_clear_error();
    BIO_free(bio);
    return e;
}

/* RFC 3161 2.3: extendedKeyUsage critical and timeStamping alone; keyUsage as token.md says. */
static enum err check_leaf(X509 *leaf, char *why)
{
    int critical = -1;
    EXTENDED_KEY_USAGE *eku = X509_get_ext_d2i(leaf, NID_ext_key_usage, &critical, NULL);
    const bool alone = eku != NULL && sk_ASN1_OBJECT_num(eku) == 1 &&
                       OBJ_obj2nid(sk_ASN1_OBJECT_value(eku, 0)) == NID_time_stamp;

    EXTENDED_KEY_USAGE_free(eku);
    if (!alone || critical != 1) {
        return refuse(why, ERR_EVIDENCE, 0,
                      "extendedKeyUsage is not critical or not timeStamping alone");
    }
    ASN1_BIT_STRING *usage = X509_get_ext_d2i(leaf, NID_key_usage, &critical, NULL);
    /* digitalSignature, and at most nonRepudiation beside it */
    const bool signs = usage != NULL && ASN1_BIT_STRING_get_bit(usage, 0) == 1 &&
                       (X509_get_key_usage(leaf) &
                        ~(uint32_t)(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0;

    ASN1_BIT_STRING_free(usage);
    if (!signs || critical != 1) {
        return refuse(why, ERR_EVIDENCE, 0, "keyUsage is not critical or not digitalSignature");
    }
    return ERR_OK;
}

static bool is_p384(const X509 *leaf, const struct cert_ids *ids)
{
    const EVP_PKEY *key = X509_get0_pubkey(leaf);
    char group[32] = "";

    return key != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
           EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
           strcmp(group, "secp384r1") == 0 && ids->public_key.n == P384_PUBLIC_LEN &&
           ids->public_key.p[0] == 4;
}

static enum err read_key(const struct certs *c, struct tsa_chain *out, char *why)
{
    const struct cert_ids *leaf = &c->ids[0];

    if (c->key == KEY_CLASSIC && !is_p384(c->at[0], leaf)) {
        return refuse(why, ERR_EVIDENCE, 0, "its key is not an uncompressed P-384 key");
    }
    if (c->key == KEY_PQ && !pq_issue_key_ok(leaf)) {
        return refuse(why, ERR_EVIDENCE, 0, "its key is not an ML-DSA-65 key");
    }
    out->public_key = leaf->public_key;
    out->spki = leaf->spki;
    return ERR_OK;
}

static bool issued(const struct certs *c, size_t at, size_t by)
{
    if (c->key == KEY_PQ) {
        return pq_issue_check(&c->ids[at], &c->ids[by]) == ERR_OK;
    }
    return X509_check_issued(c->at[by], c->at[at]) == X509_V_OK &&
           X509_verify(c->at[at], X509_get0_pubkey(c->at[by])) == 1;
}

static enum err check_order(const struct certs *c, char *why)
{
    for (size_t i = 0; i + 1 < c->n; i++) {
        if (!issued(c, i, i + 1)) {
            return refuse(why, ERR_EVIDENCE, i, "not issued by the next one");
        }
        if (X509_check_ca(c->at[i + 1]) != 1) {
            return refuse(why, ERR_EVIDENCE, i + 1, "no CA certificate");
        }
    }
    return ERR_OK;
}

/* Seconds since 1970, by OpenSSL's calendar. */
static bool read_time(const ASN1_TIME *t, int64_t *s)
{
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0;
    int seconds = 0;
    const bool good = epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, t) == 1;

    ASN1_TIME_free(epoch);
    *s = (int64_t)days * 86400 + seconds;
    return good;
}

/* Narrows the validity to [from, to], where these are present. */
static bool narrow(const ASN1_TIME *from, const ASN1_TIME *to, struct tsa_chain *out)
{
    int64_t s;

    if (from != NULL) {
        if (!read_time(from, &s)) {
            return false;
        }
        out->not_before_s = s > out->not_before_s ? s : out->not_before_s;
    }
    if (to != NULL) {
        if (!read_time(to, &s)) {
            return false;
        }
        out->not_after_s = s < out->not_after_s ? s : out->not_after_s;
    }
    return true;
}

static enum err check_times(const struct certs *c, int64_t now_s, struct tsa_chain *out,
                            char *why)
{
    out->not_before_s = INT64_MIN;
    out->not_after_s = INT64_MAX;
    for (size_t i = 0; i < c->n; i++) {
        PKEY_USAGE_PERIOD *period =
            i == 0 ? X509_get_ext_d2i(c->at[0], NID_private_key_usage_period, NULL, NULL)
                   : NULL;
        const bool good =
            narrow(X509_get0_notBefore(c->at[i]), X509_get0_notAfter(c->at[i]), out) &&
            (period == NULL || narrow(period->notBefore, period->notAfter, out));

        PKEY_USAGE_PERIOD_free(period);
        if (!good) {
            return refuse(why, ERR_ENCODING, i, "a date cannot be read");
        }
        if (now_s < out->not_before_s || now_s > out->not_after_s) {
            return refuse(why, ERR_TIME, i, "not valid now, or its key may not sign now");
        }
    }
    return ERR_OK;
}

/* The DER of every certificate, one after the other. */
static enum err copy_der(struct certs *c, struct tsa_chain *out, char *why)
{
    struct writer w = wr_init(out->der, sizeof out->der);
    struct view all;

    for (size_t i = 0; i < c->n; i++) {
        unsigned char *der = NULL;
        const int n = i2d_X509(c->at[i], &der);

        if (n > 0) {
            wr_bytes(&w, der, (size_t)n);
        }
        OPENSSL_free(der);
        if (n <= 0 || w.full) {
            return refuse(why, ERR_NOSPACE, i, "the certificates are too large");
        }
        c->der[i] = (struct view){w.p + w.len - n, (size_t)n};
    }
    return wr_finish(&w, &all);
}

static enum err read_ids(struct certs *c, char *why)
{
    const size_t n = c->key == KEY_PQ ? c->n : 1;

    for (size_t i = 0; i < n; i++) {
        if (cert_ids_parse(c->der[i], &c->ids[i]) != ERR_OK) {
            return refuse(why, ERR_ENCODING, i, "not DER");
        }
    }
    return ERR_OK;
}

static enum err fill_activation(const struct certs *c, struct tsa_chain *out, char *why)
{
    struct activation *a = &out->activation;

    /* All stands in the DER of the leaf, whose copy lives as long as the chain. */
    *a = (struct activation){
        .key = (uint8_t)c->key, .serial = c->ids[0].serial, .issuer = c->ids[0].issuer};
    hash_once(HASH_SHA256, c->der[0], a->cert_hash);
    if (a->issuer.n > CERT_ISSUER_MAX) {
        return refuse(why, ERR_EVIDENCE, 0, "its issuer is too long");
    }
    /* RFC 5280 4.1.2.2: positive, at most 20 bytes. */
    if (a->serial.n > CERT_SERIAL_MAX || (a->serial.p[0] & 0x80) != 0 ||
        (a->serial.n == 1 && a->serial.p[0] == 0)) {
        return refuse(why, ERR_EVIDENCE, 0, "its serial number is not positive or too long");
    }
    activation_hash(a, out->activation_hash);
    return ERR_OK;
}

static enum err read_binding(const struct certs *c, struct tsa_chain *out, char *why)
{
    struct extension ext;
    enum err e = cert_ids_extension(&c->ids[0], OID_OUR_BINDING, &ext);

    if (e == ERR_EXTENSION) {
        return ERR_OK;
    }
    if (e == ERR_OK) {
        e = quorate_binding_parse(ext.value, &out->binding);
    }
    out->has_binding = e == ERR_OK;
    return e == ERR_OK ? e : refuse(why, ERR_EVIDENCE, 0, "its QuorateBinding cannot be read");
}

/* Adds the PEM of c. */
static bool put_pem(struct writer *w, X509 *x)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const bool good = bio != NULL && PEM_write_bio_X509(bio, x) == 1;

    if (good) {
        char *text = NULL;
        const long n = BIO_get_mem_data(bio, &text);

        wr_bytes(w, text, (size_t)n);
    }
    BIO_free(bio);
    return good && !w->full;
}

static enum err fill_pem(const struct certs *c, struct tsa_chain *out, char *why)
{
    struct writer w = wr_init(out->pem, sizeof out->pem);
    size_t last = 0;

    for (size_t i = 0; i < c->n; i++) {
        last = w.len;
        if (!put_pem(&w, c->at[i])) {
            return refuse(why, ERR_NOSPACE, i, "the certificates are too large");
        }
        if (i == 0) {
            out->pem_leaf = (struct view){out->pem, w.len};
        }
    }
    out->pem_ca = (struct view){out->pem + last, w.len - last};
    return wr_finish(&w, &out->pem_chain);
}

static enum err fill(struct certs *c, int64_t now_s, struct tsa_chain *out, char *why)
{
    TRY(copy_der(c, out, why));
    TRY(read_ids(c, why));
    TRY(read_key(c, out, why));
    TRY(check_leaf(c->at[0], why));
    TRY(check_order(c, why));
    TRY(check_times(c, now_s, out, why));
    TRY(fill_activation(c, out, why));
    TRY(read_binding(c, out, why));
    TRY(fill_pem(c, out, why));
    out->n = c->n;
    /* Who trusts the root has it already. */
    out->has_root = c->n > 1 && issued(c, c->n - 1, c->n - 1);
    return token_sort_certificates(c->der, c->n - (out->has_root ? 1 : 0), out->sorted,
                                   sizeof out->sorted, &out->certificates);
}

enum err tsa_chain_parse(struct view pem, enum core_key key, int64_t now_s,
                         struct tsa_chain *out, char why[TSA_CHAIN_WHY_MAX])
{
    struct certs c = {.key = key};

    memset(out, 0, sizeof *out);
    why[0] = '\0';
    enum err e = read_certs(pem, &c, why);

    if (e == ERR_OK) {
        e = fill(&c, now_s, out, why);
    }
    free_certs(&c);
    ERR_clear_error();
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}
