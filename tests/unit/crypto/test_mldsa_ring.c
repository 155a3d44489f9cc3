#include "mldsa_kit.h"
#include "testing.h"

#include "crypto/mldsa/mldsa_montgomery.h"
#include "crypto/mldsa/mldsa_zetas.h"

#include <string.h>

#define Q MLDSA_Q

static int64_t mod_q(int64_t a)
{
    return (a % Q + Q) % Q;
}

static int64_t power(int64_t base, unsigned exponent)
{
    int64_t r = 1;

    for (; exponent > 0; exponent /= 2) {
        r = exponent % 2 == 1 ? r * base % Q : r;
        base = base * base % Q;
    }
    return r;
}

static int64_t times_2_32(int64_t a)
{
    return mod_q(a % Q * 65536) * 65536 % Q;
}

/* BitRev8 (alg. 43). */
static unsigned brv(unsigned m)
{
    unsigned r = 0;

    for (unsigned i = 0; i < 8; i++) {
        r |= (m >> i & 1) << (7 - i);
    }
    return r;
}

static void fill(struct mldsa_poly *a, uint64_t *seed, int32_t bound)
{
    for (unsigned i = 0; i < MLDSA_N; i++) {
        a->coeff[i] = noise_in(seed, 1 - bound, bound - 1);
    }
}

static void assert_below(const struct mldsa_poly *a, int64_t bound)
{
    for (unsigned i = 0; i < MLDSA_N; i++) {
        assert_true(a->coeff[i] < bound && a->coeff[i] > -bound);
    }
}

static void assert_same_mod_q(const struct mldsa_poly *a, const struct mldsa_poly *b)
{
    for (unsigned i = 0; i < MLDSA_N; i++) {
        assert_int_equal(mod_q(a->coeff[i]), mod_q(b->coeff[i]));
    }
}

static void tables_are_powers_of_zeta(void **state)
{
    const int64_t two_32 = ((int64_t)1 << 32) % Q;

    (void)state;
    assert_int_equal((uint32_t)MLDSA_Q_INV * (uint32_t)Q, 1);
    assert_int_equal(power(1753, 256), Q - 1);
    for (unsigned m = 0; m < 256; m++) {
        assert_int_equal(mod_q(mldsa_zeta[m]), power(1753, brv(m)) * two_32 % Q);
        assert_int_equal(mod_q(mldsa_zeta_inv[m]), power(1753, 512 - brv(m)) * two_32 % Q);
        assert_int_equal(mldsa_zeta_q[m], mldsa_low(mldsa_zeta[m], MLDSA_Q_INV));
        assert_int_equal(mldsa_zeta_inv_q[m], mldsa_low(mldsa_zeta_inv[m], MLDSA_Q_INV));
        assert_true(mldsa_zeta[m] <= Q / 2 && mldsa_zeta[m] >= -(Q / 2));
        assert_true(mldsa_zeta_inv[m] <= Q / 2 && mldsa_zeta_inv[m] >= -(Q / 2));
    }
    assert_int_equal(mod_q((int64_t)MLDSA_SCALE * 256), two_32 * two_32 % Q);
    assert_int_equal(mod_q((int64_t)MLDSA_SCALE_ZETA * power(1753, 128)), mod_q(MLDSA_SCALE));
    assert_int_equal(MLDSA_SCALE_Q, mldsa_low(MLDSA_SCALE, MLDSA_Q_INV));
    assert_int_equal(MLDSA_SCALE_ZETA_Q, mldsa_low(MLDSA_SCALE_ZETA, MLDSA_Q_INV));
}

static void products_are_reduced(void **state)
{
    const int64_t edge = ((int64_t)Q << 31) - 1;
    uint64_t seed = 1;

    (void)state;
    for (int n = 0; n < 20000; n++) {
        const int64_t x = n < 4 ? (n % 2 == 0 ? edge - n / 2 : n / 2 - edge)
                                : (int64_t)(noise(&seed) % (uint64_t)(2 * edge + 1)) - edge;
        const int32_t r = mldsa_reduce(x);
        const unsigned m = (unsigned)n % 256;
        const int32_t a = (int32_t)(uint32_t)noise(&seed);
        const int32_t p = mldsa_mul(a, mldsa_zeta[m], mldsa_zeta_q[m]);

        assert_true(r < Q && r > -Q);
        assert_int_equal(times_2_32(r), mod_q(x));
        assert_true(p < Q && p > -Q);
        assert_int_equal(times_2_32(p), mod_q(mod_q(a) * mldsa_zeta[m]));
    }
}

/* a(zeta^(2 BitRev8(i) + 1)) at place i, FIPS 204 2.5. */
static void ntt_evaluates(void **state)
{
    struct mldsa_poly a;
    struct mldsa_poly want = {{0}};
    uint64_t seed = 2;

    (void)state;
    fill(&a, &seed, Q);
    for (unsigned i = 0; i < MLDSA_N; i++) {
        const int64_t x = power(1753, 2 * brv(i) + 1);
        int64_t sum = 0;

        for (unsigned j = MLDSA_N; j-- > 0;) {
            sum = mod_q(sum * x + a.coeff[j]);
        }
        want.coeff[i] = (int32_t)sum;
    }
    FOR_EACH_PATH(path)
    {
        struct mldsa_poly got = a;
        struct mldsa_poly ordered = want;

        path->ntt(&got);
        path->hat_order(&ordered);
        assert_below(&got, (int64_t)9 * Q);
        assert_same_mod_q(&got, &ordered);
    }
}

/* c = a b mod X^256 + 1. */
static void multiply(const struct mldsa_poly *a, const struct mldsa_poly *b,
                     struct mldsa_poly *c)
{
    int64_t sum[2 * MLDSA_N] = {0};

    for (unsigned i = 0; i < MLDSA_N; i++) {
        for (unsigned j = 0; j < MLDSA_N; j++) {
            sum[i + j] = (sum[i + j] + (int64_t)a->coeff[i] * b->coeff[j]) % Q;
        }
    }
    for (unsigned i = 0; i < MLDSA_N; i++) {
        c->coeff[i] = (int32_t)mod_q(sum[i] - sum[i + MLDSA_N]);
    }
}

static void hats_multiply_like_the_school_book(void **state)
{
    (void)state;
    FOR_EACH_PATH(path)
    {
        uint64_t seed = 3;

        for (int n = 0; n < 5; n++) {
            struct mldsa_poly a = {{0}};
            struct mldsa_poly b;
            struct mldsa_poly want;
            struct mldsa_poly got;

            fill(&a, &seed, Q);
            fill(&b, &seed, n % 2 == 0 ? Q : 5);
            multiply(&a, &b, &want);
            path->ntt(&a);
            path->ntt(&b);
            path->hat_dot(&got, &a, &b, 1);
            assert_below(&got, Q);
            path->ntt_inverse(&got);
            assert_below(&got, Q);
            assert_same_mod_q(&got, &want);
        }
    }
}

static struct mldsa_poly many_a[MLDSA_DOT_MAX];
static struct mldsa_poly many_b[MLDSA_DOT_MAX];

/* Terms at the bounds that the header states, of one sign at some places: where a sum that is
 * too large would show. */
static void fill_to_the_bounds(unsigned n)
{
    for (unsigned j = 0; j < n; j++) {
        for (unsigned i = 0; i < MLDSA_N; i++) {
            const int32_t sign = i % 3 == 0 ? -1 : 1;

            many_a[j].coeff[i] = (j + 1 == n ? 9 * Q - 1 : Q - 1) * sign;
            many_b[j].coeff[i] = (9 * Q - 1) * (i % 2 == 0 ? 1 : -1);
        }
    }
}

static int64_t dot_plainly(unsigned i, unsigned n)
{
    int64_t sum = 0;

    for (unsigned j = 0; j < n; j++) {
        sum += (int64_t)many_a[j].coeff[i] * many_b[j].coeff[i];
    }
    return mod_q(sum);
}

static void dot_holds_at_its_bounds(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= MLDSA_DOT_MAX; n++) {
        fill_to_the_bounds(n);
        FOR_EACH_PATH(path)
        {
            struct mldsa_poly got;

            path->hat_dot(&got, many_a, many_b, n);
            assert_below(&got, Q);
            for (unsigned i = 0; i < MLDSA_N; i++) {
                assert_int_equal(times_2_32(got.coeff[i]), dot_plainly(i, n));
            }
        }
    }
}

static void transforms_hold_at_their_bounds(void **state)
{
    (void)state;
    for (unsigned pattern = 0; pattern < 64; pattern++) {
        struct mldsa_poly a = {{0}};
        struct mldsa_poly plain[MLDSA_PATHS];
        size_t n = 0;

        for (unsigned i = 0; i < MLDSA_N; i++) {
            const unsigned bit = pattern < 9 ? i >> pattern : i * i * pattern >> 5;

            a.coeff[i] = bit % 2 == 0 ? Q - 1 : 1 - Q;
        }
        FOR_EACH_PATH(path)
        {
            struct mldsa_poly hat = a;

            plain[n] = a;
            path->hat_order(&plain[n]);
            path->ntt_inverse(&plain[n]);
            assert_below(&plain[n], Q);
            assert_same_mod_q(&plain[n], &plain[0]);
            path->ntt(&hat);
            assert_below(&hat, (int64_t)9 * Q);
            n++;
        }
    }
}

static void small_sums_are_centered(void **state)
{
    (void)state;
    FOR_EACH_PATH(path)
    {
        uint64_t seed = 4;

        for (int n = 0; n < 200; n++) {
            struct mldsa_poly r = {{0}};
            struct mldsa_poly a = {{0}};
            struct mldsa_poly plus = {{0}};
            struct mldsa_poly minus = {{0}};
            int32_t most[2] = {0};

            for (unsigned i = 0; i < MLDSA_N; i++) {
                const int32_t v = noise_in(&seed, -(1 << 20), 1 << 20);

                r.coeff[i] = noise_in(&seed, -(1 << 20), 1 << 20);
                a.coeff[i] = i % 2 == 0 ? v : v < 0 ? v + Q : v - Q;
                plus.coeff[i] = r.coeff[i] + v;
                minus.coeff[i] = r.coeff[i] - v;
                most[0] = abs(plus.coeff[i]) > most[0] ? abs(plus.coeff[i]) : most[0];
                most[1] = abs(minus.coeff[i]) > most[1] ? abs(minus.coeff[i]) : most[1];
            }
            for (int32_t off = 0; off < 2; off++) {
                struct mldsa_poly sum = r;
                struct mldsa_poly difference = r;

                assert_int_equal(path->add_small(&sum, &a, most[0] + off),
                                 off == 0 ? UINT32_MAX : 0);
                assert_memory_equal(&sum, &plus, sizeof sum);
                assert_int_equal(path->sub_small(&difference, &a, most[1] + off),
                                 off == 0 ? UINT32_MAX : 0);
                assert_memory_equal(&difference, &minus, sizeof minus);
                assert_int_equal(path->norm_reaches(&plus, most[0] + off),
                                 off == 0 ? UINT32_MAX : 0);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_powers_of_zeta),
        cmocka_unit_test(products_are_reduced),
        cmocka_unit_test(ntt_evaluates),
        cmocka_unit_test(hats_multiply_like_the_school_book),
        cmocka_unit_test(dot_holds_at_its_bounds),
        cmocka_unit_test(transforms_hold_at_their_bounds),
        cmocka_unit_test(small_sums_are_centered),
    };

    return cmocka_run_group_tests(tests, mldsa_find_paths, NULL);
}
