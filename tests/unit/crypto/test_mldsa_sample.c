#include "mldsa_kit.h"
#include "testing.h"

#include <string.h>

static struct mldsa_sampler sampler;

static struct sponge stream(enum sponge_kind kind, const uint8_t *seed, size_t n, unsigned low,
                            unsigned high)
{
    const uint8_t tail[2] = {(uint8_t)low, (uint8_t)high};
    struct sponge s;

    sponge_init(&s, &keccak_portable, kind);
    sponge_absorb(&s, seed, n);
    sponge_absorb(&s, tail, sizeof tail);
    return s;
}

/* RejNTTPoly straight from alg. 30 and 14. */
static void uniform_plainly(struct sponge *s, struct mldsa_poly *a)
{
    for (unsigned j = 0; j < MLDSA_N;) {
        uint8_t b[3];
        int32_t v;

        sponge_squeeze(s, b, sizeof b);
        v = (b[2] & 0x7f) * 65536 + b[1] * 256 + b[0];
        if (v < MLDSA_Q) {
            a->coeff[j++] = v;
        }
    }
}

static void matrix_follows_the_definition(void **state)
{
    static struct mldsa_poly a_hat[MLDSA_K_MAX * (MLDSA_L_MAX + 1)];
    uint8_t rho[MLDSA_SEED_LEN];
    uint64_t seed = 1;

    (void)state;
    noise_bytes(&seed, rho, sizeof rho);
    FOR_EACH_SET(params)
    {
        FOR_EACH_PATH(path)
        {
            const unsigned stride = params->l + (path != &mldsa_portable ? 1 : 0);

            mldsa_expand_a(path, params, rho, &sampler, a_hat, stride);
            for (unsigned r = 0; r < params->k; r++) {
                for (unsigned s = 0; s < params->l; s++) {
                    struct sponge x = stream(SPONGE_SHAKE128, rho, sizeof rho, s, r);
                    struct mldsa_poly want;

                    uniform_plainly(&x, &want);
                    path->hat_order(&want);
                    assert_memory_equal(&a_hat[r * stride + s], &want, sizeof want);
                }
            }
        }
    }
}

/* RejBoundedPoly straight from alg. 31 and 15; how many bytes it took. */
static size_t bounded_plainly(struct sponge *s, unsigned eta, struct mldsa_poly *a)
{
    size_t n = 0;

    for (unsigned j = 0; j < MLDSA_N; n++) {
        uint8_t b;

        sponge_squeeze(s, &b, 1);
        for (unsigned half = 0; half < 2 && j < MLDSA_N; half++) {
            const int32_t z = half == 0 ? b % 16 : b / 16;

            if (eta == 2 && z < 15) {
                a->coeff[j++] = 2 - z % 5;
            } else if (eta == 4 && z < 9) {
                a->coeff[j++] = 4 - z;
            }
        }
    }
    return n;
}

/* Of this seed ML-DSA-65's polynomial 7 needs a third block of SHAKE256. */
static void secrets_follow_the_definition(void **state)
{
    const uint8_t rho_prime[MLDSA_RHO_PRIME_LEN] = {0x39, 0x62};
    size_t most = 0;

    (void)state;
    FOR_EACH_SET(params)
    {
        FOR_EACH_PATH(path)
        {
            struct mldsa_poly s1[MLDSA_L_MAX];
            struct mldsa_poly s2[MLDSA_K_MAX];

            mldsa_expand_s(path, params, rho_prime, &sampler, s1, s2);
            for (unsigned i = 0; i < params->l + params->k; i++) {
                const struct mldsa_poly *got = i < params->l ? &s1[i] : &s2[i - params->l];
                struct sponge x = stream(SPONGE_SHAKE256, rho_prime, sizeof rho_prime, i, 0);
                struct mldsa_poly want;
                const size_t n = bounded_plainly(&x, params->eta, &want);

                most = n > most ? n : most;
                assert_memory_equal(got, &want, sizeof want);
            }
        }
    }
    assert_true(most > 2 * (size_t)SHAKE256_RATE);
}

static void masks_follow_the_definition(void **state)
{
    uint8_t rho_pp[MLDSA_RHO_PRIME_LEN];
    uint64_t seed = 2;

    (void)state;
    noise_bytes(&seed, rho_pp, sizeof rho_pp);
    FOR_EACH_SET(params)
    {
        FOR_EACH_PATH(path)
        {
            for (unsigned first = 0; first < 600; first += 253) {
                struct mldsa_poly y[4];

                mldsa_expand_mask(path, params, rho_pp, first, &sampler, y);
                for (unsigned j = 0; j < 4; j++) {
                    struct sponge x = stream(SPONGE_SHAKE256, rho_pp, sizeof rho_pp,
                                             (first + j) % 256, (first + j) / 256);
                    uint8_t bytes[640 + MLDSA_SLACK] = {0};
                    struct mldsa_poly want;

                    sponge_squeeze(&x, bytes, params->z_len);
                    mldsa_portable.gamma1_unpack(&want, params->gamma1, bytes);
                    assert_memory_equal(&y[j], &want, sizeof want);
                }
            }
        }
    }
}

/* Candidates at and about q in every place of a vector, and streams that end too soon. */
static void uniform_refuses_alike(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (unsigned n = 0; n < 400; n++) {
        uint8_t in[35 * 24 + MLDSA_SLACK];
        const size_t len = 24 * (size_t)(n % 35 + 1);
        struct mldsa_poly want = {{0}};
        unsigned have = n % 7;
        const unsigned had = have;

        noise_bytes(&seed, in, sizeof in);
        for (size_t i = 0; i < len; i += 3) {
            if (noise(&seed) % (n % 16 + 1) == 0) {
                const int32_t v = MLDSA_Q - 2 + (int32_t)(noise(&seed) % 4);

                in[i] = (uint8_t)v;
                in[i + 1] = (uint8_t)(v >> 8);
                in[i + 2] = (uint8_t)(v >> 16 | (int32_t)(noise(&seed) & 0x80));
            }
        }
        for (size_t i = 0; i < len && have < MLDSA_N; i += 3) {
            const int32_t v = (in[i + 2] & 0x7f) * 65536 + in[i + 1] * 256 + in[i];

            if (v < MLDSA_Q) {
                want.coeff[have++] = v;
            }
        }
        FOR_EACH_PATH(path)
        {
            struct mldsa_poly got = {{0}};

            assert_int_equal(path->take_uniform(&got, had, in, len), have);
            for (unsigned i = had; i < have; i++) {
                assert_int_equal(got.coeff[i], want.coeff[i]);
            }
        }
    }
}

static void balls_follow_the_definition(void **state)
{
    uint64_t seed = 4;

    (void)state;
    FOR_EACH_SET(params)
    {
        for (int n = 0; n < 200; n++) {
            uint8_t c_tilde[MLDSA_C_TILDE_MAX];
            struct mldsa_poly want = {{0}};
            struct sponge x;
            uint8_t sign[8];
            unsigned ones = 0;

            noise_bytes(&seed, c_tilde, sizeof c_tilde);
            sponge_init(&x, &keccak_portable, SPONGE_SHAKE256);
            sponge_absorb(&x, c_tilde, params->c_tilde_len);
            sponge_squeeze(&x, sign, sizeof sign);
            for (unsigned i = MLDSA_N - params->tau; i < MLDSA_N; i++) {
                const unsigned bit = i + params->tau - MLDSA_N;
                uint8_t j;

                do {
                    sponge_squeeze(&x, &j, 1);
                } while (j > i);
                want.coeff[i] = want.coeff[j];
                want.coeff[j] = (sign[bit / 8] >> bit % 8 & 1) != 0 ? -1 : 1;
            }
            FOR_EACH_PATH(path)
            {
                struct mldsa_poly c;

                mldsa_sample_in_ball(path, params, c_tilde, &c);
                assert_memory_equal(&c, &want, sizeof c);
            }
            for (unsigned i = 0; i < MLDSA_N; i++) {
                ones += want.coeff[i] != 0;
            }
            assert_int_equal(ones, params->tau);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matrix_follows_the_definition),
        cmocka_unit_test(secrets_follow_the_definition),
        cmocka_unit_test(masks_follow_the_definition),
        cmocka_unit_test(uniform_refuses_alike),
        cmocka_unit_test(balls_follow_the_definition),
    };

    return cmocka_run_group_tests(tests, mldsa_find_paths, NULL);
}
