/* The other second half of a history: a node was lost, and another process comes in its place,
 * by an order that the host brings to each node when it likes (wire/reenrol_order.h,
 * presigner_reincarnate()). The old process is still there. That the new one gets the share is
 * tests/unit/repair's; here it has it. */
#include "presim.h"
#include "reenrol_kit.h"

#include "base/mask.h"

#define TRIP_NS (PRESIM_MS / 2)
#define CHAOS_STEPS 60
#define SETTLE_NS (PRESIGNER_SESSION_NS + PRESIM_MS)
#define TRIES 3
#define STEPS 400
#define ATTEMPT 1 /* of each order; the incarnation is one more */

static struct {
    struct plan_kit plans;
    struct reenrol_order order[PRESIM_NODES]; /* of each node, the first attempt */
    struct ed25519_key signing[PRESIM_NODES];
    struct p384_key identity[PRESIM_NODES];
    struct world_core fresh; /* the new process */
    struct drbg drbg;
} fixture;

struct fence {
    struct presim *s;
    struct world_core *at[PRESIM_NODES]; /* who speaks for an index */
    struct world_core *old;              /* who did */
    unsigned lost;
    bool calm;                    /* what is for an index comes to who speaks for it */
    unsigned taken[PRESIM_NODES]; /* indices that a node took an order of, masks */
    unsigned fenced;              /* honest nodes that took the order, a mask */
    struct plan plan[PRESIM_NODES];
    struct reenrol_roster roster[PRESIM_NODES];
    uint64_t handshakes; /* of the old one, when all had taken it */
    struct sim_events events;
};

/* ---- once ---- */

static void make_order(const struct world *w, unsigned i)
{
    const uint8_t seed[ED25519_SEED_LEN] = {0x51, (uint8_t)i};
    struct reenrol_order *const o = &fixture.order[i];

    world_must(ed25519_key_make(&fixture.fresh.work->stack, seed, &fixture.signing[i]));
    world_must(reenrol_kit_key(&fixture.plans, (uint8_t)i, ATTEMPT, &fixture.identity[i]));
    world_must(reenrol_kit_order(&fixture.plans, w->of.epoch_id, (uint8_t)i, ATTEMPT, 0, o));
    memcpy(o->signing_key, fixture.signing[i].public_key, ED25519_PUBLIC_LEN);
    world_must(reenrol_kit_sign(&fixture.plans, 1, o));
}

void presim_fence_new(const struct world *w)
{
    struct world_core *const c = &fixture.fresh;

    c->work = world_room(64, sizeof *c->work);
    pq1_work_init(c->work);
    world_must(plan_kit_make(&fixture.plans, TECDSA_T, PRESIM_NODES));
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        struct plan_node *const node = &fixture.plans.plan.nodes[i];

        memcpy(node->identity, w->of.nodes[i].identity, P384_PUBLIC_LEN);
        memcpy(node->signing_key, w->of.nodes[i].signing_key, ED25519_PUBLIC_LEN);
        make_order(w, i);
    }
    c->signer = fixture.plans.signer;
    c->p = world_room(64, presigner_size());
    c->mesh = world_room(64, sizeof *c->mesh);
    c->slots = world_room(64, presign_pool_slots(w->n, WORLD_PER_TRIPLE) * sizeof *c->slots);
    c->entropy = (struct entropy_source){world_fill, c};
}

/* ---- packets ---- */

static void send(struct fence *f, unsigned from, unsigned to, bool old, struct view packet)
{
    struct sim_event e = {.kind = SIM_TO_NODE, .node = to, .lane = from, .waited = old};

    e.at_ns = f->s->w->now_ns + TRIP_NS;
    f->s->totals->packets++;
    presim_print(f->s, packet);
    sim_events_add(&f->events, &e, packet);
}

static bool carry(struct fence *f, struct world_core *c, unsigned from, bool old)
{
    struct world *const w = f->s->w;
    struct writer out = wr_init(w->buffer, sizeof w->buffer);
    struct mesh_packet p;
    struct reader in;

    (void)presigner_give(c->p, &out);
    in = rd_init((struct view){w->buffer, out.len});
    while (in.n > 0) {
        world_must(mesh_packet_decode(&in, &p));
        send(f, from, p.node, old, p.packet);
    }
    return out.len > 0;
}

static void take(struct fence *f, struct world_core *c, unsigned node,
                 const struct sim_event *e)
{
    struct mesh_message got;
    struct presigner_message m = {e->lane, &got.about, {NULL, 0}};
    const bool fenced = (f->fenced >> node & 1) != 0;

    presim_plant_drive(node);
    world_must(mesh_take(c->p->of.mesh, e->lane, (struct view){e->bytes, e->n}, f->s->w->now_ns,
                         &got));
    presigner_look(c->p, f->s->w->now_ns);
    m.bytes = got.body;
    if (got.body.p != NULL && e->waited && fenced) {
        presim_break(f->s, PRESIM_OLD, node);
    }
    if (got.body.p != NULL) {
        PRESIM_TRACE(f->s, "node %u%s to %u: type %u, round %u", e->lane + 1,
                     e->waited ? " as it was" : "", node + 1, got.about.type, got.about.round);
        if (e->waited || presim_is_honest(f->s, e->lane) ||
            presim_liar_change(f->s, node, &m, &got.about, (uint8_t *)(uintptr_t)got.body.p)) {
            presigner_took(c->p, &m, f->s->w->now_ns);
        }
    }
    presim_plant_drive(PRESIM_NODES);
}

/* The host brings what is for the lost index to whom it likes. */
static void deliver(struct fence *f, const struct sim_event *e)
{
    const unsigned dice = e->node == f->lost && f->old != NULL ? sim_below(&f->s->rng, 10) : 0;

    if (e->node == f->lost && f->old != NULL && dice > 5) {
        take(f, f->old, e->node, e);
    }
    if (f->calm || dice < 8) {
        take(f, f->at[e->node], e->node, e);
    }
}

static bool work(struct fence *f, struct world_core *c, unsigned node, bool old)
{
    bool moved = false;

    presim_plant_drive(node);
    world_must(presigner_tick(c->p, f->s->w->now_ns));
    while (presigner_work(c->p, f->s->w->now_ns)) {
        moved = true;
    }
    presim_plant_drive(PRESIM_NODES);
    return carry(f, c, node, old) || moved;
}

/* ---- what holds ---- */

static bool has_record(const struct presign_pool *pool, const uint8_t *id)
{
    const struct presign_slot *slot = presign_pool_above(pool, 0);

    while (slot != NULL && memcmp(slot->record.id, id, TECDSA_HASH_LEN) != 0) {
        slot = presign_pool_next(pool, slot);
    }
    return slot != NULL;
}

/* What the old one has a part in is nobody's any more. */
static void check_pool(struct fence *f, unsigned node)
{
    const struct presign_slot *slot = presign_pool_above(&f->old->pool, 0);

    for (; slot != NULL; slot = presign_pool_next(&f->old->pool, slot)) {
        if ((slot->record.s >> node & 1) != 0 &&
            has_record(&f->at[node]->pool, slot->record.id)) {
            presim_break(f->s, PRESIM_FENCED, node);
        }
    }
}

static unsigned honest(const struct presim *s)
{
    unsigned mask = 0;

    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        mask |= presim_is_honest(s, i) ? 1U << i : 0;
    }
    return mask;
}

static void check(struct fence *f)
{
    const unsigned all = honest(f->s) & ~(1U << f->lost);

    for (unsigned i = 0; f->old != NULL && i < PRESIM_NODES; i++) {
        if ((f->fenced >> i & 1) != 0) {
            check_pool(f, i);
        }
    }
    if (f->old == NULL || f->fenced != all ||
        all != ((1U << PRESIM_NODES) - 1 - (1U << f->lost))) {
        return; /* a liar may answer it */
    }
    if (f->handshakes == UINT64_MAX) {
        f->handshakes = f->old->mesh->counts.handshakes;
    } else if (f->old->mesh->counts.handshakes != f->handshakes) {
        presim_break(f->s, PRESIM_OLD, f->lost);
    }
}

/* ---- time ---- */

static bool step(struct fence *f)
{
    struct world *const w = f->s->w;
    bool moved = false;

    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        moved = work(f, f->at[i], i, false) || moved;
    }
    moved = (f->old != NULL && work(f, f->old, f->lost, true)) || moved;
    while (sim_events_next(&f->events) <= w->now_ns) {
        struct sim_event e = sim_events_take(&f->events);

        deliver(f, &e);
        free(e.bytes);
        moved = true;
    }
    check(f);
    if (!moved && f->events.n > 0) {
        w->now_ns = sim_events_next(&f->events);
    } else {
        w->now_ns += moved ? PRESIM_MS : WORLD_IDLE_NS;
    }
    return moved || f->events.n > 0;
}

static void run(struct fence *f)
{
    for (unsigned i = 0; i < STEPS && step(f) && f->s->totals->broken == PRESIM_NONE; i++) {
    }
}

/* ---- orders ---- */

/* Of an index, to one node, as often as the host likes. */
static void fence_at(struct fence *f, unsigned node, unsigned lost)
{
    const struct reenrol_order *const o = &fixture.order[lost];
    enum err e;

    presim_plant_drive(node);
    e = reenrol_roster_take(&f->roster[node], &f->plan[node], f->s->w->of.epoch_id, o);
    PRESIM_TRACE(f->s, "node %u hears that %u is another: %s", node + 1, lost + 1, err_name(e));
    if (e == ERR_OK) {
        world_must(presigner_reincarnate(f->at[node]->p, lost,
                                         f->roster[node].incarnation[lost], o->identity,
                                         o->signing_key, f->s->w->now_ns));
        f->taken[node] |= 1U << lost;
    }
    presim_plant_drive(PRESIM_NODES);
    if (mask_count(f->taken[node]) > TECDSA_REPAIRED_MAX && presim_is_honest(f->s, node)) {
        presim_break(f->s, PRESIM_INDICES, node);
    }
}

/* The process that has the place from now on. */
static void begin_fresh(struct fence *f)
{
    struct world *const w = f->s->w;
    struct world_core *const c = &fixture.fresh;
    struct presigner_setup of = w->of;

    c->noise = (f->s->options.seed << 8 | PRESIM_NODES) << 20;
    c->identity = fixture.identity[f->lost];
    c->signing = fixture.signing[f->lost];
    memset(c->p, 0, presigner_size());
    memset(c->slots, 0, presign_pool_slots(w->n, WORLD_PER_TRIPLE) * sizeof *c->slots);
    memcpy(of.nodes[f->lost].identity, c->identity.public_key, P384_PUBLIC_LEN);
    memcpy(of.nodes[f->lost].signing_key, c->signing.public_key, ED25519_PUBLIC_LEN);
    of.nodes[f->lost].incarnation = ATTEMPT + 1;
    of.own = f->lost;
    of.key = &w->kit->key;
    of.share = &w->kit->share[f->lost];
    of.identity = &c->identity;
    of.signing_key = &c->signing;
    of.entropy = &c->entropy;
    of.drbg = &c->drbg;
    of.signer = c->signer;
    of.work = c->work;
    of.mesh = c->mesh;
    of.pool = &c->pool;
    of.guard = (struct presign_guard){world_enter, world_leave, c};
    world_must(presign_pool_init(&c->pool, f->lost, w->n, WORLD_PER_TRIPLE, c->slots));
    world_must(presigner_init(c->p, &of));
    f->old = f->at[f->lost];
    f->at[f->lost] = c;
}

static void order_all(struct fence *f, unsigned mask, const struct presign_order *o)
{
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        if ((mask >> i & 1) != 0) {
            const enum err e = presigner_order(f->at[i]->p, o, f->s->w->now_ns);

            PRESIM_TRACE(f->s, "node %u is ordered %u: %s", i + 1, o->kind, err_name(e));
        }
    }
}

/* Whatever the host orders meanwhile. */
static void order_something(struct fence *f)
{
    unsigned triple = 1U << f->lost;
    struct presign_order o;

    while (mask_count(triple) < TECDSA_T) {
        triple |= 1U << sim_below(&f->s->rng, PRESIM_NODES);
    }
    o = world_make_of(f->s->w, triple);
    order_all(f, triple, &o);
    if (f->old != NULL && sim_chance(&f->s->rng, 500)) {
        const enum err e = presigner_order(f->old->p, &o, f->s->w->now_ns);

        PRESIM_TRACE(f->s, "the old one is ordered %u: %s", o.kind, err_name(e));
    }
}

/* ---- a half ---- */

static void set_up(struct fence *f, unsigned i, unsigned j)
{
    struct presign_order o = world_setup_of(f->s->w, j);

    order_all(f, 1U << i, &o);
    o.peer = (uint8_t)i;
    order_all(f, 1U << j, &o);
    run(f);
}

static bool make(struct fence *f, unsigned triple)
{
    const struct presign_order o = world_make_of(f->s->w, triple);
    unsigned n = 0;

    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        n += (triple >> i & 1) != 0 ? presign_pool_count(&f->at[i]->pool, triple) : 0;
    }
    order_all(f, triple, &o);
    run(f);
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        n -= (triple >> i & 1) != 0 ? presign_pool_count(&f->at[i]->pool, triple) : 0;
    }
    return n + TECDSA_T == 0;
}

static bool has_setup(const struct fence *f, unsigned i, unsigned j)
{
    const struct presign_setup *const a = &f->at[i]->p->pair[j].setup;
    const struct presign_setup *const b = &f->at[j]->p->pair[i].setup;

    return a->state == PRESIGN_SETUP_DONE && b->state == PRESIGN_SETUP_DONE &&
           memcmp(a->setup_bob.id, b->setup_alice.id, TECDSA_HASH_LEN) == 0;
}

/* The new one and two others make a record. */
static void prove_alive(struct fence *f)
{
    unsigned triple = 1U << f->lost;
    bool made = false;

    for (unsigned i = 0; i < PRESIM_NODES && mask_count(triple) < TECDSA_T; i++) {
        triple |= presim_is_honest(f->s, i) ? 1U << i : 0;
    }
    for (unsigned tries = 0; tries < TRIES && !made && f->s->totals->broken == PRESIM_NONE;
         tries++) {
        const int64_t until = f->s->w->now_ns + MESH_STALL_NS;

        while (f->s->w->now_ns < until && f->s->totals->broken == PRESIM_NONE) {
            (void)step(f);
        }
        for (unsigned i = 0; i < PRESIM_NODES; i++) {
            for (unsigned j = i + 1; j < PRESIM_NODES; j++) {
                if ((triple >> i & triple >> j & 1) != 0 && !has_setup(f, i, j)) {
                    set_up(f, i, j);
                }
            }
        }
        made = make(f, triple);
    }
    if (!made) {
        presim_break(f->s, PRESIM_LIVE, f->lost);
    }
}

/* Two other indices, of which one is too many. */
static void go_on(struct fence *f)
{
    unsigned lost[2] = {f->lost, f->lost};

    while (lost[0] == f->lost) {
        lost[0] = sim_below(&f->s->rng, PRESIM_NODES);
    }
    while (lost[1] == f->lost || lost[1] == lost[0]) {
        lost[1] = sim_below(&f->s->rng, PRESIM_NODES);
    }
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        for (unsigned k = 0; k < 2 && i != f->lost; k++) {
            if (i != lost[k] && presim_is_honest(f->s, i)) {
                fence_at(f, i, lost[k]);
            }
        }
    }
}

/* To all, some twice, while sessions are ordered; the new one begins anywhere among them. */
static void fence_all(struct fence *f)
{
    const unsigned others = ((1U << PRESIM_NODES) - 1) & ~(1U << f->lost);
    unsigned taken = 0;

    while (taken != others) {
        const unsigned node = sim_below(&f->s->rng, PRESIM_NODES);

        if (node != f->lost) {
            fence_at(f, node, f->lost);
            taken |= 1U << node;
            f->fenced |= presim_is_honest(f->s, node) ? 1U << node : 0;
        }
        if (f->old == NULL && (taken == others || sim_chance(&f->s->rng, 300))) {
            begin_fresh(f);
        }
        order_something(f);
        for (unsigned i = sim_below(&f->s->rng, CHAOS_STEPS / 4); i > 0; i--) {
            (void)step(f);
        }
    }
}

void presim_fence_run(struct presim *s)
{
    static struct fence f;

    memset(&f, 0, offsetof(struct fence, events));
    sim_events_init(&f.events);
    f.s = s;
    f.handshakes = UINT64_MAX;
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        f.at[i] = &s->w->core[i];
        f.plan[i] = fixture.plans.plan;
        reenrol_roster_init(&f.roster[i]);
    }
    do {
        f.lost = sim_below(&s->rng, PRESIM_NODES);
    } while (!presim_is_honest(s, f.lost) || f.lost == s->planted);
    PRESIM_TRACE(s, "node %u is lost", f.lost + 1);
    fence_all(&f);
    run(&f);
    f.calm = true;
    s->w->now_ns += SETTLE_NS;
    run(&f);
    prove_alive(&f);
    go_on(&f);
    presigner_wipe(fixture.fresh.p);
    sim_events_end(&f.events);
}
