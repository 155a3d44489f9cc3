/* A hostile host: packets that it loses, doubles, alters and delays; orders at any time, to
 * some, twice; a core that stood still. Then all is well, but for the liars. */
#include "presim_stamps.h"

#include "base/mask.h"

#define SETTLE_NS (PRESIGNER_SESSION_NS + PRESIM_MS)
#define TRIP_NS (PRESIM_MS / 2)
#define SLOW_NS (300 * PRESIM_MS)
#define ORDERS_MAX 4
#define TRIES 3
#define TRY_NS MESH_STALL_NS
#define STEPS 400 /* at most, of what is to be over soon */

void presim_break(struct presim *s, enum presim_rule rule, unsigned node)
{
    if (s->totals->broken == PRESIM_NONE) {
        s->totals->broken = rule;
        s->totals->node = node;
    }
}

/* ---- packets ---- */

void presim_print(struct presim *s, struct view v)
{
    uint64_t print = s->totals->print;

    for (size_t i = 0; i < v.n; i += v.n / 16 + 1) {
        print = (print ^ v.p[i]) * UINT64_C(0x9fb21c651e98df25) + v.n;
    }
    s->totals->print = print;
}

static void send(struct presim *s, unsigned from, unsigned to, struct view packet)
{
    struct sim_event e = {.kind = SIM_TO_NODE, .node = to, .lane = from};
    int64_t *const last = &s->last_ns[from][to];

    e.at_ns = s->w->now_ns + TRIP_NS;
    if (!s->calm && sim_chance(&s->rng, s->slow)) {
        e.at_ns += sim_in(&s->rng, PRESIM_MS, SLOW_NS);
    } else { /* in order, but for those that are slow */
        e.at_ns = e.at_ns > *last ? e.at_ns : *last;
        *last = e.at_ns;
    }
    s->totals->packets++;
    presim_print(s, packet);
    sim_events_add(&s->events, &e, packet);
}

static bool carry(struct presim *s, unsigned from)
{
    struct world *const w = s->w;
    struct writer out = wr_init(w->buffer, sizeof w->buffer);
    struct mesh_packet p;
    struct reader in;

    (void)presigner_give(w->core[from].p, &out);
    in = rd_init((struct view){w->buffer, out.len});
    while (in.n > 0) {
        world_must(mesh_packet_decode(&in, &p));
        if (!s->calm && sim_chance(&s->rng, s->alter)) {
            sim_flip(&s->rng, (uint8_t *)(uintptr_t)p.packet.p, p.packet.n);
        }
        if (s->calm || !sim_chance(&s->rng, s->drop)) {
            send(s, from, p.node, p.packet);
            if (!s->calm && sim_chance(&s->rng, s->twice)) {
                send(s, from, p.node, p.packet);
            }
        }
    }
    return out.len > 0;
}

static void deliver(struct presim *s, const struct sim_event *e)
{
    struct presigner *const p = s->w->core[e->node].p;
    struct mesh_message got;
    struct presigner_message m = {e->lane, &got.about, {NULL, 0}};

    presim_plant_drive(e->node);
    world_must(
        mesh_take(p->of.mesh, e->lane, (struct view){e->bytes, e->n}, s->w->now_ns, &got));
    presigner_look(p, s->w->now_ns);
    m.bytes = got.body;
    if (got.body.p != NULL &&
        (presim_is_honest(s, e->lane) ||
         presim_liar_change(s, e->node, &m, &got.about, (uint8_t *)(uintptr_t)got.body.p))) {
        PRESIM_TRACE(s, "node %u to %u: type %u, round %u, session %02x%02x", e->lane + 1,
                     e->node + 1, got.about.type, got.about.round, got.about.session[0],
                     got.about.session[1]);
        presigner_took(p, &m, s->w->now_ns);
        presim_check_heard(s, e->node, &m);
    }
    presim_plant_drive(PRESIM_NODES);
}

/* One round of everybody. Whether anything moved, or is on its way. */
static bool step(struct presim *s)
{
    struct world *const w = s->w;
    bool moved = false;

    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        presim_plant_drive(i);
        world_must(presigner_tick(w->core[i].p, w->now_ns));
        while (presigner_work(w->core[i].p, w->now_ns)) {
            moved = true;
        }
        presim_plant_drive(PRESIM_NODES);
        moved = carry(s, i) || moved;
    }
    while (sim_events_next(&s->events) <= w->now_ns) {
        struct sim_event e = sim_events_take(&s->events);

        deliver(s, &e);
        free(e.bytes);
        moved = true;
    }
    presim_check_step(s);
    if (!moved && s->events.n > 0) {
        w->now_ns = sim_events_next(&s->events);
    } else {
        w->now_ns += moved ? PRESIM_MS : WORLD_IDLE_NS;
    }
    return moved || s->events.n > 0;
}

static void run(struct presim *s)
{
    for (unsigned i = 0; i < STEPS && step(s) && s->totals->broken == PRESIM_NONE; i++) {
    }
}

/* Time goes by. */
static void wait(struct presim *s, int64_t ns)
{
    const int64_t until = s->w->now_ns + ns;

    while (s->w->now_ns < until && s->totals->broken == PRESIM_NONE) {
        (void)step(s);
    }
}

/* ---- orders ---- */

static enum err order(struct presim *s, unsigned node, const struct presign_order *o)
{
    enum err e = ERR_OK;

    s->batched |= o->kind == PRESIGN_ORDER_BATCH ? 1U << node : 0;
    presim_plant_drive(node);
    e = world_order(s->w, node, o);
    presim_plant_drive(PRESIM_NODES);
    PRESIM_TRACE(s, "node %u is ordered %u, peer %u, triple %x, counter %llu: %s", node + 1,
                 o->kind, o->peer + 1U, o->triple, (unsigned long long)o->counter, err_name(e));
    if (e == ERR_OK) {
        presim_check_order(s, node, o);
    }
    return e;
}

/* To all of a mask, or to all but one; to one of them twice. */
static void order_some(struct presim *s, unsigned mask, const struct presign_order *o)
{
    const bool whole = sim_chance(&s->rng, 800);
    const unsigned left_out = sim_below(&s->rng, PRESIM_NODES);

    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        if ((mask >> i & 1) != 0 && (whole || i != left_out)) {
            (void)order(s, i, o);
            if (sim_chance(&s->rng, 200)) {
                (void)order(s, i, o);
            }
        }
    }
}

static unsigned some(struct presim *s, unsigned n)
{
    unsigned mask = 0;

    while (mask_count(mask) < n) {
        mask |= 1U << sim_below(&s->rng, PRESIM_NODES);
    }
    return mask;
}

static void order_setup(struct presim *s, unsigned pair)
{
    const unsigned low = (unsigned)__builtin_ctz(pair);
    const unsigned high = (unsigned)__builtin_ctz(pair & (pair - 1));
    struct presign_order o = world_setup_of(s->w, high);

    (void)order(s, low, &o);
    o.peer = (uint8_t)low;
    if (sim_chance(&s->rng, 900)) {
        (void)order(s, high, &o);
    }
}

static void order_something(struct presim *s)
{
    const bool often = s->options.plant == PRESIM_PLANT_VOID; /* nodes that stand still */
    const unsigned dice = sim_below(&s->rng, often ? 30 : 20);
    const unsigned triple = some(s, TECDSA_T);
    struct presign_order o;

    if (dice < 14) {
        o = world_make_of(s->w, triple);
        s->totals->sessions++;
        order_some(s, triple, &o);
    } else if (dice < 17) {
        o = world_batch_of(s->w, 1 + sim_below(&s->rng, 3));
        s->totals->batches++;
        order_some(s, (1U << PRESIM_NODES) - 1, &o);
    } else if (dice < 19) {
        order_setup(s, some(s, 2));
    } else {
        const unsigned node = often ? s->planted : sim_below(&s->rng, PRESIM_NODES);

        s->voided = true;
        presim_plant_drive(node);
        world_must(presigner_void(s->w->core[node].p, s->w->now_ns));
        presim_plant_drive(PRESIM_NODES);
        if (presign_pool_above(&s->w->core[node].pool, 0) != NULL) {
            presim_break(s, PRESIM_VOID, node);
        }
    }
}

/* ---- a history ---- */

static void draw(struct presim *s)
{
    s->calm = sim_chance(&s->rng, 500);
    s->was_calm = s->calm;
    s->drop = sim_below(&s->rng, 30);
    s->alter = sim_below(&s->rng, 20);
    s->twice = sim_below(&s->rng, 30);
    s->slow = sim_below(&s->rng, 30);
    presim_liar_begin(s);
    s->planted = PRESIM_NODES;
    if (s->options.plant >= PRESIM_PLANT_BLIND && s->options.plant <= PRESIM_PLANT_TRUSTING) {
        s->planted = PRESIM_FRONT;
    } else if (s->options.plant != PRESIM_NO_PLANT) {
        do {
            s->planted = sim_below(&s->rng, PRESIM_NODES);
        } while (!presim_is_honest(s, s->planted));
    }
    presim_plant_in(s->options.plant, s->planted);
}

static bool has_setup(const struct presim *s, unsigned i, unsigned j)
{
    const struct presign_setup *const a = &s->w->core[i].p->pair[j].setup;
    const struct presign_setup *const b = &s->w->core[j].p->pair[i].setup;

    return a->state == PRESIGN_SETUP_DONE && b->state == PRESIGN_SETUP_DONE &&
           memcmp(a->setup_bob.id, b->setup_alice.id, TECDSA_HASH_LEN) == 0;
}

/* A host that means well sets up what is missing. */
static void set_up(struct presim *s, unsigned triple)
{
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        for (unsigned j = i + 1; j < PRESIM_NODES; j++) {
            if ((triple >> i & triple >> j & 1) != 0 && !has_setup(s, i, j)) {
                struct presign_order o = world_setup_of(s->w, j);

                (void)order(s, i, &o);
                o.peer = (uint8_t)i;
                (void)order(s, j, &o);
            }
        }
    }
    run(s);
}

/* Whether all of a triple make a record. */
static bool make(struct presim *s, unsigned triple)
{
    const struct presign_order o = world_make_of(s->w, triple);
    unsigned more = 0;

    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        more += (triple >> i & 1) != 0 ? world_count(s->w, i, triple) : 0;
    }
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        if ((triple >> i & 1) != 0 && order(s, i, &o) != ERR_OK) {
            return false;
        }
    }
    run(s);
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        more -= (triple >> i & 1) != 0 ? world_count(s->w, i, triple) : 0;
    }
    return more + TECDSA_T == 0;
}

/* Whatever happened, three honest nodes make a record. That a packet was lost shows with the
 * next one only: so not always at the first try. */
static void prove_alive(struct presim *s)
{
    unsigned triple = 0;
    bool made = false;

    for (unsigned i = 0; i < PRESIM_NODES && mask_count(triple) < TECDSA_T; i++) {
        triple |= presim_is_honest(s, i) ? 1U << i : 0;
    }
    for (unsigned tries = 0; tries < TRIES && !made; tries++) {
        wait(s, TRY_NS);
        set_up(s, triple);
        made = make(s, triple);
    }
    if (!made) {
        presim_break(s, PRESIM_LIVE, PRESIM_NODES - 1);
    }
}

unsigned presim_history(struct world *fixture, const struct presim_options *options,
                        struct presim_totals *totals)
{
    static struct presim s;
    unsigned orders;

    memset(&s, 0, offsetof(struct presim, events));
    s.w = fixture;
    s.options = *options;
    s.totals = totals;
    s.rng.state = options->seed;
    presim_level_begin(options->seed);
    sim_events_init(&s.events);
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        s.w->core[i].noise = (options->seed << 8 | i) << 20;
    }
    s.w->counter = 1000;
    draw(&s);
    orders = 1 + sim_below(&s.rng, ORDERS_MAX);
    for (unsigned i = 0; i < orders; i++) {
        order_something(&s);
        for (unsigned turns = sim_below(&s.rng, 40); turns > 0; turns--) {
            (void)step(&s);
        }
    }
    run(&s);
    s.calm = true;
    s.w->now_ns += SETTLE_NS; /* what is under way ends */
    run(&s);
    if (totals->broken == PRESIM_NONE) {
        prove_alive(&s);
    }
    if (totals->broken == PRESIM_NONE && options->fences) {
        presim_fence_run(&s);
    } else if (totals->broken == PRESIM_NONE) {
        presim_stamps_run(&s);
    }
    if (totals->broken == PRESIM_NONE && !options->fences) {
        presim_check_end(&s);
    }
    totals->histories = 1;
    presim_plant_in(PRESIM_NO_PLANT, PRESIM_NODES);
    sim_events_end(&s.events);
    return s.batched;
}
