/* A node whose evidence is a real quote of TDX loses its place, and another process of it comes
 * again by an order: what the fence holds it to, and what a quote cannot tell. */
#include "plan_kit.h"
#include "tdx_policy_kit.h"
#include "vectors/attest/tdx_intel.h"

#include "attest/evidence_judge.h"
#include "enclave/attest/attestor.h"

#define NODE 2
#define OTHER 3

static struct plan_kit kit;
static struct attestor a;
static char policy_text[TDX_KIT_TEXT_MAX];
static uint8_t room[EVIDENCE_MAX];
static struct view block;
static uint8_t report_data[EVIDENCE_DATA_LEN];
static uint8_t platforms[2 * PLAN_PLATFORM_LEN]; /* its machine, and a spare */
static struct evidence_claims claims;            /* of the quote */

static void make_block(void)
{
    static uint8_t raw[TDX_FILE_MAX], collateral[EVIDENCE_MAX];
    json_t *const json = vector_file("04b-tdx/dcap-qvl/tdx_quote_collateral.json");
    const struct tdx_collateral c = collateral_of_2025(json);
    struct evidence e = {.format = EVIDENCE_TDX};
    struct writer w = wr_init(room, sizeof room);
    struct tdx_quote q;

    e.part[EVIDENCE_REPORT - 1] = quote_of("04b-tdx/dcap-qvl/tdx_quote", raw);
    assert_int_equal(tdx_collateral_encode(&c, collateral, sizeof collateral,
                                           &e.part[EVIDENCE_COLLATERAL - 1]),
                     ERR_OK);
    evidence_encode(&w, &e);
    assert_int_equal(wr_finish(&w, &block), ERR_OK);
    assert_int_equal(tdx_quote_parse(e.part[EVIDENCE_REPORT - 1], &q), ATTEST_OK);
    memcpy(report_data, q.td.report_data, sizeof report_data);
    (void)tdx_kit_text(&q.td, policy_text);
    json_decref(json);
}

static int make(void **state)
{
    static struct evidence_policy policy;
    unsigned at = 0;
    struct view text;

    (void)state;
    gmp_arena_install();
    make_block();
    text = (struct view){(const uint8_t *)policy_text, strlen(policy_text)};
    assert_int_equal(evidence_policy_parse(text, &policy, &at), ATTEST_OK);
    assert_int_equal(
        evidence_judge(block, &policy, report_data, &snp_roots_compiled, IN_2025_S, &claims),
        ATTEST_OK);
    assert_true(claims.platform_known);
    assert_int_equal(plan_kit_make(&kit, 3, 5), ERR_OK);
    assert_int_equal(plan_kit_attest(&kit, text), ERR_OK);
    memcpy(platforms, claims.platform, PLAN_PLATFORM_LEN);
    memset(platforms + PLAN_PLATFORM_LEN, 0x99, PLAN_PLATFORM_LEN);
    kit.plan.nodes[NODE].platforms = (struct view){platforms, sizeof platforms};
    kit.plan.nodes[OTHER].platforms = (struct view){platforms, PLAN_PLATFORM_LEN};
    return 0;
}

static int drop(void **state)
{
    (void)state;
    plan_kit_free(&kit);
    return 0;
}

/* As after the ceremony, in which it was let in. */
static int begin(void **state)
{
    (void)state;
    assert_int_equal(attestor_begin(&a, &kit.plan, 0, &snp_roots_compiled), ATTEST_OK);
    assert_int_equal(attestor_judge(&a, NODE, 1, block, report_data, IN_2025_S), ATTEST_OK);
    return 0;
}

static enum attest_fault show(unsigned node)
{
    return attestor_judge(&a, node, a.nodes[node].incarnation, block, report_data, IN_2025_S);
}

/* ---- tests ---- */

static void it_comes_again_on_the_machine_of_the_order(void **state)
{
    (void)state;
    attestor_fence(&a, NODE, 2, platforms);
    assert_false(attestor_has(&a, NODE));
    assert_int_equal(attestor_judge(&a, NODE, 1, block, report_data, IN_2025_S),
                     ATTEST_ATTESTOR_NODE); /* whom the order replaced */
    assert_int_equal(show(NODE), ATTEST_OK);
    assert_true(attestor_has(&a, NODE));
    assert_int_equal(a.nodes[NODE].claims.format, EVIDENCE_TDX);
    assert_int_equal(a.nodes[NODE].claims.assurance, ATTEST_ASSURANCE_HARDWARE);
    assert_int_equal(show(NODE), ATTEST_OK); /* as often as somebody asks */
}

/* Keys and nonce are in REPORT_DATA: the quote of before is none of them. */
static void a_quote_of_before_vouches_for_nothing_new(void **state)
{
    (void)state;
    attestor_fence(&a, NODE, 2, platforms);
    report_data[0] ^= 1;
    assert_int_equal(show(NODE), ATTEST_TDX_JUDGE_REPORT_DATA);
    report_data[0] ^= 1;
    assert_false(attestor_has(&a, NODE));
}

static void not_on_another_machine_of_the_plan(void **state)
{
    (void)state;
    attestor_fence(&a, NODE, 2, platforms + PLAN_PLATFORM_LEN); /* the order names the spare */
    assert_int_equal(show(NODE), ATTEST_ATTESTOR_PLATFORM);
    assert_false(attestor_has(&a, NODE));
}

static void with_the_mrtd_that_its_place_had(void **state)
{
    (void)state;
    a.nodes[NODE].claims.measurement[0] ^= 1; /* what ran there before */
    attestor_fence(&a, NODE, 2, platforms);
    assert_int_equal(show(NODE), ATTEST_ATTESTOR_MEASUREMENT);
    assert_false(attestor_has(&a, NODE));
}

/* Nothing in a quote tells one start of a guest from the next: its guest is known from before,
 * and is no copy, whatever room there is for those before. */
static void a_start_is_not_told_from_the_next(void **state)
{
    (void)state;
    attestor_fence(&a, NODE, 2, platforms);
    assert_int_equal(a.n_former, 1);
    assert_memory_equal(a.former[0], claims.guest, sizeof claims.guest);
    assert_int_equal(show(NODE), ATTEST_OK);
    a.n_former = ATTESTOR_FORMER_MAX;
    attestor_fence(&a, NODE, 3, platforms);
    assert_int_equal(show(NODE), ATTEST_OK);
}

/* From the fence on each is set beside the others at once. */
static void not_as_another_node_too(void **state)
{
    (void)state;
    attestor_fence(&a, OTHER, 2, platforms);
    assert_int_equal(show(OTHER), ATTEST_ROSTER_REPORT_ID);
    assert_false(attestor_has(&a, OTHER));
    attestor_fence(&a, NODE, 2, platforms); /* that one is gone now */
    assert_int_equal(show(OTHER), ATTEST_OK);
    assert_int_equal(show(NODE), ATTEST_ROSTER_REPORT_ID);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        CASE(it_comes_again_on_the_machine_of_the_order),
        CASE(a_quote_of_before_vouches_for_nothing_new),
        CASE(not_on_another_machine_of_the_plan),
        CASE(with_the_mrtd_that_its_place_had),
        CASE(a_start_is_not_told_from_the_next),
        CASE(not_as_another_node_too),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
