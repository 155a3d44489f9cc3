#include "testing.h"
#include "vector_file.h"

#include "crypto/aes_siv.h"

#include <string.h>

/* One test: the associated data is one string, without a nonce. */
static void check(const json_t *test, size_t *valid, size_t *invalid)
{
    uint8_t key[AES_SIV_KEY_LEN];
    uint8_t aad[512];
    uint8_t msg[512];
    uint8_t ct[512];
    uint8_t got[512];
    const struct view string = {aad, vector_bytes(test, "aad", aad, sizeof aad)};
    const struct view plain = {msg, vector_bytes(test, "msg", msg, sizeof msg)};
    const struct view sealed = {ct, vector_bytes(test, "ct", ct, sizeof ct)};
    struct aes_siv_key k;

    assert_int_equal(vector_bytes(test, "key", key, sizeof key), sizeof key);
    aes_siv_init(&k, key);
    if (strcmp(vector_text(test, "result"), "valid") != 0) {
        assert_int_equal(aes_siv_open(&k, &string, 1, sealed, got), ERR_SIGNATURE);
        ++*invalid;
        return;
    }
    aes_siv_seal(&k, &string, 1, plain, got);
    assert_int_equal(sealed.n, plain.n + AES_SIV_TAG_LEN);
    assert_memory_equal(got, ct, sealed.n);
    assert_int_equal(aes_siv_open(&k, &string, 1, sealed, got), ERR_OK);
    assert_memory_equal(got, msg, plain.n);
    ++*valid;
}

static void agrees_with_wycheproof(void **state)
{
    json_t *root = vector_file("05-time-nts-roughtime/aes_siv_cmac_test.json");
    const json_t *group;
    const json_t *test;
    size_t i;
    size_t j;
    size_t valid = 0;
    size_t invalid = 0;

    (void)state;
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        if (json_integer_value(json_object_get(group, "keySize")) != 256) {
            continue;
        }
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            check(test, &valid, &invalid);
        }
    }
    printf("%zu sealed and opened, %zu refused\n", valid, invalid);
    assert_true(valid >= 40 && invalid >= 40);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_wycheproof)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
