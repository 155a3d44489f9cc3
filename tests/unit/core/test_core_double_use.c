/* Tries to have one record answer twice, or two messages signed with it: by two fronts in every
 * order, by a request for a certificate and a stamp, by questions that are refused first. */
#include "presign_scene.h"

#define FRONTS 2

/* What each front has; ask is that of one of them. */
static uint8_t fronts[FRONTS][sizeof ask];

static void be(unsigned front)
{
    memcpy(&ask, fronts[front], sizeof ask);
}

static void remain(unsigned front)
{
    memcpy(fronts[front], &ask, sizeof ask);
}

/* Both know of one record, each has R1s of the three and an imprint of its own. */
static void begin_fronts(void)
{
    deal(ACT, 0);
    for (unsigned front = 0; front < FRONTS; front++) {
        round_1(ACT, 1);
        remain(front);
    }
}

/* Bit at of first: which of the two asks that signer first. What the three gave then, as
 * signatures of either. */
static unsigned signatures(unsigned first)
{
    struct tecdsa_answer answers[SIGNERS];
    unsigned n = 0;

    begin_fronts();
    for (size_t at = 0; at < SIGNERS; at++) {
        const unsigned front = first >> at & 1;

        be(front);
        assert_int_equal(round_2_one(at), ERR_OK);
        answers[at] = ask.answers[0][at];
        remain(front);
        be(1 - front);
        assert_int_equal(round_2_one(at), ERR_STALE);
        remain(1 - front);
        assert_int_equal(left(at), 0);
    }
    for (unsigned front = 0; front < FRONTS; front++) {
        be(front);
        memcpy(ask.answers[0], answers, sizeof answers);
        n += combine(0) == ERR_OK;
    }
    return n;
}

static void two_fronts_have_one_signature_or_none(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 1U << SIGNERS; first++) {
        const bool one_was_first_everywhere = first == 0 || first == (1U << SIGNERS) - 1;

        assert_int_equal(signatures(first), one_was_first_everywhere);
        quorum_fixture_renew(f);
    }
}

/* One signer gives its part of a request, the two others theirs of a stamp. */
static void a_request_and_a_stamp_have_no_record_in_common(void **state)
{
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];
    struct csr_ask a;

    (void)state;
    deal(ACT, 0);
    round_1(ACT, 1);
    a = csr(1);
    assert_int_equal(ask_csr(0, &a), ERR_OK);
    for (unsigned i = 0; i < NODES; i++) {
        activate(i, KEY_CLASSIC);
        activate(i, KEY_PQ);
    }
    round_1(ACT, 1);
    assert_int_equal(round_2_one(0), ERR_STALE);
    assert_int_equal(round_2_one(1), ERR_OK);
    assert_int_equal(round_2_one(2), ERR_OK);
    assert_int_equal(combine(0), ERR_SIGNATURE);
    csr_digest(digest);
    assert_int_equal(presign_kit_combine(&kit, &ask.record[0][0], digest, ask.answers[0], sig),
                     ERR_SIGNATURE);
    a = csr(2);
    assert_int_equal(ask_csr(1, &a), ERR_STATE);
}

/* Another attempt takes another record: of the same one nothing is left. */
static void attempts_have_no_record_in_common(void **state)
{
    struct csr_ask a;

    (void)state;
    deal(ACT, 0);
    for (uint8_t attempt = 1; attempt <= 3; attempt++) {
        round_1(ACT, 1);
        a = csr(attempt);
        assert_int_equal(ask_csr(0, &a), attempt == 1 ? ERR_OK : ERR_STALE);
    }
    assert_int_equal(left(0), 0);
    assert_int_equal(left(1), 1);
}

static void an_r1_of_a_request_is_none_of_a_stamp(void **state)
{
    (void)state;
    deal(ACT, 0);
    round_1(ACT, 1);
    for (unsigned i = 0; i < NODES; i++) {
        activate(i, KEY_CLASSIC);
        activate(i, KEY_PQ);
    }
    memcpy(ask.head.activation, f->members[0]->core.certs[KEY_CLASSIC - 1].activation,
           ACTIVATION_HASH_LEN);
    for (size_t at = 0; at < SIGNERS; at++) {
        assert_int_equal(round_2_one(at), ERR_STALE);
        assert_int_equal(left(at), 1);
    }
}

/* What is wrong with a question, before its record is looked at. */
static const struct {
    size_t offset; /* in the question, of a byte that is changed */
    uint8_t flip;
} WRONG[] = {
    {0, 1},                                              /* another epoch */
    {EPOCH_ID_LEN + 1, 1},                               /* another certificate */
    {EPOCH_ID_LEN + 1 + ACTIVATION_HASH_LEN + 1, 1},     /* a signer that there is not: 0 */
    {EPOCH_ID_LEN + 1 + ACTIVATION_HASH_LEN + 2, 3},     /* one twice: not ascending */
    {EPOCH_ID_LEN + 1 + ACTIVATION_HASH_LEN + 3, 1},     /* others than the record's */
    {EPOCH_ID_LEN + 1 + ACTIVATION_HASH_LEN + 3, 3},     /* a sixth of five */
    {EPOCH_ID_LEN + 1 + ACTIVATION_HASH_LEN + 5, 1},     /* another sid0 */
    {EPOCH_ID_LEN + 1 + ACTIVATION_HASH_LEN + 5 + 32, 1} /* an R1 that was not given */
};

static enum err ask_wrongly(size_t offset, uint8_t flip)
{
    uint8_t body[4096];
    struct writer w = wr_init(body, sizeof body);
    struct r2_result res;
    struct reader r;
    struct r2_stamp s = {.bodies = {ask.r1s[0], (size_t)SIGNERS * R1_PROVEN_LEN},
                         .hash_alg = HASH_SHA256,
                         .policy = 1,
                         .hashed_message = {ask.imprint, 32},
                         .presign = {ask.id[0], STAMP_PRESIGN_LEN}};

    memcpy(s.sid0, ask.sid0[0], SID0_LEN);
    r2_head_encode(&w, &ask.head);
    r2_stamp_encode(&w, &s);
    body[offset] ^= flip;
    TRY(member_call(signer(0), FRAME_R2, (struct view){body, w.len}));
    r = rd_init((struct view){signer(0)->body.p + 1, signer(0)->body.n - 1});
    assert_int_equal(r2_result_decode(&r, &res), ERR_OK);
    return res.err;
}

static void a_refused_question_has_no_answer_and_takes_no_record(void **state)
{
    (void)state;
    deal(ACT, 0);
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        round_1(ACT, 1);
        assert_int_not_equal(ask_wrongly(WRONG[i].offset, WRONG[i].flip), ERR_OK);
        assert_int_equal(left(0), 1);
    }
    assert_int_equal(member_stat(signer(0), STAT_STAMPS_SIGNED), 0);
    assert_int_equal(member_stat(signer(0), STAT_PRESIGN_USED), 0);
    quorum_fixture_renew(f);
    round_1(ACT, 1);
    assert_int_equal(round_2_one(0), ERR_OK);
    assert_int_equal(round_2_one(0), ERR_STALE);
}

/* A core that ends still answers what it promised, and that once. */
static void a_core_that_drains_answers_once(void **state)
{
    (void)state;
    begin_fronts();
    core_drain(&f->members[0]->core);
    assert_int_equal(round_2_one(0), ERR_OK);
    be(0);
    assert_int_equal(round_2_one(0), ERR_STALE);
    assert_true(core_drained(&f->members[0]->core));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_fronts_have_one_signature_or_none, serving,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_request_and_a_stamp_have_no_record_in_common, waiting,
                                        tear_down),
        cmocka_unit_test_setup_teardown(attempts_have_no_record_in_common, waiting, tear_down),
        cmocka_unit_test_setup_teardown(an_r1_of_a_request_is_none_of_a_stamp, waiting,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_refused_question_has_no_answer_and_takes_no_record,
                                        serving, tear_down),
        cmocka_unit_test_setup_teardown(a_core_that_drains_answers_once, serving, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
