#include "openssl_evp.h"
#include "testing.h"

#include "base/hex.h"
#include "base/secret.h"
#include "crypto/ed25519.h"

#include <stdlib.h>
#include <string.h>

static struct work_stack *new_stack(void)
{
    struct work_stack *w = aligned_alloc(64, sizeof *w);

    assert_non_null(w);
    work_stack_init(w);
    return w;
}

/* RFC 8032 7.1: TEST 1, 2, 3 and SHA(abc). */
static const struct {
    const char *seed, *public_key, *message, *sig;
} known[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
     "1cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
     "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
     "984dc6594a7c15e9716ed28dc027beceea1ec40a"},
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23"
     "a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c6"
     "6431e0303dca179c138ac17ad9bef1177331a704"},
};

static void gives_the_known_answers(void **state)
{
    struct work_stack *w = new_stack();

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint8_t seed[ED25519_SEED_LEN];
        uint8_t public_key[ED25519_PUBLIC_LEN];
        uint8_t message[64];
        uint8_t want[ED25519_SIG_LEN];
        uint8_t got[ED25519_SIG_LEN];
        struct view m = {message, 0};
        struct ed25519_key k;
        size_t n = 0;

        assert_int_equal(hex_parse(known[i].seed, seed, sizeof seed, &n), ERR_OK);
        assert_int_equal(hex_parse(known[i].public_key, public_key, sizeof public_key, &n),
                         ERR_OK);
        assert_int_equal(hex_parse(known[i].message, message, sizeof message, &m.n), ERR_OK);
        assert_int_equal(hex_parse(known[i].sig, want, sizeof want, &n), ERR_OK);
        assert_int_equal(ed25519_key_make(w, seed, &k), ERR_OK);
        assert_memory_equal(k.public_key, public_key, sizeof public_key);
        assert_int_equal(ed25519_sign(w, &k, m, got), ERR_OK);
        assert_memory_equal(got, want, sizeof want);
        assert_int_equal(ed25519_verify(w, public_key, m, want), ERR_OK);
        assert_int_equal(ed25519_verify(NULL, public_key, m, want), ERR_OK);
    }
    free(w);
}

static void agrees_with_openssl(void **state)
{
    struct work_stack *w = new_stack();
    uint8_t message[200];

    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        const uint8_t seed[ED25519_SEED_LEN] = {(uint8_t)i, 7, (uint8_t)(i * 31)};
        const struct view m = {message, i * 3};
        EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        uint8_t want[ED25519_SIG_LEN];
        uint8_t got[ED25519_SIG_LEN];
        size_t n = sizeof want;
        struct ed25519_key k;

        memset(message, (int)i, sizeof message);
        assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey), 1);
        assert_int_equal(EVP_DigestSign(ctx, want, &n, m.p, m.n), 1);
        assert_int_equal(ed25519_key_make(w, seed, &k), ERR_OK);
        assert_int_equal(ed25519_sign(w, &k, m, got), ERR_OK);
        assert_memory_equal(got, want, sizeof want);
        EVP_MD_CTX_free(ctx);
        EVP_PKEY_free(pkey);
    }
    free(w);
}

/* Every bit of key, message and signature; S + L, which has the same remainder, is refused
 * (RFC 8032 5.1.7), and so is a public key that is no point. */
static void refuses_each_changed_bit(void **state)
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                      0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                      0,    0,    0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0x10};
    struct work_stack *w = new_stack();
    const uint8_t seed[ED25519_SEED_LEN] = {1};
    uint8_t message[9] = {2};
    uint8_t sig[ED25519_SIG_LEN];
    const struct view m = {message, sizeof message};
    struct ed25519_key k;
    unsigned carry = 0;

    (void)state;
    assert_int_equal(ed25519_key_make(w, seed, &k), ERR_OK);
    assert_int_equal(ed25519_sign(w, &k, m, sig), ERR_OK);
    const struct {
        uint8_t *p;
        size_t n;
    } fields[] = {{k.public_key, 32}, {message, sizeof message}, {sig, sizeof sig}};
    for (size_t f = 0; f < 3; f++) {
        for (size_t bit = 0; bit < 8 * fields[f].n; bit += 3) {
            fields[f].p[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(ed25519_verify(w, k.public_key, m, sig), ERR_SIGNATURE);
            fields[f].p[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
    assert_int_equal(ed25519_verify(w, k.public_key, m, sig), ERR_OK);
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)sig[32 + i] + (unsigned)order[i];
        sig[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_int_equal(ed25519_verify(w, k.public_key, m, sig), ERR_SIGNATURE);
    memset(k.public_key, 0xff, sizeof k.public_key);
    assert_int_equal(ed25519_verify(w, k.public_key, m, sig), ERR_SIGNATURE);
    free(w);
}

/* The stack and the arena are erased, and too small an arena is an error, not an abort. */
static void leaves_nothing_behind(void **state)
{
    static const uint8_t zero[ED25519_SIG_LEN];
    struct work_stack *w = new_stack();
    const uint8_t seed[ED25519_SEED_LEN] = {5};
    uint8_t sig[ED25519_SIG_LEN] = {1};
    struct ed25519_key k;

    (void)state;
    assert_int_equal(ed25519_key_make(w, seed, &k), ERR_OK);
    assert_int_equal(ed25519_sign(w, &k, (struct view){seed, 3}, sig), ERR_OK);
    for (size_t i = 0; i < sizeof w->stack; i++) {
        assert_int_equal(w->stack[i], 0);
    }
    for (size_t i = 0; i < sizeof w->arena_memory; i++) {
        assert_int_equal(w->arena_memory[i], 0);
    }
    gmp_arena_init(&w->arena, w->arena_memory, 64);
    assert_int_equal(ed25519_sign(w, &k, (struct view){seed, 3}, sig), ERR_NOSPACE);
    assert_memory_equal(sig, zero, sizeof sig);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_known_answers),
        cmocka_unit_test(agrees_with_openssl),
        cmocka_unit_test(refuses_each_changed_bit),
        cmocka_unit_test(leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
