#include "testing.h"

#include "attest/snp_manifest.h"
#include "base/hex.h"

#include <string.h>

#define FILE_LEN 10000

static uint8_t bytes[FILE_LEN];

static void measure(const uint8_t *p, size_t n, size_t piece, const char *name,
                    uint8_t out[SNP_MEASUREMENT_LEN])
{
    struct snp_manifest m;

    snp_manifest_init(&m);
    for (size_t at = 0; at < n; at += piece) {
        snp_manifest_add(&m, p + at, n - at < piece ? n - at : piece);
    }
    snp_manifest_end_file(&m, name);
    snp_manifest_final(&m, out);
}

/* Made by steps in Python, by attestation.md 7 alone. */
static void test_known(void **state)
{
    uint8_t got[SNP_MEASUREMENT_LEN];
    char text[2 * SNP_MEASUREMENT_LEN + 1];

    (void)state;
    for (size_t i = 0; i < FILE_LEN; i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
    measure(bytes, FILE_LEN, FILE_LEN, "quorate-core", got);
    hex_write((struct view){got, sizeof got}, text);
    assert_string_equal(text, "8841bd516a3e635ef22b8568832e3e4a46a9234da95e8e5a"
                              "730e0f35ad892975607517e5f198ee56b7d8f87d57671282");
}

static void test_every_byte_counts(void **state)
{
    uint8_t one[SNP_MEASUREMENT_LEN];
    uint8_t other[SNP_MEASUREMENT_LEN];

    (void)state;
    measure(bytes, FILE_LEN, 4096, "a", one);
    measure(bytes, FILE_LEN, 1, "a", other);
    assert_memory_equal(one, other, sizeof one); /* in whatever pieces it comes */
    for (size_t at = 0; at < FILE_LEN; at += 1111) {
        bytes[at] ^= 0x80;
        measure(bytes, FILE_LEN, 4096, "a", other);
        assert_memory_not_equal(one, other, sizeof one);
        bytes[at] ^= 0x80;
    }
    measure(bytes, FILE_LEN, 4096, "b", other);
    assert_memory_not_equal(one, other, sizeof one);
    bytes[FILE_LEN - 1] = 0; /* the page is filled up with zeros, and the length counts */
    measure(bytes, FILE_LEN, 4096, "a", one);
    measure(bytes, FILE_LEN - 1, 4096, "a", other);
    assert_memory_not_equal(one, other, sizeof one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_every_byte_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
