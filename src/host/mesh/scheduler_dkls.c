#include "host/mesh/scheduler_parts.h"

/* ---- sessions ---- */

static bool can_transfer(struct scheduler_both p)
{
    return scheduler_pair_talks(p) && scheduler_pair_is_set_up(p);
}

bool scheduler_dkls_can(const struct scheduler *s, unsigned cores)
{
    return scheduler_every_pair(s, cores, can_transfer);
}

enum err scheduler_dkls_make(struct scheduler *s, const struct entropy_source *entropy,
                             unsigned live, int64_t now_ns, uint64_t wall_us)
{
    unsigned m;

    while ((m = scheduler_triples_pick(s, live, now_ns)) != 0) {
        struct presign_order o = {.kind = PRESIGN_ORDER_MAKE, .triple = (uint8_t)m};

        TRY(entropy->fill(entropy->self, o.label, sizeof o.label));
        o.counter = scheduler_next_counter(s, wall_us);
        scheduler_sessions_begin(s, m, o.counter, now_ns);
        scheduler_push_all(s, m, &o);
    }
    return ERR_OK;
}

/* ---- setups ---- */

/* Whether one of two has taken that order, and is not at it any more: what broke their channel
 * ended it, and the other one may wait for long. */
static bool has_ended(const struct presign_peer_status *said, uint64_t counter)
{
    return said->setup == PRESIGN_PAIR_RESTS ||
           (said->setup == PRESIGN_PAIR_NONE && said->counter >= counter);
}

static void settle_pair(struct scheduler *s, unsigned a, unsigned b, int64_t now_ns)
{
    struct scheduler_pair *p = &s->pairs[scheduler_bit(a) | scheduler_bit(b)];
    const struct scheduler_both said = scheduler_both(s, a, b);

    if (!p->runs) {
        return;
    }
    if (scheduler_pair_is_set_up(said)) {
        p->runs = false;
        p->rest.fails = 0;
    } else if (now_ns - p->since_ns >= SCHEDULER_SETUP_NS || has_ended(said.of_a, p->counter) ||
               has_ended(said.of_b, p->counter)) {
        p->runs = false;
        scheduler_rest_longer(&p->rest, now_ns);
        scheduler_take_back(s, PRESIGN_ORDER_SETUP, p->counter);
    }
}

static bool can_set_up(const struct scheduler *s, unsigned a, unsigned b, int64_t now_ns)
{
    const struct scheduler_pair *p = &s->pairs[scheduler_bit(a) | scheduler_bit(b)];
    const struct scheduler_both said = scheduler_both(s, a, b);

    return !p->runs && now_ns >= p->rest.until_ns && scheduler_pair_talks(said) &&
           !scheduler_pair_is_set_up(said) && said.of_a->wait_s == 0 &&
           said.of_b->wait_s == 0 &&
           scheduler_have_room(s, scheduler_bit(a) | scheduler_bit(b));
}

/* Both are told. */
static void begin_pair(struct scheduler *s, unsigned a, unsigned b, int64_t now_ns,
                       uint64_t wall_us)
{
    struct scheduler_pair *p = &s->pairs[scheduler_bit(a) | scheduler_bit(b)];
    struct presign_order o = {.kind = PRESIGN_ORDER_SETUP, .peer = (uint8_t)b};

    o.counter = p->counter = scheduler_next_counter(s, wall_us);
    scheduler_push(s, a, &o);
    o.peer = (uint8_t)a;
    scheduler_push(s, b, &o);
    p->runs = true;
    p->since_ns = now_ns;
}

void scheduler_dkls_set_up(struct scheduler *s, unsigned live, int64_t now_ns, uint64_t wall_us)
{
    unsigned busy = 0;

    for (unsigned m = 0; m < SCHEDULER_MASKS; m++) {
        busy |= s->pairs[m].runs ? m : 0;
    }
    for (unsigned a = 0; a < s->rule.total; a++) {
        for (unsigned b = a + 1; b < s->rule.total; b++) {
            const unsigned pair = scheduler_bit(a) | scheduler_bit(b);

            if ((pair & (busy | ~live)) == 0 && can_set_up(s, a, b, now_ns)) {
                begin_pair(s, a, b, now_ns, wall_us);
                busy |= pair;
            }
        }
    }
}

/* ---- both ---- */

static void refuse_make(struct scheduler *s, unsigned core, uint64_t counter, enum err e,
                        int64_t now_ns)
{
    const unsigned triple = scheduler_sessions_refused(s, core, counter, e);

    if (triple != 0 && e == ERR_NOSPACE) { /* nobody's fault: a pool or a queue is full */
        s->triples[triple].rest.until_ns = now_ns + SCHEDULER_PAUSE_NS;
    } else if (triple != 0) {
        scheduler_triple_failed(s, triple, now_ns);
    }
}

static void refuse_setup(struct scheduler *s, uint64_t counter, int64_t now_ns)
{
    for (unsigned m = 0; m < SCHEDULER_MASKS; m++) {
        if (s->pairs[m].runs && s->pairs[m].counter == counter) {
            s->pairs[m].runs = false;
            scheduler_rest_longer(&s->pairs[m].rest, now_ns);
            scheduler_take_back(s, PRESIGN_ORDER_SETUP, counter);
        }
    }
}

void scheduler_dkls_refused(struct scheduler *s, unsigned core,
                            const struct presign_order *order, enum err e, int64_t now_ns)
{
    if (order->kind == PRESIGN_ORDER_MAKE) {
        refuse_make(s, core, order->counter, e, now_ns);
    } else {
        refuse_setup(s, order->counter, now_ns);
    }
}

void scheduler_dkls_lost(struct scheduler *s, unsigned core)
{
    scheduler_sessions_lost(s, core);
    for (unsigned m = 0; m < SCHEDULER_MASKS; m++) {
        if ((m & scheduler_bit(core)) != 0 && s->pairs[m].runs) {
            scheduler_take_back(s, PRESIGN_ORDER_SETUP, s->pairs[m].counter);
            s->pairs[m].runs = false;
        }
    }
}

void scheduler_dkls_settle(struct scheduler *s, int64_t now_ns)
{
    scheduler_sessions_settle(s, now_ns);
    for (unsigned a = 0; a < s->rule.total; a++) {
        for (unsigned b = a + 1; b < s->rule.total; b++) {
            settle_pair(s, a, b, now_ns);
        }
    }
}

bool scheduler_dkls_busy(const struct scheduler *s)
{
    bool busy = false;

    for (size_t i = 0; i < SCHEDULER_SESSIONS; i++) {
        busy = busy || s->sessions[i].triple != 0;
    }
    for (unsigned m = 0; m < SCHEDULER_MASKS; m++) {
        busy = busy || s->pairs[m].runs;
    }
    return busy;
}
