#include "still_meter.h"

#include "chaos_authority.h"

#include <sched.h>
#include <stdatomic.h>

#define CPUS_MAX 64
#define ORDINARY_US 50000 /* as on any machine with other work */

static pthread_t threads[CPUS_MAX];
static cpu_set_t cpus[CPUS_MAX]; /* one each */
static size_t n_threads;
static atomic_bool over;
static _Atomic int64_t still_us;

static void *measure(void *own)
{
    (void)sched_setaffinity(0, sizeof(cpu_set_t), own);
    while (!atomic_load(&over)) {
        const int64_t begin = chaos_now_us();

        chaos_nap();
        const int64_t took = chaos_now_us() - begin;

        atomic_fetch_add(&still_us, took > ORDINARY_US ? took : 0);
    }
    return NULL;
}

bool still_meter_start(void)
{
    cpu_set_t all;

    if (sched_getaffinity(0, sizeof all, &all) != 0) {
        return false;
    }
    for (size_t cpu = 0; cpu < CPU_SETSIZE && n_threads < CPUS_MAX; cpu++) {
        if (!CPU_ISSET(cpu, &all)) {
            continue;
        }
        CPU_SET(cpu, &cpus[n_threads]);
        if (pthread_create(&threads[n_threads], NULL, measure, &cpus[n_threads]) != 0) {
            return false;
        }
        n_threads++;
    }
    return true;
}

void still_meter_stop(void)
{
    atomic_store(&over, true);
    for (size_t i = 0; i < n_threads; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    n_threads = 0;
}

int64_t still_meter_us(void)
{
    return atomic_load(&still_us);
}
