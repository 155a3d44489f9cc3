/* Ceremonies of five nodes on simulated chips, with what judges them in a core: who is on no
 * machine that the plan lets it be on has no part in a key, and nobody has a secret then. */
#include "rig.h"
#include "testing.h"

#if defined(QUORATE_SIMULATED)
#include "evidence_kit.h"

#include "enclave/attest/attestor.h"

#define NODES 5

/* What a node is on, and what judges for it. */
struct machine {
    struct attestor attestor;
    struct ceremony_attest attest;
    struct silicon *chip;
    enum err err;  /* what comes in the place of evidence */
    unsigned slow; /* so often it is not there yet */
    bool asked[NODES];
    bool lenient; /* towards itself */
    uint8_t wanted[NODES][REPORT_DATA_LEN];
    uint8_t block[EVIDENCE_MAX];
};

static struct rig rig;
static struct machine machines[NODES];

static enum err begin(void *self, const struct plan *p, uint8_t own)
{
    struct machine *const m = self;

    return attest_fault_err(attestor_begin(&m->attestor, p, own, &snp_roots_compiled));
}

static enum err ask(void *self, uint8_t peer, const uint8_t report_data[REPORT_DATA_LEN])
{
    struct machine *const m = self;

    memcpy(m->wanted[peer], report_data, REPORT_DATA_LEN);
    m->asked[peer] = true;
    return ERR_OK;
}

static enum err answer(void *self, uint8_t peer, struct view *block)
{
    struct machine *const m = self;

    assert_true(m->asked[peer]);
    if (m->slow > 0) {
        m->slow--;
        return ERR_BUSY;
    }
    return m->err != ERR_OK ? m->err
                            : evidence_kit_show(m->chip, m->wanted[peer], m->block, block);
}

static enum err judge(void *self, uint8_t node, struct view block,
                      const uint8_t report_data[REPORT_DATA_LEN])
{
    struct machine *const m = self;

    if (m->lenient && node == m->attestor.own) {
        return ERR_OK;
    }
    return attest_fault_err(
        attestor_judge(&m->attestor, node, 1, block, report_data, EVIDENCE_KIT_AT_S));
}

static enum err judge_all(void *self)
{
    const struct machine *const m = self;

    return attest_fault_err(attestor_judge_all(&m->attestor));
}

/* Node i is on chip numbers[i], and the plan lists it so. */
static void set_up(const uint32_t numbers[NODES])
{
    gmp_arena_install();
    rig_make(&rig, 3, NODES, 7);
    assert_int_equal(plan_kit_attest(&rig.kit, evidence_kit_policy()), ERR_OK);
    for (size_t i = 0; i < NODES; i++) {
        struct machine *const m = &machines[i];

        memset(m, 0, sizeof *m);
        assert_int_equal(evidence_kit_chip(numbers[i], &m->chip), ERR_OK);
        m->slow = 3 * (unsigned)i;
        m->attest = (struct ceremony_attest){begin, ask, answer, judge, judge_all, m};
        rig.nodes[i].tools.attest = &m->attest;
        rig.kit.plan.nodes[i].platforms = (struct view){m->chip->chip_id, PLAN_PLATFORM_LEN};
    }
    assert_int_equal(plan_kit_encode(&rig.kit), ERR_OK);
}

static int make(void **state)
{
    static const uint32_t numbers[NODES] = {0, 1, 2, 3, 4};

    (void)state;
    set_up(numbers);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    for (size_t i = 0; i < NODES; i++) {
        silicon_free(machines[i].chip);
    }
    rig_free(&rig);
    return 0;
}

/* All have ended before the first secret, and name that node. */
static void check_refused(uint8_t accused)
{
    assert_true(rig_all(&rig, CEREMONY_ABORTED));
    for (size_t i = 0; i < NODES; i++) {
        const struct ceremony *const c = &rig.nodes[i].c;

        assert_true(c->round < CEREMONY_COMMIT);
        assert_int_equal(c->end.reason, CEREMONY_EVIDENCE);
        assert_int_equal(c->end.accused, accused);
        assert_false(c->end.proven);
    }
    rig_check_secrets(&rig);
}

static void five_on_machines_of_their_own(void **state)
{
    (void)state;
    rig_run(&rig);
    assert_true(rig_all(&rig, CEREMONY_FINISHED));
    rig_check_secrets(&rig);
    for (unsigned i = 0; i < NODES; i++) {
        for (unsigned j = 0; j < NODES; j++) {
            assert_true(attestor_has(&machines[i].attestor, j));
        }
        assert_int_equal(attestor_assurance(&machines[i].attestor), ATTEST_ASSURANCE_SIMULATED);
    }
}

/* Node 2 sees it itself, or does not look: the others do. */
static void refuse_node_2(bool lenient)
{
    machines[2].lenient = lenient;
    rig_run(&rig);
    check_refused(2);
}

static void another_measurement(void **state)
{
    (void)state;
    machines[2].chip->measurement[0] ^= 1;
    refuse_node_2(false);
}

static void another_measurement_that_it_does_not_mind(void **state)
{
    (void)state;
    machines[2].chip->measurement[0] ^= 1;
    refuse_node_2(true);
}

static void debugging_is_allowed(void **state)
{
    (void)state;
    machines[2].chip->policy |= SNP_POLICY_DEBUG;
    refuse_node_2(false);
}

static void debugging_is_allowed_and_it_does_not_mind(void **state)
{
    (void)state;
    machines[2].chip->policy |= SNP_POLICY_DEBUG;
    refuse_node_2(true);
}

/* Node 2 runs on the chip of node 4, as another guest. */
static void two_on_one_chip(void **state)
{
    const uint8_t report_id[SNP_REPORT_ID_LEN] = {0x77};

    (void)state;
    silicon_free(machines[2].chip);
    assert_int_equal(silicon_new(4, evidence_kit_measurement, report_id, &machines[2].chip),
                     ERR_OK);
    refuse_node_2(true);
}

/* Each by itself is fine; three of one line are not, and that is nobody's alone. */
static void three_of_one_line(void **state)
{
    static const uint32_t numbers[NODES] = {0, 3, 6, 1, 2};

    drop(state);
    set_up(numbers);
    rig_run(&rig);
    check_refused(CEREMONY_NOBODY);
}

static void evidence_that_does_not_come(void **state)
{
    (void)state;
    machines[2].slow = 1000000;
    rig_run(&rig);
    assert_true(rig_all(&rig, CEREMONY_ABORTED));
    for (size_t i = 0; i < NODES; i++) {
        assert_int_equal(rig.nodes[i].c.end.accused, 2);
        assert_true(rig.nodes[i].c.round < CEREMONY_COMMIT);
    }
    rig_check_secrets(&rig);
}

static void a_machine_that_fails(void **state)
{
    (void)state;
    machines[2].err = ERR_IO;
    refuse_node_2(false);
}

static unsigned silent(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    (void)r;
    (void)to;
    (void)cap;
    *n = 0;
    bytes[0] = 0;
    return 0;
}

/* Node 2 signs a KEM whose block is another; only node 2 could. */
static void a_block_that_is_altered(void **state)
{
    (void)state;
    rig.bad = 2;
    rig.round = CEREMONY_PQ1_KEM;
    rig.victim = 0;
    rig.fault = rig_resign;
    rig_run(&rig);
    assert_int_equal(rig.nodes[0].c.state, CEREMONY_ABORTED);
    assert_int_equal(rig.nodes[0].c.end.reason, CEREMONY_EVIDENCE);
    assert_int_equal(rig.nodes[0].c.end.accused, 2);
    assert_true(rig_all(&rig, CEREMONY_ABORTED));
    rig_check_secrets(&rig);
}

/* A node without anybody who judges agrees to no such plan. */
static void nobody_to_judge(void **state)
{
    const uint8_t nonce[PLAN_NONCE_LEN] = {1};
    struct writer w = wr_init(rig.out, CEREMONY_OUT_MAX);
    struct rig_node *const n = &rig.nodes[0];

    (void)state;
    n->tools.attest = NULL;
    assert_int_equal(ceremony_begin(&n->c, &n->tools, rig.kit.encoded, nonce, 0, &w),
                     ERR_POLICY);
    assert_int_equal(n->c.state, CEREMONY_IDLE);
    assert_int_equal(w.len, 0);
}

/* A policy that is none is refused at once. */
static void no_policy(void **state)
{
    const uint8_t nonce[PLAN_NONCE_LEN] = {1};
    struct writer w = wr_init(rig.out, CEREMONY_OUT_MAX);
    struct rig_node *const n = &rig.nodes[0];

    (void)state;
    rig.kit.plan.policy = plan_kit_text("[guest]\n");
    assert_int_equal(plan_kit_encode(&rig.kit), ERR_OK);
    assert_true(ceremony_begin(&n->c, &n->tools, rig.kit.encoded, nonce, 0, &w) != ERR_OK);
    assert_int_equal(n->c.state, CEREMONY_IDLE);
}

/* Whoever could judge is not asked where there is nothing to judge. */
static void a_plan_without_a_policy_is_as_before(void **state)
{
    (void)state;
    rig.kit.plan.policy.n = 0;
    assert_int_equal(plan_kit_encode(&rig.kit), ERR_OK);
    rig.fault = silent;
    rig.bad = 0;
    rig.round = CEREMONY_COMMIT; /* the channels are what this is about */
    rig_run(&rig);
    assert_true(rig_all(&rig, CEREMONY_ABORTED));
    for (size_t i = 1; i < NODES; i++) {
        assert_int_equal(rig.nodes[i].c.end.reason, CEREMONY_MISSING);
        assert_int_equal(rig.nodes[i].c.round, CEREMONY_COMMIT);
        assert_false(machines[i].asked[0]);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(five_on_machines_of_their_own),
        CASE(another_measurement),
        CASE(another_measurement_that_it_does_not_mind),
        CASE(debugging_is_allowed),
        CASE(debugging_is_allowed_and_it_does_not_mind),
        CASE(two_on_one_chip),
        CASE(three_of_one_line),
        CASE(evidence_that_does_not_come),
        CASE(a_machine_that_fails),
        CASE(a_block_that_is_altered),
        CASE(nobody_to_judge),
        CASE(no_policy),
        CASE(a_plan_without_a_policy_is_as_before),
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
