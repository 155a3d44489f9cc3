/* mldsa_poly.h - elements of R_q = Z_q[X]/(X^256 + 1), and the ways to compute with them.
 *
 * A polynomial is in one of two domains, and nothing but the names of variables says which:
 * plain, its coefficients; or hat, its image under the NTT (FIPS 204 alg. 41). The order of the
 * 256 values of a hat is a private matter of the path that made it: hats of two paths do not
 * mix.
 *
 * A product of hats carries a factor 2^-32 (Montgomery). ntt_inverse() takes it off again: it
 * must see the result of exactly one hat_dot().
 *
 * No function here has a branch or an index that depends on coefficients, but for
 * take_uniform(), whose input is public. */
#ifndef CRYPTO_MLDSA_MLDSA_POLY_H
#define CRYPTO_MLDSA_MLDSA_POLY_H

#include "crypto/keccak/keccak.h"
#include "crypto/mldsa/mldsa_params.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

/* The owner wipes what is secret. */
struct mldsa_poly {
    alignas(32) int32_t coeff[MLDSA_N];
};

/* Bytes past its input that a function of a path may read, and must be the caller's to read. */
#define MLDSA_SLACK 16

/* Terms of a hat_dot() at most: a row of A and one more. */
#define MLDSA_DOT_MAX (MLDSA_L_MAX + 1)

struct mldsa_path {
    const char *name; /* "portable", "avx2" */
    const struct keccak_path *keccak;

    /* plain to hat, in place. In: |coeff| < q. Out: |coeff| < 9q. */
    void (*ntt)(struct mldsa_poly *a);

    /* hat to plain, in place. In and out: |coeff| < q. */
    void (*ntt_inverse)(struct mldsa_poly *a);

    /* From the order of FIPS 204 to this path's order, in place: for hats that were sampled. */
    void (*hat_order)(struct mldsa_poly *a);

    /* r = a[0] b[0] + ... + a[n-1] b[n-1], n at most MLDSA_DOT_MAX. In: |coeff| < 9q, but < q
     * in all but one a. Out: |coeff| < q. */
    void (*hat_dot)(struct mldsa_poly *r, const struct mldsa_poly *a,
                    const struct mldsa_poly *b, unsigned n);

    /* r += a and r -= a, for sums that are small modulo q (magnitude below 2^21): r becomes the
     * value of smallest magnitude. In: |coeff| < q. Returns all-ones if any |coeff| of r is
     * bound or more, else zero. */
    uint32_t (*add_small)(struct mldsa_poly *r, const struct mldsa_poly *a, int32_t bound);
    uint32_t (*sub_small)(struct mldsa_poly *r, const struct mldsa_poly *a, int32_t bound);

    /* All-ones if any |coeff mod q| is bound or more, else zero. As above: small modulo q. */
    uint32_t (*norm_reaches)(const struct mldsa_poly *a, int32_t bound);

    /* HighBits and LowBits (alg. 36 to 38). In: |coeff| < q. Out: r1 in [0, m), m = (q-1)/(2
     * gamma2); r0 in [-gamma2, gamma2]. r1, r0 and r do not overlap. */
    void (*decompose)(const struct mldsa_poly *r, int32_t gamma2, struct mldsa_poly *r1,
                      struct mldsa_poly *r0);

    /* UseHint (alg. 40), in place. In: |coeff| < q; hint is ones and zeros. Out: [0, m). */
    void (*use_hint)(struct mldsa_poly *r, int32_t gamma2, const uint8_t hint[MLDSA_N]);

    /* One polynomial of w1Encode (alg. 28): 6 bits a coefficient if gamma2 is (q-1)/88, else 4.
     */
    void (*w1_encode)(const struct mldsa_poly *w1, int32_t gamma2, uint8_t *out);

    /* BitUnpack(in, gamma1 - 1, gamma1) (alg. 19), of 18 or 20 bits a coefficient. Out:
     * (-gamma1, gamma1]. Reads up to MLDSA_SLACK bytes past the polynomial. */
    void (*gamma1_unpack)(struct mldsa_poly *r, int32_t gamma1, const uint8_t *in);

    /* A step of RejNTTPoly (alg. 30): appends to the have coefficients of a those that the n
     * bytes of in give, a multiple of 24, until there are 256; returns how many there are.
     * Reads up to MLDSA_SLACK bytes past n. */
    unsigned (*take_uniform)(struct mldsa_poly *a, unsigned have, const uint8_t *in, size_t n);
};

extern const struct mldsa_path mldsa_portable;

/* The one with AVX2. NULL: this processor or this build has none. */
const struct mldsa_path *mldsa_avx2(void);

/* The fastest one here. */
const struct mldsa_path *mldsa_best(void);

#endif
