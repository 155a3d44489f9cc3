/* Five cores, a host that carries what they say: what they make signs. */
#include "presigner_kit.h"
#include "testing.h"

#define NODES 5

static struct world *w;

static int up(void **state)
{
    (void)state;
    w = world_new(NODES, 31);
    world_connect(w);
    return 0;
}

static int down(void **state)
{
    (void)state;
    world_free(w);
    return 0;
}

/* ---- the accelerator ---- */

static void five_make_a_batch_and_every_record_signs(void **state)
{
    struct presign_status s;

    (void)state;
    world_batch(w, 20);
    world_run(w);
    for (unsigned i = 0; i < NODES; i++) {
        world_status(w, i, &s);
        assert_int_equal(s.made_accel, 12);
        assert_int_equal(s.accel, PRESIGN_ACCEL_ON);
        assert_int_equal(s.batch_counter, w->counter);
        assert_int_equal(s.aborted, 0);
        assert_int_equal(s.dropped, 0);
        assert_int_equal(w->core[i].inside, 0);
    }
    for (unsigned i = 0; i < NODES; i++) { /* nothing is left of what made them */
        const struct presigner *const p = w->core[i].p;

        assert_true(tecdsa_erased(&p->accel, sizeof p->accel));
        assert_true(tecdsa_erased(&p->record, sizeof p->record));
        assert_true(tecdsa_erased(p->held, sizeof p->held));
        assert_true(tecdsa_erased(p->out, sizeof p->out));
    }
    assert_int_equal(world_sign_all(w), 20);
    world_status(w, 0, &s);
    assert_int_equal(s.used, 12);
}

/* ---- three ---- */

/* The 512 transfers of one pair, over the channel; the others' come from a dealer. */
static void a_pair_sets_up_what_sessions_need(void **state)
{
    struct presign_order order;
    struct presign_status s;

    (void)state;
    world_set_up_all(w);
    w->counter = 10;
    world_setup(w, 0, 1);
    world_status(w, 0, &s);
    assert_int_equal(s.nodes[1].setup, PRESIGN_PAIR_RUNNING);
    order = world_make_of(w, 0x07);
    assert_int_equal(world_order(w, 0, &order), ERR_STATE);
    world_run(w);
    for (unsigned i = 0; i < 2; i++) {
        world_status(w, i, &s);
        assert_int_equal(s.nodes[1 - i].setup, PRESIGN_PAIR_DONE);
        assert_int_equal(s.nodes[1 - i].counter, 11);
        assert_int_equal(s.dropped, 0);
    }
    world_make(w, 0x07);
    world_run(w);
    assert_int_equal(world_sign_all(w), 1);
}

static void three_make_presignatures_side_by_side(void **state)
{
    struct presign_status s;

    (void)state;
    world_set_up_all(w);
    world_make(w, 0x07);
    world_make(w, 0x1c);
    world_make(w, 0x07);
    world_run(w);
    world_status(w, 2, &s);
    assert_int_equal(s.made_dkls, 4); /* with that of the test before */
    assert_int_equal(s.sessions, 0);
    assert_int_equal(s.dropped, 0);
    assert_int_equal(s.nodes[0].counter, w->counter);
    assert_int_equal(s.nodes[4].counter, w->counter - 1);
    assert_int_equal(world_sign_all(w), 3);
}

/* Channels are renewed at half of their life, with what is under way. */
static void a_channel_that_is_renewed_delays_nothing_for_good(void **state)
{
    struct presign_status s;
    const uint64_t before = w->core[0].mesh->counts.handshakes;

    (void)state;
    world_set_up_all(w);
    w->now_ns += PQ1_LIFE_NS / 2;
    world_batch(w, 10);
    world_make(w, 0x07);
    world_run(w);
    world_status(w, 0, &s);
    assert_int_equal(w->core[0].mesh->counts.handshakes - before, NODES - 1);
    assert_int_equal(s.aborted, 0);
    assert_int_equal(world_sign_all(w), 11);
}

/* As few nodes as sign, and as many as a plan has: the accelerator is for five alone. */
static void other_numbers_of_nodes_make_presignatures_of_three(void **state)
{
    static const unsigned numbers[] = {3, 6};

    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        struct world *const other = world_new(numbers[k], 5 + k);
        const unsigned triple = 7U << (numbers[k] - 3);
        struct presign_order o = world_batch_of(other, 2);
        struct presign_status s;

        world_connect(other);
        world_set_up_all(other);
        assert_int_equal(world_order(other, 0, &o), ERR_POLICY);
        o = (struct presign_order){.kind = PRESIGN_ORDER_ACCEL, .on = true};
        assert_int_equal(world_order(other, 0, &o), ERR_POLICY);
        world_make(other, triple);
        world_run(other);
        world_status(other, numbers[k] - 1, &s);
        assert_int_equal(s.accel, PRESIGN_ACCEL_OFF);
        assert_int_equal(s.n_nodes, numbers[k]);
        assert_int_equal(s.made_dkls, 1);
        assert_int_equal(world_sign_all(other), 1);
        world_free(other);
    }
}

static void a_presigner_is_of_a_plan(void **state)
{
    struct presigner_setup of = w->of;

    (void)state;
    of.own = 5;
    assert_int_equal(presigner_init(w->core[0].p, &of), ERR_RANGE);
    of.own = 0;
    of.n = 2;
    assert_int_equal(presigner_init(w->core[0].p, &of), ERR_RANGE);
    assert_int_equal(presigner_take(w->core[0].p, 0, (struct view){NULL, 0}, w->now_ns),
                     ERR_RANGE);
    assert_int_equal(presigner_take(w->core[0].p, 5, (struct view){NULL, 0}, w->now_ns),
                     ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_make_a_batch_and_every_record_signs),
        cmocka_unit_test(a_pair_sets_up_what_sessions_need),
        cmocka_unit_test(three_make_presignatures_side_by_side),
        cmocka_unit_test(a_channel_that_is_renewed_delays_nothing_for_good),
        cmocka_unit_test(other_numbers_of_nodes_make_presignatures_of_three),
        cmocka_unit_test(a_presigner_is_of_a_plan),
    };

    return cmocka_run_group_tests(tests, up, down);
}
