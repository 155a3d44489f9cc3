/* The step machine with a false clock: states, rounds, refusals, statistics. */
#include "core_fixture.h"

#include "enclave/core/core_step.h"

#include <string.h>

static struct rounds rounds;

static const struct view none = {NULL, 0};

static void test_goes_through_its_states(void **state)
{
    static const char *const policy = "1,classic,1.2.3,3,100,1000";
    struct core_fixture *const f = core_fixture_boot(CLOCK_KERNEL, &policy, 1);
    enum err why;

    (void)state;
    assert_int_equal(f->core.state, CORE_SELF_TEST);
    f->clock.kernel.synchronised = false;
    assert_int_equal(core_start(&f->core, ERR_OK, &f->public), ERR_OK);
    assert_int_equal(core_fixture_state(f, &why), CORE_TIME_SYNC);
    assert_int_equal(why, ERR_TIME);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_TIME);
    f->clock.kernel.synchronised = true;
    core_tick(&f->core);
    assert_int_equal(core_fixture_state(f, &why), CORE_WAITING);
    assert_int_equal(why, ERR_STATE);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK); /* for SIGN_CSR */
    assert_int_not_equal(rounds_r2_one(f, &rounds), ERR_OK);
    assert_int_equal(core_fixture_activate(f, 1), ERR_OK);
    assert_int_equal(core_fixture_state(f, &why), CORE_SERVING);
    assert_int_equal(why, ERR_OK);
    f->clock.kernel.synchronised = false;
    core_tick(&f->core);
    assert_int_equal(core_fixture_state(f, &why), CORE_TIME_DRIFT);
    assert_int_equal(why, ERR_TIME);
    f->clock.kernel.synchronised = true;
    assert_int_equal(core_fixture_state(f, &why), CORE_SERVING);
    core_drain(&f->core);
    assert_int_equal(core_fixture_state(f, &why), CORE_DRAINING);
    assert_true(core_drained(&f->core));
    core_retire(&f->core);
    assert_int_equal(core_fixture_state(f, &why), CORE_RETIRED);

    assert_int_equal(core_fixture_audited(f, AUDIT_BOOT, 0, 0), 1);
    assert_int_equal(core_fixture_audited(f, AUDIT_SELF_TEST, ERR_OK, -1), 1);
    assert_int_equal(core_fixture_audited(f, AUDIT_STATE, CORE_BOOTING, CORE_SELF_TEST), 1);
    assert_int_equal(core_fixture_audited(f, AUDIT_STATE, CORE_SELF_TEST, CORE_TIME_SYNC), 1);
    assert_int_equal(core_fixture_audited(f, AUDIT_STATE, CORE_TIME_SYNC, CORE_WAITING), 1);
    assert_int_equal(core_fixture_audited(f, AUDIT_STATE, CORE_WAITING, CORE_SERVING), 1);
    assert_int_equal(core_fixture_audited(f, AUDIT_STATE, CORE_SERVING, CORE_TIME_DRIFT), 1);
    assert_int_equal(core_fixture_audited(f, AUDIT_STATE, CORE_TIME_DRIFT, CORE_SERVING), 1);
    assert_int_equal(core_fixture_audited(f, AUDIT_STATE, CORE_SERVING, CORE_DRAINING), 1);
    assert_int_equal(core_fixture_audited(f, AUDIT_STATE, CORE_DRAINING, CORE_RETIRED), 1);
    assert_int_equal(core_fixture_audited(f, AUDIT_ACTIVATED, KEY_CLASSIC, -1), 1);
}

static void test_failed_self_test_ends_it(void **state)
{
    static const char *const policy = "1,classic,1.2.3,3,100,1000";
    struct core_fixture *f = core_fixture_boot(CLOCK_KERNEL, &policy, 1);
    enum err why;

    (void)state;
    assert_int_equal(core_start(&f->core, ERR_BUG, &f->public), ERR_BUG);
    assert_int_equal(core_fixture_state(f, &why), CORE_FAILED);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_STATE);
    assert_int_equal(core_fixture_audited(f, AUDIT_SELF_TEST, ERR_BUG, -1), 1);

    f = core_fixture_boot(CLOCK_KERNEL, &policy, 1);
    f->entropy.fail_at = f->entropy.calls + 1;
    assert_int_equal(core_start(&f->core, ERR_OK, &f->public), ERR_IO);
    assert_int_equal(f->core.state, CORE_FAILED);
}

static void test_hello_says_who_it_is(void **state)
{
    struct core_fixture *const f = core_fixture_new();
    struct hello h;

    (void)state;
    assert_int_equal(core_fixture_call(f, FRAME_HELLO, none), ERR_OK);
    assert_int_equal(hello_decode(f->body, &h), ERR_OK);
    assert_int_equal(h.index, 1);
    assert_int_equal(h.keys[0].threshold, 1);
    assert_int_equal(h.keys[0].total, 1);
    assert_int_equal(h.clock, CLOCK_TRUST_SYSTEM);
    assert_int_equal(h.r1_life_ms, R1_LIFE_MS);
    assert_memory_equal(h.epoch_id, f->core.epoch_id, EPOCH_ID_LEN);
    assert_memory_equal(h.boot_nonce, f->core.boot_nonce, BOOT_NONCE_LEN);
    assert_memory_equal(h.identity, f->public.identity, IDENTITY_LEN);
    assert_memory_equal(h.signing_key, f->public.signing_key, SIGNING_KEY_LEN);
    assert_int_equal(h.n_keys, 1);
    assert_memory_equal(h.keys[0].public_key.p, f->key.public_key, P384_PUBLIC_LEN);
    assert_int_equal(h.n_policies, 1);
    assert_int_equal(h.policies[0].max_accuracy_ms, 1000);
}

/* Without a plan the epoch is that of the identity key, the boot nonce and a nonce that only
 * the core knows. */
static void test_the_identity_enters_the_epoch(void **state)
{
    static const char *const policy = "1,classic,1.2.3,3,100,1000";
    struct core_fixture *f = core_fixture_new();
    struct core_public other = f->public;
    uint8_t epoch[EPOCH_ID_LEN];
    uint8_t nonce[BOOT_NONCE_LEN];

    (void)state;
    memcpy(epoch, f->core.epoch_id, sizeof epoch);
    memcpy(nonce, f->core.boot_nonce, sizeof nonce);
    other.identity[96] ^= 1;
    f = core_fixture_boot(CLOCK_TRUST_SYSTEM, &policy, 1);
    assert_int_equal(core_start(&f->core, ERR_OK, &other), ERR_OK);
    assert_memory_equal(nonce, f->core.boot_nonce, sizeof nonce); /* the same entropy */
    assert_memory_not_equal(epoch, f->core.epoch_id, sizeof epoch);
}

static void test_epochs_and_boots_differ(void **state)
{
    static const char *const policy = "1,classic,1.2.3,3,100,1000";
    struct core_fixture *f = core_fixture_new();
    uint8_t epoch[EPOCH_ID_LEN];
    uint8_t boot[BOOT_ID_LEN];
    uint8_t nonce[BOOT_NONCE_LEN];

    (void)state;
    memcpy(epoch, f->core.epoch_id, sizeof epoch);
    memcpy(boot, f->core.boot_id, sizeof boot);
    memcpy(nonce, f->core.boot_nonce, sizeof nonce);
    f = core_fixture_new();
    assert_memory_equal(epoch, f->core.epoch_id, sizeof epoch); /* the same entropy */
    assert_memory_equal(boot, f->core.boot_id, sizeof boot);
    assert_memory_not_equal(epoch, (uint8_t[EPOCH_ID_LEN]){0}, sizeof epoch);

    f = core_fixture_boot(CLOCK_KERNEL, &policy, 1);
    f->entropy.next = 77;
    assert_int_equal(core_start(&f->core, ERR_OK, &f->public), ERR_OK);
    assert_memory_not_equal(epoch, f->core.epoch_id, sizeof epoch);
    assert_memory_not_equal(boot, f->core.boot_id, sizeof boot);
    assert_memory_not_equal(nonce, f->core.boot_nonce, sizeof nonce);
}

static void test_activation_is_once_and_for_its_epoch(void **state)
{
    struct core_fixture *const f = core_fixture_new();

    (void)state;
    assert_int_equal(core_fixture_activate(f, 1), ERR_OK);
    assert_int_equal(core_fixture_activate(f, 1), ERR_OK);
    assert_int_equal(core_fixture_activate(f, 2), ERR_STALE);
    assert_int_equal(core_fixture_audited(f, AUDIT_ACTIVATED, KEY_CLASSIC, -1), 1);
}

static void test_activation_of_another_epoch_or_key(void **state)
{
    struct core_fixture *const f = core_fixture_new();
    struct activation a = {
        .key = KEY_CLASSIC, .serial = {a.cert_hash, 1}, .issuer = {a.cert_hash, 2}};
    uint8_t body[256];
    struct writer w = wr_init(body, sizeof body);

    (void)state;
    activation_encode(&w, &a); /* epoch of zeros */
    assert_int_equal(core_fixture_call(f, FRAME_ACTIVATE, (struct view){body, w.len}),
                     ERR_QUORUM);
    a.key = KEY_PQ;
    memcpy(a.epoch_id, f->core.epoch_id, EPOCH_ID_LEN);
    w = wr_init(body, sizeof body);
    activation_encode(&w, &a);
    assert_int_equal(core_fixture_call(f, FRAME_ACTIVATE, (struct view){body, w.len}),
                     ERR_QUORUM);
    assert_int_equal(f->core.state, CORE_WAITING);
}

static void test_signs_what_verifies(void **state)
{
    static const size_t sizes[] = {1, 2, 63, STAMP_BATCH_MAX};
    struct core_fixture *const f = core_fixture_serving();
    enum err errs[STAMP_BATCH_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(rounds_r1(f, sizes[i], &rounds), ERR_OK);
        assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), sizes[i]);
        assert_int_equal(rounds_r2(f, &rounds, errs), ERR_OK);
        for (size_t j = 0; j < sizes[i]; j++) {
            assert_int_equal(errs[j], ERR_OK);
        }
        assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), 0);
    }
    assert_int_equal(core_fixture_stat(f, STAT_STAMPS_SIGNED), 130);
    assert_int_equal(core_fixture_stat(f, STAT_R1_OPENED), 130);
    assert_int_equal(core_fixture_stat(f, STAT_JOBS_BUSY), 0);
}

static void test_r1_bodies_are_fresh(void **state)
{
    static struct rounds other;
    struct core_fixture *const f = core_fixture_serving();
    struct r1_body a;
    struct r1_body b;

    (void)state;
    assert_int_equal(rounds_r1(f, STAMP_BATCH_MAX, &rounds), ERR_OK);
    assert_int_equal(rounds_r1(f, STAMP_BATCH_MAX, &other), ERR_OK);
    for (size_t i = 0; i < STAMP_BATCH_MAX; i++) {
        for (size_t j = 0; j < STAMP_BATCH_MAX; j++) {
            assert_int_equal(r1_body_decode((struct view){rounds.bodies[i], R1_BODY_LEN}, &a),
                             ERR_OK);
            assert_int_equal(r1_body_decode((struct view){other.bodies[j], R1_BODY_LEN}, &b),
                             ERR_OK);
            assert_memory_not_equal(a.r1_id, b.r1_id, R1_ID_LEN);
            assert_memory_not_equal(a.part, b.part, R1_PART_LEN);
        }
    }
    /* trust-system: the span that makes accuracy the declared second. */
    assert_int_equal(a.hi_ns - a.lo_ns, INT64_C(2) * (1000 - R1_LIFE_MS - 1) * MS);
    assert_int_equal(a.lo_ns + (a.hi_ns - a.lo_ns) / 2, START_NS);
}

static void test_one_r1_serves_one_r2(void **state)
{
    struct core_fixture *const f = core_fixture_serving();
    enum err errs[STAMP_BATCH_MAX];

    (void)state;
    assert_int_equal(rounds_r1(f, 2, &rounds), ERR_OK);
    /* Twice in one frame: the second finds it used. */
    rounds.stamps[1] = rounds.stamps[0];
    assert_int_equal(rounds_r2(f, &rounds, errs), ERR_OK);
    assert_int_equal(errs[0], ERR_OK);
    assert_int_equal(errs[1], ERR_STALE);
    /* And in the next frame. */
    assert_int_equal(rounds_r2(f, &rounds, errs), ERR_OK);
    assert_int_equal(errs[0], ERR_STALE);
    assert_int_equal(core_fixture_stat(f, STAT_R2_REFUSED_STALE), 3);
    assert_int_equal(core_fixture_audited(f, AUDIT_REFUSED, ERR_STALE, 1), 1);
    /* The rest is told once the pause is over. */
    false_clock_go(&f->clock, LIMIT_AUDIT_PAUSE_NS);
    core_tick(&f->core);
    assert_int_equal(core_fixture_audited(f, AUDIT_REFUSED, ERR_STALE, 2), 1);
}

static void test_r1_table_full(void **state)
{
    struct core_fixture *const f = core_fixture_serving();

    (void)state;
    for (size_t i = 0; i < LIMIT_R1_OPEN / 2 / STAMP_BATCH_MAX; i++) {
        assert_int_equal(rounds_r1(f, STAMP_BATCH_MAX, &rounds), ERR_OK);
    }
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_NOSPACE); /* the others' half */
    assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), LIMIT_R1_OPEN / 2);
    assert_int_equal(r1_table_room(&f->core.r1, 1), LIMIT_R1_OPEN / 4);
    false_clock_go(&f->clock, R1_LIFE_NS + 1);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK); /* room is made by asking */
    assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), 1);
}

/* Changes one thing of a good R2 and sees that refused, with the R1 used up by it. */
static void expect_refusal(struct core_fixture *f, void (*change)(struct rounds *r),
                           enum err want)
{
    static struct rounds good;

    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    good = rounds;
    good.stamps[0].bodies.p = good.bodies[0];
    good.stamps[0].hashed_message.p = good.imprint;
    good.stamps[0].nonce.p = good.imprint;
    change(&rounds);
    assert_int_equal(rounds_r2_one(f, &rounds), want);
    assert_int_equal(rounds_r2_one(f, &good), ERR_STALE);
}

static void other_epoch(struct rounds *r)
{
    r->head.epoch_id[0] ^= 1;
}
static void other_key(struct rounds *r)
{
    r->head.key = KEY_PQ;
}
static void other_activation(struct rounds *r)
{
    r->head.activation[0] ^= 1;
}
static void other_policy(struct rounds *r)
{
    r->stamps[0].policy = 2;
}
static void other_sid0(struct rounds *r)
{
    r->stamps[0].sid0[0] ^= 1;
}

static void test_r2_that_differs_uses_up_its_r1(void **state)
{
    struct core_fixture *const f = core_fixture_serving();

    (void)state;
    expect_refusal(f, other_epoch, ERR_QUORUM);
    expect_refusal(f, other_key, ERR_QUORUM);
    expect_refusal(f, other_activation, ERR_STALE);
    expect_refusal(f, other_policy, ERR_POLICY);
    expect_refusal(f, other_sid0, ERR_MISMATCH);
}

static void test_r2_without_the_own_body(void **state)
{
    struct core_fixture *const f = core_fixture_serving();

    (void)state;
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    rounds.head.signers[0] = 2; /* not a signer of it: its R1 is not named */
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_QUORUM);
    rounds.head.signers[0] = 1;
    for (size_t i = 0; i < R1_BODY_LEN; i++) { /* byte-identical, or not known */
        rounds.bodies[0][i] ^= 0x10;
        assert_int_equal(rounds_r2_one(f, &rounds), ERR_STALE);
        rounds.bodies[0][i] ^= 0x10;
    }
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_OK);
}

static void test_two_signers_are_too_many(void **state)
{
    struct core_fixture *const f = core_fixture_serving();
    static uint8_t two[2 * R1_PROVEN_LEN];

    (void)state;
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    memcpy(two, rounds.bodies[0], R1_BODY_LEN);
    memcpy(two + R1_PROVEN_LEN, rounds.bodies[0], R1_BODY_LEN);
    rounds.head.t = 2;
    rounds.head.signers[1] = 2;
    rounds.stamps[0].bodies = (struct view){two, sizeof two};
    rounds.stamps[0].presign = (struct view){two, STAMP_PRESIGN_LEN};
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_STALE); /* no R1 of that form is given */
    assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), 1);
}

static void test_r1_for_another_epoch_or_key(void **state)
{
    struct core_fixture *const f = core_fixture_serving();
    uint8_t sid0[SID0_LEN] = {0};
    struct r1_ask ask = {.key = KEY_CLASSIC, .sid0 = {sid0, sizeof sid0}};
    uint8_t body[128];
    struct writer w = wr_init(body, sizeof body);

    (void)state;
    r1_ask_encode(&w, &ask);
    assert_int_equal(core_fixture_call(f, FRAME_R1, (struct view){body, w.len}), ERR_QUORUM);
    memcpy(ask.epoch_id, f->core.epoch_id, EPOCH_ID_LEN);
    ask.key = KEY_PQ;
    w = wr_init(body, sizeof body);
    r1_ask_encode(&w, &ask);
    assert_int_equal(core_fixture_call(f, FRAME_R1, (struct view){body, w.len}), ERR_QUORUM);
}

static void test_no_entropy_no_r1(void **state)
{
    struct core_fixture *const f = core_fixture_serving();

    (void)state;
    f->entropy.fail_at = f->entropy.calls + 1;
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_IO);
    assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), 0);
    f->entropy.fail_at = 0;
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
}

static void test_malformed_frames_have_no_effect(void **state)
{
    static uint8_t buf[FRAME_BODY_MAX];
    struct core_fixture *const f = core_fixture_serving();
    struct view body;

    (void)state;
    assert_int_equal(rounds_r1(f, 2, &rounds), ERR_OK);
    body = rounds_r2_body(&rounds, buf, sizeof buf - 1);
    for (size_t n = 0; n < body.n; n++) { /* every prefix */
        assert_int_equal(err_class(core_fixture_call(f, FRAME_R2, (struct view){body.p, n})),
                         0x01);
    }
    body.n++; /* one byte too many */
    assert_int_equal(core_fixture_call(f, FRAME_R2, body), ERR_TRAILING);
    assert_int_equal(core_fixture_stat(f, STAT_BAD_FRAMES), body.n);
    assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), 2);
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_OK);

    assert_int_equal(core_fixture_call(f, FRAME_HELLO, (struct view){buf, 1}), ERR_TRAILING);
    assert_int_equal(core_fixture_call(f, FRAME_STATE, (struct view){buf, 1}), ERR_TRAILING);
    assert_int_equal(core_fixture_call(f, FRAME_STATS, (struct view){buf, 1}), ERR_TRAILING);
    assert_int_equal(core_fixture_call(f, FRAME_AUDIT, none), ERR_TRUNCATED);
    assert_int_equal(core_fixture_call(f, FRAME_ACTIVATE, none), ERR_TRUNCATED);
    assert_int_equal(core_fixture_call(f, FRAME_R1, none), ERR_TRUNCATED);
    assert_int_equal(core_fixture_call(f, FRAME_SIGN_CSR, none), ERR_TRUNCATED);
}

static void test_unknown_types_are_refused(void **state)
{
    struct core_fixture *const f = core_fixture_serving();

    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        if (type == FRAME_HELLO || type == FRAME_STATE || type == FRAME_ACTIVATE ||
            type == FRAME_R1 || type == FRAME_R2 || type == FRAME_STATS ||
            type == FRAME_AUDIT || type == FRAME_AUDIT_LOG || type == FRAME_EVIDENCE ||
            type == FRAME_SIGN_CSR || type == FRAME_TIME_STATUS) {
            continue;
        }
        assert_int_equal(core_fixture_call(f, (uint8_t)type, none), ERR_TYPE);
    }
}

static void test_batches_run_out(void **state)
{
    static uint8_t buf[FRAME_BODY_MAX];
    static struct sign_batch *taken[LIMIT_BATCHES];
    struct core_fixture *const f = core_fixture_serving();

    (void)state;
    for (size_t i = 0; i < LIMIT_BATCHES; i++) {
        assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
        assert_int_equal(
            core_fixture_call(f, FRAME_R2, rounds_r2_body(&rounds, buf, sizeof buf)), ERR_OK);
        taken[i] = f->batch;
        assert_non_null(taken[i]);
    }
    assert_int_equal(core_fixture_stat(f, STAT_JOBS_BUSY), LIMIT_BATCHES);
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    assert_int_equal(core_fixture_call(f, FRAME_R2, rounds_r2_body(&rounds, buf, sizeof buf)),
                     ERR_NOSPACE);
    for (size_t i = 0; i < LIMIT_BATCHES; i++) {
        core_finish(&f->core, taken[i], NULL); /* nobody waits for it */
    }
    assert_int_equal(core_fixture_stat(f, STAT_JOBS_BUSY), 0);
    assert_int_equal(rounds_r2_one(f, &rounds), ERR_OK); /* no effect: its R1 is still open */
}

static void test_a_signature_that_fails(void **state)
{
    static uint8_t buf[FRAME_BODY_MAX];
    struct core_fixture *const f = core_fixture_serving();
    struct writer w = wr_init(f->reply, sizeof f->reply);
    struct r2_result res;
    struct reader rd;
    uint8_t n;

    (void)state;
    assert_int_equal(rounds_r1(f, 1, &rounds), ERR_OK);
    assert_int_equal(core_fixture_call(f, FRAME_R2, rounds_r2_body(&rounds, buf, sizeof buf)),
                     ERR_OK);
    f->batch->jobs[0].err = ERR_BUG;
    core_finish(&f->core, f->batch, &w);
    rd = rd_init((struct view){f->reply + FRAME_HEADER_LEN, w.len - FRAME_HEADER_LEN});
    assert_int_equal(rd_u8(&rd, &n), ERR_OK);
    assert_int_equal(r2_result_decode(&rd, &res), ERR_OK);
    assert_int_equal(res.err, ERR_BUG);
    assert_int_equal(rd_finish(&rd), ERR_OK);
    assert_int_equal(f->core.counts.stamps_signed, 0);
}

static void test_audit_pages(void **state)
{
    static struct audit_page page;
    struct core_fixture *const f = core_fixture_serving();
    const struct audit_ask ask = {.from_seq = 2, .max = 2};
    uint8_t body[16];
    struct writer w = wr_init(body, sizeof body);

    (void)state;
    audit_ask_encode(&w, &ask);
    assert_int_equal(core_fixture_call(f, FRAME_AUDIT, (struct view){body, w.len}), ERR_OK);
    assert_int_equal(audit_page_decode(f->body, &page), ERR_OK);
    assert_int_equal(page.is_signed, 0);
    assert_int_equal(page.first_seq, 1);
    assert_int_equal(page.last_seq, f->core.audit.last_seq);
    assert_int_equal(page.n, 2);
    assert_int_equal(page.entries[0].seq, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_goes_through_its_states),
        cmocka_unit_test(test_failed_self_test_ends_it),
        cmocka_unit_test(test_hello_says_who_it_is),
        cmocka_unit_test(test_epochs_and_boots_differ),
        cmocka_unit_test(test_the_identity_enters_the_epoch),
        cmocka_unit_test(test_activation_is_once_and_for_its_epoch),
        cmocka_unit_test(test_activation_of_another_epoch_or_key),
        cmocka_unit_test(test_signs_what_verifies),
        cmocka_unit_test(test_r1_bodies_are_fresh),
        cmocka_unit_test(test_one_r1_serves_one_r2),
        cmocka_unit_test(test_r1_table_full),
        cmocka_unit_test(test_r2_that_differs_uses_up_its_r1),
        cmocka_unit_test(test_r2_without_the_own_body),
        cmocka_unit_test(test_two_signers_are_too_many),
        cmocka_unit_test(test_r1_for_another_epoch_or_key),
        cmocka_unit_test(test_no_entropy_no_r1),
        cmocka_unit_test(test_malformed_frames_have_no_effect),
        cmocka_unit_test(test_unknown_types_are_refused),
        cmocka_unit_test(test_batches_run_out),
        cmocka_unit_test(test_a_signature_that_fails),
        cmocka_unit_test(test_audit_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
