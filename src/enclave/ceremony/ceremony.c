#include "enclave/ceremony/ceremony.h"

#include "base/secret.h"
#include "enclave/ceremony/ceremony_parts.h"
#include "enclave/limits.h"

#include <string.h>

/* ---- rounds, one after the other ---- */

static bool is_complete(const struct ceremony *c)
{
    const bool to_all = ceremony_round_is_public(c->round);

    if (c->shown.wanted != 0) {
        return false; /* the own messages are not out */
    }
    for (uint8_t i = 0; i < c->plan.total; i++) {
        if (c->known.msg[c->round][i].whole.n == 0 && (to_all || i != c->own)) {
            return false;
        }
    }
    return true;
}

void ceremony_wait(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;
    const unsigned steps = c->round + ceremony_test_order(&c->test, &c->plan);

    c->deadline_ns = call->now_ns + LIMIT_CEREMONY_ROUND_NS + steps * LIMIT_CEREMONY_STAGGER_NS;
}

static void begin_round(const struct ceremony_call *call, unsigned round)
{
    call->c->round = (uint8_t)round;
    ceremony_wait(call);
    ceremony_round_begin(call);
}

static void advance(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;

    while (ceremony_runs(call) && is_complete(c)) {
        ceremony_round_end(call);
        if (ceremony_runs(call)) {
            begin_round(call, c->round + 1U);
        }
    }
}

/* ---- the machine ---- */

static enum err find_own(struct ceremony *c, const struct p384_key *identity)
{
    for (uint8_t i = 0; i < c->plan.total; i++) {
        if (memcmp(c->plan.nodes[i].identity, identity->public_key, P384_PUBLIC_LEN) == 0) {
            c->own = i;
            return ERR_OK;
        }
    }
    return ERR_MISMATCH;
}

static enum err prepare(struct ceremony *c, const struct ceremony_tools *tools,
                        struct view plan, const uint8_t nonce[PLAN_NONCE_LEN])
{
    struct writer w = wr_init(c->plan_bytes, sizeof c->plan_bytes);
    struct view bytes;

    wr_view(&w, plan);
    TRY(wr_finish(&w, &bytes));
    TRY(plan_decode(bytes, &c->plan));
    TRY(ceremony_known_init(&c->known, bytes, &c->plan, nonce));
    c->known.stack = &tools->work->stack;
    TRY(find_own(c, tools->identity));
    TRY(ceremony_attest_begin(c, tools->attest));
    c->held = tmldsa_alloc_held(c->known.rules.params, c->own);
    ceremony_test_init(&c->test, &c->plan, c->own);
    return tools->entropy->fill(tools->entropy->self, c->test.node_key,
                                sizeof c->test.node_key);
}

enum err ceremony_begin(struct ceremony *c, const struct ceremony_tools *tools,
                        struct view plan, const uint8_t nonce[PLAN_NONCE_LEN], int64_t now_ns,
                        struct writer *out)
{
    const struct ceremony_call call = {c, tools, now_ns, out};
    enum err e = ERR_OK;

    wipe(c, sizeof *c);
    e = prepare(c, tools, plan, nonce);
    if (e != ERR_OK) {
        wipe(c, sizeof *c);
        return e;
    }
    c->state = CEREMONY_RUNNING;
    begin_round(&call, CEREMONY_PQ1_HELLO);
    return ERR_OK;
}

enum err ceremony_step(struct ceremony *c, const struct ceremony_tools *tools,
                       struct view messages, int64_t now_ns, struct writer *out)
{
    const struct ceremony_call call = {c, tools, now_ns, out};
    struct reader r = rd_init(messages);
    struct ceremony_msg m;

    if (c->state == CEREMONY_IDLE) {
        return ERR_STATE;
    }
    while (r.n > 0) {
        TRY(ceremony_msg_decode(&r, &m));
        if (!ceremony_take(&call, &m)) {
            c->dropped++;
        }
        advance(&call);
    }
    return ERR_OK;
}

void ceremony_poll(struct ceremony *c, const struct ceremony_tools *tools, int64_t now_ns,
                   struct writer *out)
{
    const struct ceremony_call call = {c, tools, now_ns, out};

    if (ceremony_awaits_evidence(c)) {
        ceremony_attest_give(&call);
        advance(&call);
    }
}

/* Whose message this round still waits for. */
static uint8_t awaited(const struct ceremony *c)
{
    const uint8_t signer = ceremony_test_awaits(&c->test, c->plan.total);

    if (c->state == CEREMONY_DISPUTED) {
        return c->disputed;
    }
    if (c->round == CEREMONY_TEST && signer != CEREMONY_NOBODY) {
        return signer;
    }
    for (uint8_t i = 0; i < c->plan.total; i++) {
        if (i != c->own && c->known.msg[c->round][i].whole.n == 0) {
            return i;
        }
    }
    return CEREMONY_NOBODY;
}

void ceremony_tick(struct ceremony *c, const struct ceremony_tools *tools, int64_t now_ns,
                   struct writer *out)
{
    const struct ceremony_call call = {c, tools, now_ns, out};

    if ((c->state == CEREMONY_RUNNING || c->state == CEREMONY_DISPUTED) &&
        now_ns > c->deadline_ns) {
        if (c->shown.wanted != 0) {
            ceremony_abort(&call, CEREMONY_EVIDENCE, c->own);
        } else {
            ceremony_abort(&call, CEREMONY_MISSING, awaited(c));
        }
    }
}

void ceremony_close(struct ceremony *c)
{
    wipe(c->known.msg, sizeof c->known.msg);
    wipe(c->store, sizeof c->store);
    wipe(&c->secrets, sizeof c->secrets);
    wipe(c->channels, sizeof c->channels);
    wipe(c->own_t, sizeof c->own_t);
    wipe(c->body, sizeof c->body);
    wipe(&c->key, sizeof c->key);
    wipe(&c->share, sizeof c->share);
    wipe(&c->classic, sizeof c->classic);
    wipe(&c->classic_share, sizeof c->classic_share);
    wipe(&c->test, sizeof c->test);
    wipe(&c->scratch, sizeof c->scratch);
    wipe(&c->share_scratch, sizeof c->share_scratch);
}

void ceremony_wipe(struct ceremony *c, const struct ceremony_tools *tools)
{
    if (c->known.rules.params != NULL) {
        wipe(tools->room, ceremony_test_room(c->known.rules.params));
    }
    wipe(c, sizeof *c);
}
