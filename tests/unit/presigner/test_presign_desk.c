/* The desk between a core's main thread and the one that makes presignatures: what goes in
 * comes out, what is bounded is refused, and what is void is so at once. Three cores, each of
 * them both sides. */
#include "presigner_kit.h"
#include "testing.h"

#include "enclave/presigner/presign_desk.h"

#define NODES 3
#define TRIPLE 0x07U

static struct world *w;
static struct presign_desk *desks[NODES];

/* What became of orders. */
static struct {
    unsigned n, wakes;
    void *token;
    enum err err;
} told;

static void ordered(void *self, void *token, enum err e)
{
    (void)self;
    told.n++;
    told.token = token;
    told.err = e;
}

static void wake(void *self)
{
    (void)self;
    told.wakes++;
}

static int64_t now(void *self)
{
    (void)self;
    return w->now_ns;
}

static void start(unsigned i)
{
    presign_desk_start(desks[i], w->core[i].p, &w->core[i].pool, NODES);
}

static int up(void **state)
{
    (void)state;
    memset(&told, 0, sizeof told);
    w = world_new(NODES, 7);
    for (unsigned i = 0; i < NODES; i++) {
        struct presign_meeting meeting = presign_meeting_alone();

        meeting.ordered = ordered;
        meeting.wake = wake;
        meeting.monotonic_ns = now;
        desks[i] = world_room(64, sizeof *desks[i]);
        presign_desk_init(desks[i], &meeting);
        start(i);
    }
    return 0;
}

static int down(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NODES; i++) {
        free(desks[i]);
    }
    world_free(w);
    return 0;
}

/* ---- a host ---- */

static size_t fetch(unsigned i, size_t room)
{
    struct writer out = wr_init(w->buffer, room);

    presign_desk_get(desks[i], &out);
    assert_false(out.full);
    return out.len;
}

/* What core i has to say goes to where it is for. */
static bool carry(unsigned i)
{
    static uint8_t one[MESH_PACKET_HEAD_LEN + MESH_PACKET_MAX];
    struct reader in = rd_init((struct view){w->buffer, fetch(i, sizeof w->buffer)});
    const bool any = in.n > 0;
    struct mesh_packet p;

    while (in.n > 0) {
        struct writer put = wr_init(one, sizeof one);
        unsigned to;

        assert_int_equal(mesh_packet_decode(&in, &p), ERR_OK);
        to = p.node;
        assert_true(to < NODES && to != i);
        p.node = (uint8_t)i;
        mesh_packet_encode(&put, &p);
        assert_int_equal(presign_desk_put(desks[to], (struct view){one, put.len}), 1);
    }
    return any;
}

static void run(unsigned rounds)
{
    for (unsigned k = 0; k < rounds; k++) {
        for (unsigned i = 0; i < NODES; i++) {
            presign_desk_slice(desks[i]);
            (void)carry(i);
        }
        w->now_ns += PRESIGN_TICK_NS;
    }
}

static struct presign_status status(unsigned i)
{
    struct presign_status s;

    presign_desk_status(desks[i], &s);
    return s;
}

static void keep(struct tecdsa_presignature *r, unsigned i)
{
    struct tecdsa_presignature record;

    memset(&record, 0, sizeof record);
    tecdsa_noise(&w->core[0].noise, record.id, sizeof record.id);
    record.s = TRIPLE;
    atomic_store(&record.state, TECDSA_PRESIGNATURE_FRESH);
    memcpy(r, &record, sizeof record);
    world_must(presign_pool_add(&w->core[i].pool, &record, w->now_ns));
}

/* ---- tests ---- */

static void packets_pass_until_all_have_channels(void **state)
{
    struct presign_status s;

    (void)state;
    assert_int_equal(status(0).n_nodes, 0); /* before the first slice */
    run(40);
    for (unsigned i = 0; i < NODES; i++) {
        s = status(i);
        assert_int_equal(s.n_nodes, NODES);
        for (unsigned k = 0; k < NODES; k++) {
            assert_int_equal(s.nodes[k].seeded, k != i);
        }
    }
    assert_true(told.wakes > 0);
}

static void an_answer_has_whole_packets(void **state)
{
    struct mesh_packet p;
    struct reader r;
    size_t all;
    size_t n;

    (void)state;
    presign_desk_slice(desks[0]); /* two Hellos */
    all = desks[0]->out_len;
    n = fetch(0, all - 1);
    assert_true(n > 0 && n < all);
    r = rd_init((struct view){w->buffer, n});
    assert_int_equal(mesh_packet_decode(&r, &p), ERR_OK);
    assert_int_equal(r.n, 0);
    assert_int_equal(fetch(0, all - n - 1), 0); /* no room for the other one, which stays */
    assert_int_equal(fetch(0, all), all - n);
    assert_int_equal(fetch(0, all), 0);
}

static void an_order_is_answered_when_it_was_carried_out(void **state)
{
    struct presign_order o = {.kind = PRESIGN_ORDER_SETUP, .peer = 1, .counter = 1};
    int token = 0;

    (void)state;
    assert_int_equal(presign_desk_order(desks[0], &o, &token), ERR_OK);
    assert_int_equal(told.n, 0);
    assert_true(presign_desk_is_due(desks[0], w->now_ns));
    presign_desk_slice(desks[0]);
    assert_int_equal(told.n, 1);
    assert_ptr_equal(told.token, &token);
    assert_int_equal(told.err, ERR_STATE); /* no channel yet */
    run(40);
    assert_int_equal(presign_desk_order(desks[0], &o, &token), ERR_OK);
    presign_desk_slice(desks[0]);
    assert_int_equal(told.err, ERR_OK);
    assert_int_equal(status(0).nodes[1].setup, PRESIGN_PAIR_RUNNING);
    for (size_t i = 0; i < PRESIGN_ORDERS_MAX; i++) {
        assert_int_equal(presign_desk_order(desks[0], &o, &token), ERR_OK);
    }
    assert_int_equal(presign_desk_order(desks[0], &o, &token), ERR_NOSPACE);
    presign_desk_slice(desks[0]);
    assert_int_equal(told.n, 2 + PRESIGN_ORDERS_MAX);
    assert_int_equal(told.err, ERR_STALE);
}

static void nothing_is_done_once_it_is_stopped(void **state)
{
    const struct presign_order o = {.kind = PRESIGN_ORDER_ACCEL};
    struct mesh_packet knock = {1, {(const uint8_t *)"\x03", 1}};
    uint8_t bytes[16];
    struct writer put = wr_init(bytes, sizeof bytes);
    int token = 0;

    (void)state;
    run(2);
    mesh_packet_encode(&put, &knock);
    assert_int_equal(presign_desk_put(desks[0], (struct view){bytes, put.len}), 1);
    assert_int_equal(presign_desk_order(desks[0], &o, &token), ERR_OK);
    desks[0]->busy = true; /* as the other thread has it */
    assert_false(presign_desk_stop(desks[0]));
    assert_int_equal(told.n, 1);
    assert_int_equal(told.err, ERR_STATE);
    assert_int_equal(presign_desk_order(desks[0], &o, &token), ERR_STATE);
    desks[0]->busy = false;
    assert_true(presign_desk_stop(desks[0]));
    assert_false(presign_desk_is_due(desks[0], INT64_MAX));
    presign_desk_slice(desks[0]);
    assert_false(desks[0]->busy);
    assert_int_equal(fetch(0, sizeof w->buffer), 0);
    assert_int_equal(mesh_box_bytes(&desks[0]->in, 1), 0);
}

static void what_is_void_is_so_at_once(void **state)
{
    struct tecdsa_presignature record;

    (void)state;
    keep(&record, 0);
    assert_false(presign_desk_is_voided(desks[0]));
    assert_int_equal(presign_desk_void(desks[0]), 1);
    assert_int_equal(presign_pool_triple(&w->core[0].pool, record.id), 0);
    assert_true(presign_desk_is_voided(desks[0]));
    keep(&record, 0); /* of a session that was at its end meanwhile */
    assert_true(presign_desk_is_due(desks[0], 0));
    presign_desk_slice(desks[0]);
    assert_false(presign_desk_is_voided(desks[0]));
    assert_int_equal(presign_pool_triple(&w->core[0].pool, record.id), 0);
}

/* In the middle of a slice, after the presigner heard of what came before. */
static void again(void *self)
{
    world_enter(self);
    if (!presign_desk_is_voided(desks[0]) || desks[0]->voids == 2) {
        return;
    }
    if (mesh_breaks(w->core[0].mesh, 1) > 0) {
        (void)presign_desk_void(desks[0]);
    }
}

static void what_is_void_while_that_is_heard_waits_for_the_next_slice(void **state)
{
    (void)state;
    run(40);
    (void)presign_desk_void(desks[0]);
    w->core[0].p->of.guard.enter = again;
    presign_desk_slice(desks[0]);
    w->core[0].p->of.guard.enter = world_enter;
    assert_true(presign_desk_is_voided(desks[0]));
    assert_true(presign_desk_is_due(desks[0], 0));
    presign_desk_slice(desks[0]);
    assert_false(presign_desk_is_voided(desks[0]));
}

static void a_fence_voids_what_was_made_with_a_node(void **state)
{
    struct presign_fence f = {.incarnation = 2};
    struct tecdsa_presignature record;

    (void)state;
    run(40);
    assert_true(status(0).nodes[1].seeded);
    memcpy(f.identity, w->of.nodes[1].identity, sizeof f.identity);
    memcpy(f.signing_key, w->of.nodes[1].signing_key, sizeof f.signing_key);
    keep(&record, 0);
    presign_desk_fence(desks[0], 1, &f);
    assert_int_equal(presign_pool_triple(&w->core[0].pool, record.id), 0);
    assert_true(presign_desk_is_voided(desks[0]));
    presign_desk_slice(desks[0]);
    assert_false(presign_desk_is_voided(desks[0]));
    assert_int_equal(status(0).nodes[1].incarnation, 2);
    assert_false(status(0).nodes[1].seeded);
    assert_true(status(0).nodes[2].seeded);
    run(10);
    assert_int_not_equal(status(0).nodes[1].channel, PRESIGN_CHANNEL_VERIFIED);
    assert_false(presign_desk_failed(desks[0]));
}

static enum err no_entropy(void *self, uint8_t *out, size_t n)
{
    (void)self;
    memset(out, 0, n);
    return ERR_IO;
}

static void without_fresh_entropy_it_ends(void **state)
{
    struct tecdsa_presignature record;

    (void)state;
    run(2);
    w->core[0].entropy.fill = no_entropy;
    keep(&record, 0);
    (void)presign_desk_void(desks[0]);
    presign_desk_slice(desks[0]);
    assert_true(presign_desk_failed(desks[0]));
    assert_true(presign_desk_is_voided(desks[0])); /* and so it stays */
    assert_false(presign_desk_is_due(desks[0], INT64_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(packets_pass_until_all_have_channels, up, down),
        cmocka_unit_test_setup_teardown(an_answer_has_whole_packets, up, down),
        cmocka_unit_test_setup_teardown(an_order_is_answered_when_it_was_carried_out, up, down),
        cmocka_unit_test_setup_teardown(nothing_is_done_once_it_is_stopped, up, down),
        cmocka_unit_test_setup_teardown(what_is_void_is_so_at_once, up, down),
        cmocka_unit_test_setup_teardown(
            what_is_void_while_that_is_heard_waits_for_the_next_slice, up, down),
        cmocka_unit_test_setup_teardown(a_fence_voids_what_was_made_with_a_node, up, down),
        cmocka_unit_test_setup_teardown(without_fresh_entropy_it_ends, up, down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
