/* A lost core's place goes to another process, in frames: docs/wire.md 15. One ceremony is made
 * for all of it. */
#include "member_kit.h"

#include "wire/reenrol_call.h"

#include <stdlib.h>
#include <string.h>

#define LOST 4
#define FRESH MEMBER_TOTAL
#define HELPERS 0x07

static struct member_kit *k;
static struct p384_key operator_key;
static struct view record;
static struct reenrol_order order;
static uint8_t order_bytes[2][REENROL_ORDER_MAX];
static struct view orders[2];
static struct view waiting[16]; /* packets, each of its own block */
static size_t n_waiting;
static struct reenrol_answer said;

static struct core_member *member(size_t i)
{
    return k->nodes[i].core.member;
}

static void sign_order(size_t at)
{
    struct writer w = wr_init(order_bytes[at], sizeof order_bytes[at]);
    uint8_t digest[TECDSA_HASH_LEN];

    reenrol_order_hash(&order, digest);
    order.n = 1;
    order.signatures[0].place = 0;
    assert_int_equal(
        p384_sign(k->nodes[0].signer, &operator_key, digest, order.signatures[0].signature),
        ERR_OK);
    reenrol_order_encode(&w, &order);
    assert_int_equal(wr_finish(&w, &orders[at]), ERR_OK);
}

/* For the fresh process, of that place. */
static void make_order(uint8_t place, uint32_t attempt)
{
    const struct hello h = member_kit_hello(k, FRESH);

    order = (struct reenrol_order){.node = place, .attempt = attempt};
    memcpy(order.epoch_id, k->nodes[0].core.epoch_id, sizeof order.epoch_id);
    memcpy(order.identity, h.identity, sizeof order.identity);
    memcpy(order.signing_key, h.signing_key, sizeof order.signing_key);
    memcpy(order.boot_nonce, h.boot_nonce, sizeof order.boot_nonce);
    sign_order(0);
}

static void keep_packets(struct view packets)
{
    struct reader r = rd_init(packets);
    struct reenrol_packet p;

    while (r.n > 0) {
        const uint8_t *const from = r.p;

        assert_int_equal(reenrol_packet_decode(&r, &p), ERR_OK);
        assert_true(n_waiting < sizeof waiting / sizeof waiting[0]);
        uint8_t *const copy = malloc(REENROL_PACKET_HEAD + p.bytes.n);

        assert_non_null(copy);
        memcpy(copy, from, REENROL_PACKET_HEAD + p.bytes.n);
        waiting[n_waiting++] = (struct view){copy, REENROL_PACKET_HEAD + p.bytes.n};
    }
}

static enum err call(size_t node, uint8_t type, struct view body)
{
    TRY(member_kit_call(k, node, type, body));
    assert_true(k->body.n + FRAME_HEADER_LEN <= LIMIT_ANSWER);
    assert_int_equal(reenrol_answer_decode(k->body, &said), ERR_OK);
    keep_packets(said.packets);
    return ERR_OK;
}

static enum err give_order(size_t node, uint8_t helpers, size_t n, struct view with)
{
    static uint8_t body[FRAME_BODY_LONG_MAX];
    struct reenrol_order_ask ask = {.helpers = helpers, .n = n, .record = with};
    struct writer w = wr_init(body, sizeof body);

    memcpy(ask.orders, orders, n * sizeof orders[0]);
    reenrol_order_ask_encode(&w, &ask);
    return call(node, FRAME_REENROL_ORDER, (struct view){body, w.len});
}

/* Packets until none are left; for the lost place they go to the fresh process. */
static void settle(void)
{
    while (n_waiting > 0) {
        const struct view p = waiting[0];
        const size_t to = p.p[1] == order.node ? (size_t)FRESH : p.p[1];

        memmove(waiting, waiting + 1, --n_waiting * sizeof waiting[0]);
        assert_int_equal(call(to, FRAME_REENROL_STEP, p), ERR_OK);
        free((void *)(uintptr_t)p.p);
    }
}

static enum reenrol_state state_of(size_t node)
{
    assert_int_equal(call(node, FRAME_REENROL_STEP, (struct view){NULL, 0}), ERR_OK);
    return (enum reenrol_state)said.state;
}

static bool is_zero(const void *p, size_t n)
{
    const uint8_t *const bytes = p;
    uint8_t any = 0;

    for (size_t i = 0; i < n; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

static int set_up(void **state)
{
    const uint8_t d[P384_SCALAR_LEN] = {7};

    (void)state;
    k = member_kit_new();
    k->plan.classic = PLAN_CLASSIC_SHARED;
    assert_int_equal(p384_key_from_scalar(k->nodes[0].signer, d, &operator_key), ERR_OK);
    memcpy(k->plan.operators[0], operator_key.public_key, P384_PUBLIC_LEN);
    k->plan.n_operators = k->plan.orders_needed = 1;
    member_kit_plan(k);
    member_kit_begin_all(k, 1);
    member_kit_run(k, SIZE_MAX / 2);
    record = member_kit_record(k, 0);
    member_kit_fresh(k);
    make_order(LOST, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free((void *)(uintptr_t)record.p);
    member_kit_free(k);
    return 0;
}

/* ---- what is refused ---- */

static void nobody_helps_before_the_key_is_in_use(void **state)
{
    (void)state;
    assert_int_equal(give_order(0, HELPERS, 1, (struct view){NULL, 0}), ERR_STATE);
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        assert_int_equal(member_kit_activate(k, i, KEY_PQ), ERR_OK);
        assert_int_equal(state_of(i), REENROL_IDLE);
        assert_int_equal(said.incarnation[LOST], 1);
    }
    assert_int_equal(state_of(FRESH), REENROL_IDLE);
    assert_int_equal(give_order(0, HELPERS, 1, record), ERR_STATE); /* it has a key */
    assert_int_equal(give_order(FRESH, HELPERS, 1, (struct view){NULL, 0}), ERR_STATE);
}

static void orders_are_judged_by_every_core(void **state)
{
    (void)state;
    order.attempt = 2;
    assert_int_equal(orders[0].n, REENROL_BODY_LEN + 1 + REENROL_SIGNATURE_ROW);
    order_bytes[0][REENROL_BODY_LEN + 10] ^= 1;
    assert_int_equal(give_order(0, HELPERS, 1, (struct view){NULL, 0}), ERR_SIGNATURE);
    order_bytes[0][REENROL_BODY_LEN + 10] ^= 1;
    order_bytes[0][20] ^= 1;
    assert_int_equal(give_order(0, HELPERS, 1, (struct view){NULL, 0}), ERR_MISMATCH);
    order_bytes[0][20] ^= 1;
    assert_int_equal(give_order(LOST, HELPERS, 1, (struct view){NULL, 0}), ERR_MISMATCH);
    assert_int_equal(member(0)->roster.incarnation[LOST], 1);
    assert_false(member(0)->roster.epoch.live);
    assert_int_equal(member_kit_audited(&k->nodes[0].core, AUDIT_REENROL, LOST + 1, 2), 0);
}

static void a_fresh_process_verifies_the_record(void **state)
{
    uint8_t *const copy = malloc(record.n);

    (void)state;
    assert_non_null(copy);
    memcpy(copy, record.p, record.n);
    copy[record.n / 2] ^= 1;
    assert_int_not_equal(give_order(FRESH, HELPERS, 1, (struct view){copy, record.n}), ERR_OK);
    assert_int_not_equal(give_order(FRESH, HELPERS, 1, (struct view){copy, record.n - 1}),
                         ERR_OK);
    free(copy);
    order.boot_nonce[0] ^= 1; /* for another process */
    sign_order(0);
    assert_int_equal(give_order(FRESH, HELPERS, 1, record), ERR_MISMATCH);
    assert_true(is_zero(&member(FRESH)->ceremony, sizeof member(FRESH)->ceremony));
    assert_int_equal(k->nodes[FRESH].core.state, CORE_WAITING_CEREMONY);
    make_order(LOST, 1);
}

/* ---- as it should be ---- */

static void give_all(size_t n)
{
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(give_order(i, HELPERS, n, (struct view){NULL, 0}), ERR_OK);
        assert_int_equal(said.state, i == 3 ? REENROL_IDLE : REENROL_RUNNING);
        assert_int_equal(said.incarnation[LOST], order.attempt + 1);
    }
    assert_int_equal(give_order(FRESH, HELPERS, n, record), ERR_OK);
    assert_int_equal(said.state, REENROL_RUNNING);
}

/* What does not end in time is over, and takes another order. */
static void an_attempt_that_is_cut_off_ends(void **state)
{
    (void)state;
    give_all(1);
    assert_int_equal(give_order(0, HELPERS, 1, (struct view){NULL, 0}), ERR_STATE);
    while (n_waiting > 0) {
        free((void *)(uintptr_t)waiting[--n_waiting].p);
    }
    member_kit_wait(k, LIMIT_REENROL_NS);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(state_of(i), REENROL_ENDED);
        assert_int_equal(said.err, ERR_DEADLINE);
        assert_int_equal(said.accused, REENROL_NOBODY);
        assert_false(member(i)->roster.epoch.live);
        assert_true(is_zero(&member(i)->reenrol_drbg, sizeof(struct drbg)));
        assert_int_equal(
            member_kit_audited(&k->nodes[i].core, AUDIT_REENROL_END, ERR_DEADLINE, 0), 1);
    }
    assert_int_equal(give_order(0, HELPERS, 1, (struct view){NULL, 0}), ERR_STALE);
    false_clock_go(&k->nodes[FRESH].clock, LIMIT_REENROL_NS);
    core_tick(&k->nodes[FRESH].core);
    assert_int_equal(state_of(FRESH), REENROL_ENDED);
    assert_false(k->nodes[FRESH].core.has_pq);
}

static void the_place_goes_to_the_fresh_process(void **state)
{
    const struct core *const c = &k->nodes[FRESH].core;

    (void)state;
    member_kit_fresh(k); /* it ended, too: yet another */
    make_order(LOST, 2);
    give_all(1);
    settle();
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(state_of(i), REENROL_DONE);
        assert_int_equal(said.repaired, 1U << LOST);
        assert_int_equal(member_kit_audited(&k->nodes[i].core, AUDIT_REENROL, LOST + 1, 3), 1);
        assert_int_equal(member_kit_audited(&k->nodes[i].core, AUDIT_REENROL_END, 0, 0), 1);
    }
    assert_int_equal(state_of(FRESH), REENROL_DONE);
    assert_memory_equal(&member(FRESH)->share, &member(LOST)->share,
                        sizeof member(LOST)->share);
    assert_memory_equal(&member(FRESH)->classic_share, &member(LOST)->classic_share,
                        sizeof member(LOST)->classic_share);
    assert_true(is_zero(&member(FRESH)->ceremony.share, sizeof member(FRESH)->ceremony.share));
    assert_true(is_zero(&member(FRESH)->reenrol_shares, sizeof(struct reenrol_shares)));
    assert_true(c->has_pq && member(FRESH)->in_use);
    assert_int_equal(c->index, LOST + 1);
    assert_memory_equal(c->epoch_id, k->nodes[0].core.epoch_id, EPOCH_ID_LEN);
    assert_memory_equal(c->public.pq, k->nodes[0].core.public.pq, PQ_PUBLIC_LEN);
    assert_int_equal(c->state, CORE_WAITING); /* for its activation */
    assert_int_equal(member_kit_activate(k, FRESH, KEY_PQ), ERR_OK);
    assert_int_equal(member_kit_begin(k, FRESH, 9), ERR_STATE);
    free((void *)(uintptr_t)record.p);
    record = member_kit_record(k, FRESH); /* it gives it as the others do */
}

/* What the four hold of the place is of the fresh process alone. */
static void the_old_process_is_answered_by_nobody(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const struct pq_peer *const p = &member(i)->party.peers[LOST];

        assert_memory_equal(p->signing_key, k->nodes[FRESH].core.public.signing_key,
                            sizeof p->signing_key);
        assert_memory_equal(p->seen.boot, k->nodes[FRESH].core.boot_nonce, sizeof p->seen.boot);
        assert_memory_equal(member(i)->ceremony.plan.nodes[LOST].identity,
                            k->nodes[FRESH].core.public.identity, IDENTITY_LEN);
    }
}

static void a_third_place_ends_the_epoch(void **state)
{
    (void)state;
    orders[1] = orders[0];
    make_order(3, 3);
    assert_int_equal(give_order(0, 0, 1, (struct view){NULL, 0}),
                     ERR_MISMATCH); /* has a place */
    order.identity[0] = 4;
    memcpy(order.identity, operator_key.public_key, sizeof order.identity);
    order.signing_key[0] ^= 1;
    order.boot_nonce[0] ^= 1;
    sign_order(0);
    assert_int_equal(give_order(0, 0, 1, (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(said.repaired, 1U << LOST | 1U << 3);
    order.node = 2;
    order.attempt = 4;
    memcpy(order.identity, k->nodes[0].classic.public_key, sizeof order.identity);
    order.signing_key[0] ^= 2;
    order.boot_nonce[0] ^= 2;
    sign_order(0);
    assert_int_equal(give_order(0, 0, 1, (struct view){NULL, 0}), ERR_HALTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_helps_before_the_key_is_in_use),
        cmocka_unit_test(orders_are_judged_by_every_core),
        cmocka_unit_test(a_fresh_process_verifies_the_record),
        cmocka_unit_test(an_attempt_that_is_cut_off_ends),
        cmocka_unit_test(the_place_goes_to_the_fresh_process),
        cmocka_unit_test(the_old_process_is_answered_by_nobody),
        cmocka_unit_test(a_third_place_ends_the_epoch),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
