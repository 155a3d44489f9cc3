/* sim_presign_protocol, sim_presign_full: histories of presignatures from seeds. See
 * docs/simulation.md.
 *
 *   [--seed N]          one history, alone
 *   [--histories N]     so many, from --first N (1)
 *   [--seconds N]       and no more than fit into that time
 *   [--long N]          so many if QUORATE_LONG is 1, whatever time it takes
 *   [--plant NAME|all]  with that fault in one node: found within --histories, or it fails
 *   [--then HALF]       the second half: stamps (preset), or order: a lost node comes back
 *   [--trace]           line by line */
#include "presim_stamps.h"
#include "sim/sim_arguments.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static bool fences;

static bool take_half(const char *option, const char *value)
{
    fences = strcmp(value, "order") == 0;
    return strcmp(option, "--then") == 0 && (fences || strcmp(value, "stamps") == 0);
}

static const struct sim_program program = {
    .take = take_half,
    .usage = "[--seed N] [--histories N] [--first N] [--seconds N] [--long N] "
             "[--plant NAME|all] [--then stamps|order] [--trace]",
    .plants = presim_plants,
    .n_plants = PRESIM_PLANTS};

/* Where each history begins. */
struct fixture {
    struct world *w;
    struct presim_kept *kept;
};

/* What a process of histories tells: they are those from a seed on. */
struct shared {
    uint64_t seed; /* the one that is under way */
    struct presim_totals one, sum;
};

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
    sum->frames += t->frames;
    sum->jobs += t->jobs;
    sum->tokens += t->tokens;
    sum->print = (sum->print ^ t->print) * UINT64_C(0x9fb21c651e98df25);
}

/* n of them, or until one breaks a rule. */
static void run_here(const struct fixture *fixture, struct presim_options o, uint64_t n,
                     struct shared *shared)
{
    for (uint64_t i = 0; i < n; i++) {
        unsigned batched;

        shared->seed = o.seed;
        memset(&shared->one, 0, sizeof shared->one);
        batched = presim_history(fixture->w, &o, &shared->one);
        add(&shared->sum, &shared->one);
        if (shared->one.broken != PRESIM_NONE) {
            return;
        }
        o.seed++;
        if (i + 1 < n) {
            presim_again(fixture->w, fixture->kept, batched);
        }
    }
}

/* The same in a process of their own, which has the fixture as it was. */
static void run_apart(const struct fixture *fixture, const struct presim_options *o, uint64_t n,
                      struct shared *shared)
{
    int status = 0;
    pid_t pid;

    (void)fflush(NULL);
    pid = fork();
    if (pid == 0) {
        run_here(fixture, *o, n, shared);
        (void)fflush(NULL);
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
        (void)fprintf(stderr, "seed %llu: the history ended by itself\n",
                      (unsigned long long)shared->seed);
        exit(1);
    }
}

static void report(uint64_t seed, const struct presim_options *o, const struct presim_totals *t)
{
    printf("  seed %llu, node %u: broken: %s\n  again: sim_presign_%s --seed %llu%s%s%s\n",
           (unsigned long long)seed, t->node + 1, presim_rules[t->broken], presim_level_name,
           (unsigned long long)seed, o->plant != PRESIM_NO_PLANT ? " --plant " : "",
           o->plant != PRESIM_NO_PLANT ? presim_plants[o->plant] : "",
           o->plant == PRESIM_NO_PLANT && o->fences ? " --then order" : "");
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
    printf("%llu frames of stamps, %llu jobs, %llu tokens\n", (unsigned long long)t->frames,
           (unsigned long long)t->jobs, (unsigned long long)t->tokens);
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

#define TIMED 100 /* histories between two looks at the clock */

static uint64_t at_once(const struct sim_arguments *a, uint64_t done)
{
    const uint64_t left = a->histories - done;

    const uint64_t most =
        a->seconds > 0 && presim_level_together > TIMED ? TIMED : presim_level_together;

    return left < most ? left : most;
}

static bool run_histories(const struct fixture *fixture, const struct sim_arguments *a,
                          struct shared *shared)
{
    const double begin = sim_seconds_of(CLOCK_MONOTONIC);
    const double cpu = spent();
    const struct presim_totals *const sum = &shared->sum;

    while (sum->histories < a->histories && shared->one.broken == PRESIM_NONE) {
        const struct presim_options o = {
            .seed = a->first + sum->histories, .fences = fences, .trace = a->trace};

        if (a->seconds > 0 && sim_seconds_of(CLOCK_MONOTONIC) - begin >= (double)a->seconds) {
            printf("%llu of %llu histories: %llu s were over\n",
                   (unsigned long long)sum->histories, (unsigned long long)a->histories,
                   (unsigned long long)a->seconds);
            break;
        }
        run_apart(fixture, &o, at_once(a, sum->histories), shared);
        if (shared->one.broken != PRESIM_NONE) {
            report(shared->seed, &o, &shared->one);
        }
    }
    say(sum, spent() - cpu);
    return shared->one.broken == PRESIM_NONE;
}

static bool find_plant(const struct fixture *fixture, const struct sim_arguments *a,
                       struct shared *shared, enum presim_plant plant)
{
    memset(shared, 0, sizeof *shared);
    while (shared->sum.histories < a->histories) {
        const struct presim_options o = {.seed = a->first + shared->sum.histories,
                                         .plant = plant,
                                         .fences = plant >= PRESIM_PLANT_STAYS,
                                         .trace = a->trace};

        run_apart(fixture, &o, at_once(a, shared->sum.histories), shared);
        if (shared->one.broken != PRESIM_NONE) {
            printf("%s: found in history %llu\n", presim_plants[plant],
                   (unsigned long long)shared->sum.histories);
            report(shared->seed, &o, &shared->one);
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
    struct shared *const shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct fixture fixture;
    bool good = true;

    sim_must(shared != MAP_FAILED);
    presim_level_begin(1);
    fixture.w = world_new(PRESIM_NODES, 1);
    world_connect(fixture.w);
    world_set_up_all(fixture.w);
    fixture.kept = presim_keep(fixture.w);
    presim_stamps_new(fixture.w);
    presim_fence_new(fixture.w);
    printf("%s level\n", presim_level_name);
    for (int i = 1; i < PRESIM_PLANTS; i++) {
        if (a.all_plants || a.plant == i) {
            good = find_plant(&fixture, &a, shared, (enum presim_plant)i) && good;
        }
    }
    if (!a.all_plants && a.plant == 0) {
        good = run_histories(&fixture, &a, shared);
    }
    free(fixture.kept);
    world_free(fixture.w);
    return good ? 0 : 1;
}
