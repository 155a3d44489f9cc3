/* clock_watch.h - finds what must not happen to a counter: that it goes back, jumps, runs at
 * another rate, or that nobody looked at it for a while. A second clock of the machine, which
 * may be slewed but is not set, is the other witness.
 *
 * What both do alike goes unseen: a machine that is stopped with its clocks. Then only other
 * machines can tell, see peer_view.h. */
#ifndef ENCLAVE_CLOCK_CLOCK_WATCH_H
#define ENCLAVE_CLOCK_CLOCK_WATCH_H

#include "wire/time_call.h"

/* Their distance may change so fast: a kernel slews by 500 ppm at most. */
#define WATCH_SLEW_PPM 1000
/* What is left of a change after that: more is a jump. */
#define WATCH_STEP_NS INT64_C(1000000)
/* Nobody looked for so long. */
#define WATCH_GAP_NS INT64_C(2000000000)
/* How wrong the counter can be before it is found: a jump that is just small enough, and how
 * far a rate that is wrong by 1 % gets until then. Both readings of a pair are at most
 * WATCH_PAIR_NS apart. */
#define WATCH_PAIR_NS INT64_C(200000)
#define WATCH_UNSEEN_NS INT64_C(1500000)

struct clock_watch {
    bool started;
    int64_t counter_ns, second_ns; /* the latest pair */
    int64_t distance_ns;           /* second - counter, as it may be */
};

/* One more pair, read at one moment. BACK, JUMP, GAP: it starts anew from this pair. */
enum time_event clock_watch_look(struct clock_watch *w, int64_t counter_ns, int64_t second_ns);

#endif
