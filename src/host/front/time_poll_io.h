/* time_poll_io.h - asks each core once a second for its TIME_STATUS, on connections of its own,
 * from one thread of its own. Whatever cores answer, late, wrong or never, holds up nothing
 * else. */
#ifndef HOST_FRONT_TIME_POLL_IO_H
#define HOST_FRONT_TIME_POLL_IO_H

#include "host/front/time_history.h"

#define TIME_POLL_PERIOD_MS 1000
#define TIME_POLL_WAIT_MS 800 /* for the answers of a second; later ones are not heard */
/* A core that was silent is left alone for so many seconds: it need not find a queue of old
 * questions when it comes back. */
#define TIME_POLL_REST 4

struct time_poll;

/* uris: of n cores, as history has them, which outlives it. NULL: no memory or no thread. */
struct time_poll *time_poll_start(const char *const *uris, size_t n,
                                  struct time_history *history);
/* Ends the thread. NULL: nothing. */
void time_poll_stop(struct time_poll *p);

#endif
