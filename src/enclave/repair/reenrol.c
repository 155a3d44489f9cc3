#include "enclave/repair/reenrol.h"

#include "base/mask.h"
#include "base/secret.h"
#include "enclave/limits.h"
#include "enclave/repair/reenrol_parts.h"

#include <string.h>

/* ---- ends ---- */

static void forget(struct reenrol *r)
{
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        pq1_wipe(&r->channels[i]);
    }
    wipe(&r->helper, sizeof r->helper);
    wipe(r->sums, sizeof r->sums);
    r->waiting = 0;
}

static void forget_shares(struct reenrol *r)
{
    wipe(&r->repaired, sizeof r->repaired);
    wipe(&r->secrets, sizeof r->secrets);
}

void reenrol_end(const struct reenrol_step *s, enum err e, uint8_t accused)
{
    forget(s->r);
    forget_shares(s->r);
    s->r->state = REENROL_ENDED;
    s->r->err = e;
    s->r->accused = accused;
}

void reenrol_done(const struct reenrol_step *s)
{
    forget(s->r);
    s->r->state = REENROL_DONE;
}

void reenrol_wipe(struct reenrol *r)
{
    wipe(r, sizeof *r);
}

void reenrol_tick(struct reenrol *r, int64_t now_ns)
{
    const struct reenrol_step s = {.r = r};

    if (r->state == REENROL_RUNNING && now_ns >= r->deadline_ns) {
        reenrol_end(&s, reenrol_awaits_evidence(r) ? ERR_IO : ERR_DEADLINE, REENROL_NOBODY);
    }
}

/* ---- packets ---- */

void reenrol_send(const struct reenrol_step *s, uint8_t to, struct view bytes)
{
    const struct reenrol_packet p = {.from = s->r->own, .to = to, .bytes = bytes};

    reenrol_packet_encode(s->out, &p);
}

void reenrol_say(const struct reenrol_step *s, uint8_t to, uint8_t round, struct view plain)
{
    struct pq1_about about = {.type = REENROL_CHANNEL, .round = round};
    uint8_t record[REENROL_MSG_MAX + PQ1_RECORD_OVERHEAD];
    struct writer w = wr_init(record, sizeof record);
    enum err e = ERR_OK;

    memcpy(about.session, s->r->id, sizeof about.session);
    e = pq1_seal(&s->r->channels[to], s->now_ns, &about, plain, &w);
    if (e != ERR_OK) {
        reenrol_end(s, e, REENROL_NOBODY);
        return;
    }
    reenrol_send(s, to, (struct view){record, w.len});
}

/* ---- the beginning ---- */

static enum err check_setup(const struct reenrol *r, const struct reenrol_setup *setup,
                            uint8_t own)
{
    const unsigned target = setup->order->node;

    if (r->state == REENROL_RUNNING) {
        return ERR_STATE;
    }
    if (!reenrol_roster_has(setup->roster, setup->order)) {
        return ERR_MISMATCH;
    }
    return setup->helpers >> setup->plan->total == 0 && own < setup->plan->total &&
                   mask_count(setup->helpers) == TECDSA_T &&
                   (setup->helpers >> target & 1) == 0 &&
                   (own == target || (setup->helpers >> own & 1) == 1)
               ? ERR_OK
               : ERR_RANGE;
}

static void name_it(struct reenrol *r, const struct reenrol_setup *setup)
{
    struct tecdsa_repair_of *const of = &r->of;

    memcpy(of->epoch_id, setup->order->epoch_id, sizeof of->epoch_id);
    reenrol_order_hash(setup->order, of->order);
    of->attempt = setup->order->attempt;
    of->helpers = setup->helpers;
    of->target = setup->order->node;
    memcpy(of->incarnation, setup->roster->incarnation, sizeof of->incarnation);
    tecdsa_repair_id(setup->key, of, r->id);
    r->attempt = setup->order->attempt;
    r->plan = setup->plan;
}

/* The channel names the repair: both ends have the same order and helpers, or there is none. */
static enum err begin_channel(const struct reenrol_step *s, uint8_t peer)
{
    struct reenrol *const r = s->r;
    const struct view context = {r->id, sizeof r->id};
    struct pq1_setup c = {
        .own = {.index = r->own, .incarnation = r->of.incarnation[r->own], .context = context},
        .peer = {.index = peer, .incarnation = r->of.incarnation[peer], .context = context},
        .judge = r->attest != NULL ? &r->judge : NULL};
    uint8_t hello[PQ1_HELLO_LEN];
    struct writer w = wr_init(hello, sizeof hello);

    memcpy(c.epoch_id, r->of.epoch_id, sizeof c.epoch_id);
    memcpy(c.own.identity, r->plan->nodes[r->own].identity, P384_PUBLIC_LEN);
    memcpy(c.peer.identity, r->plan->nodes[peer].identity, P384_PUBLIC_LEN);
    TRY(pq1_init(&r->channels[peer], &c));
    TRY(pq1_begin(&r->channels[peer], &s->tools->pq1, &w));
    reenrol_send(s, peer, (struct view){hello, w.len});
    return ERR_OK;
}

static enum err begin(const struct reenrol_step *s, const struct reenrol_setup *setup,
                      uint8_t own)
{
    struct reenrol *const r = s->r;
    enum err e = ERR_OK;

    r->own = own;
    r->accused = REENROL_NOBODY;
    r->deadline_ns = s->now_ns + LIMIT_REENROL_NS;
    name_it(r, setup);
    TRY(reenrol_attest_begin(s));
    r->state = REENROL_RUNNING;
    for (uint8_t i = 0; i < setup->plan->total && e == ERR_OK; i++) {
        if (i != own && reenrol_is_of(r, i)) {
            e = begin_channel(s, i);
        }
    }
    return e;
}

/* All or nothing. */
static enum err or_nothing(struct reenrol *r, struct writer *out, size_t mark, enum err e)
{
    if (e != ERR_OK) {
        reenrol_wipe(r);
        out->len = mark;
    }
    return e;
}

enum err reenrol_help(struct reenrol *r, const struct reenrol_tools *tools,
                      const struct reenrol_setup *setup, const struct reenrol_holder *holder,
                      int64_t now_ns, struct writer *out)
{
    const struct reenrol_step s = {r, tools, now_ns, out};
    const size_t mark = out->len;
    enum err e = ERR_OK;

    if (holder->classic->party == setup->order->node) {
        return ERR_RANGE;
    }
    TRY(check_setup(r, setup, (uint8_t)holder->classic->party));
    reenrol_wipe(r);
    r->holder = *holder;
    e = begin(&s, setup, (uint8_t)holder->classic->party);
    if (e == ERR_OK) {
        e = reenrol_split(&s, setup->key);
    }
    return or_nothing(r, out, mark, e);
}

enum err reenrol_ask(struct reenrol *r, const struct reenrol_tools *tools,
                     const struct reenrol_setup *setup, const struct reenrol_public *known,
                     int64_t now_ns, struct writer *out)
{
    const struct reenrol_step s = {r, tools, now_ns, out};
    const size_t mark = out->len;
    enum err e = ERR_OK;

    TRY(check_setup(r, setup, setup->order->node));
    reenrol_wipe(r);
    r->known = *known;
    e = begin(&s, setup, setup->order->node);
    if (e == ERR_OK) {
        e = reenrol_await(&s, setup->key);
    }
    return or_nothing(r, out, mark, e);
}

/* ---- packets that come ---- */

/* What comes before a channel is anybody's, and dropped. But of evidence it is said at once why
 * none is given: another order is due, for another machine perhaps. */
static enum err refuse(const struct reenrol_step *s, enum err e)
{
    if (s->r->refused != ERR_OK || (s->r->attest != NULL && e == ERR_EVIDENCE)) {
        reenrol_end(s, e, REENROL_NOBODY);
    }
    return e;
}

static enum err take_handshake(const struct reenrol_step *s, uint8_t from, struct view bytes)
{
    struct pq1 *const channel = &s->r->channels[from];
    const bool was = pq1_is_verified(channel);
    uint8_t answer[PQ1_MESSAGE_MAX];
    struct writer w = wr_init(answer, sizeof answer);
    enum err e = ERR_STATE;

    if (was) { /* one channel a pair is enough for all of it */
        return e;
    }
    e = pq1_take(channel, &s->tools->pq1, s->now_ns, bytes, &w);
    if (e != ERR_OK) {
        return refuse(s, e);
    }
    if (w.len > 0) {
        reenrol_send(s, from, (struct view){answer, w.len});
    }
    if (pq1_is_verified(channel)) {
        reenrol_meet(s, from);
    }
    return ERR_OK;
}

static enum err take_record(const struct reenrol_step *s, uint8_t from, struct view bytes)
{
    uint8_t plain[REENROL_MSG_MAX];
    struct pq1_about about;
    size_t n = 0;
    enum err e =
        pq1_open(&s->r->channels[from], s->now_ns, bytes, &about, plain, sizeof plain, &n);

    if (e == ERR_OK && (about.type != REENROL_CHANNEL ||
                        memcmp(about.session, s->r->id, sizeof about.session) != 0)) {
        e = ERR_MISMATCH;
    }
    if (e == ERR_OK) {
        e = reenrol_hear(s, from, about.round, (struct view){plain, n});
    }
    wipe(plain, sizeof plain);
    return e;
}

void reenrol_take(struct reenrol *r, const struct reenrol_tools *tools,
                  const struct reenrol_packet *in, int64_t now_ns, struct writer *out)
{
    const struct reenrol_step s = {r, tools, now_ns, out};
    enum err e = ERR_STATE;

    if (r->state == REENROL_RUNNING && in->to == r->own && in->from != r->own &&
        reenrol_is_of(r, in->from) && in->bytes.n > 0) {
        e = in->bytes.p[0] == PQ1_RECORD ? take_record(&s, in->from, in->bytes)
                                         : take_handshake(&s, in->from, in->bytes);
    }
    if (e != ERR_OK) {
        r->dropped++;
    }
}

/* ---- the end of the node ---- */

enum err reenrol_finish(struct reenrol *r, const struct reenrol_tools *tools,
                        struct tmldsa_share_scratch *scratch, struct reenrol_shares *out)
{
    const struct reenrol_step s = {.r = r, .tools = tools};
    enum err e = ERR_STATE;

    wipe(out, sizeof *out);
    if (r->state == REENROL_DONE && r->own == r->of.target && r->repaired.live) {
        e = reenrol_join(&s, scratch, out);
        if (e != ERR_OK) {
            wipe(out, sizeof *out);
        }
        forget_shares(r);
    }
    return e;
}
