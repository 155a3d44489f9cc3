/* Evidence under a policy: good evidence gives claims, and each thing that is changed, in the
 * report, in the policy or around them, is refused by its own name. */
#include "snp_chip_kit.h"
#include "snp_policy_kit.h"

static struct snp_kit_chip chip;
static uint8_t wanted[SNP_REPORT_DATA_LEN];
static char changed[SNP_KIT_TEXT_MAX];

static int setup(void **state)
{
    (void)state;
    snp_kit_chip_init(&chip);
    snp_kit_fill(wanted, sizeof wanted, 0x40);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    snp_kit_chip_free(&chip);
    return 0;
}

static enum attest_fault judge(const uint8_t raw[SNP_REPORT_LEN], enum snp_line line,
                               enum snp_signer signer, const char *text, struct snp_claims *out)
{
    static const struct snp_claims zero;
    struct snp_evidence ev = snp_kit_chip_certs(&chip, line, signer);
    struct snp_policy policy;

    ev.report = (struct view){raw, SNP_REPORT_LEN};
    snp_kit_policy_of(text, &policy);
    const enum attest_fault f =
        snp_judge(&ev, &policy, wanted, &(struct snp_roots){&chip.root, 1}, SNP_KIT_AT_S, out);

    if (f != ATTEST_OK) {
        assert_memory_equal(out, &zero, sizeof zero);
    }
    return f;
}

/* A Milan of version 5 with that byte of its report changed, signed again. */
static enum attest_fault with_byte(size_t at, uint8_t to)
{
    uint8_t raw[SNP_REPORT_LEN];
    struct snp_claims out;

    snp_kit_report(5, SNP_LINE_MILAN, raw);
    raw[at] = to;
    snp_kit_sign(&chip.key, raw);
    return judge(raw, SNP_LINE_MILAN, SNP_SIGNER_VCEK, snp_kit_policy, &out);
}

/* The same report under another policy. */
static enum attest_fault with_text(const char *from, const char *to)
{
    uint8_t raw[SNP_REPORT_LEN];
    struct snp_claims out;

    snp_kit_report(5, SNP_LINE_MILAN, raw);
    snp_kit_sign(&chip.key, raw);
    return judge(raw, SNP_LINE_MILAN, SNP_SIGNER_VCEK,
                 snp_kit_replace(snp_kit_policy, from, to, changed), &out);
}

static void good_evidence_gives_claims(void **state)
{
    (void)state;
    for (int line = SNP_LINE_MILAN; line <= SNP_LINE_TURIN; line += 2) {
        uint8_t raw[SNP_REPORT_LEN];
        struct snp_policy policy;
        struct snp_claims c;

        snp_kit_policy_of(snp_kit_policy, &policy);
        snp_kit_report(5, (enum snp_line)line, raw);
        snp_kit_sign(&chip.key, raw);
        assert_int_equal(judge(raw, (enum snp_line)line, SNP_SIGNER_VCEK, snp_kit_policy, &c),
                         ATTEST_OK);
        assert_memory_equal(c.report.raw, raw, sizeof raw);
        assert_int_equal(c.vek.line, line);
        assert_int_equal(c.vek.assurance, ATTEST_ASSURANCE_SIMULATED);
        assert_true(c.vek.crl_checked && c.chip_known);
        assert_true(c.at_s == SNP_KIT_AT_S && c.vek.until_s > c.at_s);
        assert_memory_equal(c.policy_hash, policy.hash, sizeof policy.hash);
        assert_true(snp_tcb_equal(&c.current, &c.launch));
        assert_true(snp_tcb_equal(&c.committed, &c.reported));
        assert_int_equal(c.reported.snp, line == SNP_LINE_TURIN ? 4 : 27);
        snp_kit_report(5, (enum snp_line)line, raw);
        raw[AT_KEY_INFO] = 1 | SNP_SIGNER_VLEK << 2;
        memset(raw + AT_CHIP_ID, 0, SNP_CHIP_ID_LEN);
        snp_kit_sign(&chip.key, raw);
        assert_int_equal(judge(raw, (enum snp_line)line, SNP_SIGNER_VLEK, snp_kit_policy, &c),
                         ATTEST_OK);
        assert_false(c.chip_known);
    }
}

/* Not a bit of what is expected may differ. */
static void report_data_is_compared(void **state)
{
    (void)state;
    for (size_t i = 0; i < SNP_REPORT_DATA_LEN; i++) {
        wanted[i] ^= (uint8_t)(1U << i % 8);
        assert_int_equal(with_text("vmpl = 0", "vmpl = 0"), ATTEST_JUDGE_REPORT_DATA);
        wanted[i] ^= (uint8_t)(1U << i % 8);
    }
    memset(wanted, 0, sizeof wanted);
    assert_int_equal(with_text("vmpl = 0", "vmpl = 0"), ATTEST_JUDGE_REPORT_DATA);
    snp_kit_fill(wanted, sizeof wanted, 0x40);
}

static void fields_are_compared(void **state)
{
    static const struct {
        size_t at;
        uint8_t to;
        enum attest_fault f;
    } cases[] = {
        {AT_MEASUREMENT, 0, ATTEST_JUDGE_MEASUREMENT},
        {AT_MEASUREMENT + 47, 0, ATTEST_JUDGE_MEASUREMENT},
        {AT_POLICY + 2, 0x0a, ATTEST_JUDGE_DEBUG},
        {AT_POLICY + 2, 0x06, ATTEST_JUDGE_MIGRATION},
        {AT_REPORT_ID_MA + 5, 0, ATTEST_JUDGE_MIGRATION},
        {AT_POLICY, 50, ATTEST_JUDGE_ABI},
        {AT_POLICY + 1, 0, ATTEST_JUDGE_ABI},
        {AT_POLICY, 52, ATTEST_OK},
        {AT_POLICY + 2, 0x03, ATTEST_JUDGE_SMT},
        {AT_PLATFORM_INFO, 0x25, ATTEST_JUDGE_SMT},
        {AT_PLATFORM_INFO, 0x20, ATTEST_JUDGE_PLATFORM_SET},
        {AT_PLATFORM_INFO, 0x04, ATTEST_JUDGE_PLATFORM_SET},
        {AT_PLATFORM_INFO, 0x34, ATTEST_JUDGE_PLATFORM_CLEAR},
        {AT_PLATFORM_INFO, 0x64, ATTEST_OK}, /* a bit that nobody asks for */
        {AT_VMPL, 1, ATTEST_JUDGE_VMPL},
        {AT_COMMITTED_TCB, 3, ATTEST_JUDGE_TCB_COMMITTED},
        {AT_COMMITTED_TCB + 6, 26, ATTEST_JUDGE_TCB_COMMITTED},
        {AT_LAUNCH_TCB, 3, ATTEST_JUDGE_TCB_LAUNCH},
        {AT_LAUNCH_TCB + 7, 221, ATTEST_JUDGE_TCB_LAUNCH},
        {AT_LAUNCH_TCB + 1, 9, ATTEST_OK},
        {AT_CURRENT_TCB, 5, ATTEST_JUDGE_PROVISIONAL},
        {AT_CURRENT, 0x22, ATTEST_JUDGE_PROVISIONAL},
        {AT_CURRENT + 1, 0x23, ATTEST_JUDGE_PROVISIONAL},
        {AT_CURRENT + 2, 0x24, ATTEST_JUDGE_PROVISIONAL},
        {AT_HOST_DATA + 31, 0, ATTEST_JUDGE_HOST_DATA},
        {AT_ID_KEY, 0, ATTEST_JUDGE_ID_KEY},
        {AT_AUTHOR_KEY, 0, ATTEST_JUDGE_AUTHOR_KEY},
        {AT_FAMILY_ID + 15, 0, ATTEST_JUDGE_FAMILY_ID},
        {AT_IMAGE_ID, 0, ATTEST_JUDGE_IMAGE_ID},
        {AT_GUEST_SVN, 2, ATTEST_JUDGE_GUEST_SVN},
        {AT_GUEST_SVN, 4, ATTEST_OK},
        {AT_REPORT_ID, 0, ATTEST_OK},
        {AT_CHIP_ID, 0, ATTEST_MATCH_CHIP},
        {AT_REPORTED_TCB, 5, ATTEST_MATCH_TCB},
        {AT_CPU + 1, 0x11, ATTEST_REPORT_LINE},
        {AT_VERSION, 6, ATTEST_REPORT_VERSION_NEW},
        {AT_LAUNCH_TCB + 3, 1, ATTEST_REPORT_TCB},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(with_byte(cases[i].at, cases[i].to), cases[i].f);
    }
}

static void texts_are_obeyed(void **state)
{
    static const struct {
        const char *from, *to;
        enum attest_fault f;
    } cases[] = {
        {"[line Milan]", "[line Genoa]", ATTEST_JUDGE_LINE},
        {"signer = any", "signer = vlek", ATTEST_JUDGE_SIGNER},
        {"crl = optional", "crl = required", ATTEST_OK},
        {"measurement = 80", "measurement = 81", ATTEST_JUDGE_MEASUREMENT},
        {"abi = 1.51", "abi = 2.0", ATTEST_JUDGE_ABI},
        {"abi = 1.51", "abi = 0.255", ATTEST_OK},
        {"policy_set = 0x20000", "policy_set = 0x1020000", ATTEST_JUDGE_POLICY_SET},
        {"platform_set = 0x24", "platform_set = 0x2c", ATTEST_JUDGE_PLATFORM_SET},
        {"platform_clear = 0x10", "platform_clear = 0x4", ATTEST_JUDGE_PLATFORM_CLEAR},
        {"vmpl = 0", "vmpl = 2", ATTEST_JUDGE_VMPL},
        {"tcb = 0.4.0.27.222", "tcb = 0.5.0.27.222", ATTEST_JUDGE_TCB_REPORTED},
        {"tcb = 0.4.0.27.222", "tcb = 0.4.1.27.222", ATTEST_JUDGE_TCB_REPORTED},
        {"tcb = 0.4.0.27.222", "tcb = 0.4.0.28.0", ATTEST_JUDGE_TCB_REPORTED},
        {"tcb = 0.4.0.27.222", "tcb = 0.4.0.27.223", ATTEST_JUDGE_TCB_REPORTED},
        {"mitigations = 0x0", "mitigations = 0xf", ATTEST_OK},
        {"mitigations = 0x0", "mitigations = 0x10", ATTEST_JUDGE_MITIGATION}, /* only since */
        {"mitigations = 0x0", "mitigations = 0x20", ATTEST_JUDGE_MITIGATION},
        {"host_data = a0", "host_data = a1", ATTEST_JUDGE_HOST_DATA},
        {"id_key = 31", "id_key = 32", ATTEST_JUDGE_ID_KEY},
        {"author_key = 51", "author_key = 52", ATTEST_JUDGE_AUTHOR_KEY},
        {"family_id = 10", "family_id = 11", ATTEST_JUDGE_FAMILY_ID},
        {"image_id = 20", "image_id = 21", ATTEST_JUDGE_IMAGE_ID},
        {"guest_svn = 3", "guest_svn = 4", ATTEST_JUDGE_GUEST_SVN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(with_text(cases[i].from, cases[i].to), cases[i].f);
    }
}

/* What a policy may allow, in a report that needs it. */
static void what_is_allowed_passes(void **state)
{
    static const struct {
        size_t at;
        uint8_t to;
        const char *from, *text;
    } cases[] = {
        {AT_POLICY + 2, 0x03, "smt = refused", "smt = allowed"},
        {AT_PLATFORM_INFO, 0x25, "smt = refused", "smt = allowed"},
        {AT_CURRENT_TCB, 5, "provisional = refused", "provisional = allowed"},
        {AT_CURRENT, 0x22, "provisional = refused", "provisional = allowed"},
        {AT_VMPL, 3, "vmpl = 0", "vmpl = 3"},
    };
    uint8_t raw[SNP_REPORT_LEN];
    struct snp_claims c;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snp_kit_report(5, SNP_LINE_MILAN, raw);
        raw[cases[i].at] = cases[i].to;
        snp_kit_sign(&chip.key, raw);
        (void)snp_kit_replace(snp_kit_policy, cases[i].from, cases[i].text, changed);
        assert_int_equal(judge(raw, SNP_LINE_MILAN, SNP_SIGNER_VCEK, changed, &c), ATTEST_OK);
    }
    /* a chip that is not told */
    snp_kit_report(5, SNP_LINE_MILAN, raw);
    raw[AT_KEY_INFO] |= 2;
    memset(raw + AT_CHIP_ID, 0, SNP_CHIP_ID_LEN);
    snp_kit_sign(&chip.key, raw);
    assert_int_equal(judge(raw, SNP_LINE_MILAN, SNP_SIGNER_VCEK, snp_kit_policy, &c),
                     ATTEST_JUDGE_MASKED_CHIP);
    (void)snp_kit_replace(snp_kit_policy, "masked_chip = refused", "masked_chip = allowed",
                          changed);
    assert_int_equal(judge(raw, SNP_LINE_MILAN, SNP_SIGNER_VCEK, changed, &c), ATTEST_OK);
    assert_false(c.chip_known);
}

/* An author key that is wanted must be in use, also where the digest of none is wanted. */
static void author_keys_are_in_use(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];
    struct snp_claims c;

    (void)state;
    snp_kit_report(3, SNP_LINE_MILAN, raw);
    raw[AT_KEY_INFO] = 0;
    memset(raw + AT_AUTHOR_KEY, 0, SNP_KEY_DIGEST_LEN);
    snp_kit_sign(&chip.key, raw);
    (void)snp_kit_replace(snp_kit_policy, "author_key = ",
                          "author_key = "
                          "000000000000000000000000000000000000000000000000"
                          "000000000000000000000000000000000000000000000000\n"
                          "author_key = ",
                          changed);
    assert_int_equal(judge(raw, SNP_LINE_MILAN, SNP_SIGNER_VCEK, changed, &c),
                     ATTEST_JUDGE_AUTHOR_KEY);
    (void)snp_kit_replace(snp_kit_policy,
                          "author_key = "
                          "5152535455565758595a5b5c5d5e5f606162636465666768"
                          "696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f80",
                          "author_key = any", changed);
    assert_int_equal(judge(raw, SNP_LINE_MILAN, SNP_SIGNER_VCEK, changed, &c), ATTEST_OK);
}

static void vleks_are_of_known_providers(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];
    struct snp_claims c;

    (void)state;
    snp_kit_report(3, SNP_LINE_MILAN, raw);
    raw[AT_KEY_INFO] = 1 | SNP_SIGNER_VLEK << 2;
    memset(raw + AT_CHIP_ID, 0, SNP_CHIP_ID_LEN);
    snp_kit_sign(&chip.key, raw);
    (void)snp_kit_replace(snp_kit_policy, "provider = example\n", "", changed);
    assert_int_equal(judge(raw, SNP_LINE_MILAN, SNP_SIGNER_VLEK, changed, &c),
                     ATTEST_JUDGE_PROVIDER);
    (void)snp_kit_replace(snp_kit_policy, "signer = any", "signer = vcek", changed);
    assert_int_equal(judge(raw, SNP_LINE_MILAN, SNP_SIGNER_VLEK, changed, &c),
                     ATTEST_JUDGE_SIGNER);
    assert_int_equal(judge(raw, SNP_LINE_MILAN, SNP_SIGNER_VCEK, snp_kit_policy, &c),
                     ATTEST_MATCH_SIGNER);
}

/* Reports of version 4 and below tell of no mitigation. */
static void old_reports_show_no_mitigation(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];
    struct snp_claims c;

    (void)state;
    for (uint32_t v = 2; v <= 5; v++) {
        snp_kit_report(v, SNP_LINE_MILAN, raw);
        snp_kit_sign(&chip.key, raw);
        assert_int_equal(judge(raw, SNP_LINE_MILAN, SNP_SIGNER_VCEK, snp_kit_policy, &c),
                         ATTEST_OK);
        (void)snp_kit_replace(snp_kit_policy, "mitigations = 0x0", "mitigations = 0x1",
                              changed);
        assert_int_equal(judge(raw, SNP_LINE_MILAN, SNP_SIGNER_VCEK, changed, &c),
                         v < 5 ? ATTEST_JUDGE_MITIGATION : ATTEST_OK);
    }
}

/* Evidence with a part that is missing or of another. */
static void parts_are_needed(void **state)
{
    const struct snp_evidence good = snp_kit_chip_certs(&chip, SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    static const enum attest_fault faults[] = {ATTEST_REPORT_SIZE, ATTEST_VEK_PARSE,
                                               ATTEST_ASK_PARSE, ATTEST_ARK_PARSE,
                                               ATTEST_JUDGE_CRL};
    uint8_t raw[SNP_REPORT_LEN];
    struct snp_policy policy;
    struct snp_claims c;

    (void)state;
    snp_kit_report(5, SNP_LINE_MILAN, raw);
    snp_kit_sign(&chip.key, raw);
    (void)snp_kit_replace(snp_kit_policy, "crl = optional", "crl = required", changed);
    snp_kit_policy_of(changed, &policy);
    for (size_t i = 0; i <= 5; i++) {
        struct snp_evidence ev = good;
        struct view *const parts[] = {&ev.report, &ev.vek, &ev.ask, &ev.ark, &ev.crl};

        ev.report = (struct view){raw, sizeof raw};
        if (i < 5) {
            *parts[i] = (struct view){NULL, 0};
        }
        assert_int_equal(snp_judge(&ev, &policy, wanted, &(struct snp_roots){&chip.root, 1},
                                   SNP_KIT_AT_S, &c),
                         i < 5 ? faults[i] : ATTEST_OK);
        assert_int_equal(snp_judge(&ev, &policy, wanted, &snp_roots_compiled, SNP_KIT_AT_S, &c),
                         i == 5 || i == 1 || i == 2 || i == 4 ? ATTEST_ARK_PIN : faults[i]);
    }
    raw[AT_REPORT_DATA] ^= 1; /* not signed again */
    struct snp_evidence ev = good;

    ev.report = (struct view){raw, sizeof raw};
    assert_int_equal(
        snp_judge(&ev, &policy, wanted, &(struct snp_roots){&chip.root, 1}, SNP_KIT_AT_S, &c),
        ATTEST_REPORT_SIGNATURE);
}

/* With the key that the chain gave before. */
static void known_keys_expire(void **state)
{
    const struct snp_evidence ev = snp_kit_chip_certs(&chip, SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    uint8_t raw[SNP_REPORT_LEN];
    struct snp_issuer issuer;
    struct snp_policy policy;
    struct snp_claims c;
    struct snp_vek vek;

    (void)state;
    snp_kit_report(5, SNP_LINE_MILAN, raw);
    snp_kit_sign(&chip.key, raw);
    snp_kit_policy_of(snp_kit_policy, &policy);
    assert_int_equal(snp_issuer_verify(ev.ark, ev.ask, ev.crl,
                                       &(struct snp_roots){&chip.root, 1}, SNP_KIT_AT_S,
                                       &issuer),
                     ATTEST_OK);
    assert_int_equal(snp_vek_verify(ev.vek, &issuer, SNP_KIT_AT_S, &vek), ATTEST_OK);
    for (int k = -1; k <= 1; k++) {
        const struct view report = {raw, sizeof raw};

        assert_int_equal(snp_judge_report(report, &vek, &policy, wanted, vek.until_s + k, &c),
                         k > 0 ? ATTEST_VEK_TIME : ATTEST_OK);
        assert_int_equal(snp_judge_report(report, &vek, &policy, wanted, vek.from_s + k, &c),
                         k < 0 ? ATTEST_VEK_TIME : ATTEST_OK);
    }
    assert_int_equal(snp_judge_report((struct view){raw, sizeof raw - 1}, &vek, &policy, wanted,
                                      SNP_KIT_AT_S, &c),
                     ATTEST_REPORT_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_evidence_gives_claims),
        cmocka_unit_test(report_data_is_compared),
        cmocka_unit_test(fields_are_compared),
        cmocka_unit_test(texts_are_obeyed),
        cmocka_unit_test(what_is_allowed_passes),
        cmocka_unit_test(author_keys_are_in_use),
        cmocka_unit_test(vleks_are_of_known_providers),
        cmocka_unit_test(old_reports_show_no_mitigation),
        cmocka_unit_test(parts_are_needed),
        cmocka_unit_test(known_keys_expire),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
