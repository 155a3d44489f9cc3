/* A core with both keys: each has its own activation, rounds and signatures. */
#include "core_fixture.h"

#include <string.h>

static void test_hello_lists_both(void **state)
{
    struct core_fixture *const f = core_fixture_both();
    struct hello h;

    (void)state;
    assert_int_equal(core_fixture_call(f, FRAME_HELLO, (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(hello_decode(f->body, &h), ERR_OK);
    assert_int_equal(h.n_keys, 2);
    assert_int_equal(h.keys[0].key, KEY_CLASSIC);
    assert_int_equal(h.keys[1].key, KEY_PQ);
    assert_int_equal(h.keys[1].public_key.n, PQ_PUBLIC_LEN);
    assert_memory_equal(h.keys[1].public_key.p, f->public.pq, PQ_PUBLIC_LEN);
    assert_int_equal(h.policies[1].key, KEY_PQ);
}

static void test_state_shows_both(void **state)
{
    struct core_fixture *const f = core_fixture_both();
    struct core_status s;

    (void)state;
    assert_int_equal(core_fixture_call(f, FRAME_STATE, (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(core_status_decode(f->body, &s), ERR_OK);
    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        assert_memory_equal(s.activation[i], f->core.certs[i].activation, ACTIVATION_HASH_LEN);
    }
    assert_memory_not_equal(s.activation[0], s.activation[1], ACTIVATION_HASH_LEN);
}

static void test_full_frames_of_both(void **state)
{
    static struct rounds r;
    struct core_fixture *const f = core_fixture_both();
    enum err errs[STAMP_BATCH_MAX];

    (void)state;
    assert_int_equal(rounds_r1_key(f, KEY_PQ, STAMP_BATCH_PQ_MAX, &r), ERR_OK);
    assert_int_equal(rounds_r2(f, &r, errs), ERR_OK);
    for (size_t i = 0; i < STAMP_BATCH_PQ_MAX; i++) {
        assert_int_equal(errs[i], ERR_OK);
    }
    assert_int_equal(rounds_r1(f, STAMP_BATCH_MAX, &r), ERR_OK);
    assert_int_equal(rounds_r2(f, &r, errs), ERR_OK);
    for (size_t i = 0; i < STAMP_BATCH_MAX; i++) {
        assert_int_equal(errs[i], ERR_OK);
    }
    assert_int_equal(core_fixture_stat(f, STAT_STAMPS_SIGNED),
                     STAMP_BATCH_PQ_MAX + STAMP_BATCH_MAX);
}

static void test_too_many_of_pq(void **state)
{
    static struct rounds r;
    struct core_fixture *const f = core_fixture_both();
    enum err errs[STAMP_BATCH_MAX];

    (void)state;
    assert_int_equal(rounds_r1_key(f, KEY_PQ, STAMP_BATCH_PQ_MAX + 1, &r), ERR_OK);
    assert_int_equal(rounds_r2(f, &r, errs), ERR_RANGE);
    assert_int_equal(core_fixture_stat(f, STAT_R1_OPEN), STAMP_BATCH_PQ_MAX + 1);
}

/* Policies, R1s and activations of one key are nothing to the other. */
static void test_keys_do_not_mix(void **state)
{
    static struct rounds r;
    struct core_fixture *const f = core_fixture_both();

    (void)state;
    assert_int_equal(rounds_r1_key(f, KEY_PQ, 1, &r), ERR_OK);
    r.stamps[0].policy = 1;
    assert_int_equal(rounds_r2_one(f, &r), ERR_POLICY);
    assert_int_equal(rounds_r1(f, 1, &r), ERR_OK);
    r.stamps[0].policy = 2;
    assert_int_equal(rounds_r2_one(f, &r), ERR_POLICY);
    assert_int_equal(rounds_r1_key(f, KEY_PQ, 1, &r), ERR_OK);
    memcpy(r.head.activation, f->core.certs[KEY_CLASSIC - 1].activation, ACTIVATION_HASH_LEN);
    assert_int_equal(rounds_r2_one(f, &r), ERR_STALE);
    assert_int_equal(rounds_r1(f, 1, &r), ERR_OK);
    r.head.key = KEY_PQ;
    r.stamps[0].policy = 2;
    memcpy(r.head.activation, f->core.certs[KEY_PQ - 1].activation, ACTIVATION_HASH_LEN);
    assert_int_equal(rounds_r2_one(f, &r), ERR_MISMATCH);
}

static void test_activation_is_by_key(void **state)
{
    struct core_fixture *const f = core_fixture_both();

    (void)state;
    assert_int_equal(core_fixture_activate_key(f, KEY_PQ, 2), ERR_OK); /* the same again */
    assert_int_equal(core_fixture_activate_key(f, KEY_PQ, 3), ERR_STALE);
    assert_int_equal(core_fixture_activate_key(f, KEY_CLASSIC, 2), ERR_STALE);
    assert_int_equal(core_fixture_audited(f, AUDIT_ACTIVATED, KEY_PQ, -1), 1);
}

/* Without a policy of that key there is no such key. */
static void test_no_pq_without_a_policy(void **state)
{
    static struct rounds r;
    struct core_fixture *const f = core_fixture_serving();

    (void)state;
    assert_int_equal(core_fixture_activate_key(f, KEY_PQ, 2), ERR_QUORUM);
    assert_int_equal(rounds_r1_key(f, KEY_PQ, 1, &r), ERR_QUORUM);
    assert_int_equal(rounds_r1(f, 1, &r), ERR_OK);
    r.head.key = KEY_PQ;
    memset(r.head.activation, 0, ACTIVATION_HASH_LEN);
    assert_int_equal(rounds_r2_one(f, &r), ERR_QUORUM);
}

/* The classic key waits for nobody where no policy uses it, and signs nothing. */
static void test_only_pq(void **state)
{
    static const char *const policy = "2,pq,1.3.6.1.4.1.32473.3161.1.92,3,100,1000";
    static struct rounds r;
    struct core_fixture *const f = core_fixture_boot(CLOCK_TRUST_SYSTEM, &policy, 1);

    (void)state;
    assert_int_equal(core_start(&f->core, ERR_OK, &f->public), ERR_OK);
    assert_int_equal(f->core.state, CORE_WAITING);
    assert_int_equal(core_fixture_activate_key(f, KEY_PQ, 2), ERR_OK);
    assert_int_equal(f->core.state, CORE_SERVING);
    assert_int_equal(rounds_r1(f, 1, &r), ERR_STATE);
    assert_int_equal(rounds_r1_key(f, KEY_PQ, 1, &r), ERR_OK);
    assert_int_equal(rounds_r2_one(f, &r), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hello_lists_both),
        cmocka_unit_test(test_state_shows_both),
        cmocka_unit_test(test_full_frames_of_both),
        cmocka_unit_test(test_too_many_of_pq),
        cmocka_unit_test(test_keys_do_not_mix),
        cmocka_unit_test(test_activation_is_by_key),
        cmocka_unit_test(test_no_pq_without_a_policy),
        cmocka_unit_test(test_only_pq),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
