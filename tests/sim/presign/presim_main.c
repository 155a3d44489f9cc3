/* sim_presign_protocol, sim_presign_full: histories of presignatures from seeds. See
 * docs/simulation.md.
 *
 *   [--seed N]          one history, alone
 *   [--histories N]     so many, from --first N (1)
 *   [--seconds N]       and no more than fit into that time
 *   [--long N]          so many if QUORATE_LONG is 1, whatever time it takes
 *   [--plant NAME|all]  with that fault in one node: found within --histories, or it fails */
#include "presim.h"
#include "sim/sim_arguments.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct sim_program program = {
    .usage = "[--seed N] [--histories N] [--first N] [--seconds N] [--long N] "
             "[--plant NAME|all]",
    .plants = presim_plants,
    .n_plants = PRESIM_PLANTS};

/* A history in a process of its own, which has the fixture as it was. */
static void run_one(struct world *fixture, const struct presim_options *o,
                    struct presim_totals *shared)
{
    int status = 0;
    pid_t pid;

    memset(shared, 0, sizeof *shared);
    (void)fflush(NULL);
    pid = fork();
    if (pid == 0) {
        presim_history(fixture, o, shared);
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
        (void)fprintf(stderr, "seed %llu: the history ended by itself\n",
                      (unsigned long long)o->seed);
        exit(1);
    }
}

static void report(const struct presim_options *o, const struct presim_totals *t)
{
    printf("  seed %llu, node %u: broken: %s\n  again: sim_presign_%s --seed %llu%s%s\n",
           (unsigned long long)o->seed, t->node + 1, presim_rules[t->broken], presim_level_name,
           (unsigned long long)o->seed, o->plant != PRESIM_NO_PLANT ? " --plant " : "",
           o->plant != PRESIM_NO_PLANT ? presim_plants[o->plant] : "");
}

static void add(struct presim_totals *sum, const struct presim_totals *t)
{
    sum->histories += t->histories;
    sum->packets += t->packets;
    sum->sessions += t->sessions;
    sum->batches += t->batches;
    sum->records += t->records;
    sum->signatures += t->signatures;
    sum->lies += t->lies;
    sum->cuts += t->cuts;
    sum->proofs += t->proofs;
    sum->print = (sum->print ^ t->print) * UINT64_C(0x9fb21c651e98df25);
}

static void say(const struct presim_totals *t, double cpu)
{
    printf("%llu histories, %.2f ms of a core each, %.0f a second\n",
           (unsigned long long)t->histories, cpu * 1000 / (double)t->histories,
           (double)t->histories / cpu);
    printf("%llu packets, %llu sessions and %llu batches ordered, %llu records, %llu "
           "signatures\n",
           (unsigned long long)t->packets, (unsigned long long)t->sessions,
           (unsigned long long)t->batches, (unsigned long long)t->records,
           (unsigned long long)t->signatures);
    printf("%llu lies, %llu setups gone for one, %llu proofs; all of it has the hash %016llx\n",
           (unsigned long long)t->lies, (unsigned long long)t->cuts,
           (unsigned long long)t->proofs, (unsigned long long)t->print);
}

/* CPU of all histories so far. */
static double spent(void)
{
    struct rusage r;

    (void)getrusage(RUSAGE_CHILDREN, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static bool run_histories(struct world *fixture, const struct sim_arguments *a,
                          struct presim_totals *shared)
{
    const double begin = sim_seconds_of(CLOCK_MONOTONIC);
    const double cpu = spent();
    struct presim_totals sum = {0};
    bool good = true;

    for (uint64_t i = 0; good && i < a->histories; i++) {
        const struct presim_options o = {.seed = a->first + i};

        if (a->seconds > 0 && sim_seconds_of(CLOCK_MONOTONIC) - begin >= (double)a->seconds) {
            printf("%llu of %llu histories: %llu s were over\n", (unsigned long long)i,
                   (unsigned long long)a->histories, (unsigned long long)a->seconds);
            break;
        }
        run_one(fixture, &o, shared);
        add(&sum, shared);
        good = shared->broken == PRESIM_NONE;
        if (!good) {
            report(&o, shared);
        }
    }
    say(&sum, spent() - cpu);
    return good;
}

static bool find_plant(struct world *fixture, const struct sim_arguments *a,
                       struct presim_totals *shared, enum presim_plant plant)
{
    for (uint64_t i = 0; i < a->histories; i++) {
        const struct presim_options o = {.seed = a->first + i, .plant = plant};

        run_one(fixture, &o, shared);
        if (shared->broken != PRESIM_NONE) {
            printf("%s: found in history %llu\n", presim_plants[plant],
                   (unsigned long long)(i + 1));
            report(&o, shared);
            return true;
        }
    }
    printf("%s: not found in %llu histories\n", presim_plants[plant],
           (unsigned long long)a->histories);
    return false;
}

int main(int argc, char **argv)
{
    const struct sim_arguments a = sim_arguments_read(&program, argc, argv);
    struct presim_totals *const shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct world *fixture;
    bool good = true;

    sim_must(shared != MAP_FAILED);
    presim_level_begin(1);
    fixture = world_new(PRESIM_NODES, 1);
    world_connect(fixture);
    world_set_up_all(fixture);
    printf("%s level\n", presim_level_name);
    for (int i = 1; i < PRESIM_PLANTS; i++) {
        if (a.all_plants || a.plant == i) {
            good = find_plant(fixture, &a, shared, (enum presim_plant)i) && good;
        }
    }
    if (!a.all_plants && a.plant == 0) {
        good = run_histories(fixture, &a, shared);
    }
    world_free(fixture);
    return good ? 0 : 1;
}
