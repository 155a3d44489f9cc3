/* front.h - what every thread of quorate-front shares. */
#ifndef HOST_FRONT_FRONT_H
#define HOST_FRONT_FRONT_H

#include "host/coord/coord_line.h"
#include "host/front/conn_watch_io.h"
#include "host/front/metrics.h"
#include "host/front/rate_limit.h"
#include "host/front/request.h"
#include "host/front/time_history.h"

/* Where the front looks at clocks; tests bring their own. */
struct front_clock {
    int64_t (*monotonic_ns)(void); /* CLOCK_MONOTONIC, as coord's deadlines */
    int64_t (*real_s)(void);       /* seconds since 1970-01-01T00:00:00Z */
};

struct show_desk;

/* What belongs to one set of cores. A snapshot holds the one that its requests go to: so two of
 * them are side by side while requests that the first has begun end (docs/adr/0047). */
struct stage {
    struct front *front;
    struct coord *coord;
    struct coord_line signed_jobs; /* of coord's thread: their tokens are to be built */
    struct evidence *evidence;
    struct time_history *times; /* what cores say of their time; NULL: nobody asks */
    struct show_desk *show;     /* evidence for nonces; NULL: nobody asks */
    atomic_uint held;           /* snapshots that hold it */
};

struct front {
    struct serving_slot slot;
    struct stage *stage; /* that of the newest snapshot; of the main thread */
    struct journal *journal;
    struct request_pool pool;
    struct conn_watch watch, admin_watch; /* of the main listeners, of the admin listener */
    struct rate_limit *rate;
    struct metrics *metrics;
    atomic_uint bundles; /* that are being read */
    struct front_clock clock;
    int64_t started_ns;
    char node_id[128];
    atomic_bool draining; /* answers say Connection: close */
    atomic_bool stopping; /* nothing is begun any more */
    atomic_uint
        entering; /* threads that saw stopping unset and are about to suspend a connection */
    atomic_uint
        leaving; /* sets of cores that requests still end with, and new ones do not take */
    atomic_uint active;              /* requests whose answer is not sent yet */
    atomic_uint_fast64_t log_budget; /* second << 16 | lines logged in it */
};

#endif
