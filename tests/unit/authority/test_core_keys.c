#include "testing.h"

#include "host/authority/core_keys.h"
#include "wire/plan.h"

#include <string.h>

static uint8_t classic[CERT_WRITE_P384_LEN];
static uint8_t pq[CERT_WRITE_ML_DSA_65_LEN];
static uint8_t body[8192];

static struct hello hello_of(size_t n_keys)
{
    struct hello h = {.index = 1,
                      .clock = CLOCK_KERNEL,
                      .r1_life_ms = 250,
                      .n_keys = n_keys,
                      .keys = {{KEY_CLASSIC, 1, 5, {classic, sizeof classic}},
                               {KEY_PQ, 3, 5, {pq, sizeof pq}}}};

    for (size_t i = 0; i < EPOCH_ID_LEN; i++) {
        h.epoch_id[i] = (uint8_t)(i + 1);
    }
    return h;
}

static struct view answer(const struct hello *h)
{
    struct writer w = wr_init(body, sizeof body);

    hello_encode(&w, h);
    assert_false(w.full);
    return (struct view){body, w.len};
}

static void both_keys_are_taken(void **state)
{
    static struct core_keys keys;
    struct hello h = hello_of(2);

    (void)state;
    memset(classic, 4, sizeof classic);
    memset(pq, 9, sizeof pq);
    assert_int_equal(core_keys_take(answer(&h), &keys), ERR_OK);
    assert_true(keys.has_pq);
    assert_memory_equal(keys.classic, classic, sizeof classic);
    assert_memory_equal(keys.pq, pq, sizeof pq);
    assert_memory_equal(keys.epoch_id, h.epoch_id, sizeof h.epoch_id);
    assert_int_equal(keys.threshold, 3);
    assert_int_equal(keys.total, 5);
    assert_int_equal(keys.assurance, ASSURANCE_HARDWARE);
    h.flags = HELLO_FLAG_SIMULATED;
    h.n_keys = 1;
    assert_int_equal(core_keys_take(answer(&h), &keys), ERR_OK);
    assert_false(keys.has_pq);
    assert_int_equal(keys.assurance, ASSURANCE_SIMULATED);
}

/* Of three that sign, of five. */
static struct roster *epoch(uint8_t assurance)
{
    static struct roster r;
    const struct hello h = hello_of(0);

    memset(&r, 0, sizeof r);
    r.record.plan = (struct plan){.threshold = 3, .total = 5, .assurance = assurance};
    r.record.pk = (struct view){pq, sizeof pq};
    memcpy(r.quorum.epoch_id, h.epoch_id, sizeof h.epoch_id);
    return &r;
}

/* A plan that promises nothing has nobody attested, whatever a core was built for. */
static void hardware_is_what_core_and_plan_say(void **state)
{
    static struct core_keys keys;
    struct hello h = hello_of(2);

    (void)state;
    assert_int_equal(core_keys_take_member(answer(&h), epoch(PLAN_ATTESTED), &keys), ERR_OK);
    assert_int_equal(keys.assurance, ASSURANCE_HARDWARE);
    assert_memory_equal(keys.classic, classic, sizeof classic);
    assert_int_equal(core_keys_take_member(answer(&h), epoch(PLAN_SIMULATED), &keys), ERR_OK);
    assert_int_equal(keys.assurance, ASSURANCE_SIMULATED);
    h.flags = HELLO_FLAG_SIMULATED;
    assert_int_equal(core_keys_take_member(answer(&h), epoch(PLAN_ATTESTED), &keys), ERR_OK);
    assert_int_equal(keys.assurance, ASSURANCE_SIMULATED);
}

static void expect_stranger(const struct hello *h, const struct roster *r)
{
    static struct core_keys keys;
    static const struct core_keys none;

    assert_int_equal(core_keys_take_member(answer(h), r, &keys), ERR_MISMATCH);
    assert_memory_equal(&keys, &none, sizeof keys);
}

static void a_member_has_place_and_keys_of_the_epoch(void **state)
{
    static uint8_t other[sizeof pq];
    struct roster *const r = epoch(PLAN_ATTESTED);
    struct core_keys keys;
    struct hello h = hello_of(1);

    (void)state;
    expect_stranger(&h, r); /* no part of the pq key */
    h = hello_of(2);
    h.index = 0;
    expect_stranger(&h, r);
    h.index = h.keys[0].total = h.keys[1].total = 6;
    expect_stranger(&h, r);
    h = hello_of(2);
    h.epoch_id[EPOCH_ID_LEN - 1] ^= 1;
    expect_stranger(&h, r);
    h = hello_of(2);
    h.keys[1].threshold = 2;
    expect_stranger(&h, r);
    h = hello_of(2);
    h.keys[1].public_key.p = other;
    expect_stranger(&h, r);
    h = hello_of(2);
    h.index = 5;
    h.keys[0].threshold = 3; /* a key of three, where the record has none */
    expect_stranger(&h, r);
    r->quorum.classic_key = other;
    expect_stranger(&h, r);
    r->quorum.classic_key = classic;
    assert_int_equal(core_keys_take_member(answer(&h), r, &keys), ERR_OK);
    h.keys[0].threshold = 2;
    expect_stranger(&h, r);
}

static void a_core_without_a_classic_key_is_not_taken(void **state)
{
    static struct core_keys keys;
    struct hello h = hello_of(0);

    (void)state;
    assert_int_not_equal(core_keys_take(answer(&h), &keys), ERR_OK);
    h.keys[0].public_key.n = 96;
    h.n_keys = 1;
    assert_int_not_equal(core_keys_take(answer(&h), &keys), ERR_OK);
    h = hello_of(2);
    h.keys[0] = h.keys[1];
    h.n_keys = 1;
    assert_int_equal(core_keys_take(answer(&h), &keys), ERR_STATE);
    assert_false(keys.has_pq);
    const struct view whole = answer(&h);

    assert_int_equal(core_keys_take((struct view){whole.p, whole.n - 1}, &keys), ERR_TRUNCATED);
}

static void environment_is_for_the_binding(void **state)
{
    static struct core_keys keys;
    static struct core_keys_env env;
    const struct hello h = hello_of(2);

    (void)state;
    assert_int_equal(core_keys_take(answer(&h), &keys), ERR_OK);
    core_keys_env(&keys, &env);
    assert_string_equal(env.list[0], "QUORATE_EPOCH_ID="
                                     "0102030405060708090a0b0c0d0e0f10"
                                     "1112131415161718191a1b1c1d1e1f20"
                                     "2122232425262728292a2b2c2d2e2f30");
    assert_string_equal(env.list[1], "QUORATE_THRESHOLD=3");
    assert_string_equal(env.list[2], "QUORATE_TOTAL=5");
    assert_string_equal(env.list[3], "QUORATE_ASSURANCE=hardware");
    assert_null(env.list[4]);
    keys.bundle = "/run/quorate/bundle";
    core_keys_env(&keys, &env);
    assert_string_equal(env.list[4], "QUORATE_BUNDLE=/run/quorate/bundle");
    assert_null(env.list[5]);
    assert_string_equal(quorate_assurance_name(ASSURANCE_MIXED), "mixed");
    assert_string_equal(quorate_assurance_name(ASSURANCE_SIMULATED), "simulated");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_keys_are_taken),
        cmocka_unit_test(hardware_is_what_core_and_plan_say),
        cmocka_unit_test(a_member_has_place_and_keys_of_the_epoch),
        cmocka_unit_test(a_core_without_a_classic_key_is_not_taken),
        cmocka_unit_test(environment_is_for_the_binding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
