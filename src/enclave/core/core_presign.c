#include "enclave/core/core_presign.h"

#include "base/secret.h"
#include "enclave/core/core_attest.h"
#include "enclave/core/core_parts.h"
#include "enclave/core/core_presign_audit.h"
#include "enclave/member/core_member.h"
#include "enclave/quorum/pq_party.h"
#include "wire/presign_word.h"

#include <string.h>

/* ---- the pool's guard ---- */

static void enter(const struct core *c)
{
    if (c->presign.desk != NULL) {
        const struct presign_guard *const g = &c->presign.desk->meeting.pool;

        g->enter(g->self);
    }
}

static void leave(const struct core *c)
{
    if (c->presign.desk != NULL) {
        const struct presign_guard *const g = &c->presign.desk->meeting.pool;

        g->leave(g->self);
    }
}

/* ---- from a ceremony to the next ---- */

static struct presigner_setup setup_of(struct core *c)
{
    struct core_member *const m = c->member;
    struct member_presign *const mp = m->presign;
    const struct plan *const plan = &m->ceremony.plan;
    struct presigner_setup s = {.own = m->ceremony.own,
                                .n = plan->total,
                                .key = &m->classic,
                                .share = &m->classic_share,
                                .identity = m->tools.identity,
                                .signing_key = m->signing_key,
                                .entropy = m->tools.entropy,
                                .drbg = &mp->drbg,
                                .signer = mp->signer,
                                .work = &mp->work,
                                .mesh = &mp->mesh,
                                .pool = &mp->pool,
                                .guard = mp->desk.meeting.pool,
                                .attest = core_attest_channels(c)};

    memcpy(s.epoch_id, m->ceremony.known.epoch_id, EPOCH_ID_LEN);
    for (size_t i = 0; i < plan->total; i++) {
        memcpy(s.nodes[i].identity, plan->nodes[i].identity, P384_PUBLIC_LEN);
        memcpy(s.nodes[i].signing_key, plan->nodes[i].signing_key, ED25519_PUBLIC_LEN);
        s.nodes[i].incarnation = m->roster.incarnation[i];
    }
    return s;
}

enum err core_presign_begin(struct core *c)
{
    struct core_member *const m = c->member;
    struct member_presign *const mp = m->presign;
    struct presigner_setup setup;

    if (mp == NULL || m->ceremony.plan.classic != PLAN_CLASSIC_SHARED) {
        return ERR_OK;
    }
    TRY(presign_pool_init(&mp->pool, m->ceremony.own, m->ceremony.plan.total,
                          LIMIT_PRESIGN_EACH, mp->slots));
    setup = setup_of(c);
    TRY(presigner_init(mp->presigner, &setup));
    memcpy(m->own_classic, c->public.classic, sizeof m->own_classic);
    memcpy(c->public.classic, m->classic.public_key, sizeof c->public.classic);
    c->threshold[KEY_CLASSIC - 1] = TECDSA_T;
    c->presign = (struct core_presign){.pool = &mp->pool, .desk = &mp->desk};
    presign_desk_start(&mp->desk, mp->presigner, &mp->pool, m->ceremony.plan.total);
    return ERR_OK;
}

bool core_presign_end(struct core *c)
{
    struct core_member *const m = c->member;

    if (c->presign.desk == NULL) {
        return true;
    }
    c->presign.ending = true;
    if (!presign_desk_stop(c->presign.desk)) {
        return false;
    }
    core_member_wipe_presign(m);
    memcpy(c->public.classic, m->own_classic, sizeof c->public.classic);
    c->threshold[KEY_CLASSIC - 1] = 1;
    c->presign = (struct core_presign){.pool = NULL};
    return true;
}

static size_t void_pool(struct core *c)
{
    struct presign_pool *const pool = c->presign.pool;
    const uint64_t before = pool->counts.voided;

    presign_pool_void(pool, pool->own);
    return (size_t)(pool->counts.voided - before);
}

size_t core_presign_void(struct core *c)
{
    if (c->presign.desk == NULL) { /* nobody fills the pool, if there is one */
        return c->presign.pool != NULL ? void_pool(c) : 0;
    }
    return c->presign.ending ? 0 : presign_desk_void(c->presign.desk);
}

void core_presign_tick(struct core *c)
{
    if (c->presign.pool == NULL || c->presign.ending) {
        return;
    }
    enter(c);
    presign_pool_tick(c->presign.pool, c->now.mono_ns);
    leave(c);
    core_attest_tick(c);
    if (c->presign.desk == NULL) {
        return;
    }
    core_presign_audit(c);
    if (presign_desk_failed(c->presign.desk)) {
        c->failed = true;
        core_move_state(c);
    }
}

size_t core_presign_counts(const struct core *c, struct presign_counts *out)
{
    const struct presign_pool *const pool = c->presign.pool;
    size_t all = 0;

    enter(c);
    *out = pool->counts;
    for (unsigned i = 0; i < pool->n_triples; i++) {
        all += presign_pool_count(pool, pool->triples[i]);
    }
    leave(c);
    return all;
}

/* ---- round 1 ---- */

enum err core_presign_prove(const struct core *c, uint8_t r1[R1_PROVEN_LEN])
{
    enum err e;

    if (c->presign.pool == NULL || c->quorum.party == NULL) {
        return ERR_STATE;
    }
    enter(c);
    e = r1_macs_write(&c->presign.pool->macs, c->quorum.party->stack, r1);
    leave(c);
    return e;
}

/* ---- round 2 ---- */

/* Judgement 4 of the other signers' R1s: each is its signer's word. */
static enum err check_macs(const struct core *c, const struct core_presign_ask *ask)
{
    enum err e;

    enter(c);
    e = r1_macs_check(&c->presign.pool->macs, c->quorum.party->stack, ask->head, ask->r1s);
    leave(c);
    return e;
}

/* Their places, as a mask; of signers that were judged: each has one. */
static unsigned triple_of(const struct r2_head *h)
{
    unsigned s = 0;

    for (size_t i = 0; i < h->t; i++) {
        s |= 1U << (h->signers[i] - 1U);
    }
    return s;
}

/* The record of these signers; that of others stays. */
static enum err take_answer(struct core *c, const struct core_presign_ask *ask,
                            struct tecdsa_answer *out, uint8_t r[TECDSA_SCALAR_LEN])
{
    const struct tecdsa_presignature *record = NULL;
    enum err e = ERR_STALE;

    enter(c);
    record = presign_pool_look(c->presign.pool, ask->id);
    if (record != NULL && record->s == triple_of(ask->head)) {
        memcpy(r, record->r, TECDSA_SCALAR_LEN);
        e = presign_pool_answer(c->presign.pool, c->quorum.party->stack, ask->id, ask->digest,
                                c->now.mono_ns, out);
    } else if (record != NULL) {
        e = ERR_QUORUM;
    }
    leave(c);
    return e;
}

enum err core_presign_answer(struct core *c, const struct core_presign_ask *ask,
                             struct tecdsa_answer *out, uint8_t r[TECDSA_SCALAR_LEN])
{
    memset(out, 0, sizeof *out);
    if (c->presign.pool == NULL || c->presign.ending || c->quorum.party == NULL) {
        return ERR_STATE;
    }
    /* First: until the other thread has heard of a fence it may give the key of before back. */
    if (c->presign.desk != NULL && presign_desk_is_voided(c->presign.desk)) {
        return ERR_STALE;
    }
    TRY(check_macs(c, ask));
    return take_answer(c, ask, out, r);
}

/* So that who is bad can be shown when three answers make no signature. */
static enum err prove_answer(const struct core *c, struct presign_word *word,
                             const struct tecdsa_answer *answer,
                             uint8_t proven[PRESIGN_ANSWER_LEN])
{
    uint8_t signed_part[PRESIGN_WORD_SIGNED_LEN];

    _Static_assert(sizeof *answer == PRESIGN_SUM_LEN, "w | u");
    memcpy(proven, answer, sizeof *answer);
    presign_word_signed(word, c->epoch_id, proven, signed_part);
    return ed25519_sign(c->quorum.party->stack, c->quorum.party->identity,
                        (struct view){signed_part, sizeof signed_part},
                        proven + PRESIGN_SUM_LEN);
}

/* Judgements, and then the answer. */
static enum err answer(struct core *c, const struct judge *j, const struct r2_head *h,
                       const struct r2_stamp *s, uint8_t out[PRESIGN_ANSWER_LEN])
{
    const struct boot_policy *policy;
    struct presign_word word = {.triple = 0};
    uint8_t digest[SIGN_DIGEST_LEN];
    struct tecdsa_answer sum;
    struct stamp st;
    const struct core_presign_ask ask = {h, s->bodies, s->presign.p, digest};

    TRY(judge_stamp(j, h, s, &policy, &st));
    TRY(stamping_digest(&st, s, policy, c->certs, KEY_CLASSIC, digest));
    TRY(core_presign_answer(c, &ask, &sum, word.r));
    word.triple = (uint8_t)triple_of(h); /* they were judged */
    memcpy(word.id, ask.id, sizeof word.id);
    memcpy(word.digest, digest, sizeof word.digest);
    return prove_answer(c, &word, &sum, out);
}

void core_presign_r2(struct core *c, const struct r2_head *h, struct writer *w)
{
    uint8_t activation[ACTIVATION_HASH_LEN];
    const struct judge j = core_judge(c, h->key, activation);

    wr_u8(w, h->n);
    for (size_t i = 0; i < h->n; i++) {
        uint8_t a[PRESIGN_ANSWER_LEN] = {0};
        struct r2_result r = {.err = answer(c, &j, h, &c->stamps[i], a),
                              .signature = {a, sizeof a}};

        if (r.err == ERR_OK) {
            c->counts.stamps_signed++;
        } else {
            core_refused(c, r.err);
        }
        r2_result_encode(w, &r);
    }
}

void core_presign_fence(struct core *c, uint8_t node)
{
    const struct core_member *const m = c->member;
    struct presign_fence f = {.incarnation = m->roster.incarnation[node]};

    if (c->presign.desk != NULL && !c->presign.ending) {
        memcpy(f.identity, m->ceremony.plan.nodes[node].identity, sizeof f.identity);
        memcpy(f.signing_key, m->ceremony.plan.nodes[node].signing_key, sizeof f.signing_key);
        presign_desk_fence(c->presign.desk, node, &f);
    } else if (c->presign.pool != NULL) {
        presign_pool_void(c->presign.pool, node);
    }
}
