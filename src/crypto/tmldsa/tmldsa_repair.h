/* tmldsa_repair.h - gives a party that lost its share of a threshold ML-DSA key the same share
 * again. Each helper sends, in private, the secrets that it has in common with the target: any
 * T helpers have all of them, any T - 1 miss one. Each is checked against the t_I that the
 * ceremony published, so that a wrong one names its sender, and the others' copies serve.
 *
 * It is a repair, not a refresh: no share changes, and one that was stolen stays stolen for the
 * epoch (docs/adr/0017). Who may be repaired is settled before (tecdsa_repair.h). */
#ifndef CRYPTO_TMLDSA_TMLDSA_REPAIR_H
#define CRYPTO_TMLDSA_TMLDSA_REPAIR_H

#include "crypto/tmldsa/tmldsa_share.h"

/* The target. Secret. */
struct tmldsa_repair {
    const struct tmldsa_params *params;
    const struct tmldsa_path *path;
    unsigned party;
    unsigned given; /* by whom, a mask */
    struct tmldsa_masks held;
    bool have[TMLDSA_HELD_MAX];
    uint8_t sigma[TMLDSA_HELD_MAX][TMLDSA_SIGMA_LEN];
};

/* What the ceremony published. t: of all subsets, in the order of tmldsa_alloc_all(). */
struct tmldsa_repair_public {
    const struct tmldsa_matrix *matrix;
    const uint8_t *t;
};

/* Bytes of what a helper sends: { I(1) sigma_I(64) }, each subset with both, ascending. */
size_t tmldsa_repair_len(const struct tmldsa_params *params, unsigned helper, unsigned target);

/* ERR_RANGE: the target is no other party. */
MUST_CHECK enum err tmldsa_repair_give(const struct tmldsa_share *share, unsigned target,
                                       struct writer *out);

/* ERR_RANGE: no such party. *r is zero on failure. */
MUST_CHECK enum err tmldsa_repair_begin(struct tmldsa_repair *r, const struct tmldsa_path *path,
                                        const struct tmldsa_params *params, unsigned party);

/* What a helper sent. Nothing changes on failure, and from is at fault. ERR_STATE: not a
 * helper, or not a second time. ERR_LENGTH, ERR_ENCODING: not the subsets that both have.
 * ERR_MISMATCH: a sigma is not that of its t_I. scratch is erased. */
MUST_CHECK enum err tmldsa_repair_take(struct tmldsa_repair *r, unsigned from, struct view in,
                                       const struct tmldsa_repair_public *known,
                                       struct tmldsa_keygen_scratch *scratch);

/* The share; r is erased. ERR_QUORUM: a subset is missing, and nothing changes. ERR_RANGE: as
 * tmldsa_share_load(), which the ceremony excluded. */
MUST_CHECK enum err tmldsa_repair_finish(struct tmldsa_repair *r,
                                         struct tmldsa_share_scratch *scratch,
                                         struct tmldsa_share *share);

#endif
