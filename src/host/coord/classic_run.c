#include "host/coord/classic_run.h"

#include <assert.h>
#include <string.h>

void classic_run_begin(struct classic_run *run, unsigned t, unsigned s,
                       const uint8_t epoch_id[EPOCH_ID_LEN],
                       const uint8_t activation[ACTIVATION_HASH_LEN])
{
    run->busy = true;
    run->t = t;
    run->s = s;
    run->sent = 0;
    run->answered = 0;
    run->done = 0;
    run->head = (struct r2_head){.key = KEY_CLASSIC, .t = TECDSA_T};
    for (unsigned i = 0; i < TECDSA_T; i++) {
        run->head.signers[i] = (uint8_t)(classic_party(s, i) + 1);
    }
    memcpy(run->head.epoch_id, epoch_id, EPOCH_ID_LEN);
    memcpy(run->head.activation, activation, ACTIVATION_HASH_LEN);
}

/* Views point into it. */
static struct r2_stamp stamp_of(const struct classic_stamp *x)
{
    struct r2_stamp out = {
        .bodies = {x->promise.r1s, CLASSIC_R1S_LEN},
        .hash_alg = x->hash_alg,
        .policy = x->policy,
        .hashed_message = {x->hashed_message, hash_len((enum hash_alg)x->hash_alg)},
        .nonce = {x->nonce, x->nonce_len},
        .presign = {x->record.id, STAMP_PRESIGN_LEN},
    };

    memcpy(out.sid0, x->promise.sid0, SID0_LEN);
    return out;
}

enum err classic_run_add(struct classic_run *run, struct coord_job *job,
                         const struct classic_promise *promise,
                         const struct classic_record *record)
{
    struct classic_stamp *const x = &run->stamps[run->head.n];
    struct r2_stamp stamp;

    assert(run->head.n < CLASSIC_BATCH_MAX);
    x->job = job;
    x->hash_alg = job->hash_alg;
    x->policy = job->policy;
    x->nonce_len = job->nonce_len;
    memcpy(x->hashed_message, job->hashed_message, sizeof x->hashed_message);
    memcpy(x->nonce, job->nonce, sizeof x->nonce);
    x->promise = *promise;
    x->record = *record;
    stamp = stamp_of(x);
    TRY(stamp_derive(&run->head, &stamp, &job->rule, &x->token));
    run->head.n++;
    return ERR_OK;
}

void classic_run_ask(const struct classic_run *run, struct writer *w)
{
    r2_head_encode(w, &run->head);
    for (unsigned i = 0; i < run->head.n; i++) {
        const struct r2_stamp stamp = stamp_of(&run->stamps[i]);

        r2_stamp_encode(w, &stamp);
    }
}

static enum err take_one(struct classic_stamp *x, unsigned place, struct reader *r)
{
    struct r2_result result;

    TRY(r2_result_decode(r, &result));
    x->errs[place] = result.err;
    if (result.err == ERR_OK) {
        if (result.signature.n != sizeof x->answers[0]) {
            return ERR_LENGTH;
        }
        memcpy(x->answers[place], result.signature.p, sizeof x->answers[place]);
    }
    return ERR_OK;
}

enum err classic_run_take(struct classic_run *run, unsigned place, struct view body,
                          enum err *refused)
{
    struct reader r = rd_init(body);
    unsigned answers = 0;
    uint8_t n = 0;

    *refused = ERR_OK;
    TRY(rd_u8(&r, &n));
    if (n != run->head.n) {
        return ERR_MISMATCH;
    }
    for (unsigned i = 0; i < n; i++) {
        TRY(take_one(&run->stamps[i], place, &r));
        answers += run->stamps[i].errs[place] == ERR_OK;
    }
    TRY(rd_finish(&r));
    run->answered |= 1U << place;
    *refused = answers == 0 ? run->stamps[0].errs[place] : ERR_OK;
    return ERR_OK;
}

bool classic_run_is_whole(const struct classic_run *run)
{
    return run->busy && run->answered == (1U << TECDSA_T) - 1;
}

enum err classic_run_said(const struct classic_run *run, unsigned at)
{
    for (unsigned i = 0; i < TECDSA_T; i++) {
        if (run->stamps[at].errs[i] != ERR_OK) {
            return run->stamps[at].errs[i];
        }
    }
    return ERR_OK;
}

enum err classic_run_combine(struct classic_run *run, unsigned at,
                             const uint8_t public_key[P384_PUBLIC_LEN])
{
    struct classic_stamp *const x = &run->stamps[at];
    struct tecdsa_answer answers[TECDSA_T];
    struct coord_job *const job = x->job;

    job->stamp = x->token;
    for (unsigned i = 0; i < TECDSA_T; i++) {
        memcpy(answers[i].w, x->answers[i], TECDSA_SCALAR_LEN);
        memcpy(answers[i].u, x->answers[i] + TECDSA_SCALAR_LEN, TECDSA_SCALAR_LEN);
    }
    TRY(job->to_sign(job, x->digest));
    TRY(tecdsa_online_combine(public_key, x->record.r, x->digest, answers, job->signature));
    job->signature_len = P384_SIG_LEN;
    return ERR_OK;
}

void classic_run_word(const struct classic_run *run, unsigned at, struct presign_word *out)
{
    const struct classic_stamp *const x = &run->stamps[at];

    out->triple = (uint8_t)run->s;
    memcpy(out->id, x->record.id, sizeof out->id);
    memcpy(out->r, x->record.r, sizeof out->r);
    memcpy(out->digest, x->digest, sizeof out->digest);
    memcpy(out->answers, x->answers, sizeof out->answers);
}
