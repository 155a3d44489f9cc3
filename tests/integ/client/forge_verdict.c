#include "forge_verdict.h"

#include "client/verify/verify_print.h"

#include <openssl/ts.h>

#include <string.h>

static struct trust *trust_of(const struct forge_trust *t)
{
    struct trust *trust = NULL;
    struct view der;

    assert_int_equal(trust_new(&trust), ERR_OK);
    for (size_t i = 0; i < 4; i++) {
        if (t->anchors[i] != NULL) {
            der = forge_cert_der(t->anchors[i]);
            assert_int_equal(trust_add(trust, TRUST_ANCHOR, der), ERR_OK);
            OPENSSL_free((void *)(uintptr_t)der.p);
        }
        if (t->untrusted[i] != NULL) {
            der = forge_cert_der(t->untrusted[i]);
            assert_int_equal(trust_add(trust, TRUST_UNTRUSTED, der), ERR_OK);
            OPENSSL_free((void *)(uintptr_t)der.p);
        }
        if (t->crls[i] != NULL) {
            der = forge_crl_der(t->crls[i]);
            assert_int_equal(trust_add(trust, TRUST_CRL, der), ERR_OK);
            OPENSSL_free((void *)(uintptr_t)der.p);
        }
    }
    return trust;
}

void forge_judge_for(struct view token, const struct forge_trust *t,
                     const struct verify_options *options, const struct verify_expect *expect,
                     struct verify_report *out)
{
    struct verify_options o = *options;
    struct trust *trust = trust_of(t);

    o.trust = trust;
    assert_int_equal(verify_token(token, expect, &o, out), ERR_OK);
    trust_free(trust);
}

void forge_judge(struct view token, const struct forge_trust *t,
                 const struct verify_options *options, struct verify_report *out)
{
    const struct tsp_req query = {
        .imprint = {HASH_SHA256, {forge_imprint, sizeof forge_imprint}},
        .nonce = {forge_nonce, sizeof forge_nonce},
        .cert_req = true,
    };
    const struct verify_expect expect = {.query = &query};

    forge_judge_for(token, t, options, &expect, out);
}

static TS_REQ *ts_query(void)
{
    TS_REQ *req = TS_REQ_new();
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *alg = X509_ALGOR_new();
    ASN1_INTEGER *nonce = ASN1_INTEGER_new();
    BIGNUM *bn = BN_bin2bn(forge_nonce, sizeof forge_nonce, NULL);

    assert_int_equal(X509_ALGOR_set0(alg, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL), 1);
    assert_int_equal(TS_MSG_IMPRINT_set_algo(imprint, alg), 1);
    assert_int_equal(TS_MSG_IMPRINT_set_msg(imprint, (uint8_t *)(uintptr_t)forge_imprint,
                                            sizeof forge_imprint),
                     1);
    assert_int_equal(TS_REQ_set_msg_imprint(req, imprint), 1);
    assert_non_null(BN_to_ASN1_INTEGER(bn, nonce));
    assert_int_equal(TS_REQ_set_nonce(req, nonce), 1);
    assert_int_equal(TS_REQ_set_version(req, 1), 1);
    BN_free(bn);
    ASN1_INTEGER_free(nonce);
    X509_ALGOR_free(alg);
    TS_MSG_IMPRINT_free(imprint);
    return req;
}

static TS_VERIFY_CTX *ts_context(const struct forge_trust *t, int64_t at_s)
{
    TS_REQ *req = ts_query();
    TS_VERIFY_CTX *ctx = TS_REQ_to_TS_VERIFY_CTX(req, NULL);
    X509_STORE *store = X509_STORE_new();
    STACK_OF(X509) *untrusted = sk_X509_new_null();

    TS_REQ_free(req);
    assert_non_null(ctx);
    for (size_t i = 0; i < 4; i++) {
        if (t->anchors[i] != NULL) {
            assert_int_equal(X509_STORE_add_cert(store, t->anchors[i]), 1);
        }
        if (t->untrusted[i] != NULL) {
            assert_int_equal(X509_up_ref(t->untrusted[i]), 1);
            assert_true(sk_X509_push(untrusted, t->untrusted[i]) > 0);
        }
    }
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), at_s);
    assert_int_equal(X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN), 1);
    (void)TS_VERIFY_CTX_add_flags(ctx, (int)TS_VFY_SIGNATURE);
    (void)TS_VERIFY_CTX_set_store(ctx, store);
    (void)TS_VERIFY_CTX_set_certs(ctx, untrusted);
    return ctx;
}

static bool openssl_accepts(struct view token, bool bare, const struct forge_trust *t)
{
    TS_VERIFY_CTX *ctx = ts_context(t, t->at_s != 0 ? t->at_s : FORGE_GEN_TIME_S);
    const unsigned char *p = token.p;
    bool good = false;

    if (bare) {
        PKCS7 *p7 = d2i_PKCS7(NULL, &p, (long)token.n);

        good = p7 != NULL && TS_RESP_verify_token(ctx, p7) == 1;
        PKCS7_free(p7);
    } else {
        TS_RESP *resp = d2i_TS_RESP(NULL, &p, (long)token.n);

        good = resp != NULL && TS_RESP_verify_response(ctx, resp) == 1;
        TS_RESP_free(resp);
    }
    TS_VERIFY_CTX_free(ctx);
    ERR_clear_error();
    return good;
}

bool forge_openssl_fits(const char *name, struct view token, bool bare,
                        const struct forge_trust *t, bool accepts)
{
    const bool does = openssl_accepts(token, bare, t);

    if (does != accepts) {
        (void)fprintf(stderr, "%s: OpenSSL %s it\n", name, does ? "accepts" : "refuses");
    }
    return does == accepts;
}

bool forge_fits(const char *name, const struct verify_report *r, enum verdict v,
                enum verify_step_id decisive)
{
    if (r->verdict == v && verify_decisive(r) == decisive) {
        return true;
    }
    (void)fprintf(stderr, "%s: %s by \"%s\", not %s by \"%s\"\n", name,
                  verify_verdict_name(r->verdict), verify_step_name(verify_decisive(r)),
                  verify_verdict_name(v), verify_step_name(decisive));
    verify_print_text(r, stderr);
    return false;
}
