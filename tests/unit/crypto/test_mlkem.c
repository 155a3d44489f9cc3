#include "mlkem_kit.h"
#include "testing.h"

#include "crypto/hash.h"

static struct mlkem_kit kit;

static bool erased(const struct mlkem_scratch *scratch)
{
    const uint8_t *bytes = (const uint8_t *)scratch;

    return bytes[0] == 0 && memcmp(bytes, bytes + 1, sizeof *scratch - 1) == 0;
}

/* A key pair, a message, its ciphertext and its K, in the kit. */
static void make(const struct mlkem_path *path, const struct mlkem_params *params,
                 struct sponge *noise)
{
    const struct view ek = {kit.ek, params->ek_len};

    sponge_squeeze(noise, &kit.seed, sizeof kit.seed);
    sponge_squeeze(noise, &kit.m, sizeof kit.m);
    mlkem_keygen(path, params, &kit.seed, &kit.key_scratch, &kit.decaps, kit.ek);
    assert_int_equal(mlkem_encaps_key_parse(path, params, ek, &kit.key_scratch, &kit.encaps),
                     ERR_OK);
    memset(kit.c, 0xa5, sizeof kit.c);
    memset(&kit.scratch, 0xa5, sizeof kit.scratch);
    mlkem_encaps(&kit.encaps, &kit.m, &kit.scratch, kit.c, &kit.shared);
    assert_true(erased(&kit.scratch));
}

static struct mlkem_shared_key decapsulate(const struct mlkem_params *params)
{
    struct mlkem_shared_key k;

    memset(&kit.scratch, 0xa5, sizeof kit.scratch);
    assert_int_equal(
        mlkem_decaps(&kit.decaps, (struct view){kit.c, params->c_len}, &kit.scratch, &k),
        ERR_OK);
    assert_true(erased(&kit.scratch));
    return k;
}

static void both_sides_get_one_key(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        FOR_EACH_PATH(path)
        {
            struct sponge noise = noise_of(params->name);

            for (int n = 0; n < 20; n++) {
                struct mlkem_shared_key k;

                make(path, params, &noise);
                k = decapsulate(params);
                assert_memory_equal(k.k, kit.shared.k, sizeof k.k);
            }
            for (size_t i = params->c_len; i < sizeof kit.c; i++) {
                assert_int_equal(kit.c[i], 0xa5);
            }
        }
    }
}

static void paths_give_the_same_bytes(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        for (int n = 0; n < 10; n++) {
            struct mlkem_shared_key k = {{0}};
            uint8_t c[MLKEM_C_MAX] = {0};

            FOR_EACH_PATH(path)
            {
                struct sponge noise = noise_of("same");

                for (int skip = 0; skip <= n; skip++) {
                    sponge_squeeze(&noise, &kit.seed, sizeof kit.seed);
                }
                make(path, params, &noise);
                if (path == &mlkem_portable) {
                    memcpy(c, kit.c, params->c_len);
                    k = kit.shared;
                }
                assert_memory_equal(kit.c, c, params->c_len);
                assert_memory_equal(kit.shared.k, k.k, sizeof k.k);
            }
        }
    }
}

/* K is J(z || c) (alg. 18 line 7) as soon as one bit of c is another, wherever it is; nettle
 * computes it here. */
static void changed_ciphertexts_give_another_key(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        FOR_EACH_PATH(path)
        {
            struct sponge noise = noise_of("rejection");

            make(path, params, &noise);
            for (size_t i = 0; i < params->c_len; i += i < params->c_len - 9 ? 7 : 1) {
                struct mlkem_shared_key k;
                struct shake256 j;
                uint8_t want[MLKEM_KEY_LEN];

                kit.c[i] ^= (uint8_t)(1u << i % 8);
                k = decapsulate(params);
                shake256_init(&j);
                shake256_update(&j, kit.seed.z, sizeof kit.seed.z);
                shake256_update(&j, kit.c, params->c_len);
                shake256_final(&j, want, sizeof want);
                assert_memory_equal(k.k, want, sizeof want);
                assert_memory_not_equal(k.k, kit.shared.k, sizeof k.k);
                kit.c[i] ^= (uint8_t)(1u << i % 8);
            }
        }
    }
}

/* With another key of the same size a ciphertext is rejected, too. */
static void ciphertexts_belong_to_one_key(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        FOR_EACH_PATH(path)
        {
            struct sponge noise = noise_of("another");
            struct mlkem_shared_key k;
            struct mlkem_seed other;

            make(path, params, &noise);
            sponge_squeeze(&noise, &other, sizeof other);
            mlkem_keygen(path, params, &other, &kit.key_scratch, &kit.decaps, kit.ek);
            k = decapsulate(params);
            assert_memory_not_equal(k.k, kit.shared.k, sizeof k.k);
        }
    }
}

static void other_lengths_are_refused(void **state)
{
    static uint8_t longer[MLKEM_C_MAX + 1];
    static const struct mlkem_shared_key untouched = {{0x5a, 1, 2}};

    (void)state;
    FOR_EACH_SET(params)
    {
        struct sponge noise = noise_of("lengths");

        make(mlkem_best(), params, &noise);
        memcpy(longer, kit.c, params->c_len);
        for (size_t n = 0; n <= params->c_len + 1; n++) {
            struct mlkem_shared_key k = untouched;

            if (n == params->c_len) {
                continue;
            }
            assert_int_equal(
                mlkem_decaps(&kit.decaps, (struct view){longer, n}, &kit.scratch, &k),
                ERR_LENGTH);
            assert_memory_equal(k.k, untouched.k, sizeof k.k);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_get_one_key),
        cmocka_unit_test(paths_give_the_same_bytes),
        cmocka_unit_test(changed_ciphertexts_give_another_key),
        cmocka_unit_test(ciphertexts_belong_to_one_key),
        cmocka_unit_test(other_lengths_are_refused),
    };

    return cmocka_run_group_tests(tests, mlkem_find_paths, NULL);
}
