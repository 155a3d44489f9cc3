/* Real chains of Milan, Genoa and Turin under the roots that are compiled in, and the reports
 * that their keys signed. */
#include "snp_files.h"

#include "attest/snp_vek.h"

#define AT_S INT64_C(1780272000) /* 2026-06-01 */

/* Which of the certificates in a cert_chain are ASK and ARK. */
static enum attest_fault issuer_of(const char *chain, int64_t at_s, struct snp_issuer *out)
{
    static uint8_t ask[SNP_FILE_MAX];
    static uint8_t ark[SNP_FILE_MAX];

    return snp_issuer_verify(snp_file_cert(chain, 1, ark), snp_file_cert(chain, 0, ask),
                             (struct view){NULL, 0}, &snp_roots_compiled, at_s, out);
}

static void roots_of_amd(void **state)
{
    static const struct {
        const char *file;
        enum snp_line line;
        enum snp_signer signs;
    } chains[] = {{"ask_ark_milan.pem", SNP_LINE_MILAN, SNP_SIGNER_VCEK},
                  {"ask_ark_milan_vlek.pem", SNP_LINE_MILAN, SNP_SIGNER_VLEK},
                  {"ask_ark_genoa.pem", SNP_LINE_GENOA, SNP_SIGNER_VCEK},
                  {"ask_ark_genoa_vlek.pem", SNP_LINE_GENOA, SNP_SIGNER_VLEK},
                  {"ask_ark_turin_vcek.pem", SNP_LINE_TURIN, SNP_SIGNER_VCEK},
                  {"ask_ark_turin_vlek.pem", SNP_LINE_TURIN, SNP_SIGNER_VLEK}};

    (void)state;
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        struct snp_issuer out;
        char path[128];

        (void)snprintf(path, sizeof path, "amd-roots/%s", chains[i].file);
        assert_int_equal(issuer_of(path, AT_S, &out), ATTEST_OK);
        assert_int_equal(out.line, chains[i].line);
        assert_int_equal(out.signs, chains[i].signs);
        assert_int_equal(out.assurance, ATTEST_ASSURANCE_HARDWARE);
        assert_int_equal(issuer_of(path, 0, &out), ATTEST_ARK_TIME);
        assert_int_equal(issuer_of(path, INT64_C(2600000000), &out), ATTEST_ARK_TIME);
    }
}

/* ASK of one line under ARK of another. */
static void lines_are_not_mixed(void **state)
{
    static uint8_t ask[SNP_FILE_MAX];
    static uint8_t ark[SNP_FILE_MAX];
    struct snp_issuer out;

    (void)state;
    assert_int_equal(snp_issuer_verify(snp_file_cert("amd-roots/ask_ark_milan.pem", 1, ark),
                                       snp_file_cert("amd-roots/ask_ark_genoa.pem", 0, ask),
                                       (struct view){NULL, 0}, &snp_roots_compiled, AT_S, &out),
                     ATTEST_ASK_ISSUER);
    assert_int_equal(snp_issuer_verify(snp_file_cert("amd-roots/ask_ark_milan.pem", 0, ark),
                                       snp_file_cert("amd-roots/ask_ark_milan.pem", 0, ask),
                                       (struct view){NULL, 0}, &snp_roots_compiled, AT_S, &out),
                     ATTEST_ARK_PIN);
}

static const struct {
    const char *report, *vek, *chain;
    enum snp_line line;
} reals[] = {
    {"virtee/report_milan.hex", "virtee/vcek_milan.der", "virtee/cert_chain_milan.pem",
     SNP_LINE_MILAN},
    {"go-sev-guest/milan_report_v2.bin", "go-sev-guest/milan_vcek.der_or_pem",
     "go-sev-guest/milan_ask_ark.pem", SNP_LINE_MILAN},
    {"trustee/test-report.bin", "trustee/test-vcek.der", "amd-roots/ask_ark_milan.pem",
     SNP_LINE_MILAN},
    {"constellation/attestation.bin", "constellation/vcek.pem", "constellation/certchain.pem",
     SNP_LINE_MILAN},
    {"azure-aci/snp_report.bin", "azure-aci/uvm_host_amd_certificate.pem",
     "amd-roots/ask_ark_milan.pem", SNP_LINE_MILAN},
    {"gcp/sev-gcp.bin", "gcp/sev-gcp-vcek.pem", "gcp/sev-gcp-cert-chain.pem", SNP_LINE_MILAN},
    {"turin/box2-turin-report.bin", "turin/box2-turin-vcek.der",
     "amd-roots/ask_ark_turin_vcek.pem", SNP_LINE_TURIN},
};

static void reports_fit_their_keys(void **state)
{
    static uint8_t der[SNP_FILE_MAX];
    static uint8_t raw[SNP_FILE_MAX];
    const size_t n = sizeof reals / sizeof *reals;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        struct snp_issuer issuer;
        struct snp_vek vek;
        struct snp_report r;
        struct view report = strstr(reals[i].report, ".hex")
                                 ? snp_file_hex(reals[i].report, raw)
                                 : snp_file(reals[i].report, raw);

        report.n = SNP_REPORT_LEN;
        assert_int_equal(snp_report_parse(report, &r), ATTEST_OK);
        assert_int_equal(issuer_of(reals[i].chain, AT_S, &issuer), ATTEST_OK);
        assert_int_equal(
            snp_vek_verify(snp_file_cert(reals[i].vek, 0, der), &issuer, AT_S, &vek),
            ATTEST_OK);
        assert_int_equal(vek.line, reals[i].line);
        assert_int_equal(vek.signer, SNP_SIGNER_VCEK);
        assert_int_equal(snp_vek_check_report(&vek, &r), ATTEST_OK);
        assert_int_equal(snp_report_verify(&r, vek.public_key), ATTEST_OK);
        /* of another chip */
        assert_int_equal(
            snp_vek_verify(snp_file_cert(reals[(i + 1) % 6].vek, 0, der), &issuer, AT_S, &vek),
            i < 6 ? ATTEST_OK : ATTEST_VEK_ISSUER);
        assert_int_not_equal(snp_vek_check_report(&vek, &r), ATTEST_OK);
    }
}

/* A second real Turin, of a chip and firmware of its own. */
static void turin_keys_are_read(void **state)
{
    static uint8_t der[SNP_FILE_MAX];
    struct snp_issuer issuer;
    struct snp_vek vek;

    (void)state;
    assert_int_equal(issuer_of("virtee/cert_chain_turin.pem", AT_S, &issuer), ATTEST_OK);
    assert_int_equal(
        snp_vek_verify(snp_file_cert("virtee/vcek_turin.der", 0, der), &issuer, AT_S, &vek),
        ATTEST_OK);
    assert_int_equal(vek.line, SNP_LINE_TURIN);
    for (size_t i = SNP_CHIP_ID_TURIN_LEN; i < SNP_CHIP_ID_LEN; i++) {
        assert_int_equal(vek.hwid[i], 0);
    }
    assert_int_equal(issuer_of("amd-roots/ask_ark_genoa.pem", AT_S, &issuer), ATTEST_OK);
    assert_int_equal(
        snp_vek_verify(snp_file_cert("virtee/vcek_turin.der", 0, der), &issuer, AT_S, &vek),
        ATTEST_VEK_ISSUER);
}

/* Every byte of a real certificate changed: it is refused, or was not signed. */
static void changed_certificates_are_refused(void **state)
{
    static uint8_t der[SNP_FILE_MAX];
    struct snp_issuer issuer;
    struct snp_vek vek;

    (void)state;
    assert_int_equal(issuer_of("amd-roots/ask_ark_turin_vcek.pem", AT_S, &issuer), ATTEST_OK);
    const struct view v = snp_file_cert("turin/box2-turin-vcek.der", 0, der);

    assert_int_equal(snp_vek_verify(v, &issuer, AT_S, &vek), ATTEST_OK);
    for (size_t i = 0; i < v.n; i++) {
        der[i] ^= (uint8_t)(1U << i % 8);
        assert_int_not_equal(snp_vek_verify(v, &issuer, AT_S, &vek), ATTEST_OK);
        der[i] ^= (uint8_t)(1U << i % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_of_amd),
        cmocka_unit_test(lines_are_not_mixed),
        cmocka_unit_test(reports_fit_their_keys),
        cmocka_unit_test(turin_keys_are_read),
        cmocka_unit_test(changed_certificates_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
