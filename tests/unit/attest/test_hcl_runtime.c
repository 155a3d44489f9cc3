/* The JSON of a paravisor: the one key that signs quotes, and what is said of the guest. */
#include "azure_kit.h"

#include "attest/hcl_runtime.h"

static char json[AZURE_KIT_TEXT_MAX];
static char changed[AZURE_KIT_TEXT_MAX];

static enum attest_fault parse(const char *text, struct hcl_runtime *out)
{
    static const struct hcl_runtime zero;
    const struct view v = {(const uint8_t *)text, strlen(text)};
    uint8_t *const copy = malloc(v.n + 1);

    assert_non_null(copy);
    memcpy(copy, v.p, v.n);
    const enum attest_fault f = hcl_runtime_parse((struct view){copy, v.n}, out);

    free(copy);
    if (f != ATTEST_OK) {
        assert_memory_equal(out, &zero, sizeof zero);
    }
    return f;
}

/* The first `from` as `to`. */
static enum attest_fault with(const char *from, const char *to)
{
    const char *const at = strstr(azure_kit_json(azure_kit_ak_pem, json), from);
    struct hcl_runtime r;

    assert_non_null(at);
    const int n = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - json), json, to,
                           at + strlen(from));

    assert_true(n > 0 && n < AZURE_KIT_TEXT_MAX);
    return parse(changed, &r);
}

static void values_are_read(void **state)
{
    uint8_t modulus[RSA_2048_LEN];
    uint8_t user_data[HCL_USER_DATA_LEN];
    struct hcl_runtime r;

    (void)state;
    azure_kit_modulus(azure_kit_ak_pem, modulus);
    snp_kit_fill(user_data, sizeof user_data, 1);
    assert_int_equal(parse(azure_kit_json(azure_kit_ak_pem, json), &r), ATTEST_OK);
    assert_memory_equal(r.ak, modulus, sizeof modulus);
    assert_true(r.secure_boot && r.tpm_enabled && r.has_user_data);
    assert_string_equal(r.vm_id, "911B0EF8-9DBA-48B0-B275-4E4DF2D39252");
    assert_memory_equal(r.user_data, user_data, sizeof user_data);
    assert_int_equal(with("\"secure-boot\":true", "\"secure-boot\":false"), ATTEST_OK);
    assert_int_equal(parse(changed, &r), ATTEST_OK);
    assert_true(!r.secure_boot && r.tpm_enabled);
    assert_int_equal(with(",\"vmUniqueId\":\"911B0EF8-9DBA-48B0-B275-4E4DF2D39252\"", ""),
                     ATTEST_OK);
    assert_int_equal(with("\"user-data\"", "\"other-data\""), ATTEST_OK);
    assert_int_equal(parse(changed, &r), ATTEST_OK);
    assert_false(r.has_user_data);
}

static void others_are_refused(void **state)
{
    static const struct {
        const char *from, *to;
        enum attest_fault f;
    } cases[] = {
        {"{", "[", ATTEST_RUNTIME_PARSE},
        {"{", " {", ATTEST_OK},
        {"}],", "}],,", ATTEST_RUNTIME_PARSE},
        {"\"keys\"", "\"Keys\"", ATTEST_RUNTIME_KEYS},
        {"\"keys\":[", "\"keys\":1,\"more\":[", ATTEST_RUNTIME_KEYS},
        {"\"keys\":[", "\"keys\":[7,", ATTEST_RUNTIME_KEYS},
        {"\"keys\":[", "\"keys\":[{\"KID\":\"x\"},", ATTEST_RUNTIME_KEYS},
        {"\"keys\":[", "\"keys\":[{\"kid\":7},", ATTEST_OK}, /* somebody else's */
        {"\"keys\":[", "\"keys\":[{\"kid\":\"HCLAkPub\"},", ATTEST_RUNTIME_KEYS},
        {"HCLAkPub", "hclAkPub", ATTEST_RUNTIME_KEYS},
        {"HCLEkPub", "HCLAkPub", ATTEST_RUNTIME_KEYS},
        {"\"kty\":\"RSA\"", "\"kty\":\"EC\"", ATTEST_RUNTIME_AK},
        {"\"kty\":\"RSA\"", "\"Kty\":\"RSA\"", ATTEST_RUNTIME_AK},
        {"\"AQAB\"", "\"Aw\"", ATTEST_RUNTIME_AK},
        {"\"AQAB\"", "65537", ATTEST_RUNTIME_AK},
        {"\"n\":\"", "\"n\":\"A", ATTEST_RUNTIME_AK},
        {"\"n\":\"", "\"n\":\"AAAA", ATTEST_RUNTIME_AK},
        {"\"n\":\"", "\"n\":\"=", ATTEST_RUNTIME_AK},
        {"\"n\":\"", "\"n\":7,\"m\":\"", ATTEST_RUNTIME_AK},
        {"\"n\":\"", "\"m\":\"", ATTEST_RUNTIME_AK},
        {"vm-configuration", "vm_configuration", ATTEST_RUNTIME_CONFIG},
        {"\"secure-boot\":true", "\"secure-boot\":1", ATTEST_RUNTIME_CONFIG},
        {"\"secure-boot\"", "\"secure_boot\"", ATTEST_RUNTIME_CONFIG},
        {"\"tpm-enabled\":true", "\"tpm-enabled\":\"true\"", ATTEST_RUNTIME_CONFIG},
        {"\"tpm-enabled\"", "\"tpm\"", ATTEST_RUNTIME_CONFIG},
        {"911B0EF8", "911B0\xc3\xa4", ATTEST_RUNTIME_CONFIG},
        {"911B0EF8", "911B\\u0030", ATTEST_RUNTIME_CONFIG},
        {"911B0EF8", "911B0EF8911B0EF8911B0EF8911B0EF8911B0EF8", ATTEST_RUNTIME_CONFIG},
        {"911B0EF8", "911B0EF8911B0EF8911B0EF8911B0EF8", ATTEST_OK},
        {"\"911B0EF8-9DBA-48B0-B275-4E4DF2D39252\"", "7", ATTEST_RUNTIME_CONFIG},
        {"\"0102", "\"01", ATTEST_RUNTIME_USER_DATA},
        {"\"0102", "\"010203", ATTEST_RUNTIME_USER_DATA},
        {"\"0102", "\"0g02", ATTEST_RUNTIME_USER_DATA},
        {"\"user-data\":", "\"user-data\":7,\"more\":", ATTEST_RUNTIME_USER_DATA},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const enum attest_fault f = with(cases[i].from, cases[i].to);

        if (f != cases[i].f) {
            fail_msg("%s: %s", cases[i].to, attest_fault_name(f));
        }
    }
}

static void moduli_have_2048_bits(void **state)
{
    uint8_t modulus[RSA_2048_LEN];
    char text[2 * RSA_2048_LEN];
    struct hcl_runtime r;

    (void)state;
    for (int i = 0; i < 3; i++) {
        azure_kit_modulus(azure_kit_ak_pem, modulus);
        modulus[0] &= i == 1 ? 0x7f : 0xff;
        modulus[RSA_2048_LEN - 1] &= i == 2 ? 0xfe : 0xff;
        azure_kit_base64url((struct view){modulus, sizeof modulus}, text);
        (void)snprintf(changed, sizeof changed,
                       "{\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\",\"e\":\"AQAB\","
                       "\"n\":\"%s\"}],\"vm-configuration\":{\"secure-boot\":false,"
                       "\"tpm-enabled\":true}}",
                       text);
        assert_int_equal(parse(changed, &r), i == 0 ? ATTEST_OK : ATTEST_RUNTIME_AK);
    }
}

/* Keys in a list, in an object: a name beside a key says nothing. */
static void texts_have_their_types(void **state)
{
    static const char key[] = "\"kid\":\"HCLAkPub\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\"";
    static const char rest[] =
        "\"vm-configuration\":{\"secure-boot\":false,\"tpm-enabled\":true}";
    uint8_t modulus[RSA_2048_LEN];
    char text[2 * RSA_2048_LEN];
    struct hcl_runtime r;

    (void)state;
    azure_kit_modulus(azure_kit_ak_pem, modulus);
    azure_kit_base64url((struct view){modulus, sizeof modulus}, text);
    (void)snprintf(changed, sizeof changed, "{\"keys\":[{%s:\"%s\"}],%s}", key, text, rest);
    assert_int_equal(parse(changed, &r), ATTEST_OK);
    (void)snprintf(changed, sizeof changed, "{\"keys\":{\"a\":{%s:\"%s\"}},%s}", key, text,
                   rest);
    assert_int_equal(parse(changed, &r), ATTEST_RUNTIME_KEYS);
    (void)snprintf(changed, sizeof changed, "[{\"keys\":[{%s:\"%s\"}],%s}]", key, text, rest);
    assert_int_equal(parse(changed, &r), ATTEST_RUNTIME_PARSE);
}

static void keys_are_few(void **state)
{
    char text[512] = "\"keys\":[";

    (void)state;
    for (int i = 0; i < HCL_KEYS_MAX - 2; i++) {
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "{\"kid\":%d},", i);
    }
    assert_int_equal(with("\"keys\":[", text), ATTEST_OK);
    (void)snprintf(text + strlen(text), sizeof text - strlen(text), "{\"kid\":9},");
    assert_int_equal(with("\"keys\":[", text), ATTEST_RUNTIME_KEYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read),       cmocka_unit_test(others_are_refused),
        cmocka_unit_test(moduli_have_2048_bits), cmocka_unit_test(texts_have_their_types),
        cmocka_unit_test(keys_are_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
