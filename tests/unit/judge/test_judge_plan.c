/* A core agrees to a plan only if all of it is what the core itself is and was started with. */
#include "plan_kit.h"
#include "testing.h"

#include "enclave/judge/judge_plan.h"

#include <string.h>

#define PLACE 1 /* of the core in the plan */

static struct plan_kit kit;
static struct boot_args args;
static struct plan_own own;
static uint8_t identity[P384_PUBLIC_LEN], signing_key[PLAN_SIGNING_KEY_LEN],
    boot_nonce[PLAN_NONCE_LEN];

/* Two of three, with two policies, and a core that agrees. */
static int setup(void **state)
{
    static const uint8_t other_oid[] = {0x2b, 0x07};
    struct plan_node *const n = &kit.plan.nodes[PLACE];

    (void)state;
    if (plan_kit_make(&kit, 2, 3) != ERR_OK) {
        return -1;
    }
    kit.plan.policies[1] = kit.plan.policies[0];
    kit.plan.policies[1].number++;
    kit.plan.policies[1].oid = (struct view){other_oid, sizeof other_oid};
    kit.plan.n_policies = 2;
    memset(&args, 0, sizeof args);
    for (size_t i = 0; i < 2; i++) { /* in another order */
        const struct hello_policy *const p = &kit.plan.policies[1 - i];
        struct boot_policy *const mine = &args.policies[i];

        mine->number = p->number;
        mine->key = p->key;
        mine->rule.digits = p->digits;
        mine->rule.min_accuracy_ms = p->min_accuracy_ms;
        mine->rule.max_accuracy_ms = p->max_accuracy_ms;
        mine->oid_len = (uint8_t)p->oid.n;
        memcpy(mine->oid, p->oid.p, p->oid.n);
    }
    args.n_policies = 2;
    memcpy(identity, n->identity, sizeof identity);
    memcpy(signing_key, n->signing_key, sizeof signing_key);
    memcpy(boot_nonce, n->boot_nonce, sizeof boot_nonce);
    own = (struct plan_own){&args, 2, 3, identity, signing_key, boot_nonce, false};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    plan_kit_free(&kit);
    return 0;
}

static void is(enum err e)
{
    assert_int_equal(plan_kit_encode(&kit), ERR_OK);
    assert_int_equal(judge_plan(&own, kit.encoded), e);
}

static void a_plan_of_its_own(void **state)
{
    (void)state;
    is(ERR_OK);
    kit.encoded.n--;
    assert_int_equal(judge_plan(&own, kit.encoded), ERR_TRUNCATED);
}

static void other_numbers(void **state)
{
    (void)state;
    own.threshold = 3;
    is(ERR_POLICY);
    own.threshold = 2;
    own.total = 4;
    is(ERR_POLICY);
    own.total = 3;
    is(ERR_OK);
}

static void other_policies(void **state)
{
    struct boot_policy *const mine = &args.policies[0];
    const struct boot_policy good = *mine;

    (void)state;
    args.n_policies = 1; /* the plan has one more */
    is(ERR_POLICY);
    args.n_policies = 3;
    is(ERR_POLICY);
    args.n_policies = 2;
    mine->number = 9;
    is(ERR_POLICY);
    *mine = good;
    mine->key = KEY_CLASSIC;
    is(ERR_POLICY);
    *mine = good;
    mine->rule.digits = 2;
    is(ERR_POLICY);
    *mine = good;
    mine->rule.ordering = true;
    is(ERR_POLICY);
    *mine = good;
    mine->rule.min_accuracy_ms++;
    is(ERR_POLICY);
    *mine = good;
    mine->rule.max_accuracy_ms++;
    is(ERR_POLICY);
    *mine = good;
    mine->oid[1]++;
    is(ERR_POLICY);
    *mine = good;
    mine->oid_len--;
    is(ERR_POLICY);
    *mine = good;
    is(ERR_OK);
}

/* Each of the three is of this core: one of another start, or of another core, is not enough.
 */
static void another_node(void **state)
{
    uint8_t *const parts[] = {identity, signing_key, boot_nonce};

    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        parts[i][1] ^= 1;
        is(ERR_MISMATCH);
        parts[i][1] ^= 1;
    }
    memcpy(boot_nonce, kit.plan.nodes[0].boot_nonce, sizeof boot_nonce);
    is(ERR_MISMATCH);
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {EACH(a_plan_of_its_own), EACH(other_numbers),
                                       EACH(other_policies), EACH(another_node)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
