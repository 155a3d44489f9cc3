#include "mlkem_kit.h"
#include "testing.h"

#include "crypto/mlkem/mlkem_montgomery.h"
#include "crypto/mlkem/mlkem_zetas.h"

#include <stdlib.h>

#define Q MLKEM_Q

static int32_t mod_q(int64_t a)
{
    return (int32_t)((a % Q + Q) % Q);
}

static int32_t power(int32_t base, unsigned exponent)
{
    int64_t r = 1;

    for (int64_t b = base; exponent > 0; exponent /= 2, b = b * b % Q) {
        r = exponent % 2 == 1 ? r * b % Q : r;
    }
    return (int32_t)r;
}

/* BitRev7, 4.3. */
static unsigned brv(unsigned m)
{
    unsigned r = 0;

    for (unsigned i = 0; i < 7; i++) {
        r |= (m >> i & 1) << (6 - i);
    }
    return r;
}

static void fill(struct mlkem_poly *a, struct sponge *noise, int32_t bound)
{
    for (unsigned i = 0; i < MLKEM_N; i++) {
        a->coeff[i] = (int16_t)noise_in(noise, 1 - bound, bound - 1);
    }
}

static void assert_below(const struct mlkem_poly *a, int32_t bound)
{
    for (unsigned i = 0; i < MLKEM_N; i++) {
        assert_true(abs(a->coeff[i]) < bound);
    }
}

static void assert_canonical(const struct mlkem_poly *a)
{
    for (unsigned i = 0; i < MLKEM_N; i++) {
        assert_in_range(a->coeff[i], 0, Q - 1);
    }
}

static void assert_entry(int16_t have, int16_t have_q, int64_t want)
{
    assert_int_equal(mod_q(have), mod_q(want));
    assert_true(abs(have) <= Q / 2);
    assert_int_equal((uint16_t)(have_q * Q), (uint16_t)have);
}

static void tables_are_powers_of_zeta(void **state)
{
    const int64_t inverse = power(17, 255); /* of zeta, whose order is 256 */

    (void)state;
    assert_int_equal(power(17, 128), Q - 1);
    assert_int_equal((uint16_t)(MLKEM_Q_INV * Q), 1);
    for (unsigned m = 0; m < 128; m++) {
        assert_entry(mlkem_zeta[m], mlkem_zeta_q[m], 65536 * (int64_t)power(17, brv(m)));
        assert_entry(mlkem_zeta_inv[m], mlkem_zeta_inv_q[m],
                     65536 * (int64_t)power((int32_t)inverse, brv(m)));
    }
    assert_int_equal(mod_q(128 * (int64_t)MLKEM_SCALE), mod_q(INT64_C(1) << 32));
    assert_entry(MLKEM_SCALE, MLKEM_SCALE_Q, MLKEM_SCALE);
    assert_entry(MLKEM_SCALE_ZETA, MLKEM_SCALE_ZETA_Q, MLKEM_SCALE * (int64_t)power(17, 192));
    assert_entry(MLKEM_R2, MLKEM_R2_Q, INT64_C(1) << 32);
}

static void every_number_is_reduced(void **state)
{
    (void)state;
    for (int32_t a = INT16_MIN; a <= INT16_MAX; a++) {
        const int16_t centered = mlkem_center((int16_t)a);

        assert_true(abs(centered) <= Q / 2);
        assert_int_equal(mod_q(centered), mod_q(a));
        for (unsigned m = 0; m < 128; m++) {
            const int16_t p = mlkem_mul((int16_t)a, mlkem_zeta[m], mlkem_zeta_q[m]);

            assert_true(abs(p) < Q);
            assert_int_equal(mod_q(p * INT64_C(65536)), mod_q(a * (int64_t)mlkem_zeta[m]));
        }
    }
    for (int32_t a = 1 - Q; a < Q; a++) {
        assert_int_equal(mlkem_canonical((int16_t)a), mod_q(a));
    }
}

static void sums_are_reduced_to_their_bounds(void **state)
{
    const int32_t bound = Q * 32768 - 1;
    struct sponge noise = noise_of("reduce");

    (void)state;
    for (int n = 0; n < 100000; n++) {
        const int32_t x = n < 1000   ? bound - n
                          : n < 2000 ? n - 1000 - bound
                                     : noise_in(&noise, -bound, bound);
        const int16_t r = mlkem_reduce(x);

        assert_true(abs(r) < Q);
        assert_int_equal(mod_q(r * INT64_C(65536)), mod_q(x));
    }
}

/* The NTT by its meaning: a modulo each X^2 - zeta^(2 brv(i) + 1), 4.3. */
static void ntt_takes_remainders(void **state)
{
    (void)state;
    FOR_EACH_PATH(path)
    {
        struct sponge noise = noise_of("remainders");

        for (int n = 0; n < 4; n++) {
            struct mlkem_poly a = {{0}};
            struct mlkem_poly hat;

            fill(&a, &noise, Q);
            hat = a;
            path->ntt(&hat);
            assert_below(&hat, Q);
            for (unsigned i = 0; i < 128; i++) {
                const int32_t gamma = power(17, 2 * brv(i) + 1);
                int64_t sum[2] = {0};

                for (unsigned j = MLKEM_N; j-- > 0;) { /* Horner, odd and even apart */
                    sum[j % 2] = mod_q(sum[j % 2] * gamma + a.coeff[j]);
                }
                assert_int_equal(mod_q(hat.coeff[2 * i]), sum[0]);
                assert_int_equal(mod_q(hat.coeff[2 * i + 1]), sum[1]);
            }
        }
    }
}

/* r = a b in R_q, by the school book. */
static void multiply(const struct mlkem_poly *a, const struct mlkem_poly *b,
                     struct mlkem_poly *r)
{
    for (unsigned k = 0; k < MLKEM_N; k++) {
        int64_t sum = 0;

        for (unsigned i = 0; i < MLKEM_N; i++) {
            const int64_t p = (int64_t)a->coeff[i] * b->coeff[(k + MLKEM_N - i) % MLKEM_N];

            sum += i <= k ? p : -p;
        }
        r->coeff[k] = (int16_t)mod_q(sum);
    }
}

static void hats_multiply_like_the_school_book(void **state)
{
    (void)state;
    FOR_EACH_PATH(path)
    {
        struct sponge noise = noise_of("school book");

        for (int n = 0; n < 4; n++) {
            struct mlkem_poly a = {{0}};
            struct mlkem_poly b = {{0}};
            struct mlkem_poly want = {{0}};
            struct mlkem_poly got = {{0}};

            fill(&a, &noise, Q);
            fill(&b, &noise, n % 2 == 0 ? Q : 4);
            multiply(&a, &b, &want);
            path->ntt(&a);
            path->ntt(&b);
            path->hat_dot(&got, &a, 1, &b, 1);
            assert_below(&got, Q);
            path->ntt_inverse(&got);
            assert_below(&got, Q);
            path->canonical(&got);
            assert_memory_equal(&got, &want, sizeof got);
        }
    }
}

#define STRIDE_MAX 3
static struct mlkem_poly many_a[MLKEM_K_MAX * STRIDE_MAX];
static struct mlkem_poly many_b[MLKEM_K_MAX];

/* Terms at the bounds that the header states, of signs that add up at some places. */
static void fill_to_the_bounds(void)
{
    for (unsigned j = 0; j < MLKEM_K_MAX * STRIDE_MAX; j++) {
        for (unsigned i = 0; i < MLKEM_N; i++) {
            many_a[j].coeff[i] = (int16_t)((Q - 1 - (int)(j % 5)) * (i % 3 == 0 ? -1 : 1));
        }
    }
    for (unsigned j = 0; j < MLKEM_K_MAX; j++) {
        for (unsigned i = 0; i < MLKEM_N; i++) {
            many_b[j].coeff[i] = (int16_t)((Q - 1) * (i % 5 < 2 ? 1 : -1));
        }
    }
}

/* Pair i of MultiplyNTTs, alg. 11 and 12, of n terms. */
static void dot_plainly(unsigned i, unsigned stride, unsigned n, int32_t c[2])
{
    const int64_t gamma = power(17, 2 * brv(i) + 1);
    int64_t sum[2] = {0};

    for (unsigned j = 0; j < n; j++) {
        const int16_t *a = &many_a[j * stride].coeff[2 * (size_t)i];
        const int16_t *b = &many_b[j].coeff[2 * (size_t)i];

        sum[0] += a[0] * b[0] + a[1] * b[1] * gamma;
        sum[1] += a[0] * b[1] + a[1] * b[0];
    }
    c[0] = mod_q(sum[0]);
    c[1] = mod_q(sum[1]);
}

static void dot_holds_at_its_bounds(void **state)
{
    (void)state;
    fill_to_the_bounds();
    for (unsigned n = 1; n <= MLKEM_K_MAX; n++) {
        for (unsigned stride = 1; stride <= STRIDE_MAX; stride++) {
            FOR_EACH_PATH(path)
            {
                struct mlkem_poly got;

                path->hat_dot(&got, many_a, stride, many_b, n);
                assert_below(&got, Q);
                for (unsigned i = 0; i < 128; i++) {
                    int32_t want[2];

                    dot_plainly(i, stride, n, want);
                    assert_int_equal(mod_q(got.coeff[2 * i] * INT64_C(65536)), want[0]);
                    assert_int_equal(mod_q(got.coeff[2 * i + 1] * INT64_C(65536)), want[1]);
                }
            }
        }
    }
}

/* Signs that let every sum of some layer grow; the way back gives the way in. */
static void transforms_hold_at_their_bounds(void **state)
{
    (void)state;
    for (unsigned pattern = 0; pattern < 64; pattern++) {
        FOR_EACH_PATH(path)
        {
            static const struct mlkem_poly zero;
            struct mlkem_poly a = {{0}};
            struct mlkem_poly there;
            struct mlkem_poly back;

            for (unsigned i = 0; i < MLKEM_N; i++) {
                const unsigned bit = pattern < 9 ? i >> pattern : i * i * pattern >> 5;

                a.coeff[i] = (int16_t)(bit % 2 == 0 ? Q - 1 : 1 - Q);
            }
            there = a;
            path->ntt(&there);
            assert_below(&there, Q);
            path->ntt_inverse(&there); /* times 2^16 */
            assert_below(&there, Q);
            back = a;
            path->ntt_inverse(&back);
            assert_below(&back, Q);
            path->ntt(&back);
            path->hat_add(&a, &zero);
            path->canonical(&there);
            path->canonical(&back);
            assert_memory_equal(&there, &a, sizeof a);
            assert_memory_equal(&back, &a, sizeof a);
        }
    }
}

static void sums_are_canonical(void **state)
{
    (void)state;
    FOR_EACH_PATH(path)
    {
        for (int32_t first = 1 - Q; first < Q; first += 7) {
            struct mlkem_poly r = {{0}};
            struct mlkem_poly a = {{0}};
            struct mlkem_poly got[4];

            for (int32_t i = 0; i < MLKEM_N; i++) {
                r.coeff[i] = (int16_t)(first + i < Q ? first + i : Q - 1);
                a.coeff[i] = (int16_t)(i % 2 == 0 ? Q - 1 - i : i - Q);
            }
            for (int i = 0; i < 4; i++) {
                got[i] = r;
            }
            path->add(&got[0], &a);
            path->sub_from(&got[1], &a);
            path->hat_add(&got[2], &a);
            path->canonical(&got[3]);
            for (int i = 0; i < 4; i++) {
                assert_canonical(&got[i]);
            }
            for (unsigned i = 0; i < MLKEM_N; i++) {
                assert_int_equal(got[0].coeff[i], mod_q(r.coeff[i] + a.coeff[i]));
                assert_int_equal(got[1].coeff[i], mod_q(a.coeff[i] - r.coeff[i]));
                assert_int_equal(got[2].coeff[i], mod_q(r.coeff[i] * 65536 + a.coeff[i]));
                assert_int_equal(got[3].coeff[i], mod_q(r.coeff[i]));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_powers_of_zeta),
        cmocka_unit_test(every_number_is_reduced),
        cmocka_unit_test(sums_are_reduced_to_their_bounds),
        cmocka_unit_test(ntt_takes_remainders),
        cmocka_unit_test(hats_multiply_like_the_school_book),
        cmocka_unit_test(dot_holds_at_its_bounds),
        cmocka_unit_test(transforms_hold_at_their_bounds),
        cmocka_unit_test(sums_are_canonical),
    };

    return cmocka_run_group_tests(tests, mlkem_find_paths, NULL);
}
