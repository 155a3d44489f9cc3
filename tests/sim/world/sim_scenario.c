/* What goes wrong in a history, drawn from its seed. A third of all histories has a good
 * network, half have no liar: faults are to be seen alone as well as together. */
#include "sim_world.h"

static unsigned random_set(struct sim_world *w, unsigned size)
{
    unsigned mask = 0;

    while (size > 0) {
        const unsigned i = sim_below(&w->rng, SIM_NODES);

        size -= (mask >> i & 1) == 0;
        mask |= 1U << i;
    }
    return mask;
}

static void draw_weather(struct sim_world *w)
{
    struct sim_weather *const n = &w->weather;

    n->trip_max_ns = sim_in(&w->rng, MS / 5, 4 * MS);
    n->slow_max_ns = 400 * MS;
    if (sim_chance(&w->rng, 350)) {
        return;
    }
    n->drop = sim_below(&w->rng, 50);
    n->duplicate = sim_below(&w->rng, 60);
    n->corrupt = sim_below(&w->rng, 30);
    n->slow = sim_below(&w->rng, 60);
}

/* At most N - T: as many as the epoch is made for. */
static void draw_liars(struct sim_world *w)
{
    const unsigned dice = sim_below(&w->rng, 10);
    const unsigned liars = random_set(w, dice < 5 ? 0 : dice < 8 ? 1 : 2);

    for (unsigned i = 0; i < SIM_NODES; i++) {
        if ((liars >> i & 1) != 0 && i != w->planted) {
            w->boxes[i].lies = 1U << sim_below(&w->rng, 10);
            w->boxes[i].lies |=
                (unsigned)sim_next(&w->rng) & (unsigned)sim_next(&w->rng) & LIE_ALL;
            SIM_TRACE(w, "   node %u lies: %#x", i + 1, w->boxes[i].lies);
        }
    }
}

static void draw_crashes(struct sim_world *w)
{
    const unsigned dice = sim_below(&w->rng, 100);
    const unsigned gone = random_set(w, dice < 60 ? 0 : dice < 85 ? 1 : dice < 95 ? 2 : 3);

    for (unsigned i = 0; i < SIM_NODES; i++) {
        if ((gone >> i & 1) != 0) {
            sim_at(w, sim_in(&w->rng, 0, 500 * MS), SIM_CRASH, i, 0);
        }
    }
}

static void draw_cuts(struct sim_world *w)
{
    int64_t at_ns = sim_in(&w->rng, 0, 300 * MS);

    if (sim_chance(&w->rng, 200)) {
        sim_at(w, at_ns, SIM_CUT, 0, sim_in(&w->rng, 1, (1 << SIM_NODES) - 1));
        at_ns += sim_in(&w->rng, 20 * MS, 300 * MS);
        sim_at(w, at_ns, SIM_CUT, 0, 0);
    }
}

static void draw_steps(struct sim_world *w)
{
    if (sim_chance(&w->rng, 150)) {
        const int64_t by_ns = sim_in(&w->rng, 150 * MS, 5 * SECOND);
        const bool ahead = sim_chance(&w->rng, 500);
        const unsigned node = sim_below(&w->rng, SIM_NODES);

        sim_at(w, sim_in(&w->rng, 0, 500 * MS), SIM_STEP_CLOCK, node, ahead ? by_ns : -by_ns);
    }
}

/* Clocks that are as wrong as their bounds allow. A node with a narrow span then refuses what
 * two others with wide ones hold to be the time, and is right to: no rule makes them serve. */
static void draw_clocks(struct sim_world *w)
{
    if (sim_chance(&w->rng, 200)) {
        w->clocks_agree = false;
        for (unsigned i = 0; i < SIM_NODES; i++) {
            struct sim_box *const b = &w->boxes[i];

            b->offset_ns = sim_in(&w->rng, -(int64_t)b->bound_us, b->bound_us) * 1000;
        }
    }
}

static void draw_jobs(struct sim_world *w)
{
    const unsigned n = 1 + sim_below(&w->rng, 3);

    for (unsigned i = 0; i < n; i++) {
        const uint8_t policy = sim_chance(&w->rng, 700) ? SIM_POLICY_NEAR : SIM_POLICY_WIDE;
        const size_t job = sim_front_job(w, policy, sim_in(&w->rng, 100 * MS, 1000 * MS));

        sim_at(w, sim_in(&w->rng, 10 * MS, 350 * MS), SIM_SUBMIT, 0, (int64_t)job);
    }
}

/* Around the life of an R1, or anything. */
static int64_t draw_hold(struct sim_world *w)
{
    static const int64_t holds_ns[] = {249 * MS, 251 * MS, 260 * MS, 290 * MS};
    const unsigned i = sim_below(&w->rng, 6);

    return i < 4 ? holds_ns[i] : sim_in(&w->rng, 0, 400 * MS);
}

static void draw_rogue(struct sim_world *w)
{
    const unsigned n = sim_below(&w->rng, SIM_ROGUE_SESSIONS + 1);

    for (unsigned i = 0; i < n; i++) {
        const enum sim_trick trick = (enum sim_trick)sim_below(&w->rng, TRICK_COUNT);
        const unsigned act = random_set(w, SIM_THRESHOLD);
        const uint8_t policy = sim_chance(&w->rng, 500) ? SIM_POLICY_NEAR : SIM_POLICY_WIDE;

        const size_t session =
            sim_rogue_open(w, trick, act, sim_below(&w->rng, SIM_THRESHOLD), policy);

        if (trick == TRICK_HOLD) {
            w->rogue.sessions[session].hold_ns = draw_hold(w);
        }
        sim_at(w, sim_in(&w->rng, 10 * MS, 350 * MS), SIM_ROGUE, 0, (int64_t)session);
    }
}

void sim_scenario_draw(struct sim_world *w)
{
    if (w->options.plant != PLANT_NONE) {
        w->planted = sim_below(&w->rng, SIM_NODES);
        plant_in(w->options.plant, w->planted);
        SIM_TRACE(w, "   node %u has the fault %s", w->planted + 1,
                  plant_names[w->options.plant]);
    }
    draw_weather(w);
    draw_liars(w);
    draw_crashes(w);
    draw_cuts(w);
    draw_clocks(w);
    draw_steps(w);
    draw_jobs(w);
    draw_rogue(w);
}

void sim_scenario_heal(struct sim_world *w)
{
    SIM_TRACE(w, "   everything heals; liars stay liars");
    w->weather = (struct sim_weather){.trip_max_ns = MS};
    w->cut = 0;
}
