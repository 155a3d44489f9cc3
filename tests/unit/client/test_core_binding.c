/* Evidence beside a core's log: whose key signed that. On simulated chips. */
#include "testing.h"

#if defined(QUORATE_SIMULATED)
#include "evidence_kit.h"

#include "client/audit/core_binding.h"

#include <stdlib.h>
#include <string.h>

#define NODES 2

/* What a core says of itself, and what its machine vouched for. */
struct said {
    uint8_t hello[EVIDENCE_FILE_HELLO_MAX];
    struct writer w;
    uint8_t room[EVIDENCE_MAX];
    struct view block;
};

static struct said said[NODES];
static struct silicon *chips[NODES];
static struct evidence_policy policy;
static struct evidence_file file;
static struct core_log_facts log_of[NODES];
static struct core_binding by;
static struct core_binding_facts facts;

static void say(unsigned node, uint8_t boot_nonce, uint8_t audit_key)
{
    struct hello h = {.index = 1, .clock = CLOCK_NTS};

    memset(h.boot_nonce, boot_nonce, sizeof h.boot_nonce);
    memset(h.audit_key, audit_key, sizeof h.audit_key);
    memset(h.identity, 0x1d + (int)node, sizeof h.identity);
    said[node].w = wr_init(said[node].hello, sizeof said[node].hello);
    hello_encode(&said[node].w, &h);
    assert_false(said[node].w.full);
    file.nodes[node].hello = (struct view){said[node].hello, said[node].w.len};
}

/* The machine vouches for what the core says now. */
static void vouch(unsigned node)
{
    uint8_t report_data[REPORT_DATA_LEN];
    struct hello h;

    assert_int_equal(hello_decode(file.nodes[node].hello, &h), ERR_OK);
    evidence_file_report_data(&file, &file.nodes[node], &h, report_data);
    assert_int_equal(
        evidence_kit_show(chips[node], report_data, said[node].room, &said[node].block),
        ERR_OK);
    file.nodes[node].block = said[node].block;
}

static int up(void **state)
{
    unsigned at = 0;

    (void)state;
    assert_int_equal(evidence_policy_parse(evidence_kit_policy(), &policy, &at), ATTEST_OK);
    by = (struct core_binding){&policy, &snp_roots_compiled, NULL, EVIDENCE_KIT_AT_S};
    file = (struct evidence_file){.nonce = {0x42}, .n = NODES};
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(evidence_kit_chip(i, &chips[i]), ERR_OK);
        file.nodes[i].incarnation = 1;
        say(i, (uint8_t)(0xb0 + i), (uint8_t)(0xa0 + i));
        vouch(i);
        memset(log_of[i].boot_nonce, 0xb0 + (int)i, sizeof log_of[i].boot_nonce);
        memset(log_of[i].audit_key, 0xa0 + (int)i, sizeof log_of[i].audit_key);
    }
    return 0;
}

static int down(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NODES; i++) {
        silicon_free(chips[i]);
    }
    return 0;
}

static enum core_binding_fault judge(unsigned log)
{
    static uint8_t bytes[EVIDENCE_FILE_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);

    evidence_file_encode(&w, &file);
    assert_false(w.full);
    return core_binding_judge((struct view){bytes, w.len}, &log_of[log], &by, &facts);
}

static void test_each_core_has_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(judge(i), CORE_BINDING_OK);
        assert_int_equal(facts.claims.assurance, ATTEST_ASSURANCE_SIMULATED);
        assert_memory_equal(facts.claims.measurement, evidence_kit_measurement,
                            sizeof evidence_kit_measurement);
        assert_memory_equal(facts.claims.platform, chips[i]->chip_id, SNP_CHIP_ID_LEN);
    }
    by.nonce = file.nonce;
    assert_int_equal(judge(0), CORE_BINDING_OK);
}

static void test_another_nonce(void **state)
{
    const uint8_t other[REPORT_DATA_NONCE_LEN] = {0x43};

    (void)state;
    by.nonce = other;
    assert_int_equal(judge(0), CORE_BINDING_NONCE);
    by.nonce = NULL;
    file.nonce[31] ^= 1; /* said to be for that one: the machine did not vouch for it */
    assert_int_equal(judge(0), CORE_BINDING_REFUSED);
    assert_int_equal(facts.fault, ATTEST_JUDGE_REPORT_DATA);
}

static void test_another_key(void **state)
{
    (void)state;
    log_of[0].audit_key[96] ^= 1;
    assert_int_equal(judge(0), CORE_BINDING_KEY);
    say(0, 0xb0, 0xa0); /* HELLO is changed until it fits */
    memset(log_of[0].audit_key, 0xa7, sizeof log_of[0].audit_key);
    say(0, 0xb0, 0xa7);
    assert_int_equal(judge(0), CORE_BINDING_REFUSED);
    assert_int_equal(facts.fault, ATTEST_JUDGE_REPORT_DATA);
}

static void test_another_boot(void **state)
{
    (void)state;
    log_of[0].boot_nonce[0] ^= 1;
    assert_int_equal(judge(0), CORE_BINDING_BOOT);
    memset(log_of[0].boot_nonce, 0xb7, sizeof log_of[0].boot_nonce);
    say(0, 0xb7, 0xa0);
    assert_int_equal(judge(0), CORE_BINDING_REFUSED);
    assert_int_equal(facts.fault, ATTEST_JUDGE_REPORT_DATA);
}

static void test_evidence_of_another_core(void **state)
{
    (void)state;
    file.n = 1;
    assert_int_equal(judge(1), CORE_BINDING_KEY);
    file.n = 2;
    file.nodes[0].block = said[1].block;
    assert_int_equal(judge(0), CORE_BINDING_REFUSED);
    assert_int_equal(facts.fault, ATTEST_JUDGE_REPORT_DATA);
    file.nodes[0].block = said[0].block;
    file.nodes[0].incarnation = 2;
    assert_int_equal(judge(0), CORE_BINDING_REFUSED);
}

/* A node that was put beside the genuine one takes nothing from it, in either order. */
static void test_one_that_claims_the_same_key(void **state)
{
    (void)state;
    say(1, 0xb0, 0xa0);
    assert_int_equal(judge(0), CORE_BINDING_OK);
    assert_memory_equal(facts.claims.platform, chips[0]->chip_id, SNP_CHIP_ID_LEN);
    file.nodes[1] = file.nodes[0];
    say(0, 0xb0, 0xa0);
    file.nodes[0].block = said[1].block;
    assert_int_equal(judge(0), CORE_BINDING_OK);
    assert_int_equal(facts.fault, ATTEST_OK);
}

static void test_what_the_policy_refuses(void **state)
{
    (void)state;
    chips[0]->policy |= SNP_POLICY_DEBUG;
    vouch(0);
    assert_int_equal(judge(0), CORE_BINDING_REFUSED);
    assert_int_equal(facts.fault, ATTEST_JUDGE_DEBUG);
    assert_int_equal(judge(1), CORE_BINDING_OK);
    by.at_s = 1; /* before any certificate */
    assert_int_equal(judge(1), CORE_BINDING_REFUSED);
}

static void test_no_file(void **state)
{
    (void)state;
    assert_int_equal(
        core_binding_judge((struct view){(const uint8_t *)"x", 1}, &log_of[0], &by, &facts),
        CORE_BINDING_FORM);
    file.n = 1;
    file.nodes[0].hello.n--; /* a HELLO that is none */
    assert_int_equal(judge(0), CORE_BINDING_FORM);
    assert_string_equal(core_binding_fault_text(CORE_BINDING_FORM), "no file of evidence");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_core_has_its_own, up, down),
        cmocka_unit_test_setup_teardown(test_another_nonce, up, down),
        cmocka_unit_test_setup_teardown(test_another_key, up, down),
        cmocka_unit_test_setup_teardown(test_another_boot, up, down),
        cmocka_unit_test_setup_teardown(test_evidence_of_another_core, up, down),
        cmocka_unit_test_setup_teardown(test_one_that_claims_the_same_key, up, down),
        cmocka_unit_test_setup_teardown(test_what_the_policy_refuses, up, down),
        cmocka_unit_test_setup_teardown(test_no_file, up, down),
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
