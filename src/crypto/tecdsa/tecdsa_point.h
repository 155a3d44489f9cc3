/* tecdsa_point.h - the group of P-384. Every point, infinity too, has a value here, and the
 * formulas hold for all of them (Renes, Costello, Batina 2016, algorithm 4): time depends on no
 * point and no scalar. Multiplication is nettle's, which takes memory from GMP and leaves
 * secrets on the stack: it runs on a work stack (work_stack_run_gmp()). Outputs may be inputs.
 */
#ifndef CRYPTO_TECDSA_POINT_H
#define CRYPTO_TECDSA_POINT_H

#include "crypto/tecdsa/tecdsa_scalar.h"

#define TECDSA_POINT_LEN 49  /* 02 or 03 | X, SEC 1 2.3.3 */
#define TECDSA_POINT_LONG 97 /* 04 | X | Y */

/* x/z, y/z in Montgomery form mod p; z == 0: infinity. The same point has many. */
struct tecdsa_point {
    uint64_t x[TECDSA_LIMBS], y[TECDSA_LIMBS], z[TECDSA_LIMBS];
};

extern const struct tecdsa_point tecdsa_infinity;

/* Public bytes. *out is infinity on failure. ERR_ENCODING: not 02 or 03, not 04: infinity has
 * no encoding. ERR_RANGE: a coordinate that is not below p, or no point of the curve. */
MUST_CHECK enum err tecdsa_point_decode(const uint8_t in[TECDSA_POINT_LEN],
                                        struct tecdsa_point *out);
MUST_CHECK enum err tecdsa_point_long_decode(const uint8_t in[TECDSA_POINT_LONG],
                                             struct tecdsa_point *out);

/* Infinity gives zeros alone, which no decoder takes. */
void tecdsa_point_encode(const struct tecdsa_point *a, uint8_t out[TECDSA_POINT_LEN]);
void tecdsa_point_long_encode(const struct tecdsa_point *a, uint8_t out[TECDSA_POINT_LONG]);

void tecdsa_point_add(const struct tecdsa_point *a, const struct tecdsa_point *b,
                      struct tecdsa_point *out);
void tecdsa_point_neg(const struct tecdsa_point *a, struct tecdsa_point *out);
void tecdsa_point_sub(const struct tecdsa_point *a, const struct tecdsa_point *b,
                      struct tecdsa_point *out);

/* Masks: all-ones or zero. */
uint64_t tecdsa_point_infinite(const struct tecdsa_point *a);
uint64_t tecdsa_point_equal(const struct tecdsa_point *a, const struct tecdsa_point *b);

/* a where mask is all-ones, b where it is zero. */
void tecdsa_point_select(uint64_t mask, const struct tecdsa_point *a,
                         const struct tecdsa_point *b, struct tecdsa_point *out);

/* k G and k a, on a work stack. */
void tecdsa_point_mul_g(const struct tecdsa_scalar *k, struct tecdsa_point *out);
void tecdsa_point_mul(const struct tecdsa_scalar *k, const struct tecdsa_point *a,
                      struct tecdsa_point *out);

/* The long encoding of k G. */
void tecdsa_point_mul_g_encode(const struct tecdsa_scalar *k, uint8_t out[TECDSA_POINT_LONG]);

/* Whether k G is a. Whether it is, is public. ERR_MISMATCH: it is not. */
MUST_CHECK enum err tecdsa_point_check(const struct tecdsa_scalar *k,
                                       const struct tecdsa_point *a);

/* k a by additions alone. k is public: time depends on it. */
void tecdsa_point_times(unsigned k, const struct tecdsa_point *a, struct tecdsa_point *out);

/* The x coordinate mod n: r of a signature. 0 of infinity. */
void tecdsa_point_x(const struct tecdsa_point *a, struct tecdsa_scalar *out);

/* The same of n points, of which none is infinity, for little more than the price of one: all
 * 0 if one is. n is at most TECDSA_POINT_X_MAX. */
#define TECDSA_POINT_X_MAX 16
void tecdsa_point_x_all(const struct tecdsa_point a[], size_t n, struct tecdsa_scalar out[]);

#endif
