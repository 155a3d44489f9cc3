#include "enclave/core/core_retirement.h"

#include "base/secret.h"
#include "enclave/core/core_ceremony.h"
#include "enclave/core/core_parts.h"
#include "enclave/core/core_presign.h"
#include "enclave/core/core_quorum.h"
#include "enclave/member/core_member.h"

#include <string.h>

/* One frame's judgement, on the member's stack. */
struct judging {
    const struct core *c;
    struct retire_order order;
    enum err err;
};

static void judge(void *arg)
{
    struct judging *const j = arg;

    j->err = retire_order_judge(&j->order, &j->c->member->ceremony.plan, j->c->epoch_id);
}

/* From here on nothing is promised; what was is kept. */
static void take_order(struct core *c, const struct retire_order *o)
{
    struct retired *const s = &c->retirement.statement;

    *s = (struct retired){.place = (uint8_t)(c->index - 1),
                          .reason = o->reason,
                          .incarnation = c->member->roster.incarnation[c->index - 1]};
    memcpy(s->epoch_id, c->epoch_id, sizeof s->epoch_id);
    memcpy(s->boot_nonce, c->boot_nonce, sizeof s->boot_nonce);
    memcpy(s->audit_key, c->public.audit, sizeof s->audit_key);
    retire_order_hash(o, s->order);
    c->retirement.ordered = true;
    core_drain(c);
}

/* What HELLO says of its keys stays: they are those of the epoch. False: a worker is still at
 * something. */
static bool let_go(struct core *c)
{
    const struct core_public keys = c->public;
    uint8_t threshold[WIRE_KEYS_MAX];
    bool over;

    memcpy(threshold, c->threshold, sizeof threshold);
    over = core_drained(c) && core_presign_end(c) && core_quorum_end(c);
    c->public = keys;
    memcpy(c->threshold, threshold, sizeof threshold);
    return over;
}

static void erase(struct core *c)
{
    core_member_wipe(c->member);
    if (c->own_key != NULL) {
        wipe(c->own_key, sizeof *c->own_key);
    }
    (void)r1_table_void(&c->r1);
}

/* The last two entries of the log. */
static void close_log(struct core *c)
{
    struct retired *const s = &c->retirement.statement;

    s->time_ns = core_audit_time(c);
    core_audit_data(c, AUDIT_RETIRED, c->index, s->reason,
                    (struct view){s->order, sizeof s->order});
    core_retire(c);
    s->seq = c->audit.last_seq;
    memcpy(s->head, c->audit.chain.hash, sizeof s->head);
}

static enum err sign(struct core *c)
{
    struct core_member *const m = c->member;
    struct retired *const s = &c->retirement.statement;
    uint8_t body[RETIRED_BODY_LEN];
    struct writer w = wr_init(body, sizeof body);

    retired_body_encode(&w, s);
    TRY(ed25519_sign(&m->tools.work->stack, m->signing_key, (struct view){body, w.len},
                     s->signature));
    c->retirement.said = true;
    return ERR_OK;
}

enum err core_retirement_call(struct core *c, const struct core_call *call, struct writer *w)
{
    struct judging j = {.c = c};
    uint8_t hash[P384_DIGEST_LEN];

    if (c->member == NULL) {
        return ERR_TYPE;
    }
    TRY(retire_order_decode(call->body, &j.order));
    core_look_at_clock(c);
    if (!c->has_pq) {
        return ERR_STATE;
    }
    if (!c->retirement.ordered) {
        TRY(core_ceremony_on_stack(c, judge, &j));
        TRY(j.err);
        take_order(c, &j.order);
    }
    retire_order_hash(&j.order, hash);
    if (memcmp(hash, c->retirement.statement.order, sizeof hash) != 0) {
        return ERR_STALE;
    }
    core_expire(c);
    if (!c->retired && !let_go(c)) {
        return ERR_BUSY;
    }
    if (!c->retired) {
        erase(c);
        close_log(c);
    }
    if (!c->retirement.said) {
        TRY(sign(c));
    }
    retired_encode(w, &c->retirement.statement);
    return ERR_OK;
}
