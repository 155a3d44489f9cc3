/* ECDSA over P-256: the answers of RFC 6979 A.2.5, what is near them, and the room it takes. */
#include "testing.h"

#include "base/hex.h"
#include "crypto/gmp_arena.h"
#include "crypto/hash.h"
#include "crypto/p256.h"

#include <string.h>

static uint8_t key[P256_PUBLIC_LEN], sig[P256_SIG_LEN], digest[P256_DIGEST_LEN];

static int setup(void **state)
{
    static const char ux[] = "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
                             "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";
    static const char rs[] = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
                             "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
    size_t n = 0;

    (void)state;
    hash_once(HASH_SHA256, (struct view){(const uint8_t *)"sample", 6}, digest);
    return hex_parse(ux, key, sizeof key, &n) == ERR_OK &&
                   hex_parse(rs, sig, sizeof sig, &n) == ERR_OK
               ? 0
               : 1;
}

static void a_known_signature_is_good(void **state)
{
    (void)state;
    assert_int_equal(p256_verify(key, digest, sig), ERR_OK);
    assert_int_equal(p256_check_public(key), ERR_OK);
}

static void every_flip_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sig; i++) {
        sig[i] ^= (uint8_t)(1U << i % 8);
        assert_int_equal(p256_verify(key, digest, sig), ERR_SIGNATURE);
        sig[i] ^= (uint8_t)(1U << i % 8);
        key[i] ^= (uint8_t)(1U << i % 8);
        assert_int_equal(p256_verify(key, digest, sig), ERR_RANGE);
        assert_int_equal(p256_check_public(key), ERR_RANGE);
        key[i] ^= (uint8_t)(1U << i % 8);
        digest[i % 32] ^= (uint8_t)(1U << i % 8);
        assert_int_equal(p256_verify(key, digest, sig), ERR_SIGNATURE);
        digest[i % 32] ^= (uint8_t)(1U << i % 8);
    }
}

/* r and s are 1 to n-1, coordinates below p. */
static void edges_are_refused(void **state)
{
    static const char n_text[] =
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    static const char p_text[] =
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    uint8_t bad[64];
    uint8_t bytes[32];
    size_t n = 0;

    (void)state;
    assert_int_equal(hex_parse(n_text, bytes, sizeof bytes, &n), ERR_OK);
    for (size_t half = 0; half <= 32; half += 32) {
        memcpy(bad, sig, sizeof bad);
        memset(bad + half, 0, 32);
        assert_int_equal(p256_verify(key, digest, bad), ERR_SIGNATURE);
        memcpy(bad + half, bytes, 32);
        assert_int_equal(p256_verify(key, digest, bad), ERR_SIGNATURE);
        memset(bad + half, 0xff, 32);
        assert_int_equal(p256_verify(key, digest, bad), ERR_SIGNATURE);
    }
    memset(bad, 0, sizeof bad);
    assert_int_equal(p256_check_public(bad), ERR_RANGE);
    assert_int_equal(hex_parse(p_text, bytes, sizeof bytes, &n), ERR_OK);
    memcpy(bad, key, sizeof bad);
    memcpy(bad, bytes, 32);
    assert_int_equal(p256_check_public(bad), ERR_RANGE);
}

static enum err in_arena(void *arg)
{
    (void)arg;
    TRY(p256_check_public(key));
    return p256_verify(key, digest, sig);
}

static void it_runs_in_its_arena(void **state)
{
    static _Alignas(16) uint8_t memory[P256_ARENA_LEN];
    struct gmp_arena a;

    (void)state;
    gmp_arena_install();
    gmp_arena_init(&a, memory, sizeof memory);
    assert_int_equal(gmp_arena_run(&a, in_arena, NULL), ERR_OK);
    assert_true(a.peak <= sizeof memory / 2); /* room for another version of nettle */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_signature_is_good),
        cmocka_unit_test(every_flip_is_refused),
        cmocka_unit_test(edges_are_refused),
        cmocka_unit_test(it_runs_in_its_arena),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
