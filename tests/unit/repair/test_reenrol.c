/* A lost node gets its shares of both keys again, and only so: docs/wire.md 15. */
#include "testing.h"
#include "world.h"

static struct world *w;

static int set_up(void **state)
{
    (void)state;
    w = world_new(6);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_free(w);
    return 0;
}

static const struct reenrol *at(uint8_t i)
{
    return &w->nodes[i].r;
}

static void assert_ended(uint8_t by, enum err e, uint8_t accused)
{
    assert_int_equal(at(by)->state, REENROL_ENDED);
    assert_int_equal(at(by)->err, e);
    assert_int_equal(at(by)->accused, accused);
    assert_true(tecdsa_erased(&at(by)->helper, sizeof at(by)->helper));
    assert_true(tecdsa_erased(&at(by)->repaired, sizeof at(by)->repaired));
    assert_true(tecdsa_erased(&at(by)->secrets, sizeof at(by)->secrets));
    assert_true(tecdsa_erased(at(by)->channels, sizeof at(by)->channels));
}

/* ---- as it should be ---- */

static void the_same_shares_come_back(void **state)
{
    (void)state;
    world_lose(w, 4);
    world_run(w, 0x0b);
    world_check_done(w);
    assert_int_equal(w->shares.repetitions, 103); /* the highest of 100, 101 and 103 */
    assert_int_equal(
        reenrol_finish(&w->nodes[4].r, &w->nodes[4].tools, &w->pq->share_scratch, &w->shares),
        ERR_STATE);
    assert_true(tecdsa_erased(&w->shares, sizeof w->shares));
}

static void any_three_help_any_node_whatever_comes_first(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        static const unsigned helpers[4] = {0x1c, 0x1a, 0x0e, 0x16};

        tear_down(NULL);
        w = world_new(100 + seed);
        world_lose(w, 0);
        world_run(w, helpers[seed]);
        world_check_done(w);
    }
}

static void two_nodes_one_after_the_other_and_one_of_them_again(void **state)
{
    (void)state;
    world_lose(w, 4);
    world_run(w, 0x07);
    world_check_done(w);
    world_lose(w, 1);
    w->nodes[1].plan = w->nodes[0].plan; /* the host tells it of the first one */
    w->nodes[1].roster = w->nodes[0].roster;
    world_run(w, 0x19); /* the one that was repaired helps */
    world_check_done(w);
    world_lose(w, 1);
    w->nodes[1].plan = w->nodes[0].plan;
    w->nodes[1].roster = w->nodes[0].roster;
    world_run(w, 0x0d);
    world_check_done(w);
    assert_int_equal(w->nodes[0].roster.incarnation[1], 4);
    world_lose(w, 2); /* a third */
    assert_int_equal(world_order(w, 0), ERR_HALTED);
    assert_int_equal(world_begin(w, 0, 0x0b), ERR_MISMATCH);
}

/* ---- who may be helped ---- */

static void nobody_helps_without_the_order(void **state)
{
    (void)state;
    world_lose(w, 4);
    assert_int_equal(world_begin(w, 0, 0x07), ERR_MISMATCH);
    assert_int_equal(world_order(w, 0), ERR_OK);
    w->order.attempt++; /* another than the one that was taken */
    assert_int_equal(world_begin(w, 0, 0x07), ERR_MISMATCH);
    assert_int_equal(w->queued, 0);
}

static void helpers_are_three_others(void **state)
{
    (void)state;
    world_lose(w, 4);
    assert_int_equal(world_order(w, 0), ERR_OK);
    assert_int_equal(world_begin(w, 0, 0x0e), ERR_RANGE); /* without itself */
    assert_int_equal(world_begin(w, 0, 0x13), ERR_RANGE); /* with the target */
    assert_int_equal(world_begin(w, 0, 0x03), ERR_RANGE);
    assert_int_equal(world_begin(w, 0, 0x0f), ERR_RANGE);
    assert_int_equal(world_begin(w, 0, 0x23), ERR_RANGE); /* of no node */
    assert_int_equal(world_order(w, 4), ERR_OK);
    assert_int_equal(world_begin(w, 4, 0x13), ERR_RANGE);
    assert_int_equal(world_begin(w, 0, 0x07), ERR_OK);
    assert_int_equal(world_begin(w, 0, 0x07), ERR_STATE); /* under way */
}

/* Helpers that were told of different helpers make no channel. */
static void all_four_mean_the_same_repair(void **state)
{
    (void)state;
    world_lose(w, 4);
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        assert_int_equal(world_order(w, i), ERR_OK);
    }
    assert_int_equal(world_begin(w, 0, 0x07), ERR_OK);
    assert_int_equal(world_begin(w, 1, 0x07), ERR_OK);
    assert_int_equal(world_begin(w, 2, 0x0e), ERR_OK);
    assert_int_equal(world_begin(w, 4, 0x07), ERR_OK);
    world_settle(w);
    w->now_ns += LIMIT_REENROL_NS;
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        reenrol_tick(&w->nodes[i].r, w->now_ns);
        assert_int_not_equal(at(i)->state, REENROL_DONE);
    }
    assert_ended(4, ERR_DEADLINE, REENROL_NOBODY);
    assert_int_equal(at(4)->shown, 3);
}

/* The lost process was stopped only, and goes on with its old keys. */
static void the_old_incarnation_is_answered_by_nobody(void **state)
{
    const struct reenrol_setup as_it_was = {&w->old.plan, &w->old.roster, &w->order, 0x07,
                                            &w->classic->key};
    uint8_t bytes[REENROL_OUT_MAX];
    struct writer out = wr_init(bytes, sizeof bytes);
    struct reenrol_packet p;

    (void)state;
    world_lose(w, 4);
    assert_int_equal(reenrol_roster_take(&w->old.roster, &w->old.plan, w->epoch_id, &w->order),
                     ERR_OK);
    const struct reenrol_public known = {{&w->pq->matrix, w->pq->t}, &w->pq->keygen_scratch};

    /* It does not have the new identity key, and is found out at once. */
    assert_int_equal(reenrol_ask(&w->old.r, &w->old.tools, &as_it_was, &known, w->now_ns, &out),
                     ERR_MISMATCH);
    /* Nor does any of its words of before count. */
    struct pq1_setup s = {.own = {4, 1, {0}, {NULL, 0}}, .peer = {0, 1, {0}, {NULL, 0}}};

    memcpy(s.epoch_id, w->epoch_id, sizeof s.epoch_id);
    memcpy(s.own.identity, w->old.identity.public_key, P384_PUBLIC_LEN);
    memcpy(s.peer.identity, w->nodes[0].identity.public_key, P384_PUBLIC_LEN);
    assert_int_equal(pq1_init(&w->old.r.channels[0], &s), ERR_OK);
    assert_int_equal(pq1_begin(&w->old.r.channels[0], &w->old.tools.pq1, &out), ERR_OK);
    for (uint8_t i = 0; i < 4; i++) {
        assert_int_equal(world_order(w, i), ERR_OK);
    }
    assert_int_equal(world_begin(w, 0, 0x07), ERR_OK);
    w->queued = 0;
    p = (struct reenrol_packet){4, 0, {bytes, out.len}};
    out = wr_init(bytes + PQ1_HELLO_LEN, sizeof bytes - PQ1_HELLO_LEN);
    reenrol_take(&w->nodes[0].r, &w->nodes[0].tools, &p, w->now_ns, &out);
    assert_int_equal(out.len, 0);
    assert_int_equal(at(0)->dropped, 1);
}

/* A host that has the old identity key, and says it is of the new incarnation. */
static void an_old_key_does_not_make_the_channel(void **state)
{
    const struct p384_key old = w->nodes[4].identity;

    (void)state;
    world_lose(w, 4);
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        assert_int_equal(world_order(w, i), ERR_OK);
    }
    w->nodes[4].identity = old;
    memcpy(w->nodes[4].plan.nodes[4].identity, old.public_key, P384_PUBLIC_LEN);
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        if (i != 3) {
            assert_int_equal(world_begin(w, i, 0x07), ERR_OK);
        }
    }
    world_settle(w);
    for (uint8_t i = 0; i < 3; i++) {
        assert_int_equal(at(i)->state, REENROL_RUNNING);
        assert_false(at(i)->told >> 4 & 1);
    }
    assert_int_equal(at(4)->shown, 0);
}

/* ---- a host that meddles ---- */

static bool drop_one(struct world *x, uint8_t from, uint8_t to, uint8_t *bytes, size_t *n)
{
    (void)bytes;
    (void)n;
    return from != 1 || to != 4 || ++x->touched != 3;
}

static bool flip_one(struct world *x, uint8_t from, uint8_t to, uint8_t *bytes, size_t *n)
{
    if (from == 1 && to == 4 && ++x->touched == 4) {
        bytes[*n - 20] ^= 1;
    }
    return true;
}

static void what_is_lost_or_changed_ends_it_in_time(void **state)
{
    static world_fault *const faults[] = {drop_one, flip_one};

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        world_lose(w, 4);
        w->touched = 0;
        w->fault = faults[i];
        world_run(w, 0x07);
        assert_int_equal(at(4)->state, REENROL_RUNNING);
        reenrol_tick(&w->nodes[4].r, w->now_ns + LIMIT_REENROL_NS - 1);
        assert_int_equal(at(4)->state, REENROL_RUNNING);
        reenrol_tick(&w->nodes[4].r, w->now_ns + LIMIT_REENROL_NS);
        assert_ended(4, ERR_DEADLINE, REENROL_NOBODY);
    }
    w->fault = NULL;
    world_lose(w, 4); /* another order */
    world_run(w, 0x07);
    world_check_done(w);
}

static bool twice(struct world *x, uint8_t from, uint8_t to, uint8_t *bytes, size_t *n)
{
    const struct reenrol_packet p = {from, to, {bytes, *n}};
    const struct reenrol_packet elsewhere = {
        from, (uint8_t)((to + 1) % WORLD_NODES), {bytes, *n}};
    uint8_t answer[REENROL_OUT_MAX];
    struct writer out = wr_init(answer, sizeof answer);

    reenrol_take(&x->nodes[elsewhere.to].r, &x->nodes[elsewhere.to].tools, &p, x->now_ns, &out);
    assert_int_equal(out.len, 0);
    if (bytes[0] == PQ1_RECORD) {
        static uint8_t copy[REENROL_PACKET_MAX];
        const struct reenrol_packet changed = {from, to, {copy, *n}};

        memcpy(copy, bytes, *n);
        copy[*n - 1] ^= 1;
        reenrol_take(&x->nodes[to].r, &x->nodes[to].tools, &changed, x->now_ns, &out);
        assert_int_equal(out.len, 0);
    }
    return true;
}

/* Records that are not genuine change nothing, nor do packets for another. */
static void what_is_not_genuine_is_dropped(void **state)
{
    (void)state;
    world_lose(w, 4);
    w->fault = twice;
    world_run(w, 0x07);
    world_check_done(w);
    assert_true(at(4)->dropped > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_shares_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_three_help_any_node_whatever_comes_first, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(two_nodes_one_after_the_other_and_one_of_them_again,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_helps_without_the_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(helpers_are_three_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_four_mean_the_same_repair, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_old_incarnation_is_answered_by_nobody, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_old_key_does_not_make_the_channel, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_lost_or_changed_ends_it_in_time, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_genuine_is_dropped, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
