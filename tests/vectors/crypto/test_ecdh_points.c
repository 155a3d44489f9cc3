#include "testing.h"
#include "vector_file.h"

#include "crypto/ecdh_p384.h"

#include <stdlib.h>
#include <string.h>

static struct p384_signer *new_signer(void)
{
    static const uint8_t seed[DRBG_SEED_LEN] = {1};
    void *memory = aligned_alloc(4096, p384_signer_size());
    struct p384_signer *s;

    assert_non_null(memory);
    assert_int_equal(p384_signer_init(memory, seed, &s), ERR_OK);
    return s;
}

/* The last n bytes of a hex number, or all of them after zeros. */
static void number(const json_t *test, const char *key, uint8_t out[P384_SCALAR_LEN])
{
    uint8_t in[128];
    const size_t n = vector_bytes(test, key, in, sizeof in);
    const size_t part = n < P384_SCALAR_LEN ? n : P384_SCALAR_LEN;

    memset(out, 0, P384_SCALAR_LEN);
    memcpy(out + P384_SCALAR_LEN - part, in + n - part, part);
}

/* The private key of the test and its point give its secret. */
static void agrees(struct p384_signer *s, const json_t *test, const uint8_t *point)
{
    uint8_t d[P384_SCALAR_LEN];
    uint8_t want[P384_SCALAR_LEN];
    struct ecdh_p384_secret got;
    struct p384_key k;

    number(test, "private", d);
    number(test, "shared", want);
    assert_int_equal(p384_key_from_scalar(s, d, &k), ERR_OK);
    assert_int_equal(ecdh_p384_agree(s, &k, point, &got), ERR_OK);
    assert_memory_equal(got.x, want, sizeof want);
}

/* Wycheproof's points of ECDH, as public keys of ours: a valid one is taken and gives the
 * secret that stands there, one that is not on the curve is refused. Compressed points and the
 * point at infinity have another length: they cannot reach p384_check_public() at all. */
static void takes_points_of_the_curve_alone(void **state)
{
    json_t *root = vector_file("02-ecdsa-p384/ecdh_secp384r1_ecpoint_test.json");
    struct p384_signer *s = new_signer();
    const json_t *group;
    const json_t *test;
    size_t i;
    size_t j;
    size_t taken = 0;
    size_t refused = 0;
    size_t other_length = 0;

    (void)state;
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            const bool valid = strcmp(vector_text(test, "result"), "valid") == 0;
            uint8_t point[256];
            enum err e;

            if (vector_bytes(test, "public", point, sizeof point) != P384_PUBLIC_LEN) {
                assert_false(valid);
                other_length++;
                continue;
            }
            e = p384_check_public(point);
            assert_int_equal(e == ERR_OK, valid);
            if (valid) {
                agrees(s, test, point);
            }
            taken += e == ERR_OK;
            refused += e != ERR_OK;
        }
    }
    json_decref(root);
    free(s);
    print_message("%zu points taken, %zu refused, %zu of another length\n", taken, refused,
                  other_length);
    assert_int_equal(taken, 771);
    assert_int_equal(taken + refused + other_length, 790);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_points_of_the_curve_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
