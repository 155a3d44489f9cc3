/* Reports as rows of text, and certificates out of files. */
#include "snp_chain_kit.h"

#include "client/evidence/evidence_files.h"
#include "client/evidence/evidence_rows.h"
#include "format/pem.h"

static const char *text_of(const struct evidence_rows *rows, const char *name)
{
    for (size_t i = 0; i < rows->n; i++) {
        if (strcmp(rows->rows[i].name, name) == 0) {
            return rows->rows[i].text;
        }
    }
    print_message("no row %s\n", name);
    abort();
}

static void reports_are_rows(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];
    struct evidence_rows rows = {.n = 0};
    struct snp_report r;

    (void)state;
    snp_kit_report(2, SNP_LINE_MILAN, raw);
    memset(raw + AT_VMPL, 0xff, 4);
    raw[AT_POLICY + 2] = 0x0e;
    assert_int_equal(snp_report_parse((struct view){raw, sizeof raw}, &r), ATTEST_OK);
    evidence_rows_report(&r, r.line, &rows);
    assert_string_equal(text_of(&rows, "line"), "not told");
    assert_string_equal(text_of(&rows, "tcb_reported"), "0400000000001bde");
    assert_string_equal(text_of(&rows, "vmpl"), "the host asked");
    assert_string_equal(text_of(&rows, "debug"), "ALLOWED");
    assert_string_equal(text_of(&rows, "migration"), "ALLOWED");
    assert_string_equal(text_of(&rows, "signer"), "VCEK");
    rows.n = 0;
    evidence_rows_report(&r, SNP_LINE_MILAN, &rows);
    assert_string_equal(text_of(&rows, "line"), "Milan");
    assert_string_equal(text_of(&rows, "tcb_reported"), "0.4.0.27.222");
    assert_string_equal(text_of(&rows, "firmware_current"), "35.34.33");
    assert_int_equal(strlen(text_of(&rows, "report_data")), 128);
}

static void claims_are_rows(void **state)
{
    struct evidence_rows rows = {.n = 0};
    struct snp_claims c = {.at_s = SNP_KIT_AT_S};
    json_t *const j = json_object();

    (void)state;
    c.vek.signer = SNP_SIGNER_VLEK;
    c.vek.assurance = ATTEST_ASSURANCE_SIMULATED;
    c.vek.csp_id[0] = 0x1b; /* moves no cursor */
    c.vek.csp_id[1] = 'a';
    c.vek.csp_id_len = 2;
    c.report.signer = SNP_SIGNER_VLEK;
    evidence_rows_claims(&c, &rows);
    evidence_rows_report(&c.report, SNP_LINE_TURIN, &rows);
    assert_string_equal(text_of(&rows, "assurance"), "SIMULATED");
    assert_string_equal(text_of(&rows, "provider"), "\\x1ba");
    assert_string_equal(text_of(&rows, "revocation"), "NOT CHECKED");
    assert_string_equal(text_of(&rows, "chip"), "NOT TOLD");
    assert_string_equal(text_of(&rows, "signer"), "VLEK");
    assert_int_equal(rows.n, 35);
    assert_int_equal(evidence_rows_json(&rows, j), ERR_OK);
    assert_int_equal(json_object_size(j), 35); /* no name twice */
    json_decref(j);
    json_t *const list = json_array();

    assert_int_equal(evidence_rows_json(&rows, list), ERR_NOSPACE); /* nothing can be set */
    json_decref(list);
    c.vek.assurance = ATTEST_ASSURANCE_HARDWARE;
    c.vek.crl_checked = true;
    c.chip_known = true;
    rows.n = 0;
    evidence_rows_claims(&c, &rows);
    assert_string_equal(text_of(&rows, "assurance"), "hardware");
    assert_string_equal(text_of(&rows, "revocation"), "checked");
    assert_string_equal(text_of(&rows, "chip"), "told");
}

static void files_are_pem_or_der(void **state)
{
    static uint8_t text[256];
    struct writer w = wr_init(text, sizeof text);
    uint8_t out[8];
    struct view pem;
    struct view der;

    (void)state;
    pem_write(&w, "CERTIFICATE", (struct view){(const uint8_t *)"one", 3});
    pem_write(&w, "X509 CRL", (struct view){(const uint8_t *)"list", 4});
    pem_write(&w, "CERTIFICATE", (struct view){(const uint8_t *)"two", 3});
    assert_int_equal(wr_finish(&w, &pem), ERR_OK);
    assert_int_equal(evidence_files_der(pem, "CERTIFICATE", 0, out, sizeof out, &der), ERR_OK);
    assert_true(view_equal(der, (struct view){(const uint8_t *)"one", 3}));
    assert_int_equal(evidence_files_der(pem, "CERTIFICATE", 1, out, sizeof out, &der), ERR_OK);
    assert_true(view_equal(der, (struct view){(const uint8_t *)"two", 3}));
    assert_int_equal(evidence_files_der(pem, "CERTIFICATE", 2, out, sizeof out, &der),
                     ERR_TRAILING);
    assert_int_equal(evidence_files_der(pem, "X509 CRL", 0, out, sizeof out, &der), ERR_OK);
    assert_int_equal(der.n, 4);
    assert_int_equal(evidence_files_der(pem, "CERTIFICATE", 0, out, 2, &der), ERR_NOSPACE);
    assert_int_equal(evidence_files_der((struct view){(const uint8_t *)"\x30\x01\x02", 3},
                                        "CERTIFICATE", 0, out, sizeof out, &der),
                     ERR_OK);
    assert_int_equal(der.n, 3);
    assert_int_equal(evidence_files_der((struct view){(const uint8_t *)"\x30\x01\x02", 3},
                                        "CERTIFICATE", 1, out, sizeof out, &der),
                     ERR_TRAILING);
    assert_int_equal(evidence_files_der((struct view){(const uint8_t *)"123456789", 9},
                                        "CERTIFICATE", 0, out, sizeof out, &der),
                     ERR_NOSPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_are_rows),
        cmocka_unit_test(claims_are_rows),
        cmocka_unit_test(files_are_pem_or_der),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
