/* tmldsa_commit.h - round 1: a batch of K repetitions, made ahead of any message; and its life.
 *
 *   empty -> tmldsa_commit -> PUBLISHED -> tmldsa_batch_reserve -> RESERVED
 *         -> tmldsa_batch_reveal -> REVEALED -> tmldsa_respond (tmldsa_respond.h) -> empty
 *
 * No edge goes back. A batch belongs to one session for ever: w must not be seen before the
 * message and all commitments of the session are fixed, and the response to a second challenge
 * would give the share away. Wherever something goes wrong, it is destroyed.
 *
 * A batch keeps its seed and the bytes of w; y is made again from the seed in round 3.
 *
 * This and the other tmldsa_*.h take less than 4 KiB of stack, and leave there what the
 * compiler put there: secrets that must not outlive a call take scratch_stack_run(). */
#ifndef CRYPTO_TMLDSA_TMLDSA_COMMIT_H
#define CRYPTO_TMLDSA_TMLDSA_COMMIT_H

#include "crypto/keccak/sponge_x4.h"
#include "crypto/tmldsa/tmldsa_sample.h"
#include "crypto/tmldsa/tmldsa_share.h"

#define TMLDSA_BATCH_ID_LEN 16
#define TMLDSA_SESSION_ID_LEN 48
#define TMLDSA_NODE_RNG_LEN 64
#define TMLDSA_NODE_KEY_LEN 32

enum tmldsa_batch_state {
    TMLDSA_BATCH_EMPTY, /* never used, or destroyed */
    TMLDSA_BATCH_PUBLISHED,
    TMLDSA_BATCH_RESERVED,
    TMLDSA_BATCH_REVEALED,
};

/* What others know of a batch before its session. */
struct tmldsa_commitment {
    uint8_t batch_id[TMLDSA_BATCH_ID_LEN];
    uint8_t com[TMLDSA_HASH_LEN];
};

/* One batch of a party's own. In locked memory, and so is w. */
struct tmldsa_batch {
    enum tmldsa_batch_state state;
    struct tmldsa_commitment commitment;
    uint8_t seed[TMLDSA_SEED_LEN];
    uint8_t session[TMLDSA_SESSION_ID_LEN]; /* from RESERVED on */
    uint8_t *w; /* the caller's room of tmldsa_pack_batch_len() bytes; secret until REVEALED */
};

/* A repetition of w as it is hashed: a prefix, then w. */
#define TMLDSA_LEAF_PREFIX_LEN 16
#define TMLDSA_LEAF_MAX (TMLDSA_LEAF_PREFIX_LEN + MLDSA_K_MAX * TMLDSA_T_POLY_LEN)

/* Erased before a call that puts secrets in it returns. One serves one thread at a time. */
struct tmldsa_commit_scratch {
    struct tmldsa_sample_scratch sample;
    struct tmldsa_point y;
    struct mldsa_poly y_hat[MLDSA_L_MAX];
    struct mldsa_poly y2, w;
    struct sponge root;
    struct sponge_x4 x4;
    uint8_t leaf[4][TMLDSA_LEAF_MAX];
    uint8_t out[4][SHAKE256_RATE];
};

/* The seed of a batch, SHAKE256("TMLDSA-batch-v1" || rng || node_key || batch_id, 32): rng are
 * fresh random bytes, node_key a secret of the party; either alone keeps it safe. A seed must
 * never come twice. */
void tmldsa_batch_seed(const struct tmldsa_path *path, const uint8_t rng[TMLDSA_NODE_RNG_LEN],
                       const uint8_t node_key[TMLDSA_NODE_KEY_LEN],
                       const uint8_t batch_id[TMLDSA_BATCH_ID_LEN],
                       uint8_t seed[TMLDSA_SEED_LEN]);

/* Round 1 of party, from batch->commitment.batch_id, ->seed and ->w: fills w and the
 * commitment, state PUBLISHED. ERR_STATE: the batch is not empty; it is untouched. */
MUST_CHECK enum err tmldsa_commit(const struct tmldsa_public_key *key, unsigned party,
                                  struct tmldsa_commit_scratch *scratch,
                                  struct tmldsa_batch *batch);

/* ERR_STATE: not PUBLISHED. The batch is untouched: it may be another session's. */
MUST_CHECK enum err tmldsa_batch_reserve(struct tmldsa_batch *batch,
                                         const uint8_t session[TMLDSA_SESSION_ID_LEN]);

/* Gives w to be sent to the other signers of that session, and again if asked again.
 * ERR_STATE: neither RESERVED nor REVEALED. ERR_MISMATCH: reserved for another session. *w is
 * empty then. */
MUST_CHECK enum err tmldsa_batch_reveal(const struct tmldsa_params *params,
                                        struct tmldsa_batch *batch,
                                        const uint8_t session[TMLDSA_SESSION_ID_LEN],
                                        struct view *w);

/* Erases all of it, of w too what was not shown; w is empty room again. */
void tmldsa_batch_destroy(const struct tmldsa_params *params, struct tmldsa_batch *batch);

/* What party revealed against its commitment.
 *
 * ERR_LENGTH: not tmldsa_pack_batch_len() bytes. ERR_RANGE: a coefficient that no w has.
 * ERR_MISMATCH: another commitment. Party is at fault in each case. */
MUST_CHECK enum err tmldsa_commit_check(const struct tmldsa_public_key *key, unsigned party,
                                        const struct tmldsa_commitment *commitment,
                                        struct view w, struct tmldsa_commit_scratch *scratch);

#endif
