#include "testing.h"

#include "base/hex.h"
#include "crypto/aes_siv.h"

#include <nettle/siv-cmac.h>
#include <string.h>

static struct view bytes(const char *hex, uint8_t *out, size_t cap)
{
    size_t n = 0;

    assert_int_equal(hex_parse(hex, out, cap, &n), ERR_OK);
    return (struct view){out, n};
}

/* RFC 5297 A.1 and A.2, and A.1's key over an empty plaintext with two strings, whose tag
 * nettle and OpenSSL's CMAC give alike. */
static const struct {
    const char *key, *strings[3], *plain, *sealed;
} known[] = {
    {"fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     {"101112131415161718191a1b1c1d1e1f2021222324252627", NULL, NULL},
     "112233445566778899aabbccddee",
     "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c"},
    {"7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f",
     {"00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100",
      "102030405060708090a0", "09f911029d74e35bd84156c5635688c0"},
     "7468697320697320736f6d6520706c61696e7465787420746f20656e6372797074207573696e67205349562d"
     "414553",
     "7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17dba77ceb094fa663b7a3f748"
     "ba8af829ea64ad544a272e9c485b62a3fd5c0d"},
    {"fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     {"101112131415161718191a1b1c1d1e1f2021222324252627", "112233445566778899aabbccddee", NULL},
     "",
     "4813c66a00929ae1ef0c1b1753e857d7"},
};

static void gives_the_known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint8_t in[3][64];
        uint8_t key[AES_SIV_KEY_LEN];
        uint8_t plain[64];
        uint8_t want[80];
        uint8_t got[80];
        struct view strings[3];
        struct aes_siv_key k;
        const struct view p = bytes(known[i].plain, plain, sizeof plain);
        const struct view sealed = bytes(known[i].sealed, want, sizeof want);
        size_t n = 0;

        for (; n < 3 && known[i].strings[n]; n++) {
            strings[n] = bytes(known[i].strings[n], in[n], sizeof in[n]);
        }
        assert_int_equal(bytes(known[i].key, key, sizeof key).n, sizeof key);
        aes_siv_init(&k, key);
        aes_siv_seal(&k, strings, n, p, got);
        assert_int_equal(sealed.n, p.n + AES_SIV_TAG_LEN);
        assert_memory_equal(got, want, sealed.n);
        assert_int_equal(aes_siv_open(&k, strings, n, sealed, got), ERR_OK);
        assert_memory_equal(got, plain, p.n);
    }
}

/* nettle's SIV, where it can be asked: associated data and one nonce. */
static void agrees_with_nettle(void **state)
{
    uint8_t in[96];
    uint8_t ours[96 + AES_SIV_TAG_LEN];
    uint8_t theirs[96 + AES_SIV_TAG_LEN];
    struct siv_cmac_aes128_ctx ctx;
    struct aes_siv_key k;

    (void)state;
    for (size_t i = 0; i < sizeof in; i++) {
        in[i] = (uint8_t)(i * 7 + 1);
    }
    aes_siv_init(&k, in);
    siv_cmac_aes128_set_key(&ctx, in);
    for (size_t n = 0; n <= 64; n++) {
        const struct view strings[2] = {{in + 3, n}, {in + 9, 16}};

        aes_siv_seal(&k, strings, 2, (struct view){in, n}, ours);
        siv_cmac_aes128_encrypt_message(&ctx, 16, in + 9, n, in + 3, n + AES_SIV_TAG_LEN,
                                        theirs, in);
        assert_memory_equal(ours, theirs, n + AES_SIV_TAG_LEN);
    }
}

static void refuses_what_was_changed(void **state)
{
    const uint8_t key[AES_SIV_KEY_LEN] = {1};
    uint8_t ad[5] = "abcd";
    uint8_t nonce[16] = {2};
    uint8_t sealed[20 + AES_SIV_TAG_LEN];
    uint8_t plain[20] = {3};
    struct view strings[2] = {{ad, sizeof ad}, {nonce, sizeof nonce}};
    struct aes_siv_key k;

    (void)state;
    aes_siv_init(&k, key);
    aes_siv_seal(&k, strings, 2, (struct view){plain, sizeof plain}, sealed);
    for (size_t i = 0; i < sizeof sealed; i++) {
        static const uint8_t zero[sizeof plain];

        sealed[i] ^= 1;
        memset(plain, 9, sizeof plain);
        assert_int_equal(
            aes_siv_open(&k, strings, 2, (struct view){sealed, sizeof sealed}, plain),
            ERR_SIGNATURE);
        assert_memory_equal(plain, zero, sizeof zero);
        sealed[i] ^= 1;
    }
    for (size_t n = AES_SIV_TAG_LEN; n < sizeof sealed; n++) {
        assert_int_equal(aes_siv_open(&k, strings, 2, (struct view){sealed, n}, plain),
                         ERR_SIGNATURE);
    }
    assert_int_equal(
        aes_siv_open(&k, strings, 2, (struct view){sealed, AES_SIV_TAG_LEN - 1}, plain),
        ERR_TRUNCATED);
    ad[1] ^= 1;
    assert_int_equal(aes_siv_open(&k, strings, 2, (struct view){sealed, sizeof sealed}, plain),
                     ERR_SIGNATURE);
    ad[1] ^= 1;
    nonce[1] ^= 1;
    assert_int_equal(aes_siv_open(&k, strings, 2, (struct view){sealed, sizeof sealed}, plain),
                     ERR_SIGNATURE);
    assert_int_equal(aes_siv_open(&k, strings, 1, (struct view){sealed, sizeof sealed}, plain),
                     ERR_SIGNATURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_known_answers),
        cmocka_unit_test(agrees_with_nettle),
        cmocka_unit_test(refuses_what_was_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
