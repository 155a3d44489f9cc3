/* tmldsa_path.h - the inner loops of threshold ML-DSA: Gaussian numbers, norms, and w as bytes.
 *
 * No function here has a branch or an index that depends on what it computes with. Square roots
 * and divisions of doubles are the processor's: see docs/adr/0013. */
#ifndef CRYPTO_TMLDSA_TMLDSA_PATH_H
#define CRYPTO_TMLDSA_TMLDSA_PATH_H

#include "crypto/mldsa/mldsa_poly.h"
#include "crypto/tmldsa/tmldsa_params.h"

#define TMLDSA_SEED_LEN 32 /* of a batch */

/* Doubles are handled by this many. */
#define TMLDSA_LANES 8

/* The most coordinates of y, and of the Gaussians that it is made of: two more, rounded up. */
#define TMLDSA_DIMENSION_MAX ((MLDSA_K_MAX + MLDSA_L_MAX) * MLDSA_N)
#define TMLDSA_GAUSSIANS_MAX (TMLDSA_DIMENSION_MAX + TMLDSA_LANES)

struct tmldsa_path {
    const char *name;              /* "portable", "avx2" */
    const struct mldsa_path *ring; /* polynomials and Keccak */

    /* The stream of a repetition: n numbers, a multiple of TMLDSA_LANES. Any good stream will
     * do, but each round of a batch must see the same one. */
    void (*stream)(const struct keccak_path *keccak, const uint8_t seed[TMLDSA_SEED_LEN],
                   unsigned repetition, uint64_t *u, size_t n);

    /* Box-Muller: from each pair (u, v), sqrt(-2 ln((u + 1/2) / 2^64)) times cos and sin of 2
     * pi v / 2^64. n is a multiple of TMLDSA_LANES; arrays are aligned to 32. */
    void (*gaussians)(const uint64_t *u, double *g, size_t n);

    /* The sum of squares; g[i] = f g[i]. n is a multiple of 4. */
    double (*square_sum)(const double *g, size_t n);
    void (*scale)(double *g, double f, size_t n);

    /* The nearest integers; |y| < 2^31. */
    void (*round)(const double y[MLDSA_N], struct mldsa_poly *r);

    /* The sum of (y + v)^2, v small modulo q (mldsa_poly.h, add_small). */
    double (*shifted_square_sum)(const double y[MLDSA_N], const struct mldsa_poly *v);

    /* (w + y2 mod q, rounded to a multiple of 2^drop) / 2^drop, in place of w. |w| < q, |y2| <
     * q. */
    void (*drop_bits)(struct mldsa_poly *w, const struct mldsa_poly *y2, unsigned drop);

    /* 12 bits a coefficient, in [0, 2^12), lowest bit first: 384 bytes. */
    void (*encode_12)(const struct mldsa_poly *u, uint8_t *out);
    /* Adds what such bytes hold to sum. All-ones if a coefficient is over max, else zero. */
    uint32_t (*add_12)(struct mldsa_poly *sum, const uint8_t *in, int32_t max);
};

extern const struct tmldsa_path tmldsa_portable;

/* The one with AVX2. NULL: this processor or this build has none. */
const struct tmldsa_path *tmldsa_avx2(void);

/* The fastest one here. */
const struct tmldsa_path *tmldsa_best(void);

/* The stream of both: AES-256 in counter mode where the processor has instructions for it, and
 * otherwise the next one, as tables would show the key. */
void tmldsa_stream(const struct keccak_path *keccak, const uint8_t seed[TMLDSA_SEED_LEN],
                   unsigned repetition, uint64_t *u, size_t n);

/* SHAKE256(seed || LE16(repetition)). */
void tmldsa_stream_shake(const struct keccak_path *keccak, const uint8_t seed[TMLDSA_SEED_LEN],
                         unsigned repetition, uint64_t *u, size_t n);

#endif
