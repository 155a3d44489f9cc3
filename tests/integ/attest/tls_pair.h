/* tls_pair.h - TLS between two ends in one process: real handshakes of OpenSSL, over memory. */
#ifndef TESTS_TLS_PAIR_H
#define TESTS_TLS_PAIR_H

#include "attest_tls_kit.h"

#define ERR_STATE openssl_err_state
#include <openssl/ssl.h>
#undef ERR_STATE

/* The leaf of an end as OpenSSL has it: the key, and a certificate that it signs itself. */
struct leaf {
    EVP_PKEY *key;
    X509 *cert;
};

static inline void leaf_init(struct leaf *l, const struct p384_key *k)
{
    uint8_t d[P384_SCALAR_LEN]; /* as the machine has it: least byte first */
    char group[] = "P-384";
    uint8_t point[P384_PUBLIC_LEN];
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

    BIGNUM *const number = BN_bin2bn(k->d, sizeof k->d, NULL);

    assert_int_equal(BN_bn2nativepad(number, d, sizeof d), sizeof d);
    BN_free(number);
    memcpy(point, k->public_key, sizeof point);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, d, sizeof d),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
        OSSL_PARAM_construct_end()};

    l->key = NULL;
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &l->key, EVP_PKEY_KEYPAIR, params), 1);
    EVP_PKEY_CTX_free(ctx);
    l->cert = X509_new();
    assert_int_equal(X509_set_version(l->cert, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(l->cert), 1), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(l->cert), -60));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(l->cert), 86400));
    assert_int_equal(X509_set_pubkey(l->cert, l->key), 1);
    assert_true(X509_sign(l->cert, l->key, EVP_sha384()) > 0);
}

static inline void leaf_free(struct leaf *l)
{
    X509_free(l->cert);
    EVP_PKEY_free(l->key);
}

/* Chains are judged by nobody: attestation says who it is. */
static int any_certificate(int ok, X509_STORE_CTX *ctx)
{
    (void)ok;
    (void)ctx;
    return 1;
}

static inline SSL_CTX *tls_context(bool server, const struct leaf *l, int version)
{
    SSL_CTX *ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());

    assert_non_null(ctx);
    assert_int_equal(SSL_CTX_set_min_proto_version(ctx, version), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(ctx, version), 1);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, any_certificate);
    (void)SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"q", 1);
    assert_int_equal(SSL_CTX_use_certificate(ctx, l->cert), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(ctx, l->key), 1);
    return ctx;
}

struct tls_pair {
    SSL_CTX *ctx[2]; /* by side */
    SSL *ssl[2];
};

/* One turn of each end of a handshake; whether both are through. */
static inline bool tls_turn(struct tls_pair *t)
{
    int done = 0;

    for (int side = 0; side < 2; side++) {
        const int got = SSL_do_handshake(t->ssl[side]);

        assert_true(got == 1 || SSL_get_error(t->ssl[side], got) == SSL_ERROR_WANT_READ);
        done += got == 1;
    }
    return done == 2;
}

/* Connects. session: to be resumed, or NULL. */
static inline void tls_connect(struct tls_pair *t, SSL_SESSION *session)
{
    BIO *bio[2];

    assert_int_equal(BIO_new_bio_pair(&bio[0], 0, &bio[1], 0), 1);
    for (int side = 0; side < 2; side++) {
        t->ssl[side] = SSL_new(t->ctx[side]);
        assert_non_null(t->ssl[side]);
        SSL_set_bio(t->ssl[side], bio[side], bio[side]);
    }
    SSL_set_connect_state(t->ssl[0]);
    SSL_set_accept_state(t->ssl[1]);
    if (session) {
        assert_int_equal(SSL_set_session(t->ssl[0], session), 1);
    }
    for (int turns = 0; !tls_turn(t); turns++) {
        assert_true(turns < 20);
    }
}

static inline void tls_pair_init(struct tls_pair *t, const struct leaf *client,
                                 const struct leaf *server, int version)
{
    t->ctx[0] = tls_context(false, client, version);
    t->ctx[1] = tls_context(true, server, version);
    tls_connect(t, NULL);
}

static inline void tls_disconnect(struct tls_pair *t)
{
    for (int side = 0; side < 2; side++) {
        /* A session that ended without a word would not be resumable. */
        SSL_set_shutdown(t->ssl[side], SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(t->ssl[side]);
        t->ssl[side] = NULL;
    }
}

static inline void tls_pair_free(struct tls_pair *t)
{
    tls_disconnect(t);
    SSL_CTX_free(t->ctx[0]);
    SSL_CTX_free(t->ctx[1]);
}

/* The connection as an end sees it, for attest_tls_init(). */
static inline struct attest_tls_setup tls_setup(SSL *ssl, enum attest_tls_side side,
                                                const uint8_t epoch_id[EPOCH_ID_LEN],
                                                const struct process *own)
{
    struct attest_tls_setup s = {
        .side = side,
        .session = {.version = (uint16_t)SSL_version(ssl),
                    .resumed = SSL_session_reused(ssl) == 1,
                    .early_data = SSL_get_early_data_status(ssl) != SSL_EARLY_DATA_NOT_SENT},
        .own = {REPORT_INSTANCE, ATTEST_TLS_SHOWS_EVIDENCE, {0}},
        .peer = {REPORT_INSTANCE, ATTEST_TLS_SHOWS_EVIDENCE, {0}}};
    const X509 *const cert = SSL_get0_peer_certificate(ssl);

    assert_non_null(cert);
    const ASN1_BIT_STRING *const key = X509_get0_pubkey_bitstr(cert);

    assert_int_equal(ASN1_STRING_length(key), P384_PUBLIC_LEN);
    memcpy(s.peer.leaf, ASN1_STRING_get0_data(key), P384_PUBLIC_LEN);
    memcpy(s.own.leaf, own->leaf.key.public_key, P384_PUBLIC_LEN);
    memcpy(s.epoch_id, epoch_id, EPOCH_ID_LEN);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t context[ATTEST_TLS_CONTEXT_LEN];

        attest_tls_context(epoch_id, (enum attest_tls_side)i, context);
        assert_int_equal(SSL_export_keying_material(ssl, s.session.exporter[i],
                                                    ATTEST_TLS_EXPORTER_LEN, ATTEST_TLS_LABEL,
                                                    sizeof ATTEST_TLS_LABEL - 1, context,
                                                    sizeof context, 1),
                         1);
    }
    return s;
}

#endif
