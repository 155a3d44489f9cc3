/* RSASSA-PSS against OpenSSL, which signs; and in an arena, as where there is no heap. */
#include "snp_chain_kit.h"

#include "crypto/gmp_arena.h"

static uint8_t modulus[RSA_PSS_4096_LEN];
static uint8_t sig[RSA_PSS_4096_LEN];
static const uint8_t digest[RSA_PSS_DIGEST_LEN] = {1, 2, 3};

/* By the root's key, with that salt and MGF1 over that hash. */
static void sign(int salt, const EVP_MD *mgf)
{
    size_t n = sizeof sig;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(snp_kit_rsa(SNP_KIT_RSA_ARK), NULL);

    snp_kit_modulus(SNP_KIT_RSA_ARK, modulus);
    assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt), 1);
    assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha384()), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, mgf), 1);
    assert_int_equal(EVP_PKEY_sign(ctx, sig, &n, digest, sizeof digest), 1);
    EVP_PKEY_CTX_free(ctx);
}

static void openssl_signs(void **state)
{
    uint8_t other[RSA_PSS_DIGEST_LEN] = {1, 2, 4};

    (void)state;
    sign(48, EVP_sha384());
    assert_int_equal(rsa_pss_verify(modulus, digest, sig), ERR_OK);
    assert_int_equal(rsa_pss_verify(modulus, other, sig), ERR_SIGNATURE);
    for (size_t i = 0; i < sizeof sig; i += 7) {
        sig[i] ^= (uint8_t)(1U << i % 8);
        assert_int_equal(rsa_pss_verify(modulus, digest, sig), ERR_SIGNATURE);
        sig[i] ^= (uint8_t)(1U << i % 8);
    }
}

static void parameters_are_these(void **state)
{
    (void)state;
    for (int salt = 0; salt < 64; salt++) {
        sign(salt, EVP_sha384());
        assert_int_equal(rsa_pss_verify(modulus, digest, sig),
                         salt == 48 ? ERR_OK : ERR_SIGNATURE);
    }
    sign(48, EVP_sha256());
    assert_int_equal(rsa_pss_verify(modulus, digest, sig), ERR_SIGNATURE);
}

static void odd_numbers_are_refused(void **state)
{
    uint8_t bad[RSA_PSS_4096_LEN];

    (void)state;
    sign(48, EVP_sha384());
    memcpy(bad, modulus, sizeof bad);
    bad[0] &= 0x7f;
    assert_int_equal(rsa_pss_verify(bad, digest, sig), ERR_RANGE);
    memcpy(bad, modulus, sizeof bad);
    bad[RSA_PSS_4096_LEN - 1] &= 0xfe;
    assert_int_equal(rsa_pss_verify(bad, digest, sig), ERR_RANGE);
    assert_int_equal(rsa_pss_verify(modulus, digest, modulus), ERR_SIGNATURE); /* s = n */
    memset(bad, 0xff, sizeof bad);
    assert_int_equal(rsa_pss_verify(modulus, digest, bad), ERR_SIGNATURE);
    memset(bad, 0, sizeof bad);
    assert_int_equal(rsa_pss_verify(modulus, digest, bad), ERR_SIGNATURE);
    bad[RSA_PSS_4096_LEN - 1] = 1;
    assert_int_equal(rsa_pss_verify(modulus, digest, bad), ERR_SIGNATURE);
}

static enum err work(void *arg)
{
    (void)arg;
    return rsa_pss_verify(modulus, digest, sig);
}

static void an_arena_is_enough(void **state)
{
    static _Alignas(16) uint8_t memory[RSA_PSS_ARENA_LEN];
    struct gmp_arena arena;

    (void)state;
    sign(48, EVP_sha384());
    gmp_arena_install();
    gmp_arena_init(&arena, memory, sizeof memory);
    assert_int_equal(gmp_arena_run(&arena, work, NULL), ERR_OK);
    print_message("%zu of %d bytes of the arena\n", arena.peak, RSA_PSS_ARENA_LEN);
    assert_true(arena.peak < RSA_PSS_ARENA_LEN / 2);
    gmp_arena_init(&arena, memory, 1024);
    assert_int_equal(gmp_arena_run(&arena, work, NULL), ERR_NOSPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_signs),
        cmocka_unit_test(parameters_are_these),
        cmocka_unit_test(odd_numbers_are_refused),
        cmocka_unit_test(an_arena_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
