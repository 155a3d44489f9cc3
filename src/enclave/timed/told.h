/* told.h - which failures are in the log already: each is told once, until all is well again.
 * Nobody who sends one bad answer after another, of several kinds in turn, fills the log. */
#ifndef ENCLAVE_TIMED_TOLD_H
#define ENCLAVE_TIMED_TOLD_H

#include "base/err.h"

#include <stdint.h>

/* Whether e is new to it; it is not any more. ERR_OK is never. told: a bit for each class and
 * detail of err.h, of which there are at most eight (class 15 is the last of them); 0: nothing
 * was told. */
static inline bool told_first(uint64_t *told, enum err e)
{
    const uint64_t bit = UINT64_C(1) << ((err_class(e) & 7) * 8 + ((unsigned)e & 7));
    const bool first = e != ERR_OK && (*told & bit) == 0;

    *told |= bit;
    return first;
}

#endif
