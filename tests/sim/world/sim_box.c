/* A node in its surroundings: its clock is set, it is driven, what it says is checked, twisted
 * if it is a liar, and sent. */
#include "sim_world.h"

#define FILL_MAX_NS (4 * MS)    /* a worker makes a batch */
#define RESPOND_MAX_NS (6 * MS) /* or answers an R3 */
#define WAIT_NS (6 * MS)        /* a liar lets others answer */

static void set_clock(struct sim_world *w, struct sim_box *b)
{
    b->clock.mono_ns = b->boottime_ns + w->now_ns;
    b->clock.kernel.now_ns = sim_true_ns(w) + b->offset_ns;
    b->clock.kernel.bound_us = b->bound_us;
}

static void enter(struct sim_world *w, unsigned node)
{
    set_clock(w, &w->boxes[node]);
    plant_enter(node);
}

static void see_to_work(struct sim_world *w, unsigned node)
{
    struct sim_box *const b = &w->boxes[node];

    if (!b->works && sim_node_has_work(b->node)) {
        const int64_t max = b->n_answering > 0 ? RESPOND_MAX_NS : FILL_MAX_NS;

        b->works = true;
        sim_at(w, w->now_ns + sim_in(&w->rng, max / 4, max), SIM_WORK, node, 0);
    }
}

void sim_box_start(struct sim_world *w, unsigned node, bool has_share)
{
    struct sim_box *const b = &w->boxes[node];

    b->has_share = has_share;
    b->is_down = false;
    b->n_answering = 0;
    enter(w, node);
    sim_node_start(b->node, &b->clock.source, sim_next(&w->rng), has_share);
    plant_leave();
    see_to_work(w, node);
}

/* What a liar gives away is its R1, too. */
static void note_r1s(struct sim_world *w, unsigned node, struct view frame)
{
    struct reader r = rd_init(frame);
    struct frame_header h;
    struct view head;
    struct view r1s;

    if (rd_take(&r, FRAME_HEADER_LEN, &head) == ERR_OK &&
        frame_header_decode(head, &h) == ERR_OK && h.type == (FRAME_R1 | FRAME_ANSWER) &&
        r1_answer_decode((struct view){r.p, r.n}, R1_MAX_LEN, &r1s) == ERR_OK) {
        for (size_t at = 0; at < r1s.n; at += R1_MAX_LEN) {
            sim_check_r1(w, node, (struct view){r1s.p + at, R1_MAX_LEN});
        }
    }
}

static void send(struct sim_world *w, unsigned node, const struct sim_answer *a,
                 const uint8_t *x)
{
    struct view frame = a->frame;

    if (w->boxes[node].lies != 0) {
        size_t n = frame.n;

        memcpy(w->change_room, frame.p, n);
        if (!sim_liar_change(w, node, a->lane, x, w->change_room, &n)) {
            return;
        }
        frame = (struct view){w->change_room, n};
    }
    note_r1s(w, node, frame);
    sim_trace_frame(w, "->", a->lane, node, frame);
    sim_net_from_node(w, a->lane, node, w->links[node].number, frame);
}

/* An R3 that the worker will answer. */
static void note_answering(struct sim_box *b, uint32_t lane, uint64_t id, struct view question)
{
    struct sim_answering *const a = &b->answering[b->n_answering++];

    sim_must(b->n_answering <= PQ_ANSWERS_MAX);
    a->lane = lane;
    a->request_id = id;
    memcpy(a->x, question.p + FRAME_HEADER_LEN, STAMP_X_LEN);
}

/* The one that this answers. */
static struct sim_answering take_answering(struct sim_box *b, const struct sim_answer *answer)
{
    struct frame_header h = {0};
    struct sim_answering found;
    size_t i = 0;

    tmldsa_must(frame_header_decode((struct view){answer->frame.p, FRAME_HEADER_LEN}, &h),
                "answer");
    while (i < b->n_answering && (b->answering[i].lane != answer->lane ||
                                  b->answering[i].request_id != h.request_id)) {
        i++;
    }
    sim_must(i < b->n_answering);
    found = b->answering[i];
    b->n_answering--;
    memmove(&b->answering[i], &b->answering[i + 1],
            (b->n_answering - i) * sizeof b->answering[0]);
    return found;
}

static void take(struct sim_world *w, const struct sim_event *e, const struct frame_header *h)
{
    const struct view question = {e->bytes, e->n};
    const struct view body = {e->bytes + FRAME_HEADER_LEN, e->n - FRAME_HEADER_LEN};
    struct sim_box *const b = &w->boxes[e->node];
    const struct sim_accept *accept;
    struct sim_answer answer = {0};

    sim_trace_frame(w, "<-", e->lane, e->node, question);
    enter(w, e->node);
    const bool now = sim_node_take(b->node, e->lane, h, body, &answer);

    plant_leave();
    accept = sim_check_answer(w, e->node, question, answer.frame);
    if (now) {
        send(w, e->node, &answer, accept != NULL ? accept->x : NULL);
    } else {
        note_answering(b, e->lane, h->request_id, question);
    }
    see_to_work(w, e->node);
}

void sim_box_take(struct sim_world *w, const struct sim_event *e)
{
    const struct view head = {e->bytes, FRAME_HEADER_LEN};
    struct sim_event later = *e;
    struct frame_header h;

    if (w->boxes[e->node].is_down ||
        (e->lane == SIM_LANE_FRONT &&
         (!w->links[e->node].up || e->arg != w->links[e->node].number))) {
        return;
    }
    if (frame_header_decode(head, &h) != ERR_OK || h.body_len != e->n - FRAME_HEADER_LEN) {
        if (e->lane == SIM_LANE_FRONT) { /* the node closes the connection */
            sim_front_connect(w, e->node, false);
        }
        return;
    }
    if (!e->waited && sim_liar_waits(w, e->node, &h)) {
        later.waited = true;
        later.at_ns = w->now_ns + WAIT_NS;
        sim_events_add(&w->events, &later, (struct view){e->bytes, e->n});
        return;
    }
    take(w, e, &h);
}

void sim_box_work(struct sim_world *w, unsigned node)
{
    struct sim_box *const b = &w->boxes[node];
    struct sim_answer answer;

    b->works = false;
    if (b->is_down) {
        return;
    }
    enter(w, node);
    const bool out = sim_node_work(b->node, &answer);

    plant_leave();
    if (out) {
        const struct sim_answering of = take_answering(b, &answer);

        sim_check_respond(w, node, of.x, answer.frame);
        send(w, node, &answer, of.x);
    }
    see_to_work(w, node);
}

void sim_box_tick(struct sim_world *w, unsigned node)
{
    if (!w->boxes[node].is_down) {
        enter(w, node);
        sim_node_tick(w->boxes[node].node);
        plant_leave();
        see_to_work(w, node);
    }
}
