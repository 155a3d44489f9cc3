#include "silicon/tsm_sim.h"
#include "testing.h"

#include "attest/snp_report.h"

#include <string.h>

/* A firmware that holds its guest back, and then gives what a machine gives. */
static void test_provider(void **state)
{
    static const uint8_t measurement[SNP_MEASUREMENT_LEN] = {1};
    static const uint8_t report_id[SNP_REPORT_ID_LEN] = {2};
    static const uint8_t report_data[TSM_ASKED_LEN] = {3};
    static struct tsm_answer a;
    static struct snp_report r;
    struct silicon *chip = NULL;
    struct snp_table t;
    struct tsm_sim s;

    (void)state;
    assert_int_equal(silicon_new(11, measurement, report_id, &chip), ERR_OK);
    tsm_sim_open(chip, &s);
    assert_true(s.base.simulated);
    assert_string_equal(s.base.name, "sim");
    s.busy = 2;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(s.base.report(&s.base, report_data, &a), TSM_BUSY);
        assert_int_equal(a.report_len + a.certs_len, 0);
    }
    assert_int_equal(s.base.report(&s.base, report_data, &a), TSM_OK);
    assert_int_equal(a.format, TSM_FORMAT_SNP);
    assert_int_equal(snp_report_parse((struct view){a.report, a.report_len}, &r), ATTEST_OK);
    assert_memory_equal(r.report_data, report_data, sizeof report_data);
    assert_int_equal(snp_table_parse((struct view){a.certs, a.certs_len}, &t), ATTEST_OK);
    assert_true(t.vcek.n > 0 && t.ask.n > 0 && t.ark.n > 0 && t.crl.n > 0);
    s.base.close(&s.base);
    assert_null(s.chip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_provider),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
