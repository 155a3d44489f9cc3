#include "mlkem_kit.h"
#include "testing.h"

#define Q MLKEM_Q

static struct mlkem_sampler sampler;

/* SampleNTT (alg. 7) of rho, j, i, from a stream of its own; *bytes is what it read. */
static void sample_plainly(const uint8_t *rho, unsigned j, unsigned i, struct mlkem_poly *a,
                           unsigned *bytes)
{
    const uint8_t place[2] = {(uint8_t)j, (uint8_t)i};
    struct sponge s;
    unsigned have = 0;

    sponge_init(&s, &keccak_portable, SPONGE_SHAKE128);
    sponge_absorb(&s, rho, MLKEM_SEED_LEN);
    sponge_absorb(&s, place, sizeof place);
    for (*bytes = 0; have < MLKEM_N; *bytes += 3) {
        uint8_t c[3];

        sponge_squeeze(&s, c, sizeof c);
        for (int half = 0; half < 2; half++) {
            const int v = half == 0 ? c[0] + 256 * (c[1] % 16) : c[1] / 16 + 16 * c[2];

            if (v < Q && have < MLKEM_N) {
                a->coeff[have++] = (int16_t)v;
            }
        }
    }
}

/* A sampled four at a time is A sampled one by one, in every size. Among so many some need a
 * fourth block: they are counted. */
static void a_is_sampled_entry_by_entry(void **state)
{
    static struct mlkem_poly a_hat[MLKEM_K_MAX * MLKEM_K_MAX];

    (void)state;
    FOR_EACH_PATH(path)
    {
        struct sponge noise = noise_of("rho");
        unsigned longer = 0;

        for (int n = 0; n < 60; n++) {
            const struct mlkem_params *params = mlkem_sets[n % 3];
            uint8_t rho[MLKEM_SEED_LEN];

            sponge_squeeze(&noise, rho, sizeof rho);
            mlkem_expand_a(path, params, rho, &sampler, a_hat);
            for (unsigned e = 0; e < params->k * params->k; e++) {
                struct mlkem_poly want;
                unsigned bytes;

                sample_plainly(rho, e % params->k, e / params->k, &want, &bytes);
                longer += bytes > MLKEM_SAMPLE_BLOCKS * SHAKE128_RATE;
                assert_memory_equal(&a_hat[e], &want, sizeof want);
            }
        }
        assert_true(longer > 0);
    }
}

/* PRF_eta(seed, N), 4.1, one by one. */
static void errors_are_sampled_one_by_one(void **state)
{
    (void)state;
    FOR_EACH_PATH(path)
    {
        struct sponge noise = noise_of("sigma");

        for (unsigned n = 0; n < 40; n++) {
            const unsigned eta = 2 + n % 2;
            const unsigned count = 1 + n % 9;
            struct mlkem_poly got[9];
            uint8_t seed[MLKEM_SEED_LEN];

            sponge_squeeze(&noise, seed, sizeof seed);
            mlkem_sample_cbd(path, seed, n % 5, eta, &sampler, got, count);
            for (unsigned i = 0; i < count; i++) {
                const uint8_t number = (uint8_t)(n % 5 + i);
                uint8_t bytes[64 * 3 + MLKEM_SLACK];
                struct mlkem_poly want;
                struct sponge s;

                sponge_init(&s, &keccak_portable, SPONGE_SHAKE256);
                sponge_absorb(&s, seed, sizeof seed);
                sponge_absorb(&s, &number, 1);
                sponge_squeeze(&s, bytes, (size_t)64 * eta);
                path->cbd(bytes, eta, &want);
                assert_memory_equal(&got[i], &want, sizeof want);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_is_sampled_entry_by_entry),
        cmocka_unit_test(errors_are_sampled_one_by_one),
    };

    return cmocka_run_group_tests(tests, mlkem_find_paths, NULL);
}
