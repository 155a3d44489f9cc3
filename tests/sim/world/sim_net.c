/* The network: every frame is a piece of its own, so order is kept only by chance. */
#include "sim_world.h"

#include <stdlib.h>

static int64_t trip(struct sim_world *w)
{
    int64_t ns = sim_in(&w->rng, 50000, w->weather.trip_max_ns);

    if (sim_chance(&w->rng, w->weather.slow)) {
        ns += sim_in(&w->rng, 5 * MS, w->weather.slow_max_ns);
    }
    return ns;
}

/* Up to three bytes become others. */
static void corrupt(struct sim_world *w, struct sim_event *last, struct view frame)
{
    uint8_t *const copy = malloc(frame.n);
    const unsigned changes = 1 + sim_below(&w->rng, 3);

    if (copy == NULL) {
        abort();
    }
    memcpy(copy, frame.p, frame.n);
    for (unsigned i = 0; i < changes; i++) {
        sim_flip(&w->rng, copy, frame.n);
    }
    SIM_TRACE(w, "      the network changes a frame");
    sim_events_add(&w->events, last, (struct view){copy, frame.n});
    free(copy);
}

static void send_one(struct sim_world *w, struct sim_event *e, struct view frame)
{
    e->at_ns = w->now_ns + trip(w);
    w->totals.frames++;
    w->print = (w->print ^ sim_check_print(frame)) * 0x9fb21c651e98df25 + (uint64_t)e->at_ns;
    if (sim_chance(&w->rng, w->weather.corrupt)) {
        corrupt(w, e, frame);
    } else {
        sim_events_add(&w->events, e, frame);
    }
}

static void send(struct sim_world *w, struct sim_event *e, struct view frame)
{
    if (e->lane == SIM_LANE_FRONT && (w->cut >> e->node & 1) != 0) {
        return;
    }
    if (sim_chance(&w->rng, w->weather.drop)) {
        SIM_TRACE(w, "      the network drops a frame");
        return;
    }
    send_one(w, e, frame);
    if (sim_chance(&w->rng, w->weather.duplicate)) {
        SIM_TRACE(w, "      the network doubles a frame");
        send_one(w, e, frame);
    }
}

void sim_net_to_node(struct sim_world *w, uint32_t lane, unsigned node, struct view frame)
{
    struct sim_event e = {
        .kind = SIM_TO_NODE, .node = node, .lane = lane, .arg = w->links[node].number};

    if (lane == SIM_LANE_FRONT) {
        sim_rogue_see(w, node, frame);
    }
    send(w, &e, frame);
}

void sim_net_from_node(struct sim_world *w, uint32_t lane, unsigned node, int64_t connection,
                       struct view frame)
{
    struct sim_event e = {.kind = lane == SIM_LANE_FRONT ? SIM_TO_HOST : SIM_TO_ROGUE,
                          .node = node,
                          .lane = lane,
                          .arg = connection};

    if (lane == SIM_LANE_FRONT) {
        sim_rogue_see(w, node, frame);
    }
    send(w, &e, frame);
}
