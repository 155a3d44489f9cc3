/* What becomes of a key: requests for certificates, by a quorum and by each core alone;
 * activation; stamps of the classic key, which one core makes. */
#include "dkg_world.h"

#include "host/csr/csr_alone.h"
#include "host/csr/csr_quorum.h"

static uint8_t pem[CSR_PEM_MAX];

static void must(struct dkg_world *w, bool holds, enum dkg_rule rule, unsigned node)
{
    if (!holds) {
        dkg_break(w, rule, node);
    }
}

/* ---- the request of the key that they have together ---- */

/* Some do not answer: the quorum is any. */
static unsigned deaf;

static enum err ask(void *user, unsigned party, enum frame_type type, struct view body,
                    struct view *answer)
{
    struct dkg_world *const w = user;

    if ((deaf >> party & 1) != 0) {
        return ERR_IO;
    }
    return dkg_box_ask(w, party, (uint8_t)type, body, answer);
}

static void pause_for(void *user, unsigned ms)
{
    struct dkg_world *const w = user;

    dkg_box_go(w, w->now_ns + ms * MS);
    for (unsigned i = 0; i < DKG_NODES; i++) {
        dkg_box_work(w, i);
    }
}

static void request_together(struct dkg_world *w)
{
    static struct tmldsa_public_key key;
    struct quorum_roster roster = {.plan = &w->plan, .key = &key};
    struct csr_quorum q = {.roster = &roster,
                           .public_key = w->record->pk,
                           .entropy = &w->entropy,
                           .ask = ask,
                           .pause = pause_for,
                           .user = w};
    struct writer out = wr_init(pem, sizeof pem);
    const unsigned gone = sim_below(&w->rng, DKG_NODES * DKG_NODES);

    deaf = 1U << gone % DKG_NODES | 1U << gone / DKG_NODES; /* two, or one */
    key = dkg_ceremony(w, 0)->key;
    roster.t = w->scratch->t; /* as verifying the record left it */
    memcpy(roster.epoch_id, w->record->known.epoch_id, EPOCH_ID_LEN);
    pause_for(w, 1);
    must(w, csr_quorum_sign(&q, &out) == ERR_OK && out.len > 0, DKG_RULE_REQUEST, DKG_NODES);
    must(w, q.guilty == 0, DKG_RULE_BLAME, DKG_NODES);
    w->totals.requests++;
}

/* ---- the request of a key of one core ---- */

static void request_alone(struct dkg_world *w, unsigned node)
{
    static struct csr_scratch scratch;
    const struct csr_key key = {.key = KEY_CLASSIC,
                                .epoch_id = w->boxes[node].core.epoch_id,
                                .public_key = {w->classic[node].public_key, P384_PUBLIC_LEN}};
    struct writer out = wr_init(pem, sizeof pem);
    uint8_t sid0[SID0_LEN];
    struct csr_alone a;

    sim_bytes(&w->rng, sid0, sizeof sid0);
    csr_alone_begin(&a, &key, (uint8_t)(node + 1), (uint8_t)(1 + sim_below(&w->rng, 4)), sid0);
    for (unsigned i = 0; i < 2 && w->broken == DKG_RULE_NONE; i++) {
        uint8_t body[CSR_ALONE_ASK_MAX];
        struct writer bw = wr_init(body, sizeof body);
        const enum frame_type type = csr_alone_ask(&a, &bw);
        const struct view question = {body, bw.len};
        struct view answer;
        const enum err e = dkg_box_ask(w, node, (uint8_t)type, question, &answer);

        must(w, e == ERR_OK && csr_alone_take(&a, answer, &scratch, &out) == ERR_OK,
             DKG_RULE_REQUEST, node);
        /* The same again: one R1 serves once, and attempts ascend. */
        must(w,
             type != FRAME_SIGN_CSR ||
                 dkg_box_ask(w, node, (uint8_t)type, question, &answer) != ERR_OK,
             DKG_RULE_REQUEST, node);
    }
    must(w, a.done, DKG_RULE_REQUEST, node);
    w->totals.requests++;
}

/* ---- activation ---- */

static void activate(struct dkg_world *w, unsigned node, uint8_t key)
{
    static const uint8_t name[] = {0x30, 0x00};
    struct activation a = {.key = key,
                           .cert_hash = {key},
                           .serial = {name, sizeof name},
                           .issuer = {name, sizeof name}};
    uint8_t body[256];
    struct writer bw = wr_init(body, sizeof body);
    struct view answer;

    memcpy(a.epoch_id, w->boxes[node].core.epoch_id, EPOCH_ID_LEN);
    activation_encode(&bw, &a);
    must(w,
         dkg_box_ask(w, node, FRAME_ACTIVATE, (struct view){body, bw.len}, &answer) == ERR_OK,
         DKG_RULE_USE, node);
}

/* A key in use: no ceremony begins, and no word of one ends it. */
static void try_to_end(struct dkg_world *w, unsigned node)
{
    uint8_t bytes[PLAN_NONCE_LEN + PLAN_MAX];
    struct writer out = wr_init(bytes, sizeof bytes);
    struct ceremony_begin_ask again = {.plan = w->encoded, .nonce = {0xee}};
    struct view answer;

    ceremony_begin_ask_encode(&out, &again);
    must(w,
         dkg_box_ask(w, node, FRAME_CEREMONY_BEGIN, (struct view){bytes, out.len}, &answer) ==
             ERR_STATE,
         DKG_RULE_USE, node);
    if (w->n_old > 0) {
        const struct dkg_held *const h = &w->old[0];

        must(w,
             dkg_box_ask(w, node, FRAME_CEREMONY_STEP, (struct view){h->bytes, h->n},
                         &answer) != ERR_OK,
             DKG_RULE_USE, node);
    }
    must(w, w->boxes[node].core.has_pq, DKG_RULE_USE, node);
}

/* ---- stamps of one core ---- */

enum classic_trick {
    CLASSIC_PLAIN,
    CLASSIC_TWICE, /* one R1, two R2s */
    CLASSIC_STALE, /* an R1 past its life */
    CLASSIC_OTHER, /* an R1 that nobody gave */
    CLASSIC_EPOCH, /* another epoch */
    CLASSIC_CERT,  /* another certificate */
    CLASSIC_MORE,  /* two signers */
    CLASSIC_TRICKS
};

static bool promise(struct dkg_world *w, unsigned node, const uint8_t sid0[SID0_LEN],
                    uint8_t r1[R1_BODY_LEN])
{
    struct r1_ask a = {.key = KEY_CLASSIC, .sid0 = {sid0, SID0_LEN}};
    uint8_t body[256];
    struct writer bw = wr_init(body, sizeof body);
    struct view answer;
    struct view given;

    memcpy(a.epoch_id, w->boxes[node].core.epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&bw, &a);
    if (dkg_box_ask(w, node, FRAME_R1, (struct view){body, bw.len}, &answer) != ERR_OK ||
        r1_answer_decode(answer, R1_BODY_LEN, &given) != ERR_OK || given.n != R1_BODY_LEN) {
        return false;
    }
    memcpy(r1, given.p, R1_BODY_LEN);
    return true;
}

/* What it answers to one R2 of one stamp: a signature that verifies, or not. */
static bool stamp(struct dkg_world *w, unsigned node, enum classic_trick trick,
                  const uint8_t r1[R1_BODY_LEN])
{
    static const uint8_t imprint[32] = {7};
    const struct core *const c = &w->boxes[node].core;
    struct r2_head h = {.key = KEY_CLASSIC,
                        .t = 1,
                        .signers = {(uint8_t)(node + 1), (uint8_t)(node + 2)},
                        .n = 1};
    static const uint8_t presign[STAMP_PRESIGN_LEN] = {1};
    uint8_t bodies[2 * R1_PROVEN_LEN] = {0};
    struct r2_stamp s = {.bodies = {bodies, R1_BODY_LEN},
                         .hash_alg = HASH_SHA256,
                         .policy = 1,
                         .hashed_message = {imprint, sizeof imprint}};
    uint8_t body[1024];
    uint8_t digest[SIGN_DIGEST_LEN];
    struct writer bw = wr_init(body, sizeof body);
    struct r2_result result;
    struct view answer;
    struct stamp st;
    struct reader r;
    uint8_t n = 0;

    memcpy(bodies, r1, R1_BODY_LEN);
    memcpy(bodies + R1_PROVEN_LEN, r1, R1_BODY_LEN);
    memcpy(h.epoch_id, c->epoch_id, EPOCH_ID_LEN);
    memcpy(h.activation, c->certs[0].activation, ACTIVATION_HASH_LEN);
    memcpy(s.sid0, r1 + EPOCH_ID_LEN + 1, SID0_LEN);
    h.epoch_id[3] ^= trick == CLASSIC_EPOCH;
    h.activation[3] ^= trick == CLASSIC_CERT;
    if (trick == CLASSIC_MORE) {
        h.t = 2;
        s.bodies.n = sizeof bodies;
        s.presign = (struct view){presign, sizeof presign};
    }
    r2_head_encode(&bw, &h);
    r2_stamp_encode(&bw, &s);
    sim_must(!bw.full);
    if (dkg_box_ask(w, node, FRAME_R2, (struct view){body, bw.len}, &answer) != ERR_OK) {
        return false;
    }
    r = rd_init(answer);
    if (rd_u8(&r, &n) != ERR_OK || n != 1 || r2_result_decode(&r, &result) != ERR_OK ||
        result.err != ERR_OK) {
        return false;
    }
    must(w,
         stamp_derive(&h, &s, &w->args.policies[0].rule, &st) == ERR_OK &&
             stamping_digest(&st, &s, &w->args.policies[0], c->certs, KEY_CLASSIC, digest) ==
                 ERR_OK &&
             result.signature.n == P384_SIG_LEN &&
             p384_verify(w->classic[node].public_key, digest, result.signature.p) == ERR_OK,
         DKG_RULE_CLASSIC, node);
    w->totals.stamps++;
    return true;
}

static void stamp_alone(struct dkg_world *w, unsigned node)
{
    const enum classic_trick trick = (enum classic_trick)sim_below(&w->rng, CLASSIC_TRICKS);
    const bool late = trick == CLASSIC_STALE;
    uint8_t sid0[SID0_LEN];
    uint8_t r1[R1_BODY_LEN];
    bool served;

    sim_bytes(&w->rng, sid0, sizeof sid0);
    if (!promise(w, node, sid0, r1)) {
        dkg_break(w, DKG_RULE_CLASSIC, node);
        return;
    }
    dkg_box_go(w, w->now_ns + (late ? R1_LIFE_NS + MS : sim_in(&w->rng, 0, R1_LIFE_NS - MS)));
    r1[R1_BODY_LEN - 1] ^= trick == CLASSIC_OTHER;
    served = stamp(w, node, trick, r1);
    must(w, served == (trick == CLASSIC_PLAIN || trick == CLASSIC_TWICE), DKG_RULE_CLASSIC,
         node);
    /* Accepted or refused, it served; of two signers an R1 is another one, with a proof. */
    must(w,
         trick == CLASSIC_OTHER || trick == CLASSIC_MORE || !stamp(w, node, CLASSIC_PLAIN, r1),
         DKG_RULE_CLASSIC, node);
}

void dkg_use(struct dkg_world *w)
{
    uint8_t r1[R1_BODY_LEN];
    const uint8_t sid0[SID0_LEN] = {1};

    request_together(w);
    for (unsigned i = 0; i < DKG_NODES && w->broken == DKG_RULE_NONE; i++) {
        request_alone(w, i);
        /* Before it is active it promises no stamp but for a request, and signs none. */
        must(w, !promise(w, i, sid0, r1) || !stamp(w, i, CLASSIC_PLAIN, r1), DKG_RULE_USE, i);
        activate(w, i, KEY_CLASSIC);
        activate(w, i, KEY_PQ);
        try_to_end(w, i);
        must(w, w->boxes[i].core.state == CORE_SERVING, DKG_RULE_USE, i);
        stamp_alone(w, i);
    }
}
