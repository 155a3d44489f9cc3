/* clock_model.h - true time from a counter: a span [lo, hi] of TAI at a counter value, and
 * bounds on how much faster or slower than the counter time goes. Between samples the span
 * widens by those bounds; a sample narrows it to what both allow. Integers, rounded outward, so
 * that true time never falls out of it while the samples and CLOCK_DRIFT_PPB hold.
 *
 * Bounds on the rate come from pairs of samples: time went on by at least lo2 - hi1 and at most
 * hi2 - lo1. Whoever delays answers widens the spans, and with them these bounds: he moves no
 * rate (time.md 3, F+ and F-). */
#ifndef ENCLAVE_CLOCK_CLOCK_MODEL_H
#define ENCLAVE_CLOCK_CLOCK_MODEL_H

#include "base/bytes.h"

/* No counter that we take runs off by more than this. */
#define CLOCK_DRIFT_PPB 200000
/* How far the rate of now may be from the mean of a while ago: temperature, age. */
#define CLOCK_WANDER_PPB 15000
/* Samples that rates come from: one in a while, for as long as the ring holds. */
#define CLOCK_ANCHORS_MAX 32
#define CLOCK_ANCHOR_GAP_NS INT64_C(30000000000)
#define CLOCK_BASELINE_NS INT64_C(60000000000) /* a shorter one bounds no rate */
/* An older anchor is forgotten. */
#define CLOCK_ANCHOR_LIFE_NS INT64_C(7200000000000)

struct clock_anchor {
    int64_t counter_ns;
    int64_t lo_ns, hi_ns; /* true time lay within at that counter value */
};

/* Of 10^9: true time goes on by 10^9 + [lo, hi] while the counter does by 10^9. */
struct clock_rate {
    int64_t lo_ppb, hi_ppb;
};

struct clock_model {
    bool set; /* there is a span */
    struct clock_anchor base;
    struct clock_rate rate;  /* of now: within CLOCK_DRIFT_PPB of nothing */
    struct clock_rate slope; /* measured over the longest baseline; nothing yet: the same */
    size_t n;                /* anchors, oldest first */
    struct clock_anchor anchors[CLOCK_ANCHORS_MAX];
};

enum clock_taken {
    CLOCK_TAKEN,    /* the span is narrower now, or the first */
    CLOCK_DISJOINT, /* it and the span exclude one another: one of them is wrong */
    CLOCK_OFF_RATE  /* no rate fits it and the samples before */
};

void clock_model_init(struct clock_model *m);

/* Takes a sample, not older than the one before. Where it is refused nothing changes. */
enum clock_taken clock_model_take(struct clock_model *m, const struct clock_anchor *sample);

/* The span at that counter value, not before the latest sample; m is set. */
struct clock_anchor clock_model_at(const struct clock_model *m, int64_t counter_ns);

/* ppb of a time that is not negative, rounded down or up. */
int64_t clock_share_down(int64_t ns, int64_t ppb);
int64_t clock_share_up(int64_t ns, int64_t ppb);

#endif
