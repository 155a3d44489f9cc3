/* SIGN_CSR of a core that signs alone: what it signs, when, and how often. */
#include "core_fixture.h"

#include "format/csr.h"
#include "format/csr_info.h"
#include "wire/csr_ask.h"

#include <string.h>

static struct rounds r;

/* Both keys, neither with a certificate. */
static struct core_fixture *waiting(void)
{
    static const char *const policies[] = {"1,classic,1.3.6.1.4.1.32473.3161.1.91,3,100,1000",
                                           "2,pq,1.3.6.1.4.1.32473.3161.1.92,3,100,1000"};
    struct core_fixture *const f = core_fixture_boot(CLOCK_TRUST_SYSTEM, policies, 2);

    assert_int_equal(core_start(&f->core, ERR_OK, &f->public), ERR_OK);
    assert_int_equal(f->core.state, CORE_WAITING);
    return f;
}

/* A question with the R1 that r holds. */
static struct csr_ask question(const struct core_fixture *f, uint8_t key, uint8_t attempt)
{
    struct csr_ask a = {.key = key,
                        .subject = CSR_SUBJECT_TSA,
                        .attempt = attempt,
                        .t = 1,
                        .signers = {1},
                        .r1s = {r.bodies[0], R1_BODY_LEN}};

    memcpy(a.epoch_id, f->core.epoch_id, EPOCH_ID_LEN);
    memcpy(a.sid0, r.sid0[0], SID0_LEN);
    return a;
}

static enum err ask(struct core_fixture *f, const struct csr_ask *a)
{
    uint8_t body[1024];
    struct writer w = wr_init(body, sizeof body);

    csr_ask_encode(&w, a);
    TRY(core_fixture_call(f, FRAME_SIGN_CSR, (struct view){body, w.len}));
    assert_non_null(f->batch);
    core_fixture_finish(f);
    return ERR_OK;
}

/* A fresh R1, then the question: the usual way. */
static enum err sign(struct core_fixture *f, uint8_t key, uint8_t attempt)
{
    struct csr_ask a;

    TRY(rounds_r1_key(f, key, 1, &r));
    a = question(f, key, attempt);
    return ask(f, &a);
}

/* The answer is a signature of the request for this key: proof of possession. */
static void assert_request(struct core_fixture *f, enum sign_alg alg, struct view key)
{
    static struct csr_scratch scratch;
    static uint8_t der[CSR_MAX];
    uint8_t bytes[CSR_INFO_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    const struct csr_fields fields = {alg, CSR_SUBJECT_TSA, f->core.epoch_id, key};
    struct view info;
    struct csr c;

    assert_int_equal(csr_info_write(&w, &fields), ERR_OK);
    assert_int_equal(wr_finish(&w, &info), ERR_OK);
    w = wr_init(der, sizeof der);
    assert_int_equal(csr_write(&w, info, alg, f->body), ERR_OK);
    assert_int_equal(csr_parse((struct view){der, w.len}, &c), ERR_OK);
    assert_int_equal(csr_verify(&c, &scratch), ERR_OK);
}

static void each_key_signs_its_own_request(void **state)
{
    struct core_fixture *const f = waiting();

    (void)state;
    assert_int_equal(sign(f, KEY_CLASSIC, 1), ERR_OK);
    assert_int_equal(f->body.n, STAMP_SIGNATURE_CLASSIC);
    assert_request(f, SIGN_ECDSA_P384_SHA384, (struct view){f->public.classic, 97});
    assert_int_equal(sign(f, KEY_PQ, 1), ERR_OK);
    assert_int_equal(f->body.n, STAMP_SIGNATURE_PQ);
    assert_request(f, SIGN_ML_DSA_65, (struct view){f->public.pq, 1952});
    assert_int_equal(core_fixture_audited(f, AUDIT_CSR_SIGNED, KEY_CLASSIC, 1), 1);
    assert_int_equal(core_fixture_audited(f, AUDIT_CSR_SIGNED, KEY_PQ, 1), 1);
    assert_int_equal(core_fixture_stat(f, STAT_STAMPS_SIGNED), 0);
    assert_int_equal(core_fixture_stat(f, STAT_JOBS_BUSY), 0);
    assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), 0);
}

static void not_after_activation(void **state)
{
    struct core_fixture *const f = waiting();
    struct csr_ask a;

    (void)state;
    assert_int_equal(core_fixture_activate_key(f, KEY_CLASSIC, 1), ERR_OK);
    assert_int_equal(f->core.state, CORE_WAITING); /* for the other */
    assert_int_equal(rounds_r1(f, 1, &r), ERR_STATE);
    a = question(f, KEY_CLASSIC, 1);
    assert_int_equal(ask(f, &a), ERR_STATE);
    assert_int_equal(sign(f, KEY_PQ, 1), ERR_OK);
    assert_int_equal(core_fixture_activate_key(f, KEY_PQ, 1), ERR_OK);
    assert_int_equal(sign(f, KEY_PQ, 2), ERR_STATE); /* with an R1 that is good for a stamp */
    assert_int_equal(sign(f, KEY_CLASSIC, 2), ERR_STATE);
    assert_int_equal(core_fixture_audited(f, AUDIT_CSR_SIGNED, KEY_CLASSIC, -1), 0);
}

/* An R1 for a request serves no stamp, and one for a stamp no request. */
static void r1s_do_not_cross(void **state)
{
    struct core_fixture *const f = waiting();
    static struct rounds early;
    struct csr_ask a;

    (void)state;
    assert_int_equal(rounds_r1(f, 1, &early), ERR_OK);
    assert_int_equal(rounds_r1_key(f, KEY_PQ, 1, &r), ERR_OK);
    assert_int_equal(core_fixture_activate_key(f, KEY_CLASSIC, 1), ERR_OK);
    assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), 1); /* the other key's */
    assert_int_equal(core_fixture_activate_key(f, KEY_PQ, 1), ERR_OK);
    assert_int_equal(f->core.state, CORE_SERVING);
    memcpy(early.head.activation, f->core.certs[KEY_CLASSIC - 1].activation,
           ACTIVATION_HASH_LEN);
    assert_int_equal(rounds_r2_one(f, &early), ERR_STALE);
    memcpy(r.head.activation, f->core.certs[KEY_PQ - 1].activation, ACTIVATION_HASH_LEN);
    assert_int_equal(rounds_r2_one(f, &r), ERR_STALE);

    assert_int_equal(rounds_r1(f, 1, &r), ERR_OK);
    a = question(f, KEY_CLASSIC, 1);
    assert_int_equal(ask(f, &a), ERR_STATE);
    assert_int_equal(rounds_r2_one(f, &r), ERR_STALE); /* the question has used it up */
}

static void an_r2_uses_up_the_r1_of_a_request(void **state)
{
    struct core_fixture *const f = waiting();
    struct csr_ask a;

    (void)state;
    assert_int_equal(rounds_r1(f, 1, &r), ERR_OK);
    assert_int_not_equal(rounds_r2_one(f, &r), ERR_OK);
    a = question(f, KEY_CLASSIC, 1);
    assert_int_equal(ask(f, &a), ERR_STALE);
}

static void an_r1_serves_once_and_in_its_life(void **state)
{
    struct core_fixture *const f = waiting();
    struct csr_ask a;

    (void)state;
    assert_int_equal(sign(f, KEY_CLASSIC, 1), ERR_OK);
    a = question(f, KEY_CLASSIC, 2);
    assert_int_equal(ask(f, &a), ERR_STALE);
    assert_int_equal(rounds_r1(f, 1, &r), ERR_OK);
    a = question(f, KEY_CLASSIC, 2);
    false_clock_go(&f->clock, R1_LIFE_NS + 1);
    assert_int_equal(ask(f, &a), ERR_STALE);
    r.bodies[0][R1_BODY_LEN - 1] ^= 1; /* one that was never given */
    a = question(f, KEY_CLASSIC, 2);
    assert_int_equal(ask(f, &a), ERR_STALE);
    assert_int_equal(rounds_r1_key(f, KEY_PQ, 1, &r), ERR_OK);
    a = question(f, KEY_CLASSIC, 2); /* the other key's */
    assert_int_equal(ask(f, &a), ERR_MISMATCH);
    assert_int_equal(sign(f, KEY_CLASSIC, 2), ERR_OK);
}

static void attempts_ascend_to_a_cap(void **state)
{
    struct core_fixture *const f = waiting();

    (void)state;
    assert_int_equal(sign(f, KEY_CLASSIC, 3), ERR_OK);
    assert_int_equal(sign(f, KEY_CLASSIC, 3), ERR_STALE);
    assert_int_equal(sign(f, KEY_CLASSIC, 2), ERR_STALE);
    assert_int_equal(sign(f, KEY_PQ, 1), ERR_OK); /* counted by key */
    assert_int_equal(sign(f, KEY_CLASSIC, CSR_ATTEMPTS_MAX), ERR_OK);
    assert_int_equal(sign(f, KEY_CLASSIC, CSR_ATTEMPTS_MAX), ERR_STALE);
    assert_int_equal(sign(f, KEY_CLASSIC, CSR_ATTEMPTS_MAX + 1), ERR_RANGE);
}

/* What is refused costs the R1 and no attempt. */
static void foreign_questions_are_refused(void **state)
{
    struct core_fixture *const f = waiting();
    struct csr_ask a;

    (void)state;
    assert_int_equal(rounds_r1(f, 1, &r), ERR_OK);
    a = question(f, KEY_CLASSIC, 1);
    a.epoch_id[0] ^= 1;
    assert_int_equal(ask(f, &a), ERR_QUORUM);
    a = question(f, KEY_CLASSIC, 1);
    assert_int_equal(ask(f, &a), ERR_STALE); /* its R1 is gone */

    assert_int_equal(rounds_r1(f, 1, &r), ERR_OK);
    a = question(f, KEY_CLASSIC, 1);
    a.signers[0] = 2;
    assert_int_equal(ask(f, &a), ERR_QUORUM);
    assert_int_equal(rounds_r1(f, 3, &r), ERR_OK);
    a = question(f, KEY_CLASSIC, 1);
    a.t = 2;
    a.signers[1] = 2;
    a.r1s.n = (size_t)2 * R1_PROVEN_LEN;
    a.presign = (struct view){a.r1s.p, STAMP_PRESIGN_LEN};
    assert_int_equal(ask(f, &a), ERR_QUORUM);
    assert_int_equal(rounds_r1(f, 1, &r), ERR_OK);
    a = question(f, KEY_CLASSIC, 1);
    a.sid0[3] ^= 1;
    assert_int_equal(ask(f, &a), ERR_MISMATCH);
    assert_int_equal(rounds_r1(f, 1, &r), ERR_OK);
    a = question(f, KEY_CLASSIC, 1);
    a.subject = 2;
    assert_int_equal(ask(f, &a), ERR_POLICY);
    assert_int_equal(f->core.csr_attempts[0], 0);
    assert_int_equal(sign(f, KEY_CLASSIC, 1), ERR_OK);
}

static void a_key_that_does_not_exist(void **state)
{
    struct core_fixture *const f = core_fixture_new();
    struct csr_ask a;

    (void)state;
    assert_int_equal(rounds_r1_key(f, KEY_PQ, 1, &r), ERR_QUORUM);
    assert_int_equal(rounds_r1(f, 1, &r), ERR_OK);
    a = question(f, KEY_PQ, 1);
    assert_int_equal(ask(f, &a), ERR_QUORUM);
}

/* The classic key, which no policy uses, waits for its certificate only while the core does. */
static void a_key_that_no_policy_uses(void **state)
{
    static const char *const policy = "2,pq,1.3.6.1.4.1.32473.3161.1.92,3,100,1000";
    struct core_fixture *const f = core_fixture_boot(CLOCK_TRUST_SYSTEM, &policy, 1);

    (void)state;
    assert_int_equal(core_start(&f->core, ERR_OK, &f->public), ERR_OK);
    assert_int_equal(sign(f, KEY_CLASSIC, 1), ERR_OK);
    assert_int_equal(core_fixture_activate_key(f, KEY_PQ, 2), ERR_OK);
    assert_int_equal(sign(f, KEY_CLASSIC, 2), ERR_STATE);
}

static void not_without_time_nor_while_it_drains(void **state)
{
    struct core_fixture *f = waiting();
    struct csr_ask a;

    (void)state;
    assert_int_equal(rounds_r1(f, 1, &r), ERR_OK);
    a = question(f, KEY_CLASSIC, 1);
    core_drain(&f->core);
    assert_int_equal(ask(f, &a), ERR_STATE);
    assert_int_equal(rounds_r1(f, 1, &r), ERR_STATE);

    f = waiting();
    assert_int_equal(rounds_r1(f, 1, &r), ERR_OK);
    a = question(f, KEY_CLASSIC, 1);
    f->clock.kernel.now_ns += 10 * SECOND;
    assert_int_equal(ask(f, &a), ERR_STALE); /* from before a clock event */
    f->clock.err = ERR_IO;
    assert_int_not_equal(rounds_r1(f, 1, &r), ERR_OK);
    assert_int_equal(f->core.state, CORE_WAITING);
}

static void a_signature_that_fails_is_an_error(void **state)
{
    struct core_fixture *const f = waiting();
    struct writer w = wr_init(f->reply, LIMIT_ANSWER);
    struct frame_header h;
    uint8_t body[1024];
    struct writer bw = wr_init(body, sizeof body);
    struct csr_ask a;

    (void)state;
    assert_int_equal(rounds_r1_key(f, KEY_PQ, 1, &r), ERR_OK);
    a = question(f, KEY_PQ, 1);
    csr_ask_encode(&bw, &a);
    assert_int_equal(core_fixture_call(f, FRAME_SIGN_CSR, (struct view){body, bw.len}), ERR_OK);
    f->batch->jobs[0].err = ERR_BUG;
    core_finish(&f->core, f->batch, &w);
    assert_int_equal(frame_header_decode((struct view){w.p, FRAME_HEADER_LEN}, &h), ERR_OK);
    assert_int_equal(h.type, FRAME_ERROR);
    assert_int_equal(core_fixture_stat(f, STAT_JOBS_BUSY), 0);
    assert_int_equal(sign(f, KEY_PQ, 1), ERR_STALE); /* the attempt is spent */
    assert_int_equal(sign(f, KEY_PQ, 2), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_signs_its_own_request),
        cmocka_unit_test(not_after_activation),
        cmocka_unit_test(r1s_do_not_cross),
        cmocka_unit_test(an_r2_uses_up_the_r1_of_a_request),
        cmocka_unit_test(an_r1_serves_once_and_in_its_life),
        cmocka_unit_test(attempts_ascend_to_a_cap),
        cmocka_unit_test(foreign_questions_are_refused),
        cmocka_unit_test(a_key_that_does_not_exist),
        cmocka_unit_test(a_key_that_no_policy_uses),
        cmocka_unit_test(not_without_time_nor_while_it_drains),
        cmocka_unit_test(a_signature_that_fails_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
