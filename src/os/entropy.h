/* entropy.h - random bytes from the kernel. */
#ifndef OS_ENTROPY_H
#define OS_ENTROPY_H

#include "base/bytes.h"

/* Randomness is an argument everywhere: production passes entropy_os, tests a fixed stream. */
struct entropy_source {
    enum err (*fill)(void *self, uint8_t *out, size_t n); /* ERR_IO: out is zero */
    void *self;
};
extern const struct entropy_source entropy_os; /* getrandom(2), never short */

#endif
