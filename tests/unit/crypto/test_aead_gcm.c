#include "openssl_evp.h"
#include "testing.h"

#include "base/hex.h"
#include "base/secret.h"
#include "crypto/aead_gcm.h"

#include <string.h>

static size_t bytes(const char *hex, uint8_t *out, size_t cap)
{
    size_t n = 0;

    assert_int_equal(hex_parse(hex, out, cap, &n), ERR_OK);
    return n;
}

/* The examples of the specification of GCM (McGrew and Viega, appendix B) that SP 800-38D
 * adopts: test cases 13 to 16, AES-256 with a nonce of 96 bits. */
static const struct {
    const char *key, *nonce, *aad, *plain, *sealed;
} known[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000",
     "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000",
     "000000000000000000000000", "", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

static void gives_the_known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct aead_gcm_key k;
        uint8_t key[AEAD_GCM_KEY_LEN];
        uint8_t nonce[AEAD_GCM_NONCE_LEN];
        uint8_t aad[32];
        uint8_t plain[64];
        uint8_t want[80];
        uint8_t got[80];
        const struct view a = {aad, bytes(known[i].aad, aad, sizeof aad)};
        const struct view p = {plain, bytes(known[i].plain, plain, sizeof plain)};
        const size_t n = bytes(known[i].sealed, want, sizeof want);

        assert_int_equal(bytes(known[i].key, key, sizeof key), sizeof key);
        assert_int_equal(bytes(known[i].nonce, nonce, sizeof nonce), sizeof nonce);
        aead_gcm_init(&k, key);
        aead_gcm_seal(&k, nonce, a, p, got);
        assert_int_equal(n, p.n + AEAD_GCM_TAG_LEN);
        assert_memory_equal(got, want, n);
        assert_int_equal(aead_gcm_open(&k, nonce, a, (struct view){want, n}, got), ERR_OK);
        assert_memory_equal(got, plain, p.n);
    }
}

static void openssl_seal(const uint8_t *key, const uint8_t *nonce, struct view aad,
                         struct view plain, uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;

    assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, NULL, &n, aad.p, (int)aad.n), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, out, &n, plain.p, (int)plain.n), 1);
    assert_int_equal(EVP_EncryptFinal_ex(ctx, out + n, &n), 1);
    assert_int_equal(
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, AEAD_GCM_TAG_LEN, out + plain.n), 1);
    EVP_CIPHER_CTX_free(ctx);
}

/* Every length up to four blocks and some longer ones, another key each time: every byte of the
 * S-box is gone through. */
static void agrees_with_openssl(void **state)
{
    static uint8_t plain[4200];
    static uint8_t want[4300];
    static uint8_t got[4300];
    uint8_t key[AEAD_GCM_KEY_LEN];
    uint8_t nonce[AEAD_GCM_NONCE_LEN];
    uint32_t x = 1;

    (void)state;
    for (size_t i = 0; i < 300; i++) {
        const size_t n = i < 70 ? i : (i * 131) % sizeof plain;
        const struct view aad = {plain, i % 40};
        struct aead_gcm_key k;

        for (size_t j = 0; j < sizeof plain; j++) {
            x = x * 1664525 + 1013904223;
            plain[j] = (uint8_t)(x >> 24);
        }
        memcpy(key, plain + 100, sizeof key);
        memcpy(nonce, plain + 200, sizeof nonce);
        openssl_seal(key, nonce, aad, (struct view){plain, n}, want);
        aead_gcm_init(&k, key);
        aead_gcm_seal(&k, nonce, aad, (struct view){plain, n}, got);
        assert_memory_equal(got, want, n + AEAD_GCM_TAG_LEN);
        /* In place. */
        memcpy(want, plain, n);
        aead_gcm_seal(&k, nonce, aad, (struct view){want, n}, want);
        assert_memory_equal(got, want, n + AEAD_GCM_TAG_LEN);
        assert_int_equal(
            aead_gcm_open(&k, nonce, aad, (struct view){want, n + AEAD_GCM_TAG_LEN}, want),
            ERR_OK);
        assert_memory_equal(want, plain, n);
    }
}

static void refuses_each_changed_bit(void **state)
{
    const uint8_t key[AEAD_GCM_KEY_LEN] = {1};
    uint8_t nonce[AEAD_GCM_NONCE_LEN] = {2};
    uint8_t aad[21] = {3};
    uint8_t plain[37] = {4};
    uint8_t sealed[sizeof plain + AEAD_GCM_TAG_LEN];
    static const uint8_t zero[sizeof plain];
    struct aead_gcm_key k;

    (void)state;
    aead_gcm_init(&k, key);
    aead_gcm_seal(&k, nonce, (struct view){aad, sizeof aad}, (struct view){plain, sizeof plain},
                  sealed);
    const struct {
        uint8_t *p;
        size_t n;
    } fields[] = {{nonce, sizeof nonce}, {aad, sizeof aad}, {sealed, sizeof sealed}};
    for (size_t f = 0; f < 3; f++) {
        for (size_t bit = 0; bit < 8 * fields[f].n; bit++) {
            uint8_t out[sizeof plain];

            memset(out, 0x77, sizeof out);
            fields[f].p[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(aead_gcm_open(&k, nonce, (struct view){aad, sizeof aad},
                                           (struct view){sealed, sizeof sealed}, out),
                             ERR_SIGNATURE);
            assert_memory_equal(out, zero, sizeof out);
            fields[f].p[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
    for (size_t n = 0; n < sizeof sealed; n++) {
        uint8_t out[sizeof plain];

        assert_int_equal(aead_gcm_open(&k, nonce, (struct view){aad, sizeof aad},
                                       (struct view){sealed, n}, out),
                         n < AEAD_GCM_TAG_LEN ? ERR_TRUNCATED : ERR_SIGNATURE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_known_answers),
        cmocka_unit_test(agrees_with_openssl),
        cmocka_unit_test(refuses_each_changed_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
