#include "testing.h"
#include "vector_file.h"

#include "crypto/p384.h"

#include <string.h>

/* Wycheproof's points of ECDH, as public keys of ours: a valid one is taken, one that is not on
 * the curve is refused. Compressed points and the point at infinity have another length: they
 * cannot reach p384_check_public() at all. */
static void takes_points_of_the_curve_alone(void **state)
{
    json_t *root = vector_file("02-ecdsa-p384/ecdh_secp384r1_ecpoint_test.json");
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
            taken += e == ERR_OK;
            refused += e != ERR_OK;
        }
    }
    json_decref(root);
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
