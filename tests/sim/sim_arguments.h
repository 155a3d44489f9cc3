/* sim_arguments.h - what a simulation's program is told, and what it says at its end. */
#ifndef TESTS_SIM_ARGUMENTS_H
#define TESTS_SIM_ARGUMENTS_H

#include "mldsa_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SIM_SLOW_BUILD \
    20 /* with sanitizers, or no optimisation, so many times fewer histories */

struct sim_arguments {
    uint64_t first, histories, seconds, many;
    int plant; /* 0: none */
    bool all_plants, trace;
};

/* A program: its own options, and the names of its faults, of which the first is none. */
struct sim_program {
    const char *usage;
    const char *const *plants;
    int n_plants;
    bool (*take)(const char *option, const char *value); /* an option of its own; or NULL */
};

static inline double sim_seconds_of(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline void sim_usage(const struct sim_program *p)
{
    (void)fprintf(stderr, "usage: %s\n", p->usage);
    exit(2);
}

static inline void sim_take_plant(const struct sim_program *p, struct sim_arguments *a,
                                  const char *name)
{
    a->all_plants = strcmp(name, "all") == 0;
    for (int i = 1; i < p->n_plants; i++) {
        a->plant = strcmp(name, p->plants[i]) == 0 ? i : a->plant;
    }
    if (!a->all_plants && a->plant == 0) {
        sim_usage(p);
    }
}

static inline void sim_take_option(const struct sim_program *p, struct sim_arguments *a,
                                   const char *option, const char *value)
{
    const uint64_t n = strtoull(value, NULL, 0);

    if (strcmp(option, "--seed") == 0) {
        a->first = n;
        a->histories = 1;
    } else if (strcmp(option, "--first") == 0) {
        a->first = n;
    } else if (strcmp(option, "--histories") == 0) {
        a->histories = n;
    } else if (strcmp(option, "--seconds") == 0) {
        a->seconds = n;
    } else if (strcmp(option, "--long") == 0) {
        a->many = n;
    } else if (strcmp(option, "--plant") == 0) {
        sim_take_plant(p, a, value);
    } else if (p->take == NULL || !p->take(option, value)) {
        sim_usage(p);
    }
}

static inline struct sim_arguments sim_arguments_read(const struct sim_program *p, int argc,
                                                      char **argv)
{
    struct sim_arguments a = {.first = 1, .histories = 100};

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--trace") == 0) {
            a.trace = true;
        } else if (i + 1 < argc) {
            sim_take_option(p, &a, argv[i], argv[i + 1]);
            i++;
        } else {
            sim_usage(p);
        }
    }
    if (a.many > 0 && mldsa_long()) {
        a.histories = a.many;
        a.seconds = 0;
    }
    if (!mldsa_fast() && a.plant == 0 && !a.all_plants && a.histories > SIM_SLOW_BUILD) {
        a.histories /= SIM_SLOW_BUILD;
    }
    return a;
}

#endif
