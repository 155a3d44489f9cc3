#include "mlkem_kit.h"
#include "testing.h"

#include "crypto/hash.h"

#define Q MLKEM_Q

static struct mlkem_kit kit;

static bool all_zero(const void *p, size_t n)
{
    const uint8_t *bytes = p;

    return bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0;
}

/* A key pair in the kit, with both encodings. */
static void make(const struct mlkem_path *path, const struct mlkem_params *params)
{
    struct sponge noise = noise_of(params->name);

    sponge_squeeze(&noise, &kit.seed, sizeof kit.seed);
    memset(&kit.decaps, 0xa5, sizeof kit.decaps);
    memset(&kit.key_scratch, 0xa5, sizeof kit.key_scratch);
    mlkem_keygen(path, params, &kit.seed, &kit.key_scratch, &kit.decaps, kit.ek);
    mlkem_decaps_key_encode(&kit.decaps, kit.dk);
}

/* *key is full before and zero after a refusal; the scratch is erased either way. */
static enum err parse_ek(const struct mlkem_path *path, const struct mlkem_params *params,
                         const uint8_t *ek, size_t n)
{
    enum err e;

    memset(&kit.encaps, 0xa5, sizeof kit.encaps);
    memset(&kit.key_scratch, 0xa5, sizeof kit.key_scratch);
    e = mlkem_encaps_key_parse(path, params, (struct view){ek, n}, &kit.key_scratch,
                               &kit.encaps);
    assert_int_equal(all_zero(&kit.encaps, sizeof kit.encaps), e != ERR_OK);
    assert_true(all_zero(&kit.key_scratch, sizeof kit.key_scratch));
    return e;
}

static enum err parse_dk(const struct mlkem_path *path, const struct mlkem_params *params,
                         const uint8_t *dk, size_t n)
{
    enum err e;

    memset(&kit.decaps, 0xa5, sizeof kit.decaps);
    memset(&kit.key_scratch, 0xa5, sizeof kit.key_scratch);
    e = mlkem_decaps_key_parse(path, params, (struct view){dk, n}, &kit.key_scratch,
                               &kit.decaps);
    assert_int_equal(all_zero(&kit.decaps, sizeof kit.decaps), e != ERR_OK);
    assert_true(all_zero(&kit.key_scratch, sizeof kit.key_scratch));
    return e;
}

static void lengths_are_those_of_the_standard(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        assert_int_equal(params->ek_len, 384 * params->k + 32);
        assert_int_equal(params->dk_len, 768 * params->k + 96);
        assert_int_equal(params->c_len, 32 * (params->du * params->k + params->dv));
        assert_true(params->ek_len <= MLKEM_EK_MAX && params->dk_len <= MLKEM_DK_MAX &&
                    params->c_len <= MLKEM_C_MAX && params->k <= MLKEM_K_MAX);
    }
}

/* Every path makes the same key; the parts of dk are where alg. 16 puts them. */
static void keys_have_their_parts(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        uint8_t first[MLKEM_DK_MAX];

        FOR_EACH_PATH(path)
        {
            const uint8_t *ek = kit.dk + 384 * (size_t)params->k;
            uint8_t h[HASH_MAX];

            make(path, params);
            assert_true(all_zero(&kit.key_scratch, sizeof kit.key_scratch));
            assert_memory_equal(ek, kit.ek, params->ek_len);
            hash_once(HASH_SHA3_256, (struct view){kit.ek, params->ek_len}, h);
            assert_memory_equal(ek + params->ek_len, h, MLKEM_HASH_LEN);
            assert_memory_equal(ek + params->ek_len + 32, kit.seed.z, MLKEM_SEED_LEN);
            if (path == &mlkem_portable) {
                memcpy(first, kit.dk, sizeof first);
            }
            assert_memory_equal(kit.dk, first, params->dk_len);
        }
    }
}

static void keys_survive_encoding(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        FOR_EACH_PATH(path)
        {
            uint8_t again[MLKEM_DK_MAX + 1];

            make(path, params);
            assert_int_equal(parse_ek(path, params, kit.ek, params->ek_len), ERR_OK);
            memset(again, 0xa5, sizeof again);
            mlkem_encaps_key_encode(&kit.encaps, again);
            assert_memory_equal(again, kit.ek, params->ek_len);
            assert_int_equal(again[params->ek_len], 0xa5);
            assert_int_equal(parse_dk(path, params, kit.dk, params->dk_len), ERR_OK);
            memset(again, 0xa5, sizeof again);
            mlkem_decaps_key_encode(&kit.decaps, again);
            assert_memory_equal(again, kit.dk, params->dk_len);
            assert_int_equal(again[params->dk_len], 0xa5);
            assert_memory_equal(&kit.decaps.encaps.a_hat, &kit.encaps.a_hat,
                                params->k * params->k * sizeof(struct mlkem_poly));
        }
    }
}

static void other_lengths_are_refused(void **state)
{
    static uint8_t longer[MLKEM_DK_MAX + 1];
    const struct mlkem_path *path = mlkem_best();

    (void)state;
    FOR_EACH_SET(params)
    {
        make(path, params);
        memcpy(longer, kit.ek, params->ek_len);
        for (size_t n = 0; n <= params->ek_len + 1; n++) {
            assert_int_equal(parse_ek(path, params, longer, n),
                             n == params->ek_len ? ERR_OK : ERR_LENGTH);
        }
        memcpy(longer, kit.dk, params->dk_len);
        for (size_t n = 0; n <= params->dk_len + 1; n++) {
            assert_int_equal(parse_dk(path, params, longer, n),
                             n == params->dk_len ? ERR_OK : ERR_LENGTH);
        }
    }
}

/* Number i of 12 bits becomes v. */
static void put_number(uint8_t *at, unsigned i, unsigned v)
{
    uint8_t *three = at + (size_t)i / 2 * 3;

    if (i % 2 == 0) {
        three[0] = (uint8_t)v;
        three[1] = (uint8_t)((three[1] & 0xf0) | v >> 8);
    } else {
        three[1] = (uint8_t)((three[1] & 0x0f) | v << 4);
        three[2] = (uint8_t)(v >> 4);
    }
}

/* The modulus check, at every number of t, and of s; q - 1 passes it. */
static void numbers_of_q_and_more_are_refused(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        FOR_EACH_PATH(path)
        {
            uint8_t key[MLKEM_DK_MAX];

            make(path, params);
            for (unsigned i = 0; i < params->k * MLKEM_N; i++) {
                const unsigned v = i % 3 == 0 ? Q : i % 3 == 1 ? Q + i : 4095;

                memcpy(key, kit.ek, params->ek_len);
                put_number(key, i, v < 4096 ? v : 4095);
                assert_int_equal(parse_ek(path, params, key, params->ek_len), ERR_RANGE);
                memcpy(key, kit.dk, params->dk_len);
                put_number(key, i, v < 4096 ? v : 4095);
                assert_int_equal(parse_dk(path, params, key, params->dk_len), ERR_RANGE);
            }
            memcpy(key, kit.ek, params->ek_len);
            put_number(key, 77, Q - 1);
            assert_int_equal(parse_ek(path, params, key, params->ek_len), ERR_OK);
            memcpy(key, kit.dk, params->dk_len);
            put_number(key, 77, Q - 1);
            assert_int_equal(parse_dk(path, params, key, params->dk_len), ERR_OK);
            put_number(key, params->k * MLKEM_N + 5, Q);
            assert_int_equal(parse_dk(path, params, key, params->dk_len), ERR_RANGE);
        }
    }
}

/* The hash check: a bit of ek or of its hash that is another. A t that the modulus check
 * refuses has its own error. */
static void keys_of_another_hash_are_refused(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        const size_t ek_at = 384 * (size_t)params->k;
        const size_t z_at = params->dk_len - MLKEM_SEED_LEN;
        size_t mismatches = 0;

        make(mlkem_best(), params);
        for (size_t i = ek_at; i < params->dk_len; i++) {
            enum err e;

            kit.dk[i] ^= (uint8_t)(1u << i % 8);
            e = parse_dk(mlkem_best(), params, kit.dk, params->dk_len);
            kit.dk[i] ^= (uint8_t)(1u << i % 8);
            if (i >= z_at) {
                assert_int_equal(e, ERR_OK);
            } else if (e != ERR_RANGE || i >= ek_at + params->ek_len - MLKEM_SEED_LEN) {
                assert_int_equal(e, ERR_MISMATCH);
                mismatches++;
            }
        }
        assert_true(mismatches > params->ek_len / 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_are_those_of_the_standard),
        cmocka_unit_test(keys_have_their_parts),
        cmocka_unit_test(keys_survive_encoding),
        cmocka_unit_test(other_lengths_are_refused),
        cmocka_unit_test(numbers_of_q_and_more_are_refused),
        cmocka_unit_test(keys_of_another_hash_are_refused),
    };

    return cmocka_run_group_tests(tests, mlkem_find_paths, NULL);
}
