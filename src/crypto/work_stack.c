#include "crypto/work_stack.h"

#include "base/scratch_stack.h"
#include "base/secret.h"

#include <string.h>

#define RED 64 /* bytes at the stack's end that must stay zero */

struct call {
    enum err (*fn)(void *arg);
    void *arg;
    struct gmp_arena *arena; /* NULL: fn allocates nothing */
    enum err result;
};

void work_stack_init(struct work_stack *w)
{
    memset(w, 0, sizeof *w);
    gmp_arena_install();
    gmp_arena_init(&w->arena, w->arena_memory, WORK_STACK_ARENA_LEN);
}

static void enter(void *arg)
{
    struct call *const c = arg;

    c->result = c->arena != NULL ? gmp_arena_run(c->arena, c->fn, c->arg) : c->fn(c->arg);
}

static enum err run(struct work_stack *w, struct call *c)
{
    static const uint8_t zero[RED];

    scratch_stack_run(w->stack, WORK_STACK_LEN, enter, c);
    return ct_equal(w->stack, zero, RED) ? c->result : ERR_BUG;
}

enum err work_stack_run_unwiped(struct work_stack *w, enum err (*fn)(void *arg), void *arg)
{
    struct call c = {.fn = fn, .arg = arg, .result = ERR_BUG};

    return run(w, &c);
}

enum err work_stack_run(struct work_stack *w, enum err (*fn)(void *arg), void *arg)
{
    const enum err e = work_stack_run_unwiped(w, fn, arg);

    scratch_stack_wipe(w->stack, WORK_STACK_LEN);
    return e;
}

enum err work_stack_run_gmp(struct work_stack *w, enum err (*fn)(void *arg), void *arg)
{
    struct call c = {.fn = fn, .arg = arg, .arena = &w->arena, .result = ERR_BUG};
    const enum err e = run(w, &c);

    scratch_stack_wipe(w->stack, WORK_STACK_LEN);
    return e;
}
