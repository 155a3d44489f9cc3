#include "mldsa_kit.h"
#include "testing.h"

#include "crypto/mldsa/mldsa_round.h"

#include <stdio.h>
#include <string.h>

#define Q MLDSA_Q
static const int32_t gammas[2] = {(Q - 1) / 88, (Q - 1) / 32};

/* Decompose straight from alg. 36. */
static int32_t decompose_plainly(int32_t r, int32_t gamma2, int32_t *r0)
{
    *r0 = r % (2 * gamma2);
    if (*r0 > gamma2) {
        *r0 -= 2 * gamma2;
    }
    if (r - *r0 == Q - 1) {
        *r0 -= 1;
        return 0;
    }
    return (r - *r0) / (2 * gamma2);
}

/* Every r where the code is fast, else every 37th and all about the steps. */
static int32_t next_r(int32_t r, int32_t gamma2)
{
    const int32_t at = (r + gamma2) % (2 * gamma2);

    return r + (mldsa_fast() || at < 4 || at > 2 * gamma2 - 41 || r > Q - 100 ? 1 : 37);
}

static bool decomposes(int32_t r, int32_t gamma2)
{
    const int32_t m = (Q - 1) / (2 * gamma2);
    int32_t want0;
    int32_t got0;
    const int32_t want1 = decompose_plainly(r, gamma2, &want0);

    return mldsa_decompose(r, gamma2, &got0) == want1 && got0 == want0 &&
           mldsa_use_hint(r, gamma2, 0) == want1 &&
           mldsa_use_hint(r, gamma2, 1) == (want1 + (want0 > 0 ? 1 : m - 1)) % m;
}

static void decompose_follows_the_definition(void **state)
{
    (void)state;
    for (size_t g = 0; g < 2; g++) {
        for (int32_t r = 0; r < Q; r = next_r(r, gammas[g])) {
            if (!decomposes(r, gammas[g])) {
                fail_msg("%d by %d", r, gammas[g]);
            }
        }
    }
}

static void power2round_follows_the_definition(void **state)
{
    (void)state;
    for (int32_t r = 0; r < Q; r = next_r(r, 1 << 12)) {
        int32_t r0;
        const int32_t r1 = mldsa_power2round(r, &r0);

        if (r1 * 8192 + r0 != r || r0 <= -4096 || r0 > 4096) {
            fail_msg("power2round(%d)", r);
        }
    }
}

/* A hint made from the low bits alone is the one of alg. 39, and brings the high bits back. */
static void hints_bring_the_high_bits_back(void **state)
{
    uint64_t seed = 5;

    (void)state;
    for (size_t g = 0; g < 2; g++) {
        const int32_t gamma2 = gammas[g];

        for (int n = 0; n < 200000; n++) {
            int32_t v = noise_in(&seed, 0, Q - 1); /* w - c s2 */
            const int32_t ct0 = noise_in(&seed, -gamma2, gamma2);
            int32_t v0;
            int32_t sum;
            int32_t unused;
            uint32_t hint;
            int32_t v1 = decompose_plainly(v, gamma2, &v0);

            if (n % 4 == 0) { /* just where the hint changes */
                const int32_t edge = gamma2 - ct0 + n / 4 % 5 - 2;

                v = mldsa_canonical((v - v0 + edge) % Q);
                v1 = decompose_plainly(v, gamma2, &v0);
            }
            sum = mldsa_canonical((int32_t)(((int64_t)v + ct0) % Q));
            hint = mldsa_make_hint(v1, v0 + ct0, gamma2);
            if (hint != (decompose_plainly(sum, gamma2, &unused) != v1) ||
                mldsa_use_hint(sum, gamma2, (int32_t)hint) != v1) {
                fail_msg("hint of %d + %d by %d", v, ct0, gamma2);
            }
        }
    }
}

static void paths_round_alike(void **state)
{
    (void)state;
    for (size_t g = 0; g < 2; g++) {
        FOR_EACH_PATH(path)
        {
            uint64_t seed = 6;

            for (int n = 0; n < 200; n++) {
                struct mldsa_poly r;
                struct mldsa_poly r1;
                struct mldsa_poly r0;
                uint8_t hint[MLDSA_N];
                uint8_t bytes[MLDSA_W1_MAX + 1] = {0};
                const unsigned bits = g == 0 ? 6 : 4;

                for (unsigned i = 0; i < MLDSA_N; i++) {
                    r.coeff[i] = noise_in(&seed, 1 - Q, Q - 1);
                    hint[i] = (uint8_t)(noise(&seed) & 1);
                }
                path->decompose(&r, gammas[g], &r1, &r0);
                bytes[bits * MLDSA_N / 8] = 0xa5;
                path->w1_encode(&r1, gammas[g], bytes);
                assert_int_equal(bytes[bits * MLDSA_N / 8], 0xa5);
                for (unsigned i = 0; i < MLDSA_N; i++) {
                    int32_t low;
                    const int32_t v = mldsa_canonical(r.coeff[i]);
                    const unsigned at = i * bits;
                    const unsigned two = bytes[at / 8] | (unsigned)bytes[at / 8 + 1] << 8;

                    assert_int_equal(r1.coeff[i], mldsa_decompose(v, gammas[g], &low));
                    assert_int_equal(r0.coeff[i], low);
                    assert_int_equal(two >> at % 8 & ((1u << bits) - 1), r1.coeff[i]);
                    r1.coeff[i] = mldsa_use_hint(v, gammas[g], hint[i]);
                }
                path->use_hint(&r, gammas[g], hint);
                assert_memory_equal(&r, &r1, sizeof r);
            }
        }
    }
}

static void bound_is_reached_at_the_bound(void **state)
{
    (void)state;
    for (int32_t a = 0; a < 1000; a++) {
        assert_int_equal(mldsa_reaches(a, 500), a >= 500 ? UINT32_MAX : 0);
        assert_int_equal(mldsa_reaches(-a, 500), a >= 500 ? UINT32_MAX : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decompose_follows_the_definition),
        cmocka_unit_test(power2round_follows_the_definition),
        cmocka_unit_test(hints_bring_the_high_bits_back),
        cmocka_unit_test(paths_round_alike),
        cmocka_unit_test(bound_is_reached_at_the_bound),
    };

    return cmocka_run_group_tests(tests, mldsa_find_paths, NULL);
}
