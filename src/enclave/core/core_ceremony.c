#include "enclave/core/core_ceremony.h"

#include "base/scratch_stack.h"
#include "base/secret.h"
#include "enclave/core/core_attest.h"
#include "enclave/core/core_epoch.h"
#include "enclave/core/core_parts.h"
#include "enclave/core/core_presign.h"
#include "enclave/core/core_quorum.h"
#include "enclave/judge/judge_plan.h"
#include "enclave/member/core_member.h"

#include <string.h>

#define RED 64 /* bytes at the stack's end that must stay zero */

/* ---- the machine, on its own stack ---- */

enum turn { TURN_BEGIN, TURN_STEP, TURN_POLL, TURN_TICK };

struct turn_call {
    struct core_member *m;
    enum turn turn;
    struct view in;
    const uint8_t *nonce; /* of TURN_BEGIN */
    int64_t now_ns;
    struct writer out;
    enum err err;
};

static void take_turn(void *arg)
{
    struct turn_call *const t = arg;
    struct ceremony *const c = &t->m->ceremony;
    const struct ceremony_tools *const tools = &t->m->tools;

    switch (t->turn) {
    case TURN_BEGIN:
        t->err = ceremony_begin(c, tools, t->in, t->nonce, t->now_ns, &t->out);
        return;
    case TURN_STEP:
        t->err = ceremony_step(c, tools, t->in, t->now_ns, &t->out);
        return;
    case TURN_POLL:
        ceremony_poll(c, tools, t->now_ns, &t->out);
        return;
    case TURN_TICK:
        ceremony_tick(c, tools, t->now_ns, &t->out);
        return;
    }
}

enum err core_ceremony_on_stack(struct core *c, void (*fn)(void *arg), void *arg)
{
    static const uint8_t zero[RED];
    struct core_member *const m = c->member;

    scratch_stack_run(m->stack, sizeof m->stack, fn, arg);
    c->failed = c->failed || !ct_equal(m->stack, zero, RED);
    scratch_stack_wipe(m->stack, sizeof m->stack);
    return c->failed ? ERR_BUG : ERR_OK;
}

/* What it says is added to the messages that wait. ERR_BUG: its stack was too short. */
static enum err run(struct core *c, struct turn_call *t)
{
    struct core_member *const m = c->member;
    enum err e = ERR_OK;

    t->m = m;
    t->now_ns = c->now.mono_ns;
    t->out = wr_init(m->out, sizeof m->out);
    t->out.len = m->out_len;
    e = core_ceremony_on_stack(c, take_turn, t);
    m->out_len = t->out.len;
    return e != ERR_OK ? e : t->err;
}

/* ---- what a ceremony's end makes of the core ---- */

/* The key is not this core's any more, nor one that never became it for want of entropy. No CSR
 * was asked for: what signed one is in use. False: a worker is still at a batch of it. */
static bool leave_key(struct core *c)
{
    struct core_member *const m = c->member;

    if (c->has_pq) {
        c->has_pq = false;
        c->index = 0;
        wipe(c->epoch_id, sizeof c->epoch_id);
        wipe(c->public.pq, sizeof c->public.pq);
        wipe(c->certs, sizeof c->certs);
        c->counts.r1_expired += r1_table_void(&c->r1);
        m->leaving = true;
    }
    if (core_presign_end(c) && core_quorum_end(c)) {
        m->leaving = false;
        core_member_wipe_key(m);
    }
    return !m->leaving;
}

static enum err set_up_party(struct core *c)
{
    struct core_member *const m = c->member;
    uint8_t node_key[TMLDSA_NODE_KEY_LEN];
    const struct pq_party_setup setup = {.key = &m->key,
                                         .share = &m->share,
                                         .identity = m->signing_key,
                                         .stack = &m->tools.work->stack,
                                         .plan = &m->ceremony.plan,
                                         .epoch_id = m->ceremony.known.epoch_id,
                                         .node_key = node_key,
                                         .repetitions = m->repetitions,
                                         .pool = LIMIT_POOL,
                                         .room = m->pool_room};
    const enum err e = core_random(c, node_key, sizeof node_key);

    if (e == ERR_OK) {
        pq_party_init(&m->party, &setup);
    }
    wipe(node_key, sizeof node_key);
    return e;
}

/* From the ceremony to where it is used: there is one copy of the share. */
static enum err take_key(struct core *c)
{
    struct core_member *const m = c->member;
    struct ceremony *const from = &m->ceremony;

    m->key = from->key;
    m->share = from->share;
    m->classic = from->classic;
    m->classic_share = from->classic_share;
    TRY(set_up_party(c));
    TRY(core_presign_begin(c));
    wipe(&from->share, sizeof from->share);
    wipe(&from->classic_share, sizeof from->classic_share);
    c->index = (uint8_t)(from->own + 1);
    memcpy(c->epoch_id, from->known.epoch_id, sizeof c->epoch_id);
    core_epoch_pq(c, from->pk);
    core_quorum_begin(c, &m->party);
    return ERR_OK;
}

/* What channels were made with is of no use any more. */
static void forget_drbg(struct core *c)
{
    struct core_member *const m = c->member;

    if (m->ceremony.state == CEREMONY_FINISHED || m->ceremony.state == CEREMONY_ABORTED) {
        wipe(&m->drbg, sizeof m->drbg);
        core_attest_forget(c);
    }
}

/* After each turn. ERR_IO: the key is there, but no entropy; to be tried again. */
static enum err follow(struct core *c)
{
    struct core_member *const m = c->member;
    const struct ceremony *const y = &m->ceremony;
    enum err e = ERR_OK;

    forget_drbg(c);
    if (y->state == CEREMONY_FINISHED && !c->has_pq) {
        e = take_key(c);
        if (e == ERR_OK) {
            core_audit_data(c, AUDIT_CEREMONY_END, CEREMONY_NO_REASON, CEREMONY_NOBODY,
                            (struct view){y->id, sizeof y->id});
        }
    }
    if (y->state == CEREMONY_ABORTED && !m->ended) {
        m->ended = true;
        (void)leave_key(c); /* else a tick does */
        core_audit(c, AUDIT_CEREMONY_END, y->end.reason, y->end.accused);
    }
    core_move_state(c);
    return e;
}

/* ---- frames ---- */

/* The next messages that fit, each whole. */
static struct view next_messages(struct core_member *m, size_t room)
{
    struct reader r = rd_init((struct view){m->out + m->out_at, m->out_len - m->out_at});
    struct view next = {r.p, 0};
    struct ceremony_msg msg;

    while (ceremony_msg_decode(&r, &msg) == ERR_OK && next.n + msg.whole.n <= room) {
        next.n += msg.whole.n;
    }
    m->out_at += next.n;
    return next;
}

static void put_answer(struct core_member *m, struct writer *w)
{
    const size_t head = w->len + CEREMONY_ANSWER_HEAD;
    const size_t left = w->cap > head ? w->cap - head : 0;
    const struct ceremony *const c = &m->ceremony;
    struct ceremony_answer a = {
        .state = (uint8_t)c->state, .accused = CEREMONY_NOBODY, .told_by = CEREMONY_NOBODY};

    if (c->state == CEREMONY_ABORTED) {
        a.reason = c->end.reason;
        a.accused = c->end.accused;
        a.told_by = c->end.told_by;
        a.proven = c->end.proven;
    } else if (c->state == CEREMONY_FINISHED) {
        memcpy(a.id, c->id, sizeof a.id);
    }
    a.messages = next_messages(
        m, left < CEREMONY_ANSWER_MESSAGES_MAX ? left : CEREMONY_ANSWER_MESSAGES_MAX);
    a.more = m->out_at < m->out_len;
    ceremony_answer_encode(w, &a);
    if (a.more == 0) {
        m->out_at = 0;
        m->out_len = 0;
    }
}

/* Fresh for each ceremony, so that it has nothing of another in it. */
static enum err seed_drbg(struct core *c)
{
    uint8_t seed[DRBG_SEED_LEN];
    const enum err e = c->entropy->fill(c->entropy->self, seed, sizeof seed);

    if (e == ERR_OK) {
        drbg_init(&c->member->drbg, (struct view){seed, sizeof seed}, (struct view){NULL, 0});
    }
    wipe(seed, sizeof seed);
    return e;
}

/* The old one, and all that it left. */
static void forget(struct core *c)
{
    struct core_member *const m = c->member;

    ceremony_wipe(&m->ceremony, &m->tools);
    reenrol_wipe(&m->reenrol);
    reenrol_roster_init(&m->roster);
    m->reenrolling = false;
    m->repetitions = 0;
    wipe(&m->drbg, sizeof m->drbg);
    wipe(m->out, m->out_len);
    m->out_at = 0;
    m->out_len = 0;
    m->ended = false;
}

static enum err answer_begin(struct core *c, struct view body, struct writer *w)
{
    struct core_member *const m = c->member;
    const struct plan_own own = {.args = c->args,
                                 .threshold = MEMBER_THRESHOLD,
                                 .total = MEMBER_TOTAL,
                                 .identity = c->public.identity,
                                 .signing_key = c->public.signing_key,
                                 .boot_nonce = c->boot_nonce,
                                 .attests = c->desk != NULL};
    struct turn_call t = {.turn = TURN_BEGIN};
    struct ceremony_begin_ask ask;
    bool left = false;

    TRY(ceremony_begin_ask_decode(body, &ask));
    if (!c->started || c->draining || m->in_use) {
        return ERR_STATE;
    }
    TRY(judge_plan(&own, ask.plan));
    if (!core_member_is_fresh(m, ask.nonce)) {
        return ERR_STALE;
    }
    left = leave_key(c);
    forget(c);
    core_move_state(c);
    if (!left) {
        return ERR_NOSPACE;
    }
    core_member_note(m, ask.nonce);
    TRY(seed_drbg(c));
    core_attest_init(c);
    t.in = ask.plan;
    t.nonce = ask.nonce;
    TRY(run(c, &t));
    core_audit(c, AUDIT_CEREMONY_BEGIN, m->ceremony.own, m->ceremony.plan.total);
    TRY(follow(c));
    put_answer(m, w);
    return ERR_OK;
}

/* Messages wait until those that were written are fetched: there is room for one call's. */
static enum err take_messages(struct core *c, struct view messages)
{
    struct turn_call t = {.turn = TURN_STEP, .in = messages};

    if (messages.n == 0) {
        return ERR_OK;
    }
    if (c->member->out_len > 0 || c->member->in_use || c->draining) {
        return ERR_STATE;
    }
    TRY(ceremony_messages_check(messages));
    return run(c, &t);
}

static void tick(struct core *c)
{
    struct core_member *const m = c->member;
    struct turn_call t = {.turn = TURN_TICK};

    if (m->ceremony.state == CEREMONY_RUNNING || m->ceremony.state == CEREMONY_DISPUTED) {
        m->out_len -= m->out_at; /* so that an ABORT has room */
        memmove(m->out, m->out + m->out_at, m->out_len);
        m->out_at = 0;
        (void)run(c, &t);
    }
}

/* Here and not in a tick, so that what it says goes with the answer. */
static enum err poll_evidence(struct core *c)
{
    struct turn_call t = {.turn = TURN_POLL};

    return ceremony_awaits_evidence(&c->member->ceremony) && c->member->out_len == 0
               ? run(c, &t)
               : ERR_OK;
}

static enum err answer_step(struct core *c, struct view body, struct writer *w)
{
    if (c->member->ceremony.state == CEREMONY_IDLE) {
        return ERR_STATE;
    }
    TRY(take_messages(c, body));
    TRY(poll_evidence(c));
    tick(c);
    TRY(follow(c));
    put_answer(c->member, w);
    return ERR_OK;
}

static enum err answer_record(struct core *c, struct view body, struct writer *w)
{
    struct ceremony_page page;
    struct view whole;
    uint32_t at = 0;

    TRY(ceremony_page_ask_decode(body, &at));
    if (c->member->ceremony.state != CEREMONY_FINISHED) {
        return ERR_STATE;
    }
    whole = c->member->ceremony.record_bytes;
    page = (struct ceremony_page){.total = (uint32_t)whole.n};
    if (at < whole.n) {
        const size_t left = whole.n - at;

        page.bytes =
            (struct view){whole.p + at, left < CEREMONY_PAGE_MAX ? left : CEREMONY_PAGE_MAX};
    }
    ceremony_page_encode(w, &page);
    return ERR_OK;
}

enum err core_ceremony_call(struct core *c, const struct core_call *call, struct writer *w)
{
    if (c->member == NULL) {
        return ERR_TYPE;
    }
    core_look_at_clock(c);
    if (call->head.type == FRAME_CEREMONY_RECORD) {
        return answer_record(c, call->body, w);
    }
    return call->head.type == FRAME_CEREMONY_BEGIN ? answer_begin(c, call->body, w)
                                                   : answer_step(c, call->body, w);
}

/* ---- the rest of the core ---- */

void core_ceremony_init(struct core *c)
{
    memset(c->threshold, 1, sizeof c->threshold); /* a member's classic key is its own */
    c->index = c->member == NULL;
    c->total = 1;
    if (c->member != NULL) {
        c->threshold[KEY_PQ - 1] = MEMBER_THRESHOLD;
        c->total = MEMBER_TOTAL;
    }
}

void core_ceremony_tick(struct core *c)
{
    if (c->member == NULL) {
        return;
    }
    if (c->member->leaving) {
        (void)leave_key(c);
    }
    tick(c);
    (void)follow(c); /* without entropy: the next one does */
}

void core_ceremony_use(struct core *c)
{
    if (c->member != NULL && c->has_pq && !c->member->in_use) {
        c->member->in_use = true;
        ceremony_close(&c->member->ceremony);
    }
}

enum core_state core_ceremony_state(const struct core *c, enum core_state other)
{
    if (c->member == NULL || c->has_pq) {
        return other;
    }
    return c->member->ceremony.state == CEREMONY_RUNNING ||
                   c->member->ceremony.state == CEREMONY_DISPUTED
               ? CORE_CEREMONY
               : CORE_WAITING_CEREMONY;
}
