#include "host/coord/quorum_choice.h"

#include "base/mask.h"

#include <string.h>

void quorum_choice_init(struct quorum_choice *c, unsigned n, unsigned t)
{
    memset(c, 0, sizeof *c);
    c->n = n;
    c->t = t;
    c->next = 1;
}

void quorum_choice_spoiled(struct quorum_choice *c, unsigned act)
{
    c->spoiled[act] = c->next++;
}

void quorum_choice_whole(struct quorum_choice *c, unsigned act)
{
    c->spoiled[act] = 0;
}

/* Whether core a is to be asked rather than b: that sessions of it give no signature counts
 * most. */
static bool is_better(const struct quorum_core *cores, unsigned behind, unsigned a, unsigned b,
                      int64_t now_ns)
{
    const unsigned a_behind = behind >> a & 1;
    const unsigned b_behind = behind >> b & 1;

    return a_behind != b_behind ? a_behind < b_behind
                                : quorum_core_is_better(&cores[a], &cores[b], now_ns);
}

/* The best ones, one by one. */
static unsigned best_cores(const struct quorum_choice *c, const struct quorum_core *cores,
                           unsigned can, unsigned behind, int64_t now_ns)
{
    unsigned act = 0;

    for (unsigned k = 0; k < c->t; k++) {
        unsigned best = c->n;

        for (unsigned i = 0; i < c->n; i++) {
            const unsigned party = (c->turn + i) % c->n;

            if (((can & ~act) >> party & 1) != 0 &&
                (best == c->n || is_better(cores, behind, party, best, now_ns))) {
                best = party;
            }
        }
        if (best == c->n) {
            return 0;
        }
        act |= 1U << best;
    }
    return act;
}

/* What speaks against a quorum, what counts most first. */
struct rank {
    unsigned behind, doubted;
    uint64_t spoiled;
    unsigned misses;
};

static struct rank rank_of(const struct quorum_choice *c, const struct quorum_core *cores,
                           unsigned act, unsigned behind, int64_t now_ns)
{
    struct rank r = {.spoiled = c->spoiled[act]};

    for (unsigned i = 0; i < c->n; i++) {
        if ((act >> i & 1) != 0) {
            r.behind += behind >> i & 1;
            r.doubted += quorum_core_is_doubted(&cores[i], now_ns);
            r.misses += cores[i].misses;
        }
    }
    return r;
}

static bool is_lower(const struct rank *a, const struct rank *b)
{
    return a->behind != b->behind     ? a->behind < b->behind
           : a->doubted != b->doubted ? a->doubted < b->doubted
           : a->spoiled != b->spoiled ? a->spoiled < b->spoiled
                                      : a->misses < b->misses;
}

unsigned quorum_choose(struct quorum_choice *c, const struct quorum_core *cores, unsigned can,
                       unsigned behind, int64_t now_ns)
{
    unsigned act = best_cores(c, cores, can, behind, now_ns);
    struct rank lowest;

    if (act == 0) {
        return 0;
    }
    c->turn++;
    lowest = rank_of(c, cores, act, behind, now_ns);
    for (unsigned other = 0; lowest.doubted > 0 && other < 1U << c->n; other++) {
        if (mask_count(other) == c->t && (other & ~can) == 0) {
            const struct rank r = rank_of(c, cores, other, behind, now_ns);

            if (is_lower(&r, &lowest)) {
                lowest = r;
                act = other;
            }
        }
    }
    return act;
}
