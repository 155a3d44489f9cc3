/* mlkem_params.h - the parameter sets of ML-KEM, FIPS 203 8 table 2 and table 3. */
#ifndef CRYPTO_MLKEM_MLKEM_PARAMS_H
#define CRYPTO_MLKEM_MLKEM_PARAMS_H

#include <stddef.h>
#include <stdint.h>

#define MLKEM_N 256
#define MLKEM_Q 3329
#define MLKEM_ETA2 2 /* of every set */

/* Largest of all sets: sizes of the arrays. */
#define MLKEM_K_MAX 4
#define MLKEM_EK_MAX 1568
#define MLKEM_DK_MAX 3168
#define MLKEM_C_MAX 1568

#define MLKEM_SEED_LEN 32 /* d, z, m, rho, sigma, r */
#define MLKEM_HASH_LEN 32 /* H(ek) */
#define MLKEM_KEY_LEN 32  /* the shared secret key K */
#define MLKEM_HAT_LEN 384 /* a polynomial of 12 bits a coefficient, encoded */

/* The letters are FIPS 203's. Lengths are bytes. */
struct mlkem_params {
    const char *name; /* "ML-KEM-768" */
    unsigned k;       /* rows and columns of A */
    unsigned eta1;    /* largest coefficient of s and e, and of y */
    unsigned du, dv;  /* bits of a coefficient of u and of v in a ciphertext */
    size_t ek_len, dk_len, c_len;
};

extern const struct mlkem_params mlkem_512, mlkem_768, mlkem_1024;

#endif
