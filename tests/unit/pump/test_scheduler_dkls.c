/* Setups of pairs, and sessions of three. */
#include "scheduler_world.h"

static struct world w;

/* ---- setups ---- */

static void all_pairs_are_set_up_behind_the_accelerator(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    set_up(&w, 0x1f);
    step(&w);
    assert_int_equal(w.setups, 0); /* first something is in the pools */
    steps(&w, 60);
    assert_int_equal(w.setups, 10);
    assert_int_equal(scheduler_pace_ns(&w.s), SCHEDULER_IDLE_NS);
}

/* What load uses at once: the pools are as empty as they were. */
static void use_all(struct world *of)
{
    for (unsigned i = 0; i < of->total; i++) {
        for (size_t t = 0; t < of->says[i].n_triples; t++) {
            of->says[i].triples[t].count = 0;
        }
    }
}

static void load_that_empties_all_pools_holds_no_setup_up(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    set_up(&w, 0x1f);
    step(&w);
    for (unsigned i = 0; i < 60; i++) {
        use_all(&w);
        step(&w);
    }
    assert_int_equal(w.setups, 10);
    assert_true(w.made > 60 * SCHEDULER_FIRST_RECORDS); /* and batches go on */
}

static void setups_run_on_disjoint_pairs_at_once(void **state)
{
    unsigned busy = 0;
    unsigned n = 0;

    (void)state;
    init(&w, 5, 64, true);
    set_up(&w, 0x1f);
    step(&w);
    w.deaf = 0x1f; /* none of them ends */
    steps(&w, 10);
    for (unsigned m = 0; m < SCHEDULER_MASKS; m++) {
        if (w.s.pairs[m].runs) {
            assert_int_equal(busy & m, 0); /* a core is in one */
            busy |= m;
            n++;
        }
    }
    assert_int_equal(n, 2);
}

/* What breaks a channel takes with it what is set up over it, at one of the two at first. */
static void a_setup_that_one_has_ended_is_begun_anew(void **state)
{
    const struct scheduler_pair *const p = &w.s.pairs[0x03];
    uint64_t first = 0;

    (void)state;
    init(&w, 5, 64, true);
    for (unsigned i = 0; i < 5; i++) {
        for (unsigned k = 0; k < 5; k++) { /* all but one */
            w.says[i].nodes[k].setup =
                i + k > 1 && i != k ? PRESIGN_PAIR_DONE : PRESIGN_PAIR_NONE;
        }
    }
    set_up(&w, 0x1f);
    step(&w);
    w.deaf = 0x1f;
    steps(&w, 10);
    assert_true(p->runs); /* who has not taken the order yet has not ended it */
    first = p->counter;
    w.says[0].nodes[1].counter = first;
    w.says[1].nodes[0].counter = first;
    w.says[1].nodes[0].setup = PRESIGN_PAIR_RUNNING;
    step(&w);
    assert_false(p->runs);
    assert_int_equal(p->rest.fails, 1);
    w.deaf = 0;
    steps(&w, 15); /* a pause */
    assert_int_equal(w.setups, 1);
    assert_true(p->counter > first);
}

/* ---- DKLs23 ---- */

static void three_that_are_left_make_their_own(void **state)
{
    (void)state;
    init(&w, 5, 16, true);
    set_up(&w, 0x15);
    steps(&w, 40);
    assert_int_equal(w.made, 0); /* the accelerator is missed for a second first */
    steps(&w, 60);
    assert_int_equal(w.setups, 3);
    assert_int_equal(w.made, 16);
    assert_int_equal(scheduler_stock(&w.s, 0x15, w.now_ns), 16);
    assert_int_equal(scheduler_stock(&w.s, 0x07, w.now_ns), 0);
}

static void four_of_five_make_for_all_their_triples(void **state)
{
    (void)state;
    init(&w, 5, 16, true);
    set_up(&w, 0x1e);
    steps(&w, 300);
    assert_int_equal(w.setups, 6);
    assert_int_equal(w.made, 4 * 16);
}

static void no_core_is_in_more_sessions_than_it_takes(void **state)
{
    unsigned n[SCHEDULER_NODES] = {0};

    (void)state;
    init(&w, 5, 64, false);
    for (unsigned i = 0; i < 5; i++) {
        for (unsigned k = 0; k < 5; k++) {
            w.says[i].nodes[k].setup = i != k ? PRESIGN_PAIR_DONE : PRESIGN_PAIR_NONE;
        }
        w.says[i].accel = PRESIGN_ACCEL_OFF;
    }
    set_up(&w, 0x1f);
    w.deaf = 0x1f;
    steps(&w, 10);
    for (size_t i = 0; i < sizeof w.s.sessions / sizeof w.s.sessions[0]; i++) {
        for (unsigned k = 0; k < 5; k++) {
            n[k] += w.s.sessions[i].triple >> k & 1;
        }
    }
    for (unsigned k = 0; k < 5; k++) {
        assert_in_range(n[k], 1, SCHEDULER_SESSIONS_MAX);
    }
}

/* What it spoils rests; the triples without it fill their pools. */
static void a_core_that_does_nothing_costs_the_others_nothing_for_long(void **state)
{
    (void)state;
    init(&w, 5, 8, false);
    set_up(&w, 0x0f);
    steps(&w, 200);
    assert_int_equal(w.setups, 6);
    const unsigned before = w.made;

    assert_int_equal(before, 32);
    w.deaf = 0x08;
    for (unsigned m = 0; m < 16; m++) {
        if (mask_count(m) == 3) {
            use(&w, m, 8);
        }
    }
    steps(&w, 2200);
    assert_int_equal(w.made, before + 8);
    assert_int_equal(scheduler_stock(&w.s, 0x07, w.now_ns), 8);
    w.deaf = 0;
    steps(&w, 6000);
    assert_true(scheduler_stock(&w.s, 0x0b, w.now_ns) > 0);
}

/* Three of five go on alone; all that they make is used, some of it before it is told. */
static void goes_on(unsigned triple)
{
    unsigned left = 0;

    for (unsigned k = 0; k < 10; k++) {
        const unsigned had = w.made;

        step(&w);
        assert_true(w.made > had);
        left += w.made - had;
        if (k % 2 == 1) {
            use(&w, triple, left);
            left = 0;
        }
    }
}

static void a_batch_that_ends_late_lets_no_triple_rest(void **state)
{
    (void)state;
    init(&w, 5, 512, true);
    set_up(&w, 0x1f);
    steps(&w, 100);
    use_all(&w);
    for (unsigned i = 0; i < 5; i++) {
        w.says[i].accel = PRESIGN_ACCEL_LIVE; /* at the batch that two do not end */
    }
    steps(&w, 1);
    set_up(&w, 0x15);
    steps(&w, 500);
    use(&w, 0x15, 8);
    goes_on(0x15);
    for (unsigned i = 0; i < 5; i += 2) {
        w.says[i].accel = PRESIGN_ACCEL_ON;
        w.says[i].aborted++;
    }
    goes_on(0x15);
}

/* The three that are left are at them until their time is over. */
static void sessions_with_a_lost_core_let_no_triple_rest(void **state)
{
    (void)state;
    init(&w, 5, 512, false);
    set_up(&w, 0x0f);
    steps(&w, 100); /* pairs are set up, and something is made */
    w.deaf = 1U << 3;
    steps(&w, 1);
    for (unsigned i = 0; i < 3; i++) {
        assert_in_range(w.says[i].sessions, 1, SCHEDULER_SESSIONS_MAX - 1);
    }
    set_up(&w, 0x07);
    use(&w, 0x07, 8);
    for (unsigned k = 0; k < 60; k++) { /* twelve seconds */
        goes_on(0x07);
    }
    for (unsigned i = 0; i < 3; i++) {
        assert_true(w.says[i].aborted > 0);
    }
    assert_int_equal(w.s.triples[0x07].rest.fails, 0);
    assert_int_equal(w.refused, 0);
}

static void a_full_queue_is_no_failure(void **state)
{
    (void)state;
    init(&w, 3, 8, true);
    set_up(&w, 0x7);
    steps(&w, 10);
    assert_int_equal(w.setups, 3);
    use(&w, 0x07, w.made);
    w.made = 0;
    w.answer = ERR_NOSPACE;
    steps(&w, 100);
    assert_int_equal(w.made, 0);
    assert_int_equal(w.s.triples[0x07].rest.fails, 0);
    w.answer = ERR_OK;
    steps(&w, 30);
    assert_int_equal(w.made, 8);
}

static void a_pair_that_rests_is_let_rest(void **state)
{
    (void)state;
    init(&w, 4, 8, true);
    w.says[0].nodes[1] = (struct presign_peer_status){
        .channel = PRESIGN_CHANNEL_VERIFIED, .setup = PRESIGN_PAIR_RESTS, .wait_s = 60};
    set_up(&w, 0xf);
    steps(&w, 200);
    assert_int_equal(w.setups, 5);
    assert_int_equal(w.made, 2 * 8); /* of 0, 2, 3 and of 1, 2, 3 */
    w.says[0].nodes[1].wait_s = 0;
    steps(&w, 200);
    assert_int_equal(w.setups, 6);
    assert_int_equal(w.made, 4 * 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_pairs_are_set_up_behind_the_accelerator),
        cmocka_unit_test(load_that_empties_all_pools_holds_no_setup_up),
        cmocka_unit_test(setups_run_on_disjoint_pairs_at_once),
        cmocka_unit_test(a_setup_that_one_has_ended_is_begun_anew),
        cmocka_unit_test(three_that_are_left_make_their_own),
        cmocka_unit_test(four_of_five_make_for_all_their_triples),
        cmocka_unit_test(no_core_is_in_more_sessions_than_it_takes),
        cmocka_unit_test(a_core_that_does_nothing_costs_the_others_nothing_for_long),
        cmocka_unit_test(a_batch_that_ends_late_lets_no_triple_rest),
        cmocka_unit_test(sessions_with_a_lost_core_let_no_triple_rest),
        cmocka_unit_test(a_full_queue_is_no_failure),
        cmocka_unit_test(a_pair_that_rests_is_let_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
