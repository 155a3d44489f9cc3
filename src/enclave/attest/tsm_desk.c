#include "enclave/attest/tsm_desk.h"

#include <string.h>

void tsm_desk_init(struct tsm_desk *d, const struct tsm_meeting *meeting)
{
    d->meeting = meeting != NULL ? *meeting : (struct tsm_meeting){0};
    d->last_id = 0;
    d->sent = 0;
    for (size_t i = 0; i < TSM_ASKS_MAX; i++) {
        d->asks[i].step = TSM_FREE;
    }
}

static void tell(const struct tsm_desk *d, void (*what)(void *self))
{
    if (what != NULL) {
        what(d->meeting.self);
    }
}

/* With the guard. */
static struct tsm_ask *find(struct tsm_desk *d, uint32_t tag)
{
    for (size_t i = 0; i < TSM_ASKS_MAX; i++) {
        if (d->asks[i].step != TSM_FREE && d->asks[i].tag == tag) {
            return &d->asks[i];
        }
    }
    return NULL;
}

static struct tsm_ask *find_free(struct tsm_desk *d)
{
    for (size_t i = 0; i < TSM_ASKS_MAX; i++) {
        if (d->asks[i].step == TSM_FREE) {
            return &d->asks[i];
        }
    }
    return NULL;
}

static void begin(struct tsm_desk *d, struct tsm_ask *a, int64_t now_ns, uint32_t tag,
                  const uint8_t report_data[TSM_REPORT_DATA_LEN])
{
    a->step = TSM_WAITS;
    a->tag = tag;
    a->id = ++d->last_id;
    a->since_ns = now_ns;
    a->err = ERR_OK;
    a->len = 0;
    memcpy(a->report_data, report_data, TSM_REPORT_DATA_LEN);
}

enum err tsm_desk_ask(struct tsm_desk *d, int64_t now_ns, uint32_t tag,
                      const uint8_t report_data[TSM_REPORT_DATA_LEN])
{
    struct tsm_ask *a;

    tell(d, d->meeting.enter);
    a = find(d, tag);
    if (a == NULL) {
        a = find_free(d);
    }
    if (a != NULL) {
        begin(d, a, now_ns, tag, report_data);
    }
    tell(d, d->meeting.leave);
    if (a == NULL) {
        return ERR_NOSPACE;
    }
    tell(d, d->meeting.asked);
    return ERR_OK;
}

/* With the guard. */
static enum err look(struct tsm_desk *d, uint32_t tag, struct view *block)
{
    const struct tsm_ask *const a = find(d, tag);
    enum err e = ERR_STATE;

    *block = (struct view){NULL, 0};
    if (a != NULL) {
        e = a->step == TSM_ANSWERED ? a->err : ERR_BUSY;
    }
    if (e == ERR_OK) {
        *block = (struct view){a->block, a->len};
    }
    return e;
}

enum err tsm_desk_answer(struct tsm_desk *d, uint32_t tag, struct view *block)
{
    enum err e;

    tell(d, d->meeting.enter);
    e = look(d, tag, block);
    tell(d, d->meeting.leave);
    return e;
}

enum err tsm_desk_copy(struct tsm_desk *d, uint32_t tag, uint8_t *room, struct view *block)
{
    enum err e;

    tell(d, d->meeting.enter);
    e = look(d, tag, block);
    if (e == ERR_OK) {
        memcpy(room, block->p, block->n);
        block->p = room;
    }
    tell(d, d->meeting.leave);
    return e;
}

void tsm_desk_forget(struct tsm_desk *d, uint32_t tag)
{
    struct tsm_ask *a;

    tell(d, d->meeting.enter);
    a = find(d, tag);
    if (a != NULL) {
        a->step = TSM_FREE;
    }
    tell(d, d->meeting.leave);
}

void tsm_desk_forget_all(struct tsm_desk *d, enum tsm_kind kind)
{
    tell(d, d->meeting.enter);
    for (size_t i = 0; i < TSM_ASKS_MAX; i++) {
        if (d->asks[i].tag >> 16 == (uint32_t)kind) {
            d->asks[i].step = TSM_FREE;
        }
    }
    tell(d, d->meeting.leave);
}

/* ---- the loop ---- */

static struct tsm_ask *oldest(struct tsm_desk *d)
{
    struct tsm_ask *best = NULL;

    for (size_t i = 0; i < TSM_ASKS_MAX; i++) {
        struct tsm_ask *const a = &d->asks[i];

        if (a->step == TSM_WAITS && (best == NULL || a->id < best->id)) {
            best = a;
        }
    }
    return best;
}

bool tsm_desk_next(struct tsm_desk *d, int64_t now_ns, uint64_t *id,
                   uint8_t report_data[TSM_REPORT_DATA_LEN])
{
    struct tsm_ask *a;

    *id = 0;
    tell(d, d->meeting.enter);
    a = d->sent == 0 ? oldest(d) : NULL;
    if (a != NULL) {
        a->step = TSM_SENT;
        d->sent = a->id;
        d->sent_ns = now_ns;
        *id = a->id;
        memcpy(report_data, a->report_data, TSM_REPORT_DATA_LEN);
    }
    tell(d, d->meeting.leave);
    return a != NULL;
}

/* With the guard: what is under way, if it is still wanted. */
static struct tsm_ask *under_way(struct tsm_desk *d)
{
    for (size_t i = 0; i < TSM_ASKS_MAX; i++) {
        if (d->asks[i].step == TSM_SENT && d->asks[i].id == d->sent) {
            return &d->asks[i];
        }
    }
    return NULL;
}

static void end(struct tsm_ask *a, int64_t now_ns, enum err e, struct view block)
{
    a->step = TSM_ANSWERED;
    a->since_ns = now_ns;
    a->err = e;
    a->len = e == ERR_OK ? block.n : 0;
    if (a->len > 0) {
        memcpy(a->block, block.p, a->len);
    }
}

enum err tsm_desk_put(struct tsm_desk *d, int64_t now_ns, uint64_t id, enum err e,
                      struct view block)
{
    struct tsm_ask *a;

    if (e == ERR_OK && (block.n == 0 || block.n > TSM_BLOCK_MAX)) {
        return ERR_LENGTH;
    }
    tell(d, d->meeting.enter);
    if (id == 0 || id != d->sent) {
        tell(d, d->meeting.leave);
        return ERR_MISMATCH;
    }
    a = under_way(d);
    if (a != NULL) {
        end(a, now_ns, e, block);
    }
    d->sent = 0;
    tell(d, d->meeting.leave);
    tell(d, d->meeting.answered);
    return ERR_OK;
}

void tsm_desk_lost(struct tsm_desk *d)
{
    struct tsm_ask *a;

    tell(d, d->meeting.enter);
    a = under_way(d);
    if (a != NULL) {
        a->step = TSM_WAITS;
    }
    d->sent = 0;
    tell(d, d->meeting.leave);
}

bool tsm_desk_tick(struct tsm_desk *d, int64_t now_ns)
{
    bool prompt;

    tell(d, d->meeting.enter);
    prompt = d->sent == 0 || now_ns - d->sent_ns < TSM_LIFE_NS;
    for (size_t i = 0; i < TSM_ASKS_MAX; i++) {
        struct tsm_ask *const a = &d->asks[i];

        if (a->step == TSM_ANSWERED && now_ns - a->since_ns >= TSM_KEPT_NS) {
            a->step = TSM_FREE;
        } else if ((a->step == TSM_WAITS || a->step == TSM_SENT) &&
                   now_ns - a->since_ns >= TSM_LIFE_NS) {
            end(a, now_ns, ERR_IO, (struct view){NULL, 0});
        }
    }
    tell(d, d->meeting.leave);
    return prompt;
}
