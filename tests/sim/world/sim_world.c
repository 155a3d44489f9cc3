#include "sim_world.h"

#include <stdlib.h>

#define POLL_NS (250 * MS)
#define CLOCK_OFF_NS (MS - 1) /* of a clock that NTP keeps: less than its bound */

struct sim_world *sim_world_new(const struct sim_fixture *f)
{
    const struct tmldsa_params *const p = f->math->params;
    struct sim_world *const w = calloc(1, sizeof *w);

    sim_must(w != NULL);
    w->f = f;
    w->ask_max = quorum_run_ask_max(p) + FRAME_HEADER_LEN;
    w->change_max =
        quorum_run_room(p) + quorum_run_ask_max(p) + (size_t)STAMP_BATCH_MAX * R1_MAX_LEN;
    w->run_room = malloc(QUORUM_RUNS_MAX * quorum_run_room(p));
    w->ask_room = malloc(w->ask_max);
    w->change_room = malloc(w->change_max);
    for (unsigned i = 0; i < SIM_NODES; i++) {
        false_clock_init(&w->boxes[i].clock);
        w->boxes[i].node = sim_node_new(f, i, sim_level_pool);
    }
    return w;
}

void sim_world_free(struct sim_world *w)
{
    for (unsigned i = 0; i < SIM_NODES; i++) {
        sim_node_free(w->boxes[i].node);
    }
    free(w->run_room);
    free(w->ask_room);
    free(w->change_room);
    free(w);
}

void sim_at(struct sim_world *w, int64_t at_ns, enum sim_event_kind kind, unsigned node,
            int64_t arg)
{
    const struct sim_event e = {.at_ns = at_ns, .kind = kind, .node = node, .arg = arg};

    sim_events_add(&w->events, &e, (struct view){NULL, 0});
}

bool sim_is_honest(const struct sim_world *w, unsigned node)
{
    return w->boxes[node].lies == 0;
}

bool sim_is_able(const struct sim_world *w, unsigned node)
{
    const struct sim_box *const b = &w->boxes[node];

    return b->has_share && !b->is_down && b->lies == 0 && b->steps == 0;
}

bool sim_clock_is_right(const struct sim_world *w, unsigned node)
{
    const struct sim_box *const b = &w->boxes[node];
    const int64_t bound_ns = (int64_t)b->bound_us * 1000;

    return b->offset_ns <= bound_ns && b->offset_ns >= -bound_ns;
}

unsigned sim_shares(const struct sim_world *w)
{
    unsigned n = 0;

    for (unsigned i = 0; i < SIM_NODES; i++) {
        n += w->boxes[i].has_share;
    }
    return n;
}

static void begin_box(struct sim_world *w, unsigned node)
{
    struct sim_box *const b = &w->boxes[node];

    b->bound_us = (uint32_t)sim_in(&w->rng, 2000, 40000);
    b->offset_ns = sim_in(&w->rng, -CLOCK_OFF_NS, CLOCK_OFF_NS);
    b->boottime_ns = sim_in(&w->rng, 1, 1000) * SECOND;
    b->steps = 0;
    b->works = false;
    b->lies = 0;
    b->has_old_r1 = false;
    b->span_off_ns = 0;
    sim_box_start(w, node, true);
    sim_at(w, sim_in(&w->rng, 1, LIMIT_TICK_NS), SIM_TICK, node, 0);
}

void sim_world_begin(struct sim_world *w, const struct sim_options *options)
{
    w->options = *options;
    w->rng.state = options->seed;
    w->now_ns = 0;
    w->weather = (struct sim_weather){.trip_max_ns = MS};
    w->cut = 0;
    w->print = 0;
    w->clocks_agree = true;
    w->planted = SIM_NODES;
    plant_in(PLANT_NONE, SIM_NODES);
    sim_events_init(&w->events);
    sim_check_begin(&w->check);
    sim_rogue_begin(&w->rogue);
    for (unsigned i = 0; i < SIM_NODES; i++) {
        begin_box(w, i);
    }
    sim_front_begin(w);
    sim_at(w, POLL_NS, SIM_POLL, 0, 0);
    w->totals.histories++;
}

void sim_world_end(struct sim_world *w)
{
    w->totals.sessions += w->step.sessions;
    w->totals.hedges += atomic_exchange(&w->counters.hedges, 0);
    w->totals.print = (w->totals.print ^ w->print) * 0x9fb21c651e98df25;
    plant_in(PLANT_NONE, SIM_NODES);
    sim_rogue_end(&w->rogue);
    sim_events_end(&w->events);
}

/* ---- events ---- */

static void crash(struct sim_world *w, unsigned node)
{
    SIM_TRACE(w, "   node %u ends; its share is gone", node + 1);
    w->totals.crashes++;
    w->boxes[node].has_share = false;
    w->boxes[node].is_down = true;
    sim_front_connect(w, node, false);
}

static void reconnect(struct sim_world *w, unsigned node)
{
    if (w->boxes[node].is_down) {
        SIM_TRACE(w, "   node %u starts anew", node + 1);
        sim_box_start(w, node, false);
    }
    sim_front_connect(w, node, true);
}

static void step_clock(struct sim_world *w, unsigned node, int64_t by_ns)
{
    SIM_TRACE(w, "   the clock of node %u steps by %lld ms", node + 1, (long long)(by_ns / MS));
    w->boxes[node].offset_ns += by_ns;
    w->boxes[node].steps++;
}

static void cut(struct sim_world *w, unsigned mask)
{
    SIM_TRACE(w, "   cut off from the coordinator: mask %#x", mask);
    w->cut = mask;
}

static void happen(struct sim_world *w, const struct sim_event *e)
{
    switch (e->kind) {
    case SIM_TO_NODE:
        sim_box_take(w, e);
        break;
    case SIM_TO_HOST:
        sim_front_take(w, e);
        break;
    case SIM_TO_ROGUE:
        sim_rogue_take(w, e);
        break;
    case SIM_WORK:
        sim_box_work(w, e->node);
        break;
    case SIM_TICK:
        sim_box_tick(w, e->node);
        sim_at(w, w->now_ns + LIMIT_TICK_NS, SIM_TICK, e->node, 0);
        break;
    case SIM_PUMP:
        if (e->arg == w->pump_ns) {
            w->pump_ns = INT64_MAX;
            sim_front_pump(w);
        }
        break;
    case SIM_POLL:
        sim_front_poll(w);
        sim_at(w, w->now_ns + POLL_NS, SIM_POLL, 0, 0);
        break;
    case SIM_SUBMIT:
        sim_front_submit(w, (size_t)e->arg);
        break;
    case SIM_ROGUE:
        sim_rogue_go(w, (size_t)e->arg);
        break;
    case SIM_CRASH:
        crash(w, e->node);
        break;
    case SIM_RECONNECT:
        reconnect(w, e->node);
        break;
    case SIM_CUT:
        cut(w, (unsigned)e->arg);
        break;
    case SIM_STEP_CLOCK:
        step_clock(w, e->node, e->arg);
        break;
    }
}

void sim_world_run(struct sim_world *w, int64_t end_ns)
{
    while (w->check.broken == RULE_NONE && sim_events_next(&w->events) <= end_ns) {
        struct sim_event e = sim_events_take(&w->events);

        w->now_ns = e.at_ns;
        happen(w, &e);
        free(e.bytes);
    }
    if (w->check.broken == RULE_NONE) {
        w->now_ns = end_ns;
    }
}

/* ---- a whole history ---- */

static bool all_done(const struct sim_world *w)
{
    for (size_t i = 0; i < w->n_jobs; i++) {
        if (w->jobs[i].done == 0) {
            return false;
        }
    }
    return true;
}

/* Lets time go until every job has ended, and no longer than the last deadline allows. */
static void run_out(struct sim_world *w)
{
    int64_t last_ns = w->now_ns;

    for (size_t i = 0; i < w->n_jobs; i++) {
        const int64_t deadline_ns = w->jobs[i].job.deadline_ns;

        last_ns = deadline_ns > last_ns ? deadline_ns : last_ns;
    }
    while (w->check.broken == RULE_NONE && !all_done(w) && w->now_ns < last_ns) {
        const int64_t to_ns = w->now_ns + 10 * MS;

        sim_world_run(w, to_ns < last_ns ? to_ns : last_ns);
    }
    if (w->check.broken == RULE_NONE && !all_done(w)) {
        sim_check_break(w, RULE_DONE, SIM_NODES);
    }
}

/* I10: whatever happened, T able nodes serve again. */
static void prove_alive(struct sim_world *w)
{
    unsigned able = 0;
    size_t job;

    for (unsigned i = 0; i < SIM_NODES; i++) {
        able += sim_is_able(w, i);
    }
    if (w->check.broken != RULE_NONE || able < SIM_THRESHOLD || !w->clocks_agree) {
        return;
    }
    job = sim_front_job(w, SIM_POLICY_NEAR, SIM_PROOF_NS);
    sim_front_submit(w, job);
    run_out(w);
    if (w->check.broken == RULE_NONE && w->jobs[job].job.err != ERR_OK) {
        sim_check_break(w, RULE_LIVE, SIM_NODES);
    }
}

bool sim_history(struct sim_world *w, const struct sim_options *options)
{
    sim_world_begin(w, options);
    sim_scenario_draw(w);
    sim_world_run(w, SIM_HEAL_NS);
    sim_scenario_heal(w);
    sim_world_run(w, w->now_ns + SIM_SETTLE_NS);
    prove_alive(w);
    run_out(w);
    for (size_t i = 0; i < w->n_jobs; i++) {
        w->totals.served += w->jobs[i].done > 0 && w->jobs[i].job.err == ERR_OK;
    }
    sim_world_end(w);
    return w->check.broken == RULE_NONE;
}
