#include "testing.h"

#include "base/hex.h"
#include "client/token/digest.h"

#include <string.h>

/* FIPS 180-4 and FIPS 202 example digests of "abc". */
static void gives_known_digests(void **state)
{
    static const struct {
        const char *name, *hex;
    } rows[] = {
        {"sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"sha224", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
        {"sha3-256", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
    };
    uint8_t out[DIGEST_MAX];
    char hex[2 * DIGEST_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct digest_alg *alg = digest_by_name(rows[i].name);

        assert_non_null(alg);
        assert_int_equal(digest_once(alg, (struct view){(const uint8_t *)"abc", 3}, out),
                         ERR_OK);
        hex_write((struct view){out, alg->len}, hex);
        assert_string_equal(hex, rows[i].hex);
        assert_ptr_equal(digest_by_oid(alg->oid), alg);
    }
}

static void knows_what_is_weak(void **state)
{
    (void)state;
    assert_true(digest_by_name("sha1")->weak);
    assert_false(digest_by_name("sha256")->weak);
    assert_null(digest_by_name("md5"));
    assert_null(digest_by_name(""));
    assert_null(digest_by_oid((struct view){(const uint8_t *)"\x2b", 1}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_known_digests),
        cmocka_unit_test(knows_what_is_weak),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
