#include "forge_pki.h"

#include "forge.h"

#include <string.h>

static EVP_PKEY *make_key(const char *kind)
{
    if (kind == NULL) {
        return EVP_EC_gen("P-384");
    }
    if (strcmp(kind, "RSA") == 0) {
        return EVP_RSA_gen(2048);
    }
    if (strcmp(kind, "RSA-512") == 0) {
        return EVP_RSA_gen(512);
    }
    if (strcmp(kind, "ED25519") == 0) {
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    }
    return EVP_EC_gen(kind);
}

static void set_day(ASN1_TIME *t, int64_t day)
{
    assert_non_null(ASN1_TIME_set(t, FORGE_GEN_TIME_S + day * FORGE_DAY));
}

static X509_EXTENSION *make_ext(const struct forge_ext *e, X509V3_CTX *ctx)
{
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, ctx, e->nid, e->value);

    if (ext == NULL) {
        fail_msg("extension %s cannot be made", e->value);
    }
    return ext;
}

static void set_names(X509 *x, const char *name, const struct forge_node *issuer)
{
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                                                (const unsigned char *)name, -1, -1, 0),
                     1);
    assert_int_equal(
        X509_set_issuer_name(x, X509_get_subject_name(issuer != NULL ? issuer->cert : x)), 1);
}

static const EVP_MD *md_of(const char *signed_with)
{
    if (signed_with == NULL) {
        return EVP_sha256();
    }
    return strcmp(signed_with, "none") == 0 ? NULL : EVP_get_digestbyname(signed_with);
}

struct forge_node forge_certify(const struct forge_cert *c, const struct forge_node *issuer)
{
    struct forge_node n = {make_key(c->key), X509_new()};
    static long serial = 1000;
    X509V3_CTX ctx;

    assert_non_null(n.key);
    assert_non_null(n.cert);
    assert_int_equal(X509_set_version(n.cert, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(n.cert), serial++), 1);
    set_names(n.cert, c->name, issuer);
    set_day(X509_getm_notBefore(n.cert),
            c->from_day == 0 && c->to_day == 0 ? -50 : c->from_day);
    set_day(X509_getm_notAfter(n.cert), c->from_day == 0 && c->to_day == 0 ? 50 : c->to_day);
    assert_int_equal(X509_set_pubkey(n.cert, n.key), 1);
    X509V3_set_ctx(&ctx, issuer != NULL ? issuer->cert : n.cert, n.cert, NULL, NULL, 0);
    for (size_t i = 0; i < FORGE_EXTENSIONS && c->ext[i].nid != 0; i++) {
        X509_EXTENSION *ext = make_ext(&c->ext[i], &ctx);

        assert_int_equal(X509_add_ext(n.cert, ext, -1), 1);
        X509_EXTENSION_free(ext);
    }
    assert_true(X509_sign(n.cert, issuer != NULL ? issuer->key : n.key, md_of(c->signed_with)) >
                0);
    return n;
}

void forge_node_free(struct forge_node *n)
{
    EVP_PKEY_free(n->key);
    X509_free(n->cert);
    *n = (struct forge_node){NULL, NULL};
}

static X509_REVOKED *make_entry(const struct forge_revoked *r)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *serial = ASN1_INTEGER_dup(X509_get0_serialNumber(r->cert));
    ASN1_TIME *t = ASN1_TIME_new();

    set_day(t, r->day);
    assert_int_equal(X509_REVOKED_set_serialNumber(entry, serial), 1);
    assert_int_equal(X509_REVOKED_set_revocationDate(entry, t), 1);
    if (r->reason >= 0) {
        ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();

        assert_int_equal(ASN1_ENUMERATED_set(reason, r->reason), 1);
        assert_int_equal(X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0), 1);
        ASN1_ENUMERATED_free(reason);
    }
    ASN1_INTEGER_free(serial);
    ASN1_TIME_free(t);
    return entry;
}

X509_CRL *forge_revoke(const struct forge_crl *c, const struct forge_node *issuer)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *t = ASN1_TIME_new();
    X509V3_CTX ctx;

    assert_int_equal(X509_CRL_set_version(crl, X509_CRL_VERSION_2), 1);
    assert_int_equal(X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->cert)), 1);
    set_day(t, c->this_day);
    assert_int_equal(X509_CRL_set1_lastUpdate(crl, t), 1);
    if (c->next_day != 0) {
        set_day(t, c->next_day);
        assert_int_equal(X509_CRL_set1_nextUpdate(crl, t), 1);
    }
    if (c->revoked.cert != NULL) {
        assert_int_equal(X509_CRL_add0_revoked(crl, make_entry(&c->revoked)), 1);
    }
    X509V3_set_ctx(&ctx, issuer->cert, NULL, NULL, crl, 0);
    for (size_t i = 0; i < 2 && c->ext[i].nid != 0; i++) {
        X509_EXTENSION *ext = make_ext(&c->ext[i], &ctx);

        assert_int_equal(X509_CRL_add_ext(crl, ext, -1), 1);
        X509_EXTENSION_free(ext);
    }
    ASN1_TIME_free(t);
    assert_true(X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0);
    return crl;
}

struct view forge_cert_der(X509 *x)
{
    unsigned char *p = NULL;
    const int n = i2d_X509(x, &p);

    assert_true(n > 0);
    return (struct view){p, (size_t)n};
}

struct view forge_crl_der(X509_CRL *x)
{
    unsigned char *p = NULL;
    const int n = i2d_X509_CRL(x, &p);

    assert_true(n > 0);
    return (struct view){p, (size_t)n};
}
