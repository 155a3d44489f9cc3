/* Frames 0x50 to 0x54, and what the end of a ceremony with a shared classic key makes of a
 * core: the test is also the thread that makes presignatures. That three cores sign with what
 * it makes is in tests/integ/boot. */
#include "member_kit.h"

#include "crypto/hash.h"
#include "enclave/core/core_presign.h"
#include "enclave/core/core_presign_audit.h"
#include "wire/mesh_msg.h"
#include "wire/presign_call.h"
#include "wire/renew_order.h"

#include <string.h>

#define STEPS 100000

static struct member_kit *k;
static struct presign_order order = {.kind = PRESIGN_ORDER_SETUP, .peer = 1, .counter = 1};

static int up(void **state)
{
    (void)state;
    k = member_kit_new_presigning();
    return 0;
}

static int down(void **state)
{
    (void)state;
    member_kit_free(k);
    return 0;
}

static struct core *core_of(size_t i)
{
    return &k->nodes[i].core;
}

static void slice(size_t i)
{
    presign_desk_slice(core_of(i)->presign.desk);
}

static enum err ask(size_t i, uint8_t type)
{
    return member_kit_call(k, i, type, (struct view){NULL, 0});
}

static enum err get(size_t i)
{
    uint8_t bytes[4];
    struct writer w = wr_init(bytes, sizeof bytes);

    mesh_get_encode(&w, MESH_GET_LEAST);
    return member_kit_call(k, i, FRAME_MESH_GET, (struct view){bytes, w.len});
}

/* An order of a lane, whose answer is to come. */
static struct sign_batch *give_bytes(size_t i, struct view body, enum err *e)
{
    struct writer out = wr_init(k->reply, k->answer_room);
    const struct core_call call = {
        .head = {FRAME_PRESIGN_ORDER, 0, 9}, .lane = 3, .body = body};
    struct sign_batch *const b = core_step(core_of(i), &call, &out);

    *e = ERR_OK;
    if (b == NULL) {
        assert_int_equal(frame_error_decode((struct view){k->reply + FRAME_HEADER_LEN, 2}, e),
                         ERR_OK);
    }
    return b;
}

static struct sign_batch *give_order(size_t i, enum err *e)
{
    uint8_t bytes[512];
    struct writer w = wr_init(bytes, sizeof bytes);

    presign_order_encode(&w, &order);
    return give_bytes(i, (struct view){bytes, w.len}, e);
}

static enum err order_answer(size_t i, struct sign_batch *b)
{
    struct writer out = wr_init(k->reply, k->answer_room);
    enum err e = ERR_BUG;

    assert_ptr_equal(jobs_collect(&core_of(i)->jobs), b);
    core_finish(core_of(i), b, &out);
    assert_int_equal(
        presign_ordered_decode(
            (struct view){k->reply + FRAME_HEADER_LEN, out.len - FRAME_HEADER_LEN}, &e),
        ERR_OK);
    return e;
}

static void begin_ceremony(uint8_t classic, uint8_t nonce)
{
    k->plan.classic = classic;
    member_kit_operator(k);
    member_kit_plan(k);
    member_kit_begin_all(k, nonce);
}

/* ---- tests ---- */

static void before_the_ceremony_nothing_is_made(void **state)
{
    enum err e = ERR_OK;

    (void)state;
    assert_int_equal(get(0), ERR_STATE);
    assert_int_equal(ask(0, FRAME_MESH_PUT), ERR_STATE);
    assert_int_equal(ask(0, FRAME_PRESIGN_LIST), ERR_STATE);
    assert_int_equal(ask(0, FRAME_PRESIGN_STATUS), ERR_STATE);
    assert_null(give_order(0, &e));
    assert_int_equal(e, ERR_STATE);
}

/* What a node draws once it has the key, until that is used up. */
static struct {
    struct entropy_source source;
    unsigned left;
} drawn;

static enum err draw_some(void *self, uint8_t *out, size_t n)
{
    (void)self;
    if (drawn.left == 0) {
        return ERR_IO;
    }
    drawn.left--;
    return drawn.source.fill(drawn.source.self, out, n);
}

/* Whichever draw fails, that node has neither key nor what makes presignatures yet. */
static void a_node_without_entropy_makes_nothing_yet(void **state)
{
    struct member_node *const n = &k->nodes[4];
    const struct core_member *const m = n->core.member;
    unsigned draws = 0;

    (void)state;
    begin_ceremony(PLAN_CLASSIC_SHARED, 1);
    for (bool moved = true; moved;) {
        moved = false;
        n->no_entropy = m->ceremony.known.msg[CEREMONY_TEST][4].whole.n > 0;
        for (size_t i = 0; i < MEMBER_TOTAL; i++) {
            moved = member_kit_step(k, i) || moved;
        }
    }
    assert_int_equal(m->ceremony.state, CEREMONY_FINISHED);
    n->no_entropy = false;
    drawn.source = n->entropy;
    n->entropy.fill = draw_some;
    for (; !n->core.has_pq; draws++) { /* for the pool of offers, for the presigner */
        assert_in_range(draws, 0, 2);
        assert_null(n->core.presign.desk);
        assert_null(n->core.presign.pool);
        drawn.left = draws;
        core_tick(&n->core);
    }
    n->entropy = drawn.source;
    assert_int_equal(drawn.left, 0);
    assert_false(member_kit_is_zero(m->presign->presigner, presigner_size()));
    n->said.more = 1; /* what it could not say before */
    member_kit_run(k, STEPS);
}

static void the_shared_key_is_the_classic_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        const struct core *const c = core_of(i);
        const struct hello h = member_kit_hello(k, i);

        assert_int_equal(h.index, i + 1);
        assert_int_equal(h.keys[0].key, KEY_CLASSIC);
        assert_int_equal(h.keys[0].threshold, TECDSA_T);
        assert_int_equal(h.keys[0].total, MEMBER_TOTAL);
        assert_memory_equal(h.keys[0].public_key.p, c->member->classic.public_key,
                            P384_PUBLIC_LEN);
        assert_memory_not_equal(h.keys[0].public_key.p, k->nodes[i].classic.public_key,
                                P384_PUBLIC_LEN);
        assert_memory_equal(h.keys[0].public_key.p, core_of(0)->public.classic,
                            P384_PUBLIC_LEN);
    }
}

static void an_order_takes_a_job_until_it_was_carried_out(void **state)
{
    struct presign_status s;
    struct sign_batch *b;
    enum err e = ERR_OK;

    (void)state;
    assert_int_equal(ask(0, FRAME_PRESIGN_STATUS), ERR_STATE); /* no slice was made */
    b = give_order(0, &e);
    assert_non_null(b);
    assert_int_equal(b->lane, 3);
    assert_int_equal(core_of(0)->jobs.busy, 1);
    slice(0);
    assert_int_equal(order_answer(0, b), ERR_STATE); /* there is no channel */
    assert_int_equal(core_of(0)->jobs.busy, 0);
    assert_int_equal(ask(0, FRAME_PRESIGN_STATUS), ERR_OK);
    assert_int_equal(presign_status_decode(k->body, &s), ERR_OK);
    assert_int_equal(s.n_nodes, MEMBER_TOTAL);
    assert_int_equal(s.cap, LIMIT_PRESIGN_EACH);
}

/* The operator's order that nodes 0 and 1 try once more, of that attempt; *e: what came of it.
 */
static void renew(size_t i, uint32_t attempt, bool is_signed, enum err *e)
{
    struct renew_order o = {.nodes = {0, 1}, .attempt = attempt, .n = is_signed ? 1 : 0};
    uint8_t bytes[1 + RENEW_ORDER_MAX];
    uint8_t digest[P384_DIGEST_LEN];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct sign_batch *b;

    memcpy(o.epoch_id, core_of(0)->epoch_id, EPOCH_ID_LEN);
    renew_body_encode(&w, &o);
    hash_once(HASH_SHA384, (struct view){bytes, w.len}, digest);
    member_kit_sign_order(k, digest, o.signatures[0].signature);
    w.len = 0;
    wr_u8(&w, PRESIGN_ORDER_RENEW);
    renew_order_encode(&w, &o);
    b = give_bytes(i, (struct view){bytes, w.len}, e);
    if (b != NULL) {
        slice(i);
        *e = order_answer(i, b);
    }
}

static void operators_have_a_pair_try_once_more(void **state)
{
    enum err e = ERR_OK;

    (void)state;
    for (size_t i = 0; i < 2; i++) { /* both of the pair, each once */
        renew(i, 1, false, &e);
        assert_int_equal(e, ERR_QUORUM);
        renew(i, 1, true, &e);
        assert_int_equal(e, ERR_OK);
        renew(i, 1, true, &e);
        assert_int_equal(e, ERR_STALE);
        renew(i, 2, true, &e);
        assert_int_equal(e, ERR_OK);
    }
    renew(2, 3, true, &e); /* none of the pair */
    assert_int_equal(e, ERR_RANGE);
    assert_int_equal(core_of(0)->jobs.busy, 0);
}

/* As PRESIGN_STATUS tells it, and no sooner; each once, and again if it comes again. */
static void what_a_check_found_is_audited_once(void **state)
{
    struct core *const c = core_of(0);
    struct presign_status *const s = &c->presign.desk->status;
    const struct presign_status before = *s;

    (void)state;
    false_clock_go(&k->nodes[0].clock, CORE_PRESIGN_LOOK_NS);
    core_tick(c);
    for (unsigned n = 1; n <= 2; n++) {
        s->nodes[2].setup = PRESIGN_PAIR_RESTS;
        s->nodes[2].wait_s = 60 * n;
        s->triples[1].usable = 0;
        core_tick(c); /* not long after the last look */
        assert_int_equal(member_kit_audited(c, AUDIT_PAIR_CUT, 3, UINT64_C(60) * n), 0);
        for (unsigned i = 0; i < 3; i++) {
            false_clock_go(&k->nodes[0].clock, CORE_PRESIGN_LOOK_NS);
            core_tick(c);
        }
        assert_int_equal(member_kit_audited(c, AUDIT_PAIR_CUT, 3, UINT64_C(60) * n), 1);
        assert_int_equal(member_kit_audited(c, AUDIT_TRIPLE_RESTS, s->triples[1].triple, 0), n);
        *s = before;
        false_clock_go(&k->nodes[0].clock, CORE_PRESIGN_LOOK_NS);
        core_tick(c);
    }
}

static void one_lane_fetches(void **state)
{
    uint8_t bytes[4];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct writer out = wr_init(k->reply, k->answer_room);
    struct core_call call = {.head = {FRAME_MESH_GET, 4, 9}, .lane = 5};
    struct mesh_packet p;
    struct reader r;

    (void)state;
    assert_int_equal(get(0), ERR_OK); /* lane 0 */
    r = rd_init(k->body);
    assert_int_equal(mesh_packet_decode(&r, &p), ERR_OK);
    assert_int_equal(p.packet.p[0], MESH_HANDSHAKE);
    assert_int_equal(get(0), ERR_OK);
    mesh_get_encode(&w, MESH_GET_LEAST);
    call.body = (struct view){bytes, w.len};
    assert_null(core_step(core_of(0), &call, &out));
    assert_int_equal(k->reply[2], FRAME_ERROR);
    false_clock_go(&k->nodes[0].clock, LIMIT_MESH_LANE_NS);
    out = wr_init(k->reply, k->answer_room);
    assert_null(core_step(core_of(0), &call, &out));
    assert_int_equal(k->reply[2], FRAME_MESH_GET | FRAME_ANSWER);
    assert_int_equal(get(0), ERR_STATE); /* now it is lane 5's */
}

static void malformed_frames_are_refused(void **state)
{
    static const uint8_t junk[] = {9, 9, 9};
    static const uint8_t types[] = {FRAME_MESH_PUT, FRAME_MESH_GET, FRAME_PRESIGN_ORDER,
                                    FRAME_PRESIGN_LIST, FRAME_PRESIGN_STATUS};

    (void)state;
    for (size_t i = 0; i < sizeof types; i++) {
        const enum err e = member_kit_call(k, 0, types[i], (struct view){junk, sizeof junk});

        assert_int_equal(err_class(e), 0x01);
    }
    assert_int_equal(core_of(0)->jobs.busy, 0);
}

static void a_pause_voids_what_the_thread_has(void **state)
{
    struct core *const c = core_of(0);

    (void)state;
    assert_false(presign_desk_is_voided(c->presign.desk));
    false_clock_go(&k->nodes[0].clock, LIMIT_STILL_NS + 1);
    core_tick(c);
    assert_true(presign_desk_is_voided(c->presign.desk));
    slice(0);
    assert_false(presign_desk_is_voided(c->presign.desk));
}

/* Before the key is in use. A slice that is under way is waited for. */
static void another_ceremony_erases_all_of_it(void **state)
{
    struct core *const c = core_of(0);
    struct member_presign *const mp = c->member->presign;
    struct sign_batch *b;
    enum err e = ERR_OK;

    (void)state;
    b = give_order(0, &e);
    mp->desk.busy = true;
    assert_int_equal(member_kit_begin(k, 0, 2), ERR_NOSPACE);
    assert_int_equal(order_answer(0, b), ERR_STATE);
    assert_int_equal(get(0), ERR_STATE);
    mp->desk.busy = false;
    assert_int_equal(member_kit_begin(k, 0, 3), ERR_OK);
    assert_null(c->presign.desk);
    assert_null(c->presign.pool);
    assert_int_equal(c->threshold[KEY_CLASSIC - 1], 1);
    assert_memory_equal(c->public.classic, k->nodes[0].classic.public_key, P384_PUBLIC_LEN);
    for (size_t i = 0; i < sizeof mp->mesh; i++) {
        assert_int_equal(((const uint8_t *)&mp->mesh)[i], 0);
    }
    for (size_t i = 0; i < presigner_size(); i++) {
        assert_int_equal(((const uint8_t *)mp->presigner)[i], 0);
    }
    assert_int_equal(ask(0, FRAME_PRESIGN_STATUS), ERR_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_the_ceremony_nothing_is_made),
        cmocka_unit_test(a_node_without_entropy_makes_nothing_yet),
        cmocka_unit_test(the_shared_key_is_the_classic_one),
        cmocka_unit_test(an_order_takes_a_job_until_it_was_carried_out),
        cmocka_unit_test(operators_have_a_pair_try_once_more),
        cmocka_unit_test(what_a_check_found_is_audited_once),
        cmocka_unit_test(one_lane_fetches),
        cmocka_unit_test(malformed_frames_are_refused),
        cmocka_unit_test(a_pause_voids_what_the_thread_has),
        cmocka_unit_test(another_ceremony_erases_all_of_it),
    };

    return cmocka_run_group_tests(tests, up, down);
}
