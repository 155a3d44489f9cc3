/* The observer: sees all frames and all memory of honest nodes, and believes nobody. */
#include "dkg_world.h"

#include "base/secret.h"
#include "wire/ceremony_classic.h"

const char *const dkg_rule_names[DKG_RULE_COUNT] = {
    "none",
    "FRESH: a node begins two ceremonies of one id",
    "EQUAL: two finished nodes have other records",
    "RECORD: a finished record does not verify",
    "SHARES: members of a subset have other secrets",
    "SECRET: a seed or a share outside a channel",
    "VOID: something of an aborted ceremony is left",
    "NORM: a key of sums that are too long",
    "VOUCH: on although others saw something else",
    "BLAME: an honest node is guilty",
    "PROOF: a complaint that proves nothing",
    "FRAME: an answer that is no frame",
    "REQUEST: a certificate request",
    "USE: a key out of its time",
    "CLASSIC: a stamp of one core",
    "LIVE: healthy nodes make no key",
};

void dkg_break(struct dkg_world *w, enum dkg_rule rule, unsigned node)
{
    if (w->broken == DKG_RULE_NONE) {
        w->broken = rule;
        w->broken_by = node;
        w->broken_ns = w->now_ns;
        DKG_TRACE(w, "broken: %s", dkg_rule_names[rule]);
    }
}

static void must(struct dkg_world *w, bool holds, enum dkg_rule rule, unsigned node)
{
    if (!holds) {
        dkg_break(w, rule, node);
    }
}

static bool is_zero(const void *p, size_t n)
{
    const uint8_t *const b = p;

    return b[0] == 0 && memcmp(b, b + 1, n - 1) == 0;
}

bool dkg_check_too_long(struct dkg_world *w, unsigned node)
{
    if (w->too_long != node) {
        return false;
    }
    w->too_long = DKG_NODES;
    w->boxes[node].seen.too_long = true;
    return true;
}

/* ---- what leaves a node ---- */

/* Its own secrets of this ceremony, as soon as they are there. */
static void note_secrets(struct dkg_world *w, unsigned node)
{
    const struct ceremony *const c = dkg_ceremony(w, node);
    struct dkg_seen *const seen = &w->boxes[node].seen;

    if (c->state != CEREMONY_RUNNING || c->round < CEREMONY_COMMIT ||
        c->round > CEREMONY_T_REVEAL) {
        return;
    }
    for (unsigned i = 0; i < DKG_NODES && w->shared; i++) {
        tecdsa_keygen_share(&c->secrets.classic.dealing, i, seen->dealt[i]);
    }
    tecdsa_scalar_encode(&c->classic_share.x, seen->dealt[DKG_NODES]);
    seen->n_secrets = 2U * c->held.n;
    for (size_t i = 0; i < c->held.n; i++) {
        memcpy(seen->secrets[i], c->secrets.seeds[i][node].seed, TMLDSA_SIGMA_LEN);
        memcpy(seen->secrets[c->held.n + i], c->secrets.sigma[i], TMLDSA_SIGMA_LEN);
    }
}

/* An OPEN burns its seeds where it proves who made another t. */
static bool burns(const struct ceremony_msg *m)
{
    struct ceremony_complaint c;

    return m->round == CEREMONY_COMPLAINT && ceremony_complaint_decode(m->body, &c) == ERR_OK &&
           c.reason == CEREMONY_BAD_T;
}

static void look_for(struct dkg_world *w, unsigned node, const struct ceremony_msg *m,
                     const uint8_t *secret, size_t n)
{
    if (!is_zero(secret, n) && memmem(m->whole.p, m->whole.n, secret, 16) != NULL) {
        dkg_break(w, DKG_RULE_SECRET, node);
    }
}

static void scan(struct dkg_world *w, unsigned node, const struct ceremony_msg *m)
{
    const struct dkg_seen *const seen = &w->boxes[node].seen;

    if (m->round < CEREMONY_COMMIT || burns(m)) {
        return;
    }
    for (size_t i = 0; i < seen->n_secrets; i++) {
        look_for(w, node, m, seen->secrets[i], TMLDSA_SIGMA_LEN);
    }
    for (size_t i = 0; i <= DKG_NODES && seen->n_secrets > 0; i++) {
        look_for(w, node, m, seen->dealt[i], TECDSA_SCALAR_LEN);
    }
}

/* A complaint convinces whoever has seen what its maker has. */
static void check_proof(struct dkg_world *w, unsigned node, const struct ceremony_msg *m)
{
    const struct ceremony *const c = dkg_ceremony(w, node);
    const uint8_t *const id = c->record_bytes.n > 0 ? c->id : NULL;
    struct ceremony_complaint complaint;
    struct ceremony_verdict v;

    if (m->round != CEREMONY_COMPLAINT) {
        return;
    }
    if (ceremony_complaint_decode(m->body, &complaint) != ERR_OK) {
        dkg_break(w, DKG_RULE_PROOF, node);
        return;
    }
    v = ceremony_judge(&c->known, (uint8_t)node, &complaint, id, w->scratch);
    must(w,
         complaint.reason == CEREMONY_DISPUTE
             ? v.reason != CEREMONY_FALSE_COMPLAINT
             : v.reason == complaint.reason && v.culprit == complaint.accused &&
                   !dkg_is_honest(w, v.culprit),
         DKG_RULE_PROOF, node);
}

static void check_messages(struct dkg_world *w, unsigned node, struct view frame)
{
    struct frame_header h;
    struct ceremony_answer a;
    struct ceremony_msg m;
    struct reader r;

    if (frame.n < FRAME_HEADER_LEN ||
        frame_header_decode((struct view){frame.p, FRAME_HEADER_LEN}, &h) != ERR_OK ||
        h.body_len != frame.n - FRAME_HEADER_LEN) {
        dkg_break(w, DKG_RULE_FRAME, node);
        return;
    }
    w->totals.refused += h.type == FRAME_ERROR;
    if (h.type != (FRAME_CEREMONY_BEGIN | FRAME_ANSWER) &&
        h.type != (FRAME_CEREMONY_STEP | FRAME_ANSWER)) {
        return;
    }
    if (ceremony_answer_decode((struct view){frame.p + FRAME_HEADER_LEN, h.body_len}, &a) !=
        ERR_OK) {
        dkg_break(w, DKG_RULE_FRAME, node);
        return;
    }
    r = rd_init(a.messages);
    while (r.n > 0 && ceremony_msg_decode(&r, &m) == ERR_OK) {
        scan(w, node, &m);
        check_proof(w, node, &m);
    }
}

/* ---- ceremonies, one after the other ---- */

/* Whether this is another one than before. */
static bool is_new(struct dkg_world *w, unsigned node)
{
    const struct ceremony *const c = dkg_ceremony(w, node);
    struct dkg_seen *const seen = &w->boxes[node].seen;

    return c->state != CEREMONY_IDLE &&
           (seen->n_epochs == 0 ||
            memcmp(seen->epochs[seen->n_epochs - 1], c->known.epoch_id, EPOCH_ID_LEN) != 0);
}

static void begin(struct dkg_world *w, unsigned node)
{
    const struct ceremony *const c = dkg_ceremony(w, node);
    struct dkg_seen *const seen = &w->boxes[node].seen;

    for (size_t i = 0; i < seen->n_epochs; i++) {
        must(w, memcmp(seen->epochs[i], c->known.epoch_id, EPOCH_ID_LEN) != 0, DKG_RULE_FRESH,
             node);
    }
    sim_must(seen->n_epochs < DKG_EPOCHS_MAX);
    memcpy(seen->epochs[seen->n_epochs++], c->known.epoch_id, EPOCH_ID_LEN);
    seen->vouched = seen->done = seen->too_long = false;
    seen->n_secrets = 0;
    memset(seen->dealt, 0, sizeof seen->dealt);
    seen->state = CEREMONY_IDLE;
}

/* A BEGIN that was taken. */
static void check_begun(struct dkg_world *w, unsigned node, struct view frame)
{
    struct dkg_seen *const seen = &w->boxes[node].seen;

    if (frame.n > FRAME_HEADER_LEN && frame.p[2] == (FRAME_CEREMONY_BEGIN | FRAME_ANSWER)) {
        if (seen->n_epochs > 0 && !is_new(w, node)) {
            dkg_break(w, DKG_RULE_FRESH, node); /* the same, twice in a row */
        }
    }
    if (is_new(w, node)) {
        begin(w, node);
    }
}

/* ---- how it goes on, and ends ---- */

static bool all_vouch(const struct ceremony *c, uint8_t round)
{
    for (size_t i = 0; i < DKG_NODES; i++) {
        if (ceremony_known_differs(&c->known, &c->known.msg[round][i]) != NULL) {
            return false;
        }
    }
    return true;
}

static void check_vouchers(struct dkg_world *w, unsigned node)
{
    const struct ceremony *const c = dkg_ceremony(w, node);
    struct dkg_seen *const seen = &w->boxes[node].seen;

    if (c->state != CEREMONY_RUNNING && c->state != CEREMONY_FINISHED) {
        return;
    }
    if (!seen->vouched && c->round > CEREMONY_ECHO) {
        seen->vouched = true;
        must(w, all_vouch(c, CEREMONY_ECHO), DKG_RULE_VOUCH, node);
    }
    if (!seen->done && c->round > CEREMONY_DONE) {
        seen->done = true;
        must(w, all_vouch(c, CEREMONY_DONE), DKG_RULE_VOUCH, node);
        must(w, !seen->too_long, DKG_RULE_NORM, node);
    }
}

/* What nobody can prove is the word of who says it: of these things it may be said of an
 * honest node, as the host or a liar between the two may be the cause. */
static bool may_be_named(const struct dkg_world *w, const struct ceremony_end *end)
{
    bool liars = !w->trusted;

    for (unsigned i = 0; i < DKG_NODES; i++) {
        liars = liars || !dkg_is_honest(w, i);
    }
    return end->reason == CEREMONY_MISSING ||
           (liars && (end->reason == CEREMONY_CHANNEL || end->reason == CEREMONY_BAD_TEST));
}

static void check_aborted(struct dkg_world *w, unsigned node)
{
    const struct core *const core = &w->boxes[node].core;
    const struct ceremony *const c = dkg_ceremony(w, node);
    const struct ceremony_end *const end = &c->end;

    must(w,
         is_zero(&c->secrets, sizeof c->secrets) && is_zero(&c->share, sizeof c->share) &&
             is_zero(&c->channels, sizeof c->channels) && is_zero(&c->test, sizeof c->test) &&
             is_zero(&c->classic_share, sizeof c->classic_share) &&
             is_zero(&core->member->classic_share, sizeof core->member->classic_share) &&
             !core->has_pq && core->index == 0 && core->quorum.party == NULL &&
             is_zero(&core->member->share, sizeof core->member->share),
         DKG_RULE_VOID, node);
    DKG_TRACE(w, "   node %u aborts: reason %u, accused %d, told by %u%s", node + 1,
              end->reason, end->accused == CEREMONY_NOBODY ? 0 : end->accused + 1,
              end->told_by + 1, end->proven ? ", proven" : "");
    w->totals.aborts++;
    w->totals.proven += end->proven;
    if (dkg_is_honest(w, end->accused) && dkg_is_honest(w, end->told_by)) {
        must(w, !end->proven && may_be_named(w, end), DKG_RULE_BLAME, node);
    }
    must(w, !(end->proven && dkg_is_honest(w, end->accused)), DKG_RULE_BLAME, node);
}

static void check_finished(struct dkg_world *w, unsigned node)
{
    const struct core *const core = &w->boxes[node].core;
    const struct ceremony *const c = dkg_ceremony(w, node);
    struct ceremony_finding findings[CEREMONY_CHECKS];

    DKG_TRACE(w, "   node %u has finished", node + 1);
    must(w,
         core->has_pq && is_zero(&c->secrets, sizeof c->secrets) &&
             is_zero(&c->share, sizeof c->share) && is_zero(&c->test, sizeof c->test) &&
             is_zero(&c->classic_share, sizeof c->classic_share),
         DKG_RULE_VOID, node);
    if (w->has_key && memcmp(w->key_epoch, c->known.epoch_id, EPOCH_ID_LEN) == 0) {
        must(w, memcmp(w->key_id, c->id, CEREMONY_HASH_LEN) == 0, DKG_RULE_EQUAL, node);
        return;
    }
    w->has_key = true;
    memcpy(w->key_epoch, c->known.epoch_id, EPOCH_ID_LEN);
    memcpy(w->key_id, c->id, CEREMONY_HASH_LEN);
    must(w,
         ceremony_record_decode(c->record_bytes, w->record) == ERR_OK &&
             ceremony_record_verify(w->record, w->scratch, findings),
         DKG_RULE_RECORD, node);
}

void dkg_check_node(struct dkg_world *w, unsigned node, struct view frame)
{
    struct dkg_seen *const seen = &w->boxes[node].seen;
    const struct ceremony *const c = dkg_ceremony(w, node);

    if (w->boxes[node].core.member->in_use) {
        return;
    }
    check_begun(w, node, frame);
    note_secrets(w, node);
    check_messages(w, node, frame);
    check_vouchers(w, node);
    if (c->state == CEREMONY_FINISHED && seen->state != c->state) {
        check_finished(w, node);
    } else if (c->state == CEREMONY_ABORTED &&
               (seen->state != c->state || memcmp(&seen->end, &c->end, sizeof c->end) != 0)) {
        check_aborted(w, node); /* or why is known now */
        seen->end = c->end;
    }
    seen->state = c->state;
}

/* ---- the key ---- */

static struct view t_of(const struct dkg_world *w, uint8_t mask)
{
    struct view t = {NULL, 0};

    for (uint8_t i = 0; i < DKG_NODES && t.n == 0; i++) {
        t = ceremony_body_entry(&w->record->plan, &w->record->known.msg[CEREMONY_T_REVEAL][i],
                                mask);
    }
    return t;
}

static void check_share(struct dkg_world *w, unsigned node)
{
    const struct tmldsa_share *const s = &w->boxes[node].core.member->share;

    for (size_t i = 0; i < s->held.n; i++) {
        uint8_t t[CEREMONY_T_LEN];

        tmldsa_keygen_t(&w->scratch->matrix, s->sigma[i], &w->scratch->keygen, t);
        must(w, view_equal(t_of(w, s->held.mask[i]), (struct view){t, sizeof t}),
             DKG_RULE_SHARES, node);
    }
}

/* Any three honest shares of the P-384 key make one secret, and all hold one key. */
static void check_classic(struct dkg_world *w)
{
    struct tecdsa_key key;
    struct tecdsa_scalar first = {{0}};
    bool has_first = false;

    must(w, ceremony_classic_key(&w->record->known, &key) == ERR_OK, DKG_RULE_RECORD,
         DKG_NODES);
    for (unsigned s = 0; s < 1U << DKG_NODES; s++) {
        struct tecdsa_scalar sum = {{0}};
        bool all = __builtin_popcount(s) == TECDSA_T;

        for (unsigned i = 0; i < DKG_NODES && all; i++) {
            const struct core_member *const m = w->boxes[i].core.member;
            struct tecdsa_scalar part;

            if ((s >> i & 1) == 0) {
                continue;
            }
            all = dkg_is_honest(w, i);
            must(w, !all || memcmp(m->classic.key_id, key.key_id, TECDSA_HASH_LEN) == 0,
                 DKG_RULE_EQUAL, i);
            tecdsa_lagrange(s, i, &part);
            tecdsa_scalar_mul(&part, &m->classic_share.x, &part);
            tecdsa_scalar_add(&sum, &part, &sum);
        }
        must(w, !all || !has_first || tecdsa_scalar_equal(&sum, &first) != 0, DKG_RULE_SHARES,
             DKG_NODES);
        first = all ? sum : first;
        has_first = has_first || all;
    }
}

void dkg_check_shares(struct dkg_world *w)
{
    const struct ceremony_known *const k = &w->record->known;
    struct tmldsa_rho_opening openings[PLAN_NODES_MAX];
    uint8_t rho[TMLDSA_RHO_LEN];

    ceremony_known_openings(k, openings);
    tmldsa_keygen_rho(&k->rules, openings, rho);
    tmldsa_matrix_make(k->rules.path, k->rules.params, rho, &w->scratch->keygen,
                       &w->scratch->matrix);
    for (unsigned i = 0; i < DKG_NODES; i++) {
        if (dkg_is_honest(w, i)) {
            must(w, memcmp(w->boxes[i].core.epoch_id, k->epoch_id, EPOCH_ID_LEN) == 0,
                 DKG_RULE_EQUAL, i);
            check_share(w, i);
        }
    }
    if (w->shared) {
        check_classic(w);
    }
}
