/* R1, R2 and SIGN_CSR of a classic key that five cores share and three of them sign with: one
 * answer for one record, whoever asks and however. The records are a dealer's: what makes them
 * has tests of its own. */
#include "presign_kit.h"
#include "quorum_fixture.h"

#include "enclave/core/core_presign.h"
#include "format/csr_info.h"
#include "wire/csr_ask.h"

#include <stdlib.h>
#include <string.h>

#define ACT 0x0bU /* places 0, 1 and 3 */
#define EACH 4
#define STAMPS_MAX 2

static struct presign_kit kit;
static struct quorum_fixture *f;
static struct presign_pool pools[NODES];
static struct presign_slot slots[NODES][6 * EACH];

/* What a coordinator has of one R2. */
static struct {
    struct r2_head head;
    uint8_t sid0[STAMPS_MAX][SID0_LEN];
    uint8_t r1s[STAMPS_MAX][SIGNERS * R1_PROVEN_LEN];
    uint8_t imprint[HASH_MAX];
    uint8_t id[STAMPS_MAX][STAMP_PRESIGN_LEN];
    struct tecdsa_presignature record[STAMPS_MAX][TECDSA_T]; /* copies */
    struct r2_stamp stamps[STAMPS_MAX];
    struct tecdsa_answer answers[STAMPS_MAX][SIGNERS];
} ask;

/* As core_presign_begin() leaves it. */
static void share_key(unsigned i)
{
    struct core *const c = &f->members[i]->core;

    assert_int_equal(presign_pool_init(&pools[i], i, NODES, EACH, slots[i]), ERR_OK);
    c->presign = (struct core_presign){.pool = &pools[i]};
    c->threshold[KEY_CLASSIC - 1] = SIGNERS;
    memcpy(c->public.classic, kit.public_key, P384_PUBLIC_LEN);
}

static void activate(unsigned i, uint8_t key)
{
    static const uint8_t issuer[] = {0x30, 0x00};
    static const uint8_t serial[] = {1};
    struct activation a = {
        .key = key, .serial = {serial, sizeof serial}, .issuer = {issuer, sizeof issuer}};
    uint8_t body[1024];
    struct writer w = wr_init(body, sizeof body);

    memcpy(a.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    activation_encode(&w, &a);
    assert_int_equal(member_call(f->members[i], FRAME_ACTIVATE, (struct view){body, w.len}),
                     ERR_OK);
}

static int waiting(void **state)
{
    (void)state;
    memset(slots, 0, sizeof slots);
    memset(&ask, 0, sizeof ask);
    presign_kit_init(&kit);
    f = quorum_fixture_waiting(1);
    for (unsigned i = 0; i < NODES; i++) {
        share_key(i);
    }
    return 0;
}

static int serving(void **state)
{
    (void)waiting(state);
    for (unsigned i = 0; i < NODES; i++) {
        activate(i, KEY_CLASSIC);
        activate(i, KEY_PQ);
        assert_int_equal(f->members[i]->core.state, CORE_SERVING);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    quorum_fixture_free(f);
    return 0;
}

static struct member *signer(size_t at)
{
    return f->members[ask.head.signers[at] - 1];
}

/* A record of a triple, at its three. */
static void deal(unsigned s, size_t stamp)
{
    struct tecdsa_presignature *const r = ask.record[stamp];
    struct tecdsa_presignature copy;
    size_t at = 0;

    presign_kit_deal(&kit, s, r);
    memcpy(ask.id[stamp], r[0].id, STAMP_PRESIGN_LEN);
    for (unsigned i = 0; i < NODES; i++) {
        if ((s >> i & 1) != 0) {
            memcpy(&copy, &r[at++], sizeof copy);
            assert_int_equal(
                presign_pool_add(&pools[i], &copy, f->members[i]->core.now.mono_ns), ERR_OK);
        }
    }
}

static enum err r1_of(size_t at, size_t n)
{
    struct r1_ask a = {.key = KEY_CLASSIC, .sid0 = {ask.sid0[0], n * SID0_LEN}};
    uint8_t body[256];
    struct writer w = wr_init(body, sizeof body);
    struct view r1s;

    memcpy(a.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&w, &a);
    TRY(member_call(signer(at), FRAME_R1, (struct view){body, w.len}));
    assert_int_equal(r1_answer_decode(signer(at)->body, R1_PROVEN_LEN, &r1s), ERR_OK);
    assert_int_equal(r1s.n, n * R1_PROVEN_LEN);
    for (size_t i = 0; i < n; i++) {
        memcpy(ask.r1s[i] + at * R1_PROVEN_LEN, r1s.p + i * R1_PROVEN_LEN, R1_PROVEN_LEN);
    }
    return ERR_OK;
}

/* R1s of all of act for n stamps. */
static void round_1(unsigned act, size_t n)
{
    ask.head = (struct r2_head){.key = KEY_CLASSIC, .n = (uint8_t)n};
    memcpy(ask.head.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    memcpy(ask.head.activation, f->members[0]->core.certs[KEY_CLASSIC - 1].activation,
           ACTIVATION_HASH_LEN);
    for (unsigned i = 0; i < NODES; i++) {
        if ((act >> i & 1) != 0) {
            ask.head.signers[ask.head.t++] = (uint8_t)(i + 1);
        }
    }
    tecdsa_noise(&kit.number, ask.sid0, sizeof ask.sid0);
    tecdsa_noise(&kit.number, ask.imprint, sizeof ask.imprint);
    for (size_t at = 0; at < ask.head.t; at++) {
        assert_int_equal(r1_of(at, n), ERR_OK);
    }
}

/* Round 2 of one signer: each stamp's result. */
static void round_2(size_t at, enum err errs[STAMPS_MAX])
{
    uint8_t body[4096];
    struct writer w = wr_init(body, sizeof body);
    struct r2_result res;
    struct reader r;
    uint8_t n = 0;

    r2_head_encode(&w, &ask.head);
    for (size_t i = 0; i < ask.head.n; i++) {
        ask.stamps[i] =
            (struct r2_stamp){.bodies = {ask.r1s[i], (size_t)SIGNERS * R1_PROVEN_LEN},
                              .hash_alg = HASH_SHA256,
                              .policy = 1,
                              .hashed_message = {ask.imprint, 32},
                              .presign = {ask.id[i], STAMP_PRESIGN_LEN}};
        memcpy(ask.stamps[i].sid0, ask.sid0[i], SID0_LEN);
        r2_stamp_encode(&w, &ask.stamps[i]);
    }
    assert_false(w.full);
    assert_int_equal(member_call(signer(at), FRAME_R2, (struct view){body, w.len}), ERR_OK);
    assert_null(signer(at)->batch);
    r = rd_init(signer(at)->body);
    assert_int_equal(rd_u8(&r, &n), ERR_OK);
    assert_int_equal(n, ask.head.n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(r2_result_decode(&r, &res), ERR_OK);
        errs[i] = res.err;
        if (res.err == ERR_OK) {
            assert_int_equal(res.signature.n, sizeof ask.answers[i][at]);
            memcpy(&ask.answers[i][at], res.signature.p, res.signature.n);
        }
    }
    assert_int_equal(rd_finish(&r), ERR_OK);
}

static enum err round_2_one(size_t at)
{
    enum err errs[STAMPS_MAX] = {ERR_BUG, ERR_BUG};

    round_2(at, errs);
    return errs[0];
}

/* What the three signed of a stamp, which anybody computes, and their signature of it. */
static enum err combine(size_t stamp)
{
    const struct member *const m = signer(0);
    const struct boot_policy *const p = &m->args.policies[0];
    uint8_t digest[SIGN_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];
    struct stamp st;

    assert_int_equal(stamp_derive(&ask.head, &ask.stamps[stamp], &p->rule, &st), ERR_OK);
    assert_int_equal(
        stamping_digest(&st, &ask.stamps[stamp], p, m->core.certs, KEY_CLASSIC, digest),
        ERR_OK);
    return presign_kit_combine(&kit, &ask.record[stamp][0], digest, ask.answers[stamp], sig);
}

static unsigned left(size_t at)
{
    return presign_pool_count(&pools[ask.head.signers[at] - 1], ACT);
}

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
    static const size_t at[] = {R1_BODY_LEN - 1, R1_BODY_LEN, R1_PROVEN_LEN - 1};

    (void)state;
    deal(ACT, 0);
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        round_1(ACT, 1);
        ask.r1s[0][R1_PROVEN_LEN + at[i]] ^= 1; /* of a peer */
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

/* ---- SIGN_CSR ---- */

static struct csr_ask csr(uint8_t attempt)
{
    struct csr_ask a = {.key = KEY_CLASSIC,
                        .subject = CSR_SUBJECT_TSA,
                        .attempt = attempt,
                        .t = ask.head.t,
                        .r1s = {ask.r1s[0], (size_t)SIGNERS * R1_PROVEN_LEN},
                        .presign = {ask.id[0], STAMP_PRESIGN_LEN}};

    memcpy(a.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    memcpy(a.signers, ask.head.signers, sizeof a.signers);
    memcpy(a.sid0, ask.sid0[0], SID0_LEN);
    return a;
}

static enum err ask_csr(size_t at, const struct csr_ask *a)
{
    uint8_t body[2048];
    struct writer w = wr_init(body, sizeof body);

    csr_ask_encode(&w, a);
    TRY(member_call(signer(at), FRAME_SIGN_CSR, (struct view){body, w.len}));
    assert_null(signer(at)->batch);
    assert_int_equal(signer(at)->body.n, sizeof ask.answers[0][at]);
    memcpy(&ask.answers[0][at], signer(at)->body.p, signer(at)->body.n);
    return ERR_OK;
}

static void csr_digest(uint8_t digest[P384_DIGEST_LEN])
{
    const struct csr_fields fields = {.alg = SIGN_ECDSA_P384_SHA384,
                                      .subject = CSR_SUBJECT_TSA,
                                      .epoch_id = f->epoch_id,
                                      .public_key = {kit.public_key, P384_PUBLIC_LEN}};
    uint8_t bytes[CSR_INFO_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view info;

    assert_int_equal(csr_info_write(&w, &fields), ERR_OK);
    assert_int_equal(wr_finish(&w, &info), ERR_OK);
    hash_once(HASH_SHA384, info, digest);
}

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
        cmocka_unit_test_setup_teardown(the_shared_key_asks_for_its_certificate, waiting,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_request_is_judged_like_a_stamp, waiting, tear_down),
        cmocka_unit_test_setup_teardown(the_key_of_before_signs_nothing, waiting, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
