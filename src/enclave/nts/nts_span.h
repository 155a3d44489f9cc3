/* nts_span.h - what one exchange with a time server bounds, and what several bound together:
 * RFC 5905 8 and 11.2.1 in integers. Nothing is averaged.
 *
 * Counters are nanoseconds of CLOCK_MONOTONIC_RAW, which nobody steers; that they pass as time
 * does is trusted to within NTS_DRIFT_PPM. */
#ifndef ENCLAVE_NTS_NTS_SPAN_H
#define ENCLAVE_NTS_NTS_SPAN_H

#include "enclave/nts/ntp_packet.h"
#include "wire/time_call.h"

#define NTS_DRIFT_PPM 200             /* of a counter that nobody has calibrated */
#define NTS_PRECISION_NS 1000         /* of reading ours, and of the kernel's time to send */
#define NTS_DELAY_MAX_NS 100000000    /* a longer way there and back says too little */
#define NTS_DISTANCE_MAX_NS 100000000 /* half a span, the server's own doubts included */
/* Two-digit eras are read as if it were not before this: 2026-01-01. Good until 2162. */
#define NTS_ERA_FLOOR_S INT64_C(1767225600)

/* At a counter value the server's clock said utc_ns; true UTC was then within
 * [utc_ns - below_ns, utc_ns + above_ns], if the server is right. */
struct nts_bound {
    int64_t counter_ns; /* when the reply was here */
    int64_t since_ns;   /* when the request left */
    int64_t utc_ns;     /* its transmit time stamp; UTC as POSIX counts it */
    int64_t below_ns, above_ns;
    int64_t delay_ns; /* on the way, there and back */
};

/* sent_ns, received_ns: counters. The delay is all on the way here, or all on the way there:
 * both are possible, so the span has it whole. On failure *out is all zero.
 *
 * ERR_STATE: leap indicator 3, or a stratum over NTP_STRATUM_MAX: its clock is not set.
 * ERR_TIME: it sent before it received, held the request for longer than the whole way took,
 * or our counter went back. ERR_DEADLINE: the delay is over NTS_DELAY_MAX_NS. ERR_RANGE: the
 * distance is over NTS_DISTANCE_MAX_NS; a time stamp that cannot be. */
MUST_CHECK enum err nts_bound_of(const struct ntp_header *h, int64_t sent_ns,
                                 int64_t received_ns, struct nts_bound *out);

/* True time, TAI, was within [lo_ns, hi_ns] at counter_ns. */
struct nts_span {
    int64_t counter_ns, lo_ns, hi_ns;
    int64_t since_ns; /* when its question was asked */
    int64_t delay_ns;
};

/* The same at a later counter: moved by what has passed, widened by the drift. A counter that
 * is not later: as at the span's own. */
struct nts_span nts_span_at(const struct nts_span *s, int64_t counter_ns);

/* How many of m sources have to agree: m - floor((m - 1) / 3). */
size_t nts_quota(size_t m);

/* From the first to the last point that lies in at least quota of the spans, all of one
 * counter: true time is within if quota of the sources are right. *agreeing: the most that have
 * one point in common, also on failure. ERR_QUORUM: fewer than quota do; *lo and *hi are 0.
 * ERR_RANGE: quota is 0, or more than TIME_SOURCES_MAX spans. */
MUST_CHECK enum err nts_majority(const struct nts_span *spans, size_t n, size_t quota,
                                 int64_t *lo_ns, int64_t *hi_ns, size_t *agreeing);

#endif
