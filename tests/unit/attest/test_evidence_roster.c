/* Nodes beside one another: T of them never fall together. */
#include "testing.h"

#include "attest/evidence_judge.h"

#include <stdio.h>
#include <string.h>

#define NODES 5

static struct evidence_claims claims[EVIDENCE_ROSTER_MAX + 1];
static struct evidence_node nodes[EVIDENCE_ROSTER_MAX + 1];
static char names[EVIDENCE_ROSTER_MAX + 1][8];

/* Node i, of provider and line by turns, each guest and chip once. */
static void fresh(unsigned providers, unsigned lines)
{
    memset(claims, 0, sizeof claims);
    for (unsigned i = 0; i <= EVIDENCE_ROSTER_MAX; i++) {
        claims[i].platform_known = true;
        claims[i].guest[31] = (uint8_t)i;
        claims[i].platform[0] = (uint8_t)i;
        claims[i].line = (uint16_t)(SNP_LINE_MILAN + i % lines);
        (void)snprintf(names[i], sizeof names[i], "p%u", i % providers);
        nodes[i] =
            (struct evidence_node){&claims[i], {(const uint8_t *)names[i], strlen(names[i])}};
    }
}

static enum attest_fault judge(size_t n, unsigned t)
{
    return evidence_judge_roster(nodes, n, t);
}

static void spread_nodes_pass(void **state)
{
    (void)state;
    fresh(NODES, 3);
    assert_int_equal(judge(NODES, 3), ATTEST_OK);
    assert_int_equal(judge(NODES, 4), ATTEST_OK);
    assert_int_equal(judge(1, 1), ATTEST_OK);
}

static void sizes_are_sane(void **state)
{
    (void)state;
    fresh(EVIDENCE_ROSTER_MAX, 1);
    assert_int_equal(judge(0, 0), ATTEST_ROSTER_SIZE);
    assert_int_equal(judge(0, 1), ATTEST_ROSTER_SIZE);
    assert_int_equal(judge(NODES, 0), ATTEST_ROSTER_SIZE);
    assert_int_equal(judge(NODES, NODES + 1), ATTEST_ROSTER_SIZE);
    assert_int_equal(judge(EVIDENCE_ROSTER_MAX, 1), ATTEST_OK);
    assert_int_equal(judge(EVIDENCE_ROSTER_MAX + 1, 1), ATTEST_ROSTER_SIZE);
}

/* T of one domain are refused, T - 1 are not, for each T. */
static void domains_hold_fewer_than_t(void **state)
{
    (void)state;
    for (unsigned t = 2; t <= NODES; t++) {
        fresh(NODES, 3);
        for (unsigned i = 0; i < NODES; i++) { /* t - 1 together, the others spread */
            nodes[i].provider = nodes[i < t - 1 ? 0 : i].provider;
            claims[i].line = (uint16_t)(SNP_LINE_MILAN + i / (t - 1));
        }
        assert_int_equal(judge(NODES, t), ATTEST_OK);
        nodes[t - 1].provider = nodes[0].provider;
        assert_int_equal(judge(NODES, t), ATTEST_ROSTER_PROVIDER);
        nodes[t - 1].provider = (struct view){(const uint8_t *)"other", 5};
        claims[t - 1].line = SNP_LINE_MILAN;
        assert_int_equal(judge(NODES, t), ATTEST_ROSTER_LINE);
    }
    fresh(NODES, 3);
    nodes[2].provider = (struct view){NULL, 0};
    assert_int_equal(judge(NODES, 3), ATTEST_ROSTER_PROVIDER);
}

static void pairs_are_distinct(void **state)
{
    (void)state;
    for (unsigned a = 0; a < NODES; a++) {
        for (unsigned b = 0; b < NODES; b++) {
            if (a == b) {
                continue;
            }
            fresh(NODES, 3);
            claims[a].guest[31] = claims[b].guest[31];
            assert_int_equal(judge(NODES, 3), ATTEST_ROSTER_REPORT_ID);
            fresh(NODES, 3);
            claims[a].platform[0] = claims[b].platform[0];
            assert_int_equal(judge(NODES, 3), ATTEST_ROSTER_CHIP);
            fresh(NODES, 3);
            claims[a].policy_hash[47] = 1;
            assert_int_equal(judge(NODES, 3), ATTEST_ROSTER_POLICY);
        }
        fresh(NODES, 3);
        claims[a].platform_known = false;
        assert_int_equal(judge(NODES, 3), ATTEST_ROSTER_CHIP_UNKNOWN);
    }
    fresh(1, 1);
    claims[0].platform_known = false;
    assert_int_equal(judge(1, 1), ATTEST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spread_nodes_pass),
        cmocka_unit_test(sizes_are_sane),
        cmocka_unit_test(domains_hold_fewer_than_t),
        cmocka_unit_test(pairs_are_distinct),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
