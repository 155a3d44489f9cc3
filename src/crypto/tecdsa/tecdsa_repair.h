/* tecdsa_repair.h - gives a party that lost its share of a key the same share again, from three
 * helpers. Nobody but that party learns it, and no helper learns more than it knew. It is a
 * repair, not a refresh: a share that was stolen once stays stolen for the epoch.
 *
 *   1  Each helper h splits l_h x_h, its part of the lost share, into a d for each helper at
 *      random, and shows D = d G of each to helpers and target (tecdsa_repair_deal, _show): the
 *      sum of the D must be l_h X_h. d goes to its helper in private.
 *   2  Each helper m sends the target e_m, the sum of the three d that it has, and an echo of
 *      all D (tecdsa_repair_sum). The target checks e_m G against the D.
 *   3  The share is the sum of the three e (tecdsa_repair_finish).
 *
 * l_h x_h itself would give x_h away. What comes here is authentic, and private between two
 * parties; a message shown to several is signed outside, so that a D that does not add up, or
 * two of one sender that differ, are proof against it. Who is to be repaired, whether it may
 * be, and that its old incarnation is answered by nobody is settled before (docs/adr/0017).
 *
 * All functions but the epoch's run on a work stack (work_stack_run_gmp()). */
#ifndef CRYPTO_TECDSA_REPAIR_H
#define CRYPTO_TECDSA_REPAIR_H

#include "crypto/tecdsa/tecdsa_keygen.h"

#define TECDSA_REPAIRED_MAX (TECDSA_T - 1) /* parties of an epoch: a third ends it */

/* What a core remembers of the repairs of an epoch: both keys' at once. Zero at its start. */
struct tecdsa_repair_epoch {
    uint64_t attempt;  /* of the last order that was taken up */
    unsigned repaired; /* parties, a mask: whoever was begun with */
    bool live;         /* one is under way */
};

/* ERR_STATE: another is under way. ERR_STALE: the attempt is not above the last one.
 * ERR_HALTED: TECDSA_REPAIRED_MAX other parties have been repaired: the epoch is over. */
MUST_CHECK enum err tecdsa_repair_epoch_begin(struct tecdsa_repair_epoch *epoch,
                                              unsigned target, uint64_t attempt);
void tecdsa_repair_epoch_end(struct tecdsa_repair_epoch *epoch);

/* What a repair is for. */
struct tecdsa_repair_of {
    uint8_t epoch_id[TECDSA_HASH_LEN];
    uint8_t order[TECDSA_HASH_LEN]; /* hash of the signed order */
    uint64_t attempt;
    unsigned helpers; /* three parties, a mask */
    unsigned target;
    uint32_t incarnation[TECDSA_PARTIES_MAX]; /* of the four; others do not count */
};

/* H("repair", key_id, epoch_id, order, attempt, helpers, target, then of the four ascending
 * their incarnations). */
void tecdsa_repair_id(const struct tecdsa_key *key, const struct tecdsa_repair_of *of,
                      uint8_t id[TECDSA_HASH_LEN]);

/* To all four: the D of its sender, by helper ascending. */
struct tecdsa_repair_show {
    uint8_t id[TECDSA_HASH_LEN];
    uint8_t party[1];
    uint8_t d[TECDSA_T][TECDSA_POINT_LONG];
};
/* From helper to helper. */
struct tecdsa_repair_deal {
    struct tecdsa_repair_show show;
    uint8_t d[TECDSA_SCALAR_LEN];
};
/* From helper to target. */
struct tecdsa_repair_sum {
    uint8_t id[TECDSA_HASH_LEN];
    uint8_t party[1];
    uint8_t echo[TECDSA_HASH_LEN]; /* H("repair-echo", id, the three shows' D ascending) */
    uint8_t e[TECDSA_SCALAR_LEN];
};

/* What helper and target both hold. */
struct tecdsa_repair_views {
    const struct tecdsa_key *key;
    uint8_t id[TECDSA_HASH_LEN];
    unsigned helpers, target;
    unsigned shown;                                   /* by whom, a mask */
    uint8_t d[TECDSA_T][TECDSA_T][TECDSA_POINT_LONG]; /* [of][for], in the order of helpers */
};

/* One helper. Secret. */
struct tecdsa_helper {
    struct tecdsa_repair_views views;
    unsigned party;
    bool live;
    struct tecdsa_scalar d[TECDSA_T]; /* dealt, by helper */
    struct tecdsa_scalar sum;         /* of what came for me */
};

/* The target. Secret. */
struct tecdsa_repaired {
    struct tecdsa_repair_views views;
    bool live;
    unsigned added; /* whose e have come, a mask */
    struct tecdsa_scalar sum;
};

/* seed: TECDSA_SEED_LEN fresh bytes, which the caller erases. ERR_RANGE: helpers are not three
 * parties of the key, with this one and without the target. *h is zero on failure. */
MUST_CHECK enum err tecdsa_repair_help(struct tecdsa_helper *h, const struct tecdsa_key *key,
                                       const struct tecdsa_share *share,
                                       const struct tecdsa_repair_of *of,
                                       const uint8_t seed[TECDSA_SEED_LEN]);

/* Here and below ERR_STATE: it is over, not this call's turn, or not a second time; ERR_STALE:
 * another id or sender. Nothing changes. */
MUST_CHECK enum err tecdsa_repair_show(const struct tecdsa_helper *h,
                                       struct tecdsa_repair_show *out);
MUST_CHECK enum err tecdsa_repair_deal(const struct tecdsa_helper *h, unsigned to,
                                       struct tecdsa_repair_deal *out);

/* ERR_ENCODING, ERR_RANGE: of no form; ERR_MISMATCH: its D do not add up to its part of the
 * share, or d is not that of D. Its sender is at fault; the attempt is over, and h erased. */
MUST_CHECK enum err tecdsa_repair_accept(struct tecdsa_helper *h, unsigned from,
                                         const struct tecdsa_repair_deal *in);

/* The end of a helper: with what came from both others; ERR_STATE before. h is erased. */
MUST_CHECK enum err tecdsa_repair_sum(struct tecdsa_helper *h, struct tecdsa_repair_sum *out);

/* ERR_RANGE as above. */
MUST_CHECK enum err tecdsa_repair_begin(struct tecdsa_repaired *r, const struct tecdsa_key *key,
                                        const struct tecdsa_repair_of *of);

/* As tecdsa_repair_accept(). */
MUST_CHECK enum err tecdsa_repair_accept_show(struct tecdsa_repaired *r, unsigned from,
                                              const struct tecdsa_repair_show *in);

/* After the three shows. ERR_QUORUM: the sender saw other D: one of the three showed two
 * things, and it is not known who until the signed shows are compared. ERR_RANGE, ERR_MISMATCH:
 * e is not what the D say: its sender is at fault. In both cases the attempt is over, and r
 * erased. */
MUST_CHECK enum err tecdsa_repair_accept_sum(struct tecdsa_repaired *r, unsigned from,
                                             const struct tecdsa_repair_sum *in);

/* The share; r is erased. *share is zero on failure. ERR_BUG: it is not the one of the key,
 * which the checks before exclude. */
MUST_CHECK enum err tecdsa_repair_finish(struct tecdsa_repaired *r, struct tecdsa_share *share);

#endif
