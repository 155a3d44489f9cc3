/* tmldsa_params.h - the parameter sets of threshold ML-DSA (Celi, del Pino, Espitau, Niot,
 * Prest, "Efficient Threshold ML-DSA", ePrint 2026/013), for T of N parties, 2 <= T <= N <= 6.
 *
 * T = N = 1 is not among them: that is ML-DSA itself (mldsa.h).
 *
 * What a signer adds to its part of y is a point of a ball; what it answers is kept if it lies
 * in a smaller ball. Radii are of norms in which the part of s1 counts by 1/nu. */
#ifndef CRYPTO_TMLDSA_TMLDSA_PARAMS_H
#define CRYPTO_TMLDSA_TMLDSA_PARAMS_H

#include "crypto/mldsa/mldsa_params.h"

/* Largest of all sets: sizes of the arrays. */
#define TMLDSA_PARTIES_MAX 6
#define TMLDSA_SUBSETS_MAX 20       /* C(6, 3): (4,6) */
#define TMLDSA_HELD_MAX 10          /* C(5, 2): (3,6) and (4,6) */
#define TMLDSA_LOAD_MAX 5           /* ceil(C(N, T-1) / T): (3,6) and (4,6) */
#define TMLDSA_REPETITIONS_MAX 1200 /* (5,6) of ML-DSA-65 */
#define TMLDSA_BATCHES_MAX 4        /* batches of one signer in one session */

/* Low bits of w that a signer leaves out. All signers use one value; it is in every commitment.
 * 0 is for known answers. */
#define TMLDSA_DROP 11

struct tmldsa_params {
    const struct mldsa_params *set;
    uint8_t t, n;         /* signers, parties */
    uint8_t nu;           /* stretch of the s1 part */
    uint8_t drop;         /* TMLDSA_DROP */
    uint16_t repetitions; /* K: run side by side in one batch */
    int32_t r;            /* accepted within */
    int32_t r_prime;      /* sampled within */
};

/* The set of t of n; NULL: there is none. */
const struct tmldsa_params *tmldsa_params_find(const struct mldsa_params *set, unsigned t,
                                               unsigned n);

/* The dimension of y: (k + l) 256. */
static inline unsigned tmldsa_dimension(const struct tmldsa_params *p)
{
    return (p->set->k + p->set->l) * MLDSA_N;
}

/* C(N, T-1), the subsets that have a secret of their own. */
unsigned tmldsa_subsets(const struct tmldsa_params *p);

/* ceil(C(N, T-1) / T), the most subsets that one signer answers for. */
unsigned tmldsa_load(const struct tmldsa_params *p);

#endif
