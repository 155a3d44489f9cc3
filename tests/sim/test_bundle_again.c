/* A bundle whose epoch gave a place to another process: its order, what it shows and says, and
 * what each of these is worth where it is of something else. */
#include "bundle/bundle_grow.h"
#include "bundle_scene.h"

static struct reenrol_order order;
static uint8_t order_bytes[3][REENROL_ORDER_MAX];

/* The order that node gets another process, at the end of those of the bundle. */
static void give_place(uint8_t node, uint32_t attempt)
{
    uint8_t *const bytes = order_bytes[b.n_orders];
    struct writer w = wr_init(bytes, REENROL_ORDER_MAX);

    assert_int_equal(
        reenrol_kit_order(&r->kit, r->nodes[0].c.known.epoch_id, node, attempt, 1, &order),
        ERR_OK);
    if (node == 4) {
        memcpy(order.signing_key, new_key.public_key, sizeof order.signing_key);
    }
    order.platform = (struct view){platforms[node], PLAN_PLATFORM_LEN};
    assert_int_equal(reenrol_kit_sign(&r->kit, 1, &order), ERR_OK);
    reenrol_order_encode(&w, &order);
    assert_int_equal(wr_finish(&w, &b.orders[b.n_orders++]), ERR_OK);
}

/* Of node 4, whose guest on that chip is another one by that byte. */
static void show_again(size_t chip, uint8_t guest, const struct wish *w)
{
    chips[chip]->report_id[7] ^= guest;
    show_of(4, 2, chips[chip], order.identity, w);
    chips[chip]->report_id[7] ^= guest;
}

static int forget_orders(void **state)
{
    (void)state;
    b.n_orders = b.n_retirements = 0;
    return 0;
}

static void who_came_again_stands_beside_who_was_there(void **state)
{
    uint8_t before[EPOCH_DOC_MAX];

    (void)state;
    assert_true(judged(&good));
    memcpy(before, document, b.document.n);
    give_place(4, 1);
    assert_true(judge_again()); /* it has shown nothing, as is said */
    assert_int_equal(verdict->again.n, 1);
    assert_int_equal(verdict->again.roster.incarnation[4], 2);
    show_again(4, 1, &good);
    assert_true(judge_again());
    assert_int_equal(verdict->accepted, NODES);
    assert_int_equal(verdict->processes[5].fault, ATTEST_OK);
    assert_memory_equal(document, before, b.document.n); /* it is what it was called before */
    assert_non_null(bundle_again_find(&verdict->again, 4, 2));
    assert_null(bundle_again_find(&verdict->again, 4, 1));
    assert_null(bundle_again_find(&verdict->again, 3, 2));
}

/* One process of a place that is refused, and the place counts for nothing. */
static void a_place_is_as_good_as_its_worst_process(void **state)
{
    static const struct {
        size_t chip;
        uint8_t guest, code, purpose;
        enum attest_fault fault;
    } rows[] = {
        {4, 0, 0x11, REPORT_EPOCH, ATTEST_ATTESTOR_COPY},
        {4, 1, 0x12, REPORT_EPOCH, ATTEST_JUDGE_MEASUREMENT},
        {4, 1, 0x11, REPORT_ASKED, ATTEST_JUDGE_REPORT_DATA},
        {4, 1, 0x13, REPORT_EPOCH, ATTEST_ATTESTOR_MEASUREMENT}, /* one that others may have */
        {NODES, 1, 0x11, REPORT_EPOCH, ATTEST_ATTESTOR_PLATFORM},
    };
    struct wish w = good;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        w = good;
        assert_true(judged(&w));
        b.n_orders = 0;
        give_place(4, 1);
        w.code = rows[i].code;
        w.purpose = rows[i].purpose;
        show_again(rows[i].chip, rows[i].guest, &w);
        assert_true(judge_again()); /* four are enough */
        assert_int_equal(verdict->accepted, NODES - 1);
        assert_int_equal(verdict->nodes[4].fault, rows[i].fault);
        assert_int_equal(verdict->processes[5].fault, rows[i].fault);
    }
    b.n_orders = 0;
    w = good;
    w.shown = 0x15;
    assert_true(judged(&w));
    give_place(4, 1);
    show_again(4, 0, &good);
    assert_false(judge_again()); /* two are not */
    assert_int_equal(verdict->checks[BUNDLE_CHECK_EVIDENCE], ERR_EVIDENCE);
    assert_int_equal(verdict->accepted, 2);
}

/* Of the two that the policy admits, each place has had one from the start. */
static void a_place_keeps_its_code(void **state)
{
    struct wish w = good;

    (void)state;
    w.newer = 0x0f;
    assert_true(judged(&w));
    give_place(4, 1);
    show_again(4, 1, &w);
    assert_true(judge_again());
    assert_int_equal(verdict->accepted, NODES);
    assert_int_equal(verdict->processes[5].fault, ATTEST_OK);
}

/* The ceremony let somebody in of whom nothing is shown. */
static void who_came_again_does_not_stand_for_who_was_there(void **state)
{
    struct wish w = good;

    (void)state;
    w.shown = 0x0f;
    assert_true(judged(&w));
    give_place(4, 1);
    show_again(4, 1, &good);
    assert_true(judge_again());
    assert_int_equal(verdict->processes[4].fault, ATTEST_OK);
    assert_false(verdict->nodes[4].shown);
    assert_int_equal(verdict->accepted, NODES - 1);
}

static void nobody_comes_again_without_an_order(void **state)
{
    (void)state;
    assert_true(judged(&good));
    give_place(4, 1);
    show_again(4, 1, &good);
    b.n_orders = 0;
    assert_true(judge_again());
    assert_int_equal(verdict->nodes[4].fault, ATTEST_ATTESTOR_NODE);
    assert_int_equal(verdict->accepted, NODES - 1);
    b.n_orders = 1;
    order_bytes[0][b.orders[0].n - 1] ^= 1;
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_AGAIN], ERR_SIGNATURE);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_EVIDENCE], ERR_STATE);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_RETIRED], ERR_STATE);
    b.orders[0].n--;
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_AGAIN], ERR_TRUNCATED);
    b.n_orders = 0;
    for (uint8_t i = 0; i < 3; i++) { /* a third place ends an epoch */
        give_place((uint8_t)(2 + i), i + 1U);
    }
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_AGAIN], ERR_HALTED);
}

/* That it erased its share says the one who has it; who lost its place says nothing. */
static void who_came_again_says_that_it_is_over(void **state)
{
    static uint8_t bytes[2][RETIRED_LEN];

    (void)state;
    assert_true(judged(&good));
    give_place(4, 1);
    assert_true(judge_again());
    assert_int_equal(verdict->silent, 0); /* nobody says that it is over */
    b.n_retirements = 1;
    b.retirements[0] = retirement_of(4, 2, order.boot_nonce, &new_key, bytes[0]);
    assert_true(judge_again());
    assert_int_equal(verdict->retired, 1);
    assert_int_equal(verdict->silent, 1);
    b.n_retirements = 2; /* it was not dead: it says so, too */
    b.retirements[1] = retirement(4, &signing_keys[4], bytes[1]);
    assert_true(judge_again());
    assert_int_equal(verdict->retired, 1);
    assert_int_equal(verdict->silent, 0);
    b.n_retirements = 1;
    b.retirements[0] = retirement_of(4, 2, order.boot_nonce, &signing_keys[4], bytes[0]);
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_RETIRED], ERR_SIGNATURE);
    b.retirements[0] = retirement_of(4, 2, r->kit.plan.nodes[4].boot_nonce, &new_key, bytes[0]);
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_RETIRED], ERR_MISMATCH);
    b.retirements[0] = retirement_of(4, 3, order.boot_nonce, &new_key, bytes[0]);
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_RETIRED], ERR_MISMATCH);
}

/* Who shows an epoch once more asks the processes that run, and has the file that lies there.
 */
static void an_epoch_that_is_shown_again_is_what_it_was(void **state)
{
    static uint8_t room[BUNDLE_MAX];
    struct writer w = wr_init(room, sizeof room);
    struct view file;

    (void)state;
    assert_true(judged(&good));
    give_place(4, 1);
    show_again(4, 1, &good);
    bundle_encode(&w, &b);
    assert_int_equal(wr_finish(&w, &file), ERR_OK);
    b.n_orders = 0;
    b.evidence[4] = b.evidence[5];
    b.n_evidence = NODES;
    assert_false(judge_again()); /* neither the order nor the process before it */
    assert_int_equal(verdict->checks[BUNDLE_CHECK_DOCUMENT], ERR_MISMATCH);
    assert_int_equal(bundle_take_over(&b, 1, file), ERR_OK);
    assert_true(judge_again());
    assert_int_equal(verdict->accepted, NODES);
    assert_int_equal(verdict->again.n, 1);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_teardown(f, forget_orders)
    const struct CMUnitTest tests[] = {
        CASE(who_came_again_stands_beside_who_was_there),
        CASE(a_place_is_as_good_as_its_worst_process),
        CASE(a_place_keeps_its_code),
        CASE(who_came_again_does_not_stand_for_who_was_there),
        CASE(nobody_comes_again_without_an_order),
        CASE(who_came_again_says_that_it_is_over),
        CASE(an_epoch_that_is_shown_again_is_what_it_was),
    };

    return cmocka_run_group_tests(tests, bundle_scene_make, bundle_scene_drop);
}
