#include "crypto/tecdsa/tecdsa_presign.h"

#include "base/secret.h"

#include <string.h>

_Static_assert(sizeof(struct tecdsa_body) == 129 &&
                   sizeof(struct tecdsa_round_1) == 129 + 28688 &&
                   sizeof(struct tecdsa_round_2) == 123040 + 276,
               "bytes alone");

void tecdsa_presign_sid1(const struct tecdsa_key *key, const struct tecdsa_presign_of *of,
                         uint8_t sid1[TECDSA_HASH_LEN])
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "presign");
    tecdsa_hash_field(&h, key->key_id, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, of->epoch_id, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, of->s, 1);
    for (unsigned i = 0; i < TECDSA_PARTIES_MAX; i++) {
        if ((of->s >> i & 1) == 1) {
            tecdsa_hash_number(&h, of->incarnation[i], 4);
        }
    }
    tecdsa_hash_number(&h, of->counter, 8);
    tecdsa_hash_field(&h, of->label, sizeof of->label);
    tecdsa_hash_finish(&h, sid1, TECDSA_HASH_LEN);
}

static void end(struct tecdsa_presign *p, enum tecdsa_fate fate, unsigned culprit)
{
    wipe(p, sizeof *p);
    p->fate = fate;
    p->culprit = culprit;
}

void tecdsa_presign_end(struct tecdsa_presign *p)
{
    if (p->fate == TECDSA_LIVE) {
        end(p, TECDSA_BENIGN, 0);
    }
}

/* Ends the session by a check that the peer failed: both setups of the pair go with it. */
static enum err fail(struct tecdsa_presign *p, enum tecdsa_fate fate, unsigned culprit,
                     enum err e)
{
    struct tecdsa_pair *const pair = &p->signer->pair[culprit];

    wipe(pair->bob, sizeof *pair->bob);
    wipe(pair->alice, sizeof *pair->alice);
    end(p, fate, culprit);
    return e;
}

/* The setups are those that the session began with. */
static bool setups_stand(const struct tecdsa_presign *p)
{
    for (unsigned i = 0; i < TECDSA_PEERS; i++) {
        const struct tecdsa_presign_peer *const peer = &p->peer[i];
        const struct tecdsa_pair *const pair = &p->signer->pair[peer->party];

        if (!pair->bob->ready || !pair->alice->ready ||
            memcmp(pair->bob->id, peer->setup_bob, TECDSA_HASH_LEN) != 0 ||
            memcmp(pair->alice->id, peer->setup_alice, TECDSA_HASH_LEN) != 0) {
            return false;
        }
    }
    return true;
}

/* The peer of a call, of a session that may go on. */
static enum err enter(struct tecdsa_presign *p, unsigned party,
                      struct tecdsa_presign_peer **peer)
{
    *peer = NULL;
    if (p->fate != TECDSA_LIVE || p->signer == NULL) {
        return ERR_STATE;
    }
    if (!setups_stand(p)) {
        end(p, TECDSA_BENIGN, 0);
        return ERR_STALE;
    }
    for (unsigned i = 0; i < TECDSA_PEERS; i++) {
        if (p->peer[i].party == party) {
            *peer = &p->peer[i];
        }
    }
    return *peer == NULL ? ERR_STATE : ERR_OK;
}

static void commit_r(const uint8_t *sid1, unsigned party, const uint8_t *r, const uint8_t *salt,
                     uint8_t commitment[TECDSA_HASH_LEN])
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "R");
    tecdsa_hash_field(&h, sid1, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, party, 1);
    tecdsa_hash_field(&h, r, TECDSA_POINT_LEN);
    tecdsa_hash_field(&h, salt, TECDSA_SALT_LEN);
    tecdsa_hash_finish(&h, commitment, TECDSA_HASH_LEN);
    CT_PUBLIC(commitment, TECDSA_HASH_LEN);
}

/* Three parties of the key, oneself among them, setups at hand, a counter that was never used.
 */
static enum err check_start(const struct tecdsa_signer *signer,
                            const struct tecdsa_presign_of *of)
{
    const unsigned own = signer->share->party;

    if (of->s >> signer->key->n != 0 || __builtin_popcount(of->s) != TECDSA_T ||
        (of->s >> own & 1) == 0) {
        return ERR_RANGE;
    }
    for (unsigned i = 0; i < signer->key->n; i++) {
        const struct tecdsa_pair *const pair = &signer->pair[i];

        if (i == own || (of->s >> i & 1) == 0) {
            continue;
        }
        if (pair->bob == NULL || pair->alice == NULL || pair->zero_seed == NULL ||
            !pair->bob->ready || !pair->alice->ready || pair->bob->bob != own ||
            pair->bob->alice != i || pair->alice->bob != i || pair->alice->alice != own) {
            return ERR_STATE;
        }
        if (of->counter <= pair->last_counter) {
            return ERR_STALE;
        }
    }
    return ERR_OK;
}

/* Everything that is random, of the seed. */
static void draw(struct tecdsa_presign *p, const uint8_t seed[TECDSA_SEED_LEN])
{
    struct {
        uint8_t r[TECDSA_WIDE_LEN], phi[TECDSA_WIDE_LEN];
        uint8_t nonce[TECDSA_NONCE_LEN], salt[TECDSA_SALT_LEN];
        struct {
            uint8_t x[TECDSA_COLUMN_LEN], seed[TECDSA_SEED_LEN];
        } peer[TECDSA_PEERS];
    } drawn;
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "presign-seed");
    tecdsa_hash_field(&h, p->body.sid1, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, p->party, 1);
    tecdsa_hash_field(&h, seed, TECDSA_SEED_LEN);
    tecdsa_hash_finish(&h, &drawn, sizeof drawn);
    tecdsa_scalar_reduce(drawn.r, &p->r);
    tecdsa_scalar_reduce(drawn.phi, &p->phi);
    memcpy(p->body.nonce, drawn.nonce, sizeof drawn.nonce);
    memcpy(p->salt, drawn.salt, sizeof drawn.salt);
    for (unsigned i = 0; i < TECDSA_PEERS; i++) {
        memcpy(p->peer[i].x, drawn.peer[i].x, TECDSA_COLUMN_LEN);
        memcpy(p->peer[i].seed, drawn.peer[i].seed, TECDSA_SEED_LEN);
    }
    CT_PUBLIC(p->body.nonce, sizeof p->body.nonce);
    wipe(&drawn, sizeof drawn);
}

static void encode_product(const struct tecdsa_scalar *k, uint8_t out[TECDSA_POINT_LEN])
{
    struct tecdsa_point point;

    tecdsa_point_mul_g(k, &point);
    tecdsa_point_encode(&point, out);
    wipe(&point, sizeof point);
}

enum err tecdsa_presign_begin(struct tecdsa_presign *p, struct tecdsa_signer *signer,
                              const struct tecdsa_presign_of *of,
                              const uint8_t seed[TECDSA_SEED_LEN])
{
    unsigned at = 0;

    wipe(p, sizeof *p);
    TRY(check_start(signer, of));
    p->signer = signer;
    p->s = of->s;
    p->party = signer->share->party;
    p->body.party[0] = (uint8_t)p->party;
    tecdsa_presign_sid1(signer->key, of, p->body.sid1);
    draw(p, seed);
    for (unsigned i = 0; i < signer->key->n; i++) {
        if (i != p->party && (p->s >> i & 1) == 1) {
            struct tecdsa_presign_peer *const peer = &p->peer[at++];

            peer->party = i;
            memcpy(peer->setup_bob, signer->pair[i].bob->id, TECDSA_HASH_LEN);
            memcpy(peer->setup_alice, signer->pair[i].alice->id, TECDSA_HASH_LEN);
            tecdsa_rvole_factor(signer->gadget, peer->x, &peer->chi);
            signer->pair[i].last_counter = of->counter;
        }
    }
    encode_product(&p->r, p->r_bytes);
    commit_r(p->body.sid1, p->party, p->r_bytes, p->salt, p->body.commitment);
    return ERR_OK;
}

enum err tecdsa_presign_extend(struct tecdsa_presign *p, unsigned to,
                               struct tecdsa_presign_scratch *scratch,
                               struct tecdsa_round_1 *out)
{
    struct tecdsa_presign_peer *peer;
    const struct tecdsa_ote_of of = {p->body.sid1, p->body.nonce};

    TRY(enter(p, to, &peer));
    out->body = p->body;
    tecdsa_ote_extend(p->signer->pair[to].bob, &of, peer->x, &scratch->ote, &peer->t,
                      &out->extension);
    return ERR_OK;
}

/* H("sid2", sid1, then of the three ascending: party, nonce, commitment); and what hangs on it:
 * sk = lambda x + zeta. */
static void name_session(struct tecdsa_presign *p)
{
    struct tecdsa_hash h;
    struct tecdsa_scalar lambda;

    tecdsa_hash_start(&h, "sid2");
    tecdsa_hash_field(&h, p->body.sid1, TECDSA_HASH_LEN);
    for (unsigned i = 0; i < TECDSA_PARTIES_MAX; i++) {
        const struct tecdsa_body *body = i == p->party ? &p->body : NULL;

        for (unsigned k = 0; k < TECDSA_PEERS; k++) {
            body = p->peer[k].party == i ? &p->peer[k].body : body;
        }
        if (body != NULL) {
            tecdsa_hash_number(&h, i, 1);
            tecdsa_hash_field(&h, body->nonce, TECDSA_NONCE_LEN);
            tecdsa_hash_field(&h, body->commitment, TECDSA_HASH_LEN);
        }
    }
    tecdsa_hash_finish(&h, p->sid2, TECDSA_HASH_LEN);
    tecdsa_lagrange(p->s, p->party, &lambda);
    tecdsa_scalar_mul(&p->signer->share->x, &lambda, &p->sk);
    for (unsigned k = 0; k < TECDSA_PEERS; k++) {
        const unsigned other = p->peer[k].party;
        struct tecdsa_scalar zero;

        tecdsa_hash_start(&h, "zero");
        tecdsa_hash_field(&h, p->sid2, TECDSA_HASH_LEN);
        tecdsa_hash_field(&h, p->signer->pair[other].zero_seed, TECDSA_OT_KEY_LEN);
        tecdsa_hash_scalar(&h, &zero);
        if (other < p->party) {
            tecdsa_scalar_neg(&zero, &zero);
        }
        tecdsa_scalar_add(&p->sk, &zero, &p->sk);
        wipe(&zero, sizeof zero);
    }
    encode_product(&p->sk, p->pk_bytes);
    CT_PUBLIC(p->pk_bytes, sizeof p->pk_bytes);
}

static bool round_1_over(const struct tecdsa_presign *p)
{
    return p->peer[0].accepted_1 && p->peer[1].accepted_1;
}

enum err tecdsa_presign_accept_1(struct tecdsa_presign *p, unsigned from,
                                 const struct tecdsa_round_1 *in,
                                 struct tecdsa_presign_scratch *scratch)
{
    struct tecdsa_presign_peer *peer;
    const struct tecdsa_ote_of of = {p->body.sid1, in->body.nonce};

    TRY(enter(p, from, &peer));
    if (peer->accepted_1) {
        return ERR_STATE;
    }
    if (in->body.party[0] != from ||
        memcmp(in->body.sid1, p->body.sid1, TECDSA_HASH_LEN) != 0) {
        return ERR_STALE;
    }
    if (tecdsa_ote_check(p->signer->pair[from].alice, &of, &in->extension, &scratch->ote,
                         &peer->q) != ERR_OK) {
        return fail(p, TECDSA_SETUP, from, ERR_MISMATCH);
    }
    peer->body = in->body;
    peer->accepted_1 = true;
    if (round_1_over(p)) {
        name_session(p);
    }
    return ERR_OK;
}

enum err tecdsa_presign_multiply(struct tecdsa_presign *p, unsigned to,
                                 struct tecdsa_presign_scratch *scratch,
                                 struct tecdsa_round_2 *out)
{
    struct tecdsa_presign_peer *peer;
    struct tecdsa_rvole_inputs inputs;
    struct tecdsa_scalar psi;

    TRY(enter(p, to, &peer));
    if (!round_1_over(p) || peer->multiplied) {
        return ERR_STATE;
    }
    inputs.a[0] = p->r;
    inputs.a[1] = p->sk;
    memcpy(inputs.seed, peer->seed, sizeof inputs.seed);
    tecdsa_rvole_send(&(struct tecdsa_rvole_of){peer->setup_alice, p->sid2, peer->party,
                                                p->party, p->signer->gadget},
                      &peer->q, p->signer->pair[to].alice->delta, &inputs, &scratch->rvole,
                      &out->product, peer->c);
    wipe(&inputs, sizeof inputs);
    encode_product(&peer->c[0], out->gu);
    encode_product(&peer->c[1], out->gv);
    tecdsa_scalar_sub(&p->phi, &peer->chi, &psi);
    tecdsa_scalar_encode(&psi, out->psi);
    memcpy(out->pk, p->pk_bytes, sizeof out->pk);
    memcpy(out->r, p->r_bytes, sizeof out->r);
    memcpy(out->salt, p->salt, sizeof out->salt);
    CT_PUBLIC(out, sizeof *out);
    peer->multiplied = true;
    wipe(&psi, sizeof psi);
    wipe(peer->seed, sizeof peer->seed);
    wipe(&peer->q, sizeof peer->q);
    return ERR_OK;
}

/* chi point - share = d G, as a mask: what Alice put in is what her points say. */
static uint64_t equation(const struct tecdsa_scalar *chi, const struct tecdsa_point *point,
                         const struct tecdsa_point *share, const struct tecdsa_scalar *d)
{
    struct tecdsa_point left;
    struct tecdsa_point right;
    uint64_t same;

    tecdsa_point_mul(chi, point, &left);
    tecdsa_point_sub(&left, share, &left);
    tecdsa_point_mul_g(d, &right);
    same = tecdsa_point_equal(&left, &right);
    wipe(&left, sizeof left);
    wipe(&right, sizeof right);
    return same;
}

static enum err check_round_2(struct tecdsa_presign *p, struct tecdsa_presign_peer *peer,
                              const struct tecdsa_round_2 *in,
                              struct tecdsa_presign_scratch *scratch)
{
    uint8_t commitment[TECDSA_HASH_LEN];
    struct tecdsa_point gu;
    struct tecdsa_point gv;
    uint64_t good;

    commit_r(p->body.sid1, peer->party, in->r, in->salt, commitment);
    if (memcmp(commitment, peer->body.commitment, sizeof commitment) != 0) { /* public */
        return ERR_MISMATCH;
    }
    TRY(tecdsa_point_decode(in->gu, &gu));
    TRY(tecdsa_point_decode(in->gv, &gv));
    TRY(tecdsa_point_decode(in->pk, &peer->pk));
    TRY(tecdsa_point_decode(in->r, &peer->r));
    TRY(tecdsa_scalar_decode(in->psi, &peer->psi));
    TRY(tecdsa_rvole_receive(&(struct tecdsa_rvole_of){peer->setup_bob, p->sid2, p->party,
                                                       peer->party, p->signer->gadget},
                             &peer->t, peer->x, &in->product, &scratch->rvole, peer->d));
    good = equation(&peer->chi, &peer->r, &gu, &peer->d[0]) &
           equation(&peer->chi, &peer->pk, &gv, &peer->d[1]);
    CT_PUBLIC(&good, sizeof good);
    return good != 0 ? ERR_OK : ERR_MISMATCH;
}

enum err tecdsa_presign_accept_2(struct tecdsa_presign *p, unsigned from,
                                 const uint8_t sid2[TECDSA_HASH_LEN],
                                 const struct tecdsa_round_2 *in,
                                 struct tecdsa_presign_scratch *scratch)
{
    struct tecdsa_presign_peer *peer;
    enum err e;

    TRY(enter(p, from, &peer));
    if (!round_1_over(p) || peer->accepted_2) {
        return ERR_STATE;
    }
    if (memcmp(sid2, p->sid2, TECDSA_HASH_LEN) != 0) {
        end(p, TECDSA_BENIGN, 0);
        return ERR_STALE;
    }
    e = check_round_2(p, peer, in, scratch);
    if (e != ERR_OK) {
        return fail(p, TECDSA_SESSION, from, e);
    }
    peer->accepted_2 = true;
    wipe(&peer->t, sizeof peer->t);
    wipe(peer->x, sizeof peer->x);
    return ERR_OK;
}

/* The sums of the three R and of the three pk. */
static enum err add_points(struct tecdsa_presign *p, struct tecdsa_point *r,
                           struct tecdsa_point *pk)
{
    CT_PUBLIC(p->r_bytes, sizeof p->r_bytes); /* it was shown to both */
    TRY(tecdsa_point_decode(p->r_bytes, r));
    TRY(tecdsa_point_decode(p->pk_bytes, pk));
    for (unsigned i = 0; i < TECDSA_PEERS; i++) {
        tecdsa_point_add(r, &p->peer[i].r, r);
        tecdsa_point_add(pk, &p->peer[i].pk, pk);
    }
    return ERR_OK;
}

/* u = r F + what the products gave, v = sk F + the same; F = phi + the psi of both. */
static void make_record(const struct tecdsa_presign *p, const struct tecdsa_scalar *r,
                        struct tecdsa_presignature *out)
{
    struct tecdsa_scalar f = p->phi;
    struct tecdsa_factor factor;

    for (unsigned i = 0; i < TECDSA_PEERS; i++) {
        tecdsa_scalar_add(&f, &p->peer[i].psi, &f);
    }
    tecdsa_scalar_factor(&f, &factor);
    tecdsa_scalar_times(&p->r, &factor, &out->u);
    tecdsa_scalar_times(&p->sk, &factor, &out->v);
    for (unsigned i = 0; i < TECDSA_PEERS; i++) {
        tecdsa_scalar_add(&out->u, &p->peer[i].c[0], &out->u);
        tecdsa_scalar_add(&out->u, &p->peer[i].d[0], &out->u);
        tecdsa_scalar_add(&out->v, &p->peer[i].c[1], &out->v);
        tecdsa_scalar_add(&out->v, &p->peer[i].d[1], &out->v);
    }
    out->phi = p->phi;
    out->s = p->s;
    memcpy(out->id, p->sid2, sizeof out->id);
    tecdsa_scalar_encode(r, out->r);
    wipe(&f, sizeof f);
    wipe(&factor, sizeof factor);
    atomic_store(&out->state, TECDSA_PRESIGNATURE_FRESH);
}

enum err tecdsa_presign_finish(struct tecdsa_presign *p, struct tecdsa_presignature *out)
{
    struct tecdsa_presign_peer *peer;
    struct tecdsa_point r_point;
    struct tecdsa_point pk;
    struct tecdsa_scalar r;
    enum err e;

    wipe(out, sizeof *out);
    TRY(enter(p, p->peer[0].party, &peer));
    for (unsigned i = 0; i < TECDSA_PEERS; i++) {
        if (!p->peer[i].multiplied || !p->peer[i].accepted_2) {
            return ERR_STATE;
        }
    }
    e = add_points(p, &r_point, &pk);
    if (e == ERR_OK && tecdsa_point_equal(&pk, &p->signer->key->pk) == 0) {
        end(p, TECDSA_TRIPLE, 0);
        return ERR_MISMATCH;
    }
    tecdsa_point_x(&r_point, &r);
    if (e != ERR_OK || tecdsa_scalar_zero(&r) != 0) {
        end(p, TECDSA_BENIGN, 0);
        return ERR_BUG;
    }
    make_record(p, &r, out);
    end(p, TECDSA_DONE, 0);
    return ERR_OK;
}
