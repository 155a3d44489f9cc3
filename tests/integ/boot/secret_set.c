#include "secret_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD 8
#define MAYBE_BITS 24
#define FIRST_ROOM 4096
#define RUN 16 /* small coefficients in a word of four bits each */
#define DISTINCT 5

struct secret_word {
    uint64_t word;
    uint32_t owners;
    uint32_t secret; /* its number + 1; 0: no entry */
    uint32_t at;     /* in it */
};

void *secret_room(void *p)
{
    if (p == NULL) {
        abort();
    }
    return p;
}

static uint64_t hash_of(uint64_t word)
{
    return word * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t load(const uint8_t *p)
{
    uint64_t w;

    memcpy(&w, p, sizeof w);
    return w;
}

/* Of a random word all but one in 10^5 have so many values. */
static bool says_something(uint64_t word)
{
    size_t distinct = 0;

    for (size_t i = 0; i < WORD; i++) {
        const uint8_t b = (uint8_t)(word >> (8 * i));
        bool before = false;

        for (size_t j = 0; j < i; j++) {
            before = before || (uint8_t)(word >> (8 * j)) == b;
        }
        distinct += !before;
    }
    return distinct >= DISTINCT;
}

/* ---- a table of words, half empty ---- */

static struct secret_word *slot_of(struct secret_word *words, size_t room, uint64_t word)
{
    size_t i = hash_of(word) >> 20 & (room - 1);

    while (words[i].secret != 0 && words[i].word != word) {
        i = (i + 1) & (room - 1);
    }
    return &words[i];
}

static void grow(struct secret_word **words, size_t *room)
{
    struct secret_word *const more = secret_room(calloc(2 * *room, sizeof *more));

    for (size_t i = 0; i < *room; i++) {
        if ((*words)[i].secret != 0) {
            *slot_of(more, 2 * *room, (*words)[i].word) = (*words)[i];
        }
    }
    free(*words);
    *words = more;
    *room *= 2;
}

static void put(struct secret_word **words, size_t *n, size_t *room, struct secret_word w)
{
    struct secret_word *slot = slot_of(*words, *room, w.word);

    if (slot->secret != 0) {
        slot->owners |= w.owners;
        return;
    }
    *slot = w;
    if (++*n * 2 > *room) {
        grow(words, room);
    }
}

/* ---- the set ---- */

void secret_set_init(struct secret_set *s)
{
    *s = (struct secret_set){.word_room = FIRST_ROOM, .run_room = FIRST_ROOM};
    s->words = secret_room(calloc(FIRST_ROOM, sizeof *s->words));
    s->runs = secret_room(calloc(FIRST_ROOM, sizeof *s->runs));
    s->maybe = secret_room(calloc((size_t)1 << (MAYBE_BITS - 6), sizeof *s->maybe));
}

void secret_set_free(struct secret_set *s)
{
    for (size_t i = 0; i < s->n; i++) {
        free(s->secrets[i].p);
    }
    free(s->secrets);
    free(s->words);
    free(s->runs);
    free(s->maybe);
    *s = (struct secret_set){0};
}

/* A copy; its number + 1. */
static uint32_t keep(struct secret_set *s, const char *name, uint32_t owners, struct view v)
{
    struct secret *k;

    if (s->n == s->room) {
        s->room = s->room == 0 ? 256 : 2 * s->room;
        s->secrets = secret_room(realloc(s->secrets, s->room * sizeof *s->secrets));
    }
    k = &s->secrets[s->n++];
    *k = (struct secret){.owners = owners, .n = v.n, .p = secret_room(malloc(v.n))};
    memcpy(k->p, v.p, v.n);
    (void)snprintf(k->name, sizeof k->name, "%s", name);
    return (uint32_t)s->n;
}

static void add(struct secret_set *s, const char *name, uint32_t owners, struct view v,
                size_t stride)
{
    uint32_t number = 0;

    for (size_t at = 0; at + WORD <= v.n; at += stride) {
        struct secret_word w = {.word = load(v.p + at), .owners = owners, .at = (uint32_t)at};
        const uint64_t h = hash_of(w.word) >> (64 - MAYBE_BITS);

        if (says_something(w.word)) {
            number = number == 0 ? keep(s, name, owners, v) : number;
            w.secret = number;
            put(&s->words, &s->n_words, &s->word_room, w);
            s->maybe[h / 64] |= UINT64_C(1) << (h % 64);
        }
    }
}

void secret_set_add(struct secret_set *s, const char *name, uint32_t owners, struct view v)
{
    add(s, name, owners, v, WORD);
}

void secret_set_add_sparse(struct secret_set *s, const char *name, uint32_t owners,
                           struct view v)
{
    add(s, name, owners, v, 1024 - WORD);
}

void secret_set_add_small(struct secret_set *s, const char *name, uint32_t owners,
                          const int32_t *c, size_t n)
{
    const uint32_t number = keep(s, name, owners, (struct view){(const uint8_t *)c, n * 4});
    uint64_t run = 0;

    for (size_t i = 0; i < n; i++) {
        run = run << 4 | (uint64_t)(c[i] + 4);
        if (i + 1 >= RUN) {
            put(&s->runs, &s->n_runs, &s->run_room,
                (struct secret_word){
                    .word = run, .owners = owners, .secret = number, .at = (uint32_t)i});
        }
    }
}

/* ---- the search ---- */

/* Whether SECRET_WINDOW bytes around a word that is there in both are the same. */
static bool is_window(const struct secret *k, size_t in_secret, struct view hay, size_t at)
{
    size_t before = 0;
    size_t after = WORD;

    while (before < in_secret && before < at &&
           k->p[in_secret - before - 1] == hay.p[at - before - 1]) {
        before++;
    }
    while (in_secret + after < k->n && at + after < hay.n &&
           k->p[in_secret + after] == hay.p[at + after]) {
        after++;
    }
    return before + after >= SECRET_WINDOW;
}

/* wanted: owners of which a secret must have none, or exactly these. */
struct scan {
    const struct secret_set *s;
    struct view hay;
    uint32_t owners;
    bool exactly;
    size_t hits;
    struct secret_hit first;
};

static void hit(struct scan *x, const struct secret_word *w, size_t at)
{
    if (x->exactly ? w->owners == x->owners : (w->owners & x->owners) == 0) {
        if (x->hits++ == 0) {
            x->first = (struct secret_hit){&x->s->secrets[w->secret - 1], at};
        }
    }
}

static void scan_words(struct scan *x)
{
    const struct secret_set *const s = x->s;

    for (size_t at = 0; at + WORD <= x->hay.n; at++) {
        const uint64_t word = load(x->hay.p + at);
        const uint64_t h = hash_of(word) >> (64 - MAYBE_BITS);
        const struct secret_word *w;

        if ((s->maybe[h / 64] >> (h % 64) & 1) == 0) {
            continue;
        }
        w = slot_of(s->words, s->word_room, word);
        if (w->secret != 0 && is_window(&s->secrets[w->secret - 1], w->at, x->hay, at)) {
            hit(x, w, at);
        }
    }
}

/* Numbers of 32 bits that are small, RUN of them in a row. A row of one value is none. */
static void scan_runs(struct scan *x)
{
    uint64_t run = 0;
    size_t n = 0;

    for (size_t at = 0; at + 4 <= x->hay.n; at += 4) {
        const struct secret_word *w;
        uint32_t c;

        memcpy(&c, x->hay.p + at, sizeof c);
        n = c + 4 <= 8 ? n + 1 : 0;
        run = run << 4 | ((c + 4) & 15);
        if (n < RUN || run == UINT64_C(0x4444444444444444)) {
            continue;
        }
        w = slot_of(x->s->runs, x->s->run_room, run);
        if (w->secret != 0) {
            hit(x, w, at);
        }
    }
}

size_t secret_set_scan(const struct secret_set *s, uint32_t owners, struct view hay,
                       struct secret_hit *first)
{
    struct scan x = {.s = s, .hay = hay, .owners = owners};

    scan_words(&x);
    scan_runs(&x);
    *first = x.first;
    return x.hits;
}

size_t secret_set_count(const struct secret_set *s, uint32_t owners, struct view hay)
{
    struct scan x = {.s = s, .hay = hay, .owners = owners, .exactly = true};

    scan_words(&x);
    scan_runs(&x);
    return x.hits;
}
