/* tmldsa_combine.h - a FIPS 204 signature out of the responses of a quorum. Anyone can do it.
 */
#ifndef CRYPTO_TMLDSA_TMLDSA_COMBINE_H
#define CRYPTO_TMLDSA_TMLDSA_COMBINE_H

#include "crypto/mldsa/mldsa.h"
#include "crypto/tmldsa/tmldsa_respond.h"

/* One signer's response, as read. Views point into it. */
struct tmldsa_response {
    struct view bitmap;
    struct view z; /* of the accepted indices, in order */
    unsigned accepted;
    int32_t z_max; /* the largest |coefficient| */
};

/* Holds no secret. */
struct tmldsa_combine_scratch {
    struct tmldsa_challenge_scratch challenge;
    struct mldsa_verify_scratch verify;
    struct mldsa_poly z[MLDSA_L_MAX];
    struct mldsa_poly z_hat[MLDSA_L_MAX + 1]; /* then -c */
    struct mldsa_poly one, w, w_sum;
    struct mldsa_poly high[2], low;
    struct mldsa_hint hint;
    uint8_t c_tilde[4][MLDSA_C_TILDE_MAX];
    uint8_t z_bytes[640 + MLDSA_SLACK];
    uint8_t sig[MLDSA_SIG_MAX];
};

/* What came out of a session. */
struct tmldsa_outcome {
    bool found;             /* there is a signature */
    bool suspect;           /* an index that all accepted gave none in a way that it hardly ever
                               does with honest signers: see tmldsa_blame.h */
    unsigned index;         /* that gave it */
    unsigned suspect_index; /* the first one */
    unsigned all_accepted;  /* indices that all signers accepted */
};

/* Reads a response of that many batches. ERR_TRUNCATED, ERR_TRAILING: not as long as its bitmap
 * says. ERR_ENCODING: bits behind the last index. ERR_RANGE: a coefficient of z is gamma1. Its
 * sender is at fault; *response is zero. */
MUST_CHECK enum err tmldsa_response_parse(const struct tmldsa_public_key *key, unsigned batches,
                                          struct view in,
                                          struct tmldsa_combine_scratch *scratch,
                                          struct tmldsa_response *response);

/* Whether an index was accepted, and polynomial j of its z. */
bool tmldsa_response_has(const struct tmldsa_response *response, unsigned index);
void tmldsa_response_z(const struct tmldsa_public_key *key,
                       const struct tmldsa_response *response, unsigned index, unsigned j,
                       struct tmldsa_combine_scratch *scratch, struct mldsa_poly *z);

/* Tries the indices that all signers accepted, in order, and verifies what comes out with
 * FIPS 204's algorithm: sig gets params->set->sig_len bytes if outcome->found, and is untouched
 * otherwise. Half of the sessions give nothing: the next one takes new batches.
 *
 * s: with all w, each as its signer committed to. responses: by the number of the party.
 * ERR_STATE: act is no quorum, or the number of batches is not allowed. ERR_LENGTH: a signer's
 * w or response is missing, or of another number of batches. */
MUST_CHECK enum err tmldsa_combine(const struct tmldsa_public_key *key,
                                   const struct tmldsa_session *s,
                                   const struct tmldsa_response responses[],
                                   struct tmldsa_combine_scratch *scratch, uint8_t *sig,
                                   struct tmldsa_outcome *outcome);

#endif
