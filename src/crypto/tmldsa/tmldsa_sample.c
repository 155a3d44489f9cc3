#include "crypto/tmldsa/tmldsa_sample.h"

#include <assert.h>

void tmldsa_sample(const struct tmldsa_path *path, const struct tmldsa_params *params,
                   const uint8_t seed[TMLDSA_SEED_LEN], unsigned repetition,
                   struct tmldsa_sample_scratch *scratch, struct tmldsa_point *point)
{
    const size_t dimension = tmldsa_dimension(params);
    const size_t first = (size_t)params->set->l * MLDSA_N; /* coordinates of y1 */
    const size_t made = dimension + TMLDSA_LANES; /* two more, and some to fill the lanes */
    double f;

    assert(made <= sizeof point->y / sizeof point->y[0]);
    path->stream(path->ring->keccak, seed, repetition, scratch->u, made);
    path->gaussians(scratch->u, point->y, made);
    for (size_t i = dimension + 2; i < made; i++) {
        point->y[i] = 0;
    }
    f = params->r_prime / __builtin_sqrt(path->square_sum(point->y, made));
    path->scale(point->y, f * params->nu, first);
    path->scale(point->y + first, f, dimension - first);
}
