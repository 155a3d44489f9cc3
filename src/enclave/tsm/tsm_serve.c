#include "enclave/tsm/tsm_serve.h"

#include <string.h>

void tsm_serve_init(struct tsm_serve *s)
{
    memset(s, 0, sizeof *s);
}

uint8_t *tsm_serve_receive(struct tsm_serve *s, size_t *room)
{
    *room = s->closing ? 0 : sizeof s->in - s->in_len;
    return s->in + s->in_len;
}

void tsm_serve_received(struct tsm_serve *s, size_t n)
{
    s->in_len += n;
}

static void refuse(struct tsm_serve *s, uint64_t id, enum err e)
{
    struct writer w = wr_init(s->out, sizeof s->out);

    frame_write_error(&w, id, e);
    s->out_len = w.len;
    s->out_at = 0;
}

/* Nothing more of this peer is read. */
static void refuse_all(struct tsm_serve *s, uint64_t id, enum err e)
{
    refuse(s, id, e);
    s->in_len = 0;
    s->closing = true;
}

static void drop(struct tsm_serve *s, size_t n)
{
    memmove(s->in, s->in + n, s->in_len - n);
    s->in_len -= n;
}

bool tsm_serve_next(struct tsm_serve *s, uint64_t *id, uint8_t report_data[TSM_ASK_LEN])
{
    struct frame_header h;

    if (s->out_len > 0 || s->in_len < FRAME_HEADER_LEN) {
        return false;
    }
    const enum err e = frame_header_decode((struct view){s->in, FRAME_HEADER_LEN}, &h);

    if (e != ERR_OK) {
        refuse_all(s, 0, e);
        return false;
    }
    if (h.type != FRAME_TSM_REPORT || h.body_len != TSM_ASK_LEN) {
        refuse_all(s, h.request_id, h.type == FRAME_TSM_REPORT ? ERR_LENGTH : ERR_TYPE);
        return false;
    }
    if (s->in_len < FRAME_HEADER_LEN + TSM_ASK_LEN) {
        return false;
    }
    *id = h.request_id;
    memcpy(report_data, s->in + FRAME_HEADER_LEN, TSM_ASK_LEN);
    drop(s, FRAME_HEADER_LEN + TSM_ASK_LEN);
    return true;
}

void tsm_serve_answer(struct tsm_serve *s, uint64_t id, enum err e, struct view block)
{
    struct writer w = wr_init(s->out, sizeof s->out);

    if (e != ERR_OK || block.n == 0 || block.n > EVIDENCE_MAX) {
        refuse(s, id, e == ERR_OK ? ERR_BUG : e);
        return;
    }
    const size_t mark = frame_begin(&w, FRAME_TSM_REPORT | FRAME_ANSWER, id);

    wr_view(&w, block);
    frame_end(&w, mark);
    s->out_len = w.len;
    s->out_at = 0;
}

struct view tsm_serve_pending(const struct tsm_serve *s)
{
    return (struct view){s->out + s->out_at, s->out_len - s->out_at};
}

void tsm_serve_sent(struct tsm_serve *s, size_t n)
{
    s->out_at += n;
    if (s->out_at == s->out_len) {
        s->out_at = 0;
        s->out_len = 0;
    }
}

bool tsm_serve_done(const struct tsm_serve *s)
{
    return s->closing && s->out_len == 0;
}
