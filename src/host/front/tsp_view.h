/* tsp_view.h - the JSON view of a reply. Pure. */
#ifndef HOST_FRONT_TSP_VIEW_H
#define HOST_FRONT_TSP_VIEW_H

#include "host/front/archive.h"

#define TSP_VIEW_FRAME_MAX 12288 /* bytes of all but the token */

struct tsp_view {
    enum err err; /* ERR_OK: granted, and what follows is there */
    const struct coord_job *job;
    const struct config_policy *policy;
    const struct archive *archive; /* of a hybrid token; else NULL */
    struct view token;
};

/* Bytes of the largest view of a token of n bytes. */
size_t tsp_view_max(size_t n);

/* Appends the JSON object and a line end. Names are those of RFC 3161, in snake case; bytes are
 * hex (signature: r and s, 48 each, or one of ML-DSA-65, or both in a row), but for token,
 * which is base 64 of the DER. Overflow is kept in w. */
void tsp_view_write(const struct tsp_view *v, struct writer *w);

#endif
