#include "wire/reenrol_call.h"

#include <string.h>

/* ---- ORDER ---- */

void reenrol_order_ask_encode(struct writer *w, const struct reenrol_order_ask *a)
{
    wr_u8(w, a->helpers);
    wr_u8(w, (uint8_t)a->n);
    for (size_t i = 0; i < a->n; i++) {
        wr_u16le(w, (uint16_t)a->orders[i].n);
        wr_view(w, a->orders[i]);
    }
    wr_view(w, a->record);
}

static enum err decode_ask(struct reader *r, struct reenrol_order_ask *a)
{
    uint8_t n = 0;

    TRY(rd_u8(r, &a->helpers));
    TRY(rd_u8(r, &n));
    if (n == 0 || n > PLAN_NODES_MAX || a->helpers >> PLAN_NODES_MAX != 0) {
        return ERR_RANGE;
    }
    for (a->n = 0; a->n < n; a->n++) {
        uint16_t len = 0;

        TRY(rd_u16le(r, &len));
        if (len > REENROL_ORDER_MAX) {
            return ERR_LENGTH;
        }
        TRY(rd_take(r, len, &a->orders[a->n]));
    }
    if (r->n > CEREMONY_RECORD_MAX) {
        return ERR_LENGTH;
    }
    return rd_take(r, r->n, &a->record);
}

enum err reenrol_order_ask_decode(struct view body, struct reenrol_order_ask *out)
{
    struct reader r = rd_init(body);
    enum err e = ERR_OK;

    memset(out, 0, sizeof *out);
    e = decode_ask(&r, out);
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

/* ---- packets ---- */

void reenrol_packet_encode(struct writer *w, const struct reenrol_packet *p)
{
    wr_u8(w, p->from);
    wr_u8(w, p->to);
    wr_u16le(w, (uint16_t)p->bytes.n);
    wr_view(w, p->bytes);
}

static enum err decode_packet(struct reader *r, struct reenrol_packet *p)
{
    uint16_t len = 0;

    TRY(rd_u8(r, &p->from));
    TRY(rd_u8(r, &p->to));
    if (p->from >= PLAN_NODES_MAX || p->to >= PLAN_NODES_MAX || p->from == p->to) {
        return ERR_RANGE;
    }
    TRY(rd_u16le(r, &len));
    if (len == 0 || len > REENROL_PACKET_MAX) {
        return ERR_LENGTH;
    }
    return rd_take(r, len, &p->bytes);
}

enum err reenrol_packet_decode(struct reader *r, struct reenrol_packet *out)
{
    struct reenrol_packet p = {0};
    const enum err e = decode_packet(r, &p);

    *out = e == ERR_OK ? p : (struct reenrol_packet){0};
    return e;
}

enum err reenrol_packets_check(struct view packets)
{
    struct reader r = rd_init(packets);
    struct reenrol_packet p;

    while (r.n > 0) {
        TRY(reenrol_packet_decode(&r, &p));
    }
    return ERR_OK;
}

/* ---- the answer ---- */

void reenrol_answer_encode(struct writer *w, const struct reenrol_answer *a)
{
    wr_u8(w, a->state);
    wr_u8(w, a->node);
    wr_u8(w, a->accused);
    wr_u8(w, a->repaired);
    wr_u16le(w, a->err);
    wr_u32le(w, a->attempt);
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        wr_u32le(w, a->incarnation[i]);
    }
    wr_view(w, a->packets);
}

static bool is_place_or_nobody(uint8_t place)
{
    return place < PLAN_NODES_MAX || place == REENROL_NOBODY;
}

/* What is about nobody has no attempt, and what did not end no reason. */
static bool is_whole(const struct reenrol_answer *a)
{
    const bool idle = a->state == REENROL_IDLE;
    const bool ended = a->state == REENROL_ENDED;

    return a->state <= REENROL_ENDED && is_place_or_nobody(a->node) &&
           is_place_or_nobody(a->accused) && a->repaired >> PLAN_NODES_MAX == 0 &&
           idle == (a->node == REENROL_NOBODY) && idle == (a->attempt == 0) &&
           ended == (a->err != 0) && (ended || a->accused == REENROL_NOBODY) &&
           (!ended || err_known(a->err));
}

static enum err decode_answer(struct reader *r, struct reenrol_answer *a)
{
    TRY(rd_u8(r, &a->state));
    TRY(rd_u8(r, &a->node));
    TRY(rd_u8(r, &a->accused));
    TRY(rd_u8(r, &a->repaired));
    TRY(rd_u16le(r, &a->err));
    TRY(rd_u32le(r, &a->attempt));
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        TRY(rd_u32le(r, &a->incarnation[i]));
    }
    if (!is_whole(a)) {
        return ERR_RANGE;
    }
    TRY(rd_take(r, r->n, &a->packets));
    return reenrol_packets_check(a->packets);
}

enum err reenrol_answer_decode(struct view body, struct reenrol_answer *out)
{
    struct reader r = rd_init(body);
    enum err e = ERR_OK;

    memset(out, 0, sizeof *out);
    e = decode_answer(&r, out);
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}
