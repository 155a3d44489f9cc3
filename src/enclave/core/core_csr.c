#include "enclave/core/core_csr.h"

#include "enclave/core/core_ceremony.h"
#include "enclave/core/core_parts.h"
#include "enclave/core/core_presign.h"
#include "enclave/core/core_quorum.h"
#include "format/csr_info.h"
#include "wire/csr_ask.h"

#include <string.h>

bool core_csr_waits(const struct core *c, uint8_t key)
{
    return c->state == CORE_WAITING && key != KEY_DUAL && !c->certs[key - 1].active;
}

/* This core's place among the signers; ask->t: it is none of them. */
static size_t own_place(const struct core *c, const struct csr_ask *ask)
{
    size_t at = 0;

    while (at < ask->t && ask->signers[at] != c->index) {
        at++;
    }
    return at;
}

/* The own body names an R1 of ours that is open. It is used now. */
static enum err use_own(struct core *c, const struct csr_ask *ask)
{
    const size_t at = own_place(c, ask);
    const size_t each = r1_len(ask->key, ask->t);
    int64_t opened_ns = 0;

    if (at == ask->t) {
        return ERR_QUORUM;
    }
    TRY(r1_table_use(&c->r1, (struct view){ask->r1s.p + at * each, each}, &opened_ns));
    return c->now.mono_ns - opened_ns <= R1_LIFE_NS ? ERR_OK : ERR_STALE;
}

/* This epoch, a key of ours, T members. Their order is csr_ask_x()'s to check. */
static enum err check_signers(const struct core *c, const struct csr_ask *ask)
{
    if (memcmp(ask->epoch_id, c->epoch_id, EPOCH_ID_LEN) != 0 ||
        (ask->key == KEY_PQ && !c->has_pq) || ask->t != c->threshold[ask->key - 1] ||
        ask->signers[ask->t - 1] > c->total) {
        return ERR_QUORUM;
    }
    return ERR_OK;
}

/* The own bytes, from fields alone; then what the key signs of them. */
static enum err digest_of(const struct core *c, const struct csr_ask *ask,
                          uint8_t digest[SIGN_DIGEST_LEN])
{
    const bool pq = ask->key == KEY_PQ;
    const struct csr_fields f = {
        .alg = pq ? SIGN_ML_DSA_65 : SIGN_ECDSA_P384_SHA384,
        .subject = ask->subject,
        .epoch_id = c->epoch_id,
        .public_key = pq ? (struct view){c->public.pq, PQ_PUBLIC_LEN}
                         : (struct view){c->public.classic, P384_PUBLIC_LEN},
    };
    uint8_t bytes[CSR_INFO_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view info;

    if (csr_info_write(&w, &f) != ERR_OK) {
        return ERR_POLICY;
    }
    TRY(wr_finish(&w, &info));
    if (pq) {
        return mldsa_mu(mldsa_best(), c->certs[KEY_PQ - 1].tr, (struct view){NULL, 0}, info,
                        digest);
    }
    hash_once(HASH_SHA384, info, digest);
    return ERR_OK;
}

/* x is then the session id, and digest what the key signs: SHA-384 of CertificationRequestInfo,
 * or ML-DSA's mu of it with an empty context. */
static enum err judge(struct core *c, const struct csr_ask *ask, uint8_t x[STAMP_X_LEN],
                      uint8_t digest[SIGN_DIGEST_LEN])
{
    const enum err used = use_own(c, ask); /* whatever follows: one R1 serves once */
    uint8_t *const last = &c->csr_attempts[ask->key - 1];

    TRY(check_signers(c, ask));
    if (!core_csr_waits(c, ask->key)) {
        return ERR_STATE;
    }
    TRY(used);
    TRY(csr_ask_x(ask, x));
    if (ask->attempt <= *last) {
        return ERR_STALE;
    }
    TRY(digest_of(c, ask, digest));
    *last = ask->attempt;
    core_ceremony_use(c);
    return ERR_OK;
}

static enum err sign_alone(struct core *c, const struct core_call *call,
                           const struct csr_ask *ask, struct sign_batch **batch)
{
    struct sign_batch *const b = jobs_get(&c->jobs, ask->key);
    uint8_t x[STAMP_X_LEN];
    enum err e;

    if (b == NULL) {
        return ERR_NOSPACE;
    }
    e = judge(c, ask, x, b->jobs[0].digest);
    if (e != ERR_OK) {
        jobs_put(&c->jobs, b);
        return e;
    }
    b->csr = true;
    b->request_id = call->head.request_id;
    b->lane = call->lane;
    b->n = 1;
    b->n_jobs = 1;
    c->counts.jobs_busy++;
    core_audit(c, AUDIT_CSR_SIGNED, ask->key, ask->attempt);
    *batch = b;
    return ERR_OK;
}

static enum err sign_with_others(struct core *c, const struct csr_ask *ask, struct writer *w)
{
    struct r2_head head = {.key = ask->key, .t = ask->t};
    uint8_t mu[SIGN_DIGEST_LEN];
    uint8_t x[STAMP_X_LEN];
    const struct pq_question q = {&head, ask->r1s, x, mu};

    memcpy(head.signers, ask->signers, sizeof head.signers);
    TRY(judge(c, ask, x, mu));
    wr_u8(w, 1);
    if (core_quorum_open(c, &q, w) == ERR_OK) {
        core_audit(c, AUDIT_CSR_SIGNED, ask->key, ask->attempt);
    }
    return ERR_OK;
}

/* The same of the shared classic key: one round, out of the pool. */
static enum err sign_presigned(struct core *c, const struct csr_ask *ask, struct writer *w)
{
    struct r2_head head = {.key = ask->key, .t = ask->t};
    uint8_t digest[SIGN_DIGEST_LEN];
    uint8_t x[STAMP_X_LEN];
    const struct core_presign_ask question = {&head, ask->r1s, ask->presign.p, digest};
    struct tecdsa_answer answer;
    uint8_t r[TECDSA_SCALAR_LEN];

    memcpy(head.signers, ask->signers, sizeof head.signers);
    TRY(judge(c, ask, x, digest));
    TRY(core_presign_answer(c, &question, &answer, r));
    core_audit(c, AUDIT_CSR_SIGNED, ask->key, ask->attempt);
    wr_bytes(w, &answer, sizeof answer);
    return ERR_OK;
}

enum err core_csr_sign(struct core *c, const struct core_call *call, struct writer *w,
                       struct sign_batch **batch)
{
    struct csr_ask ask;

    TRY(csr_ask_decode(call->body, &ask));
    core_look_at_clock(c); /* how old the R1 is */
    if (ask.t == 1) {
        return sign_alone(c, call, &ask, batch);
    }
    return stamp_is_presigned(ask.key, ask.t) ? sign_presigned(c, &ask, w)
                                              : sign_with_others(c, &ask, w);
}

void core_csr_finish(struct core *c, struct sign_batch *b, struct writer *w)
{
    struct sign_job *const job = &b->jobs[0];

    if (job->err == ERR_OK) {
        const size_t mark = frame_begin(w, FRAME_SIGN_CSR | FRAME_ANSWER, b->request_id);

        wr_bytes(w, jobs_signature(b, job), stamp_signature_len(b->key));
        frame_end(w, mark);
    } else {
        frame_write_error(w, b->request_id, job->err);
    }
    c->counts.jobs_busy--;
    jobs_put(&c->jobs, b);
}
