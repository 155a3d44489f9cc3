#include "parser_cases.h"
#include "sample_token.h"

#include "format/cert_ids.h"
#include "format/cms_attrs.h"
#include "format/tsp_resp.h"

/* SHA-256 of what openssl ts -verify accepted; see sample_token.h. */
static const char golden_resp[] =
    "97c906f48f620cf94d804368aa0d77173490a7b2fec5d004596b2238e211cc06";
static const char golden_token[] =
    "91bbd487b43e9151c30f79e22d9c0c24b44dccebfa439d481a1c9b291a9cc0c8"; /* without certificates
                                                                         */

static void assert_sha256(struct view bytes, const char *hex)
{
    uint8_t got[32];
    uint8_t want[32];

    hash_once(HASH_SHA256, bytes, got);
    assert_true(view_equal((struct view){got, 32}, hex_bytes(hex, want, sizeof want)));
}

static void writes_the_golden_bytes(void **state)
{
    struct sample s;
    uint8_t buf[2048];
    struct writer w = wr_init(buf, sizeof buf);
    struct view out;

    (void)state;
    sample_make(&s);
    assert_sha256(s.resp, golden_resp);
    s.parts.certificates = (struct view){NULL, 0};
    assert_int_equal(token_write(&w, &s.parts), ERR_OK);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_sha256(out, golden_token);
}

static void reads_back(void **state)
{
    struct sample s;
    struct tsp_resp resp;
    struct signed_data sd;
    struct view cert;

    (void)state;
    sample_make(&s);
    assert_int_equal(tsp_resp_parse(s.resp, &resp), ERR_OK);
    assert_true(resp.status == PKI_GRANTED && !resp.has_fail_info);
    assert_true(resp.status_string.n == 0 && resp.flaws == 0);
    assert_true(view_equal(resp.token, s.token));
    assert_int_equal(cms_parse(resp.token, &sd), ERR_OK);
    assert_int_equal(sd.flaws, 0);
    assert_int_equal(sd.version, 3);
    assert_int_equal(sd.signer.version, 1);
    assert_true(sd.n_signers == 1 && sd.n_certificates == 1 && sd.n_crls == 0);
    assert_true(sd.n_digest_algs == 1 && sd.has_content && sd.has_certificates);
    assert_int_equal(oid_find(sd.content_type), OID_CT_TST_INFO);
    assert_true(view_equal(sd.content, s.tst_info));
    assert_true(view_equal(sd.signer.issuer, sample_issuer()));
    assert_true(view_equal(sd.signer.serial, sample_serial()));
    assert_int_equal(oid_find(sd.signer.digest_alg.oid), OID_SHA384);
    assert_int_equal(oid_find(sd.signer.signature_alg.oid), OID_ECDSA_SHA384);
    assert_true(sd.signer.digest_alg.params.n == 0 && sd.signer.signature_alg.params.n == 0);
    assert_true(sd.signer.unsigned_attrs.n == 0 && sd.signer.ski.n == 0);
    assert_true(sd.signer.signed_attrs.n == s.signed_attrs.n);
    assert_true(sd.signer.signed_attrs.p[0] == DER_CONTEXT_0);
    assert_memory_equal(sd.signer.signed_attrs.p + 1, s.signed_attrs.p + 1,
                        s.signed_attrs.n - 1);
    assert_int_equal(cms_certificate(&sd, 0, &cert), ERR_OK);
    assert_true(view_equal(cert, (struct view){sample_cert, sizeof sample_cert}));
}

/* r and s as INTEGERs: minimal, never negative. */
static void signature_values_are_der(void **state)
{
    static const struct {
        uint8_t r_at, r_byte, s_at, s_byte;
        size_t r_len, s_len;
    } rows[] = {
        {0, 0x80, 0, 0x7f, 49, 48},
        {1, 0x80, 1, 0x7f, 48, 47},
        {47, 0x01, 46, 0x80, 1, 3},
        {47, 0x80, 47, 0x7f, 2, 1},
    };
    struct sample s;

    (void)state;
    sample_make(&s);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t sig[96] = {0};
        uint8_t buf[2048];
        struct writer w = wr_init(buf, sizeof buf);
        struct view out;
        struct signed_data sd;
        struct reader r;
        struct reader seq;
        struct view v;

        sig[rows[i].r_at] = rows[i].r_byte;
        sig[48 + rows[i].s_at] = rows[i].s_byte;
        s.parts.signature = (struct view){sig, sizeof sig};
        assert_int_equal(token_write(&w, &s.parts), ERR_OK);
        assert_int_equal(wr_finish(&w, &out), ERR_OK);
        assert_int_equal(cms_parse(out, &sd), ERR_OK);
        r = rd_init(sd.signer.signature);
        assert_int_equal(der_enter(&r, DER_SEQUENCE, &seq), ERR_OK);
        assert_int_equal(rd_finish(&r), ERR_OK);
        assert_int_equal(der_read_integer(&seq, &v), ERR_OK);
        assert_true(v.n == rows[i].r_len && (v.p[0] & 0x80) == 0);
        assert_int_equal(der_read_integer(&seq, &v), ERR_OK);
        assert_true(v.n == rows[i].s_len && (v.p[0] & 0x80) == 0);
        assert_int_equal(rd_finish(&seq), ERR_OK);
    }
}

static void ml_dsa_tokens(void **state)
{
    static uint8_t sig[3309];
    static uint8_t buf[8192];
    static const uint8_t digest[64];
    struct sample s;
    struct ess_cert_id_v2 cert = {.issuer = sample_issuer(), .serial = sample_serial()};
    uint8_t attrs[SIGNED_ATTRS_MAX];
    struct writer aw = wr_init(attrs, sizeof attrs);
    struct writer w = wr_init(buf, sizeof buf);
    struct view out;
    struct signed_data sd;

    (void)state;
    memset(sig, 0x77, sizeof sig);
    sample_make(&s);
    signed_attrs_write(&aw, SIGN_ML_DSA_65, (struct view){digest, sizeof digest}, &cert);
    assert_int_equal(wr_finish(&aw, &s.parts.signed_attrs), ERR_OK);
    s.parts.alg = SIGN_ML_DSA_65;
    s.parts.signature = (struct view){sig, sizeof sig};
    assert_int_equal(tsp_resp_write_granted(&w, &s.parts), ERR_OK);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(cms_parse((struct view){out.p + 9, out.n - 9}, &sd), ERR_OK);
    assert_true(view_equal(sd.signer.signature, s.parts.signature));
    assert_int_equal(oid_find(sd.signer.digest_alg.oid), OID_SHA512);
    assert_int_equal(oid_find(sd.signer.signature_alg.oid), OID_ML_DSA_65);
    assert_int_equal(sd.flaws, 0);
}

/* A certificate of n bytes of content whose first is byte. */
static struct view some_certificate(uint8_t byte, size_t n, uint8_t *out)
{
    struct writer w = wr_init(out, 300);

    der_head(&w, DER_SEQUENCE, n);
    memset(out + w.len, byte, n);
    return (struct view){out, w.len + n};
}

static void dual_tokens(void **state)
{
    static uint8_t sig[3309];
    static uint8_t buf[8192];
    struct ess_cert_id_v2 cert = {.issuer = sample_issuer(), .serial = sample_serial()};
    const struct ess_cert_id_v2 certs[] = {cert, cert};
    uint8_t attrs[SIGN_ALG_COUNT][SIGNED_ATTRS_MAX];
    uint8_t lists[2][600];
    struct view parts_of[2];
    struct token_parts pq = {.alg = SIGN_ML_DSA_65,
                             .signature = {sig, sizeof sig},
                             .issuer = sample_issuer(),
                             .serial = sample_serial()};
    struct sample s;
    struct signed_data sd;
    struct writer w = wr_init(buf, sizeof buf);
    struct view out;
    struct reader r;
    struct signer_info si;

    (void)state;
    sample_make(&s);
    for (size_t i = 0; i < SIGN_ALG_COUNT; i++) {
        struct writer aw = wr_init(attrs[i], sizeof attrs[i]);

        signed_attrs_write_dual(&aw, (enum sign_alg)i, s.tst_info, certs);
        assert_int_equal(wr_finish(&aw, &parts_of[i]), ERR_OK);
    }
    s.parts.signed_attrs = parts_of[0];
    pq.signed_attrs = parts_of[1];
    s.parts.beside = &pq;
    /* Each list is in order, and so is what they make together. */
    s.parts.certificates = some_certificate(2, 100, lists[0]);
    s.parts.certificates.n += some_certificate(4, 200, lists[0] + s.parts.certificates.n).n;
    pq.certificates = some_certificate(3, 100, lists[1]);
    pq.certificates.n += some_certificate(1, 250, lists[1] + pq.certificates.n).n;
    assert_int_equal(token_write(&w, &s.parts), ERR_OK);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(cms_parse(out, &sd), ERR_OK);
    assert_int_equal(sd.flaws, 0); /* sets in order above all */
    assert_true(sd.n_signers == 2 && sd.n_certificates == 4 && sd.n_digest_algs == 2);
    r = rd_init(sd.signer_infos);
    assert_int_equal(cms_parse_signer(&r, &si), ERR_OK);
    assert_int_equal(oid_find(si.signature_alg.oid), OID_ECDSA_SHA384);
    assert_int_equal(oid_find(si.digest_alg.oid), OID_SHA384);
    assert_memory_equal(si.signed_attrs.p + 1, attrs[0] + 1, parts_of[0].n - 1);
    assert_int_equal(cms_parse_signer(&r, &si), ERR_OK);
    assert_int_equal(oid_find(si.signature_alg.oid), OID_ML_DSA_65);
    assert_int_equal(oid_find(si.digest_alg.oid), OID_SHA512);
    assert_true(view_equal(si.signature, pq.signature));
    assert_int_equal(rd_finish(&r), ERR_OK);
    /* without certificates */
    s.parts.certificates.n = pq.certificates.n = 0;
    w = wr_init(buf, sizeof buf);
    assert_int_equal(token_write(&w, &s.parts), ERR_OK);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(cms_parse(out, &sd), ERR_OK);
    assert_true(!sd.has_certificates && sd.flaws == 0 && sd.n_signers == 2);
    assert_true(view_equal(sd.content, s.tst_info));
    for (size_t cap = 0; cap < out.n; cap += 97) {
        w = wr_init(buf, cap);
        assert_int_equal(token_write(&w, &s.parts), ERR_NOSPACE);
    }
    /* what cannot stand together */
    w = wr_init(buf, sizeof buf);
    pq.signature.n--;
    assert_int_equal(token_write(&w, &s.parts), ERR_LENGTH);
    pq.signature.n++;
    pq.certificates.n = 5; /* the begin of one */
    assert_int_equal(token_write(&w, &s.parts), ERR_TAG);
    pq.certificates.n = 0;
    pq.alg = SIGN_ECDSA_P384_SHA384;
    assert_int_equal(token_write(&w, &s.parts), ERR_BAD_ALG);
    pq.alg = SIGN_ML_DSA_65;
    pq.beside = &s.parts;
    assert_int_equal(tsp_resp_write_granted(&w, &s.parts), ERR_BAD_ALG);
    pq.beside = &pq;
    s.parts.alg = SIGN_ML_DSA_65;
    s.parts.signature = pq.signature;
    assert_int_equal(token_write(&w, &s.parts), ERR_BAD_ALG);
    assert_int_equal(w.len, 0);
}

/* The precomputed lengths hold wherever a length octet is added. */
static void lengths_hold_at_each_edge(void **state)
{
    static const size_t edges[] = {0, 1, 127, 128, 255, 256, 65535, 65536};
    static uint8_t certs[70000];
    static uint8_t buf[80000];
    struct sample s;

    (void)state;
    sample_make(&s);
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        for (size_t less = 0; less<700; less += edges[i]> 1000 ? 1 : 100) {
            const size_t n = edges[i] > less ? edges[i] - less : edges[i];
            struct writer cw = wr_init(certs, sizeof certs);
            struct writer w = wr_init(buf, sizeof buf);
            struct view out;
            struct tsp_resp resp;
            struct signed_data sd;

            der_head(&cw, DER_SEQUENCE, n); /* the total crosses its edges within these 700 */
            s.parts.certificates = (struct view){certs, cw.len + n};
            assert_int_equal(tsp_resp_write_granted(&w, &s.parts), ERR_OK);
            assert_int_equal(wr_finish(&w, &out), ERR_OK);
            assert_int_equal(tsp_resp_parse(out, &resp), ERR_OK);
            assert_int_equal(cms_parse(resp.token, &sd), ERR_OK);
            assert_true(sd.certificates.n == s.parts.certificates.n && sd.n_certificates == 1);
        }
    }
}

static void refuses_wrong_parts(void **state)
{
    struct sample s;
    uint8_t buf[2048];
    struct writer w = wr_init(buf, sizeof buf);

    (void)state;
    sample_make(&s);
    s.parts.signature.n = 95;
    assert_int_equal(token_write(&w, &s.parts), ERR_LENGTH);
    assert_int_equal(tsp_resp_write_granted(&w, &s.parts), ERR_LENGTH);
    s.parts.signature.n = 96;
    s.parts.alg = SIGN_ML_DSA_65;
    assert_int_equal(token_write(&w, &s.parts), ERR_LENGTH);
    s.parts.alg = SIGN_ECDSA_P384_SHA384;
    s.parts.signed_attrs.p++;
    assert_int_equal(token_write(&w, &s.parts), ERR_TAG);
    s.parts.signed_attrs.n = 0;
    assert_int_equal(token_write(&w, &s.parts), ERR_TAG);
    assert_int_equal(w.len, 0);
    s.parts.signed_attrs = s.signed_attrs;
    for (size_t cap = 0; cap < s.resp.n; cap++) {
        w = wr_init(buf, cap);
        assert_int_equal(tsp_resp_write_granted(&w, &s.parts), ERR_NOSPACE);
        w = wr_init(buf, cap);
        assert_int_equal(token_write(&w, &s.parts), cap < s.token.n ? ERR_NOSPACE : ERR_OK);
    }
}

static void rejections(void **state)
{
    static const struct {
        enum fail_info bit;
        const char *bits, *name; /* the BIT STRING: one bit, no zeros after it */
    } rows[] = {
        {FAIL_BAD_ALG, "03020780", "badAlg"},
        {FAIL_BAD_REQUEST, "03020520", "badRequest"},
        {FAIL_BAD_DATA_FORMAT, "03020204", "badDataFormat"},
        {FAIL_TIME_NOT_AVAILABLE, "0303010002", "timeNotAvailable"},
        {FAIL_UNACCEPTED_POLICY, "0303000001", "unacceptedPolicy"},
        {FAIL_UNACCEPTED_EXTENSION, "030407000080", "unacceptedExtension"},
        {FAIL_ADD_INFO_NOT_AVAILABLE, "030406000040", "addInfoNotAvailable"},
        {FAIL_SYSTEM_FAILURE, "03050600000040", "systemFailure"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[64];
        uint8_t want[8];
        struct writer w = wr_init(buf, sizeof buf);
        struct view out;
        struct view bits = hex_bytes(rows[i].bits, want, sizeof want);
        struct tsp_resp resp;

        tsp_resp_write_rejection(&w, rows[i].bit, "no");
        assert_int_equal(wr_finish(&w, &out), ERR_OK);
        assert_memory_equal(out.p + out.n - bits.n, bits.p, bits.n);
        assert_int_equal(tsp_resp_parse(out, &resp), ERR_OK);
        assert_true(resp.status == PKI_REJECTION && resp.flaws == 0 && resp.token.n == 0);
        assert_true(resp.has_fail_info && resp.fail_info == UINT32_C(1) << rows[i].bit);
        assert_true(
            view_equal(resp.status_string, (struct view){(const uint8_t *)"\x0c\x02no", 4}));
        assert_string_equal(tsp_resp_fail_name(rows[i].bit), rows[i].name);
    }
}

static void no_bit_beyond_the_named_ones(void **state)
{
    uint8_t buf[128];
    struct writer w = wr_init(buf, sizeof buf);

    (void)state;
    tsp_resp_write_rejection(&w, (enum fail_info)32, "");
    assert_true(w.full && w.len == 0);
}

static void rejection_texts_are_cut_between_characters(void **state)
{
    char text[REJECTION_TEXT_MAX + 8];
    uint8_t buf[300];

    (void)state;
    for (size_t n = 0; n < sizeof text; n++) {
        struct writer w = wr_init(buf, sizeof buf);
        struct view out;
        struct tsp_resp resp;
        struct reader r;
        struct view got = {NULL, 0};
        size_t want = n;

        memset(text, 'a', sizeof text);
        text[n] = '\0';
        if (n >= 3) { /* a three-byte character at the end */
            memcpy(text + n - 3, "\xe2\x82\xac", 3);
        }
        if (n > REJECTION_TEXT_MAX) {
            want = n - 3 < REJECTION_TEXT_MAX ? n - 3 : REJECTION_TEXT_MAX;
        }
        tsp_resp_write_rejection(&w, FAIL_BAD_REQUEST, text);
        assert_int_equal(wr_finish(&w, &out), ERR_OK);
        assert_int_equal(tsp_resp_parse(out, &resp), ERR_OK);
        r = rd_init(resp.status_string);
        assert_int_equal(tsp_resp_next_text(&r, &got), n == 0 ? ERR_TRAILING : ERR_OK);
        assert_int_equal(got.n, want);
    }
}

static void certificates_are_sorted(void **state)
{
    static const uint8_t b[] = {0x30, 0x02, 0x05, 0x00};
    static const uint8_t a[] = {0x30, 0x00};
    static const uint8_t c[] = {0x30, 0x02, 0x06, 0x00};
    static const uint8_t want[] = {0x30, 0x00, 0x30, 0x02, 0x05, 0x00, 0x30,
                                   0x02, 0x05, 0x00, 0x30, 0x02, 0x06, 0x00};
    const struct view certs[] = {{c, sizeof c}, {b, sizeof b}, {a, sizeof a}, {b, sizeof b}};
    struct view many[TOKEN_CERTIFICATES_MAX + 1];
    uint8_t out[64];
    struct view sorted;

    (void)state;
    assert_int_equal(token_sort_certificates(certs, 4, out, sizeof out, &sorted), ERR_OK);
    assert_true(view_equal(sorted, (struct view){want, sizeof want}));
    assert_int_equal(token_sort_certificates(certs, 4, out, sizeof want, &sorted), ERR_OK);
    assert_int_equal(token_sort_certificates(certs, 4, out, sizeof want - 1, &sorted),
                     ERR_NOSPACE);
    assert_true(sorted.n == 0);
    assert_int_equal(token_sort_certificates(certs, 0, out, sizeof out, &sorted), ERR_OK);
    assert_true(sorted.n == 0);
    for (size_t i = 0; i <= TOKEN_CERTIFICATES_MAX; i++) {
        many[i] = certs[2];
    }
    assert_int_equal(
        token_sort_certificates(many, TOKEN_CERTIFICATES_MAX, out, sizeof out, &sorted),
        ERR_OK);
    assert_int_equal(
        token_sort_certificates(many, TOKEN_CERTIFICATES_MAX + 1, out, sizeof out, &sorted),
        ERR_NOSPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_golden_bytes),
        cmocka_unit_test(reads_back),
        cmocka_unit_test(signature_values_are_der),
        cmocka_unit_test(ml_dsa_tokens),
        cmocka_unit_test(dual_tokens),
        cmocka_unit_test(lengths_hold_at_each_edge),
        cmocka_unit_test(refuses_wrong_parts),
        cmocka_unit_test(rejections),
        cmocka_unit_test(no_bit_beyond_the_named_ones),
        cmocka_unit_test(rejection_texts_are_cut_between_characters),
        cmocka_unit_test(certificates_are_sorted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
