#include "dkg_world.h"

#include "enclave/core/core_quorum.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CHAOS_RUNS 2     /* so often the ceremony is run while things go wrong */
#define CHAOS_ATTEMPTS 2 /* and so many attempts each */

static void *room_for(size_t n)
{
    void *const p = aligned_alloc(4096, (n + 4095) / 4096 * 4096);

    sim_must(p != NULL);
    memset(p, 0, n);
    return p;
}

static enum err fill_entropy(void *self, uint8_t *out, size_t n)
{
    struct dkg_world *const w = self;

    sim_bytes(&w->rng, out, n);
    return ERR_OK;
}

static void make_signer(struct dkg_world *w, uint64_t seed)
{
    uint8_t bytes[DRBG_SEED_LEN] = {0};

    memcpy(bytes, &seed, sizeof seed);
    dkg_level_begin(seed);
    sim_must(p384_signer_init(w->signer_pages, bytes, &w->signer) == ERR_OK);
}

static void make_keys(struct dkg_world *w)
{
    uint8_t seed[ED25519_SEED_LEN] = {0};

    make_signer(w, 77);
    for (uint8_t i = 0; i < DKG_NODES; i++) {
        for (uint8_t life = 0; life < DKG_LIVES; life++) {
            seed[0] = (uint8_t)(i + 1);
            seed[1] = life;
            sim_must(identity_make(w->signer, &w->work->stack, seed, &w->identities[i][life]) ==
                     ERR_OK);
        }
        sim_must(p384_key_generate(w->signer, &w->classic[i]) == ERR_OK);
    }
}

struct dkg_world *dkg_world_new(void)
{
    static const char *const policies[] = {"1,classic,1.2.3,3,100,1000",
                                           "2,pq,1.2.4,3,100,1000"};
    struct dkg_world *const w = room_for(sizeof *w);

    w->args = (struct boot_args){.clock = CLOCK_KERNEL, .idle_ms = 30000, .member = true};
    for (size_t i = 0; i < 2; i++) {
        sim_must(boot_policy_parse(policies[i], &w->args.policies[w->args.n_policies++]) ==
                 ERR_OK);
    }
    w->entropy = (struct entropy_source){fill_entropy, w};
    w->signer_pages = room_for(p384_signer_size());
    w->work = room_for(sizeof *w->work);
    pq1_work_init(w->work);
    w->record = room_for(sizeof *w->record);
    w->scratch = room_for(sizeof *w->scratch);
    w->ask_room = room_for(LIMIT_FRAME_LONG);
    w->answer_room = room_for(LIMIT_FRAME_LONG);
    w->change_room = room_for(LIMIT_FRAME_LONG);
    w->boxes = room_for(DKG_NODES * sizeof *w->boxes);
    make_keys(w);
    for (size_t i = 0; i < DKG_NODES; i++) {
        w->boxes[i].memory = room_for(core_member_size());
        pq_worker_init(&w->boxes[i].worker);
    }
    return w;
}

void dkg_world_free(struct dkg_world *w)
{
    for (size_t i = 0; i < DKG_NODES; i++) {
        free(w->boxes[i].memory);
    }
    relay_free(w->relay);
    free(w->boxes);
    free(w->signer_pages);
    free(w->work);
    free(w->record);
    free(w->scratch);
    free(w->ask_room);
    free(w->answer_room);
    free(w->change_room);
    free(w);
}

void dkg_trace(const struct dkg_world *w, const char *format, ...)
{
    va_list args;

    printf("%9.3f ms ", (double)w->now_ns / 1e6);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

/* ---- events ---- */

static void crash(struct dkg_world *w, unsigned node)
{
    DKG_TRACE(w, "   node %u ends", node + 1);
    w->totals.crashes++;
    w->boxes[node].down = true;
    w->links[node].number++;
    if (w->links[node].request != 0 && w->relay != NULL) {
        w->links[node].request = 0;
        relay_lost(w->relay, (uint8_t)node, ERR_IO, w->now_ns / MS);
    }
}

static void restart(struct dkg_world *w, unsigned node)
{
    if (w->boxes[node].down) {
        DKG_TRACE(w, "   node %u starts anew", node + 1);
        w->boxes[node].life++;
        dkg_box_start(w, node);
    }
}

static void tick(struct dkg_world *w)
{
    const struct sim_event next = {.at_ns = w->now_ns + LIMIT_TICK_NS, .kind = SIM_TICK};

    for (unsigned i = 0; i < DKG_NODES; i++) {
        if (!w->boxes[i].down) {
            dkg_plant_enter(i);
            core_tick(&w->boxes[i].core);
            dkg_plant_leave();
        }
    }
    sim_events_add(&w->events, &next, (struct view){NULL, 0});
}

static void happen(struct dkg_world *w, const struct sim_event *e)
{
    switch (e->kind) {
    case SIM_TO_NODE:
        dkg_net_take(w, e);
        break;
    case SIM_TO_HOST:
        dkg_host_take(w, e);
        break;
    case SIM_TICK:
        tick(w);
        break;
    case SIM_PUMP:
        if (e->arg == w->pump_ns) {
            w->pump_ns = INT64_MAX;
            dkg_host_pump(w);
        }
        break;
    case SIM_CRASH:
        crash(w, e->node);
        break;
    case SIM_RECONNECT:
        restart(w, e->node);
        break;
    case SIM_ROGUE:
        dkg_net_begin_again(w, e->node);
        break;
    case SIM_TO_ROGUE:
    case SIM_WORK:
    case SIM_POLL:
    case SIM_SUBMIT:
    case SIM_CUT:
    case SIM_STEP_CLOCK:
        break;
    }
}

/* Until the relay has come to an end, or so long. */
static void run_until(struct dkg_world *w, int64_t end_ns, unsigned attempts)
{
    while (w->broken == DKG_RULE_NONE && w->relay->state == RELAY_RUNS &&
           w->relay->attempt <= attempts && sim_events_next(&w->events) <= end_ns) {
        struct sim_event e = sim_events_take(&w->events);

        dkg_box_go(w, e.at_ns);
        happen(w, &e);
        free(e.bytes);
    }
}

/* ---- a whole history ---- */

static void begin(struct dkg_world *w, const struct dkg_options *options)
{
    w->options = *options;
    w->rng.state = options->seed;
    w->now_ns = 0;
    w->weather = (struct dkg_weather){.trip_max_ns = MS};
    w->healed = w->has_old = w->has_key = false;
    w->trusted = true;
    w->shared = options->seed % 2 == 1;
    w->runs = 0;
    w->n_old = 0;
    w->pump_ns = INT64_MAX;
    w->broken = DKG_RULE_NONE;
    w->broken_by = DKG_NODES;
    w->print = 0;
    make_signer(w, options->seed);
    sim_events_init(&w->events);
    for (unsigned i = 0; i < DKG_NODES; i++) {
        w->boxes[i].life = 0;
        false_clock_init(&w->boxes[i].clock);
        dkg_box_start(w, i);
    }
    dkg_scenario_draw(w);
    tick(w);
    w->totals.histories++;
}

static void chaos(struct dkg_world *w)
{
    while (w->runs < CHAOS_RUNS && w->now_ns < DKG_HEAL_NS && w->broken == DKG_RULE_NONE &&
           !dkg_host_has_key(w)) {
        for (unsigned i = 0; i < DKG_NODES; i++) {
            restart(w, i);
        }
        dkg_host_run(w);
        run_until(w, DKG_HEAL_NS, CHAOS_ATTEMPTS);
    }
}

/* Liars out, others in: a key comes of it. */
static void prove_alive(struct dkg_world *w)
{
    if (w->broken != DKG_RULE_NONE || dkg_host_has_key(w)) {
        return;
    }
    dkg_scenario_heal(w);
    tick(w);
    dkg_host_run(w);
    run_until(w, w->now_ns + DKG_PROOF_NS, RELAY_ATTEMPTS_MAX);
    if (w->broken == DKG_RULE_NONE && !dkg_host_has_key(w)) {
        dkg_break(w, DKG_RULE_LIVE, DKG_NODES);
    }
}

bool dkg_history(struct dkg_world *w, const struct dkg_options *options)
{
    begin(w, options);
    chaos(w);
    prove_alive(w);
    if (w->broken == DKG_RULE_NONE) {
        w->totals.keys++;
        w->print = w->print * 31 + w->record->pk.p[40];
        dkg_check_shares(w);
        dkg_use(w);
    }
    w->totals.print = (w->totals.print ^ w->print) * 0x9fb21c651e98df25;
    dkg_plant_in(w, DKG_PLANT_NONE, DKG_NODES);
    sim_events_end(&w->events);
    relay_free(w->relay);
    w->relay = NULL;
    return w->broken == DKG_RULE_NONE;
}
