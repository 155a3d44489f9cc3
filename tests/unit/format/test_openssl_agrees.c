#include "openssl_evp.h"
#include "parser_cases.h"
#include "sample_token.h"

#include "format/tsp_req.h"

/* OpenSSL reads what we write, writes the same bytes of it, and finds the sample genuine. */

static void same(const uint8_t *got, int n, struct view want)
{
    assert_true(n > 0 && (size_t)n == want.n);
    assert_memory_equal(got, want.p, want.n);
}

static void responses(void **state)
{
    struct sample s;
    TS_RESP *resp = NULL;
    CMS_ContentInfo *cms = NULL;
    TS_TST_INFO *tst_info = NULL;
    const uint8_t *p = NULL;
    uint8_t *out = NULL;
    int n = 0;

    (void)state;
    sample_make(&s);
    p = s.resp.p;
    resp = d2i_TS_RESP(NULL, &p, (long)s.resp.n);
    assert_non_null(resp);
    n = i2d_TS_RESP(resp, &out);
    same(out, n, s.resp);
    OPENSSL_free(out);
    TS_RESP_free(resp);
    p = s.token.p;
    cms = d2i_CMS_ContentInfo(NULL, &p, (long)s.token.n);
    assert_non_null(cms);
    out = NULL;
    n = i2d_CMS_ContentInfo(cms, &out);
    same(out, n, s.token);
    OPENSSL_free(out);
    CMS_ContentInfo_free(cms);
    p = s.tst_info.p;
    tst_info = d2i_TS_TST_INFO(NULL, &p, (long)s.tst_info.n);
    assert_non_null(tst_info);
    out = NULL;
    n = i2d_TS_TST_INFO(tst_info, &out);
    same(out, n, s.tst_info);
    OPENSSL_free(out);
    TS_TST_INFO_free(tst_info);
}

static void rejections(void **state)
{
    static const enum fail_info bits[] = {
        FAIL_BAD_ALG,
        FAIL_BAD_REQUEST,
        FAIL_BAD_DATA_FORMAT,
        FAIL_TIME_NOT_AVAILABLE,
        FAIL_UNACCEPTED_POLICY,
        FAIL_UNACCEPTED_EXTENSION,
        FAIL_ADD_INFO_NOT_AVAILABLE,
        FAIL_SYSTEM_FAILURE,
    };

    (void)state;
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        uint8_t buf[128];
        struct writer w = wr_init(buf, sizeof buf);
        struct view ours;
        const uint8_t *p = buf;
        uint8_t *out = NULL;
        int n = 0;
        TS_RESP *resp = NULL;
        const ASN1_BIT_STRING *failure = NULL;

        tsp_resp_write_rejection(&w, bits[i], i % 2 == 0 ? "" : "why not");
        assert_int_equal(wr_finish(&w, &ours), ERR_OK);
        resp = d2i_TS_RESP(NULL, &p, (long)ours.n);
        assert_non_null(resp);
        n = i2d_TS_RESP(resp, &out);
        same(out, n, ours);
        failure = TS_STATUS_INFO_get0_failure_info(TS_RESP_get_status_info(resp));
        for (int bit = 0; bit < 32; bit++) {
            assert_int_equal(ASN1_BIT_STRING_get_bit(failure, bit), bit == (int)bits[i]);
        }
        OPENSSL_free(out);
        TS_RESP_free(resp);
    }
}

static void requests(void **state)
{
    static const uint8_t digest[HASH_MAX] = {7};

    (void)state;
    for (unsigned alg = HASH_SHA256; alg <= HASH_SHA3_512; alg++) {
        const struct tsp_req req = {
            .imprint = {(enum hash_alg)alg, {digest, hash_len((enum hash_alg)alg)}},
            .policy = {(const uint8_t *)"\x2a\x03", alg % 2 == 0 ? 2 : 0},
            .nonce = {sample_nonce, alg % 3 == 0 ? 0 : sizeof sample_nonce},
            .cert_req = alg % 2 == 0,
        };
        uint8_t buf[TSP_REQ_MAX];
        struct writer w = wr_init(buf, sizeof buf);
        struct view ours;
        const uint8_t *p = buf;
        uint8_t *out = NULL;
        int n = 0;
        TS_REQ *theirs = NULL;

        tsp_req_write(&w, &req);
        assert_int_equal(wr_finish(&w, &ours), ERR_OK);
        theirs = d2i_TS_REQ(NULL, &p, (long)ours.n);
        assert_non_null(theirs);
        n = i2d_TS_REQ(theirs, &out);
        same(out, n, ours);
        assert_int_equal(TS_REQ_get_cert_req(theirs) != 0, req.cert_req);
        OPENSSL_free(out);
        TS_REQ_free(theirs);
    }
}

/* Whether OpenSSL finds the sample's response genuine for that data, at its genTime. */
static bool verifies(struct view resp_bytes, const char *data)
{
    const uint8_t *p = resp_bytes.p;
    TS_RESP *resp = d2i_TS_RESP(NULL, &p, (long)resp_bytes.n);
    const uint8_t *c = sample_cert;
    X509 *anchor = d2i_X509(NULL, &c, (long)sizeof sample_cert);
    X509_STORE *store = X509_STORE_new();
    TS_VERIFY_CTX *ctx = TS_VERIFY_CTX_new();
    bool ok = false;

    assert_true(resp != NULL && anchor != NULL && store != NULL && ctx != NULL);
    assert_int_equal(X509_STORE_add_cert(store, anchor), 1);
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store),
                               (time_t)(SAMPLE_GEN_TIME_MS / 1000));
    (void)TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_DATA);
    (void)TS_VERIFY_CTX_set_data(ctx, BIO_new_mem_buf(data, -1)); /* ctx owns both from here */
    (void)TS_VERIFY_CTX_set_store(ctx, store);
    ok = TS_RESP_verify_response(ctx, resp) == 1;
    TS_VERIFY_CTX_free(ctx);
    X509_free(anchor);
    TS_RESP_free(resp);
    return ok;
}

static void the_sample_is_genuine(void **state)
{
    struct sample s;

    (void)state;
    sample_make(&s);
    assert_true(verifies(s.resp, "abc"));
    assert_false(verifies(s.resp, "abd"));
    s.resp_bytes[s.resp.n - 1] ^= 1; /* of the signature */
    assert_false(verifies(s.resp, "abc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(responses),
        cmocka_unit_test(rejections),
        cmocka_unit_test(requests),
        cmocka_unit_test(the_sample_is_genuine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
