/* R1, R2 and SIGN_CSR of a classic key that five cores share and three of them sign with: one
 * answer for one record, whoever asks and however. The records are a dealer's: what makes them
 * has tests of its own. */
#include "presign_scene.h"

#include "enclave/presigner/presign_desk.h"

/* ---- R2 ---- */

static void three_cores_sign_each_stamp_of_a_frame(void **state)
{
    enum err errs[STAMPS_MAX];

    (void)state;
    for (size_t i = 0; i < STAMPS_MAX; i++) {
        deal(ACT, i);
    }
    round_1(ACT, STAMPS_MAX);
    for (size_t at = 0; at < SIGNERS; at++) {
        round_2(at, errs);
        assert_int_equal(errs[0], ERR_OK);
        assert_int_equal(errs[1], ERR_OK);
        assert_int_equal(left(at), 0);
        assert_int_equal(member_stat(signer(at), STAT_STAMPS_SIGNED), 2);
        assert_int_equal(member_stat(signer(at), STAT_PRESIGN_USED), 2);
        assert_int_equal(member_stat(signer(at), STAT_PRESIGN_READY), 0);
        assert_int_equal(member_stat(signer(at), STAT_R1_OPEN), 0);
    }
    assert_int_equal(combine(0), ERR_OK);
    assert_int_equal(combine(1), ERR_OK);
    for (size_t at = 0; at < SIGNERS; at++) {
        assert_int_equal(answer_is_signed(0, at), ERR_OK);
        assert_int_equal(answer_is_signed(1, at), ERR_OK);
        ask.proven[1][at][0] ^= 1;
        assert_int_equal(answer_is_signed(1, at), ERR_SIGNATURE);
    }
}

static void a_record_answers_one_question(void **state)
{
    enum err errs[STAMPS_MAX];

    (void)state;
    deal(ACT, 0);
    memcpy(ask.id[1], ask.id[0], STAMP_PRESIGN_LEN);
    round_1(ACT, 2); /* in one frame */
    round_2(0, errs);
    assert_int_equal(errs[0], ERR_OK);
    assert_int_equal(errs[1], ERR_STALE);
    round_1(ACT, 1); /* from another connection */
    assert_int_equal(round_2_one(0), ERR_STALE);
    assert_int_equal(round_2_one(1), ERR_OK);
    round_1(ACT, 1);
    assert_int_equal(round_2_one(1), ERR_STALE);
}

static void a_record_of_other_signers_stays(void **state)
{
    (void)state;
    deal(0x13, 0); /* places 0, 1 and 4 */
    round_1(ACT, 1);
    assert_int_equal(round_2_one(0), ERR_QUORUM);
    assert_int_equal(presign_pool_count(&pools[0], 0x13), 1);
    assert_int_equal(round_2_one(2), ERR_STALE); /* it has none of that id */
    round_1(0x13, 1);
    for (size_t at = 0; at < SIGNERS; at++) {
        assert_int_equal(round_2_one(at), ERR_OK);
    }
    assert_int_equal(combine(0), ERR_OK);
}

static void two_messages_give_no_signature(void **state)
{
    (void)state;
    deal(ACT, 0);
    round_1(ACT, 1);
    assert_int_equal(round_2_one(0), ERR_OK);
    assert_int_equal(round_2_one(1), ERR_OK);
    ask.imprint[0] ^= 1;
    assert_int_equal(round_2_one(2), ERR_OK); /* it cannot know */
    assert_int_equal(combine(0), ERR_SIGNATURE);
    ask.imprint[0] ^= 1;
    assert_int_equal(round_2_one(2), ERR_STALE);
}

static void an_r1_is_its_signers_word(void **state)
{
    static const size_t at[] = {R1_BODY_LEN - 1, R1_BODY_LEN, R1_BODY_LEN + R1_MAC_LEN - 1};

    (void)state;
    deal(ACT, 0);
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        round_1(ACT, 1);
        ask.r1s[0][R1_PROVEN_LEN + at[i]] ^= 1; /* of a peer, and its MAC for the first */
        assert_int_equal(round_2_one(0), ERR_SIGNATURE);
        assert_int_equal(left(0), 1);
        assert_int_equal(member_stat(signer(0), STAT_R1_OPEN), i); /* see below */
        round_1(ACT, 1);
        ask.r1s[0][at[i]] ^= 1; /* the own one: it stays open */
        assert_int_equal(round_2_one(0), ERR_STALE);
        assert_int_equal(left(0), 1);
    }
    quorum_fixture_renew(f);
    round_1(ACT, 1);
    assert_int_equal(round_2_one(0), ERR_OK);
    assert_int_equal(round_2_one(0), ERR_STALE); /* its R1 is used */
}

static void a_clock_event_voids_all(void **state)
{
    struct member *const m = f->members[0];

    (void)state;
    deal(ACT, 0);
    false_clock_go(&m->clock, LIMIT_STILL_NS + 1);
    core_tick(&m->core);
    assert_int_equal(presign_pool_count(&pools[0], ACT), 0);
    assert_int_equal(pools[0].counts.voided, 1);
    assert_int_equal(presign_pool_count(&pools[1], ACT), 1); /* its peers see nothing of it */
}

static void a_record_grows_old(void **state)
{
    (void)state;
    deal(ACT, 0);
    for (unsigned i = 0; i < NODES; i++) {
        pools[i].slots[pools[i].first > 0 ? pools[i].first - 1 : 0].made_ns -=
            pools[i].first > 0 ? PRESIGN_AGE_NS : 0;
    }
    round_1(ACT, 1);
    assert_int_equal(round_2_one(0), ERR_STALE);
    core_tick(&f->members[1]->core);
    assert_int_equal(presign_pool_count(&pools[1], ACT), 0);
}

/* ---- a fence ---- */

/* The thread that makes presignatures: what it hears of, it hears while the core is between
 * looking at the MACs and taking the record. */
static struct {
    struct presign_desk desk;
    bool hears;
    unsigned uses; /* of the pool, by the core */
} other;

static void use_pool(void *self)
{
    (void)self;
    other.uses++;
}

static void hear(void *self)
{
    (void)self;
    if (other.hears) {
        atomic_store(&other.desk.unheard, false);
    }
}

static void begin_other(void)
{
    struct presign_meeting meeting = presign_meeting_alone();

    meeting.pool.enter = use_pool;
    meeting.pool.leave = hear;
    memset(&other, 0, sizeof other);
    presign_desk_init(&other.desk, &meeting);
    presign_desk_start(&other.desk, NULL, &pools[0], NODES);
    f->members[0]->core.presign.desk = &other.desk;
}

/* The other thread had not heard of the fence, and gave the key of the old process back, and a
 * record made with it. Neither is used, and the MACs are not even looked at: whoever did that
 * first would take both, if the fence were heard of just then. */
static void a_fence_that_is_not_heard_of_comes_before_macs(void **state)
{
    const struct presign_fence fence = {.incarnation = 2};
    struct tecdsa_presignature again;

    (void)state;
    begin_other();
    deal(ACT, 0);
    round_1(ACT, 1);
    presign_desk_fence(&other.desk, 1, &fence);
    assert_int_equal(left(0), 0);
    assert_false(pools[0].macs.known[1]);
    meet(0);
    memcpy(&again, &ask.record[0][0], sizeof again);
    assert_int_equal(presign_pool_add(&pools[0], &again, f->members[0]->core.now.mono_ns),
                     ERR_OK);
    assert_true(presign_desk_is_voided(&other.desk));
    other.uses = 0;
    other.hears = true;
    assert_int_equal(round_2_one(0), ERR_STALE);
    assert_int_equal(other.uses, 0);
    assert_int_equal(left(0), 1);
    f->members[0]->core.presign.desk = NULL;
}

/* Nor is one once the end has begun. */
static void what_ends_answers_nothing(void **state)
{
    (void)state;
    deal(ACT, 0);
    round_1(ACT, 1);
    f->members[0]->core.presign.ending = true;
    assert_int_equal(round_2_one(0), ERR_STATE);
    assert_int_equal(left(0), 1);
    pools[0].slots[pools[0].first - 1].made_ns -= PRESIGN_AGE_NS;
    core_tick(&f->members[0]->core); /* what there is, the end erases */
    assert_int_equal(left(0), 1);
}

/* A core without a pool, and one without a key of several. */
static void who_shares_no_key_has_no_part_in_it(void **state)
{
    struct core *const c = &f->members[0]->core;
    const struct core_presign_ask question = {.head = &ask.head};
    struct tecdsa_answer sum;
    uint8_t r1[R1_PROVEN_LEN] = {0}, r[TECDSA_SCALAR_LEN];

    (void)state;
    c->presign.pool = NULL;
    assert_int_equal(core_presign_prove(c, r1), ERR_STATE);
    assert_int_equal(core_presign_answer(c, &question, &sum, r), ERR_STATE);
    c->presign.pool = &pools[0];
    c->quorum.party = NULL;
    assert_int_equal(core_presign_prove(c, r1), ERR_STATE);
    assert_int_equal(core_presign_answer(c, &question, &sum, r), ERR_STATE);
}

/* ---- SIGN_CSR ---- */

static void the_shared_key_asks_for_its_certificate(void **state)
{
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];
    struct csr_ask a;

    (void)state;
    deal(ACT, 0);
    round_1(ACT, 1);
    a = csr(1);
    for (size_t at = 0; at < SIGNERS; at++) {
        assert_int_equal(ask_csr(at, &a), ERR_OK);
        assert_int_equal(member_audited(signer(at), AUDIT_CSR_SIGNED, KEY_CLASSIC, 1), 1);
        assert_int_equal(left(at), 0);
    }
    csr_digest(digest);
    assert_int_equal(presign_kit_combine(&kit, &ask.record[0][0], digest, ask.answers[0], sig),
                     ERR_OK);
    deal(ACT, 0);
    round_1(ACT, 1);
    a = csr(1);
    assert_int_equal(ask_csr(0, &a), ERR_STALE); /* once per attempt; the record stays */
    assert_int_equal(left(0), 1);
}

static void a_request_is_judged_like_a_stamp(void **state)
{
    struct csr_ask a;

    (void)state;
    deal(0x13, 0);
    round_1(ACT, 1);
    a = csr(1);
    assert_int_equal(ask_csr(0, &a), ERR_QUORUM); /* the record is of others */
    round_1(0x13, 1);
    ask.r1s[0][R1_PROVEN_LEN + R1_BODY_LEN] ^= 1;
    a = csr(2);
    assert_int_equal(ask_csr(0, &a), ERR_SIGNATURE);
    assert_int_equal(presign_pool_count(&pools[0], 0x13), 1);
    round_1(0x13, 1);
    activate(0, KEY_CLASSIC);
    a = csr(3);
    assert_int_equal(ask_csr(0, &a), ERR_STATE);
    assert_int_equal(ask_csr(1, &a), ERR_OK);
    assert_int_equal(presign_pool_count(&pools[0], 0x13), 1);
}

/* ---- the key that this core had for itself ---- */

static void the_key_of_before_signs_nothing(void **state)
{
    uint8_t body[1024];
    struct writer w = wr_init(body, sizeof body);
    struct r2_stamp s;
    struct csr_ask a;

    (void)state;
    round_1(ACT, 1);
    ask.head.t = 1;
    s = (struct r2_stamp){.bodies = {ask.r1s[0], R1_BODY_LEN},
                          .hash_alg = HASH_SHA256,
                          .policy = 1,
                          .hashed_message = {ask.imprint, 32}};
    memcpy(s.sid0, ask.sid0[0], SID0_LEN);
    r2_head_encode(&w, &ask.head);
    r2_stamp_encode(&w, &s);
    assert_int_equal(member_call(signer(0), FRAME_R2, (struct view){body, w.len}), ERR_OK);
    assert_null(signer(0)->batch);
    assert_int_equal(signer(0)->body.n, 1 + 2); /* one result, and it is an error */
    assert_int_equal(signer(0)->core.jobs.busy, 0);

    a = csr(1);
    a.r1s.n = R1_BODY_LEN;
    a.presign.n = 0;
    assert_int_equal(ask_csr(0, &a), ERR_QUORUM);
    assert_null(signer(0)->batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(three_cores_sign_each_stamp_of_a_frame, serving,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_record_answers_one_question, serving, tear_down),
        cmocka_unit_test_setup_teardown(a_record_of_other_signers_stays, serving, tear_down),
        cmocka_unit_test_setup_teardown(two_messages_give_no_signature, serving, tear_down),
        cmocka_unit_test_setup_teardown(an_r1_is_its_signers_word, serving, tear_down),
        cmocka_unit_test_setup_teardown(a_clock_event_voids_all, serving, tear_down),
        cmocka_unit_test_setup_teardown(a_record_grows_old, serving, tear_down),
        cmocka_unit_test_setup_teardown(a_fence_that_is_not_heard_of_comes_before_macs, serving,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_ends_answers_nothing, serving, tear_down),
        cmocka_unit_test_setup_teardown(who_shares_no_key_has_no_part_in_it, serving,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_shared_key_asks_for_its_certificate, waiting,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_request_is_judged_like_a_stamp, waiting, tear_down),
        cmocka_unit_test_setup_teardown(the_key_of_before_signs_nothing, waiting, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
