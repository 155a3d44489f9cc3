/* Fronts, connections and jobs. */
#include "presim_stamps.h"

#include "base/mask.h"
#include "host/coord/coord_cluster.h"

#define CHAOS_NS (900 * PRESIM_MS)
#define LIVE_NS (2000 * PRESIM_MS) /* a job is served within, once all is well */
#define TICK_NS LIMIT_TICK_NS
#define PUMP_AGAIN_NS 1000
#define TRIP_MAX_NS (3 * PRESIM_MS)
#define STEPS_MAX 20000
#define BOUND_US 2000
#define WIDE_US 100000                    /* of which the narrow policy takes none */
#define OFF_NS (INT64_C(1000) * BOUND_US) /* clocks are off by no more than their bound */

static struct presim_stamps all;
static struct tecdsa_scalar key;
static struct plan plan;
static struct quorum_roster roster;

/* ---- once ---- */

static enum err make_key(void *arg)
{
    const struct tecdsa_kit *const kit = arg;

    memset(&key, 0, sizeof key);
    for (unsigned i = 0; i < TECDSA_T; i++) {
        struct tecdsa_scalar part;

        tecdsa_lagrange((1U << TECDSA_T) - 1, i, &part);
        tecdsa_scalar_mul(&part, &kit->share[i].x, &part);
        tecdsa_scalar_add(&key, &part, &key);
    }
    return ERR_OK;
}

void presim_stamps_new(const struct world *w)
{
    world_must(tecdsa_on_stack(make_key, w->kit));
    plan.threshold = TECDSA_T;
    plan.total = PRESIM_NODES;
    roster = (struct quorum_roster){.plan = &plan, .classic_key = w->kit->key.public_key};
    memcpy(roster.epoch_id, w->of.epoch_id, EPOCH_ID_LEN);
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        memcpy(plan.nodes[i].signing_key, w->of.nodes[i].signing_key, PLAN_SIGNING_KEY_LEN);
        all.nodes[i] = presim_node_new();
    }
    for (unsigned i = 0; i < PRESIM_FRONTS; i++) {
        all.fronts[i].step = world_room(64, sizeof *all.fronts[i].step);
    }
}

/* ---- records ---- */

/* A record of a triple, at its three. */
static void deal(struct presim_stamps *o, unsigned triple)
{
    struct world *const w = o->s->w;
    struct tecdsa_presignature record[TECDSA_T];
    unsigned at = 0;

    tecdsa_deal_record(&o->noise, &w->core[0].work->stack, &key, triple, record);
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        if ((triple >> i & 1) != 0) {
            if (presign_pool_add(&w->core[i].pool, &record[at++], w->now_ns) != ERR_OK) {
                continue; /* its pool is full */
            }
        }
    }
}

unsigned presim_stamps_three(const struct presim_stamps *o)
{
    unsigned three = 0;

    for (unsigned i = 0; i < PRESIM_NODES && mask_count(three) < TECDSA_T; i++) {
        three |= presim_stamps_honest(o, i) ? 1U << i : 0;
    }
    return three;
}

static unsigned any_triple(struct presim_stamps *o)
{
    unsigned triple = 0;

    while (mask_count(triple) < TECDSA_T) {
        triple |= 1U << sim_below(&o->s->rng, PRESIM_NODES);
    }
    return triple;
}

/* Of some triple there are so many that a front can be busy with it for long. */
static void many(struct presim_stamps *o)
{
    const unsigned triple = any_triple(o);
    const unsigned often = o->s->options.plant == PRESIM_PLANT_TRUSTING ? 1000 : 250;

    for (unsigned n = sim_chance(&o->s->rng, often) ? CLASSIC_TRIES_MAX + 4 : 0; n > 0; n--) {
        deal(o, triple);
    }
}

static void stock(struct presim_stamps *o)
{
    for (unsigned n = sim_below(&o->s->rng, 12); n > 0; n--) {
        deal(o, any_triple(o));
    }
}

/* ---- frames ---- */

static int64_t trip(struct presim_stamps *o, int64_t *last_ns)
{
    int64_t at_ns = o->s->w->now_ns + sim_in(&o->s->rng, PRESIM_MS / 10, TRIP_MAX_NS);

    if (o->chaos && sim_chance(&o->s->rng, 20)) {
        at_ns += sim_in(&o->s->rng, 0, 400 * PRESIM_MS);
    }
    at_ns = at_ns > *last_ns ? at_ns : *last_ns;
    *last_ns = at_ns;
    return at_ns;
}

static void send(struct presim_stamps *o, unsigned front, unsigned node,
                 enum sim_event_kind kind, struct view frame)
{
    struct presim_link *const link = &o->fronts[front].links[node];
    struct sim_event e = {.kind = kind, .node = node, .lane = front, .arg = link->number};

    e.at_ns = trip(o, &link->last_ns[kind == SIM_TO_NODE]);
    PRESIM_TRACE(o->s, "front %u %s node %u: type %02x, %u bytes, arrives in %.3f ms",
                 front + 1, kind == SIM_TO_NODE ? "to" : "from", node + 1, frame.p[2],
                 (unsigned)frame.n, (double)(e.at_ns - o->s->w->now_ns) / 1e6);
    presim_print(o->s, frame);
    o->s->totals->frames++;
    sim_events_add(&o->frames, &e, frame);
}

static void cut(struct presim_stamps *o, unsigned front, unsigned node);

/* Sends what the front has to ask; its network may be gone then. */
static void pull(struct presim_stamps *o, unsigned front)
{
    static uint8_t frame[FRAME_HEADER_LEN + FRAME_BODY_MAX];
    struct presim_front *const f = &o->fronts[front];
    bool gone = false;

    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        for (;;) {
            struct writer w = wr_init(frame, sizeof frame);
            struct view v;

            presim_plant_drive(PRESIM_FRONT);
            if (!f->links[i].up || !classic_step_pull(f->step, i, &w)) {
                presim_plant_drive(PRESIM_NODES);
                break;
            }
            presim_plant_drive(PRESIM_NODES);
            world_must(wr_finish(&w, &v));
            presim_stamps_asked(o, front, v);
            if (f->rogue && o->chaos && sim_chance(&o->s->rng, 500)) {
                presim_rogue_change(o, i, frame, v.n);
            }
            gone = gone || (o->chaos && frame[2] == FRAME_R2 && sim_chance(&o->s->rng, 50));
            send(o, front, i, SIM_TO_NODE, v);
            if (f->rogue && o->chaos && sim_chance(&o->s->rng, 200)) {
                send(o, front, i, SIM_TO_NODE, v);
            }
        }
    }
    for (unsigned i = 0; gone && i < PRESIM_NODES; i++) {
        cut(o, front, i);
    }
}

static void to_node(struct presim_stamps *o, const struct sim_event *e)
{
    const struct view body = {e->bytes + FRAME_HEADER_LEN, e->n - FRAME_HEADER_LEN};
    const bool honest = presim_stamps_honest(o, e->node);
    struct frame_header h;
    struct view answer;
    size_t n = 0;

    world_must(frame_header_decode((struct view){e->bytes, FRAME_HEADER_LEN}, &h));
    presim_plant_drive(e->node);
    if (honest) {
        presim_stamps_before(o, e->node, &h, body);
    } else {
        presim_tell_before(o, e->node, &h, body);
    }
    presim_plant_tell(sim_chance(&o->s->rng, o->often) ? o->tells[e->node] : 0);
    answer = presim_node_take(o->nodes[e->node], e->lane, &h, body);
    presim_plant_drive(PRESIM_NODES);
    presim_plant_tell(0);
    o->shown = o->shown || h.type == FRAME_PRESIGN_ORDER;
    n = answer.n;
    if (honest) {
        presim_stamps_after(o, e->node, &h, body, answer);
    } else {
        presim_tell_after(o, e->node, &h, body);
        if (!presim_tell_change(o, e->node, (uint8_t *)(uintptr_t)answer.p, &n)) {
            return;
        }
    }
    send(o, e->lane, e->node, SIM_TO_HOST, (struct view){answer.p, n});
}

static void cut(struct presim_stamps *o, unsigned front, unsigned node)
{
    struct presim_link *const link = &o->fronts[front].links[node];
    struct sim_event e = {.kind = SIM_RECONNECT, .node = node, .lane = front};

    if (link->up) {
        PRESIM_TRACE(o->s, "front %u loses node %u", front + 1, node + 1);
        link->up = false;
        link->number++;
        e.at_ns = o->s->w->now_ns + sim_in(&o->s->rng, PRESIM_MS, 300 * PRESIM_MS);
        sim_events_add(&o->frames, &e, (struct view){NULL, 0});
        classic_step_up(o->fronts[front].step, node, NULL, 0);
    }
}

static void connect(struct presim_stamps *o, unsigned front, unsigned node)
{
    struct presim_link *const link = &o->fronts[front].links[node];

    if (!link->up) {
        link->up = true;
        link->last_ns[0] = link->last_ns[1] = 0;
        classic_step_up(o->fronts[front].step, node, presim_cert()[KEY_CLASSIC - 1].activation,
                        R1_LIFE_MS * PRESIM_MS);
    }
}

static void to_host(struct presim_stamps *o, const struct sim_event *e)
{
    const struct view body = {e->bytes + FRAME_HEADER_LEN, e->n - FRAME_HEADER_LEN};
    struct frame_header h;
    enum err taken;

    world_must(frame_header_decode((struct view){e->bytes, FRAME_HEADER_LEN}, &h));
    presim_plant_drive(PRESIM_FRONT);
    taken = classic_step_take(o->fronts[e->lane].step, e->node, &h, body, o->s->w->now_ns);
    presim_plant_drive(PRESIM_NODES);
    if (taken != ERR_OK) {
        if (presim_stamps_honest(o, e->node)) {
            presim_break(o->s, PRESIM_DOUBT, e->node);
        }
        cut(o, e->lane, e->node);
    }
}

/* ---- jobs ---- */

static enum err to_sign(const struct coord_job *job, uint8_t *digest)
{
    const struct r2_stamp fields = {
        .hash_alg = job->hash_alg,
        .policy = job->policy,
        .hashed_message = {job->hashed_message, hash_len((enum hash_alg)job->hash_alg)},
        .nonce = {job->nonce, job->nonce_len}};
    uint8_t room[SIGN_DIGEST_LEN];

    TRY(stamping_digest(&job->stamp, &fields, presim_policy(job->policy), presim_cert(),
                        KEY_CLASSIC, room));
    memcpy(digest, room, P384_DIGEST_LEN);
    return ERR_OK;
}

static void done(struct coord_job *job)
{
    presim_stamps_done(job->user);
}

static struct presim_job *submit(struct presim_stamps *o, unsigned front, unsigned policy,
                                 int64_t within_ns)
{
    struct presim_job *const j = &o->jobs[o->n_jobs++];
    struct coord_job *const job = &j->job;

    memset(j, 0, sizeof *j);
    j->o = o;
    j->front = front;
    job->key = KEY_CLASSIC;
    job->policy = presim_policy(policy)->number;
    job->hash_alg = HASH_SHA256;
    job->rule = presim_policy(policy)->rule;
    job->deadline_ns = o->s->w->now_ns + within_ns;
    job->to_sign = to_sign;
    job->done = done;
    job->user = j;
    memcpy(job->epoch_id, roster.epoch_id, EPOCH_ID_LEN);
    memcpy(job->activation, presim_cert()[KEY_CLASSIC - 1].activation, ACTIVATION_HASH_LEN);
    sim_bytes(&o->s->rng, job->hashed_message, HASH_MAX);
    atomic_fetch_add(&o->fronts[front].counters.queue_depth, 1);
    o->s->totals->jobs++;
    PRESIM_TRACE(o->s, "job %u of policy %u at front %u", o->n_jobs, policy, front + 1);
    classic_step_submit(o->fronts[front].step, job, o->s->w->now_ns);
    return j;
}

/* ---- time ---- */

static void tick(struct presim_stamps *o)
{
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        presim_node_tick(o->nodes[i]);
        for (unsigned f = 0; f < o->n_fronts; f++) { /* its STATE was answered */
            if (o->fronts[f].links[i].up && o->s->w->now_ns >= o->hung_ns[i]) {
                classic_step_heard(o->fronts[f].step, i);
            }
        }
    }
    if (o->making) {
        deal(o, presim_stamps_three(o));
        deal(o, any_triple(o));
    }
    o->tick_ns = o->s->w->now_ns + TICK_NS;
}

/* What happens meanwhile, once in a while. */
static void happen(struct presim_stamps *o)
{
    const unsigned node = sim_below(&o->s->rng, PRESIM_NODES);
    const unsigned front = sim_below(&o->s->rng, o->n_fronts);

    switch (sim_below(&o->s->rng, 8)) {
    case 0:
        cut(o, front, node);
        break;
    case 3: /* the network of a front is gone */
        for (unsigned i = 0; i < PRESIM_NODES; i++) {
            cut(o, front, i);
        }
        break;
    case 1:
        o->hung_ns[node] = o->s->w->now_ns + sim_in(&o->s->rng, PRESIM_MS, 500 * PRESIM_MS);
        break;
    case 2: /* as after it stood still */
        presign_pool_void(&o->s->w->core[node].pool, node);
        break;
    default:
        if (o->n_jobs + PRESIM_NARROW_MAX + 1 < PRESIM_JOBS_MAX) {
            (void)submit(o, front, sim_chance(&o->narrow, 250) ? 2 : 1,
                         sim_in(&o->s->rng, 50, 1500) * PRESIM_MS);
        }
    }
}

static void take_event(struct presim_stamps *o)
{
    struct sim_event e = sim_events_take(&o->frames);
    const struct presim_link *const link = &o->fronts[e.lane].links[e.node];
    const bool gone = e.kind != SIM_RECONNECT && e.arg != link->number;

    if (e.kind == SIM_RECONNECT) {
        connect(o, e.lane, e.node);
    } else if (e.kind == SIM_TO_NODE && !gone && o->s->w->now_ns < o->hung_ns[e.node]) {
        e.at_ns = o->hung_ns[e.node];
        sim_events_add(&o->frames, &e, (struct view){e.bytes, e.n});
    } else if (e.kind == SIM_TO_NODE && !gone) {
        to_node(o, &e);
    } else if (!gone) {
        to_host(o, &e);
    }
    free(e.bytes);
}

static int64_t pump(struct presim_stamps *o)
{
    int64_t next = o->tick_ns;

    for (unsigned f = 0; f < o->n_fronts; f++) {
        struct classic_step *const step = o->fronts[f].step;
        int64_t at;

        presim_plant_drive(PRESIM_FRONT);
        classic_step_pump(step, o->s->w->now_ns);
        presim_plant_drive(PRESIM_NODES);
        pull(o, f);
        at = classic_step_next(step);
        at = at <= o->s->w->now_ns ? o->s->w->now_ns + PUMP_AGAIN_NS : at;
        next = at < next ? at : next;
    }
    return next;
}

/* Until then, or until that job is done. */
static void go(struct presim_stamps *o, int64_t until, const struct presim_job *j)
{
    struct world *const w = o->s->w;

    for (unsigned i = 0; i < STEPS_MAX && o->s->totals->broken == PRESIM_NONE; i++) {
        int64_t next = pump(o);

        presim_stamps_step(o);
        if (j != NULL && j->done > 0) {
            return;
        }
        if (sim_events_next(&o->frames) < next) {
            next = sim_events_next(&o->frames);
        }
        if (next > until) {
            w->now_ns = until;
            return;
        }
        w->now_ns = next > w->now_ns ? next : w->now_ns;
        while (sim_events_next(&o->frames) <= w->now_ns) {
            take_event(o);
        }
        if (w->now_ns >= o->tick_ns) {
            tick(o);
        }
    }
}

/* ---- a half ---- */

static void on_odd(void *user, unsigned party, enum err e, int64_t rest_ns)
{
    (void)user;
    (void)party;
    (void)e;
    (void)rest_ns;
}

static void on_rest(void *user, unsigned s)
{
    struct presim_stamps *const o = user;
    bool honest = true;

    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        honest = honest && ((s >> i & 1) == 0 || presim_stamps_honest(o, i));
    }
    if (honest) {
        presim_break(o->s, PRESIM_DOUBT, PRESIM_NODES - 1);
    }
}

static void begin_front(struct presim_stamps *o, unsigned front, bool rogue)
{
    struct presim_front *const f = &o->fronts[front];
    struct classic_step_setup setup = {.roster = &roster,
                                       .counters = &f->counters,
                                       .on_odd = on_odd,
                                       .on_rest = rogue ? NULL : on_rest,
                                       .user = o,
                                       .chance = sim_next(&o->s->rng)};

    f->rogue = rogue;
    memset(&f->counters, 0, sizeof f->counters);
    memset(f->links, 0, sizeof f->links);
    sim_bytes(&o->s->rng, setup.sid_prefix, sizeof setup.sid_prefix);
    classic_step_init(f->step, &setup);
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        connect(o, front, i);
    }
}

static void begin(struct presim_stamps *o, struct presim *s)
{
    o->s = s;
    o->chaos = true;
    o->making = false;
    o->noise = s->options.seed << 20;
    o->narrow.state = ~s->options.seed;
    o->wide = sim_chance(&o->narrow, 500) ? 1U << sim_below(&o->narrow, PRESIM_NODES) : 0;
    o->wide |= o->wide != 0 ? 1U << sim_below(&o->narrow, PRESIM_NODES) : 0;
    o->n_jobs = 0;
    o->n_said = o->n_used = o->n_named = o->n_tokens = 0;
    memset(o->tells, 0, sizeof o->tells);
    memset(o->hung_ns, 0, sizeof o->hung_ns);
    sim_events_init(&o->frames);
    presim_tell_begin(o);
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        presim_node_begin(o->nodes[i], s, i, sim_in(&s->rng, -OFF_NS, OFF_NS),
                          (o->wide >> i & 1) != 0 ? WIDE_US : BOUND_US);
    }
    o->n_fronts = 1 + sim_below(&s->rng, PRESIM_FRONTS);
    for (unsigned f = 0; f < o->n_fronts; f++) {
        begin_front(o, f, f > 0 && sim_chance(&s->rng, 600));
    }
    stock(o);
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        PRESIM_TRACE(s, "node %u: lies %x and %x", i + 1, s->lies[i], o->tells[i]);
    }
    tick(o);
}

static unsigned pending(const struct presim_stamps *o)
{
    unsigned n = 0;

    for (unsigned i = 0; i < o->n_jobs; i++) {
        n += o->jobs[i].done == 0;
    }
    return n;
}

/* All is well but for the liars, and presignatures are made again; what was under way is over,
 * or still has to end. While jobs wait a quiet core is asked for its state so often
 * (coord_watch.h); from now on all can answer. */
static void heal(struct presim_stamps *o)
{
    const int64_t heard_ns = o->s->w->now_ns + COORD_PROBE_NS + TRIP_MAX_NS;

    PRESIM_TRACE(o->s, "all is well but for the liars");
    o->chaos = false;
    o->making = true;
    o->tick_ns = heard_ns < o->tick_ns ? heard_ns : o->tick_ns;
    memset(o->hung_ns, 0, sizeof o->hung_ns);
    for (unsigned f = 0; f < o->n_fronts; f++) {
        for (unsigned i = 0; i < PRESIM_NODES; i++) {
            connect(o, f, i);
        }
    }
}

/* A job of a policy that every clock serves is served, with others before it in line that no
 * three clocks may serve. */
static void serve(struct presim_stamps *o)
{
    const struct presim_job *last;

    for (unsigned n = sim_below(&o->narrow, PRESIM_NARROW_MAX + 1); n > 0; n--) {
        (void)submit(o, 0, 2, LIVE_NS);
    }
    last = submit(o, 0, 1, LIVE_NS);
    go(o, o->s->w->now_ns + LIVE_NS + CLASSIC_SWEEP_NS, last);
    if (o->s->totals->broken == PRESIM_NONE && (last->done != 1 || last->job.err != ERR_OK)) {
        presim_break(o->s, PRESIM_SERVED, PRESIM_NODES - 1);
    }
}

void presim_stamps_run(struct presim *s)
{
    struct presim_stamps *const o = &all;

    begin(o, s);
    for (unsigned n = 2 + sim_below(&s->rng, 10); n > 0; n--) {
        happen(o);
        go(o, s->w->now_ns + sim_in(&s->rng, 0, CHAOS_NS / 5), NULL);
    }
    heal(o);
    for (unsigned triple = 0; triple < 1U << PRESIM_NODES; triple++) {
        if (mask_count(triple) == TECDSA_T) {
            deal(o, triple);
        }
    }
    many(o);
    serve(o);
    o->making = false;
    for (unsigned i = 0; i < LIVE_NS / TICK_NS && pending(o) > 0; i++) {
        go(o, s->w->now_ns + TICK_NS, NULL);
    }
    for (unsigned f = 0; f < o->n_fronts; f++) {
        classic_step_end(o->fronts[f].step, ERR_QUORUM);
    }
    for (unsigned i = 0; i < o->n_jobs && s->totals->broken == PRESIM_NONE; i++) {
        if (o->jobs[i].done != 1) {
            presim_break(s, PRESIM_ENDS, PRESIM_NODES - 1);
        }
    }
    sim_events_end(&o->frames);
}
