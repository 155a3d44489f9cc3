/* Orders to let a fresh process have a lost node's place: their bytes, who may give them, and
 * what a node remembers of them. docs/wire.md 15.1. */
#include "order_cases.h"
#include "reenrol_kit.h"
#include "testing.h"

static struct plan_kit kit;
static const uint8_t epoch_id[EPOCH_ID_LEN] = {0xe0, 0xe1};
static uint8_t bytes[REENROL_ORDER_MAX];

static int set_up(void **state)
{
    (void)state;
    return plan_kit_make(&kit, 3, 5) == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    plan_kit_free(&kit);
    return 0;
}

static struct reenrol_order order(uint8_t node, uint32_t attempt, unsigned operators)
{
    struct reenrol_order o;

    assert_int_equal(reenrol_kit_order(&kit, epoch_id, node, attempt, operators, &o), ERR_OK);
    return o;
}

static struct view encoded(const struct reenrol_order *o)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view v;

    reenrol_order_encode(&w, o);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static enum err decode(struct view in)
{
    struct reenrol_order o;

    return reenrol_order_decode(in, &o);
}

static enum err judge(const struct reenrol_order *o)
{
    return reenrol_order_judge(o, &kit.plan, epoch_id);
}

static void it_has_these_bytes(void **state)
{
    const struct reenrol_order o = order(4, 0x01020304, 3);
    const struct view v = encoded(&o);
    uint8_t want[TECDSA_HASH_LEN];
    uint8_t hash[TECDSA_HASH_LEN];

    (void)state;
    assert_int_equal(v.n, REENROL_BODY_LEN + 1 + 2 * 97);
    assert_memory_equal(v.p, "quorate-order-v1\xe0\xe1", 18);
    assert_memory_equal(v.p + 64, "\x04\x04\x03\x02\x01\x04", 6);
    assert_memory_equal(v.p + 166, "\x04\x04\x77", 3);
    assert_memory_equal(v.p + 198, "\x04\x04\x88", 3);
    assert_memory_equal(v.p + 230, "\x00\x00\x02\x00", 4);
    assert_int_equal(v.p[233 + 97], 1);
    reenrol_order_hash(&o, hash);
    (void)hex_bytes("368a7d38ea6393659f5d107088aedf6f9bfd58744b2cc385"
                    "30223f1a15b4b80205b33f8b7f4b0ad01afcf73137baf15d",
                    want, sizeof want);
    assert_memory_equal(hash, want, sizeof hash);
}

/* Of a plan with a policy it names a machine, between the nonce and the signatures. */
static void a_machine_stands_in_it(void **state)
{
    uint8_t machine[PLAN_PLATFORM_LEN];
    uint8_t want[TECDSA_HASH_LEN];
    uint8_t hash[TECDSA_HASH_LEN];
    struct reenrol_order o = order(4, 0x01020304, 0);
    struct reenrol_order out;
    struct view v;

    (void)state;
    memset(machine, 0x3c, sizeof machine);
    o.platform = (struct view){machine, sizeof machine};
    assert_int_equal(reenrol_kit_sign(&kit, 1, &o), ERR_OK);
    v = encoded(&o);
    assert_int_equal(v.n, REENROL_BODY_MAX + 1 + 97);
    assert_memory_equal(v.p + 230, "\x40\x00\x3c\x3c", 4);
    assert_memory_equal(v.p + 294, "\x3c\x3c\x01\x00", 4);
    reenrol_order_hash(&o, hash);
    (void)hex_bytes("317124852f31eb68c4d893c69f08adb381d51d35056e90ec"
                    "cc482546ad7014a1e6b046df8547b201c97909c5f4cdda9c",
                    want, sizeof want);
    assert_memory_equal(hash, want, sizeof hash);
    assert_int_equal(reenrol_order_decode(v, &out), ERR_OK);
    assert_true(view_equal(out.platform, o.platform));
    refuses_every_prefix_of(decode, v);
    survives_every_flip_of(decode, v);
    assert_int_equal(parse_with(decode, v, 230, 0x3f), ERR_RANGE);
    assert_int_equal(parse_with(decode, v, 230, 0x41), ERR_RANGE);
    assert_int_equal(parse_with(decode, v, 231, 1), ERR_RANGE);
    o.n = 0;
    for (uint8_t i = 0; i < PLAN_OPERATORS_MAX; i++) {
        o.signatures[o.n++].place = i;
    }
    assert_int_equal(encoded(&o).n, REENROL_ORDER_MAX);
}

static void reads_back_and_nothing_else(void **state)
{
    const struct reenrol_order o = order(2, 1, 2);
    const struct view v = encoded(&o);
    struct reenrol_order out;

    (void)state;
    assert_int_equal(reenrol_order_decode(v, &out), ERR_OK);
    assert_int_equal(out.node, 2);
    assert_int_equal(out.n, 1);
    assert_int_equal(out.signatures[0].place, 1);
    refuses_every_prefix_of(decode, v);
    refuses_a_byte_after(decode, v);
    survives_every_flip_of(decode, v);
}

static void ranges_are_checked(void **state)
{
    struct reenrol_order o = order(2, 1, 3);
    struct view v = encoded(&o);

    (void)state;
    order_cases_refuse_signatures(decode, v, REENROL_BODY_LEN);
    assert_int_equal(parse_with(decode, v, 64, PLAN_NODES_MAX), ERR_RANGE);
    assert_int_equal(parse_with(decode, v, 65, 0), ERR_RANGE);           /* attempt 0 */
    assert_int_equal(parse_with(decode, v, 70, v.p[70] ^ 1), ERR_RANGE); /* no point */
    assert_int_equal(parse_with(decode, v, 230, 1), ERR_RANGE);
    assert_int_equal(parse_with(decode, v, 233, PLAN_OPERATORS_MAX), ERR_RANGE);
    o.attempt = UINT32_MAX;
    v = encoded(&o);
    assert_int_equal(decode(v), ERR_RANGE);
}

static enum err judge_signed(unsigned operators)
{
    const struct reenrol_order o = order(4, 1, operators);

    return judge(&o);
}

static void as_many_operators_as_the_plan_says(void **state)
{
    (void)state;
    order_cases_count_operators(&kit.plan, judge_signed);
}

/* One signature of another does not count, whatever the others are. */
static void a_signature_that_is_not_genuine_spoils_it(void **state)
{
    struct reenrol_order o = order(4, 1, 3);
    const struct reenrol_signature first = o.signatures[0];

    (void)state;
    o.signatures[0].signature[95] ^= 1;
    assert_int_equal(judge(&o), ERR_SIGNATURE);
    memcpy(o.signatures[0].signature, o.signatures[1].signature, P384_SIG_LEN);
    assert_int_equal(judge(&o), ERR_SIGNATURE);
    o.signatures[0] = first;
    o.signatures[1].place = 2;
    assert_int_equal(judge(&o), ERR_MISMATCH);
}

/* Every field is under the signatures. */
static void a_changed_order_is_none(void **state)
{
    const struct reenrol_order good = order(4, 1, 1);
    struct reenrol_order o = good;

    (void)state;
    o.attempt++;
    assert_int_equal(judge(&o), ERR_SIGNATURE);
    o = good;
    o.node = 3;
    assert_int_equal(judge(&o), ERR_SIGNATURE);
    o = good;
    o.signing_key[0] ^= 1;
    assert_int_equal(judge(&o), ERR_SIGNATURE);
    o = good;
    o.boot_nonce[31] ^= 1;
    assert_int_equal(judge(&o), ERR_SIGNATURE);
    o = good;
    memcpy(o.identity, kit.keys[PLAN_NODES_MAX + 1].public_key, sizeof o.identity);
    assert_int_equal(judge(&o), ERR_SIGNATURE);
    o = good;
    o.epoch_id[47] ^= 1; /* another epoch's, genuine there */
    assert_int_equal(judge(&o), ERR_MISMATCH);
}

static void a_key_that_a_node_has_is_refused(void **state)
{
    struct reenrol_order o = order(4, 1, 0);

    (void)state;
    memcpy(o.identity, kit.plan.nodes[4].identity, sizeof o.identity);
    assert_int_equal(reenrol_kit_sign(&kit, 1, &o), ERR_OK);
    assert_int_equal(judge(&o), ERR_MISMATCH);
    o = order(4, 1, 0);
    memcpy(o.signing_key, kit.plan.nodes[1].signing_key, sizeof o.signing_key);
    assert_int_equal(reenrol_kit_sign(&kit, 1, &o), ERR_OK);
    assert_int_equal(judge(&o), ERR_MISMATCH);
    o = order(4, 1, 0);
    memcpy(o.boot_nonce, kit.plan.nodes[0].boot_nonce, sizeof o.boot_nonce);
    assert_int_equal(reenrol_kit_sign(&kit, 1, &o), ERR_OK);
    assert_int_equal(judge(&o), ERR_MISMATCH);
    o = order(5, 1, 1); /* of five nodes */
    assert_int_equal(judge(&o), ERR_MISMATCH);
}

/* ---- what a node remembers ---- */

static struct plan plan;
static struct reenrol_roster roster;

static enum err take(uint8_t node, uint32_t attempt)
{
    const struct reenrol_order o = order(node, attempt, 1);

    return reenrol_roster_take(&roster, &plan, epoch_id, &o);
}

static void start(void)
{
    plan = kit.plan;
    reenrol_roster_init(&roster);
}

static void an_order_changes_who_a_node_is(void **state)
{
    struct reenrol_order o = order(4, 7, 1);

    (void)state;
    start();
    assert_int_equal(roster.incarnation[4], 1);
    assert_false(reenrol_roster_has(&roster, &o));
    assert_int_equal(take(4, 7), ERR_OK);
    assert_true(reenrol_roster_has(&roster, &o));
    assert_int_equal(roster.incarnation[4], 8);
    assert_int_equal(roster.incarnation[3], 1);
    assert_memory_equal(plan.nodes[4].identity, o.identity, sizeof o.identity);
    assert_memory_equal(plan.nodes[4].signing_key, o.signing_key, sizeof o.signing_key);
    assert_memory_equal(plan.nodes[4].boot_nonce, o.boot_nonce, sizeof o.boot_nonce);
    assert_memory_equal(plan.nodes[3].identity, kit.plan.nodes[3].identity, P384_PUBLIC_LEN);
    o.n = 0;
    assert_true(reenrol_roster_has(&roster, &o));
}

/* Replayed, or of before. */
static void an_order_is_taken_once_and_none_from_before(void **state)
{
    (void)state;
    start();
    assert_int_equal(take(4, 7), ERR_OK);
    assert_int_equal(take(4, 7), ERR_STALE);
    assert_int_equal(take(4, 6), ERR_STALE);
    assert_int_equal(take(4, 8), ERR_OK);
    assert_int_equal(take(2, 1), ERR_OK); /* what a node missed it learns later */
    assert_int_equal(roster.incarnation[2], 2);
}

static void a_third_node_ends_the_epoch(void **state)
{
    const struct plan before = kit.plan;

    (void)state;
    start();
    assert_int_equal(take(4, 1), ERR_OK);
    assert_int_equal(take(1, 2), ERR_OK);
    assert_int_equal(take(0, 3), ERR_HALTED);
    assert_int_equal(roster.incarnation[0], 1);
    assert_memory_equal(plan.nodes[0].identity, before.nodes[0].identity, P384_PUBLIC_LEN);
    assert_int_equal(take(1, 4), ERR_OK); /* the same one again is no third */
}

/* Signed by operators all the same, for its own place or another, in one frame or later. */
static void a_key_that_a_node_had_is_refused(void **state)
{
    const struct plan_node first = kit.plan.nodes[4];
    struct plan before;

    (void)state;
    start();
    assert_int_equal(take(4, 1), ERR_OK);
    before = plan;
    for (unsigned what = 0; what < 3; what++) {
        for (uint8_t node = 3; node < 5; node++) {
            struct reenrol_order o = order(node, 2, 0);

            if (what == 0) {
                memcpy(o.identity, first.identity, sizeof o.identity);
            } else if (what == 1) {
                memcpy(o.signing_key, first.signing_key, sizeof o.signing_key);
            } else {
                memcpy(o.boot_nonce, first.boot_nonce, sizeof o.boot_nonce);
            }
            assert_int_equal(reenrol_kit_sign(&kit, 1, &o), ERR_OK);
            assert_int_equal(reenrol_order_judge(&o, &plan, epoch_id), ERR_OK);
            assert_int_equal(reenrol_roster_take(&roster, &plan, epoch_id, &o), ERR_MISMATCH);
            assert_memory_equal(&plan, &before, sizeof plan);
            assert_int_equal(roster.incarnation[node], node == 4 ? 2 : 1);
        }
    }
    assert_int_equal(take(4, 2), ERR_OK);
}

/* Whom each of them replaced is remembered, so there are only so many. */
static void orders_of_an_epoch_are_bounded(void **state)
{
    (void)state;
    start();
    for (uint32_t attempt = 1; attempt <= REENROL_TAKEN_MAX; attempt++) {
        assert_int_equal(take(4, attempt), ERR_OK);
    }
    assert_int_equal(take(4, REENROL_TAKEN_MAX + 1), ERR_HALTED);
    assert_int_equal(roster.incarnation[4], REENROL_TAKEN_MAX + 1);
}

static void one_at_a_time(void **state)
{
    (void)state;
    start();
    roster.epoch.live = true;
    assert_int_equal(take(4, 1), ERR_STATE);
    roster.epoch.live = false;
    assert_int_equal(take(4, 1), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_these_bytes),
        cmocka_unit_test(a_machine_stands_in_it),
        cmocka_unit_test(reads_back_and_nothing_else),
        cmocka_unit_test(ranges_are_checked),
        cmocka_unit_test(as_many_operators_as_the_plan_says),
        cmocka_unit_test(a_signature_that_is_not_genuine_spoils_it),
        cmocka_unit_test(a_changed_order_is_none),
        cmocka_unit_test(a_key_that_a_node_has_is_refused),
        cmocka_unit_test(an_order_changes_who_a_node_is),
        cmocka_unit_test(a_key_that_a_node_had_is_refused),
        cmocka_unit_test(orders_of_an_epoch_are_bounded),
        cmocka_unit_test(an_order_is_taken_once_and_none_from_before),
        cmocka_unit_test(a_third_node_ends_the_epoch),
        cmocka_unit_test(one_at_a_time),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
