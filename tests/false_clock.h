/* false_clock.h - a clock_source that goes when a test says so. */
#ifndef TESTS_FALSE_CLOCK_H
#define TESTS_FALSE_CLOCK_H

#include "os/clock.h"

#define MS INT64_C(1000000)
#define SECOND (1000 * MS)
#define START_NS INT64_C(1790000000123456789) /* some time in 2026 */

/* What adjtimex and the clocks say. */
struct false_clock {
    int64_t mono_ns;
    int64_t counter_ns;
    struct kernel_time kernel;
    enum err err;
    int64_t mono_cost_ns; /* added to mono at each of its own readings */
    int64_t read_cost_ns; /* added to mono at each kernel reading: being put off the CPU */
    struct clock_source source;
};

static inline int64_t false_clock_mono(void *self)
{
    struct false_clock *const c = self;

    c->mono_ns += c->mono_cost_ns;
    return c->mono_ns;
}

static inline int64_t false_clock_counter(void *self)
{
    const struct false_clock *const c = self;

    return c->counter_ns;
}

static inline enum err false_clock_kernel(void *self, struct kernel_time *out)
{
    struct false_clock *const c = self;

    c->mono_ns += c->read_cost_ns;
    *out = c->err == ERR_OK ? c->kernel : (struct kernel_time){0};
    return c->err;
}

static inline void false_clock_init(struct false_clock *c)
{
    *c = (struct false_clock){
        .mono_ns = 1000 * SECOND,
        .counter_ns = 900 * SECOND,
        .kernel = {.now_ns = START_NS, .bound_us = 2000, .synchronised = true}};
    c->source =
        (struct clock_source){false_clock_mono, false_clock_kernel, c, false_clock_counter};
}

/* Time goes on: all clocks by ns, and the bound by what an undisciplined kernel adds. */
static inline void false_clock_go(struct false_clock *c, int64_t ns)
{
    c->mono_ns += ns;
    c->counter_ns += ns;
    c->kernel.now_ns += ns;
    c->kernel.bound_us += (uint32_t)(ns / 2000000); /* 0.5 ms a second */
    c->kernel.bound_us = c->kernel.bound_us > 16000000 ? 16000000 : c->kernel.bound_us;
}

#endif
