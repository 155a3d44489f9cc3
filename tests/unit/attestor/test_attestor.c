/* Whom a core lets into an epoch: five nodes on simulated chips, and each rule broken in turn.
 */
#include "testing.h"

#include "enclave/attest/attestor.h"

#if defined(QUORATE_SIMULATED)
#include "machines_kit.h"
#include "plan_kit.h"
#include "vlek_kit.h"

#define NODES 5
#define AT_S EVIDENCE_KIT_AT_S

static struct plan_kit kit;
static struct silicon *chips[NODES + 1]; /* the last is of no plan */
static struct attestor a;
static uint8_t room[EVIDENCE_MAX];
static uint8_t data[EVIDENCE_DATA_LEN] = {7, 8, 9};

static int make(void **state)
{
    (void)state;
    gmp_arena_install();
    assert_int_equal(plan_kit_make(&kit, 3, NODES), ERR_OK);
    assert_int_equal(plan_kit_attest(&kit, evidence_kit_policy()), ERR_OK);
    assert_int_equal(machines_kit_make(chips, NODES + 1), ERR_OK);
    machines_kit_list(chips, &kit.plan);
    assert_int_equal(plan_kit_encode(&kit), ERR_OK);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    machines_kit_free(chips, NODES + 1);
    plan_kit_free(&kit);
    return 0;
}

static int begin(void **state)
{
    struct plan p;

    (void)state;
    assert_int_equal(plan_decode(kit.encoded, &p), ERR_OK);
    assert_int_equal(attestor_begin(&a, &p, 0, &snp_roots_compiled), ATTEST_OK);
    return 0;
}

/* What that chip shows, as evidence of a node. */
static enum attest_fault show(size_t chip, unsigned node)
{
    struct view block = {NULL, 0};

    assert_int_equal(evidence_kit_show(chips[chip], data, room, &block), ERR_OK);
    return attestor_judge(&a, node, a.nodes[node].incarnation, block, data, AT_S);
}

static void test_all_are_let_in(void **state)
{
    static struct attestor copy;

    (void)state;
    assert_true(a.on);
    for (unsigned i = 0; i < NODES; i++) {
        assert_false(attestor_has(&a, i));
        assert_int_equal(attestor_judge_all(&a), ATTEST_ROSTER_SIZE);
        assert_int_equal(attestor_assurance(&a), ATTEST_ASSURANCE_NONE);
        assert_int_equal(show(i, i), ATTEST_OK);
        assert_true(attestor_has(&a, i));
    }
    assert_int_equal(attestor_judge_all(&a), ATTEST_OK);
    assert_int_equal(attestor_assurance(&a), ATTEST_ASSURANCE_SIMULATED);
    assert_int_equal(a.nodes[3].claims.format, EVIDENCE_SNP);
    assert_int_equal(a.nodes[3].claims.at_s, AT_S);
    assert_memory_equal(a.nodes[3].claims.measurement, evidence_kit_measurement,
                        sizeof evidence_kit_measurement);
    assert_memory_equal(a.nodes[3].claims.policy_hash, a.policy.hash, POLICY_HASH_LEN);
    attestor_copy(&copy, &a);
    assert_int_equal(attestor_judge_all(&copy), ATTEST_OK);
    assert_true(copy.arena.p == copy.arena_memory);
    a.nodes[NODES].shown = true; /* and yet of no plan */
    assert_false(attestor_has(&a, NODES));
    attestor_fence(&a, NODES, 9, NULL);
    assert_false(a.fenced);
    a.on = false;
    assert_false(attestor_has(&a, 0));
}

/* Evidence that is fresh, of the same guest, as often as somebody asks. */
static void test_again(void **state)
{
    uint8_t kept[SNP_REPORT_ID_LEN];
    struct view block = {NULL, 0};

    (void)state;
    assert_int_equal(show(2, 2), ATTEST_OK);
    data[0]++;
    assert_int_equal(show(2, 2), ATTEST_OK);
    assert_int_equal(evidence_kit_show(chips[2], data, room, &block), ERR_OK);
    data[0]++;
    assert_int_equal(attestor_judge(&a, 2, 1, block, data, AT_S), ATTEST_JUDGE_REPORT_DATA);
    a.nodes[2].claims.platform[0] ^= 1;
    assert_int_equal(show(2, 2), ATTEST_ATTESTOR_GUEST);
    a.nodes[2].claims.platform[0] ^= 1;
    a.nodes[2].claims.measurement[47] ^= 1;
    assert_int_equal(show(2, 2), ATTEST_ATTESTOR_GUEST);
    a.nodes[2].claims.measurement[47] ^= 1;
    assert_int_equal(show(2, 2), ATTEST_OK);
    memcpy(kept, chips[2]->report_id, sizeof kept);
    chips[2]->report_id[5] ^= 1; /* started again on the same machine */
    assert_int_equal(show(2, 2), ATTEST_ATTESTOR_GUEST);
    attestor_fence(&a, 2, 2, NULL);
    assert_false(attestor_has(&a, 2));
    assert_int_equal(attestor_judge(&a, 2, 1, block, data, AT_S), ATTEST_ATTESTOR_NODE);
    assert_int_equal(show(2, 2), ATTEST_OK);
    memcpy(chips[2]->report_id, kept, sizeof kept);
    assert_int_equal(show(2, 2), ATTEST_ATTESTOR_COPY); /* the old one */
}

/* Whoever lost a place has none again, whosever it would be. */
static void test_guests_of_before(void **state)
{
    (void)state;
    assert_int_equal(show(2, 2), ATTEST_OK);
    attestor_fence(&a, 2, 2, NULL);
    assert_int_equal(show(2, 2), ATTEST_ATTESTOR_COPY);
    attestor_fence(&a, 2, 3, NULL); /* which it was not let in as */
    assert_int_equal(a.n_former, 1);
    assert_int_equal(show(2, 2), ATTEST_ATTESTOR_COPY);
    memcpy(a.former[1], chips[1]->report_id, sizeof a.former[1]);
    assert_int_equal(show(1, 1), ATTEST_OK);
    a.n_former = 2;
    assert_int_equal(show(1, 1), ATTEST_ATTESTOR_COPY);
    a.n_former = 0;
    a.nodes[2].claims.format = EVIDENCE_TDX;
    assert_int_equal(show(2, 2), ATTEST_OK);
    attestor_fence(&a, 2, 4, NULL);
    a.n_former = 0;
    assert_int_equal(show(2, 2), ATTEST_OK);
}

/* When there is no room for more, none is known to be fresh; who was let in stays. */
static void test_too_many_guests_of_before(void **state)
{
    (void)state;
    assert_int_equal(show(0, 0), ATTEST_OK);
    a.n_former = ATTESTOR_FORMER_MAX - 1;
    attestor_fence(&a, 2, 2, NULL);
    chips[2]->report_id[20]++;
    assert_int_equal(show(2, 2), ATTEST_OK);
    a.n_former = ATTESTOR_FORMER_MAX;
    assert_int_equal(show(2, 2), ATTEST_OK);
    a.n_former = ATTESTOR_FORMER_MAX - 1;
    attestor_fence(&a, 2, 3, NULL);
    chips[2]->report_id[20]++;
    assert_int_equal(show(2, 2), ATTEST_ATTESTOR_COPY);
    assert_int_equal(show(0, 0), ATTEST_OK);
    assert_int_equal(show(1, 1), ATTEST_OK);
    attestor_fence(&a, 0, 2, NULL);
    assert_int_equal(a.n_former, ATTESTOR_FORMER_MAX);
}

/* The policy may admit several: a place keeps its own for the epoch. */
static void test_the_measurement_stays(void **state)
{
    (void)state;
    assert_int_equal(show(2, 2), ATTEST_OK);
    a.nodes[2].claims.measurement[47] ^= 1;
    attestor_fence(&a, 2, 2, NULL);
    chips[2]->report_id[20]++;
    assert_int_equal(show(2, 2), ATTEST_ATTESTOR_MEASUREMENT);
    assert_false(attestor_has(&a, 2));
    attestor_fence(&a, 2, 3, NULL); /* once more: what it was is not forgotten */
    assert_int_equal(show(2, 2), ATTEST_ATTESTOR_MEASUREMENT);
    a.nodes[2].measurement[47] ^= 1;
    assert_int_equal(show(2, 2), ATTEST_OK);
}

/* After a fence each is set beside the others as it comes, and is not remembered otherwise. */
static void test_beside_the_others_at_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(show(i, i), ATTEST_OK);
    }
    attestor_fence(&a, 1, 2, NULL);
    memcpy(chips[1]->report_id, chips[0]->report_id, sizeof chips[1]->report_id);
    assert_int_equal(show(1, 1), ATTEST_ROSTER_REPORT_ID);
    assert_false(attestor_has(&a, 1));
    chips[1]->report_id[20]++;
    a.threshold = 2; /* nodes 0 and 3 are of one line */
    assert_int_equal(show(1, 1), ATTEST_ROSTER_LINE);
    a.threshold = 3;
    a.nodes[1].provider_len = 0;
    assert_int_equal(show(1, 1), ATTEST_ROSTER_PROVIDER);
    a.nodes[1].provider_len = 2;
    assert_int_equal(show(1, 1), ATTEST_OK);
}

static void test_machines(void **state)
{
    (void)state;
    assert_int_equal(show(1, 0), ATTEST_ATTESTOR_PLATFORM);
    assert_int_equal(show(NODES, 0), ATTEST_ATTESTOR_PLATFORM);
    attestor_fence(&a, 0, 2, chips[NODES]->chip_id); /* an order names it */
    assert_int_equal(show(0, 0), ATTEST_ATTESTOR_PLATFORM);
    assert_int_equal(show(NODES, 0), ATTEST_OK);
    assert_int_equal(show(0, NODES), ATTEST_ATTESTOR_NODE);
    attestor_fence(&a, NODES, 9, NULL); /* nobody: nothing */
}

/* The provider whose VLEK signed tells a chip, and it is the one of the plan. */
static void test_a_chip_that_nobody_vouches_for(void **state)
{
    const struct snp_roots roots = vlek_kit_roots();
    struct snp_policy *const p = &a.policy.snp;
    struct view block = {NULL, 0};

    (void)state;
    a.roots = &roots;
    p->vlek_allowed = true;
    p->n_providers = 1;
    p->providers[0].n = sizeof VLEK_KIT_PROVIDER - 1;
    memcpy(p->providers[0].csp_id, VLEK_KIT_PROVIDER, p->providers[0].n);
    assert_int_equal(vlek_kit_show(chips[0], data, room, &block), ERR_OK);
    assert_int_equal(attestor_judge(&a, 0, 1, block, data, AT_S), ATTEST_ATTESTOR_PLATFORM);
    assert_false(attestor_has(&a, 0));
    assert_int_equal(show(0, 0), ATTEST_OK);
}

/* The same guest under two places, where the plan's machines would let it. */
static void test_beside_one_another(void **state)
{
    uint8_t kept[SNP_REPORT_ID_LEN];

    (void)state;
    memcpy(kept, chips[1]->report_id, sizeof kept);
    memcpy(chips[1]->report_id, chips[0]->report_id, sizeof kept);
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(show(i, i), ATTEST_OK);
    }
    assert_int_equal(attestor_judge_all(&a), ATTEST_ROSTER_REPORT_ID);
    memcpy(chips[1]->report_id, kept, sizeof kept);
    attestor_fence(&a, 1, 2, NULL);
    assert_int_equal(show(1, 1), ATTEST_OK);
    assert_int_equal(attestor_judge_all(&a), ATTEST_OK);
    a.threshold = 2; /* nodes 0 and 3 are of one line */
    assert_int_equal(attestor_judge_all(&a), ATTEST_ROSTER_LINE);
}

static void test_hardware_is_promised(void **state)
{
    (void)state;
    a.assurance = PLAN_ATTESTED;
    assert_int_equal(show(0, 0), ATTEST_ATTESTOR_ASSURANCE);
    assert_false(attestor_has(&a, 0));
}

/* Every byte of a block stands under a check: one that is changed lets nobody in. */
static void test_altered_blocks(void **state)
{
    struct view block = {NULL, 0};

    (void)state;
    assert_int_equal(evidence_kit_show(chips[0], data, room, &block), ERR_OK);
    for (size_t i = 0; i < block.n; i += i < 1400 ? 13 : 499) {
        room[i] ^= 0x10;
        assert_true(attestor_judge(&a, 0, 1, block, data, AT_S) != ATTEST_OK);
        room[i] ^= 0x10;
    }
    assert_int_equal(attestor_judge(&a, 0, 1, (struct view){room, block.n - 1}, data, AT_S),
                     ATTEST_EVIDENCE_BLOCK);
    assert_int_equal(attestor_judge(&a, 0, 1, (struct view){NULL, 0}, data, AT_S),
                     ATTEST_EVIDENCE_BLOCK);
    assert_int_equal(attestor_judge(&a, 0, 1, block, data, AT_S + INT64_C(4000000000)),
                     ATTEST_ARK_TIME);
    assert_int_equal(attestor_judge(&a, 0, 1, block, data, AT_S), ATTEST_OK);
}

static void test_parts_of_other_formats(void **state)
{
    static uint8_t more[EVIDENCE_MAX];
    struct writer w = wr_init(more, sizeof more);
    struct evidence e;
    struct view block = {NULL, 0};

    (void)state;
    assert_int_equal(evidence_kit_show(chips[0], data, room, &block), ERR_OK);
    assert_int_equal(evidence_decode(block, &e), ERR_OK);
    e.part[EVIDENCE_TPM_QUOTE - 1] = (struct view){data, 1};
    evidence_encode(&w, &e);
    assert_int_equal(attestor_judge(&a, 0, 1, (struct view){more, w.len}, data, AT_S),
                     ATTEST_EVIDENCE_PARTS);
}

static void test_plans(void **state)
{
    struct plan p;

    (void)state;
    assert_int_equal(plan_decode(kit.encoded, &p), ERR_OK);
    p.policy = plan_kit_text("[guest]\n");
    assert_true(attestor_begin(&a, &p, 0, &snp_roots_compiled) != ATTEST_OK);
    assert_false(a.on);
    p.policy = (struct view){NULL, 0};
    assert_int_equal(attestor_begin(&a, &p, 0, &snp_roots_compiled), ATTEST_OK);
    assert_false(a.on);
    assert_int_equal(attestor_judge(&a, 0, 1, (struct view){room, 1}, data, AT_S),
                     ATTEST_ATTESTOR_OFF);
    assert_int_equal(attestor_judge_all(&a), ATTEST_ATTESTOR_OFF);
    assert_int_equal(attestor_assurance(&a), ATTEST_ASSURANCE_NONE);
    assert_false(attestor_has(&a, 0));
    attestor_fence(&a, 0, 2, NULL);
    assert_false(a.fenced);
}

/* What needs more memory than there is was not judged. */
static void test_no_room(void **state)
{
    (void)state;
    gmp_arena_init(&a.arena, a.arena_memory, 64);
    assert_int_equal(show(0, 0), ATTEST_EVIDENCE_ROOM);
    assert_false(attestor_has(&a, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_all_are_let_in, begin),
        cmocka_unit_test_setup(test_again, begin),
        cmocka_unit_test_setup(test_guests_of_before, begin),
        cmocka_unit_test_setup(test_too_many_guests_of_before, begin),
        cmocka_unit_test_setup(test_the_measurement_stays, begin),
        cmocka_unit_test_setup(test_beside_the_others_at_once, begin),
        cmocka_unit_test_setup(test_machines, begin),
        cmocka_unit_test_setup(test_a_chip_that_nobody_vouches_for, begin),
        cmocka_unit_test_setup(test_beside_one_another, begin),
        cmocka_unit_test_setup(test_hardware_is_promised, begin),
        cmocka_unit_test_setup(test_altered_blocks, begin),
        cmocka_unit_test_setup(test_parts_of_other_formats, begin),
        cmocka_unit_test(test_plans),
        cmocka_unit_test_setup(test_no_room, begin),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
#else
#include <stdio.h>

int main(void)
{
    (void)puts("SKIP a production build has no simulated chips");
    return 77;
}
#endif
