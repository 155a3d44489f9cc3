#include "crypto/tmldsa/tmldsa_params.h"

/* As published with the reference implementation (params/hyperball.sage and the tables of each
 * level); most follow from one formula, which tests/unit/crypto/test_tmldsa_params.c
 * recomputes. */
#define SET(s, nu_, t_, n_, k_, r_, r_prime_)                                \
    {                                                                        \
        .set = &(s), .t = (t_), .n = (n_), .nu = (nu_), .drop = TMLDSA_DROP, \
        .repetitions = (k_), .r = (r_), .r_prime = (r_prime_)                \
    }
#define OF_44(...) SET(mldsa_44, 3, __VA_ARGS__)
#define OF_65(...) SET(mldsa_65, 6, __VA_ARGS__)
#define OF_87(...) SET(mldsa_87, 7, __VA_ARGS__)

static const struct tmldsa_params sets[] = {
    OF_44(2, 2, 2, 252778, 252833),   OF_44(2, 3, 3, 310060, 310138),
    OF_44(3, 3, 4, 246490, 246546),   OF_44(2, 4, 3, 305919, 305997),
    OF_44(3, 4, 7, 279235, 279314),   OF_44(4, 4, 8, 243463, 243519),
    OF_44(2, 5, 3, 285363, 285459),   OF_44(3, 5, 14, 282800, 282912),
    OF_44(4, 5, 30, 259427, 259526),  OF_44(5, 5, 16, 239924, 239981),
    OF_44(2, 6, 4, 300265, 300362),   OF_44(3, 6, 19, 277014, 277139),
    OF_44(4, 6, 74, 268705, 268831),  OF_44(5, 6, 100, 250590, 250686),
    OF_44(6, 6, 37, 219245, 219301),

    OF_65(2, 2, 3, 501495, 501613),   OF_65(2, 3, 5, 540212, 540378),
    OF_65(3, 3, 9, 510387, 510504),   OF_65(2, 4, 6, 540212, 540378),
    OF_65(3, 4, 20, 506761, 506928),  OF_65(4, 4, 26, 433594, 433711),
    OF_65(2, 5, 8, 552371, 552575),   OF_65(3, 5, 62, 552909, 553145),
    OF_65(4, 5, 205, 474331, 474535), OF_65(5, 5, 78, 425914, 426032),
    OF_65(2, 6, 8, 571208, 571412),   OF_65(3, 6, 95, 536793, 537058),
    OF_65(4, 6, 804, 488704, 488969), OF_65(5, 6, 1200, 461324, 461529),
    OF_65(6, 6, 250, 414896, 415013),

    OF_87(2, 2, 3, 503119, 503192),   OF_87(2, 3, 4, 631601, 631703),
    OF_87(3, 3, 6, 483107, 483180),   OF_87(2, 4, 4, 632903, 633006),
    OF_87(3, 4, 11, 551752, 551854),  OF_87(4, 4, 14, 487958, 488031),
    OF_87(2, 5, 5, 607694, 607820),   OF_87(3, 5, 26, 577400, 577546),
    OF_87(4, 5, 70, 518384, 518510),  OF_87(5, 5, 35, 468214, 468287),
    OF_87(2, 6, 5, 665106, 665232),   OF_87(3, 6, 39, 577541, 577704),
    OF_87(4, 6, 208, 517689, 517853), OF_87(5, 6, 295, 479692, 479819),
    OF_87(6, 6, 87, 424124, 424197),
};

const struct tmldsa_params *tmldsa_params_find(const struct mldsa_params *set, unsigned t,
                                               unsigned n)
{
    for (unsigned i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        if (sets[i].set == set && sets[i].t == t && sets[i].n == n) {
            return &sets[i];
        }
    }
    return NULL;
}

unsigned tmldsa_subsets(const struct tmldsa_params *p)
{
    unsigned c = 1;

    for (unsigned i = 1; i < p->t; i++) { /* exact at each step: C(n, i) */
        c = c * (p->n + 1u - i) / i;
    }
    return c;
}

unsigned tmldsa_load(const struct tmldsa_params *p)
{
    return (tmldsa_subsets(p) + p->t - 1) / p->t;
}
