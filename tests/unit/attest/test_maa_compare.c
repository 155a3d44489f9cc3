/* A token beside our own verdict: each thing of which both speak. */
#include "maa_kit.h"

#include "attest/maa_compare.h"

static struct azure_claims claims;
static char payload[MAA_CLAIMS_MAX];
static char changed[MAA_CLAIMS_MAX];
static struct maa_rows rows;

static void hex_of(const void *p, size_t n, char *out)
{
    hex_write((struct view){p, n}, out);
}

/* What our own verdict says, and a token that says the same. */
static int setup(void **state)
{
    static const struct {
        const char *claim;
        size_t at, n;
    } fields[] = {
        {"reportdata", AT_REPORT_DATA, 64},     {"launchmeasurement", AT_MEASUREMENT, 48},
        {"hostdata", AT_HOST_DATA, 32},         {"idkeydigest", AT_ID_KEY, 48},
        {"authorkeydigest", AT_AUTHOR_KEY, 48}, {"familyId", AT_FAMILY_ID, 16},
        {"imageId", AT_IMAGE_ID, 16},           {"reportid", AT_REPORT_ID, 32},
    };
    uint8_t raw[SNP_REPORT_LEN];
    char text[129];
    char n_text[2 * RSA_2048_LEN];
    size_t n = 0;

    (void)state;
    snp_kit_report(5, SNP_LINE_MILAN, raw);
    assert_int_equal(snp_report_parse((struct view){raw, sizeof raw}, &claims.paravisor.report),
                     ATTEST_OK);
    claims.paravisor.reported =
        (struct snp_tcb){.bootloader = 4, .tee = 1, .snp = 27, .microcode = 222};
    claims.runtime.secure_boot = true;
    azure_kit_modulus(azure_kit_ak_pem, claims.runtime.ak);
    azure_kit_base64url((struct view){claims.runtime.ak, RSA_2048_LEN}, n_text);
    n = (size_t)snprintf(
        payload, sizeof payload,
        "{\"x-ms-attestation-type\":\"azurevm\",\"secureboot\":true,\"x-ms-isolation-tee\":{"
        "\"x-ms-attestation-type\":\"sevsnpvm\",\"x-ms-runtime\":{\"keys\":[{\"kid\":\"a\"},"
        "{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"}]}",
        n_text);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        hex_of(raw + fields[i].at, fields[i].n, text);
        n += (size_t)snprintf(payload + n, sizeof payload - n, ",\"x-ms-sevsnpvm-%s\":\"%s\"",
                              fields[i].claim, text);
    }
    n += (size_t)snprintf(payload + n, sizeof payload - n,
                          ",\"x-ms-sevsnpvm-bootloader-svn\":4,\"x-ms-sevsnpvm-tee-svn\":1,"
                          "\"x-ms-sevsnpvm-snpfw-svn\":27,\"x-ms-sevsnpvm-microcode-svn\":222,"
                          "\"x-ms-sevsnpvm-guestsvn\":3,\"x-ms-sevsnpvm-vmpl\":0,"
                          "\"x-ms-sevsnpvm-is-debuggable\":false,"
                          "\"x-ms-sevsnpvm-migration-allowed\":false,"
                          "\"x-ms-sevsnpvm-smt-allowed\":false}}");
    assert_true(n < sizeof payload);
    return 0;
}

static enum attest_fault compare(const char *text)
{
    static struct maa_token t;

    assert_int_equal(json_parse((struct view){(const uint8_t *)text, strlen(text)}, &t.claims),
                     ERR_OK);
    return maa_compare(&t, &claims, &rows);
}

static enum attest_fault with(const char *from, const char *to)
{
    const char *const at = strstr(payload, from);

    assert_non_null(at);
    (void)snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - payload), payload, to,
                   at + strlen(from));
    return compare(changed);
}

static size_t count(enum maa_answer answer)
{
    size_t n = 0;

    for (size_t i = 0; i < rows.n; i++) {
        n += rows.rows[i].answer == answer ? 1 : 0;
    }
    return n;
}

static void the_same_agrees(void **state)
{
    (void)state;
    assert_int_equal(compare(payload), ATTEST_OK);
    assert_int_equal(rows.n, 19);
    assert_int_equal(count(MAA_AGREES), rows.n);
}

/* Each claim in turn: another value disagrees, and none is silence. */
static void each_claim_counts(void **state)
{
    (void)state;
    assert_int_equal(compare(payload), ATTEST_OK);
    const struct maa_rows all = rows;

    for (size_t i = 0; i < all.n; i++) {
        char name[64];
        char other[80];

        (void)snprintf(name, sizeof name, "\"%s\":", all.rows[i].claim);
        (void)snprintf(other, sizeof other, "\"was-%s\":", all.rows[i].claim);
        assert_int_equal(with(name, other), i < 2 ? ATTEST_MAA_DISAGREES : ATTEST_OK);
        assert_int_equal(rows.rows[i].answer, MAA_ABSENT);
        assert_int_equal(count(MAA_AGREES), all.n - 1);
        if (strcmp(all.rows[i].claim, "x-ms-runtime") == 0) {
            continue;
        }
        (void)snprintf(other, sizeof other, "\"%s\":null,\"was\":", all.rows[i].claim);
        assert_int_equal(with(name, other), ATTEST_MAA_DISAGREES);
        assert_int_equal(rows.rows[i].answer, MAA_DISAGREES);
        assert_int_equal(count(MAA_AGREES), all.n - 1);
    }
}

static void values_are_compared(void **state)
{
    static const char *const bad[][2] = {
        {"\"x-ms-sevsnpvm-reportdata\":\"40", "\"x-ms-sevsnpvm-reportdata\":\"41"},
        {"\"x-ms-sevsnpvm-reportdata\":\"40", "\"x-ms-sevsnpvm-reportdata\":\"4g"},
        {"\"x-ms-sevsnpvm-reportdata\":\"40", "\"x-ms-sevsnpvm-reportdata\":\"4040"},
        {"\"x-ms-sevsnpvm-reportdata\":\"40", "\"x-ms-sevsnpvm-reportdata\":\""},
        {"\"x-ms-sevsnpvm-imageId\":\"20", "\"x-ms-sevsnpvm-imageId\":\"21"},
        {"bootloader-svn\":4", "bootloader-svn\":3"},
        {"tee-svn\":1", "tee-svn\":0"},
        {"snpfw-svn\":27", "snpfw-svn\":26"},
        {"microcode-svn\":222", "microcode-svn\":4294967518"},
        {"guestsvn\":3", "guestsvn\":\"3\""},
        {"vmpl\":0", "vmpl\":1"},
        {"debuggable\":false", "debuggable\":true"},
        {"migration-allowed\":false", "migration-allowed\":true"},
        {"smt-allowed\":false", "smt-allowed\":true"},
        {"secureboot\":true", "secureboot\":false"},
        {"\"e\":\"AQAB\"", "\"e\":\"Aw\""},
        {"\"n\":\"", "\"n\":\"A"},
        {"{\"kid\":\"a\"}", "{\"kid\":\"HCLAkPub\"}"},
        {"\"}]}", "\"},{\"kid\":\"HCLAkPub\"}]}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const enum attest_fault f = with(bad[i][0], bad[i][1]);

        if (f != ATTEST_MAA_DISAGREES) {
            fail_msg("%s: %s", bad[i][1], attest_fault_name(f));
        }
        assert_int_equal(count(MAA_DISAGREES), 1);
    }
    assert_int_equal(with("HCLAkPub", "HCLEkPub"), ATTEST_OK);
    assert_int_equal(rows.rows[rows.n - 1].answer, MAA_ABSENT);
}

/* What cannot be read stands for no zeros. */
static void zeros_are_compared(void **state)
{
    static const struct {
        const char *digit;
        enum attest_fault f;
        size_t n;
    } cases[] = {{"0", ATTEST_OK, 32},
                 {"g", ATTEST_MAA_DISAGREES, 32},
                 {"0", ATTEST_MAA_DISAGREES, 0},
                 {"0", ATTEST_MAA_DISAGREES, 31},
                 {"0", ATTEST_MAA_DISAGREES, 30},
                 {"0", ATTEST_MAA_DISAGREES, 34},
                 {"0", ATTEST_MAA_DISAGREES, 1000}};
    const struct snp_report kept = claims.paravisor.report;

    (void)state;
    memset(claims.paravisor.report.image_id, 0, sizeof kept.image_id);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static const char name[] = "\"x-ms-sevsnpvm-imageId\":\"";
        char text[sizeof name + 1000] = "";

        (void)snprintf(text, sizeof text, "%s", name);
        for (size_t j = 0; j < cases[i].n; j++) {
            text[sizeof name - 1 + j] = cases[i].digit[0];
        }
        const char *const at = strstr(payload, name) + sizeof name - 1;

        (void)snprintf(changed, sizeof changed, "%.*s%s%s",
                       (int)(at - payload - (ptrdiff_t)sizeof name + 1), payload, text,
                       strchr(at, '"'));
        assert_int_equal(compare(changed), cases[i].f);
    }
    claims.paravisor.report = kept;
}

/* Our own verdict, in each thing that a token may not tell by a wrong value. */
static void our_own_side_is_compared(void **state)
{
    (void)state;
    claims.paravisor.report.policy |= SNP_POLICY_DEBUG;
    assert_int_equal(compare(payload), ATTEST_MAA_DISAGREES);
    claims.paravisor.report.policy ^= SNP_POLICY_DEBUG | SNP_POLICY_MIGRATE_MA;
    assert_int_equal(compare(payload), ATTEST_MAA_DISAGREES);
    claims.paravisor.report.policy ^= SNP_POLICY_MIGRATE_MA | SNP_POLICY_SMT;
    assert_int_equal(compare(payload), ATTEST_MAA_DISAGREES);
    claims.paravisor.report.policy ^= SNP_POLICY_SMT;
    claims.runtime.ak[5] ^= 1;
    assert_int_equal(compare(payload), ATTEST_MAA_DISAGREES);
    claims.runtime.ak[5] ^= 1;
    assert_int_equal(compare(payload), ATTEST_OK);
}

static void other_types_are_refused(void **state)
{
    (void)state;
    assert_int_equal(with("sevsnpvm", "tdxvm"), ATTEST_MAA_TYPE);
    assert_int_equal(rows.n, 0);
    assert_int_equal(with("azurevm", "sgx"), ATTEST_MAA_TYPE);
    assert_int_equal(with("x-ms-isolation-tee", "x-ms-isolation"), ATTEST_MAA_TYPE);
    assert_int_equal(with("azurevm", "sevsnpvm"), ATTEST_MAA_DISAGREES); /* nothing there */
    assert_int_equal(rows.rows[0].answer, MAA_ABSENT);
    assert_int_equal(compare("{}"), ATTEST_MAA_TYPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_agrees),         cmocka_unit_test(each_claim_counts),
        cmocka_unit_test(values_are_compared),     cmocka_unit_test(our_own_side_is_compared),
        cmocka_unit_test(other_types_are_refused), cmocka_unit_test(zeros_are_compared),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
