#include "openssl_evp.h"
#include "testing.h"

#include "base/hex.h"
#include "crypto/hkdf.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>

#include <string.h>

/* RFC 4231 4.2 to 4.4, 4.7 and 4.8: HMAC-SHA-384 of test cases 1, 2, 3, 6 and 7. */
static void gives_the_macs_of_rfc_4231(void **state)
{
    static const char what[] = "what do ya want for nothing?";
    static const char larger[] = "Test Using Larger Than Block-Size Key - Hash Key First";
    static const char both[] =
        "This is a test using a larger than block-size key and a larger than block-size data. "
        "The key needs to be hashed before being used by the HMAC algorithm.";
    uint8_t key_0b[20];
    uint8_t key_aa[131];
    uint8_t data_dd[50];
    const struct {
        struct view key, message;
        const char *mac;
    } rows[] = {
        {{key_0b, 20},
         {(const uint8_t *)"Hi There", 8},
         "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
         "faea9ea9076ede7f4af152e8b2fa9cb6"},
        {{(const uint8_t *)"Jefe", 4},
         {(const uint8_t *)what, sizeof what - 1},
         "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
         "8e2240ca5e69e2c78b3239ecfab21649"},
        {{key_aa, 20},
         {data_dd, 50},
         "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b"
         "2a5ab39dc13814b94e3ab6e101a34f27"},
        {{key_aa, 131},
         {(const uint8_t *)larger, sizeof larger - 1},
         "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
         "0c2ef6ab4030fe8296248df163f44952"},
        {{key_aa, 131},
         {(const uint8_t *)both, sizeof both - 1},
         "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5"
         "a678cc31e799176d3860e6110c46523e"},
    };

    (void)state;
    memset(key_0b, 0x0b, sizeof key_0b);
    memset(key_aa, 0xaa, sizeof key_aa);
    memset(data_dd, 0xdd, sizeof data_dd);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t want[HKDF_LEN];
        uint8_t got[HKDF_LEN];
        size_t n = 0;

        assert_int_equal(hex_parse(rows[i].mac, want, sizeof want, &n), ERR_OK);
        hkdf_hmac(rows[i].key, rows[i].message, got);
        assert_memory_equal(got, want, HKDF_LEN);
    }
}

static void openssl_hkdf(const uint8_t *salt, size_t salt_n, const uint8_t *ikm, size_t ikm_n,
                         const uint8_t *info, size_t info_n, uint8_t *out, size_t n)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    char digest[] = "SHA384";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt, salt_n),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)ikm, ikm_n),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info, info_n),
        OSSL_PARAM_construct_end()};

    assert_int_equal(EVP_KDF_derive(ctx, out, n, params), 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

/* RFC 5869 has no example of SHA-384: OpenSSL is the other opinion, at each edge of length. */
static void agrees_with_openssl(void **state)
{
    static const size_t lengths[] = {1, 12, 32, 47, 48, 49, 96, 97, 144, 1000, HKDF_EXPAND_MAX};
    static uint8_t want[HKDF_EXPAND_MAX];
    static uint8_t got[HKDF_EXPAND_MAX];
    uint8_t in[300];

    (void)state;
    for (size_t i = 0; i < sizeof in; i++) {
        in[i] = (uint8_t)(i * 7 + 1);
    }
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        const struct view salt = {in, 48};
        const struct view ikm = {in + 50, 112};
        const struct view info = {in + 170, i * 10};
        struct hkdf_prk prk;

        openssl_hkdf(salt.p, salt.n, ikm.p, ikm.n, info.p, info.n, want, lengths[i]);
        hkdf_extract(salt, ikm, &prk);
        assert_int_equal(hkdf_expand(&prk, info, got, lengths[i]), ERR_OK);
        assert_memory_equal(got, want, lengths[i]);
        got[0] = 0x77;
        assert_int_equal(hkdf_expand(&prk, info, got, HKDF_EXPAND_MAX + 1), ERR_RANGE);
        assert_int_equal(got[0], 0x77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_macs_of_rfc_4231),
        cmocka_unit_test(agrees_with_openssl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
