#include "host/ceremony/relay.h"

#include "host/ceremony/relay_judge.h"
#include "host/ceremony/relay_queue.h"

#include <stdlib.h>
#include <string.h>

/* ---- attempts ---- */

static enum err begin_attempt(struct relay *r, int64_t now_ms)
{
    relay_queue_forget(r, 0xff);
    TRY(r->entropy->fill(r->entropy->self, r->nonce, sizeof r->nonce));
    r->attempt++;
    r->fetching = false;
    r->until_ms = now_ms + RELAY_ATTEMPT_MS;
    r->settle_ms = INT64_MAX;
    for (uint8_t i = 0; i < r->total; i++) {
        struct relay_node *n = &r->nodes[i];

        n->begun = false;
        n->said = (struct ceremony_answer){0};
        n->asked_ms = n->next_ms = now_ms;
        n->have = n->total = 0;
    }
    return ERR_OK;
}

/* before: how the attempt before ended. */
static bool is_final(const struct relay *r, const struct relay_end *before)
{
    switch (r->end.why) {
    case RELAY_PROVEN:
    case RELAY_REFUSED:
    case RELAY_MISBEHAVED:
    case RELAY_DIFFERS:
    case RELAY_NO_MEMORY:
        return true;
    case RELAY_SILENT:
        if (before->why == RELAY_SILENT && before->node == r->end.node) {
            return true;
        }
        break;
    case RELAY_NO_END:
    case RELAY_TOO_LONG:
    case RELAY_ACCUSED:
    case RELAY_SPLIT:
    case RELAY_SLOW:
        break;
    }
    return r->attempt >= RELAY_ATTEMPTS_MAX;
}

static void end_attempt(struct relay *r, const struct relay_end *end, int64_t now_ms)
{
    const struct relay_end before = r->end;

    r->end = *end;
    if (is_final(r, &before) || begin_attempt(r, now_ms) != ERR_OK) {
        relay_queue_forget(r, 0xff);
        r->state = RELAY_FAILED;
    }
}

static void name(struct relay *r, enum relay_why why, uint8_t node, enum err e, int64_t now_ms)
{
    const struct relay_end end = {
        .why = why,
        .node = why == RELAY_NO_MEMORY ? CEREMONY_NOBODY : node,
        .err = e,
    };

    end_attempt(r, &end, now_ms);
}

static void judge(struct relay *r, int64_t now_ms)
{
    struct relay_end end;

    relay_judge(r, &end);
    end_attempt(r, &end, now_ms);
}

static bool all_at_rest(const struct relay *r)
{
    for (uint8_t i = 0; i < r->total; i++) {
        if (r->nodes[i].asked || r->nodes[i].said.more == 1 || relay_queue_waits(r, i)) {
            return false;
        }
    }
    return true;
}

static bool runs(const struct relay_node *n)
{
    return n->said.state != CEREMONY_FINISHED && n->said.state != CEREMONY_ABORTED;
}

static bool any_runs(const struct relay *r)
{
    for (uint8_t i = 0; i < r->total; i++) {
        if (runs(&r->nodes[i])) {
            return true;
        }
    }
    return false;
}

/* Whether the attempt is over, now that nothing is under way. */
static void look(struct relay *r, int64_t now_ms)
{
    if (r->fetching || any_runs(r) || !all_at_rest(r)) {
        return;
    }
    if (r->settle_ms != INT64_MAX) {
        judge(r, now_ms);
        return;
    }
    const uint8_t odd = relay_judge_odd(r);

    if (odd != CEREMONY_NOBODY) {
        name(r, RELAY_DIFFERS, odd, ERR_MISMATCH, now_ms);
    } else {
        r->fetching = true;
    }
}

/* ---- questions ---- */

static bool ask_record(const struct relay *r, uint8_t node, struct writer *body)
{
    const struct relay_node *n = &r->nodes[node];

    /* Node by node: the first one's is what the others' is compared with. */
    if ((n->total > 0 && n->have == n->total) ||
        (node > 0 && (r->nodes[0].total == 0 || r->nodes[0].have < r->nodes[0].total))) {
        return false;
    }
    ceremony_page_ask_encode(body, n->have);
    return true;
}

static bool ask_step(struct relay *r, uint8_t node, int64_t now_ms, struct writer *body)
{
    const struct relay_node *n = &r->nodes[node];

    if (n->said.more == 1) {
        return true;
    }
    if (n->said.state == CEREMONY_ABORTED) {
        return false;
    }
    if (relay_queue_waits(r, node)) {
        relay_queue_give(r, node, body);
        return true;
    }
    return runs(n) && now_ms >= n->next_ms;
}

static void write_begin(const struct relay *r, struct writer *body)
{
    struct ceremony_begin_ask ask = {.plan = r->plan};

    memcpy(ask.nonce, r->nonce, sizeof ask.nonce);
    ceremony_begin_ask_encode(body, &ask);
}

static bool make_question(struct relay *r, uint8_t node, int64_t now_ms, uint8_t *type,
                          struct writer *body)
{
    if (!r->nodes[node].begun) {
        if (now_ms < r->nodes[node].next_ms) {
            return false;
        }
        *type = FRAME_CEREMONY_BEGIN;
        write_begin(r, body);
        return true;
    }
    *type = r->fetching ? FRAME_CEREMONY_RECORD : FRAME_CEREMONY_STEP;
    return r->fetching ? ask_record(r, node, body) : ask_step(r, node, now_ms, body);
}

bool relay_ask(struct relay *r, uint8_t node, int64_t now_ms, uint8_t *type,
               struct writer *body)
{
    struct relay_node *n = &r->nodes[node];

    if (r->state != RELAY_RUNS || n->asked || !make_question(r, node, now_ms, type, body)) {
        return false;
    }
    n->asked = true;
    n->asked_attempt = r->attempt;
    n->asked_ms = now_ms;
    return true;
}

/* ---- answers ---- */

static void take_record(struct relay *r, uint8_t node, struct view body, int64_t now_ms)
{
    struct relay_node *n = &r->nodes[node];
    struct ceremony_page page;
    const enum err e = ceremony_page_decode(body, &page);

    if (e != ERR_OK || (n->total > 0 && page.total != n->total) || page.bytes.n == 0 ||
        page.bytes.n > page.total - n->have) {
        name(r, RELAY_MISBEHAVED, node, e != ERR_OK ? e : ERR_RANGE, now_ms);
        return;
    }
    if (node == 0) {
        memcpy(&r->record[n->have], page.bytes.p, page.bytes.n);
    } else if (page.total != r->nodes[0].total ||
               memcmp(&r->record[n->have], page.bytes.p, page.bytes.n) != 0) {
        name(r, RELAY_DIFFERS, node, ERR_MISMATCH, now_ms);
        return;
    }
    n->total = page.total;
    n->have += (uint32_t)page.bytes.n;
    for (uint8_t i = 0; i < r->total; i++) {
        if (r->nodes[i].total == 0 || r->nodes[i].have < r->nodes[i].total) {
            return;
        }
    }
    r->state = RELAY_DONE;
}

static void take_said(struct relay *r, uint8_t node, const struct ceremony_answer *a,
                      int64_t now_ms)
{
    struct relay_node *n = &r->nodes[node];
    enum err e = relay_queue_take(r, node, a->messages);

    if (e == ERR_OK && a->more == 1 && a->messages.n == 0) {
        e = ERR_RANGE; /* each message fits an answer: nothing would ever come of asking on */
    }
    n->begun = true;
    n->said = *a;
    n->said.messages = (struct view){NULL, 0};
    n->next_ms = now_ms + RELAY_IDLE_MS;
    if (e != ERR_OK) {
        name(r, e == ERR_NOSPACE ? RELAY_NO_MEMORY : RELAY_MISBEHAVED, node, e, now_ms);
        return;
    }
    if (a->state == CEREMONY_ABORTED) {
        relay_queue_forget(r, (uint8_t)(1U << node));
        r->settle_ms = r->settle_ms == INT64_MAX ? now_ms + RELAY_SETTLE_MS : r->settle_ms;
    }
    if (a->state == CEREMONY_IDLE) { /* another ceremony was begun there, or another core is */
        name(r, RELAY_SILENT, node, ERR_STATE, now_ms);
        return;
    }
    look(r, now_ms);
}

/* Whether an answer, of whatever kind, is to a question of this attempt. */
static bool is_of_now(struct relay *r, uint8_t node)
{
    struct relay_node *n = &r->nodes[node];
    const bool of_now = r->state == RELAY_RUNS && n->asked && n->asked_attempt == r->attempt;

    n->asked = false;
    return of_now;
}

void relay_answer(struct relay *r, uint8_t node, struct view body, int64_t now_ms)
{
    struct ceremony_answer a;

    if (!is_of_now(r, node)) {
        return;
    }
    if (r->fetching) {
        take_record(r, node, body, now_ms);
        return;
    }
    const enum err e = ceremony_answer_decode(body, &a);

    if (e != ERR_OK) {
        name(r, RELAY_MISBEHAVED, node, e, now_ms);
    } else {
        take_said(r, node, &a, now_ms);
    }
}

void relay_refused(struct relay *r, uint8_t node, enum err e, int64_t now_ms)
{
    if (!is_of_now(r, node)) {
        return;
    }
    if (!r->nodes[node].begun && e == ERR_NOSPACE) { /* it is still leaving an older key */
        r->nodes[node].next_ms = now_ms + RELAY_IDLE_MS;
    } else {
        name(r, r->nodes[node].begun ? RELAY_SILENT : RELAY_REFUSED, node, e, now_ms);
    }
}

void relay_lost(struct relay *r, uint8_t node, enum err e, int64_t now_ms)
{
    if (is_of_now(r, node)) {
        name(r, RELAY_SILENT, node, e, now_ms);
    }
}

/* ---- time ---- */

void relay_tick(struct relay *r, int64_t now_ms)
{
    if (r->state != RELAY_RUNS) {
        return;
    }
    for (uint8_t i = 0; i < r->total; i++) {
        const struct relay_node *n = &r->nodes[i];

        if (n->asked && now_ms >= n->asked_ms + RELAY_ANSWER_MS) {
            name(r, RELAY_SILENT, i, ERR_DEADLINE, now_ms);
            return;
        }
    }
    if (now_ms >= r->settle_ms) {
        judge(r, now_ms);
    } else if (now_ms >= r->until_ms) {
        name(r, RELAY_SLOW, CEREMONY_NOBODY, ERR_DEADLINE, now_ms);
    }
}

int64_t relay_next_ms(const struct relay *r)
{
    int64_t next = r->until_ms < r->settle_ms ? r->until_ms : r->settle_ms;

    for (uint8_t i = 0; i < r->total; i++) {
        const struct relay_node *n = &r->nodes[i];
        const int64_t at = n->asked ? n->asked_ms + RELAY_ANSWER_MS : n->next_ms;

        if ((n->asked || runs(n)) && at < next) {
            next = at;
        }
    }
    return next;
}

/* ---- life ---- */

enum err relay_new(struct view plan, const struct entropy_source *entropy, int64_t now_ms,
                   struct relay **out)
{
    struct plan decoded;
    struct relay *r = NULL;

    *out = NULL;
    TRY(plan_decode(plan, &decoded));
    r = calloc(1, sizeof *r);
    if (r == NULL) {
        return ERR_NOSPACE;
    }
    r->plan = plan;
    r->entropy = entropy;
    r->threshold = decoded.threshold;
    r->total = decoded.total;
    const enum err e = begin_attempt(r, now_ms);

    if (e != ERR_OK) {
        relay_free(r);
        return e;
    }
    *out = r;
    return ERR_OK;
}

void relay_free(struct relay *r)
{
    if (r != NULL) {
        relay_queue_forget(r, 0xff);
        free(r);
    }
}

struct view relay_record(const struct relay *r)
{
    return (struct view){r->record, r->nodes[0].total};
}
