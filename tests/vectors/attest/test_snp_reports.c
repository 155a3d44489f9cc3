/* Real reports of Milan, Genoa and Turin, versions 2, 3 and 5: what stands in them, and their
 * signatures under the keys that came with them. */
#include "snp_files.h"

#include "attest/snp_report.h"
#include "format/cert_ids.h"

struct real {
    const char *report, *vek;
    uint64_t policy, platform_info;
    uint32_t version;
    enum snp_line line; /* by CPUID */
    enum snp_line of;   /* by the certificate */
    struct snp_tcb reported;
    uint8_t minor, build; /* of CURRENT, 1.minor.build */
};

#define NONE SNP_LINE_NONE
#define MILAN SNP_LINE_MILAN
#define TURIN SNP_LINE_TURIN

static const struct real reals[] = {
    {"virtee/report_milan.hex",
     "virtee/vcek_milan.der",
     0x30000,
     1,
     2,
     NONE,
     MILAN,
     {0, 3, 0, 8, 0x73},
     52,
     4},
    {"go-sev-guest/milan_report_v2.bin",
     "go-sev-guest/milan_vcek.der_or_pem",
     0xb0000,
     1,
     2,
     NONE,
     MILAN,
     {0, 2, 0, 5, 0x44},
     49,
     3},
    {"trustee/test-report.bin",
     "trustee/test-vcek.der",
     0x3001f,
     1,
     2,
     NONE,
     MILAN,
     {0, 3, 0, 8, 0x73},
     52,
     4},
    {"constellation/attestation.bin",
     "constellation/vcek.pem",
     0x3001f,
     1,
     2,
     NONE,
     MILAN,
     {0, 2, 0, 6, 0x5d},
     51,
     1},
    {"azure-aci/snp_report.bin",
     "azure-aci/uvm_host_amd_certificate.pem",
     0x3001f,
     1,
     2,
     NONE,
     MILAN,
     {0, 3, 0, 8, 0x73},
     52,
     4},
    {"gcp/sev-gcp.bin",
     "gcp/sev-gcp-vcek.pem",
     0x30000,
     0x25,
     5,
     MILAN,
     MILAN,
     {0, 4, 0, 27, 0xde},
     55,
     35},
    {"turin/box2-turin-report.bin",
     "turin/box2-turin-vcek.der",
     0x30000,
     0x64,
     5,
     TURIN,
     TURIN,
     {1, 1, 1, 4, 82},
     58,
     0},
};

/* The first SNP_REPORT_LEN bytes: what Azure gives has its own header behind the report. */
static struct view report_of(const struct real *t, uint8_t buf[SNP_FILE_MAX])
{
    struct view v =
        strstr(t->report, ".hex") ? snp_file_hex(t->report, buf) : snp_file(t->report, buf);

    assert_true(v.n >= SNP_REPORT_LEN);
    v.n = SNP_REPORT_LEN;
    return v;
}

static void reports_are_read_and_genuine(void **state)
{
    static uint8_t a[SNP_FILE_MAX];
    static uint8_t b[SNP_FILE_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        const struct real *t = &reals[i];
        struct snp_report r;
        struct snp_tcb tcb;
        struct cert_ids vek;

        assert_int_equal(snp_report_parse(report_of(t, a), &r), ATTEST_OK);
        assert_int_equal(r.version, t->version);
        assert_int_equal(r.line, t->line);
        assert_true(r.policy == t->policy && r.platform_info == t->platform_info);
        assert_int_equal(r.current.major, 1);
        assert_int_equal(r.current.minor, t->minor);
        assert_int_equal(r.current.build, t->build);
        assert_int_equal(r.vmpl, 0);
        assert_int_equal(snp_report_check_line(&r, t->of), ATTEST_OK);
        assert_int_equal(snp_tcb_decode(r.reported_tcb, t->of, &tcb), ATTEST_OK);
        assert_true(snp_tcb_equal(&tcb, &t->reported));
        assert_int_equal(cert_ids_parse(snp_file_cert(t->vek, 0, b), &vek), ERR_OK);
        assert_int_equal(vek.public_key.n, P384_PUBLIC_LEN);
        assert_int_equal(snp_report_verify(&r, vek.public_key.p), ATTEST_OK);
    }
}

static void keys_are_not_exchanged(void **state)
{
    static uint8_t a[SNP_FILE_MAX];
    static uint8_t b[SNP_FILE_MAX];
    const size_t n = sizeof reals / sizeof *reals;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        struct snp_report r;
        struct cert_ids vek;

        assert_int_equal(snp_report_parse(report_of(&reals[i], a), &r), ATTEST_OK);
        assert_int_equal(cert_ids_parse(snp_file_cert(reals[(i + 1) % n].vek, 0, b), &vek),
                         ERR_OK);
        assert_int_equal(snp_report_verify(&r, vek.public_key.p), ATTEST_REPORT_SIGNATURE);
    }
}

/* The layout of another line is no mere renaming of parts. */
static void turin_is_no_genoa(void **state)
{
    static uint8_t a[SNP_FILE_MAX];
    struct snp_report r;

    (void)state;
    assert_int_equal(snp_report_parse(report_of(&reals[6], a), &r), ATTEST_OK);
    assert_int_equal(snp_report_check_line(&r, SNP_LINE_GENOA), ATTEST_REPORT_LINE);
    r.line = SNP_LINE_NONE;
    assert_int_equal(snp_report_check_line(&r, SNP_LINE_GENOA), ATTEST_REPORT_TCB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_are_read_and_genuine),
        cmocka_unit_test(keys_are_not_exchanged),
        cmocka_unit_test(turin_is_no_genoa),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
