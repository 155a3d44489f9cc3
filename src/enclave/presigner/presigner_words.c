/* What others show to this node of its peers: three answers that make no signature, and what
 * operators order. */
#include "base/mask.h"
#include "crypto/tecdsa/tecdsa_online.h"
#include "enclave/presigner/presigner_parts.h"

#include <string.h>

/* ---- a wrong signature ---- */

static enum err check_one(struct presigner *p, const struct presign_word *word, unsigned node,
                          const uint8_t answer[PRESIGN_ANSWER_LEN])
{
    uint8_t signed_part[PRESIGN_WORD_SIGNED_LEN];

    presign_word_signed(word, p->of.epoch_id, answer, signed_part);
    return ed25519_verify(&p->of.work->stack, p->signing_keys[node],
                          (struct view){signed_part, sizeof signed_part},
                          answer + PRESIGN_SUM_LEN);
}

/* The triple has three nodes; whether they are of this plan is seen here. */
static enum err check_answers(struct presigner *p, const struct presign_word *word)
{
    enum err e = word->triple >> p->of.n == 0 ? ERR_OK : ERR_RANGE;
    unsigned at = 0;

    for (unsigned i = 0; i < p->of.n && e == ERR_OK; i++) {
        e = presigner_in(word->triple, i) ? check_one(p, word, i, word->answers[at++]) : ERR_OK;
    }
    return e;
}

struct combine_call {
    const struct presigner *p;
    const struct presign_word *word;
};

static enum err combine(void *arg)
{
    const struct combine_call *const c = arg;
    struct tecdsa_answer answers[TECDSA_T];
    uint8_t sig[P384_SIG_LEN];

    _Static_assert(TECDSA_T == PRESIGN_WORD_SIGNERS && sizeof answers[0] == PRESIGN_SUM_LEN,
                   "w | u of three");
    for (unsigned i = 0; i < TECDSA_T; i++) {
        memcpy(&answers[i], c->word->answers[i], sizeof answers[i]);
    }
    return tecdsa_online_combine(c->p->of.key->public_key, c->word->r, c->word->digest, answers,
                                 sig);
}

/* Honest answers of one record to one digest make a signature, and each is signed with both: so
 * one of the three is bad, whoever shows it. */
enum err presigner_wrong_order(struct presigner *p, const struct presign_order *order,
                               int64_t now_ns)
{
    struct combine_call c = {p, &order->word};
    enum err e;

    if (!presigner_in(order->word.triple, p->of.own) ||
        mask_count(order->word.triple) != PRESIGN_WORD_SIGNERS) {
        return ERR_RANGE;
    }
    TRY(check_answers(p, &order->word));
    e = work_stack_run_gmp(&p->of.work->stack, combine, &c);
    if (e == ERR_OK) {
        return ERR_MISMATCH; /* they do make one */
    }
    if (e != ERR_SIGNATURE && e != ERR_RANGE) {
        return e;
    }
    return presign_standing_wrong(&p->standing, order->word.triple, order->word.id, now_ns);
}

/* ---- a renewal that operators ordered ---- */

enum err presigner_renew_order(struct presigner *p, const struct presign_order *order)
{
    if (!presigner_is_peer(p, order->peer)) {
        return ERR_RANGE;
    }
    if (order->counter <= p->renewals[order->peer]) {
        return ERR_STALE;
    }
    p->renewals[order->peer] = order->counter;
    presign_standing_order(&p->standing, order->peer);
    return ERR_OK;
}
