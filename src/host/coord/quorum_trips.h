/* quorum_trips.h - how long the answers of one core to one kind of question take, and from when
 * on one is late. Pure. */
#ifndef HOST_COORD_QUORUM_TRIPS_H
#define HOST_COORD_QUORUM_TRIPS_H

#include <stdint.h>

#define QUORUM_TRIPS_KEPT 64  /* the latest */
#define QUORUM_TRIPS_OVER 3   /* so many of them took longer than the usual time: p95 */
#define QUORUM_TRIPS_KNOWN 16 /* with fewer, the usual time is: */
#define QUORUM_TRIPS_FIRST_NS INT64_C(20000000)
#define QUORUM_LATE_TIMES 2                    /* late: so many times the usual time, */
#define QUORUM_LATE_LEAST_NS INT64_C(10000000) /* and no less than this */

struct quorum_trips {
    uint32_t us[QUORUM_TRIPS_KEPT];
    uint8_t n, at;
    uint32_t usual_us; /* of those kept */
};

/* One took so long. */
void quorum_trips_add(struct quorum_trips *t, int64_t trip_ns);

/* After so long an answer is late. */
int64_t quorum_trips_late_ns(const struct quorum_trips *t);

#endif
