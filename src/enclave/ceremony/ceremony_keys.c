/* The rounds that make the key: commit, open in private, derive, show t. */
#include "base/secret.h"
#include "enclave/ceremony/ceremony_parts.h"

#include <string.h>

static bool is_member(unsigned mask, unsigned node)
{
    return (mask >> node & 1) != 0;
}

static void own_fault(const struct ceremony_call *call)
{
    ceremony_abort(call, CEREMONY_OWN_FAULT, call->c->own);
}

/* ---- COMMIT ---- */

static enum err draw(const struct ceremony_call *call, void *out, size_t n)
{
    return call->tools->entropy->fill(call->tools->entropy->self, out, n);
}

static enum err write_commit(const struct ceremony_call *call, struct writer *w)
{
    struct ceremony *c = call->c;
    uint8_t com[CEREMONY_HASH_LEN];

    TRY(draw(call, &c->secrets.rho, sizeof c->secrets.rho));
    tmldsa_keygen_commit_rho(&c->known.rules, c->own, &c->secrets.rho, com);
    wr_bytes(w, com, sizeof com);
    if (ceremony_has_classic(c)) {
        TRY(ceremony_classic_deal(call, w));
    }
    for (size_t i = 0; i < c->held.n; i++) {
        struct tmldsa_seed_opening *seed = &c->secrets.seeds[i][c->own];

        TRY(draw(call, seed, sizeof *seed));
        tmldsa_keygen_commit_seed(&c->known.rules, c->own, c->held.mask[i], seed, com);
        wr_u8(w, c->held.mask[i]);
        wr_bytes(w, com, sizeof com);
    }
    return ERR_OK;
}

void ceremony_begin_commit(const struct ceremony_call *call)
{
    struct writer w = wr_init(call->c->body, sizeof call->c->body);

    if (write_commit(call, &w) == ERR_OK) {
        ceremony_send_written(call, call->c->round, &w);
    } else {
        own_fault(call);
    }
}

/* ---- SEALED ---- */

/* Writes the signed OPEN for a peer. */
static enum err write_open(const struct ceremony_call *call, uint8_t peer,
                           uint8_t whole[CEREMONY_OPEN_MAX], size_t *n)
{
    struct ceremony *c = call->c;
    uint8_t bytes[CEREMONY_OPEN_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct ceremony_msg m = {.round = CEREMONY_OPEN, .sender = c->own, .to = peer};
    enum err e = ERR_OK;

    if (ceremony_has_classic(c)) {
        ceremony_classic_deal_to(call, peer, &w);
    }
    for (size_t i = 0; i < c->held.n; i++) {
        if (is_member(c->held.mask[i], peer)) {
            wr_u8(&w, c->held.mask[i]);
            wr_bytes(&w, &c->secrets.seeds[i][c->own], sizeof c->secrets.seeds[i][c->own]);
        }
    }
    e = wr_finish(&w, &m.body);
    if (e == ERR_OK) {
        e = ceremony_sign(call, &m, whole, CEREMONY_OPEN_MAX, n);
    }
    wipe(bytes, sizeof bytes);
    return e;
}

static struct pq1_about about_open(const struct ceremony *c)
{
    struct pq1_about about = {.type = CEREMONY_SEALED, .round = CEREMONY_OPEN};

    memcpy(about.session, c->known.rules.id, sizeof about.session);
    return about;
}

static enum err seal_open(const struct ceremony_call *call, uint8_t peer, struct writer *w)
{
    struct ceremony *c = call->c;
    const struct pq1_about about = about_open(c);
    uint8_t whole[CEREMONY_OPEN_MAX];
    size_t n = 0;
    enum err e = write_open(call, peer, whole, &n);

    if (e == ERR_OK) {
        e = pq1_seal(&c->channels[peer], call->now_ns, &about, (struct view){whole, n}, w);
    }
    wipe(whole, sizeof whole);
    return e;
}

void ceremony_begin_sealed(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;

    for (uint8_t i = 0; i < c->plan.total && ceremony_runs(call); i++) {
        struct writer w = wr_init(c->body, sizeof c->body);
        struct view body;

        if (i == c->own) {
            continue;
        }
        if (seal_open(call, i, &w) != ERR_OK || wr_finish(&w, &body) != ERR_OK) {
            own_fault(call);
            return;
        }
        ceremony_send(call, CEREMONY_SEALED, i, body);
    }
}

static void keep_seeds(struct ceremony *c, const struct ceremony_msg *open)
{
    const struct view share = ceremony_body_classic(&c->plan, open);

    if (share.n > 0) {
        memcpy(c->secrets.classic.shares[open->sender], share.p, share.n);
    }
    for (size_t i = 0; i < c->held.n; i++) {
        const struct view v = ceremony_body_entry(&c->plan, open, c->held.mask[i]);

        if (v.n > 0) {
            memcpy(&c->secrets.seeds[i][open->sender], v.p, v.n);
        }
    }
}

/* The OPEN message in a record. ERR_*: it is none, or not signed by the peer: what the peer
 * sealed is of no use, and proves nothing. */
static enum err unseal(const struct ceremony_call *call, uint8_t peer, struct ceremony_msg *m)
{
    struct ceremony *c = call->c;
    const struct pq1_about want = about_open(c);
    struct pq1_about about;
    struct reader r;

    TRY(pq1_open(&c->channels[peer], call->now_ns, c->known.msg[CEREMONY_SEALED][peer].body,
                 &about, c->secrets.open[peer], sizeof c->secrets.open[peer],
                 &c->secrets.open_len[peer]));
    if (about.type != want.type || about.round != want.round ||
        memcmp(about.session, want.session, sizeof about.session) != 0) {
        return ERR_MISMATCH;
    }
    r = rd_init((struct view){c->secrets.open[peer], c->secrets.open_len[peer]});
    TRY(ceremony_msg_decode(&r, m));
    TRY(rd_finish(&r));
    if (m->round != CEREMONY_OPEN || m->sender != peer || m->to != c->own) {
        return ERR_TAG;
    }
    return ceremony_msg_verify(&c->plan, c->known.epoch_id, m);
}

void ceremony_end_sealed(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;

    for (uint8_t i = 0; i < c->plan.total; i++) {
        struct ceremony_msg m;

        if (i == c->own) {
            continue;
        }
        if (unseal(call, i, &m) != ERR_OK) {
            ceremony_abort(call, CEREMONY_CHANNEL, i);
            return;
        }
        if (ceremony_body_check(&c->plan, &m) != ERR_OK) {
            ceremony_complain(call, CEREMONY_MALFORMED, i, &m, 1);
            return;
        }
        if (ceremony_known_check_opening(&c->known, &m) != ERR_OK) {
            ceremony_complain(call, CEREMONY_BAD_OPENING, i, &m, 1);
            return;
        }
        keep_seeds(c, &m);
    }
}

/* ---- RHO: what follows from all openings ---- */

static void derive(struct ceremony *c)
{
    struct tmldsa_rho_opening openings[PLAN_NODES_MAX];
    struct tmldsa_seed_opening seeds[PLAN_NODES_MAX];
    uint8_t rho[TMLDSA_RHO_LEN];

    ceremony_known_openings(&c->known, openings);
    tmldsa_keygen_rho(&c->known.rules, openings, rho);
    tmldsa_matrix_make(c->known.rules.path, c->known.rules.params, rho, &c->scratch.keygen,
                       &c->scratch.matrix);
    for (size_t i = 0; i < c->held.n; i++) {
        size_t n = 0;

        for (size_t j = 0; j < c->plan.total; j++) {
            if (is_member(c->held.mask[i], (unsigned)j)) {
                seeds[n++] = c->secrets.seeds[i][j];
            }
        }
        tmldsa_keygen_sigma(&c->known.rules, openings, c->held.mask[i], seeds,
                            c->secrets.sigma[i]);
        tmldsa_keygen_t(&c->scratch.matrix, c->secrets.sigma[i], &c->scratch.keygen,
                        c->own_t[i]);
    }
    wipe(seeds, sizeof seeds);
}

void ceremony_end_rho(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;

    for (uint8_t i = 0; i < c->plan.total; i++) {
        const struct ceremony_msg *m = &c->known.msg[CEREMONY_RHO][i];

        if (ceremony_known_check_opening(&c->known, m) != ERR_OK) {
            ceremony_complain(call, CEREMONY_BAD_OPENING, i, m, 1);
            return;
        }
    }
    if (ceremony_has_classic(c)) {
        ceremony_classic_finish(call);
    }
    if (ceremony_runs(call)) {
        derive(c);
    }
}

/* ---- T_COMMIT ---- */

void ceremony_begin_t_commit(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;
    struct writer w = wr_init(c->body, sizeof c->body);
    uint8_t com[CEREMONY_HASH_LEN];

    for (size_t i = 0; i < c->held.n; i++) {
        tmldsa_keygen_commit_t(&c->known.rules, c->held.mask[i], c->own_t[i], com);
        wr_u8(&w, c->held.mask[i]);
        wr_bytes(&w, com, sizeof com);
    }
    ceremony_send_written(call, call->c->round, &w);
}

/* Of each member of the subset an OPEN, ours in own_open, and its T_COMMIT. */
static enum err gather_proof(const struct ceremony *c, uint8_t mask, struct view own_open,
                             struct ceremony_complaint *out)
{
    for (uint8_t i = 0; i < c->plan.total; i++) {
        const struct view open = {c->secrets.open[i], c->secrets.open_len[i]};
        struct reader r = rd_init(i == c->own ? own_open : open);

        if (!is_member(mask, i)) {
            continue;
        }
        TRY(ceremony_msg_decode(&r, &out->proof[out->n]));
        out->proof[out->n + 1] = c->known.msg[CEREMONY_T_COMMIT][i];
        out->n += 2;
    }
    return ERR_OK;
}

/* The lowest member of a subset of two or more, ourselves aside. */
static uint8_t other_member(const struct ceremony *c, uint8_t mask)
{
    uint8_t i = 0;

    while (i == c->own || !is_member(mask, i)) {
        i++;
    }
    return i;
}

static void complain_of_t(const struct ceremony_call *call, uint8_t mask, uint8_t accused)
{
    uint8_t own_open[CEREMONY_OPEN_MAX];
    struct ceremony_complaint complaint = {0};
    size_t len = 0;
    enum err e = write_open(call, other_member(call->c, mask), own_open, &len);

    if (e == ERR_OK) {
        e = gather_proof(call->c, mask, (struct view){own_open, len}, &complaint);
    }
    if (e == ERR_OK) {
        ceremony_complain(call, CEREMONY_BAD_T, accused, complaint.proof, complaint.n);
    } else {
        own_fault(call);
    }
    wipe(own_open, sizeof own_open);
}

/* Whoever of an own subset has another t than this node derived itself; CEREMONY_NOBODY. */
static uint8_t who_differs(const struct ceremony *c, uint8_t mask)
{
    const struct ceremony_msg *own = &c->known.msg[CEREMONY_T_COMMIT][c->own];

    for (uint8_t i = 0; i < c->plan.total; i++) {
        const struct view v =
            ceremony_body_entry(&c->plan, &c->known.msg[CEREMONY_T_COMMIT][i], mask);

        if (v.n > 0 && !view_equal(v, ceremony_body_entry(&c->plan, own, mask))) {
            return i;
        }
    }
    return CEREMONY_NOBODY;
}

void ceremony_end_t_commit(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;

    for (size_t i = 0; i < c->held.n; i++) {
        const uint8_t accused = who_differs(c, c->held.mask[i]);

        if (accused != CEREMONY_NOBODY) {
            complain_of_t(call, c->held.mask[i], accused);
            return;
        }
    }
}

/* ---- T_REVEAL ---- */

void ceremony_begin_t_reveal(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;
    struct writer w = wr_init(c->body, sizeof c->body);

    for (size_t i = 0; i < c->held.n; i++) {
        const unsigned below = (1U << c->own) - 1;

        if ((c->held.mask[i] & below) == 0) {
            wr_u8(&w, c->held.mask[i]);
            wr_bytes(&w, c->own_t[i], sizeof c->own_t[i]);
        }
    }
    ceremony_send_written(call, call->c->round, &w);
}

static enum err make_key(struct ceremony *c)
{
    const struct tmldsa_params *params = c->known.rules.params;

    TRY(ceremony_known_public_key(&c->known, &c->scratch, c->pk));
    return tmldsa_public_key_parse(c->known.rules.path, params,
                                   (struct view){c->pk, sizeof c->pk}, &c->scratch.key,
                                   &c->key);
}

void ceremony_end_t_reveal(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;
    enum err e = ERR_OK;

    for (uint8_t i = 0; i < c->plan.total; i++) {
        const struct ceremony_msg *m = &c->known.msg[CEREMONY_T_REVEAL][i];
        const struct ceremony_msg *commit = &c->known.msg[CEREMONY_T_COMMIT][i];

        if (ceremony_known_check_reveal(&c->known, commit, m) != ERR_OK) {
            const struct ceremony_msg both[2] = {*commit, *m};

            ceremony_complain(call, CEREMONY_BAD_REVEAL, i, both, 2);
            return;
        }
    }
    if (make_key(c) != ERR_OK) {
        own_fault(call);
        return;
    }
    e = tmldsa_share_load(c->known.rules.path, c->known.rules.params, c->own,
                          (const uint8_t(*)[TMLDSA_SIGMA_LEN])c->secrets.sigma,
                          &c->share_scratch, &c->share);
    if (e != ERR_OK) { /* F7: too long for the radii */
        ceremony_abort(call, CEREMONY_NORM, CEREMONY_NOBODY);
        return;
    }
    wipe(&c->secrets, sizeof c->secrets);
}
