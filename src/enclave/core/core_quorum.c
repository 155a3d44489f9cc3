#include "enclave/core/core_quorum.h"

#include "base/secret.h"
#include "enclave/core/core_parts.h"

#include <string.h>

#define ONE_BATCH 256 /* of what a connection got, so that it fades little by little */

void core_quorum_begin(struct core *c, struct pq_party *party)
{
    peer_view_init(&c->peers, c->index, c->threshold[KEY_PQ - 1], c->total);
    c->quorum = (struct core_quorum){.party = party};
}

bool core_quorum_end(struct core *c)
{
    struct core_quorum *const q = &c->quorum;

    if (q->party == NULL) {
        return true;
    }
    q->ending = true;
    (void)pq_party_void(q->party);
    if (q->filling > 0 || pq_party_answering(q->party)) {
        return false;
    }
    *q = (struct core_quorum){.party = NULL};
    return true;
}

size_t core_quorum_void(struct core *c)
{
    return c->quorum.party != NULL ? pq_party_void(c->quorum.party) : 0;
}

/* ---- pool ---- */

struct pq_place *core_quorum_fill(struct core *c)
{
    struct core_quorum *const q = &c->quorum;
    uint8_t rng[TMLDSA_NODE_RNG_LEN];
    struct pq_place *place = NULL;

    if (q->party == NULL || q->ending || c->draining || q->filling == LIMIT_FILLING) {
        return NULL;
    }
    if (core_random(c, rng, sizeof rng) == ERR_OK) {
        place = pq_party_fill(q->party, rng);
    }
    wipe(rng, sizeof rng);
    q->filling += place != NULL;
    return place;
}

void core_quorum_filled(struct core *c, struct pq_place *place, enum err e)
{
    c->quorum.filling--;
    pq_party_filled(c->quorum.party, place, e);
}

/* ---- round 1 ---- */

/* Batches that this connection may not have: another asked lately and got less. */
static size_t kept_from(const struct core *c, uint32_t lane)
{
    const struct core_share *const shares = c->quorum.shares;
    bool any = false;

    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        any = any || (shares[i].asked_ns != 0 &&
                      c->now.mono_ns - shares[i].asked_ns <= LIMIT_POOL_ASKED_NS &&
                      shares[i].got < shares[lane].got);
    }
    return any ? c->quorum.party->pool * LIMIT_POOL_KEPT / LIMIT_POOL : 0;
}

enum err core_quorum_room(struct core *c, uint32_t lane, size_t n)
{
    const struct pq_party *const p = c->quorum.party;
    size_t own = 0;
    size_t all = 0;

    if (p == NULL) {
        return ERR_NOSPACE;
    }
    c->quorum.shares[lane].asked_ns = c->now.mono_ns;
    own = pq_party_held(p, lane, &all);
    return pq_party_ready(p) >= n + kept_from(c, lane) && own + all + 2 * n <= LIMIT_POOL
               ? ERR_OK
               : ERR_NOSPACE;
}

/* What a connection got counts less and less: half of it after about half a second. */
static void forget_shares(struct core *c)
{
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        struct core_share *const s = &c->quorum.shares[i];

        s->got -= (s->got + 7) / 8;
    }
}

enum err core_quorum_offer(struct core *c, uint32_t lane, uint8_t r1[R1_MAX_LEN])
{
    struct writer w = wr_init(r1 + R1_BODY_LEN, R1_OFFER_LEN);
    struct r1_offer offer;

    TRY(pq_party_offer(c->quorum.party, lane, c->now.mono_ns, &offer));
    c->quorum.shares[lane].got += ONE_BATCH;
    r1_offer_encode(&w, &offer);
    return pq_party_prove(c->quorum.party, r1);
}

/* ---- round 2 ---- */

enum err core_quorum_open(struct core *c, const struct pq_question *q, struct writer *w)
{
    uint8_t sig[QUORUM_SIG_LEN];
    struct quorum_word word;
    struct pq_party *const p = c->quorum.party;
    const enum err e = p != NULL && !c->quorum.ending
                           ? pq_party_open(p, c->now.mono_ns, q, sig, &word)
                           : ERR_STATE;

    wr_u16le(w, (uint16_t)e);
    if (e == ERR_OK) {
        quorum_word_encode(w, &word);
    } else {
        core_refused(c, e);
    }
    return e;
}

/* Judgements 1, 2, 3 and 5, and the spans of 4; then the bytes to sign. */
static enum err judge(struct core *c, const struct r2_head *h, struct stamp *st,
                      uint8_t mu[SIGN_DIGEST_LEN])
{
    uint8_t activation[ACTIVATION_HASH_LEN];
    const struct judge j = core_judge(c, h->key, activation);
    const struct boot_policy *policy;

    TRY(judge_stamp(&j, h, &c->stamps[0], &policy, st));
    return stamping_digest(st, &c->stamps[0], policy, c->certs, KEY_PQ, mu);
}

void core_quorum_r2(struct core *c, const struct r2_head *h, struct writer *w)
{
    uint8_t mu[SIGN_DIGEST_LEN];
    struct stamp st;
    const struct pq_question q = {h, c->stamps[0].bodies, st.x, mu};
    const enum err e = judge(c, h, &st, mu);

    wr_u8(w, 1);
    if (e != ERR_OK) {
        wr_u16le(w, (uint16_t)e);
        core_refused(c, e);
        return;
    }
    (void)core_quorum_open(c, &q, w);
}

/* ---- round 3 ---- */

enum err core_quorum_r3(struct core *c, const struct core_call *call, struct sign_batch **batch)
{
    struct sign_batch *b;
    struct r3 m;
    enum err e;

    if (c->quorum.party == NULL) {
        return ERR_TYPE;
    }
    TRY(r3_decode(call->body, tmldsa_pack_batch_len(c->quorum.party->key->params), &m));
    *batch = NULL;
    if (m.n == 0) {
        (void)pq_party_give_back(c->quorum.party, call->lane, m.x);
        return ERR_OK;
    }
    b = jobs_get(&c->jobs, KEY_CLASSIC);
    if (b == NULL) {
        return ERR_NOSPACE;
    }
    e = pq_party_take(c->quorum.party, &m, &b->answer);
    if (e != ERR_OK) {
        jobs_put(&c->jobs, b);
        return e;
    }
    b->request_id = call->head.request_id;
    b->lane = call->lane;
    b->n_jobs = 1;
    c->counts.jobs_busy++;
    *batch = b;
    return ERR_OK;
}

/* Who revealed a w that it had not committed to. Of each peer at most one entry in
 * LIMIT_AUDIT_PAUSE_NS. */
static void blame(struct core *c, enum err e, unsigned culprit)
{
    int64_t *const last = culprit < PLAN_NODES_MAX ? &c->quorum.blamed_ns[culprit] : NULL;

    if (last != NULL && (*last == 0 || c->now.mono_ns - *last >= LIMIT_AUDIT_PAUSE_NS)) {
        *last = c->now.mono_ns;
        core_audit(c, AUDIT_PEER, e, culprit + 1);
    }
}

static void look_at_cap(struct core *c)
{
    const struct pq_party *const p = c->quorum.party;
    const uint64_t n = p->counts.repetitions;
    const uint8_t passed = n >= p->repetitions_refuse ? 2 : n >= p->repetitions_warn;

    if (passed > c->quorum.caps_passed) {
        c->quorum.caps_passed = passed;
        core_audit(c, AUDIT_KEY_CAP, passed == 2 ? ERR_STATE : ERR_OK, n);
    }
}

void core_quorum_finish(struct core *c, struct sign_batch *b, struct writer *w)
{
    struct pq_answer *const a = b->answer;
    const size_t mark = frame_begin(w, FRAME_R3 | FRAME_ANSWER, b->request_id);
    uint8_t sig[QUORUM_SIG_LEN];
    struct quorum_word word;
    enum err e;

    if (b->jobs[0].err != ERR_OK) { /* nobody made it: nobody waits for it */
        a->err = b->jobs[0].err;
        a->culprit = PLAN_NODES_MAX;
    }
    e = pq_party_answered(c->quorum.party, a, sig, &word);
    wr_u16le(w, (uint16_t)e);
    if (e == ERR_OK) {
        quorum_word_encode(w, &word);
    } else {
        core_refused(c, e);
        blame(c, e, a->culprit);
    }
    frame_end(w, mark);
    look_at_cap(c);
    pq_party_release(c->quorum.party, a);
    c->counts.jobs_busy--;
    jobs_put(&c->jobs, b);
}

void core_quorum_tick(struct core *c)
{
    if (c->quorum.party != NULL) {
        (void)pq_party_expire(c->quorum.party, c->now.mono_ns);
        forget_shares(c);
    }
}

bool core_quorum_drained(const struct core *c)
{
    return c->quorum.party == NULL ||
           (c->quorum.filling == 0 && !pq_party_busy(c->quorum.party, c->now.mono_ns));
}
