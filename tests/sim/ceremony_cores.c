#include "ceremony_cores.h"

#include "testing.h"

#include "wire/ceremony_call.h"

#include <stdlib.h>
#include <string.h>

void ceremony_cores_make(struct ceremony_cores *c, uint8_t t, uint8_t n, uint64_t seed)
{
    memset(c, 0, sizeof *c);
    rig_make(&c->rig, t, n, seed);
    for (size_t i = 0; i < n; i++) {
        c->out[i].bytes = malloc(CEREMONY_OUT_MAX);
        assert_non_null(c->out[i].bytes);
    }
}

void ceremony_cores_free(struct ceremony_cores *c)
{
    for (size_t i = 0; i < c->rig.kit.plan.total; i++) {
        free(c->out[i].bytes);
    }
    rig_free(&c->rig);
}

/* The bad node's messages of one round say something else, under its signature. */
static void lie(struct rig *r, struct writer *w, size_t from)
{
    struct reader reader = rd_init((struct view){w->p + from, w->len - from});
    uint8_t *copy = malloc(CEREMONY_OUT_MAX);
    struct writer out = wr_init(copy, CEREMONY_OUT_MAX);
    struct ceremony_msg m;

    assert_non_null(copy);
    while (reader.n > 0) {
        assert_int_equal(ceremony_msg_decode(&reader, &m), ERR_OK);
        size_t n = m.whole.n;
        uint8_t *at = out.p + out.len;

        wr_view(&out, m.whole);
        if (m.sender == r->bad && m.round == r->round) {
            (void)rig_resign(r, m.to, at, &n, out.cap - out.len);
            r->touched++;
        }
        out.len = (size_t)(at - out.p) + n;
    }
    w->len = from;
    wr_bytes(w, copy, out.len);
    free(copy);
}

static void work(struct ceremony_cores *c, uint8_t i, uint8_t type, struct view body)
{
    struct rig_node *node = &c->rig.nodes[i];
    struct ceremony_outbox *box = &c->out[i];
    struct ceremony_begin_ask ask;
    struct writer w = wr_init(box->bytes, CEREMONY_OUT_MAX);

    if (type == FRAME_CEREMONY_BEGIN) {
        box->n = box->at = 0;
        assert_int_equal(ceremony_begin_ask_decode(body, &ask), ERR_OK);
        assert_int_equal(
            ceremony_begin(&node->c, &node->tools, ask.plan, ask.nonce, c->rig.now_ns, &w),
            ERR_OK);
    } else if (box->at < box->n) {
        assert_int_equal(body.n, 0); /* what waits is asked for first */
        return;
    } else {
        assert_int_equal(ceremony_step(&node->c, &node->tools, body, c->rig.now_ns, &w),
                         ERR_OK);
        ceremony_tick(&node->c, &node->tools, c->rig.now_ns, &w);
    }
    lie(&c->rig, &w, 0);
    assert_false(w.full);
    box->n = w.len;
    box->at = 0;
}

static struct view take_out(struct ceremony_outbox *box, bool *more)
{
    const struct view left = {box->bytes + box->at, box->n - box->at};
    struct reader r = rd_init(left);
    struct ceremony_msg m;
    size_t n = 0;

    while (r.n > 0) {
        assert_int_equal(ceremony_msg_decode(&r, &m), ERR_OK);
        if (n + m.whole.n > CEREMONY_ANSWER_MESSAGES_MAX) {
            break;
        }
        n += m.whole.n;
    }
    box->at += n;
    *more = box->at < box->n;
    return (struct view){left.p, n};
}

static void answer_step(struct ceremony_cores *c, uint8_t i, struct writer *w)
{
    const struct ceremony *node = &c->rig.nodes[i].c;
    struct ceremony_answer a = {
        .state = (uint8_t)node->state, .accused = CEREMONY_NOBODY, .told_by = CEREMONY_NOBODY};
    bool more = false;

    a.messages = take_out(&c->out[i], &more);
    a.more = more;
    if (node->state == CEREMONY_ABORTED) {
        a.reason = node->end.reason;
        a.accused = node->end.accused;
        a.told_by = node->end.told_by;
        a.proven = node->end.proven;
    }
    if (node->state == CEREMONY_FINISHED) {
        memcpy(a.id, node->id, sizeof a.id);
    }
    ceremony_answer_encode(w, &a);
}

static void answer_record(struct ceremony_cores *c, uint8_t i, struct view body,
                          struct writer *w)
{
    const struct view all = c->rig.nodes[i].c.record_bytes;
    struct ceremony_page page = {.total = (uint32_t)all.n};
    uint32_t at = 0;

    assert_int_equal(ceremony_page_ask_decode(body, &at), ERR_OK);
    assert_true(at < all.n);
    page.bytes = (struct view){all.p + at, all.n - at};
    page.bytes.n = page.bytes.n < CEREMONY_PAGE_MAX ? page.bytes.n : CEREMONY_PAGE_MAX;
    ceremony_page_encode(w, &page);
}

void ceremony_cores_answer(struct ceremony_cores *c, uint8_t node, uint8_t type,
                           struct view body, struct writer *answer)
{
    if (type == FRAME_CEREMONY_RECORD) {
        answer_record(c, node, body, answer);
    } else {
        work(c, node, type, body);
        answer_step(c, node, answer);
    }
}
