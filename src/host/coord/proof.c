#include "host/coord/proof.h"

#include "crypto/ed25519.h"

#include <string.h>

static const uint8_t tag[16] = "quorate-proof-v1";

static void write_word(struct writer *w, enum quorum_round round,
                       const struct quorum_word *word)
{
    wr_u8(w, (uint8_t)round);
    quorum_word_encode(w, word);
}

/* Of a wrong response all REVEALs are needed: the challenge follows from them. */
static void write_words(const struct quorum_run *run, size_t at, enum proof_kind kind,
                        struct writer *w)
{
    if (kind == PROOF_REVEAL) {
        wr_u8(w, 1);
        write_word(w, QUORUM_REVEAL, &run->reveals[at]);
        return;
    }
    wr_u8(w, (uint8_t)(run->head.t + 1));
    for (size_t i = 0; i < run->head.t; i++) {
        write_word(w, QUORUM_REVEAL, &run->reveals[i]);
    }
    write_word(w, QUORUM_RESPOND, &run->responds[at]);
}

enum err proof_write(const struct quorum_run *run, unsigned party, struct writer *w)
{
    const size_t at = quorum_run_place(run, party);
    const enum proof_kind kind = run->phase == QUORUM_ASK_R2 ? PROOF_REVEAL : PROOF_RESPOND;
    size_t mark;

    if (at == run->head.t || run->phase == QUORUM_ASK_R1 ||
        (kind == PROOF_REVEAL ? run->reveals[at].body.n : run->responds[at].body.n) == 0) {
        return ERR_STATE;
    }
    wr_bytes(w, tag, sizeof tag);
    wr_u8(w, (uint8_t)(party + 1));
    wr_u8(w, (uint8_t)kind);
    mark = w->len;
    wr_u32le(w, 0);
    r2_head_encode(w, &run->head);
    r2_stamp_encode(w, &run->stamp);
    if (!w->full) {
        struct writer length = wr_init(w->p + mark, sizeof(uint32_t));

        wr_u32le(&length, (uint32_t)(w->len - mark - sizeof(uint32_t)));
    }
    write_words(run, at, kind, w);
    return w->full ? ERR_NOSPACE : ERR_OK;
}

/* ---- reading ---- */

struct reading {
    const struct quorum_roster *roster;
    struct r2_head head;
    struct r2_stamp stamp;
    struct stamp derived;
    uint8_t accused; /* index, from 1 */
    uint8_t kind;
    bool found; /* the word that it is accused of */
};

static enum err read_session(struct reading *p, struct reader *r,
                             const struct stamp_policy *rule)
{
    uint32_t n = 0;
    struct view bytes;
    struct reader session;

    TRY(rd_u32le(r, &n));
    TRY(rd_take(r, n, &bytes));
    session = rd_init(bytes);
    TRY(r2_head_decode(&session, &p->head));
    TRY(r2_stamp_decode(&session, &p->head, &p->stamp));
    TRY(rd_finish(&session));
    if (p->head.key != KEY_PQ || p->head.t != p->roster->plan->threshold) {
        return ERR_RANGE;
    }
    if (memcmp(p->head.epoch_id, p->roster->epoch_id, EPOCH_ID_LEN) != 0) {
        return ERR_QUORUM;
    }
    return stamp_derive(&p->head, &p->stamp, rule, &p->derived);
}

/* The accused has signed its own R1. */
static enum err check_r1(const struct reading *p)
{
    uint8_t signed_part[R1_SIGNED_LEN];
    struct reader r = rd_init(p->stamp.bodies);
    struct r1_offer offer;
    struct view r1 = {0};
    size_t at = 0;

    while (at < p->head.t && p->head.signers[at] != p->accused) {
        at++;
    }
    if (at == p->head.t) {
        return ERR_MISMATCH;
    }
    for (size_t i = 0; i <= at; i++) {
        TRY(rd_take(&r, R1_MAX_LEN, &r1));
    }
    TRY(r1_offer_decode((struct view){r1.p + R1_BODY_LEN, R1_OFFER_LEN}, &offer));
    r1_offer_signed(r1.p, signed_part);
    return ed25519_verify(NULL, p->roster->plan->nodes[p->accused - 1].signing_key,
                          (struct view){signed_part, sizeof signed_part}, offer.proof);
}

static enum err check_word(struct reading *p, struct reader *r)
{
    uint8_t signed_part[QUORUM_SIGNED_LEN];
    struct quorum_word word;
    uint8_t round = 0;

    TRY(rd_u8(r, &round));
    if (round != QUORUM_REVEAL && round != QUORUM_RESPOND) {
        return ERR_RANGE;
    }
    TRY(quorum_word_decode(r, FRAME_BODY_LONG_MAX, &word));
    if (word.index > p->roster->plan->total) {
        return ERR_RANGE;
    }
    p->found = p->found || (word.index == p->accused && round == p->kind);
    quorum_word_signed((enum quorum_round)round, p->derived.x, &word, signed_part);
    return ed25519_verify(NULL, p->roster->plan->nodes[word.index - 1].signing_key,
                          (struct view){signed_part, sizeof signed_part}, word.signature.p);
}

enum err proof_check(const struct quorum_roster *roster, struct view bytes,
                     const struct stamp_policy *rule, enum proof_kind *kind, unsigned *party)
{
    struct reading p = {.roster = roster};
    struct reader r = rd_init(bytes);
    struct view head;
    uint8_t n = 0;

    TRY(rd_take(&r, sizeof tag, &head));
    if (memcmp(head.p, tag, sizeof tag) != 0) {
        return ERR_TAG;
    }
    TRY(rd_u8(&r, &p.accused));
    TRY(rd_u8(&r, &p.kind));
    if (p.accused == 0 || p.accused > roster->plan->total ||
        (p.kind != PROOF_REVEAL && p.kind != PROOF_RESPOND)) {
        return ERR_RANGE;
    }
    TRY(read_session(&p, &r, rule));
    TRY(check_r1(&p));
    TRY(rd_u8(&r, &n));
    for (uint8_t i = 0; i < n; i++) {
        TRY(check_word(&p, &r));
    }
    TRY(rd_finish(&r));
    if (!p.found) {
        return ERR_MISMATCH;
    }
    *kind = (enum proof_kind)p.kind;
    *party = p.accused - 1U;
    return ERR_OK;
}
