/* What holds of stamps, whoever lies and whatever fronts ask. */
#include "ideal_mix.h"
#include "presim_stamps.h"

static bool all_honest_in(const struct presim_stamps *o, unsigned triple)
{
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        if ((triple >> i & 1) != 0 && !presim_stamps_honest(o, i)) {
            return false;
        }
    }
    return true;
}

/* ---- R1 ---- */

/* Of what it says: of its MACs a node looks at its own alone. */
static uint64_t print_of(unsigned node, const uint8_t *r1)
{
    struct mix m = mix_begin(MIX_IDENTITY);
    uint64_t out;

    mix_word(&m, node);
    mix_bytes(&m, r1, R1_BODY_LEN);
    mix_out(&m, (uint8_t *)&out, sizeof out);
    return out;
}

static bool was_said(const struct presim_stamps *o, unsigned node, const uint8_t *r1)
{
    const uint64_t print = print_of(node, r1);

    for (unsigned i = 0; i < o->n_said; i++) {
        if (o->said[i] == print) {
            return true;
        }
    }
    return false;
}

static void note_r1s(struct presim_stamps *o, unsigned node, struct view body)
{
    struct view r1s;

    if (r1_answer_decode(body, R1_PROVEN_LEN, &r1s) != ERR_OK) {
        return;
    }
    for (size_t i = 0; i + R1_PROVEN_LEN <= r1s.n; i += R1_PROVEN_LEN) {
        sim_must(o->n_said < PRESIM_SAID_MAX);
        o->said[o->n_said++] = print_of(node, r1s.p + i);
    }
}

/* ---- R2 ---- */

static unsigned mask_of(const struct r2_head *h)
{
    unsigned s = 0;

    for (unsigned i = 0; i < h->t; i++) {
        s |= 1U << (h->signers[i] - 1U);
    }
    return s;
}

static struct presim_used *used_of(struct presim_stamps *o, const uint8_t *id)
{
    struct presim_used *u = o->used;

    while (u < o->used + o->n_used && memcmp(u->id, id, TECDSA_HASH_LEN) != 0) {
        u++;
    }
    if (u == o->used + o->n_used) {
        sim_must(o->n_used < PRESIM_USED_MAX);
        o->n_used++;
        u->nodes = 0;
        memcpy(u->id, id, TECDSA_HASH_LEN);
    }
    return u;
}

/* The triple of each record of a question, before it is answered: by place among the stamps. */
static unsigned triples[STAMP_BATCH_MAX];

void presim_stamps_before(struct presim_stamps *o, unsigned node, const struct frame_header *h,
                          struct view body)
{
    struct reader r = rd_init(body);
    struct r2_head head;
    struct r2_stamp stamp;

    memset(triples, 0, sizeof triples);
    if (h->type != FRAME_R2 || r2_head_decode(&r, &head) != ERR_OK) {
        return;
    }
    for (unsigned i = 0; i < head.n && r2_stamp_decode(&r, &head, &stamp) == ERR_OK; i++) {
        const struct presign_pool *const pool = &o->s->w->core[node].pool;
        const struct presign_slot *slot = presign_pool_above(pool, 0);

        while (slot != NULL && memcmp(slot->record.id, stamp.presign.p, TECDSA_HASH_LEN) != 0) {
            slot = presign_pool_next(pool, slot);
        }
        triples[i] = slot != NULL ? slot->record.s : 0;
    }
    presim_plant_asked(mask_of(&head));
}

/* One that was answered. */
static void check_answer(struct presim_stamps *o, unsigned node, const struct r2_head *head,
                         const struct r2_stamp *stamp, unsigned triple)
{
    struct presim_used *const u = used_of(o, stamp->presign.p);

    if ((u->nodes >> node & 1) != 0) {
        presim_break(o->s, PRESIM_USED, node);
    }
    u->nodes |= 1U << node;
    if (triple != mask_of(head) || (triple >> node & 1) == 0) {
        presim_break(o->s, PRESIM_OTHERS, node);
    }
    for (unsigned i = 0; i < head->t; i++) {
        const unsigned signer = head->signers[i] - 1U;

        if (presim_stamps_honest(o, signer) &&
            !was_said(o, signer, stamp->bodies.p + (size_t)i * R1_PROVEN_LEN)) {
            presim_break(o->s, PRESIM_PEERS, node);
        }
    }
}

static void check_r2(struct presim_stamps *o, unsigned node, struct view asked,
                     struct view said)
{
    struct reader r = rd_init(asked);
    struct reader a = rd_init(said);
    struct r2_head head;
    struct r2_stamp stamp;
    struct r2_result result;
    uint8_t n = 0;

    if (r2_head_decode(&r, &head) != ERR_OK || rd_u8(&a, &n) != ERR_OK || n != head.n) {
        return;
    }
    for (unsigned i = 0; i < n && r2_stamp_decode(&r, &head, &stamp) == ERR_OK &&
                         r2_result_decode(&a, &result) == ERR_OK;
         i++) {
        PRESIM_TRACE(o->s, "node %u answers stamp %u: %s", node + 1, i, err_name(result.err));
        if (result.err == ERR_OK) {
            check_answer(o, node, &head, &stamp, triples[i]);
        }
    }
}

void presim_stamps_after(struct presim_stamps *o, unsigned node, const struct frame_header *h,
                         struct view body, struct view answer)
{
    const struct view said = {answer.p + FRAME_HEADER_LEN, answer.n - FRAME_HEADER_LEN};
    struct frame_header back;

    world_must(frame_header_decode((struct view){answer.p, FRAME_HEADER_LEN}, &back));
    if (back.type == (FRAME_R1 | FRAME_ANSWER)) {
        note_r1s(o, node, said);
    } else if (back.type == (FRAME_R2 | FRAME_ANSWER) && h->type == FRAME_R2) {
        check_r2(o, node, body, said);
    }
}

/* ---- fronts ---- */

/* A front's machine names a record in one session. */
void presim_stamps_asked(struct presim_stamps *o, unsigned front, struct view frame)
{
    struct reader r =
        rd_init((struct view){frame.p + FRAME_HEADER_LEN, frame.n - FRAME_HEADER_LEN});
    struct frame_header h;
    struct r2_head head;
    struct r2_stamp stamp;

    world_must(frame_header_decode((struct view){frame.p, FRAME_HEADER_LEN}, &h));
    if (h.type != FRAME_R2 || r2_head_decode(&r, &head) != ERR_OK) {
        return;
    }
    while (r.n > 0 && r2_stamp_decode(&r, &head, &stamp) == ERR_OK) {
        struct presim_named *n = o->named;

        while (n < o->named + o->n_named &&
               (n->front != front || memcmp(n->id, stamp.presign.p, TECDSA_HASH_LEN) != 0)) {
            n++;
        }
        if (n == o->named + o->n_named) {
            sim_must(o->n_named < PRESIM_NAMED_MAX);
            o->n_named++;
            n->front = front;
            memcpy(n->id, stamp.presign.p, TECDSA_HASH_LEN);
            memcpy(n->sid0, stamp.sid0, SID0_LEN);
        } else if (memcmp(n->sid0, stamp.sid0, SID0_LEN) != 0) {
            presim_break(o->s, PRESIM_NAMED, PRESIM_NODES - 1);
        }
    }
}

static void check_token(struct presim_job *j)
{
    struct presim_stamps *const o = j->o;
    const struct coord_job *const job = &j->job;
    uint8_t digest[P384_DIGEST_LEN];

    world_must(job->to_sign(job, digest));
    if (job->signature_len != P384_SIG_LEN ||
        p384_verify(o->s->w->kit->key.public_key, digest, job->signature) != ERR_OK) {
        presim_break(o->s, PRESIM_VERIFIES, PRESIM_NODES - 1);
    }
    for (unsigned i = 0; i < o->n_tokens; i++) {
        if (memcmp(o->tokens[i], job->signature, TECDSA_SCALAR_LEN) == 0) {
            presim_break(o->s, PRESIM_TWO, PRESIM_NODES - 1);
        }
    }
    memcpy(o->tokens[o->n_tokens++], job->signature, TECDSA_SCALAR_LEN);
    o->s->totals->tokens++;
}

void presim_stamps_done(struct presim_job *j)
{
    struct presim_stamps *const o = j->o;

    PRESIM_TRACE(o->s, "job %u ends: %s", (unsigned)(j - o->jobs) + 1, err_name(j->job.err));
    if (j->done++ > 0 || o->s->w->now_ns > j->job.deadline_ns + CLASSIC_SWEEP_NS) {
        presim_break(o->s, PRESIM_ENDS, PRESIM_NODES - 1);
    }
    if (j->job.err == ERR_OK) {
        check_token(j);
    }
}

/* No engine was shown that three honest ones make no signature. */
static void check_words(struct presim_stamps *o)
{
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        const struct presign_standing *const standing = &o->s->w->core[i].p->standing;

        for (unsigned t = 0; t < 1U << PRESIM_NODES; t++) {
            if (standing->triples[t].n > 0 && all_honest_in(o, t)) {
                presim_break(o->s, PRESIM_DOUBT, i);
            }
        }
    }
}

/* Nobody honest has answered what is no answer, and no three honest ones a wrong signature. */
void presim_stamps_step(struct presim_stamps *o)
{
    if (o->shown) {
        check_words(o);
        o->shown = false;
    }
    for (unsigned f = 0; f < o->n_fronts; f++) {
        const struct classic_step *const step = o->fronts[f].step;

        for (unsigned i = 0; i < PRESIM_NODES; i++) {
            if (presim_stamps_honest(o, i) && !o->fronts[f].rogue && step->cores[i].wrong > 0) {
                presim_break(o->s, PRESIM_DOUBT, i);
            }
        }
        for (unsigned t = 0; t < step->triples.n; t++) {
            if (step->triples.at[t].n_wrong > 0 && !o->fronts[f].rogue &&
                all_honest_in(o, step->triples.at[t].s)) {
                presim_break(o->s, PRESIM_DOUBT, PRESIM_NODES - 1);
            }
        }
    }
}
