/* RSA of 2048 bits against OpenSSL, which signs; and in an arena, as where there is no heap. */
#include "azure_kit.h"

#include "crypto/gmp_arena.h"
#include "crypto/rsa_pss.h"

static const uint8_t message[] = "what is signed";
static uint8_t modulus[RSA_2048_LEN];
static uint8_t sig[RSA_2048_LEN];
static uint8_t digest[RSA_2048_DIGEST_LEN];

static void sign(int salt)
{
    azure_kit_modulus(azure_kit_ak_pem, modulus);
    azure_kit_sign(azure_kit_ak_pem, (struct view){message, sizeof message}, salt, sig);
    hash_once(HASH_SHA256, (struct view){message, sizeof message}, digest);
}

static enum err verify(enum rsa_scheme scheme)
{
    return rsa_2048_verify(scheme, modulus, digest, sig);
}

static void openssl_signs(void **state)
{
    static const int salts[] = {0, 32, 222};

    (void)state;
    for (size_t s = 0; s < sizeof salts / sizeof *salts; s++) {
        const enum rsa_scheme scheme = salts[s] == 0 ? RSA_SCHEME_PKCS1 : RSA_SCHEME_PSS;

        sign(salts[s]);
        assert_int_equal(verify(scheme), ERR_OK);
        assert_int_equal(verify(salts[s] == 0 ? RSA_SCHEME_PSS : RSA_SCHEME_PKCS1),
                         ERR_SIGNATURE);
        digest[0] ^= 1;
        assert_int_equal(verify(scheme), ERR_SIGNATURE);
        digest[0] ^= 1;
        for (size_t i = 0; i < sizeof sig; i += 11) {
            sig[i] ^= (uint8_t)(1U << i % 8);
            assert_int_equal(verify(scheme), ERR_SIGNATURE);
            sig[i] ^= (uint8_t)(1U << i % 8);
        }
    }
}

static void salts_are_these(void **state)
{
    (void)state;
    for (int salt = 1; salt <= 222; salt += 17) {
        sign(salt);
        assert_int_equal(verify(RSA_SCHEME_PSS), salt == 222 ? ERR_OK : ERR_SIGNATURE);
    }
    sign(31);
    assert_int_equal(verify(RSA_SCHEME_PSS), ERR_SIGNATURE);
    sign(33);
    assert_int_equal(verify(RSA_SCHEME_PSS), ERR_SIGNATURE);
}

static void odd_numbers_are_refused(void **state)
{
    (void)state;
    sign(0);
    modulus[0] &= 0x7f;
    assert_int_equal(verify(RSA_SCHEME_PKCS1), ERR_RANGE);
    sign(0);
    modulus[RSA_2048_LEN - 1] &= 0xfe;
    assert_int_equal(verify(RSA_SCHEME_PKCS1), ERR_RANGE);
    sign(0);
    memcpy(sig, modulus, sizeof sig); /* s = n */
    assert_int_equal(verify(RSA_SCHEME_PKCS1), ERR_SIGNATURE);
    memset(sig, 0, sizeof sig);
    assert_int_equal(verify(RSA_SCHEME_PKCS1), ERR_SIGNATURE);
    assert_int_equal(verify(RSA_SCHEME_PSS), ERR_SIGNATURE);
    sig[RSA_2048_LEN - 1] = 1;
    assert_int_equal(verify(RSA_SCHEME_PKCS1), ERR_SIGNATURE);
}

static enum err work(void *arg)
{
    (void)arg;
    return verify(RSA_SCHEME_PSS);
}

static void the_arena_of_the_longer_is_enough(void **state)
{
    static _Alignas(16) uint8_t memory[RSA_PSS_ARENA_LEN];
    struct gmp_arena arena;

    (void)state;
    sign(32);
    gmp_arena_install();
    gmp_arena_init(&arena, memory, sizeof memory);
    assert_int_equal(gmp_arena_run(&arena, work, NULL), ERR_OK);
    assert_true(arena.peak < RSA_PSS_ARENA_LEN / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_signs),
        cmocka_unit_test(salts_are_these),
        cmocka_unit_test(odd_numbers_are_refused),
        cmocka_unit_test(the_arena_of_the_longer_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
