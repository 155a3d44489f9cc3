/* A liar is a whole core, too. What it says is changed and signed anew, and now and then what
 * it has in itself. It signs what it says: it has its own key, and no other's. */
#include "dkg_world.h"

void dkg_sign(struct dkg_world *w, unsigned node, const struct ceremony_msg *m,
              struct writer *out)
{
    const struct identity *const id = &w->identities[node][w->boxes[node].life];
    struct ceremony_msg named = *m;
    uint8_t signature[P384_SIG_LEN];
    uint8_t digest[P384_DIGEST_LEN];

    ceremony_msg_digest(dkg_ceremony(w, node)->known.epoch_id, m, digest);
    sim_must(p384_sign(w->signer, &id->key, digest, signature) == ERR_OK);
    ceremony_msg_lower(signature);
    named.signature = (struct view){signature, sizeof signature};
    ceremony_msg_encode(out, &named);
}

static bool does(const struct dkg_liar *l, enum dkg_lie lie)
{
    return (l->lies & lie) != 0;
}

/* The body with one byte another, or one byte more or less. */
static void other_body(struct dkg_world *w, const struct ceremony_msg *m, bool length,
                       struct writer *out)
{
    static uint8_t body[FRAME_BODY_LONG_MAX + 1];
    const struct dkg_liar *const l = &w->boxes[m->sender].liar;
    struct ceremony_msg other = *m;
    size_t n = m->body.n;

    memcpy(body, m->body.p, n);
    if (length) {
        body[n] = 0;
        n = l->at % 2 == 0 && n > 0 ? n - 1 : n + 1;
    } else if (n > 0) {
        body[n - 1 - l->at % n] ^= 1;
    }
    other.body = (struct view){body, n};
    w->totals.lies++;
    dkg_sign(w, m->sender, &other, out);
}

/* ---- what it tells some and not others ---- */

/* A voucher as the receiver wants it. */
static void agree(struct dkg_world *w, const struct ceremony_msg *m, unsigned to,
                  struct writer *out)
{
    static uint8_t body[FRAME_BODY_LONG_MAX];
    const struct ceremony_known *const k = &dkg_ceremony(w, to)->known;
    struct ceremony_msg other = *m;

    memcpy(body, m->body.p, m->body.n);
    other.body.p = body;
    for (uint8_t round = CEREMONY_COMMIT; round < CEREMONY_ROUNDS; round++) {
        for (uint8_t i = 0; i < DKG_NODES; i++) {
            const struct view at = ceremony_body_hash_of(&w->plan, m, round, i);

            if (at.n > 0 && k->msg[round][i].whole.n > 0) {
                ceremony_known_hash(k, k->msg[round][i].whole, &body[at.p - m->body.p]);
            }
        }
    }
    w->totals.lies++;
    dkg_sign(w, m->sender, &other, out);
}

bool dkg_liar_tells(struct dkg_world *w, const struct ceremony_msg *m, unsigned to,
                    struct writer *out)
{
    const struct dkg_liar *const l = &w->boxes[m->sender].liar;
    const bool victim = (l->victims >> to & 1) != 0;
    const bool vouches =
        m->round == CEREMONY_ECHO || m->round == CEREMONY_DONE || m->round == CEREMONY_CONFIRM;

    if (does(l, DKG_SILENT) && victim && m->round >= l->round) {
        return false;
    }
    if (does(l, DKG_EQUIVOCATE) && victim && m->round == l->round) {
        other_body(w, m, false, out);
    } else if (does(l, DKG_AGREE) && vouches && dkg_ceremony(w, to)->state != CEREMONY_IDLE &&
               m->body.n == ceremony_body_len(&w->plan, m)) {
        agree(w, m, to, out);
    } else {
        wr_view(out, m->whole);
    }
    return true;
}

/* ---- complaints ---- */

static const struct {
    uint8_t reason, rounds[2];
} grounds[] = {
    {CEREMONY_MALFORMED, {CEREMONY_COMMIT, 0}},
    {CEREMONY_EQUIVOCATION, {CEREMONY_COMMIT, CEREMONY_COMMIT}},
    {CEREMONY_EQUIVOCATION, {CEREMONY_COMMIT, CEREMONY_RHO}},
    {CEREMONY_BAD_OPENING, {CEREMONY_RHO, 0}},
    {CEREMONY_BAD_SHARE, {CEREMONY_OPEN, CEREMONY_RHO}},
    {CEREMONY_BAD_REVEAL, {CEREMONY_T_COMMIT, CEREMONY_T_REVEAL}},
    {CEREMONY_BAD_DONE, {CEREMONY_DONE, 0}},
    {CEREMONY_BAD_TEST, {CEREMONY_TEST, 0}},
    {CEREMONY_OTHER_RECORD, {CEREMONY_CONFIRM, 0}},
    {CEREMONY_DISPUTE, {CEREMONY_COMMIT, CEREMONY_ECHO}},
    {CEREMONY_BAD_T, {CEREMONY_T_COMMIT, CEREMONY_T_REVEAL}},
};

/* What the accused really said, as far as the liar has it. */
static bool find(const struct ceremony *c, uint8_t round, unsigned accused,
                 struct ceremony_msg *out)
{
    struct reader r =
        rd_init((struct view){c->secrets.open[accused], c->secrets.open_len[accused]});

    if (round == CEREMONY_OPEN) {
        return ceremony_msg_decode(&r, out) == ERR_OK;
    }
    *out = c->known.msg[round][accused];
    return out->whole.n > 0;
}

static bool gather(struct dkg_world *w, unsigned node, struct ceremony_complaint *c)
{
    const unsigned what = sim_below(&w->rng, sizeof grounds / sizeof grounds[0]);

    c->reason = grounds[what].reason;
    for (size_t i = 0; i < 2 && grounds[what].rounds[i] != 0; i++) {
        if (!find(dkg_ceremony(w, node), grounds[what].rounds[i], c->accused,
                  &c->proof[c->n])) {
            return false;
        }
        c->n++;
    }
    return true;
}

static void complain(struct dkg_world *w, unsigned node, struct writer *out)
{
    static uint8_t body[FRAME_BODY_LONG_MAX];
    struct writer bw = wr_init(body, sizeof body);
    struct ceremony_complaint c = {
        .accused = (uint8_t)((node + 1 + sim_below(&w->rng, DKG_NODES - 1)) % DKG_NODES)};
    struct ceremony_msg m = {
        .round = CEREMONY_COMPLAINT, .sender = (uint8_t)node, .to = CEREMONY_TO_ALL};

    if (!gather(w, node, &c)) {
        return;
    }
    ceremony_complaint_encode(&bw, &c);
    sim_must(wr_finish(&bw, &m.body) == ERR_OK);
    DKG_TRACE(w, "   node %u complains of node %u: reason %u", node + 1, c.accused + 1,
              c.reason);
    w->boxes[node].liar.accused = true;
    w->totals.lies++;
    dkg_sign(w, node, &m, out);
}

static void give_up(struct dkg_world *w, unsigned node, struct writer *out)
{
    const unsigned reason = 1 + sim_below(&w->rng, CEREMONY_OWN_FAULT);
    const struct ceremony_abort a = {(uint8_t)reason, (uint8_t)sim_below(&w->rng, DKG_NODES)};
    uint8_t body[2];
    struct writer bw = wr_init(body, sizeof body);
    struct ceremony_msg m = {
        .round = CEREMONY_ABORT, .sender = (uint8_t)node, .to = CEREMONY_TO_ALL};

    ceremony_abort_encode(&bw, &a);
    sim_must(wr_finish(&bw, &m.body) == ERR_OK);
    w->boxes[node].liar.accused = true;
    w->totals.lies++;
    dkg_sign(w, node, &m, out);
}

/* ---- what it does to itself ---- */

static void poke(struct dkg_world *w, unsigned node)
{
    struct dkg_liar *const l = &w->boxes[node].liar;
    struct ceremony *const c = dkg_ceremony(w, node);
    struct tmldsa_seed_opening *const seed = &c->secrets.seeds[l->at % c->held.n][node];
    const bool committed = c->round == CEREMONY_COMMIT || c->round == CEREMONY_ECHO;
    const bool sealed = c->round == CEREMONY_SEALED || c->round == CEREMONY_RHO;

    if (!l->poked && ((does(l, DKG_OPENING) && committed) || (does(l, DKG_SEED) && sealed))) {
        l->poked = true;
        w->totals.lies++;
        seed->seed[0] ^= 1;
        DKG_TRACE(w, "   node %u has another seed", node + 1);
    }
    if (!l->poked && w->shared && does(l, DKG_DEAL) && committed) {
        l->poked = true;
        w->totals.lies++;
        c->secrets.classic.dealing.a[1 + l->at % 2].w[0] ^= 1;
        DKG_TRACE(w, "   node %u deals other shares", node + 1);
    }
}

/* Its own copy of what it says is what it says. */
static void remember(struct dkg_world *w, unsigned node, uint8_t round, struct view whole)
{
    struct ceremony *const c = dkg_ceremony(w, node);

    if (round < CEREMONY_ROUNDS && c->known.msg[round][node].whole.n == whole.n) {
        memcpy(&c->store[c->known.msg[round][node].whole.p - c->store], whole.p, whole.n);
    }
}

static void speak(struct dkg_world *w, const struct ceremony_msg *m, struct writer *out)
{
    const struct dkg_liar *const l = &w->boxes[m->sender].liar;
    const size_t at = out->len;

    if (m->round != l->round || !(does(l, DKG_CHANGE) || does(l, DKG_LENGTH))) {
        wr_view(out, m->whole);
    } else {
        other_body(w, m, does(l, DKG_LENGTH), out);
        if (m->to == CEREMONY_TO_ALL && !out->full) {
            remember(w, m->sender, m->round, (struct view){out->p + at, out->len - at});
        }
    }
    if (m->round == l->round && does(l, DKG_TWICE)) {
        other_body(w, m, false, out);
    }
}

static void speak_all(struct dkg_world *w, unsigned node, const struct ceremony_answer *a,
                      struct writer *out)
{
    struct dkg_liar *const l = &w->boxes[node].liar;
    const struct ceremony *const c = dkg_ceremony(w, node);
    struct reader r = rd_init(a->messages);
    struct ceremony_msg m;

    while (r.n > 0 && ceremony_msg_decode(&r, &m) == ERR_OK) {
        speak(w, &m, out);
    }
    if (!l->accused && c->round >= l->round && does(l, DKG_COMPLAIN)) {
        complain(w, node, out);
    }
    if (!l->accused && c->round >= l->round && does(l, DKG_ABORT)) {
        give_up(w, node, out);
    }
    if (c->state == CEREMONY_RUNNING) {
        poke(w, node);
    }
}

void dkg_liar_speaks(struct dkg_world *w, unsigned node, struct view said, struct writer *out)
{
    static uint8_t messages[2 * FRAME_BODY_LONG_MAX];
    struct writer mw = wr_init(messages, CEREMONY_ANSWER_MESSAGES_MAX);
    struct dkg_liar *const l = &w->boxes[node].liar;
    const struct ceremony *const c = dkg_ceremony(w, node);
    const struct view body = {said.p + FRAME_HEADER_LEN, said.n - FRAME_HEADER_LEN};
    struct frame_header h;
    struct ceremony_answer a;
    size_t mark;

    sim_must(frame_header_decode((struct view){said.p, FRAME_HEADER_LEN}, &h) == ERR_OK);
    if ((h.type != (FRAME_CEREMONY_BEGIN | FRAME_ANSWER) &&
         h.type != (FRAME_CEREMONY_STEP | FRAME_ANSWER)) ||
        ceremony_answer_decode(body, &a) != ERR_OK) {
        wr_view(out, said);
        return;
    }
    if (memcmp(l->epoch_id, c->known.epoch_id, EPOCH_ID_LEN) != 0) {
        l->poked = l->accused = false;
        memcpy(l->epoch_id, c->known.epoch_id, EPOCH_ID_LEN);
    }
    speak_all(w, node, &a, &mw);
    if (wr_finish(&mw, &a.messages) != ERR_OK) {
        wr_view(out, said);
        return;
    }
    mark = frame_begin(out, h.type, h.request_id);
    ceremony_answer_encode(out, &a);
    frame_end(out, mark);
}
