/* The attack matrix: what goes wrong, and how long a history of it is. */
#include "time_world.h"

#include <stdio.h>

#define NOW_S (INT64_C(1795000000)) /* 2026-11-18 */
#define TABLE "1435708800:36,1483228800:37@4102444800"
#define TABLE_INSERT "1435708800:36,1483228800:37,1798761600:38@4102444800"
#define TABLE_DELETE "1435708800:36,1483228800:37,1798761600:36@4102444800"
#define LEAP_S INT64_C(1798761600)  /* 2027-01-01 */
#define ERA_1_S INT64_C(2085978496) /* 2036-02-07T06:28:16Z */

static size_t servers_of(uint64_t seed)
{
    return seed % 2 == 0 ? 4 : 7;
}

static void begin(struct tw *w, uint64_t seed)
{
    tw_begin(w, seed, TABLE, (NOW_S + 37) * TW_S, servers_of(seed));
}

static int64_t either(struct tw *w, int64_t amount)
{
    return sim_chance(&w->rng, 500) ? amount : -amount;
}

/* One node or all of them, 30 to 200 s on. */
static void plan(struct tw *w, enum tw_event event, unsigned node, int64_t amount,
                 int64_t long_ns)
{
    w->plan = (struct tw_plan){.event = event,
                               .node = node,
                               .at_ns = w->tai_ns + sim_in(&w->rng, 30 * TW_S, 200 * TW_S),
                               .amount = amount,
                               .long_ns = long_ns};
}

static void set_calm(struct tw *w, uint64_t seed)
{
    begin(w, seed);
}

/* The longest delay that is not refused at once. */
static void delay_all(struct tw *w, int64_t extra_ns, bool at_times)
{
    for (size_t i = 0; i < TW_NODES; i++) {
        for (size_t j = 0; j < w->nodes[i].m; j++) {
            w->nodes[i].servers[j].extra_ns = extra_ns;
            w->nodes[i].servers[j].extra_at_times = at_times;
        }
    }
}

static void set_f_plus(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    delay_all(w, sim_in(&w->rng, 20 * TW_MS, 65 * TW_MS), true);
}

static void set_f_minus(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    delay_all(w, -sim_in(&w->rng, 20 * TW_MS, 65 * TW_MS), true);
}

static void make_bad(struct tw *w, size_t n, int64_t lie_ns)
{
    for (size_t i = 0; i < n; i++) {
        unsigned at;

        do {
            at = sim_below(&w->rng, TW_NODES);
        } while (w->nodes[at].bad);
        w->nodes[at].bad = true;
        w->nodes[at].lie_ns = lie_ns;
    }
}

static void set_fast_node(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    make_bad(w, 1, sim_in(&w->rng, 10 * TW_MS, 2 * TW_S));
}

static void set_colluders(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    make_bad(w, 2, either(w, TW_S));
}

static void set_any_liars(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    make_bad(w, 2, 0);
}

static void set_replay(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    w->replays = true;
    make_bad(w, sim_below(&w->rng, 3), 0);
}

static void set_cut_off(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    w->end_ns = w->tai_ns + 5400 * TW_S;
    w->pause_ns = 120 * TW_S;
    plan(w, TW_CUT, TW_NODES, 0, 3600 * TW_S);
    w->plan.at_ns = w->tai_ns + 1200 * TW_S;
}

/* The same servers lie to all nodes. */
static void lying_servers(struct tw *w, size_t n, int64_t lie_ns)
{
    for (size_t i = 0; i < TW_NODES; i++) {
        for (size_t j = 0; j < n; j++) {
            w->nodes[i].servers[j].lie_ns = lie_ns;
        }
    }
}

static void set_one_server(struct tw *w, uint64_t seed)
{
    tw_begin(w, seed, TABLE, (NOW_S + 37) * TW_S, 4);
    lying_servers(w, 1, either(w, sim_in(&w->rng, 400 * TW_MS, 5 * TW_S)));
}

static void set_two_servers(struct tw *w, uint64_t seed)
{
    tw_begin(w, seed, TABLE, (NOW_S + 37) * TW_S, 7);
    lying_servers(w, 2, either(w, sim_in(&w->rng, 400 * TW_MS, 5 * TW_S)));
}

/* So little that it still meets the others. */
static void set_near_servers(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    lying_servers(w, (w->nodes[0].m - 1) / 3, either(w, sim_in(&w->rng, TW_MS, 40 * TW_MS)));
}

static void set_one_way(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    delay_all(w, either(w, 50 * TW_MS), false);
}

static void set_held_back(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    w->held_ns = sim_chance(&w->rng, 500) ? 800 * TW_MS : 10 * TW_S;
    make_bad(w, sim_below(&w->rng, 3), 0);
}

static void set_rate(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    plan(w, TW_RATE, sim_below(&w->rng, TW_NODES + 1), either(w, 10000000), 60 * TW_S);
}

static void set_jump(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    plan(w, TW_JUMP, sim_below(&w->rng, TW_NODES + 1), either(w, TW_S), 0);
}

static void set_pause(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    plan(w, TW_PAUSE, sim_below(&w->rng, TW_NODES), (int64_t)sim_below(&w->rng, 3), 10 * TW_S);
}

/* All of its servers lie to one node, which does not lie itself. */
static void set_misled(struct tw *w, uint64_t seed)
{
    struct tw_node *n;

    begin(w, seed);
    n = &w->nodes[sim_below(&w->rng, TW_NODES)];
    n->misled = true;
    for (size_t j = 0; j < n->m; j++) {
        n->servers[j].lie_ns = either(w, sim_in(&w->rng, 600 * TW_MS, 5 * TW_S));
        n->servers[j].lie_ns = n->servers[0].lie_ns;
    }
}

/* Probes do not pass for a minute: no quorum knows of itself. */
static void set_mute(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    make_bad(w, sim_below(&w->rng, 3), 0);
    w->pause_ns = 4 * TW_S;
    plan(w, TW_MUTE, 0, 0, 60 * TW_S);
}

/* A core begins anew, or all of them one after the other's word is gone. */
static void set_anew(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    w->pause_ns = 2 * TW_S;
    delay_all(w, either(w, sim_in(&w->rng, 0, 60 * TW_MS)), true);
    make_bad(w, sim_below(&w->rng, 2), 0);
    plan(w, TW_ANEW, sim_below(&w->rng, TW_NODES), 0, 0);
}

/* Tokens soon after one another, and two liars who set genTime where they can. */
static void set_ordering(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    w->t = TW_ORDERING;
    w->policy.rule.ordering = true;
    w->policy.rule.digits = 3;
    w->pause_ns = 400 * TW_MS;
    w->held_ns = 100 * TW_MS;
    make_bad(w, 2, 0);
}

/* The same where so many sign as for other policies: no core would start with it. */
static void set_ordering_of_three(struct tw *w, uint64_t seed)
{
    set_ordering(w, seed);
    w->t = TW_THRESHOLD;
    w->shows_disorder = true;
}

static void set_leap(struct tw *w, uint64_t seed, const char *table)
{
    tw_begin(w, seed, table, (LEAP_S + 37 - 120) * TW_S, servers_of(seed));
    w->pause_ns = 2 * TW_S;
    make_bad(w, sim_below(&w->rng, 3), 0);
}

static void set_insert(struct tw *w, uint64_t seed)
{
    set_leap(w, seed, TABLE_INSERT);
}

static void set_delete(struct tw *w, uint64_t seed)
{
    set_leap(w, seed, TABLE_DELETE);
}

/* A table that had expired, and a leap second that it does not have. */
static void set_old_table(struct tw *w, uint64_t seed)
{
    struct leap_table old;

    set_leap(w, seed, seed % 4 < 2 ? TABLE_INSERT : TABLE_DELETE);
    if (leap_table_parse("1483228800:37@1782604800", &old) == ERR_OK) {
        for (size_t i = 0; i < TW_NODES; i++) {
            w->nodes[i].keeper.leaps = old;
        }
    }
}

static void set_era(struct tw *w, uint64_t seed)
{
    tw_begin(w, seed, TABLE, (ERA_1_S + 37 - 120) * TW_S, servers_of(seed));
    w->pause_ns = 2 * TW_S;
}

static void set_soak(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    w->end_ns = w->tai_ns + 86400 * TW_S;
    w->tick_ns = TW_S;
    w->pause_ns = 600 * TW_S;
}

/* All that may be wrong at once, and is within the promise. */
static void set_all(struct tw *w, uint64_t seed)
{
    begin(w, seed);
    make_bad(w, 2, sim_chance(&w->rng, 500) ? 0 : either(w, sim_in(&w->rng, 0, TW_S)));
    lying_servers(w, (w->nodes[0].m - 1) / 3, either(w, sim_in(&w->rng, TW_MS, 2 * TW_S)));
    delay_all(w, either(w, sim_in(&w->rng, 0, 60 * TW_MS)), sim_chance(&w->rng, 500));
    w->held_ns = sim_in(&w->rng, 50 * TW_MS, 2 * TW_S);
    w->replays = sim_chance(&w->rng, 300);
    switch (sim_below(&w->rng, 4)) {
    case 0:
        plan(w, TW_RATE, sim_below(&w->rng, TW_NODES + 1), either(w, 10000000), 60 * TW_S);
        break;
    case 1:
        plan(w, TW_JUMP, sim_below(&w->rng, TW_NODES + 1), either(w, TW_S), 0);
        break;
    case 2:
        plan(w, TW_PAUSE, sim_below(&w->rng, TW_NODES), (int64_t)sim_below(&w->rng, 2),
             10 * TW_S);
        break;
    default:
        plan(w, TW_CUT, sim_below(&w->rng, TW_NODES + 1), 0, 100 * TW_S);
        break;
    }
}

const struct tw_scenario tw_scenarios[] = {
    {"calm", set_calm, false, false, 1},
    {"F+", set_f_plus, true, false, 1},
    {"F-", set_f_minus, true, false, 1},
    {"fast node", set_fast_node, true, false, 1},
    {"two colluders at +-1 s", set_colluders, true, false, 1},
    {"two liars", set_any_liars, false, false, 1},
    {"replay", set_replay, false, false, 1},
    {"cut off for an hour", set_cut_off, false, false, 20},
    {"one lying server of four", set_one_server, true, false, 1},
    {"two lying servers of seven", set_two_servers, true, false, 1},
    {"lying servers nearby", set_near_servers, false, false, 1},
    {"50 ms one way", set_one_way, true, false, 1},
    {"R2 held back", set_held_back, false, false, 1},
    {"rate +-1 %", set_rate, true, false, 1},
    {"jump +-1 s", set_jump, true, false, 1},
    {"pause 10 s", set_pause, false, false, 1},
    {"one node misled", set_misled, true, false, 1},
    {"no probe passes", set_mute, false, false, 1},
    {"a core begins anew", set_anew, false, false, 1},
    {"ordering, four of five", set_ordering, false, false, 4},
    {"ordering, three of five", set_ordering_of_three, false, true, 4},
    {"leap second inserted", set_insert, false, false, 1},
    {"leap second left out", set_delete, false, false, 1},
    {"leap second, expired table", set_old_table, false, false, 1},
    {"era rollover", set_era, false, false, 1},
    {"24 h soak", set_soak, false, false, 400},
    {"all at once", set_all, true, false, 1},
};
const size_t tw_n_scenarios = sizeof tw_scenarios / sizeof tw_scenarios[0];

bool tw_history(struct tw *w, const struct tw_scenario *s, uint64_t seed,
                struct tw_totals *totals)
{
    w->totals = totals;
    s->set(w, seed);
    if (w->triad_on) {
        triad_begin(w);
    }
    while (w->tai_ns < w->end_ns && w->broken == NULL) {
        tw_to(w, w->tai_ns + sim_in(&w->rng, 10 * TW_MS, w->pause_ns));
        tw_stamp(w);
        if (w->triad_on) {
            triad_check(w);
        }
    }
    totals->histories++;
    totals->triad_histories += w->triad_failed;
    for (size_t i = 0; i < TW_NODES; i++) {
        const struct tw_node *const n = &w->nodes[i];

        totals->nodes += !n->bad;
        totals->ready += !n->bad && n->now.reason == TIME_HOLDS;
        if (!n->bad && n->now.reason == TIME_HOLDS && n->now.half_ns > totals->worst_half_ns) {
            totals->worst_half_ns = n->now.half_ns;
        }
    }
    return w->broken == NULL;
}
