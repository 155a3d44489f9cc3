/* Channels of several cores over a host that carries what they say. */
#include "mesh_fixture.h"

/* ---- all pairs ---- */

static void all_pairs_have_a_channel_and_a_seed(void **state)
{
    (void)state;
    assert_false(mesh_verified(kit->m[0], 1));
    assert_null(mesh_seed(kit->m[0], 1));
    mesh_kit_settle(kit);
    assert_true(mesh_kit_is_whole(kit));
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(kit->m[i]->counts.handshakes, 4);
        assert_int_equal(kit->m[i]->counts.failed, 0);
        assert_int_equal(kit->m[i]->counts.dropped, 0);
        for (unsigned j = 0; j < 5; j++) {
            assert_false(mesh_making(kit->m[i], j));
            assert_int_equal(mesh_breaks(kit->m[i], j), 0);
        }
    }
    assert_memory_not_equal(mesh_seed(kit->m[0], 1), mesh_seed(kit->m[0], 2), MESH_SEED_LEN);
    assert_memory_not_equal(mesh_seed(kit->m[0], 1), mesh_seed(kit->m[1], 2), MESH_SEED_LEN);
}

static void what_is_no_peer_has_nothing(void **state)
{
    static const struct pq1_about about = {.type = MESH_SETUP};
    const unsigned none[] = {0, 2, MESH_NODES_MAX, 1000};
    const uint8_t knock[] = {MESH_KNOCK};

    (void)state;
    mesh_kit_settle(kit);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        const uint64_t dropped = kit->m[0]->counts.dropped;

        assert_false(mesh_verified(kit->m[0], none[i]));
        assert_false(mesh_making(kit->m[0], none[i]));
        assert_int_equal(mesh_breaks(kit->m[0], none[i]), 0);
        assert_null(mesh_seed(kit->m[0], none[i]));
        assert_int_equal(mesh_drop(kit->m[0], none[i], 9, NULL), ERR_RANGE);
        assert_int_equal(
            mesh_send(kit->m[0], none[i], &about, (struct view){NULL, 0}, kit->now_ns),
            ERR_RANGE);
        mesh_kit_deliver(kit, none[i], 0, knock, sizeof knock);
        assert_int_equal(kit->m[0]->counts.dropped, dropped + 1);
    }
}

static void a_setup_must_make_sense(void **state)
{
    struct mesh_setup s = kit->setups[0];
    struct mesh *const m = kit->m[0];

    (void)state;
    s.nodes = 1;
    assert_int_equal(mesh_init(m, &s), ERR_RANGE);
    s.nodes = MESH_NODES_MAX + 1;
    assert_int_equal(mesh_init(m, &s), ERR_RANGE);
    s.nodes = 2;
    s.own = 2;
    assert_int_equal(mesh_init(m, &s), ERR_RANGE);
    s.own = 1;
    assert_int_equal(mesh_init(m, &s), ERR_MISMATCH);
    s.own = 0;
    s.roster[1] = s.roster[0];
    assert_int_equal(mesh_init(m, &s), ERR_RANGE);
    assert_int_equal(m->nodes, 0);
    /* Two of the others, neither of them this one. */
    s.nodes = 3;
    s.roster[1] = s.roster[2] = kit->setups[0].roster[1];
    assert_int_equal(mesh_init(m, &s), ERR_RANGE);
    assert_int_equal(mesh_init(m, &kit->setups[0]), ERR_OK);
}

/* ---- time ---- */

static void a_channel_is_renewed_at_half_its_life_and_loses_nothing(void **state)
{
    (void)state;
    mesh_kit_settle(kit);
    kit->now_ns += PQ1_LIFE_NS / 2 - 1;
    mesh_kit_settle(kit);
    assert_int_equal(kit->m[0]->counts.handshakes, 1);
    kit->now_ns += 1;
    /* Messages are under way on both sides of the renewal. */
    kit->got = count_got;
    got = 0;
    for (uint8_t i = 1, both = 0; both < 20; both++) {
        mesh_kit_tick(kit);
        i = (uint8_t)(i + (say(0, 1, i) == ERR_OK));
        i = (uint8_t)(i + (say(1, 0, i) == ERR_OK));
        mesh_kit_fetch(kit, both % 2);
        if (both == 19) {
            mesh_kit_settle(kit);
            assert_int_equal(got, i - 1);
        }
    }
    assert_int_equal(kit->m[0]->counts.handshakes, 2);
    assert_int_equal(kit->m[0]->counts.broken + kit->m[1]->counts.broken, 0);
    assert_true(mesh_kit_is_whole(kit));
    everybody_reaches_everybody();
}

/* Whoever has sent its Finished waits with what it says. */
static void messages_wait_for_the_end_of_a_renewal(void **state)
{
    (void)state;
    mesh_kit_settle(kit);
    kit->now_ns += PQ1_LIFE_NS / 2;
    mesh_kit_tick(kit);
    (void)mesh_kit_fetch(kit, 0); /* Hello */
    (void)mesh_kit_fetch(kit, 1); /* Hello, KEM */
    assert_true(mesh_making(kit->m[0], 1));
    assert_int_equal(say(0, 1, 1), ERR_NOSPACE);
    assert_int_equal(say(1, 0, 1), ERR_OK);
    mesh_kit_settle(kit);
    assert_int_equal(say(0, 1, 1), ERR_OK);
}

static void a_channel_that_is_not_renewed_ends(void **state)
{
    struct lost l = {.from = LOST_ANY, .kind = MESH_HANDSHAKE, .n = 1000};

    (void)state;
    mesh_kit_settle(kit);
    kit->host = lose;
    kit->arg = &l;
    kit->now_ns += PQ1_LIFE_NS;
    mesh_kit_settle(kit);
    reach(0, 1, 1);
    kit->now_ns += 1;
    assert_int_equal(say(1, 0, 1), ERR_STATE); /* nobody ticked */
    assert_false(mesh_verified(kit->m[1], 0));
    mesh_kit_settle(kit);
    assert_false(mesh_verified(kit->m[0], 1));
    assert_int_equal(mesh_breaks(kit->m[0], 1), 1);
    assert_int_equal(mesh_breaks(kit->m[1], 0), 1);
    kit->host = NULL;
    mesh_kit_pass(kit, 2 * MESH_STALL_NS);
    assert_true(mesh_kit_is_whole(kit));
}

/* ---- incarnations ---- */

static void tell_incarnation(unsigned node, uint32_t incarnation, const uint8_t *identity)
{
    for (unsigned i = 0; i < kit->nodes; i++) {
        if (i != node) {
            assert_int_equal(mesh_drop(kit->m[i], node, incarnation, identity), ERR_OK);
        }
        kit->setups[i].roster[node].incarnation = incarnation;
        memcpy(kit->setups[i].roster[node].identity, kit->identities[node].public_key,
               P384_PUBLIC_LEN);
    }
}

static void an_old_incarnation_is_answered_by_nobody(void **state)
{
    (void)state;
    mesh_kit_settle(kit);
    kit->got = count_got;
    got = 0;
    for (unsigned i = 0; i < 5; i++) {
        if (i != 2) {
            assert_int_equal(say(i, 2, 7), ERR_OK); /* waits in the outbox */
            assert_int_equal(say(2, i, 7), ERR_OK);
        }
    }
    tell_incarnation(2, 2, NULL);
    for (unsigned i = 0; i < 5; i++) {
        assert_false(mesh_verified(kit->m[i], 2));
        assert_null(i == 2 ? NULL : mesh_seed(kit->m[i], 2));
        assert_int_equal(i == 2 ? 0 : mesh_box_bytes(&kit->m[i]->outbox, 2), 0);
    }
    mesh_kit_fetch(kit, 2); /* what it said comes to nobody */
    assert_int_equal(got, 0);
    for (unsigned i = 0; i < 5; i++) {
        if (i > 2) { /* the old one begins: nothing comes back */
            const size_t waits = mesh_box_bytes(&kit->m[i]->outbox, 2);

            assert_int_equal(mesh_drop(kit->m[2], i, 2, NULL), ERR_OK);
            assert_int_equal(mesh_tick(kit->m[2], kit->now_ns), ERR_OK);
            mesh_kit_fetch(kit, 2);
            assert_int_equal(mesh_box_bytes(&kit->m[i]->outbox, 2), waits);
        }
    }
    mesh_kit_pass(kit, 3 * MESH_STALL_NS);
    for (unsigned i = 0; i < 5; i++) {
        assert_false(mesh_verified(kit->m[i], 2));
        assert_false(mesh_verified(kit->m[2], i) && i > 2);
    }
}

static void a_new_incarnation_has_a_new_channel_and_a_new_seed(void **state)
{
    uint8_t before[5][MESH_SEED_LEN];

    (void)state;
    mesh_kit_settle(kit);
    for (unsigned i = 0; i < 5; i++) {
        if (i != 2) {
            memcpy(before[i], mesh_seed(kit->m[i], 2), MESH_SEED_LEN);
        }
    }
    mesh_kit_keys(kit, 2, 77);
    tell_incarnation(2, 2, kit->identities[2].public_key);
    kit->setups[2].roster[2].incarnation = 2;
    mesh_kit_start(kit, 2);
    mesh_kit_pass(kit, MESH_STALL_NS);
    assert_true(mesh_kit_is_whole(kit));
    for (unsigned i = 0; i < 5; i++) {
        if (i != 2) {
            assert_memory_not_equal(before[i], mesh_seed(kit->m[i], 2), MESH_SEED_LEN);
        }
    }
    everybody_reaches_everybody();
    assert_int_equal(mesh_drop(kit->m[0], 2, 2, NULL), ERR_STALE);
    assert_int_equal(mesh_drop(kit->m[0], 2, 1, NULL), ERR_STALE);
    assert_int_equal(mesh_drop(kit->m[0], 2, 3, kit->identities[4].public_key), ERR_RANGE);
    assert_int_equal(mesh_drop(kit->m[0], 2, 3, kit->identities[0].public_key), ERR_RANGE);
    assert_true(mesh_kit_is_whole(kit));
}

/* As fresh as at the start: whatever waited, or had to be waited for, is over. */
static void a_new_incarnation_waits_for_nothing(void **state)
{
    static uint8_t hello[1 + PQ1_HELLO_LEN];
    struct writer w = wr_init(kit->answer, sizeof kit->answer);

    (void)state;
    mesh_kit_settle(kit);
    assert_int_equal(mesh_drop(kit->m[0], 1, 2, NULL), ERR_OK);
    assert_int_equal(mesh_tick(kit->m[0], kit->now_ns), ERR_OK);
    assert_true(mesh_making(kit->m[0], 1)); /* in the moment of the handshake before */
    assert_int_equal(mesh_give(kit->m[0], &w), 1);
    assert_int_equal(mesh_drop(kit->m[1], 0, 2, NULL), ERR_OK);
    assert_int_equal(mesh_tick(kit->m[1], kit->now_ns), ERR_OK);
    assert_int_equal(mesh_box_bytes(&kit->m[1]->outbox, 0), MESH_WAITING_HEAD_LEN + 1);
    /* One that is to be answered, after as many as can be. */
    kit->setups[0].roster[0].incarnation = 2;
    mesh_kit_start(kit, 0);
    w = wr_init(kit->answer, sizeof kit->answer);
    assert_int_equal(mesh_tick(kit->m[0], kit->now_ns), ERR_OK);
    assert_int_equal(mesh_give(kit->m[0], &w), 1);
    memcpy(hello, kit->answer + MESH_PACKET_HEAD_LEN, sizeof hello);
    for (unsigned i = 0; i <= MESH_HELLOS_MAX; i++) {
        mesh_kit_deliver(kit, 0, 1, hello, sizeof hello);
        hello[1 + 60] ^= 1;
    }
    assert_int_equal(kit->m[1]->counts.dropped, 1);
    assert_int_equal(mesh_drop(kit->m[1], 0, 3, NULL), ERR_OK);
    hello[1 + 51] = 3;
    mesh_kit_deliver(kit, 0, 1, hello, sizeof hello);
    assert_true(mesh_making(kit->m[1], 0));
}

/* ---- a core that may have been copied ---- */

static void a_break_ends_all_channels_and_they_come_again(void **state)
{
    uint8_t before[MESH_SEED_LEN];

    (void)state;
    mesh_kit_settle(kit);
    memcpy(before, mesh_seed(kit->m[0], 1), sizeof before);
    assert_int_equal(say(0, 1, 1), ERR_OK);
    assert_int_equal(mesh_break(kit->m[0]), ERR_OK);
    for (unsigned i = 1; i < 5; i++) {
        assert_false(mesh_verified(kit->m[0], i));
        assert_false(pq1_is_verified(&kit->m[0]->peers[i].channel));
        assert_int_equal(mesh_breaks(kit->m[0], i), 1);
        assert_int_equal(mesh_box_bytes(&kit->m[0]->outbox, i), 0);
        assert_null(mesh_seed(kit->m[0], i));
        assert_null(mesh_mac_key(kit->m[0], i));
    }
    mesh_kit_pass(kit, 2 * MESH_STALL_NS);
    assert_true(mesh_kit_is_whole(kit));
    assert_memory_not_equal(mesh_seed(kit->m[1], 0), before, sizeof before);
    assert_int_equal(mesh_seeds(kit->m[1], 0), 2);
    assert_int_equal(mesh_seeds(kit->m[1], 2), 1);
    everybody_reaches_everybody();
}

/* Who lives says so, and whatever else a host brings says nothing. */
static void who_lives_is_heard(void **state)
{
    const uint8_t *seed = NULL;
    uint64_t heard = 0;
    struct writer w = wr_init(kit->answer, sizeof kit->answer);

    (void)state;
    mesh_kit_settle(kit);
    seed = mesh_seed(kit->m[0], 1);
    heard = mesh_heard(kit->m[0], 1);
    assert_true(heard > 0);
    assert_int_equal(mesh_heard(kit->m[0], 0), 0);
    mesh_kit_pass(kit, MESH_ALIVE_NS - MESH_PAUSE_NS);
    assert_int_equal(mesh_heard(kit->m[0], 1), heard);
    kit->now_ns += 2 * MESH_PAUSE_NS;
    assert_int_equal(mesh_tick(kit->m[1], kit->now_ns), ERR_OK);
    assert_int_equal(mesh_give(kit->m[1], &w), 1);
    for (unsigned i = 0; i < 3; i++) { /* the same packet again and again */
        mesh_kit_deliver(kit, 1, 0, kit->answer + MESH_PACKET_HEAD_LEN,
                         w.len - MESH_PACKET_HEAD_LEN);
        assert_int_equal(mesh_heard(kit->m[0], 1), heard + 1);
    }
    assert_ptr_equal(mesh_seed(kit->m[0], 1), seed);
    assert_int_equal(mesh_seeds(kit->m[0], 1), 1);
    kit->now_ns += MESH_ALIVE_NS;
    for (unsigned i = 0; i < 10; i++, kit->now_ns += MESH_ALIVE_NS) { /* nobody fetches */
        assert_int_equal(mesh_tick(kit->m[1], kit->now_ns), ERR_OK);
    }
    w = wr_init(kit->answer, sizeof kit->answer);
    assert_int_equal(mesh_give(kit->m[1], &w), 1);
}

static void a_wipe_leaves_nothing(void **state)
{
    (void)state;
    mesh_kit_settle(kit);
    mesh_wipe(kit->m[0]);
    for (size_t i = 0; i < sizeof *kit->m[0]; i++) {
        assert_int_equal(((const uint8_t *)kit->m[0])[i], 0);
    }
    mesh_kit_start(kit, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MESH_TEST(five, all_pairs_have_a_channel_and_a_seed),
        MESH_TEST(two, what_is_no_peer_has_nothing),
        MESH_TEST(two, a_setup_must_make_sense),
        MESH_TEST(two, a_channel_is_renewed_at_half_its_life_and_loses_nothing),
        MESH_TEST(two, messages_wait_for_the_end_of_a_renewal),
        MESH_TEST(two, a_channel_that_is_not_renewed_ends),
        MESH_TEST(five, an_old_incarnation_is_answered_by_nobody),
        MESH_TEST(five, a_new_incarnation_has_a_new_channel_and_a_new_seed),
        MESH_TEST(two, a_new_incarnation_waits_for_nothing),
        MESH_TEST(five, a_break_ends_all_channels_and_they_come_again),
        MESH_TEST(two, who_lives_is_heard),
        MESH_TEST(two, a_wipe_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
