/* A helper that lies is named by whoever sees it, and nobody else ever is. */
#include "testing.h"
#include "world.h"

#define LIAR 1
#define TARGET 4
#define HELPERS 0x07

static struct world *w;

static int set_up(void **state)
{
    (void)state;
    w = world_new(7);
    world_lose(w, TARGET);
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        assert_int_equal(world_order(w, i), ERR_OK);
    }
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        if (i != 3) {
            assert_int_equal(world_begin(w, i, HELPERS), ERR_OK);
        }
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_free(w);
    return 0;
}

static struct reenrol *liar(void)
{
    return &w->nodes[LIAR].r;
}

static void sign(struct reenrol_show *show)
{
    struct world_node *const n = &w->nodes[LIAR];
    uint8_t text[REENROL_SIGNED_LEN];

    reenrol_show_signed(&show->show, text);
    assert_int_equal(ed25519_sign(&n->work.stack, &n->signing_key,
                                  (struct view){text, sizeof text}, show->signature),
                     ERR_OK);
}

/* Runs to the end: whoever ended names the liar alone, and the target has no share. */
static void assert_named(enum err e, unsigned by)
{
    w->held = WORLD_NODES;
    world_settle(w);
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        const struct reenrol *const r = &w->nodes[i].r;

        if ((by >> i & 1) == 1) {
            assert_int_equal(r->state, REENROL_ENDED);
            assert_int_equal(r->err, e);
            assert_int_equal(r->accused, LIAR);
            assert_true(tecdsa_erased(&r->repaired, sizeof r->repaired));
            assert_true(tecdsa_erased(&r->secrets, sizeof r->secrets));
            assert_true(tecdsa_erased(&r->helper, sizeof r->helper));
        } else {
            assert_int_not_equal(r->state, REENROL_ENDED);
        }
    }
    assert_int_not_equal(w->nodes[TARGET].r.state, REENROL_DONE);
}

static void points_that_do_not_add_up(void **state)
{
    struct reenrol_show *const own = &liar()->shows[LIAR];

    (void)state;
    memcpy(own->show.d[0], own->show.d[1], sizeof own->show.d[0]);
    memcpy(liar()->helper.views.d[1][0], own->show.d[0], sizeof own->show.d[0]);
    sign(own);
    assert_named(ERR_MISMATCH, 0x15);
}

static void a_show_without_its_signature(void **state)
{
    (void)state;
    liar()->shows[LIAR].signature[0] ^= 1;
    assert_named(ERR_SIGNATURE, 0x15);
}

static void a_part_that_is_not_that_of_its_point(void **state)
{
    (void)state;
    liar()->helper.d[0] = liar()->helper.d[1]; /* to node 0 */
    w->held = TARGET;
    world_settle(w);
    assert_named(ERR_MISMATCH, 1U << 0);
}

static void a_sum_that_is_not_that_of_the_points(void **state)
{
    (void)state;
    liar()->helper.sum = liar()->helper.d[0];
    assert_named(ERR_MISMATCH, 1U << TARGET);
}

static void a_secret_that_is_not_that_of_the_ceremony(void **state)
{
    struct tmldsa_share *const wrong = aligned_alloc(64, sizeof *wrong);

    (void)state;
    assert_non_null(wrong);
    memcpy(wrong, liar()->holder.pq, sizeof *wrong);
    for (size_t i = 0; i < TMLDSA_HELD_MAX; i++) {
        wrong->sigma[i][0] ^= 1;
    }
    liar()->holder.pq = wrong;
    assert_named(ERR_MISMATCH, 1U << TARGET);
    free(wrong);
}

static void more_repetitions_than_there_are(void **state)
{
    (void)state;
    liar()->holder.repetitions = PLAN_REPETITIONS_MAX + 1;
    assert_named(ERR_RANGE, 1U << TARGET);
}

/* ---- different things to different parties ---- */

struct again_call {
    struct tecdsa_helper helper;
    struct tecdsa_repair_show show;
    const struct tecdsa_repair_of *of;
};

static enum err split_again(void *arg)
{
    struct again_call *const c = arg;
    const uint8_t seed[TECDSA_SEED_LEN] = {0x5e};

    TRY(tecdsa_repair_help(&c->helper, &w->classic->key, &w->classic->share[LIAR], c->of,
                           seed));
    return tecdsa_repair_show(&c->helper, &c->show);
}

/* Both are good, and signed. The other helpers have the first, the target gets the second. */
static void two_splits_are_shown_by_who_saw_the_other(void **state)
{
    static struct again_call c;

    (void)state;
    w->held = TARGET;
    world_settle(w);
    assert_int_equal(liar()->shown, HELPERS);
    c.of = &liar()->of;
    assert_int_equal(tecdsa_on_stack(split_again, &c), ERR_OK);
    liar()->shows[LIAR].show = c.show;
    sign(&liar()->shows[LIAR]);
    assert_named(ERR_QUORUM, 1U << TARGET);
}

/* To one helper alone: two honest ones have different echoes. */
static void two_splits_to_two_helpers(void **state)
{
    static struct again_call c;

    (void)state;
    c.of = &liar()->of;
    assert_int_equal(tecdsa_on_stack(split_again, &c), ERR_OK);
    w->held = 2;
    world_settle(w); /* node 0 and the target have the first */
    liar()->shows[LIAR].show = c.show;
    sign(&liar()->shows[LIAR]);
    memcpy(liar()->helper.d, c.helper.d, sizeof c.helper.d);
    assert_named(ERR_QUORUM, 1U << TARGET);
}

/* An echo of what nobody showed does not shift the blame. */
static void an_echo_without_reason(void **state)
{
    (void)state;
    w->held = TARGET;
    world_settle(w);
    liar()->helper.views.d[0][0][5] ^= 1;
    assert_named(ERR_QUORUM, 1U << TARGET);
}

static void another_show_that_its_helper_did_not_sign(void **state)
{
    (void)state;
    w->held = TARGET;
    world_settle(w);
    liar()->helper.views.d[0][0][5] ^= 1;
    liar()->shows[0].show.d[0][5] ^= 1;
    assert_named(ERR_QUORUM, 1U << TARGET);
}

/* What an honest helper signed in an attempt before does not accuse it in this one. */
static void a_show_of_another_attempt(void **state)
{
    struct reenrol_show before;

    (void)state;
    w->held = TARGET;
    world_settle(w);
    before = w->nodes[0].r.shows[0];
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        reenrol_wipe(&w->nodes[i].r);
    }
    w->held = WORLD_NODES;
    w->queued = 0;
    world_lose(w, TARGET);
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        assert_int_equal(world_order(w, i), ERR_OK);
    }
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        if (i != 3) {
            assert_int_equal(world_begin(w, i, HELPERS), ERR_OK);
        }
    }
    w->held = TARGET;
    world_settle(w);
    assert_memory_not_equal(before.show.id, liar()->id, TECDSA_HASH_LEN);
    liar()->helper.views.d[0][0][5] ^= 1;
    liar()->shows[0] = before;
    assert_named(ERR_QUORUM, 1U << TARGET);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(points_that_do_not_add_up),
        CASE(a_show_without_its_signature),
        CASE(a_part_that_is_not_that_of_its_point),
        CASE(a_sum_that_is_not_that_of_the_points),
        CASE(a_secret_that_is_not_that_of_the_ceremony),
        CASE(more_repetitions_than_there_are),
        CASE(two_splits_are_shown_by_who_saw_the_other),
        CASE(two_splits_to_two_helpers),
        CASE(an_echo_without_reason),
        CASE(another_show_that_its_helper_did_not_sign),
        CASE(a_show_of_another_attempt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
