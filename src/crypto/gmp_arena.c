#include "crypto/gmp_arena.h"

#include "base/secret.h"

#include <gmp.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* The arena is a row of blocks without a gap, each a header and its bytes. */
struct block {
    size_t n; /* bytes after the header, a multiple of 16 */
    size_t used;
};
#define UNIT ((size_t)16)
_Static_assert(sizeof(struct block) == UNIT, "blocks keep the alignment of malloc");

struct run {
    struct gmp_arena *arena;
    jmp_buf escape;
};
static _Thread_local struct run *current;

static struct {
    void *(*alloc)(size_t);
    void *(*realloc)(void *, size_t, size_t);
    void (*free)(void *, size_t);
    bool installed;
} before;

static size_t round_up(size_t n)
{
    return (n + UNIT - 1) / UNIT * UNIT;
}

static struct block *block_at(const struct gmp_arena *a, size_t at)
{
    void *p = a->p + at;

    return p;
}

static bool in_arena(const struct gmp_arena *a, const void *p)
{
    return (uintptr_t)p >= (uintptr_t)a->p && (uintptr_t)p < (uintptr_t)a->p + a->n;
}

/* Joins the free blocks that follow the free block at `at`. */
static void join(struct gmp_arena *a, size_t at)
{
    struct block *b = block_at(a, at);

    for (size_t next = at + UNIT + b->n; next < a->n; next = at + UNIT + b->n) {
        struct block *c = block_at(a, next);

        if (c->used) {
            return;
        }
        b->n += UNIT + c->n;
        wipe(c, sizeof *c);
    }
}

/* First fit; NULL: there is none. */
static void *take(struct gmp_arena *a, size_t n)
{
    struct block *b;

    if (n > a->n) {
        return NULL;
    }
    n = round_up(n);
    for (size_t at = 0; at < a->n; at += UNIT + b->n) {
        b = block_at(a, at);
        if (b->used) {
            continue;
        }
        join(a, at);
        if (b->n < n) {
            continue;
        }
        if (b->n > n) { /* at least a header is left over: both are multiples of 16 */
            *block_at(a, at + UNIT + n) = (struct block){b->n - n - UNIT, 0};
            b->n = n;
        }
        b->used = 1;
        a->used += UNIT + n;
        a->peak = a->used > a->peak ? a->used : a->peak;
        return b + 1;
    }
    return NULL;
}

static void give_back(struct gmp_arena *a, void *p)
{
    struct block *b = (struct block *)p - 1;

    wipe(p, b->n);
    b->used = 0;
    a->used -= UNIT + b->n;
}

static void *hook_alloc(size_t n)
{
    void *p;

    if (!current) {
        return before.alloc(n);
    }
    p = take(current->arena, n);
    if (!p) {
        longjmp(current->escape, 1);
    }
    return p;
}

static void hook_free(void *p, size_t n)
{
    if (current && in_arena(current->arena, p)) {
        give_back(current->arena, p);
    } else {
        before.free(p, n);
    }
}

static void *hook_realloc(void *p, size_t old, size_t n)
{
    void *q;

    if (!current || !in_arena(current->arena, p)) {
        return before.realloc(p, old, n);
    }
    q = hook_alloc(n);
    memcpy(q, p, old < n ? old : n);
    give_back(current->arena, p);
    return q;
}

void gmp_arena_install(void)
{
    if (!before.installed) {
        mp_get_memory_functions(&before.alloc, &before.realloc, &before.free);
        mp_set_memory_functions(hook_alloc, hook_realloc, hook_free);
        before.installed = true;
    }
}

void gmp_arena_init(struct gmp_arena *a, void *memory, size_t n)
{
    *a = (struct gmp_arena){.p = memory, .n = n / UNIT * UNIT};
}

enum err gmp_arena_run(struct gmp_arena *a, enum err (*work)(void *arg), void *arg)
{
    struct run r = {.arena = a};
    enum err e = ERR_NOSPACE;

    if (current) {
        return ERR_STATE;
    }
    if (a->n < 2 * UNIT || !before.installed) {
        return ERR_NOSPACE;
    }
    *block_at(a, 0) = (struct block){a->n - UNIT, 0};
    a->used = 0;
    if (setjmp(r.escape) == 0) {
        current = &r;
        e = work(arg);
    } else {
        e = ERR_NOSPACE;
    }
    current = NULL;
    wipe(a->p, a->n);
    return e;
}
