/* time_call.h - TIME_SAMPLE: what a node's time client tells its core. docs/wire.md 7. */
#ifndef WIRE_TIME_CALL_H
#define WIRE_TIME_CALL_H

#include "base/bytes.h"

#define TIME_SOURCES_MAX 16
#define TIME_NAME_MAX 63
#define TIME_KISS_LEN 4

/* What the majority of the authenticated servers says of the leap indicator, RFC 5905 7.3. */
enum time_leap { TIME_LEAP_NONE, TIME_LEAP_INSERT, TIME_LEAP_DELETE, TIME_LEAP_UNKNOWN };

#define TIME_FLAG_FENCE 0x01 /* the roughtime fence disagrees */

/* True TAI at counter_ns lies in [lo_ns, hi_ns] if quota of the sources are right. */
struct time_sample {
    uint64_t seq;       /* ascends with each sample, from one start of the client to the next */
    int64_t counter_ns; /* CLOCK_MONOTONIC_RAW of the machine */
    int64_t since_ns;   /* the same when the oldest question that it rests on was sent */
    int64_t lo_ns, hi_ns;             /* TAI, ns since 1970-01-01T00:00:00 TAI */
    uint8_t sources, quota, agreeing; /* m, q, and how many meet in the span */
    uint8_t leap;                     /* enum time_leap */
    uint8_t flags;                    /* TIME_FLAG_* */
};

enum time_source_state {
    TIME_SOURCE_STARTING = 1,      /* no answer yet */
    TIME_SOURCE_AGREES = 2,        /* its span meets the majority's */
    TIME_SOURCE_DISAGREES = 3,     /* it does not */
    TIME_SOURCE_UNREACHABLE = 4,   /* answers no more */
    TIME_SOURCE_REFUSED = 5,       /* said in an authentic answer that it will not serve us */
    TIME_SOURCE_UNSYNCHRONISED = 6 /* its own clock is not set */
};

/* One source, for people to read; no judgement rests on it. */
struct time_source {
    struct view name;                /* 1 to TIME_NAME_MAX bytes, printable ASCII, no space */
    uint8_t state;                   /* enum time_source_state */
    int64_t offset_ns;               /* of its middle against the sample's */
    int64_t half_width_ns, delay_ns; /* not negative */
    uint32_t age_ms;                 /* since its last answer */
    uint8_t reach;                   /* of the last eight polls, one bit each */
    uint8_t kiss[TIME_KISS_LEN];     /* printable ASCII, or all zero */
};

struct time_report {
    struct time_sample sample;
    size_t n_sources; /* rows: may differ from sample.sources */
    struct time_source rows[TIME_SOURCES_MAX];
};

/* Whether it has a span at all: as many sources agree as it takes. */
static inline bool time_sample_holds(const struct time_sample *s)
{
    return s->agreeing >= s->quota;
}

/* Why the time that a core has from samples holds, or does not. */
enum time_reason {
    TIME_HOLDS = 0,
    TIME_NO_SAMPLE = 1,   /* none yet, or too few since an event */
    TIME_UNSTEADY = 2,    /* too soon after an event */
    TIME_WIDE = 3,        /* the bound serves no policy */
    TIME_LEAP = 4,        /* a leap second is near, or may be */
    TIME_LEAP_MISSED = 5, /* the table had expired when a leap second may have been */
    TIME_BELOW_GIVEN = 6, /* what was given out before is later */
    TIME_OUTSIDE = 7,     /* of the leap table, or of what a token can say */
    TIME_FENCED = 8,      /* the roughtime fence disagrees */
    /* Of TIME_STATUS alone: */
    TIME_UNSYNCHRONISED = 32, /* the kernel does not call its clock synchronised */
    TIME_UNREADABLE = 33,     /* the kernel gives no time, or not at one moment */
    TIME_PEERS = 34           /* it would hold, but too few other cores' clocks agree */
};

/* What makes void all that a core knew of the time. */
enum time_event {
    TIME_EVENT_NONE = 0,
    TIME_EVENT_BACK = 1,     /* a clock went back */
    TIME_EVENT_JUMP = 2,     /* clocks moved apart: a jump, another rate, a suspended machine */
    TIME_EVENT_GAP = 3,      /* nobody looked for too long */
    TIME_EVENT_DISJOINT = 4, /* a sample excludes what was known */
    TIME_EVENT_OFF_RATE = 5  /* no rate of the counter fits the samples */
};

/* Their names, in lower case: "no_sample", "jump". "unknown": none of them. */
const char *time_reason_name(enum time_reason r);
const char *time_event_name(enum time_event e);

/* The rows alone, as TIME_SAMPLE and TIME_STATUS have them: n(1) and each. The reader is then
 * after them; the names point into its bytes. ERR_TRUNCATED. ERR_RANGE: more than
 * TIME_SOURCES_MAX; a negative width or delay; a state, name or kiss that stands nowhere above.
 */
void time_sources_encode(struct writer *w, const struct time_source *rows, size_t n);
MUST_CHECK enum err time_sources_decode(struct reader *r, struct time_source *rows, size_t *n);
/* Bytes of the longest. */
#define TIME_SOURCES_LEN_MAX (1 + TIME_SOURCES_MAX * (35 + TIME_NAME_MAX))

void time_report_encode(struct writer *w, const struct time_report *r);
/* ERR_TRUNCATED, ERR_TRAILING. ERR_RANGE: seq 0; a negative counter, span, width or delay;
 * since_ns over counter_ns, lo over hi; quota 0 or over sources, agreeing over sources; more
 * than TIME_SOURCES_MAX; a span although too few agree; leap, flag, state, name or kiss that
 * stands nowhere above. On failure *out is zero. */
MUST_CHECK enum err time_report_decode(struct view body, struct time_report *out);

#endif
