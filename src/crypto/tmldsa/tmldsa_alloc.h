/* tmldsa_alloc.h - who holds which secret, and who answers for which in a session (replicated
 * sharing with balanced recovery).
 *
 * A subset is a mask of parties: bit i is party i. Every subset of N - T + 1 parties has one
 * secret s_I, held by its members; the key is the sum of all. Any T parties hold all of them,
 * any T - 1 miss exactly one. */
#ifndef CRYPTO_TMLDSA_TMLDSA_ALLOC_H
#define CRYPTO_TMLDSA_TMLDSA_ALLOC_H

#include "crypto/tmldsa/tmldsa_params.h"

#include <stdbool.h>

/* Some subsets of a parameter set, ascending as numbers. */
struct tmldsa_masks {
    uint8_t n;
    uint8_t mask[TMLDSA_SUBSETS_MAX];
};

/* How many parties a mask has. */
unsigned tmldsa_alloc_size(unsigned mask);

/* All subsets; those of which party is a member. */
struct tmldsa_masks tmldsa_alloc_all(const struct tmldsa_params *p);
struct tmldsa_masks tmldsa_alloc_held(const struct tmldsa_params *p, unsigned party);

/* Where mask stands in masks; masks->n if it does not. */
unsigned tmldsa_alloc_find(const struct tmldsa_masks *masks, unsigned mask);

/* Whether act is a set of T signers among N parties. */
bool tmldsa_alloc_is_quorum(const struct tmldsa_params *p, unsigned act);

/* The subsets that party answers for when act signs: each subset falls to one member of act
 * that holds it, tmldsa_load() at most to each. act is a quorum, and party one of it. */
struct tmldsa_masks tmldsa_alloc_duty(const struct tmldsa_params *p, unsigned act,
                                      unsigned party);

#endif
