#include "mldsa_kit.h"
#include "testing.h"

#include <string.h>

static void fill(struct mldsa_poly *a, uint64_t *seed, int32_t lo, int32_t hi)
{
    for (unsigned i = 0; i < MLDSA_N; i++) {
        a->coeff[i] = i == 0 ? lo : i == 1 ? hi : noise_in(seed, lo, hi);
    }
}

static void polynomials_come_back(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (int n = 0; n < 50; n++) {
        struct mldsa_poly a;
        struct mldsa_poly b;
        uint8_t t1[MLDSA_T1_LEN];
        uint8_t t0[MLDSA_T0_LEN];

        fill(&a, &seed, 0, 1023);
        mldsa_t1_encode(&a, t1);
        mldsa_t1_decode(t1, &b);
        assert_memory_equal(&a, &b, sizeof a);
        fill(&a, &seed, -4095, 4096);
        mldsa_t0_encode(&a, t0);
        mldsa_t0_decode(t0, &b);
        assert_memory_equal(&a, &b, sizeof a);
        FOR_EACH_SET(params)
        {
            uint8_t s[128];
            uint8_t z[640 + MLDSA_SLACK] = {0};

            fill(&a, &seed, -(int32_t)params->eta, (int32_t)params->eta);
            mldsa_eta_encode(&a, params->eta, s);
            assert_int_equal(mldsa_eta_decode(s, params->eta, &b), 0);
            assert_memory_equal(&a, &b, sizeof a);
            fill(&a, &seed, 1 - params->gamma1, params->gamma1);
            mldsa_z_encode(&a, params, z);
            FOR_EACH_PATH(path)
            {
                path->gamma1_unpack(&b, params->gamma1, z);
                assert_memory_equal(&a, &b, sizeof a);
            }
        }
    }
}

static void bytes_come_back(void **state)
{
    uint64_t seed = 2;

    (void)state;
    for (int n = 0; n < 50; n++) {
        struct mldsa_poly a;
        uint8_t in[640 + MLDSA_SLACK];
        uint8_t out[640];

        noise_bytes(&seed, in, sizeof in);
        mldsa_t1_decode(in, &a);
        mldsa_t1_encode(&a, out);
        assert_memory_equal(in, out, MLDSA_T1_LEN);
        mldsa_t0_decode(in, &a);
        mldsa_t0_encode(&a, out);
        assert_memory_equal(in, out, MLDSA_T0_LEN);
        FOR_EACH_SET(params)
        {
            FOR_EACH_PATH(path)
            {
                path->gamma1_unpack(&a, params->gamma1, in);
                mldsa_z_encode(&a, params, out);
                assert_memory_equal(in, out, params->z_len);
            }
        }
    }
}

/* Bits are taken from the low end, lowest coefficient first (FIPS 204 alg. 16 and 17). */
static void known_bits(void **state)
{
    struct mldsa_poly a = {{0}};
    uint8_t t1[MLDSA_T1_LEN];
    uint8_t t0[MLDSA_T0_LEN];
    uint8_t s[128];

    (void)state;
    a.coeff[0] = 0x201;
    a.coeff[1] = 3;
    mldsa_t1_encode(&a, t1);
    assert_int_equal(t1[0], 0x01);
    assert_int_equal(t1[1], 0x0e);
    a.coeff[0] = 4096 - 0x1234;
    a.coeff[1] = 4096;
    mldsa_t0_encode(&a, t0);
    assert_int_equal(t0[0], 0x34);
    assert_int_equal(t0[1], 0x12);
    a.coeff[0] = 2;
    a.coeff[1] = -2;
    mldsa_eta_encode(&a, 4, s);
    assert_int_equal(s[0], 0x62);
    mldsa_eta_encode(&a, 2, s);
    assert_int_equal(s[0], 0xa0); /* 0, 4, then 2 of the zeros */
}

static void eta_outside_is_refused(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        const unsigned bits = params->eta == 2 ? 3 : 4;

        for (unsigned at = 0; at < MLDSA_N; at++) {
            for (unsigned v = 0; v < 1u << bits; v++) {
                uint8_t s[128 + 1] = {0};
                struct mldsa_poly a;

                s[at * bits / 8] = (uint8_t)(v << at * bits % 8);
                s[at * bits / 8 + 1] = (uint8_t)((v << at * bits % 8) >> 8);
                assert_int_equal(mldsa_eta_decode(s, params->eta, &a),
                                 v <= 2 * params->eta ? 0 : UINT32_MAX);
            }
        }
    }
}

static void hints_come_back(void **state)
{
    uint64_t seed = 3;

    (void)state;
    FOR_EACH_SET(params)
    {
        for (unsigned ones = 0; ones <= params->omega; ones++) {
            struct mldsa_hint hint = {{{0}}};
            struct mldsa_hint back;
            uint8_t bytes[128];

            for (unsigned n = 0; n < ones;) {
                uint8_t *at = &hint.at[noise(&seed) % params->k][noise(&seed) % MLDSA_N];

                n += *at == 0;
                *at = 1;
            }
            mldsa_hint_encode(params, &hint, bytes);
            assert_int_equal(mldsa_hint_decode(params,
                                               (struct view){bytes, params->omega + params->k},
                                               &back),
                             ERR_OK);
            assert_memory_equal(&hint, &back, sizeof hint);
        }
    }
}

static void expect(const struct mldsa_params *params, const uint8_t *bytes, size_t n,
                   enum err e)
{
    static const struct mldsa_hint none;
    struct mldsa_hint hint;

    memset(&hint, 0xff, sizeof hint);
    assert_int_equal(mldsa_hint_decode(params, (struct view){bytes, n}, &hint), e);
    assert_memory_equal(&hint, &none, sizeof hint);
}

/* Alg. 21 returns "no hint" for each of these. */
static void other_encodings_of_a_hint_are_refused(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        const size_t len = params->omega + params->k;
        uint8_t *const ends = (uint8_t[128]){0} + params->omega;
        uint8_t *const bytes = ends - params->omega;

        bytes[0] = 7; /* places 7, 9 in polynomial 0 and 3 in the last one */
        bytes[1] = 9;
        bytes[2] = 3;
        memset(ends, 2, params->k);
        ends[params->k - 1] = 3;

        for (size_t n = 0; n < len; n++) {
            expect(params, bytes, n, ERR_LENGTH);
        }
        expect(params, bytes, len + 1, ERR_LENGTH);

        bytes[1] = 7; /* twice the same place */
        expect(params, bytes, len, ERR_ENCODING);
        bytes[1] = 6; /* falling */
        expect(params, bytes, len, ERR_ENCODING);
        bytes[1] = 9;

        for (unsigned at = 3; at < params->omega; at++) { /* not zero after the last */
            bytes[at] = 1;
            expect(params, bytes, len, ERR_ENCODING);
            bytes[at] = 0;
        }
        ends[1] = 1; /* a count below the one before */
        expect(params, bytes, len, ERR_ENCODING);
        ends[1] = 2;
        for (unsigned end = params->omega + 1; end < 256; end++) { /* a count above omega */
            ends[params->k - 1] = (uint8_t)end;
            expect(params, bytes, len, ERR_ENCODING);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polynomials_come_back),
        cmocka_unit_test(bytes_come_back),
        cmocka_unit_test(known_bits),
        cmocka_unit_test(eta_outside_is_refused),
        cmocka_unit_test(hints_come_back),
        cmocka_unit_test(other_encodings_of_a_hint_are_refused),
    };

    return cmocka_run_group_tests(tests, mldsa_find_paths, NULL);
}
