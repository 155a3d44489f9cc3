/* tmldsa_gauss.h - the numbers that both ways of Box-Muller compute with.
 *
 * ln a: a = 2^e m, m in [sqrt(1/2), sqrt(2)); with s = (m - 1) / (m + 1), |s| < 0.1716, ln m =
 * 2 s (1 + s^2/3 + s^4/5 + ... + s^24/25), the rest being below 2^-60.
 *
 * cos and sin of an angle given as a fraction of the circle in 64 bits: the nearest eighth is
 * taken off exactly, and of what is left, at most pi/8, Taylor's series run to degrees 14 and
 * 15, the rest being below 2^-65. */
#ifndef CRYPTO_TMLDSA_TMLDSA_GAUSS_H
#define CRYPTO_TMLDSA_TMLDSA_GAUSS_H

#define GAUSS_LN_TERMS 12
static const double gauss_ln[GAUSS_LN_TERMS] = {
    1.0 / 25, 1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15,
    1.0 / 13, 1.0 / 11, 1.0 / 9,  1.0 / 7,  1.0 / 5,  1.0 / 3,
};

#define GAUSS_SIN_TERMS 7
static const double gauss_sin[GAUSS_SIN_TERMS] = {
    -1.0 / 1307674368000, 1.0 / 6227020800, -1.0 / 39916800, 1.0 / 362880,
    -1.0 / 5040,          1.0 / 120,        -1.0 / 6,
};

#define GAUSS_COS_TERMS 7
static const double gauss_cos[GAUSS_COS_TERMS] = {
    -1.0 / 87178291200, 1.0 / 479001600, -1.0 / 3628800, 1.0 / 40320,
    -1.0 / 720,         1.0 / 24,        -1.0 / 2,
};

#define GAUSS_LN_2 0x1.62e42fefa39efp-1
#define GAUSS_SQRT_HALF 0x1.6a09e667f3bcdp-1
#define GAUSS_SQRT_HALF_BITS 0x3fe6a09e667f3bcdu
#define GAUSS_2_PI 0x1.921fb54442d18p2

/* The bits of 2^52: with x in the low 32 bits of its mantissa it is 2^52 + x. */
#define GAUSS_2_52_BITS 0x4330000000000000u

#endif
