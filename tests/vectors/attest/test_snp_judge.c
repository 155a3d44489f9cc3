/* Real evidence under policies: a real Genoa with the verdicts that others published for it and
 * its mutations, and reports of Milan and Turin with chains. */
#include "inflate.h"
#include "snp_files.h"

#include "attest/snp_judge.h"

#define POLICY_MAX 8192

/* What a policy says besides; NULL: what stands in the report, or any key. */
struct wanted {
    const char *measurement, *host_data, *id_key, *author_key, *line, *tcb;
};

static const char *or_any(const char *text)
{
    return text ? text : "any";
}

/* A policy that admits a report as it is, the TCB floor apart. */
static void policy_for(const struct snp_report *r, const struct wanted *w,
                       struct snp_policy *out)
{
    static char text[POLICY_MAX];
    char own[2 * SNP_MEASUREMENT_LEN + 1];
    char host[2 * SNP_HOST_DATA_LEN + 1];
    unsigned at = 0;

    hex_write((struct view){r->measurement, sizeof r->measurement}, own);
    hex_write((struct view){r->host_data, sizeof r->host_data}, host);
    const int n =
        snprintf(text, sizeof text,
                 "version = 1\n[guest]\nmeasurement = %s\nhost_data = %s\nvmpl = 0\n"
                 "guest_svn = 0\nabi = 0.0\nsmt = allowed\nid_key = %s\nauthor_key = %s\n"
                 "family_id = any\nimage_id = any\n[platform]\nsigner = vcek\ncrl = optional\n"
                 "masked_chip = refused\nprovisional = allowed\n[line %s]\ntcb = %s\n"
                 "mitigations = 0x0\npolicy_set = 0x0\nplatform_set = 0x0\n"
                 "platform_clear = 0x0\n",
                 w->measurement ? w->measurement : own, w->host_data ? w->host_data : host,
                 or_any(w->id_key), or_any(w->author_key), w->line, w->tcb);

    assert_true(n > 0 && n < POLICY_MAX);
    assert_int_equal(
        snp_policy_parse((struct view){(const uint8_t *)text, (size_t)n}, out, &at), ATTEST_OK);
}

/* Base 64 of gzip of the report. */
static struct view unpack(const char *text, uint8_t out[SNP_FILE_MAX])
{
    static uint8_t packed[SNP_FILE_MAX];
    struct view v;

    assert_int_equal(pem_parse_base64((struct view){(const uint8_t *)text, strlen(text)},
                                      packed, sizeof packed, &v),
                     ERR_OK);
    return inflate_gzip(v, out, SNP_FILE_MAX);
}

static const char *text_of(const json_t *policy, const char *key)
{
    return json_string_value(json_object_get(policy, key));
}

static enum attest_fault judge_case(const char *name)
{
    static uint8_t raw[SNP_FILE_MAX];
    static uint8_t vek[SNP_FILE_MAX];
    static uint8_t ask[SNP_FILE_MAX];
    static uint8_t ark[SNP_FILE_MAX];
    static struct snp_report
        good; /* that of the first case, which none of the others changes */
    uint8_t report_data[SNP_REPORT_DATA_LEN];
    char path[256];
    char tcb[64];
    struct snp_policy policy;
    struct snp_claims claims;

    (void)snprintf(path, sizeof path, "04a-snp/tinfoil/%s/input.json", name);
    json_t *root = vector_file(path);
    const json_t *const p = json_object_get(root, "policy");
    struct snp_evidence ev = {
        .report = unpack(vector_text(root, "attestation_doc_b64"), raw),
        .ask = snp_file_cert("amd-roots/ask_ark_genoa.pem", 0, ask),
        .ark = snp_file_cert("amd-roots/ask_ark_genoa.pem", 1, ark),
    };
    const char *const der = vector_text(root, "vcek_der_b64");
    const int64_t at_s =
        json_integer_value(json_object_get(root, "expiration_check_date_unix"));

    assert_int_equal(pem_parse_base64((struct view){(const uint8_t *)der, strlen(der)}, vek,
                                      sizeof vek, &ev.vek),
                     ERR_OK);
    if (good.version == 0) {
        assert_int_equal(snp_report_parse(ev.report, &good), ATTEST_OK);
    }
    memcpy(report_data, good.report_data, sizeof report_data);
    if (text_of(p, "expected_report_data_hex")) {
        (void)vector_bytes(p, "expected_report_data_hex", report_data, sizeof report_data);
    }
    const json_int_t bl = json_integer_value(json_object_get(p, "min_tcb_bl_spl"));
    const json_int_t ucode = json_integer_value(json_object_get(p, "min_tcb_ucode_spl"));

    /* An author key of zeros is none. */
    const char *const pinned = text_of(p, "expected_author_key_digest_hex");
    const char *const author = pinned && strspn(pinned, "0") == strlen(pinned) ? NULL : pinned;

    (void)snprintf(tcb, sizeof tcb, "0.%d.0.23.%d", bl > 0 ? (int)bl : 10, (int)ucode);
    policy_for(&good,
               &(struct wanted){text_of(p, "expected_measurement_hex"),
                                text_of(p, "expected_host_data_hex"),
                                text_of(p, "expected_id_key_digest_hex"), author, "Genoa", tcb},
               &policy);
    const enum attest_fault f =
        snp_judge(&ev, &policy, report_data, &snp_roots_compiled, at_s, &claims);

    json_decref(root);
    return f;
}

static void a_real_genoa_and_its_mutations(void **state)
{
    static const struct {
        const char *name;
        enum attest_fault f;
    } cases[] = {
        {"200-real-sev-snp-happy", ATTEST_OK},
        {"210-wrong-report-version", ATTEST_REPORT_MBZ}, /* it says 2, which knows no CPUID */
        {"211-truncated-report", ATTEST_REPORT_SIZE},
        {"220-signature-byte-flipped", ATTEST_REPORT_SIGNATURE},
        {"221-signed-region-measurement-tampered", ATTEST_REPORT_SIGNATURE},
        {"230-vcek-first-byte-flipped", ATTEST_VEK_PARSE},
        {"231-vcek-signature-tampered", ATTEST_VEK_SIGNATURE},
        {"240-vcek-expired", ATTEST_VEK_TIME},
        {"400-measurement-pin-mismatch", ATTEST_JUDGE_MEASUREMENT},
        {"410-host-data-pin-mismatch", ATTEST_JUDGE_HOST_DATA},
        {"420-report-data-pin-mismatch", ATTEST_JUDGE_REPORT_DATA},
        {"430-id-key-digest-pin-mismatch", ATTEST_JUDGE_ID_KEY},
        {"440-author-key-digest-pin-mismatch", ATTEST_JUDGE_AUTHOR_KEY},
        {"450-tcb-bl-spl-below-min", ATTEST_JUDGE_TCB_REPORTED},
        {"451-tcb-ucode-spl-below-min", ATTEST_JUDGE_TCB_REPORTED},
        {"460-measurement-pin-match", ATTEST_OK},
        {"461-all-pins-match", ATTEST_OK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const enum attest_fault f = judge_case(cases[i].name);

        if (f != cases[i].f) {
            fail_msg("%s: %s", cases[i].name, attest_fault_name(f));
        }
    }
}

static void milan_and_turin(void **state)
{
    static const struct {
        const char *report, *vek, *chain, *line, *tcb, *above;
    } cases[] = {
        {"gcp/sev-gcp.bin", "gcp/sev-gcp-vcek.pem", "gcp/sev-gcp-cert-chain.pem", "Milan",
         "0.4.0.27.222", "0.4.0.28.222"},
        {"turin/box2-turin-report.bin", "turin/box2-turin-vcek.der",
         "amd-roots/ask_ark_turin_vcek.pem", "Turin", "1.1.1.4.82", "2.1.1.4.82"},
        {"trustee/test-report.bin", "trustee/test-vcek.der", "amd-roots/ask_ark_milan.pem",
         "Milan", "0.3.0.8.115", "0.3.0.24.0"},
    };
    static uint8_t raw[SNP_FILE_MAX];
    static uint8_t vek[SNP_FILE_MAX];
    static uint8_t ask[SNP_FILE_MAX];
    static uint8_t ark[SNP_FILE_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct snp_evidence ev = {.report = snp_file(cases[i].report, raw),
                                        .vek = snp_file_cert(cases[i].vek, 0, vek),
                                        .ask = snp_file_cert(cases[i].chain, 0, ask),
                                        .ark = snp_file_cert(cases[i].chain, 1, ark)};
        struct snp_policy policy;
        struct snp_claims claims;
        struct snp_report r;

        assert_int_equal(snp_report_parse(ev.report, &r), ATTEST_OK);
        policy_for(&r, &(struct wanted){.line = cases[i].line, .tcb = cases[i].tcb}, &policy);
        assert_int_equal(snp_judge(&ev, &policy, r.report_data, &snp_roots_compiled,
                                   INT64_C(1780272000), &claims),
                         ATTEST_OK);
        assert_int_equal(claims.vek.assurance, ATTEST_ASSURANCE_HARDWARE);
        policy_for(&r, &(struct wanted){.line = cases[i].line, .tcb = cases[i].above}, &policy);
        assert_int_equal(snp_judge(&ev, &policy, r.report_data, &snp_roots_compiled,
                                   INT64_C(1780272000), &claims),
                         ATTEST_JUDGE_TCB_REPORTED);
        policy_for(&r, &(struct wanted){.line = "Genoa", .tcb = "0.1.0.0.0"}, &policy);
        assert_int_equal(snp_judge(&ev, &policy, r.report_data, &snp_roots_compiled,
                                   INT64_C(1780272000), &claims),
                         ATTEST_JUDGE_LINE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_real_genoa_and_its_mutations),
        cmocka_unit_test(milan_and_turin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
