#include "crypto/tecdsa/tecdsa_accel_epoch.h"
#include "host/mesh/scheduler_parts.h"

#include <string.h>

_Static_assert(PRESIGN_ACCEL_TRIPLES == TECDSA_ACCEL_TRIPLES, "of five nodes");

static bool can_deal(struct scheduler_both p)
{
    return scheduler_pair_talks(p) && p.of_a->seeded && p.of_b->seeded;
}

bool scheduler_accel_wanted(const struct scheduler *s)
{
    return s->rule.accelerator && s->rule.total == SCHEDULER_ACCEL_NODES;
}

bool scheduler_accel_comes(const struct scheduler *s, unsigned live, int64_t now_ns)
{
    if (!scheduler_accel_wanted(s) || live != scheduler_bit(s->rule.total) - 1 ||
        now_ns < s->batch.rest.until_ns) {
        return false;
    }
    for (unsigned i = 0; i < s->rule.total; i++) {
        const uint8_t state = s->cores[i].said.accel;

        if (state != PRESIGN_ACCEL_ON && state != PRESIGN_ACCEL_LIVE) {
            return false;
        }
    }
    return true;
}

bool scheduler_accel_ready(const struct scheduler *s, unsigned live, int64_t now_ns)
{
    return scheduler_accel_comes(s, live, now_ns) && scheduler_every_pair(s, live, can_deal);
}

void scheduler_accel_switch(struct scheduler *s, unsigned live)
{
    const bool wanted = scheduler_accel_wanted(s);
    const struct presign_order o = {.kind = PRESIGN_ORDER_ACCEL, .on = wanted};

    for (unsigned i = 0; i < s->rule.total; i++) {
        const struct scheduler_core *c = &s->cores[i];
        const bool on =
            c->said.accel == PRESIGN_ACCEL_ON || c->said.accel == PRESIGN_ACCEL_LIVE;

        if ((live & scheduler_bit(i)) != 0 && c->n == 0 && on != wanted &&
            c->said.accel != PRESIGN_ACCEL_OVER) {
            scheduler_push(s, i, &o);
        }
    }
}

static uint64_t made_by_accel(const struct scheduler *s)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < s->rule.total; i++) {
        n += s->cores[i].said.made_accel;
    }
    return n;
}

static void end_batch(struct scheduler *s, bool failed, int64_t now_ns)
{
    s->batch.runs = false;
    if (failed) {
        scheduler_rest_longer(&s->batch.rest, now_ns);
        scheduler_take_back(s, PRESIGN_ORDER_BATCH, s->batch.counter);
    } else {
        s->batch.rest.fails = 0;
    }
}

void scheduler_accel_settle(struct scheduler *s, unsigned live, int64_t now_ns)
{
    bool over = true;

    if (!s->batch.runs) {
        return;
    }
    for (unsigned i = 0; i < s->rule.total; i++) {
        const struct presign_status *said = &s->cores[i].said;

        over = over && said->batch_counter >= s->batch.counter &&
               said->accel != PRESIGN_ACCEL_LIVE;
    }
    if (over) {
        end_batch(s, made_by_accel(s) <= s->batch.made, now_ns);
    } else if (live != scheduler_bit(s->rule.total) - 1 ||
               now_ns - s->batch.since_ns >= SCHEDULER_BATCH_NS) {
        end_batch(s, true, now_ns);
    }
}

/* What each triple lacks. *least: the fewest that one has. Gives the sum. */
static unsigned find_needs(const struct scheduler *s, unsigned need[TECDSA_ACCEL_TRIPLES],
                           unsigned *least, unsigned *most)
{
    unsigned all = 0;

    *least = UINT16_MAX;
    *most = 0;
    for (unsigned i = 0; i < TECDSA_ACCEL_TRIPLES; i++) {
        const struct scheduler_has stock = scheduler_count(s, tecdsa_accel_triple(i));

        need[i] =
            stock.usable && stock.least < s->rule.target ? s->rule.target - stock.least : 0;
        all += need[i];
        *least = stock.usable && stock.least < *least ? stock.least : *least;
        *most = stock.least > *most ? stock.least : *most;
    }
    return all;
}

/* Whoever lacks most comes first. */
static void spread(unsigned need[TECDSA_ACCEL_TRIPLES], struct presign_order *o)
{
    for (unsigned r = 0; r < o->records; r++) {
        unsigned best = 0;

        for (unsigned i = 1; i < TECDSA_ACCEL_TRIPLES; i++) {
            best = need[i] > need[best] ? i : best;
        }
        o->triples[r] = (uint8_t)best;
        need[best]--;
    }
}

/* A core is at a batch that is not ours: of a process before us, or of one that was refused by
 * another core. It ends by itself; if it does not, the accelerator rests. */
static bool is_stuck(struct scheduler *s, int64_t now_ns)
{
    bool live = false;

    for (unsigned i = 0; i < s->rule.total; i++) {
        live = live || s->cores[i].said.accel == PRESIGN_ACCEL_LIVE;
    }
    if (!live) {
        s->batch.stuck_ns = 0;
    } else if (s->batch.stuck_ns == 0) {
        s->batch.stuck_ns = now_ns;
    } else if (now_ns - s->batch.stuck_ns >= SCHEDULER_BATCH_NS) {
        s->batch.stuck_ns = 0;
        scheduler_rest_longer(&s->batch.rest, now_ns);
    }
    return live;
}

void scheduler_accel_plan(struct scheduler *s, unsigned live, int64_t now_ns, uint64_t wall_us)
{
    struct presign_order o = {.kind = PRESIGN_ORDER_BATCH};
    unsigned need[TECDSA_ACCEL_TRIPLES];
    unsigned least = 0;
    unsigned most = 0;
    unsigned all = 0;

    if (s->batch.runs || !scheduler_have_room(s, live) || is_stuck(s, now_ns)) {
        return;
    }
    all = find_needs(s, need, &least, &most);
    if (all == 0 || (all < SCHEDULER_BATCH_LEAST && least >= s->rule.target / 2 && least > 0)) {
        return;
    }
    if (most == 0 && all > SCHEDULER_FIRST_RECORDS) {
        all = SCHEDULER_FIRST_RECORDS;
    }
    o.records = (uint8_t)(all < SCHEDULER_BATCH_MAX ? all : SCHEDULER_BATCH_MAX);
    spread(need, &o);
    o.counter = s->batch.counter = scheduler_next_counter(s, wall_us);
    s->batch.runs = true;
    s->batch.since_ns = now_ns;
    s->batch.made = made_by_accel(s);
    scheduler_push_all(s, live, &o);
}

void scheduler_accel_refused(struct scheduler *s, uint64_t counter, int64_t now_ns)
{
    if (s->batch.runs && counter == s->batch.counter) {
        end_batch(s, true, now_ns);
    }
}

void scheduler_accel_lost(struct scheduler *s)
{
    if (s->batch.runs) {
        scheduler_take_back(s, PRESIGN_ORDER_BATCH, s->batch.counter);
        s->batch.runs = false;
    }
}

bool scheduler_accel_has_made(const struct scheduler *s)
{
    return made_by_accel(s) > 0;
}
