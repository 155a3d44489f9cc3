/* Tokens of an ML-DSA authority. */
#include "pq_world.h"

/* decisive STEP_COUNT: genuine. word stands in the reason of the decisive step. */
static void expect_verdict(struct world *w, enum verdict v, enum verify_step_id decisive,
                           const char *word)
{
    judge(w);
    if (w->report.verdict != v || verify_decisive(&w->report) != decisive ||
        (decisive < STEP_COUNT && strstr(w->report.steps[decisive].reason, word) == NULL)) {
        verify_print_text(&w->report, stderr);
        fail();
    }
}

static void genuine(struct world *w)
{
    expect_verdict(w, VERDICT_GENUINE, STEP_COUNT, "");
}

static void refused(struct world *w, enum verify_step_id step, const char *word)
{
    expect_verdict(w, VERDICT_NOT_GENUINE, step, word);
}

static void tsa_is(struct world *w, const struct pq_cert *c)
{
    pq_issue(w->tsa, c, w->sub);
}

static void a_good_token_is_genuine(void **state)
{
    struct world *w = *state;

    genuine(w);
    assert_string_equal(w->report.signer, "CN=tsa");
    assert_string_equal(w->report.issuer, "CN=sub");
    assert_string_equal(w->report.signature_alg, "id-ml-dsa-65");
    assert_ptr_equal(w->report.ml_dsa, &mldsa_65);
    assert_true(view_equal(w->report.signer_der, w->tsa->cert));
    assert_string_equal(w->report.steps[STEP_SIGNATURE].reason, "ML-DSA-65");
    assert_string_equal(w->report.steps[STEP_CHAIN].reason,
                        "3 ML-DSA certificates up to CN=root, at genTime");
    assert_int_equal(w->report.token.tst.gen_time.s, PQ_NOW);
}

static void every_parameter_set(void **state)
{
    static const struct mldsa_params *const sets[] = {&mldsa_44, &mldsa_65, &mldsa_87};
    struct world *w = *state;

    for (size_t i = 0; i < 3; i++) {
        free(w->tsa);
        w->tsa = pq_make(&(struct pq_cert){.name = "tsa", .key = sets[i], PQ_TSA}, w->sub);
        w->wish.signer = w->tsa;
        genuine(w);
        assert_ptr_equal(w->report.ml_dsa, sets[i]);
    }
}

static void each_flaw_of_a_signature_has_its_reason(void **state)
{
    struct world *w = *state;

    w->wish.spoil = SPOIL_BIT;
    refused(w, STEP_SIGNATURE, "the signature is not by that key");
    w->wish.spoil = SPOIL_LENGTH;
    refused(w, STEP_SIGNATURE, "has not the length of its algorithm");
    w->wish.spoil = SPOIL_HINT;
    refused(w, STEP_SIGNATURE, "has a hint that is not in its one encoding");
    w->wish.spoil = SPOIL_RANGE;
    refused(w, STEP_SIGNATURE, "has a coefficient out of range");
}

static void each_flaw_of_a_key_has_its_reason(void **state)
{
    struct world *w = *state;

    w->wish.says = &mldsa_44;
    refused(w, STEP_SIGNATURE, "the signer's key is not of ML-DSA-44");
    w->wish.says = NULL;
    tsa_is(w, &(struct pq_cert){.name = "tsa", PQ_TSA, .cut_key = 1});
    refused(w, STEP_SIGNATURE, "the signer's key has not the length");
    tsa_is(w, &(struct pq_cert){.name = "tsa", PQ_TSA, .key_params = true});
    refused(w, STEP_SIGNATURE, "the algorithm of the signer's key has parameters");
}

/* RFC 9882 3.1 and 3.3 */
static void algorithms_are_as_they_must_be(void **state)
{
    struct world *w = *state;

    w->wish.null_params = true;
    refused(w, STEP_ALGORITHMS, "cannot be read (encoding)");
    w->wish.null_params = false;
    w->wish.digest = "sha384";
    genuine(w);
    w->wish.digest = "sha256";
    refused(w, STEP_ALGORITHMS, "sha256 is too weak for id-ml-dsa-65");
    free(w->tsa);
    w->tsa = pq_make(&(struct pq_cert){.name = "tsa", .key = &mldsa_44, PQ_TSA}, w->sub);
    w->wish.signer = w->tsa;
    genuine(w);
    free(w->tsa);
    w->tsa = pq_make(&(struct pq_cert){.name = "tsa", .key = &mldsa_87, PQ_TSA}, w->sub);
    w->wish.signer = w->tsa;
    w->wish.digest = "sha384";
    refused(w, STEP_ALGORITHMS, "sha384 is too weak for id-ml-dsa-87");
}

static void the_signer_is_for_time_stamping_alone(void **state)
{
    struct world *w = *state;
    struct pq_cert c = {.name = "tsa", PQ_TSA};

    c.eku = EKU_NONE;
    tsa_is(w, &c);
    refused(w, STEP_EXTENDED_KEY_USAGE, "is absent");
    c.eku = EKU_TSA_SOFT;
    tsa_is(w, &c);
    refused(w, STEP_EXTENDED_KEY_USAGE, "is not critical");
    c.eku = EKU_TSA_TWICE;
    tsa_is(w, &c);
    refused(w, STEP_EXTENDED_KEY_USAGE, "is not timeStamping alone");
    c.eku = EKU_ANY;
    tsa_is(w, &c);
    refused(w, STEP_EXTENDED_KEY_USAGE, "is not timeStamping alone");
    c.eku = EKU_TSA;
    c.key_usage = CERT_KEY_CERT_SIGN;
    tsa_is(w, &c);
    refused(w, STEP_KEY_USAGE, "allows neither");
    c.key_usage = CERT_DIGITAL_SIGNATURE | CERT_KEY_ENCIPHERMENT;
    tsa_is(w, &c);
    refused(w, STEP_KEY_USAGE, "allows more than signing");
}

static void the_chain_is_judged_at_a_time(void **state)
{
    struct world *w = *state;

    w->options.has_at = true;
    w->options.at_s = PQ_NOW + PQ_DAY;
    genuine(w);
    w->options.at_s = PQ_END + 1;
    refused(w, STEP_CHAIN, "is not valid then, at the time given");
    w->options.has_at = false;
    tsa_is(w, &(struct pq_cert){
                  .name = "tsa", PQ_TSA, .not_before_s = PQ_NOW + 1, .not_after_s = PQ_END});
    refused(w, STEP_CHAIN, "not valid at genTime");
}

static void the_chain_ends_at_an_anchor(void **state)
{
    struct world *w = *state;

    pq_issue(w->tsa, &(struct pq_cert){.name = "tsa", PQ_TSA}, NULL);
    refused(w, STEP_CHAIN, "no ML-DSA anchor issued it");
    w->options.trust = NULL;
    expect_verdict(w, VERDICT_COULD_NOT_TELL, STEP_CHAIN, "nobody is trusted");
}

static void lists_of_others_leave_it_open(void **state)
{
    struct world *w = *state;
    const struct pki_cert c = {"classic", PQ_T0, PQ_END, PKI_CA_EXT};
    struct pki_node ca = pki_make(&c, NULL);
    X509_CRL *crl = pki_crl(&ca, PQ_T0, PQ_END, NULL);
    const struct view der = pki_crl_der(crl);

    assert_int_equal(trust_add(w->trust, TRUST_CRL, der), ERR_OK);
    expect_verdict(w, VERDICT_COULD_NOT_TELL, STEP_REVOCATION, "no usable list for CN=tsa");
    OPENSSL_free((void *)(uintptr_t)der.p);
    X509_CRL_free(crl);
    pki_free(&ca);
}

static void add_pem(BIO *bio, struct view der)
{
    assert_true(PEM_write_bio(bio, PEM_STRING_X509, "", der.p, (long)der.n) > 0);
}

/* One file with the roots of both kinds serves tokens of both. */
static void both_kinds_of_anchor_in_one_file(void **state)
{
    struct world *w = *state;
    const struct pki_cert root_cert = {"root", PQ_T0, PQ_END, PKI_CA_EXT};
    const struct pki_cert tsa_cert = {"classic tsa", PQ_T0, PQ_END, PKI_TSA_EXT};
    struct pki_node root = pki_make(&root_cert, NULL);
    struct pki_node tsa = pki_make(&tsa_cert, &root);
    const struct view root_der = pki_der(root.cert);
    const struct token_wish wish = {
        .policy = "1.3.6.1.4.1.32473.3161.1.1",
        .hash_alg = HASH_SHA256,
        .hashed_message = {digest, sizeof digest},
        .gen_time_s = PQ_NOW,
    };
    struct made_token made;
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;

    add_pem(bio, root_der);
    add_pem(bio, w->root->cert);
    const long n = BIO_get_mem_data(bio, &text);

    trust_free(w->trust);
    assert_int_equal(trust_new(&w->trust), ERR_OK);
    assert_int_equal(
        trust_add(w->trust, TRUST_ANCHOR, (struct view){(const uint8_t *)text, (size_t)n}),
        ERR_OK);
    assert_int_equal(trust_add(w->trust, TRUST_UNTRUSTED, w->sub->cert), ERR_OK);
    w->options.trust = w->trust;
    genuine(w);
    make_token(&wish, &tsa, &made);
    verify_free(&w->report);
    assert_int_equal(verify_token(made.der, &w->expect, &w->options, &w->report), ERR_OK);
    assert_int_equal(w->report.verdict, VERDICT_GENUINE);
    assert_null(w->report.ml_dsa);
    BIO_free(bio);
    OPENSSL_free((void *)(uintptr_t)root_der.p);
    pki_free(&root);
    pki_free(&tsa);
}

static void a_byte_after_a_certificate(void **state)
{
    struct world *w = *state;

    w->root->room[w->root->cert.n++] = 0;
    assert_int_equal(trust_add(w->trust, TRUST_ANCHOR, w->root->cert), ERR_ENCODING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_token_is_genuine, make, drop),
        cmocka_unit_test_setup_teardown(every_parameter_set, make, drop),
        cmocka_unit_test_setup_teardown(each_flaw_of_a_signature_has_its_reason, make, drop),
        cmocka_unit_test_setup_teardown(each_flaw_of_a_key_has_its_reason, make, drop),
        cmocka_unit_test_setup_teardown(algorithms_are_as_they_must_be, make, drop),
        cmocka_unit_test_setup_teardown(the_signer_is_for_time_stamping_alone, make, drop),
        cmocka_unit_test_setup_teardown(the_chain_is_judged_at_a_time, make, drop),
        cmocka_unit_test_setup_teardown(the_chain_ends_at_an_anchor, make, drop),
        cmocka_unit_test_setup_teardown(lists_of_others_leave_it_open, make, drop),
        cmocka_unit_test_setup_teardown(both_kinds_of_anchor_in_one_file, make, drop),
        cmocka_unit_test_setup_teardown(a_byte_after_a_certificate, make, drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
