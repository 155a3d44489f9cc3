/* Batches of the accelerator, and what is not believed. */
#include "scheduler_world.h"

static struct world w;

/* ---- the accelerator ---- */

static void the_accelerator_fills_all_triples_to_the_target(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    set_up(&w, 0x1f);
    step(&w);
    assert_int_equal(w.made, SCHEDULER_FIRST_RECORDS);
    steps(&w, 20);
    assert_int_equal(w.made, 30 + 3 * 192); /* what lacks then is not worth a batch */
    for (unsigned i = 0; i < TECDSA_ACCEL_TRIPLES; i++) {
        assert_in_range(scheduler_stock(&w.s, tecdsa_accel_triple(i), w.now_ns), 60, 61);
    }
    assert_int_equal(w.batches, 4);
    assert_int_equal(w.s.source, SCHEDULER_ACCEL);
}

static void a_few_that_are_used_are_not_worth_a_batch(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    set_up(&w, 0x1f);
    steps(&w, 60);
    const unsigned before = w.made;

    use(&w, 0x07, 25);
    steps(&w, 10);
    assert_int_equal(w.made, before);
    use(&w, 0x07, 5); /* below half of the target */
    steps(&w, 3);
    assert_int_equal(w.made, 640 + 30);
}

static void no_batch_begins_before_all_seeds_are_there(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    w.says[3].nodes[1].seeded = false;
    set_up(&w, 0x1f);
    steps(&w, 200); /* four seconds */
    assert_int_equal(w.made, 0);
    assert_int_equal(w.setups, 0); /* it is only on its way */
    w.says[3].nodes[1].seeded = true;
    step(&w);
    assert_int_equal(w.made, SCHEDULER_FIRST_RECORDS);
}

static void batches_that_make_nothing_are_tried_less_and_less(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    set_up(&w, 0x1f);
    w.answer = ERR_STATE;
    steps(&w, 3000); /* a minute */
    assert_in_range(w.s.batch.rest.fails, 6, 9);
    assert_int_equal(w.made, 0);
    w.answer = ERR_OK;
    steps(&w, 4000);
    assert_in_range(w.made, 600, 640);
    assert_int_equal(w.s.batch.rest.fails, 0);
}

static void a_batch_that_another_began_is_waited_for(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    w.says[2].accel = PRESIGN_ACCEL_LIVE;
    set_up(&w, 0x1f);
    steps(&w, 20);
    assert_int_equal(w.batches, 0);
    w.says[2].accel = PRESIGN_ACCEL_ON;
    step(&w);
    assert_int_equal(w.batches, 1);
}

/* One that says so for ever is lying: the accelerator rests, and DKLs23 takes its place. */
static void a_core_that_is_always_at_a_batch_does_not_stop_all(void **state)
{
    (void)state;
    init(&w, 5, 8, true);
    w.says[2].accel = PRESIGN_ACCEL_LIVE;
    set_up(&w, 0x1f);
    steps(&w, 6000);
    assert_int_equal(w.batches, 0);
    assert_true(w.made > 0);
}

static void a_pool_that_is_full_somewhere_gets_no_more(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    for (unsigned i = 0; i < 5; i++) {
        w.says[i].cap = 10;
    }
    w.says[4].triples[0].count = 10; /* and its two others say that they have none */
    set_up(&w, 0x1f);
    steps(&w, 60);
    assert_int_equal(scheduler_stock(&w.s, w.says[4].triples[0].triple, w.now_ns), 0);
    for (unsigned i = 1; i < 6; i++) {
        assert_in_range(w.says[4].triples[i].count, 10, 40);
    }
}

static void cores_are_switched_as_the_configuration_says(void **state)
{
    (void)state;
    init(&w, 5, 4, false);
    set_up(&w, 0x1f);
    steps(&w, 100);
    assert_int_equal(w.switched, 5);
    assert_int_equal(w.batches, 0);
    assert_int_equal(w.made, 40); /* by DKLs23 */
    init(&w, 5, 4, true);
    for (unsigned i = 0; i < 5; i++) {
        w.says[i].accel = PRESIGN_ACCEL_OFF;
    }
    set_up(&w, 0x1f);
    steps(&w, 100);
    assert_int_equal(w.switched, 5);
    assert_true(w.batches > 0);
}

static void off_for_the_epoch_is_off(void **state)
{
    (void)state;
    init(&w, 5, 4, true);
    w.says[0].accel = PRESIGN_ACCEL_OVER;
    set_up(&w, 0x1f);
    steps(&w, 200);
    assert_int_equal(w.switched, 0);
    assert_int_equal(w.batches, 0);
    assert_int_equal(w.made, 40);
    assert_int_equal(w.s.source, SCHEDULER_DKLS);
}

/* ---- what is not believed ---- */

static enum err no_entropy(void *self, uint8_t *out, size_t n)
{
    (void)self;
    memset(out, 0, n);
    return ERR_IO;
}

static void an_old_status_is_none(void **state)
{
    (void)state;
    init(&w, 3, 8, true);
    set_up(&w, 0x7);
    step(&w);
    w.up = 0x3; /* the third says nothing any more */
    w.now_ns += SCHEDULER_FRESH_NS;
    w.made = 0;
    steps(&w, 50);
    assert_int_equal(w.made, 0);
    assert_int_equal(w.s.source, SCHEDULER_NONE);
}

static void a_status_of_another_number_of_nodes_is_none(void **state)
{
    (void)state;
    init(&w, 3, 8, true);
    w.says[1].n_nodes = 4;
    set_up(&w, 0x7);
    steps(&w, 100);
    assert_int_equal(w.made, 0);
}

static void a_core_that_calls_all_stale_moves_counters_by_a_day_at_most(void **state)
{
    (void)state;
    init(&w, 3, 8, true);
    set_up(&w, 0x7);
    w.answer = ERR_STALE;
    steps(&w, 100000);
    assert_int_equal(w.s.ahead_us, SCHEDULER_AHEAD_MAX_US);
    assert_true(w.s.counter <=
                WALL_US + (uint64_t)(w.now_ns / 1000) + SCHEDULER_AHEAD_MAX_US + 1000);
    assert_int_equal(w.made, 0);
}

/* A process that comes after another one goes on above its counters. */
static void counters_ascend_from_one_process_to_the_next(void **state)
{
    uint64_t last = 0;

    (void)state;
    init(&w, 5, 64, true);
    set_up(&w, 0x1f);
    steps(&w, 50);
    last = w.s.counter;
    const struct scheduler_rule rule = w.s.rule;

    scheduler_init(&w.s, &rule, w.now_ns);
    set_up(&w, 0x1f);
    use(&w, 0x07, 50);
    steps(&w, 5); /* carry_out() holds that they do */
    assert_true(w.s.counter > last);
}

static void what_waits_for_a_core_goes_with_it(void **state)
{
    struct presign_order o;

    (void)state;
    init(&w, 3, 8, true);
    set_up(&w, 0x7);
    w.now_ns += STEP;
    for (unsigned i = 0; i < 3; i++) {
        scheduler_take(&w.s, i, &w.says[i], w.now_ns);
    }
    assert_int_equal(scheduler_plan(&w.s, &entropy, w.now_ns, WALL_US), ERR_OK);
    assert_true(w.s.cores[0].n > 0 || w.s.cores[1].n > 0);
    scheduler_up(&w.s, 0, false);
    scheduler_up(&w.s, 1, false);
    assert_false(scheduler_next(&w.s, 0, &o));
    assert_false(scheduler_next(&w.s, 1, &o));
    assert_false(scheduler_next(&w.s, 2, &o));
}

static void without_randomness_there_is_no_session(void **state)
{
    const struct entropy_source none = {.fill = no_entropy};

    (void)state;
    init(&w, 3, 8, true);
    set_up(&w, 0x7);
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned k = 0; k < 3; k++) {
            w.says[i].nodes[k].setup = i != k ? PRESIGN_PAIR_DONE : PRESIGN_PAIR_NONE;
        }
        scheduler_take(&w.s, i, &w.says[i], w.now_ns);
    }
    assert_int_equal(scheduler_plan(&w.s, &none, w.now_ns, WALL_US), ERR_IO);
    assert_int_equal(w.s.cores[0].n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_accelerator_fills_all_triples_to_the_target),
        cmocka_unit_test(a_few_that_are_used_are_not_worth_a_batch),
        cmocka_unit_test(no_batch_begins_before_all_seeds_are_there),
        cmocka_unit_test(batches_that_make_nothing_are_tried_less_and_less),
        cmocka_unit_test(a_batch_that_another_began_is_waited_for),
        cmocka_unit_test(a_core_that_is_always_at_a_batch_does_not_stop_all),
        cmocka_unit_test(a_pool_that_is_full_somewhere_gets_no_more),
        cmocka_unit_test(cores_are_switched_as_the_configuration_says),
        cmocka_unit_test(off_for_the_epoch_is_off),
        cmocka_unit_test(an_old_status_is_none),
        cmocka_unit_test(a_status_of_another_number_of_nodes_is_none),
        cmocka_unit_test(a_core_that_calls_all_stale_moves_counters_by_a_day_at_most),
        cmocka_unit_test(counters_ascend_from_one_process_to_the_next),
        cmocka_unit_test(what_waits_for_a_core_goes_with_it),
        cmocka_unit_test(without_randomness_there_is_no_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
