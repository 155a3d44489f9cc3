/* The rule by which a core has to do with orders that give a place to another process: each
 * branch of it, and that nothing changes where it says no. */
#include "reenrol_kit.h"
#include "testing.h"

#include "enclave/repair/takeover.h"

#define LOST 4

static struct plan_kit kit;
static const uint8_t epoch_id[EPOCH_ID_LEN] = {0xe0, 0xe1};
static struct reenrol_roster roster;
static struct plan plan;
static bool taken;

static const struct takeover holder = {
    .serving = true, .has_share = true, .in_use = true, .place = 1};
static const struct takeover fresh = {.serving = true, .place = 0xff};

static int make(void **state)
{
    (void)state;
    return plan_kit_make(&kit, 3, 5) == ERR_OK ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    plan_kit_free(&kit);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    reenrol_roster_init(&roster);
    plan = kit.plan;
    return 0;
}

static struct reenrol_order order(uint8_t node, uint32_t attempt)
{
    struct reenrol_order o;

    assert_int_equal(reenrol_kit_order(&kit, epoch_id, node, attempt, 1, &o), ERR_OK);
    return o;
}

static enum err take(const struct takeover *t, const struct reenrol_order *o, bool is_last)
{
    return takeover_take(t, &roster, &plan, epoch_id, o, is_last, &taken);
}

/* ---- when ---- */

static void a_core_that_holds_a_share(void **state)
{
    struct takeover t = holder;

    (void)state;
    assert_int_equal(takeover_may_begin(&t, false), ERR_OK);
    assert_int_equal(takeover_may_begin(&t, true), ERR_STATE); /* it needs none */
    t.in_use = false;
    assert_int_equal(takeover_may_begin(&t, false), ERR_STATE);
    t = holder;
    t.has_share = false;
    assert_int_equal(takeover_may_begin(&t, false), ERR_STATE);
    t = holder;
    t.repairing = true;
    assert_int_equal(takeover_may_begin(&t, false), ERR_STATE);
    t = holder;
    t.serving = false;
    assert_int_equal(takeover_may_begin(&t, false), ERR_STATE);
    t = holder;
    t.in_ceremony = true; /* the one that its share came of is over: no matter */
    assert_int_equal(takeover_may_begin(&t, false), ERR_OK);
}

static void a_fresh_process(void **state)
{
    struct takeover t = fresh;

    (void)state;
    assert_int_equal(takeover_may_begin(&t, true), ERR_OK);
    assert_int_equal(takeover_may_begin(&t, false), ERR_STATE);
    t.in_ceremony = true;
    assert_int_equal(takeover_may_begin(&t, true), ERR_STATE);
    t = fresh;
    t.repairing = true;
    assert_int_equal(takeover_may_begin(&t, true), ERR_STATE);
    t = fresh;
    t.serving = false;
    assert_int_equal(takeover_may_begin(&t, true), ERR_STATE);
    t = fresh;
    t.in_use = true; /* says nothing without a share */
    assert_int_equal(takeover_may_begin(&t, true), ERR_OK);
    assert_int_equal(takeover_may_begin(&t, false), ERR_STATE);
}

/* ---- what becomes of an order ---- */

static void it_is_taken_once(void **state)
{
    const struct reenrol_order o = order(LOST, 1);

    (void)state;
    assert_int_equal(take(&holder, &o, true), ERR_OK);
    assert_true(taken);
    assert_int_equal(roster.incarnation[LOST], 2);
    assert_memory_equal(plan.nodes[LOST].identity, o.identity, sizeof o.identity);
    assert_int_equal(take(&holder, &o, true), ERR_OK); /* the very same: no fence again */
    assert_false(taken);
    assert_int_equal(roster.incarnation[LOST], 2);
}

/* Even with operators' signatures: who has a share and lives gives its place to nobody. */
static void not_of_the_own_place(void **state)
{
    const struct reenrol_order o = order(holder.place, 1);

    (void)state;
    assert_int_equal(take(&holder, &o, true), ERR_MISMATCH);
    assert_false(taken);
    assert_int_equal(roster.incarnation[holder.place], 1);
    assert_memory_equal(&plan, &kit.plan, sizeof plan);
    const struct takeover none = {.serving = true, .place = holder.place};

    assert_int_equal(take(&none, &o, true), ERR_OK); /* who has none, has no place */
    assert_true(taken);
}

/* Orders that others took before are told with the last one; late, they are no error. */
static void one_that_a_later_one_followed(void **state)
{
    const struct reenrol_order first = order(LOST, 1);
    const struct reenrol_order second = order(LOST, 2);

    (void)state;
    assert_int_equal(take(&holder, &second, true), ERR_OK);
    assert_int_equal(take(&holder, &first, false), ERR_OK);
    assert_false(taken);
    assert_int_equal(take(&holder, &first, true), ERR_STALE);
    assert_false(taken);
    assert_int_equal(roster.incarnation[LOST], 3);
    assert_memory_equal(plan.nodes[LOST].identity, second.identity, sizeof second.identity);
}

static void what_operators_did_not_order(void **state)
{
    struct reenrol_order o = order(LOST, 1);

    (void)state;
    o.attempt++;
    assert_int_equal(take(&holder, &o, false), ERR_SIGNATURE); /* the last or not */
    assert_false(taken);
    o = order(LOST, 1);
    roster.epoch.live = true;
    assert_int_equal(take(&holder, &o, true), ERR_STATE);
    assert_false(taken);
    roster.epoch.live = false;
    assert_int_equal(take(&holder, &o, true), ERR_OK);
    o = order(3, 2);
    assert_int_equal(take(&holder, &o, true), ERR_OK);
    o = order(2, 3);
    assert_int_equal(take(&holder, &o, false), ERR_HALTED); /* a third place */
    assert_false(taken);
}

/* Under a policy it names a machine that the plan lists for that very node; without, none. */
static void under_a_policy_it_names_a_machine(void **state)
{
    static const uint8_t policy[] = "[guest]";
    struct plan_kit attested = kit;
    struct reenrol_order o = order(LOST, 1);

    (void)state;
    assert_int_equal(plan_kit_attest(&attested, (struct view){policy, sizeof policy - 1}),
                     ERR_OK);
    plan = attested.plan;
    assert_int_equal(take(&holder, &o, true), ERR_EVIDENCE);
    o.platform = (struct view){plan.nodes[0].platforms.p, PLAN_PLATFORM_LEN};
    assert_int_equal(reenrol_kit_sign(&kit, 1, &o), ERR_OK);
    assert_int_equal(take(&holder, &o, true), ERR_EVIDENCE); /* another node's */
    assert_false(taken);
    assert_null(reenrol_roster_platform(&roster, LOST));
    o.platform.p = plan.nodes[LOST].platforms.p;
    assert_int_equal(take(&holder, &o, true), ERR_SIGNATURE); /* not what was signed */
    assert_int_equal(reenrol_kit_sign(&kit, 1, &o), ERR_OK);
    assert_int_equal(take(&holder, &o, true), ERR_OK);
    assert_true(taken);
    assert_memory_equal(reenrol_roster_platform(&roster, LOST), plan.nodes[LOST].platforms.p,
                        PLAN_PLATFORM_LEN);
    reenrol_roster_init(&roster);
    plan = kit.plan;
    assert_int_equal(take(&holder, &o, true), ERR_EVIDENCE);
}

/* ---- who ---- */

static void helpers_are_who_the_mask_says(void **state)
{
    (void)state;
    assert_true(takeover_helps(&holder, 1U << holder.place));
    assert_true(takeover_helps(&holder, 0x07));
    assert_false(takeover_helps(&holder, 0x0d));
    assert_false(takeover_helps(&holder, 0));
    assert_false(takeover_helps(&fresh, 0)); /* and its place is none */
    const struct takeover none = {.serving = true, .place = 1};

    assert_false(takeover_helps(&none, 0x07));
}

static void it_is_for_one_process(void **state)
{
    const struct reenrol_order o = order(LOST, 1);
    struct reenrol_order other = o;

    (void)state;
    assert_int_equal(takeover_is_for(&o, o.identity, o.signing_key, o.boot_nonce), ERR_OK);
    other.identity[1] ^= 1;
    other.signing_key[31] ^= 1;
    other.boot_nonce[31] ^= 1;
    assert_int_equal(takeover_is_for(&o, other.identity, o.signing_key, o.boot_nonce),
                     ERR_MISMATCH);
    assert_int_equal(takeover_is_for(&o, o.identity, other.signing_key, o.boot_nonce),
                     ERR_MISMATCH);
    assert_int_equal(takeover_is_for(&o, o.identity, o.signing_key, other.boot_nonce),
                     ERR_MISMATCH);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        CASE(a_core_that_holds_a_share),
        CASE(a_fresh_process),
        CASE(it_is_taken_once),
        CASE(not_of_the_own_place),
        CASE(one_that_a_later_one_followed),
        CASE(what_operators_did_not_order),
        CASE(under_a_policy_it_names_a_machine),
        CASE(helpers_are_who_the_mask_says),
        CASE(it_is_for_one_process),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
