/* sim_presign_protocol, sim_presign_full: histories of presignatures from seeds. See
 * docs/simulation.md.
 *
 *   [--seed N]          one history, alone
 *   [--histories N]     so many, from --first N (1)
 *   [--seconds N]       and no more than fit into that time
 *   [--long N]          so many if QUORATE_LONG is 1, whatever time it takes
 *   [--plant NAME|all]  with that fault in one node: found within --histories, or it fails */
#include "mldsa_kit.h"
#include "presim.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLOW_BUILD 20 /* with sanitizers so many times fewer histories */

struct arguments {
    uint64_t first, histories, seconds, many;
    enum presim_plant plant;
    bool all;
};

static double seconds_of(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void usage(void)
{
    (void)fputs("usage: [--seed N] [--histories N] [--first N] [--seconds N] [--long N] "
                "[--plant NAME|all]\n",
                stderr);
    exit(2);
}

static void take_plant(struct arguments *a, const char *name)
{
    a->all = strcmp(name, "all") == 0;
    for (int i = 1; i < PRESIM_PLANTS; i++) {
        if (strcmp(name, presim_plants[i]) == 0) {
            a->plant = (enum presim_plant)i;
        }
    }
    if (!a->all && a->plant == PRESIM_NO_PLANT) {
        usage();
    }
}

static void take_option(struct arguments *a, const char *option, const char *value)
{
    if (strcmp(option, "--seed") == 0) {
        a->first = strtoull(value, NULL, 0);
        a->histories = 1;
    } else if (strcmp(option, "--first") == 0) {
        a->first = strtoull(value, NULL, 0);
    } else if (strcmp(option, "--histories") == 0) {
        a->histories = strtoull(value, NULL, 0);
    } else if (strcmp(option, "--seconds") == 0) {
        a->seconds = strtoull(value, NULL, 0);
    } else if (strcmp(option, "--long") == 0) {
        a->many = strtoull(value, NULL, 0);
    } else if (strcmp(option, "--plant") == 0) {
        take_plant(a, value);
    } else {
        usage();
    }
}

static struct arguments read_arguments(int argc, char **argv)
{
    struct arguments a = {.first = 1, .histories = 100};

    for (int i = 1; i + 1 < argc; i += 2) {
        take_option(&a, argv[i], argv[i + 1]);
    }
    if (argc % 2 == 0) {
        usage();
    }
    if (a.many > 0 && mldsa_long()) {
        a.histories = a.many;
        a.seconds = 0;
    }
    if (!mldsa_fast() && a.plant == PRESIM_NO_PLANT && !a.all && a.histories > SLOW_BUILD) {
        a.histories /= SLOW_BUILD;
    }
    return a;
}

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

static bool run_histories(struct world *fixture, const struct arguments *a,
                          struct presim_totals *shared)
{
    const double begin = seconds_of(CLOCK_MONOTONIC);
    const double cpu = spent();
    struct presim_totals sum = {0};
    bool good = true;

    for (uint64_t i = 0; good && i < a->histories; i++) {
        const struct presim_options o = {.seed = a->first + i};

        if (a->seconds > 0 && seconds_of(CLOCK_MONOTONIC) - begin >= (double)a->seconds) {
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

static bool find_plant(struct world *fixture, const struct arguments *a,
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
    const struct arguments a = read_arguments(argc, argv);
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
        if (a.all || a.plant == (enum presim_plant)i) {
            good = find_plant(fixture, &a, shared, (enum presim_plant)i) && good;
        }
    }
    if (!a.all && a.plant == PRESIM_NO_PLANT) {
        good = run_histories(fixture, &a, shared);
    }
    world_free(fixture);
    return good ? 0 : 1;
}
