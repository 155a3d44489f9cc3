/* Five engines of presignatures, each behind the desk where its core's threads meet, and the
 * process of the host that carries between them and says what is to be made, over the frames
 * that a core answers: stocks are filled, by the accelerator or by three, whoever dies, and
 * whatever two bad cores do not do; and what three hold signs. */
#include "presigner_kit.h"
#include "testing.h"

#include "enclave/presigner/presign_desk.h"
#include "host/mesh/pump.h"

#define NODES 5
#define TARGET 4
#define STOCK (TARGET / 2)
#define WALL_US UINT64_C(1800000000000000)
#define LATEST_NS INT64_C(120000000000) /* nothing here takes longer */

static struct world *w;
static struct pump *pump;
static struct presign_desk *desk[NODES];
static uint8_t asked[PUMP_FRAME_MAX], answered[PUMP_FRAME_MAX];
static unsigned lost_one_in; /* of packets that are put; 0: none */
static uint64_t n_put;

/* Bad cores: they have channels and setups, take orders of sessions, and answer nobody in them.
 * They have no part in the accelerator. */
#define BAD_ORDERS_MAX 1024
static unsigned bad;
static bool lying; /* says that it is at nothing, and makes much; else, how it stands */
static size_t n_ordered[NODES];
static int64_t ordered_ns[NODES][BAD_ORDERS_MAX];

_Static_assert(SCHEDULER_ENDS_NS == PRESIGNER_SESSION_NS, "when a session that fails ends");
_Static_assert(SCHEDULER_SESSIONS_MAX == PRESIGNER_SESSIONS, "at once");

static bool is_bad(unsigned i)
{
    return (bad >> i & 1) != 0;
}

/* ---- a core's frames ---- */

static void say_hello(unsigned i, struct writer *out)
{
    struct hello h = {.clock = CLOCK_KERNEL,
                      .index = (uint8_t)(i + 1),
                      .r1_life_ms = 1000,
                      .n_keys = 1,
                      .keys = {{.key = KEY_CLASSIC,
                                .threshold = TECDSA_T,
                                .total = NODES,
                                .public_key = {w->kit->key.public_key, P384_PUBLIC_LEN}}}};

    memcpy(h.epoch_id, w->of.epoch_id, sizeof h.epoch_id);
    hello_encode(out, &h);
}

static void take_put(unsigned i, struct view body, struct writer *out)
{
    size_t n = 0;

    assert_int_equal(mesh_packets_check(body, MESH_PUT_MAX, &n), ERR_OK);
    n_put++;
    if (lost_one_in != 0 && n_put % lost_one_in == 0) {
        mesh_taken_encode(out, (uint8_t)n);
        return;
    }
    mesh_taken_encode(out, (uint8_t)presign_desk_put(desk[i], body));
}

static void give(unsigned i, struct view body, struct writer *out)
{
    struct writer part = wr_init(out->p + out->len, out->cap - out->len);
    uint32_t most = 0;

    assert_int_equal(mesh_get_decode(body, &most), ERR_OK);
    part.cap = most < part.cap ? most : part.cap;
    presign_desk_get(desk[i], &part);
    out->len += part.len;
}

static void ordered(void *self, void *token, enum err e)
{
    (void)self;
    *(enum err *)token = e;
}

static int64_t now(void *self)
{
    (void)self;
    return w->now_ns;
}

static void carry_out(unsigned i, struct view body, struct writer *out)
{
    enum err became = ERR_BUG;
    struct presign_order o;

    assert_int_equal(presign_order_decode(body, &o), ERR_OK);
    if (is_bad(i) && o.kind != PRESIGN_ORDER_SETUP) {
        assert_true(n_ordered[i] < BAD_ORDERS_MAX);
        ordered_ns[i][n_ordered[i]] = w->now_ns;
        n_ordered[i] += o.kind == PRESIGN_ORDER_MAKE;
        presign_ordered_encode(out, ERR_OK);
        return;
    }
    assert_int_equal(presign_desk_order(desk[i], &o, &became), ERR_OK);
    presign_desk_slice(desk[i]);
    assert_int_not_equal(became, ERR_BUG);
    presign_ordered_encode(out, became);
}

/* What a bad core says of how it stands. */
static void pretend(unsigned i, struct presign_status *s)
{
    s->accel = PRESIGN_ACCEL_OFF;
    s->made_dkls += lying ? (uint64_t)w->now_ns : 0;
    for (size_t k = 0; !lying && k < n_ordered[i]; k++) {
        const bool open = w->now_ns - ordered_ns[i][k] < PRESIGNER_SESSION_NS;

        s->sessions = (uint8_t)(s->sessions + open);
        s->aborted += !open;
    }
}

static void answer(unsigned i, const struct frame_header *h, struct view body,
                   struct writer *out)
{
    struct presign_status s;

    if (h->type == FRAME_HELLO) {
        say_hello(i, out);
    } else if (h->type == FRAME_MESH_PUT) {
        take_put(i, body, out);
    } else if (h->type == FRAME_MESH_GET) {
        give(i, body, out);
    } else if (h->type == FRAME_PRESIGN_ORDER) {
        carry_out(i, body, out);
    } else {
        assert_int_equal(h->type, FRAME_PRESIGN_STATUS);
        presign_desk_status(desk[i], &s);
        if (is_bad(i)) {
            pretend(i, &s);
        }
        presign_status_encode(out, &s);
    }
}

/* One question to a core, if there is one. */
static bool turn(unsigned i)
{
    struct writer question = wr_init(asked, sizeof asked);
    struct writer out = wr_init(answered, sizeof answered);
    struct frame_header h;
    size_t mark = 0;

    if (!world_up(w, i) || !pump_ask(pump, i, w->now_ns, &question)) {
        return false;
    }
    assert_int_equal(frame_header_decode((struct view){asked, FRAME_HEADER_LEN}, &h), ERR_OK);
    assert_int_equal(question.len, FRAME_HEADER_LEN + h.body_len);
    mark = frame_begin(&out, h.type | FRAME_ANSWER, h.request_id);
    answer(i, &h, (struct view){asked + FRAME_HEADER_LEN, h.body_len}, &out);
    frame_end(&out, mark);
    assert_false(out.full);
    assert_int_equal(frame_header_decode((struct view){answered, FRAME_HEADER_LEN}, &h),
                     ERR_OK);
    assert_int_equal(pump_take(pump, i, &h,
                               (struct view){answered + FRAME_HEADER_LEN, h.body_len},
                               w->now_ns),
                     ERR_OK);
    return true;
}

/* ---- time ---- */

static void work(unsigned i)
{
    while (presign_desk_is_due(desk[i], w->now_ns)) {
        presign_desk_slice(desk[i]);
    }
    assert_false(presign_desk_failed(desk[i]));
}

static void step(void)
{
    bool any = true;

    for (unsigned i = 0; i < NODES; i++) {
        if (world_up(w, i)) {
            work(i);
        }
    }
    assert_int_equal(
        pump_plan(pump, &w->core[0].entropy, w->now_ns, WALL_US + (uint64_t)w->now_ns / 1000),
        ERR_OK);
    for (unsigned rounds = 0; any; rounds++) {
        any = false;
        for (unsigned i = 0; i < NODES; i++) {
            any = turn(i) || any;
        }
        assert_true(rounds < 1000);
    }
    w->now_ns += 2 * WORLD_STEP_NS;
}

/* Whether each of three has so many. */
static bool has(unsigned triple, unsigned n)
{
    for (unsigned i = 0; i < NODES; i++) {
        if ((triple >> i & 1) == 1 && (!world_up(w, i) || world_count(w, i, triple) < n)) {
            return false;
        }
    }
    return true;
}

/* How many triples have a stock. */
static unsigned stocked(void)
{
    unsigned n = 0;

    for (unsigned number = 0; number < TECDSA_ACCEL_TRIPLES; number++) {
        n += has(tecdsa_accel_triple(number), STOCK);
    }
    return n;
}

static void until_stocked(unsigned triples)
{
    const int64_t until = w->now_ns + LATEST_NS;

    while (stocked() < triples) {
        step();
        assert_true(w->now_ns < until);
    }
}

static void pass(int64_t ns)
{
    const int64_t until = w->now_ns + ns;

    while (w->now_ns < until) {
        step();
    }
}

/* Signs with all that three have; a record that one of them lacks goes without. */
static unsigned sign_all(void)
{
    unsigned n = 0;

    for (unsigned number = 0; number < TECDSA_ACCEL_TRIPLES; number++) {
        const unsigned triple = tecdsa_accel_triple(number);

        while (has(triple, 1)) {
            const enum err e = world_sign(w, triple, n);

            assert_true(e == ERR_OK || e == ERR_STALE);
            n += e == ERR_OK;
        }
    }
    return n;
}

static void assert_nobody_is_blamed(void)
{
    struct presign_status s;

    for (unsigned i = 0; i < NODES; i++) {
        world_status(w, i, &s);
        assert_int_equal(s.late, 0);
        assert_int_equal(s.lies, 0);
        for (unsigned j = 0; j < NODES; j++) {
            assert_int_not_equal(s.nodes[j].setup, PRESIGN_PAIR_RESTS);
        }
    }
}

/* ---- who begins ---- */

static void start_core(unsigned i)
{
    struct presign_meeting meeting = presign_meeting_alone();

    meeting.ordered = ordered;
    meeting.monotonic_ns = now;
    memset(desk[i], 0, sizeof *desk[i]);
    presign_desk_init(desk[i], &meeting);
    presign_desk_start(desk[i], w->core[i].p, &w->core[i].pool, NODES);
    presign_desk_slice(desk[i]); /* so that it has a status */
}

static void start_pump(void)
{
    const struct scheduler_rule rule = {NODES, TARGET, true};

    pump_init(pump, &rule, w->now_ns);
    for (unsigned i = 0; i < NODES; i++) {
        if (world_up(w, i)) {
            pump_open(pump, i, w->now_ns);
        }
    }
}

static int up(void **state)
{
    (void)state;
    w = world_new(NODES, 41);
    pump = world_room(64, sizeof *pump);
    for (unsigned i = 0; i < NODES; i++) {
        desk[i] = world_room(64, sizeof *desk[i]);
        start_core(i);
    }
    lost_one_in = 0;
    bad = 0;
    memset(n_ordered, 0, sizeof n_ordered);
    world_set_up_all(w); /* the transfers have tests of their own */
    start_pump();
    return 0;
}

static int down(void **state)
{
    (void)state;
    world_free(w);
    free(pump);
    for (unsigned i = 0; i < NODES; i++) {
        free(desk[i]);
    }
    return 0;
}

static void die(unsigned i)
{
    w->dead |= 1U << i;
    pump_close(pump, i);
}

/* ---- tests ---- */

static void five_fill_their_stocks_by_the_accelerator(void **state)
{
    struct presign_status s;

    (void)state;
    until_stocked(TECDSA_ACCEL_TRIPLES);
    assert_int_equal(pump->scheduler.source, SCHEDULER_ACCEL);
    assert_true(sign_all() >= TECDSA_ACCEL_TRIPLES * STOCK);
    until_stocked(TECDSA_ACCEL_TRIPLES); /* and again */
    for (unsigned i = 0; i < NODES; i++) {
        world_status(w, i, &s);
        assert_int_equal(s.made_dkls, 0);
        assert_int_equal(s.aborted, 0);
        assert_int_equal(w->core[i].mesh->counts.broken, 0);
    }
    assert_nobody_is_blamed();
}

static void whoever_is_left_fills_its_stocks_by_three(void **state)
{
    (void)state;
    until_stocked(TECDSA_ACCEL_TRIPLES);
    die(1);
    die(3);
    (void)sign_all();
    until_stocked(1);
    assert_int_equal(pump->scheduler.source, SCHEDULER_DKLS);
    assert_true(has(0x15, STOCK));
    assert_true(sign_all() >= STOCK);
    assert_nobody_is_blamed();
}

/* kill -9 of it while batches are under way: the next one knows nothing, and goes on. */
static void a_process_that_dies_takes_nothing_with_it(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        pass((3 + 7 * i) * WORLD_STEP_NS);
        memset(pump, 0, sizeof *pump);
        start_pump();
    }
    until_stocked(TECDSA_ACCEL_TRIPLES);
    assert_true(sign_all() > 0);
    assert_nobody_is_blamed();
}

/* Every so many frames of packets vanish: channels break, batches end, and stocks fill. */
static void a_host_that_loses_is_outlived(void **state)
{
    uint64_t broken = 0;

    (void)state;
    lost_one_in = 61;
    pass(INT64_C(15000000000));
    for (unsigned i = 0; i < NODES; i++) {
        broken += w->core[i].mesh->counts.broken;
    }
    assert_true(broken > 0);
    lost_one_in = 0;
    until_stocked(TECDSA_ACCEL_TRIPLES);
    assert_true(sign_all() > 0);
    assert_nobody_is_blamed();
}

/* It comes back as another incarnation, with nothing but its share. */
static void a_node_that_comes_back_is_one_of_five_again(void **state)
{
    struct world_core *const c = &w->core[2];
    struct presign_fence fence = {.incarnation = 2};
    uint8_t seed[MESH_SEED_LEN];

    (void)state;
    until_stocked(TECDSA_ACCEL_TRIPLES);
    memcpy(seed, mesh_seed(w->core[0].mesh, 2), sizeof seed);
    memcpy(fence.identity, w->of.nodes[2].identity, sizeof fence.identity);
    memcpy(fence.signing_key, w->of.nodes[2].signing_key, sizeof fence.signing_key);
    die(2);
    pass(INT64_C(500000000));
    for (unsigned i = 0; i < NODES; i++) {
        if (i != 2) {
            presign_desk_fence(desk[i], 2, &fence);
            assert_int_equal(world_count(w, i, 0x07), 0);
            assert_true(presign_desk_is_voided(desk[i]));
            presign_desk_slice(desk[i]);
            assert_false(presign_desk_is_voided(desk[i]));
        }
    }
    presigner_wipe(c->p);
    memset(c->slots, 0, presign_pool_slots(NODES, WORLD_PER_TRIPLE) * sizeof *c->slots);
    world_must(presign_pool_init(&c->pool, 2, NODES, WORLD_PER_TRIPLE, c->slots));
    w->of.nodes[2].incarnation = 2;
    world_start(w, 2);
    start_core(2);
    for (unsigned i = 0; i < NODES; i++) {
        if (i != 2) {
            world_set_up(w, i, 2);
        }
    }
    w->dead = 0;
    pump_open(pump, 2, w->now_ns);
    until_stocked(TECDSA_ACCEL_TRIPLES);
    assert_int_equal(pump->scheduler.source, SCHEDULER_ACCEL);
    assert_memory_not_equal(mesh_seed(w->core[0].mesh, 2), seed, sizeof seed);
    assert_true(sign_all() >= TECDSA_ACCEL_TRIPLES * STOCK);
    assert_nobody_is_blamed();
}

/* It may have been copied: its records and its channels are gone, and all of it comes anew. */
static void a_core_that_stood_still_begins_again(void **state)
{
    (void)state;
    until_stocked(TECDSA_ACCEL_TRIPLES);
    assert_true(presign_desk_void(desk[3]) >= (size_t)6 * STOCK); /* of six triples */
    assert_int_equal(world_count(w, 3, 0x0b), 0);
    step();
    assert_false(presign_desk_is_voided(desk[3]));
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(mesh_breaks(w->core[3].mesh, i), i != 3);
    }
    until_stocked(TECDSA_ACCEL_TRIPLES);
    assert_int_equal(pump->scheduler.source, SCHEDULER_ACCEL);
    assert_true(sign_all() >= TECDSA_ACCEL_TRIPLES * STOCK);
    assert_nobody_is_blamed();
}

/* ---- two that are bad ---- */

#define STAMP_NS INT64_C(800000000) /* from one stamp to the next */
#define SOON_NS INT64_C(30000000000)
#define LONG_NS INT64_C(50000000000)

/* A stamp now and then, and each is signed by the three at once; so it is no later than soon.
 */
static void assert_serves(unsigned three, int64_t soon_ns)
{
    const int64_t begun_ns = w->now_ns;
    unsigned n = 0;

    for (unsigned stamp = 0; w->now_ns - begun_ns < LONG_NS; stamp++) {
        pass(STAMP_NS);
        if (w->now_ns - begun_ns > soon_ns) {
            assert_true(has(three, 1));
        }
        if (has(three, 1)) {
            assert_int_equal(world_sign(w, three, stamp), ERR_OK);
            n++;
        }
    }
    assert_true(n >= (LONG_NS - soon_ns) / STAMP_NS - 1);
    assert_int_equal(pump->scheduler.source, SCHEDULER_DKLS);
}

/* Two that never made anything, whatever they say of themselves. */
static void three_make_what_they_sign_with(unsigned three)
{
    bad = ((1U << NODES) - 1) & ~three;
    assert_serves(three, SOON_NS);
    assert_nobody_is_blamed();
}

static void the_last_three_go_on_beside_two_that_say_nothing(void **state)
{
    (void)state;
    lying = false;
    three_make_what_they_sign_with(0x1c);
}

static void the_first_three_go_on_beside_two_that_lie(void **state)
{
    (void)state;
    lying = true;
    three_make_what_they_sign_with(0x07);
}

/* They had a part in all stocks before. */
static void three_go_on_when_two_turn_bad(void **state)
{
    (void)state;
    until_stocked(TECDSA_ACCEL_TRIPLES);
    (void)sign_all();
    lying = true;
    bad = 0x0a;
    assert_serves(0x15, SOON_NS);
    assert_nobody_is_blamed();
}

#define CLUSTER(test) cmocka_unit_test_setup_teardown(test, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLUSTER(five_fill_their_stocks_by_the_accelerator),
        CLUSTER(whoever_is_left_fills_its_stocks_by_three),
        CLUSTER(a_process_that_dies_takes_nothing_with_it),
        CLUSTER(a_host_that_loses_is_outlived),
        CLUSTER(a_node_that_comes_back_is_one_of_five_again),
        CLUSTER(a_core_that_stood_still_begins_again),
        CLUSTER(the_last_three_go_on_beside_two_that_say_nothing),
        CLUSTER(the_first_three_go_on_beside_two_that_lie),
        CLUSTER(three_go_on_when_two_turn_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
