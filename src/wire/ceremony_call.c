#include "wire/ceremony_call.h"

#include "wire/ceremony_record.h"

#include <string.h>

/* ---- BEGIN ---- */

void ceremony_begin_ask_encode(struct writer *w, const struct ceremony_begin_ask *a)
{
    wr_bytes(w, a->nonce, sizeof a->nonce);
    wr_view(w, a->plan);
}

enum err ceremony_begin_ask_decode(struct view body, struct ceremony_begin_ask *out)
{
    struct reader r = rd_init(body);
    struct ceremony_begin_ask a = {0};

    *out = a;
    TRY(rd_copy(&r, a.nonce, sizeof a.nonce));
    if (r.n == 0) {
        return ERR_TRUNCATED;
    }
    if (r.n > PLAN_MAX) {
        return ERR_LENGTH;
    }
    TRY(rd_take(&r, r.n, &a.plan));
    *out = a;
    return ERR_OK;
}

/* ---- STEP ---- */

enum err ceremony_messages_check(struct view messages)
{
    struct reader r = rd_init(messages);
    struct ceremony_msg m;

    while (r.n > 0) {
        TRY(ceremony_msg_decode(&r, &m));
    }
    return ERR_OK;
}

void ceremony_answer_encode(struct writer *w, const struct ceremony_answer *a)
{
    wr_u8(w, a->state);
    wr_u8(w, a->reason);
    wr_u8(w, a->accused);
    wr_u8(w, a->told_by);
    wr_u8(w, a->proven);
    wr_u8(w, a->more);
    wr_bytes(w, a->id, sizeof a->id);
    wr_view(w, a->messages);
}

static bool is_node_or_nobody(uint8_t place)
{
    return place < PLAN_NODES_MAX || place == CEREMONY_NOBODY;
}

/* An end has a reason, and somebody whose word it is; nothing else has. */
static bool is_end_whole(const struct ceremony_answer *a)
{
    if (a->state != CEREMONY_ABORTED) {
        return a->reason == CEREMONY_NO_REASON && a->accused == CEREMONY_NOBODY &&
               a->told_by == CEREMONY_NOBODY && a->proven == 0;
    }
    return a->reason != CEREMONY_NO_REASON && a->reason <= CEREMONY_REASON_LAST &&
           is_node_or_nobody(a->accused) && a->told_by < PLAN_NODES_MAX && a->proven <= 1;
}

static bool is_zero(const uint8_t *p, size_t n)
{
    uint8_t any = 0;

    for (size_t i = 0; i < n; i++) {
        any |= p[i];
    }
    return any == 0;
}

static enum err read_answer(struct view body, struct ceremony_answer *a)
{
    struct reader r = rd_init(body);

    TRY(rd_u8(&r, &a->state));
    TRY(rd_u8(&r, &a->reason));
    TRY(rd_u8(&r, &a->accused));
    TRY(rd_u8(&r, &a->told_by));
    TRY(rd_u8(&r, &a->proven));
    TRY(rd_u8(&r, &a->more));
    TRY(rd_copy(&r, a->id, sizeof a->id));
    if (a->state > CEREMONY_ABORTED || !is_end_whole(a) || a->more > 1 ||
        (a->state != CEREMONY_FINISHED && !is_zero(a->id, sizeof a->id))) {
        return ERR_RANGE;
    }
    if (r.n > CEREMONY_ANSWER_MESSAGES_MAX) {
        return ERR_LENGTH;
    }
    TRY(rd_take(&r, r.n, &a->messages));
    return ceremony_messages_check(a->messages);
}

enum err ceremony_answer_decode(struct view body, struct ceremony_answer *out)
{
    enum err e;

    *out = (struct ceremony_answer){0};
    e = read_answer(body, out);
    if (e != ERR_OK) {
        *out = (struct ceremony_answer){0};
    }
    return e;
}

/* ---- RECORD ---- */

void ceremony_page_ask_encode(struct writer *w, uint32_t offset)
{
    wr_u32le(w, offset);
}

enum err ceremony_page_ask_decode(struct view body, uint32_t *offset)
{
    struct reader r = rd_init(body);
    uint32_t at = 0;

    *offset = 0;
    TRY(rd_u32le(&r, &at));
    TRY(rd_finish(&r));
    *offset = at;
    return ERR_OK;
}

void ceremony_page_encode(struct writer *w, const struct ceremony_page *p)
{
    wr_u32le(w, p->total);
    wr_view(w, p->bytes);
}

enum err ceremony_page_decode(struct view body, struct ceremony_page *out)
{
    struct reader r = rd_init(body);
    struct ceremony_page p = {0};

    *out = p;
    TRY(rd_u32le(&r, &p.total));
    if (p.total > CEREMONY_RECORD_MAX) {
        return ERR_RANGE;
    }
    if (r.n > CEREMONY_PAGE_MAX || r.n > p.total) {
        return ERR_LENGTH;
    }
    TRY(rd_take(&r, r.n, &p.bytes));
    *out = p;
    return ERR_OK;
}
