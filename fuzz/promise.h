/* promise.h - what a header promises of accepted input, asserted by its fuzz target. */
#ifndef FUZZ_PROMISE_H
#define FUZZ_PROMISE_H

#include "base/bytes.h"

#include <stddef.h>
#include <stdlib.h>

static inline void promise(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* v is empty or lies inside of in. */
static inline void promise_inside(struct view v, struct view in)
{
    promise(v.n == 0 || (v.p >= in.p && v.n <= in.n && v.p <= in.p + (in.n - v.n)));
}

/* All of those bytes are zero: what a failed call leaves. */
static inline void promise_zero(const void *p, size_t n)
{
    const unsigned char *const bytes = p;

    for (size_t i = 0; i < n; i++) {
        promise(bytes[i] == 0);
    }
}

#endif
