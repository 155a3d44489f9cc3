/* time_facts.h - what an authority's /time.json says of its nodes. */
#ifndef CLIENT_STATUS_TIME_FACTS_H
#define CLIENT_STATUS_TIME_FACTS_H

#include "base/bytes.h"

#define TIME_FACTS_NODES_MAX 16
#define TIME_FACTS_TEXT_MAX 96 /* bytes of a text with its zero; a longer one is cut */

/* Texts are printable ASCII. */
struct node_time {
    int64_t node;
    bool known; /* else only last_err holds */
    bool valid; /* offset_ns holds */
    bool span;  /* half_width_ns holds */
    bool holdover;
    int64_t offset_ns, half_width_ns, sources, agreeing;
    char clock[TIME_FACTS_TEXT_MAX], state[TIME_FACTS_TEXT_MAX], reason[TIME_FACTS_TEXT_MAX],
        last_err[TIME_FACTS_TEXT_MAX];
};

struct time_facts {
    bool ready;
    char reason[TIME_FACTS_TEXT_MAX];   /* why not */
    char degraded[TIME_FACTS_TEXT_MAX]; /* what may lead to that; "": nothing, or not said */
    char node_id[TIME_FACTS_TEXT_MAX];  /* of the front */
    unsigned reenrolled;                /* bit i: index i + 1 was given again in this epoch */
    size_t n;
    struct node_time nodes[TIME_FACTS_NODES_MAX];
};

/* ERR_ENCODING: not JSON, or of another form. ERR_NOSPACE: more than TIME_FACTS_NODES_MAX, or
 * no memory. On failure *out is zero. */
MUST_CHECK enum err time_facts_parse(struct view json, struct time_facts *out);

#endif
