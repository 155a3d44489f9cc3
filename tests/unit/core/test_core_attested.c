/* Five cores, each with the machine that quorate-tsm asks, and a plan with a policy: frame by
 * frame, as a host sees it. */
#include "testing.h"

#if defined(QUORATE_SIMULATED)
#include "machines_kit.h"
#include "reenrol_rig.h"

#include "wire/mesh_msg.h"
#include "wire/presign_call.h"

#define BAD 2

static struct member_kit *k;
static struct tsm_desk desks[MEMBER_TOTAL + 1];
static struct silicon *chips[MEMBER_TOTAL]; /* FRESH runs on that of LOST */
static bool mute;                           /* nobody answers the desks */
static struct plan without;                 /* a policy, and machines */

static void plug(size_t i)
{
    memset(&desks[i], 0, sizeof desks[i]);
    tsm_desk_init(&desks[i], NULL);
    k->nodes[i].core.desk = &desks[i];
}

static int make(void **state)
{
    static const char *const providers[] = {"a", "b", "c", "d", "e", "f"};

    (void)state;
    mute = false;
    gmp_arena_install();
    k = member_kit_new_presigning();
    without = k->plan;
    k->plan.number = 1;
    k->plan.policy = evidence_kit_policy();
    assert_int_equal(machines_kit_make(chips, MEMBER_TOTAL), ERR_OK);
    machines_kit_list(chips, &k->plan);
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        plug(i);
        k->plan.nodes[i].provider = (struct view){(const uint8_t *)providers[i], 1};
    }
    member_kit_plan(k);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    machines_kit_free(chips, MEMBER_TOTAL);
    member_kit_free(k);
    return 0;
}

static void serve(size_t node)
{
    if (!mute) {
        assert_int_equal(machines_kit_serve(chips[node == FRESH ? LOST : node], &desks[node],
                                            k->nodes[node].core.now.mono_ns),
                         ERR_OK);
    }
}

static enum ceremony_state state_of(size_t node)
{
    return k->nodes[node].core.member->ceremony.state;
}

/* A host that also looks after those who say nothing. */
static void run(void)
{
    member_kit_begin_all(k, 1);
    for (size_t turn = 0; turn < 4; turn++) {
        member_kit_run(k, SIZE_MAX / 2);
        for (size_t i = 0; i < MEMBER_TOTAL; i++) {
            serve(i);
            if (state_of(i) == CEREMONY_RUNNING) {
                k->nodes[i].said.more = 1; /* an empty STEP */
            }
        }
    }
}

static void a_ceremony_of_attested_cores(void **state)
{
    (void)state;
    run();
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        const struct core *const c = &k->nodes[i].core;

        assert_int_equal(state_of(i), CEREMONY_FINISHED);
        assert_true(c->has_pq && !c->failed);
        for (size_t j = 1; j <= MEMBER_TOTAL; j++) { /* one in each channel; the own, once */
            assert_int_equal(member_kit_audited(c, AUDIT_ATTESTED, j, ATTEST_OK), 1);
        }
        assert_int_equal(attestor_judge_all(&c->member->attestor), ATTEST_OK);
        assert_int_equal(attestor_assurance(&c->member->attestor), ATTEST_ASSURANCE_SIMULATED);
        for (uint64_t j = 1; j <= MEMBER_TOTAL; j++) { /* the own one, too, as others see it */
            assert_int_equal(member_kit_audited(c, AUDIT_ATTESTED, j, ATTEST_OK), 1);
        }
        for (size_t j = 0; j < TSM_ASKS_MAX; j++) {
            assert_int_equal(desks[i].asks[j].step, TSM_FREE);
        }
    }
}

static void a_core_whose_guest_can_be_debugged(void **state)
{
    size_t judged = 0;

    (void)state;
    chips[BAD]->policy |= SNP_POLICY_DEBUG;
    run();
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        const struct core *const c = &k->nodes[i].core;

        assert_int_equal(state_of(i), CEREMONY_ABORTED);
        assert_int_equal(member_kit_audited(c, AUDIT_CEREMONY_END, CEREMONY_EVIDENCE, BAD), 1);
        judged += member_kit_audited(c, AUDIT_ATTESTED, BAD + 1, ATTEST_JUDGE_DEBUG);
        assert_int_equal(member_kit_audited(c, AUDIT_ATTESTED, BAD + 1, ATTEST_OK), 0);
        assert_false(c->has_pq || c->failed);
        assert_true(c->member->ceremony.round < CEREMONY_COMMIT);
        assert_int_equal(k->nodes[i].said.accused, BAD);
    }
    assert_true(judged > 0); /* by whoever saw it first */
}

/* Each is as the plan has it, and two of them are one guest. */
static void two_cores_of_one_guest(void **state)
{
    (void)state;
    memcpy(chips[BAD]->report_id, chips[0]->report_id, sizeof chips[0]->report_id);
    run();
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        const struct core *const c = &k->nodes[i].core;

        assert_int_equal(state_of(i), CEREMONY_ABORTED);
        assert_int_equal(c->member->ceremony.end.reason, CEREMONY_EVIDENCE);
        assert_false(c->has_pq || c->failed);
        assert_true(c->member->ceremony.round < CEREMONY_COMMIT);
    }
}

static void nobody_answers_the_desk(void **state)
{
    (void)state;
    mute = true;
    run();
    member_kit_wait(k, LIMIT_CEREMONY_ROUND_NS / 2);
    assert_int_equal(state_of(0), CEREMONY_RUNNING);
    member_kit_wait(k, 2 * LIMIT_CEREMONY_ROUND_NS);
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        assert_int_equal(state_of(i), CEREMONY_ABORTED);
        assert_int_equal(k->nodes[i].core.member->ceremony.end.reason, CEREMONY_EVIDENCE);
        assert_int_equal(k->nodes[i].core.member->ceremony.end.accused, i);
    }
}

/* What the thread of presignatures has to say, in packets, to where it goes. */
static void carry(size_t from)
{
    static uint8_t packets[FRAME_BODY_LONG_MAX], one[MESH_PACKET_HEAD_LEN + MESH_PACKET_MAX];
    uint8_t bytes[4];
    struct writer ask = wr_init(bytes, sizeof bytes);
    struct mesh_packet p;
    struct reader r;

    mesh_get_encode(&ask, MESH_GET_LEAST);
    assert_int_equal(member_kit_call(k, from, FRAME_MESH_GET, (struct view){bytes, ask.len}),
                     ERR_OK);
    memcpy(packets, k->body.p, k->body.n);
    r = rd_init((struct view){packets, k->body.n});
    while (r.n > 0) {
        struct writer w = wr_init(one, sizeof one);
        size_t to;

        assert_int_equal(mesh_packet_decode(&r, &p), ERR_OK);
        to = p.node;
        p.node = (uint8_t)from;
        mesh_packet_encode(&w, &p);
        assert_int_equal(member_kit_call(k, to, FRAME_MESH_PUT, (struct view){one, w.len}),
                         ERR_OK);
    }
}

static void talk(unsigned turns)
{
    for (unsigned n = 0; n < turns; n++) {
        for (size_t i = 0; i < MEMBER_TOTAL; i++) {
            presign_desk_slice(k->nodes[i].core.presign.desk);
            serve(i);
            carry(i);
        }
        member_kit_wait(k, PRESIGN_TICK_NS);
    }
}

static bool has_channel(size_t node, size_t peer)
{
    struct presign_status s;

    assert_int_equal(member_kit_call(k, node, FRAME_PRESIGN_STATUS, (struct view){NULL, 0}),
                     ERR_OK);
    assert_int_equal(presign_status_decode(k->body, &s), ERR_OK);
    return s.nodes[peer].channel == PRESIGN_CHANNEL_VERIFIED;
}

static void begin_shared(void)
{
    k->plan.classic = PLAN_CLASSIC_SHARED;
    member_kit_plan(k);
    run();
}

static void channels_of_presignatures_are_attested(void **state)
{
    (void)state;
    begin_shared();
    talk(10);
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        const struct core *const c = &k->nodes[i].core;

        for (size_t j = 0; j < MEMBER_TOTAL; j++) {
            assert_int_equal(has_channel(i, j), i != j);
            assert_int_equal(member_kit_audited(c, AUDIT_ATTESTED, j + 1, ATTEST_OK),
                             i == j ? 1 : 2); /* in the ceremony, and here */
        }
    }
}

/* A core with a desk is asked by nobody where the plan has no policy. */
static void a_plan_without_a_policy_has_channels_without_evidence(void **state)
{
    (void)state;
    mute = true;
    k->plan = without;
    begin_shared();
    talk(10);
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        for (size_t j = 0; j < MEMBER_TOTAL; j++) {
            assert_int_equal(has_channel(i, j), i != j);
        }
    }
}

/* The ceremony has seen it as another guest: who starts again is to be let in by an order. */
static void a_guest_that_was_exchanged_after_the_ceremony(void **state)
{
    (void)state;
    begin_shared();
    chips[BAD]->report_id[3] ^= 1;
    talk(10);
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        const struct core *const c = &k->nodes[i].core;

        for (size_t j = 0; j < MEMBER_TOTAL; j++) {
            assert_int_equal(has_channel(i, j), i != j && i != BAD && j != BAD);
        }
        assert_int_equal(member_kit_audited(c, AUDIT_ATTESTED, BAD + 1, ATTEST_ATTESTOR_GUEST) >
                             0,
                         i != BAD);
    }
}

/* Who has no desk judges nobody. */
static void plans_that_are_refused(void **state)
{
    (void)state;
    k->nodes[0].core.desk = NULL;
    assert_int_equal(member_kit_begin(k, 0, 1), ERR_POLICY);
    k->plan.policy = (struct view){(const uint8_t *)"[guest]\n", 8};
    member_kit_plan(k);
    assert_int_equal(member_kit_begin(k, 1, 1), ERR_TRUNCATED);
    assert_int_equal(state_of(1), CEREMONY_IDLE);
}

/* ---- a lost core ---- */

static struct reenrol_rig rig;

/* An epoch in use; LOST is lost, and another process, whose guest was started anew on its
 * machine, is to have its place. */
static void lose_one(void)
{
    member_kit_operator(k);
    begin_shared();
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        assert_int_equal(member_kit_activate(k, i, KEY_PQ), ERR_OK);
    }
    reenrol_rig_init(&rig, k);
    plug(FRESH);
    chips[LOST]->report_id[9]++;
    rig.order.platform = (struct view){chips[LOST]->chip_id, PLAN_PLATFORM_LEN};
    reenrol_rig_sign(&rig, 0);
}

static int found_and_drop(void **state)
{
    reenrol_rig_free(&rig);
    return drop(state);
}

/* A host that carries packets, and looks after those who wait for evidence. */
static void repair(void)
{
    static const size_t who[] = {0, 1, 2, FRESH};

    for (size_t turn = 0; turn < 12; turn++) {
        reenrol_rig_settle(&rig);
        for (size_t i = 0; i < sizeof who / sizeof who[0]; i++) {
            serve(who[i]);
            (void)reenrol_rig_state(&rig, who[i]);
        }
    }
}

/* The log says which one the operators named. */
static void assert_machine_is_told(const struct core *c)
{
    const struct audit_ring *const ring = &c->audit;
    size_t n = 0;

    for (uint64_t seq = audit_ring_lost(ring) + 1; seq <= ring->last_seq; seq++) {
        const struct audit_entry *const e = &ring->entries[seq % LIMIT_AUDIT_RING];

        if (e->event == AUDIT_REENROL_BY) {
            assert_int_equal(e->data_len, PLAN_PLATFORM_LEN);
            assert_memory_equal(e->data, rig.order.platform.p, PLAN_PLATFORM_LEN);
            assert_int_equal(e->b, HELPERS);
            n++;
        }
    }
    assert_int_equal(n, 1);
}

static void it_comes_back_on_its_machine(void **state)
{
    (void)state;
    lose_one();
    reenrol_rig_give_all(&rig, 1);
    repair();
    for (size_t i = 0; i < 3; i++) {
        const struct core *const c = &k->nodes[i].core;

        assert_int_equal(reenrol_rig_state(&rig, i), REENROL_DONE);
        assert_int_equal(member_kit_audited(c, AUDIT_REENROL, LOST + 1, 2), 1);
        assert_machine_is_told(c);
        assert_int_equal(member_kit_audited(c, AUDIT_REENROL_END, 0, 0), 1);
        assert_int_equal(member_kit_audited(c, AUDIT_ATTESTED, LOST + 1, ATTEST_OK), 2);
        assert_true(attestor_has(&c->member->attestor, LOST));
        assert_int_equal(attestor_judge_all(&c->member->attestor), ATTEST_OK);
        assert_int_equal(
            member_kit_audited(&k->nodes[FRESH].core, AUDIT_ATTESTED, i + 1, ATTEST_OK), 1);
    }
    assert_int_equal(reenrol_rig_state(&rig, FRESH), REENROL_DONE);
    assert_true(k->nodes[FRESH].core.has_pq);
    assert_int_equal(k->nodes[FRESH].core.index, LOST + 1);
}

/* What was there before the fence is nobody any more, though its machine is right. */
static void a_copy_of_the_lost_guest(void **state)
{
    (void)state;
    lose_one();
    chips[LOST]->report_id[9]--;
    reenrol_rig_give_all(&rig, 1);
    repair();
    for (size_t i = 0; i < 3; i++) {
        const struct core *const c = &k->nodes[i].core;

        assert_int_equal(reenrol_rig_state(&rig, i), REENROL_ENDED);
        assert_int_equal(rig.said.err, attest_fault_err(ATTEST_ATTESTOR_COPY));
        assert_int_equal(rig.said.accused, REENROL_NOBODY);
        assert_int_equal(member_kit_audited(c, AUDIT_ATTESTED, LOST + 1, ATTEST_ATTESTOR_COPY),
                         1);
        assert_false(attestor_has(&c->member->attestor, LOST));
        assert_false(c->member->roster.epoch.live);
    }
    assert_false(k->nodes[FRESH].core.has_pq);
}

/* Before any signature is looked at: no machine, or one that is another node's. */
static void an_order_without_its_machine(void **state)
{
    (void)state;
    lose_one();
    rig.order.platform.n = 0;
    reenrol_rig_sign(&rig, 0);
    assert_int_equal(reenrol_rig_give(&rig, 0, HELPERS, 1, (struct view){NULL, 0}),
                     ERR_EVIDENCE);
    assert_int_equal(reenrol_rig_give(&rig, FRESH, HELPERS, 1, rig.record), ERR_EVIDENCE);
    rig.order.platform = (struct view){chips[0]->chip_id, PLAN_PLATFORM_LEN};
    reenrol_rig_sign(&rig, 0);
    assert_int_equal(reenrol_rig_give(&rig, 0, HELPERS, 1, (struct view){NULL, 0}),
                     ERR_EVIDENCE);
    assert_int_equal(k->nodes[0].core.member->roster.incarnation[LOST], 1);
    assert_true(attestor_has(&k->nodes[0].core.member->attestor, LOST));
    assert_int_equal(member_kit_audited(&k->nodes[0].core, AUDIT_REENROL, LOST + 1, 2), 0);
}

/* It has no part: neither to give nor to get. The fence holds all the same. */
static void a_core_without_a_quorate_tsm(void **state)
{
    const struct core_member *const m = k->nodes[0].core.member;

    (void)state;
    lose_one();
    k->nodes[FRESH].core.desk = NULL;
    assert_int_equal(reenrol_rig_give(&rig, FRESH, HELPERS, 1, rig.record), ERR_POLICY);
    assert_true(
        member_kit_is_zero(&k->nodes[FRESH].core.member->ceremony, sizeof(struct ceremony)));
    k->nodes[0].core.desk = NULL;
    assert_int_equal(reenrol_rig_give(&rig, 0, HELPERS, 1, (struct view){NULL, 0}), ERR_POLICY);
    assert_int_equal(m->reenrol.state, REENROL_IDLE);
    assert_false(m->roster.epoch.live);
    assert_int_equal(m->roster.incarnation[LOST], 2);
    assert_false(attestor_has(&m->attestor, LOST));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)
#define LOST_CASE(name) cmocka_unit_test_setup_teardown(name, make, found_and_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_ceremony_of_attested_cores),
        CASE(a_core_whose_guest_can_be_debugged),
        CASE(two_cores_of_one_guest),
        CASE(nobody_answers_the_desk),
        CASE(channels_of_presignatures_are_attested),
        CASE(a_plan_without_a_policy_has_channels_without_evidence),
        CASE(a_guest_that_was_exchanged_after_the_ceremony),
        CASE(plans_that_are_refused),
        LOST_CASE(it_comes_back_on_its_machine),
        LOST_CASE(a_copy_of_the_lost_guest),
        LOST_CASE(an_order_without_its_machine),
        LOST_CASE(a_core_without_a_quorate_tsm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
#include <stdio.h>

int main(void)
{
    (void)puts("SKIP a production build has no simulated chips");
    return 77;
}
#endif
