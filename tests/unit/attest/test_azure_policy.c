/* What a guest of Azure must be, as people write it. */
#include "azure_policy_kit.h"

#include "crypto/hash.h"

static char text[SNP_KIT_TEXT_MAX];
static char changed[SNP_KIT_TEXT_MAX];

static enum attest_fault parse(const char *t)
{
    static const struct azure_policy zero;
    static struct azure_policy p;
    unsigned at = 0;
    const enum attest_fault f =
        azure_policy_parse((struct view){(const uint8_t *)t, strlen(t)}, &p, &at);

    if (f != ATTEST_OK) {
        assert_memory_equal(&p, &zero, sizeof zero);
    }
    return f;
}

static enum attest_fault with(const char *from, const char *to)
{
    return parse(snp_kit_replace(azure_kit_policy(text), from, to, changed));
}

static void values_are_read(void **state)
{
    static struct azure_policy p;
    uint8_t hash[POLICY_HASH_LEN];

    (void)state;
    azure_kit_policy_of(azure_kit_policy(text), &p);
    hash_once(HASH_SHA384, (struct view){(const uint8_t *)text, strlen(text)}, hash);
    assert_memory_equal(p.paravisor.hash, hash, sizeof hash);
    assert_int_equal(p.paravisor.measurements.n, 2);
    assert_true(p.paravisor.lines[SNP_LINE_MILAN].admitted);
    assert_int_equal(p.n_pcrs, 3);
    assert_true(p.pcrs[0].index == 4 && p.pcrs[1].index == 4 && p.pcrs[2].index == 11);
    assert_true(p.pcrs[0].value[31] == 0 && p.pcrs[1].value[31] == 0x33 &&
                p.pcrs[2].value[0] == 0x1b);
    assert_true(p.secure_boot_required);
    assert_int_equal(p.maa_issuer_len, 19);
    assert_memory_equal(p.maa_issuer, "https://maa.example", 19);
    assert_int_equal(with("secure_boot = required", "secure_boot = any"), ATTEST_OK);
    azure_kit_policy_of(changed, &p);
    assert_false(p.secure_boot_required);
    assert_int_equal(with("https://maa.example", "none"), ATTEST_OK);
    azure_kit_policy_of(changed, &p);
    assert_int_equal(p.maa_issuer_len, 0);
    assert_int_equal(with("pcr = 11 ", "pcr = 23 "), ATTEST_OK);
}

/* Nothing is implied: every line, every section. */
static void all_of_it_is_needed(void **state)
{
    const char *const azure = strstr(azure_kit_policy(text), "[azure]");

    (void)state;
    assert_int_equal(with("secure_boot = required\n", ""), ATTEST_POLICY_MISSING);
    assert_int_equal(with("maa_issuer = https://maa.example\n", ""), ATTEST_POLICY_MISSING);
    (void)snprintf(changed, sizeof changed, "%.*s", (int)(azure - text), text);
    assert_int_equal(parse(changed), ATTEST_POLICY_MISSING);
    (void)snprintf(changed, sizeof changed, "version = 1\n%s", azure);
    assert_int_equal(parse(changed), ATTEST_POLICY_MISSING);
    (void)snprintf(changed, sizeof changed,
                   "%.*s[azure]\nsecure_boot = any\nmaa_issuer = none\n", (int)(azure - text),
                   text);
    assert_int_equal(parse(changed), ATTEST_POLICY_MISSING);
    (void)snprintf(changed, sizeof changed, "%s%s", text, azure);
    assert_int_equal(parse(changed), ATTEST_POLICY_SECTION);
    assert_int_equal(with("[paravisor]", "[guest]"), ATTEST_POLICY_MISSING);
    assert_int_equal(with("[platform]", "[paravisor]"), ATTEST_POLICY_SECTION);
}

static void values_have_a_form(void **state)
{
    static const struct {
        const char *from, *to;
        enum attest_fault f;
    } cases[] = {
        {"pcr = 11 ", "pcr = 24 ", ATTEST_POLICY_VALUE},
        {"pcr = 11 ", "pcr = 011 ", ATTEST_POLICY_VALUE},
        {"pcr = 11 ", "pcr = ", ATTEST_POLICY_VALUE},
        {"pcr = 11 ", "pcr = any ", ATTEST_POLICY_VALUE},
        {"pcr = 11 ", "pcr = 11  ", ATTEST_POLICY_VALUE},
        {"pcr = 11 1b", "pcr = 11 1", ATTEST_POLICY_VALUE},
        {"pcr = 11 1b", "pcr = 11 1B", ATTEST_POLICY_VALUE},
        {"pcr = 11 1b", "pcr = 11 1b1b", ATTEST_POLICY_VALUE},
        {"pcr = 11 ", "pcr = any\npcr = 11 ", ATTEST_POLICY_VALUE},
        {"secure_boot = required", "secure_boot = yes", ATTEST_POLICY_VALUE},
        {"secure_boot = required", "secure_boot = any\nsecure_boot = any", ATTEST_POLICY_TWICE},
        {"https://maa.example", "http://maa.example", ATTEST_POLICY_VALUE},
        {"https://maa.example", "https://", ATTEST_POLICY_VALUE},
        {"https://maa.example", "any", ATTEST_POLICY_VALUE},
        {"secure_boot = required", "vmpl = 0", ATTEST_POLICY_KEY},
        {"[azure]", "[Azure]", ATTEST_POLICY_SECTION},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const enum attest_fault f = with(cases[i].from, cases[i].to);

        if (f != cases[i].f) {
            fail_msg("%s: %s", cases[i].to, attest_fault_name(f));
        }
    }
}

static void lists_are_bounded(void **state)
{
    static const char line[] =
        "pcr = 5 0000000000000000000000000000000000000000000000000000000000000000\n";
    static char many[SNP_KIT_TEXT_MAX];
    char issuer[AZURE_POLICY_ISSUER_MAX + 2] = "https://";
    size_t n = 0;

    (void)state;
    for (int i = 0; i < AZURE_POLICY_PCRS_MAX - 3; i++) {
        n += (size_t)snprintf(many + n, sizeof many - n, "%s", line);
    }
    (void)snprintf(many + n, sizeof many - n, "secure_boot");
    assert_int_equal(with("secure_boot", many), ATTEST_OK);
    (void)snprintf(many + n, sizeof many - n, "%ssecure_boot", line);
    assert_int_equal(with("secure_boot", many), ATTEST_POLICY_FULL);
    memset(issuer + 8, 'a', AZURE_POLICY_ISSUER_MAX - 8);
    assert_int_equal(with("https://maa.example", issuer), ATTEST_OK);
    issuer[AZURE_POLICY_ISSUER_MAX] = 'a';
    assert_int_equal(with("https://maa.example", issuer), ATTEST_POLICY_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(all_of_it_is_needed),
        cmocka_unit_test(values_have_a_form),
        cmocka_unit_test(lists_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
