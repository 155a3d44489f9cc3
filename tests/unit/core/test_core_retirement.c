/* The end of a core's part in an epoch, in frames: docs/wire.md 19. One ceremony is made for
 * all of it, then cores retire one by one. */
#include "member_kit.h"

#include "crypto/ed25519.h"
#include "enclave/presigner/presign_desk.h"
#include "wire/retire_call.h"

#include <stdlib.h>
#include <string.h>

static struct member_kit *k;
static struct retire_order order;
static uint8_t order_bytes[RETIRE_ORDER_MAX];
static struct view order_view;
static struct retired said;
static struct view statement;

static struct core *core(size_t i)
{
    return &k->nodes[i].core;
}

static void make_order(uint8_t reason)
{
    struct writer w = wr_init(order_bytes, sizeof order_bytes);
    uint8_t digest[P384_DIGEST_LEN];

    order = (struct retire_order){.reason = reason, .n = 1};
    memcpy(order.epoch_id, core(0)->epoch_id, sizeof order.epoch_id);
    memset(order.next, reason == RETIRE_SUPERSEDED ? 9 : 0, sizeof order.next);
    retire_order_hash(&order, digest);
    member_kit_sign_order(k, digest, order.signatures[0].signature);
    retire_order_encode(&w, &order);
    assert_int_equal(wr_finish(&w, &order_view), ERR_OK);
}

static enum err retire(size_t node)
{
    TRY(member_kit_call(k, node, FRAME_RETIRE, order_view));
    statement = k->body;
    assert_int_equal(retired_decode(k->body, &said), ERR_OK);
    return ERR_OK;
}

static int set_up(void **state)
{
    (void)state;
    k = member_kit_new_presigning();
    k->plan.classic = PLAN_CLASSIC_SHARED;
    member_kit_operator(k);
    member_kit_plan(k);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    member_kit_free(k);
    return 0;
}

/* ---- what is refused ---- */

static void without_a_share_there_is_nothing_to_retire(void **state)
{
    (void)state;
    make_order(RETIRE_CESSATION);
    assert_int_equal(retire(0), ERR_STATE);
    assert_int_equal(core(0)->state, CORE_WAITING_CEREMONY);
    member_kit_begin_all(k, 1);
    member_kit_run(k, SIZE_MAX / 2);
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        assert_int_equal(member_kit_activate(k, i, KEY_CLASSIC), ERR_OK);
        assert_int_equal(member_kit_activate(k, i, KEY_PQ), ERR_OK);
        assert_int_equal(core(i)->state, CORE_SERVING);
    }
}

static void only_an_order_of_the_operators_counts(void **state)
{
    static const struct view none = {NULL, 0};

    (void)state;
    assert_int_equal(member_kit_call(k, 0, FRAME_RETIRE, none), ERR_TRUNCATED);
    make_order(RETIRE_SUPERSEDED);
    order_bytes[70] ^= 1; /* another epoch that follows */
    assert_int_equal(retire(0), ERR_SIGNATURE);
    make_order(RETIRE_SUPERSEDED);
    order_bytes[20] ^= 1; /* of another epoch */
    assert_int_equal(retire(0), ERR_MISMATCH);
    make_order(RETIRE_SUPERSEDED);
    order_bytes[RETIRE_BODY_LEN] = 0; /* signed by nobody */
    order_view.n = RETIRE_BODY_LEN + 1;
    assert_int_equal(retire(0), ERR_QUORUM);
    assert_int_equal(core(0)->state, CORE_SERVING);
    assert_int_equal(member_kit_r1(k, 0), ERR_OK);
    member_kit_wait(k, INT64_C(300000000));
}

/* ---- the end ---- */

static void what_is_promised_is_kept_first(void **state)
{
    (void)state;
    make_order(RETIRE_SUPERSEDED);
    assert_int_equal(member_kit_r1(k, 1), ERR_OK);
    assert_int_equal(retire(1), ERR_BUSY);
    assert_int_equal(core(1)->state, CORE_DRAINING);
    assert_false(member_kit_is_zero(&core(1)->member->share, sizeof core(1)->member->share));
    assert_int_equal(member_kit_r1(k, 1), ERR_STATE); /* nothing more is promised */
    order_bytes[RETIRE_BODY_LEN + 5] ^= 1; /* that one was judged: no signature counts now */
    assert_int_equal(retire(1), ERR_BUSY);
    make_order(RETIRE_CESSATION);
    assert_int_equal(retire(1), ERR_STALE); /* another */
    member_kit_wait(k, INT64_C(300000000));
    make_order(RETIRE_SUPERSEDED);
    assert_int_equal(retire(1), ERR_OK);
    assert_int_equal(core(1)->state, CORE_RETIRED);
}

static void expect_nothing_left(size_t i)
{
    const struct core_member *const m = core(i)->member;

    assert_true(member_kit_is_zero(&m->share, sizeof m->share));
    assert_true(member_kit_is_zero(&m->classic_share, sizeof m->classic_share));
    assert_true(member_kit_is_zero(&m->party, sizeof m->party));
    assert_true(member_kit_is_zero(&m->ceremony, sizeof m->ceremony));
    assert_true(member_kit_is_zero(&m->reenrol_shares, sizeof m->reenrol_shares));
    assert_true(member_kit_is_zero(m->presign->presigner, presigner_size()));
    assert_true(member_kit_is_zero(&m->presign->pool, sizeof m->presign->pool));
    assert_true(member_kit_is_zero(&m->presign->mesh, sizeof m->presign->mesh));
    assert_true(member_kit_is_zero(&k->nodes[i].classic, sizeof k->nodes[i].classic));
}

static void shares_are_erased_and_the_plan_s_key_says_so(void **state)
{
    const struct core_public before = core(2)->public;
    uint8_t hash[P384_DIGEST_LEN];
    struct hello h;

    (void)state;
    make_order(RETIRE_SUPERSEDED);
    assert_int_equal(retire(2), ERR_OK);
    expect_nothing_left(2);
    retire_order_hash(&order, hash);
    assert_int_equal(said.place, 2);
    assert_int_equal(said.reason, RETIRE_SUPERSEDED);
    assert_memory_equal(said.order, hash, sizeof hash);
    assert_int_equal(retired_judge(&said, &k->plan, core(2)->epoch_id), ERR_OK);
    assert_memory_equal(said.epoch_id, core(0)->epoch_id, EPOCH_ID_LEN);
    h = member_kit_hello(k, 2); /* it is known by what it was */
    assert_int_equal(h.index, 3);
    assert_memory_equal(h.epoch_id, core(0)->epoch_id, EPOCH_ID_LEN);
    assert_int_equal(h.keys[0].threshold, 3);
    assert_memory_equal(h.keys[0].public_key.p, before.classic, P384_PUBLIC_LEN);
    assert_memory_equal(h.keys[1].public_key.p, before.pq, PQ_PUBLIC_LEN);
}

static void it_says_the_same_however_often(void **state)
{
    uint8_t first[RETIRED_LEN];

    (void)state;
    make_order(RETIRE_SUPERSEDED);
    assert_int_equal(retire(2), ERR_OK);
    memcpy(first, statement.p, sizeof first);
    member_kit_wait(k, INT64_C(3000000000));
    assert_int_equal(retire(2), ERR_OK);
    assert_memory_equal(statement.p, first, sizeof first);
    make_order(RETIRE_KEY_COMPROMISE);
    assert_int_equal(retire(2), ERR_STALE);
}

/* The last two: that it retired, and the state that follows. */
static void the_log_ends_with_it(void **state)
{
    const struct audit_ring *const r = &core(2)->audit;
    const uint64_t last = r->last_seq;

    (void)state;
    assert_int_equal(said.seq, last);
    assert_int_equal(member_kit_audited(core(2), AUDIT_RETIRED, 3, RETIRE_SUPERSEDED), 1);
    assert_int_equal(r->entries[last % LIMIT_AUDIT_RING].event, AUDIT_STATE);
    assert_int_equal(r->entries[last % LIMIT_AUDIT_RING].b, CORE_RETIRED);
    assert_int_equal(member_kit_r1(k, 2), ERR_STATE); /* a refusal is not told any more */
    member_kit_wait(k, INT64_C(3000000000));
    assert_int_equal(r->last_seq, last);
}

static void nothing_comes_back(void **state)
{
    static const uint8_t types[] = {FRAME_R3, FRAME_CEREMONY_STEP, FRAME_CEREMONY_RECORD,
                                    FRAME_PRESIGN_STATUS, FRAME_MESH_GET};

    (void)state;
    assert_int_equal(member_kit_begin(k, 2, 9), ERR_STATE); /* a ceremony */
    for (size_t i = 0; i < sizeof types; i++) {
        assert_int_not_equal(member_kit_call(k, 2, types[i], (struct view){NULL, 0}), ERR_OK);
    }
    assert_int_equal(member_kit_activate(k, 2, KEY_PQ), ERR_OK); /* as it was, and in vain */
    core_drain(core(2));
    core_tick(core(2));
    assert_int_equal(core(2)->state, CORE_RETIRED);
    expect_nothing_left(2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_share_there_is_nothing_to_retire),
        cmocka_unit_test(only_an_order_of_the_operators_counts),
        cmocka_unit_test(what_is_promised_is_kept_first),
        cmocka_unit_test(shares_are_erased_and_the_plan_s_key_says_so),
        cmocka_unit_test(it_says_the_same_however_often),
        cmocka_unit_test(the_log_ends_with_it),
        cmocka_unit_test(nothing_comes_back),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
