#include "os/clock.h"

#include <sys/timex.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)

static int64_t read_ns(clockid_t id)
{
    struct timespec t;

    if (clock_gettime(id, &t) != 0) {
        return 0; /* both clocks exist since Linux 2.6.39 */
    }
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static int64_t monotonic_ns(void *self)
{
    (void)self;
    return read_ns(CLOCK_BOOTTIME);
}

static int64_t counter_ns(void *self)
{
    (void)self;
    return read_ns(CLOCK_MONOTONIC_RAW);
}

static enum err kernel_time(void *self, struct kernel_time *out)
{
    struct timex tx = {0}; /* modes 0: reads only */
    int state;

    (void)self;
    *out = (struct kernel_time){0};
    state = adjtimex(&tx);
    if (state < 0 || tx.maxerror < 0 || tx.maxerror > UINT32_MAX) {
        return ERR_IO;
    }
    /* The bound first, the time after it: it only grows between steps of the daemon. */
    out->now_ns = read_ns(CLOCK_REALTIME);
    out->bound_us = (uint32_t)tx.maxerror;
    out->synchronised = state != TIME_ERROR && !(tx.status & STA_UNSYNC);
    return ERR_OK;
}

const struct clock_source clock_os = {monotonic_ns, kernel_time, NULL, counter_ns};
