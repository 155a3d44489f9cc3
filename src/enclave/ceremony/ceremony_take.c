/* What comes into a ceremony: who may send what, complaints, aborts. */
#include "enclave/ceremony/ceremony_parts.h"

static bool is_genuine(const struct ceremony_call *call, const struct ceremony_msg *m)
{
    const struct ceremony *c = call->c;

    return ceremony_msg_verify(&c->plan, c->known.epoch_id, m) == ERR_OK;
}

/* Bodies that do not follow from the plan: the channel's, and what it sealed. */
static bool fits(const struct ceremony *c, const struct ceremony_msg *m)
{
    if (m->round == CEREMONY_PQ1_KEM && plan_is_attested(&c->plan)) {
        return m->body.n <= PQ1_ATTESTED_MAX;
    }
    return m->round == CEREMONY_SEALED ? m->body.n <= CEREMONY_OPEN_MAX + PQ1_RECORD_OVERHEAD
                                       : m->body.n <= PQ1_MESSAGE_MAX;
}

/* A message of a round in which each node sends one. */
static bool take_round(const struct ceremony_call *call, const struct ceremony_msg *m)
{
    struct ceremony *c = call->c;
    const struct ceremony_msg *seen = &c->known.msg[m->round][m->sender];
    const bool has_shape = m->round >= CEREMONY_COMMIT && m->round != CEREMONY_SEALED;

    if (c->state != CEREMONY_RUNNING && c->state != CEREMONY_DISPUTED) {
        return false;
    }
    if (view_equal(seen->whole, m->whole) || !is_genuine(call, m)) {
        return false;
    }
    if (seen->whole.n > 0) {
        const struct ceremony_msg both[2] = {*seen, *m};

        ceremony_complain(call, CEREMONY_EQUIVOCATION, m->sender, both, 2);
        return true;
    }
    if (has_shape && ceremony_body_check(&c->plan, m) != ERR_OK) {
        ceremony_complain(call, CEREMONY_MALFORMED, m->sender, m, 1);
        return true;
    }
    return (has_shape || fits(c, m)) && ceremony_keep(c, m) == ERR_OK;
}

/* Two messages of the culprit, of which one stands in a complaint, are shown to all. */
static void pass_on(const struct ceremony_call *call, const struct ceremony_complaint *seen,
                    uint8_t culprit)
{
    for (size_t i = 0; i < seen->n; i++) {
        const struct ceremony_msg *m = &seen->proof[i];

        if (m->sender == culprit && m->round < CEREMONY_ROUNDS && m->to == CEREMONY_TO_ALL) {
            const struct ceremony_msg *own = &call->c->known.msg[m->round][culprit];
            const struct ceremony_msg both[2] = {*own, *m};

            if (own->whole.n > 0 && !view_equal(own->whole, m->whole)) {
                ceremony_complain(call, CEREMONY_EQUIVOCATION, culprit, both, 2);
                return;
            }
        }
    }
    ceremony_abort(call, CEREMONY_EQUIVOCATION, culprit);
}

/* A dispute of others: it is ours too, until someone's fault shows. */
static void join_dispute(const struct ceremony_call *call, uint8_t disputed)
{
    if (ceremony_runs(call)) {
        call->c->state = CEREMONY_DISPUTED;
        call->c->disputed = disputed;
    }
}

static void act_on(const struct ceremony_call *call, const struct ceremony_msg *m,
                   const struct ceremony_complaint *complaint, struct ceremony_verdict v)
{
    struct ceremony *c = call->c;
    const struct ceremony_end end = {v.reason, v.culprit, c->own, true};

    if (v.reason == CEREMONY_NO_REASON) {
        join_dispute(call, v.culprit);
        return;
    }
    if (c->state == CEREMONY_ABORTED) { /* that it is over was known; now it is known why */
        c->end = end;
    } else if (v.reason == CEREMONY_EQUIVOCATION && complaint->reason != v.reason) {
        pass_on(call, complaint, v.culprit);
    } else if (v.reason == CEREMONY_FALSE_COMPLAINT && v.culprit == m->sender) {
        ceremony_abort(call, v.reason, v.culprit);
    } else {
        ceremony_end(call, &end);
    }
    c->end.proven = true;
}

static bool take_complaint(const struct ceremony_call *call, const struct ceremony_msg *m)
{
    struct ceremony *c = call->c;
    const uint8_t *id = c->record_bytes.n > 0 ? c->id : NULL;
    struct ceremony_complaint complaint;

    if ((c->state == CEREMONY_ABORTED && c->end.proven) || !is_genuine(call, m)) {
        return false;
    }
    if (ceremony_complaint_decode(m->body, &complaint) != ERR_OK ||
        complaint.accused >= c->plan.total) {
        const struct ceremony_end end = {CEREMONY_MALFORMED, m->sender, c->own, true};

        ceremony_end(call, &end);
        return true;
    }
    act_on(call, m, &complaint,
           ceremony_judge(&c->known, m->sender, &complaint, id, &c->scratch));
    return true;
}

static bool take_abort(const struct ceremony_call *call, const struct ceremony_msg *m)
{
    struct ceremony_end end = {CEREMONY_MALFORMED, m->sender, m->sender, false};
    struct ceremony_abort abort;

    if (call->c->state == CEREMONY_ABORTED || !is_genuine(call, m)) {
        return false;
    }
    if (ceremony_abort_decode(m->body, &abort) == ERR_OK) {
        end.reason = abort.reason;
        end.accused = abort.accused;
    }
    ceremony_end(call, &end);
    return true;
}

bool ceremony_take(const struct ceremony_call *call, const struct ceremony_msg *m)
{
    const struct ceremony *c = call->c;

    if (m->sender >= c->plan.total || m->sender == c->own ||
        (m->to != CEREMONY_TO_ALL && m->to != c->own)) {
        return false;
    }
    switch (m->round) {
    case CEREMONY_COMPLAINT:
        return take_complaint(call, m);
    case CEREMONY_ABORT:
        return take_abort(call, m);
    case CEREMONY_TEST_COMMIT:
    case CEREMONY_TEST_REVEAL:
    case CEREMONY_TEST_RESPOND:
        return ceremony_runs(call) && is_genuine(call, m) && ceremony_test_take(call, m);
    default:
        return m->round < CEREMONY_ROUNDS && take_round(call, m);
    }
}
