#include "enclave/core/core_mesh.h"

#include "enclave/core/core_ceremony.h"
#include "enclave/core/core_parts.h"
#include "enclave/member/core_member.h"
#include "enclave/presigner/presign_desk.h"
#include "wire/presign_call.h"
#include "wire/renew_order.h"

#include <string.h>

/* ---- packets ---- */

static enum err answer_put(struct core *c, struct view body, struct writer *w)
{
    size_t n = 0;

    TRY(mesh_packets_check(body, MESH_PUT_MAX, &n));
    mesh_taken_encode(w, (uint8_t)presign_desk_put(c->presign.desk, body));
    return ERR_OK;
}

/* Packets are in order as long as one fetches them: another has its turn once that one has
 * not asked for a while. */
static enum err take_turn(struct core *c, uint32_t lane)
{
    struct core_presign *const p = &c->presign;

    if (p->fetched_ns != 0 && p->fetched_by != lane &&
        c->now.mono_ns - p->fetched_ns < LIMIT_MESH_LANE_NS) {
        return ERR_STATE;
    }
    p->fetched_by = lane;
    p->fetched_ns = c->now.mono_ns;
    return ERR_OK;
}

static enum err answer_get(struct core *c, const struct core_call *call, struct writer *w)
{
    uint32_t bytes = 0;
    struct writer part;

    TRY(mesh_get_decode(call->body, &bytes));
    TRY(take_turn(c, call->lane));
    part = wr_init(w->p, bytes < w->cap - w->len ? w->len + bytes : w->cap);
    part.len = w->len;
    presign_desk_get(c->presign.desk, &part);
    w->len = part.len;
    return ERR_OK;
}

/* ---- presignatures ---- */

struct renewal {
    const struct core *c;
    struct renew_order order;
    enum err err;
};

static void judge_renewal(void *arg)
{
    struct renewal *const k = arg;
    const struct ceremony *const cm = &k->c->member->ceremony;

    k->err = renew_order_judge(&k->order, &cm->plan, cm->known.epoch_id);
}

/* Operators have this node and another try once more. */
static enum err take_renewal(struct core *c, struct view bytes, struct presign_order *o)
{
    struct renewal k = {.c = c};
    unsigned own = 0;

    TRY(renew_order_decode(bytes, &k.order));
    own = k.order.nodes[0] + 1U == c->index ? 0 : 1;
    if (k.order.nodes[own] + 1U != c->index) {
        return ERR_RANGE;
    }
    TRY(core_ceremony_on_stack(c, judge_renewal, &k));
    TRY(k.err);
    *o = (struct presign_order){.kind = PRESIGN_ORDER_RENEW,
                                .peer = k.order.nodes[1 - own],
                                .counter = k.order.attempt};
    return ERR_OK;
}

static enum err read_order(struct core *c, struct view body, struct presign_order *o)
{
    if (body.n > 0 && body.p[0] == PRESIGN_ORDER_RENEW) {
        return take_renewal(c, (struct view){body.p + 1, body.n - 1}, o);
    }
    return presign_order_decode(body, o);
}

static enum err order(struct core *c, const struct core_call *call, struct sign_batch **batch)
{
    struct presign_order o;
    struct sign_batch *b;
    enum err e;

    TRY(read_order(c, call->body, &o));
    b = jobs_get(&c->jobs, KEY_CLASSIC);
    if (b == NULL) {
        return ERR_NOSPACE;
    }
    b->request_id = call->head.request_id;
    b->lane = call->lane;
    b->is_order = true;
    b->n_jobs = 1;
    b->taken = 1; /* no signing thread is asked */
    c->counts.jobs_busy++;
    *batch = b;
    e = presign_desk_order(c->presign.desk, &o, b);
    if (e != ERR_OK) {
        *batch = NULL;
        c->counts.jobs_busy--;
        jobs_put(&c->jobs, b);
    }
    return e;
}

void core_mesh_finish(struct core *c, struct sign_batch *b, struct writer *w)
{
    const size_t mark = frame_begin(w, FRAME_PRESIGN_ORDER | FRAME_ANSWER, b->request_id);

    presign_ordered_encode(w, b->jobs[0].err);
    frame_end(w, mark);
    c->counts.jobs_busy--;
    jobs_put(&c->jobs, b);
}

/* The ids and r of a record are public. */
static void list_row(struct writer *w, const struct presign_slot *slot)
{
    struct presign_listed row = {.number = slot->number, .triple = (uint8_t)slot->record.s};

    _Static_assert(sizeof row.id == sizeof slot->record.id &&
                       sizeof row.r == sizeof slot->record.r,
                   "of one length");
    memcpy(row.id, slot->record.id, sizeof row.id);
    memcpy(row.r, slot->record.r, sizeof row.r);
    presign_listed_encode(w, &row);
}

static enum err answer_list(struct core *c, struct view body, struct writer *w)
{
    const struct presign_guard *const guard = &c->presign.desk->meeting.pool;
    const struct presign_pool *const pool = c->presign.pool;
    const struct presign_slot *slot = NULL;
    uint64_t since = 0;
    uint64_t next = 0;
    size_t mark;
    size_t n = 0;

    TRY(presign_since_decode(body, &since));
    mark = presign_list_begin(w);
    guard->enter(guard->self);
    next = pool->last_number + 1;
    slot = presign_pool_above(pool, since > 0 ? since - 1 : 0);
    for (; slot != NULL && n < PRESIGN_LIST_MAX; slot = presign_pool_next(pool, slot), n++) {
        list_row(w, slot);
    }
    next = slot != NULL ? slot->number : next;
    guard->leave(guard->self);
    presign_list_end(w, mark, next);
    return ERR_OK;
}

static enum err answer_status(struct core *c, struct view body, struct writer *w)
{
    struct presign_status s;

    if (body.n != 0) {
        return ERR_TRAILING;
    }
    presign_desk_status(c->presign.desk, &s);
    if (s.n_nodes == 0) { /* no slice was made yet */
        return ERR_STATE;
    }
    presign_status_encode(w, &s);
    return ERR_OK;
}

enum err core_mesh_call(struct core *c, const struct core_call *call, struct writer *w,
                        struct sign_batch **batch)
{
    if (c->member == NULL) {
        return ERR_TYPE;
    }
    core_look_at_clock(c);
    if (c->presign.desk == NULL || c->presign.ending) {
        return ERR_STATE;
    }
    switch (call->head.type) {
    case FRAME_MESH_PUT:
        return answer_put(c, call->body, w);
    case FRAME_MESH_GET:
        return answer_get(c, call, w);
    case FRAME_PRESIGN_ORDER:
        return order(c, call, batch);
    case FRAME_PRESIGN_LIST:
        return answer_list(c, call->body, w);
    default:
        return answer_status(c, call->body, w);
    }
}
