#include "host/csr/csr_classic.h"

#include "host/coord/classic_pool.h"
#include "host/coord/classic_promise.h"
#include "wire/csr_ask.h"
#include "wire/presign_call.h"

#include <stdlib.h>
#include <string.h>

#define ALIGN 64
#define QUESTION_MAX 1024 /* bytes of the longest: SIGN_CSR of three */

/* What one call works on. */
struct work {
    struct csr_scratch csr;
    struct classic_pool pool;
    struct classic_ask r1s;
    struct classic_record record;
    unsigned s; /* the three */
    unsigned turn;
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t signature[P384_SIG_LEN];
    uint8_t question[QUESTION_MAX];
    size_t question_n;
};

static struct csr_key key_of(const struct csr_classic *q)
{
    return (struct csr_key){
        KEY_CLASSIC, q->roster->epoch_id, {q->roster->classic_key, P384_PUBLIC_LEN}};
}

static enum err fix_digest(const struct csr_classic *q, struct work *w)
{
    const struct csr_key k = key_of(q);
    uint8_t bytes[CSR_INFO_MAX];
    struct view info;

    TRY(csr_key_info(&k, bytes, &info));
    hash_once(HASH_SHA384, info, w->digest);
    return ERR_OK;
}

static enum err ask(const struct csr_classic *q, struct work *w, unsigned party,
                    enum frame_type type, struct view *answer)
{
    return q->ask(q->user, party, type, (struct view){w->question, w->question_n}, answer);
}

/* ---- which presignature ---- */

/* All that a core has made. */
static enum err list(const struct csr_classic *q, struct work *w, unsigned party)
{
    struct writer qw = wr_init(w->question, sizeof w->question);
    struct presign_list rows;
    struct view answer;

    presign_since_encode(&qw, 1);
    w->question_n = qw.len;
    TRY(ask(q, w, party, FRAME_PRESIGN_LIST, &answer));
    TRY(presign_list_decode(answer, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        struct presign_listed row;

        presign_list_row(&rows, i, &row);
        (void)classic_pool_list(&w->pool, party, row.triple, row.id, row.r, 1);
    }
    return ERR_OK;
}

/* One that three have, of another triple for each turn. ERR_NOSPACE: there is none. */
static enum err find(const struct csr_classic *q, struct work *w)
{
    classic_pool_init(&w->pool, q->roster->plan->total);
    for (unsigned i = 0; i < q->roster->plan->total; i++) {
        if (list(q, w, i) != ERR_OK) {
            classic_pool_forget(&w->pool, i);
        }
    }
    for (unsigned i = 0; i < w->pool.n_triples; i++) {
        const unsigned t = (w->turn + i) % w->pool.n_triples;
        const struct classic_record *const picked = classic_pool_pick(&w->pool, t, 0);

        if (picked != NULL) {
            w->turn = t + 1;
            w->s = w->pool.shelves[t].s;
            w->record = *picked;
            return ERR_OK;
        }
    }
    return ERR_NOSPACE;
}

/* ---- one session ---- */

static enum err promise(const struct csr_classic *q, struct work *w)
{
    struct classic_promise *const p = &w->r1s.promises[0];
    struct writer qw = wr_init(w->question, sizeof w->question);

    w->r1s.n = 1;
    w->r1s.answered = 0;
    TRY(q->entropy->fill(q->entropy->self, p->sid0, sizeof p->sid0));
    classic_ask_encode(&w->r1s, q->roster->epoch_id, &qw);
    w->question_n = qw.len;
    for (unsigned place = 0; place < TECDSA_T; place++) {
        const unsigned party = classic_party(w->s, place);
        struct view answer;

        TRY(ask(q, w, party, FRAME_R1, &answer));
        TRY(classic_ask_take(&w->r1s, q->roster->epoch_id, place, party, answer));
    }
    return ERR_OK;
}

static void write_question(const struct csr_classic *q, struct work *w)
{
    const struct classic_promise *const p = &w->r1s.promises[0];
    struct writer qw = wr_init(w->question, sizeof w->question);
    struct csr_ask a = {.key = KEY_CLASSIC,
                        .subject = CSR_SUBJECT_TSA,
                        .attempt = q->attempts,
                        .t = TECDSA_T,
                        .r1s = {p->r1s, sizeof p->r1s},
                        .presign = {w->record.id, sizeof w->record.id}};

    memcpy(a.epoch_id, q->roster->epoch_id, EPOCH_ID_LEN);
    memcpy(a.sid0, p->sid0, SID0_LEN);
    for (unsigned place = 0; place < TECDSA_T; place++) {
        a.signers[place] = (uint8_t)(classic_party(w->s, place) + 1);
    }
    csr_ask_encode(&qw, &a);
    w->question_n = qw.len;
}

static enum err sign(struct csr_classic *q, struct work *w)
{
    struct tecdsa_answer answers[TECDSA_T];

    q->attempts++;
    write_question(q, w);
    for (unsigned place = 0; place < TECDSA_T; place++) {
        struct view answer;

        TRY(ask(q, w, classic_party(w->s, place), FRAME_SIGN_CSR, &answer));
        if (answer.n != sizeof answers[place]) {
            return ERR_LENGTH;
        }
        memcpy(answers[place].w, answer.p, TECDSA_SCALAR_LEN);
        memcpy(answers[place].u, answer.p + TECDSA_SCALAR_LEN, TECDSA_SCALAR_LEN);
    }
    return tecdsa_online_combine(q->roster->classic_key, w->record.r, w->digest, answers,
                                 w->signature);
}

/* Sessions until one signs. */
static enum err sign_at_last(struct csr_classic *q, struct work *w)
{
    enum err e = ERR_NOSPACE;

    TRY(fix_digest(q, w));
    while (q->looks < CSR_CLASSIC_LOOKS_MAX) {
        e = find(q, w);
        e = e == ERR_OK ? promise(q, w) : e;
        if (e != ERR_OK) {
            q->looks++;
            q->pause(q->user, CSR_CLASSIC_PAUSE_MS);
            continue;
        }
        if (q->attempts == CSR_ATTEMPTS_MAX) {
            return ERR_STATE;
        }
        if (sign(q, w) == ERR_OK) {
            return ERR_OK;
        }
    }
    return e;
}

enum err csr_classic_sign(struct csr_classic *q, struct writer *pem)
{
    struct work *const w = aligned_alloc(ALIGN, (sizeof *w + ALIGN - 1) / ALIGN * ALIGN);
    const struct csr_key k = key_of(q);
    enum err e;

    q->looks = 0;
    q->attempts = 0;
    if (w == NULL) {
        return ERR_NOSPACE;
    }
    memset(w, 0, sizeof *w);
    e = sign_at_last(q, w);
    if (e == ERR_OK) {
        e = csr_key_pem(&k, (struct view){w->signature, sizeof w->signature}, &w->csr, pem);
    }
    free(w);
    return e;
}
