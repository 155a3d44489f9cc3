/* A node out of own_clock, r1_table, judge, stamping and pq_party, in the order in which
 * core_step() calls them. */
#include "sim_events.h"
#include "sim_node.h"
#include "sim_rng.h"

struct sim_node {
    const struct sim_fixture *f;
    unsigned place;
    size_t pool;
    bool has_share;
    struct sim_rng rng;
    struct own_clock clock;
    struct own_time now;
    struct pq_answer *pending[PQ_ANSWERS_MAX];
    size_t n_pending;
    struct pq_place *making; /* a worker has it */
    uint8_t *room, *out;
    size_t out_max;
    struct r1_table r1;
    struct pq_party party;
};

struct sim_node *sim_node_new(const struct sim_fixture *f, unsigned place, size_t pool)
{
    const struct tmldsa_params *const p = f->math->params;
    struct sim_node *const n = calloc(1, sizeof *n);

    sim_must(n != NULL);
    n->f = f;
    n->place = place;
    n->pool = pool;
    n->room = malloc(pq_party_room(p, pool));
    n->out_max =
        quorum_run_room(p) + quorum_run_ask_max(p) + (size_t)STAMP_BATCH_MAX * R1_MAX_LEN;
    n->out = malloc(n->out_max);
    return n;
}

void sim_node_free(struct sim_node *n)
{
    free(n->room);
    free(n->out);
    free(n);
}

/* A worker takes the next place to be filled. */
static void begin_batch(struct sim_node *n)
{
    uint8_t rng[TMLDSA_NODE_RNG_LEN];

    if (n->making == NULL && n->has_share) {
        sim_bytes(&n->rng, rng, sizeof rng);
        n->making = pq_party_fill(&n->party, rng);
    }
}

void sim_node_start(struct sim_node *n, const struct clock_source *clock, uint64_t seed,
                    bool has_share)
{
    const struct sim_fixture *const f = n->f;
    uint8_t node_key[TMLDSA_NODE_KEY_LEN];
    const struct pq_party_setup setup = {.key = &f->math->key,
                                         .share = &f->math->share[n->place],
                                         .identity = &f->identities[n->place].key,
                                         .stack = f->identities[n->place].stack,
                                         .plan = &f->plan,
                                         .epoch_id = f->epoch_id,
                                         .node_key = node_key,
                                         .pool = n->pool,
                                         .room = n->room};

    n->rng.state = seed;
    n->has_share = has_share;
    n->n_pending = 0;
    n->making = NULL;
    sim_bytes(&n->rng, node_key, sizeof node_key);
    own_clock_init(&n->clock, clock, &f->args);
    r1_table_init(&n->r1);
    pq_party_init(&n->party, &setup);
    own_clock_read(&n->clock, &n->now);
    begin_batch(n);
}

static void look_at_clock(struct sim_node *n)
{
    own_clock_read(&n->clock, &n->now);
    if (n->now.stepped) {
        (void)r1_table_void(&n->r1);
    }
}

/* ---- round 1 ---- */

static enum err check_r1(struct sim_node *n, const struct r1_ask *ask)
{
    TRY(n->now.err);
    if (memcmp(ask->epoch_id, n->f->epoch_id, EPOCH_ID_LEN) != 0 || ask->key != KEY_PQ) {
        return ERR_QUORUM;
    }
    (void)r1_table_expire(&n->r1, n->now.mono_ns);
    return r1_table_room(&n->r1) >= ask->sid0.n / SID0_LEN &&
                   pq_party_ready(&n->party) >= ask->sid0.n / SID0_LEN
               ? ERR_OK
               : ERR_NOSPACE;
}

static enum err open_one(struct sim_node *n, const uint8_t *sid0, struct writer *w)
{
    struct r1_body b = {.key = KEY_PQ,
                        .index = (uint8_t)(n->place + 1),
                        .lo_ns = n->now.lo_ns,
                        .hi_ns = n->now.hi_ns};
    uint8_t r1[R1_MAX_LEN];
    struct writer rw = wr_init(r1, sizeof r1);
    struct r1_offer offer;

    memcpy(b.epoch_id, n->f->epoch_id, EPOCH_ID_LEN);
    memcpy(b.sid0, sid0, SID0_LEN);
    sim_bytes(&n->rng, b.r1_id, sizeof b.r1_id);
    sim_bytes(&n->rng, b.part, sizeof b.part);
    TRY(pq_party_offer(&n->party, n->now.mono_ns, &offer));
    r1_body_encode(&rw, &b);
    r1_offer_encode(&rw, &offer);
    TRY(pq_party_prove(&n->party, r1));
    TRY(r1_table_open(&n->r1, n->now.mono_ns, (struct view){r1, sizeof r1}));
    wr_bytes(w, r1, sizeof r1);
    return ERR_OK;
}

static enum err answer_r1(struct sim_node *n, struct view body, struct writer *w)
{
    struct r1_ask ask;

    TRY(r1_ask_decode(body, &ask));
    look_at_clock(n);
    TRY(check_r1(n, &ask));
    wr_u8(w, (uint8_t)(ask.sid0.n / SID0_LEN));
    for (size_t i = 0; i < ask.sid0.n; i += SID0_LEN) {
        TRY(open_one(n, ask.sid0.p + i, w));
    }
    own_clock_give(&n->clock, &n->now);
    return ERR_OK;
}

/* ---- round 2 ---- */

static enum err open_session(struct sim_node *n, const struct r2_head *h,
                             const struct r2_stamp *s, uint8_t sig[QUORUM_SIG_LEN],
                             struct quorum_word *word)
{
    const struct judge j = {.epoch_id = n->f->epoch_id,
                            .activation = sim_fixture_activation(n->f),
                            .key = KEY_PQ,
                            .index = (uint8_t)(n->place + 1),
                            .threshold = SIM_THRESHOLD,
                            .total = SIM_NODES,
                            .policies = n->f->args.policies,
                            .n_policies = n->f->args.n_policies,
                            .r1 = &n->r1,
                            .standing = n->now.err,
                            .now = n->now};
    const struct boot_policy *policy;
    uint8_t mu[SIGN_DIGEST_LEN];
    struct stamp st;

    TRY(judge_stamp(&j, h, s, &policy, &st));
    TRY(stamping_digest(&st, s, policy, n->f->certs, KEY_PQ, mu));
    const struct pq_question q = {h, s->bodies, st.x, mu};

    return pq_party_open(&n->party, n->now.mono_ns, &q, sig, word);
}

static enum err answer_r2(struct sim_node *n, struct view body, struct writer *w)
{
    struct reader r = rd_init(body);
    uint8_t sig[QUORUM_SIG_LEN];
    struct quorum_word word;
    struct r2_head h;
    struct r2_stamp s;
    enum err e;

    TRY(r2_head_decode(&r, &h));
    if (h.key != KEY_PQ || h.t == 1) { /* another kind of signature */
        return ERR_QUORUM;
    }
    TRY(r2_stamp_decode(&r, &h, &s));
    TRY(rd_finish(&r));
    look_at_clock(n); /* afresh: the imprint is here now */
    e = open_session(n, &h, &s, sig, &word);
    wr_u8(w, 1);
    wr_u16le(w, (uint16_t)e);
    if (e == ERR_OK) {
        quorum_word_encode(w, &word);
    }
    return ERR_OK;
}

/* ---- round 3 ---- */

/* The answer comes out of the worker. */
static enum err take_r3(struct sim_node *n, uint32_t lane, const struct frame_header *h,
                        struct view body)
{
    struct pq_answer *a;
    struct r3 m;

    TRY(r3_decode(body, tmldsa_pack_batch_len(n->f->math->params), &m));
    TRY(pq_party_take(&n->party, &m, &a));
    a->request_id = h->request_id;
    a->lane = lane;
    n->pending[n->n_pending++] = a;
    return ERR_OK;
}

static void finish_answer(struct sim_node *n, struct pq_answer *a, struct sim_answer *answer)
{
    struct writer w = wr_init(n->out, n->out_max);
    const size_t mark = frame_begin(&w, FRAME_R3 | FRAME_ANSWER, a->request_id);
    uint8_t sig[QUORUM_SIG_LEN];
    struct quorum_word word;
    enum err e;

    pq_answer_make(&n->party, &n->f->math->respond_scratch, a);
    e = pq_party_answered(&n->party, a, sig, &word);
    wr_u16le(&w, (uint16_t)e);
    if (e == ERR_OK) {
        quorum_word_encode(&w, &word);
    }
    frame_end(&w, mark);
    answer->lane = a->lane;
    tmldsa_must(wr_finish(&w, &answer->frame), "answer");
    pq_party_release(&n->party, a);
}

/* ---- what the world calls ---- */

/* ERR_OK with nothing written: the answer comes later. */
static enum err dispatch(struct sim_node *n, uint32_t lane, const struct frame_header *h,
                         struct view body, struct writer *w)
{
    if (!n->has_share) {
        return ERR_QUORUM;
    }
    switch (h->type) {
    case FRAME_R1:
        return answer_r1(n, body, w);
    case FRAME_R2:
        return answer_r2(n, body, w);
    case FRAME_R3:
        return take_r3(n, lane, h, body);
    default:
        return ERR_TYPE;
    }
}

bool sim_node_take(struct sim_node *n, uint32_t lane, const struct frame_header *h,
                   struct view body, struct sim_answer *answer)
{
    struct writer w = wr_init(n->out, n->out_max);
    const size_t mark = frame_begin(&w, (uint8_t)(h->type | FRAME_ANSWER), h->request_id);
    const size_t empty = w.len;
    const enum err e = dispatch(n, lane, h, body, &w);

    begin_batch(n);
    if (e == ERR_OK && w.len == empty) {
        return false;
    }
    if (e == ERR_OK) {
        frame_end(&w, mark);
    } else {
        w = wr_init(n->out, n->out_max);
        frame_write_error(&w, h->request_id, e);
    }
    answer->lane = lane;
    tmldsa_must(wr_finish(&w, &answer->frame), "answer");
    return true;
}

bool sim_node_has_work(const struct sim_node *n)
{
    return n->n_pending > 0 || n->making != NULL;
}

bool sim_node_work(struct sim_node *n, struct sim_answer *answer)
{
    struct pq_answer *a = n->pending[0];

    if (n->n_pending > 0) { /* signatures first, batches in idle time */
        n->n_pending--;
        memmove(n->pending, n->pending + 1, n->n_pending * sizeof n->pending[0]);
        finish_answer(n, a, answer);
        begin_batch(n);
        return true;
    }
    if (n->making != NULL) {
        struct pq_place *const place = n->making;

        n->making = NULL;
        pq_party_filled(&n->party, place,
                        tmldsa_commit(&n->f->math->key, n->place, &n->f->math->commit_scratch,
                                      &place->batch));
        begin_batch(n);
    }
    return false;
}

void sim_node_tick(struct sim_node *n)
{
    look_at_clock(n);
    (void)r1_table_expire(&n->r1, n->now.mono_ns);
    (void)pq_party_expire(&n->party, n->now.mono_ns);
    begin_batch(n);
}
