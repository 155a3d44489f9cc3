#include "base/secret.h"
#include "enclave/repair/reenrol_parts.h"

#include <string.h>

/* ---- judgement ---- */

enum err reenrol_verdict(const struct reenrol_step *s, uint8_t from, enum err e)
{
    if (e == ERR_OK || e == ERR_STATE || e == ERR_STALE) {
        return e;
    }
    reenrol_end(s, e, e == ERR_BUG || e == ERR_NOSPACE ? REENROL_NOBODY : from);
    return e;
}

enum err reenrol_check_show(const struct reenrol_step *s, uint8_t from,
                            const struct reenrol_show *show)
{
    uint8_t text[REENROL_SIGNED_LEN];

    if (memcmp(show->show.id, s->r->id, sizeof s->r->id) != 0 || show->show.party[0] != from) {
        return ERR_MISMATCH;
    }
    reenrol_show_signed(&show->show, text);
    return ed25519_verify(&s->tools->pq1.work->stack, s->r->plan->nodes[from].signing_key,
                          (struct view){text, sizeof text}, show->signature);
}

/* The sums of from are for other shows than those that are here. Either another helper signed
 * two, and from brings the second, or from has no reason. */
static uint8_t who_lied(const struct reenrol_step *s, uint8_t from, const struct reenrol_sum *m)
{
    const struct reenrol *const r = s->r;
    size_t at = 0;

    for (uint8_t i = 0; i < PLAN_NODES_MAX; i++) {
        const struct reenrol_show *const seen = &m->seen[at < REENROL_OTHERS ? at : 0];

        if (!reenrol_is_helper(r, i) || i == from) {
            continue;
        }
        at++;
        if (reenrol_check_show(s, i, seen) != ERR_OK) {
            return from;
        }
        if (memcmp(&seen->show, &r->shows[i].show, sizeof seen->show) != 0) {
            return i;
        }
    }
    return from;
}

/* ---- the node ---- */

struct ask_call {
    struct reenrol *r;
    const struct tecdsa_key *key;
};

static enum err ask(void *arg)
{
    const struct ask_call *const c = arg;

    return tecdsa_repair_begin(&c->r->repaired, c->key, &c->r->of);
}

enum err reenrol_await(const struct reenrol_step *s, const struct tecdsa_key *key)
{
    struct ask_call c = {s->r, key};
    const struct tmldsa_matrix *const matrix = s->r->known.pq.matrix;

    TRY(work_stack_run_gmp(&s->tools->pq1.work->stack, ask, &c));
    return tmldsa_repair_begin(&s->r->secrets, matrix->path, matrix->params, s->r->own);
}

static void try_finish(const struct reenrol_step *s)
{
    const struct reenrol *const r = s->r;

    if (r->state == REENROL_RUNNING && r->repaired.added == r->of.helpers &&
        r->secrets.given == r->of.helpers) {
        reenrol_done(s);
    }
}

struct add_call {
    struct tecdsa_repaired *repaired;
    uint8_t from;
    const void *in;
};

static enum err add_sum(void *arg)
{
    const struct add_call *const c = arg;

    return tecdsa_repair_accept_sum(c->repaired, c->from, c->in);
}

static enum err add_show(void *arg)
{
    const struct add_call *const c = arg;

    return tecdsa_repair_accept_show(c->repaired, c->from, c->in);
}

static enum err take_sum(const struct reenrol_step *s, uint8_t from)
{
    struct reenrol *const r = s->r;
    struct reenrol_sum *const m = &r->sums[from];
    struct add_call c = {&r->repaired, from, &m->sum};
    const enum err e = work_stack_run_gmp(&s->tools->pq1.work->stack, add_sum, &c);

    if (e == ERR_QUORUM) {
        reenrol_end(s, e, who_lied(s, from, m));
        return e;
    }
    wipe(m, sizeof *m);
    if (e == ERR_OK) {
        try_finish(s);
    }
    return reenrol_verdict(s, from, e);
}

/* Sums that came before the last show. */
static void take_waiting(const struct reenrol_step *s)
{
    struct reenrol *const r = s->r;

    for (uint8_t i = 0; i < PLAN_NODES_MAX && r->state == REENROL_RUNNING; i++) {
        if ((r->waiting >> i & 1) == 1) {
            r->waiting &= ~(1U << i);
            if (take_sum(s, i) != ERR_OK) {
                r->dropped++;
            }
        }
    }
}

static enum err hear_show(const struct reenrol_step *s, uint8_t from, struct view plain)
{
    struct reenrol *const r = s->r;
    struct add_call c = {&r->repaired, from, NULL};
    struct reenrol_show m = {0};
    enum err e = plain.n == sizeof m ? ERR_OK : ERR_LENGTH;

    if (e == ERR_OK) {
        memcpy(&m, plain.p, sizeof m);
        c.in = &m.show;
        e = reenrol_check_show(s, from, &m);
    }
    if (e == ERR_OK) {
        e = work_stack_run_gmp(&s->tools->pq1.work->stack, add_show, &c);
    }
    if (e == ERR_OK) {
        r->shows[from] = m;
        r->shown |= 1U << from;
        if (r->shown == r->of.helpers) {
            take_waiting(s);
        }
    }
    return reenrol_verdict(s, from, e);
}

static enum err hear_sum(const struct reenrol_step *s, uint8_t from, struct view plain)
{
    struct reenrol *const r = s->r;
    const unsigned bit = 1U << from;

    if (plain.n != sizeof r->sums[from]) {
        return reenrol_verdict(s, from, ERR_LENGTH);
    }
    if (((r->waiting | r->repaired.added) & bit) != 0) {
        return ERR_STATE;
    }
    memcpy(&r->sums[from], plain.p, plain.n);
    if (r->shown != r->of.helpers) {
        r->waiting |= bit;
        return ERR_OK;
    }
    return take_sum(s, from);
}

static enum err hear_secrets(const struct reenrol_step *s, uint8_t from, struct view plain)
{
    struct reenrol *const r = s->r;
    struct reader in = rd_init(plain);
    uint64_t repetitions = 0;
    enum err e = rd_u64le(&in, &repetitions);

    if (e == ERR_OK && repetitions > PLAN_REPETITIONS_MAX) {
        e = ERR_RANGE;
    }
    if (e == ERR_OK) {
        e = tmldsa_repair_take(&r->secrets, from, (struct view){in.p, in.n}, &r->known.pq,
                               r->known.scratch);
    }
    if (e == ERR_OK) {
        r->repetitions = repetitions > r->repetitions ? repetitions : r->repetitions;
        try_finish(s);
    }
    return reenrol_verdict(s, from, e);
}

enum err reenrol_hear(const struct reenrol_step *s, uint8_t from, uint8_t round,
                      struct view plain)
{
    const bool is_target = s->r->own == s->r->of.target;

    if (!reenrol_is_helper(s->r, from) || is_target == (round == REENROL_DEAL)) {
        return ERR_STATE;
    }
    switch (round) {
    case REENROL_DEAL:
        return reenrol_hear_deal(s, from, plain);
    case REENROL_SHOW:
        return hear_show(s, from, plain);
    case REENROL_SUM:
        return hear_sum(s, from, plain);
    case REENROL_SECRETS:
        return hear_secrets(s, from, plain);
    default:
        return ERR_STATE;
    }
}

/* ---- its shares ---- */

struct join_call {
    struct tecdsa_repaired *repaired;
    struct tecdsa_share *share;
};

static enum err join(void *arg)
{
    const struct join_call *const c = arg;

    return tecdsa_repair_finish(c->repaired, c->share);
}

enum err reenrol_join(const struct reenrol_step *s, struct tmldsa_share_scratch *scratch,
                      struct reenrol_shares *out)
{
    struct join_call c = {&s->r->repaired, &out->classic};

    TRY(work_stack_run_gmp(&s->tools->pq1.work->stack, join, &c));
    TRY(tmldsa_repair_finish(&s->r->secrets, scratch, &out->pq));
    out->repetitions = s->r->repetitions;
    return ERR_OK;
}
