/* tecdsa_rvole.h - random vector OLE (Doerner, Kondi, Lee, shelat 2023, functionality 3.5 for
 * two inputs): Bob's random b = sum beta_j g_j meets Alice's a_0 and a_1. Bob gets d_i and
 * Alice c_i with c_i + d_i = a_i b; neither learns more.
 *
 * An Alice who cheats in one row is caught for one of the two values of Bob's bit there: she
 * learns that bit of a fresh b, which 2 * 128 bits to spare allow for, if she is not caught. */
#ifndef CRYPTO_TECDSA_RVOLE_H
#define CRYPTO_TECDSA_RVOLE_H

#include "crypto/tecdsa/tecdsa_ote.h"

#define TECDSA_RVOLE_INPUTS 2 /* of Alice */
#define TECDSA_RVOLE_CHECKS 2
#define TECDSA_RVOLE_WIDTH (TECDSA_RVOLE_INPUTS + TECDSA_RVOLE_CHECKS)

/* g_j = Hq("gadget", j): constants, made once. */
struct tecdsa_gadget {
    struct tecdsa_factor g[TECDSA_XI];
};

/* What one product is for: no two share these. */
struct tecdsa_rvole_of {
    const uint8_t *setup_id; /* TECDSA_HASH_LEN: Bob's and Alice's */
    const uint8_t *sid2;     /* TECDSA_HASH_LEN: of the session, once all have spoken */
    unsigned bob, alice;
    const struct tecdsa_gadget *gadget;
};

/* Alice's: secret. */
struct tecdsa_rvole_inputs {
    struct tecdsa_scalar a[TECDSA_RVOLE_INPUTS];
    uint8_t seed[TECDSA_SEED_LEN]; /* fresh, for one call alone */
};

/* What Alice sends: 123,040 bytes. */
struct tecdsa_rvole_message {
    uint8_t a[TECDSA_XI][TECDSA_RVOLE_WIDTH][TECDSA_SCALAR_LEN];
    uint8_t eta[TECDSA_RVOLE_CHECKS][TECDSA_SCALAR_LEN];
    uint8_t mu[64];
};

/* One serves one thread at a time; erased before each call returns. */
struct tecdsa_rvole_scratch {
    struct tecdsa_scalar pad[TECDSA_XI][TECDSA_RVOLE_WIDTH];
};

void tecdsa_gadget_init(struct tecdsa_gadget *gadget);

/* Bob's factor. */
void tecdsa_rvole_factor(const struct tecdsa_gadget *gadget,
                         const uint8_t beta[TECDSA_BETA_LEN], struct tecdsa_scalar *b);

/* Alice. */
void tecdsa_rvole_send(const struct tecdsa_rvole_of *of, const struct tecdsa_rows *q,
                       const uint8_t delta[TECDSA_DELTA_LEN],
                       const struct tecdsa_rvole_inputs *inputs,
                       struct tecdsa_rvole_scratch *scratch, struct tecdsa_rvole_message *out,
                       struct tecdsa_scalar c[TECDSA_RVOLE_INPUTS]);

/* Bob. d is zero on failure. ERR_RANGE: a scalar in it is none. ERR_MISMATCH: the check. */
MUST_CHECK enum err tecdsa_rvole_receive(const struct tecdsa_rvole_of *of,
                                         const struct tecdsa_rows *t,
                                         const uint8_t beta[TECDSA_BETA_LEN],
                                         const struct tecdsa_rvole_message *in,
                                         struct tecdsa_rvole_scratch *scratch,
                                         struct tecdsa_scalar d[TECDSA_RVOLE_INPUTS]);

#endif
