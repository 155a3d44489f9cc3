/* What leaves a ceremony: signed messages, complaints, its end. */
#include "base/secret.h"
#include "enclave/ceremony/ceremony_parts.h"

#include <string.h>

enum err ceremony_sign(const struct ceremony_call *call, struct ceremony_msg *m, uint8_t *whole,
                       size_t cap, size_t *n)
{
    struct ceremony_msg named = *m;
    uint8_t signature[P384_SIG_LEN];
    uint8_t digest[P384_DIGEST_LEN];
    struct writer w = wr_init(whole, cap);
    struct view out;

    ceremony_msg_digest(call->c->known.epoch_id, m, digest);
    TRY(p384_sign(call->tools->signer, call->tools->identity, digest, signature));
    ceremony_msg_lower(signature);
    named.signature = (struct view){signature, sizeof signature};
    ceremony_msg_encode(&w, &named);
    TRY(wr_finish(&w, &out));
    m->signature = (struct view){&whole[out.n - sizeof signature], sizeof signature};
    *n = out.n;
    return ERR_OK;
}

enum err ceremony_keep(struct ceremony *c, const struct ceremony_msg *m)
{
    struct writer w = wr_init(&c->store[c->stored], sizeof c->store - c->stored);
    struct view whole;
    struct reader r;

    wr_view(&w, m->whole);
    TRY(wr_finish(&w, &whole));
    c->stored += whole.n;
    r = rd_init(whole);
    return ceremony_msg_decode(&r, &c->known.msg[m->round][m->sender]);
}

/* Signs and writes to out, and keeps what is to all. */
static enum err send(const struct ceremony_call *call, struct ceremony_msg *m)
{
    struct writer *out = call->out;
    const size_t at = out->len;
    size_t n = 0;

    TRY(ceremony_sign(call, m, &out->p[at], out->cap - at, &n));
    out->len += n;
    m->whole = (struct view){&out->p[at], n};
    return m->to == CEREMONY_TO_ALL && m->round < CEREMONY_ROUNDS ? ceremony_keep(call->c, m)
                                                                  : ERR_OK;
}

void ceremony_send(const struct ceremony_call *call, uint8_t round, uint8_t to,
                   struct view body)
{
    struct ceremony_msg m = {.round = round, .sender = call->c->own, .to = to, .body = body};
    const enum err e = send(call, &m);

    if (e != ERR_OK) {
        const struct ceremony_end end = {CEREMONY_OWN_FAULT, call->c->own, call->c->own, false};

        ceremony_end(call, &end);
    }
}

void ceremony_send_written(const struct ceremony_call *call, uint8_t round, struct writer *w)
{
    struct view body;

    if (wr_finish(w, &body) == ERR_OK) {
        ceremony_send(call, round, CEREMONY_TO_ALL, body);
    } else {
        ceremony_abort(call, CEREMONY_OWN_FAULT, call->c->own);
    }
}

void ceremony_forget(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;

    tmldsa_batch_destroy(c->known.rules.params, &c->test.batch);
    wipe(&c->test, sizeof c->test);
    wipe(call->tools->room, ceremony_test_room(c->known.rules.params));
    wipe(&c->secrets, sizeof c->secrets);
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        pq1_wipe(&c->channels[i]);
    }
}

void ceremony_end(const struct ceremony_call *call, const struct ceremony_end *end)
{
    struct ceremony *c = call->c;

    c->state = CEREMONY_ABORTED;
    c->end = *end;
    ceremony_forget(call);
    wipe(&c->share, sizeof c->share);
    wipe(&c->classic_share, sizeof c->classic_share);
}

void ceremony_abort(const struct ceremony_call *call, uint8_t reason, uint8_t accused)
{
    const struct ceremony_abort abort = {reason, accused};
    const struct ceremony_end end = {reason, accused, call->c->own, false};
    uint8_t body[2];
    struct writer w = wr_init(body, sizeof body);
    struct view v;

    ceremony_abort_encode(&w, &abort);
    if (wr_finish(&w, &v) == ERR_OK) {
        ceremony_send(call, CEREMONY_ABORT, CEREMONY_TO_ALL, v);
    }
    ceremony_end(call, &end);
}

static void send_complaint(const struct ceremony_call *call, uint8_t reason, uint8_t accused,
                           const struct ceremony_msg *proof, size_t n)
{
    struct ceremony_complaint complaint = {.reason = reason, .accused = accused, .n = n};
    struct writer w = wr_init(call->c->body, sizeof call->c->body);
    struct view v;

    for (size_t i = 0; i < n; i++) {
        complaint.proof[i] = proof[i];
    }
    ceremony_complaint_encode(&w, &complaint);
    if (wr_finish(&w, &v) == ERR_OK) {
        ceremony_send(call, CEREMONY_COMPLAINT, CEREMONY_TO_ALL, v);
    }
}

void ceremony_complain(const struct ceremony_call *call, uint8_t reason, uint8_t accused,
                       const struct ceremony_msg *proof, size_t n)
{
    const struct ceremony_end end = {reason, accused, call->c->own, true};

    send_complaint(call, reason, accused, proof, n);
    ceremony_end(call, &end);
}

void ceremony_dispute(const struct ceremony_call *call, const struct ceremony_msg *original,
                      const struct ceremony_msg *voucher)
{
    const struct ceremony_msg proof[2] = {*original, *voucher};

    send_complaint(call, CEREMONY_DISPUTE, voucher->sender, proof, 2);
    if (ceremony_runs(call)) {
        call->c->state = CEREMONY_DISPUTED;
        call->c->disputed = voucher->sender;
    }
}
