/* work_stack.h - where one thread works with secrets: a scratch stack and an arena for GMP, in
 * memory that its owner has locked, erased after each use. Nettle leaves scalars, keys and
 * nonces on the stack that it runs on. */
#ifndef CRYPTO_WORK_STACK_H
#define CRYPTO_WORK_STACK_H

#include "base/build.h"
#include "crypto/gmp_arena.h"

/* 8 KiB are used; sanitizers and no optimisation take far more. */
#define WORK_STACK_LEN (BUILD_ASAN ? 262144 : 16384)
#define WORK_STACK_ARENA_LEN 8192 /* of which nettle takes 4 KiB to multiply a point */

/* The stack comes first: it grows downwards, away from what follows. */
struct work_stack {
    _Alignas(64) uint8_t stack[WORK_STACK_LEN];
    uint8_t arena_memory[WORK_STACK_ARENA_LEN];
    struct gmp_arena arena;
};

/* Memory is the caller's. While a function runs there, let signals go to other threads, or to
 * an alternate stack. */
void work_stack_init(struct work_stack *w);

/* Runs fn(arg) on the stack and gives its result. What it leaves there is erased. ERR_BUG: the
 * stack was too short. */
MUST_CHECK enum err work_stack_run(struct work_stack *w, enum err (*fn)(void *arg), void *arg);

/* The same with all that GMP allocates taken from the arena. ERR_NOSPACE: it was too small. */
MUST_CHECK enum err work_stack_run_gmp(struct work_stack *w, enum err (*fn)(void *arg),
                                       void *arg);

/* work_stack_run() without the erasure: the control of a test that looks for what is left. */
MUST_CHECK enum err work_stack_run_unwiped(struct work_stack *w, enum err (*fn)(void *arg),
                                           void *arg);

#endif
