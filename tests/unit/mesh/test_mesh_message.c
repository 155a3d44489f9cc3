/* Messages of one record and of two; peers that say them wrong, or too many. */
#include "mesh_fixture.h"

#include "enclave/mesh/mesh_parts.h"

static uint8_t text[MESH_MESSAGE_MAX + 1];

/* What came last, to whom. */
static struct {
    unsigned n, to;
    struct pq1_about about;
    size_t len;
    uint8_t bytes[MESH_MESSAGE_MAX];
} last;

static void keep_last(struct mesh_kit *k, unsigned to, const struct mesh_message *in)
{
    (void)k;
    last.n++;
    last.to = to;
    last.about = in->about;
    last.len = in->body.n;
    memcpy(last.bytes, in->body.p, in->body.n);
}

static void ready(void)
{
    mesh_kit_settle(kit);
    assert_true(mesh_kit_is_whole(kit));
    memset(&last, 0, sizeof last);
    kit->got = keep_last;
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (uint8_t)(i % 251 + 1);
    }
}

static enum err say_n(unsigned from, unsigned to, size_t n)
{
    const struct pq1_about about = {.type = MESH_ACCEL, .round = 3, .session = {4, 5}};

    return mesh_send(kit->m[from], to, &about, (struct view){text, n}, kit->now_ns);
}

/* ---- whole ones ---- */

static void messages_of_each_length_arrive(void **state)
{
    const size_t lengths[] = {0,
                              1,
                              65533,
                              MESH_PART_MAX,
                              MESH_PART_MAX + 1,
                              PQ1_PLAIN_MAX,
                              PQ1_PLAIN_MAX + 1,
                              MESH_MESSAGE_MAX - 1,
                              MESH_MESSAGE_MAX};

    (void)state;
    ready();
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        assert_int_equal(say_n(i % 2, 1 - i % 2, lengths[i]), ERR_OK);
        mesh_kit_settle(kit);
        assert_int_equal(last.n, i + 1);
        assert_int_equal(last.to, 1 - i % 2);
        assert_int_equal(last.len, lengths[i]);
        assert_memory_equal(last.bytes, text, lengths[i]);
        assert_int_equal(last.about.type, MESH_ACCEL);
        assert_int_equal(last.about.round, 3);
        assert_int_equal(last.about.session[1], 5);
    }
    assert_int_equal(say_n(0, 1, MESH_MESSAGE_MAX + 1), ERR_LENGTH);
    assert_int_equal(kit->m[0]->counts.sent, 5);
    assert_int_equal(kit->m[0]->counts.received, 4);
    assert_int_equal(kit->m[0]->counts.dropped + kit->m[1]->counts.dropped, 0);
}

/* A packet of each length is on the wire; two parts in two. */
static void a_part_is_a_record(void **state)
{
    const size_t overhead = MESH_PACKET_HEAD_LEN + 1 + PQ1_RECORD_OVERHEAD + MESH_PART_HEAD_LEN;
    struct writer w = wr_init(kit->answer, sizeof kit->answer);

    (void)state;
    ready();
    assert_int_equal(say_n(0, 1, MESH_PART_MAX), ERR_OK);
    assert_int_equal(mesh_give(kit->m[0], &w), 1);
    assert_int_equal(w.len, MESH_PART_MAX + overhead);
    assert_int_equal(w.len, MESH_PACKET_HEAD_LEN + MESH_PACKET_MAX);
    w = wr_init(kit->answer, sizeof kit->answer);
    assert_int_equal(say_n(0, 1, MESH_PART_MAX + 1), ERR_OK);
    assert_int_equal(mesh_give(kit->m[0], &w), 2);
    assert_int_equal(w.len, MESH_PART_MAX + 1 + 2 * overhead);
}

static void what_is_no_message_is_not_sent(void **state)
{
    const uint8_t types[] = {0, MESH_SEED, MESH_TYPE_LAST + 1, 0xff};
    const struct view empty = {NULL, 0};

    (void)state;
    ready();
    for (size_t i = 0; i < sizeof types; i++) {
        const struct pq1_about about = {.type = types[i]};

        assert_int_equal(mesh_send(kit->m[0], 1, &about, empty, kit->now_ns), ERR_RANGE);
    }
    assert_int_equal(mesh_box_bytes(&kit->m[0]->outbox, 1), 0);
}

/* What was given is erased by the next call, whatever it is; no secret waits in a mesh. */
static bool holds_text(const struct mesh *m)
{
    const uint8_t *const all = (const uint8_t *)m;

    for (size_t i = 0; i + 8 <= sizeof *m; i++) {
        if (all[i] == text[100] && memcmp(all + i, text + 100, 8) == 0) {
            return true;
        }
    }
    return false;
}

static void what_was_given_is_erased(void **state)
{
    static const size_t lengths[] = {1000, MESH_MESSAGE_MAX};

    (void)state;
    ready();
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(say_n(0, 1, lengths[i]), ERR_OK);
        assert_false(holds_text(kit->m[0]));
        mesh_kit_fetch(kit, 0);
        assert_int_equal(last.n, i + 1);
        assert_true(holds_text(kit->m[1]));
        if (i == 0) {
            assert_int_equal(mesh_tick(kit->m[1], kit->now_ns), ERR_OK);
        } else {
            mesh_kit_deliver(kit, 0, 1, text, 0);
        }
        assert_false(holds_text(kit->m[1]));
    }
}

/* ---- a peer that says it wrong ---- */

/* A record of a genuine channel, of a text that the peer made up. */
static void seal_as(unsigned from, unsigned to, const struct pq1_about *about, uint8_t part,
                    uint8_t parts, size_t n)
{
    static uint8_t plain[PQ1_PLAIN_MAX];
    struct pq1 *const c = &kit->m[from]->peers[to].channel;
    struct writer w;

    memcpy(plain, text, sizeof plain);
    plain[0] = part;
    plain[1] = parts;
    assert_int_equal(mesh_box_place(&kit->m[from]->outbox, to, 1 + n + PQ1_RECORD_OVERHEAD, &w),
                     ERR_OK);
    wr_u8(&w, MESH_RECORD);
    assert_int_equal(pq1_seal(c, kit->now_ns, about, (struct view){plain, n}, &w), ERR_OK);
    mesh_box_keep(&kit->m[from]->outbox, to, &w, 0);
}

struct saying {
    uint8_t part, parts;
    size_t n;
};

/* These records in turn give nothing, and the next message arrives. */
static void gives_nothing(const struct saying *s, size_t count)
{
    const struct pq1_about about = {.type = MESH_PRESIGN, .round = 2, .session = {1}};
    const unsigned before = last.n;

    for (size_t i = 0; i < count; i++) {
        seal_as(0, 1, &about, s[i].part, s[i].parts, s[i].n);
    }
    mesh_kit_fetch(kit, 0);
    assert_int_equal(last.n, before);
    assert_int_equal(say_n(0, 1, MESH_MESSAGE_MAX), ERR_OK);
    mesh_kit_fetch(kit, 0);
    assert_int_equal(last.n, before + 1);
    assert_memory_equal(last.bytes, text, MESH_MESSAGE_MAX);
}

static void parts_that_do_not_fit_are_dropped(void **state)
{
    static const struct saying alone[] = {{1, 1, 0},
                                          {1, 1, 1},
                                          {0, 1, 9},
                                          {0, 2, 9},
                                          {2, 1, 9},
                                          {2, 2, 9},
                                          {1, 0, 9},
                                          {1, 3, 9},
                                          {3, 3, 9},
                                          {1, 2, 9},
                                          {1, 2, 2},
                                          {2, 2, PQ1_PLAIN_MAX},
                                          {1, 2, PQ1_PLAIN_MAX - 1},
                                          {2, 3, 9},
                                          {0, 0, 9},
                                          {3, 1, 9},
                                          {3, 2, 9}};
    static const struct saying pairs[][2] = {
        {{1, 2, PQ1_PLAIN_MAX}, {2, 2, 2}},             /* an empty second part */
        {{1, 2, PQ1_PLAIN_MAX}, {2, 2, 0}},             /* without a head */
        {{1, 2, PQ1_PLAIN_MAX}, {1, 1, 9}},             /* another message in between */
        {{1, 2, PQ1_PLAIN_MAX}, {1, 2, PQ1_PLAIN_MAX}}, /* two first parts */
        {{1, 2, PQ1_PLAIN_MAX}, {2, 1, 9}},
        {{1, 2, PQ1_PLAIN_MAX}, {3, 3, 9}},
        {{1, 2, PQ1_PLAIN_MAX}, {3, 2, 9}},
        {{1, 2, PQ1_PLAIN_MAX}, {0, 2, 9}},
        {{1, 0, PQ1_PLAIN_MAX}, {2, 2, 9}},
        {{1, 3, PQ1_PLAIN_MAX}, {2, 2, 9}},
    };

    (void)state;
    ready();
    for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++) {
        gives_nothing(&alone[i], 1);
    }
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        gives_nothing(pairs[i], 2);
    }
    assert_int_equal(kit->m[1]->counts.broken, 0);
}

/* Two first parts, and then a second: of neither. */
static void a_second_part_after_a_mistake_completes_nothing(void **state)
{
    static const struct saying three[] = {
        {1, 2, PQ1_PLAIN_MAX}, {1, 2, PQ1_PLAIN_MAX}, {2, 2, 9}};

    (void)state;
    ready();
    gives_nothing(three, 3);
}

static void parts_of_two_messages_make_none(void **state)
{
    const struct pq1_about first = {.type = MESH_PRESIGN, .round = 2, .session = {1}};
    struct pq1_about others[] = {first, first, first};

    (void)state;
    ready();
    others[0].type = MESH_ACCEL;
    others[1].round = 3;
    others[2].session[PQ1_SESSION_LEN - 1] = 1;
    for (size_t i = 0; i < 3; i++) {
        seal_as(0, 1, &first, 1, 2, PQ1_PLAIN_MAX);
        seal_as(0, 1, &others[i], 2, 2, 9);
        mesh_kit_fetch(kit, 0);
        assert_int_equal(last.n, 0);
        assert_int_equal(kit->m[1]->peers[0].used, 0);
    }
    seal_as(0, 1, &first, 1, 2, PQ1_PLAIN_MAX);
    seal_as(0, 1, &first, 2, 2, 9);
    mesh_kit_fetch(kit, 0);
    assert_int_equal(last.n, 1);
    assert_int_equal(last.len, PQ1_PLAIN_MAX - 2 + 9 - 2);
}

static void parts_of_two_peers_do_not_meet(void **state)
{
    const struct pq1_about about = {.type = MESH_PRESIGN, .round = 2, .session = {1}};

    (void)state;
    ready();
    seal_as(0, 1, &about, 1, 2, PQ1_PLAIN_MAX);
    mesh_kit_fetch(kit, 0);
    seal_as(2, 1, &about, 2, 2, 9);
    mesh_kit_fetch(kit, 2);
    assert_int_equal(last.n, 0);
    seal_as(2, 1, &about, 1, 1, 9); /* a whole one of another, in between */
    mesh_kit_fetch(kit, 2);
    assert_int_equal(last.n, 1);
    assert_int_equal(last.len, 7);
    seal_as(0, 1, &about, 2, 2, 9);
    mesh_kit_fetch(kit, 0);
    assert_int_equal(last.n, 2);
    assert_int_equal(last.len, PQ1_PLAIN_MAX - 2 + 9 - 2);
}

/* A first part, then new keys: the second one is of no message. */
static void a_part_does_not_outlive_its_channel(void **state)
{
    const struct pq1_about about = {.type = MESH_PRESIGN, .round = 2, .session = {1}};

    (void)state;
    ready();
    for (unsigned i = 0; i < 2; i++) {
        const uint64_t dropped = kit->m[1]->counts.dropped;

        seal_as(0, 1, &about, 1, 2, PQ1_PLAIN_MAX);
        mesh_kit_fetch(kit, 0);
        assert_int_equal(kit->m[1]->peers[0].used, PQ1_PLAIN_MAX);
        if (i == 0) {
            kit->now_ns += PQ1_LIFE_NS / 2;
        } else {
            assert_int_equal(mesh_break(kit->m[1]), ERR_OK);
            assert_int_equal(kit->m[1]->peers[0].used, 0);
            mesh_kit_pass(kit, MESH_STALL_NS);
        }
        mesh_kit_settle(kit);
        assert_true(mesh_kit_is_whole(kit));
        assert_true(i > 0 || kit->m[1]->counts.dropped == dropped); /* the seed came, too */
        seal_as(0, 1, &about, 2, 2, 9);
        mesh_kit_fetch(kit, 0);
        assert_int_equal(last.n, 0);
    }
}

/* A gap erases the first part; what was given is there until the next call, whatever breaks. */
static void a_break_erases_what_nobody_reads(void **state)
{
    const struct pq1_about about = {.type = MESH_PRESIGN, .round = 2, .session = {1}};
    struct mesh_peer *const p = &kit->m[1]->peers[0];

    (void)state;
    ready();
    seal_as(0, 1, &about, 1, 2, PQ1_PLAIN_MAX);
    mesh_kit_fetch(kit, 0);
    p->channel.receive.seq--; /* as if one were missing */
    seal_as(0, 1, &about, 2, 2, 9);
    p->channel.receive.seq--;
    mesh_kit_fetch(kit, 0);
    assert_int_equal(mesh_breaks(kit->m[1], 0), 1);
    assert_int_equal(p->used, 0);
    mesh_kit_pass(kit, MESH_STALL_NS);
    assert_int_equal(say_n(0, 1, 1000), ERR_OK);
    mesh_kit_fetch(kit, 0);
    assert_int_equal(last.n, 1);
    kit->now_ns += PQ1_LIFE_NS + 1;
    assert_int_equal(say_n(1, 0, 5), ERR_STATE); /* while it is being read */
    assert_int_equal(mesh_breaks(kit->m[1], 0), 2);
    assert_true(holds_text(kit->m[1]));
    assert_int_equal(mesh_tick(kit->m[1], kit->now_ns), ERR_OK);
    assert_false(holds_text(kit->m[1]));
    mesh_kit_pass(kit, 2 * MESH_STALL_NS);
    assert_int_equal(say_n(0, 1, 1000), ERR_OK);
    mesh_kit_fetch(kit, 0);
    assert_int_equal(mesh_drop(kit->m[1], 0, 2, NULL), ERR_OK); /* but for the fence */
    assert_false(holds_text(kit->m[1]));
}

static void a_break_erases_the_part_of_another(void **state)
{
    const struct pq1_about about = {.type = MESH_PRESIGN, .round = 2, .session = {1}};

    (void)state;
    ready();
    seal_as(2, 1, &about, 1, 2, PQ1_PLAIN_MAX);
    mesh_kit_fetch(kit, 2);
    assert_int_equal(say_n(0, 1, 1000), ERR_OK);
    mesh_kit_fetch(kit, 0);
    kit->now_ns += PQ1_LIFE_NS + 1;
    assert_int_equal(say_n(1, 2, 5), ERR_STATE);
    assert_int_equal(kit->m[1]->peers[2].used, 0);
    assert_int_equal(kit->m[1]->peers[0].used, 1000 + MESH_PART_HEAD_LEN); /* is being read */
}

static void what_has_no_type_is_dropped(void **state)
{
    const uint8_t types[] = {0, MESH_TYPE_LAST + 1, 0xff};

    (void)state;
    ready();
    for (size_t i = 0; i < sizeof types; i++) {
        const struct pq1_about about = {.type = types[i]};
        const uint64_t dropped = kit->m[1]->counts.dropped;

        seal_as(0, 1, &about, 1, 1, 9);
        mesh_kit_fetch(kit, 0);
        assert_int_equal(last.n, 0);
        assert_int_equal(kit->m[1]->counts.dropped, dropped + 1);
    }
}

/* ---- seeds ---- */

static void a_seed_of_another_form_changes_nothing(void **state)
{
    const struct pq1_about good = {.type = MESH_SEED};
    struct pq1_about bad[] = {good, good};
    uint8_t seed[MESH_SEED_LEN];

    (void)state;
    ready();
    memcpy(seed, mesh_seed(kit->m[1], 0), sizeof seed);
    bad[0].round = 1;
    bad[1].session[0] = 1;
    for (unsigned i = 0; i < 2; i++) { /* before it came, and after */
        const uint64_t dropped = kit->m[1]->counts.dropped;

        kit->m[1]->peers[0].seeding.came = i > 0;
        seal_as(0, 1, &bad[0], 1, 1, 2 + MESH_SEED_LEN);
        seal_as(0, 1, &bad[1], 1, 1, 2 + MESH_SEED_LEN);
        seal_as(0, 1, &good, 1, 1, 2 + MESH_SEED_LEN - 1);
        seal_as(0, 1, &good, 1, 1, 2 + MESH_SEED_LEN + 1);
        mesh_kit_fetch(kit, 0);
        assert_int_equal(kit->m[1]->counts.dropped, dropped + 4);
        assert_int_equal(kit->m[1]->peers[0].seeding.came, i > 0);
        assert_memory_equal(kit->m[1]->peers[0].seeding.seed, seed, sizeof seed);
    }
    assert_int_equal(last.n, 0);
}

/* Who says another part than before has forgotten the first; who says the same, nothing. */
static void another_seed_is_seen(void **state)
{
    const struct pq1_about about = {.type = MESH_SEED};
    uint8_t before[2 * MESH_SEED_LEN];

    (void)state;
    ready();
    memcpy(before, mesh_seed(kit->m[1], 0), MESH_SEED_LEN);
    memcpy(before + MESH_SEED_LEN, mesh_mac_key(kit->m[1], 0), MESH_SEED_LEN);
    assert_int_equal(mesh_seeds(kit->m[1], 0), 1);
    for (unsigned i = 0; i < 2; i++) {
        seal_as(0, 1, &about, 1, 1, 2 + MESH_SEED_LEN);
        mesh_kit_fetch(kit, 0);
        assert_memory_equal(kit->m[1]->peers[0].seeding.peer, text + 2, MESH_SEED_LEN);
        assert_memory_not_equal(mesh_seed(kit->m[1], 0), before, MESH_SEED_LEN);
        assert_memory_not_equal(mesh_mac_key(kit->m[1], 0), before + MESH_SEED_LEN,
                                MESH_SEED_LEN);
        assert_int_equal(mesh_seeds(kit->m[1], 0), 2);
    }
    assert_int_equal(kit->m[1]->counts.dropped, 0);
}

/* Whichever part is there first. */
static void a_seed_waits_for_both_parts(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 2; first++) {
        mesh_kit_start(kit, 0);
        mesh_kit_start(kit, 1);
        assert_int_equal(mesh_tick(kit->m[0], kit->now_ns), ERR_OK);
        for (unsigned i = 0; i < 6; i++) {
            mesh_kit_fetch(kit, i % 2);
        }
        assert_true(mesh_verified(kit->m[0], 1) && mesh_verified(kit->m[1], 0));
        assert_int_equal(mesh_tick(kit->m[first], kit->now_ns), ERR_OK);
        mesh_kit_fetch(kit, first);
        assert_null(mesh_seed(kit->m[0], 1));
        assert_null(mesh_seed(kit->m[1], 0));
        assert_null(mesh_mac_key(kit->m[0], 1));
        assert_null(mesh_mac_key(kit->m[1], 0));
        assert_int_equal(mesh_tick(kit->m[1 - first], kit->now_ns), ERR_OK);
        mesh_kit_fetch(kit, 1 - first);
        assert_true(mesh_kit_is_whole(kit));
    }
}

/* The seed, and the key of the MACs of R1s. Golden: docs/wire.md 14.3. */
static void a_seed_has_these_bytes(void **state)
{
    static const uint8_t golden[MESH_SEED_LEN] = {
        0x1e, 0x36, 0x65, 0x67, 0x52, 0x34, 0x5c, 0x87, 0x97, 0x7e, 0x34,
        0x38, 0x75, 0x81, 0x7e, 0x4e, 0x7f, 0x95, 0x2f, 0x51, 0x42, 0x31,
        0x01, 0xdd, 0x44, 0x60, 0x2f, 0x3c, 0x4e, 0x09, 0xb6, 0x84};
    static const uint8_t golden_mac[MESH_SEED_LEN] = {
        0x73, 0x48, 0xb7, 0xcb, 0x4c, 0xc7, 0xab, 0xfe, 0xfe, 0x49, 0x26,
        0x04, 0x4d, 0xbe, 0xb2, 0xd2, 0x00, 0x2e, 0x64, 0x4d, 0xf6, 0x4f,
        0x65, 0xb1, 0x04, 0x21, 0x47, 0xbb, 0xdc, 0xc1, 0x9d, 0x44};
    const struct pq1_about about = {.type = MESH_SEED};
    struct mesh_seeding *s;

    (void)state;
    ready();
    for (unsigned i = 0; i < 2; i++) {
        memset(kit->m[i]->epoch_id, 0, sizeof kit->m[i]->epoch_id);
        memset(kit->m[i]->key_id, 0, sizeof kit->m[i]->key_id);
        kit->m[i]->roster[1].incarnation = 2;
        s = &kit->m[i]->peers[1 - i].seeding;
        *s = (struct mesh_seeding){.drawn = true};
        memset(s->own, 0xa0 + (int)i, sizeof s->own);
    }
    for (unsigned i = 0; i < 2; i++) {
        s = &kit->m[i]->peers[1 - i].seeding;
        assert_int_equal(mesh_seal(kit->m[i], 1 - i, &about,
                                   (struct view){s->own, sizeof s->own}, kit->now_ns),
                         ERR_OK);
        mesh_kit_fetch(kit, i);
    }
    assert_memory_equal(mesh_seed(kit->m[0], 1), mesh_seed(kit->m[1], 0), MESH_SEED_LEN);
    assert_memory_equal(mesh_seed(kit->m[0], 1), golden, MESH_SEED_LEN);
    assert_memory_equal(mesh_mac_key(kit->m[0], 1), mesh_mac_key(kit->m[1], 0), MESH_SEED_LEN);
    assert_memory_equal(mesh_mac_key(kit->m[0], 1), golden_mac, MESH_SEED_LEN);
}

/* ---- a peer that floods, and one that does not listen ---- */

static void a_lane_that_nobody_fetches_is_bounded(void **state)
{
    size_t n = 0;

    (void)state;
    ready();
    while (say_n(0, 1, 1000) == ERR_OK) {
        n++;
        assert_true(n < 1000);
    }
    assert_int_equal(say_n(0, 1, 1000), ERR_NOSPACE);
    assert_true(mesh_box_bytes(&kit->m[0]->outbox, 1) <= MESH_LANE_BYTES - MESH_RESERVED_BYTES);
    assert_true(mesh_box_bytes(&kit->m[0]->outbox, 1) >
                MESH_LANE_BYTES - MESH_RESERVED_BYTES - 1200);
    assert_int_equal(say_n(0, 2, 1000), ERR_OK); /* another's is not full */
    assert_true(n >= 400);
    /* Handshakes have room all the same. */
    kit->now_ns += PQ1_LIFE_NS / 2;
    assert_int_equal(mesh_tick(kit->m[0], kit->now_ns), ERR_OK);
    assert_true(mesh_making(kit->m[0], 1));
    mesh_kit_settle(kit);
    assert_int_equal(last.n, n + 1);
    assert_true(mesh_kit_is_whole(kit));
    assert_int_equal(kit->m[1]->counts.broken, 0);
}

static void of_a_message_that_does_not_fit_nothing_is_sent(void **state)
{
    size_t bytes;

    (void)state;
    ready();
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(say_n(0, 1, MESH_MESSAGE_MAX), ERR_OK);
    }
    bytes = mesh_box_bytes(&kit->m[0]->outbox, 1);
    assert_int_equal(say_n(0, 1, MESH_MESSAGE_MAX), ERR_NOSPACE); /* its first part would fit */
    assert_int_equal(mesh_box_bytes(&kit->m[0]->outbox, 1), bytes);
    mesh_kit_settle(kit);
    assert_int_equal(last.n, 3);
    assert_int_equal(say_n(0, 1, MESH_MESSAGE_MAX), ERR_OK);
    mesh_kit_settle(kit);
    assert_int_equal(last.n, 4);
}

/* First parts alone, of one peer: nothing grows, and another is served. */
static void a_flood_of_first_parts_is_bounded(void **state)
{
    const struct pq1_about about = {.type = MESH_PRESIGN, .round = 2, .session = {1}};

    (void)state;
    ready();
    for (unsigned i = 0; i < 200; i++) {
        seal_as(0, 1, &about, 1, 2, PQ1_PLAIN_MAX);
        mesh_kit_fetch(kit, 0);
        assert_true(kit->m[1]->peers[0].used <= PQ1_PLAIN_MAX);
    }
    assert_int_equal(last.n, 0);
    assert_int_equal(say_n(2, 1, 5), ERR_OK);
    mesh_kit_fetch(kit, 2);
    assert_int_equal(last.n, 1);
}

static int three(void **state)
{
    (void)state;
    return begin(3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MESH_TEST(two, messages_of_each_length_arrive),
        MESH_TEST(two, a_part_is_a_record),
        MESH_TEST(two, what_is_no_message_is_not_sent),
        MESH_TEST(two, what_was_given_is_erased),
        MESH_TEST(two, parts_that_do_not_fit_are_dropped),
        MESH_TEST(two, a_second_part_after_a_mistake_completes_nothing),
        MESH_TEST(two, parts_of_two_messages_make_none),
        MESH_TEST(three, parts_of_two_peers_do_not_meet),
        MESH_TEST(two, a_part_does_not_outlive_its_channel),
        MESH_TEST(two, a_break_erases_what_nobody_reads),
        MESH_TEST(three, a_break_erases_the_part_of_another),
        MESH_TEST(two, what_has_no_type_is_dropped),
        MESH_TEST(two, a_seed_of_another_form_changes_nothing),
        MESH_TEST(two, another_seed_is_seen),
        MESH_TEST(two, a_seed_waits_for_both_parts),
        MESH_TEST(two, a_seed_has_these_bytes),
        MESH_TEST(three, a_lane_that_nobody_fetches_is_bounded),
        MESH_TEST(two, of_a_message_that_does_not_fit_nothing_is_sent),
        MESH_TEST(three, a_flood_of_first_parts_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
