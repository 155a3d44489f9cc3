#include "host/mesh/scheduler_parts.h"

/* ---- what is known ---- */

static bool is_live(const struct scheduler *s, unsigned core, int64_t now_ns)
{
    const struct scheduler_core *c = &s->cores[core];

    return c->up && c->told && now_ns - c->told_ns < SCHEDULER_FRESH_NS;
}

unsigned scheduler_live(const struct scheduler *s, int64_t now_ns)
{
    unsigned live = 0;

    for (unsigned i = 0; i < s->rule.total; i++) {
        live |= is_live(s, i, now_ns) ? scheduler_bit(i) : 0;
    }
    return live;
}

static const struct presign_triple_status *find_triple(const struct scheduler_core *c,
                                                       unsigned triple)
{
    for (size_t i = 0; i < c->said.n_triples; i++) {
        if (c->said.triples[i].triple == triple) {
            return &c->said.triples[i];
        }
    }
    return NULL;
}

struct scheduler_has scheduler_count(const struct scheduler *s, unsigned triple)
{
    struct scheduler_has out = {.least = UINT16_MAX, .usable = true};

    for (unsigned i = 0; i < s->rule.total; i++) {
        const struct scheduler_core *c = &s->cores[i];

        if ((triple & scheduler_bit(i)) == 0) {
            continue;
        }
        const struct presign_triple_status *t = find_triple(c, triple);

        if (t == NULL) {
            return (struct scheduler_has){0};
        }
        out.least = t->count < out.least ? t->count : out.least;
        out.usable = out.usable && t->usable && t->count < c->said.cap;
    }
    return out;
}

unsigned scheduler_stock(const struct scheduler *s, unsigned triple, int64_t now_ns)
{
    return (triple & ~scheduler_live(s, now_ns)) == 0 ? scheduler_count(s, triple).least : 0;
}

struct scheduler_both scheduler_both(const struct scheduler *s, unsigned a, unsigned b)
{
    return (struct scheduler_both){&s->cores[a].said.nodes[b], &s->cores[b].said.nodes[a]};
}

bool scheduler_pair_talks(struct scheduler_both p)
{
    return p.of_a->channel == PRESIGN_CHANNEL_VERIFIED &&
           p.of_b->channel == PRESIGN_CHANNEL_VERIFIED;
}

bool scheduler_pair_is_set_up(struct scheduler_both p)
{
    return p.of_a->setup == PRESIGN_PAIR_DONE && p.of_b->setup == PRESIGN_PAIR_DONE;
}

bool scheduler_every_pair(const struct scheduler *s, unsigned cores,
                          bool (*has)(struct scheduler_both p))
{
    for (unsigned a = 0; a < s->rule.total; a++) {
        for (unsigned b = a + 1; b < s->rule.total; b++) {
            if ((cores & scheduler_bit(a)) != 0 && (cores & scheduler_bit(b)) != 0 &&
                !has(scheduler_both(s, a, b))) {
                return false;
            }
        }
    }
    return true;
}

/* ---- what failed rests ---- */

void scheduler_rest_longer(struct scheduler_rest *r, int64_t now_ns)
{
    int64_t pause = SCHEDULER_PAUSE_NS;

    for (unsigned i = 0; i < r->fails && pause < SCHEDULER_PAUSE_MAX_NS; i++) {
        pause *= 2;
    }
    r->fails++;
    r->until_ns = now_ns + (pause < SCHEDULER_PAUSE_MAX_NS ? pause : SCHEDULER_PAUSE_MAX_NS);
}

/* ---- orders ---- */

bool scheduler_have_room(const struct scheduler *s, unsigned cores)
{
    for (unsigned i = 0; i < s->rule.total; i++) {
        if ((cores & scheduler_bit(i)) != 0 && s->cores[i].n == SCHEDULER_ORDERS_MAX) {
            return false;
        }
    }
    return true;
}

void scheduler_push(struct scheduler *s, unsigned core, const struct presign_order *o)
{
    struct scheduler_core *c = &s->cores[core];

    if (c->n < SCHEDULER_ORDERS_MAX) {
        c->orders[(c->first + c->n) % SCHEDULER_ORDERS_MAX] = *o;
        c->n++;
    }
}

void scheduler_push_all(struct scheduler *s, unsigned cores, const struct presign_order *o)
{
    for (unsigned i = 0; i < s->rule.total; i++) {
        if ((cores & scheduler_bit(i)) != 0) {
            scheduler_push(s, i, o);
        }
    }
}

unsigned scheduler_take_back(struct scheduler *s, uint8_t kind, uint64_t counter)
{
    unsigned from = 0;

    for (unsigned i = 0; i < s->rule.total; i++) {
        struct scheduler_core *c = &s->cores[i];
        const size_t n = c->n;

        for (size_t k = 0; k < n; k++) {
            const struct presign_order o = c->orders[c->first];

            c->first = (c->first + 1) % SCHEDULER_ORDERS_MAX;
            c->n--;
            if (o.kind != kind || o.counter != counter) {
                scheduler_push(s, i, &o);
            } else {
                from |= scheduler_bit(i);
            }
        }
    }
    return from;
}

bool scheduler_next(struct scheduler *s, unsigned core, struct presign_order *out)
{
    struct scheduler_core *c = &s->cores[core];

    if (!c->up || c->n == 0) {
        return false;
    }
    *out = c->orders[c->first];
    c->first = (c->first + 1) % SCHEDULER_ORDERS_MAX;
    c->n--;
    return true;
}

uint64_t scheduler_next_counter(struct scheduler *s, uint64_t wall_us)
{
    const uint64_t least = wall_us + s->ahead_us;

    s->counter = s->counter + 1 > least ? s->counter + 1 : least;
    return s->counter;
}
