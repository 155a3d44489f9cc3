/* Five cores, each with the machine that quorate-tsm asks, and a plan with a policy: frame by
 * frame, as a host sees it. */
#include "testing.h"

#if defined(QUORATE_SIMULATED)
#include "evidence_kit.h"
#include "member_kit.h"

#include "enclave/attest/tsm_desk.h"
#include "wire/mesh_msg.h"
#include "wire/presign_call.h"

#define BAD 2

static struct member_kit *k;
static struct tsm_desk desks[MEMBER_TOTAL];
static struct silicon *chips[MEMBER_TOTAL];
static bool mute; /* nobody answers the desks */

static int make(void **state)
{
    static const char *const providers[] = {"a", "b", "c", "d", "e", "f"};

    (void)state;
    mute = false;
    gmp_arena_install();
    k = member_kit_new_presigning();
    k->plan.number = 1;
    k->plan.policy = evidence_kit_policy();
    for (uint32_t i = 0; i < MEMBER_TOTAL; i++) {
        struct plan_node *const n = &k->plan.nodes[i];

        assert_int_equal(evidence_kit_chip(i, &chips[i]), ERR_OK);
        memset(&desks[i], 0, sizeof desks[i]);
        tsm_desk_init(&desks[i], NULL);
        k->nodes[i].core.desk = &desks[i];
        n->provider = (struct view){(const uint8_t *)providers[i], 1};
        n->platforms = (struct view){chips[i]->chip_id, PLAN_PLATFORM_LEN};
    }
    member_kit_plan(k);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        silicon_free(chips[i]);
    }
    member_kit_free(k);
    return 0;
}

/* What quorate-tsm does. */
static void serve(size_t node)
{
    static uint8_t room[EVIDENCE_MAX];
    uint8_t report_data[TSM_REPORT_DATA_LEN];
    struct view block = {NULL, 0};
    uint64_t id = 0;

    while (!mute &&
           tsm_desk_next(&desks[node], k->nodes[node].core.now.mono_ns, &id, report_data)) {
        assert_int_equal(evidence_kit_show(chips[node], report_data, room, &block), ERR_OK);
        assert_int_equal(
            tsm_desk_put(&desks[node], k->nodes[node].core.now.mono_ns, id, ERR_OK, block),
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

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_ceremony_of_attested_cores),
        CASE(a_core_whose_guest_can_be_debugged),
        CASE(nobody_answers_the_desk),
        CASE(channels_of_presignatures_are_attested),
        CASE(a_guest_that_was_exchanged_after_the_ceremony),
        CASE(plans_that_are_refused),
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
