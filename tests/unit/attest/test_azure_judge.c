/* A guest of Azure under a policy: good evidence gives claims, and each thing that is changed
 * is refused by its own name. */
#include "azure_guest_kit.h"
#include "azure_policy_kit.h"

static struct azure_kit_guest guest;
static char text[SNP_KIT_TEXT_MAX];
static char changed[SNP_KIT_TEXT_MAX];
static char json[AZURE_KIT_TEXT_MAX];

static const struct view asked = {(const uint8_t *)AZURE_KIT_VALUE, sizeof AZURE_KIT_VALUE - 1};

static int setup(void **state)
{
    (void)state;
    azure_kit_guest_init(&guest);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    azure_kit_guest_free(&guest);
    return 0;
}

static enum attest_fault judge_as(const struct azure_evidence *ev, const char *policy_text,
                                  struct view extra_data, struct azure_claims *out)
{
    static const struct azure_claims zero;
    static struct azure_policy policy;

    azure_kit_policy_of(policy_text, &policy);
    const enum attest_fault f = azure_judge(
        ev, &policy, extra_data, &(struct snp_roots){&guest.chip.root, 1}, SNP_KIT_AT_S, out);

    if (f != ATTEST_OK) {
        assert_memory_equal(out, &zero, sizeof zero);
    }
    return f;
}

static enum attest_fault judge(const struct azure_evidence *ev)
{
    static struct azure_claims out;

    return judge_as(ev, azure_kit_policy(text), asked, &out);
}

static enum attest_fault with_text(const char *from, const char *to)
{
    static struct azure_claims out;

    return judge_as(&guest.ev, snp_kit_replace(azure_kit_policy(text), from, to, changed),
                    asked, &out);
}

static enum attest_fault with_quote(const struct azure_kit_quote *q)
{
    uint8_t buf[TPM_QUOTE_MAX];
    struct azure_evidence ev = guest.ev;

    ev.quote = azure_kit_quote(q, buf);
    return judge(&ev);
}

static void good_evidence_gives_claims(void **state)
{
    static struct azure_claims c;
    static struct azure_policy policy;
    uint8_t modulus[RSA_2048_LEN];
    uint8_t value[TPM_PCR_LEN];

    (void)state;
    azure_kit_policy_of(azure_kit_policy(text), &policy);
    azure_kit_modulus(azure_kit_ak_pem, modulus);
    assert_int_equal(judge_as(&guest.ev, text, asked, &c), ATTEST_OK);
    assert_memory_equal(c.runtime.ak, modulus, sizeof modulus);
    assert_true(c.runtime.secure_boot && c.runtime.has_user_data);
    assert_memory_equal(c.paravisor.policy_hash, policy.paravisor.hash, POLICY_HASH_LEN);
    assert_int_equal(c.paravisor.vek.assurance, ATTEST_ASSURANCE_SIMULATED);
    assert_true(c.paravisor.at_s == SNP_KIT_AT_S && c.paravisor.chip_known);
    assert_int_equal(c.paravisor.report.vmpl, 0);
    assert_int_equal(c.pcr_mask, 0x004a10);
    assert_int_equal(c.pcr_held, 1U << 4 | 1U << 11);
    azure_kit_pcr(14, value);
    assert_memory_equal(c.pcrs[14], value, sizeof value);
    assert_true(c.pcrs[0][0] == 0 && c.pcrs[0][31] == 0);
    assert_true(c.clock_ms == 0x12345678 && c.reset_count == 3 && c.restart_count == 4);
    assert_true(c.firmware_version == 0x2020031200120003);
    assert_false(c.ak_public_checked || c.ak_cert_checked);
}

/* Not a byte of what is expected may differ, and nothing is expected by nobody. */
static void extra_data_is_compared(void **state)
{
    static struct azure_claims out;
    static uint8_t long_data[TPM_EXTRA_DATA_MAX + 1];
    uint8_t other[] = AZURE_KIT_VALUE;
    struct azure_kit_quote q = azure_kit_quote_good();

    (void)state;
    (void)azure_kit_policy(text);
    for (size_t i = 0; i < asked.n; i++) {
        other[i] ^= 1;
        assert_int_equal(judge_as(&guest.ev, text, (struct view){other, asked.n}, &out),
                         ATTEST_AZURE_EXTRA_DATA);
        other[i] ^= 1;
        assert_int_equal(judge_as(&guest.ev, text, (struct view){other, i}, &out),
                         ATTEST_AZURE_EXTRA_DATA);
    }
    assert_int_equal(judge_as(&guest.ev, text, (struct view){other, sizeof other}, &out),
                     ATTEST_AZURE_EXTRA_DATA);
    assert_int_equal(
        judge_as(&guest.ev, text, (struct view){long_data, sizeof long_data}, &out),
        ATTEST_AZURE_EXTRA_DATA);
    q.extra_data = (struct view){NULL, 0};
    uint8_t buf[TPM_QUOTE_MAX];
    struct azure_evidence ev = guest.ev;

    ev.quote = azure_kit_quote(&q, buf);
    assert_int_equal(judge_as(&ev, text, (struct view){NULL, 0}, &out),
                     ATTEST_AZURE_EXTRA_DATA);
}

/* What a report of its own would carry, hashed to what a TPM takes. */
static void report_data_becomes_extra_data(void **state)
{
    static struct azure_claims out;
    uint8_t report_data[SNP_REPORT_DATA_LEN];
    uint8_t data[AZURE_EXTRA_DATA_LEN];
    uint8_t buf[TPM_QUOTE_MAX];
    struct azure_kit_quote q = azure_kit_quote_good();
    struct azure_evidence ev = guest.ev;

    (void)state;
    snp_kit_fill(report_data, sizeof report_data, 0x11);
    azure_extra_data(report_data, data);
    q.extra_data = (struct view){data, sizeof data};
    ev.quote = azure_kit_quote(&q, buf);
    assert_int_equal(judge_as(&ev, azure_kit_policy(text), q.extra_data, &out), ATTEST_OK);
    report_data[63] ^= 1;
    azure_extra_data(report_data, data);
    assert_int_equal(judge_as(&ev, text, q.extra_data, &out), ATTEST_AZURE_EXTRA_DATA);
}

/* The hardware, and what binds the JSON to it. */
static void the_paravisor_is_judged(void **state)
{
    struct azure_evidence ev = guest.ev;
    uint8_t td_report[HCL_TDREPORT_LEN] = {0x81};
    uint8_t blob[HCL_REPORT_MAX + 1];

    (void)state;
    ev.hcl.n = 99;
    assert_int_equal(judge(&ev), ATTEST_HCL_SIZE);
    ev.hcl = azure_kit_hcl((struct view){td_report, sizeof td_report}, "{}", 0, blob);
    assert_int_equal(judge(&ev), ATTEST_AZURE_KIND);
    ev = guest.ev;
    memcpy(blob, guest.hcl, sizeof blob);
    ev.hcl.p = blob;
    blob[AT_HCL_JSON + 20] ^= 1; /* a JSON of which no report is */
    assert_int_equal(judge(&ev), ATTEST_JUDGE_REPORT_DATA);
    blob[AT_HCL_JSON + 20] ^= 1;
    blob[AT_HCL_HASH] = 2;
    assert_int_equal(judge(&ev), ATTEST_JUDGE_REPORT_DATA);
    blob[AT_HCL_HASH] = 1;
    blob[AT_HCL_HARDWARE + AT_MEASUREMENT] ^= 1;
    assert_int_equal(judge(&ev), ATTEST_REPORT_SIGNATURE);
    blob[AT_HCL_HARDWARE + AT_MEASUREMENT] ^= 1;
    assert_int_equal(judge(&ev), ATTEST_OK);
    ev.vek = ev.ask;
    assert_int_equal(judge(&ev), ATTEST_VEK_KEY);
    ev.vek = guest.ev.vek;
    ev.crl = (struct view){NULL, 0};
    assert_int_equal(judge(&ev), ATTEST_OK);
    assert_int_equal(with_text("measurement = 80", "measurement = 81"),
                     ATTEST_JUDGE_MEASUREMENT);
    assert_int_equal(with_text("vmpl = 0", "vmpl = 2"), ATTEST_JUDGE_VMPL);
    assert_int_equal(with_text("[line Milan]", "[line Genoa]"), ATTEST_JUDGE_LINE);
}

/* REPORT_DATA of a TPM's guest is a hash and zeros: another's 64 bytes are not taken. */
static void the_rest_of_report_data_is_zero(void **state)
{
    uint8_t report[SNP_REPORT_LEN];
    uint8_t blob[HCL_REPORT_MAX + 1];
    struct azure_evidence ev = guest.ev;

    (void)state;
    memcpy(report, guest.hcl + AT_HCL_HARDWARE, sizeof report);
    report[AT_REPORT_DATA + 32] = 1;
    snp_kit_sign(&guest.chip.key, report);
    memcpy(blob, guest.hcl, sizeof blob);
    memcpy(blob + AT_HCL_HARDWARE, report, sizeof report);
    ev.hcl.p = blob;
    assert_int_equal(judge(&ev), ATTEST_JUDGE_REPORT_DATA);
}

static void the_json_is_read(void **state)
{
    struct azure_kit_quote q = azure_kit_quote_good();

    (void)state;
    azure_kit_guest_json(&guest, "{}");
    assert_int_equal(judge(&guest.ev), ATTEST_RUNTIME_KEYS);
    azure_kit_guest_json(&guest, azure_kit_json(azure_kit_other_pem, json));
    assert_int_equal(judge(&guest.ev), ATTEST_QUOTE_SIGNATURE); /* another key than names it */
    q.pem = azure_kit_other_pem;
    assert_int_equal(with_quote(&q), ATTEST_OK);
    (void)azure_kit_json(azure_kit_ak_pem, json);
    *strstr(json, "vm-configuration") = 'V';
    azure_kit_guest_json(&guest, json);
    assert_int_equal(judge(&guest.ev), ATTEST_RUNTIME_CONFIG);
    char plain[AZURE_KIT_TEXT_MAX];

    (void)azure_kit_json(azure_kit_ak_pem, plain);
    const int before = (int)(strstr(plain, "\"secure-boot\":true") - plain);

    (void)snprintf(json, sizeof json, "%.*s\"secure-boot\":false%s", before, plain,
                   plain + before + strlen("\"secure-boot\":true"));
    azure_kit_guest_json(&guest, json);
    assert_int_equal(judge(&guest.ev), ATTEST_AZURE_SECURE_BOOT);
    assert_int_equal(with_text("secure_boot = required", "secure_boot = any"), ATTEST_OK);
    azure_kit_guest_json(&guest, azure_kit_json(azure_kit_ak_pem, json));
    assert_int_equal(judge(&guest.ev), ATTEST_OK);
}

static void the_quote_is_judged(void **state)
{
    struct azure_kit_quote q = azure_kit_quote_good();
    struct azure_evidence ev = guest.ev;
    uint8_t buf[TPM_QUOTE_MAX];

    (void)state;
    ev.quote = (struct view){NULL, 0};
    assert_int_equal(judge(&ev), ATTEST_QUOTE_FORM);
    q.magic = 1;
    assert_int_equal(with_quote(&q), ATTEST_QUOTE_MAGIC);
    q = azure_kit_quote_good();
    q.pem = azure_kit_other_pem;
    assert_int_equal(with_quote(&q), ATTEST_QUOTE_SIGNATURE);
    q = azure_kit_quote_good();
    ev.quote = azure_kit_quote(&q, buf);
    buf[ev.quote.n - 1] ^= 1;
    assert_int_equal(judge(&ev), ATTEST_QUOTE_DIGEST);
}

static void pcrs_are_held_against_the_policy(void **state)
{
    struct azure_kit_quote q = azure_kit_quote_good();

    (void)state;
    q.pcr_mask = 0xffffff;
    assert_int_equal(with_quote(&q), ATTEST_OK);
    q.pcr_mask = 1U << 4 | 1U << 11;
    assert_int_equal(with_quote(&q), ATTEST_OK);
    q.pcr_mask = 1U << 4;
    assert_int_equal(with_quote(&q), ATTEST_AZURE_PCR_MISSING);
    q.pcr_mask = 1U << 11 | 1U << 5;
    assert_int_equal(with_quote(&q), ATTEST_AZURE_PCR_MISSING);
    assert_int_equal(with_text("pcr = 11 1b", "pcr = 11 1c"), ATTEST_AZURE_PCR);
    assert_int_equal(with_text("pcr = 4 14", "pcr = 4 15"), ATTEST_AZURE_PCR);
    /* the value of 11 is no value of 14, nor the other way */
    assert_int_equal(with_text("pcr = 11 ", "pcr = 14 "), ATTEST_AZURE_PCR);
    assert_int_equal(with_text("pcr = 11 ", "pcr = 10 "), ATTEST_AZURE_PCR_MISSING);
}

/* What is shown of the key besides must be of that key. */
static void the_key_may_be_shown(void **state)
{
    static struct azure_claims out;
    struct azure_evidence ev = guest.ev;
    uint8_t area[] = {1,    24, 0,    1, 0,    0x0b, 0, 5, 0, 0x72, 0, 0, 0,
                      0x10, 0,  0x14, 0, 0x0b, 8,    0, 0, 0, 0,    0, 1, 0};
    uint8_t ak_public[sizeof area + RSA_2048_LEN];

    (void)state;
    memcpy(ak_public, area, sizeof area);
    azure_kit_modulus(azure_kit_ak_pem, ak_public + sizeof area);
    ev.ak_public = (struct view){ak_public, sizeof ak_public};
    assert_int_equal(judge_as(&ev, azure_kit_policy(text), asked, &out), ATTEST_OK);
    assert_true(out.ak_public_checked && !out.ak_cert_checked);
    ak_public[sizeof area + 9] ^= 1;
    assert_int_equal(judge(&ev), ATTEST_AZURE_AK);
    ak_public[7] ^= 1;
    assert_int_equal(judge(&ev), ATTEST_AK_ATTRIBUTES);
    ev = guest.ev;
    ev.ak_cert = ev.ask; /* a certificate of another key */
    assert_int_equal(judge(&ev), ATTEST_AK_CERT);
}

/* Each bit of what the paravisor gave: lengths and reserved bytes, the report, the JSON. Of the
 * zeros behind it, too. QUORATE_LONG=1: of the report, which its signature covers, all. */
static void every_flipped_bit_is_refused(void **state)
{
    const char *const value = getenv("QUORATE_LONG");
    const size_t step = value != NULL && strcmp(value, "1") == 0 ? 1 : 97;
    const size_t report = (size_t)8 * 32, rest = report + (size_t)8 * SNP_REPORT_LEN;
    const size_t bits = 8 * guest.ev.hcl.n;
    uint8_t vouched[SNP_REPORT_DATA_LEN];
    struct hcl_report h;

    (void)state;
    for (size_t bit = 0; bit < bits; bit += bit >= report && bit < rest ? step : 1) {
        guest.hcl[bit / 8] ^= (uint8_t)(1U << bit % 8);
        bool passes = hcl_report_parse(guest.ev.hcl, &h) == ATTEST_OK;

        if (passes && bit >= rest) { /* as azure_judge() does, without the chain */
            hcl_report_data(&h, vouched);
            passes = memcmp(h.hardware.p + AT_REPORT_DATA, vouched, sizeof vouched) == 0;
        } else if (passes) {
            passes = judge(&guest.ev) == ATTEST_OK;
        }
        if (passes) {
            fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
        }
        guest.hcl[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_int_equal(judge(&guest.ev), ATTEST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_evidence_gives_claims),
        cmocka_unit_test(extra_data_is_compared),
        cmocka_unit_test(report_data_becomes_extra_data),
        cmocka_unit_test(the_paravisor_is_judged),
        cmocka_unit_test(the_rest_of_report_data_is_zero),
        cmocka_unit_test(the_json_is_read),
        cmocka_unit_test(the_quote_is_judged),
        cmocka_unit_test(pcrs_are_held_against_the_policy),
        cmocka_unit_test(the_key_may_be_shown),
        cmocka_unit_test(every_flipped_bit_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
