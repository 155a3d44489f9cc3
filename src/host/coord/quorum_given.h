/* quorum_given.h - sessions of one core that are given back: those that were given up after the
 * core may have shown its w, and whose batch would have its place for seconds. Pure. */
#ifndef HOST_COORD_QUORUM_GIVEN_H
#define HOST_COORD_QUORUM_GIVEN_H

#include "wire/stamp.h"

#include <stdbool.h>

#define QUORUM_GIVEN_MAX 16 /* that the core is to be told; more: the oldest goes untold */

struct quorum_given {
    uint8_t n;
    uint8_t x[QUORUM_GIVEN_MAX][STAMP_X_LEN];
};

void quorum_given_add(struct quorum_given *g, const uint8_t x[STAMP_X_LEN]);

/* The oldest one as a whole frame. False: there is none. */
bool quorum_given_pull(struct quorum_given *g, uint64_t request_id, struct writer *w);

#endif
