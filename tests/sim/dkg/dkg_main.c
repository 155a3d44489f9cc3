/* sim_dkg_protocol, sim_dkg_full: histories of keys from seeds. See docs/simulation.md.
 *
 *   [--seed N]          one history, alone
 *   [--trace]           what happens in it, line by line
 *   [--histories N]     so many, from --first N (1)
 *   [--seconds N]       and no more than fit into that time
 *   [--long N]          so many if QUORATE_LONG is 1, whatever time it takes
 *   [--plant NAME|all]  with that fault in one node: found within --histories, or it fails */
#include "dkg_world.h"
#include "sim/sim_arguments.h"

static const struct sim_program program = {
    .usage = "[--seed N] [--trace] [--histories N] [--first N] [--seconds N] [--long N] "
             "[--plant NAME|all]",
    .plants = dkg_plant_names,
    .n_plants = DKG_PLANT_COUNT};

/* A broken rule, and how to see it again. */
static void report(const struct dkg_world *w, enum dkg_plant plant, uint64_t seed)
{
    printf("  seed %llu, %.3f ms", (unsigned long long)seed, (double)w->broken_ns / 1e6);
    if (w->broken_by < DKG_NODES) {
        printf(", node %u", w->broken_by + 1);
    }
    printf(": broken: %s\n  again: sim_dkg_%s --seed %llu%s%s --trace\n",
           dkg_rule_names[w->broken], sim_level_name, (unsigned long long)seed,
           plant != DKG_PLANT_NONE ? " --plant " : "",
           plant != DKG_PLANT_NONE ? dkg_plant_names[plant] : "");
}

static void say_totals(const struct dkg_world *w, double cpu)
{
    const struct dkg_totals *const t = &w->totals;

    printf("%llu histories, %.2f ms of a core each, %.1f a second\n",
           (unsigned long long)t->histories, cpu * 1000 / (double)t->histories,
           (double)t->histories / cpu);
    printf("%llu frames, %llu runs, %llu attempts, %llu keys, %llu ends of nodes, %llu of them "
           "proven\n",
           (unsigned long long)t->frames, (unsigned long long)t->runs,
           (unsigned long long)t->attempts, (unsigned long long)t->keys,
           (unsigned long long)t->aborts, (unsigned long long)t->proven);
    printf("%llu lies, %llu tricks of the host, %llu crashes, %llu frames refused, %llu "
           "requests, %llu stamps; all of it has the hash %016llx\n",
           (unsigned long long)t->lies, (unsigned long long)t->tricks,
           (unsigned long long)t->crashes, (unsigned long long)t->refused,
           (unsigned long long)t->requests, (unsigned long long)t->stamps,
           (unsigned long long)t->print);
}

/* All histories that are asked for. False: a rule was broken. */
static bool run_histories(struct dkg_world *w, const struct sim_arguments *a)
{
    const double end = sim_seconds_of(CLOCK_MONOTONIC) + (double)a->seconds;
    const double cpu = sim_seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t i = 0;
    bool good = true;

    while (good && i < a->histories &&
           (a->seconds == 0 || sim_seconds_of(CLOCK_MONOTONIC) < end)) {
        const struct dkg_options options = {.seed = a->first + i++, .trace = a->trace};

        good = dkg_history(w, &options);
        if (!good) {
            report(w, DKG_PLANT_NONE, options.seed);
        }
    }
    say_totals(w, sim_seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    return good;
}

/* Histories with a fault until it is found. */
static bool find_plant(struct dkg_world *w, const struct sim_arguments *a, enum dkg_plant plant)
{
    for (uint64_t i = 0; i < a->histories; i++) {
        const struct dkg_options options = {
            .seed = a->first + i, .plant = plant, .trace = a->trace};

        if (!dkg_history(w, &options)) {
            printf("%s: found in history %llu\n", dkg_plant_names[plant],
                   (unsigned long long)(i + 1));
            report(w, plant, options.seed);
            return true;
        }
    }
    printf("%s: not found in %llu histories\n", dkg_plant_names[plant],
           (unsigned long long)a->histories);
    return false;
}

static bool find_plants(struct dkg_world *w, const struct sim_arguments *a)
{
    bool all = true;

    for (int i = 1; i < DKG_PLANT_COUNT; i++) {
        if (a->all_plants || a->plant == i) {
            all = find_plant(w, a, (enum dkg_plant)i) && all;
        }
    }
    return all;
}

int main(int argc, char **argv)
{
    const struct sim_arguments a = sim_arguments_read(&program, argc, argv);
    struct dkg_world *const w = dkg_world_new();
    bool good;

    setvbuf(stdout, NULL, a.trace ? _IOLBF : _IOFBF, 1 << 16);
    printf("%s level, ceremonies of (%d,%d) of ML-DSA-65\n", sim_level_name, MEMBER_THRESHOLD,
           MEMBER_TOTAL);
    good = a.all_plants || a.plant != 0 ? find_plants(w, &a) : run_histories(w, &a);
    dkg_world_free(w);
    return good ? 0 : 1;
}
