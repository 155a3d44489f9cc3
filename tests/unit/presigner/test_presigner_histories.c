/* Honest cores under a host that does anything, from a seed: nobody is ever blamed, cut off or
 * counted late for what the host did, whatever three hold signs, and once the host behaves all
 * goes on. */
#include "presigner_kit.h"
#include "testing.h"

#define NODES 5
#define STEPS 150
#define HISTORIES 4
#define HISTORIES_LONG 200

static struct world *w;
static uint64_t random_state;
static unsigned signed_n, refused_n;

static unsigned draw(unsigned below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state % below);
}

/* ---- what a host may do ---- */

/* An order to some, or to all: often of another counter or triple to each. */
static void give_orders(void)
{
    struct presign_order o = {.kind = PRESIGN_ORDER_MAKE, .counter = ++w->counter};
    const bool same = draw(4) != 0;

    o.triple = tecdsa_accel_triple(draw(TECDSA_ACCEL_TRIPLES)) & 0x1f;
    if (draw(3) == 0) {
        o = world_batch_of(w, 1 + draw(20));
    }
    for (unsigned i = 0; i < NODES; i++) {
        if (!same && draw(3) == 0) {
            o.counter -= draw(3);
            o.label[0] = (uint8_t)draw(2);
            o.triples[0] = (uint8_t)draw(TECDSA_ACCEL_TRIPLES);
        }
        if (world_up(w, i) && (same || draw(4) != 0)) {
            refused_n += world_order(w, i, &o) == ERR_OK ? 0 : 1;
        }
    }
}

/* To one end alone, which can come to nothing; the transfers of both have tests of their own.
 */
static void order_half_a_setup(void)
{
    const unsigned i = draw(NODES);
    struct presign_order o = world_setup_of(w, (i + 1 + draw(NODES - 1)) % NODES);

    (void)(world_order(w, i, &o) == ERR_OK);
}

/* Packets on their way to a core: lost, doubled, or one of them spoiled. */
static void spoil_queue(void)
{
    struct world_core *const c = &w->core[draw(NODES)];

    switch (draw(3)) {
    case 0:
        c->queued = 0;
        return;
    case 1:
        if (c->queued > 0 && c->queued <= WORLD_QUEUE / 2) {
            memcpy(c->queue + c->queued, c->queue, c->queued);
            c->queued *= 2;
        }
        return;
    default:
        if (c->queued > MESH_PACKET_HEAD_LEN) {
            c->queue[MESH_PACKET_HEAD_LEN] ^= 1; /* the first one's kind */
        }
        return;
    }
}

/* As many as a pool has. */
static void sign_some(void)
{
    const unsigned triple = tecdsa_accel_triple(draw(TECDSA_ACCEL_TRIPLES));
    const enum err e = world_sign(w, triple, draw(1000));

    if (e != ERR_STALE) { /* one of the three has it no more, or never had */
        assert_int_equal(e, ERR_OK);
        signed_n++;
    }
}

static void act(void)
{
    switch (draw(64)) {
    case 0:
        w->dead = w->dead == 0 ? 1U << draw(NODES) : 0;
        break;
    case 1:
        w->muted = w->muted == 0 ? 1U << draw(NODES) : 0;
        break;
    case 2:
        spoil_queue();
        break;
    case 3:
        w->now_ns += INT64_C(1000000000) * draw(12);
        break;
    case 4:
        world_must(presigner_void(w->core[draw(NODES)].p, w->now_ns));
        break;
    case 5:
        order_half_a_setup();
        break;
    case 6:
        world_set_up(w, 0, 1 + draw(NODES - 1));
        break;
    case 7:
    case 8:
    case 9:
    case 10:
        sign_some();
        break;
    case 11:
    case 12:
    case 13:
    case 14:
    case 15:
        give_orders();
        break;
    default:
        (void)world_step(w);
        break;
    }
}

/* ---- what must hold ---- */

static void assert_nobody_is_blamed(void)
{
    for (unsigned i = 0; i < NODES; i++) {
        const struct presigner *const p = w->core[i].p;

        assert_int_equal(p->epoch.late, 0);
        assert_int_equal(p->lies, 0);
        assert_int_equal(w->core[i].inside, 0);
        for (unsigned j = 0; j < NODES; j++) {
            assert_int_not_equal(p->pair[j].setup.state, PRESIGN_SETUP_FAILED);
            assert_int_equal(p->pair[j].blamed, 0);
            assert_int_equal(p->standing.with[j].n, 0);
            assert_false(p->standing.with[j].out);
        }
        for (unsigned s = 0; s < 1U << NODES; s++) {
            assert_false(p->standing.triples[s].bad);
        }
    }
}

static void assert_all_goes_on(void)
{
    w->dead = 0;
    w->muted = 0;
    world_wait(w, PRESIGNER_BATCH_NS + MESH_STALL_NS);
    world_connect(w);
    world_set_up_all(w);
    for (unsigned i = 0; i < NODES; i++) {
        presign_pool_void(&w->core[i].pool, i); /* some know of records that others lost */
    }
    for (unsigned tries = 0; world_count(w, 0, 0x07) == 0; tries++) {
        assert_true(tries < 3); /* what the host lost breaks a channel once */
        world_batch(w, 10);
        world_wait(w, PRESIGNER_BATCH_NS + WORLD_IDLE_NS);
        world_connect(w);
    }
    assert_int_equal(world_sign_all(w), 10);
    world_make(w, 0x07);
    world_run(w);
    assert_int_equal(world_sign_all(w), 1);
}

static void a_host_blames_nobody(void **state)
{
    const char *const value = getenv("QUORATE_LONG");
    const unsigned n = value != NULL && strcmp(value, "1") == 0 ? HISTORIES_LONG : HISTORIES;

    (void)state;
    w = world_new(NODES, 47);
    for (unsigned history = 1; history <= n; history++) {
        random_state = history * UINT64_C(0x9e3779b97f4a7c15);
        world_connect(w);
        world_set_up_all(w);
        for (unsigned step = 0; step < STEPS; step++) {
            act();
            assert_nobody_is_blamed();
        }
        assert_all_goes_on();
        assert_nobody_is_blamed();
    }
    print_message("%u histories, %u signatures, %u orders refused\n", n, signed_n, refused_n);
    assert_true(signed_n > 0 && refused_n > 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_blames_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
