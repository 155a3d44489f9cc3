#include "mlkem_kit.h"
#include "testing.h"

#define Q MLKEM_Q

static const unsigned widths[] = {1, 4, 5, 10, 11};
#define WIDTHS (sizeof widths / sizeof widths[0])

/* Bit i of a string, alg. 4. */
static unsigned bit(const uint8_t *bytes, size_t i)
{
    return (unsigned)bytes[i / 8] >> i % 8 & 1;
}

/* Number i of ByteDecode_d, alg. 6, but for the reduction. */
static unsigned number(const uint8_t *bytes, unsigned i, unsigned d)
{
    unsigned v = 0;

    for (unsigned j = 0; j < d; j++) {
        v |= bit(bytes, (size_t)i * d + j) << j;
    }
    return v;
}

/* Compress_d by its definition, eq. 4.7: ties round up, and there are none, for q is odd. */
static unsigned compress_plainly(unsigned x, unsigned d)
{
    return (2 * (x << d) + Q) / (2 * Q) % (1u << d);
}

/* Decompress_d, eq. 4.8. */
static unsigned decompress_plainly(unsigned y, unsigned d)
{
    return (2 * Q * y + (1u << d)) / (2u << d);
}

/* Every number of [0, q), each at several places of a polynomial. */
static void every_number_is_compressed(void **state)
{
    (void)state;
    FOR_EACH_PATH(path)
    {
        for (size_t w = 0; w < WIDTHS; w++) {
            const unsigned d = widths[w];

            for (unsigned first = 0; first < Q; first += 64) {
                struct mlkem_poly a = {{0}};
                uint8_t out[32 * 11 + 1];

                for (unsigned i = 0; i < MLKEM_N; i++) {
                    a.coeff[i] = (int16_t)((first + i) % Q);
                }
                memset(out, 0xa5, sizeof out);
                path->compress(&a, d, out);
                assert_int_equal(out[32 * d], 0xa5);
                for (unsigned i = 0; i < MLKEM_N; i++) {
                    assert_int_equal(number(out, i, d),
                                     compress_plainly((unsigned)a.coeff[i], d));
                }
            }
        }
    }
}

/* Every number of d bits, at every place; the input ends where it says. */
static void every_number_is_decompressed(void **state)
{
    (void)state;
    FOR_EACH_PATH(path)
    {
        for (size_t w = 0; w < WIDTHS; w++) {
            const unsigned d = widths[w];
            struct sponge noise = noise_of("decompress");

            for (int n = 0; n < 64; n++) {
                struct mlkem_poly a;
                uint8_t in[32 * 11];

                memset(in, n == 0 ? 0 : 0xff, sizeof in);
                if (n > 1) {
                    sponge_squeeze(&noise, in, sizeof in);
                }
                path->decompress(in + sizeof in - (size_t)32 * d, d, &a);
                for (unsigned i = 0; i < MLKEM_N; i++) {
                    assert_int_equal(
                        a.coeff[i],
                        decompress_plainly(number(in + sizeof in - (size_t)32 * d, i, d), d));
                }
            }
        }
    }
}

/* Compress(Decompress(y)) = y, 4.2.1. */
static void compression_undoes_decompression(void **state)
{
    (void)state;
    FOR_EACH_PATH(path)
    {
        for (size_t w = 0; w < WIDTHS; w++) {
            const unsigned d = widths[w];
            struct sponge noise = noise_of("undo");

            for (int n = 0; n < 32; n++) {
                struct mlkem_poly a;
                uint8_t in[32 * 11];
                uint8_t out[32 * 11];

                sponge_squeeze(&noise, in, sizeof in);
                path->decompress(in, d, &a);
                path->compress(&a, d, out);
                assert_memory_equal(out, in, (size_t)32 * d);
            }
        }
    }
}

static void hats_are_encoded_in_12_bits(void **state)
{
    (void)state;
    FOR_EACH_PATH(path)
    {
        for (unsigned first = 0; first < Q; first += 64) {
            struct mlkem_poly a = {{0}};
            struct mlkem_poly again;
            uint8_t out[MLKEM_HAT_LEN + 1];

            for (unsigned i = 0; i < MLKEM_N; i++) {
                a.coeff[i] = (int16_t)((first + i) % Q);
            }
            memset(out, 0xa5, sizeof out);
            path->encode(&a, out);
            assert_int_equal(out[MLKEM_HAT_LEN], 0xa5);
            for (unsigned i = 0; i < MLKEM_N; i++) {
                assert_int_equal(number(out, i, 12), a.coeff[i]);
            }
            assert_int_equal(path->decode(out, &again), 0);
            assert_memory_equal(&again, &a, sizeof a);
        }
    }
}

/* q and more, at each place of a polynomial that is else as large as it may be. */
static void decode_finds_each_number_that_is_too_large(void **state)
{
    (void)state;
    FOR_EACH_PATH(path)
    {
        for (unsigned i = 0; i < MLKEM_N; i++) {
            for (unsigned v = Q - 1; v < 4096; v += v < Q + 2 ? 1 : 383) {
                struct mlkem_poly a = {{0}};
                uint8_t in[MLKEM_HAT_LEN];

                for (unsigned j = 0; j < MLKEM_N; j++) {
                    a.coeff[j] = (int16_t)(j == i ? v : Q - 1);
                }
                path->encode(&a, in);
                assert_int_equal(path->decode(in, &a), v < Q ? 0 : UINT32_MAX);
                assert_int_equal(a.coeff[i], v);
            }
        }
    }
}

/* SamplePolyCBD_eta (alg. 8) as it is written. */
static void binomials_are_sums_of_bits(void **state)
{
    (void)state;
    FOR_EACH_PATH(path)
    {
        for (unsigned eta = 2; eta <= 3; eta++) {
            struct sponge noise = noise_of("cbd");

            for (int n = 0; n < 64; n++) {
                struct mlkem_poly a;
                uint8_t in[64 * 3 + MLKEM_SLACK];

                sponge_squeeze(&noise, in, sizeof in);
                path->cbd(in, eta, &a);
                for (unsigned i = 0; i < MLKEM_N; i++) {
                    int want = 0;

                    for (unsigned j = 0; j < eta; j++) {
                        want += (int)bit(in, 2 * (size_t)i * eta + j);
                        want -= (int)bit(in, 2 * (size_t)i * eta + eta + j);
                    }
                    assert_int_equal(a.coeff[i], want);
                }
            }
        }
    }
}

/* SampleNTT (alg. 7) as it is written, over bytes instead of a stream. */
static unsigned take_plainly(struct mlkem_poly *a, unsigned have, const uint8_t *in, size_t n)
{
    for (size_t i = 0; i < n && have < MLKEM_N; i += 3) {
        const unsigned d1 = in[i] + 256u * (in[i + 1] % 16);
        const unsigned d2 = in[i + 1] / 16 + 16u * in[i + 2];

        if (d1 < Q) {
            a->coeff[have++] = (int16_t)d1;
        }
        if (d2 < Q && have < MLKEM_N) {
            a->coeff[have++] = (int16_t)d2;
        }
    }
    return have;
}

static void uniform_numbers_are_taken_or_refused(void **state)
{
    (void)state;
    FOR_EACH_PATH(path)
    {
        struct sponge noise = noise_of("uniform");

        for (unsigned n = 0; n < 2000; n++) {
            const size_t len = n % 4 == 0 ? 3 * (size_t)(n % 57) : 504;
            const unsigned have = (n * 7) % 257;
            struct mlkem_poly want;
            struct mlkem_poly got;
            uint8_t in[504];

            memset(&want, 0, sizeof want);
            memset(in, 0xff, sizeof in); /* all refused */
            if (n % 16 != 1) {
                sponge_squeeze(&noise, in, sizeof in);
            }
            if (n % 16 == 2) { /* all taken */
                for (size_t i = 0; i < sizeof in; i++) {
                    in[i] &= 0x77;
                }
            }
            got = want;
            assert_int_equal(path->take_uniform(&got, have, in, len),
                             take_plainly(&want, have, in, len));
            for (unsigned i = 0; i < take_plainly(&want, have, in, len); i++) {
                assert_int_equal(got.coeff[i], want.coeff[i]);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_compressed),
        cmocka_unit_test(every_number_is_decompressed),
        cmocka_unit_test(compression_undoes_decompression),
        cmocka_unit_test(hats_are_encoded_in_12_bits),
        cmocka_unit_test(decode_finds_each_number_that_is_too_large),
        cmocka_unit_test(binomials_are_sums_of_bits),
        cmocka_unit_test(uniform_numbers_are_taken_or_refused),
    };

    return cmocka_run_group_tests(tests, mlkem_find_paths, NULL);
}
