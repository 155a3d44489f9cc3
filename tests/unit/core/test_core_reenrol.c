/* A lost core's place goes to another process, in frames: docs/wire.md 15. One ceremony is made
 * for all of it. */
#include "reenrol_rig.h"

#include <stdlib.h>
#include <string.h>

static struct member_kit *k;
static struct reenrol_rig rig;

static struct core_member *member(size_t i)
{
    return k->nodes[i].core.member;
}

static int set_up(void **state)
{
    (void)state;
    k = member_kit_new();
    k->plan.classic = PLAN_CLASSIC_SHARED;
    member_kit_operator(k);
    member_kit_plan(k);
    member_kit_begin_all(k, 1);
    member_kit_run(k, SIZE_MAX / 2);
    reenrol_rig_init(&rig, k);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    reenrol_rig_free(&rig);
    member_kit_free(k);
    return 0;
}

/* ---- what is refused ---- */

static void nobody_helps_before_the_key_is_in_use(void **state)
{
    (void)state;
    assert_int_equal(reenrol_rig_give(&rig, 0, HELPERS, 1, (struct view){NULL, 0}), ERR_STATE);
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        assert_int_equal(member_kit_activate(k, i, KEY_PQ), ERR_OK);
        assert_int_equal(reenrol_rig_state(&rig, i), REENROL_IDLE);
        assert_int_equal(rig.said.incarnation[LOST], 1);
    }
    assert_int_equal(reenrol_rig_state(&rig, FRESH), REENROL_IDLE);
    assert_int_equal(reenrol_rig_give(&rig, 0, HELPERS, 1, rig.record),
                     ERR_STATE); /* it has a key */
    assert_int_equal(reenrol_rig_give(&rig, FRESH, HELPERS, 1, (struct view){NULL, 0}),
                     ERR_STATE);
}

static void orders_are_judged_by_every_core(void **state)
{
    (void)state;
    rig.order.attempt = 2;
    assert_int_equal(rig.orders[0].n, REENROL_BODY_LEN + 1 + REENROL_SIGNATURE_ROW);
    rig.order_bytes[0][REENROL_BODY_LEN + 10] ^= 1;
    assert_int_equal(reenrol_rig_give(&rig, 0, HELPERS, 1, (struct view){NULL, 0}),
                     ERR_SIGNATURE);
    rig.order_bytes[0][REENROL_BODY_LEN + 10] ^= 1;
    rig.order_bytes[0][20] ^= 1;
    assert_int_equal(reenrol_rig_give(&rig, 0, HELPERS, 1, (struct view){NULL, 0}),
                     ERR_MISMATCH);
    rig.order_bytes[0][20] ^= 1;
    assert_int_equal(reenrol_rig_give(&rig, LOST, HELPERS, 1, (struct view){NULL, 0}),
                     ERR_MISMATCH);
    assert_int_equal(member(0)->roster.incarnation[LOST], 1);
    assert_false(member(0)->roster.epoch.live);
    assert_int_equal(member_kit_audited(&k->nodes[0].core, AUDIT_REENROL, LOST + 1, 2), 0);
}

static void a_fresh_process_verifies_the_record(void **state)
{
    uint8_t *const copy = malloc(rig.record.n);

    (void)state;
    assert_non_null(copy);
    memcpy(copy, rig.record.p, rig.record.n);
    copy[rig.record.n / 2] ^= 1;
    assert_int_not_equal(
        reenrol_rig_give(&rig, FRESH, HELPERS, 1, (struct view){copy, rig.record.n}), ERR_OK);
    assert_int_not_equal(
        reenrol_rig_give(&rig, FRESH, HELPERS, 1, (struct view){copy, rig.record.n - 1}),
        ERR_OK);
    free(copy);
    rig.order.boot_nonce[0] ^= 1; /* for another process */
    reenrol_rig_sign(&rig, 0);
    assert_int_equal(reenrol_rig_give(&rig, FRESH, HELPERS, 1, rig.record), ERR_MISMATCH);
    assert_true(member_kit_is_zero(&member(FRESH)->ceremony, sizeof member(FRESH)->ceremony));
    assert_int_equal(k->nodes[FRESH].core.state, CORE_WAITING_CEREMONY);
    reenrol_rig_order(&rig, LOST, 1);
}

/* ---- as it should be ---- */

/* What does not end in time is over, and takes another rig.order. */
static void an_attempt_that_is_cut_off_ends(void **state)
{
    (void)state;
    reenrol_rig_give_all(&rig, 1);
    assert_int_equal(reenrol_rig_give(&rig, 0, HELPERS, 1, (struct view){NULL, 0}), ERR_STATE);
    reenrol_rig_lose_packets(&rig);
    member_kit_wait(k, LIMIT_REENROL_NS);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(reenrol_rig_state(&rig, i), REENROL_ENDED);
        assert_int_equal(rig.said.err, ERR_DEADLINE);
        assert_int_equal(rig.said.accused, REENROL_NOBODY);
        assert_false(member(i)->roster.epoch.live);
        assert_true(member_kit_is_zero(&member(i)->reenrol_drbg, sizeof(struct drbg)));
        assert_int_equal(
            member_kit_audited(&k->nodes[i].core, AUDIT_REENROL_END, ERR_DEADLINE, 0), 1);
    }
    assert_int_equal(reenrol_rig_give(&rig, 0, HELPERS, 1, (struct view){NULL, 0}), ERR_STALE);
    false_clock_go(&k->nodes[FRESH].clock, LIMIT_REENROL_NS);
    core_tick(&k->nodes[FRESH].core);
    assert_int_equal(reenrol_rig_state(&rig, FRESH), REENROL_ENDED);
    assert_false(k->nodes[FRESH].core.has_pq);
}

static void the_place_goes_to_the_fresh_process(void **state)
{
    const struct core *const c = &k->nodes[FRESH].core;

    (void)state;
    member_kit_fresh(k); /* it ended, too: yet another */
    reenrol_rig_order(&rig, LOST, 2);
    reenrol_rig_give_all(&rig, 1);
    reenrol_rig_settle(&rig);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(reenrol_rig_state(&rig, i), REENROL_DONE);
        assert_int_equal(rig.said.repaired, 1U << LOST);
        assert_int_equal(member_kit_audited(&k->nodes[i].core, AUDIT_REENROL, LOST + 1, 3), 1);
        assert_int_equal(member_kit_audited(&k->nodes[i].core, AUDIT_REENROL_END, 0, 0), 1);
    }
    assert_int_equal(reenrol_rig_state(&rig, FRESH), REENROL_DONE);
    assert_memory_equal(&member(FRESH)->share, &member(LOST)->share,
                        sizeof member(LOST)->share);
    assert_memory_equal(&member(FRESH)->classic_share, &member(LOST)->classic_share,
                        sizeof member(LOST)->classic_share);
    assert_true(member_kit_is_zero(&member(FRESH)->ceremony.share,
                                   sizeof member(FRESH)->ceremony.share));
    assert_true(
        member_kit_is_zero(&member(FRESH)->reenrol_shares, sizeof(struct reenrol_shares)));
    assert_true(c->has_pq && member(FRESH)->in_use);
    assert_int_equal(c->index, LOST + 1);
    assert_memory_equal(c->epoch_id, k->nodes[0].core.epoch_id, EPOCH_ID_LEN);
    assert_memory_equal(c->public.pq, k->nodes[0].core.public.pq, PQ_PUBLIC_LEN);
    assert_int_equal(c->state, CORE_WAITING); /* for its activation */
    assert_int_equal(member_kit_activate(k, FRESH, KEY_PQ), ERR_OK);
    assert_int_equal(member_kit_begin(k, FRESH, 9), ERR_STATE);
    free((void *)(uintptr_t)rig.record.p);
    rig.record = member_kit_record(k, FRESH); /* it gives it as the others do */
}

/* The last entry of an event with these numbers; there is one. */
static const struct audit_entry *audited(size_t i, enum audit_event event, uint64_t a,
                                         uint64_t b)
{
    const struct audit_ring *const ring = &k->nodes[i].core.audit;
    const struct audit_entry *found = NULL;

    for (uint64_t seq = audit_ring_lost(ring) + 1; seq <= ring->last_seq; seq++) {
        const struct audit_entry *const e = &ring->entries[seq % LIMIT_AUDIT_RING];

        found = e->event == event && e->a == a && e->b == b ? e : found;
    }
    assert_non_null(found);
    return found;
}

/* Of each order: which, who helps, on which machine; before the first share leaves. */
static void what_was_ordered_is_told(void **state)
{
    uint8_t hash[TECDSA_HASH_LEN];

    (void)state;
    reenrol_order_hash(&rig.order, hash);
    for (size_t i = 0; i < 4; i++) { /* helpers, and who is none */
        const struct audit_entry *const e = audited(i, AUDIT_REENROL, LOST + 1, 3);
        const struct audit_entry *const by = &e[1];

        assert_int_equal(e->data_len, sizeof hash);
        assert_memory_equal(e->data, hash, sizeof hash);
        assert_int_equal(by->seq, e->seq + 1);
        assert_int_equal(by->event, AUDIT_REENROL_BY);
        assert_int_equal(by->a, LOST + 1);
        assert_int_equal(by->b, HELPERS);
        assert_int_equal(by->data_len, 0); /* the plan has no policy */
        assert_true(i == 3 || audited(i, AUDIT_REENROL_END, 0, 0)->seq > by->seq);
    }
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
    rig.orders[1] = rig.orders[0];
    reenrol_rig_order(&rig, 3, 3);
    assert_int_equal(reenrol_rig_give(&rig, 0, 0, 1, (struct view){NULL, 0}),
                     ERR_MISMATCH); /* has a place */
    rig.order.identity[0] = 4;
    memcpy(rig.order.identity, k->operator_key.public_key, sizeof rig.order.identity);
    rig.order.signing_key[0] ^= 1;
    rig.order.boot_nonce[0] ^= 1;
    reenrol_rig_sign(&rig, 0);
    assert_int_equal(reenrol_rig_give(&rig, 0, 0, 1, (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(rig.said.repaired, 1U << LOST | 1U << 3);
    rig.order.node = 2;
    rig.order.attempt = 4;
    memcpy(rig.order.identity, k->nodes[0].classic.public_key, sizeof rig.order.identity);
    rig.order.signing_key[0] ^= 2;
    rig.order.boot_nonce[0] ^= 2;
    reenrol_rig_sign(&rig, 0);
    assert_int_equal(reenrol_rig_give(&rig, 0, 0, 1, (struct view){NULL, 0}), ERR_HALTED);
}

/* One frame: a place gets a fresh process, and another place the keys that the first one had.
 * The first order stands, the second one does not, and the core goes on. */
static void keys_that_a_place_had_are_for_none(void **state)
{
    struct core *const c = &k->nodes[0].core;
    const struct hello had = member_kit_hello(k, FRESH);
    const enum core_state before = c->state;

    (void)state;
    rig.order.node = LOST;
    rig.order.attempt = 5;
    memcpy(rig.order.identity, k->nodes[1].classic.public_key, sizeof rig.order.identity);
    rig.order.signing_key[0] ^= 4;
    rig.order.boot_nonce[0] ^= 4;
    reenrol_rig_sign(&rig, 0);
    rig.order.node = 3;
    rig.order.attempt = 6;
    memcpy(rig.order.identity, had.identity, sizeof rig.order.identity);
    memcpy(rig.order.signing_key, had.signing_key, sizeof rig.order.signing_key);
    memcpy(rig.order.boot_nonce, had.boot_nonce, sizeof rig.order.boot_nonce);
    reenrol_rig_sign(&rig, 1);
    assert_int_equal(reenrol_rig_give(&rig, 0, 0, 2, (struct view){NULL, 0}), ERR_MISMATCH);
    assert_int_equal(member(0)->roster.incarnation[LOST], 6);
    assert_int_equal(member(0)->roster.incarnation[3], 4);
    core_tick(c);
    assert_int_equal(c->state, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_helps_before_the_key_is_in_use),
        cmocka_unit_test(orders_are_judged_by_every_core),
        cmocka_unit_test(a_fresh_process_verifies_the_record),
        cmocka_unit_test(an_attempt_that_is_cut_off_ends),
        cmocka_unit_test(the_place_goes_to_the_fresh_process),
        cmocka_unit_test(what_was_ordered_is_told),
        cmocka_unit_test(the_old_process_is_answered_by_nobody),
        cmocka_unit_test(a_third_place_ends_the_epoch),
        cmocka_unit_test(keys_that_a_place_had_are_for_none),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
