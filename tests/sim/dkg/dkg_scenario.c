/* What goes wrong in a history, drawn from its seed: faults alone as well as together. */
#include "dkg_world.h"

#define SOON_NS (150 * MS) /* an honest ceremony takes some 100 ms */

static unsigned random_set(struct dkg_world *w, unsigned size)
{
    unsigned mask = 0;

    while (size > 0) {
        const unsigned i = sim_below(&w->rng, DKG_NODES);

        size -= (mask >> i & 1) == 0;
        mask |= 1U << i;
    }
    return mask;
}

/* Either the network or the host, or none, or both. */
static void draw_weather(struct dkg_world *w)
{
    struct dkg_weather *const n = &w->weather;
    const unsigned dice = sim_below(&w->rng, 10);

    n->trip_max_ns = sim_in(&w->rng, MS / 5, 4 * MS);
    n->slow_max_ns = 3000 * MS;
    if (dice < 3) {
        n->slow = sim_below(&w->rng, 30);
        n->drop = sim_below(&w->rng, 6);
        n->duplicate = sim_below(&w->rng, 10);
        n->corrupt = sim_below(&w->rng, 4);
    }
    if (dice == 2 || dice == 3 || dice == 4) {
        n->m_hold = sim_below(&w->rng, 60);
        n->m_double = sim_below(&w->rng, 60);
        n->m_replay = sim_below(&w->rng, 60);
        n->m_drop = sim_below(&w->rng, 3);
        n->m_corrupt = sim_below(&w->rng, 4);
    }
}

/* At most N - T: as many as the epoch is made for. */
static void draw_liars(struct dkg_world *w)
{
    const unsigned dice = sim_below(&w->rng, 10);
    const unsigned liars = random_set(w, dice < 3 ? 0 : dice < 7 ? 1 : 2);

    for (unsigned i = 0; i < DKG_NODES; i++) {
        struct dkg_liar *const l = &w->boxes[i].liar;

        if ((liars >> i & 1) == 0 || i == w->planted) {
            continue;
        }
        l->lies = 1U << sim_below(&w->rng, DKG_LIES);
        if (sim_chance(&w->rng, 300)) {
            l->lies |= 1U << sim_below(&w->rng, DKG_LIES);
        }
        l->round = (uint8_t)(1 + sim_below(&w->rng, CEREMONY_TEST_RESPOND));
        if (l->round >= CEREMONY_ROUNDS && l->round < CEREMONY_TEST_COMMIT) {
            l->round = CEREMONY_COMMIT;
        }
        l->victims = (uint8_t)sim_in(&w->rng, 1, (1 << DKG_NODES) - 1);
        l->at = sim_below(&w->rng, 5000);
        DKG_TRACE(w, "   node %u lies: %#x in round %u, victims %#x", i + 1, l->lies, l->round,
                  l->victims);
    }
}

static void at(struct dkg_world *w, int64_t at_ns, enum sim_event_kind kind, unsigned node)
{
    const struct sim_event e = {.at_ns = at_ns, .kind = kind, .node = node};

    sim_events_add(&w->events, &e, (struct view){NULL, 0});
}

static void draw_crashes(struct dkg_world *w)
{
    const unsigned dice = sim_below(&w->rng, 100);
    const unsigned gone = random_set(w, dice < 75 ? 0 : dice < 92 ? 1 : 2);

    for (unsigned i = 0; i < DKG_NODES; i++) {
        if ((gone >> i & 1) != 0) {
            const int64_t when = sim_in(&w->rng, 0, SOON_NS);

            at(w, when, SIM_CRASH, i);
            at(w, when + sim_in(&w->rng, 10 * MS, 5 * SECOND), SIM_RECONNECT, i);
        }
    }
}

static void draw_trick(struct dkg_world *w)
{
    const unsigned dice = sim_below(&w->rng, 10);

    w->group = (uint8_t)sim_in(&w->rng, 1, (1 << DKG_NODES) - 1);
    sim_bytes(&w->rng, w->other_nonce, sizeof w->other_nonce);
    w->trick = dice < 6 ? DKG_HONEST : (enum dkg_trick)(dice - 5);
    if (w->trick == DKG_AGAIN) {
        for (unsigned i = 0; i < 4; i++) {
            const int64_t when = sim_in(&w->rng, 0, SOON_NS);

            at(w, when, SIM_ROGUE, sim_below(&w->rng, DKG_NODES));
        }
    }
    DKG_TRACE(w, "   the host's trick: %d, group %#x", (int)w->trick, w->group);
}

void dkg_scenario_draw(struct dkg_world *w)
{
    w->planted = w->too_long = DKG_NODES;
    if (w->options.plant != DKG_PLANT_NONE) {
        w->planted = sim_below(&w->rng, DKG_NODES);
        DKG_TRACE(w, "   node %u has the fault %s", w->planted + 1,
                  dkg_plant_names[w->options.plant]);
    }
    dkg_plant_in(w, w->options.plant, w->planted);
    draw_weather(w);
    draw_liars(w);
    draw_crashes(w);
    draw_trick(w);
    if (sim_chance(&w->rng, 80)) {
        const unsigned any = sim_below(&w->rng, DKG_NODES);

        w->too_long = w->planted < DKG_NODES ? w->planted : any;
    }
}

/* Liars are taken out, and what is down starts, each with other keys. */
void dkg_scenario_heal(struct dkg_world *w)
{
    DKG_TRACE(w, "   everything heals");
    w->weather = (struct dkg_weather){.trip_max_ns = MS};
    w->trick = DKG_HONEST;
    w->too_long = DKG_NODES;
    w->healed = true;
    sim_events_end(&w->events);
    w->pump_ns = INT64_MAX;
    for (unsigned i = 0; i < DKG_NODES; i++) {
        if (w->boxes[i].down || !dkg_is_honest(w, i)) {
            w->boxes[i].life++;
            dkg_box_start(w, i);
        }
    }
}
