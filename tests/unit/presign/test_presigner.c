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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_make_a_batch_and_every_record_signs),
        cmocka_unit_test(a_pair_sets_up_what_sessions_need),
        cmocka_unit_test(three_make_presignatures_side_by_side),
    };

    return cmocka_run_group_tests(tests, up, down);
}
