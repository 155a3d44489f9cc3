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

const struct hello_policy *proof_policy(const struct plan *plan, uint8_t number)
{
    for (size_t i = 0; i < plan->n_policies; i++) {
        if (plan->policies[i].number == number && plan->policies[i].key == KEY_PQ) {
            return &plan->policies[i];
        }
    }
    return NULL;
}

static enum err derive(const struct quorum_roster *roster, const struct stamp_policy *rule,
                       struct proof *p)
{
    const struct hello_policy *const policy = proof_policy(roster->plan, p->stamp.policy);
    struct stamp_policy own;

    if (rule == NULL) {
        if (policy == NULL) {
            return ERR_RANGE;
        }
        own = (struct stamp_policy){policy->digits, policy->min_accuracy_ms,
                                    policy->max_accuracy_ms, policy->ordering};
        rule = &own;
    }
    return stamp_derive(&p->head, &p->stamp, rule, &p->derived);
}

static enum err read_session(const struct quorum_roster *roster, struct reader *r,
                             struct proof *p)
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
    if (p->head.key != KEY_PQ || p->head.t != roster->plan->threshold) {
        return ERR_RANGE;
    }
    for (size_t at = 0; at < p->head.t; at++) {
        if (p->head.signers[at] > roster->plan->total) {
            return ERR_RANGE;
        }
    }
    return memcmp(p->head.epoch_id, roster->epoch_id, EPOCH_ID_LEN) == 0 ? ERR_OK : ERR_QUORUM;
}

/* The place of a node among the signers; head.t: it is none. */
static size_t place_of(const struct proof *p, unsigned party)
{
    size_t at = 0;

    while (at < p->head.t && p->head.signers[at] != party + 1U) {
        at++;
    }
    return at;
}

/* The accused has signed its own R1. */
static enum err check_r1(const struct quorum_roster *roster, const struct proof *p)
{
    uint8_t signed_part[R1_SIGNED_LEN];
    struct reader r = rd_init(p->stamp.bodies);
    const size_t at = place_of(p, p->party);
    struct r1_offer offer;
    struct view r1 = {0};

    if (at == p->head.t) {
        return ERR_MISMATCH;
    }
    for (size_t i = 0; i <= at; i++) {
        TRY(rd_take(&r, R1_MAX_LEN, &r1));
    }
    TRY(r1_offer_decode((struct view){r1.p + R1_BODY_LEN, R1_OFFER_LEN}, &offer));
    r1_offer_signed(r1.p, signed_part);
    return ed25519_verify(NULL, roster->plan->nodes[p->party].signing_key,
                          (struct view){signed_part, sizeof signed_part}, offer.proof);
}

/* One word of the session, where it belongs. ERR_MISMATCH: of somebody who is no signer, or a
 * second one. */
static enum err take_word(const struct quorum_roster *roster, struct reader *r, struct proof *p)
{
    uint8_t signed_part[QUORUM_SIGNED_LEN];
    struct quorum_word word;
    struct quorum_word *slot;
    uint8_t round = 0;
    size_t at;

    TRY(rd_u8(r, &round));
    if (round != QUORUM_REVEAL && round != QUORUM_RESPOND) {
        return ERR_RANGE;
    }
    TRY(quorum_word_decode(r, FRAME_BODY_LONG_MAX, &word));
    at = place_of(p, word.index - 1U);
    if (at == p->head.t || (round == QUORUM_RESPOND && word.index != p->party + 1U)) {
        return ERR_MISMATCH;
    }
    slot = round == QUORUM_RESPOND ? &p->respond : &p->reveals[at];
    if (slot->signature.n > 0) {
        return ERR_MISMATCH;
    }
    quorum_word_signed((enum quorum_round)round, p->derived.x, &word, signed_part);
    TRY(ed25519_verify(NULL, roster->plan->nodes[word.index - 1].signing_key,
                       (struct view){signed_part, sizeof signed_part}, word.signature.p));
    *slot = word;
    return ERR_OK;
}

static enum err read_head(const struct quorum_roster *roster, struct reader *r, struct proof *p)
{
    struct view head;
    uint8_t accused = 0;
    uint8_t kind = 0;

    TRY(rd_take(r, sizeof tag, &head));
    if (memcmp(head.p, tag, sizeof tag) != 0) {
        return ERR_TAG;
    }
    TRY(rd_u8(r, &accused));
    TRY(rd_u8(r, &kind));
    if (accused == 0 || accused > roster->plan->total ||
        (kind != PROOF_REVEAL && kind != PROOF_RESPOND)) {
        return ERR_RANGE;
    }
    p->party = accused - 1U;
    p->kind = (enum proof_kind)kind;
    return ERR_OK;
}

enum err proof_check(const struct quorum_roster *roster, struct view bytes,
                     const struct stamp_policy *rule, struct proof *out)
{
    struct reader r = rd_init(bytes);
    const struct quorum_word *word;
    uint8_t n = 0;

    *out = (struct proof){0};
    TRY(read_head(roster, &r, out));
    TRY(read_session(roster, &r, out));
    TRY(derive(roster, rule, out));
    TRY(check_r1(roster, out));
    TRY(rd_u8(&r, &n));
    for (uint8_t i = 0; i < n; i++) {
        TRY(take_word(roster, &r, out));
    }
    TRY(rd_finish(&r));
    word =
        out->kind == PROOF_RESPOND ? &out->respond : &out->reveals[place_of(out, out->party)];
    return word->signature.n > 0 ? ERR_OK : ERR_MISMATCH;
}
