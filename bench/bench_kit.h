/* bench_kit.h - what the bench programs share: clocks, and ends that say why. */
#ifndef BENCH_BENCH_KIT_H
#define BENCH_BENCH_KIT_H

#include "base/err.h"

#include <errno.h>
#include <getopt.h>
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

/* --sessions N and --batches N, where they are given. */
static inline void two_counts(int argc, char **argv, unsigned *sessions, unsigned *batches)
{
    static const struct option options[] = {{"sessions", required_argument, NULL, 's'},
                                            {"batches", required_argument, NULL, 'b'},
                                            {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 's') {
            *sessions = (unsigned)strtoul(optarg, NULL, 10);
        } else if (option == 'b') {
            *batches = (unsigned)strtoul(optarg, NULL, 10);
        } else {
            exit(2);
        }
    }
    if (*sessions == 0 || *batches == 0) {
        die("--sessions, --batches: at least 1");
    }
}

#endif
