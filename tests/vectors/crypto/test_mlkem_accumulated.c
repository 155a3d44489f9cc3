/* Keys, encapsulations and rejections of ML-KEM-768 from one stream of noise, hashed: the known
 * answers that the tests of Go's crypto/mlkem and of the KEMs after it share. SHAKE128 of the
 * empty string gives d, z, m and a ciphertext that is noise; another SHAKE128 takes ek, c, K
 * and what the noise decapsulates to. */
#include "mlkem_kit.h"
#include "testing.h"

#include "base/hex.h"

#include <stdlib.h>

static struct mlkem_kit kit;

struct answer {
    unsigned rounds;
    const char *hash;
};

/* As many rounds as are bearable here. */
static struct answer choose(void)
{
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
    const char *value = getenv("QUORATE_LONG");

    if (value != NULL && strcmp(value, "1") == 0) {
        return (struct answer){
            1000000, "424bf8f0e8ae99b78d788a6e2e8e9cdaf9773fc0c08a6f433507cb559edfd0f0"};
    }
    return (struct answer){10000,
                           "8a518cc63da366322a8e7a818c7a0d63483cb3528d34a4cf42f35d5ad73f22fc"};
#else
    return (struct answer){100,
                           "1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415"};
#endif
}

static void round_trip(const struct mlkem_path *path, struct sponge *noise, struct sponge *sum)
{
    const struct mlkem_params *params = &mlkem_768;
    struct mlkem_shared_key again;
    const struct view ek = {kit.ek, params->ek_len};
    const struct view c = {kit.c, params->c_len};

    sponge_squeeze(noise, &kit.seed, sizeof kit.seed);
    mlkem_keygen(path, params, &kit.seed, &kit.key_scratch, &kit.decaps, kit.ek);
    sponge_absorb(sum, ek.p, ek.n);
    sponge_squeeze(noise, &kit.m, sizeof kit.m);
    assert_int_equal(mlkem_encaps_key_parse(path, params, ek, &kit.key_scratch, &kit.encaps),
                     ERR_OK);
    mlkem_encaps(&kit.encaps, &kit.m, &kit.scratch, kit.c, &kit.shared);
    sponge_absorb(sum, c.p, c.n);
    sponge_absorb(sum, kit.shared.k, sizeof kit.shared.k);
    assert_int_equal(mlkem_decaps(&kit.decaps, c, &kit.scratch, &again), ERR_OK);
    assert_memory_equal(again.k, kit.shared.k, sizeof again.k);
    sponge_squeeze(noise, kit.c, params->c_len);
    assert_int_equal(mlkem_decaps(&kit.decaps, c, &kit.scratch, &kit.shared), ERR_OK);
    sponge_absorb(sum, kit.shared.k, sizeof kit.shared.k);
}

static void sums_are_the_known_ones(void **state)
{
    const struct answer answer = choose();

    (void)state;
    FOR_EACH_PATH(path)
    {
        struct sponge noise;
        struct sponge sum;
        uint8_t hash[32];
        char text[2 * sizeof hash + 1];

        sponge_init(&noise, path->keccak, SPONGE_SHAKE128);
        sponge_init(&sum, path->keccak, SPONGE_SHAKE128);
        for (unsigned i = 0; i < answer.rounds; i++) {
            round_trip(path, &noise, &sum);
        }
        sponge_squeeze(&sum, hash, sizeof hash);
        hex_write((struct view){hash, sizeof hash}, text);
        assert_string_equal(text, answer.hash);
        print_message("%s: %u rounds\n", path->name, answer.rounds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_the_known_ones),
    };

    return cmocka_run_group_tests(tests, mlkem_find_paths, NULL);
}
