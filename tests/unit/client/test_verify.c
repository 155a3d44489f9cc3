#include "token_make.h"

#include "client/stamp/stamp.h"
#include "client/verify/verify.h"
#include "client/verify/verify_print.h"
#include "format/pem.h"

#define DAY 86400
#define T0 1700000000
#define NOW (T0 + 50 * DAY)
#define T_END (T0 + 100 * DAY)
#define POLICY "1.3.6.1.4.1.32473.3161.1.1"
#define SIMULATED "1.3.6.1.4.1.32473.3161.1.91"

static const uint8_t digest[32] = {1, 2, 3};
static const uint8_t other_digest[32] = {3, 2, 1};
static const uint8_t nonce[] = {0x00, 0xff, 1, 2, 3, 4, 5, 6, 7};

struct world {
    struct pki_node root, tsa;
    struct trust *trust;
    struct token_wish wish;
    struct made_token token;
    struct tsp_req query;
    struct verify_expect expect;
    struct verify_options options;
    struct verify_report report;
};

static void trust_cert(struct trust *t, enum trust_kind kind, X509 *x)
{
    struct view der = pki_der(x);

    assert_int_equal(trust_add(t, kind, der), ERR_OK);
    OPENSSL_free((void *)(uintptr_t)der.p);
}

static int make(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    w->root = pki_make(&(struct pki_cert){"root", T0, T_END, PKI_CA_EXT}, NULL);
    w->tsa = pki_make(&(struct pki_cert){"tsa", T0, T_END, PKI_TSA_EXT}, &w->root);
    assert_int_equal(trust_new(&w->trust), ERR_OK);
    trust_cert(w->trust, TRUST_ANCHOR, w->root.cert);
    w->wish = (struct token_wish){
        .policy = POLICY,
        .hash_alg = HASH_SHA256,
        .hashed_message = {digest, sizeof digest},
        .gen_time_s = NOW,
        .nonce = {nonce, sizeof nonce},
    };
    w->query = (struct tsp_req){
        .imprint = {HASH_SHA256, {digest, sizeof digest}},
        .nonce = {nonce, sizeof nonce},
        .cert_req = true,
    };
    w->expect.query = &w->query;
    w->options.trust = w->trust;
    w->options.strict = true;
    *state = w;
    return 0;
}

static int drop(void **state)
{
    struct world *w = *state;

    verify_free(&w->report);
    trust_free(w->trust);
    pki_free(&w->root);
    pki_free(&w->tsa);
    free(w);
    return 0;
}

static void judge(struct world *w)
{
    verify_free(&w->report);
    assert_int_equal(verify_token(w->token.der, &w->expect, &w->options, &w->report), ERR_OK);
}

/* Makes the token that is wished for, and says whether the verdict is as expected and this step
 * decided it. */
static void expect_verdict(struct world *w, enum verdict v, enum verify_step_id decisive)
{
    make_token(&w->wish, &w->tsa, &w->token);
    judge(w);
    if (w->report.verdict != v || verify_decisive(&w->report) != decisive) {
        verify_print_text(&w->report, stderr);
    }
    assert_int_equal(w->report.verdict, v);
    assert_int_equal(verify_decisive(&w->report), decisive);
}

static void a_good_token_is_genuine(void **state)
{
    struct world *w = *state;

    expect_verdict(w, VERDICT_GENUINE, STEP_COUNT);
    for (unsigned i = 0; i < STEP_COUNT; i++) {
        const bool open = i == STEP_REVOCATION || i == STEP_POLICY;

        assert_int_equal(w->report.steps[i].result, open ? RESULT_NOT_CHECKED : RESULT_PASS);
    }
    assert_string_equal(w->report.signer, "CN=tsa");
    assert_string_equal(w->report.issuer, "CN=root");
    assert_string_equal(w->report.signature_alg, "ecdsa-with-SHA384");
    w->wish.bare = true;
    expect_verdict(w, VERDICT_GENUINE, STEP_COUNT);
    assert_int_equal(w->report.steps[STEP_STATUS].result, RESULT_NOT_CHECKED);
}

static void each_spoiled_part_decides(void **state)
{
    struct world *w = *state;
    const struct token_wish good = w->wish;

    w->wish.spoil_digest = true;
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_MESSAGE_DIGEST);
    w->wish = good;
    w->wish.spoil_signature = true;
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_SIGNATURE);
    w->wish = good;
    w->wish.ess = w->root.cert;
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_SIGNER);
    w->wish = good;
    w->wish.gen_time_s = T0 - 1;
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_CHAIN);
    w->wish = good;
    w->wish.hashed_message.p = other_digest;
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_IMPRINT);
    w->wish = good;
    w->wish.nonce.n = 0;
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_NONCE);
}

static void the_signers_certificate_may_come_from_elsewhere(void **state)
{
    struct world *w = *state;

    w->wish.no_certificates = true;
    expect_verdict(w, VERDICT_COULD_NOT_TELL, STEP_SIGNER);
    trust_cert(w->trust, TRUST_UNTRUSTED, w->tsa.cert);
    expect_verdict(w, VERDICT_GENUINE, STEP_COUNT);
}

static void nobody_is_believed_without_an_anchor(void **state)
{
    struct world *w = *state;

    w->options.trust = NULL;
    expect_verdict(w, VERDICT_COULD_NOT_TELL, STEP_CHAIN);
    assert_int_equal(stamp_outcome_of_report(&w->report, false), STAMP_GOOD);
    assert_int_equal(stamp_outcome_of_report(&w->report, true), STAMP_NOT_GENUINE);
}

static void at_replaces_gen_time(void **state)
{
    struct world *w = *state;

    w->options.has_at = true;
    w->options.at_s = T_END + 1;
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_CHAIN);
    w->options.at_s = T0 + 1;
    expect_verdict(w, VERDICT_GENUINE, STEP_COUNT);
}

static void a_simulated_authority_needs_leave(void **state)
{
    struct world *w = *state;
    char line[2 * VERIFY_REASON_MAX];

    w->wish.policy = SIMULATED;
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_AUTHORITY);
    w->options.allow_simulated = true;
    expect_verdict(w, VERDICT_GENUINE, STEP_COUNT);
    assert_true(w->report.simulated);
    verify_print_verdict(&w->report, line, sizeof line);
    assert_string_equal(line, "GENUINE (simulated: time untrusted): 2024-01-03T22:13:20.25Z, "
                              "accuracy 1 s, by CN=tsa");
}

static void policy_is_held_to_what_was_asked(void **state)
{
    static const uint8_t other[] = {0x2a, 3};
    struct world *w = *state;
    uint8_t oid[DER_OID_MAX];
    size_t n = 0;

    assert_int_equal(der_oid_from_text(POLICY, oid, sizeof oid, &n), ERR_OK);
    w->expect.policy = (struct view){oid, n};
    expect_verdict(w, VERDICT_GENUINE, STEP_COUNT);
    assert_int_equal(w->report.steps[STEP_POLICY].result, RESULT_PASS);
    w->query.policy = (struct view){other, sizeof other};
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_POLICY);
    w->expect.policy = w->query.policy;
    w->query.policy = (struct view){NULL, 0};
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_POLICY);
}

static enum err give_digest(void *self, const struct digest_alg *alg, uint8_t *out)
{
    assert_string_equal(alg->name, "sha256");
    memcpy(out, self, alg->len);
    return ERR_OK;
}

static enum err give_nothing(void *self, const struct digest_alg *alg, uint8_t *out)
{
    (void)self;
    (void)alg;
    (void)out;
    return ERR_IO;
}

static void data_digest_and_query_must_all_agree(void **state)
{
    struct world *w = *state;

    w->expect.query = NULL;
    expect_verdict(w, VERDICT_COULD_NOT_TELL, STEP_IMPRINT);
    w->expect.digest = (struct view){digest, sizeof digest};
    expect_verdict(w, VERDICT_GENUINE, STEP_COUNT);
    w->expect.digest.n = 31;
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_IMPRINT);
    w->expect.digest.n = 32;
    w->expect.digest_data = give_digest;
    w->expect.self = (void *)(uintptr_t)digest;
    expect_verdict(w, VERDICT_GENUINE, STEP_COUNT);
    w->expect.self = (void *)(uintptr_t)other_digest;
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_IMPRINT);
    w->expect.digest = (struct view){other_digest, sizeof other_digest};
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_IMPRINT);
    w->expect.digest_data = give_nothing;
    verify_free(&w->report);
    assert_int_equal(verify_token(w->token.der, &w->expect, &w->options, &w->report), ERR_IO);
    assert_int_equal(w->report.verdict, VERDICT_COULD_NOT_TELL);
}

static void a_query_without_nonce_takes_any(void **state)
{
    struct world *w = *state;

    w->query.nonce.n = 0;
    expect_verdict(w, VERDICT_GENUINE, STEP_COUNT);
}

static void revocation_is_required_once_a_list_is_there(void **state)
{
    struct world *w = *state;
    const struct pki_revoked revoked = {w->tsa.cert, NOW + DAY, -1};
    X509_CRL *old = pki_crl(&w->root, T0, T0 + DAY, NULL);
    X509_CRL *bad = pki_crl(&w->root, NOW, NOW + DAY, &revoked);
    struct view der = pki_crl_der(old);

    assert_int_equal(trust_add(w->trust, TRUST_CRL, der), ERR_OK);
    OPENSSL_free((void *)(uintptr_t)der.p);
    expect_verdict(w, VERDICT_COULD_NOT_TELL, STEP_REVOCATION);
    der = pki_crl_der(bad);
    assert_int_equal(trust_add(w->trust, TRUST_CRL, der), ERR_OK);
    OPENSSL_free((void *)(uintptr_t)der.p);
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_REVOCATION);
    X509_CRL_free(old);
    X509_CRL_free(bad);
}

static void the_certificate_must_be_for_time_stamping(void **state)
{
    struct world *w = *state;
    const struct pki_cert plain = {"tsa", T0, T_END, {{NID_ext_key_usage, "timeStamping"}}};

    pki_free(&w->tsa);
    w->tsa = pki_make(&plain, &w->root);
    expect_verdict(w, VERDICT_NOT_GENUINE, STEP_EXTENDED_KEY_USAGE);
}

static void no_prefix_and_no_longer_token_is_genuine(void **state)
{
    struct world *w = *state;
    uint8_t longer[MADE_TOKEN_MAX + 1];

    make_token(&w->wish, &w->tsa, &w->token);
    const size_t n = w->token.der.n;

    for (size_t i = 0; i < n; i++) {
        w->token.der.n = i;
        judge(w);
        assert_int_equal(w->report.verdict, VERDICT_NOT_GENUINE);
    }
    memcpy(longer, w->token.bytes, n);
    longer[n] = 0;
    w->token.der = (struct view){longer, n + 1};
    judge(w);
    assert_int_equal(w->report.verdict, VERDICT_NOT_GENUINE);
}

static void a_rejection_says_why(void **state)
{
    struct world *w = *state;
    struct writer out = wr_init(w->token.bytes, sizeof w->token.bytes);
    static const struct {
        enum fail_info bit;
        const char *name;
        enum stamp_outcome o;
    } rows[] = {
        {FAIL_SYSTEM_FAILURE, "systemFailure", STAMP_LATER},
        {FAIL_TIME_NOT_AVAILABLE, "timeNotAvailable", STAMP_LATER},
        {FAIL_BAD_ALG, "badAlg", STAMP_REFUSED},
        {FAIL_UNACCEPTED_POLICY, "unacceptedPolicy", STAMP_REFUSED},
    };
    char wanted[VERIFY_REASON_MAX];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        out.len = 0;
        tsp_resp_write_rejection(&out, rows[i].bit, "no\x1b[31m");
        assert_int_equal(wr_finish(&out, &w->token.der), ERR_OK);
        judge(w);
        assert_int_equal(w->report.verdict, VERDICT_NOT_GENUINE);
        assert_int_equal(verify_decisive(&w->report), STEP_STATUS);
        (void)snprintf(wanted, sizeof wanted,
                       "the authority refused (rejection): %s: no\\x1b[31m", rows[i].name);
        assert_string_equal(w->report.steps[STEP_STATUS].reason, wanted);
        assert_int_equal(stamp_outcome_of_report(&w->report, false), rows[i].o);
    }
    assert_int_equal(w->token.bytes[6], PKI_REJECTION);
    w->token.bytes[6] = PKI_WAITING;
    judge(w);
    assert_int_equal(w->report.verdict, VERDICT_NOT_GENUINE);
    assert_string_equal(w->report.steps[STEP_STATUS].reason,
                        "the authority gave no token (waiting): unacceptedPolicy: no\\x1b[31m");
}

static void pem_is_taken_off(void **state)
{
    struct world *w = *state;
    static uint8_t text[2 * MADE_TOKEN_MAX];
    struct writer out = wr_init(text, sizeof text);
    struct view pem;
    struct view der;
    uint8_t *room = NULL;

    w->wish.bare = true;
    make_token(&w->wish, &w->tsa, &w->token);
    pem_write(&out, "CMS", w->token.der);
    assert_int_equal(wr_finish(&out, &pem), ERR_OK);
    assert_int_equal(token_unwrap_pem(pem, &room, &der), ERR_OK);
    assert_true(view_equal(der, w->token.der));
    free(room);
    assert_int_equal(token_unwrap_pem(w->token.der, &room, &der), ERR_OK);
    assert_ptr_equal(der.p, w->token.der.p);
    assert_null(room);
    text[12] = 'X'; /* another label */
    assert_int_equal(token_unwrap_pem(pem, &room, &der), ERR_ENCODING);
}

static void reports_have_a_name_for_everything(void **state)
{
    (void)state;
    for (unsigned i = 0; i < STEP_COUNT; i++) {
        assert_string_not_equal(verify_step_name((enum verify_step_id)i), "unknown");
    }
    assert_string_equal(verify_step_name(STEP_COUNT), "unknown");
    assert_string_equal(verify_result_name(RESULT_NOT_CHECKED), "NOT CHECKED");
    assert_string_equal(verify_verdict_name(VERDICT_COULD_NOT_TELL), "COULD NOT TELL");
}

static void json_says_the_same(void **state)
{
    struct world *w = *state;

    expect_verdict(w, VERDICT_GENUINE, STEP_COUNT);
    json_t *j = verify_print_json(&w->report);

    assert_non_null(j);
    assert_string_equal(json_string_value(json_object_get(j, "verdict")), "GENUINE");
    assert_int_equal(json_integer_value(json_object_get(j, "exit_code")), 0);
    assert_int_equal(json_array_size(json_object_get(j, "steps")), STEP_COUNT);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(j, "token"), "gen_time")),
        "2024-01-03T22:13:20.25Z");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(j, "token"), "nonce")),
        "ff01020304050607");
    json_decref(j);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_good_token_is_genuine),
        WORLD_TEST(each_spoiled_part_decides),
        WORLD_TEST(the_signers_certificate_may_come_from_elsewhere),
        WORLD_TEST(nobody_is_believed_without_an_anchor),
        WORLD_TEST(at_replaces_gen_time),
        WORLD_TEST(a_simulated_authority_needs_leave),
        WORLD_TEST(policy_is_held_to_what_was_asked),
        WORLD_TEST(data_digest_and_query_must_all_agree),
        WORLD_TEST(a_query_without_nonce_takes_any),
        WORLD_TEST(revocation_is_required_once_a_list_is_there),
        WORLD_TEST(the_certificate_must_be_for_time_stamping),
        WORLD_TEST(no_prefix_and_no_longer_token_is_genuine),
        WORLD_TEST(a_rejection_says_why),
        WORLD_TEST(pem_is_taken_off),
        cmocka_unit_test(reports_have_a_name_for_everything),
        WORLD_TEST(json_says_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
