/* bench_kit.h - what the bench programs share: clocks, and ends that say why. */
#ifndef BENCH_BENCH_KIT_H
#define BENCH_BENCH_KIT_H

#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline void die(const char *what)
{
    (void)fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
    exit(2);
}

static inline void must(enum err e)
{
    if (e != ERR_OK) {
        die(err_name(e));
    }
}

static inline double clock_s(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t) != 0) {
        die("clock_gettime");
    }
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Of this process; of the wall. */
static inline double cpu_s(void)
{
    return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

static inline double now_s(void)
{
    return clock_s(CLOCK_MONOTONIC);
}

#endif
