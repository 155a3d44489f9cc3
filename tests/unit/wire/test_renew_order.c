/* Orders to have a pair of nodes try once more: their bytes, and who may give them.
 * docs/wire.md 14.5. */
#include "order_cases.h"
#include "reenrol_kit.h"
#include "testing.h"

#include "wire/renew_order.h"

static struct plan_kit kit;
static const uint8_t epoch_id[EPOCH_ID_LEN] = {0xe0, 0xe1};
static uint8_t bytes[RENEW_ORDER_MAX];

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

static struct renew_order order(unsigned operators)
{
    struct renew_order o;

    assert_int_equal(renew_kit_order(&kit, epoch_id, 1, 4, 0x01020304, operators, &o), ERR_OK);
    return o;
}

static struct view encoded(const struct renew_order *o)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view v;

    renew_order_encode(&w, o);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static enum err decode(struct view in)
{
    struct renew_order o;

    return renew_order_decode(in, &o);
}

static enum err judge(const struct renew_order *o)
{
    return renew_order_judge(o, &kit.plan, epoch_id);
}

static void it_has_these_bytes(void **state)
{
    const struct renew_order o = order(3);
    const struct view v = encoded(&o);
    struct renew_order out;

    (void)state;
    assert_int_equal(v.n, RENEW_BODY_LEN + 1 + 2 * 97);
    assert_memory_equal(v.p, "quorate-renew-v1\xe0\xe1", 18);
    assert_memory_equal(v.p + 64, "\x01\x04\x04\x03\x02\x01\x02\x00", 8);
    assert_int_equal(v.p[71 + 97], 1);
    assert_int_equal(renew_order_decode(v, &out), ERR_OK);
    assert_memory_equal(out.nodes, o.nodes, sizeof o.nodes);
    assert_int_equal(out.attempt, 0x01020304);
    assert_int_equal(out.n, 2);
    refuses_every_prefix_of(decode, v);
    refuses_a_byte_after(decode, v);
    survives_every_flip_of(decode, v);
}

static void ranges_are_checked(void **state)
{
    struct renew_order o = order(3);
    const struct view v = encoded(&o);

    (void)state;
    order_cases_refuse_signatures(decode, v, RENEW_BODY_LEN);
    assert_int_equal(parse_with(decode, v, 8, 'o'), ERR_TAG); /* not an order to re-enrol */
    assert_int_equal(parse_with(decode, v, 64, 4), ERR_RANGE);
    assert_int_equal(parse_with(decode, v, 64, 5), ERR_RANGE);
    assert_int_equal(parse_with(decode, v, 65, PLAN_NODES_MAX), ERR_RANGE);
    o.attempt = 0;
    assert_int_equal(decode(encoded(&o)), ERR_RANGE);
}

static enum err judge_signed(unsigned operators)
{
    const struct renew_order o = order(operators);

    return judge(&o);
}

static void as_many_operators_as_the_plan_says(void **state)
{
    (void)state;
    order_cases_count_operators(&kit.plan, judge_signed);
}

static void of_this_epoch_pair_and_attempt_alone(void **state)
{
    struct renew_order o = order(3);

    (void)state;
    o.nodes[0] = 0;
    assert_int_equal(judge(&o), ERR_SIGNATURE);
    o = order(3);
    o.attempt++;
    assert_int_equal(judge(&o), ERR_SIGNATURE);
    o = order(3);
    o.epoch_id[0] ^= 1;
    assert_int_equal(judge(&o), ERR_MISMATCH);
    o = order(3);
    o.nodes[1] = 5; /* of six, but not of this plan */
    assert_int_equal(judge(&o), ERR_MISMATCH);
    o = order(3);
    o.signatures[1].place = 7;
    assert_int_equal(judge(&o), ERR_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_these_bytes),
        cmocka_unit_test(ranges_are_checked),
        cmocka_unit_test(as_many_operators_as_the_plan_says),
        cmocka_unit_test(of_this_epoch_pair_and_attempt_alone),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
