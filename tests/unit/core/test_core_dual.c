/* Stamps that both keys sign: one R1, one R2, one TSTInfo. */
#include "core_fixture.h"

#include <string.h>

static const char *const policies[] = {"1,classic,1.3.6.1.4.1.32473.3161.1.91,3,100,1000",
                                       "2,pq,1.3.6.1.4.1.32473.3161.1.92,3,100,1000",
                                       "3,dual,1.3.6.1.4.1.32473.3161.1.97,3,100,1000"};

static const uint8_t single[] = {KEY_CLASSIC, KEY_PQ};

static struct core_fixture *serving(void)
{
    struct core_fixture *const f = core_fixture_boot(CLOCK_TRUST_SYSTEM, policies, 3);

    assert_int_equal(core_start(&f->core, ERR_OK, &f->public), ERR_OK);
    assert_int_equal(core_fixture_activate_key(f, KEY_CLASSIC, 1), ERR_OK);
    assert_int_equal(core_fixture_activate_key(f, KEY_PQ, 2), ERR_OK);
    assert_int_equal(f->core.state, CORE_SERVING);
    return f;
}

static void test_hello_has_two_keys_and_the_policy(void **state)
{
    struct core_fixture *const f = serving();
    struct hello h;

    (void)state;
    assert_int_equal(core_fixture_call(f, FRAME_HELLO, (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(hello_decode(f->body, &h), ERR_OK);
    assert_int_equal(h.n_keys, 2);
    assert_int_equal(h.n_policies, 3);
    assert_int_equal(h.policies[2].key, KEY_DUAL);
}

static void test_full_frames_beside_those_of_one_key(void **state)
{
    static struct rounds r;
    struct core_fixture *const f = serving();
    enum err errs[STAMP_BATCH_MAX];

    (void)state;
    for (size_t round = 0; round < 2; round++) {
        assert_int_equal(rounds_r1_key(f, KEY_DUAL, STAMP_BATCH_PQ_MAX, &r), ERR_OK);
        assert_int_equal(rounds_r2(f, &r, errs), ERR_OK);
        for (size_t i = 0; i < STAMP_BATCH_PQ_MAX; i++) {
            assert_int_equal(errs[i], ERR_OK);
        }
        assert_int_equal(f->head.body_len,
                         1 + STAMP_BATCH_PQ_MAX * (2 + 2 + STAMP_SIGNATURE_DUAL));
    }
    assert_int_equal(rounds_r1(f, 1, &r), ERR_OK);
    assert_int_equal(rounds_r2_one(f, &r), ERR_OK);
    assert_int_equal(rounds_r1_key(f, KEY_PQ, 1, &r), ERR_OK);
    assert_int_equal(rounds_r2_one(f, &r), ERR_OK);
    assert_int_equal(core_fixture_stat(f, STAT_STAMPS_SIGNED), 2 * STAMP_BATCH_PQ_MAX + 2);
    assert_int_equal(core_fixture_stat(f, STAT_JOBS_BUSY), 0);
    assert_int_equal(rounds_r1_key(f, KEY_DUAL, STAMP_BATCH_PQ_MAX + 1, &r), ERR_OK);
    assert_int_equal(rounds_r2(f, &r, errs), ERR_RANGE);
}

/* The stamps that are refused leave the others their signatures. */
static void test_some_are_refused(void **state)
{
    static struct rounds r;
    struct core_fixture *const f = serving();
    enum err errs[STAMP_BATCH_MAX];

    (void)state;
    assert_int_equal(rounds_r1_key(f, KEY_DUAL, 4, &r), ERR_OK);
    r.stamps[0].policy = KEY_PQ;
    r.stamps[2].sid0[0] ^= 1;
    assert_int_equal(rounds_r2(f, &r, errs), ERR_OK);
    assert_int_equal(errs[0], ERR_POLICY);
    assert_int_equal(errs[1], ERR_OK);
    assert_int_equal(errs[2], ERR_MISMATCH);
    assert_int_equal(errs[3], ERR_OK);
}

/* A signature that could not be made takes its stamp with it, whichever of the two it is. */
static void test_one_of_the_two_fails(void **state)
{
    static struct rounds r;
    static uint8_t buf[FRAME_BODY_MAX];
    struct core_fixture *const f = serving();
    struct jobs *const q = &f->core.jobs;

    (void)state;
    for (size_t bad = 0; bad < 2; bad++) {
        struct writer w = wr_init(f->reply, LIMIT_ANSWER_R2_PQ);
        struct r2_result res;
        struct sign_batch *b;
        struct reader rd;

        assert_int_equal(rounds_r1_key(f, KEY_DUAL, 1, &r), ERR_OK);
        assert_int_equal(core_fixture_call(f, FRAME_R2, rounds_r2_body(&r, buf, sizeof buf)),
                         ERR_OK);
        assert_int_equal(f->batch->n_jobs, 2);
        assert_int_equal(jobs_key(f->batch, &f->batch->jobs[0]), KEY_CLASSIC);
        assert_int_equal(jobs_key(f->batch, &f->batch->jobs[1]), KEY_PQ);
        assert_ptr_equal(jobs_signature(f->batch, &f->batch->jobs[1]),
                         jobs_signature(f->batch, &f->batch->jobs[0]) +
                             STAMP_SIGNATURE_CLASSIC);
        jobs_submit(q, f->batch);
        for (size_t i = 0; i < 2; i++) {
            jobs_take(q, &b)->err = i == bad ? ERR_IO : ERR_OK;
            (void)jobs_finish(q, b);
        }
        assert_ptr_equal(jobs_collect(q), f->batch);
        core_finish(&f->core, f->batch, &w);
        rd = rd_init((struct view){f->reply + FRAME_HEADER_LEN + 1, 2});
        assert_int_equal(r2_result_decode(&rd, &res), ERR_OK);
        assert_int_equal(res.err, ERR_IO);
        assert_int_equal(w.len, FRAME_HEADER_LEN + 1 + 2);
    }
    assert_int_equal(core_fixture_stat(f, STAT_STAMPS_SIGNED), 0);
    assert_int_equal(core_fixture_stat(f, STAT_R2_REFUSED_OTHER), 2);
}

/* The activation is of both: that of one, of the two the other way round, or of other
 * certificates is refused. */
static void test_activation_is_of_both(void **state)
{
    static struct rounds r;
    struct core_fixture *const f = serving();
    const struct stamp_cert *const c = f->core.certs;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(rounds_r1_key(f, KEY_DUAL, 1, &r), ERR_OK);
        if (i == 2) {
            activation_dual(c[1].activation, c[0].activation, r.head.activation);
        } else {
            memcpy(r.head.activation, c[i].activation, ACTIVATION_HASH_LEN);
        }
        assert_int_equal(rounds_r2_one(f, &r), ERR_STALE);
    }
}

/* An R1 is of both or of one, and so is a policy. */
static void test_keys_do_not_mix(void **state)
{
    static struct rounds r;
    struct core_fixture *const f = serving();

    (void)state;
    for (size_t i = 0; i < sizeof single; i++) {
        const uint8_t key = single[i];

        assert_int_equal(rounds_r1_key(f, KEY_DUAL, 1, &r), ERR_OK);
        r.stamps[0].policy = key;
        assert_int_equal(rounds_r2_one(f, &r), ERR_POLICY);
        assert_int_equal(rounds_r1_key(f, key, 1, &r), ERR_OK);
        r.stamps[0].policy = KEY_DUAL;
        assert_int_equal(rounds_r2_one(f, &r), ERR_POLICY);
        assert_int_equal(rounds_r1_key(f, key, 1, &r), ERR_OK);
        r.head.key = KEY_DUAL;
        r.stamps[0].policy = KEY_DUAL;
        core_fixture_activation(f, KEY_DUAL, r.head.activation);
        assert_int_equal(rounds_r2_one(f, &r), ERR_MISMATCH);
        assert_int_equal(rounds_r1_key(f, KEY_DUAL, 1, &r), ERR_OK);
        r.head.key = key;
        r.stamps[0].policy = key;
        core_fixture_activation(f, key, r.head.activation);
        assert_int_equal(rounds_r2_one(f, &r), ERR_MISMATCH);
    }
}

/* Until each of the two keys is active nothing is promised or signed; the policy needs both. */
static void test_both_keys_must_be_active(void **state)
{
    static struct rounds r;
    enum err reason;

    (void)state;
    for (size_t i = 0; i < sizeof single; i++) {
        const uint8_t key = single[i];
        struct core_fixture *const f = core_fixture_boot(CLOCK_TRUST_SYSTEM, &policies[2], 1);

        assert_true(f->core.has_pq);
        assert_int_equal(core_start(&f->core, ERR_OK, &f->public), ERR_OK);
        assert_int_equal(core_fixture_activate_key(f, key, 1), ERR_OK);
        assert_int_equal(core_fixture_state(f, &reason), CORE_WAITING);
        assert_int_equal(rounds_r1_key(f, KEY_DUAL, 1, &r), ERR_STATE);
        r.n = 1;
        r.head = (struct r2_head){.key = KEY_DUAL, .t = 1, .signers = {1}, .n = 1};
        r.stamps[0] = (struct r2_stamp){.bodies = {r.bodies[0], R1_BODY_LEN},
                                        .hash_alg = HASH_SHA256,
                                        .policy = KEY_DUAL,
                                        .hashed_message = {r.imprint, 32}};
        memcpy(r.head.epoch_id, f->core.epoch_id, EPOCH_ID_LEN);
        core_fixture_activation(f, KEY_DUAL, r.head.activation);
        assert_int_equal(rounds_r2_one(f, &r), ERR_STATE);
        assert_int_equal(core_fixture_activate_key(f, key ^ KEY_DUAL, 1), ERR_OK);
        assert_int_equal(core_fixture_state(f, &reason), CORE_SERVING);
        assert_int_equal(rounds_r1_key(f, KEY_DUAL, 1, &r), ERR_OK);
        assert_int_equal(rounds_r2_one(f, &r), ERR_OK);
    }
}

/* No such thing where a key is missing: this one has no pq key, for no policy needs it. */
static void test_none_without_the_pq_key(void **state)
{
    static struct rounds r;
    struct core_fixture *const f = core_fixture_serving();

    (void)state;
    assert_int_equal(rounds_r1_key(f, KEY_DUAL, 1, &r), ERR_QUORUM);
}

/* Nor where others sign with the pq key. */
static void test_none_of_several_cores(void **state)
{
    static struct rounds r;
    struct core_fixture *const f = serving();

    (void)state;
    assert_int_equal(rounds_r1_key(f, KEY_DUAL, 1, &r), ERR_OK);
    f->core.threshold[KEY_PQ - 1] = 3;
    assert_int_equal(rounds_r2_one(f, &r), ERR_QUORUM);
    assert_int_equal(rounds_r1_key(f, KEY_DUAL, 1, &r), ERR_QUORUM);
}

/* ACTIVATE is for a key; this is none. */
static void test_it_cannot_be_activated(void **state)
{
    struct core_fixture *const f = serving();

    (void)state;
    assert_int_equal(core_fixture_activate_key(f, KEY_DUAL, 1), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hello_has_two_keys_and_the_policy),
        cmocka_unit_test(test_full_frames_beside_those_of_one_key),
        cmocka_unit_test(test_some_are_refused),
        cmocka_unit_test(test_one_of_the_two_fails),
        cmocka_unit_test(test_activation_is_of_both),
        cmocka_unit_test(test_keys_do_not_mix),
        cmocka_unit_test(test_both_keys_must_be_active),
        cmocka_unit_test(test_none_without_the_pq_key),
        cmocka_unit_test(test_none_of_several_cores),
        cmocka_unit_test(test_it_cannot_be_activated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
