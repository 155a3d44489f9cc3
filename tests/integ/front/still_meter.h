/* still_meter.h - for how long the machine gave nobody a turn: a thread on each CPU naps for a
 * millisecond at a time, and counts what it overslept. What took long meanwhile took no longer
 * because of whoever was asked. */
#ifndef TESTS_INTEG_FRONT_STILL_METER_H
#define TESTS_INTEG_FRONT_STILL_METER_H

#include <stdbool.h>
#include <stdint.h>

bool still_meter_start(void);
void still_meter_stop(void);

/* So far, on all CPUs together. */
int64_t still_meter_us(void);

#endif
