/* Wycheproof's points of ECDH, for the group of threshold ECDSA. */
#include "tecdsa_kit.h"
#include "testing.h"
#include "vector_file.h"

/* The last n bytes of a hex number, or all of them after zeros. */
static void number(const json_t *test, const char *key, uint8_t out[TECDSA_SCALAR_LEN])
{
    uint8_t in[128];
    const size_t n = vector_bytes(test, key, in, sizeof in);
    const size_t part = n < TECDSA_SCALAR_LEN ? n : TECDSA_SCALAR_LEN;

    memset(out, 0, TECDSA_SCALAR_LEN);
    memcpy(out + TECDSA_SCALAR_LEN - part, in + n - part, part);
}

struct product {
    struct tecdsa_scalar k;
    struct tecdsa_point a;
};

static enum err multiply(void *arg)
{
    struct product *const c = arg;

    tecdsa_point_mul(&c->k, &c->a, &c->a);
    return ERR_OK;
}

/* The private key times the point has the x that stands there. */
static void multiplies(const json_t *test, const struct tecdsa_point *point)
{
    struct product c = {.a = *point};
    uint8_t bytes[TECDSA_SCALAR_LEN];
    uint8_t have[TECDSA_POINT_LEN];

    number(test, "private", bytes);
    assert_int_equal(tecdsa_scalar_decode(bytes, &c.k), ERR_OK);
    assert_int_equal(tecdsa_on_stack(multiply, &c), ERR_OK);
    number(test, "shared", bytes);
    tecdsa_point_encode(&c.a, have);
    assert_memory_equal(have + 1, bytes, sizeof bytes);
}

static void points_are_taken_or_refused(void **state)
{
    json_t *root = vector_file("02-ecdsa-p384/ecdh_secp384r1_ecpoint_test.json");
    const json_t *group;
    const json_t *test;
    size_t i;
    size_t j;
    size_t taken[2] = {0};
    size_t refused[2] = {0};

    (void)state;
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            const bool good = strcmp(vector_text(test, "result"), "invalid") != 0;
            uint8_t bytes[256];
            const size_t n = vector_bytes(test, "public", bytes, sizeof bytes);
            struct tecdsa_point point;
            enum err e = ERR_LENGTH;

            if (n == TECDSA_POINT_LEN) {
                e = tecdsa_point_decode(bytes, &point);
            } else if (n == TECDSA_POINT_LONG) {
                e = tecdsa_point_long_decode(bytes, &point);
            }
            assert_int_equal(e == ERR_OK, good);
            if (good) {
                multiplies(test, &point);
                taken[n == TECDSA_POINT_LEN]++;
            } else {
                refused[n == TECDSA_POINT_LEN]++;
            }
        }
    }
    json_decref(root);
    assert_int_equal(taken[0], 771);
    assert_int_equal(taken[1], 1);
    assert_int_equal(refused[0], 17); /* infinity has no bytes */
    assert_int_equal(refused[1], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_taken_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
