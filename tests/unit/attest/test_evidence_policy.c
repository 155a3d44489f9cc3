/* One text for every format: each has its sections, and a format without any is denied. Nor is
 * what is written of a paravisor ever taken for a guest. */
#include "azure_guest_kit.h"
#include "azure_policy_kit.h"
#include "tdx_policy_kit.h"

#include "attest/evidence_platform.h"

static struct azure_kit_guest guest;
static struct evidence_policy policy;
static uint8_t report_data[SNP_REPORT_DATA_LEN];
static uint8_t quote[TPM_QUOTE_MAX];
static char text[2 * SNP_KIT_TEXT_MAX];
static char azure_text[SNP_KIT_TEXT_MAX];

static int setup(void **state)
{
    struct azure_kit_quote q = azure_kit_quote_good();
    uint8_t extra_data[AZURE_EXTRA_DATA_LEN];

    (void)state;
    azure_kit_guest_init(&guest);
    snp_kit_fill(report_data, sizeof report_data, 0x40); /* as the reports of the kit have it */
    azure_extra_data(report_data, extra_data);
    q.extra_data = (struct view){extra_data, sizeof extra_data};
    guest.ev.quote = azure_kit_quote(&q, quote);
    (void)azure_kit_policy(azure_text);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    azure_kit_guest_free(&guest);
    return 0;
}

static enum attest_fault parse(const char *t)
{
    static const struct evidence_policy zero;
    unsigned at = 0;
    const enum attest_fault f =
        evidence_policy_parse((struct view){(const uint8_t *)t, strlen(t)}, &policy, &at);

    if (f != ATTEST_OK) {
        assert_memory_equal(&policy, &zero, sizeof zero);
    }
    return f;
}

/* [guest] in front of what is there, with all its keys. */
static const char *both(void)
{
    const char *const from = strstr(snp_kit_policy, "[guest]");
    const char *const until = strstr(snp_kit_policy, "[platform]");

    (void)snprintf(text, sizeof text, "%s%.*s", azure_text, (int)(until - from), from);
    return text;
}

static enum attest_fault judge(const struct evidence *e)
{
    static const struct evidence_claims zero;
    static uint8_t block[EVIDENCE_MAX];
    struct writer w = wr_init(block, sizeof block);
    struct evidence_claims c;
    struct view v;

    evidence_encode(&w, e);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    const enum attest_fault f = evidence_judge(
        v, &policy, report_data, &(struct snp_roots){&guest.chip.root, 1}, SNP_KIT_AT_S, &c);

    if (f != ATTEST_OK) {
        assert_memory_equal(&c, &zero, sizeof zero);
        return f;
    }
    assert_int_equal(c.format, e->format);
    assert_int_equal(c.assurance, ATTEST_ASSURANCE_SIMULATED);
    assert_memory_equal(c.policy_hash, policy.hash, sizeof c.policy_hash);

    uint8_t machine[EVIDENCE_PLATFORM_LEN];

    assert_int_equal(evidence_platform(v, machine), ATTEST_OK);
    assert_memory_equal(machine, c.platform, sizeof machine);
    return f;
}

static void put(struct evidence *e, enum evidence_kind kind, struct view v)
{
    e->part[kind - 1] = v;
}

static struct evidence azure(void)
{
    struct evidence e = {.format = EVIDENCE_AZURE_SNP};

    put(&e, EVIDENCE_REPORT, guest.ev.hcl);
    put(&e, EVIDENCE_VEK, guest.ev.vek);
    put(&e, EVIDENCE_ASK, guest.ev.ask);
    put(&e, EVIDENCE_ARK, guest.ev.ark);
    put(&e, EVIDENCE_TPM_QUOTE, guest.ev.quote);
    return e;
}

/* A guest that shows a report of its own, on the same chip. */
static struct evidence plain(uint8_t report[SNP_REPORT_LEN])
{
    struct evidence e = azure();

    snp_kit_report(5, SNP_LINE_MILAN, report);
    snp_kit_sign(&guest.chip.key, report);
    e.format = EVIDENCE_SNP;
    put(&e, EVIDENCE_REPORT, (struct view){report, SNP_REPORT_LEN});
    put(&e, EVIDENCE_TPM_QUOTE, (struct view){NULL, 0});
    return e;
}

static void sections_admit_formats(void **state)
{
    uint8_t report[SNP_REPORT_LEN];
    const struct evidence a = azure();
    const struct evidence p = plain(report);

    (void)state;
    assert_int_equal(parse(snp_kit_policy), ATTEST_OK);
    assert_true(policy.has_snp && !policy.has_azure);
    assert_int_equal(judge(&p), ATTEST_OK);
    assert_int_equal(judge(&a), ATTEST_EVIDENCE_DENIED);
    assert_int_equal(parse(azure_text), ATTEST_OK);
    assert_true(!policy.has_snp && policy.has_azure);
    assert_int_equal(judge(&p), ATTEST_EVIDENCE_DENIED);
    assert_int_equal(judge(&a), ATTEST_OK);
    assert_int_equal(parse(both()), ATTEST_OK);
    assert_true(policy.has_snp && policy.has_azure);
    assert_memory_equal(policy.hash, policy.snp.hash, sizeof policy.hash);
    assert_memory_equal(policy.hash, policy.azure.paravisor.hash, sizeof policy.hash);
    assert_int_equal(judge(&p), ATTEST_OK);
    assert_int_equal(judge(&a), ATTEST_OK);
}

/* A digest of one stands for nothing of the other. */
static void measurements_are_told_apart(void **state)
{
    uint8_t report[SNP_REPORT_LEN];
    const struct evidence a = azure();
    const struct evidence p = plain(report);

    (void)state;
    char *const guest_at = strstr(both(), "[guest]");
    char *const in_guest = strstr(guest_at, "measurement = 80");

    assert_non_null(in_guest);
    in_guest[14] = '7';
    assert_int_equal(parse(text), ATTEST_OK);
    assert_int_equal(judge(&p), ATTEST_JUDGE_MEASUREMENT);
    assert_int_equal(judge(&a), ATTEST_OK);
    in_guest[14] = '8';
    strstr(text, "measurement = 80")[14] = '7';
    assert_int_equal(parse(text), ATTEST_OK);
    assert_int_equal(judge(&p), ATTEST_OK);
    assert_int_equal(judge(&a), ATTEST_JUDGE_MEASUREMENT);
}

/* [tdx] beside the others, and alone. */
static void quotes_have_a_section(void **state)
{
    static char t[3 * SNP_KIT_TEXT_MAX];
    static char tdx[TDX_KIT_TEXT_MAX];
    const struct tdx_td td = {.td_attributes = 0};
    uint8_t report[SNP_REPORT_LEN];
    struct evidence e = azure();
    const struct evidence p = plain(report);

    (void)state;
    assert_int_equal(parse(tdx_kit_text(&td, tdx)), ATTEST_OK);
    assert_true(policy.has_tdx && !policy.has_snp && !policy.has_azure);
    assert_int_equal(judge(&p), ATTEST_EVIDENCE_DENIED);
    assert_int_equal(judge(&e), ATTEST_EVIDENCE_DENIED);
    (void)snprintf(t, sizeof t, "%s%s", both(), strstr(tdx, "[tdx]"));
    assert_int_equal(parse(t), ATTEST_OK);
    assert_true(policy.has_tdx && policy.has_snp && policy.has_azure);
    assert_memory_equal(policy.hash, policy.tdx.hash, sizeof policy.hash);
    assert_int_equal(judge(&p), ATTEST_OK);
    assert_int_equal(judge(&e), ATTEST_OK);
    (void)snprintf(t, sizeof t, "%s[tdx]\n", both()); /* and nothing in it */
    assert_int_equal(parse(t), ATTEST_POLICY_MISSING);
    (void)snprintf(t, sizeof t, "%s%s", tdx, strstr(snp_kit_policy, "[line Milan]"));
    assert_int_equal(parse(t), ATTEST_POLICY_MISSING);
    (void)snprintf(t, sizeof t, "%s%s", tdx, strstr(snp_kit_policy, "[guest]"));
    assert_int_equal(parse(t), ATTEST_OK); /* whichever stands first */
    assert_true(policy.has_tdx && policy.has_snp);
}

/* Two of a guest, one MRTD, two of a paravisor. */
static void code_is_named_kind_by_kind(void **state)
{
    static char t[3 * SNP_KIT_TEXT_MAX];
    static char tdx[TDX_KIT_TEXT_MAX];
    const struct tdx_td td = {.mrtd = {0x77}};
    struct view code[EVIDENCE_CODE_MAX];

    (void)state;
    (void)snprintf(t, sizeof t, "%s%s", both(), strstr(tdx_kit_text(&td, tdx), "[tdx]"));
    assert_int_equal(parse(t), ATTEST_OK);
    policy.azure.paravisor.measurements.d[1][0] = 0x99;
    assert_int_equal(evidence_policy_code(&policy, code), 5);
    assert_true(view_equal(code[1], (struct view){policy.snp.measurements.d[1], 48}));
    assert_true(view_equal(code[2], (struct view){td.mrtd, 48}));
    assert_int_equal(code[4].p[0], 0x99);
    assert_int_equal(parse(tdx), ATTEST_OK);
    assert_int_equal(evidence_policy_code(&policy, code), 1);
    assert_int_equal(parse(azure_text), ATTEST_OK);
    assert_int_equal(evidence_policy_code(&policy, code), 2);
}

/* As many as a certificate names, of whatever kind. */
static void code_is_counted_over_all_kinds(void **state)
{
    static char t[3 * SNP_KIT_TEXT_MAX];
    static char tdx[TDX_KIT_TEXT_MAX];
    const struct tdx_td td = {.mrtd = {0x77}};
    struct view code[EVIDENCE_CODE_MAX];

    (void)state;
    for (size_t more = EVIDENCE_CODE_MAX - 5; more <= EVIDENCE_CODE_MAX - 2; more++) {
        const bool fits = more == EVIDENCE_CODE_MAX - 5;

        (void)snprintf(t, sizeof t, "%s%s", snp_kit_more(both(), more),
                       strstr(tdx_kit_text(&td, tdx), "[tdx]"));
        assert_int_equal(parse(t), fits ? ATTEST_OK : ATTEST_POLICY_FULL);
        assert_int_equal(evidence_policy_code(&policy, code), fits ? EVIDENCE_CODE_MAX : 0);
    }
    assert_int_equal(parse(snp_kit_more(both(), EVIDENCE_CODE_MAX - 4)), ATTEST_OK);
    assert_int_equal(parse(snp_kit_more(both(), EVIDENCE_CODE_MAX - 3)), ATTEST_POLICY_FULL);
    (void)snprintf(t, sizeof t, "%s%s", snp_kit_more(snp_kit_policy, EVIDENCE_CODE_MAX - 2),
                   strstr(tdx, "[tdx]"));
    assert_int_equal(parse(t), ATTEST_POLICY_FULL);
}

static void what_is_there_is_whole(void **state)
{
    static char t[2 * SNP_KIT_TEXT_MAX];

    (void)state;
    assert_int_equal(parse("version = 1\n"), ATTEST_POLICY_MISSING);
    assert_int_equal(parse(""), ATTEST_POLICY_SIZE);
    (void)snprintf(t, sizeof t, "%s[azure]\n", snp_kit_policy);
    assert_int_equal(parse(t), ATTEST_POLICY_MISSING);
    (void)snprintf(t, sizeof t, "%s%s", snp_kit_policy, azure_kit_section);
    assert_int_equal(parse(t), ATTEST_POLICY_MISSING); /* no paravisor */
    (void)snprintf(t, sizeof t, "%s[guest]\n", azure_text);
    assert_int_equal(parse(t), ATTEST_POLICY_MISSING);
    (void)snprintf(t, sizeof t, "version = 1\n%s", strstr(snp_kit_policy, "[platform]"));
    assert_int_equal(parse(t), ATTEST_POLICY_MISSING); /* of no guest */
    (void)snprintf(t, sizeof t, "%.*s", (int)(strstr(azure_text, "[azure]") - azure_text),
                   azure_text);
    assert_int_equal(parse(t), ATTEST_POLICY_MISSING); /* a paravisor of nobody */
    (void)snprintf(t, sizeof t, "%s[paravisor]\n", snp_kit_policy);
    assert_int_equal(parse(t), ATTEST_POLICY_MISSING); /* nor beside a guest */
    (void)snprintf(t, sizeof t, "%s[sev]\n", snp_kit_policy);
    assert_int_equal(parse(t), ATTEST_POLICY_SECTION);
    (void)snprintf(t, sizeof t, "%spcr = 4 00\n", azure_text);
    assert_int_equal(parse(t), ATTEST_POLICY_VALUE);
}

static void blocks_have_their_parts(void **state)
{
    struct evidence e = azure();
    uint8_t report[SNP_REPORT_LEN];

    (void)state;
    struct evidence_claims c;

    assert_int_equal(parse(both()), ATTEST_OK);
    assert_int_equal(evidence_judge(guest.ev.hcl, &policy, report_data,
                                    &(struct snp_roots){&guest.chip.root, 1}, SNP_KIT_AT_S, &c),
                     ATTEST_EVIDENCE_BLOCK);
    put(&e, EVIDENCE_COLLATERAL, guest.ev.vek);
    assert_int_equal(judge(&e), ATTEST_EVIDENCE_PARTS);
    e = plain(report);
    put(&e, EVIDENCE_TPM_QUOTE, guest.ev.quote);
    assert_int_equal(judge(&e), ATTEST_EVIDENCE_PARTS);
    e = azure();
    put(&e, EVIDENCE_TPM_QUOTE, (struct view){NULL, 0});
    assert_int_equal(judge(&e), ATTEST_QUOTE_FORM);
    e = azure();
    put(&e, EVIDENCE_TPM_AK, guest.ev.vek);
    assert_int_equal(judge(&e), ATTEST_AK_PUBLIC);
    e = azure();
    report_data[63] ^= 1;
    assert_int_equal(judge(&e), ATTEST_AZURE_EXTRA_DATA);
    report_data[63] ^= 1;
    put(&e, EVIDENCE_CRL, guest.ev.crl);
    assert_int_equal(judge(&e), ATTEST_OK);
}

/* The fault of naming the machine, which is zero then. */
static enum attest_fault name_machine(struct view block)
{
    static const uint8_t zero[EVIDENCE_PLATFORM_LEN];
    uint8_t machine[EVIDENCE_PLATFORM_LEN] = {1};
    const enum attest_fault f = evidence_platform(block, machine);

    assert_int_equal(memcmp(machine, zero, sizeof zero) == 0, f != ATTEST_OK);
    return f;
}

static enum attest_fault name_machine_of(const struct evidence *e)
{
    static uint8_t block[EVIDENCE_MAX];
    struct writer w = wr_init(block, sizeof block);
    struct view v;

    evidence_encode(&w, e);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return name_machine(v);
}

static void evidence_that_names_no_machine(void **state)
{
    static uint8_t hcl[HCL_REPORT_MAX];
    uint8_t report[SNP_REPORT_LEN];
    struct evidence e = plain(report);

    (void)state;
    assert_int_equal(name_machine((struct view){report, sizeof report}), ATTEST_EVIDENCE_BLOCK);
    assert_int_equal(name_machine_of(&e), ATTEST_OK);
    memset(report + AT_CHIP_ID, 0, SNP_CHIP_ID_LEN);
    assert_int_equal(name_machine_of(&e), ATTEST_ROSTER_CHIP_UNKNOWN); /* the host hides it */
    put(&e, EVIDENCE_REPORT, (struct view){report, sizeof report - 1});
    assert_int_equal(name_machine_of(&e), ATTEST_REPORT_SIZE);
    e.format = EVIDENCE_TDX;
    assert_int_equal(name_machine_of(&e), ATTEST_TDX_QUOTE_KEY_TYPE);
    e = azure();
    assert_int_equal(name_machine_of(&e), ATTEST_OK);
    memcpy(hcl, guest.ev.hcl.p, guest.ev.hcl.n);
    hcl[0] ^= 1;
    put(&e, EVIDENCE_REPORT, (struct view){hcl, guest.ev.hcl.n});
    assert_int_equal(name_machine_of(&e), ATTEST_HCL_MAGIC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_admit_formats),
        cmocka_unit_test(measurements_are_told_apart),
        cmocka_unit_test(quotes_have_a_section),
        cmocka_unit_test(code_is_named_kind_by_kind),
        cmocka_unit_test(code_is_counted_over_all_kinds),
        cmocka_unit_test(what_is_there_is_whole),
        cmocka_unit_test(blocks_have_their_parts),
        cmocka_unit_test(evidence_that_names_no_machine),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
