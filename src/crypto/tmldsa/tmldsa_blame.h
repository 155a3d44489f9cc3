/* tmldsa_blame.h - whose response was wrong. All that it takes is public.
 *
 * A wrong w, commitment or encoding shows by itself (tmldsa_commit_check,
 * tmldsa_response_parse). A z that is not y1 + c s1 shows here: with t_i the sum of the t_I
 * that a signer answers for, v = w_i + c t_i - A z_i must be short, as it is y2 + c s2 and what
 * dropping bits added. */
#ifndef CRYPTO_TMLDSA_TMLDSA_BLAME_H
#define CRYPTO_TMLDSA_TMLDSA_BLAME_H

#include "crypto/tmldsa/tmldsa_combine.h"

struct tmldsa_blame_scratch {
    struct tmldsa_combine_scratch combine;
    struct mldsa_poly t, sum;
};

/* The signers, a mask, whose answer for an index that they accepted is proven wrong: |z|^2 /
 * nu^2 + |v|^2 passes (1.02 r)^2, or (r + 25)^2 if no bits are dropped. An honest one passes
 * that less than once in 10^8 indices. To be run where tmldsa_combine() found a suspect, or on
 * a sample.
 *
 * t: all t_I, as in tmldsa_keygen_public(). s and responses: those of a
 * tmldsa_combine() that did not fail. */
unsigned tmldsa_blame(const struct tmldsa_public_key *key, const uint8_t *t,
                      const struct tmldsa_session *s, const struct tmldsa_response responses[],
                      unsigned index, struct tmldsa_blame_scratch *scratch);

/* What no single session proves: a signer that rejects everything, or picks among its answers.
 * Whether this response is one that an honest signer gives less than once in a million times:
 * too few indices accepted, or a coefficient of z over seven times its deviation. To be
 * counted, never acted on alone: exclude at 3 in 10 000 batches. */
bool tmldsa_blame_is_odd(const struct tmldsa_params *p, unsigned batches,
                         const struct tmldsa_response *response);

#endif
