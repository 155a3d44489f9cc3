/* gmp_arena.h - fixed memory for GMP, so that bignums never touch the heap of libc.
 *
 * GMP has no way to report that memory ran out: an allocator that returns NULL makes it abort
 * or write to address 0. So ours never returns then: it leaves GMP by longjmp, back into
 * gmp_arena_run(), which erases the arena and returns ERR_NOSPACE. GMP and nettle hold no lock
 * and no state of their own across calls, so nothing is left half-made but what was in the
 * arena.
 *
 * Blocks are erased when GMP frees them and when the run ends; none outlives its run. */
#ifndef CRYPTO_GMP_ARENA_H
#define CRYPTO_GMP_ARENA_H

#include "base/bytes.h"

struct gmp_arena {
    uint8_t *p; /* the caller's, locked; aligned to 16 */
    size_t n;
    size_t used, peak; /* bytes, with block headers; peak: the most since init */
};

/* n is rounded down to a multiple of 16. */
void gmp_arena_init(struct gmp_arena *a, void *memory, size_t n);

/* Runs work(arg) with all that GMP allocates in this thread taken from a, and gives its result.
 * No GMP value that work makes may be used afterwards. Runs do not nest. ERR_NOSPACE: the arena
 * was too small; work was left where it stood. ERR_STATE: nested. */
MUST_CHECK enum err gmp_arena_run(struct gmp_arena *a, enum err (*work)(void *arg), void *arg);

/* Sets GMP's allocation functions. Called once, while the process has one thread. Outside of a
 * run GMP goes on with the functions that it had before, so it may have been used already.
 * Idempotent. p384_signer_init() does it too. */
void gmp_arena_install(void);

#endif
