#include "host/mesh/scheduler.h"

#include "base/mask.h"
#include "host/mesh/scheduler_parts.h"

#include <string.h>

#define AHEAD_FIRST_US UINT64_C(1000000)

void scheduler_init(struct scheduler *s, const struct scheduler_rule *rule, int64_t now_ns)
{
    memset(s, 0, sizeof *s);
    s->rule = *rule;
    s->accel_ns = now_ns;
    for (unsigned m = 0; m < SCHEDULER_MASKS; m++) {
        s->triples[m].owes = 1; /* before it is known to make anything */
    }
}

/* ---- the plan ---- */

static enum scheduler_source find_source(struct scheduler *s, unsigned live, int64_t now_ns)
{
    if (scheduler_accel_ready(s, live, now_ns)) {
        s->accel_ns = now_ns;
        return SCHEDULER_ACCEL;
    }
    if (mask_count(live) < SCHEDULER_SIGNERS) {
        s->accel_ns = now_ns; /* whoever comes first waits for the others */
        return SCHEDULER_NONE;
    }
    const int64_t grace =
        scheduler_accel_comes(s, live, now_ns) ? SCHEDULER_COMES_NS : SCHEDULER_GRACE_NS;

    if (scheduler_accel_wanted(s) && now_ns - s->accel_ns < grace) {
        return SCHEDULER_NONE;
    }
    return SCHEDULER_DKLS;
}

enum err scheduler_plan(struct scheduler *s, const struct entropy_source *entropy,
                        int64_t now_ns, uint64_t wall_us)
{
    const unsigned live = scheduler_live(s, now_ns);

    scheduler_accel_settle(s, live, now_ns);
    scheduler_dkls_settle(s, now_ns);
    scheduler_accel_switch(s, live);
    s->source = find_source(s, live, now_ns);
    switch (s->source) {
    case SCHEDULER_NONE:
        break;
    case SCHEDULER_ACCEL:
        scheduler_accel_plan(s, live, now_ns, wall_us);
        if (scheduler_accel_has_made(s)) {
            scheduler_dkls_set_up(s, live, now_ns, wall_us);
        }
        break;
    case SCHEDULER_DKLS:
        scheduler_dkls_set_up(s, live, now_ns, wall_us);
        return scheduler_dkls_make(s, entropy, live, now_ns, wall_us);
    }
    return ERR_OK;
}

void scheduler_stand_by(struct scheduler *s, int64_t now_ns)
{
    s->source = SCHEDULER_NONE;
    s->accel_ns = now_ns; /* it may be there: nobody has looked */
    scheduler_sessions_forgive(s);
}

/* ---- what cores say ---- */

void scheduler_up(struct scheduler *s, unsigned core, bool up)
{
    struct scheduler_core *c = &s->cores[core];

    if (c->up == up) {
        return;
    }
    *c = (struct scheduler_core){.up = up};
    scheduler_dkls_lost(s, core);
    scheduler_accel_lost(s);
}

void scheduler_take(struct scheduler *s, unsigned core, const struct presign_status *said,
                    int64_t now_ns)
{
    struct scheduler_core *c = &s->cores[core];

    if (!c->up || said->n_nodes != s->rule.total) {
        return;
    }
    scheduler_sessions_heard(s, core, said, now_ns);
    scheduler_triples_rise(s, core, said, now_ns);
    c->said = *said;
    c->told = true;
    c->told_ns = now_ns;
}

void scheduler_answer(struct scheduler *s, unsigned core, const struct presign_order *order,
                      enum err e, int64_t now_ns)
{
    if (!s->cores[core].up) {
        return;
    }
    if (e == ERR_OK) {
        if (order->kind == PRESIGN_ORDER_MAKE) {
            scheduler_sessions_taken(s, core, order->counter);
        }
        return;
    }
    if (e == ERR_STALE) {
        s->ahead_us = s->ahead_us == 0 ? AHEAD_FIRST_US : 2 * s->ahead_us;
        s->ahead_us =
            s->ahead_us < SCHEDULER_AHEAD_MAX_US ? s->ahead_us : SCHEDULER_AHEAD_MAX_US;
    }
    switch ((enum presign_order_kind)order->kind) {
    case PRESIGN_ORDER_MAKE:
    case PRESIGN_ORDER_SETUP:
        scheduler_dkls_refused(s, core, order, e, now_ns);
        break;
    case PRESIGN_ORDER_BATCH:
        scheduler_accel_refused(s, order->counter, now_ns);
        break;
    case PRESIGN_ORDER_ACCEL:
    case PRESIGN_ORDER_WRONG: /* others give those */
    case PRESIGN_ORDER_RENEW:
        break;
    }
}

int64_t scheduler_pace_ns(const struct scheduler *s)
{
    return s->batch.runs || s->source == SCHEDULER_NONE || scheduler_dkls_busy(s)
               ? SCHEDULER_BUSY_NS
               : SCHEDULER_IDLE_NS;
}
