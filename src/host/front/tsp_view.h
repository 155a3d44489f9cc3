/* tsp_view.h - the JSON view of a reply. Pure. */
#ifndef HOST_FRONT_TSP_VIEW_H
#define HOST_FRONT_TSP_VIEW_H

#include "host/config/config.h"
#include "host/coord/coord.h"

#define TSP_VIEW_MAX 24576 /* bytes of the largest */

struct tsp_view {
    enum err err; /* ERR_OK: granted, and what follows is there */
    const struct coord_job *job;
    const struct config_policy *policy;
    struct view token;
};

/* Appends the JSON object and a line end. Names are those of RFC 3161, in snake case; bytes are
 * hex (signature: r and s, 48 each), but for token, which is base 64 of the DER. Overflow is
 * kept in w. */
void tsp_view_write(const struct tsp_view *v, struct writer *w);

#endif
