#include "silicon/silicon_policy.h"
#include "silicon_faults.h"

#include "attest/snp_judge.h"
#include "os/small_file.h"

#include <stdio.h>
#include <stdlib.h>

#define AT_S INT64_C(1790000000) /* 2026-09-21 */
#define DATA_FIRST 0x40

struct shown {
    uint8_t report[SNP_REPORT_LEN];
    uint8_t table[SILICON_TABLE_MAX];
    struct snp_evidence ev;
};

static uint8_t measurement[SNP_MEASUREMENT_LEN] = {0x11, 0x22};
static uint8_t report_id[SNP_REPORT_ID_LEN] = {0x33};
static uint8_t report_data[SNP_REPORT_DATA_LEN] = {DATA_FIRST, 2, 3};

static struct silicon *chip_of(uint32_t number)
{
    struct silicon *s = NULL;

    report_id[1] = (uint8_t)number;
    assert_int_equal(silicon_new(number, measurement, report_id, &s), ERR_OK);
    return s;
}

static void show(struct silicon *s, struct shown *out)
{
    struct snp_table t;
    struct view v;

    assert_int_equal(silicon_report(s, report_data, out->report), ERR_OK);
    assert_int_equal(silicon_table(s, out->table, sizeof out->table, &v), ERR_OK);
    assert_int_equal(snp_table_parse(v, &t), ATTEST_OK);
    out->ev = (struct snp_evidence){.report = {out->report, sizeof out->report},
                                    .vek = t.vcek,
                                    .ask = t.ask,
                                    .ark = t.ark,
                                    .crl = t.crl};
}

static void policy_of(struct snp_policy *p)
{
    uint8_t text[SILICON_POLICY_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view v;
    unsigned line = 0;

    silicon_policy_write(&w, measurement);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    assert_int_equal(snp_policy_parse(v, p, &line), ATTEST_OK);
}

static enum attest_fault judge(const struct shown *e, const struct snp_roots *roots,
                               struct snp_claims *out)
{
    struct snp_policy p;

    policy_of(&p);
    return snp_judge(&e->ev, &p, report_data, roots, AT_S, out);
}

/* Chips of each line pass what verifies real ones, and are called simulated. */
static void test_genuine(void **state)
{
    static const uint32_t versions[] = {2, 3, 5};
    struct shown e;
    struct snp_claims c;

    (void)state;
    for (uint32_t chip = 0; chip < 2 * SILICON_LINES; chip++) {
        struct silicon *s = chip_of(chip);

        s->version = versions[chip % 3];
        show(s, &e);
        /* Before version 5 a report tells no mitigations, which this policy wants. */
        assert_int_equal(judge(&e, &snp_roots_compiled, &c),
                         s->version == 5 ? ATTEST_OK : ATTEST_JUDGE_MITIGATION);
        s->version = 5;
        show(s, &e);
        assert_int_equal(judge(&e, &snp_roots_compiled, &c), ATTEST_OK);
        assert_int_equal(c.vek.assurance, ATTEST_ASSURANCE_SIMULATED);
        assert_int_equal(c.vek.line, SNP_LINE_SIM_MILAN + chip % SILICON_LINES);
        assert_true(c.chip_known && c.vek.crl_checked);
        assert_memory_equal(c.report.family_id, "SIMULATED-TEE\0\0", SNP_ID_LEN);
        assert_memory_equal(c.report.report_id, report_id, sizeof report_id);
        silicon_free(s);
    }
}

/* The roots that a production build has. */
static void test_hardware_roots_refuse(void **state)
{
    struct snp_root hardware[SNP_LINE_COUNT];
    struct snp_roots roots = {hardware, 0};
    struct silicon *s = chip_of(2);
    struct shown e;
    struct snp_claims c;

    (void)state;
    for (size_t i = 0; i < snp_roots_compiled.n; i++) {
        if (snp_roots_compiled.p[i].assurance == ATTEST_ASSURANCE_HARDWARE) {
            hardware[roots.n++] = snp_roots_compiled.p[i];
        }
    }
    assert_int_equal(roots.n, 3);
    show(s, &e);
    assert_int_equal(judge(&e, &roots, &c), ATTEST_ARK_PIN);
    assert_int_equal(c.vek.assurance, ATTEST_ASSURANCE_NONE);
    silicon_free(s);
}

static bool has_text(struct view v, const char *text)
{
    const size_t n = strlen(text);

    for (size_t i = 0; i + n <= v.n; i++) {
        if (memcmp(v.p + i, text, n) == 0) {
            return true;
        }
    }
    return false;
}

static void test_names_tell(void **state)
{
    (void)state;
    for (uint32_t chip = 0; chip < SILICON_LINES; chip++) {
        struct silicon *s = chip_of(chip);
        struct shown e;

        show(s, &e);
        const struct view all[] = {e.ev.vek, e.ev.ask, e.ev.ark, e.ev.crl};

        for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
            assert_true(has_text(all[i], "SIMULATED - NOT AMD"));
            assert_false(has_text(all[i], "Advanced Micro Devices"));
        }
        assert_true(has_text(e.ev.ark, "ARK-SIM-"));
        assert_true(has_text(e.ev.ask, "SEV-SIM-"));
        assert_true(has_text(e.ev.vek, "SIM-"));
        silicon_free(s);
    }
}

static void test_faults(void **state)
{
    static const enum attest_fault expected[SILICON_FAULT_COUNT] = {
        [SILICON_WRONG_CHIP] = ATTEST_MATCH_CHIP,
        [SILICON_ROLLBACK] = ATTEST_JUDGE_TCB_REPORTED,
        [SILICON_LYING_TCB] = ATTEST_MATCH_TCB,
        [SILICON_DEBUG] = ATTEST_JUDGE_DEBUG,
        [SILICON_MIGRATION] = ATTEST_JUDGE_MIGRATION,
        [SILICON_MASKED_CHIP] = ATTEST_JUDGE_MASKED_CHIP,
        [SILICON_LYING_CPU] = ATTEST_REPORT_LINE,
        [SILICON_OTHER_CPU] = ATTEST_REPORT_LINE,
        [SILICON_VMPL] = ATTEST_JUDGE_VMPL,
        [SILICON_OTHER_CODE] = ATTEST_JUDGE_MEASUREMENT,
        [SILICON_STALE_CRL] = ATTEST_CRL_TIME,
        [SILICON_REVOKED] = ATTEST_CRL_REVOKED,
        [SILICON_NO_CRL] = ATTEST_JUDGE_CRL,
        [SILICON_WRONG_LINE] = ATTEST_VEK_LINE,
    };

    (void)state;
    for (int f = 0; f < SILICON_FAULT_COUNT; f++) {
        struct silicon *s = chip_of(3);
        struct shown e;
        struct snp_claims c;

        silicon_spoil(s, (enum silicon_fault)f);
        show(s, &e);
        const enum attest_fault got = judge(&e, &snp_roots_compiled, &c);

        if (got != expected[f]) {
            print_message("fault %d: %s\n", f, attest_fault_name(got));
        }
        assert_int_equal(got, expected[f]);
        silicon_free(s);
    }
}

static void test_flipped_and_replayed(void **state)
{
    struct silicon *s = chip_of(4);
    struct shown e;
    struct snp_claims c;

    (void)state;
    show(s, &e);
    for (size_t bit = 5; bit < 8 * (size_t)SNP_REPORT_SIGNED_LEN; bit += 331) {
        e.report[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_not_equal(judge(&e, &snp_roots_compiled, &c), ATTEST_OK);
        e.report[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    e.report[SNP_REPORT_SIGNED_LEN] ^= 1;
    assert_int_equal(judge(&e, &snp_roots_compiled, &c), ATTEST_REPORT_SIGNATURE);
    e.report[SNP_REPORT_SIGNED_LEN] ^= 1;
    report_data[0] = DATA_FIRST + 1; /* another nonce is asked now */
    assert_int_equal(judge(&e, &snp_roots_compiled, &c), ATTEST_JUDGE_REPORT_DATA);
    report_data[0] = DATA_FIRST;
    assert_int_equal(judge(&e, &snp_roots_compiled, &c), ATTEST_OK);
    silicon_free(s);
}

/* The same chip is the same wherever it is built; the certificates are those of the tree. */
static void test_deterministic(void **state)
{
    struct silicon *a = chip_of(7);
    struct silicon *b = chip_of(7);
    struct shown first;
    struct shown again;
    struct silicon *none = NULL;
    uint8_t small[64];
    struct view v;

    (void)state;
    memset(&first, 0, sizeof first);
    memset(&again, 0, sizeof again);
    show(a, &first);
    show(b, &again);
    assert_memory_equal(first.table, again.table, sizeof first.table);
    assert_memory_equal(first.report, again.report, sizeof first.report);
    show(a, &again); /* a second signature of the same report has a nonce of its own */
    assert_memory_equal(first.report, again.report, SNP_REPORT_SIGNED_LEN);
    assert_memory_not_equal(first.report + SNP_REPORT_SIGNED_LEN,
                            again.report + SNP_REPORT_SIGNED_LEN, P384_SCALAR_LEN);
    assert_int_equal(silicon_table(a, small, sizeof small, &v), ERR_NOSPACE);
    assert_int_equal(silicon_new(SILICON_CHIPS_MAX, measurement, report_id, &none), ERR_RANGE);
    assert_null(none);
    silicon_free(a);
    silicon_free(b);
}

/* What a build without simulated parts is shown in tests/unit/attest/test_sim_root.c. */
static void test_golden(void **state)
{
    struct silicon *s = chip_of(0);
    uint8_t want[SILICON_TABLE_MAX];
    uint8_t got[SILICON_TABLE_MAX];
    struct view golden;
    struct view v;

    (void)state;
    assert_int_equal(silicon_table(s, got, sizeof got, &v), ERR_OK);
    if (small_file_read(QUORATE_SOURCE "/tests/golden/silicon_chip_0.bin", want, sizeof want,
                        &golden) != ERR_OK) {
        fail_msg("no golden file");
    }
    assert_true(view_equal(v, golden));
    silicon_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_genuine),
        cmocka_unit_test(test_hardware_roots_refuse),
        cmocka_unit_test(test_names_tell),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_flipped_and_replayed),
        cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_golden),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
