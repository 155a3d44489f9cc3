#include "host/csr/csr_quorum.h"

#include "crypto/tmldsa/tmldsa_alloc.h"

#include <stdlib.h>
#include <string.h>

#define ALIGN 64

/* What one call works on. */
struct work {
    struct quorum_scratch quorum;
    struct csr_scratch csr;
    struct quorum_run run;
    struct coord_job job;
    uint8_t mu[MLDSA_MU_LEN];
    uint8_t *room, *question;
    size_t question_max;
};

static void *room_for(size_t n)
{
    return aligned_alloc(ALIGN, (n + ALIGN - 1) / ALIGN * ALIGN);
}

static void work_free(struct work *w)
{
    if (w != NULL) {
        free(w->room);
        free(w->question);
        free(w);
    }
}

static struct work *work_new(const struct tmldsa_params *p)
{
    struct work *const w = room_for(sizeof *w);

    if (w == NULL) {
        return NULL;
    }
    memset(w, 0, sizeof *w);
    w->question_max = quorum_run_ask_max(p);
    w->room = room_for(quorum_run_room(p));
    w->question = room_for(w->question_max);
    if (w->room == NULL || w->question == NULL) {
        work_free(w);
        return NULL;
    }
    return w;
}

static struct csr_key key_of(const struct csr_quorum *q)
{
    return (struct csr_key){KEY_PQ, q->roster->epoch_id, q->public_key};
}

/* The same whatever the session is: a request has no time. */
static enum err give_mu(const struct coord_job *job, uint8_t *mu)
{
    const struct work *const w = job->user;

    memcpy(mu, w->mu, MLDSA_MU_LEN);
    return ERR_OK;
}

static enum err fix_mu(const struct csr_quorum *q, struct work *w)
{
    const struct tmldsa_public_key *const key = q->roster->key;
    const struct csr_key k = key_of(q);
    uint8_t bytes[CSR_INFO_MAX];
    struct view info;

    TRY(csr_key_info(&k, bytes, &info));
    return mldsa_mu(key->key.path, key->key.tr, (struct view){NULL, 0}, info, w->mu);
}

/* ---- who ---- */

/* T of those that are left, another choice for each turn; 0: there are not so many. */
static unsigned choose(const struct csr_quorum *q, unsigned turn)
{
    const struct tmldsa_params *const p = q->roster->key->params;
    const unsigned out = q->guilty | q->missing;
    unsigned act = 0;
    unsigned n = 0;

    for (unsigned i = 0; i < p->n && n < p->t; i++) {
        const unsigned party = (turn + i) % p->n;

        if ((out >> party & 1) == 0) {
            act |= 1U << party;
            n++;
        }
    }
    return n == p->t ? act : 0;
}

/* ---- one session ---- */

/* One signer of this phase. */
static enum err ask_one(struct csr_quorum *q, struct work *w, size_t at)
{
    const unsigned party = quorum_run_party(&w->run, at);
    struct writer qw = wr_init(w->question, w->question_max);
    const enum frame_type type = quorum_run_ask(&w->run, at, &qw);
    struct view question;
    struct view answer;
    enum err e;

    TRY(wr_finish(&qw, &question));
    e = q->ask(q->user, party, type, question, &answer);
    if (e == ERR_IO || e == ERR_DEADLINE) {
        q->missing |= 1U << party;
    }
    TRY(e);
    e = quorum_run_take(&w->run, at, answer, &w->quorum);
    q->guilty |= w->run.guilty;
    if (err_class(e) == 0x01 || err_class(e) == 0x04) { /* no answer to this question */
        q->missing |= 1U << party;
    }
    return e;
}

static enum err ask_all(struct csr_quorum *q, struct work *w)
{
    if (w->run.phase == QUORUM_ASK_R2) {
        q->attempts = w->run.csr.attempt;
    }
    for (size_t at = 0; at < w->run.head.t; at++) {
        TRY(ask_one(q, w, at));
    }
    return ERR_OK;
}

/* Whatever ends it early is an error; what it has found stands in w->run. */
static enum err session(struct csr_quorum *q, struct work *w)
{
    while (w->run.phase != QUORUM_OVER) {
        TRY(ask_all(q, w));
        TRY(quorum_run_next(&w->run, &w->quorum));
        q->guilty |= w->run.guilty;
    }
    return ERR_OK;
}

/* Sessions until one signs. */
static enum err sign(struct csr_quorum *q, struct work *w)
{
    for (unsigned turn = 0;; turn++) {
        const unsigned act = choose(q, turn);
        const uint8_t attempt = (uint8_t)(q->attempts + 1);
        uint8_t sid0[SID0_LEN];

        if (act == 0) {
            return ERR_QUORUM;
        }
        if (attempt > CSR_ATTEMPTS_MAX || q->early_end == CSR_EARLY_ENDS_MAX) {
            return ERR_STATE;
        }
        TRY(q->entropy->fill(q->entropy->self, sid0, sizeof sid0));
        quorum_run_begin_csr(&w->run, q->roster, &w->job, act, sid0, CSR_SUBJECT_TSA, attempt);
        if (session(q, w) != ERR_OK && q->attempts < attempt) {
            q->early_end++;
            q->pause(q->user, CSR_PAUSE_MS);
        }
        if (w->run.found) {
            return ERR_OK;
        }
    }
}

enum err csr_quorum_sign(struct csr_quorum *q, struct writer *pem)
{
    struct work *const w = work_new(q->roster->key->params);
    const struct csr_key k = key_of(q);
    enum err e = w != NULL ? fix_mu(q, w) : ERR_NOSPACE;

    q->guilty = 0;
    q->missing = 0;
    q->attempts = 0;
    q->early_end = 0;
    if (e == ERR_OK) {
        w->run.room = w->room;
        w->job = (struct coord_job){.key = KEY_PQ, .to_sign = give_mu, .user = w};
        e = sign(q, w);
    }
    if (e == ERR_OK) {
        e = csr_key_pem(&k, (struct view){w->job.signature, w->job.signature_len}, &w->csr,
                        pem);
    }
    work_free(w);
    return e;
}
