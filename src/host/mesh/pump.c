#include "host/mesh/pump.h"

#include <string.h>

_Static_assert(MESH_NODES_MAX == PLAN_NODES_MAX && PRESIGN_NODES_MAX == PLAN_NODES_MAX,
               "one number of nodes");
_Static_assert(PUMP_LANE_MAX >= MESH_GET_LEAST, "the longest packet has room");

void pump_init(struct pump *p, const struct scheduler_rule *rule, int64_t now_ns)
{
    p->n = rule->total;
    scheduler_init(&p->scheduler, rule, now_ns);
    for (size_t i = 0; i < p->n; i++) {
        p->cores[i].place = PUMP_NOWHERE;
    }
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---- who is where ---- */

static struct pump_core *core_at(struct pump *p, unsigned place)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->cores[i].place == place) {
            return &p->cores[i];
        }
    }
    return NULL;
}

/* What waits for a core goes. */
static void forget(struct pump *p, struct pump_core *c)
{
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        p->counts.dropped += pump_lane_clear(&c->lanes[i]);
    }
    c->forgotten = true;
}

static void move(struct pump *p, struct pump_core *c, unsigned place, int64_t now_ns)
{
    if (c->place == place) {
        return;
    }
    if (c->place != PUMP_NOWHERE) {
        scheduler_up(&p->scheduler, c->place, false);
    }
    forget(p, c);
    c->place = place;
    c->ours = c->stuck = false;
    c->get_ns = c->put_ns = c->status_ns = c->moved_ns = c->took_ns = now_ns;
}

static unsigned cores_of(const struct pump *p, const uint8_t epoch_id[EPOCH_ID_LEN])
{
    unsigned n = 0;

    for (size_t i = 0; i < p->n; i++) {
        n +=
            p->cores[i].index != 0 && memcmp(p->cores[i].epoch_id, epoch_id, EPOCH_ID_LEN) == 0;
    }
    return n;
}

/* The epoch that most cores are of; of several such the one that was ours. */
static void find_epoch(struct pump *p)
{
    unsigned most = cores_of(p, p->epoch_id);

    for (size_t i = 0; i < p->n; i++) {
        const unsigned n = p->cores[i].index != 0 ? cores_of(p, p->cores[i].epoch_id) : 0;

        if (n > most) {
            most = n;
            memcpy(p->epoch_id, p->cores[i].epoch_id, EPOCH_ID_LEN);
        }
    }
}

/* Who has a place keeps it: a core that says it were another one changes nothing for that. */
static void find_places(struct pump *p, int64_t now_ns)
{
    find_epoch(p);
    for (size_t i = 0; i < p->n; i++) {
        struct pump_core *c = &p->cores[i];

        if (c->index == 0 || c->index > p->n || c->place != c->index - 1U ||
            memcmp(c->epoch_id, p->epoch_id, EPOCH_ID_LEN) != 0) {
            move(p, c, PUMP_NOWHERE, now_ns);
        }
    }
    for (size_t i = 0; i < p->n; i++) {
        struct pump_core *c = &p->cores[i];

        if (c->place == PUMP_NOWHERE && c->index != 0 && c->index <= p->n &&
            memcmp(c->epoch_id, p->epoch_id, EPOCH_ID_LEN) == 0 &&
            core_at(p, c->index - 1U) == NULL) {
            move(p, c, c->index - 1U, now_ns);
        }
    }
}

void pump_open(struct pump *p, size_t core, int64_t now_ns)
{
    struct pump_core *c = &p->cores[core];

    c->up = true;
    c->asked = 0;
    c->hello_ns = now_ns;
}

void pump_close(struct pump *p, size_t core)
{
    struct pump_core *c = &p->cores[core];

    move(p, c, PUMP_NOWHERE, 0);
    c->up = false;
    c->asked = 0;
    c->index = 0;
}

static bool is_silent(const struct pump_core *c, int64_t now_ns)
{
    return c->asked != 0 && now_ns - c->asked_ns >= PUMP_SILENT_NS;
}

bool pump_is_dead(const struct pump *p, size_t core, int64_t now_ns)
{
    const struct pump_core *c = &p->cores[core];

    return c->asked != 0 && now_ns - c->asked_ns >= PUMP_DEAD_NS;
}

/* Of several of our kind one gives orders: the one that fetches from the first core. */
static bool leads(struct pump *p, int64_t now_ns)
{
    for (unsigned place = 0; place < p->n; place++) {
        const struct pump_core *c = core_at(p, place);

        if (c != NULL && !is_silent(c, now_ns)) {
            return c->ours;
        }
    }
    return false;
}

/* ---- questions ---- */

static bool has_packets(const struct pump_core *c)
{
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        if (!pump_lane_empty(&c->lanes[i])) {
            return true;
        }
    }
    return false;
}

/* How many bytes may be fetched from a core: as many as each lane that it fills has room for.
 */
static size_t room_for(const struct pump *p, const struct pump_core *from)
{
    size_t room = FRAME_BODY_LONG_MAX;

    for (size_t i = 0; i < p->n; i++) {
        const struct pump_core *to = &p->cores[i];

        if (to != from && to->place != PUMP_NOWHERE && !to->stuck) {
            const size_t own = pump_lane_room(&to->lanes[from->place]);

            room = own < room ? own : room;
        }
    }
    return room;
}

static void write_put(struct pump_core *c, struct writer *w)
{
    size_t cursors[PLAN_NODES_MAX] = {0};
    const size_t end = w->len + FRAME_BODY_LONG_MAX;
    bool any = true;

    c->n_put = 0;
    c->forgotten = false;
    while (any) { /* one of each lane in turn */
        any = false;
        for (unsigned i = 0; i < PLAN_NODES_MAX && c->n_put < MESH_PUT_MAX; i++) {
            const unsigned from = (c->first + i) % PLAN_NODES_MAX;
            struct mesh_packet packet = {.node = (uint8_t)from};
            size_t cursor = cursors[from];

            if (pump_lane_next(&c->lanes[from], &cursor, &packet.packet) &&
                packet.packet.n + MESH_PACKET_HEAD_LEN <= end - w->len) {
                mesh_packet_encode(w, &packet);
                cursors[from] = cursor;
                c->put[c->n_put++] = (uint8_t)from;
                any = true;
            }
        }
    }
    c->first = (c->first + 1) % PLAN_NODES_MAX;
}

/* What is to be asked now; 0: nothing. */
static uint8_t choose(struct pump *p, struct pump_core *c, int64_t now_ns)
{
    if (now_ns >= c->hello_ns) {
        return FRAME_HELLO;
    }
    if (c->place == PUMP_NOWHERE) {
        return 0;
    }
    if (c->ours && leads(p, now_ns) && scheduler_next(&p->scheduler, c->place, &c->order)) {
        return FRAME_PRESIGN_ORDER;
    }
    if (c->ours && now_ns >= c->status_ns) {
        return FRAME_PRESIGN_STATUS;
    }
    const bool put = now_ns >= c->put_ns && has_packets(c);
    const bool get = now_ns >= c->get_ns && room_for(p, c) >= MESH_GET_LEAST;

    c->putting = put && (!get || !c->putting);
    return c->putting ? FRAME_MESH_PUT : get ? FRAME_MESH_GET : 0;
}

bool pump_ask(struct pump *p, size_t core, int64_t now_ns, struct writer *frame)
{
    struct pump_core *c = &p->cores[core];

    if (!c->up || c->asked != 0) {
        return false;
    }
    const uint8_t type = choose(p, c, now_ns);

    if (type == 0) {
        return false;
    }
    const size_t mark = frame_begin(frame, type, ++c->request_id);

    if (type == FRAME_MESH_PUT) {
        write_put(c, frame);
    } else if (type == FRAME_MESH_GET) {
        mesh_get_encode(frame, (uint32_t)room_for(p, c));
    } else if (type == FRAME_PRESIGN_ORDER) {
        presign_order_encode(frame, &c->order);
        c->moved_ns = now_ns;
    }
    frame_end(frame, mark);
    c->asked = type;
    c->asked_ns = now_ns;
    return true;
}

/* ---- answers ---- */

/* A core whose P-384 key is its own has nothing to say to others. */
static bool is_of_several(const struct hello *h)
{
    for (size_t i = 0; i < h->n_keys; i++) {
        if (h->keys[i].key == KEY_CLASSIC) {
            return h->keys[i].threshold > 1;
        }
    }
    return false;
}

static enum err take_hello(struct pump *p, struct pump_core *c, struct view body,
                           int64_t now_ns)
{
    struct hello h;

    TRY(hello_decode(body, &h));
    c->index = is_of_several(&h) ? h.index : 0;
    memcpy(c->epoch_id, h.epoch_id, sizeof c->epoch_id);
    c->hello_ns = now_ns + (h.index == 0 ? PUMP_WAIT_NS : PUMP_HELLO_NS);
    find_places(p, now_ns);
    return ERR_OK;
}

static void count_put(struct pump *p, struct pump_core *c)
{
    struct view packet;

    for (uint8_t i = 0; i < c->n_put; i++) {
        size_t cursor = 0;

        if (pump_lane_next(&c->lanes[c->put[i]], &cursor, &packet)) {
            p->counts.packets++;
            p->counts.bytes += packet.n;
            pump_lane_drop(&c->lanes[c->put[i]]);
        }
    }
}

static enum err take_taken(struct pump *p, struct pump_core *c, struct view body,
                           int64_t now_ns)
{
    uint8_t taken = 0;

    TRY(mesh_taken_decode(body, &taken));
    if (taken > c->n_put) {
        return ERR_RANGE;
    }
    if (taken == 0) {
        c->put_ns = now_ns + PUMP_FULL_NS;
        return ERR_OK;
    }
    c->n_put = taken;
    if (!c->forgotten) {
        count_put(p, c);
    }
    c->took_ns = c->moved_ns = now_ns;
    c->get_ns = least(c->get_ns, now_ns + PUMP_HOT_NS);
    c->stuck = false;
    return ERR_OK;
}

static void deliver(struct pump *p, const struct pump_core *from, const struct mesh_packet *in,
                    int64_t now_ns)
{
    struct pump_core *to = core_at(p, in->node);

    if (to == NULL || to == from) {
        p->counts.dropped++;
        return;
    }
    if (!has_packets(to)) {
        to->took_ns = now_ns;
    }
    if (to->stuck && pump_lane_room(&to->lanes[from->place]) < MESH_GET_LEAST) {
        forget(p, to);
    }
    if (!pump_lane_put(&to->lanes[from->place], in->packet)) {
        p->counts.dropped++;
    }
}

static int64_t pace_ns(const struct pump_core *c, int64_t now_ns)
{
    const int64_t still = now_ns - c->moved_ns;

    return still < PUMP_HOT_FOR_NS    ? PUMP_HOT_NS
           : still < PUMP_WARM_FOR_NS ? PUMP_WARM_NS
                                      : PUMP_IDLE_NS;
}

static enum err take_packets(struct pump *p, struct pump_core *c, struct view body,
                             int64_t now_ns)
{
    struct reader r = rd_init(body);
    size_t n = 0;

    if (body.n > room_for(p, c)) {
        return ERR_RANGE;
    }
    TRY(mesh_packets_check(body, SIZE_MAX, &n));
    for (size_t i = 0; i < n; i++) {
        struct mesh_packet packet;

        TRY(mesh_packet_decode(&r, &packet));
        deliver(p, c, &packet, now_ns);
    }
    c->ours = true;
    c->moved_ns = n > 0 ? now_ns : c->moved_ns;
    c->get_ns = now_ns + (n > 0 ? 0 : pace_ns(c, now_ns));
    return ERR_OK;
}

static enum err take_status(struct pump *p, struct pump_core *c, struct view body,
                            int64_t now_ns)
{
    struct presign_status s;

    TRY(presign_status_decode(body, &s));
    scheduler_take(&p->scheduler, c->place, &s, now_ns);
    return ERR_OK;
}

static enum err take_ordered(struct pump *p, struct pump_core *c, struct view body,
                             int64_t now_ns)
{
    enum err e = ERR_BUG;

    TRY(presign_ordered_decode(body, &e));
    scheduler_answer(&p->scheduler, c->place, &c->order, e, now_ns);
    c->get_ns = least(c->get_ns, now_ns + PUMP_HOT_NS);
    return ERR_OK;
}

/* It does not do that now: it is asked again later. */
static void take_refusal(struct pump *p, struct pump_core *c, uint8_t asked, enum err e,
                         int64_t now_ns)
{
    const int64_t later = now_ns + PUMP_WAIT_NS;

    switch (asked) {
    case FRAME_HELLO:
        c->hello_ns = later;
        break;
    case FRAME_MESH_PUT:
        forget(p, c);
        c->put_ns = later;
        break;
    case FRAME_MESH_GET:
        c->ours = false;
        c->get_ns = later;
        break;
    case FRAME_PRESIGN_ORDER:
        scheduler_answer(&p->scheduler, c->place, &c->order, e, now_ns);
        break;
    default:
        c->status_ns = later;
    }
}

enum err pump_take(struct pump *p, size_t core, const struct frame_header *h, struct view body,
                   int64_t now_ns)
{
    struct pump_core *c = &p->cores[core];
    const uint8_t asked = c->asked;
    enum err e = ERR_BUG;

    if (asked == 0 || h->request_id != c->request_id) {
        return ERR_TYPE;
    }
    c->asked = 0;
    if (asked != FRAME_HELLO && c->place == PUMP_NOWHERE) { /* it moved meanwhile */
        return ERR_OK;
    }
    if (h->type == FRAME_ERROR) {
        TRY(frame_error_decode(body, &e));
        take_refusal(p, c, asked, e, now_ns);
        return ERR_OK;
    }
    if (h->type != (asked | FRAME_ANSWER)) {
        return ERR_TYPE;
    }
    switch (asked) {
    case FRAME_HELLO:
        return take_hello(p, c, body, now_ns);
    case FRAME_MESH_PUT:
        return take_taken(p, c, body, now_ns);
    case FRAME_MESH_GET:
        return take_packets(p, c, body, now_ns);
    case FRAME_PRESIGN_ORDER:
        return take_ordered(p, c, body, now_ns);
    default:
        c->status_ns = now_ns + scheduler_pace_ns(&p->scheduler);
        return take_status(p, c, body, now_ns);
    }
}

/* ---- time ---- */

static void look_at(struct pump *p, struct pump_core *c, int64_t now_ns)
{
    if (c->place == PUMP_NOWHERE) {
        return;
    }
    if (!has_packets(c)) {
        c->took_ns = now_ns;
    } else if (now_ns - c->took_ns >= PUMP_STUCK_NS) {
        c->stuck = true;
        forget(p, c);
    }
    scheduler_up(&p->scheduler, c->place, c->ours && !is_silent(c, now_ns));
}

/* Nobody is to blame for time in which this process did not run. */
static void forgive(struct pump *p, int64_t now_ns)
{
    const int64_t away_ns = now_ns - p->planned_ns - PUMP_WAIT_NS;

    for (size_t i = 0; p->planned_ns != 0 && away_ns > 0 && i < p->n; i++) {
        p->cores[i].took_ns += away_ns;
    }
    p->planned_ns = now_ns;
}

enum err pump_plan(struct pump *p, const struct entropy_source *entropy, int64_t now_ns,
                   uint64_t wall_us)
{
    forgive(p, now_ns);
    for (size_t i = 0; i < p->n; i++) {
        look_at(p, &p->cores[i], now_ns);
    }
    if (!leads(p, now_ns)) {
        scheduler_stand_by(&p->scheduler, now_ns);
        return ERR_OK;
    }
    return scheduler_plan(&p->scheduler, entropy, now_ns, wall_us);
}

int64_t pump_next_ns(const struct pump *p, int64_t now_ns)
{
    int64_t next = now_ns + PUMP_WAIT_NS;

    for (size_t i = 0; i < p->n; i++) {
        const struct pump_core *c = &p->cores[i];

        if (!c->up || c->asked != 0) {
            continue;
        }
        next = least(next, c->hello_ns);
        if (c->place == PUMP_NOWHERE) {
            continue;
        }
        next = c->ours ? least(next, c->status_ns) : next;
        next = has_packets(c) ? least(next, c->put_ns) : next;
        next = room_for(p, c) >= MESH_GET_LEAST ? least(next, c->get_ns) : next;
    }
    return next;
}
