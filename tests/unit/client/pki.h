/* pki.h - a small certification authority made while a test runs: P-384 keys, any dates, any
 * extensions. */
#ifndef TESTS_UNIT_CLIENT_PKI_H
#define TESTS_UNIT_CLIENT_PKI_H

#include "testing.h"

#include "base/bytes.h"
#include "client/kit/openssl.h"

#include <stdlib.h>

#define PKI_EXTENSIONS 6

struct pki_ext {
    int nid;
    const char *value; /* as openssl's configuration spells it */
};

struct pki_cert {
    const char *name; /* commonName */
    int64_t not_before_s, not_after_s;
    struct pki_ext ext[PKI_EXTENSIONS]; /* nid 0 ends them */
};

struct pki_node {
    EVP_PKEY *key;
    X509 *cert;
};

#define PKI_CA_EXT                                           \
    {                                                        \
        {NID_basic_constraints, "critical,CA:TRUE"},         \
            {NID_key_usage, "critical,keyCertSign,cRLSign"}, \
    }
#define PKI_TSA_EXT                                       \
    {                                                     \
        {NID_key_usage, "critical,digitalSignature"},     \
            {NID_ext_key_usage, "critical,timeStamping"}, \
    }

static inline EVP_PKEY *pki_key(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-384");

    assert_non_null(key);
    return key;
}

/* issuer NULL: it signs itself. */
static inline struct pki_node pki_make(const struct pki_cert *c, const struct pki_node *issuer)
{
    struct pki_node n = {pki_key(), X509_new()};
    static int serial = 100;
    X509V3_CTX ctx;

    assert_non_null(n.cert);
    assert_int_equal(X509_set_version(n.cert, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(n.cert), serial++), 1);
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(n.cert), "CN",
                                                MBSTRING_ASC, (const unsigned char *)c->name,
                                                -1, -1, 0),
                     1);
    assert_int_equal(
        X509_set_issuer_name(n.cert, X509_get_subject_name(issuer ? issuer->cert : n.cert)), 1);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(n.cert), c->not_before_s));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(n.cert), c->not_after_s));
    assert_int_equal(X509_set_pubkey(n.cert, n.key), 1);
    X509V3_set_ctx(&ctx, issuer ? issuer->cert : n.cert, n.cert, NULL, NULL, 0);
    for (size_t i = 0; i < PKI_EXTENSIONS && c->ext[i].nid != 0; i++) {
        X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, c->ext[i].nid, c->ext[i].value);

        assert_non_null(ext);
        assert_int_equal(X509_add_ext(n.cert, ext, -1), 1);
        X509_EXTENSION_free(ext);
    }
    assert_true(X509_sign(n.cert, issuer ? issuer->key : n.key, EVP_sha256()) > 0);
    return n;
}

static inline void pki_free(struct pki_node *n)
{
    EVP_PKEY_free(n->key);
    X509_free(n->cert);
}

struct pki_revoked {
    const X509 *cert;
    int64_t at_s;
    int reason; /* -1: no reasonCode */
};

/* A list that the issuer signed; next_s 0: no nextUpdate. revoked may be NULL. */
static inline X509_CRL *pki_crl(const struct pki_node *issuer, int64_t this_s, int64_t next_s,
                                const struct pki_revoked *revoked)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *t = ASN1_TIME_set(NULL, this_s);

    assert_int_equal(X509_CRL_set_version(crl, X509_CRL_VERSION_2), 1);
    assert_int_equal(X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->cert)), 1);
    assert_int_equal(X509_CRL_set1_lastUpdate(crl, t), 1);
    if (next_s != 0) {
        assert_non_null(ASN1_TIME_set(t, next_s));
        assert_int_equal(X509_CRL_set1_nextUpdate(crl, t), 1);
    }
    if (revoked != NULL) {
        X509_REVOKED *entry = X509_REVOKED_new();

        assert_non_null(ASN1_TIME_set(t, revoked->at_s));
        assert_int_equal(
            X509_REVOKED_set_serialNumber(
                entry, (ASN1_INTEGER *)(uintptr_t)X509_get0_serialNumber(revoked->cert)),
            1);
        assert_int_equal(X509_REVOKED_set_revocationDate(entry, t), 1);
        if (revoked->reason >= 0) {
            ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();

            assert_int_equal(ASN1_ENUMERATED_set(reason, revoked->reason), 1);
            assert_int_equal(X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0), 1);
            ASN1_ENUMERATED_free(reason);
        }
        assert_int_equal(X509_CRL_add0_revoked(crl, entry), 1);
    }
    ASN1_TIME_free(t);
    assert_true(X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0);
    return crl;
}

/* DER on the heap; free with OPENSSL_free(). */
static inline struct view pki_der(X509 *x)
{
    unsigned char *p = NULL;
    const int n = i2d_X509(x, &p);

    assert_true(n > 0);
    return (struct view){p, (size_t)n};
}

static inline struct view pki_crl_der(X509_CRL *x)
{
    unsigned char *p = NULL;
    const int n = i2d_X509_CRL(x, &p);

    assert_true(n > 0);
    return (struct view){p, (size_t)n};
}

#endif
