/* tmldsa_loops.h - what mldsa_loops.h is, for the loops of struct tmldsa_path. */
#ifndef CRYPTO_TMLDSA_TMLDSA_LOOPS_H
#define CRYPTO_TMLDSA_TMLDSA_LOOPS_H

#include "crypto/mldsa/mldsa_round.h"
#include "crypto/tmldsa/tmldsa_path.h"

/* From |a| < 2q to [0, q). */
ALWAYS_INLINE int32_t reduce_twice(int32_t a)
{
    a += mldsa_negative(a) & MLDSA_Q;
    a += mldsa_negative(a) & MLDSA_Q;
    return mldsa_canonical(mldsa_canonical(a - MLDSA_Q) - MLDSA_Q);
}

/* drop as a constant of each loop. */
ALWAYS_INLINE void drop_bits_by(struct mldsa_poly *restrict w,
                                const struct mldsa_poly *restrict y2, unsigned drop)
{
    for (int i = 0; i < MLDSA_N; i++) {
        const int32_t v = reduce_twice(w->coeff[i] + y2->coeff[i]);

        w->coeff[i] = drop == 0 ? v : (v + (1 << (drop - 1))) >> drop;
    }
}

static void drop_bits(struct mldsa_poly *w, const struct mldsa_poly *y2, unsigned drop)
{
    if (drop == TMLDSA_DROP) {
        drop_bits_by(w, y2, TMLDSA_DROP);
    } else {
        drop_bits_by(w, y2, 0);
    }
}

#endif
