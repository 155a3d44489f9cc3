/* time_keeper.h - what time a core holds it to be, from samples of its time client: model,
 * discontinuities, leap seconds, and when it may be served.
 *
 * The span that it gives is [shown - half, shown + half] about a clock that never goes back and
 * moves to the middle of the model's span by at most KEEPER_SLEW_PPM; half is as much as the
 * model's span needs, and WATCH_UNSEEN_NS. Nothing is given while half is over what a policy
 * takes, after an event until samples agree again and KEEPER_STEADY_NS have passed, about a
 * leap second, and below what was given before.
 *
 * Pure: whoever calls it reads the counters. */
#ifndef ENCLAVE_CLOCK_TIME_KEEPER_H
#define ENCLAVE_CLOCK_TIME_KEEPER_H

#include "enclave/clock/clock_model.h"
#include "enclave/clock/clock_watch.h"
#include "enclave/clock/leap_table.h"
#include "wire/time_call.h"

#define KEEPER_SLEW_PPM 500
#define KEEPER_STEADY_NS INT64_C(5000000000)
#define KEEPER_AGAIN_SAMPLES 2 /* that agree, after an event */
/* After its bound was too wide it is served again below this part of it, of 4. */
#define KEEPER_REGAIN_QUARTERS 3
#define KEEPER_SAMPLE_WIDTH_MAX_NS INT64_C(1000000000)
/* A word of the servers on leap seconds counts for so long. */
#define KEEPER_LEAP_WORD_NS INT64_C(86400000000000)

struct time_keeper {
    struct leap_table leaps;
    int64_t bound_max_ns; /* half a span */
    int64_t margin_ns;    /* about a leap second: the widest accuracy */

    struct clock_watch watch;
    struct clock_model model;
    bool holding; /* the bound was narrow enough, and no event since */
    bool fenced;
    unsigned needed;        /* samples still, before it holds */
    int64_t steady_from_ns; /* counter value */
    int64_t void_ns;        /* what was measured up to here is void, for an event */
    int64_t counter_ns;     /* of the latest reading */
    uint64_t seq;           /* of the latest sample */

    struct clock_anchor shown; /* lo_ns == hi_ns: the clock that is shown */
    int64_t given_ns;          /* TAI: the highest given out */

    uint8_t leap_word;    /* enum time_leap; UNKNOWN: none that counts */
    int64_t leap_word_ns; /* counter value */
    bool leap_missed;
};

/* leaps is copied. */
void time_keeper_init(struct time_keeper *k, const struct leap_table *leaps,
                      int64_t bound_max_ns, int64_t margin_ns);

struct time_reading {
    enum time_reason reason;
    enum time_event event; /* found by this reading */
    int64_t lo_ns, hi_ns;  /* UTC; zero unless it holds */
    int64_t mid_tai_ns;    /* the same, for time_keeper_give() */
    int64_t half_ns;       /* the bound, also while it does not hold; 0: no span at all */
};

/* What time it is at a pair that was read now. */
void time_keeper_read(struct time_keeper *k, int64_t counter_ns, int64_t second_ns,
                      struct time_reading *out);

enum keeper_taken {
    KEEPER_TAKEN,
    KEEPER_IGNORED,  /* no span, of the future, measured before an event, too wide, or about a
                        leap second */
    KEEPER_REPLAYED, /* seq or counter not above the latest */
    KEEPER_DISJOINT, /* an event: begun anew from this sample */
    KEEPER_OFF_RATE  /* the same */
};

/* Takes a sample after time_keeper_read() of now. *moved_ns: how far the middle of the span
 * went by it; 0 but for KEEPER_TAKEN. */
enum keeper_taken time_keeper_take(struct time_keeper *k, const struct time_sample *s,
                                   int64_t *moved_ns);

/* Says that this mid_tai_ns of a reading that holds was given out: from now on nothing earlier
 * is.
 */
void time_keeper_give(struct time_keeper *k, int64_t mid_tai_ns);

#endif
