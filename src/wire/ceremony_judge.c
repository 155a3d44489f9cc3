#include "wire/ceremony_judge.h"

struct judging {
    const struct ceremony_known *k;
    const struct ceremony_complaint *c;
    uint8_t from;
    const uint8_t *id;
    struct ceremony_scratch *scratch;
};

static struct ceremony_verdict at_fault(uint8_t reason, uint8_t culprit)
{
    return (struct ceremony_verdict){reason, culprit};
}

static struct ceremony_verdict without_reason(const struct judging *j)
{
    return at_fault(CEREMONY_FALSE_COMPLAINT, j->from);
}

/* Whether the proof has these rounds, in order, all signed by the accused. */
static bool is_by_accused(const struct judging *j, const uint8_t *rounds, size_t n)
{
    if (j->c->n != n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (j->c->proof[i].round != rounds[i] || j->c->proof[i].sender != j->c->accused) {
            return false;
        }
    }
    return true;
}

/* The accused sent another message here than what the complaint shows. */
static bool is_other_than_seen(const struct judging *j, const struct ceremony_msg *m)
{
    const struct ceremony_msg *seen = NULL;

    if (m->to != CEREMONY_TO_ALL || m->round >= CEREMONY_ROUNDS) {
        return false;
    }
    seen = &j->k->msg[m->round][m->sender];
    return seen->whole.n > 0 && !view_equal(seen->whole, m->whole);
}

/* ---- one kind each; signatures are genuine ---- */

static struct ceremony_verdict judge_malformed(const struct judging *j)
{
    const struct ceremony_msg *m = &j->c->proof[0];
    const bool has_shape = m->round >= CEREMONY_COMMIT && m->round != CEREMONY_SEALED;

    return j->c->n == 1 && m->sender == j->c->accused && has_shape &&
                   ceremony_body_check(j->k->plan, m) != ERR_OK
               ? at_fault(CEREMONY_MALFORMED, m->sender)
               : without_reason(j);
}

static struct ceremony_verdict judge_equivocation(const struct judging *j)
{
    const struct ceremony_msg *a = &j->c->proof[0];
    const struct ceremony_msg *b = &j->c->proof[1];

    return j->c->n == 2 && a->sender == j->c->accused && b->sender == a->sender &&
                   a->round == b->round && a->to == b->to && a->round < CEREMONY_ROUNDS &&
                   !view_equal(a->whole, b->whole)
               ? at_fault(CEREMONY_EQUIVOCATION, a->sender)
               : without_reason(j);
}

static struct ceremony_verdict judge_opening(const struct judging *j)
{
    const struct ceremony_msg *m = &j->c->proof[0];

    return j->c->n == 1 && m->sender == j->c->accused &&
                   (m->round == CEREMONY_RHO || m->round == CEREMONY_OPEN) &&
                   ceremony_body_check(j->k->plan, m) == ERR_OK &&
                   ceremony_known_check_opening(j->k, m) == ERR_MISMATCH
               ? at_fault(CEREMONY_BAD_OPENING, m->sender)
               : without_reason(j);
}

/* The one subset that all of the proof speaks of: its members are the senders; 0: none. */
static uint8_t subset_of(const struct judging *j)
{
    const size_t members = ceremony_subset_size(j->k->plan);
    unsigned mask = 0;

    if (j->c->n != 2 * members) {
        return 0;
    }
    for (size_t i = 0; i < members; i++) {
        const struct ceremony_msg *open = &j->c->proof[2 * i];
        const struct ceremony_msg *commit = &j->c->proof[2 * i + 1];

        if (open->round != CEREMONY_OPEN || commit->round != CEREMONY_T_COMMIT ||
            open->sender != commit->sender || mask >> open->sender != 0 ||
            ceremony_body_check(j->k->plan, open) != ERR_OK ||
            ceremony_body_check(j->k->plan, commit) != ERR_OK) {
            return 0;
        }
        mask |= 1U << open->sender;
    }
    for (size_t i = 0; i < members; i++) { /* each was to a member, or has no seed of it */
        if ((mask >> j->c->proof[2 * i].to & 1) == 0) {
            return 0;
        }
    }
    return (uint8_t)mask;
}

static enum err take(void *out, size_t n, struct view v)
{
    struct reader r = rd_init(v);

    return rd_copy(&r, out, n);
}

static enum err gather(const struct judging *j, uint8_t mask,
                       struct tmldsa_testimony testimonies[PLAN_NODES_MAX])
{
    for (size_t i = 0; 2 * i < j->c->n; i++) {
        const struct ceremony_msg *open = &j->c->proof[2 * i];
        struct tmldsa_testimony *t = &testimonies[i];
        const struct ceremony_msg *commit = &j->k->msg[CEREMONY_COMMIT][open->sender];

        TRY(take(t->seed_commitment, sizeof t->seed_commitment,
                 ceremony_body_entry(j->k->plan, commit, mask)));
        TRY(take(&t->opening, sizeof t->opening, ceremony_body_entry(j->k->plan, open, mask)));
        TRY(take(t->t_commitment, sizeof t->t_commitment,
                 ceremony_body_entry(j->k->plan, &j->c->proof[2 * i + 1], mask)));
    }
    return ERR_OK;
}

static struct ceremony_verdict judge_t(const struct judging *j)
{
    const struct ceremony_known *k = j->k;
    const uint8_t mask = subset_of(j);
    struct tmldsa_testimony testimonies[PLAN_NODES_MAX] = {0};
    struct tmldsa_rho_opening openings[PLAN_NODES_MAX];
    uint8_t rho[TMLDSA_RHO_LEN];
    unsigned guilty = 0;

    if (mask == 0 || !ceremony_known_has_all(k, CEREMONY_RHO) ||
        gather(j, mask, testimonies) != ERR_OK) {
        return without_reason(j);
    }
    for (size_t i = 1; i < j->c->n; i += 2) {
        if (is_other_than_seen(j, &j->c->proof[i])) {
            return at_fault(CEREMONY_EQUIVOCATION, j->c->proof[i].sender);
        }
    }
    ceremony_known_openings(k, openings);
    tmldsa_keygen_rho(&k->rules, openings, rho);
    tmldsa_matrix_make(k->rules.path, k->rules.params, rho, &j->scratch->keygen,
                       &j->scratch->matrix);
    guilty = tmldsa_keygen_judge(&k->rules, openings, mask, testimonies, &j->scratch->matrix,
                                 &j->scratch->keygen);
    return (guilty >> j->c->accused & 1) != 0 ? at_fault(CEREMONY_BAD_T, j->c->accused)
                                              : without_reason(j);
}

static struct ceremony_verdict judge_share(const struct judging *j)
{
    static const uint8_t rounds[] = {CEREMONY_OPEN, CEREMONY_RHO};
    const struct ceremony_msg *open = &j->c->proof[0];
    const struct ceremony_msg *rho = &j->c->proof[1];

    if (j->k->plan->classic != PLAN_CLASSIC_SHARED ||
        !is_by_accused(j, rounds, sizeof rounds) ||
        ceremony_body_check(j->k->plan, open) != ERR_OK ||
        ceremony_body_check(j->k->plan, rho) != ERR_OK) {
        return without_reason(j);
    }
    if (is_other_than_seen(j, rho)) {
        return at_fault(CEREMONY_EQUIVOCATION, rho->sender);
    }
    return ceremony_classic_check_share(j->k, rho, open) == ERR_MISMATCH
               ? at_fault(CEREMONY_BAD_SHARE, rho->sender)
               : without_reason(j);
}

static struct ceremony_verdict judge_reveal(const struct judging *j)
{
    static const uint8_t rounds[] = {CEREMONY_T_COMMIT, CEREMONY_T_REVEAL};
    const struct ceremony_msg *commit = &j->c->proof[0];
    const struct ceremony_msg *reveal = &j->c->proof[1];

    if (!is_by_accused(j, rounds, sizeof rounds) ||
        ceremony_body_check(j->k->plan, commit) != ERR_OK ||
        ceremony_body_check(j->k->plan, reveal) != ERR_OK) {
        return without_reason(j);
    }
    if (is_other_than_seen(j, commit) || is_other_than_seen(j, reveal)) {
        return at_fault(CEREMONY_EQUIVOCATION, commit->sender);
    }
    return ceremony_known_check_reveal(j->k, commit, reveal) == ERR_MISMATCH
               ? at_fault(CEREMONY_BAD_REVEAL, commit->sender)
               : without_reason(j);
}

/* What judge of DONE, TEST and CONFIRM have in common: one message, as the judge saw it. */
static bool is_one(const struct judging *j, uint8_t round)
{
    const uint8_t rounds[] = {round};

    return is_by_accused(j, rounds, 1) &&
           ceremony_body_check(j->k->plan, &j->c->proof[0]) == ERR_OK;
}

/* The shared P-384 key that the judge's messages give; *out is NULL where the plan has none. */
static enum err classic_key(const struct judging *j, struct tecdsa_key *key,
                            const struct tecdsa_key **out)
{
    const bool has = j->k->plan->classic == PLAN_CLASSIC_SHARED;

    *out = has ? key : NULL;
    return has ? ceremony_classic_key(j->k, key) : ERR_OK;
}

static struct ceremony_verdict judge_done(const struct judging *j)
{
    const struct ceremony_msg *done = &j->c->proof[0];
    const struct tecdsa_key *classic = NULL;
    struct tecdsa_key key;
    uint8_t pk[CEREMONY_PK_LEN];
    uint8_t hash[CEREMONY_HASH_LEN];

    if (!is_one(j, CEREMONY_DONE) || !ceremony_known_has_all(j->k, CEREMONY_RHO) ||
        !ceremony_known_has_all(j->k, CEREMONY_T_REVEAL)) {
        return without_reason(j);
    }
    if (is_other_than_seen(j, done)) {
        return at_fault(CEREMONY_EQUIVOCATION, done->sender);
    }
    if (ceremony_known_differs(j->k, done) != NULL ||
        ceremony_known_public_key(j->k, j->scratch, pk) != ERR_OK ||
        classic_key(j, &key, &classic) != ERR_OK) {
        return without_reason(j);
    }
    ceremony_known_done(j->k, pk, classic, hash);
    return !view_equal(ceremony_body_own(done), (struct view){hash, sizeof hash})
               ? at_fault(CEREMONY_BAD_DONE, done->sender)
               : without_reason(j);
}

static struct ceremony_verdict judge_test(const struct judging *j)
{
    const struct ceremony_msg *test = &j->c->proof[0];
    const struct tecdsa_key *classic = NULL;
    struct tecdsa_key key;
    uint8_t pk[CEREMONY_PK_LEN];

    if (!is_one(j, CEREMONY_TEST) || !ceremony_known_has_all(j->k, CEREMONY_RHO) ||
        !ceremony_known_has_all(j->k, CEREMONY_T_REVEAL)) {
        return without_reason(j);
    }
    if (is_other_than_seen(j, test)) {
        return at_fault(CEREMONY_EQUIVOCATION, test->sender);
    }
    if (ceremony_known_public_key(j->k, j->scratch, pk) != ERR_OK ||
        mldsa_public_key_parse(j->k->rules.path->ring, j->k->rules.params->set,
                               (struct view){pk, sizeof pk}, &j->scratch->key,
                               &j->scratch->parsed) != ERR_OK ||
        classic_key(j, &key, &classic) != ERR_OK) {
        return without_reason(j);
    }
    return ceremony_known_check_test(j->k, &j->scratch->parsed, classic, test, j->scratch) !=
                   ERR_OK
               ? at_fault(CEREMONY_BAD_TEST, test->sender)
               : without_reason(j);
}

static struct ceremony_verdict judge_confirm(const struct judging *j)
{
    const struct ceremony_msg *confirm = &j->c->proof[0];

    if (!is_one(j, CEREMONY_CONFIRM) || j->id == NULL) {
        return without_reason(j);
    }
    if (is_other_than_seen(j, confirm)) {
        return at_fault(CEREMONY_EQUIVOCATION, confirm->sender);
    }
    return ceremony_known_differs(j->k, confirm) == NULL &&
                   !view_equal(ceremony_body_own(confirm),
                               (struct view){j->id, CEREMONY_HASH_LEN})
               ? at_fault(CEREMONY_OTHER_RECORD, confirm->sender)
               : without_reason(j);
}

static struct ceremony_verdict judge_dispute(const struct judging *j)
{
    const struct ceremony_msg *original = &j->c->proof[0];
    const struct ceremony_msg *voucher = &j->c->proof[1];
    uint8_t hash[CEREMONY_HASH_LEN];
    struct view said;

    if (j->c->n != 2 || voucher->sender != j->c->accused ||
        ceremony_body_check(j->k->plan, voucher) != ERR_OK) {
        return without_reason(j);
    }
    if (is_other_than_seen(j, original)) {
        return at_fault(CEREMONY_EQUIVOCATION, original->sender);
    }
    if (is_other_than_seen(j, voucher)) {
        return at_fault(CEREMONY_EQUIVOCATION, voucher->sender);
    }
    said = ceremony_body_hash_of(j->k->plan, voucher, original->round, original->sender);
    ceremony_known_hash(j->k, original->whole, hash);
    if (said.n == 0 || view_equal(said, (struct view){hash, sizeof hash})) {
        return without_reason(j);
    }
    /* The accused itself shows a message that is not the one it vouched for. */
    return j->from == j->c->accused ? at_fault(CEREMONY_BAD_ECHO, j->from)
                                    : at_fault(CEREMONY_NO_REASON, j->c->accused);
}

struct ceremony_verdict ceremony_judge(const struct ceremony_known *k, uint8_t from,
                                       const struct ceremony_complaint *c, const uint8_t *id,
                                       struct ceremony_scratch *scratch)
{
    const struct judging j = {k, c, from, id, scratch};

    for (size_t i = 0; i < c->n; i++) {
        if (ceremony_msg_verify(k->plan, k->epoch_id, &c->proof[i]) != ERR_OK) {
            return without_reason(&j);
        }
    }
    switch (c->reason) {
    case CEREMONY_MALFORMED:
        return judge_malformed(&j);
    case CEREMONY_EQUIVOCATION:
        return judge_equivocation(&j);
    case CEREMONY_BAD_OPENING:
        return judge_opening(&j);
    case CEREMONY_BAD_T:
        return judge_t(&j);
    case CEREMONY_BAD_SHARE:
        return judge_share(&j);
    case CEREMONY_BAD_REVEAL:
        return judge_reveal(&j);
    case CEREMONY_BAD_DONE:
        return judge_done(&j);
    case CEREMONY_BAD_TEST:
        return judge_test(&j);
    case CEREMONY_OTHER_RECORD:
        return judge_confirm(&j);
    case CEREMONY_DISPUTE:
        return judge_dispute(&j);
    default:
        return without_reason(&j);
    }
}
