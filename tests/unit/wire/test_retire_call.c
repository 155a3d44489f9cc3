/* Orders that end an epoch, and what a core says when it has: their bytes, who may give the
 * one, and whose the other is. docs/wire.md 19. */
#include "order_cases.h"
#include "reenrol_kit.h"
#include "testing.h"

#include "base/hex.h"
#include "crypto/ed25519.h"

static struct plan_kit kit;
static const uint8_t epoch_id[EPOCH_ID_LEN] = {0xe0, 0xe1};
static uint8_t bytes[RETIRE_ORDER_MAX];
static struct ed25519_key node_key;
static struct work_stack stack;

static int set_up(void **state)
{
    static const uint8_t seed[ED25519_SEED_LEN] = {0x5e};

    (void)state;
    work_stack_init(&stack);
    if (plan_kit_make(&kit, 3, 5) != ERR_OK ||
        ed25519_key_make(&stack, seed, &node_key) != ERR_OK) {
        return -1;
    }
    memcpy(kit.plan.nodes[3].signing_key, node_key.public_key, ED25519_PUBLIC_LEN);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    plan_kit_free(&kit);
    return 0;
}

/* ---- orders ---- */

static struct retire_order order(unsigned operators)
{
    struct retire_order o;

    assert_int_equal(retire_kit_order(&kit, epoch_id, RETIRE_SUPERSEDED, operators, &o),
                     ERR_OK);
    return o;
}

static struct view encoded(const struct retire_order *o)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view v;

    retire_order_encode(&w, o);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static enum err decode(struct view in)
{
    struct retire_order o;

    return retire_order_decode(in, &o);
}

static enum err judge(const struct retire_order *o)
{
    return retire_order_judge(o, &kit.plan, epoch_id);
}

static void an_order_has_these_bytes(void **state)
{
    const struct retire_order o = order(3);
    const struct view v = encoded(&o);
    struct retire_order out;

    (void)state;
    assert_int_equal(v.n, RETIRE_BODY_LEN + 1 + 2 * 97);
    assert_memory_equal(v.p, "quorate-leave-v1\xe0\xe1", 18);
    assert_int_equal(v.p[64], 0xa7);
    assert_int_equal(v.p[111], 0xa7);
    assert_memory_equal(v.p + 112, "\x04\x02\x00", 3);
    assert_int_equal(retire_order_decode(v, &out), ERR_OK);
    assert_memory_equal(out.next, o.next, sizeof o.next);
    assert_int_equal(out.reason, RETIRE_SUPERSEDED);
    assert_int_equal(out.n, 2);
    refuses_every_prefix_of(decode, v);
    refuses_a_byte_after(decode, v);
    survives_every_flip_of(decode, v);
}

static void ranges_of_orders_are_checked(void **state)
{
    struct retire_order o = order(3);
    const struct view v = encoded(&o);

    (void)state;
    order_cases_refuse_signatures(decode, v, RETIRE_BODY_LEN);
    assert_int_equal(parse_with(decode, v, 112, 0), ERR_RANGE);
    assert_int_equal(parse_with(decode, v, 112, 2), ERR_RANGE);
    assert_int_equal(parse_with(decode, v, 112, RETIRE_CESSATION),
                     ERR_RANGE); /* and one follows */
    memset(o.next, 0, sizeof o.next);
    assert_int_equal(decode(encoded(&o)), ERR_RANGE); /* nothing took over */
    o.reason = 2;                                     /* no reason of an authority's end */
    assert_int_equal(decode(encoded(&o)), ERR_RANGE);
    o.reason = RETIRE_CESSATION;
    assert_int_equal(decode(encoded(&o)), ERR_OK);
    o.reason = RETIRE_KEY_COMPROMISE;
    assert_int_equal(decode(encoded(&o)), ERR_OK);
}

static enum err judge_signed(unsigned operators)
{
    const struct retire_order o = order(operators);

    return judge(&o);
}

static void as_many_operators_as_the_plan_says(void **state)
{
    (void)state;
    order_cases_count_operators(&kit.plan, judge_signed);
}

static void of_this_epoch_and_for_this_reason_alone(void **state)
{
    struct retire_order o = order(3);

    (void)state;
    o.reason = RETIRE_KEY_COMPROMISE;
    assert_int_equal(judge(&o), ERR_SIGNATURE);
    o = order(3);
    o.next[47] ^= 1;
    assert_int_equal(judge(&o), ERR_SIGNATURE);
    o = order(3);
    o.epoch_id[0] ^= 1;
    assert_int_equal(judge(&o), ERR_MISMATCH);
    o = order(3);
    o.signatures[1].place = 7;
    assert_int_equal(judge(&o), ERR_MISMATCH);
}

/* ---- statements ---- */

static uint8_t said[RETIRED_LEN];

static struct retired statement_of(uint32_t incarnation)
{
    struct retired s = {.place = 3,
                        .reason = RETIRE_SUPERSEDED,
                        .incarnation = incarnation,
                        .time_ns = INT64_C(1795262400000000000),
                        .seq = 258};
    uint8_t body[RETIRED_BODY_LEN];
    struct writer w = wr_init(body, sizeof body);

    memcpy(s.epoch_id, epoch_id, sizeof epoch_id);
    memcpy(s.boot_nonce, kit.plan.nodes[3].boot_nonce, sizeof s.boot_nonce);
    memset(s.order, 0x0d, sizeof s.order);
    memset(s.audit_key, 0xad, sizeof s.audit_key);
    memset(s.head, 0x4e, sizeof s.head);
    retired_body_encode(&w, &s);
    assert_int_equal(ed25519_sign(&stack, &node_key, (struct view){body, w.len}, s.signature),
                     ERR_OK);
    return s;
}

static struct retired statement(void)
{
    return statement_of(1);
}

static struct view written(const struct retired *s)
{
    struct writer w = wr_init(said, sizeof said);
    struct view v;

    retired_encode(&w, s);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static enum err read_back(struct view in)
{
    struct retired s;

    return retired_decode(in, &s);
}

static void a_statement_has_these_bytes(void **state)
{
    static const char golden[] =
        "5b7694e0e50996279f9590283d4b1f2f9db2fde5021f391ca2ea5a3765cbe056"
        "de89813741c688b6b7693eb7893e9cc2";
    const struct retired s = statement();
    const struct view v = written(&s);
    struct retired out;
    uint8_t hash[P384_DIGEST_LEN];
    char hex[2 * P384_DIGEST_LEN + 1];

    (void)state;
    assert_int_equal(v.n, RETIRED_LEN);
    assert_memory_equal(v.p, "quorate-retired-v1\xe0\xe1", 20);
    assert_memory_equal(v.p + 66, "\x03\x04\x01\x00\x00\x00", 6);
    hash_once(HASH_SHA384, v, hash);
    hex_write((struct view){hash, sizeof hash}, hex);
    assert_string_equal(hex, golden);
    assert_int_equal(retired_decode(v, &out), ERR_OK);
    assert_memory_equal(&out, &s, sizeof s);
    refuses_every_prefix_of(read_back, v);
    refuses_a_byte_after(read_back, v);
    survives_every_flip_of(read_back, v);
    assert_int_equal(parse_with(read_back, v, 12, 'x'), ERR_TAG);
    assert_int_equal(parse_with(read_back, v, 66, PLAN_NODES_MAX), ERR_RANGE);
    assert_int_equal(parse_with(read_back, v, 67, 3), ERR_RANGE);
    assert_int_equal(parse_with(read_back, v, 68, 0), ERR_RANGE); /* incarnation 0 */
}

static void only_the_plans_node_says_it(void **state)
{
    struct retired s = statement();

    (void)state;
    assert_int_equal(retired_judge(&s, &kit.plan, epoch_id), ERR_OK);
    s.seq++;
    assert_int_equal(retired_judge(&s, &kit.plan, epoch_id), ERR_SIGNATURE);
    s = statement();
    s.place = 2; /* another's boot nonce */
    assert_int_equal(retired_judge(&s, &kit.plan, epoch_id), ERR_MISMATCH);
    memcpy(s.boot_nonce, kit.plan.nodes[2].boot_nonce, sizeof s.boot_nonce);
    assert_int_equal(retired_judge(&s, &kit.plan, epoch_id), ERR_SIGNATURE);
    s.place = 5; /* of six, but not of this plan: it has neither nonce nor key there */
    assert_int_equal(retired_judge(&s, &kit.plan, epoch_id), ERR_MISMATCH);
    memset(s.boot_nonce, 0, sizeof s.boot_nonce);
    assert_int_equal(retired_judge(&s, &kit.plan, epoch_id), ERR_MISMATCH);
    s = statement();
    s.incarnation = 2; /* by an order: no plan has its key */
    assert_int_equal(retired_judge(&s, &kit.plan, epoch_id), ERR_MISMATCH);
    s = statement();
    s.epoch_id[47] ^= 1;
    assert_int_equal(retired_judge(&s, &kit.plan, epoch_id), ERR_MISMATCH);
}

/* Of who came by an order, what the order says. */
static void only_the_process_of_the_order_says_it(void **state)
{
    const struct retired s = statement_of(2);
    struct reenrol_order good = {.node = 3, .attempt = 1}, o;

    (void)state;
    memcpy(good.epoch_id, epoch_id, sizeof epoch_id);
    memcpy(good.boot_nonce, s.boot_nonce, sizeof good.boot_nonce);
    memcpy(good.signing_key, node_key.public_key, sizeof good.signing_key);
    assert_int_equal(retired_judge_ordered(&s, &good), ERR_OK);
    o = good;
    o.epoch_id[47] ^= 1;
    assert_int_equal(retired_judge_ordered(&s, &o), ERR_MISMATCH);
    o = good;
    o.node = 2;
    assert_int_equal(retired_judge_ordered(&s, &o), ERR_MISMATCH);
    o = good;
    o.attempt = 2;
    assert_int_equal(retired_judge_ordered(&s, &o), ERR_MISMATCH);
    o = good;
    o.boot_nonce[0] ^= 1;
    assert_int_equal(retired_judge_ordered(&s, &o), ERR_MISMATCH);
    o = good;
    memcpy(o.signing_key, kit.plan.nodes[2].signing_key, sizeof o.signing_key);
    assert_int_equal(retired_judge_ordered(&s, &o), ERR_SIGNATURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_has_these_bytes),
        cmocka_unit_test(ranges_of_orders_are_checked),
        cmocka_unit_test(as_many_operators_as_the_plan_says),
        cmocka_unit_test(of_this_epoch_and_for_this_reason_alone),
        cmocka_unit_test(a_statement_has_these_bytes),
        cmocka_unit_test(only_the_plans_node_says_it),
        cmocka_unit_test(only_the_process_of_the_order_says_it),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
