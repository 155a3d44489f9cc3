/* quorum_sample.h - which sessions have every response looked at, whatever came out of them:
 * one in so many, which no core can foresee. Pure. */
#ifndef HOST_COORD_QUORUM_SAMPLE_H
#define HOST_COORD_QUORUM_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#define QUORUM_SAMPLE_ONE_IN 100

struct quorum_sample {
    uint64_t state;  /* random at first, and nobody else's */
    uint32_t one_in; /* 0: none */
};

/* Whether the next session is one. */
bool quorum_sample_draw(struct quorum_sample *s);

#endif
