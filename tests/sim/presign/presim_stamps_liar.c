/* Nodes that answer what is not so, and a front that asks it. */
#include "presim_stamps.h"

#include "base/mask.h"

static bool has(const struct presim_stamps *o, unsigned node, enum presim_tell tell)
{
    return (o->tells[node] & (unsigned)tell) != 0;
}

/* Those who lied before, and others, two in all. */
void presim_tell_begin(struct presim_stamps *o)
{
    struct sim_rng *const rng = &o->s->rng;
    unsigned liars = 0;

    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        liars |= presim_is_honest(o->s, i) ? 0 : 1U << i;
    }
    o->often = sim_chance(rng, 500) ? 1000 : 600;
    while (mask_count(liars) < 2 && sim_chance(rng, 600)) {
        liars |= 1U << sim_below(rng, PRESIM_NODES);
    }
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        if ((liars >> i & 1) != 0) {
            o->s->tellers |= 1U << i;
            o->tells[i] = 1U << sim_below(rng, PRESIM_TELLS);
            o->tells[i] |= sim_chance(rng, 300) ? 1U << sim_below(rng, PRESIM_TELLS) : 0;
        }
    }
}

/* ---- answers ---- */

/* If there is room. */
static void keep(struct presign_pool *pool, struct tecdsa_presignature *record, int64_t now_ns)
{
    if (presign_pool_add(pool, record, now_ns) != ERR_OK) {
        memset(record, 0, sizeof *record);
    }
}

/* What is answered for is in the pool again. */
void presim_tell_before(struct presim_stamps *o, unsigned node, const struct frame_header *h,
                        struct view body)
{
    struct presign_pool *const pool = &o->s->w->core[node].pool;
    struct reader r = rd_init(body);
    struct r2_head head;
    struct r2_stamp stamp;

    if (!has(o, node, PRESIM_TELL_TWICE) || h->type != FRAME_R2 ||
        r2_head_decode(&r, &head) != ERR_OK) {
        return;
    }
    for (unsigned i = 0; i < head.n && r2_stamp_decode(&r, &head, &stamp) == ERR_OK; i++) {
        const struct presign_slot *slot = presign_pool_above(pool, 0);
        struct tecdsa_presignature copy;

        while (slot != NULL && memcmp(slot->record.id, stamp.presign.p, TECDSA_HASH_LEN) != 0) {
            slot = presign_pool_next(pool, slot);
        }
        if (slot != NULL) {
            memcpy(&copy, &slot->record, sizeof copy);
            copy.id[0] ^= 0x80; /* until the answer is there */
            keep(pool, &copy, o->s->w->now_ns);
        }
    }
}

/* They have their names again, and new numbers. */
void presim_tell_after(struct presim_stamps *o, unsigned node, const struct frame_header *h,
                       struct view body)
{
    struct presign_pool *const pool = &o->s->w->core[node].pool;
    struct reader r = rd_init(body);
    struct r2_head head;
    struct r2_stamp stamp;

    if (!has(o, node, PRESIM_TELL_TWICE) || h->type != FRAME_R2 ||
        r2_head_decode(&r, &head) != ERR_OK) {
        return;
    }
    for (unsigned i = 0; i < head.n && r2_stamp_decode(&r, &head, &stamp) == ERR_OK; i++) {
        const struct presign_slot *slot = presign_pool_above(pool, 0);

        for (; slot != NULL; slot = presign_pool_next(pool, slot)) {
            uint8_t *const id = (uint8_t *)(uintptr_t)slot->record.id;

            if ((id[0] ^ 0x80) == stamp.presign.p[0] &&
                memcmp(id + 1, stamp.presign.p + 1, TECDSA_HASH_LEN - 1) == 0) {
                id[0] ^= 0x80;
            }
        }
    }
}

/* A body that says another time, with the MACs of its maker. */
static void shift_span(struct presim_stamps *o, unsigned node, uint8_t *r1)
{
    struct world_core *const c = &o->s->w->core[node];
    const int64_t by_ns = sim_in(&o->s->rng, -3000, 3000) * PRESIM_MS;
    struct writer w = wr_init(r1, R1_BODY_LEN);
    struct r1_body b;

    world_must(r1_body_decode((struct view){r1, R1_BODY_LEN}, &b));
    b.lo_ns += by_ns;
    b.hi_ns += by_ns;
    r1_body_encode(&w, &b);
    world_must(r1_macs_write(&c->pool.macs, &c->work->stack, r1));
}

static void change_r1s(struct presim_stamps *o, unsigned node, uint8_t *body, size_t n)
{
    const size_t count = (n - 1) / R1_PROVEN_LEN;

    if (count == 0) {
        return;
    }
    if (sim_chance(&o->s->rng, 500)) {
        sim_flip(&o->s->rng, body + 1, n - 1);
    } else {
        shift_span(o, node,
                   body + 1 + (size_t)sim_below(&o->s->rng, (unsigned)count) * R1_PROVEN_LEN);
    }
    o->s->totals->lies++;
}

/* One is not what was signed. */
static void change_results(struct presim_stamps *o, unsigned node, uint8_t *body, size_t n)
{
    struct reader r = rd_init((struct view){body + 1, n - 1});
    struct r2_result result;

    while (r.n > 0 && r2_result_decode(&r, &result) == ERR_OK) {
        if (result.err == ERR_OK && has(o, node, PRESIM_TELL_R1) &&
            sim_chance(&o->s->rng, 100)) {
            sim_flip(&o->s->rng, (uint8_t *)(uintptr_t)result.signature.p, result.signature.n);
            o->s->totals->lies++;
        }
    }
}

static void change_list(struct presim_stamps *o, uint8_t *body, size_t n)
{
    const size_t rows = (n - sizeof(uint64_t)) / PRESIGN_LISTED_LEN;
    uint8_t *const row = body + sizeof(uint64_t);
    const unsigned at = rows > 0 ? sim_below(&o->s->rng, (unsigned)rows) : 0;
    const size_t fields[] = {8, 9, 9 + TECDSA_HASH_LEN}; /* triple, id, r */

    if (rows > 0) {
        row[(size_t)at * PRESIGN_LISTED_LEN + fields[sim_below(&o->s->rng, 3)]] ^= 3;
        o->s->totals->lies++;
    }
}

static size_t refuse(struct presim_stamps *o, uint8_t *frame)
{
    static const enum err what[] = {ERR_STALE,  ERR_TIME,  ERR_NOSPACE, ERR_SIGNATURE,
                                    ERR_QUORUM, ERR_STATE, ERR_RATE,    ERR_BUG};
    struct frame_header h;
    struct writer w = wr_init(frame, FRAME_HEADER_LEN + 2);
    size_t mark;

    world_must(frame_header_decode((struct view){frame, FRAME_HEADER_LEN}, &h));
    mark = frame_begin(&w, FRAME_ERROR, h.request_id);
    wr_u16le(&w, (uint16_t)what[sim_below(&o->s->rng, sizeof what / sizeof what[0])]);
    frame_end(&w, mark);
    o->s->totals->lies++;
    return w.len;
}

bool presim_tell_change(struct presim_stamps *o, unsigned node, uint8_t *frame, size_t *n)
{
    uint8_t *const body = frame + FRAME_HEADER_LEN;
    const size_t len = *n - FRAME_HEADER_LEN;
    struct frame_header h;

    world_must(frame_header_decode((struct view){frame, FRAME_HEADER_LEN}, &h));
    if (!sim_chance(&o->s->rng, o->often)) {
        return true;
    }
    if (has(o, node, PRESIM_TELL_SILENT)) {
        return false;
    }
    if (has(o, node, PRESIM_TELL_REFUSE)) {
        *n = refuse(o, frame);
    } else if (h.type == (FRAME_R1 | FRAME_ANSWER) && has(o, node, PRESIM_TELL_R1)) {
        change_r1s(o, node, body, len);
    } else if (h.type == (FRAME_R2 | FRAME_ANSWER)) {
        change_results(o, node, body, len);
    } else if (h.type == (FRAME_PRESIGN_LIST | FRAME_ANSWER) &&
               has(o, node, PRESIM_TELL_LIST)) {
        change_list(o, body, len);
    }
    return true;
}

/* ---- a front that means ill ---- */

/* Some record of a node. */
static const uint8_t *any_record(struct presim_stamps *o, unsigned node)
{
    const struct presign_pool *const pool = &o->s->w->core[node].pool;
    const struct presign_slot *slot = presign_pool_above(pool, 0);

    for (unsigned skip = sim_below(&o->s->rng, 4); slot != NULL && skip > 0; skip--) {
        const struct presign_slot *const next = presign_pool_next(pool, slot);

        slot = next != NULL ? next : slot;
    }
    return slot != NULL ? slot->record.id : NULL;
}

/* Views of a frame that is the caller's. */
static uint8_t *own(struct view v)
{
    return (uint8_t *)(uintptr_t)v.p;
}

void presim_rogue_change(struct presim_stamps *o, unsigned node, uint8_t *frame, size_t n)
{
    struct reader r = rd_init((struct view){frame + FRAME_HEADER_LEN, n - FRAME_HEADER_LEN});
    struct frame_header h;
    struct r2_head head;
    struct r2_stamp stamp;

    world_must(frame_header_decode((struct view){frame, FRAME_HEADER_LEN}, &h));
    if (h.type != FRAME_R2 || r2_head_decode(&r, &head) != ERR_OK) {
        return;
    }
    while (r.n > 0 && r2_stamp_decode(&r, &head, &stamp) == ERR_OK) {
        const unsigned dice = sim_below(&o->s->rng, 10);
        const uint8_t *const id = any_record(o, node);

        if (dice < 3) { /* another imprint for this one */
            own(stamp.hashed_message)[0] ^= 1;
        } else if (dice < 5 && id != NULL) { /* another record */
            memcpy(own(stamp.presign), id, stamp.presign.n);
        } else if (dice < 7) { /* an R1 that is not so */
            sim_flip(&o->s->rng, own(stamp.bodies), stamp.bodies.n);
        }
    }
}
