#include "base/secret.h"
#include "enclave/repair/reenrol_parts.h"

#include <string.h>

/* ---- the own split ---- */

struct split_call {
    struct reenrol *r;
    const struct tecdsa_key *key;
    uint8_t seed[TECDSA_SEED_LEN];
};

static enum err split(void *arg)
{
    struct split_call *const c = arg;
    struct reenrol *const r = c->r;

    TRY(tecdsa_repair_help(&r->helper, c->key, r->holder.classic, &r->of, c->seed));
    return tecdsa_repair_show(&r->helper, &r->shows[r->own].show);
}

enum err reenrol_split(const struct reenrol_step *s, const struct tecdsa_key *key)
{
    struct reenrol *const r = s->r;
    struct work_stack *const stack = &s->tools->pq1.work->stack;
    struct reenrol_show *const own = &r->shows[r->own];
    struct split_call c = {.r = r, .key = key};
    uint8_t text[REENROL_SIGNED_LEN];
    enum err e = drbg_generate(s->tools->pq1.drbg, (struct view){r->id, sizeof r->id}, c.seed,
                               sizeof c.seed);

    if (e == ERR_OK) {
        e = work_stack_run_gmp(stack, split, &c);
    }
    wipe(c.seed, sizeof c.seed);
    if (e == ERR_OK) {
        reenrol_show_signed(&own->show, text);
        e = ed25519_sign(stack, s->tools->signing_key, (struct view){text, sizeof text},
                         own->signature);
    }
    r->shown = 1U << r->own;
    return e;
}

/* ---- what is said of it ---- */

struct deal_call {
    const struct tecdsa_helper *helper;
    uint8_t to;
    struct tecdsa_repair_deal deal;
};

static enum err deal(void *arg)
{
    struct deal_call *const c = arg;

    return tecdsa_repair_deal(c->helper, c->to, &c->deal);
}

static void say_deal(const struct reenrol_step *s, uint8_t to)
{
    struct deal_call c = {.helper = &s->r->helper, .to = to};
    struct reenrol_deal m = {.show = s->r->shows[s->r->own]};
    const enum err e = work_stack_run_gmp(&s->tools->pq1.work->stack, deal, &c);

    if (e == ERR_OK) {
        memcpy(m.d, c.deal.d, sizeof m.d);
        reenrol_say(s, to, REENROL_DEAL, (struct view){(const uint8_t *)&m, sizeof m});
    } else {
        reenrol_end(s, e, REENROL_NOBODY);
    }
    wipe(&c.deal, sizeof c.deal);
    wipe(&m, sizeof m);
}

struct sum_call {
    struct tecdsa_helper *helper;
    struct tecdsa_repair_sum *sum;
};

static enum err sum(void *arg)
{
    const struct sum_call *const c = arg;

    return tecdsa_repair_sum(c->helper, c->sum);
}

static enum err say_sum(const struct reenrol_step *s)
{
    struct reenrol *const r = s->r;
    struct reenrol_sum m = {0};
    struct sum_call c = {&r->helper, &m.sum};
    size_t at = 0;
    enum err e = ERR_OK;

    for (uint8_t i = 0; i < PLAN_NODES_MAX; i++) {
        if (reenrol_is_helper(r, i) && i != r->own && at < REENROL_OTHERS) {
            m.seen[at++] = r->shows[i];
        }
    }
    e = work_stack_run_gmp(&s->tools->pq1.work->stack, sum, &c);
    if (e == ERR_OK) {
        reenrol_say(s, (uint8_t)r->of.target, REENROL_SUM,
                    (struct view){(const uint8_t *)&m, sizeof m});
    }
    wipe(&m, sizeof m);
    return e;
}

static enum err say_secrets(const struct reenrol_step *s)
{
    struct reenrol *const r = s->r;
    uint8_t bytes[REENROL_SECRETS_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view m = {NULL, 0};
    enum err e = ERR_OK;

    wr_u64le(&w, r->holder.repetitions);
    e = tmldsa_repair_give(r->holder.pq, r->of.target, &w);
    if (e == ERR_OK) {
        e = wr_finish(&w, &m);
    }
    if (e == ERR_OK) {
        reenrol_say(s, (uint8_t)r->of.target, REENROL_SECRETS, m);
    }
    wipe(bytes, sizeof bytes);
    return e;
}

/* Once everybody has what this helper dealt, and it has the others' deals. */
static void finish(const struct reenrol_step *s)
{
    struct reenrol *const r = s->r;
    const unsigned others = (r->of.helpers | 1U << r->of.target) & ~(1U << r->own);
    enum err e = ERR_OK;

    if (r->state != REENROL_RUNNING || r->told != others || r->shown != r->of.helpers) {
        return;
    }
    e = say_sum(s);
    if (e == ERR_OK && r->state == REENROL_RUNNING) {
        e = say_secrets(s);
    }
    if (e != ERR_OK) {
        reenrol_end(s, e, REENROL_NOBODY);
    } else if (r->state == REENROL_RUNNING) {
        reenrol_done(s);
    }
}

void reenrol_meet(const struct reenrol_step *s, uint8_t peer)
{
    struct reenrol *const r = s->r;
    const struct reenrol_show *const own = &r->shows[r->own];

    if (r->own == r->of.target) { /* which only listens */
        return;
    }
    if (peer == r->of.target) {
        reenrol_say(s, peer, REENROL_SHOW, (struct view){(const uint8_t *)own, sizeof *own});
    } else {
        say_deal(s, peer);
    }
    r->told |= 1U << peer;
    finish(s);
}

/* ---- what the others dealt ---- */

struct accept_call {
    struct tecdsa_helper *helper;
    uint8_t from;
    struct tecdsa_repair_deal deal;
};

static enum err accept(void *arg)
{
    struct accept_call *const c = arg;

    return tecdsa_repair_accept(c->helper, c->from, &c->deal);
}

enum err reenrol_hear_deal(const struct reenrol_step *s, uint8_t from, struct view plain)
{
    struct reenrol *const r = s->r;
    struct accept_call c = {.helper = &r->helper, .from = from};
    struct reenrol_deal m = {0};
    enum err e = plain.n == sizeof m ? ERR_OK : ERR_LENGTH;

    if (e == ERR_OK) {
        memcpy(&m, plain.p, sizeof m);
        e = reenrol_check_show(s, from, &m.show);
    }
    if (e == ERR_OK) {
        c.deal.show = m.show.show;
        memcpy(c.deal.d, m.d, sizeof c.deal.d);
        e = work_stack_run_gmp(&s->tools->pq1.work->stack, accept, &c);
    }
    if (e == ERR_OK) {
        r->shows[from] = m.show;
        r->shown |= 1U << from;
        finish(s);
    }
    wipe(&c.deal, sizeof c.deal);
    wipe(&m, sizeof m);
    return reenrol_verdict(s, from, e);
}
