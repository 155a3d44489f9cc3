/* Who begins, who knocks, and when again: handshakes that fail or stall. */
#include "mesh_fixture.h"

static bool count_knocks(struct mesh_kit *k, unsigned from, unsigned to, uint8_t *packet,
                         size_t n)
{
    (void)from;
    (void)to;
    *(unsigned *)k->arg += n == 1 && packet[0] == MESH_KNOCK;
    packet[0] = 0xff; /* and nothing arrives */
    return true;
}

/* The second end breaks its channel: records of before are lost to it. */
static void break_b(void)
{
    struct lost l = {.from = 0, .kind = MESH_RECORD, .n = 1};
    const mesh_kit_host host = kit->host;
    void *const arg = kit->arg;

    kit->host = lose;
    kit->arg = &l;
    assert_int_equal(say(0, 1, 1), ERR_OK);
    assert_int_equal(say(0, 1, 2), ERR_OK);
    mesh_kit_fetch(kit, 0);
    assert_false(mesh_verified(kit->m[1], 0));
    kit->host = host;
    kit->arg = arg;
}

static size_t waits_at_b(void)
{
    assert_int_equal(mesh_tick(kit->m[1], kit->now_ns), ERR_OK);
    return mesh_box_bytes(&kit->m[1]->outbox, 0);
}

/* The other one was not there when the first Hello came: its knock brings the next at once. */
static void a_knock_brings_a_hello(void **state)
{
    struct writer w = wr_init(kit->answer, sizeof kit->answer);

    (void)state;
    assert_int_equal(mesh_tick(kit->m[0], kit->now_ns), ERR_OK);
    assert_int_equal(mesh_give(kit->m[0], &w), 1);
    mesh_kit_settle(kit);
    assert_false(mesh_kit_is_whole(kit));
    kit->now_ns += MESH_PAUSE_NS - 1;
    mesh_kit_settle(kit);
    assert_false(mesh_kit_is_whole(kit));
    kit->now_ns += 1;
    mesh_kit_settle(kit);
    assert_true(mesh_kit_is_whole(kit));
}

/* Only the knock is lost: the first one begins by itself. */
static void nobody_has_to_knock(void **state)
{
    struct lost l = {.from = 1, .kind = MESH_KNOCK, .n = 1000};

    (void)state;
    kit->host = lose;
    kit->arg = &l;
    mesh_kit_settle(kit);
    assert_true(mesh_kit_is_whole(kit));
}

/* After a break, a handshake that fails is followed by another, not at once, but soon. */
static void a_handshake_that_fails_after_a_break_is_tried_again(void **state)
{
    struct altered a = {.from = 1, .type = PQ1_FINISHED, .at = 40};
    struct lost l = {.from = 1, .kind = MESH_RECORD, .n = 1};

    (void)state;
    mesh_kit_pass(kit, MESH_STALL_NS);
    kit->host = lose;
    kit->arg = &l;
    assert_int_equal(say(1, 0, 1), ERR_OK);
    assert_int_equal(say(1, 0, 2), ERR_OK);
    mesh_kit_fetch(kit, 1);
    assert_false(mesh_verified(kit->m[0], 1));
    kit->host = alter;
    kit->arg = &a;
    mesh_kit_settle(kit);
    assert_true(a.done);
    assert_false(mesh_verified(kit->m[0], 1));
    assert_false(mesh_making(kit->m[0], 1));
    assert_int_equal(kit->m[0]->counts.failed, 1);
    kit->now_ns += MESH_PAUSE_NS;
    mesh_kit_settle(kit);
    assert_true(mesh_kit_is_whole(kit));
}

/* What a handshake had to say is of no use once it failed. */
static void a_handshake_that_failed_leaves_no_packets(void **state)
{
    static const uint8_t finished[1 + PQ1_FINISHED_LEN] = {MESH_HANDSHAKE, PQ1_FINISHED};
    struct writer w = wr_init(kit->answer, 1200);

    (void)state;
    assert_int_equal(mesh_tick(kit->m[0], kit->now_ns), ERR_OK);
    mesh_kit_fetch(kit, 0);                        /* Hello */
    mesh_kit_fetch(kit, 1);                        /* Hello, KEM */
    assert_int_equal(mesh_give(kit->m[0], &w), 1); /* the KEM alone */
    mesh_kit_deliver(kit, 0, 1, kit->answer + MESH_PACKET_HEAD_LEN,
                     w.len - MESH_PACKET_HEAD_LEN);
    assert_true(mesh_box_bytes(&kit->m[1]->outbox, 0) > PQ1_FINISHED_LEN);
    mesh_kit_deliver(kit, 0, 1, finished, sizeof finished);
    assert_int_equal(kit->m[1]->counts.failed, 1);
    assert_int_equal(kit->m[1]->counts.dropped, 1);
    assert_int_equal(mesh_box_bytes(&kit->m[1]->outbox, 0), 0);
}

static void one_who_waits_knocks_now_and_then(void **state)
{
    unsigned knocks = 0;

    (void)state;
    kit->host = count_knocks;
    kit->arg = &knocks;
    mesh_kit_settle(kit);
    mesh_kit_pass(kit, 2 * MESH_STALL_NS);
    assert_int_equal(knocks, 3);
}

static void who_has_knocked_just_now_waits(void **state)
{
    unsigned knocks = 0;

    (void)state;
    mesh_kit_settle(kit);
    break_b();
    assert_int_equal(waits_at_b(), 0);
    kit->now_ns += MESH_PAUSE_NS - 1;
    assert_int_equal(waits_at_b(), 0);
    kit->now_ns += 1;
    assert_int_equal(waits_at_b(), MESH_WAITING_HEAD_LEN + 1);
    kit->host = count_knocks;
    kit->arg = &knocks;
    mesh_kit_pass(kit, 2 * MESH_STALL_NS - MESH_PAUSE_NS); /* in a hurry once */
    assert_int_equal(knocks, 2);
    assert_false(mesh_verified(kit->m[1], 0));
}

static void nobody_knocks_during_a_handshake(void **state)
{
    (void)state;
    mesh_kit_settle(kit);
    assert_int_equal(say(0, 1, 3), ERR_OK);
    kit->now_ns += PQ1_LIFE_NS / 2;
    mesh_kit_tick(kit);
    break_b(); /* the Hello goes with it */
    assert_true(mesh_making(kit->m[1], 0));
    mesh_kit_fetch(kit, 1);
    kit->now_ns += MESH_PAUSE_NS;
    assert_int_equal(waits_at_b(), 0);
    mesh_kit_settle(kit);
    assert_true(mesh_kit_is_whole(kit));
}

/* A full lane has no room for a knock: which is no failure of the core. */
static void a_knock_that_has_no_room_is_not_missed(void **state)
{
    static const uint8_t some[500];

    (void)state;
    while (mesh_box_put(&kit->m[1]->outbox, 0, (struct view){some, sizeof some}, 0) == ERR_OK) {
    }
    while (mesh_box_put(&kit->m[1]->outbox, 0, (struct view){some, 1}, 0) == ERR_OK) {
    }
    assert_int_equal(mesh_tick(kit->m[1], kit->now_ns), ERR_OK);
    mesh_kit_pass(kit, MESH_STALL_NS);
    assert_true(mesh_kit_is_whole(kit));
}

/* A knock is for one Hello, and for none once the other side has answered. */
static void a_knock_is_good_for_one_hello(void **state)
{
    static const uint8_t knock[] = {MESH_KNOCK};

    (void)state;
    assert_int_equal(mesh_tick(kit->m[0], kit->now_ns), ERR_OK);
    mesh_kit_deliver(kit, 1, 0, knock, sizeof knock);
    kit->now_ns += MESH_PAUSE_NS;
    assert_int_equal(mesh_tick(kit->m[0], kit->now_ns), ERR_OK);
    assert_int_equal(kit->m[0]->counts.failed, 1);
    kit->now_ns += MESH_PAUSE_NS;
    assert_int_equal(mesh_tick(kit->m[0], kit->now_ns), ERR_OK);
    assert_int_equal(kit->m[0]->counts.failed, 1);
    mesh_kit_deliver(kit, 1, 0, knock, sizeof knock);
    mesh_kit_fetch(kit, 0);
    mesh_kit_fetch(kit, 1); /* the Hello and the KEM of the other */
    kit->now_ns += 2 * MESH_PAUSE_NS;
    assert_int_equal(mesh_tick(kit->m[0], kit->now_ns), ERR_OK);
    assert_int_equal(kit->m[0]->counts.failed, 1);
    mesh_kit_settle(kit);
    assert_int_equal(kit->m[0]->counts.handshakes, 1);
}

/* Knocks without end: a renewal four times a second, and no message is lost. */
static void a_flood_of_knocks_renews_and_loses_nothing(void **state)
{
    static const uint8_t knock[] = {MESH_KNOCK};
    uint64_t before;

    (void)state;
    mesh_kit_settle(kit);
    before = kit->m[0]->counts.handshakes;
    for (unsigned i = 0; i < 40; i++) {
        for (unsigned j = 0; j < 20; j++) {
            mesh_kit_deliver(kit, 1, 0, knock, sizeof knock);
        }
        kit->now_ns += MESH_PAUSE_NS / 4;
        everybody_reaches_everybody();
    }
    assert_int_equal(kit->m[0]->counts.handshakes, before + 10);
    assert_int_equal(kit->m[0]->counts.broken + kit->m[1]->counts.broken, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MESH_TEST(two, a_knock_brings_a_hello),
        MESH_TEST(two, nobody_has_to_knock),
        MESH_TEST(two, a_handshake_that_fails_after_a_break_is_tried_again),
        MESH_TEST(two, a_handshake_that_failed_leaves_no_packets),
        MESH_TEST(two, one_who_waits_knocks_now_and_then),
        MESH_TEST(two, who_has_knocked_just_now_waits),
        MESH_TEST(two, nobody_knocks_during_a_handshake),
        MESH_TEST(two, a_knock_that_has_no_room_is_not_missed),
        MESH_TEST(two, a_knock_is_good_for_one_hello),
        MESH_TEST(two, a_flood_of_knocks_renews_and_loses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
