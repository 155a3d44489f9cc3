/* tmldsa_respond.h - round 3: what a signer answers once all have revealed.
 *
 * For each index: c = SampleInBall(H(mu || HighBits(sum of w))), z = y1 + c s1_i. The answer is
 * kept if (y + c s_i) lies within r; which ones are is public, and of the others nothing
 * leaves.
 *
 * A response is a bitmap, one bit an index, lowest first, and then z of each accepted index, in
 * order: l polynomials of FIPS 204's encoding of z. */
#ifndef CRYPTO_TMLDSA_TMLDSA_RESPOND_H
#define CRYPTO_TMLDSA_TMLDSA_RESPOND_H

#include "crypto/tmldsa/tmldsa_challenge.h"

/* Erased before each call returns. One serves one thread at a time. */
struct tmldsa_respond_scratch {
    struct tmldsa_commit_scratch commit;
    struct tmldsa_challenge_scratch challenge;
    struct tmldsa_session session; /* with this signer's own w */
    struct tmldsa_duty duty;
    struct mldsa_poly z[MLDSA_L_MAX];
    struct mldsa_poly c_hat, t;
    uint8_t c_tilde[4][MLDSA_C_TILDE_MAX];
};

/* Bytes of the longest response of that many batches: all indices accepted. */
size_t tmldsa_respond_max(const struct tmldsa_params *p, unsigned batches);

/* Answers in session s, whose commitments are the ones that its id binds, with own[0] to
 * own[s->batches - 1], all revealed in it. What the others revealed is checked here, before
 * anything is computed. out has room for tmldsa_respond_max() bytes; *response is what was
 * written there.
 *
 * Whatever comes out, batches of this session are destroyed, but for ERR_STATE. On failure out
 * is zero and *response empty; *culprit is the party at fault, or TMLDSA_PARTIES_MAX.
 *
 * ERR_STATE: act is no quorum with this party in it, the number of batches is not allowed, or a
 * batch is not revealed in this session: nothing is destroyed.
 * ERR_BUG: s does not have the commitments of own.
 * ERR_LENGTH, ERR_RANGE, ERR_MISMATCH: what *culprit revealed, tmldsa_commit_check(). */
MUST_CHECK enum err tmldsa_respond(const struct tmldsa_public_key *key,
                                   const struct tmldsa_share *share,
                                   const struct tmldsa_session *s,
                                   struct tmldsa_batch *const own[],
                                   struct tmldsa_respond_scratch *scratch, uint8_t *out,
                                   struct view *response, unsigned *culprit);

#endif
