/* clock.h - the kernel's clocks, behind a table so that tests bring their own. */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include "base/bytes.h"

struct kernel_time {
    int64_t now_ns;    /* CLOCK_REALTIME, since 1970-01-01T00:00:00Z */
    uint32_t bound_us; /* adjtimex maxerror: the kernel's own bound on the error */
    bool synchronised; /* neither STA_UNSYNC nor TIME_ERROR */
};

struct clock_source {
    int64_t (*monotonic_ns)(void *self); /* CLOCK_BOOTTIME: counts through suspend */
    enum err (*kernel_time)(void *self, struct kernel_time *out); /* ERR_IO */
    void *self;
    int64_t (*counter_ns)(void *self); /* CLOCK_MONOTONIC_RAW: nobody slews it */
};

/* The real one. */
extern const struct clock_source clock_os;

#endif
