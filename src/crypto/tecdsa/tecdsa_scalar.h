/* tecdsa_scalar.h - integers modulo n, the order of P-384: secrets of threshold ECDSA. Time
 * depends on no value, but for a refusal. Outputs may be inputs. */
#ifndef CRYPTO_TECDSA_SCALAR_H
#define CRYPTO_TECDSA_SCALAR_H

#include "base/bytes.h"
#include "crypto/tecdsa/tecdsa_mont.h"

#define TECDSA_SCALAR_LEN 48
#define TECDSA_WIDE_LEN 64 /* of uniform bytes that are reduced: a bias of 2^-128 */

/* Below n. */
struct tecdsa_scalar {
    uint64_t w[TECDSA_LIMBS];
};

/* A scalar made ready to multiply others (its Montgomery form): half the price of a product
 * when it is used often. */
struct tecdsa_factor {
    uint64_t w[TECDSA_LIMBS];
};

/* A scalar and products (less than 2^64) that are added and not yet reduced. */
struct tecdsa_sum {
    uint64_t w[TECDSA_SUM_LIMBS];
};

/* Big-endian. ERR_RANGE: n or more; *out is zero. That a scalar was refused is public. */
MUST_CHECK enum err tecdsa_scalar_decode(const uint8_t in[TECDSA_SCALAR_LEN],
                                         struct tecdsa_scalar *out);
void tecdsa_scalar_encode(const struct tecdsa_scalar *a, uint8_t out[TECDSA_SCALAR_LEN]);

/* Big-endian integers mod n: of 64 bytes of a hash, and of a SHA-384 digest (FIPS 186-5 6.4).
 */
void tecdsa_scalar_reduce(const uint8_t in[TECDSA_WIDE_LEN], struct tecdsa_scalar *out);
void tecdsa_scalar_of_digest(const uint8_t digest[TECDSA_SCALAR_LEN],
                             struct tecdsa_scalar *out);
void tecdsa_scalar_of_int(unsigned a, struct tecdsa_scalar *out);

void tecdsa_scalar_add(const struct tecdsa_scalar *a, const struct tecdsa_scalar *b,
                       struct tecdsa_scalar *out);
void tecdsa_scalar_sub(const struct tecdsa_scalar *a, const struct tecdsa_scalar *b,
                       struct tecdsa_scalar *out);
void tecdsa_scalar_neg(const struct tecdsa_scalar *a, struct tecdsa_scalar *out);
void tecdsa_scalar_mul(const struct tecdsa_scalar *a, const struct tecdsa_scalar *b,
                       struct tecdsa_scalar *out);
void tecdsa_scalar_factor(const struct tecdsa_scalar *a, struct tecdsa_factor *out);
void tecdsa_scalar_times(const struct tecdsa_scalar *a, const struct tecdsa_factor *b,
                         struct tecdsa_scalar *out);
/* *sum += a b */
void tecdsa_scalar_add_times(const struct tecdsa_scalar *a, const struct tecdsa_factor *b,
                             struct tecdsa_scalar *sum);

/* a + all a_i b_i, reduced once: half the price of each. The end erases sum. */
void tecdsa_sum_start(const struct tecdsa_scalar *a, struct tecdsa_sum *sum);
void tecdsa_sum_times(const struct tecdsa_scalar *a, const struct tecdsa_factor *b,
                      struct tecdsa_sum *sum);
void tecdsa_sum_end(struct tecdsa_sum *sum, struct tecdsa_scalar *out);

/* 1/a; 0 of 0. */
void tecdsa_scalar_invert(const struct tecdsa_scalar *a, struct tecdsa_scalar *out);
/* The same of a public a, in a tenth of the time, which depends on a. GMP allocates. */
void tecdsa_scalar_invert_public(const struct tecdsa_scalar *a, struct tecdsa_scalar *out);

/* Masks: all-ones or zero. */
uint64_t tecdsa_scalar_zero(const struct tecdsa_scalar *a);
uint64_t tecdsa_scalar_equal(const struct tecdsa_scalar *a, const struct tecdsa_scalar *b);

/* a where mask is all-ones, b where it is zero; a, or 0. */
void tecdsa_scalar_select(uint64_t mask, const struct tecdsa_scalar *a,
                          const struct tecdsa_scalar *b, struct tecdsa_scalar *out);
void tecdsa_scalar_mask(uint64_t mask, const struct tecdsa_scalar *a,
                        struct tecdsa_scalar *out);

#endif
