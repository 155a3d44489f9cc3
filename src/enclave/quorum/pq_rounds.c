/* Rounds 1 to 3 of a party's sessions: see pq_party.h. */
#include "base/secret.h"
#include "enclave/quorum/pq_party.h"

#include <string.h>

enum err pq_party_prove(struct pq_party *p, uint8_t r1[R1_MAX_LEN])
{
    uint8_t signed_part[R1_SIGNED_LEN];

    r1_offer_signed(r1, signed_part);
    return ed25519_sign(p->stack, p->identity, (struct view){signed_part, sizeof signed_part},
                        r1 + R1_MAX_LEN - R1_PROOF_LEN);
}

/* ---- round 2 ---- */

/* The signers' places, as a mask; 0: they are no quorum with this party. */
static unsigned quorum_of(const struct pq_party *p, const struct r2_head *h)
{
    unsigned act = 0;

    for (size_t i = 0; i < h->t; i++) {
        if (h->signers[i] == 0 || h->signers[i] > p->key->params->n) {
            return 0;
        }
        act |= 1U << (h->signers[i] - 1U);
    }
    return tmldsa_alloc_is_quorum(p->key->params, act) && (act >> p->share->party & 1) != 0
               ? act
               : 0;
}

/* Judgement 4 of one other signer's R1: its own word, and a batch that was in no session. */
static enum err check_offer(const struct pq_party *p, unsigned party, struct view r1,
                            const struct r1_offer *offer)
{
    uint8_t signed_part[R1_SIGNED_LEN];

    r1_offer_signed(r1.p, signed_part);
    TRY(ed25519_verify(p->stack, p->peers[party].signing_key,
                       (struct view){signed_part, sizeof signed_part}, offer->proof));
    return batch_seen_check(&p->peers[party].seen, offer->batch_id);
}

/* The offer of one signer, checked; if it is another's it is genuine. */
static enum err read_offer(const struct pq_party *p, unsigned party, struct view r1,
                           struct tmldsa_session *s)
{
    struct tmldsa_commitment *const c = &s->commitment[party][0];
    struct r1_offer offer;

    TRY(r1_offer_decode((struct view){r1.p + R1_BODY_LEN, R1_OFFER_LEN}, &offer));
    if (party != p->share->party) {
        TRY(check_offer(p, party, r1, &offer));
    }
    memcpy(c->batch_id, offer.batch_id, R1_BATCH_ID_LEN);
    memcpy(c->com, offer.com, R1_COM_LEN);
    return ERR_OK;
}

/* Those of all signers. */
static enum err read_offers(const struct pq_party *p, const struct pq_question *q,
                            struct tmldsa_session *s)
{
    struct reader r = rd_init(q->r1s);

    for (size_t i = 0; i < q->head->t; i++) {
        struct view r1;

        TRY(rd_take(&r, R1_MAX_LEN, &r1));
        TRY(read_offer(p, q->head->signers[i] - 1U, r1, s));
    }
    return rd_finish(&r);
}

/* The place of the batch that the own offer names. */
static struct pq_place *find_offered(struct pq_party *p, const struct tmldsa_commitment *c)
{
    for (size_t i = 0; i < p->pool; i++) {
        struct pq_place *const place = &p->places[i];

        if (place->state == PQ_READY && memcmp(&place->batch.commitment, c, sizeof *c) == 0) {
            return place;
        }
    }
    return NULL;
}

/* Of REVEAL or RESPOND, ours. */
static enum err sign_word(struct pq_party *p, enum quorum_round round,
                          const uint8_t x[STAMP_X_LEN], struct view body,
                          uint8_t sig[QUORUM_SIG_LEN], struct quorum_word *word)
{
    uint8_t signed_part[QUORUM_SIGNED_LEN];

    *word = (struct quorum_word){.index = (uint8_t)(p->share->party + 1),
                                 .body = body,
                                 .signature = {sig, QUORUM_SIG_LEN}};
    quorum_word_signed(round, x, word, signed_part);
    return ed25519_sign(p->stack, p->identity, (struct view){signed_part, sizeof signed_part},
                        sig);
}

/* From here on the batch is this session's, whatever happens. */
static enum err bind(struct pq_party *p, struct pq_place *place, uint8_t sig[QUORUM_SIG_LEN],
                     struct quorum_word *word)
{
    const struct tmldsa_session *const s = &place->session;
    struct view w = {NULL, 0};
    enum err e = tmldsa_batch_reserve(&place->batch, s->id);

    place->state = PQ_OPEN;
    for (unsigned i = 0; i < p->key->params->n; i++) {
        if ((s->act >> i & 1) != 0 && i != p->share->party) {
            batch_seen_add(&p->peers[i].seen, s->commitment[i][0].batch_id);
        }
    }
    if (e == ERR_OK) {
        e = tmldsa_batch_reveal(p->key->params, &place->batch, s->id, &w);
    }
    if (e == ERR_OK) {
        e = sign_word(p, QUORUM_REVEAL, s->id, w, sig, word);
    }
    if (e != ERR_OK) {
        pq_place_empty(p, place);
    }
    return e;
}

static enum err open_session(struct pq_party *p, int64_t now_ns, const struct pq_question *q,
                             uint8_t sig[QUORUM_SIG_LEN], struct quorum_word *word)
{
    const unsigned act = quorum_of(p, q->head);
    struct tmldsa_session s = {.act = (uint8_t)act, .batches = 1};
    struct pq_place *place;

    if (p->counts.repetitions >= p->repetitions_refuse) {
        return ERR_STATE;
    }
    if (act == 0) {
        return ERR_QUORUM;
    }
    memcpy(s.id, q->x, TMLDSA_SESSION_ID_LEN);
    memcpy(s.mu, q->mu, MLDSA_MU_LEN);
    TRY(read_offers(p, q, &s));
    place = find_offered(p, &s.commitment[p->share->party][0]);
    if (place == NULL) {
        return ERR_STALE;
    }
    place->since_ns = now_ns;
    place->session = s;
    return bind(p, place, sig, word);
}

enum err pq_party_open(struct pq_party *p, int64_t now_ns, const struct pq_question *q,
                       uint8_t sig[QUORUM_SIG_LEN], struct quorum_word *word)
{
    enum err e;

    *word = (struct quorum_word){0};
    e = open_session(p, now_ns, q, sig, word);
    p->counts.opened += e == ERR_OK;
    p->counts.refused += e != ERR_OK;
    return e;
}

/* ---- round 3 ---- */

static struct pq_place *find_session(struct pq_party *p, const uint8_t x[STAMP_X_LEN])
{
    for (size_t i = 0; i < p->pool; i++) {
        struct pq_place *const place = &p->places[i];

        if (place->state == PQ_OPEN && memcmp(place->session.id, x, STAMP_X_LEN) == 0) {
            return place;
        }
    }
    return NULL;
}

/* Whether the REVEALs are those of all other signers, each genuine. */
static enum err check_reveals(const struct pq_party *p, const struct tmldsa_session *s,
                              const struct r3 *m)
{
    unsigned from = 1U << p->share->party;

    for (size_t i = 0; i < m->n; i++) {
        from |= 1U << (m->reveals[i].index - 1U);
    }
    if (m->n + 1 != p->key->params->t || from != s->act) {
        return ERR_QUORUM;
    }
    for (size_t i = 0; i < m->n; i++) {
        const struct quorum_word *const word = &m->reveals[i];
        uint8_t signed_part[QUORUM_SIGNED_LEN];

        quorum_word_signed(QUORUM_REVEAL, s->id, word, signed_part);
        TRY(ed25519_verify(p->stack, p->peers[word->index - 1].signing_key,
                           (struct view){signed_part, sizeof signed_part}, word->signature.p));
    }
    return ERR_OK;
}

static struct pq_answer *free_answer(struct pq_party *p)
{
    for (size_t i = 0; i < PQ_ANSWERS_MAX; i++) {
        if (!p->answers[i].busy) {
            return &p->answers[i];
        }
    }
    return NULL;
}

enum err pq_party_take(struct pq_party *p, const struct r3 *m, struct pq_answer **answer)
{
    const size_t len = tmldsa_pack_batch_len(p->key->params);
    struct pq_place *const place = find_session(p, m->x);
    struct pq_answer *const a = free_answer(p);

    *answer = NULL;
    if (place == NULL) {
        return ERR_STALE;
    }
    TRY(check_reveals(p, &place->session, m));
    if (a == NULL) {
        return ERR_NOSPACE;
    }
    for (size_t i = 0; i < m->n; i++) {
        uint8_t *const room = a->reveals + i * len;

        memcpy(room, m->reveals[i].body.p, len);
        place->session.w[m->reveals[i].index - 1][0] = (struct view){room, len};
    }
    place->state = PQ_ANSWERING;
    a->busy = true;
    a->place = place;
    *answer = a;
    return ERR_OK;
}

bool pq_party_give_back(struct pq_party *p, uint32_t lane, const uint8_t x[STAMP_X_LEN])
{
    struct pq_place *const place = find_session(p, x);

    if (place == NULL || place->lane != lane) {
        return false;
    }
    pq_place_empty(p, place);
    p->counts.given_back++;
    return true;
}

void pq_answer_make(const struct pq_party *p, struct tmldsa_respond_scratch *scratch,
                    struct pq_answer *a)
{
    struct tmldsa_batch *const own[1] = {&a->place->batch};

    a->err = tmldsa_respond(p->key, p->share, &a->place->session, own, scratch, a->out,
                            &a->response, &a->culprit);
}

enum err pq_party_answered(struct pq_party *p, struct pq_answer *a, uint8_t sig[QUORUM_SIG_LEN],
                           struct quorum_word *word)
{
    enum err e = a->place->doomed ? ERR_STATE : a->err;

    *word = (struct quorum_word){0};
    if (a->err == ERR_OK) { /* computed is answered: what counts may only be too high */
        p->counts.repetitions += p->key->params->repetitions;
    }
    if (e == ERR_OK) {
        e = sign_word(p, QUORUM_RESPOND, a->place->session.id, a->response, sig, word);
    }
    p->counts.answered += e == ERR_OK;
    pq_place_empty(p, a->place);
    a->place = NULL;
    return e;
}

void pq_party_release(struct pq_party *p, struct pq_answer *a)
{
    wipe(a->out, tmldsa_respond_max(p->key->params, 1));
    a->response = (struct view){NULL, 0};
    a->busy = false;
}
