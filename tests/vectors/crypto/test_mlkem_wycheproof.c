#include "mlkem_kit.h"
#include "testing.h"
#include "vector_file.h"

#define DK_ROOM (2 * MLKEM_DK_MAX)
#define C_ROOM (2 * MLKEM_C_MAX)

static const struct mlkem_params *const params = &mlkem_768;
static struct mlkem_kit kit;

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

static bool is_valid(const json_t *test)
{
    return strcmp(vector_text(test, "result"), "valid") == 0;
}

/* Key pair of the case's seed, for this path; its ek is the one of the case. ERR_LENGTH: that
 * is no seed. mlkem_keygen() cannot be given it: a seed is a struct. */
static enum err make_key(const struct mlkem_path *path, const json_t *test)
{
    uint8_t seed[2 * sizeof kit.seed];
    uint8_t ek[MLKEM_EK_MAX];

    if (vector_bytes(test, "seed", seed, sizeof seed) != sizeof kit.seed) {
        return ERR_LENGTH;
    }
    memcpy(&kit.seed, seed, sizeof kit.seed);
    mlkem_keygen(path, params, &kit.seed, &kit.key_scratch, &kit.decaps, kit.ek);
    assert_int_equal(vector_bytes(test, "ek", ek, sizeof ek), params->ek_len);
    assert_memory_equal(kit.ek, ek, params->ek_len);
    return ERR_OK;
}

/* Decapsulates the case's c with the key in the kit. */
static enum err decapsulate(const json_t *test)
{
    static uint8_t c[C_ROOM];
    uint8_t want[MLKEM_KEY_LEN];

    TRY(mlkem_decaps(&kit.decaps, (struct view){c, vector_bytes(test, "c", c, sizeof c)},
                     &kit.scratch, &kit.shared));
    assert_int_equal(vector_bytes(test, "K", want, sizeof want), sizeof want);
    assert_memory_equal(kit.shared.k, want, sizeof want);
    return ERR_OK;
}

typedef enum err case_fn(const struct mlkem_path *path, const json_t *test);

static enum err keygen_case(const struct mlkem_path *path, const json_t *test)
{
    uint8_t dk[MLKEM_DK_MAX];

    TRY(make_key(path, test));
    assert_int_equal(vector_bytes(test, "dk", dk, sizeof dk), params->dk_len);
    mlkem_decaps_key_encode(&kit.decaps, kit.dk);
    assert_memory_equal(kit.dk, dk, params->dk_len);
    return ERR_OK;
}

static enum err seed_case(const struct mlkem_path *path, const json_t *test)
{
    TRY(make_key(path, test));
    return decapsulate(test);
}

/* The keys of these cases are in expanded form. */
static enum err expanded_case(const struct mlkem_path *path, const json_t *test)
{
    static uint8_t dk[DK_ROOM];
    static uint8_t ek[MLKEM_EK_MAX];
    const struct view ek_view = {ek, vector_bytes(test, "ek", ek, sizeof ek)};
    const struct view dk_view = {dk, vector_bytes(test, "dk", dk, sizeof dk)};

    assert_int_equal(
        mlkem_encaps_key_parse(path, params, ek_view, &kit.key_scratch, &kit.encaps), ERR_OK);
    TRY(mlkem_decaps_key_parse(path, params, dk_view, &kit.key_scratch, &kit.decaps));
    return decapsulate(test);
}

/* A refusal carries the error that fits what the file says was done; without a flag, the length
 * of c or of the seed. */
static enum err expected(const json_t *test)
{
    if (is_valid(test)) {
        return ERR_OK;
    }
    return has_flag(test, "InvalidDecapsulationKey") ? ERR_MISMATCH : ERR_LENGTH;
}

static void run_file(const char *file, case_fn *run, size_t want_taken, size_t want_refused)
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
        assert_string_equal(vector_text(group, "parameterSet"), params->name);
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            FOR_EACH_PATH(path)
            {
                assert_int_equal(run(path, test), expected(test));
            }
            taken += is_valid(test);
            refused += !is_valid(test);
        }
    }
    json_decref(root);
    print_message("%s: %zu taken, %zu refused\n", file, taken, refused);
    assert_int_equal(taken, want_taken);
    assert_int_equal(refused, want_refused);
}

static void keygen(void **state)
{
    (void)state;
    run_file("01e-mlkem/mlkem_768_keygen_seed_test.json", keygen_case, 100, 0);
}

static void decaps_from_seed(void **state)
{
    (void)state;
    run_file("01e-mlkem/mlkem_768_test.json", seed_case, 153, 40);
}

static void decaps_of_expanded_keys(void **state)
{
    (void)state;
    run_file("01e-mlkem/mlkem_768_semi_expanded_decaps_test.json", expanded_case, 3, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keygen),
        cmocka_unit_test(decaps_from_seed),
        cmocka_unit_test(decaps_of_expanded_keys),
    };

    return cmocka_run_group_tests(tests, mlkem_find_paths, NULL);
}
