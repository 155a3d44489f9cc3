#include "parser_cases.h"

#include "format/hash_oid.h"
#include "format/oid.h"

static const struct {
    enum oid_id id;
    const char *text;
} rows[] = {
    {OID_DATA, "1.2.840.113549.1.7.1"},
    {OID_SIGNED_DATA, "1.2.840.113549.1.7.2"},
    {OID_CT_TST_INFO, "1.2.840.113549.1.9.16.1.4"},
    {OID_CONTENT_TYPE, "1.2.840.113549.1.9.3"},
    {OID_MESSAGE_DIGEST, "1.2.840.113549.1.9.4"},
    {OID_SIGNING_TIME, "1.2.840.113549.1.9.5"},
    {OID_SIGNING_CERTIFICATE, "1.2.840.113549.1.9.16.2.12"},
    {OID_SIGNING_CERTIFICATE_V2, "1.2.840.113549.1.9.16.2.47"},
    {OID_ALGORITHM_PROTECTION, "1.2.840.113549.1.9.52"},
    {OID_ER_INTERNAL, "1.2.840.113549.1.9.16.2.49"},
    {OID_MULTIPLE_SIGNATURES, "1.2.840.113549.1.9.16.2.51"},
    {OID_MD5, "1.2.840.113549.2.5"},
    {OID_SHA1, "1.3.14.3.2.26"},
    {OID_SHA224, "2.16.840.1.101.3.4.2.4"},
    {OID_SHA256, "2.16.840.1.101.3.4.2.1"},
    {OID_SHA384, "2.16.840.1.101.3.4.2.2"},
    {OID_SHA512, "2.16.840.1.101.3.4.2.3"},
    {OID_SHA3_256, "2.16.840.1.101.3.4.2.8"},
    {OID_SHA3_384, "2.16.840.1.101.3.4.2.9"},
    {OID_SHA3_512, "2.16.840.1.101.3.4.2.10"},
    {OID_RSA_ENCRYPTION, "1.2.840.113549.1.1.1"},
    {OID_RSA_SHA1, "1.2.840.113549.1.1.5"},
    {OID_RSA_SHA256, "1.2.840.113549.1.1.11"},
    {OID_RSA_SHA384, "1.2.840.113549.1.1.12"},
    {OID_RSA_SHA512, "1.2.840.113549.1.1.13"},
    {OID_RSA_PSS, "1.2.840.113549.1.1.10"},
    {OID_EC_PUBLIC_KEY, "1.2.840.10045.2.1"},
    {OID_ECDSA_SHA1, "1.2.840.10045.4.1"},
    {OID_ECDSA_SHA224, "1.2.840.10045.4.3.1"},
    {OID_ECDSA_SHA256, "1.2.840.10045.4.3.2"},
    {OID_ECDSA_SHA384, "1.2.840.10045.4.3.3"},
    {OID_ECDSA_SHA512, "1.2.840.10045.4.3.4"},
    {OID_ED25519, "1.3.101.112"},
    {OID_ML_DSA_44, "2.16.840.1.101.3.4.3.17"},
    {OID_ML_DSA_65, "2.16.840.1.101.3.4.3.18"},
    {OID_ML_DSA_87, "2.16.840.1.101.3.4.3.19"},
    {OID_SECP256R1, "1.2.840.10045.3.1.7"},
    {OID_SECP384R1, "1.3.132.0.34"},
    {OID_SECP521R1, "1.3.132.0.35"},
    {OID_SUBJECT_KEY_ID, "2.5.29.14"},
    {OID_KEY_USAGE, "2.5.29.15"},
    {OID_PRIVATE_KEY_USAGE_PERIOD, "2.5.29.16"},
    {OID_SUBJECT_ALT_NAME, "2.5.29.17"},
    {OID_BASIC_CONSTRAINTS, "2.5.29.19"},
    {OID_AUTHORITY_KEY_ID, "2.5.29.35"},
    {OID_EXT_KEY_USAGE, "2.5.29.37"},
    {OID_KP_TIME_STAMPING, "1.3.6.1.5.5.7.3.8"},
    {OID_BTSP_POLICY, "0.4.0.2023.1.1"},
    {OID_QTST_STATEMENT, "0.4.0.19422.1.1"},
    {OID_OUR_CLASSIC, "1.3.6.1.4.1.32473.3161.1.1"},
    {OID_OUR_PQ, "1.3.6.1.4.1.32473.3161.1.2"},
    {OID_OUR_HYBRID, "1.3.6.1.4.1.32473.3161.1.3"},
    {OID_OUR_EVIDENCE, "1.3.6.1.4.1.32473.3161.1.4"},
    {OID_OUR_DUAL, "1.3.6.1.4.1.32473.3161.1.5"},
    {OID_OUR_CLASSIC_SIMULATED, "1.3.6.1.4.1.32473.3161.1.91"},
    {OID_OUR_PQ_SIMULATED, "1.3.6.1.4.1.32473.3161.1.92"},
    {OID_OUR_HYBRID_SIMULATED, "1.3.6.1.4.1.32473.3161.1.93"},
    {OID_OUR_EVIDENCE_SIMULATED, "1.3.6.1.4.1.32473.3161.1.94"},
    {OID_OUR_CLASSIC_SINGLE_SIMULATED, "1.3.6.1.4.1.32473.3161.1.95"},
    {OID_OUR_HYBRID_SINGLE_SIMULATED, "1.3.6.1.4.1.32473.3161.1.96"},
    {OID_OUR_DUAL_SIMULATED, "1.3.6.1.4.1.32473.3161.1.97"},
    {OID_OUR_BINDING, "1.3.6.1.4.1.32473.3161.2.1"},
};

static void each_row_is_its_dotted_text(void **state)
{
    (void)state;
    assert_int_equal(sizeof rows / sizeof rows[0], OID_ID_COUNT - 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t body[DER_OID_MAX];
        char text[OID_TEXT_MAX];
        size_t n = 0;

        assert_int_equal(der_oid_from_text(rows[i].text, body, sizeof body, &n), ERR_OK);
        assert_true(view_equal(oid_body(rows[i].id), (struct view){body, n}));
        assert_int_equal(oid_find((struct view){body, n}), rows[i].id);
        assert_int_equal(oid_to_text(oid_body(rows[i].id), text), ERR_OK);
        assert_string_equal(text, rows[i].text);
        assert_true(strlen(oid_name(rows[i].id)) > 0);
        body[n - 1] ^= 0x40;
        assert_int_not_equal(oid_find((struct view){body, n}), rows[i].id);
    }
}

static void no_row_has_no_body(void **state)
{
    (void)state;
    assert_true(oid_body(OID_NONE).n == 0);
    assert_true(oid_body(OID_ID_COUNT).n == 0);
    assert_string_equal(oid_name(OID_NONE), "");
    assert_string_equal(oid_name(OID_ID_COUNT), "");
    assert_int_equal(oid_find((struct view){NULL, 0}), OID_NONE);
}

static void our_arc_is_one(void **state)
{
    static const struct {
        const char *text;
        bool simulated;
    } policies[] = {
        {OID_POLICY_CLASSIC, false},
        {OID_POLICY_CLASSIC_SIMULATED, true},
        {OID_ARC ".1.92", true},
        {OID_ARC ".1.96", true},
        {OID_ARC ".1.90", false},
        {OID_POLICY_DUAL, false},
        {OID_POLICY_DUAL_SIMULATED, true},
        {OID_ARC ".1.98", false},
        {OID_ARC ".1.91.7", true},
        {OID_ARC ".1", false},
        {OID_ARC ".1.11648", false}, /* its first byte is that of 91 with bit 8 */
        {"1.2.3", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        uint8_t body[DER_OID_MAX];
        size_t n = 0;

        assert_int_equal(der_oid_from_text(policies[i].text, body, sizeof body, &n), ERR_OK);
        assert_int_equal(oid_is_simulated_policy((struct view){body, n}),
                         policies[i].simulated);
    }
}

static void text_of_odd_bodies(void **state)
{
    static const struct {
        const char *body, *text;
        enum err want;
    } odd[] = {
        {"2a81ffffffffffffffff7f", "1.2.18446744073709551615", ERR_OK},
        {"2a8280808080808080800001", "", ERR_RANGE},
        {"2a80", "", ERR_ENCODING},
        {"2a8001", "", ERR_ENCODING},
        {"", "", ERR_ENCODING},
        {"77", "2.39", ERR_OK},
        {"4f", "1.39", ERR_OK},
        {"50", "2.0", ERR_OK},
    };
    uint8_t body[16];
    char text[OID_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        assert_int_equal(oid_to_text(hex_bytes(odd[i].body, body, sizeof body), text),
                         odd[i].want);
        assert_string_equal(text, odd[i].text);
    }
}

static void the_longest_text_fits(void **state)
{
    uint8_t body[DER_OID_MAX + 1];
    char text[OID_TEXT_MAX];

    (void)state;
    memset(body, 0x7f, sizeof body);
    assert_int_equal(oid_to_text((struct view){body, DER_OID_MAX}, text), ERR_OK);
    assert_true(strlen(text) == 4 + (size_t)4 * (DER_OID_MAX - 1));
    assert_int_equal(oid_to_text((struct view){body, DER_OID_MAX + 1}, text), ERR_RANGE);
}

static void digests_have_the_same_oids(void **state)
{
    static const struct {
        enum hash_alg alg;
        enum oid_id id;
    } digests[] = {
        {HASH_SHA256, OID_SHA256},     {HASH_SHA384, OID_SHA384},
        {HASH_SHA512, OID_SHA512},     {HASH_SHA3_256, OID_SHA3_256},
        {HASH_SHA3_384, OID_SHA3_384}, {HASH_SHA3_512, OID_SHA3_512},
    };

    (void)state;
    for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++) {
        assert_true(view_equal(hash_oid_body(digests[i].alg), oid_body(digests[i].id)));
        assert_int_equal(hash_oid_find(oid_body(digests[i].id)), digests[i].alg);
        assert_string_equal(hash_name(digests[i].alg), oid_name(digests[i].id));
    }
    assert_true(hash_oid_body(HASH_NONE).n == 0);
    assert_int_equal(hash_oid_find(oid_body(OID_SHA1)), HASH_NONE);
    assert_int_equal(hash_oid_find((struct view){NULL, 0}), HASH_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_its_dotted_text),
        cmocka_unit_test(no_row_has_no_body),
        cmocka_unit_test(our_arc_is_one),
        cmocka_unit_test(text_of_odd_bodies),
        cmocka_unit_test(the_longest_text_fits),
        cmocka_unit_test(digests_have_the_same_oids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
