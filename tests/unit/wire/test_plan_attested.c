#include "plan_kit.h"
#include "testing.h"

#include "base/hex.h"

static struct plan_kit kit;

static int make(void **state)
{
    (void)state;
    assert_int_equal(plan_kit_make(&kit, 3, 5), ERR_OK);
    return plan_kit_attest(&kit, plan_kit_text("[guest]\n")) == ERR_OK ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    plan_kit_free(&kit);
    return 0;
}

static enum err decode_again(void)
{
    struct plan p;

    assert_int_equal(plan_kit_encode(&kit), ERR_OK);
    return plan_decode(kit.encoded, &p);
}

static void one_encoding(void **state)
{
    static uint8_t again[PLAN_MAX + 1];
    struct writer w = wr_init(again, sizeof again);
    struct plan p;
    struct view out;

    (void)state;
    assert_int_equal(plan_decode(kit.encoded, &p), ERR_OK);
    assert_true(plan_is_attested(&p));
    assert_int_equal(p.number, 1);
    assert_true(view_equal(p.policy, kit.plan.policy));
    assert_true(view_equal(p.nodes[4].provider, plan_kit_text("p4")));
    assert_int_equal(p.nodes[1].platforms.n, 2 * PLAN_PLATFORM_LEN);
    plan_encode(&w, &p);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_true(view_equal(out, kit.encoded));
    for (size_t n = 0; n < out.n; n++) {
        uint8_t *cut = malloc(n + 1);

        assert_non_null(cut);
        memcpy(cut, out.p, n);
        assert_true(plan_decode((struct view){cut, n}, &p) != ERR_OK);
        assert_int_equal(p.total, 0);
        free(cut);
    }
    again[out.n] = 0;
    assert_int_equal(plan_decode((struct view){again, out.n + 1}, &p), ERR_TRAILING);
}

static void the_key_and_the_assurance_are_said(void **state)
{
    struct plan p;

    (void)state;
    for (int classic = PLAN_CLASSIC_NODE; classic <= PLAN_CLASSIC_SHARED; classic++) {
        for (int a = PLAN_SIMULATED; a <= PLAN_ATTESTED; a++) {
            kit.plan.classic = (uint8_t)classic;
            kit.plan.assurance = (uint8_t)a;
            assert_int_equal(decode_again(), ERR_OK);
            assert_int_equal(kit.bytes[0], PLAN_VERSION_ATTESTED);
            assert_int_equal(plan_decode(kit.encoded, &p), ERR_OK);
            assert_int_equal(p.classic, classic);
            assert_int_equal(p.assurance, a);
        }
    }
    kit.plan.assurance = 3;
    assert_int_equal(decode_again(), ERR_RANGE);
    kit.plan.assurance = 0;
    assert_int_equal(decode_again(), ERR_RANGE);
    kit.plan.assurance = PLAN_SIMULATED;
    kit.plan.classic = 2;
    assert_int_equal(decode_again(), ERR_RANGE);
    kit.plan.classic = PLAN_CLASSIC_SHARED;
    kit.plan.threshold = 2;
    assert_int_equal(decode_again(), ERR_RANGE);
    kit.plan.threshold = 3;
    kit.plan.classic = PLAN_CLASSIC_NODE;
    assert_int_equal(decode_again(), ERR_OK);
}

/* Number and previous go together. */
static void epochs_are_a_chain(void **state)
{
    struct plan p;

    (void)state;
    kit.plan.number = 0;
    assert_int_equal(decode_again(), ERR_RANGE);
    kit.plan.number = 2;
    assert_int_equal(decode_again(), ERR_RANGE);
    kit.plan.previous[47] = 1;
    assert_int_equal(decode_again(), ERR_OK);
    assert_int_equal(plan_decode(kit.encoded, &p), ERR_OK);
    assert_int_equal(p.number, 2);
    assert_memory_equal(p.previous, kit.plan.previous, sizeof p.previous);
    kit.plan.number = 1;
    assert_int_equal(decode_again(), ERR_RANGE);
    kit.plan.previous[47] = 0;
    assert_int_equal(decode_again(), ERR_OK);
}

static void a_policy_is_bounded(void **state)
{
    static uint8_t text[PLAN_POLICY_MAX + 1];
    const struct view good = kit.plan.policy;
    struct plan p;

    (void)state;
    kit.plan.policy = (struct view){text, PLAN_POLICY_MAX};
    assert_int_equal(decode_again(), ERR_OK);
    kit.plan.policy.n++;
    assert_int_equal(decode_again(), ERR_RANGE);
    kit.plan.policy = good;
    assert_int_equal(decode_again(), ERR_OK);
    kit.bytes[5 + 1 + 8 + 48] = 0;
    kit.bytes[5 + 1 + 8 + 48 + 1] = 0;
    assert_int_equal(plan_decode(kit.encoded, &p), ERR_RANGE);
}

static void machines_are_bounded(void **state)
{
    static uint8_t ids[PLAN_PLATFORMS_MAX + 1][PLAN_PLATFORM_LEN];
    struct plan_node *const n = &kit.plan.nodes[2];
    const struct plan_node good = *n;

    (void)state;
    n->provider = plan_kit_text("");
    assert_int_equal(decode_again(), ERR_RANGE);
    n->provider = plan_kit_text("a b");
    assert_int_equal(decode_again(), ERR_RANGE);
    n->provider = plan_kit_text("a2345678901234567890123456789012");
    assert_int_equal(decode_again(), ERR_OK);
    n->provider = plan_kit_text("a23456789012345678901234567890123");
    assert_int_equal(decode_again(), ERR_RANGE);
    *n = good;
    for (size_t i = 0; i <= PLAN_PLATFORMS_MAX; i++) {
        ids[i][63] = (uint8_t)(i + 1);
    }
    n->platforms = (struct view){ids[0], 0};
    assert_int_equal(decode_again(), ERR_RANGE);
    n->platforms.n = (size_t)PLAN_PLATFORMS_MAX * PLAN_PLATFORM_LEN;
    assert_int_equal(decode_again(), ERR_OK);
    n->platforms.n = sizeof ids;
    assert_int_equal(decode_again(), ERR_RANGE);
    n->platforms.n = (size_t)2 * PLAN_PLATFORM_LEN;
    ids[0][63] = 2;
    assert_int_equal(decode_again(), ERR_ENCODING);
    ids[0][63] = 3;
    assert_int_equal(decode_again(), ERR_ENCODING);
    ids[0][63] = 0; /* zero is no machine */
    assert_int_equal(decode_again(), ERR_RANGE);
    *n = good;
    assert_int_equal(decode_again(), ERR_OK);
}

/* Of any node, the spare too. */
static void no_machine_is_listed_twice(void **state)
{
    struct plan_node *const n = &kit.plan.nodes[3];
    const struct plan_node good = *n;

    (void)state;
    n->platforms = kit.plan.nodes[0].platforms;
    assert_int_equal(decode_again(), ERR_ENCODING);
    n->platforms.p = plan_platform(&kit.plan.nodes[1], 1);
    assert_int_equal(decode_again(), ERR_ENCODING);
    *n = good;
    assert_int_equal(decode_again(), ERR_OK);
    assert_true(plan_lists_platform(&kit.plan.nodes[1], plan_platform(&kit.plan.nodes[1], 1)));
    assert_false(plan_lists_platform(&kit.plan.nodes[0], plan_platform(&kit.plan.nodes[1], 1)));
}

static void no_provider_can_sign_alone(void **state)
{
    (void)state;
    kit.plan.nodes[1].provider = plan_kit_text("p0");
    assert_int_equal(decode_again(), ERR_OK);
    kit.plan.nodes[4].provider = plan_kit_text("p0");
    assert_int_equal(decode_again(), ERR_RANGE);
    kit.plan.nodes[1].provider = plan_kit_text("p1");
    kit.plan.nodes[4].provider = plan_kit_text("p4");
    assert_int_equal(decode_again(), ERR_OK);
}

/* What docs/wire.md shows. */
static void golden_hashes_hold(void **state)
{
    uint8_t out[PLAN_HASH_LEN];
    char text[2 * PLAN_HASH_LEN + 1];

    (void)state;
    plan_hash(kit.encoded, out);
    hex_write((struct view){out, sizeof out}, text);
    assert_string_equal(text, "03e1d6489fc592cbea5b79e3e09c44a01f63cbbcb61ccad4"
                              "1b8e4ba89c328bc66ceb6fcada1d09fea5dde6107133a2bb");
    hex_write((struct view){kit.encoded.p, 16}, text);
    assert_string_equal(text, "03030541010001000000000000000000");
    assert_int_equal(kit.encoded.n, 1624);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_encoding),
        cmocka_unit_test(the_key_and_the_assurance_are_said),
        cmocka_unit_test(epochs_are_a_chain),
        cmocka_unit_test(a_policy_is_bounded),
        cmocka_unit_test(machines_are_bounded),
        cmocka_unit_test(no_machine_is_listed_twice),
        cmocka_unit_test(no_provider_can_sign_alone),
        cmocka_unit_test(golden_hashes_hold),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
