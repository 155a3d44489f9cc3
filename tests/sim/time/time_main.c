/* sim_time: the attack matrix against what a core holds to be the time, and a baseline that
 * fails it. See docs/simulation.md.
 *
 *   [--histories N]   so many, over all rows (2000)
 *   [--first N]       seeds from there on (1)
 *   [--seconds N]     and no more than fit into that time
 *   [--long N]        so many if QUORATE_LONG is 1, whatever time it takes
 *   [--row NAME]      that row alone */
#include "mldsa_kit.h"
#include "time_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROWS_MAX 32
#define SLOW_BUILD 20 /* with sanitizers, or no optimisation, so many times fewer histories */

struct arguments {
    uint64_t histories, first, seconds, many;
    const char *row;
};

static double seconds_of(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void take_option(struct arguments *a, const char *option, const char *value)
{
    if (strcmp(option, "--histories") == 0) {
        a->histories = strtoull(value, NULL, 0);
    } else if (strcmp(option, "--first") == 0) {
        a->first = strtoull(value, NULL, 0);
    } else if (strcmp(option, "--seconds") == 0) {
        a->seconds = strtoull(value, NULL, 0);
    } else if (strcmp(option, "--long") == 0) {
        a->many = strtoull(value, NULL, 0);
    } else if (strcmp(option, "--row") == 0) {
        a->row = value;
    } else {
        (void)fprintf(stderr, "no such option: %s\n", option);
        exit(2);
    }
}

static bool wanted(const struct arguments *a, const struct tw_scenario *s, uint64_t round)
{
    return a->row != NULL ? strcmp(a->row, s->name) == 0 : round % s->every == 0;
}

/* One history of each row, again and again. False: a rule was broken. */
static bool run(struct tw *w, const struct arguments *a, struct tw_totals *totals,
                uint64_t *done)
{
    const double end = seconds_of(CLOCK_MONOTONIC) + (double)a->seconds;

    for (uint64_t round = 0; *done < a->histories; round++) {
        for (size_t i = 0; i < tw_n_scenarios && *done < a->histories; i++) {
            const uint64_t seed = a->first + round;

            if (!wanted(a, &tw_scenarios[i], round)) {
                continue;
            }
            ++*done;
            if (!tw_history(w, &tw_scenarios[i], seed * 1000 + i, &totals[i])) {
                printf("%s, seed %llu: %s, by %.3f ms\n  again: sim_time --row \"%s\" --first "
                       "%llu --histories 1\n",
                       tw_scenarios[i].name, (unsigned long long)seed, w->broken,
                       (double)w->broken_off_ns / 1e6, tw_scenarios[i].name,
                       (unsigned long long)seed);
                return false;
            }
            if (a->seconds > 0 && seconds_of(CLOCK_MONOTONIC) > end) {
                return true;
            }
        }
    }
    return true;
}

/* A row that grants nothing, or that the baseline withstands, proves nothing. */
static bool say_row(const struct tw_scenario *s, const struct tw_totals *t)
{
    const bool grants = t->tokens > 0;
    const bool bites = !s->triad_fails || t->triad_histories > 0;
    const bool shows = !s->disorders || t->disorder > 0;

    printf("%-27s %7llu %8llu %8llu %6.1f %7.1f %9llu%s%s\n", s->name,
           (unsigned long long)t->histories, (unsigned long long)t->tokens,
           (unsigned long long)t->refused, (double)t->worst_permille / 10,
           (double)t->worst_half_ns / 1e6, (unsigned long long)t->triad_histories,
           grants ? "" : "  NO TOKEN", bites ? "" : "  TRIAD WITHSTANDS IT");
    if (s->disorders) {
        printf("%-27s %llu tokens are not after the one before%s\n", "",
               (unsigned long long)t->disorder, shows ? "" : "  IT IS ORDERED");
    }
    return grants && bites && shows;
}

static bool say_matrix(const struct tw_totals *totals)
{
    bool good = true;

    printf("%-27s %7s %8s %8s %6s %7s %9s\n", "", "history", "tokens", "refused", "off %",
           "half ms", "Triad bad");
    for (size_t i = 0; i < tw_n_scenarios; i++) {
        if (totals[i].histories > 0) {
            good = say_row(&tw_scenarios[i], &totals[i]) && good;
        }
    }
    return good;
}

int main(int argc, char **argv)
{
    static struct tw_totals totals[ROWS_MAX];
    struct arguments a = {.histories = 2000, .first = 1};
    struct tw *const w = tw_new();
    const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t done = 0;
    double spent;
    bool good;

    for (int i = 1; i + 1 < argc; i += 2) {
        take_option(&a, argv[i], argv[i + 1]);
    }
    if (a.many > 0 && mldsa_long()) {
        a.histories = a.many;
        a.seconds = 0;
    }
    if (!mldsa_fast() && a.histories > SLOW_BUILD * tw_n_scenarios) {
        a.histories /= SLOW_BUILD;
    }
    w->triad_on = true;
    good = run(w, &a, totals, &done);
    spent = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    good = (say_matrix(totals) || a.row != NULL) && good;
    printf("%llu histories, %.2f ms of a core each, %.0f a second\n", (unsigned long long)done,
           spent * 1000 / (double)done, (double)done / spent);
    tw_free(w);
    return good ? 0 : 1;
}
