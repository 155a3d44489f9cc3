#include "enclave/core/core_rounds.h"

#include "enclave/core/core_answer.h"
#include "enclave/core/core_csr.h"
#include "enclave/core/core_parts.h"
#include "enclave/core/core_presign.h"
#include "enclave/core/core_quorum.h"

#include <string.h>

/* ---- R1 ---- */

static enum err check_r1(struct core *c, uint32_t lane, const struct r1_ask *ask)
{
    const size_t n = ask->sid0.n / SID0_LEN;
    const bool csr = core_csr_waits(c, ask->key);

    TRY(csr ? c->now.err : core_standing(c));
    if (!core_is_ours(c, ask->epoch_id, ask->key)) {
        return ERR_QUORUM;
    }
    if (!csr && !core_key_active(c, ask->key)) {
        return ERR_STATE; /* a key that no policy uses */
    }
    core_expire(c);
    if (stamp_has_offers(ask->key, core_threshold(c, ask->key))) {
        TRY(core_quorum_room(c, lane, n));
    }
    return r1_table_room(&c->r1, lane) >= n ? ERR_OK : ERR_NOSPACE;
}

/* One R1: b, and what follows it where several sign. There is room for it, see above. */
static enum err promise(struct core *c, uint32_t lane, const struct r1_body *b,
                        struct writer *w)
{
    const uint8_t t = core_threshold(c, b->key);
    const size_t len = r1_len(b->key, t);
    uint8_t r1[R1_MAX_LEN];
    struct writer bw = wr_init(r1, sizeof r1);

    r1_body_encode(&bw, b);
    if (stamp_has_offers(b->key, t)) {
        TRY(core_quorum_offer(c, lane, r1));
    } else if (stamp_is_presigned(b->key, t)) {
        TRY(core_presign_prove(c, r1));
    }
    TRY(r1_table_open(&c->r1, lane, c->now.mono_ns, (struct view){r1, len}));
    wr_bytes(w, r1, len);
    return ERR_OK;
}

/* Promises the time of now, once for each sid0. */
static enum err open_r1(struct core *c, uint32_t lane, const struct r1_ask *ask,
                        struct writer *w)
{
    static const size_t each = R1_ID_LEN + R1_PART_LEN;
    const size_t n = ask->sid0.n / SID0_LEN;
    uint8_t random[STAMP_BATCH_MAX * (R1_ID_LEN + R1_PART_LEN)];
    struct r1_body b = {.key = ask->key, .index = c->index};

    TRY(check_r1(c, lane, ask));
    TRY(core_random(c, random, n * each));
    memcpy(b.epoch_id, c->epoch_id, EPOCH_ID_LEN);
    b.lo_ns = c->now.lo_ns;
    b.hi_ns = c->now.hi_ns;
    wr_u8(w, (uint8_t)n);
    for (size_t i = 0; i < n; i++) {
        memcpy(b.sid0, ask->sid0.p + i * SID0_LEN, SID0_LEN);
        memcpy(b.r1_id, random + i * each, R1_ID_LEN);
        memcpy(b.part, random + i * each + R1_ID_LEN, R1_PART_LEN);
        TRY(promise(c, lane, &b, w));
    }
    own_clock_give(&c->clock, &c->now);
    c->counts.r1_opened += n;
    return ERR_OK;
}

enum err core_rounds_r1(struct core *c, const struct core_call *call, struct writer *w)
{
    struct r1_ask ask;

    TRY(r1_ask_decode(call->body, &ask));
    core_look_at_clock(c);
    return open_r1(c, call->lane, &ask, w);
}

/* ---- R2 ---- */

/* The whole frame, before any of it has an effect. */
static enum err decode_r2(struct view body, struct r2_head *h,
                          struct r2_stamp stamps[STAMP_BATCH_MAX])
{
    struct reader r = rd_init(body);

    TRY(r2_head_decode(&r, h));
    for (size_t i = 0; i < h->n; i++) {
        TRY(r2_stamp_decode(&r, h, &stamps[i]));
    }
    return rd_finish(&r);
}

/* Judges one stamp and prepares a job for each key of its policy. */
static enum err prepare(struct core *c, const struct judge *j, const struct r2_head *h,
                        const struct r2_stamp *s, struct sign_job *job)
{
    const struct boot_policy *policy;
    struct stamp st;

    TRY(judge_stamp(j, h, s, &policy, &st));
    for (enum core_key key = KEY_CLASSIC; key <= KEY_PQ; key++) {
        if (!core_key_takes(policy->key, key)) {
            continue;
        }
        TRY(stamping_digest(&st, s, policy, c->certs, key, job->digest));
        job++;
    }
    return ERR_OK;
}

static void activation_of(const struct core *c, uint8_t key, uint8_t out[ACTIVATION_HASH_LEN])
{
    if (key == KEY_DUAL) {
        activation_dual(c->certs[KEY_CLASSIC - 1].activation, c->certs[KEY_PQ - 1].activation,
                        out);
    } else {
        memcpy(out, c->certs[key - 1].activation, ACTIVATION_HASH_LEN);
    }
}

struct judge core_judge(struct core *c, uint8_t key, uint8_t activation[ACTIVATION_HASH_LEN])
{
    struct judge j = {.epoch_id = c->epoch_id,
                      .activation = activation,
                      .key = key,
                      .index = c->index,
                      .threshold = core_threshold(c, key),
                      .total = c->total,
                      .policies = c->args->policies,
                      .n_policies = c->args->n_policies,
                      .r1 = &c->r1,
                      .ordered_ms = &c->ordered_ms,
                      .now = c->now};

    activation_of(c, key, activation);
    /* A draining core keeps the promises that it gave. */
    j.standing = c->state == CORE_DRAINING && core_is_active(c) ? c->now.err : core_standing(c);
    if (j.standing == ERR_OK && !core_key_active(c, key)) {
        j.standing = ERR_QUORUM; /* a key that does not exist, or that no policy uses */
    }
    return j;
}

static void judge_all(struct core *c, const struct r2_head *h, struct sign_batch *b)
{
    uint8_t activation[ACTIVATION_HASH_LEN];
    const struct judge j = core_judge(c, h->key, activation);

    b->n = h->n;
    for (size_t i = 0; i < h->n; i++) {
        b->errs[i] = prepare(c, &j, h, &c->stamps[i], &b->jobs[b->n_jobs]);
        if (b->errs[i] == ERR_OK) {
            b->n_jobs += jobs_each(h->key);
        } else {
            core_refused(c, b->errs[i]);
        }
    }
}

enum err core_rounds_r2(struct core *c, const struct core_call *call, struct writer *w,
                        struct sign_batch **batch)
{
    struct r2_head h;
    struct sign_batch *b;

    TRY(decode_r2(call->body, &h, c->stamps));
    if (stamp_has_offers(h.key, h.t)) {
        core_look_at_clock(c); /* afresh: the imprint is here now */
        core_quorum_r2(c, &h, w);
        return ERR_OK;
    }
    if (stamp_is_presigned(h.key, h.t)) {
        core_look_at_clock(c);
        core_presign_r2(c, &h, w);
        return ERR_OK;
    }
    b = jobs_get(&c->jobs, h.key);
    if (b == NULL) {
        return ERR_NOSPACE;
    }
    b->request_id = call->head.request_id;
    b->lane = call->lane;
    core_look_at_clock(c); /* afresh: the imprints are here now */
    judge_all(c, &h, b);
    c->counts.jobs_busy += b->n_jobs;
    *batch = b;
    return ERR_OK;
}

void core_rounds_finish(struct core *c, struct sign_batch *b, struct writer *w)
{
    const size_t mark = frame_begin(w, FRAME_R2 | FRAME_ANSWER, b->request_id);
    size_t at = 0;

    wr_u8(w, (uint8_t)b->n);
    for (size_t i = 0; i < b->n; i++) {
        struct r2_result r = {.err = b->errs[i]};

        if (r.err == ERR_OK) {
            struct sign_job *const job = &b->jobs[at];

            at += jobs_each(b->key);
            r.err = job->err != ERR_OK ? job->err : b->jobs[at - 1].err;
            r.signature = (struct view){jobs_signature(b, job), stamp_signature_len(b->key)};
            c->counts.stamps_signed += r.err == ERR_OK;
            if (r.err != ERR_OK) {
                core_refused(c, r.err);
            }
        }
        r2_result_encode(w, &r);
    }
    frame_end(w, mark);
    c->counts.jobs_busy -= b->n_jobs;
    jobs_put(&c->jobs, b);
}
