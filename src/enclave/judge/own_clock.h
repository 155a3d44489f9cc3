/* own_clock.h - what the core holds to be the time: a span [lo, hi], and whether it may be
 * used.
 *
 * Three kinds. `kernel`: now +- the kernel's own bound (adjtimex maxerror), refused while the
 * kernel calls its clock unsynchronised. `trust-system`, for development: the system clock is
 * believed, the span is what the policies declare, the kernel's bound is shown and does not
 * count. Where several cores sign it is narrower by the life of an R1 on each side: the R1s of
 * one stamp may be so far apart, and its accuracy must hold them all.
 *
 * `nts`: what a time keeper makes of the samples of a time client, see time_keeper.h; the
 * kernel's time and bound play no part. The rest of this is of the other two.
 *
 * Either way the clock must not jump. CLOCK_REALTIME is held against CLOCK_BOOTTIME: a
 * reference offset between them follows at most OWN_CLOCK_SLEW_PPM, and a distance over
 * OWN_CLOCK_STEP_NS, in one jump or in many small ones, is a clock event. So is a time below
 * the highest that was given out. After an event the clock is refused until it was steady for
 * OWN_CLOCK_STEADY_NS and is past what was given out. */
#ifndef ENCLAVE_JUDGE_OWN_CLOCK_H
#define ENCLAVE_JUDGE_OWN_CLOCK_H

#include "enclave/clock/time_keeper.h"
#include "enclave/judge/boot_args.h"
#include "os/clock.h"

#define OWN_CLOCK_STEP_NS INT64_C(100000000)
#define OWN_CLOCK_SLEW_PPM 1000 /* the kernel slews by 500 ppm at most */
#define OWN_CLOCK_STEADY_NS INT64_C(5000000000)

struct own_clock {
    const struct clock_source *source;
    uint8_t kind;         /* enum core_clock of the wire */
    int64_t declared_ns;  /* half a span of trust-system */
    int64_t bound_max_ns; /* kernel: a larger bound serves no policy */

    bool started;
    bool trusted;           /* at the last reading: synchronised, with a bound that serves */
    uint64_t events;        /* clock events so far; an R1 is void once this changes */
    int64_t offset_ns;      /* the reference: realtime - boottime */
    int64_t offset_at_ns;   /* boottime of its last move */
    int64_t steady_from_ns; /* boottime from which the clock counts as steady */
    int64_t given_ns;       /* the highest time given out */

    struct time_keeper keeper; /* of CLOCK_NTS */
};

/* One reading. */
struct own_time {
    int64_t mono_ns; /* CLOCK_BOOTTIME */
    enum err err; /* ERR_OK: lo_ns and hi_ns hold. ERR_TIME: unsynchronised, bound too wide, or
                     after an event. ERR_IO: the kernel gave no time */
    bool stepped; /* this reading found a clock event */
    bool tainted; /* this reading found the clock no longer synchronised, or its bound too wide:
                     what was promised before is void, even if the next one is good again */
    int64_t lo_ns, hi_ns; /* zero unless err is ERR_OK */
    uint32_t bound_us; /* the kernel's, also when it does not count; CLOCK_NTS: half a span */
    bool synchronised; /* CLOCK_NTS: there is a span */
    enum time_reason reason; /* CLOCK_NTS; else TIME_HOLDS */
    enum time_event event;   /* CLOCK_NTS: what event this reading found */
    int64_t tai_ns;          /* CLOCK_NTS, ERR_OK: the middle */
};

/* The span and the bound come from the policies: with the widest span that every policy allows,
 * accuracy comes out as the declared maximum and never over it. */
void own_clock_init(struct own_clock *c, const struct clock_source *source,
                    const struct boot_args *a);

/* Reads the clock afresh. */
void own_clock_read(struct own_clock *c, struct own_time *out);

/* Takes a sample of the time client, after a reading of now; c is of CLOCK_NTS. *moved_ns: how
 * far the middle of the span went by it. KEEPER_DISJOINT, KEEPER_OFF_RATE: a clock event. */
enum keeper_taken own_clock_sample(struct own_clock *c, const struct time_sample *s,
                                   int64_t *moved_ns);

/* Says that t was given out: from now on no earlier time is. t.err is ERR_OK. */
void own_clock_give(struct own_clock *c, const struct own_time *t);

#endif
