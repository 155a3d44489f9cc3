#include "host/authority/cluster.h"

static bool any_core_runs(const struct cluster *c)
{
    for (uint8_t i = 0; i < c->rule.total; i++) {
        if (c->cores[i].runs) {
            return true;
        }
    }
    return false;
}

unsigned cluster_shares(const struct cluster *c)
{
    unsigned n = 0;

    for (uint8_t i = 0; i < c->rule.total; i++) {
        n += c->cores[i].in_epoch ? 1 : 0;
    }
    return n;
}

static int64_t pause_ms(const struct cluster *c, struct cluster_child *child, int64_t now_ms)
{
    int64_t pause = c->rule.backoff_ms;

    if (now_ms - child->since_ms >= CLUSTER_STABLE_MS) {
        child->fails = 0;
    }
    for (unsigned i = 0; i < child->fails && pause < CLUSTER_BACKOFF_MS_MAX; i++) {
        pause *= 2;
    }
    child->fails++;
    return pause < CLUSTER_BACKOFF_MS_MAX ? pause : CLUSTER_BACKOFF_MS_MAX;
}

/* ---- the end ---- */

static void tell(struct cluster_child *child, int64_t until_ms)
{
    child->told = true;
    child->at_ms = until_ms;
}

static void stop_cores(struct cluster *c, int64_t now_ms, struct cluster_todo *todo)
{
    for (uint8_t i = 0; i < c->rule.total; i++) {
        if (c->cores[i].runs && !c->cores[i].told) {
            tell(&c->cores[i], now_ms + CLUSTER_STOP_MS);
            todo->stop_cores |= (uint8_t)(1U << i);
        }
    }
}

static void begin(struct cluster *c, int64_t now_ms)
{
    const struct cluster_rule rule = c->rule;
    const bool ready = c->ready;

    cluster_init(c, &rule, now_ms);
    c->ready = ready;
}

/* The front first, so that what it has read is still answered; then the cores. */
static void go_on_ending(struct cluster *c, int64_t now_ms, struct cluster_todo *todo)
{
    if (c->front.runs) {
        return;
    }
    stop_cores(c, now_ms, todo);
    if (any_core_runs(c) || c->enrol.runs) {
        return;
    }
    if (c->again) {
        begin(c, now_ms);
    } else {
        todo->exit = true;
    }
}

static void end(struct cluster *c, bool again, int64_t now_ms, struct cluster_todo *todo)
{
    c->phase = CLUSTER_ENDING;
    c->again = again;
    todo->end_enrol = c->enrol.runs;
    c->enrol.runs = false;
    if (c->front.runs) {
        tell(&c->front, now_ms + c->rule.front_drain_ms + CLUSTER_STOP_MS);
        todo->stop_front = true;
    }
    go_on_ending(c, now_ms, todo);
}

/* What served is served by others. Nothing is started again but the front. */
static void let_go(struct cluster *c, int64_t now_ms, struct cluster_todo *todo)
{
    if (c->phase != CLUSTER_SERVING && c->phase != CLUSTER_HALTED) {
        return;
    }
    c->phase = CLUSTER_LEFT;
    for (uint8_t i = 0; i < c->rule.total; i++) {
        if (!c->cores[i].runs) {
            c->cores[i].at_ms = INT64_MAX;
        }
    }
    stop_cores(c, now_ms, todo);
}

static void fail(struct cluster *c, int64_t now_ms, struct cluster_todo *todo)
{
    c->failed = true;
    end(c, false, now_ms, todo);
}

static void stop(struct cluster *c, int64_t now_ms, struct cluster_todo *todo)
{
    if (c->phase != CLUSTER_ENDING) {
        end(c, false, now_ms, todo);
        return;
    }
    c->again = false;
    todo->kill_front = c->front.runs;
    for (uint8_t i = 0; i < c->rule.total; i++) {
        if (c->cores[i].runs) {
            todo->kill_cores |= (uint8_t)(1U << i);
        }
    }
}

/* ---- events ---- */

static void core_ended(struct cluster *c, uint8_t i, int64_t now_ms, struct cluster_todo *todo)
{
    struct cluster_child *core = &c->cores[i];
    const bool had_share = core->in_epoch;

    core->runs = core->told = core->in_epoch = false;
    todo->note_ended = (uint8_t)((had_share ? 1U : 0) << i);
    if (c->phase == CLUSTER_ENDING) {
        go_on_ending(c, now_ms, todo);
        return;
    }
    if (c->phase == CLUSTER_LEFT) {
        core->at_ms = INT64_MAX;
        return;
    }
    /* A plan is good until one of its cores ends. */
    if (c->phase == CLUSTER_ENROLLING && !c->rule.patient) {
        fail(c, now_ms, todo);
        return;
    }
    if (c->phase == CLUSTER_ENROLLING && c->enrol.runs) { /* it is of cores that all live */
        todo->end_enrol = true;
        c->enrol.runs = false;
        c->enrol.at_ms = now_ms;
    }
    core->at_ms = now_ms + pause_ms(c, core, now_ms);
    if (!had_share || c->phase == CLUSTER_HALTED) {
        return;
    }
    if (cluster_shares(c) < c->rule.threshold) {
        c->phase = CLUSTER_HALTED;
        todo->say_halted = true;
    } else {
        todo->say_lost = true;
    }
}

static void front_ended(struct cluster *c, int64_t now_ms, struct cluster_todo *todo)
{
    c->front.runs = c->front.told = false;
    if (c->phase == CLUSTER_ENDING) {
        go_on_ending(c, now_ms, todo);
    } else if (!c->ready && !c->rule.patient) {
        fail(c, now_ms, todo);
    } else {
        c->front.at_ms = now_ms + pause_ms(c, &c->front, now_ms);
    }
}

static void enrolled(struct cluster *c, int64_t now_ms, struct cluster_todo *todo)
{
    if (c->phase != CLUSTER_ENROLLING || !c->enrol.runs) { /* late: a core has ended since */
        return;
    }
    c->enrol.runs = false;
    c->phase = CLUSTER_SERVING;
    todo->say_key = true;
    c->front.at_ms = c->front.runs ? c->front.at_ms : now_ms;
    for (uint8_t i = 0; i < c->rule.total; i++) {
        c->cores[i].in_epoch = true;
    }
}

static void not_enrolled(struct cluster *c, int64_t now_ms, struct cluster_todo *todo)
{
    const bool ran = c->enrol.runs;

    c->enrol.runs = false;
    if (c->phase == CLUSTER_ENDING) {
        go_on_ending(c, now_ms, todo);
    } else if (!c->rule.patient) {
        fail(c, now_ms, todo);
    } else if (ran) {
        c->enrol.at_ms = now_ms + pause_ms(c, &c->enrol, now_ms);
    }
}

static void take(struct cluster *c, enum cluster_event ev, uint8_t core, int64_t now_ms,
                 struct cluster_todo *todo)
{
    switch (ev) {
    case CLUSTER_TICK:
        break;
    case CLUSTER_CORE_ENDED:
        core_ended(c, core, now_ms, todo);
        break;
    case CLUSTER_CORE_BACK:
        c->cores[core].in_epoch =
            c->cores[core].in_epoch || (c->phase == CLUSTER_SERVING && c->cores[core].runs);
        break;
    case CLUSTER_ENROLLED:
        enrolled(c, now_ms, todo);
        break;
    case CLUSTER_NOT_ENROLLED:
        not_enrolled(c, now_ms, todo);
        break;
    case CLUSTER_FRONT_ENDED:
        front_ended(c, now_ms, todo);
        break;
    case CLUSTER_FRONT_READY:
        todo->say_ready = c->front.runs && c->phase != CLUSTER_ENDING && !c->ready;
        c->ready = c->ready || todo->say_ready;
        break;
    case CLUSTER_RENEW:
        if (c->phase == CLUSTER_SERVING || c->phase == CLUSTER_HALTED ||
            (c->phase == CLUSTER_ENROLLING && c->rule.patient)) {
            end(c, true, now_ms, todo);
        }
        break;
    case CLUSTER_LET_GO:
        let_go(c, now_ms, todo);
        break;
    case CLUSTER_STOP:
        stop(c, now_ms, todo);
        break;
    }
}

/* ---- time ---- */

static void tick_core(struct cluster *c, uint8_t i, int64_t now_ms, struct cluster_todo *todo)
{
    struct cluster_child *core = &c->cores[i];

    if (now_ms < core->at_ms) {
        return;
    }
    if (core->told) {
        core->at_ms = now_ms + CLUSTER_STOP_MS;
        todo->kill_cores |= (uint8_t)(1U << i);
    } else if (!core->runs && c->phase != CLUSTER_ENDING) {
        core->runs = true;
        core->since_ms = now_ms;
        core->at_ms = INT64_MAX;
        todo->start_cores |= (uint8_t)(1U << i);
    }
}

static bool wants_front(const struct cluster *c)
{
    return !c->rule.alone &&
           (c->phase == CLUSTER_SERVING || c->phase == CLUSTER_HALTED ||
            c->phase == CLUSTER_LEFT || (c->phase == CLUSTER_ENROLLING && c->rule.patient));
}

static void tick_front(struct cluster *c, int64_t now_ms, struct cluster_todo *todo)
{
    struct cluster_child *front = &c->front;

    if (now_ms < front->at_ms) {
        return;
    }
    if (front->told) {
        front->at_ms = now_ms + CLUSTER_STOP_MS;
        todo->kill_front = true;
    } else if (!front->runs && wants_front(c)) {
        front->runs = true;
        front->since_ms = now_ms;
        front->at_ms = INT64_MAX;
        todo->start_front = true;
    }
}

static void tick(struct cluster *c, int64_t now_ms, struct cluster_todo *todo)
{
    for (uint8_t i = 0; i < c->rule.total; i++) {
        tick_core(c, i, now_ms, todo);
    }
    tick_front(c, now_ms, todo);
    if (c->phase == CLUSTER_ENROLLING && !c->enrol.runs && now_ms >= c->enrol.at_ms) {
        todo->enrol = c->enrol.runs = true;
        c->enrol.since_ms = now_ms;
        c->enrol.at_ms = INT64_MAX;
    }
}

struct cluster_todo cluster_step(struct cluster *c, enum cluster_event ev, uint8_t core,
                                 int64_t now_ms)
{
    struct cluster_todo todo = {0};

    take(c, ev, core, now_ms, &todo);
    if (!todo.exit) {
        tick(c, now_ms, &todo);
    }
    return todo;
}

int64_t cluster_next_ms(const struct cluster *c)
{
    int64_t next = INT64_MAX;

    for (uint8_t i = 0; i < c->rule.total; i++) {
        const struct cluster_child *core = &c->cores[i];

        if ((core->told || c->phase != CLUSTER_ENDING) && core->at_ms < next) {
            next = core->at_ms;
        }
    }
    if ((c->front.told || wants_front(c)) && c->front.at_ms < next) {
        next = c->front.at_ms;
    }
    if (c->phase == CLUSTER_ENROLLING && c->enrol.at_ms < next) {
        next = c->enrol.at_ms;
    }
    return next;
}

void cluster_init(struct cluster *c, const struct cluster_rule *rule, int64_t now_ms)
{
    *c = (struct cluster){.rule = *rule, .phase = CLUSTER_ENROLLING};
    for (uint8_t i = 0; i < rule->total; i++) {
        c->cores[i].at_ms = now_ms;
    }
    c->front.at_ms = rule->patient ? now_ms : INT64_MAX;
    c->enrol.at_ms = now_ms;
}
