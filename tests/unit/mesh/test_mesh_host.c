/* Channels over a host that loses, keeps, doubles, alters and makes up what it carries. */
#include "mesh_fixture.h"

static struct kept held;

/* ---- one that loses ---- */
/* Whichever message of a handshake is lost: the next attempt makes the channel. */
static void a_handshake_that_stalls_begins_anew(void **state)
{
    (void)state;
    for (unsigned from = 0; from < 2; from++) {
        for (unsigned type = PQ1_HELLO; type <= PQ1_FINISHED; type++) {
            struct lost l = {
                .from = from, .kind = MESH_HANDSHAKE, .type = (uint8_t)type, .n = 1};

            mesh_kit_start(kit, 0);
            mesh_kit_start(kit, 1);
            kit->host = lose;
            kit->arg = &l;
            mesh_kit_settle(kit);
            assert_false(mesh_kit_is_whole(kit));
            mesh_kit_pass(kit, 2 * MESH_STALL_NS + MESH_PAUSE_NS);
            assert_true(l.seen > 1);
            assert_true(mesh_kit_is_whole(kit));
        }
    }
}

/* Nobody is there for minutes: what waits for it is one Hello or one knock. */
static void nobody_there_fills_no_lane(void **state)
{
    struct writer w = wr_init(kit->answer, sizeof kit->answer);

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        kit->now_ns += MESH_STALL_NS / 10;
        mesh_kit_tick(kit);
        assert_true(mesh_box_bytes(&kit->m[0]->outbox, 1) <= 8 + 1 + PQ1_HELLO_LEN);
        assert_true(mesh_box_bytes(&kit->m[1]->outbox, 0) <= 8 + 1);
    }
    assert_int_equal(mesh_give(kit->m[0], &w), 1);
    assert_true(kit->m[0]->counts.failed >= 90 && kit->m[0]->counts.failed <= 100);
    mesh_kit_pass(kit, MESH_STALL_NS);
    assert_true(mesh_kit_is_whole(kit));
}

/* ---- one that breaks ---- */
static void a_lost_record_breaks_the_channel_and_the_next_is_made(void **state)
{
    (void)state;
    for (unsigned from = 0; from < 2; from++) {
        struct lost l = {.from = from, .kind = MESH_RECORD, .n = 1};
        uint32_t breaks;

        mesh_kit_pass(kit, MESH_STALL_NS);
        assert_true(mesh_kit_is_whole(kit));
        breaks = mesh_breaks(kit->m[1 - from], from);
        kit->host = lose;
        kit->arg = &l;
        kit->got = count_got;
        got = 0;
        assert_int_equal(say(from, 1 - from, 1), ERR_OK); /* lost */
        mesh_kit_fetch(kit, from);
        assert_true(mesh_verified(kit->m[1 - from], from));
        assert_int_equal(say(from, 1 - from, 2), ERR_OK); /* shows it */
        assert_int_equal(say(from, 1 - from, 3), ERR_OK); /* is not opened any more */
        mesh_kit_fetch(kit, from);
        assert_int_equal(got, 0);
        assert_false(mesh_verified(kit->m[1 - from], from));
        assert_int_equal(mesh_breaks(kit->m[1 - from], from), breaks + 1);
        assert_int_equal(say(1 - from, from, 4), ERR_STATE);
        assert_true(mesh_verified(kit->m[from], 1 - from)); /* does not know yet */
        mesh_kit_pass(kit, 2 * MESH_PAUSE_NS);
        assert_true(mesh_kit_is_whole(kit));
        assert_int_equal(mesh_breaks(kit->m[1 - from], from), breaks + 1);
        reach(from, 1 - from, 5);
        reach(1 - from, from, 6);
    }
}

/* Nothing that was lost can be sent for once more than once. */
static void a_seed_outlives_its_channel(void **state)
{
    uint8_t seed[MESH_SEED_LEN];
    struct lost l = {.from = 0, .kind = MESH_RECORD, .n = 1};

    (void)state;
    mesh_kit_settle(kit);
    memcpy(seed, mesh_seed(kit->m[0], 1), sizeof seed);
    kit->host = lose;
    kit->arg = &l;
    assert_int_equal(say(0, 1, 1), ERR_OK);
    assert_int_equal(say(0, 1, 2), ERR_OK);
    mesh_kit_pass(kit, MESH_STALL_NS);
    assert_int_equal(mesh_breaks(kit->m[1], 0), 1);
    assert_true(mesh_kit_is_whole(kit));
    assert_memory_equal(mesh_seed(kit->m[0], 1), seed, sizeof seed);
}

/* The very first record, which carries the seed, is lost: it comes again. */
static void a_seed_that_was_lost_comes_again(void **state)
{
    (void)state;
    for (unsigned from = 0; from < 2; from++) {
        struct lost l = {.from = from, .kind = MESH_RECORD, .n = 1};

        mesh_kit_start(kit, 0);
        mesh_kit_start(kit, 1);
        kit->host = lose;
        kit->arg = &l;
        mesh_kit_settle(kit);
        assert_true(mesh_verified(kit->m[0], 1) && mesh_verified(kit->m[1], 0));
        assert_null(mesh_seed(kit->m[1 - from], from));
        assert_int_equal(say(from, 1 - from, 1), ERR_OK);
        mesh_kit_pass(kit, MESH_STALL_NS);
        assert_true(mesh_kit_is_whole(kit));
    }
}

static void a_doubled_record_is_dropped(void **state)
{
    (void)state;
    mesh_kit_settle(kit);
    held = (struct kept){.from = 0, .kind = MESH_RECORD, .most = 3};
    kit->host = keep;
    kit->arg = &held;
    kit->got = count_got;
    got = 0;
    for (uint8_t i = 1; i <= 3; i++) {
        assert_int_equal(say(0, 1, i), ERR_OK);
    }
    mesh_kit_fetch(kit, 0);
    assert_int_equal(got, 3);
    for (size_t i = 0; i < held.n; i++) {
        mesh_kit_deliver(kit, 0, 1, held.bytes[i], held.len[i]);
    }
    assert_int_equal(got, 3);
    assert_int_equal(kit->m[1]->counts.dropped, 3);
    assert_int_equal(kit->m[1]->counts.broken, 0);
    reach(0, 1, 9);
}

static void reordered_records_break_and_none_is_given_out_of_order(void **state)
{
    (void)state;
    mesh_kit_settle(kit);
    held = (struct kept){.from = 0, .kind = MESH_RECORD, .most = 1, .drops = true};
    kit->host = keep;
    kit->arg = &held;
    kit->got = count_got;
    got = 0;
    assert_int_equal(say(0, 1, 1), ERR_OK);
    assert_int_equal(say(0, 1, 2), ERR_OK);
    mesh_kit_fetch(kit, 0);
    mesh_kit_deliver(kit, 0, 1, held.bytes[0], held.len[0]);
    assert_int_equal(got, 0);
    assert_int_equal(mesh_breaks(kit->m[1], 0), 1);
    mesh_kit_pass(kit, 2 * MESH_PAUSE_NS);
    assert_true(mesh_kit_is_whole(kit));
    reach(0, 1, 3);
    mesh_kit_deliver(kit, 0, 1, held.bytes[0], held.len[0]); /* of the channel before */
    assert_int_equal(got, 1);
    reach(0, 1, 4);
}

/* One bit of each byte of a record, in turn, in place of the record. */
static void an_altered_record_is_not_given(void **state)
{
    (void)state;
    mesh_kit_settle(kit);
    held = (struct kept){.from = 0, .kind = MESH_RECORD, .most = 1, .drops = true};
    kit->host = keep;
    kit->arg = &held;
    kit->got = count_got;
    got = 0;
    assert_int_equal(say(0, 1, 1), ERR_OK);
    mesh_kit_fetch(kit, 0);
    assert_int_equal(held.n, 1);
    for (size_t i = 0; i < held.len[0]; i++) {
        held.bytes[0][i] ^= 0x10;
        mesh_kit_deliver(kit, 0, 1, held.bytes[0], held.len[0]);
        held.bytes[0][i] ^= 0x10;
    }
    for (size_t n = 0; n < held.len[0]; n++) {
        mesh_kit_deliver(kit, 0, 1, held.bytes[0], n);
    }
    assert_int_equal(got, 0);
    assert_int_equal(kit->m[1]->counts.broken, 0);
    mesh_kit_deliver(kit, 0, 1, held.bytes[0],
                     held.len[0]); /* what was meant is still the next */
    assert_int_equal(got, 1);
}

/* A bit of a Hello, of every field of it; what comes later of that handshake is of no use. */
static void an_altered_handshake_makes_no_channel_and_the_next_does(void **state)
{
    const size_t fields[] = {0, 1, 2, 50, 51, 52, 56, 60, 100, 1400 - 100};

    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        struct altered a = {.at = fields[i]};

        mesh_kit_start(kit, 0);
        mesh_kit_start(kit, 1);
        kit->host = alter;
        kit->arg = &a;
        mesh_kit_settle(kit);
        assert_true(a.done);
        assert_false(mesh_kit_is_whole(kit));
        mesh_kit_pass(kit, 2 * MESH_STALL_NS);
        assert_true(mesh_kit_is_whole(kit));
    }
}

/* The last message of a renewal is lost: one end has the new keys, the other cannot know. */
static void a_renewal_that_ends_at_one_end_is_made_again(void **state)
{
    (void)state;
    for (unsigned from = 0; from < 2; from++) {
        struct lost l = {.from = from, .kind = MESH_HANDSHAKE, .type = PQ1_FINISHED, .n = 1};

        mesh_kit_pass(kit, MESH_STALL_NS);
        assert_true(mesh_kit_is_whole(kit));
        kit->host = lose;
        kit->arg = &l;
        kit->now_ns += PQ1_LIFE_NS / 2;
        mesh_kit_settle(kit);
        assert_int_equal(l.seen, 1);
        kit->now_ns += MESH_STALL_NS;
        assert_int_equal(mesh_tick(kit->m[1], kit->now_ns), ERR_OK);
        assert_int_equal(mesh_verified(kit->m[1], 0), from == 1);
        mesh_kit_pass(kit, MESH_STALL_NS);
        assert_true(mesh_kit_is_whole(kit));
        everybody_reaches_everybody();
    }
    assert_int_equal(mesh_breaks(kit->m[1], 0), 1);
}

/* As lose(), but a bit is another one. */
static bool spoil(struct mesh_kit *k, unsigned from, unsigned to, uint8_t *packet, size_t n)
{
    if (!lose(k, from, to, packet, n)) {
        packet[n - 1] ^= 1;
    }
    return true;
}

/* The same when it is altered: whoever takes it uses the old keys no more, at once. */
static void a_renewal_that_is_altered_at_its_end_is_made_again(void **state)
{
    (void)state;
    for (unsigned from = 0; from < 2; from++) {
        struct lost l = {.from = from, .kind = MESH_HANDSHAKE, .type = PQ1_FINISHED, .n = 1};
        uint32_t breaks;

        mesh_kit_pass(kit, MESH_STALL_NS);
        assert_true(mesh_kit_is_whole(kit));
        breaks = mesh_breaks(kit->m[1 - from], from);
        kit->host = spoil;
        kit->arg = &l;
        kit->now_ns += PQ1_LIFE_NS / 2;
        mesh_kit_settle(kit);
        assert_int_equal(l.seen, 1);
        assert_int_equal(mesh_breaks(kit->m[1 - from], from), breaks + 1);
        mesh_kit_pass(kit, 2 * MESH_PAUSE_NS);
        assert_true(mesh_kit_is_whole(kit));
        everybody_reaches_everybody();
    }
}

/* The clock of a machine that was started just now. */
static void a_young_clock_is_as_good(void **state)
{
    (void)state;
    kit->now_ns = 1;
    mesh_kit_settle(kit);
    assert_true(mesh_kit_is_whole(kit));
}

/* ---- one that says what it likes ---- */

static void packets_that_are_none_are_dropped(void **state)
{
    static const uint8_t none[][4] = {{0},
                                      {4},
                                      {0xff},
                                      {MESH_KNOCK, 0},
                                      {MESH_HANDSHAKE},
                                      {MESH_HANDSHAKE, 4},
                                      {MESH_HANDSHAKE, 0},
                                      {MESH_RECORD},
                                      {MESH_RECORD, 4}};
    static const size_t n[] = {1, 1, 1, 2, 1, 2, 2, 1, 2};

    (void)state;
    mesh_kit_settle(kit);
    for (size_t i = 0; i < sizeof n / sizeof n[0]; i++) {
        for (unsigned to = 0; to < 2; to++) {
            mesh_kit_deliver(kit, 1 - to, to, none[i], n[i]);
        }
    }
    mesh_kit_deliver(kit, 1, 0, none[0], 0);
    mesh_kit_deliver(kit, 0, 1, none[3], 1); /* the lower index has nobody to knock at */
    assert_int_equal(kit->m[0]->counts.dropped, 10);
    assert_int_equal(kit->m[1]->counts.dropped, 10);
    everybody_reaches_everybody();
    assert_int_equal(kit->m[0]->counts.handshakes, 1);
}

/* The Hello of before comes again and again: the channel that is in use stays, few are
 * answered, and after the stall all is as before. */
static void old_hellos_do_no_harm(void **state)
{
    static uint8_t hello[1 + PQ1_HELLO_LEN];
    struct writer w = wr_init(kit->answer, sizeof kit->answer);

    (void)state;
    assert_int_equal(mesh_tick(kit->m[0], kit->now_ns), ERR_OK);
    assert_int_equal(mesh_give(kit->m[0], &w), 1);
    memcpy(hello, kit->answer + MESH_PACKET_HEAD_LEN, sizeof hello);
    mesh_kit_deliver(kit, 0, 1, hello, sizeof hello);
    mesh_kit_deliver(kit, 0, 1, hello, sizeof hello); /* while it is being answered */
    assert_int_equal(kit->m[1]->counts.dropped, 1);
    mesh_kit_settle(kit);
    assert_true(mesh_kit_is_whole(kit));
    for (unsigned i = 0; i < 100; i++) {
        mesh_kit_deliver(kit, 0, 1, hello, sizeof hello);
        hello[1 + 60] ^= 1; /* its nonce: two that differ from one another */
    }
    assert_int_equal(kit->m[1]->counts.failed, MESH_HELLOS_MAX - 2);
    everybody_reaches_everybody();
    mesh_kit_pass(kit, 2 * MESH_STALL_NS);
    assert_false(mesh_making(kit->m[1], 0));
    everybody_reaches_everybody();
    assert_true(mesh_kit_is_whole(kit));
}

/* A Hello that is none of this pair ends nothing that is under way. */
static void hellos_of_others_are_as_if_they_had_not_come(void **state)
{
    static const size_t fields[] = {1, 1 + 1, 1 + 49, 1 + 50, 1 + 51, 1 + 55};
    static uint8_t hello[1 + PQ1_HELLO_LEN];
    struct writer w = wr_init(kit->answer, sizeof kit->answer);

    (void)state;
    assert_int_equal(mesh_tick(kit->m[0], kit->now_ns), ERR_OK);
    assert_int_equal(mesh_give(kit->m[0], &w), 1);
    memcpy(hello, kit->answer + MESH_PACKET_HEAD_LEN, sizeof hello);
    mesh_kit_deliver(kit, 0, 1, hello, sizeof hello);
    hello[1 + 60] ^= 1; /* another nonce */
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        hello[fields[i]] ^= 8;
        mesh_kit_deliver(kit, 0, 1, hello, sizeof hello);
        hello[fields[i]] ^= 8;
        mesh_kit_deliver(kit, 0, 1, hello, sizeof hello - 1);
        mesh_kit_deliver(kit, 0, 1, hello, 1);
    }
    assert_int_equal(kit->m[1]->counts.dropped, 3 * sizeof fields / sizeof fields[0]);
    assert_int_equal(kit->m[1]->counts.failed, 0);
    mesh_kit_settle(kit);
    assert_true(mesh_kit_is_whole(kit));
    assert_int_equal(kit->m[0]->counts.handshakes, 1);
}

/* The last message of a handshake that has ended waits to be fetched; that later ones are given
 * up does not take it away. */
static void what_made_a_channel_is_not_taken_back(void **state)
{
    static const uint8_t knock[] = {MESH_KNOCK};
    struct writer w = wr_init(kit->answer, 1200);

    (void)state;
    assert_int_equal(mesh_tick(kit->m[0], kit->now_ns), ERR_OK);
    mesh_kit_fetch(kit, 0);                        /* Hello */
    mesh_kit_fetch(kit, 1);                        /* Hello, KEM */
    assert_int_equal(mesh_give(kit->m[0], &w), 1); /* the KEM alone */
    mesh_kit_deliver(kit, 0, 1, kit->answer + MESH_PACKET_HEAD_LEN,
                     w.len - MESH_PACKET_HEAD_LEN);
    mesh_kit_fetch(kit, 1); /* Finished */
    assert_true(mesh_verified(kit->m[0], 1));
    assert_false(mesh_verified(kit->m[1], 0));
    for (unsigned i = 0; i < 3; i++) {
        mesh_kit_deliver(kit, 1, 0, knock, sizeof knock);
        kit->now_ns += MESH_PAUSE_NS;
        assert_int_equal(mesh_tick(kit->m[0], kit->now_ns), ERR_OK);
    }
    assert_int_equal(kit->m[0]->counts.failed, 2);
    kit->host = NULL;
    mesh_kit_fetch(kit, 0);
    assert_int_equal(kit->m[1]->counts.handshakes, 1);
    assert_true(mesh_verified(kit->m[1], 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MESH_TEST(two, a_handshake_that_stalls_begins_anew),
        MESH_TEST(two, nobody_there_fills_no_lane),
        MESH_TEST(two, a_lost_record_breaks_the_channel_and_the_next_is_made),
        MESH_TEST(two, a_seed_outlives_its_channel),
        MESH_TEST(two, a_seed_that_was_lost_comes_again),
        MESH_TEST(two, a_doubled_record_is_dropped),
        MESH_TEST(two, reordered_records_break_and_none_is_given_out_of_order),
        MESH_TEST(two, an_altered_record_is_not_given),
        MESH_TEST(two, an_altered_handshake_makes_no_channel_and_the_next_does),
        MESH_TEST(two, a_renewal_that_ends_at_one_end_is_made_again),
        MESH_TEST(two, a_renewal_that_is_altered_at_its_end_is_made_again),
        MESH_TEST(two, a_young_clock_is_as_good),
        MESH_TEST(two, packets_that_are_none_are_dropped),
        MESH_TEST(two, old_hellos_do_no_harm),
        MESH_TEST(two, hellos_of_others_are_as_if_they_had_not_come),
        MESH_TEST(two, what_made_a_channel_is_not_taken_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
