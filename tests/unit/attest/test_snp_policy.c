/* Policies as people write them: nothing is implied, nothing stands twice. */
#include "snp_policy_kit.h"

#include "crypto/hash.h"

static char changed[SNP_KIT_TEXT_MAX];

static enum attest_fault parse_n(const char *text, size_t n, unsigned *at)
{
    static const struct snp_policy zero;
    struct snp_policy p;
    uint8_t *copy = malloc(n > 0 ? n : 1);
    enum attest_fault f = ATTEST_OK;

    assert_non_null(copy);
    memcpy(copy, text, n);
    f = snp_policy_parse((struct view){copy, n}, &p, at);
    free(copy);
    if (f != ATTEST_OK) {
        assert_memory_equal(&p, &zero, sizeof zero);
    }
    return f;
}

static enum attest_fault parse(const char *text)
{
    unsigned at = 0;

    return parse_n(text, strlen(text), &at);
}

static enum attest_fault with(const char *from, const char *to)
{
    return parse(snp_kit_replace(snp_kit_policy, from, to, changed));
}

static void values_are_read(void **state)
{
    uint8_t hash[SNP_POLICY_HASH_LEN];
    struct snp_policy p;

    (void)state;
    snp_kit_policy_of(snp_kit_policy, &p);
    hash_once(HASH_SHA384,
              (struct view){(const uint8_t *)snp_kit_policy, sizeof snp_kit_policy - 1}, hash);
    assert_memory_equal(p.hash, hash, sizeof hash);
    assert_int_equal(p.measurements.n, 2);
    assert_int_equal(p.measurements.d[1][47], 0xaf);
    assert_int_equal(p.id_keys.d[0][0], 0x31);
    assert_int_equal(p.author_keys.d[0][0], 0x51);
    assert_int_equal(p.host_data[31], 0xbf);
    assert_int_equal(p.family_id.id[15], 0x1f);
    assert_int_equal(p.image_id.id[15], 0x2f);
    assert_false(p.id_keys.any || p.author_keys.any || p.family_id.any || p.image_id.any);
    assert_true(p.vmpl == 0 && p.guest_svn == 3 && p.abi_major == 1 && p.abi_minor == 51);
    assert_true(p.vcek_allowed && p.vlek_allowed);
    assert_int_equal(p.n_providers, 2);
    assert_memory_equal(p.providers[1].csp_id, "example", p.providers[1].n);
    assert_false(p.smt_allowed || p.crl_required || p.masked_chip_allowed ||
                 p.provisional_allowed);
    assert_true(p.lines[SNP_LINE_MILAN].admitted && !p.lines[SNP_LINE_GENOA].admitted);
    assert_true(
        snp_tcb_equal(&p.lines[SNP_LINE_TURIN].floor, &(struct snp_tcb){1, 2, 1, 4, 82}));
    assert_true(p.lines[SNP_LINE_TURIN].mitigations == 0xf);
    assert_true(p.lines[SNP_LINE_MILAN].policy_set == 0x20000);
    assert_true(p.lines[SNP_LINE_MILAN].platform_set == 0x24);
    assert_true(p.lines[SNP_LINE_MILAN].platform_clear == 0x10);
}

static void words_are_read(void **state)
{
    struct snp_policy p;

    (void)state;
    (void)snp_kit_replace(snp_kit_policy, "smt = refused", "  smt=  allowed ", changed);
    snp_kit_policy_of(changed, &p);
    assert_true(p.smt_allowed);
    (void)snp_kit_replace(snp_kit_policy, "crl = optional", "crl = required", changed);
    snp_kit_policy_of(changed, &p);
    assert_true(p.crl_required);
    (void)snp_kit_replace(snp_kit_policy, "masked_chip = refused", "masked_chip = allowed",
                          changed);
    snp_kit_policy_of(changed, &p);
    assert_true(p.masked_chip_allowed);
    (void)snp_kit_replace(snp_kit_policy, "provisional = refused", "provisional = allowed",
                          changed);
    snp_kit_policy_of(changed, &p);
    assert_true(p.provisional_allowed);
    (void)snp_kit_replace(snp_kit_policy, "signer = any", "signer = vcek", changed);
    snp_kit_policy_of(changed, &p);
    assert_true(p.vcek_allowed && !p.vlek_allowed);
    (void)snp_kit_replace(snp_kit_policy, "signer = any", "signer = vlek", changed);
    snp_kit_policy_of(changed, &p);
    assert_true(!p.vcek_allowed && p.vlek_allowed);
    (void)snp_kit_replace(snp_kit_policy, "family_id = 101112131415161718191a1b1c1d1e1f",
                          "family_id = any", changed);
    snp_kit_policy_of(changed, &p);
    assert_true(p.family_id.any);
}

/* Each line left out, but for a value of a list that has two. */
static void every_line_is_needed(void **state)
{
    size_t refused = 0;
    size_t lines = 0;

    (void)state;
    for (const char *line = snp_kit_policy; *line != '\0'; line = strchr(line, '\n') + 1) {
        const int before = (int)(line - snp_kit_policy);

        (void)snprintf(changed, sizeof changed, "%.*s%s", before, snp_kit_policy,
                       strchr(line, '\n') + 1);
        lines++;
        refused += parse(changed) != ATTEST_OK ? 1 : 0;
    }
    assert_int_equal(lines, 33);
    assert_int_equal(refused, lines - 5); /* a comment, two of measurement, two of provider */
    assert_int_equal(with("smt = refused\n", ""), ATTEST_POLICY_MISSING);
    assert_int_equal(with("tcb = 1.2.1.4.82\n", ""), ATTEST_POLICY_MISSING);
    assert_int_equal(parse("version = 1\n"), ATTEST_POLICY_MISSING);
    assert_int_equal(parse("\n"), ATTEST_POLICY_MISSING);
}

/* Up to the end of a section, what is there is good, and not enough. */
static void sections_are_needed(void **state)
{
    const char *const platform = strstr(snp_kit_policy, "[platform]");
    const char *const line = strstr(snp_kit_policy, "[line Milan]");
    unsigned at = 0;

    (void)state;
    assert_int_equal(parse_n(snp_kit_policy, (size_t)(platform - snp_kit_policy), &at),
                     ATTEST_POLICY_MISSING);
    assert_int_equal(parse_n(snp_kit_policy, (size_t)(line - snp_kit_policy), &at),
                     ATTEST_POLICY_MISSING);
    (void)snprintf(changed, sizeof changed, "version = 1\n%s", platform);
    assert_int_equal(parse(changed), ATTEST_POLICY_MISSING);
    (void)snprintf(changed, sizeof changed, "%.*s%s", (int)(platform - snp_kit_policy),
                   snp_kit_policy, line);
    assert_int_equal(parse(changed), ATTEST_POLICY_MISSING);
    (void)snp_kit_replace(snp_kit_policy, "provider = another\nprovider = example\n", "",
                          changed);
    assert_int_equal(parse(changed), ATTEST_POLICY_MISSING);
    char vcek[SNP_KIT_TEXT_MAX];

    assert_int_equal(parse(snp_kit_replace(changed, "signer = any", "signer = vcek", vcek)),
                     ATTEST_OK);
}

static void lines_have_a_form(void **state)
{
    unsigned at = 0;

    (void)state;
    assert_int_equal(with("vmpl = 0", "vmpl 0"), ATTEST_POLICY_SYNTAX);
    assert_int_equal(with("vmpl = 0", "vmpl = 0\t"), ATTEST_POLICY_SYNTAX);
    assert_int_equal(with("# of", "# \xc3\xb6 of"), ATTEST_POLICY_SYNTAX);
    assert_int_equal(with("vmpl = 0\n", "vmpl = 0\r\n"), ATTEST_POLICY_SYNTAX);
    assert_int_equal(with("vmpl = 0", "vmpl = 0 # zero"), ATTEST_POLICY_VALUE);
    assert_int_equal(with("vmpl = 0", "vmpl ="), ATTEST_POLICY_VALUE);
    assert_int_equal(with("vmpl = 0", "Vmpl = 0"), ATTEST_POLICY_KEY);
    assert_int_equal(with("vmpl = 0", "signer = any"), ATTEST_POLICY_KEY);
    assert_int_equal(with("vmpl = 0", "= 0"), ATTEST_POLICY_KEY);
    assert_int_equal(with("version = 1", "vmpl = 1"), ATTEST_POLICY_KEY);
    assert_int_equal(with("version = 1", "version = 1\nversion = 1"), ATTEST_POLICY_TWICE);
    assert_int_equal(with("vmpl = 0", "vmpl = 0\nvmpl = 0"), ATTEST_POLICY_TWICE);
    assert_int_equal(with("[guest]", "[Guest]"), ATTEST_POLICY_SECTION);
    assert_int_equal(with("[guest]", "[guest"), ATTEST_POLICY_SECTION);
    assert_int_equal(with("[guest]", "[]"), ATTEST_POLICY_SECTION);
    assert_int_equal(with("[line Milan]", "[line milan]"), ATTEST_POLICY_SECTION);
    assert_int_equal(with("[line Milan]", "[line Milan"), ATTEST_POLICY_SECTION);
    assert_int_equal(with("[line Milan]", "[line Milan>"), ATTEST_POLICY_SECTION);
    assert_int_equal(with("[line Milan]", "[line ]"), ATTEST_POLICY_SECTION);
    assert_int_equal(with("[line Milan]", "[line Venice]"), ATTEST_POLICY_SECTION);
    assert_int_equal(with("[line Turin]", "[line Milan]"), ATTEST_POLICY_SECTION);
    (void)snprintf(changed, sizeof changed, "%s[platform]\n", snp_kit_policy);
    assert_int_equal(parse(changed), ATTEST_POLICY_SECTION);
    (void)snp_kit_replace(snp_kit_policy, "abi = 1.51", "abi = 1", changed);
    assert_int_equal(parse_n(changed, strlen(changed), &at), ATTEST_POLICY_VALUE);
    assert_int_equal(at, 9);
    /* the last line needs no end */
    assert_int_equal(parse_n(snp_kit_policy, sizeof snp_kit_policy - 2, &at), ATTEST_OK);
}

/* Their names are known, what stands in them is theirs; it has the form of a policy all the
 * same. */
static void sections_of_others_are_passed_over(void **state)
{
    struct snp_policy p;
    unsigned at = 0;

    (void)state;
    assert_int_equal(with("[platform]", "[azure]\nvmpl = what\nvmpl = it\n[platform]"),
                     ATTEST_OK);
    assert_int_equal(with("[platform]", "[tdx]\na = b\n[platform]"), ATTEST_OK);
    assert_int_equal(with("[platform]", "[azure]\nvmpl\n[platform]"), ATTEST_POLICY_SYNTAX);
    assert_int_equal(with("[platform]", "[azure]\nvmpl =\n[platform]"), ATTEST_POLICY_VALUE);
    assert_int_equal(with("[platform]", "[sgx]\n[platform]"), ATTEST_POLICY_SECTION);
    assert_int_equal(with("[platform]", "[tdx more]\n[platform]"), ATTEST_POLICY_SECTION);
    assert_int_equal(with("[guest]", "[azure]\n[guest]"), ATTEST_OK);
    assert_int_equal(with("version = 1\n[guest]", "[azure]\nversion = 1\n[guest]"),
                     ATTEST_POLICY_MISSING);
    assert_int_equal(with("[guest]", "[paravisor]"), ATTEST_POLICY_MISSING);
    assert_int_equal(
        snp_policy_parse_as((struct view){(const uint8_t *)changed, strlen(changed)},
                            "paravisor", &p, &at),
        ATTEST_OK);
    assert_int_equal(p.measurements.n, 2);
    assert_int_equal(snp_policy_parse_as((struct view){(const uint8_t *)snp_kit_policy,
                                                       sizeof snp_kit_policy - 1},
                                         "paravisor", &p, &at),
                     ATTEST_POLICY_MISSING);
}

static void values_have_a_form(void **state)
{
    static const char *const bad[][2] = {
        {"version = 1", "version = 2"},
        {"vmpl = 0", "vmpl = 4"},
        {"vmpl = 0", "vmpl = 00"},
        {"vmpl = 0", "vmpl = -1"},
        {"guest_svn = 3", "guest_svn = 4294967296"},
        {"guest_svn = 3", "guest_svn = 18446744073709551617"},
        {"guest_svn = 3", "guest_svn = 3a"},
        {"abi = 1.51", "abi = 1.256"},
        {"abi = 1.51", "abi = 1.51.0"},
        {"abi = 1.51", "abi = 1."},
        {"abi = 1.51", "abi = 1..51"},
        {"abi = 1.51", "abi = 1.51."},
        {"smt = refused", "smt = no"},
        {"smt = refused", "smt = any"},
        {"crl = optional", "crl = refused"},
        {"signer = any", "signer = all"},
        {"host_data = a0", "host_data = A0"},
        {"provider = another", "provider ="},
        {"masked_chip = refused", "masked_chip = no"},
        {"provisional = refused", "provisional = no"},
        {"platform_set = 0x24", "platform_set = 24"},
        {"platform_clear = 0x10", "platform_clear = 10"},
        {"host_data = a0", "host_data = ag"},
        {"host_data = a0", "host_data = a"},
        {"host_data = a0", "host_data = a0a0"},
        {"host_data = a0", "host_data = any"},
        {"measurement = 00", "measurement = 0"},
        {"measurement = 00", "measurement = g0"},
        {"id_key = 31", "id_key = 3"},
        {"family_id = 10", "family_id = 1"},
        {"image_id = 20", "image_id = "},
        {"tcb = 0.4.0.27.222", "tcb = 0.4.0.27"},
        {"tcb = 0.4.0.27.222", "tcb = 0.4.0.27.256"},
        {"tcb = 0.4.0.27.222", "tcb = 1.4.0.27.222"}, /* a Milan has no FMC */
        {"mitigations = 0x0", "mitigations = 0"},
        {"mitigations = 0x0", "mitigations = 0x"},
        {"mitigations = 0x0", "mitigations = 0x10000000000000000"},
        {"policy_set = 0x20000", "policy_set = 0xG"},
        {"provider = another",
         "provider = "
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const enum attest_fault f = with(bad[i][0], bad[i][1]);

        if (f != ATTEST_POLICY_VALUE) {
            fail_msg("%s: %s", bad[i][1], attest_fault_name(f));
        }
    }
    assert_int_equal(with("guest_svn = 3", "guest_svn = 4294967295"), ATTEST_OK);
    assert_int_equal(with("mitigations = 0x0", "mitigations = 0xffffffffffffffff"), ATTEST_OK);
}

/* A measurement is never any, a list is that or values, a floor is never nothing. */
static void nothing_is_waved_through(void **state)
{
    (void)state;
    assert_int_equal(with("measurement = 0", "measurement = any\nmeasurement = 0"),
                     ATTEST_POLICY_VALUE);
    assert_int_equal(with("id_key = ", "id_key = any\nid_key = "), ATTEST_POLICY_TWICE);
    assert_int_equal(with("author_key = ", "author_key = any\nauthor_key = any\nauthor_key = "),
                     ATTEST_POLICY_TWICE);
    assert_int_equal(with("family_id = 1", "id_key = any\nfamily_id = 1"), ATTEST_POLICY_TWICE);
    assert_int_equal(with("tcb = 0.4.0.27.222", "tcb = 0.0.0.0.0"), ATTEST_POLICY_FLOOR);
    assert_int_equal(with("tcb = 1.2.1.4.82", "tcb = 0.0.0.0.0"), ATTEST_POLICY_FLOOR);
    for (int i = 1; i < 5; i++) {
        char floor[] = "tcb = 0.0.0.0.0";

        floor[6 + 2 * i] = '1';
        assert_int_equal(with("tcb = 0.4.0.27.222", floor), ATTEST_OK);
    }
}

static void lists_and_text_are_bounded(void **state)
{
    static const char zeros[] = "000000000000000000000000000000000000000000000000"
                                "000000000000000000000000000000000000000000000000";
    static char many[SNP_KIT_TEXT_MAX];
    unsigned at = 0;
    size_t n = 0;

    (void)state;
    for (int i = 0; i < SNP_POLICY_LIST_MAX - 2; i++) {
        n += (size_t)snprintf(many + n, sizeof many - n, "measurement = %s\nprovider = a%d\n",
                              zeros, i);
    }
    n = 0;
    for (int i = 0; i < SNP_POLICY_LIST_MAX - 2; i++) {
        n += (size_t)snprintf(many + n, sizeof many - n, "measurement = %s\n", zeros);
    }
    (void)snprintf(many + n, sizeof many - n, "vmpl = 0");
    assert_int_equal(with("vmpl = 0", many), ATTEST_OK);
    (void)snprintf(many + n, sizeof many - n, "measurement = %s\nvmpl = 0", zeros);
    assert_int_equal(with("vmpl = 0", many), ATTEST_POLICY_FULL);
    n = 0;
    for (int i = 0; i < SNP_POLICY_LIST_MAX - 2; i++) {
        n += (size_t)snprintf(many + n, sizeof many - n, "provider = a%d\n", i);
    }
    (void)snprintf(many + n, sizeof many - n, "crl =");
    assert_int_equal(with("crl =", many), ATTEST_OK);
    (void)snprintf(many + n, sizeof many - n, "provider = b\ncrl =");
    assert_int_equal(with("crl =", many), ATTEST_POLICY_FULL);
    memset(many, '\n', sizeof many);
    memcpy(many, snp_kit_policy, sizeof snp_kit_policy - 1);
    assert_int_equal(parse_n(many, POLICY_TEXT_MAX, &at), ATTEST_OK);
    assert_int_equal(parse_n(many, POLICY_TEXT_MAX + 1, &at), ATTEST_POLICY_SIZE);
    assert_int_equal(parse_n(many, 0, &at), ATTEST_POLICY_SIZE);
}

/* The one that people copy. */
static void the_manual_is_right(void **state)
{
    static char text[32768];
    FILE *f = fopen(QUORATE_SOURCE "/docs/attestation.md", "re");
    struct snp_policy p;

    (void)state;
    assert_non_null(f);
    const size_t n = fread(text, 1, sizeof text - 1, f);

    assert_true(n > 0 && n < sizeof text - 1);
    (void)fclose(f);
    char *const from = strstr(text, "```\n");

    assert_non_null(from);
    char *const until = strstr(from + 4, "```");

    assert_non_null(until);
    *until = '\0';
    snp_kit_policy_of(from + 4, &p);
    assert_true(p.crl_required && p.lines[SNP_LINE_TURIN].admitted &&
                !p.lines[SNP_LINE_MILAN].admitted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(words_are_read),
        cmocka_unit_test(every_line_is_needed),
        cmocka_unit_test(sections_are_needed),
        cmocka_unit_test(lines_have_a_form),
        cmocka_unit_test(sections_of_others_are_passed_over),
        cmocka_unit_test(values_have_a_form),
        cmocka_unit_test(nothing_is_waved_through),
        cmocka_unit_test(lists_and_text_are_bounded),
        cmocka_unit_test(the_manual_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
