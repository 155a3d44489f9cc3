#include "enclave/ceremony/ceremony_test.h"

#include "base/secret.h"
#include "enclave/ceremony/ceremony_parts.h"

#include <string.h>

#define HEAD_LEN \
    (2 + TMLDSA_SESSION_ID_LEN) /* of REVEAL and RESPOND: quorum, attempt, session */

static uint8_t quorum(const struct ceremony_test *t)
{
    return t->quorums[t->at];
}

static bool is_signer(const struct ceremony_test *t, unsigned node)
{
    return (quorum(t) >> node & 1) != 0;
}

/* ---- room: what each member reveals, then what each responds, then one body ---- */

static size_t respond_len(const struct tmldsa_params *p)
{
    return (tmldsa_respond_max(p, 1) + 63) / 64 * 64;
}

static size_t reveal_len(const struct tmldsa_params *p)
{
    return (tmldsa_pack_batch_len(p) + 63) / 64 * 64;
}

size_t ceremony_test_room(const struct tmldsa_params *p)
{
    return p->t * (reveal_len(p) + respond_len(p)) + HEAD_LEN + respond_len(p);
}

static size_t place(const struct ceremony_test *t, unsigned node)
{
    return tmldsa_alloc_size(quorum(t) & ((1U << node) - 1));
}

static uint8_t *reveal_room(const struct ceremony_call *call, unsigned node)
{
    const struct tmldsa_params *p = call->c->known.rules.params;

    return &call->tools->room[place(&call->c->test, node) * reveal_len(p)];
}

static uint8_t *respond_room(const struct ceremony_call *call, unsigned node)
{
    const struct tmldsa_params *p = call->c->known.rules.params;

    return &call->tools
                ->room[p->t * reveal_len(p) + place(&call->c->test, node) * respond_len(p)];
}

static struct writer body_room(const struct ceremony_call *call)
{
    const struct tmldsa_params *p = call->c->known.rules.params;

    return wr_init(&call->tools->room[p->t * (reveal_len(p) + respond_len(p))],
                   HEAD_LEN + respond_len(p));
}

static void own_fault(const struct ceremony_call *call)
{
    ceremony_abort(call, CEREMONY_OWN_FAULT, call->c->own);
}

/* ---- one attempt ---- */

static void take_commitment(struct ceremony_test *t, unsigned node,
                            const struct tmldsa_commitment *commitment)
{
    t->session.commitment[node][0] = *commitment;
    t->committed |= (uint8_t)(1U << node);
}

/* A batch of our own, and its commitment. */
static enum err commit(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;
    struct ceremony_test *t = &c->test;
    const struct entropy_source *entropy = call->tools->entropy;
    uint8_t rng[TMLDSA_NODE_RNG_LEN];

    tmldsa_batch_destroy(c->known.rules.params, &t->batch);
    TRY(entropy->fill(entropy->self, t->batch.commitment.batch_id, TMLDSA_BATCH_ID_LEN));
    TRY(entropy->fill(entropy->self, rng, sizeof rng));
    tmldsa_batch_seed(c->known.rules.path, rng, t->node_key, t->batch.commitment.batch_id,
                      t->batch.seed);
    wipe(rng, sizeof rng);
    t->batch.w = reveal_room(call, c->own);
    return tmldsa_commit(&c->key, c->own, &t->respond.commit, &t->batch);
}

static void begin_attempt(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;
    struct ceremony_test *t = &c->test;
    struct writer w = body_room(call);

    t->committed = t->revealed = t->responded = 0;
    memset(&t->session, 0, sizeof t->session);
    t->session.act = quorum(t);
    t->session.batches = 1;
    if (commit(call) != ERR_OK) {
        own_fault(call);
        return;
    }
    t->stage = CEREMONY_TEST_COMMITTED;
    ceremony_wait(call);
    wr_u8(&w, quorum(t));
    wr_u8(&w, t->attempt);
    wr_bytes(&w, t->batch.commitment.batch_id, TMLDSA_BATCH_ID_LEN);
    wr_bytes(&w, t->batch.commitment.com, TMLDSA_HASH_LEN);
    take_commitment(t, c->own, &t->batch.commitment);
    ceremony_send_written(call, CEREMONY_TEST_COMMIT, &w);
    for (unsigned i = 0; i < c->plan.total; i++) {
        struct ceremony_early *early = &t->early[t->at][i];

        if (early->there && early->attempt == t->attempt) {
            take_commitment(t, i, &early->commitment);
            early->there = false;
        }
    }
}

/* X: binds the quorum, the attempt and all commitments. */
static void name_session(struct ceremony *c)
{
    struct ceremony_test *t = &c->test;
    uint8_t bytes[2 + PLAN_NODES_MAX * (TMLDSA_BATCH_ID_LEN + TMLDSA_HASH_LEN)];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view all;

    wr_u8(&w, quorum(t));
    wr_u8(&w, t->attempt);
    for (unsigned i = 0; i < c->plan.total; i++) {
        if (is_signer(t, i)) {
            wr_bytes(&w, t->session.commitment[i][0].batch_id, TMLDSA_BATCH_ID_LEN);
            wr_bytes(&w, t->session.commitment[i][0].com, TMLDSA_HASH_LEN);
        }
    }
    if (wr_finish(&w, &all) == ERR_OK) {
        tmldsa_keygen_hash(&c->known.rules, "test", &all, 1, t->session.id);
    }
}

static void send_part(const struct ceremony_call *call, uint8_t round, struct view part)
{
    const struct ceremony_test *t = &call->c->test;
    struct writer w = body_room(call);

    wr_u8(&w, quorum(t));
    wr_u8(&w, t->attempt);
    wr_bytes(&w, t->session.id, sizeof t->session.id);
    wr_view(&w, part);
    ceremony_send_written(call, round, &w);
}

static void reveal(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;
    struct ceremony_test *t = &c->test;
    struct view w;

    name_session(c);
    if (ceremony_known_test_mu(&c->known, c->key.key.tr, t->session.mu) != ERR_OK ||
        tmldsa_batch_reserve(&t->batch, t->session.id) != ERR_OK ||
        tmldsa_batch_reveal(c->known.rules.params, &t->batch, t->session.id, &w) != ERR_OK) {
        own_fault(call);
        return;
    }
    t->stage = CEREMONY_TEST_REVEALED;
    t->session.w[c->own][0] = w;
    memcpy(t->said[c->own], t->session.id, TMLDSA_SESSION_ID_LEN);
    t->revealed |= (uint8_t)(1U << c->own);
    send_part(call, CEREMONY_TEST_REVEAL, w);
}

/* Whoever speaks of another session than ours: it saw other commitments, or says so.
 */
static uint8_t other_session(const struct ceremony *c)
{
    const struct ceremony_test *t = &c->test;

    for (uint8_t i = 0; i < c->plan.total; i++) {
        if (is_signer(t, i) && memcmp(t->said[i], t->session.id, TMLDSA_SESSION_ID_LEN) != 0) {
            return i;
        }
    }
    return CEREMONY_NOBODY;
}

static void respond(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;
    struct ceremony_test *t = &c->test;
    struct tmldsa_batch *own[1] = {&t->batch};
    const uint8_t other = other_session(c);
    unsigned culprit = TMLDSA_PARTIES_MAX;
    struct view response;

    if (other != CEREMONY_NOBODY) {
        ceremony_abort(call, CEREMONY_BAD_TEST, other);
        return;
    }
    if (tmldsa_respond(&c->key, &c->share, &t->session, own, &t->respond,
                       respond_room(call, c->own), &response, &culprit) != ERR_OK) {
        if (culprit < TMLDSA_PARTIES_MAX) {
            ceremony_abort(call, CEREMONY_BAD_TEST, (uint8_t)culprit);
        } else {
            own_fault(call);
        }
        return;
    }
    t->stage = CEREMONY_TEST_RESPONDED;
    t->responses[c->own] = response;
    t->responded |= (uint8_t)(1U << c->own);
    send_part(call, CEREMONY_TEST_RESPOND, response);
}

/* The signatures of the quorums of which this node is the lowest. */
static void send_signatures(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;
    const struct ceremony_test *t = &c->test;
    struct writer w = wr_init(c->body, sizeof c->body);

    if (ceremony_has_classic(c) && ceremony_classic_prove(call, &w) != ERR_OK) {
        own_fault(call);
        return;
    }
    for (size_t i = 0; i < t->n; i++) {
        if ((t->quorums[i] & ((1U << c->own) - 1)) == 0) {
            wr_u8(&w, t->quorums[i]);
            wr_bytes(&w, t->signatures[i], CEREMONY_SIGNATURE_LEN);
        }
    }
    ceremony_send_written(call, CEREMONY_TEST, &w);
}

static void next(const struct ceremony_call *call, bool found)
{
    struct ceremony_test *t = &call->c->test;

    if (found) {
        t->at++;
        t->attempt = 0;
    } else {
        t->attempt++;
    }
    if (t->attempt == CEREMONY_ATTEMPTS_MAX) {
        ceremony_abort(call, CEREMONY_BAD_TEST, CEREMONY_NOBODY);
    } else if (t->at < t->n) {
        begin_attempt(call);
    } else {
        t->stage = CEREMONY_TEST_OVER;
        ceremony_wait(call);
        send_signatures(call);
    }
}

static uint8_t lowest(unsigned mask)
{
    uint8_t i = 0;

    while ((mask >> i & 1) == 0) {
        i++;
    }
    return i;
}

static void combine(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;
    struct ceremony_test *t = &c->test;
    struct tmldsa_response responses[TMLDSA_PARTIES_MAX] = {0};
    struct tmldsa_outcome outcome = {0};
    unsigned guilty = 0;
    const uint8_t other = other_session(c);

    if (other != CEREMONY_NOBODY) {
        ceremony_abort(call, CEREMONY_BAD_TEST, other);
        return;
    }
    for (uint8_t i = 0; i < c->plan.total; i++) {
        if (is_signer(t, i) &&
            tmldsa_response_parse(&c->key, 1, t->responses[i], &t->blame.combine,
                                  &responses[i]) != ERR_OK) {
            ceremony_abort(call, CEREMONY_BAD_TEST, i);
            return;
        }
    }
    if (tmldsa_combine(&c->key, &t->session, responses, &t->blame.combine, t->signatures[t->at],
                       &outcome) != ERR_OK) {
        own_fault(call);
        return;
    }
    if (outcome.suspect) {
        guilty = tmldsa_blame(&c->key, c->scratch.t, &t->session, responses,
                              outcome.suspect_index, &t->blame);
    }
    if (guilty != 0) {
        ceremony_abort(call, CEREMONY_BAD_TEST, lowest(guilty));
    } else {
        next(call, outcome.found);
    }
}

static void advance(const struct ceremony_call *call)
{
    struct ceremony_test *t = &call->c->test;

    while (ceremony_runs(call)) {
        if (t->stage == CEREMONY_TEST_COMMITTED && t->committed == quorum(t)) {
            reveal(call);
        } else if (t->stage == CEREMONY_TEST_REVEALED && t->revealed == quorum(t)) {
            respond(call);
        } else if (t->stage == CEREMONY_TEST_RESPONDED && t->responded == quorum(t)) {
            combine(call);
        } else {
            return;
        }
    }
}

void ceremony_test_init(struct ceremony_test *t, const struct plan *plan, unsigned own)
{
    uint8_t all[CEREMONY_SUBSETS_MAX];
    const size_t n = ceremony_subsets(plan->total, plan->threshold, all);

    for (size_t i = 0; i < n; i++) {
        if ((all[i] >> own & 1) != 0) {
            t->quorums[t->n++] = all[i];
        }
    }
}

void ceremony_test_begin(const struct ceremony_call *call)
{
    begin_attempt(call);
    advance(call);
}

/* ---- what others send ---- */

struct part {
    uint8_t quorum, attempt;
    struct view rest;
};

static enum err read_part(const struct ceremony_msg *m, struct part *p)
{
    struct reader r = rd_init(m->body);

    TRY(rd_u8(&r, &p->quorum));
    TRY(rd_u8(&r, &p->attempt));
    p->rest = (struct view){r.p, r.n};
    return ERR_OK;
}

static bool take_commit(struct ceremony_test *t, const struct ceremony_msg *m,
                        const struct part *p)
{
    struct reader r = rd_init(p->rest);
    struct tmldsa_commitment commitment = {{0}, {0}};
    bool begun = false;
    size_t i = t->at;

    while (i < t->n && t->quorums[i] != p->quorum) {
        i++;
    }
    if (i == t->n || rd_copy(&r, commitment.batch_id, TMLDSA_BATCH_ID_LEN) != ERR_OK ||
        rd_copy(&r, commitment.com, TMLDSA_HASH_LEN) != ERR_OK || rd_finish(&r) != ERR_OK) {
        return false;
    }
    if (i == t->at && p->attempt == t->attempt && t->stage == CEREMONY_TEST_COMMITTED &&
        (t->committed >> m->sender & 1) == 0) {
        take_commitment(t, m->sender, &commitment);
        return true;
    }
    begun = i == t->at && t->stage != CEREMONY_TEST_IDLE;
    if (t->early[i][m->sender].there || p->attempt != (begun ? t->attempt + 1 : 0)) {
        return false;
    }
    t->early[i][m->sender] = (struct ceremony_early){true, p->attempt, commitment};
    return true;
}

/* A REVEAL or RESPOND of the attempt under way, at most cap bytes, kept in room. */
static bool take_bytes(struct ceremony_test *t, const struct part *p, unsigned node,
                       uint8_t *mask, uint8_t *room, size_t cap, struct view *out)
{
    struct reader r = rd_init(p->rest);
    struct writer w = wr_init(room, cap);
    struct view session;

    if ((*mask >> node & 1) != 0 || p->attempt != t->attempt ||
        rd_take(&r, TMLDSA_SESSION_ID_LEN, &session) != ERR_OK || r.n > cap) {
        return false;
    }
    wr_bytes(&w, r.p, r.n);
    if (wr_finish(&w, out) != ERR_OK) {
        return false;
    }
    memcpy(t->said[node], session.p, session.n);
    *mask |= (uint8_t)(1U << node);
    return true;
}

/* t->at < t->n */
static bool take_part(const struct ceremony_call *call, const struct ceremony_msg *m,
                      const struct part *p)
{
    struct ceremony_test *t = &call->c->test;
    const struct tmldsa_params *params = call->c->known.rules.params;
    const unsigned node = m->sender;

    if (m->round == CEREMONY_TEST_COMMIT) {
        return take_commit(t, m, p);
    }
    if (p->quorum != quorum(t) || t->stage == CEREMONY_TEST_IDLE) {
        return false;
    }
    if (m->round == CEREMONY_TEST_REVEAL) {
        return take_bytes(t, p, node, &t->revealed, reveal_room(call, node),
                          tmldsa_pack_batch_len(params), &t->session.w[node][0]);
    }
    return take_bytes(t, p, node, &t->responded, respond_room(call, node),
                      tmldsa_respond_max(params, 1), &t->responses[node]);
}

bool ceremony_test_take(const struct ceremony_call *call, const struct ceremony_msg *m)
{
    struct ceremony_test *t = &call->c->test;
    struct part p;
    bool taken = false;

    if (t->stage == CEREMONY_TEST_OVER || read_part(m, &p) != ERR_OK ||
        (p.quorum >> m->sender & 1) == 0) {
        return false;
    }
    taken = take_part(call, m, &p);
    if (taken && t->stage != CEREMONY_TEST_IDLE) {
        advance(call);
    }
    return taken;
}

unsigned ceremony_test_order(const struct ceremony_test *t, const struct plan *plan)
{
    uint8_t all[CEREMONY_SUBSETS_MAX];
    const unsigned n = (unsigned)ceremony_subsets(plan->total, plan->threshold, all);
    unsigned before = 0;

    if (t->stage == CEREMONY_TEST_IDLE) {
        return 0;
    }
    while (before < n && (t->stage == CEREMONY_TEST_OVER || all[before] < quorum(t))) {
        before++;
    }
    return before;
}

uint8_t ceremony_test_awaits(const struct ceremony_test *t, uint8_t total)
{
    uint8_t have = 0;

    switch (t->stage) {
    case CEREMONY_TEST_COMMITTED:
        have = t->committed;
        break;
    case CEREMONY_TEST_REVEALED:
        have = t->revealed;
        break;
    case CEREMONY_TEST_RESPONDED:
        have = t->responded;
        break;
    case CEREMONY_TEST_IDLE:
    case CEREMONY_TEST_OVER:
        return CEREMONY_NOBODY;
    }
    for (uint8_t i = 0; i < total; i++) {
        if (is_signer(t, i) && (have >> i & 1) == 0) {
            return i;
        }
    }
    return CEREMONY_NOBODY;
}
