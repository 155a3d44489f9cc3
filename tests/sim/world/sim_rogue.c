#include "sim_rogue.h"

#include "sim_world.h"

#include <stdlib.h>

#define SETTLE_NS (20 * MS) /* between two frames that must come in order */

/* ---- request ids: session, round, place ---- */

static uint64_t id_of(size_t session, unsigned round, size_t at)
{
    return (uint64_t)session << 16 | (uint64_t)round << 8 | at;
}

static void ask(struct sim_world *w, unsigned node, enum frame_type type, uint64_t id,
                void (*body)(struct sim_world *w, struct writer *out, const void *what),
                const void *what)
{
    struct writer out = wr_init(w->ask_room, w->ask_max);
    const size_t mark = frame_begin(&out, (uint8_t)type, id);
    struct view frame;

    body(w, &out, what);
    frame_end(&out, mark);
    tmldsa_must(wr_finish(&out, &frame), "rogue's frame");
    sim_net_to_node(w, SIM_LANE_ROGUE, node, frame);
}

void sim_rogue_begin(struct sim_rogue *r)
{
    r->n = 0;
    r->has_r1 = false;
    r->seen_r2 = NULL;
}

void sim_rogue_end(struct sim_rogue *r)
{
    for (size_t i = 0; i < r->n; i++) {
        for (size_t k = 0; k < STAMP_T_MAX; k++) {
            free(r->sessions[i].words[k]);
            free(r->sessions[i].answers[k]);
        }
    }
    free(r->seen_r2);
}

/* What the honest coordinator's connections carry is the host's to copy. */
void sim_rogue_see(struct sim_world *w, unsigned node, struct view frame)
{
    struct sim_rogue *const r = &w->rogue;
    const uint8_t type = frame.p[2];

    if (type == (FRAME_R1 | FRAME_ANSWER) && frame.n == FRAME_HEADER_LEN + 1 + R1_MAX_LEN) {
        memcpy(r->seen_r1, frame.p + FRAME_HEADER_LEN + 1, R1_MAX_LEN);
        r->has_r1 = true;
    } else if (type == FRAME_R2 && r->n > 0) {
        free(r->seen_r2);
        r->seen_r2 = malloc(frame.n);
        sim_must(r->seen_r2 != NULL);
        memcpy(r->seen_r2, frame.p, frame.n);
        r->seen_r2_len = frame.n;
        r->seen_r2_node = node;
    }
}

size_t sim_rogue_open(struct sim_world *w, enum sim_trick trick, unsigned act, unsigned victim,
                      uint8_t policy)
{
    struct sim_rogue *const r = &w->rogue;
    struct sim_rogue_session *const s = &r->sessions[r->n++];

    sim_must(r->n <= SIM_ROGUE_SESSIONS);
    *s = (struct sim_rogue_session){.trick = trick, .victim = victim, .policy = policy};
    s->head.key = KEY_PQ;
    s->head.n = 1;
    memcpy(s->head.epoch_id, w->f->epoch_id, EPOCH_ID_LEN);
    memcpy(s->head.activation, sim_fixture_activation(w->f), ACTIVATION_HASH_LEN);
    for (unsigned i = 0; i < SIM_NODES; i++) {
        if ((act >> i & 1) != 0) {
            s->head.signers[s->head.t++] = (uint8_t)(i + 1);
        }
    }
    sim_bytes(&w->rng, s->sid0, SID0_LEN);
    sim_bytes(&w->rng, s->imprint, HASH_MAX);
    return r->n - 1;
}

/* ---- round 1 ---- */

static void write_r1_ask(struct sim_world *w, struct writer *out, const void *what)
{
    const struct sim_rogue_session *const s = what;
    struct r1_ask a = {.key = KEY_PQ, .sid0 = {s->sid0, SID0_LEN}};

    memcpy(a.epoch_id, w->f->epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(out, &a);
}

static void ask_r1(struct sim_world *w, size_t session, size_t at, unsigned round)
{
    struct sim_rogue_session *const s = &w->rogue.sessions[session];

    ask(w, s->head.signers[at] - 1U, FRAME_R1, id_of(session, round, at), write_r1_ask, s);
}

/* ---- round 2 ---- */

static void fields(const struct sim_rogue_session *s, const uint8_t *r1s, struct r2_stamp *out)
{
    *out = (struct r2_stamp){.bodies = {r1s, s->head.t * (size_t)R1_MAX_LEN},
                             .hash_alg = HASH_SHA512,
                             .policy = s->policy,
                             .hashed_message = {s->imprint, HASH_MAX}};
    memcpy(out->sid0, s->sid0, SID0_LEN);
}

/* One R2 as a trick wants it. */
struct twisted {
    struct r2_head head;
    struct r2_stamp stamp;
    uint8_t r1s[STAMP_T_MAX * R1_MAX_LEN];
    uint8_t imprint[HASH_MAX];
};

static void write_r2(struct sim_world *w, struct writer *out, const void *what)
{
    const struct twisted *const t = what;

    (void)w;
    r2_head_encode(out, &t->head);
    r2_stamp_encode(out, &t->stamp);
}

static struct twisted as_is(const struct sim_rogue_session *s)
{
    struct twisted t = {.head = s->head};

    memcpy(t.r1s, s->r1s, sizeof t.r1s);
    memcpy(t.imprint, s->imprint, HASH_MAX);
    return t;
}

static void send_r2(struct sim_world *w, size_t session, size_t at, unsigned round,
                    struct twisted *t)
{
    const struct sim_rogue_session *const s = &w->rogue.sessions[session];

    fields(s, t->r1s, &t->stamp);
    t->stamp.bodies.n = t->head.t * (size_t)R1_MAX_LEN;
    t->stamp.hashed_message.p = t->imprint;
    ask(w, s->head.signers[at] - 1U, FRAME_R2, id_of(session, round, at), write_r2, t);
}

/* Moves the span in a body by a little, or takes another serial part. */
static void alter_body(struct sim_world *w, uint8_t *r1)
{
    const size_t lo = EPOCH_ID_LEN + 1 + SID0_LEN + 1 + R1_ID_LEN;

    r1[sim_chance(&w->rng, 500) ? lo + 2 : lo + 16] ^= 1;
}

/* Signers that are no quorum with the receiver. */
static void wrong_signers(struct sim_world *w, size_t at, struct twisted *t)
{
    switch (sim_below(&w->rng, 4)) {
    case 0: /* too few */
        t->head.t--;
        if (at == t->head.t) { /* but with the receiver */
            t->head.signers[0] = t->head.signers[at];
            memcpy(t->r1s, t->r1s + at * R1_MAX_LEN, R1_MAX_LEN);
        }
        break;
    case 1: /* one twice */
        t->head.signers[(at + 1) % t->head.t] = t->head.signers[at];
        break;
    case 2: /* not the receiver */
        t->head.signers[at] = (uint8_t)(t->head.signers[at] % SIM_NODES + 1);
        break;
    default: /* one that does not exist */
        t->head.signers[t->head.t - 1] = SIM_NODES + 1;
        break;
    }
}

/* The first R2 to one signer, as the trick wants it. */
static void twist(struct sim_world *w, const struct sim_rogue_session *s, size_t at,
                  struct twisted *t)
{
    const size_t peer = (at + 1) % s->head.t;

    switch (s->trick) {
    case TRICK_SPOIL_FIRST:
        t->r1s[(peer + 1) * R1_MAX_LEN - 1] ^= 1;
        break;
    case TRICK_ALTER_OWN:
        alter_body(w, t->r1s + at * R1_MAX_LEN);
        break;
    case TRICK_ALTER_PEER:
        alter_body(w, t->r1s + peer * R1_MAX_LEN);
        break;
    case TRICK_EPOCH:
        t->head.epoch_id[5] ^= 1;
        break;
    case TRICK_ACTIVATION:
        t->head.activation[7] ^= 1;
        break;
    case TRICK_SIGNERS:
        wrong_signers(w, at, t);
        break;
    case TRICK_MIX:
        if (w->rogue.has_r1) {
            memcpy(t->r1s + peer * R1_MAX_LEN, w->rogue.seen_r1, R1_MAX_LEN);
        }
        break;
    case TRICK_SPLIT:
        t->imprint[0] ^= (uint8_t)at;
        break;
    case TRICK_VIEWS:
        if (s->has_other && at != s->victim) {
            memcpy(t->r1s + s->victim * R1_MAX_LEN, s->other_r1, R1_MAX_LEN);
        }
        break;
    case TRICK_NONE:
    case TRICK_HOLD:
    case TRICK_AGAIN:
    case TRICK_REVEALS:
    case TRICK_RESPOND_AGAIN:
    case TRICK_REPLAY:
    case TRICK_FLOOD:
    case TRICK_COUNT:
        break;
    }
}

static bool hits_all(enum sim_trick trick)
{
    return trick == TRICK_SPLIT || trick == TRICK_VIEWS;
}

static void send_all_r2(struct sim_world *w, size_t session)
{
    struct sim_rogue_session *const s = &w->rogue.sessions[session];
    struct r2_stamp right;

    s->sent_r2 = true;
    fields(s, s->r1s, &right);
    if (stamp_derive(&s->head, &right, &sim_fixture_policy(w->f, s->policy)->rule, &s->stamp) !=
        ERR_OK) {
        s->stamp = (struct stamp){0}; /* a liar's span; the cores are asked all the same */
    }
    for (size_t at = 0; at < s->head.t; at++) {
        struct twisted t = as_is(s);

        if (hits_all(s->trick) || at == s->victim) {
            twist(w, s, at, &t);
        }
        send_r2(w, session, at, 2, &t);
    }
    /* What comes after the first to the victim: the right one, or another imprint. */
    if (s->trick == TRICK_SPOIL_FIRST || s->trick == TRICK_AGAIN) {
        sim_at(w, w->now_ns + SETTLE_NS, SIM_ROGUE, 0, (int64_t)session);
    }
}

static void send_r2_again(struct sim_world *w, size_t session)
{
    const struct sim_rogue_session *const s = &w->rogue.sessions[session];
    struct twisted t = as_is(s);

    t.imprint[1] ^= s->trick == TRICK_AGAIN;
    send_r2(w, session, s->victim, s->trick == TRICK_AGAIN ? 0 : 2, &t);
}

/* An R2 of the honest coordinator to the same core, with an imprint that suits us. */
static void replay(struct sim_world *w)
{
    struct sim_rogue *const r = &w->rogue;

    if (r->seen_r2 != NULL) {
        r->seen_r2[r->seen_r2_len - 3] ^= 1; /* before the nonce's length */
        sim_net_to_node(w, SIM_LANE_ROGUE, r->seen_r2_node,
                        (struct view){r->seen_r2, r->seen_r2_len});
    }
}

/* ---- round 3 ---- */

struct revealed {
    const struct sim_rogue_session *s;
    size_t at;
    bool twisted;
};

static void write_r3(struct sim_world *w, struct writer *out, const void *what)
{
    const struct revealed *const v = what;
    struct r3 m = {0};

    (void)w;
    memcpy(m.x, v->s->stamp.x, STAMP_X_LEN);
    for (size_t i = 0; i < v->s->head.t; i++) {
        if (i != v->at) {
            m.reveals[m.n++] = v->s->reveals[i];
        }
    }
    if (v->twisted) { /* as if another had said it */
        m.reveals[0].body = m.reveals[1].body;
    }
    r3_encode(out, &m);
}

static void send_r3(struct sim_world *w, size_t session, size_t at, unsigned round,
                    bool twisted)
{
    const struct sim_rogue_session *const s = &w->rogue.sessions[session];
    const struct revealed v = {s, at, twisted};

    ask(w, s->head.signers[at] - 1U, FRAME_R3, id_of(session, round, at), write_r3, &v);
}

static void send_all_r3(struct sim_world *w, size_t session)
{
    const struct sim_rogue_session *const s = &w->rogue.sessions[session];

    for (size_t at = 0; at < s->head.t; at++) {
        if (s->trick == TRICK_REVEALS) {
            send_r3(w, session, at, 0, true);
        }
        send_r3(w, session, at, 3, false);
        if (s->trick == TRICK_RESPOND_AGAIN) {
            send_r3(w, session, at, 0, true);
            send_r3(w, session, at, 0, false);
        }
    }
}

/* A token of the rogue's own: it is as good as any, and the rules hold for it. */
static void combine(struct sim_world *w, struct sim_rogue_session *s)
{
    const struct tmldsa_public_key *const key = &w->f->math->key;
    const struct boot_policy *const policy = sim_fixture_policy(w->f, s->policy);
    struct tmldsa_combine_scratch *const x = &w->f->scratch->blame.combine;
    struct tmldsa_response responses[TMLDSA_PARTIES_MAX] = {0};
    struct tmldsa_session session = {.batches = 1};
    struct tmldsa_outcome outcome;
    uint8_t sig[STAMP_SIGNATURE_MAX];
    struct r2_stamp right;

    fields(s, s->r1s, &right);
    tmldsa_must(stamping_digest(&s->stamp, &right, policy, w->f->certs, KEY_PQ, session.mu),
                "mu");
    for (size_t i = 0; i < s->head.t; i++) {
        const unsigned party = s->head.signers[i] - 1U;

        session.act |= (uint8_t)(1U << party);
        session.w[party][0] = s->reveals[i].body;
        if (tmldsa_response_parse(key, 1, s->responses[i], x, &responses[party]) != ERR_OK) {
            return;
        }
    }
    if (tmldsa_combine(key, &session, responses, x, sig, &outcome) == ERR_OK && outcome.found) {
        w->totals.rogue_tokens++;
        SIM_TRACE(w, "   (rogue) has a token");
        sim_check_token(w, &s->stamp, session.mu,
                        (struct view){sig, key->params->set->sig_len});
    }
}

/* ---- answers ---- */

static void take_r1(struct sim_world *w, size_t session, size_t at, unsigned round,
                    struct view body)
{
    struct sim_rogue_session *const s = &w->rogue.sessions[session];
    struct view r1;
    int64_t hold_ns = s->hold_ns;

    if (r1_answer_decode(body, R1_MAX_LEN, &r1) != ERR_OK || r1.n != R1_MAX_LEN) {
        return;
    }
    if (round == 0) {
        memcpy(s->other_r1, r1.p, R1_MAX_LEN);
        s->has_other = true;
        return;
    }
    memcpy(s->r1s + at * R1_MAX_LEN, r1.p, R1_MAX_LEN);
    s->got[1] |= 1U << at;
    if (s->got[1] != (1U << s->head.t) - 1U || s->sent_r2) {
        return;
    }
    if (s->trick == TRICK_VIEWS) {
        ask_r1(w, session, s->victim, 0);
        hold_ns = SETTLE_NS;
    }
    sim_at(w, w->now_ns + hold_ns, SIM_ROGUE, 0, (int64_t)session);
}

/* Keeps the body of a word of this place; false: it refuses. head: what stands before it. */
static bool keep_word(struct sim_rogue_session *s, size_t at, struct view body, size_t head,
                      uint8_t **room, struct quorum_word *word)
{
    struct reader r;

    if (body.n < head || body.p[head - 1] != 0 || body.p[head - 2] != 0) {
        return false;
    }
    free(*room);
    *room = malloc(body.n);
    sim_must(*room != NULL);
    memcpy(*room, body.p, body.n);
    r = rd_init((struct view){*room + head, body.n - head});
    return quorum_word_decode(&r, body.n, word) == ERR_OK && word->index == s->head.signers[at];
}

static void take_word(struct sim_world *w, size_t session, size_t at, unsigned round,
                      struct view body)
{
    struct sim_rogue_session *const s = &w->rogue.sessions[session];
    const unsigned all = (1U << s->head.t) - 1U;
    struct quorum_word word;

    if ((s->got[round] >> at & 1) != 0) {
        return;
    }
    if (round == 2 && keep_word(s, at, body, 3, &s->words[at], &s->reveals[at]) &&
        s->reveals[at].body.n == tmldsa_pack_batch_len(w->f->math->params)) {
        s->got[2] |= 1U << at;
        if (s->got[2] == all) {
            send_all_r3(w, session);
        }
    } else if (round == 3 && keep_word(s, at, body, 2, &s->answers[at], &word)) {
        s->responses[at] = word.body;
        s->got[3] |= 1U << at;
        if (s->got[3] == all) {
            combine(w, s);
        }
    }
}

void sim_rogue_take(struct sim_world *w, const struct sim_event *e)
{
    const struct view body = {e->bytes + FRAME_HEADER_LEN, e->n - FRAME_HEADER_LEN};
    struct frame_header h;
    size_t session;
    size_t at;
    unsigned round;

    if (frame_header_decode((struct view){e->bytes, FRAME_HEADER_LEN}, &h) != ERR_OK) {
        return;
    }
    session = h.request_id >> 16;
    at = h.request_id & 0xff;
    round = h.request_id >> 8 & 0xff;
    if (session >= w->rogue.n || at >= w->rogue.sessions[session].head.t || round > 3) {
        return;
    }
    if (h.type == (FRAME_R1 | FRAME_ANSWER) && round < 2) {
        take_r1(w, session, at, round, body);
    } else if ((h.type == (FRAME_R2 | FRAME_ANSWER) && round == 2) ||
               (h.type == (FRAME_R3 | FRAME_ANSWER) && round == 3)) {
        take_word(w, session, at, round, body);
    }
}

void sim_rogue_go(struct sim_world *w, size_t session)
{
    struct sim_rogue_session *const s = &w->rogue.sessions[session];

    if (s->trick == TRICK_REPLAY) {
        replay(w);
        return;
    }
    if (s->sent_r2) {
        send_r2_again(w, session);
        return;
    }
    if (s->got[1] == (1U << s->head.t) - 1U) {
        send_all_r2(w, session);
        return;
    }
    for (size_t at = 0; at < s->head.t; at++) {
        for (unsigned i = 0; i < (s->trick == TRICK_FLOOD ? 12U : 1U); i++) {
            ask_r1(w, session, at, 1);
        }
    }
}
