#include "base/avx2.h"
#include "crypto/mldsa/mldsa_wide.h"
#include "crypto/tmldsa/tmldsa_gauss.h"
#include "crypto/tmldsa/tmldsa_loops.h"
#include "crypto/tmldsa/tmldsa_wide.h"

/* Every step is that of tmldsa_portable.c on four numbers, in the same order: the results are
 * the same to the last bit. */

ALWAYS_INLINE __m256i set64(uint64_t x)
{
    return _mm256_set1_epi64x((int64_t)x);
}

/* Numbers below 2^32. */
ALWAYS_INLINE __m256d from_32(__m256i x)
{
    return _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(x, set64(GAUSS_2_52_BITS))),
                         _mm256_set1_pd(0x1p52));
}

ALWAYS_INLINE __m256i low_32(__m256i x)
{
    return _mm256_and_si256(x, set64(0xffffffff));
}

/* a z + c */
ALWAYS_INLINE __m256d times_plus(__m256d a, __m256d z, __m256d c)
{
    return _mm256_add_pd(_mm256_mul_pd(a, z), c);
}

ALWAYS_INLINE __m256d polynomial(__m256d z, const double *c, int terms)
{
    const __m256d z2 = _mm256_mul_pd(z, z);
    __m256d a = _mm256_set1_pd(c[0]);
    __m256d b = _mm256_set1_pd(c[1]);

    UNROLLED
    for (int i = 2; i + 1 < terms; i += 2) {
        a = times_plus(a, z2, _mm256_set1_pd(c[i]));
        b = times_plus(b, z2, _mm256_set1_pd(c[i + 1]));
    }
    return terms % 2 == 0 ? times_plus(a, z, b)
                          : _mm256_add_pd(times_plus(a, z2, _mm256_set1_pd(c[terms - 1])),
                                          _mm256_mul_pd(b, z));
}

ALWAYS_INLINE __m256d ln(__m256d a)
{
    const __m256d one = _mm256_set1_pd(1);
    const __m256i bits = _mm256_castpd_si256(a);
    const __m256i bias = set64((uint64_t)1024 << 52);
    const __m256i e = _mm256_srli_epi64(
        _mm256_add_epi64(_mm256_sub_epi64(bits, set64(GAUSS_SQRT_HALF_BITS)), bias), 52);
    const __m256d m = _mm256_castsi256_pd(
        _mm256_add_epi64(_mm256_sub_epi64(bits, _mm256_slli_epi64(e, 52)), bias));
    const __m256d s = _mm256_div_pd(_mm256_sub_pd(m, one), _mm256_add_pd(m, one));
    const __m256d z = _mm256_mul_pd(s, s);
    const __m256d tail =
        _mm256_mul_pd(s, _mm256_mul_pd(z, polynomial(z, gauss_ln, GAUSS_LN_TERMS)));

    return _mm256_add_pd(_mm256_mul_pd(_mm256_sub_pd(from_32(e), _mm256_set1_pd(1024)),
                                       _mm256_set1_pd(GAUSS_LN_2)),
                         _mm256_add_pd(_mm256_add_pd(s, s), _mm256_add_pd(tail, tail)));
}

/* b where the top bit of mask is set, else a. */
ALWAYS_INLINE __m256d choose(__m256i mask, __m256d a, __m256d b)
{
    return _mm256_blendv_pd(a, b, _mm256_castsi256_pd(mask));
}

/* The last bit of x as a sign. */
ALWAYS_INLINE __m256d negate_if(__m256d a, __m256i x)
{
    return _mm256_xor_pd(a, _mm256_castsi256_pd(_mm256_slli_epi64(x, 63)));
}

ALWAYS_INLINE void cos_sin(__m256i v, __m256d *cos, __m256d *sin)
{
    const __m256d half = _mm256_set1_pd(GAUSS_SQRT_HALF);
    const __m256i up = _mm256_add_epi64(v, set64((uint64_t)1 << 60));
    const __m256i eighth = _mm256_srli_epi64(up, 61);
    const __m256i rest = _mm256_and_si256(up, set64(((uint64_t)1 << 61) - 1));
    const __m256d high = _mm256_sub_pd(
        _mm256_mul_pd(from_32(_mm256_srli_epi64(rest, 32)), _mm256_set1_pd(0x1p32)),
        _mm256_set1_pd(0x1p60));
    const __m256d x = _mm256_mul_pd(_mm256_add_pd(high, from_32(low_32(rest))),
                                    _mm256_set1_pd(GAUSS_2_PI * 0x1p-64));
    const __m256d z = _mm256_mul_pd(x, x);
    const __m256d s = _mm256_add_pd(
        x, _mm256_mul_pd(x, _mm256_mul_pd(z, polynomial(z, gauss_sin, GAUSS_SIN_TERMS))));
    const __m256d c = _mm256_add_pd(
        _mm256_set1_pd(1), _mm256_mul_pd(z, polynomial(z, gauss_cos, GAUSS_COS_TERMS)));
    const __m256i odd = _mm256_slli_epi64(eighth, 63);
    const __m256i quarter = _mm256_srli_epi64(eighth, 1);
    const __m256i swap = _mm256_slli_epi64(quarter, 63);
    const __m256i half_turn = _mm256_srli_epi64(quarter, 1);
    const __m256d s1 = choose(odd, s, _mm256_mul_pd(_mm256_add_pd(s, c), half));
    const __m256d c1 = choose(odd, c, _mm256_mul_pd(_mm256_sub_pd(c, s), half));

    *sin = negate_if(choose(swap, s1, c1), half_turn);
    *cos = negate_if(choose(swap, c1, s1), _mm256_xor_si256(quarter, half_turn));
}

static void gaussians(const uint64_t *u, double *g, size_t n)
{
    for (size_t i = 0; i < n; i += 8) {
        const __m256i p = avx2_load(u + i);
        const __m256i q = avx2_load(u + i + 4);
        const __m256i first =
            _mm256_unpacklo_epi64(p, q); /* in an order that is undone below */
        const __m256i second = _mm256_unpackhi_epi64(p, q);
        const __m256d high =
            _mm256_mul_pd(from_32(_mm256_srli_epi64(first, 32)), _mm256_set1_pd(0x1p-32));
        const __m256d low =
            _mm256_mul_pd(_mm256_add_pd(from_32(low_32(first)), _mm256_set1_pd(0.5)),
                          _mm256_set1_pd(0x1p-64));
        const __m256d m =
            _mm256_sqrt_pd(_mm256_mul_pd(_mm256_set1_pd(-2), ln(_mm256_add_pd(high, low))));
        __m256d c;
        __m256d s;

        cos_sin(second, &c, &s);
        c = _mm256_mul_pd(m, c);
        s = _mm256_mul_pd(m, s);
        _mm256_store_pd(g + i, _mm256_unpacklo_pd(c, s));
        _mm256_store_pd(g + i + 4, _mm256_unpackhi_pd(c, s));
    }
}

ALWAYS_INLINE double add_lanes(__m256d v)
{
    double sum[4];

    _mm256_storeu_pd(sum, v);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static double square_sum(const double *g, size_t n)
{
    __m256d sum = _mm256_setzero_pd();

    for (size_t i = 0; i < n; i += 4) {
        const __m256d v = _mm256_load_pd(g + i);

        sum = _mm256_add_pd(sum, _mm256_mul_pd(v, v));
    }
    return add_lanes(sum);
}

static void scale(double *g, double f, size_t n)
{
    for (size_t i = 0; i < n; i += 4) {
        _mm256_store_pd(g + i, _mm256_mul_pd(_mm256_load_pd(g + i), _mm256_set1_pd(f)));
    }
}

/* The conversion rounds to nearest. */
static void nearest(const double y[MLDSA_N], struct mldsa_poly *r)
{
    for (unsigned i = 0; i < MLDSA_N; i += 4) {
        _mm_store_si128((void *)&r->coeff[i], _mm256_cvtpd_epi32(_mm256_load_pd(y + i)));
    }
}

/* mldsa_center() on four. */
ALWAYS_INLINE __m128i center(__m128i a)
{
    const __m128i n = _mm_srai_epi32(_mm_add_epi32(a, _mm_set1_epi32(1 << 22)), 23);

    return _mm_sub_epi32(a, _mm_mullo_epi32(n, _mm_set1_epi32(MLDSA_Q)));
}

static double shifted_square_sum(const double y[MLDSA_N], const struct mldsa_poly *v)
{
    __m256d sum = _mm256_setzero_pd();

    for (unsigned i = 0; i < MLDSA_N; i += 4) {
        const __m128i four = center(_mm_load_si128((const void *)&v->coeff[i]));
        const __m256d d = _mm256_add_pd(_mm256_load_pd(y + i), _mm256_cvtepi32_pd(four));

        sum = _mm256_add_pd(sum, _mm256_mul_pd(d, d));
    }
    return add_lanes(sum);
}

/* 16 coefficients as 24 bytes, 6 a lane of 64 bits joined from two. */
static void encode_12(const struct mldsa_poly *u, uint8_t *out)
{
    const __m256i dense =
        _mm256_setr_epi8(0, 1, 2, 8, 9, 10, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 2, 8,
                         9, 10, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);

    for (unsigned i = 0; i < MLDSA_N; i += 8, out += 12) {
        const __m256i v = avx2_load(&u->coeff[i]);
        const __m256i pairs = _mm256_or_si256(v, _mm256_srli_epi64(v, 20)); /* 24 bits a lane */
        const __m256i six = _mm256_shuffle_epi8(pairs, dense);
        const uint64_t a = (uint64_t)_mm_cvtsi128_si64(_mm256_castsi256_si128(six));
        const uint64_t b = (uint64_t)_mm_cvtsi128_si64(_mm256_extracti128_si256(six, 1));
        const uint64_t first = a | b << 48;
        const uint32_t second = (uint32_t)(b >> 16);

        __builtin_memcpy(out, &first, sizeof first);
        __builtin_memcpy(out + 8, &second, sizeof second);
    }
}

/* Eight coefficients from 12 bytes. */
ALWAYS_INLINE __m256i decode_8(const uint8_t *in)
{
    uint64_t first;
    uint32_t second;
    __m128i twelve;
    __m256i v;

    __builtin_memcpy(&first, in, sizeof first);
    __builtin_memcpy(&second, in + 8, sizeof second);
    twelve = _mm_insert_epi32(_mm_cvtsi64_si128((int64_t)first), (int32_t)second, 2);
    v = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(twelve),
                            _mm256_setr_epi8(0, 1, -1, -1, 1, 2, -1, -1, 3, 4, -1, -1, 4, 5, -1,
                                             -1, 6, 7, -1, -1, 7, 8, -1, -1, 9, 10, -1, -1, 10,
                                             11, -1, -1));
    return _mm256_and_si256(_mm256_srlv_epi32(v, _mm256_setr_epi32(0, 4, 0, 4, 0, 4, 0, 4)),
                            _mm256_set1_epi32(0xfff));
}

static uint32_t add_12(struct mldsa_poly *sum, const uint8_t *in, int32_t max)
{
    __m256i over = _mm256_setzero_si256();

    for (unsigned i = 0; i < MLDSA_N; i += 8, in += 12) {
        const __m256i v = decode_8(in);

        over = _mm256_or_si256(over, _mm256_cmpgt_epi32(v, _mm256_set1_epi32(max)));
        avx2_store(&sum->coeff[i], _mm256_add_epi32(avx2_load(&sum->coeff[i]), v));
    }
    return _mm256_testz_si256(over, over) ? 0 : UINT32_MAX;
}

const struct tmldsa_path tmldsa_avx2_path = {
    .name = "avx2",
    .ring = &mldsa_avx2_path,
    .stream = tmldsa_stream,
    .gaussians = gaussians,
    .square_sum = square_sum,
    .scale = scale,
    .round = nearest,
    .shifted_square_sum = shifted_square_sum,
    .drop_bits = drop_bits,
    .encode_12 = encode_12,
    .add_12 = add_12,
};
