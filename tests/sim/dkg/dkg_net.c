/* Frames on their way, and a host that does what it likes with the messages in them. */
#include "dkg_world.h"

/* ---- frames ---- */

static int64_t trip(struct dkg_world *w)
{
    int64_t ns = sim_in(&w->rng, MS / 100, w->weather.trip_max_ns);

    if (sim_chance(&w->rng, w->weather.slow)) {
        ns += sim_in(&w->rng, 5 * MS, w->weather.slow_max_ns);
    }
    return ns;
}

static void send_one(struct dkg_world *w, struct sim_event *e, struct view frame)
{
    struct view out = frame;

    e->at_ns = w->now_ns + trip(w);
    if (sim_chance(&w->rng, w->weather.corrupt)) {
        memcpy(w->change_room, frame.p, frame.n);
        sim_flip(&w->rng, w->change_room, frame.n);
        out.p = w->change_room;
        w->trusted = false;
    }
    sim_events_add(&w->events, e, out);
}

static void send(struct dkg_world *w, struct sim_event *e, struct view frame)
{
    if (sim_chance(&w->rng, w->weather.drop)) {
        const struct sim_event end = {
            .at_ns = w->now_ns + trip(w), .kind = SIM_TO_HOST, .node = e->node, .arg = e->arg};

        if (sim_chance(&w->rng, 500)) { /* it shows: the connection is lost */
            sim_events_add(&w->events, &end, (struct view){NULL, 0});
        }
        return;
    }
    send_one(w, e, frame);
    if (sim_chance(&w->rng, w->weather.duplicate)) {
        send_one(w, e, frame);
    }
}

/* ---- BEGIN ---- */

/* The same plan, but for a label. */
static void change_plan(struct dkg_world *w, struct writer *plan)
{
    static const uint8_t other[] = {'z'};
    struct plan p = w->plan;

    p.nodes[0].listen = (struct view){other, 1};
    plan_encode(plan, &p);
}

static void change_begin(struct dkg_world *w, unsigned node, struct view body,
                         struct writer *out)
{
    uint8_t plan[PLAN_MAX];
    struct writer pw = wr_init(plan, sizeof plan);
    struct ceremony_begin_ask ask;
    const bool in_group = (w->group >> node & 1) != 0;

    sim_must(ceremony_begin_ask_decode(body, &ask) == ERR_OK);
    if (w->trick == DKG_OLD_NONCE && w->has_old && in_group) {
        memcpy(ask.nonce, w->old_nonce, sizeof ask.nonce);
    }
    if (!w->has_old || sim_chance(&w->rng, 300)) {
        memcpy(w->old_nonce, ask.nonce, sizeof ask.nonce);
        w->has_old = true;
    }
    if (w->trick == DKG_TWO && in_group) {
        memcpy(ask.nonce, w->other_nonce, sizeof ask.nonce);
        ask.nonce[0] ^= (uint8_t)w->attempts;
    }
    if (w->trick == DKG_PLANS && in_group) {
        change_plan(w, &pw);
        sim_must(wr_finish(&pw, &ask.plan) == ERR_OK);
    }
    if (w->trick != DKG_HONEST) {
        w->trusted = false;
        w->totals.tricks++;
    }
    ceremony_begin_ask_encode(out, &ask);
}

/* ---- messages on their way to a node ---- */

static void keep(struct dkg_world *w, struct view m)
{
    struct dkg_held *const h = &w->old[w->n_old++ % DKG_OLD];

    if (m.n <= sizeof h->bytes) {
        h->n = m.n;
        memcpy(h->bytes, m.p, m.n);
    }
}

static void hold(struct dkg_box *b, struct view m)
{
    struct dkg_held *const h = &b->held[b->n_held++];

    h->n = m.n;
    memcpy(h->bytes, m.p, m.n);
}

/* One that some node sent some time. */
static void replay(struct dkg_world *w, struct writer *out)
{
    const size_t n = w->n_old < DKG_OLD ? w->n_old : DKG_OLD;

    if (n > 0) {
        const struct dkg_held *const h = &w->old[sim_below(&w->rng, (unsigned)n)];

        wr_bytes(out, h->bytes, h->n);
    }
}

static void put(struct dkg_world *w, struct writer *out, struct view m)
{
    const size_t at = out->len;

    wr_view(out, m);
    if (!out->full && sim_chance(&w->rng, w->weather.m_corrupt)) {
        sim_flip(&w->rng, out->p + at + CEREMONY_HEADER_LEN, m.n - CEREMONY_HEADER_LEN);
    }
}

static void pass(struct dkg_world *w, unsigned node, struct view m, struct writer *out)
{
    const struct dkg_weather *const n = &w->weather;
    struct dkg_box *const b = &w->boxes[node];

    if (sim_chance(&w->rng, n->m_drop)) {
        return;
    }
    if (b->n_held < DKG_HELD_MAX && m.n <= DKG_OLD_MAX && sim_chance(&w->rng, n->m_hold)) {
        hold(b, m);
        return;
    }
    put(w, out, m);
    if (sim_chance(&w->rng, n->m_double)) {
        wr_view(out, m);
    }
    if (sim_chance(&w->rng, n->m_replay)) {
        replay(w, out);
    }
}

/* What was held back comes behind others. */
static void let_go(struct dkg_world *w, unsigned node, struct writer *out)
{
    struct dkg_box *const b = &w->boxes[node];

    while (b->n_held > 0 && (w->healed || sim_chance(&w->rng, 300))) {
        b->n_held--;
        wr_bytes(out, b->held[b->n_held].bytes, b->held[b->n_held].n);
    }
}

static void change_step(struct dkg_world *w, unsigned node, struct view body,
                        struct writer *out)
{
    static uint8_t one[2 * FRAME_BODY_LONG_MAX];
    struct reader r = rd_init(body);
    struct ceremony_msg m;

    while (r.n > 0 && ceremony_msg_decode(&r, &m) == ERR_OK) {
        struct writer mw = wr_init(one, sizeof one);
        struct view told = m.whole;

        if (!dkg_is_honest(w, m.sender) && m.sender < DKG_NODES) {
            if (!dkg_liar_tells(w, &m, node, &mw)) {
                continue;
            }
            sim_must(wr_finish(&mw, &told) == ERR_OK);
        }
        keep(w, told);
        pass(w, node, told, out);
    }
    let_go(w, node, out);
}

/* ---- questions ---- */

void dkg_net_ask(struct dkg_world *w, unsigned node, uint8_t type, struct view body)
{
    static uint8_t frame[LIMIT_FRAME_LONG];
    struct dkg_link *const link = &w->links[node];
    struct sim_event e = {.kind = SIM_TO_NODE, .node = node, .arg = link->number};
    struct writer out = wr_init(frame, sizeof frame);

    link->request = sim_next(&w->rng) | 1;
    const size_t mark = frame_begin(&out, type, link->request);

    wr_view(&out, body);
    frame_end(&out, mark);
    sim_must(!out.full);
    send(w, &e, (struct view){frame, out.len});
}

/* Whether more than what waits at the node may be said to it now. */
static bool may_add(const struct dkg_world *w, unsigned node)
{
    return w->boxes[node].core.member->out_len == 0;
}

/* What becomes of a question's body on its last way. */
static struct view change(struct dkg_world *w, unsigned node, const struct frame_header *h,
                          struct view body)
{
    static uint8_t changed[2 * FRAME_BODY_LONG_MAX];
    struct writer out = wr_init(changed, FRAME_BODY_LONG_MAX);
    struct view v;

    if (h->type == FRAME_CEREMONY_BEGIN && body.n > PLAN_NONCE_LEN && body.n < PLAN_MAX) {
        change_begin(w, node, body, &out);
    } else if (h->type == FRAME_CEREMONY_STEP && may_add(w, node)) {
        change_step(w, node, body, &out);
    } else {
        return body;
    }
    return wr_finish(&out, &v) == ERR_OK ? v : body;
}

static void answer(struct dkg_world *w, const struct sim_event *e, struct view frame)
{
    static uint8_t changed[LIMIT_FRAME_LONG];
    struct writer out = wr_init(changed, sizeof changed);
    struct sim_event back = {.kind = SIM_TO_HOST, .node = e->node, .arg = e->arg};
    struct view v = frame;

    if (!dkg_is_honest(w, e->node)) {
        dkg_liar_speaks(w, e->node, frame, &out);
        v = out.full ? frame : (struct view){changed, out.len};
    }
    w->print =
        (w->print ^ (v.n * 31 + v.p[v.n - 1])) * 0x9fb21c651e98df25 + (uint64_t)w->now_ns;
    send(w, &back, v);
}

void dkg_net_take(struct dkg_world *w, const struct sim_event *e)
{
    const struct sim_event closed = {
        .at_ns = w->now_ns + MS, .kind = SIM_TO_HOST, .node = e->node, .arg = e->arg};
    struct view body = {e->bytes + FRAME_HEADER_LEN, e->n - FRAME_HEADER_LEN};
    struct frame_header h;

    if (e->arg != w->links[e->node].number) {
        return;
    }
    if (w->boxes[e->node].down ||
        frame_header_decode((struct view){e->bytes, FRAME_HEADER_LEN}, &h) != ERR_OK ||
        h.body_len != body.n) {
        sim_events_add(&w->events, &closed, (struct view){NULL, 0});
        return;
    }
    body = change(w, e->node, &h, body);
    h.body_len = (uint32_t)body.n;
    answer(w, e, dkg_box_call(w, e->node, h.type, h.request_id, body));
}

/* The host begins another one at a node that has one. */
void dkg_net_begin_again(struct dkg_world *w, unsigned node)
{
    uint8_t bytes[PLAN_NONCE_LEN + PLAN_MAX];
    struct writer out = wr_init(bytes, sizeof bytes);
    struct ceremony_begin_ask ask = {.plan = w->encoded};
    struct view body;

    if (w->boxes[node].down || w->healed) {
        return;
    }
    memcpy(ask.nonce, sim_chance(&w->rng, 500) ? w->other_nonce : w->old_nonce,
           sizeof ask.nonce);
    ceremony_begin_ask_encode(&out, &ask);
    sim_must(wr_finish(&out, &body) == ERR_OK);
    DKG_TRACE(w, "the host begins another ceremony at node %u", node + 1);
    w->trusted = false;
    (void)dkg_box_call(w, node, FRAME_CEREMONY_BEGIN, 1, body);
}
