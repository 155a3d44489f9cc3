#include "testing.h"
#include "vector_file.h"

#include "crypto/hash.h"
#include "crypto/p384.h"
#include "crypto/p384_internal.h"

#include <string.h>

/* RFC 6979 A.2.6 with SHA-384: the key and, with the nonce that it gives, the signature. */
static void gives_the_known_answers(void **state)
{
    json_t *root = vector_file("02-ecdsa-p384/rfc6979_A.2.6_p384_sha384.json");
    static const uint8_t seed[DRBG_SEED_LEN] = {1};
    void *memory = aligned_alloc(4096, p384_signer_size());
    struct p384_signer *s;
    struct p384_key key;
    uint8_t d[P384_SCALAR_LEN];
    uint8_t want_public[P384_PUBLIC_LEN] = {0x04};
    const json_t *test;
    size_t i;

    (void)state;
    assert_non_null(memory);
    assert_int_equal(p384_signer_init(memory, seed, &s), ERR_OK);
    assert_int_equal(vector_bytes(root, "x", d, sizeof d), sizeof d);
    (void)vector_bytes(root, "Ux", want_public + 1, P384_SCALAR_LEN);
    (void)vector_bytes(root, "Uy", want_public + 1 + P384_SCALAR_LEN, P384_SCALAR_LEN);
    assert_int_equal(p384_key_from_scalar(s, d, &key), ERR_OK);
    assert_memory_equal(key.public_key, want_public, sizeof want_public);
    assert_int_equal(json_array_size(json_object_get(root, "tests")), 2);
    json_array_foreach(json_object_get(root, "tests"), i, test)
    {
        const char *message = vector_text(test, "message");
        uint8_t digest[P384_DIGEST_LEN];
        uint8_t k[P384_SCALAR_LEN];
        uint8_t want[P384_SIG_LEN];
        uint8_t sig[P384_SIG_LEN];

        hash_once(HASH_SHA384, (struct view){(const uint8_t *)message, strlen(message)},
                  digest);
        (void)vector_bytes(test, "k", k, sizeof k);
        (void)vector_bytes(test, "r", want, P384_SCALAR_LEN);
        (void)vector_bytes(test, "s", want + P384_SCALAR_LEN, P384_SCALAR_LEN);
        assert_int_equal(p384_sign_with_nonce(s, &key, digest, k, sig), ERR_OK);
        assert_memory_equal(sig, want, sizeof want);
        assert_int_equal(p384_verify(key.public_key, digest, sig), ERR_OK);
    }
    json_decref(root);
    p384_signer_wipe(s);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_known_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
