/* scheduler_world.h - cores of which each carries out what it is told, before a scheduler. */
#ifndef TESTS_SCHEDULER_WORLD_H
#define TESTS_SCHEDULER_WORLD_H

#include "testing.h"

#include "base/mask.h"
#include "crypto/tecdsa/tecdsa_accel_epoch.h"
#include "host/mesh/scheduler.h"

#include <string.h>

#define MS INT64_C(1000000)
#define HEARD_MAX 256
#define STEP (20 * MS)
#define WALL_US UINT64_C(1800000000000000)

/* An order that some have who take part. */
struct heard {
    struct presign_order order;
    unsigned first;   /* whose that one is */
    unsigned by;      /* who has it, a mask */
    bool lost;        /* one of them does nothing with it */
    int64_t since_ns; /* of the first, or, once all have it, of the last */
};

/* Cores that do what they are told once all that it takes were told: at once, or takes_ns
 * later. */
struct world {
    struct scheduler s;
    struct presign_status says[SCHEDULER_NODES];
    unsigned total, up;
    unsigned deaf;   /* cores that take orders and do nothing */
    unsigned liars;  /* cores that never say that a session ended in nothing, or is open */
    enum err answer; /* of every order */
    enum err refuses[SCHEDULER_NODES]; /* of a MAKE */
    int64_t takes_ns;
    size_t n_heard;
    struct heard heard[HEARD_MAX];
    unsigned made, batches, setups, switched;
    unsigned refused;             /* by cores that are in too many sessions */
    unsigned of[SCHEDULER_MASKS]; /* made of each triple */
    int64_t now_ns;
};

static inline enum err count_up(void *self, uint8_t *out, size_t n)
{
    uint8_t *at = self;

    memset(out, (*at)++, n);
    return ERR_OK;
}
static uint8_t randomness;
static const struct entropy_source entropy = {.fill = count_up, .self = &randomness};

static inline void fill_status(struct presign_status *s, unsigned own, unsigned total)
{
    *s = (struct presign_status){.n_nodes = total,
                                 .cap = 512,
                                 .accel = total == SCHEDULER_ACCEL_NODES ? PRESIGN_ACCEL_ON
                                                                         : PRESIGN_ACCEL_OFF};
    for (unsigned i = 0; i < total; i++) {
        s->nodes[i].incarnation = 1;
        s->nodes[i].channel = i == own ? 0 : PRESIGN_CHANNEL_VERIFIED;
        s->nodes[i].seeded = i != own;
    }
    for (unsigned m = 0; m < 1U << total; m++) {
        if (mask_count(m) == 3 && (m >> own & 1) != 0) {
            s->triples[s->n_triples++] =
                (struct presign_triple_status){.triple = (uint8_t)m, .usable = true};
        }
    }
}

static inline void init(struct world *w, unsigned total, unsigned target, bool accelerator)
{
    const struct scheduler_rule rule = {total, target, accelerator};

    memset(w, 0, sizeof *w);
    w->total = total;
    w->now_ns = 1000 * MS;
    scheduler_init(&w->s, &rule, w->now_ns);
    for (unsigned i = 0; i < total; i++) {
        fill_status(&w->says[i], i, total);
    }
}

static inline void set_up(struct world *w, unsigned cores)
{
    w->up = cores;
    for (unsigned i = 0; i < w->total; i++) {
        scheduler_up(&w->s, i, (cores >> i & 1) != 0);
    }
}

static inline void add_record(struct world *w, unsigned triple, bool by_accel)
{
    for (unsigned i = 0; i < w->total; i++) {
        for (size_t t = 0; t < w->says[i].n_triples; t++) {
            if ((triple >> i & 1) != 0 && w->says[i].triples[t].triple == triple) {
                w->says[i].triples[t].count++;
            }
        }
        if ((triple >> i & 1) != 0) {
            w->says[i].made_accel += by_accel ? 1 : 0;
            w->says[i].made_dkls += by_accel ? 0 : 1;
        }
    }
    w->made++;
    w->of[triple]++;
}

static inline unsigned members_of(const struct world *w, unsigned core,
                                  const struct presign_order *o)
{
    return o->kind == PRESIGN_ORDER_SETUP  ? 1U << core | 1U << o->peer
           : o->kind == PRESIGN_ORDER_MAKE ? o->triple
                                           : (1U << w->total) - 1;
}

static inline void carry_out(struct world *w, unsigned core, const struct presign_order *o)
{
    switch ((enum presign_order_kind)o->kind) {
    case PRESIGN_ORDER_SETUP:
        w->says[core].nodes[o->peer].setup = PRESIGN_PAIR_DONE;
        w->says[o->peer].nodes[core].setup = PRESIGN_PAIR_DONE;
        w->setups++;
        break;
    case PRESIGN_ORDER_MAKE:
        add_record(w, o->triple, false);
        break;
    case PRESIGN_ORDER_BATCH:
        w->batches++;
        for (unsigned i = 0; i < w->total; i++) {
            assert_true(w->says[i].batch_counter < o->counter);
            w->says[i].batch_counter = o->counter;
        }
        for (unsigned r = 0; r < o->records; r++) {
            add_record(w, tecdsa_accel_triple(o->triples[r]), true);
        }
        break;
    case PRESIGN_ORDER_ACCEL:
        break;
    case PRESIGN_ORDER_WRONG:
    case PRESIGN_ORDER_RENEW:
        fail_msg("not the scheduler's");
        break;
    }
}

static inline void forget(struct world *w, size_t i)
{
    w->n_heard--;
    w->heard[i] = w->heard[w->n_heard];
}

/* Who has begun a session is at it no more. */
static inline void leave(struct world *w, const struct heard *h, bool aborted)
{
    for (unsigned i = 0; h->order.kind == PRESIGN_ORDER_MAKE && i < w->total; i++) {
        if ((h->by >> i & 1) != 0) {
            w->says[i].sessions--;
            w->says[i].aborted += aborted ? 1 : 0;
        }
    }
}

/* What all have is carried out, what some lack ends. */
static inline void carry_on(struct world *w)
{
    for (size_t i = w->n_heard; i-- > 0;) {
        const struct heard h = w->heard[i];
        const unsigned all = members_of(w, h.first, &h.order);
        const int64_t age_ns = w->now_ns - h.since_ns;

        if (h.by == all && !h.lost &&
            (h.order.kind != PRESIGN_ORDER_MAKE || age_ns >= w->takes_ns)) {
            forget(w, i);
            leave(w, &h, false);
            carry_out(w, h.first, &h.order);
        } else if (age_ns >= SCHEDULER_ENDS_NS) {
            forget(w, i);
            leave(w, &h, true);
        }
    }
}

/* One order of one core. */
static inline enum err take_order(struct world *of, unsigned core,
                                  const struct presign_order *o)
{
    if (o->kind == PRESIGN_ORDER_ACCEL) {
        of->says[core].accel = o->on ? PRESIGN_ACCEL_ON : PRESIGN_ACCEL_OFF;
        of->switched++;
        return ERR_OK;
    }
    if (o->kind == PRESIGN_ORDER_MAKE && of->refuses[core] != ERR_OK) {
        return of->refuses[core];
    }
    if (o->kind == PRESIGN_ORDER_MAKE && of->says[core].sessions >= SCHEDULER_SESSIONS_MAX) {
        of->refused++;
        return ERR_NOSPACE;
    }
    size_t i = 0;

    while (i < of->n_heard && of->heard[i].order.counter != o->counter) {
        i++;
    }
    if (i == of->n_heard) {
        assert_true(i < HEARD_MAX);
        of->heard[i] = (struct heard){.order = *o, .first = core};
        of->n_heard++;
    }
    of->heard[i].by |= 1U << core;
    of->heard[i].lost = of->heard[i].lost || (of->deaf >> core & 1) != 0;
    of->heard[i].since_ns = of->now_ns;
    if (o->kind == PRESIGN_ORDER_MAKE) {
        of->says[core].sessions++;
    }
    return ERR_OK;
}

/* What it says of itself. */
static inline void hear(struct world *w, unsigned core)
{
    struct presign_status said = w->says[core];

    if ((w->liars >> core & 1) != 0) {
        said.sessions = 0;
        said.aborted = 0;
        said.made_dkls = (uint64_t)w->now_ns;
        for (size_t t = 0; t < said.n_triples; t++) {
            said.triples[t].count = (uint16_t)(w->now_ns / STEP % 8);
        }
    }
    scheduler_take(&w->s, core, &said, w->now_ns);
}

static inline void step(struct world *w)
{
    w->now_ns += STEP;
    for (unsigned i = 0; i < w->total; i++) {
        if ((w->up >> i & 1) != 0) {
            hear(w, i);
        }
    }
    assert_int_equal(
        scheduler_plan(&w->s, &entropy, w->now_ns, WALL_US + (uint64_t)(w->now_ns / 1000)),
        ERR_OK);
    for (unsigned i = 0; i < w->total; i++) {
        struct presign_order o;

        while (scheduler_next(&w->s, i, &o)) {
            scheduler_answer(&w->s, i, &o,
                             w->answer == ERR_OK ? take_order(w, i, &o) : w->answer, w->now_ns);
        }
    }
    carry_on(w);
}

static inline void steps(struct world *w, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        step(w);
    }
}

static inline void use(struct world *of, unsigned triple, unsigned n)
{
    for (unsigned i = 0; i < of->total; i++) {
        for (size_t t = 0; t < of->says[i].n_triples; t++) {
            if (of->says[i].triples[t].triple == triple) {
                of->says[i].triples[t].count = (uint16_t)(of->says[i].triples[t].count - n);
            }
        }
    }
}

#endif
