/* tecdsa_mont.h - integers modulo one of the two primes of P-384, in six limbs of 64 bits,
 * least significant first. Time depends on no operand; outputs may be inputs. Results are below
 * the modulus if the inputs are. */
#ifndef CRYPTO_TECDSA_MONT_H
#define CRYPTO_TECDSA_MONT_H

#include <stdint.h>

#define TECDSA_LIMBS 6
#define TECDSA_LIMB_BYTES 48
#define TECDSA_SUM_LIMBS 13 /* of less than 2^64 products */

struct tecdsa_modulus {
    uint64_t m[TECDSA_LIMBS];   /* an odd prime above 2^383 */
    uint64_t neg_inv;           /* -1/m mod 2^64 */
    uint64_t one[TECDSA_LIMBS]; /* 2^384 mod m */
    uint64_t r2[TECDSA_LIMBS];  /* 2^768 mod m: out of it comes a Montgomery form */
};

/* The field of the curve's coordinates, and the order of its group: SP 800-186 3.2.1.4. */
extern const struct tecdsa_modulus tecdsa_mod_p, tecdsa_mod_n;

/* a b / 2^384 (Montgomery 1985). */
void tecdsa_mont_mul(const struct tecdsa_modulus *m, const uint64_t a[TECDSA_LIMBS],
                     const uint64_t b[TECDSA_LIMBS], uint64_t out[TECDSA_LIMBS]);

/* *sum += a b, not reduced. */
void tecdsa_mont_add_product(const uint64_t a[TECDSA_LIMBS], const uint64_t b[TECDSA_LIMBS],
                             uint64_t sum[TECDSA_SUM_LIMBS]);

/* sum / 2^384: one reduction for all products. sum is erased. */
void tecdsa_mont_reduce(const struct tecdsa_modulus *m, uint64_t sum[TECDSA_SUM_LIMBS],
                        uint64_t out[TECDSA_LIMBS]);

void tecdsa_mod_add(const struct tecdsa_modulus *m, const uint64_t a[TECDSA_LIMBS],
                    const uint64_t b[TECDSA_LIMBS], uint64_t out[TECDSA_LIMBS]);
void tecdsa_mod_sub(const struct tecdsa_modulus *m, const uint64_t a[TECDSA_LIMBS],
                    const uint64_t b[TECDSA_LIMBS], uint64_t out[TECDSA_LIMBS]);

/* a + carry 2^384, less the modulus if it is not below it: right for values below twice the
 * modulus. carry is 0 or 1. */
void tecdsa_mod_once(const struct tecdsa_modulus *m, const uint64_t a[TECDSA_LIMBS],
                     uint64_t carry, uint64_t out[TECDSA_LIMBS]);

/* a^exponent, a and the result in Montgomery form. The exponent is a constant of the curve:
 * time depends on it. */
void tecdsa_mont_pow(const struct tecdsa_modulus *m, const uint64_t a[TECDSA_LIMBS],
                     const uint64_t exponent[TECDSA_LIMBS], uint64_t out[TECDSA_LIMBS]);

/* 1/a by Fermat, both in Montgomery form; 0 of 0. */
void tecdsa_mont_invert(const struct tecdsa_modulus *m, const uint64_t a[TECDSA_LIMBS],
                        uint64_t out[TECDSA_LIMBS]);

/* All-ones if a is below the modulus, if a is 0, if a == b; else zero. */
uint64_t tecdsa_mod_below(const struct tecdsa_modulus *m, const uint64_t a[TECDSA_LIMBS]);
uint64_t tecdsa_limbs_zero(const uint64_t a[TECDSA_LIMBS]);
uint64_t tecdsa_limbs_equal(const uint64_t a[TECDSA_LIMBS], const uint64_t b[TECDSA_LIMBS]);

/* a where mask is all-ones, b where it is zero. */
void tecdsa_limbs_select(uint64_t mask, const uint64_t a[TECDSA_LIMBS],
                         const uint64_t b[TECDSA_LIMBS], uint64_t out[TECDSA_LIMBS]);

/* 48 bytes, big-endian. */
void tecdsa_limbs_read(const uint8_t in[TECDSA_LIMB_BYTES], uint64_t out[TECDSA_LIMBS]);
void tecdsa_limbs_write(const uint64_t a[TECDSA_LIMBS], uint8_t out[TECDSA_LIMB_BYTES]);

#endif
