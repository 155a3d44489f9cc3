/* Attacks on hybrid tokens: one thing is wrong with each, and the row says what each leg is to
 * say. Deleting a check in legs or record_check makes a row fail. */
#include "legs_world.h"

#include "client/stamp/stamp.h"

/* ---- good ones ---- */

static void good_tokens_are_quantum_safe(void **state)
{
    struct world *w = *state;

    for (w->batch = 1; w->batch <= HY_LEAVES_MAX; w->batch++) {
        whole_is(w, "GGG", IS_GENUINE, "same authority and epoch");
        assert_true(w->report.proven_by_pq);
        assert_int_equal(gen_time_ms(&w->report.proven), HY_NOW_MS + 40);
        w->stamp.response = !w->stamp.response;
    }
}

static void certificates_may_come_from_elsewhere(void **state)
{
    struct world *w = *state;

    w->stamp.no_certificates = true;
    w->archive.no_certificates = true;
    whole_is(w, "UUU", IS_OPEN, "not in the token");
    hy_trust(w->trust, TRUST_UNTRUSTED, w->classic);
    hy_trust(w->trust, TRUST_UNTRUSTED, w->pq);
    whole_is(w, "GGG", IS_GENUINE, "same authority");
}

/* ---- stripping, swapping, replaying ---- */

static void a_stripped_token_is_incomplete(void **state)
{
    struct world *w = *state;
    const struct expected x = {"GAA", VERDICT_INCOMPLETE, VERDICT_NOT_GENUINE, ""};

    build(w);
    expect_of(w, w->token.der, &x);
    w->options.has_pq_since = true;
    w->options.pq_since_s = 1000;
    w->options.now_s = 999;
    judge(w, w->token.der);
    assert_int_equal(w->report.verdict, VERDICT_INCOMPLETE);
    w->options.now_s = 1000; /* the verifier's clock, whatever genTime says */
    judge(w, w->token.der);
    assert_int_equal(w->report.verdict, VERDICT_NOT_GENUINE);
    judge(w, w->whole.der);
    assert_int_equal(w->report.verdict, VERDICT_GENUINE);
}

static void a_stripped_forgery_is_not_genuine(void **state)
{
    struct world *w = *state;
    const struct expected x = {"NAA", IS_REFUSED, "signature"};

    w->stamp.spoil_signature = true;
    build(w);
    expect_of(w, w->token.der, &x);
}

static void a_classic_token_is_what_it_is(void **state)
{
    struct world *w = *state;
    const struct expected x = {"GAA", VERDICT_GENUINE, VERDICT_NOT_GENUINE, ""};

    w->stamp.policy = HY_CLASSIC_POLICY;
    build(w);
    expect_of(w, w->token.der, &x);
    w->options.require_classic = true;
    judge(w, w->token.der);
    assert_int_equal(w->report.verdict, VERDICT_GENUINE);
}

static void the_record_of_another_token_is_refused(void **state)
{
    struct world *w = *state;
    struct hy_bytes *other = calloc(1, sizeof *other);
    const struct expected swapped = {"GNG", IS_REFUSED, "first group"};
    const struct expected alone = {"GNG", IS_REFUSED, "root of the tree"};

    build(w);
    w->stamp.time_ms++;
    hy_token(&w->stamp, other);
    hy_attach(other->der, w->record.der, &w->whole);
    w->stamp.time_ms--;
    expect_of(w, w->whole.der, &(struct expected){"GNU", IS_REFUSED, swapped.because});
    w->batch = 1; /* no tree: nothing to be absent from */
    build(w);
    hy_attach(other->der, w->record.der, &w->whole);
    expect_of(w, w->whole.der, &alone);
    free(other);
}

static void a_tree_that_ends_in_another_root_is_refused(void **state)
{
    struct world *w = *state;
    uint8_t root[64] = {1};

    w->archive.imprint = (struct view){root, sizeof root};
    whole_is(w, "GNG", IS_REFUSED, "root of the tree");
}

/* ---- the classic leg ---- */

static void a_forged_classic_leg_fails_under_a_good_record(void **state)
{
    struct world *w = *state;

    w->stamp.spoil_signature = true;
    whole_is(w, "NGG", IS_REFUSED, "signature");
}

static void another_document_fails_the_classic_leg_alone(void **state)
{
    struct world *w = *state;
    uint8_t other[64] = {9};

    w->expect.digest = (struct view){other, sizeof other};
    whole_is(w, "NGG", IS_REFUSED, "imprint");
}

static void the_classic_chain_holds_when_the_record_was_made(void **state)
{
    struct world *w = *state;

    w->stamp.time_ms = (HY_T0 + 10 * HY_DAY) * 1000;
    w->classic_cert.from_s = HY_T0;
    w->classic_cert.to_s = HY_T0 + 10 * HY_DAY; /* to that second */
    w->archive.time_ms = w->stamp.time_ms + 2500;
    issue(w);
    whole_is(w, "NGG", IS_REFUSED, "the time of the record");
    w->options.verify.has_at = true; /* the verifier's own choice comes first */
    w->options.verify.at_s = HY_T0 + 9 * HY_DAY;
    whole_is(w, "GGG", IS_GENUINE, "same authority");
}

/* ---- the archive time-stamp ---- */

static void a_bit_of_the_pq_signature_counts(void **state)
{
    struct world *w = *state;

    w->archive.spoil_signature = true;
    whole_is(w, "GNG", IS_REFUSED, "signature");
}

static void an_archive_by_a_classic_key_is_refused(void **state)
{
    struct world *w = *state;

    w->archive.signer = w->other_classic;
    whole_is(w, "GNN", IS_REFUSED, "not an ML-DSA-65 token");
}

static void the_imprint_is_by_sha512(void **state)
{
    struct world *w = *state;

    w->archive.hash_alg = HASH_SHA3_512; /* as long as the root */
    whole_is(w, "GNG", IS_REFUSED, "not by SHA-512");
    w->archive.hash_alg = HASH_SHA512;
    w->archive.null_params = true; /* a form that no authority of ours writes */
    whole_is(w, "GNG", IS_REFUSED, "not by SHA-512");
}

/* The archive time-stamp of a good record changed by hand, then attached. */
static void with_archive(struct world *w, struct view archive)
{
    struct evidence_record er;
    struct hy_bytes *record = calloc(1, sizeof *record);
    struct writer out = wr_init(record->b, sizeof record->b);

    assert_int_equal(evidence_record_parse(w->record.der, &er), ERR_OK);
    assert_int_equal(evidence_record_write(&out, &er.path, archive), ERR_OK);
    hy_attach(w->token.der, hy_done(&out), &w->whole);
    free(record);
}

static void the_archive_has_no_unsigned_attributes(void **state)
{
    struct world *w = *state;
    struct evidence_record er;
    struct hy_bytes *archive = calloc(1, sizeof *archive);

    build(w);
    assert_int_equal(evidence_record_parse(w->record.der, &er), ERR_OK);
    hy_attach(er.time_stamp, (struct view){(const uint8_t *)"\5", 2}, archive);
    with_archive(w, archive->der);
    expect_of(w, w->whole.der,
              &(struct expected){"GNG", IS_REFUSED, "has unsigned attributes"});
    free(archive);
}

static void the_archive_is_strict_der(void **state)
{
    struct world *w = *state;
    uint8_t both[2 * sizeof w->pq->cert_bytes];
    struct view first = w->pq->cert;
    struct view second = w->pq_root->cert;

    if (der_sorts_before(first, second)) { /* the wrong way round */
        first = w->pq_root->cert;
        second = w->pq->cert;
    }
    memcpy(both, first.p, first.n);
    memcpy(both + first.n, second.p, second.n);
    w->archive.certificates = (struct view){both, first.n + second.n};
    whole_is(w, "GNG", IS_REFUSED, "encoding");
}

static void a_pq_chain_of_a_classic_authority_proves_nothing(void **state)
{
    struct world *w = *state;

    hy_issue(w->pq, &w->pq_cert, w->classic_root);
    whole_is(w, "GNG", IS_REFUSED, "chain");
}

static void a_pq_chain_of_a_stranger_proves_nothing(void **state)
{
    struct world *w = *state;
    static const struct hy_cert ca = {.name = "pq root", .ca = true};

    hy_issue(w->other_pq, &ca, NULL); /* the same name, another key */
    hy_issue(w->pq, &w->pq_cert, w->other_pq);
    whole_is(w, "GNG", IS_REFUSED, "chain");
}

static void without_an_anchor_the_pq_leg_stays_open(void **state)
{
    struct world *w = *state;

    trust_free(w->trust);
    assert_int_equal(trust_new(&w->trust), ERR_OK);
    hy_trust(w->trust, TRUST_ANCHOR, w->classic_root);
    w->options.verify.trust = w->trust;
    whole_is(w, "GUG", IS_OPEN, "chain");
    w->stamp.policy = HY_CLASSIC_POLICY; /* which promises no record */
    whole_is(w, "GUU", VERDICT_GENUINE, VERDICT_NOT_GENUINE, "chain");
}

/* ---- tokens of ML-DSA alone ---- */

static void a_pq_token_stands_by_itself(void **state)
{
    struct world *w = *state;
    struct expected x = {"AGA", IS_GENUINE, "id-ml-dsa-65"};

    w->stamp.signer = w->pq;
    w->stamp.policy = HY_PQ_POLICY;
    hy_token(&w->stamp, &w->token);
    expect_of(w, w->token.der, &x);
    w->options.require_classic = true;
    judge(w, w->token.der);
    assert_int_equal(w->report.verdict, VERDICT_NOT_GENUINE);
    w->options.require_classic = false;
    w->stamp.policy = HY_HYBRID_POLICY; /* which promises both */
    hy_token(&w->stamp, &w->token);
    x = (struct expected){"AGA", VERDICT_INCOMPLETE, VERDICT_INCOMPLETE, "id-ml-dsa-65"};
    expect_of(w, w->token.der, &x);
}

static void a_root_stamps_no_document(void **state)
{
    struct world *w = *state;
    struct expected x = {"ANA", IS_REFUSED, "stamps no document"};

    w->stamp.signer = w->pq;
    w->stamp.policy = HY_EVIDENCE_POLICY;
    hy_token(&w->stamp, &w->token);
    expect_of(w, w->token.der, &x);
    w->expect.policy = oid_body(OID_OUR_EVIDENCE); /* who asks for it gets it */
    x = (struct expected){"AGA", IS_GENUINE, "id-ml-dsa-65"};
    expect_of(w, w->token.der, &x);
}

static void a_record_on_a_pq_token_is_refused(void **state)
{
    struct world *w = *state;

    w->stamp.signer = w->pq;
    w->stamp.policy = HY_PQ_POLICY;
    whole_is(w, "ANU", IS_REFUSED, "a record on a token of ML-DSA");
}

/* ---- a record of a form that is not supported ---- */

/* The record with cryptoInfos [0] after digestAlgorithms. */
static void with_crypto_infos(struct world *w)
{
    static const uint8_t infos[] = {0xa0, 0x02, 0x30, 0x00};
    struct hy_bytes *record = calloc(1, sizeof *record);
    struct writer out = wr_init(record->b, sizeof record->b);
    struct reader r;
    struct reader seq;
    const size_t whole = der_begin(&out, DER_SEQUENCE);

    build(w);
    r = rd_init(w->record.der);
    assert_int_equal(der_enter(&r, DER_SEQUENCE, &seq), ERR_OK);
    for (size_t i = 0; seq.n > 0; i++) {
        struct der_element el;

        assert_int_equal(der_read_any(&seq, &el), ERR_OK);
        wr_view(&out, el.whole);
        if (i == 1) {
            wr_bytes(&out, infos, sizeof infos);
        }
    }
    der_end(&out, whole);
    hy_attach(w->token.der, hy_done(&out), &w->whole);
    free(record);
}

static void an_unknown_form_of_record_stays_open(void **state)
{
    struct world *w = *state;
    struct expected x = {"GUU", IS_OPEN, "not supported"};

    with_crypto_infos(w);
    expect_of(w, w->whole.der, &x);
    judge(w, w->whole.der);
    assert_int_equal(stamp_outcome_of_legs(&w->report, true), STAMP_NOT_GENUINE);
    assert_int_equal(stamp_outcome_of_legs(&w->report, false), STAMP_NOT_GENUINE);
    w->stamp.policy = HY_CLASSIC_POLICY;
    with_crypto_infos(w);
    x = (struct expected){"GUU", VERDICT_GENUINE, VERDICT_NOT_GENUINE, "not supported"};
    expect_of(w, w->whole.der, &x);
}

/* ---- stamp ---- */

static void stamp_takes_only_what_was_promised(void **state)
{
    struct world *w = *state;

    build(w);
    judge(w, w->whole.der);
    assert_int_equal(stamp_outcome_of_legs(&w->report, true), STAMP_GOOD);
    judge(w, w->token.der);
    assert_int_equal(stamp_outcome_of_legs(&w->report, true), STAMP_NOT_GENUINE);
    assert_int_equal(stamp_outcome_of_legs(&w->report, false), STAMP_NOT_GENUINE);
    w->options.verify.trust = NULL;
    judge(w, w->token.der); /* the chain is open, and still the record is missing */
    assert_int_equal(stamp_outcome_of_legs(&w->report, false), STAMP_NOT_GENUINE);
    judge(w, w->whole.der);
    assert_int_equal(stamp_outcome_of_legs(&w->report, true), STAMP_NOT_GENUINE);
    assert_int_equal(stamp_outcome_of_legs(&w->report, false), STAMP_GOOD);
    w->archive.critical_ext = true; /* which no certificate would close */
    build(w);
    judge(w, w->whole.der);
    assert_int_equal(stamp_outcome_of_legs(&w->report, false), STAMP_NOT_GENUINE);
    w->archive.critical_ext = false;
    w->archive.spoil_signature = true;
    build(w);
    judge(w, w->whole.der);
    assert_int_equal(stamp_outcome_of_legs(&w->report, false), STAMP_NOT_GENUINE);
    w->archive.spoil_signature = false;
    w->archive.time_ms += HY_DAY * 1000;
    build(w);
    judge(w, w->whole.der);
    assert_int_equal(stamp_outcome_of_legs(&w->report, false), STAMP_NOT_GENUINE);
    w->archive.time_ms = w->stamp.time_ms;
    w->archive.no_certificates = true;
    w->stamp.no_certificates = true;
    build(w);
    judge(w, w->whole.der);
    assert_int_equal(stamp_outcome_of_legs(&w->report, false), STAMP_GOOD);
    assert_int_equal(stamp_outcome_of_legs(&w->report, true), STAMP_NOT_GENUINE);
}

static void stamp_takes_without_an_anchor_only_if_asked_so(void **state)
{
    struct world *w = *state;
    struct trust *classic_only = NULL;

    assert_int_equal(trust_new(&classic_only), ERR_OK);
    hy_trust(classic_only, TRUST_ANCHOR, w->classic_root);
    w->options.verify.trust = classic_only;
    build(w);
    judge(w, w->whole.der);
    assert_int_equal(stamp_outcome_of_legs(&w->report, true), STAMP_NOT_GENUINE);
    assert_int_equal(stamp_outcome_of_legs(&w->report, false), STAMP_GOOD);
    trust_free(classic_only);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        CASE(good_tokens_are_quantum_safe),
        CASE(certificates_may_come_from_elsewhere),
        CASE(a_stripped_token_is_incomplete),
        CASE(a_stripped_forgery_is_not_genuine),
        CASE(a_classic_token_is_what_it_is),
        CASE(the_record_of_another_token_is_refused),
        CASE(a_tree_that_ends_in_another_root_is_refused),
        CASE(a_forged_classic_leg_fails_under_a_good_record),
        CASE(another_document_fails_the_classic_leg_alone),
        CASE(the_classic_chain_holds_when_the_record_was_made),
        CASE(a_bit_of_the_pq_signature_counts),
        CASE(an_archive_by_a_classic_key_is_refused),
        CASE(the_imprint_is_by_sha512),
        CASE(the_archive_has_no_unsigned_attributes),
        CASE(the_archive_is_strict_der),
        CASE(a_pq_chain_of_a_classic_authority_proves_nothing),
        CASE(a_pq_chain_of_a_stranger_proves_nothing),
        CASE(without_an_anchor_the_pq_leg_stays_open),
        CASE(a_pq_token_stands_by_itself),
        CASE(a_root_stamps_no_document),
        CASE(a_record_on_a_pq_token_is_refused),
        CASE(an_unknown_form_of_record_stays_open),
        CASE(stamp_takes_without_an_anchor_only_if_asked_so),
        CASE(stamp_takes_only_what_was_promised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
