/* The tables of threshold ML-DSA against the formulas that they come from, and the division of
 * subsets for every quorum there is. */
#include "mldsa_kit.h"
#include "testing.h"

#include "crypto/tmldsa/tmldsa_alloc.h"

#include <math.h>

#define FOR_EACH_QUORUM(p, act)                       \
    for (unsigned act = 0; act < 1u << (p)->n; act++) \
        if (tmldsa_alloc_is_quorum(p, act))

/* log2 of the inverse of the probability that all accept, as designed: by N, then T from 2. */
static const double designed[3][5][5] = {
    {{1.3}, {1.5, 2}, {1.5, 2.5, 2.7}, {2, 3.5, 4.5, 3.5}, {1.9, 4, 5.5, 5.7, 4.5}},
    {{1.9}, {2.5, 2.8}, {2.5, 4, 4.4}, {3, 5.2, 7, 5.6}, {2.9, 6, 8.8, 9, 6.9}},
    {{1.6}, {1.8, 2.5}, {1.8, 3.1, 3.3}, {2.3, 4.2, 5.4, 4.3}, {2.1, 4.7, 7, 7.3, 5.7}},
};
static const double smoothing[3] = {7, 8, 9};

/* The radii of hyperball.sage. */
static void radii(const struct tmldsa_params *p, unsigned level, double *r, double *r_prime)
{
    const double d = tmldsa_dimension(p);
    const double sigma_2 = (pow(2 * p->set->eta + 1, 2) - 1) / 12;
    const double b = 1.3 * sqrt(MLDSA_N * (p->set->k + p->set->l / (double)(p->nu * p->nu)) *
                                tmldsa_load(p) * sigma_2 * p->set->tau);
    const double m = pow(2, designed[level][p->n - 2][p->t - 2] / p->t);
    const double a = pow(m, 2 / d) - 1;
    const double s = smoothing[level];

    *r = (1 / s + sqrt(1 / (s * s) + a)) / a * b;
    *r_prime = *r * pow(m, 1 / d);
}

/* Four sets are published with other radii than the formula gives. */
static bool differs(unsigned level, unsigned t, unsigned n)
{
    return (level == 0 && ((t == 2 && n == 4) || (t == 4 && n == 5) || (t == 5 && n == 5))) ||
           (level == 2 && t == 2 && n == 3);
}

static void radii_follow_from_the_formula(void **state)
{
    unsigned seen = 0;

    (void)state;
    for (unsigned level = 0; level < 3; level++) {
        for (unsigned n = 2; n <= TMLDSA_PARTIES_MAX; n++) {
            for (unsigned t = 2; t <= n; t++, seen++) {
                const struct tmldsa_params *p = tmldsa_params_find(mldsa_sets[level], t, n);
                double r;
                double r_prime;
                double tolerance;

                assert_non_null(p);
                radii(p, level, &r, &r_prime);
                tolerance = differs(level, t, n) ? 0.022 * r : 1.01;
                assert_true(fabs(r - p->r) <= tolerance);
                assert_true(fabs(r_prime - p->r_prime) <= tolerance);
                assert_true(p->r < p->r_prime && p->repetitions <= TMLDSA_REPETITIONS_MAX);
            }
        }
    }
    assert_int_equal(seen, 45);
    assert_null(tmldsa_params_find(&mldsa_65, 1, 1));
    assert_null(tmldsa_params_find(&mldsa_65, 4, 3));
    assert_null(tmldsa_params_find(&mldsa_65, 3, 7));
}

static unsigned choose(unsigned n, unsigned k)
{
    unsigned c = 1;

    for (unsigned i = 1; i <= k; i++) {
        c = c * (n + 1 - i) / i;
    }
    return c;
}

static void check_held(const struct tmldsa_params *p)
{
    const struct tmldsa_masks all = tmldsa_alloc_all(p);

    assert_int_equal(all.n, choose(p->n, p->t - 1u));
    assert_int_equal(all.n, tmldsa_subsets(p));
    for (unsigned i = 0; i < all.n; i++) {
        assert_int_equal(tmldsa_alloc_find(&all, all.mask[i]), i);
        assert_int_equal(tmldsa_alloc_size(all.mask[i]), p->n - p->t + 1);
        assert_true(i == 0 || all.mask[i - 1] < all.mask[i]);
    }
    assert_int_equal(tmldsa_alloc_find(&all, 0), all.n);
    for (unsigned party = 0; party < p->n; party++) {
        const struct tmldsa_masks held = tmldsa_alloc_held(p, party);

        assert_int_equal(held.n, choose(p->n - 1u, p->t - 1u));
        assert_true(held.n <= TMLDSA_HELD_MAX);
        for (unsigned i = 0; i < held.n; i++) {
            assert_int_equal(held.mask[i] >> party & 1, 1);
        }
    }
}

/* Every subset falls to one signer, who holds it; none has more than its load. */
static void check_duties(const struct tmldsa_params *p, unsigned act)
{
    const struct tmldsa_masks all = tmldsa_alloc_all(p);
    unsigned times[TMLDSA_SUBSETS_MAX] = {0};

    for (unsigned party = 0; party < p->n; party++) {
        struct tmldsa_masks duty;

        if ((act >> party & 1) == 0) {
            continue;
        }
        duty = tmldsa_alloc_duty(p, act, party);
        assert_true(duty.n >= 1 && duty.n <= tmldsa_load(p) && duty.n <= TMLDSA_LOAD_MAX);
        for (unsigned i = 0; i < duty.n; i++) {
            assert_int_equal(duty.mask[i] >> party & 1, 1);
            times[tmldsa_alloc_find(&all, duty.mask[i])]++;
        }
    }
    for (unsigned i = 0; i < all.n; i++) {
        assert_int_equal(times[i], 1);
    }
}

static void every_quorum_divides_all_subsets(void **state)
{
    (void)state;
    for (unsigned n = 2; n <= TMLDSA_PARTIES_MAX; n++) {
        for (unsigned t = 2; t <= n; t++) {
            const struct tmldsa_params *p = tmldsa_params_find(&mldsa_65, t, n);
            unsigned quorums = 0;

            check_held(p);
            FOR_EACH_QUORUM(p, act)
            {
                check_duties(p, act);
                quorums++;
            }
            assert_int_equal(quorums, choose(n, t));
        }
    }
}

/* Any T - 1 parties miss exactly one subset: the others'. */
static void one_less_than_a_quorum_misses_one_subset(void **state)
{
    (void)state;
    for (unsigned n = 2; n <= TMLDSA_PARTIES_MAX; n++) {
        for (unsigned t = 2; t <= n; t++) {
            const struct tmldsa_params *p = tmldsa_params_find(&mldsa_44, t, n);
            const struct tmldsa_masks all = tmldsa_alloc_all(p);

            for (unsigned some = 0; some < 1u << n; some++) {
                unsigned missed = 0;

                for (unsigned i = 0; i < all.n; i++) {
                    missed += (all.mask[i] & some) == 0 ? 1u : 0u;
                }
                if (tmldsa_alloc_size(some) == t - 1) {
                    assert_int_equal(missed, 1);
                } else if (tmldsa_alloc_size(some) >= t) {
                    assert_int_equal(missed, 0);
                }
            }
        }
    }
}

/* The default and one other set, by hand. */
static void divisions_are_the_published_ones(void **state)
{
    static const uint8_t of_0[] = {11, 13, 19, 25};
    const struct tmldsa_params *p = tmldsa_params_find(&mldsa_65, 3, 5);
    struct tmldsa_masks duty = tmldsa_alloc_duty(p, 7, 0);

    (void)state;
    assert_int_equal(duty.n, 4);
    assert_memory_equal(duty.mask, of_0, sizeof of_0);
    duty = tmldsa_alloc_duty(p, 0x15, 4); /* {21, 28} with 0 1 2 3 4 -> 0 2 4 1 3 */
    assert_int_equal(duty.n, 2);
    assert_int_equal(duty.mask[0], 1 << 0 | 1 << 3 | 1 << 4); /* 0 2 4 of 21 */
    assert_int_equal(duty.mask[1], 1 << 1 | 1 << 3 | 1 << 4); /* 2 3 4 of 28 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(radii_follow_from_the_formula),
        cmocka_unit_test(every_quorum_divides_all_subsets),
        cmocka_unit_test(one_less_than_a_quorum_misses_one_subset),
        cmocka_unit_test(divisions_are_the_published_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
