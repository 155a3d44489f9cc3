#include "enclave/core/core_reenrol.h"

#include "base/secret.h"
#include "enclave/core/core_attest.h"
#include "enclave/core/core_ceremony.h"
#include "enclave/core/core_parts.h"
#include "enclave/core/core_presign.h"
#include "enclave/judge/judge_plan.h"
#include "enclave/member/core_member.h"
#include "enclave/repair/takeover.h"

/* One frame's work, on the member's stack. */
struct work {
    struct core *c;
    const struct reenrol_order_ask *ask;
    struct reenrol_order order; /* the last of them */
    struct view packets;
    enum err err;
};

static struct reenrol_tools tools_of(struct core *c)
{
    struct core_member *const m = c->member;

    return (struct reenrol_tools){
        .pq1 = {&m->reenrol_drbg, m->tools.signer, m->tools.identity, m->tools.work},
        .signing_key = m->signing_key,
        .attest = core_attest_reenrol(c)};
}

static struct writer out_of(struct core_member *m)
{
    struct writer out = wr_init(m->reenrol_out, sizeof m->reenrol_out);

    out.len = m->reenrol_len;
    return out;
}

static const uint8_t *epoch_of(const struct core_member *m)
{
    return m->ceremony.known.epoch_id;
}

static struct takeover standing(const struct core *c)
{
    const struct core_member *const m = c->member;

    return (struct takeover){.serving = c->started && !c->draining,
                             .repairing = m->reenrol.state == REENROL_RUNNING,
                             .in_ceremony = m->ceremony.state == CEREMONY_RUNNING ||
                                            m->ceremony.state == CEREMONY_DISPUTED,
                             .has_share = c->has_pq,
                             .in_use = m->in_use,
                             .place = (uint8_t)(c->index - 1)};
}

/* ---- orders ---- */

/* By whose order, and who gives what to which machine: of those before the last one a core that
 * missed them does not know who gave. */
static void tell(struct core *c, const struct reenrol_order *o, unsigned helpers)
{
    uint8_t hash[TECDSA_HASH_LEN];

    reenrol_order_hash(o, hash);
    core_audit_data(c, AUDIT_REENROL, o->node + 1U, c->member->roster.incarnation[o->node],
                    (struct view){hash, sizeof hash});
    core_audit_data(c, AUDIT_REENROL_BY, o->node + 1U, helpers, o->platform);
}

/* What knew the lost process is void, before anybody is given anything. */
static void fence(struct core *c, uint8_t node)
{
    struct core_member *const m = c->member;

    core_attest_fence(c, node, reenrol_roster_platform(&m->roster, node));
    if (c->has_pq) {
        (void)pq_party_fence(&m->party, node, &m->ceremony.plan.nodes[node]);
        core_presign_fence(c, node);
    }
}

static enum err take_orders(struct work *k)
{
    struct core_member *const m = k->c->member;
    const struct takeover t = standing(k->c);

    for (size_t i = 0; i < k->ask->n; i++) {
        const bool is_last = i + 1 == k->ask->n;
        bool taken = false;

        TRY(reenrol_order_decode(k->ask->orders[i], &k->order));
        TRY(takeover_take(&t, &m->roster, &m->ceremony.plan, epoch_of(m), &k->order, is_last,
                          &taken));
        if (taken) {
            fence(k->c, k->order.node);
            tell(k->c, &k->order, is_last ? k->ask->helpers : 0);
        }
    }
    return ERR_OK;
}

static enum err seed_drbg(struct core *c)
{
    uint8_t seed[DRBG_SEED_LEN];
    const enum err e = c->entropy->fill(c->entropy->self, seed, sizeof seed);

    if (e == ERR_OK) {
        drbg_init(&c->member->reenrol_drbg, (struct view){seed, sizeof seed},
                  (struct view){NULL, 0});
    }
    wipe(seed, sizeof seed);
    return e;
}

static struct reenrol_setup setup_of(const struct work *k)
{
    const struct core_member *const m = k->c->member;

    return (struct reenrol_setup){.plan = &m->ceremony.plan,
                                  .roster = &m->roster,
                                  .order = &k->order,
                                  .helpers = k->ask->helpers,
                                  .key = k->c->has_pq ? &m->classic : &m->ceremony.classic};
}

/* ---- a helper ---- */

static enum err help(struct work *k)
{
    struct core_member *const m = k->c->member;
    const struct reenrol_setup setup = setup_of(k);
    const struct reenrol_tools tools = tools_of(k->c);
    const struct reenrol_holder holder = {&m->classic_share, &m->share,
                                          m->party.counts.repetitions};
    struct writer out = out_of(m);
    enum err e = ERR_OK;

    TRY(seed_drbg(k->c));
    TRY(tecdsa_repair_epoch_begin(&m->roster.epoch, k->order.node, k->order.attempt));
    e = reenrol_help(&m->reenrol, &tools, &setup, &holder, k->c->now.mono_ns, &out);
    if (e != ERR_OK) {
        tecdsa_repair_epoch_end(&m->roster.epoch);
        return e;
    }
    m->reenrol_len = out.len;
    return ERR_OK;
}

static void holder_order(void *arg)
{
    struct work *const k = arg;
    const struct takeover t = standing(k->c);

    k->err = take_orders(k);
    if (k->err == ERR_OK && takeover_helps(&t, k->ask->helpers)) {
        k->err = help(k);
    }
}

/* ---- the fresh process ---- */

/* It is the one that the orders have made of the plan's node, under rules that it has, too. */
static enum err judge_own(const struct core *c)
{
    const struct plan_own own = {.args = c->args,
                                 .threshold = MEMBER_THRESHOLD,
                                 .total = MEMBER_TOTAL,
                                 .identity = c->public.identity,
                                 .signing_key = c->public.signing_key,
                                 .boot_nonce = c->boot_nonce,
                                 .attests = c->desk != NULL};
    uint8_t bytes[PLAN_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view plan;

    plan_encode(&w, &c->member->ceremony.plan);
    TRY(wr_finish(&w, &plan));
    return judge_plan(&own, plan);
}

static enum err adopt(struct work *k)
{
    struct core *const c = k->c;
    struct core_member *const m = c->member;
    const struct reenrol_tools tools = tools_of(c);
    struct writer out = out_of(m);

    TRY(seed_drbg(c));
    TRY(adopt_record(&m->ceremony, &m->tools, k->ask->record));
    TRY(reenrol_order_decode(k->ask->orders[k->ask->n - 1], &k->order));
    TRY(core_attest_adopt(c, k->order.node));
    TRY(take_orders(k));
    TRY(judge_own(c));
    TRY(takeover_is_for(&k->order, c->public.identity, c->public.signing_key, c->boot_nonce));
    const struct reenrol_setup setup = setup_of(k);
    const struct reenrol_public known = adopt_public(&m->ceremony);

    TRY(reenrol_ask(&m->reenrol, &tools, &setup, &known, c->now.mono_ns, &out));
    m->reenrol_len = out.len;
    return ERR_OK;
}

static void forget_epoch(struct core_member *m)
{
    ceremony_wipe(&m->ceremony, &m->tools);
    reenrol_wipe(&m->reenrol);
    reenrol_roster_init(&m->roster);
}

static void fresh_order(void *arg)
{
    struct work *const k = arg;
    struct core_member *const m = k->c->member;

    forget_epoch(m);
    k->err = adopt(k);
    if (k->err != ERR_OK) {
        forget_epoch(m);
    }
}

/* ---- what an end makes of the core ---- */

static void finish(void *arg)
{
    struct work *const k = arg;
    struct core_member *const m = k->c->member;
    const struct reenrol_tools tools = tools_of(k->c);
    struct reenrol_shares *const shares = &m->reenrol_shares;
    const uint8_t own = m->reenrol.own;

    k->err = reenrol_finish(&m->reenrol, &tools, &m->ceremony.share_scratch, shares);
    if (k->err == ERR_OK) {
        m->repetitions = shares->repetitions;
        adopt_shares(&m->ceremony, own, shares);
    } else {
        forget_epoch(m);
    }
}

/* After each turn. */
static void follow(struct core *c)
{
    struct core_member *const m = c->member;
    const struct reenrol *const r = &m->reenrol;
    const bool asks = !c->has_pq && m->ceremony.state == CEREMONY_IDLE;

    if (r->state == REENROL_RUNNING || !m->reenrolling) {
        return;
    }
    m->reenrolling = false;
    tecdsa_repair_epoch_end(&m->roster.epoch);
    wipe(&m->reenrol_drbg, sizeof m->reenrol_drbg);
    core_attest_forget_reenrol(c);
    core_audit(c, AUDIT_REENROL_END, r->err,
               r->accused == REENROL_NOBODY ? 0 : r->accused + 1U);
    if (asks && r->state == REENROL_DONE) {
        struct work k = {.c = c};

        if (core_ceremony_on_stack(c, finish, &k) == ERR_OK && k.err == ERR_OK) {
            core_ceremony_tick(c);
        }
    }
}

/* ---- frames ---- */

static void put_answer(struct core_member *m, struct writer *w)
{
    const struct reenrol *const r = &m->reenrol;
    struct reenrol_answer a = {.state = (uint8_t)r->state,
                               .node = REENROL_NOBODY,
                               .accused = REENROL_NOBODY,
                               .repaired = (uint8_t)m->roster.epoch.repaired,
                               .err = (uint16_t)r->err,
                               .attempt = r->attempt,
                               .packets = {m->reenrol_out, m->reenrol_len}};

    if (r->state != REENROL_IDLE) {
        a.node = (uint8_t)r->of.target;
        a.accused = r->accused;
    }
    for (size_t i = 0; i < m->ceremony.plan.total; i++) {
        a.incarnation[i] = m->roster.incarnation[i];
    }
    reenrol_answer_encode(w, &a);
    wipe(m->reenrol_out, m->reenrol_len);
    m->reenrol_len = 0;
}

static enum err answer_order(struct core *c, struct view body, struct writer *w)
{
    struct core_member *const m = c->member;
    struct reenrol_order_ask ask;
    struct work k = {.c = c, .ask = &ask};
    const struct takeover t = standing(c);

    TRY(reenrol_order_ask_decode(body, &ask));
    const bool fresh = ask.record.n > 0;

    TRY(takeover_may_begin(&t, fresh));
    m->reenrol_len = 0;
    TRY(core_ceremony_on_stack(c, fresh ? fresh_order : holder_order, &k));
    TRY(k.err);
    m->reenrolling = m->reenrol.state == REENROL_RUNNING;
    put_answer(m, w);
    return ERR_OK;
}

static void take_packets(void *arg)
{
    const struct work *const k = arg;
    struct core_member *const m = k->c->member;
    const struct reenrol_tools tools = tools_of(k->c);
    const int64_t now_ns = k->c->now.mono_ns;
    struct reader r = rd_init(k->packets);
    struct writer out = out_of(m);
    struct reenrol_packet p;

    while (r.n > 0 && reenrol_packet_decode(&r, &p) == ERR_OK) {
        reenrol_take(&m->reenrol, &tools, &p, now_ns, &out);
    }
    reenrol_poll(&m->reenrol, &tools, now_ns, &out);
    m->reenrol_len = out.full ? m->reenrol_len : out.len;
}

static enum err answer_step(struct core *c, struct view body, struct writer *w)
{
    struct core_member *const m = c->member;
    struct work k = {.c = c, .packets = body};

    TRY(reenrol_packets_check(body));
    if (body.n > 0 || reenrol_awaits_evidence(&m->reenrol)) {
        TRY(core_ceremony_on_stack(c, take_packets, &k));
    }
    core_reenrol_tick(c);
    put_answer(m, w);
    return ERR_OK;
}

enum err core_reenrol_call(struct core *c, const struct core_call *call, struct writer *w)
{
    if (c->member == NULL) {
        return ERR_TYPE;
    }
    core_look_at_clock(c);
    return call->head.type == FRAME_REENROL_ORDER ? answer_order(c, call->body, w)
                                                  : answer_step(c, call->body, w);
}

void core_reenrol_tick(struct core *c)
{
    struct core_member *const m = c->member;

    if (m == NULL) {
        return;
    }
    reenrol_tick(&m->reenrol, c->now.mono_ns);
    follow(c);
    if (c->has_pq && m->reenrol.state == REENROL_DONE && m->reenrol.own + 1U == c->index &&
        m->reenrol.of.target == m->reenrol.own) {
        core_ceremony_use(c); /* no other ceremony ends what others count on */
    }
}
