#include "host/coord/quorum_run.h"

#include "crypto/ed25519.h"

#include <string.h>

/* ---- room: w of every signer, then its response ---- */

static size_t reveal_len(const struct quorum_run *run)
{
    return tmldsa_pack_batch_len(run->roster->key->params);
}

static size_t place_len(const struct tmldsa_params *p)
{
    return tmldsa_pack_batch_len(p) + tmldsa_respond_max(p, 1);
}

size_t quorum_run_room(const struct tmldsa_params *p)
{
    return p->t * place_len(p);
}

static uint8_t *reveal_room(const struct quorum_run *run, size_t at)
{
    return run->room + at * place_len(run->roster->key->params);
}

static uint8_t *response_room(const struct quorum_run *run, size_t at)
{
    return reveal_room(run, at) + reveal_len(run);
}

/* ---- who ---- */

unsigned quorum_run_party(const struct quorum_run *run, size_t at)
{
    return run->head.signers[at] - 1U;
}

size_t quorum_run_place(const struct quorum_run *run, unsigned party)
{
    size_t at = 0;

    while (at < run->head.t && quorum_run_party(run, at) != party) {
        at++;
    }
    return at;
}

void quorum_run_begin(struct quorum_run *run, const struct quorum_roster *roster,
                      struct coord_job *job, unsigned act, const uint8_t sid0[SID0_LEN])
{
    uint8_t *const room = run->room;

    memset(run, 0, sizeof *run);
    run->room = room;
    run->roster = roster;
    run->job = job;
    run->phase = QUORUM_ASK_R1;
    run->session.act = (uint8_t)act;
    run->session.batches = 1;
    memcpy(run->sid0, sid0, SID0_LEN);
    run->head.key = KEY_PQ;
    run->head.n = 1;
    memcpy(run->head.epoch_id, roster->epoch_id, EPOCH_ID_LEN);
    memcpy(run->head.activation, job->activation, ACTIVATION_HASH_LEN);
    for (unsigned i = 0; i < roster->key->params->n; i++) {
        if ((act >> i & 1) != 0) {
            run->head.signers[run->head.t++] = (uint8_t)(i + 1);
        }
    }
}

void quorum_run_begin_csr(struct quorum_run *run, const struct quorum_roster *roster,
                          struct coord_job *job, unsigned act, const uint8_t sid0[SID0_LEN],
                          uint8_t subject, uint8_t attempt)
{
    struct csr_ask *const csr = &run->csr;

    quorum_run_begin(run, roster, job, act, sid0);
    csr->key = KEY_PQ;
    csr->subject = subject;
    csr->attempt = attempt;
    csr->t = run->head.t;
    memcpy(csr->epoch_id, run->head.epoch_id, EPOCH_ID_LEN);
    memcpy(csr->signers, run->head.signers, sizeof csr->signers);
    memcpy(csr->sid0, sid0, SID0_LEN);
}

/* ---- questions ---- */

size_t quorum_run_ask_max(const struct tmldsa_params *p)
{
    const size_t r2 = EPOCH_ID_LEN + ACTIVATION_HASH_LEN + 64 +
                      (size_t)STAMP_T_MAX * R1_MAX_LEN + HASH_MAX + STAMP_NONCE_MAX + SID0_LEN;
    const size_t r3 =
        STAMP_X_LEN + 1 + (p->t - 1U) * (QUORUM_WORD_HEAD + tmldsa_pack_batch_len(p));

    return r2 > r3 ? r2 : r3;
}

static void write_r1(const struct quorum_run *run, struct writer *w)
{
    struct r1_ask ask = {.key = KEY_PQ, .sid0 = {run->sid0, SID0_LEN}};

    memcpy(ask.epoch_id, run->head.epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(w, &ask);
}

static void write_r3(const struct quorum_run *run, size_t at, struct writer *w)
{
    struct r3 m = {0};

    memcpy(m.x, run->session.id, STAMP_X_LEN);
    for (size_t i = 0; i < run->head.t; i++) {
        if (i != at) {
            m.reveals[m.n++] = run->reveals[i];
        }
    }
    r3_encode(w, &m);
}

enum frame_type quorum_run_ask(const struct quorum_run *run, size_t at, struct writer *w)
{
    switch (run->phase) {
    case QUORUM_ASK_R1:
        write_r1(run, w);
        return FRAME_R1;
    case QUORUM_ASK_R2:
        if (run->csr.attempt != 0) {
            csr_ask_encode(w, &run->csr);
            return FRAME_SIGN_CSR;
        }
        r2_head_encode(w, &run->head);
        r2_stamp_encode(w, &run->stamp);
        return FRAME_R2;
    case QUORUM_ASK_R3:
    case QUORUM_OVER:
        break;
    }
    write_r3(run, at, w);
    return FRAME_R3;
}

/* ---- answers ---- */

static const uint8_t *signing_key(const struct quorum_run *run, size_t at)
{
    return run->roster->plan->nodes[quorum_run_party(run, at)].signing_key;
}

static enum err take_r1(struct quorum_run *run, size_t at, struct view body)
{
    struct tmldsa_commitment *const c = &run->session.commitment[quorum_run_party(run, at)][0];
    uint8_t signed_part[R1_SIGNED_LEN];
    struct r1_body b;
    struct r1_offer offer;
    struct view r1;

    TRY(r1_answer_decode(body, R1_MAX_LEN, &r1));
    if (r1.n != R1_MAX_LEN) {
        return ERR_RANGE;
    }
    TRY(r1_body_decode((struct view){r1.p, R1_BODY_LEN}, &b));
    TRY(r1_offer_decode((struct view){r1.p + R1_BODY_LEN, R1_OFFER_LEN}, &offer));
    if (memcmp(b.epoch_id, run->head.epoch_id, EPOCH_ID_LEN) != 0 || b.key != KEY_PQ ||
        memcmp(b.sid0, run->sid0, SID0_LEN) != 0 || b.index != run->head.signers[at]) {
        return ERR_MISMATCH;
    }
    r1_offer_signed(r1.p, signed_part);
    TRY(ed25519_verify(NULL, signing_key(run, at),
                       (struct view){signed_part, sizeof signed_part}, offer.proof));
    memcpy(run->r1s + at * R1_MAX_LEN, r1.p, R1_MAX_LEN);
    memcpy(c->batch_id, offer.batch_id, R1_BATCH_ID_LEN);
    memcpy(c->com, offer.com, R1_COM_LEN);
    return ERR_OK;
}

/* err(2) and, where that is 0, the word of the signer at this place, whose signature is
 * genuine. */
static enum err take_word(struct quorum_run *run, size_t at, enum quorum_round round,
                          struct reader *r, size_t max, struct quorum_word *word)
{
    uint8_t signed_part[QUORUM_SIGNED_LEN];
    uint16_t code = 0;

    TRY(rd_u16le(r, &code));
    if (code != ERR_OK) {
        run->refused = err_known(code);
        return run->refused ? (enum err)code : ERR_RANGE;
    }
    TRY(quorum_word_decode(r, max, word));
    TRY(rd_finish(r));
    if (word->index != run->head.signers[at]) {
        return ERR_MISMATCH;
    }
    quorum_word_signed(round, run->session.id, word, signed_part);
    return ed25519_verify(NULL, signing_key(run, at),
                          (struct view){signed_part, sizeof signed_part}, word->signature.p);
}

static void blame(struct quorum_run *run, size_t at)
{
    run->guilty |= 1U << quorum_run_party(run, at);
}

static enum err take_reveal(struct quorum_run *run, size_t at, struct view body,
                            struct quorum_scratch *x)
{
    const unsigned party = quorum_run_party(run, at);
    struct quorum_word *const word = &run->reveals[at];
    struct reader r = rd_init(body);
    uint8_t n = 0;
    enum err e;

    TRY(rd_u8(&r, &n));
    if (n != 1) {
        return ERR_RANGE;
    }
    TRY(take_word(run, at, QUORUM_REVEAL, &r, reveal_len(run), word));
    e = tmldsa_commit_check(run->roster->key, party, &run->session.commitment[party][0],
                            word->body, &x->commit);
    if (e != ERR_OK) {
        blame(run, at);
        return e;
    }
    memcpy(reveal_room(run, at), word->body.p, word->body.n);
    memcpy(run->sigs[at], word->signature.p, QUORUM_SIG_LEN);
    word->body.p = reveal_room(run, at);
    word->signature.p = run->sigs[at];
    run->session.w[party][0] = word->body;
    return ERR_OK;
}

static enum err take_respond(struct quorum_run *run, size_t at, struct view body,
                             struct quorum_scratch *x)
{
    const struct tmldsa_public_key *key = run->roster->key;
    struct quorum_word *const word = &run->responds[at];
    struct reader r = rd_init(body);
    enum err e;

    TRY(take_word(run, at, QUORUM_RESPOND, &r, tmldsa_respond_max(key->params, 1), word));
    memcpy(response_room(run, at), word->body.p, word->body.n);
    memcpy(run->respond_sigs[at], word->signature.p, QUORUM_SIG_LEN);
    word->body.p = response_room(run, at);
    word->signature.p = run->respond_sigs[at];
    e = tmldsa_response_parse(key, 1, word->body, &x->blame.combine,
                              &run->responses[quorum_run_party(run, at)]);
    if (e != ERR_OK) {
        blame(run, at);
    }
    return e;
}

enum err quorum_run_take(struct quorum_run *run, size_t at, struct view body,
                         struct quorum_scratch *x)
{
    if (run->phase == QUORUM_OVER || (run->answered >> at & 1) != 0) {
        return ERR_STATE;
    }
    if (run->phase == QUORUM_ASK_R1) {
        TRY(take_r1(run, at, body));
    } else if (run->phase == QUORUM_ASK_R2) {
        TRY(take_reveal(run, at, body, x));
    } else {
        TRY(take_respond(run, at, body, x));
    }
    run->answered |= 1U << at;
    return ERR_OK;
}

bool quorum_run_is_whole(const struct quorum_run *run)
{
    return run->phase != QUORUM_OVER && run->answered == (1U << run->head.t) - 1U;
}

/* ---- from phase to phase ---- */

static enum err fix_csr(struct quorum_run *run)
{
    run->csr.r1s = (struct view){run->r1s, run->csr.t * (size_t)R1_MAX_LEN};
    return csr_ask_x(&run->csr, run->token.x);
}

static enum err fix_stamp(struct quorum_run *run)
{
    const struct coord_job *const job = run->job;

    run->stamp = (struct r2_stamp){
        .bodies = {run->r1s, run->head.t * (size_t)R1_MAX_LEN},
        .hash_alg = job->hash_alg,
        .policy = job->policy,
        .hashed_message = {job->hashed_message, hash_len((enum hash_alg)job->hash_alg)},
        .nonce = {job->nonce, job->nonce_len},
    };
    memcpy(run->stamp.sid0, run->sid0, SID0_LEN);
    return stamp_derive(&run->head, &run->stamp, &job->rule, &run->token);
}

/* All R1s are in: what the signers will sign follows from them. The job may have another
 * session beside this one, whose stamp it has before and after. */
static enum err fix_session(struct quorum_run *run)
{
    TRY(run->csr.attempt != 0 ? fix_csr(run) : fix_stamp(run));
    memcpy(run->session.id, run->token.x, STAMP_X_LEN);
    run->job->stamp = run->token;
    return run->job->to_sign(run->job, run->session.mu);
}

static enum err combine(struct quorum_run *run, struct quorum_scratch *x)
{
    const struct quorum_roster *const roster = run->roster;
    struct tmldsa_outcome outcome;

    TRY(tmldsa_combine(roster->key, &run->session, run->responses, &x->blame.combine,
                       run->job->signature, &outcome));
    if (outcome.suspect) {
        run->guilty |= tmldsa_blame(roster->key, roster->t, &run->session, run->responses,
                                    outcome.suspect_index, &x->blame);
    }
    run->found = outcome.found;
    if (run->found) {
        run->job->stamp = run->token;
        run->job->signature_len = roster->key->params->set->sig_len;
    }
    return ERR_OK;
}

enum err quorum_run_next(struct quorum_run *run, struct quorum_scratch *x)
{
    if (!quorum_run_is_whole(run)) {
        return ERR_STATE;
    }
    if (run->phase == QUORUM_ASK_R1) {
        TRY(fix_session(run));
    } else if (run->phase == QUORUM_ASK_R3) {
        TRY(combine(run, x));
    }
    run->answered = 0;
    run->phase++;
    return ERR_OK;
}

static bool is_accepted(const struct quorum_run *run, unsigned index)
{
    for (size_t at = 0; at < run->head.t; at++) {
        if (tmldsa_response_has(&run->responses[quorum_run_party(run, at)], index)) {
            return true;
        }
    }
    return false;
}

void quorum_run_check(struct quorum_run *run, struct quorum_scratch *x)
{
    const struct quorum_roster *const roster = run->roster;
    const unsigned indices = tmldsa_session_indices(roster->key->params, &run->session);

    for (unsigned i = 0; i < indices; i++) {
        if (is_accepted(run, i)) {
            run->guilty |= tmldsa_blame(roster->key, roster->t, &run->session, run->responses,
                                        i, &x->blame);
        }
    }
}
