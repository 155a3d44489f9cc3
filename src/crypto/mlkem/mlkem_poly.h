/* mlkem_poly.h - elements of R_q = Z_q[X]/(X^256 + 1), and the ways to compute with them.
 *
 * A polynomial is in one of two domains, and nothing but the names of variables says which:
 * plain, its coefficients; or hat, its image under the NTT (FIPS 203 alg. 9), in the order of
 * FIPS 203 on every path.
 *
 * A product of hats carries a factor 2^-16 (Montgomery). ntt_inverse() and hat_add() take it
 * off again: one of them must see the result of exactly one hat_dot().
 *
 * No function here has a branch or an index that depends on coefficients, but for
 * take_uniform(), whose input is public. */
#ifndef CRYPTO_MLKEM_MLKEM_POLY_H
#define CRYPTO_MLKEM_MLKEM_POLY_H

#include "crypto/keccak/keccak.h"
#include "crypto/mlkem/mlkem_params.h"

#include <stdalign.h>

/* The owner wipes what is secret. */
struct mlkem_poly {
    alignas(32) int16_t coeff[MLKEM_N];
};

/* Bytes past its input that cbd() may read, and must be the caller's to read. */
#define MLKEM_SLACK 8

struct mlkem_path {
    const char *name; /* "portable", "avx2" */
    const struct keccak_path *keccak;

    /* plain to hat, in place. In and out: |coeff| < q. */
    void (*ntt)(struct mlkem_poly *a);

    /* hat to plain, in place. In and out: |coeff| < q. */
    void (*ntt_inverse)(struct mlkem_poly *a);

    /* r = a[0] b[0] + a[stride] b[1] + ... (MultiplyNTTs, alg. 11), n terms, at most
     * MLKEM_K_MAX. In and out: |coeff| < q. */
    void (*hat_dot)(struct mlkem_poly *r, const struct mlkem_poly *a, unsigned stride,
                    const struct mlkem_poly *b, unsigned n);

    /* r = 2^16 r + a. In: |coeff| < q. Out: [0, q). */
    void (*hat_add)(struct mlkem_poly *r, const struct mlkem_poly *a);

    /* r += a and r = a - r. In: |coeff| < q. Out: [0, q). */
    void (*add)(struct mlkem_poly *r, const struct mlkem_poly *a);
    void (*sub_from)(struct mlkem_poly *r, const struct mlkem_poly *a);

    /* To [0, q). In: |coeff| < q. */
    void (*canonical)(struct mlkem_poly *r);

    /* ByteEncode_d(Compress_d(a)) (alg. 5, eq. 4.7) and back (alg. 6, eq. 4.8); 32 d bytes; d
     * is 1, 4, 5, 10 or 11. a in [0, q). */
    void (*compress)(const struct mlkem_poly *a, unsigned d, uint8_t *out);
    void (*decompress)(const uint8_t *in, unsigned d, struct mlkem_poly *a);

    /* ByteEncode_12 (alg. 5), MLKEM_HAT_LEN bytes. a in [0, q). */
    void (*encode)(const struct mlkem_poly *a, uint8_t *out);

    /* The 12-bit numbers of MLKEM_HAT_LEN bytes, unlike ByteDecode_12 (alg. 6) not reduced.
     * All-ones if one of them is q or more, else zero. */
    uint32_t (*decode)(const uint8_t *in, struct mlkem_poly *a);

    /* SamplePolyCBD_eta (alg. 8) from 64 eta bytes; eta is 2 or 3. Reads up to MLKEM_SLACK
     * bytes past them. */
    void (*cbd)(const uint8_t *in, unsigned eta, struct mlkem_poly *a);

    /* A step of SampleNTT (alg. 7): appends to the have coefficients of a those that the n
     * bytes of in give, a multiple of 3, until there are 256; returns how many there are. */
    unsigned (*take_uniform)(struct mlkem_poly *a, unsigned have, const uint8_t *in, size_t n);
};

extern const struct mlkem_path mlkem_portable;

/* The one with AVX2. NULL: this processor or this build has none. */
const struct mlkem_path *mlkem_avx2(void);

/* The fastest one here. */
const struct mlkem_path *mlkem_best(void);

#endif
