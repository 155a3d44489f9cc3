#include "wire/renew_order.h"

#include <string.h>

static const char magic[] = "quorate-renew-v1";
_Static_assert(sizeof magic - 1 == REENROL_MAGIC_LEN, "as all orders");

void renew_body_encode(struct writer *w, const struct renew_order *o)
{
    wr_bytes(w, magic, REENROL_MAGIC_LEN);
    wr_bytes(w, o->epoch_id, sizeof o->epoch_id);
    wr_bytes(w, o->nodes, sizeof o->nodes);
    wr_u32le(w, o->attempt);
}

void renew_order_encode(struct writer *w, const struct renew_order *o)
{
    renew_body_encode(w, o);
    reenrol_signatures_encode(w, o->signatures, o->n);
}

static enum err decode(struct reader *r, struct renew_order *o)
{
    TRY(reenrol_head_read(r, magic, o->epoch_id));
    TRY(rd_copy(r, o->nodes, sizeof o->nodes));
    TRY(rd_u32le(r, &o->attempt));
    if (o->nodes[0] >= o->nodes[1] || o->nodes[1] >= PLAN_NODES_MAX || o->attempt == 0) {
        return ERR_RANGE;
    }
    TRY(reenrol_signatures_decode(r, o->signatures, &o->n));
    return rd_finish(r);
}

enum err renew_order_decode(struct view bytes, struct renew_order *out)
{
    struct reader r = rd_init(bytes);
    enum err e = ERR_OK;

    memset(out, 0, sizeof *out);
    e = decode(&r, out);
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

enum err renew_order_judge(const struct renew_order *o, const struct plan *p,
                           const uint8_t epoch_id[EPOCH_ID_LEN])
{
    uint8_t body[RENEW_BODY_LEN];
    struct writer w = wr_init(body, sizeof body);

    if (o->nodes[1] >= p->total) {
        return ERR_MISMATCH;
    }
    renew_body_encode(&w, o);
    return reenrol_signatures_judge(p, epoch_id, (struct view){body, w.len}, o->signatures,
                                    o->n);
}
