/* Real tokens of Azure's attestation service (04c-tpm-azure-maa/maa): one of 2023 with its key
 * set, whose certificates hold evidence of SGX, and one of a guest on SNP without its set. */
#include "snp_files.h"

#include "attest/maa_compare.h"

#define MAA "../04c-tpm-azure-maa/maa/"
#define ISSUED INT64_C(1695737747)
#define EXPIRES INT64_C(1695766547)
#define TEXT_MAX 65536

static uint8_t set[TEXT_MAX];
static uint8_t text[TEXT_MAX];
static struct maa_keys keys;
static struct maa_token token;

static enum attest_fault verify(const char *name, const char *issuer, int64_t at_s)
{
    assert_int_equal(
        maa_keys_parse(snp_file_upto(MAA "teaclave-maa-jwks.json", set, sizeof set), &keys),
        ATTEST_OK);
    return maa_token_verify(snp_file_upto(name, text, sizeof text), &keys,
                            (struct view){(const uint8_t *)issuer, strlen(issuer)}, at_s,
                            &token);
}

static void a_real_token_is_verified(void **state)
{
    static const char name[] = MAA "teaclave-maa-token.jwt";
    static const char issuer[] = "https://sharedeus.eus.attest.azure.net";
    static struct azure_claims claims;
    struct maa_rows rows;

    (void)state;
    assert_int_equal(verify(name, issuer, ISSUED), ATTEST_OK);
    assert_int_equal(keys.n, 2); /* the third is longer */
    assert_true(token.issued_s == ISSUED && token.until_s == EXPIRES);
    assert_int_equal(maa_compare(&token, &claims, &rows), ATTEST_MAA_TYPE); /* of SGX */
    assert_int_equal(verify(name, issuer, ISSUED - 1), ATTEST_MAA_TIME);
    assert_int_equal(verify(name, issuer, EXPIRES - 1), ATTEST_OK);
    assert_int_equal(verify(name, issuer, EXPIRES), ATTEST_MAA_TIME);
    assert_int_equal(verify(name, issuer, INT64_C(1790000000)), ATTEST_MAA_TIME);
    assert_int_equal(verify(name, "https://sharedweu.weu.attest.azure.net", ISSUED),
                     ATTEST_MAA_ISSUER);
}

static void a_token_of_an_unknown_key_is_refused(void **state)
{
    (void)state;
    assert_int_equal(verify(MAA "sev-snp-jwt.txt",
                            "https://sharedweu.weu.test.attest.azure.net", 1744090000),
                     ATTEST_MAA_KID);
}

static void a_quote_is_no_token(void **state)
{
    (void)state;
    assert_int_equal(verify(MAA "enclave.info.release.json",
                            "https://sharedeus.eus.attest.azure.net", ISSUED),
                     ATTEST_MAA_FORM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_real_token_is_verified),
        cmocka_unit_test(a_token_of_an_unknown_key_is_refused),
        cmocka_unit_test(a_quote_is_no_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
