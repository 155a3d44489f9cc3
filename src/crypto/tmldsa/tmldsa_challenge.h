/* tmldsa_challenge.h - one session of signing as all that take part know it, and the challenges
 * that follow from what was revealed. Nothing here is secret any more.
 *
 * Indices run over the repetitions of a session: batch after batch, K each. */
#ifndef CRYPTO_TMLDSA_TMLDSA_CHALLENGE_H
#define CRYPTO_TMLDSA_TMLDSA_CHALLENGE_H

#include "crypto/tmldsa/tmldsa_commit.h"

/* Arrays are by the number of the party; those of parties that do not sign are not read. */
struct tmldsa_session {
    uint8_t id[TMLDSA_SESSION_ID_LEN]; /* binds act, the message and all commitments */
    uint8_t mu[MLDSA_MU_LEN];          /* each signer makes it itself, from the message */
    uint8_t act;                       /* the quorum: bit i is party i */
    uint8_t batches;                   /* of each signer, 1 to TMLDSA_BATCHES_MAX */
    struct tmldsa_commitment commitment[TMLDSA_PARTIES_MAX][TMLDSA_BATCHES_MAX];
    struct view w[TMLDSA_PARTIES_MAX][TMLDSA_BATCHES_MAX]; /* revealed */
};

struct tmldsa_challenge_scratch {
    struct mldsa_poly w, high, low;
    struct sponge_x4 x4;
    uint8_t in[4][MLDSA_MU_LEN + MLDSA_K_MAX * MLDSA_W1_MAX];
    uint8_t out[4][SHAKE256_RATE];
};

/* Whether act is a quorum and the number of batches is allowed. */
bool tmldsa_session_is_sound(const struct tmldsa_params *p, const struct tmldsa_session *s);

/* Indices of a session: batches * K. */
unsigned tmldsa_session_indices(const struct tmldsa_params *p, const struct tmldsa_session *s);

/* Where polynomial i of party's w for an index stands. */
const uint8_t *tmldsa_session_w(const struct tmldsa_params *p, const struct tmldsa_session *s,
                                unsigned party, unsigned index, unsigned i);

/* Polynomial i of the sum of all signers' w, modulo q; |coeff| < q. Every w has been through
 * tmldsa_commit_check(), or is one's own. */
void tmldsa_challenge_w(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                        unsigned index, unsigned i, struct mldsa_poly *w);

/* c_tilde of count indices from first on, count at most 4. */
void tmldsa_challenge(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                      unsigned first, unsigned count, struct tmldsa_challenge_scratch *scratch,
                      uint8_t c_tilde[4][MLDSA_C_TILDE_MAX]);

#endif
