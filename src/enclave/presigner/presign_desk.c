#include "enclave/presigner/presign_desk.h"

#include "base/scratch_stack.h"
#include "base/secret.h"

#include <string.h>

static void enter(struct presign_desk *d)
{
    d->meeting.desk.enter(d->meeting.desk.self);
}

static void leave(struct presign_desk *d)
{
    d->meeting.desk.leave(d->meeting.desk.self);
}

static void nothing(void *self)
{
    (void)self;
}

struct presign_meeting presign_meeting_alone(void)
{
    return (struct presign_meeting){
        .desk = {nothing, nothing, NULL}, .pool = {nothing, nothing, NULL}, .wake = nothing};
}

void presign_desk_init(struct presign_desk *d, const struct presign_meeting *meeting)
{
    d->meeting = *meeting;
    mesh_box_init(&d->in);
}

/* With the guard. */
static bool fence_waits(const struct presign_desk *d)
{
    bool any = false;

    for (unsigned i = 0; i < MESH_NODES_MAX; i++) {
        any = any || d->fences[i].incarnation != 0;
    }
    return any;
}

/* With the guard, whenever either changes. */
static void tell_unheard(struct presign_desk *d)
{
    atomic_store(&d->unheard, d->voids > 0 || fence_waits(d));
}

/* ---- the main thread ---- */

void presign_desk_start(struct presign_desk *d, struct presigner *p, struct presign_pool *pool,
                        unsigned nodes)
{
    enter(d);
    d->presigner = p;
    d->pool = pool;
    d->nodes = nodes;
    d->voids = 0;
    tell_unheard(d);
    d->failed = false;
    d->tick_ns = 0;
    memset(&d->status, 0, sizeof d->status);
    d->running = true;
    leave(d);
    d->meeting.wake(d->meeting.self);
}

static void forget_boxes(struct presign_desk *d)
{
    mesh_box_init(&d->in);
    d->in_waits = false;
    d->out_at = 0;
    d->out_len = 0;
    d->more = false;
    d->voids = 0;
    memset(d->fences, 0, sizeof d->fences);
    tell_unheard(d);
}

bool presign_desk_stop(struct presign_desk *d)
{
    struct presign_waiting_order left[PRESIGN_ORDERS_MAX];
    size_t n;
    bool busy;

    enter(d);
    d->running = false;
    busy = d->busy;
    n = d->n_orders;
    memcpy(left, d->orders, n * sizeof left[0]);
    d->n_orders = 0;
    if (!busy) {
        forget_boxes(d);
    }
    leave(d);
    for (size_t i = 0; i < n; i++) {
        d->meeting.ordered(d->meeting.self, left[i].token, ERR_STATE);
    }
    return !busy;
}

size_t presign_desk_put(struct presign_desk *d, struct view body)
{
    size_t n;

    enter(d);
    n = mesh_box_fill(&d->in, d->nodes, body);
    d->in_waits = d->in_waits || n > 0;
    leave(d);
    d->meeting.wake(d->meeting.self);
    return n;
}

/* Whole packets alone, so that what was left out comes next time. */
static size_t whole_packets(struct view all, size_t room)
{
    struct reader r = rd_init(all);
    struct mesh_packet p;
    size_t n = 0;

    while (r.n > 0 && mesh_packet_decode(&r, &p) == ERR_OK && all.n - r.n <= room) {
        n = all.n - r.n;
    }
    return n;
}

void presign_desk_get(struct presign_desk *d, struct writer *w)
{
    size_t n;

    enter(d);
    n = whole_packets((struct view){d->out + d->out_at, d->out_len - d->out_at},
                      w->cap - w->len);
    wr_bytes(w, d->out + d->out_at, n);
    d->out_at += n;
    if (d->out_at == d->out_len) {
        d->out_at = 0;
        d->out_len = 0;
    }
    leave(d);
    if (n > 0) {
        d->meeting.wake(d->meeting.self); /* there is room again */
    }
}

enum err presign_desk_order(struct presign_desk *d, const struct presign_order *order,
                            void *token)
{
    enum err e = ERR_OK;

    enter(d);
    if (!d->running) {
        e = ERR_STATE;
    } else if (d->n_orders == PRESIGN_ORDERS_MAX) {
        e = ERR_NOSPACE;
    } else {
        d->orders[d->n_orders++] = (struct presign_waiting_order){*order, token};
    }
    leave(d);
    d->meeting.wake(d->meeting.self);
    return e;
}

void presign_desk_status(struct presign_desk *d, struct presign_status *out)
{
    enter(d);
    *out = d->status;
    leave(d);
}

size_t presign_desk_void(struct presign_desk *d)
{
    struct presign_pool *const pool = d->pool;
    uint64_t before = 0;
    size_t gone = 0;

    enter(d);
    d->voids += d->running ? 1U : 0U;
    tell_unheard(d);
    leave(d);
    if (pool != NULL) {
        d->meeting.pool.enter(d->meeting.pool.self);
        before = pool->counts.voided;
        presign_pool_void(pool, pool->own);
        gone = (size_t)(pool->counts.voided - before);
        d->meeting.pool.leave(d->meeting.pool.self);
    }
    d->meeting.wake(d->meeting.self);
    return gone;
}

void presign_desk_fence(struct presign_desk *d, unsigned node, const struct presign_fence *f)
{
    enter(d);
    d->fences[node] = *f;
    tell_unheard(d);
    leave(d);
    d->meeting.pool.enter(d->meeting.pool.self);
    presign_pool_void(d->pool, node);
    d->meeting.pool.leave(d->meeting.pool.self);
    d->meeting.wake(d->meeting.self);
}

bool presign_desk_is_voided(const struct presign_desk *d)
{
    return atomic_load(&d->unheard);
}

bool presign_desk_failed(struct presign_desk *d)
{
    bool failed;

    enter(d);
    failed = d->failed;
    leave(d);
    return failed;
}

/* ---- the other thread ---- */

/* What one slice is about. */
struct slice {
    struct presign_desk *d;
    int64_t now_ns;
    uint32_t voids;
    bool tick, more, failed;
    size_t n_orders;
    struct presign_waiting_order orders[PRESIGN_ORDERS_MAX];
    struct presign_fence fences[MESH_NODES_MAX];
    enum err errs[PRESIGN_ORDERS_MAX];
    struct presign_status status;
};

bool presign_desk_is_due(const struct presign_desk *d, int64_t now_ns)
{
    return d->running && (d->more || d->voids > 0 || fence_waits(d) || d->in_waits ||
                          d->n_orders > 0 || now_ns >= d->tick_ns);
}

/* The next packet is copied out; its length, 0: none waits. */
static size_t next_packet(struct presign_desk *d, unsigned *from)
{
    struct mesh_waiting first;
    size_t n = 0;

    enter(d);
    d->in_waits = mesh_box_first(&d->in, from, &first);
    if (d->in_waits) {
        n = first.packet.n;
        memcpy(d->packet, first.packet.p, n);
        mesh_box_drop_first(&d->in, *from);
    }
    leave(d);
    return n;
}

/* First of all. False: the old ones would still be known. */
static bool void_all(const struct slice *s)
{
    struct presigner *const p = s->d->presigner;

    if (s->voids > 0 && presigner_void(p, s->now_ns) != ERR_OK) {
        return false;
    }
    for (unsigned i = 0; i < MESH_NODES_MAX; i++) {
        const struct presign_fence *const f = &s->fences[i];

        if (f->incarnation != 0 && presigner_reincarnate(p, i, f->incarnation, f->identity,
                                                         f->signing_key, s->now_ns) != ERR_OK) {
            return false;
        }
    }
    return true;
}

/* Without the guard, on the desk's stack. */
static void work(void *arg)
{
    struct slice *const s = arg;
    struct presign_desk *const d = s->d;
    unsigned from = 0;
    size_t n;

    s->failed = !void_all(s);
    if (s->failed) {
        return;
    }
    for (size_t i = 0; i < PRESIGN_TURN && (n = next_packet(d, &from)) > 0; i++) {
        d->refused += presigner_take(d->presigner, from, (struct view){d->packet, n},
                                     s->now_ns) != ERR_OK;
    }
    for (size_t i = 0; i < s->n_orders; i++) {
        s->errs[i] = presigner_order(d->presigner, &s->orders[i].order, s->now_ns);
    }
    if (s->tick) {
        d->refused += presigner_tick(d->presigner, s->now_ns) != ERR_OK;
    }
    s->more = presigner_work(d->presigner, s->now_ns);
    presigner_status(d->presigner, s->now_ns, &s->status);
}

/* Takes what is to be done. False: stopped. */
static bool begin(struct presign_desk *d, struct slice *s)
{
    bool running;

    s->now_ns = d->meeting.monotonic_ns(d->meeting.self);
    enter(d);
    running = d->running;
    d->busy = running;
    s->voids = d->voids;
    s->tick = s->now_ns >= d->tick_ns;
    s->n_orders = running ? d->n_orders : 0;
    memcpy(s->orders, d->orders, s->n_orders * sizeof s->orders[0]);
    d->n_orders -= s->n_orders;
    memcpy(s->fences, d->fences, sizeof s->fences);
    leave(d);
    return running;
}

/* What came of it is there for the main thread. */
static void end(struct presign_desk *d, const struct slice *s)
{
    struct writer w;

    enter(d);
    memmove(d->out, d->out + d->out_at, d->out_len - d->out_at);
    d->out_len -= d->out_at;
    d->out_at = 0;
    w = wr_init(d->out, sizeof d->out);
    w.len = d->out_len;
    (void)presigner_give(d->presigner, &w);
    d->out_len = w.len;
    d->status = s->status;
    d->more = s->more;
    d->voids -= s->failed ? 0U : s->voids;
    for (unsigned i = 0; i < MESH_NODES_MAX && !s->failed; i++) {
        if (d->fences[i].incarnation == s->fences[i].incarnation) {
            memset(&d->fences[i], 0, sizeof d->fences[i]);
        }
    }
    tell_unheard(d);
    d->failed = d->failed || s->failed;
    d->running = d->running && !s->failed;
    d->tick_ns = s->tick ? s->now_ns + PRESIGN_TICK_NS : d->tick_ns;
    d->busy = false;
    leave(d);
    for (size_t i = 0; i < s->n_orders; i++) {
        d->meeting.ordered(d->meeting.self, s->orders[i].token, s->errs[i]);
    }
}

void presign_desk_slice(struct presign_desk *d)
{
    static const uint8_t zero[64];
    struct slice s = {.d = d};

    if (!begin(d, &s)) {
        return;
    }
    scratch_stack_run(d->stack, sizeof d->stack, work, &s);
    s.failed = s.failed || !ct_equal(d->stack, zero, sizeof zero); /* it was too short */
    scratch_stack_wipe(d->stack, sizeof d->stack);
    end(d, &s);
}
