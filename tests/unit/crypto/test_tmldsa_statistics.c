/* That the numbers of threshold ML-DSA come as often as they should: seeded, so that every run
 * sees the same ones. Without optimisation a tenth is looked at, with tolerances to match. */
#include "testing.h"
#include "tmldsa_kit.h"

#include <math.h>

static const uint8_t seed[32] = {99};

static const struct tmldsa_params *default_set(void)
{
    return tmldsa_params_find(&mldsa_65, 3, 5);
}

/* ---- Box-Muller ---- */

static void gaussians_are_exact(void **state)
{
    static const uint64_t edges[] = {
        0,          1, UINT64_MAX, 1ull << 63, 1ull << 60, (1ull << 61) - 1, (1ull << 60) - 1,
        3ull << 61,
    };
    enum { EDGES = sizeof edges / sizeof edges[0], N = 2 * EDGES * EDGES + 4096 };
    static _Alignas(32) uint64_t u[N];
    static _Alignas(32) double g[2][N];
    uint64_t noise_state = 5;
    long double worst = 0;

    (void)state;
    for (unsigned i = 0; i < N; i++) {
        u[i] = noise(&noise_state);
    }
    for (unsigned i = 0; i < EDGES * EDGES; i++) {
        u[2 * i] = edges[i / EDGES];
        u[2 * i + 1] = edges[i % EDGES];
    }
    tmldsa_portable.gaussians(u, g[0], N);
    if (tmldsa_avx2() != NULL) {
        tmldsa_avx2()->gaussians(u, g[1], N);
        assert_memory_equal(g[0], g[1], sizeof g[0]);
    }
    for (unsigned i = 0; i < N; i += 2) {
        const long double m = sqrtl(-2 * logl(((long double)u[i] + 0.5L) * 0x1p-64L));
        const long double angle = (long double)u[i + 1] * 0x1p-64L * 2 * acosl(-1);
        const long double c = fabsl((long double)g[0][i] - m * cosl(angle));
        const long double s = fabsl((long double)g[0][i + 1] - m * sinl(angle));

        worst = fmaxl(worst, fmaxl(c, s));
    }
    printf("largest error of a Gaussian %.3Lg\n", worst);
    assert_true(worst < 6e-14L);
}

/* ---- y ---- */

struct moments {
    double n, sum, square, fourth;
};

static void add_moment(struct moments *m, double v)
{
    m->n++;
    m->sum += v;
    m->square += v * v;
    m->fourth += v * v * v * v;
}

/* Mean 0, this deviation within half a percent, kurtosis 3 within 0.05 (all of it more with
 * fewer numbers). */
static void check_moments(const struct moments *m, double sd, double slack)
{
    const double variance = m->square / m->n;

    assert_true(fabs(m->sum / m->n) < 5 * sd / sqrt(m->n));
    assert_true(fabs(sqrt(variance) / sd - 1) < 0.005 * slack);
    assert_true(fabs(m->fourth / m->n / (variance * variance) - 3) < 0.05 * slack);
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Kolmogorov and Smirnov: the largest gap to the uniform distribution, at a level of 10^-4. */
static void check_uniform(double *v, unsigned n)
{
    double gap = 0;

    qsort(v, n, sizeof *v, by_size);
    for (unsigned i = 0; i < n; i++) {
        gap = fmax(gap, fmax(fabs(v[i] - (double)i / n), fabs((i + 1.0) / n - v[i])));
    }
    printf("largest gap of the radii %.4f of %u points\n", gap, n);
    assert_true(gap * sqrt(n) < 2.23);
}

static void y_is_uniform_in_the_ball(void **state)
{
    static struct tmldsa_sample_scratch scratch;
    static struct tmldsa_point y;
    static double radius[4000];
    const struct tmldsa_params *p = default_set();
    const unsigned points = mldsa_fast() ? 4000 : 200;
    const double sd = p->r_prime / sqrt(tmldsa_dimension(p) + 2);
    struct moments first = {0};
    struct moments second = {0};
    const uint8_t of[TMLDSA_SEED_LEN] = {3};

    (void)state;
    for (unsigned i = 0; i < points; i++) {
        double norm = 0;

        tmldsa_sample(tmldsa_best(), p, of, i, &scratch, &y);
        for (unsigned j = 0; j < tmldsa_dimension(p); j++) {
            const bool in_first = j < p->set->l * MLDSA_N;

            add_moment(in_first ? &first : &second, y.y[j]);
            norm += y.y[j] * y.y[j] / (in_first ? p->nu * p->nu : 1);
        }
        radius[i] = pow(sqrt(norm) / p->r_prime, tmldsa_dimension(p));
    }
    check_moments(&first, p->nu * sd, mldsa_fast() ? 1 : 2);
    check_moments(&second, sd, mldsa_fast() ? 1 : 2);
    check_uniform(radius, points);
}

/* Batches with another seed, and repetitions of one, have other y. */
static void streams_differ(void **state)
{
    void (*const streams[])(const struct keccak_path *, const uint8_t *, unsigned, uint64_t *,
                            size_t) = {tmldsa_stream, tmldsa_stream_shake};

    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        uint8_t of[TMLDSA_SEED_LEN] = {0};
        _Alignas(32) uint64_t u[3][TMLDSA_LANES];

        streams[kind](&keccak_portable, of, 1, u[0], TMLDSA_LANES);
        streams[kind](&keccak_portable, of, 256, u[1], TMLDSA_LANES);
        of[31] = 1;
        streams[kind](&keccak_portable, of, 1, u[2], TMLDSA_LANES);
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < TMLDSA_LANES; j++) {
                assert_int_not_equal(u[i][j], u[(i + 1) % 3][j]);
            }
        }
    }
}

/* ---- sessions ---- */

struct counts {
    double repetitions, accepted; /* of all signers */
    double sessions, found;
    double hints, hint_ones, hints_kept; /* of indices that all accepted */
};

/* The weight of the hint of an index that all accepted (tmldsa_combine.h), from the definition.
 */
static unsigned hint_weight(struct tmldsa_kit *kit, unsigned index)
{
    const struct mldsa_params *set = kit->params->set;
    const struct mldsa_path *ring = kit->path->ring;
    struct tmldsa_combine_scratch *x = &kit->combine_scratch;
    unsigned ones = 0;

    for (unsigned j = 0; j < set->l; j++) {
        memset(&x->z_hat[j], 0, sizeof x->z_hat[j]);
        FOR_EACH_SIGNER(kit, i)
        {
            tmldsa_response_z(&kit->key, &kit->response[i], index, j, x, &x->one);
            for (unsigned n = 0; n < MLDSA_N; n++) {
                x->z_hat[j].coeff[n] += x->one.coeff[n];
            }
        }
        ring->ntt(&x->z_hat[j]);
    }
    tmldsa_challenge(&kit->key, &kit->session, index, 1, &x->challenge, x->c_tilde);
    mldsa_sample_in_ball(ring, set, x->c_tilde[0], &x->z_hat[set->l]);
    for (unsigned n = 0; n < MLDSA_N; n++) {
        x->z_hat[set->l].coeff[n] *= -1;
    }
    ring->ntt(&x->z_hat[set->l]);
    for (unsigned i = 0; i < set->k; i++) {
        ring->hat_dot(&x->w, kit->key.key.rows_hat + (size_t)i * (set->l + 1), x->z_hat,
                      set->l + 1);
        ring->ntt_inverse(&x->w);
        tmldsa_challenge_w(&kit->key, &kit->session, index, i, &x->w_sum);
        ring->decompose(&x->w, set->gamma2, &x->high[0], &x->low);
        ring->decompose(&x->w_sum, set->gamma2, &x->high[1], &x->low);
        for (unsigned n = 0; n < MLDSA_N; n++) {
            ones += x->high[0].coeff[n] != x->high[1].coeff[n] ? 1u : 0u;
        }
    }
    return ones;
}

static void count_session(struct tmldsa_kit *kit, struct counts *c)
{
    const unsigned indices = tmldsa_session_indices(kit->params, &kit->session);

    c->sessions++;
    c->found += kit->outcome.found ? 1 : 0;
    FOR_EACH_SIGNER(kit, i)
    {
        c->repetitions += indices;
        c->accepted += kit->response[i].accepted;
    }
    for (unsigned index = 0; index < indices; index++) {
        bool all = true;

        FOR_EACH_SIGNER(kit, i)
        {
            all = all && tmldsa_response_has(&kit->response[i], index);
        }
        if (all) {
            const unsigned ones = hint_weight(kit, index);

            c->hints++;
            c->hint_ones += ones;
            c->hints_kept += ones <= kit->params->set->omega ? 1 : 0;
        }
    }
}

static struct counts run_sessions(uint8_t key, unsigned sessions)
{
    const uint8_t dealer[32] = {key};
    struct tmldsa_kit *kit = tmldsa_kit_new(tmldsa_best(), default_set(), 1, dealer);
    struct counts c = {0};

    kit->noise = key;
    for (unsigned i = 0; i < sessions; i++) {
        noise_bytes(&kit->noise, kit->session.mu, sizeof kit->session.mu);
        tmldsa_run(kit, 0x15);
        count_session(kit, &c);
    }
    tmldsa_kit_free(kit);
    return c;
}

/* threshold-ML-DSA's own figures for (3,5) of ML-DSA-65. */
static void sessions_succeed_as_often_as_they_should(void **state)
{
    const unsigned sessions = mldsa_long() ? 2000 : mldsa_fast() ? 1000 : 20;
    const double slack = sqrt(1000.0 / sessions);
    const struct counts c = run_sessions(1, sessions);

    (void)state;
    printf("%.0f sessions: accepted %.4f, signed %.3f, hints %.2f ones, %.3f of them kept\n",
           c.sessions, c.accepted / c.repetitions, c.found / c.sessions, c.hint_ones / c.hints,
           c.hints_kept / c.hints);
    assert_true(fabs(c.accepted / c.repetitions - 0.3007) < 0.010 * fmax(slack / 2, 1));
    assert_true(fabs(c.found / c.sessions - 0.504) < 0.05 * slack);
    assert_true(fabs(c.hint_ones / c.hints - 57.4) < 0.7 * slack);
    assert_true(fabs(c.hints_kept / c.hints - 0.41) < 0.05 * slack);
}

/* Chi-square of two keys, one degree of freedom, at a level of 10^-4. */
static void acceptance_does_not_depend_on_the_key(void **state)
{
    const unsigned sessions = mldsa_fast() ? 150 : 4;
    const struct counts a = run_sessions(2, sessions);
    const struct counts b = run_sessions(3, sessions);
    const double share = (a.accepted + b.accepted) / (a.repetitions + b.repetitions);
    const double off = a.accepted - share * a.repetitions;
    const double chi = 2 * off * off / (a.repetitions * share * (1 - share));

    (void)state;
    printf("accepted %.4f and %.4f: chi-square %.2f\n", a.accepted / a.repetitions,
           b.accepted / b.repetitions, chi);
    assert_true(chi < 15.1);
}

/* c s1 of signer 0 in a session, for an index. */
static void c_times_s1(struct tmldsa_kit *kit, unsigned index, const struct tmldsa_duty *duty,
                       unsigned j, struct mldsa_poly *out)
{
    struct tmldsa_combine_scratch *x = &kit->combine_scratch;
    const struct mldsa_path *ring = kit->path->ring;

    tmldsa_challenge(&kit->key, &kit->session, index, 1, &x->challenge, x->c_tilde);
    mldsa_sample_in_ball(ring, kit->params->set, x->c_tilde[0], &x->one);
    ring->ntt(&x->one);
    ring->hat_dot(out, &x->one, &duty->s1_hat[j], 1);
    ring->ntt_inverse(out);
    for (unsigned n = 0; n < MLDSA_N; n++) {
        out->coeff[n] = (out->coeff[n] + MLDSA_Q) % MLDSA_Q;
        out->coeff[n] -= out->coeff[n] > MLDSA_Q / 2 ? MLDSA_Q : 0;
    }
}

/* What is accepted has nothing to do with c s. */
static void accepted_z_are_not_correlated_with_the_secret(void **state)
{
    struct tmldsa_kit *kit = tmldsa_kit_new(tmldsa_best(), default_set(), 1, seed);
    const unsigned sessions = mldsa_fast() ? 100 : 3;
    static struct tmldsa_duty duty;
    double product = 0;
    double z_square = 0;
    double v_square = 0;
    double n = 0;

    (void)state;
    tmldsa_share_sum(&kit->share[0], 0x15, &duty);
    for (unsigned i = 0; i < sessions; i++) {
        tmldsa_run(kit, 0x15);
        for (unsigned index = 0; index < tmldsa_session_indices(kit->params, &kit->session);
             index++) {
            for (unsigned j = 0; j < mldsa_65.l; j++) {
                struct mldsa_poly v;
                struct mldsa_poly z;

                if (!tmldsa_response_has(&kit->response[0], index)) {
                    continue;
                }
                c_times_s1(kit, index, &duty, j, &v);
                tmldsa_response_z(&kit->key, &kit->response[0], index, j, &kit->combine_scratch,
                                  &z);
                for (unsigned c = 0; c < MLDSA_N; c++, n++) {
                    product += (double)z.coeff[c] * v.coeff[c];
                    z_square += (double)z.coeff[c] * z.coeff[c];
                    v_square += (double)v.coeff[c] * v.coeff[c];
                }
            }
        }
    }
    printf("correlation %.6f of %.0f coefficients, sd of c s1 %.1f\n",
           product / sqrt(z_square * v_square), n, sqrt(v_square / n));
    assert_true(v_square / n > 1000); /* it is c s1 that was looked at */
    assert_true(fabs(product / sqrt(z_square * v_square)) < 4 / sqrt(n));
    tmldsa_kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaussians_are_exact),
        cmocka_unit_test(y_is_uniform_in_the_ball),
        cmocka_unit_test(streams_differ),
        cmocka_unit_test(sessions_succeed_as_often_as_they_should),
        cmocka_unit_test(acceptance_does_not_depend_on_the_key),
        cmocka_unit_test(accepted_z_are_not_correlated_with_the_secret),
    };
    return cmocka_run_group_tests(tests, mldsa_find_paths, NULL);
}
