#include "crypto/mlkem/mlkem_sample.h"

#include <string.h>

/* Starts four streams on n bytes of each seed and takes count blocks of each. */
static void start(const struct mlkem_path *path, enum sponge_kind kind, size_t n,
                  unsigned count, struct mlkem_sampler *x)
{
    sponge_x4_start_rows(&x->x4, path->keccak, kind, x->seed[0], sizeof x->seed[0], n);
    sponge_x4_squeeze_rows(&x->x4, x->bytes[0], sizeof x->bytes[0], count);
}

/* SampleNTT (alg. 7) of the first count streams. */
static void fill(const struct mlkem_path *path, struct mlkem_sampler *sampler,
                 struct mlkem_poly *to, unsigned count)
{
    size_t n = (size_t)MLKEM_SAMPLE_BLOCKS * SHAKE128_RATE;
    unsigned have[4] = {0};
    unsigned full;

    for (;;) {
        full = 0;
        for (unsigned j = 0; j < count; j++) {
            have[j] = path->take_uniform(&to[j], have[j], sampler->bytes[j], n);
            full += have[j] / MLKEM_N;
        }
        if (full == count) {
            return;
        }
        sponge_x4_squeeze_rows(&sampler->x4, sampler->bytes[0], sizeof sampler->bytes[0], 1);
        n = SHAKE128_RATE;
    }
}

void mlkem_expand_a(const struct mlkem_path *path, const struct mlkem_params *params,
                    const uint8_t rho[MLKEM_SEED_LEN], struct mlkem_sampler *sampler,
                    struct mlkem_poly *a_hat)
{
    const unsigned entries = params->k * params->k;

    for (unsigned first = 0; first < entries; first += 4) {
        const unsigned count = entries - first < 4 ? entries - first : 4;

        for (unsigned e = first; e < first + 4; e++) { /* past the end: a lane without use */
            uint8_t *seed = sampler->seed[e - first];

            memcpy(seed, rho, MLKEM_SEED_LEN);
            seed[MLKEM_SEED_LEN] = (uint8_t)(e % params->k); /* j before i, alg. 13 line 5 */
            seed[MLKEM_SEED_LEN + 1] = (uint8_t)(e / params->k);
        }
        start(path, SPONGE_SHAKE128, MLKEM_SEED_LEN + 2, MLKEM_SAMPLE_BLOCKS, sampler);
        fill(path, sampler, a_hat + first, count);
    }
}

void mlkem_sample_cbd(const struct mlkem_path *path, const uint8_t seed[MLKEM_SEED_LEN],
                      unsigned first, unsigned eta, struct mlkem_sampler *sampler,
                      struct mlkem_poly *to, unsigned count)
{
    for (unsigned done = 0; done < count; done += 4) {
        for (unsigned j = 0; j < 4; j++) {
            memcpy(sampler->seed[j], seed, MLKEM_SEED_LEN);
            sampler->seed[j][MLKEM_SEED_LEN] = (uint8_t)(first + done + j);
        }
        start(path, SPONGE_SHAKE256, MLKEM_SEED_LEN + 1,
              (64 * eta + SHAKE256_RATE - 1) / SHAKE256_RATE, sampler);
        for (unsigned j = 0; j < 4 && done + j < count; j++) {
            path->cbd(sampler->bytes[j], eta, &to[done + j]);
        }
    }
}
