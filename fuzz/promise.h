/* promise.h - what a header promises of accepted input, asserted by its fuzz target. */
#ifndef FUZZ_PROMISE_H
#define FUZZ_PROMISE_H

#include "base/bytes.h"

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

#endif
