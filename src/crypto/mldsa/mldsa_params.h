/* mldsa_params.h - the parameter sets of ML-DSA, FIPS 204 4 table 1 and table 2. */
#ifndef CRYPTO_MLDSA_MLDSA_PARAMS_H
#define CRYPTO_MLDSA_MLDSA_PARAMS_H

#include <stddef.h>
#include <stdint.h>

#define MLDSA_N 256
#define MLDSA_Q 8380417
#define MLDSA_D 13 /* bits dropped from t */

/* Largest of all sets: sizes of the arrays. */
#define MLDSA_K_MAX 8
#define MLDSA_L_MAX 7
#define MLDSA_C_TILDE_MAX 64
#define MLDSA_W1_MAX 192 /* a polynomial of w1, encoded */
#define MLDSA_PK_MAX 2592
#define MLDSA_SK_MAX 4896
#define MLDSA_SIG_MAX 4627

#define MLDSA_SEED_LEN 32 /* xi, rho, K, rnd */
#define MLDSA_RHO_PRIME_LEN 64
#define MLDSA_TR_LEN 64
#define MLDSA_MU_LEN 64
#define MLDSA_CTX_MAX 255 /* bytes of a context string */

/* The letters are FIPS 204's. All lengths are bytes; those per polynomial say so. */
struct mldsa_params {
    const char *name; /* "ML-DSA-65" */
    unsigned k, l;    /* rows and columns of A */
    unsigned eta;     /* largest coefficient of s1 and s2 */
    unsigned tau;     /* coefficients of c that are not zero */
    unsigned omega;   /* most ones in a hint */
    int32_t beta;     /* tau * eta */
    int32_t gamma1;   /* a power of two */
    int32_t gamma2;
    unsigned c_tilde_len; /* lambda / 4 */
    unsigned eta_len;     /* a polynomial of s1 or s2, encoded */
    unsigned z_len;       /* a polynomial of z or y, encoded */
    unsigned w1_len;      /* a polynomial of w1, encoded */
    size_t pk_len, sk_len, sig_len;
};

extern const struct mldsa_params mldsa_44, mldsa_65, mldsa_87;

#endif
