/* A simulated chip's certificates under the roots of this build. */
#include "testing.h"

#include "attest/snp_table.h"
#include "attest/snp_vek.h"

#include <stdio.h>

#define AT_S INT64_C(1790000000)

static void test_sim_root(void **state)
{
    uint8_t bytes[16384];
    struct snp_table t;
    struct snp_issuer issuer;
    struct snp_vek vek;
    FILE *f = fopen(QUORATE_SOURCE "/tests/golden/silicon_chip_0.bin", "rb");

    (void)state;
    assert_non_null(f);
    const size_t n = fread(bytes, 1, sizeof bytes, f);

    (void)fclose(f);
    assert_int_equal(snp_table_parse((struct view){bytes, n}, &t), ATTEST_OK);
    const enum attest_fault got =
        snp_issuer_verify(t.ark, t.ask, t.crl, &snp_roots_compiled, AT_S, &issuer);

#if defined(QUORATE_SIMULATED)
    assert_int_equal(got, ATTEST_OK);
    assert_int_equal(issuer.assurance, ATTEST_ASSURANCE_SIMULATED);
    assert_int_equal(snp_vek_verify(t.vcek, &issuer, AT_S, &vek), ATTEST_OK);
    assert_string_equal(snp_line_name(vek.line), "SIM-Milan");
#else
    assert_int_equal(got, ATTEST_ARK_PIN);
    assert_int_equal(issuer.assurance, ATTEST_ASSURANCE_NONE);
    assert_int_equal(snp_vek_parse(t.vcek, &vek), ATTEST_VEK_PRODUCT); /* no such line */
#endif
}

#if defined(QUORATE_SIMULATED)
/* What software plays has the layout of the line that it plays. */
static void test_layouts(void **state)
{
    (void)state;
    assert_int_equal(snp_line_layout(SNP_LINE_SIM_MILAN), SNP_LINE_MILAN);
    assert_int_equal(snp_line_layout(SNP_LINE_SIM_GENOA), SNP_LINE_GENOA);
    assert_int_equal(snp_line_layout(SNP_LINE_SIM_TURIN), SNP_LINE_TURIN);
    assert_int_equal(snp_line_layout(SNP_LINE_TURIN), SNP_LINE_TURIN);
    assert_int_equal(snp_line_layout(SNP_LINE_COUNT), SNP_LINE_COUNT);
    assert_string_equal(snp_line_name(SNP_LINE_SIM_GENOA), "SIM-Genoa");
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sim_root),
#if defined(QUORATE_SIMULATED)
        cmocka_unit_test(test_layouts),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
