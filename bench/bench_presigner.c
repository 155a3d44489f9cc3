/* What a presignature takes of five cores with all that is around it: channels, packets, pools.
 * One process, a host that carries at once. Beside it, what the mathematics alone takes:
 * bench_tecdsa. */
#include "../tests/presigner_kit.h"
#include "bench_kit.h"

#define NODES 5

static struct world *w;
static double cpu;
static uint64_t bytes;

static void start(void)
{
    cpu = cpu_s();
    bytes = w->bytes;
}

static void stop(const char *what, unsigned n, double most)
{
    const double ms = (cpu_s() - cpu) * 1000 / n;

    printf("%-22s%8.2f ms CPU of all", what, ms);
    if (most > 0) {
        printf(" (at most %.0f)", most);
    }
    printf(", %.0f bytes of packets of all\n", (double)(w->bytes - bytes) / n);
}

/* The pools are emptied: only what made them counts. */
static void empty(void)
{
    for (unsigned i = 0; i < NODES; i++) {
        presign_pool_void(&w->core[i].pool, i);
    }
}

static void bench_batches(unsigned batches)
{
    double made = 0;

    start();
    for (unsigned b = 0; b < batches; b++) {
        world_batch(w, PRESIGNER_BATCH_MAX);
        world_run(w);
        empty();
        made += PRESIGNER_BATCH_MAX;
    }
    stop("accelerator, a record", (unsigned)made, 2);
}

static void bench_sessions(unsigned sessions)
{
    start();
    for (unsigned s = 0; s < sessions; s += 2) {
        world_make(w, 0x07);
        world_make(w, 0x1c);
        world_run(w);
        empty();
    }
    stop("DKLs23, a record", sessions + sessions % 2, 45);
}

static void bench_setups(void)
{
    const double from = now_s();

    start();
    for (unsigned i = 0; i < NODES; i++) {
        for (unsigned j = i + 1; j < NODES; j++) {
            world_setup(w, i, j);
        }
    }
    world_run(w);
    stop("setup, a pair", NODES * (NODES - 1) / 2, 0);
    printf("%-22s%8.2f s, one after the other\n", "all ten", now_s() - from);
}

int main(int argc, char **argv)
{
    unsigned sessions = 20;
    unsigned batches = 4;

    two_counts(argc, argv, &sessions, &batches);
    w = world_new(NODES, 5);
    start();
    world_connect(w);
    stop("channels, a pair", NODES * (NODES - 1) / 2, 0);
    bench_batches(batches);
    bench_setups();
    bench_sessions(sessions);
    printf("%-22s%8zu bytes, channels %zu, pool of 512 a triple %zu\n", "memory of a core",
           presigner_size(), sizeof(struct mesh),
           presign_pool_slots(NODES, PRESIGN_PER_TRIPLE_MAX) * sizeof(struct presign_slot));
    world_free(w);
    return 0;
}
