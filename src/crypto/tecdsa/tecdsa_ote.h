/* tecdsa_ote.h - correlated oblivious transfer extension (Keller, Orsini, Scholl 2015, with the
 * check of the 2022 edition, figure 10): out of one setup, 640 correlated rows for every
 * product. Bob has a row T_j for each of his bits beta_j, Alice Q_j = T_j xor beta_j delta.
 *
 * A Bob who cheats in one column is caught exactly if Alice's bit of delta there is 1: each
 * failed check tells a bit of delta, so the setup is erased at the first one, and nothing that
 * it is used for at that time goes on. */
#ifndef CRYPTO_TECDSA_OTE_H
#define CRYPTO_TECDSA_OTE_H

#include "crypto/tecdsa/tecdsa_base_ot.h"

#define TECDSA_XI 640 /* bits of one factor: 384 + 2 * 128 of statistical security */
#define TECDSA_BETA_LEN (TECDSA_XI / 8)
#define TECDSA_CHECK_LEN 16
#define TECDSA_COLUMN_LEN (TECDSA_BETA_LEN + TECDSA_CHECK_LEN)
#define TECDSA_ROW_LEN (TECDSA_OTS / 8)

/* What Bob sends: 28,688 bytes. */
struct tecdsa_ote_message {
    uint8_t u[TECDSA_OTS][TECDSA_COLUMN_LEN];
    uint8_t x[TECDSA_CHECK_LEN];
    uint8_t t[TECDSA_OTS][TECDSA_CHECK_LEN];
};

/* Q or T. Secret. Bit c of a row is bit c % 8 of byte c / 8. */
struct tecdsa_rows {
    uint8_t row[TECDSA_XI][TECDSA_ROW_LEN];
};

/* One serves one thread at a time; erased before each call returns. */
struct tecdsa_ote_scratch {
    uint8_t column[TECDSA_OTS][TECDSA_COLUMN_LEN];
};

/* What one extension is for: no two share these. */
struct tecdsa_ote_of {
    const uint8_t *sid1;  /* TECDSA_HASH_LEN: of the session */
    const uint8_t *nonce; /* TECDSA_NONCE_LEN: Bob's */
};

/* x: Bob's bits beta, then TECDSA_CHECK_LEN bytes that mask the check; all fresh. */
void tecdsa_ote_extend(const struct tecdsa_setup_bob *setup, const struct tecdsa_ote_of *of,
                       const uint8_t x[TECDSA_COLUMN_LEN], struct tecdsa_ote_scratch *scratch,
                       struct tecdsa_rows *t, struct tecdsa_ote_message *out);

/* ERR_MISMATCH: the check of the columns. *q is zero then. Time does not depend on how many
 * fail. */
MUST_CHECK enum err tecdsa_ote_check(const struct tecdsa_setup_alice *setup,
                                     const struct tecdsa_ote_of *of,
                                     const struct tecdsa_ote_message *in,
                                     struct tecdsa_ote_scratch *scratch, struct tecdsa_rows *q);

#endif
