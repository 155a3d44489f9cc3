/* token_make.h - tokens for tests, written by the project's own writers and signed with keys of
 * pki.h. */
#ifndef TESTS_UNIT_CLIENT_TOKEN_MAKE_H
#define TESTS_UNIT_CLIENT_TOKEN_MAKE_H

#include "pki.h"

#include "client/token/digest.h"
#include "format/der.h"
#include "format/token_write.h"
#include "format/tst_info.h"

#include <string.h>

#define MADE_TOKEN_MAX 8192

struct token_wish {
    const char *policy; /* dotted */
    enum hash_alg hash_alg;
    struct view hashed_message;
    int64_t gen_time_s;
    struct view nonce;
    bool bare;            /* a token without TimeStampResp */
    bool no_certificates; /* none in the token */
    bool spoil_digest;    /* messageDigest of something else */
    bool spoil_signature;
    X509 *ess; /* the certificate that ESSCertIDv2 names; NULL: the signer's */
};

struct made_token {
    uint8_t bytes[MADE_TOKEN_MAX];
    struct view der;
};

/* Issuer (Name) and serial number (INTEGER body) of a certificate, into buffers of the caller.
 */
static inline struct view made_issuer(X509 *x, uint8_t *out, size_t cap)
{
    uint8_t *p = out;
    const int n = i2d_X509_NAME(X509_get_issuer_name(x), NULL);

    assert_true(n > 0 && (size_t)n <= cap);
    assert_int_equal(i2d_X509_NAME(X509_get_issuer_name(x), &p), n);
    return (struct view){out, (size_t)n};
}

static inline struct view made_serial(X509 *x, uint8_t *out, size_t cap)
{
    uint8_t *p = out;
    const int n = i2d_ASN1_INTEGER(X509_get0_serialNumber(x), NULL);

    assert_true(n > 2 && (size_t)n <= cap);
    assert_int_equal(i2d_ASN1_INTEGER(X509_get0_serialNumber(x), &p), n);
    return (struct view){out + 2, (size_t)n - 2};
}

/* r | s of an ECDSA signature with P-384 */
static inline void made_sign(EVP_PKEY *key, struct view message, uint8_t out[96])
{
    uint8_t der[128];
    size_t n = sizeof der;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const uint8_t *p = der;

    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(ctx, der, &n, message.p, message.n), 1);
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)n);

    assert_non_null(sig);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 48), 48);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 48, 48), 48);
    ECDSA_SIG_free(sig);
    EVP_MD_CTX_free(ctx);
}

static inline struct view made_tst_info(const struct token_wish *wish, uint8_t *out, size_t cap)
{
    uint8_t oid[DER_OID_MAX];
    size_t oid_len = 0;
    struct writer w = wr_init(out, cap);
    struct view tst;

    assert_int_equal(der_oid_from_text(wish->policy, oid, sizeof oid, &oid_len), ERR_OK);
    const struct tst_info t = {
        .policy = {oid, oid_len},
        .hash_alg = wish->hash_alg,
        .hashed_message = wish->hashed_message,
        .serial_number = {0x11, 2, 3},
        .gen_time_ms = wish->gen_time_s * 1000 + 250,
        .accuracy_ms = 1000,
        .nonce = wish->nonce,
    };

    tst_info_write(&w, &t);
    assert_int_equal(wr_finish(&w, &tst), ERR_OK);
    return tst;
}

static inline struct view made_attrs(const struct token_wish *wish, struct view tst, X509 *ess,
                                     uint8_t *out, size_t cap)
{
    uint8_t digest[DIGEST_MAX];
    uint8_t issuer[512];
    uint8_t serial[64];
    struct view der = pki_der(ess);
    struct ess_cert_id_v2 id;
    struct writer w = wr_init(out, cap);
    struct view attrs;

    assert_int_equal(digest_once(digest_by_name("sha256"), der, id.cert_hash), ERR_OK);
    OPENSSL_free((void *)(uintptr_t)der.p);
    id.issuer = made_issuer(ess, issuer, sizeof issuer);
    id.serial = made_serial(ess, serial, sizeof serial);
    assert_int_equal(digest_once(digest_by_name("sha384"), tst, digest), ERR_OK);
    digest[0] ^= wish->spoil_digest;
    signed_attrs_write(&w, SIGN_ECDSA_P384_SHA384, (struct view){digest, 48}, &id);
    assert_int_equal(wr_finish(&w, &attrs), ERR_OK);
    return attrs;
}

/* signer must have a P-384 key. *out must not move. */
static inline void make_token(const struct token_wish *wish, const struct pki_node *signer,
                              struct made_token *out)
{
    uint8_t tst[TST_INFO_MAX];
    uint8_t attrs[SIGNED_ATTRS_MAX];
    uint8_t issuer[512];
    uint8_t serial[64];
    uint8_t signature[96];
    struct view certificate = pki_der(signer->cert);
    struct writer w = wr_init(out->bytes, sizeof out->bytes);
    struct token_parts p = {
        .alg = SIGN_ECDSA_P384_SHA384,
        .tst_info = made_tst_info(wish, tst, sizeof tst),
        .signature = {signature, sizeof signature},
        .issuer = made_issuer(signer->cert, issuer, sizeof issuer),
        .serial = made_serial(signer->cert, serial, sizeof serial),
    };

    p.signed_attrs =
        made_attrs(wish, p.tst_info, wish->ess ? wish->ess : signer->cert, attrs, sizeof attrs);
    made_sign(signer->key, p.signed_attrs, signature);
    signature[95] ^= wish->spoil_signature;
    if (!wish->no_certificates) {
        p.certificates = certificate;
    }
    assert_int_equal(wish->bare ? token_write(&w, &p) : tsp_resp_write_granted(&w, &p), ERR_OK);
    assert_int_equal(wr_finish(&w, &out->der), ERR_OK);
    OPENSSL_free((void *)(uintptr_t)certificate.p);
}

#endif
