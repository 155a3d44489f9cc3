/* sim_protocol, sim_full: histories of five nodes from seeds. See docs/simulation.md.
 *
 *   [--set 44|65]       parameter set of the key (65)
 *   [--seed N]          one history, alone
 *   [--trace]           what happens in it, line by line
 *   [--histories N]     so many, from --first N (1)
 *   [--seconds N]       and no more than fit into that time
 *   [--long N]          so many if QUORATE_LONG is 1, whatever time it takes
 *   [--plant NAME|all]  with that fault in one node: found within --histories, or it fails */
#include "sim/sim_arguments.h"
#include "sim_level.h"
#include "sim_world.h"

static const struct mldsa_params *set = &mldsa_65;

static bool take_set(const char *option, const char *value)
{
    if (strcmp(option, "--set") != 0) {
        return false;
    }
    set = strcmp(value, "44") == 0 ? &mldsa_44 : &mldsa_65;
    return true;
}

static const struct sim_program program = {
    .usage = "[--set 44|65] [--seed N] [--trace] [--histories N] [--first N] [--seconds N] "
             "[--long N] [--plant NAME|all]",
    .plants = plant_names,
    .n_plants = PLANT_COUNT,
    .take = take_set};

/* A broken rule, and how to see it again. */
static void report(const struct sim_world *w, enum plant plant, uint64_t seed)
{
    const struct sim_check *const c = &w->check;

    printf("  seed %llu, %.3f ms", (unsigned long long)seed, (double)c->at_ns / 1e6);
    if (c->node < SIM_NODES) {
        printf(", node %u", c->node + 1);
    }
    printf(": broken: %s\n  again: sim_%s --set %s --seed %llu%s%s --trace\n",
           sim_rule_names[c->broken], sim_level_name, set == &mldsa_44 ? "44" : "65",
           (unsigned long long)seed, plant != PLANT_NONE ? " --plant " : "",
           plant != PLANT_NONE ? plant_names[plant] : "");
}

static void say_totals(const struct sim_world *w, double cpu)
{
    const struct sim_totals *const t = &w->totals;

    printf("%llu histories, %.2f ms of a core each, %.0f a second\n",
           (unsigned long long)t->histories, cpu * 1000 / (double)t->histories,
           (double)t->histories / cpu);
    printf("%llu frames, %llu sessions, %llu beside a late one, %llu of %llu jobs served, %llu "
           "tokens of the rogue's\n",
           (unsigned long long)t->frames, (unsigned long long)t->sessions,
           (unsigned long long)t->hedges, (unsigned long long)t->served,
           (unsigned long long)t->jobs, (unsigned long long)t->rogue_tokens);
    printf("%llu lies, %llu named, %llu crashes, %llu R2s refused; all of it has the hash "
           "%016llx\n",
           (unsigned long long)t->lies, (unsigned long long)t->blames,
           (unsigned long long)t->crashes, (unsigned long long)t->refused,
           (unsigned long long)t->print);
}

/* All histories that are asked for. False: a rule was broken. */
static bool run_histories(struct sim_world *w, const struct sim_arguments *a)
{
    const double end = sim_seconds_of(CLOCK_MONOTONIC) + (double)a->seconds;
    const double cpu = sim_seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t i = 0;
    bool good = true;

    while (good && i < a->histories &&
           (a->seconds == 0 || sim_seconds_of(CLOCK_MONOTONIC) < end)) {
        const struct sim_options options = {
            .seed = a->first + i++, .plant = (enum plant)a->plant, .trace = a->trace};

        good = sim_history(w, &options);
        if (!good) {
            report(w, (enum plant)a->plant, options.seed);
        }
    }
    say_totals(w, sim_seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    if (good && i < a->histories) {
        printf("%llu of %llu histories: %llu s were over\n", (unsigned long long)i,
               (unsigned long long)a->histories, (unsigned long long)a->seconds);
    }
    return good;
}

/* Histories with a fault until it is found. */
static bool find_plant(struct sim_world *w, const struct sim_arguments *a, enum plant plant)
{
    for (uint64_t i = 0; i < a->histories; i++) {
        const struct sim_options options = {
            .seed = a->first + i, .plant = plant, .trace = a->trace};

        if (!sim_history(w, &options)) {
            printf("%s: found in history %llu\n", plant_names[plant],
                   (unsigned long long)(i + 1));
            report(w, plant, options.seed);
            return true;
        }
    }
    printf("%s: not found in %llu histories\n", plant_names[plant],
           (unsigned long long)a->histories);
    return false;
}

static bool find_plants(struct sim_world *w, const struct sim_arguments *a)
{
    bool all = true;

    for (int i = 1; i < PLANT_COUNT; i++) {
        if (a->all_plants || a->plant == i) {
            all = find_plant(w, a, (enum plant)i) && all;
        }
    }
    return all;
}

int main(int argc, char **argv)
{
    const struct sim_arguments a = sim_arguments_read(&program, argc, argv);
    struct sim_fixture *const f = sim_fixture_new(set);
    struct sim_world *const w = sim_world_new(f);
    bool good;

    setvbuf(stdout, NULL, a.trace ? _IOLBF : _IOFBF, 1 << 16);
    printf("%s level, (%d,%d) of %s\n", sim_level_name, SIM_THRESHOLD, SIM_NODES, set->name);
    good = a.all_plants || a.plant != 0 ? find_plants(w, &a) : run_histories(w, &a);
    sim_world_free(w);
    sim_fixture_free(f);
    return good ? 0 : 1;
}
