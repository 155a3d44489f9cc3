#include "testing.h"

#include "base/hex.h"
#include "crypto/hash.h"

#include <stdlib.h>
#include <string.h>

/* NIST's example messages: the empty one, "abc", a million times "a" (FIPS 180-4 and FIPS 202
 * example values). */
static const struct {
    enum hash_alg alg;
    const char *digest[3];
} rows[] = {
    {HASH_SHA256,
     {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}},
    {HASH_SHA384,
     {"38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
      "274edebfe76f65fbd51ad2f14898b95b",
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
      "8086072ba1e7cc2358baeca134c825a7",
      "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b"
      "07b8b3dc38ecc4ebae97ddd87f3d8985"}},
    {HASH_SHA512,
     {"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
      "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
      "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
      "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"}},
    {HASH_SHA3_256,
     {"a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
      "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
      "5c8875ae474a3634ba4fd55ec85bffd661f32aca75c6d699d0cdcb6c115891c1"}},
    {HASH_SHA3_384,
     {"0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2a"
      "c3713831264adb47fb6bd1e058d5f004",
      "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b2"
      "98d88cea927ac7f539f1edf228376d25",
      "eee9e24d78c1855337983451df97c8ad9eedf256c6334f8e948d252d5e0e7684"
      "7aa0774ddb90a842190d2c558b4b8340"}},
    {HASH_SHA3_512,
     {"a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6"
      "15b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26",
      "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
      "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
      "3c3a876da14034ab60627c077bb98f7e120a2a5370212dffb3385a18d4f38859"
      "ed311d0a9d5141ce9cc5c66ee689b266a8aa18ace8282a0e0db596c90b0a7b87"}},
};
static const char *const shake256_out[3] = {
    "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f"
    "d75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be",
    "483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739"
    "d5a15bef186a5386c75744c0527e1faa9f8726e462a12a4feb06bd8801e751e4",
    "3578a7a4ca9137569cdf76ed617d31bb994fca9c1bbf8b184013de8234dfd13a"
    "3fd124d4df76c0a539ee7dd2f6e1ec346124c815d9410e145eb561bcd97b18ab",
};

#define MILLION 1000000

static uint8_t million[MILLION];

static struct view message(size_t i)
{
    return i == 0   ? (struct view){NULL, 0}
           : i == 1 ? (struct view){(const uint8_t *)"abc", 3}
                    : (struct view){million, sizeof million};
}

static int fill(void **state)
{
    (void)state;
    memset(million, 'a', sizeof million);
    return 0;
}

static void assert_hex(const uint8_t *got, size_t n, const char *hex)
{
    uint8_t want[HASH_MAX];
    size_t n_want = 0;

    assert_int_equal(hex_parse(hex, want, sizeof want, &n_want), ERR_OK);
    assert_int_equal(n, n_want);
    assert_memory_equal(got, want, n);
}

static void known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t m = 0; m < 3; m++) {
            uint8_t out[HASH_MAX];

            hash_once(rows[i].alg, message(m), out);
            assert_hex(out, hash_len(rows[i].alg), rows[i].digest[m]);
        }
    }
}

static void shake256_known_answers(void **state)
{
    (void)state;
    for (size_t m = 0; m < 3; m++) {
        struct shake256 s;
        uint8_t out[64];

        shake256_init(&s);
        shake256_update(&s, message(m).p, message(m).n);
        shake256_final(&s, out, sizeof out);
        assert_hex(out, sizeof out, shake256_out[m]);
    }
}

/* In pieces of every size around the blocks (64, 72, 104, 128, 136), and a state starts anew
 * after its end. */
static void pieces_do_not_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hash_state s;

        hash_init(&s, rows[i].alg);
        for (size_t n = 0; n <= 300; n++) {
            const struct view whole = {million, n};
            uint8_t want[HASH_MAX];
            uint8_t got[HASH_MAX];

            hash_once(rows[i].alg, whole, want);
            hash_update(&s, million, n / 3);
            hash_update(&s, NULL, 0);
            hash_update(&s, million, n - n / 3);
            hash_final(&s, got);
            assert_memory_equal(got, want, hash_len(rows[i].alg));
        }
    }
}

/* Shorter output is a prefix, the state starts anew, and it goes on beyond one block. */
static void shake256_of_any_length(void **state)
{
    struct shake256 s;
    uint8_t longest[600];
    uint8_t out[600];

    (void)state;
    shake256_init(&s);
    shake256_update(&s, "abc", 3);
    shake256_final(&s, longest, sizeof longest);
    for (size_t n = 0; n <= sizeof out; n += 7) {
        shake256_update(&s, "a", 1);
        shake256_update(&s, "bc", 2);
        shake256_final(&s, out, n);
        assert_memory_equal(out, longest, n);
    }
}

static void names_and_lengths(void **state)
{
    static const struct {
        const char *name;
        enum hash_alg alg;
    } names[] = {
        {"sha256", HASH_SHA256},
        {"SHA256", HASH_SHA256},
        {"sha-256", HASH_SHA256},
        {"Sha-384", HASH_SHA384},
        {"sha384", HASH_SHA384},
        {"SHA-512", HASH_SHA512},
        {"sha3-256", HASH_SHA3_256},
        {"SHA3-384", HASH_SHA3_384},
        {"sha3-512", HASH_SHA3_512},
        {"sha512", HASH_SHA512},
        {"sha1", HASH_NONE},
        {"md5", HASH_NONE},
        {"", HASH_NONE},
        {"none", HASH_NONE},
        {"sha2560", HASH_NONE},
        {"sha25", HASH_NONE},
        {"sha512-256", HASH_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(hash_by_name(names[i].name), names[i].alg);
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(hash_by_name(hash_name(rows[i].alg)), rows[i].alg);
        assert_int_equal(2 * hash_len(rows[i].alg), strlen(rows[i].digest[0]));
    }
    assert_string_equal(hash_name(HASH_NONE), "none");
    assert_string_equal(hash_name((enum hash_alg)7), "none");
    assert_int_equal(hash_len(HASH_NONE), 0);
    assert_int_equal(hash_len((enum hash_alg)255), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),        cmocka_unit_test(shake256_known_answers),
        cmocka_unit_test(pieces_do_not_matter), cmocka_unit_test(shake256_of_any_length),
        cmocka_unit_test(names_and_lengths),
    };

    return cmocka_run_group_tests(tests, fill, NULL);
}
