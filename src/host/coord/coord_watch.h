/* coord_watch.h - when a core is asked for its state, and when it counts as silent. Pure. */
#ifndef HOST_COORD_COORD_WATCH_H
#define HOST_COORD_COORD_WATCH_H

#include "host/coord/coord_cluster.h"

/* When it counts as silent unless it says something; INT64_MAX: no question is open. */
int64_t coord_watch_silent(const struct coord_member *m);

/* When it is to be asked, for there is work and it was quiet; INT64_MAX: there is no work. */
int64_t coord_watch_probe(const struct coord_cluster *cl, const struct coord_member *m);

#endif
