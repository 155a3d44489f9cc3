/* clock_rig.h - a keeper in a world with a true time: a counter that runs at a rate of its own,
 * and samples about the truth. */
#ifndef TESTS_UNIT_CLOCK_CLOCK_RIG_H
#define TESTS_UNIT_CLOCK_CLOCK_RIG_H

#include "testing.h"

#include "enclave/clock/time_keeper.h"

#define NS_MS INT64_C(1000000)
#define NS_S INT64_C(1000000000)
#define RIG_TABLE "1435708800:36,1483228800:37@4102444800"
#define RIG_TAI (INT64_C(1795000037) * NS_S) /* 2026-11-18T08:26:40Z */

struct clock_rig {
    struct time_keeper keeper;
    struct time_reading now;
    int64_t tai_ns, counter_ns, second_ns; /* true time, and what the clocks show */
    int64_t rate_ppb;                      /* of the counter against true time */
    uint64_t seq;
};

void rig_start(struct clock_rig *r, const char *table, int64_t tai_ns);
/* Time goes on, and nobody looks. */
void rig_pass(struct clock_rig *r, int64_t ns);
/* Time goes on, with a look each 100 ms and at the end. */
void rig_go(struct clock_rig *r, int64_t ns);
enum time_reason rig_read(struct clock_rig *r);
/* A sample of now that is off by that much, and so wide to each side. */
enum keeper_taken rig_sample(struct clock_rig *r, int64_t off_ns, int64_t half_ns);
/* Samples of half_ns each 16 s, for that time. */
void rig_sampled(struct clock_rig *r, int64_t ns, int64_t half_ns);
/* How far the middle of the reading is from the truth; it holds. */
int64_t rig_error(const struct clock_rig *r);

#endif
