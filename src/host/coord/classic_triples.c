#include "host/coord/classic_triples.h"

#include "base/mask.h"

#include <string.h>

#define STICKY 4 /* of so much stock one part is enough to stay with a triple */

void classic_triples_init(struct classic_triples *c, const struct classic_pool *p)
{
    memset(c, 0, sizeof *c);
    c->n = p->n_triples;
    c->next = 1;
    for (unsigned t = 0; t < c->n; t++) {
        c->at[t].s = p->shelves[t].s;
    }
}

bool classic_triples_wrong(struct classic_triples *c, unsigned t, int64_t now_ns)
{
    struct classic_triple *const x = &c->at[t];

    x->spoiled = c->next++;
    if (x->n_wrong == CLASSIC_WRONG_MAX) {
        memmove(x->wrong_ns, x->wrong_ns + 1, sizeof x->wrong_ns - sizeof x->wrong_ns[0]);
        x->n_wrong--;
    }
    x->wrong_ns[x->n_wrong++] = now_ns;
    if (x->n_wrong < CLASSIC_WRONG_MAX || now_ns - x->wrong_ns[0] >= CLASSIC_WRONG_NS) {
        return false;
    }
    x->rest_ns = now_ns + CLASSIC_WRONG_NS;
    return true;
}

void classic_triples_refused(struct classic_triples *c, unsigned t, int64_t now_ns)
{
    struct classic_triple *const x = &c->at[t];
    const int64_t until_ns = now_ns + (CLASSIC_DOUBT_NS << x->misses);

    x->spoiled = c->next++;
    x->misses = (uint8_t)(x->misses + (x->misses < CLASSIC_DOUBT_DOUBLINGS));
    x->rest_ns = until_ns > x->rest_ns ? until_ns : x->rest_ns;
}

void classic_triples_stale(struct classic_triples *c, unsigned t)
{
    c->at[t].spoiled = c->next++;
}

void classic_triples_signed(struct classic_triples *c, unsigned t)
{
    c->at[t].misses = 0;
    c->at[t].spoiled = 0;
}

static bool was_wrong(const struct classic_triple *x, int64_t now_ns)
{
    return x->n_wrong > 0 && now_ns - x->wrong_ns[x->n_wrong - 1] < CLASSIC_WRONG_NS;
}

unsigned classic_triples_behind(const struct classic_triples *c, int64_t now_ns)
{
    unsigned common = 0;
    bool any = false;

    for (unsigned t = 0; t < c->n; t++) {
        if (was_wrong(&c->at[t], now_ns)) {
            common = any ? common & c->at[t].s : c->at[t].s;
            any = true;
        }
    }
    return common;
}

bool classic_triples_rests(const struct classic_triples *c, unsigned t, int64_t now_ns)
{
    return now_ns < c->at[t].rest_ns;
}

/* What speaks against a triple, what counts most first. */
struct rank {
    bool empty;
    unsigned behind;
    uint64_t spoiled;
};

static bool is_lower(const struct rank *a, const struct rank *b)
{
    return a->empty != b->empty     ? a->empty < b->empty
           : a->behind != b->behind ? a->behind < b->behind
                                    : a->spoiled < b->spoiled;
}

static bool is_same(const struct rank *a, const struct rank *b)
{
    return a->empty == b->empty && a->behind == b->behind && a->spoiled == b->spoiled;
}

unsigned classic_triples_choose(const struct classic_triples *c, const struct classic_pool *p,
                                unsigned can, unsigned last, int64_t now_ns)
{
    const unsigned behind = classic_triples_behind(c, now_ns);
    struct rank ranks[COORD_TRIPLES_MAX];
    unsigned best = c->n;

    for (unsigned t = 0; t < c->n; t++) {
        ranks[t] = (struct rank){.empty = classic_pool_stock(p, t) == 0,
                                 .behind = mask_count(c->at[t].s & behind),
                                 .spoiled = c->at[t].spoiled};
        if ((can >> t & 1) != 0 && (best == c->n || is_lower(&ranks[t], &ranks[best]) ||
                                    (is_same(&ranks[t], &ranks[best]) &&
                                     classic_pool_stock(p, t) > classic_pool_stock(p, best)))) {
            best = t;
        }
    }
    return best < c->n && last < c->n && (can >> last & 1) != 0 &&
                   is_same(&ranks[last], &ranks[best]) &&
                   classic_pool_stock(p, last) * STICKY >= classic_pool_stock(p, best)
               ? last
               : best;
}
