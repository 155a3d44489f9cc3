#include "mldsa_kit.h"
#include "testing.h"
#include "vector_file.h"

#include <string.h>

#define MESSAGE_ROOM 65536
#define CTX_ROOM 1024

static struct mldsa_kit kit;
static uint8_t message[MESSAGE_ROOM];
static uint8_t ctx[CTX_ROOM];

static struct view optional(const json_t *test, const char *key, uint8_t *room, size_t cap)
{
    if (json_object_get(test, key) == NULL) {
        return (struct view){NULL, 0};
    }
    return (struct view){room, vector_bytes(test, key, room, cap)};
}

static bool has_flag(const json_t *test, const char *flag)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(test, "flags"), i, one)
    {
        if (strcmp(json_string_value(one), flag) == 0) {
            return true;
        }
    }
    return false;
}

/* A refusal carries the error that fits what the file says was done. */
static void check_refusal(const json_t *test, enum err e)
{
    if (has_flag(test, "IncorrectSignatureLength") ||
        has_flag(test, "IncorrectPublicKeyLength") ||
        has_flag(test, "IncorrectPrivateKeyLength")) {
        assert_int_equal(e, ERR_LENGTH);
    } else if (has_flag(test, "InvalidHintsEncoding")) {
        assert_int_equal(e, ERR_ENCODING);
    } else if (has_flag(test, "InvalidContext")) {
        assert_int_equal(e, ERR_RANGE);
    }
    assert_true(e == ERR_LENGTH || e == ERR_ENCODING || e == ERR_RANGE || e == ERR_SIGNATURE);
}

static enum err verify_one(const struct mldsa_path *path, const struct mldsa_params *params,
                           const json_t *group, const json_t *test)
{
    static uint8_t pk[2 * MLDSA_PK_MAX];
    static uint8_t sig[2 * MLDSA_SIG_MAX];
    const struct view key = {pk, vector_bytes(group, "publicKey", pk, sizeof pk)};
    const struct view s = {sig, vector_bytes(test, "sig", sig, sizeof sig)};

    TRY(mldsa_public_key_parse(path, params, key, &kit.key_scratch, &kit.public_key));
    return mldsa_verify(&kit.public_key, optional(test, "ctx", ctx, sizeof ctx),
                        optional(test, "msg", message, sizeof message), s, &kit.verify_scratch);
}

static void verify_file(const char *file, const struct mldsa_params *params, size_t count)
{
    json_t *root = vector_file(file);
    const json_t *group;
    const json_t *test;
    size_t i;
    size_t j;
    size_t taken = 0;
    size_t refused = 0;

    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            const bool valid = strcmp(vector_text(test, "result"), "valid") == 0;

            FOR_EACH_PATH(path)
            {
                const enum err e = verify_one(path, params, group, test);

                assert_int_equal(e == ERR_OK, valid);
                if (!valid) {
                    check_refusal(test, e);
                }
            }
            taken += valid;
            refused += !valid;
        }
    }
    json_decref(root);
    print_message("%s: %zu taken, %zu refused\n", params->name, taken, refused);
    assert_int_equal(taken + refused, count);
}

static void verify_44(void **state)
{
    (void)state;
    verify_file("01-mldsa/mldsa_44_verify_test.json", &mldsa_44, 180);
}

static void verify_65(void **state)
{
    (void)state;
    verify_file("01-mldsa/mldsa_65_verify_test.json", &mldsa_65, 210);
}

/* Signs as the case says: with its mu where it has no message, with its rnd where it has one.
 */
static enum err sign_one(const struct mldsa_path *path, const struct mldsa_params *params,
                         const json_t *group, const json_t *test)
{
    uint8_t xi[2 * MLDSA_SEED_LEN];
    uint8_t pk[MLDSA_PK_MAX];
    uint8_t rnd[MLDSA_SEED_LEN] = {0};
    uint8_t mu[MLDSA_MU_LEN];

    if (vector_bytes(group, "privateSeed", xi, sizeof xi) != MLDSA_SEED_LEN) {
        return ERR_LENGTH; /* no seed: mldsa_keygen() cannot be given it */
    }
    if (json_object_get(test, "rnd") != NULL) {
        assert_int_equal(vector_bytes(test, "rnd", rnd, sizeof rnd), sizeof rnd);
    }
    mldsa_keygen(path, params, xi, &kit.key_scratch, &kit.private_key, kit.pk, kit.sk);
    assert_int_equal(vector_bytes(group, "publicKey", pk, sizeof pk), params->pk_len);
    assert_memory_equal(kit.pk, pk, params->pk_len);
    if (json_object_get(test, "msg") == NULL) {
        assert_int_equal(vector_bytes(test, "mu", mu, sizeof mu), sizeof mu);
        return mldsa_sign_mu(&kit.private_key, mu, rnd, &kit.sign_scratch, kit.sig);
    }
    TRY(mldsa_sign(&kit.private_key, optional(test, "ctx", ctx, sizeof ctx),
                   optional(test, "msg", message, sizeof message), rnd, &kit.sign_scratch,
                   kit.sig));
    if (json_object_get(test, "mu") != NULL) {
        uint8_t want[MLDSA_MU_LEN];

        TRY(mldsa_mu(path, kit.private_key.tr, optional(test, "ctx", ctx, sizeof ctx),
                     optional(test, "msg", message, sizeof message), mu));
        assert_int_equal(vector_bytes(test, "mu", want, sizeof want), sizeof want);
        assert_memory_equal(mu, want, sizeof mu);
    }
    return ERR_OK;
}

static void sign_file(const char *file, const struct mldsa_params *params, size_t count,
                      size_t count_mu)
{
    json_t *root = vector_file(file);
    const json_t *group;
    const json_t *test;
    size_t i;
    size_t j;
    size_t made = 0;
    size_t refused = 0;
    size_t by_mu = 0;

    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            const bool valid = strcmp(vector_text(test, "result"), "valid") == 0;

            FOR_EACH_PATH(path)
            {
                const enum err e = sign_one(path, params, group, test);

                assert_int_equal(e == ERR_OK, valid);
                if (valid) {
                    uint8_t want[MLDSA_SIG_MAX];

                    assert_int_equal(vector_bytes(test, "sig", want, sizeof want),
                                     params->sig_len);
                    assert_memory_equal(kit.sig, want, params->sig_len);
                } else {
                    check_refusal(test, e);
                }
            }
            made += valid;
            refused += !valid;
            by_mu += has_flag(test, "Internal");
        }
    }
    json_decref(root);
    print_message("%s: %zu made (%zu from mu alone), %zu refused\n", params->name, made, by_mu,
                  refused);
    assert_int_equal(made + refused, count);
    assert_int_equal(by_mu, count_mu);
}

static void sign_44(void **state)
{
    (void)state;
    sign_file("01-mldsa/mldsa_44_sign_seed_test.json", &mldsa_44, 86, 8);
}

static void sign_65(void **state)
{
    (void)state;
    sign_file("01-mldsa/mldsa_65_sign_seed_test.json", &mldsa_65, 105, 17);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verify_44),
        cmocka_unit_test(verify_65),
        cmocka_unit_test(sign_44),
        cmocka_unit_test(sign_65),
    };

    return cmocka_run_group_tests(tests, mldsa_find_paths, NULL);
}
