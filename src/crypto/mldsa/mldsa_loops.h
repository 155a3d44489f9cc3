/* mldsa_loops.h - the functions of a path that are plain loops over coefficients. The text is
 * compiled once for each path: the compiler makes vectors of it where it may use AVX2. */
#ifndef CRYPTO_MLDSA_MLDSA_LOOPS_H
#define CRYPTO_MLDSA_MLDSA_LOOPS_H

#include "crypto/mldsa/mldsa_poly.h"
#include "crypto/mldsa/mldsa_round.h"

static uint32_t add_small(struct mldsa_poly *restrict r, const struct mldsa_poly *restrict a,
                          int32_t bound)
{
    uint32_t over = 0;

    for (int i = 0; i < MLDSA_N; i++) {
        const int32_t v = mldsa_center(r->coeff[i] + a->coeff[i]);

        r->coeff[i] = v;
        over |= mldsa_reaches(v, bound);
    }
    return over;
}

static uint32_t sub_small(struct mldsa_poly *restrict r, const struct mldsa_poly *restrict a,
                          int32_t bound)
{
    uint32_t over = 0;

    for (int i = 0; i < MLDSA_N; i++) {
        const int32_t v = mldsa_center(r->coeff[i] - a->coeff[i]);

        r->coeff[i] = v;
        over |= mldsa_reaches(v, bound);
    }
    return over;
}

static uint32_t norm_reaches(const struct mldsa_poly *a, int32_t bound)
{
    uint32_t over = 0;

    for (int i = 0; i < MLDSA_N; i++) {
        over |= mldsa_reaches(mldsa_center(a->coeff[i]), bound);
    }
    return over;
}

/* gamma2 as a constant of each loop. */
ALWAYS_INLINE void decompose_by(const struct mldsa_poly *restrict r, int32_t gamma2,
                                struct mldsa_poly *restrict r1, struct mldsa_poly *restrict r0)
{
    for (int i = 0; i < MLDSA_N; i++) {
        int32_t low;

        r1->coeff[i] = mldsa_decompose(mldsa_canonical(r->coeff[i]), gamma2, &low);
        r0->coeff[i] = low;
    }
}

static void decompose(const struct mldsa_poly *r, int32_t gamma2, struct mldsa_poly *r1,
                      struct mldsa_poly *r0)
{
    if (gamma2 == (MLDSA_Q - 1) / 32) {
        decompose_by(r, (MLDSA_Q - 1) / 32, r1, r0);
    } else {
        decompose_by(r, (MLDSA_Q - 1) / 88, r1, r0);
    }
}

ALWAYS_INLINE void use_hint_by(struct mldsa_poly *restrict r, int32_t gamma2,
                               const uint8_t *restrict hint)
{
    for (int i = 0; i < MLDSA_N; i++) {
        r->coeff[i] = mldsa_use_hint(mldsa_canonical(r->coeff[i]), gamma2, hint[i]);
    }
}

static void use_hint(struct mldsa_poly *r, int32_t gamma2, const uint8_t hint[MLDSA_N])
{
    if (gamma2 == (MLDSA_Q - 1) / 32) {
        use_hint_by(r, (MLDSA_Q - 1) / 32, hint);
    } else {
        use_hint_by(r, (MLDSA_Q - 1) / 88, hint);
    }
}

#endif
