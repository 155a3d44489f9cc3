#include "time_world.h"

#include <stdio.h>
#include <stdlib.h>

#define POLL_NS (16 * TW_S)
#define FIRST_POLL_NS (2 * TW_S)
#define FIRST_POLLS 4
#define WANDER_PPB 7000 /* to each side: within CLOCK_WANDER_PPB of any mean */
#define BOUND_NS (498 * TW_MS)
#define ERA_S UINT64_C(2208988800)

struct tw *tw_new(void)
{
    struct tw *const w = calloc(1, sizeof *w);

    if (w != NULL) {
        w->r1 = calloc(TW_NODES, sizeof *w->r1);
    }
    if (w == NULL || w->r1 == NULL) {
        abort();
    }
    for (size_t i = 0; i < TW_NODES; i++) {
        r1_table_init(&w->r1[i]);
    }
    return w;
}

void tw_free(struct tw *w)
{
    free(w->r1);
    free(w);
}

/* Nothing is known; leaps is the keeper's own, or another. */
static void start_core(struct tw_node *n, unsigned i, const struct leap_table *leaps)
{
    const struct leap_table table = *leaps;

    (void)r1_table_void(n->r1);
    time_keeper_init(&n->keeper, &table, BOUND_NS, TW_S);
    peer_view_init(&n->peers, (uint8_t)(i + 1), TW_THRESHOLD, TW_NODES);
    n->learned = false;
    n->ordered_ms = 0;
    n->own = (struct own_time){.err = ERR_TIME};
}

static void begin_node(struct tw *w, unsigned i, size_t m)
{
    struct tw_node *const n = &w->nodes[i];

    *n = (struct tw_node){.m = m};
    n->r1 = &w->r1[i];
    start_core(n, i, &w->truth);
    n->counter_ns = sim_in(&w->rng, TW_S, 1000000 * TW_S);
    n->second_ns = n->counter_ns + sim_in(&w->rng, 0, 1000 * TW_S);
    n->rate_ppb = sim_in(&w->rng, -150000, 150000);
    n->slew_ppb = sim_in(&w->rng, -500000, 500000);
    n->sample_ns = w->tai_ns + sim_in(&w->rng, 0, TW_S);
    for (size_t j = 0; j < m; j++) {
        n->servers[j].out_ns = sim_in(&w->rng, 100000, 15 * TW_MS);
        n->servers[j].back_ns = sim_in(&w->rng, 100000, 15 * TW_MS);
    }
}

void tw_begin(struct tw *w, uint64_t seed, const char *leaps, int64_t tai_ns, size_t m)
{
    struct r1_table *const r1 = w->r1;
    struct tw_totals *const totals = w->totals;
    const bool triad_on = w->triad_on;

    *w = (struct tw){.r1 = r1, .totals = totals, .triad_on = triad_on};
    w->rng.state = seed;
    if (leap_table_parse(leaps, &w->truth) != ERR_OK) {
        abort();
    }
    w->tai_ns = tai_ns;
    w->end_ns = tai_ns + 300 * TW_S;
    w->tick_ns = 250 * TW_MS;
    w->held_ns = 255 * TW_MS;
    w->pause_ns = 10 * TW_S;
    w->t = TW_THRESHOLD;
    w->policy = (struct boot_policy){.number = 1,
                                     .key = KEY_CLASSIC,
                                     .rule = {.digits = (uint8_t)(1 + sim_below(&w->rng, 3)),
                                              .min_accuracy_ms = 100,
                                              .max_accuracy_ms = 1000}};
    for (unsigned i = 0; i < TW_NODES; i++) {
        begin_node(w, i, m);
    }
}

int64_t tw_utc(const struct tw *w, int64_t tai_ns)
{
    int64_t utc_ns;

    return leap_to_utc(&w->truth, tai_ns, &utc_ns) == ERR_OK ? utc_ns : 0;
}

/* ---- clocks ---- */

static void pass(struct tw *w, struct tw_node *n, int64_t ns)
{
    const int64_t rate = n->rate_ppb + n->wander_ppb;

    n->wander_ppb += sim_in(&w->rng, -20, 20);
    if (n->wander_ppb > WANDER_PPB || n->wander_ppb < -WANDER_PPB) {
        n->wander_ppb = n->wander_ppb > 0 ? WANDER_PPB : -WANDER_PPB;
    }
    if (!n->counter_stopped) {
        n->counter_ns += ns + clock_share_down(ns, rate + n->attack_ppb);
    }
    if (!n->second_stopped) {
        n->second_ns += ns + clock_share_down(ns, rate + n->slew_ppb);
    }
}

void tw_read(struct tw *w, struct tw_node *n)
{
    /* The two are not read at one moment; nor does the later one go back for that. */
    const int64_t read_ns = n->second_ns + sim_in(&w->rng, 0, WATCH_PAIR_NS / 2);
    const int64_t second_ns = read_ns < n->latest_ns && n->latest_ns - read_ns < WATCH_PAIR_NS
                                  ? n->latest_ns
                                  : read_ns;

    n->latest_ns = second_ns;
    time_keeper_read(&n->keeper, n->counter_ns, second_ns, &n->now);
    n->own = (struct own_time){.mono_ns = second_ns,
                               .err = n->now.reason == TIME_HOLDS ? ERR_OK : ERR_TIME,
                               .stepped = n->now.event != TIME_EVENT_NONE,
                               .lo_ns = n->now.lo_ns,
                               .hi_ns = n->now.hi_ns};
    if (n->own.stepped) {
        (void)r1_table_void(n->r1);
    }
}

/* ---- servers ---- */

static uint64_t ntp_stamp(int64_t utc_ns)
{
    const uint64_t s = (uint64_t)(utc_ns / TW_S) + ERA_S;

    return s << 32 | ((uint64_t)(utc_ns % TW_S) << 32) / (uint64_t)TW_S;
}

/* One question, whose answer is here now. False: there is none that can be used. */
static bool ask(struct tw *w, struct tw_node *n, const struct tw_server *s,
                struct nts_span *span, int64_t *since_ns)
{
    struct ntp_header h = {.version = 4, .mode = 4, .stratum = 1, .precision = -20};
    int64_t out = sim_in(&w->rng, 10000, s->out_ns);
    int64_t back = sim_in(&w->rng, 10000, s->back_ns);
    struct nts_bound b;
    int64_t way;

    if (!s->extra_at_times || sim_chance(&w->rng, 500)) {
        out += s->extra_ns > 0 ? s->extra_ns : 0;
        back += s->extra_ns < 0 ? -s->extra_ns : 0;
    }
    way =
        out + back + clock_share_down(out + back, n->rate_ppb + n->wander_ppb + n->attack_ppb);
    h.receive = ntp_stamp(tw_utc(w, w->tai_ns - back) + s->lie_ns);
    h.transmit = h.receive;
    *since_ns = n->counter_ns - way;
    if (nts_bound_of(&h, n->counter_ns - way, n->counter_ns, &b) != ERR_OK ||
        leap_to_tai(&n->keeper.leaps, b.utc_ns - b.below_ns, &span->lo_ns) != ERR_OK ||
        leap_to_tai(&n->keeper.leaps, b.utc_ns + b.above_ns, &span->hi_ns) != ERR_OK) {
        return false;
    }
    span->counter_ns = b.counter_ns;
    span->delay_ns = b.delay_ns;
    return true;
}

static void take_sample(struct tw *w, struct tw_node *n)
{
    const int leap = leap_table_today(&w->truth, w->tai_ns);
    struct nts_span spans[TW_SERVERS_MAX];
    struct time_sample s = {.seq = ++n->seq,
                            .counter_ns = n->counter_ns,
                            .since_ns = n->counter_ns,
                            .sources = (uint8_t)n->m,
                            .quota = (uint8_t)nts_quota(n->m)};
    size_t got = 0;
    size_t agreeing = 0;
    int64_t moved_ns;

    for (size_t j = 0; j < n->m; j++) {
        int64_t since_ns = 0;

        if (!n->cut && ask(w, n, &n->servers[j], &spans[got], &since_ns)) {
            s.since_ns = since_ns < s.since_ns ? since_ns : s.since_ns;
            got++;
        }
    }
    s.leap = leap > 0 ? TIME_LEAP_INSERT : leap < 0 ? TIME_LEAP_DELETE : TIME_LEAP_NONE;
    if (nts_majority(spans, got, s.quota, &s.lo_ns, &s.hi_ns, &agreeing) != ERR_OK) {
        s.leap = TIME_LEAP_UNKNOWN;
    }
    s.agreeing = (uint8_t)agreeing;
    (void)time_keeper_take(&n->keeper, &s, &moved_ns);
    if (w->replays) {
        (void)time_keeper_take(&n->keeper, &w->old_sample, &moved_ns);
        if (sim_chance(&w->rng, 200) && time_sample_holds(&s)) {
            w->old_sample = s;
        }
    }
}

static void poll(struct tw *w, struct tw_node *n)
{
    if (w->tai_ns < n->sample_ns) {
        return;
    }
    take_sample(w, n);
    n->sample_ns = w->tai_ns + (++n->polls < FIRST_POLLS ? FIRST_POLL_NS : POLL_NS);
}

/* ---- what an attacker does ---- */

static void act(struct tw *w, unsigned i, bool begin)
{
    struct tw_node *const n = &w->nodes[i];
    const int64_t amount = w->plan.amount;

    switch (w->plan.event) {
    case TW_NONE:
        break;
    case TW_JUMP:
        n->counter_ns += begin ? amount : 0;
        break;
    case TW_RATE:
        n->attack_ppb = begin ? amount : 0;
        break;
    case TW_PAUSE:
        n->paused = begin;
        n->counter_stopped = begin && amount >= 1;
        n->second_stopped = begin && amount == 2;
        break;
    case TW_CUT:
        n->cut = begin;
        break;
    case TW_MUTE:
        w->mute = begin;
        break;
    case TW_ANEW:
        if (begin) {
            start_core(n, i, &n->keeper.leaps);
            n->polls = 0;
            n->seq = 0;
            n->sample_ns = w->tai_ns;
        }
        break;
    }
}

static void follow_plan(struct tw *w)
{
    struct tw_plan *const p = &w->plan;
    const bool begin = !p->begun && w->tai_ns >= p->at_ns;
    const bool end = p->begun && !p->ended && w->tai_ns >= p->at_ns + p->long_ns;

    if (p->event == TW_NONE || (!begin && !end)) {
        return;
    }
    for (unsigned i = 0; i < TW_NODES; i++) {
        if (i == p->node || p->node == TW_NODES) {
            act(w, i, begin);
        }
    }
    p->begun = true;
    p->ended = end;
}

void tw_to(struct tw *w, int64_t tai_ns)
{
    while (w->tai_ns < tai_ns) {
        const int64_t left = tai_ns - w->tai_ns;
        const int64_t step = left < w->tick_ns ? left : w->tick_ns;
        const bool second = w->tai_ns / TW_S != (w->tai_ns + step) / TW_S;

        w->tai_ns += step;
        for (size_t i = 0; i < TW_NODES; i++) {
            pass(w, &w->nodes[i], step);
        }
        follow_plan(w);
        for (size_t i = 0; i < TW_NODES; i++) {
            if (!w->nodes[i].paused) {
                tw_read(w, &w->nodes[i]);
                poll(w, &w->nodes[i]);
            }
        }
        tw_probe(w);
        if (w->triad_on && second) {
            triad_tick(w);
        }
    }
}
