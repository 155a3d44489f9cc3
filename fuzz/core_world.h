/* core_world.h - the clock and the entropy of a core under test: numbers that the script moves.
 */
#ifndef FUZZ_CORE_WORLD_H
#define FUZZ_CORE_WORLD_H

#include "os/clock.h"
#include "os/entropy.h"

#define MS INT64_C(1000000)

static struct {
    int64_t mono_ns;
    struct kernel_time kernel;
    uint64_t random;
} world;

static int64_t read_mono(void *self)
{
    (void)self;
    return world.mono_ns;
}

static enum err read_kernel(void *self, struct kernel_time *out)
{
    (void)self;
    *out = world.kernel;
    return ERR_OK;
}

static enum err fill(void *self, uint8_t *out, size_t n)
{
    (void)self;
    for (size_t i = 0; i < n; i++) {
        world.random = world.random * 6364136223846793005 + 1442695040888963407;
        out[i] = (uint8_t)(world.random >> 56);
    }
    return ERR_OK;
}

static const struct clock_source clock_source = {read_mono, read_kernel, NULL, read_mono};
static const struct entropy_source entropy = {fill, NULL};

#endif
