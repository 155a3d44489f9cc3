/* tmldsa_sample.h - y of one repetition: a point of the ball of radius r', uniformly, stretched
 * by nu in its part of s1, and rounded last of all.
 *
 * 256 (k + l) + 2 Gaussian numbers give a direction; of the point of that length on the sphere,
 * all coordinates but the last two are uniform in the ball. Nothing is rounded before the end:
 * a direction on a grid would let one response give the share away. */
#ifndef CRYPTO_TMLDSA_TMLDSA_SAMPLE_H
#define CRYPTO_TMLDSA_TMLDSA_SAMPLE_H

#include "crypto/tmldsa/tmldsa_path.h"

/* y, unrounded: l polynomials of y1, then k of y2. Secret. */
struct tmldsa_point {
    alignas(32) double y[TMLDSA_GAUSSIANS_MAX];
};

struct tmldsa_sample_scratch {
    alignas(32) uint64_t u[TMLDSA_GAUSSIANS_MAX];
};

/* y of a repetition of the batch with this seed. The owner wipes both. */
void tmldsa_sample(const struct tmldsa_path *path, const struct tmldsa_params *params,
                   const uint8_t seed[TMLDSA_SEED_LEN], unsigned repetition,
                   struct tmldsa_sample_scratch *scratch, struct tmldsa_point *point);

/* Polynomial i of it. */
static inline const double *tmldsa_point_poly(const struct tmldsa_point *point, unsigned i)
{
    return point->y + (size_t)MLDSA_N * i;
}

#endif
