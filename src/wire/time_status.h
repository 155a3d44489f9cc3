/* time_status.h - TIME_STATUS: what a core says of its time, for people. docs/wire.md 9.
 * Nothing in it is secret, and no judgement rests on it. */
#ifndef WIRE_TIME_STATUS_H
#define WIRE_TIME_STATUS_H

#include "wire/core_info.h"
#include "wire/time_call.h"

enum time_counter {
    TIME_COUNTER_NONE = 0, /* the kernel's clock is believed */
    TIME_COUNTER_RAW = 1,  /* CLOCK_MONOTONIC_RAW: the host may slow it, see clock_watch.h */
    TIME_COUNTER_TSC = 2   /* the TSC, with evidence that the host cannot change its rate */
};

#define TIME_STATUS_VALID 0x01    /* lo_ns, hi_ns and offset_ns hold */
#define TIME_STATUS_SPAN 0x02     /* half_width_ns holds; else there is no span at all */
#define TIME_STATUS_HOLDOVER 0x04 /* the span rests on a sample over TIME_HOLDOVER_MS old */
#define TIME_STATUS_PERMIT 0x08   /* enough cores' clocks agree, or none is to be asked */
#define TIME_STATUS_FENCED 0x10   /* the Roughtime fence disagrees */
#define TIME_STATUS_EXPIRED 0x20  /* the leap table */

#define TIME_HOLDOVER_MS 30000
#define TIME_AGE_NEVER UINT32_MAX
#define TIME_RATE_PPB_MAX 1000000000

struct time_status {
    uint8_t clock;   /* enum core_clock */
    uint8_t counter; /* enum time_counter */
    uint8_t state;   /* enum core_state */
    uint8_t reason;  /* enum time_reason: why the time does not serve; TIME_HOLDS */
    uint16_t err;    /* enum err: why the core does not serve; 0 while it does */
    uint8_t flags;   /* TIME_STATUS_* */
    uint8_t leap;    /* enum time_leap: the servers' word, while it counts */
    uint8_t change;  /* the same, of the table: at the end of this UTC day */
    uint8_t sources, quota, agreeing; /* of the last sample; 0: none */
    uint8_t index, threshold, total;  /* own place; so many of so many clocks; 0: alone */
    uint8_t peers; /* whose clocks agree with the own one: bit index - 1, the own one set */
    int64_t lo_ns, hi_ns;  /* UTC, ns since 1970; zero unless VALID */
    int64_t half_width_ns; /* zero without SPAN */
    int64_t offset_ns;     /* middle of the span against the machine's clock; zero unless VALID
                            */
    int64_t bound_ns;      /* a wider half serves no policy */
    int64_t given_ns;      /* UTC: the highest time given out; 0: none yet */
    int64_t rate_lo_ppb, rate_hi_ppb; /* time goes on by 10^9 + these while the counter does by
                                         10^9; both 0: it has no counter */
    int64_t leap_expires_s;           /* POSIX; 0: it has no table */
    uint64_t adjusted, events; /* since the start: samples taken; what voided all that was known
                                */
    uint32_t heard_ms;         /* since a sample came, whatever came of it; TIME_AGE_NEVER */
    uint32_t sample_ms;        /* since what the span rests on was measured; TIME_AGE_NEVER */
    size_t n_sources;          /* rows of the last sample */
    struct time_source rows[TIME_SOURCES_MAX];
};

/* Bytes of the longest. */
#define TIME_STATUS_LEN_MAX (112 + TIME_SOURCES_LEN_MAX)

/* "kernel, untrusted", "nts, CLOCK_MONOTONIC_RAW": what is believed, for people. */
const char *time_status_label(const struct time_status *s);

const char *time_source_state_name(enum time_source_state s);
const char *time_leap_name(enum time_leap l);

void time_status_encode(struct writer *w, const struct time_status *s);
/* ERR_TRUNCATED, ERR_TRAILING. ERR_RANGE: a clock, counter, state, reason, flag or leap that
 * stands nowhere above; lo over hi, or a time that is negative or over STAMP_TIME_MAX_NS; what
 * is to be zero and is not; counts that do not fit one another; a place over TIME_PEERS_MAX; a
 * rate over TIME_RATE_PPB_MAX or lo over hi; what time_sources_decode() refuses. On failure
 * *out is zero. */
MUST_CHECK enum err time_status_decode(struct view body, struct time_status *out);

#endif
