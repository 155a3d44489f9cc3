#include "crypto/tmldsa/tmldsa_blame.h"

#include "crypto/mldsa/mldsa_round.h"

#include <string.h>

/* (-q/2, q/2), |a| < 4q. */
static int64_t centered(int32_t a)
{
    int32_t v = a % MLDSA_Q;

    v += v < -(MLDSA_Q / 2) ? MLDSA_Q : 0;
    return v - (v > MLDSA_Q / 2 ? MLDSA_Q : 0);
}

/* Row i of the sum of the t_I that party answers for; |coeff| < q. */
static void add_t(const struct tmldsa_params *p, const uint8_t *t, unsigned act, unsigned party,
                  unsigned i, struct tmldsa_blame_scratch *x)
{
    const struct tmldsa_masks all = tmldsa_alloc_all(p);
    const struct tmldsa_masks duty = tmldsa_alloc_duty(p, act, party);

    memset(&x->sum, 0, sizeof x->sum);
    for (unsigned d = 0; d < duty.n; d++) {
        const size_t row = (size_t)tmldsa_alloc_find(&all, duty.mask[d]) * p->set->k + i;

        (void)tmldsa_unpack_t(t + row * TMLDSA_T_POLY_LEN, &x->t);
        for (unsigned j = 0; j < MLDSA_N; j++) {
            x->sum.coeff[j] = (x->sum.coeff[j] + x->t.coeff[j]) % MLDSA_Q;
        }
    }
}

/* z and its hat, with -c behind; nu^2 is not taken off |z|^2, but put on all else. */
static int64_t read_z(const struct tmldsa_public_key *key,
                      const struct tmldsa_response *response, unsigned index,
                      struct tmldsa_combine_scratch *x)
{
    int64_t norm = 0;

    for (unsigned j = 0; j < key->params->set->l; j++) {
        tmldsa_response_z(key, response, index, j, x, &x->z_hat[j]);
        for (unsigned i = 0; i < MLDSA_N; i++) {
            norm += (int64_t)x->z_hat[j].coeff[i] * x->z_hat[j].coeff[i];
        }
        key->path->ring->ntt(&x->z_hat[j]);
    }
    return norm;
}

/* |v|^2 of row i. x->combine.z_hat is that of z, and x->combine.high[0] that of c. */
static int64_t row_norm(const struct tmldsa_public_key *key, const uint8_t *t,
                        const struct tmldsa_session *s, unsigned party, unsigned index,
                        unsigned i, struct tmldsa_blame_scratch *x)
{
    const struct tmldsa_params *p = key->params;
    const struct mldsa_path *ring = key->path->ring;
    struct mldsa_poly *const w = &x->combine.w_sum;
    int64_t norm = 0;

    add_t(p, t, s->act, party, i, x);
    ring->ntt(&x->sum);
    for (unsigned j = 0; j < MLDSA_N; j++) {
        x->sum.coeff[j] = mldsa_center(x->sum.coeff[j]);
    }
    ring->hat_dot(&x->t, &x->combine.high[0], &x->sum, 1);
    ring->ntt_inverse(&x->t);
    ring->hat_dot(&x->combine.w, key->key.rows_hat + i * (p->set->l + (size_t)1),
                  x->combine.z_hat, p->set->l);
    ring->ntt_inverse(&x->combine.w);
    memset(w, 0, sizeof *w);
    (void)tmldsa_pack_add_w(key->path, p->drop, tmldsa_session_w(p, s, party, index, i), w);
    for (unsigned j = 0; j < MLDSA_N; j++) {
        const int64_t v =
            centered(w->coeff[j] * (1 << p->drop) + x->t.coeff[j] - x->combine.w.coeff[j]);

        norm += v * v;
    }
    return norm;
}

/* On both sides of the bound nu^2 is multiplied out: all below 2^61. */
static bool is_wrong(const struct tmldsa_public_key *key, const uint8_t *t,
                     const struct tmldsa_session *s, const struct tmldsa_response *response,
                     unsigned party, unsigned index, struct tmldsa_blame_scratch *x)
{
    const struct tmldsa_params *p = key->params;
    const int64_t r = p->r;
    const int64_t nu_2 = (int64_t)p->nu * p->nu;
    const int64_t bound = p->drop == 0 ? (r + 25) * (r + 25) : r * r / 2500 * 2601; /* 1.02^2 */
    int64_t norm = read_z(key, response, index, &x->combine);

    for (unsigned i = 0; i < p->set->k; i++) {
        norm += nu_2 * row_norm(key, t, s, party, index, i, x);
    }
    return norm > nu_2 * bound;
}

unsigned tmldsa_blame(const struct tmldsa_public_key *key, const uint8_t *t,
                      const struct tmldsa_session *s, const struct tmldsa_response responses[],
                      unsigned index, struct tmldsa_blame_scratch *scratch)
{
    struct tmldsa_combine_scratch *x = &scratch->combine;
    unsigned culprits = 0;

    tmldsa_challenge(key, s, index, 1, &x->challenge, x->c_tilde);
    mldsa_sample_in_ball(key->path->ring, key->params->set, x->c_tilde[0], &x->high[0]);
    key->path->ring->ntt(&x->high[0]);
    for (unsigned party = 0; party < key->params->n; party++) {
        if ((s->act >> party & 1) == 1 && tmldsa_response_has(&responses[party], index) &&
            is_wrong(key, t, s, &responses[party], party, index, scratch)) {
            culprits |= 1u << party;
        }
    }
    return culprits;
}

/* The probability that a ball's point falls into the smaller one: (r / r')^dimension. */
static double acceptance(const struct tmldsa_params *p)
{
    const double ratio = (double)p->r / p->r_prime;
    double chance = 1;

    for (unsigned i = 0; i < tmldsa_dimension(p); i++) {
        chance *= ratio;
    }
    return chance;
}

/* Whether accepted or fewer of n come less than once in a million times. */
static bool too_few(unsigned accepted, unsigned n, double chance)
{
    double term = 1; /* (1 - chance)^n, then the next terms of the binomial distribution */
    double sum;

    for (unsigned i = 0; i < n; i++) {
        term *= 1 - chance;
    }
    sum = term;
    for (unsigned i = 0; i < accepted; i++) {
        term *= (n - i) / (i + 1.0) * chance / (1 - chance);
        sum += term;
    }
    return sum < 1e-6;
}

bool tmldsa_blame_is_odd(const struct tmldsa_params *p, unsigned batches,
                         const struct tmldsa_response *response)
{
    /* seven deviations: a coordinate of y has nu r' / sqrt(dimension + 2) */
    const double bound =
        49.0 * p->nu * p->nu * p->r_prime * p->r_prime / (tmldsa_dimension(p) + 2);

    return too_few(response->accepted, batches * p->repetitions, acceptance(p)) ||
           (double)response->z_max * response->z_max > bound;
}
