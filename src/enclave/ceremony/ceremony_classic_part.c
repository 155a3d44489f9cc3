/* The shared P-384 key: every node deals, all add up. */
#include "base/secret.h"
#include "enclave/ceremony/ceremony_parts.h"
#include "wire/ceremony_classic.h"

/* ---- COMMIT ---- */

struct deal_call {
    struct ceremony *c;
    uint8_t seed[TECDSA_SEED_LEN];
    uint8_t commitment[TECDSA_HASH_LEN];
};

static enum err deal(void *arg)
{
    struct deal_call *const d = arg;
    struct ceremony *const c = d->c;
    struct ceremony_dealt *const own = &c->secrets.classic;
    const struct tecdsa_ceremony rules = ceremony_classic_rules(&c->known);

    tecdsa_keygen_deal(&rules, c->own, d->seed, &own->dealing, &own->opening);
    tecdsa_keygen_commit(&rules, c->own, &own->opening, d->commitment);
    tecdsa_keygen_share(&own->dealing, c->own, own->shares[c->own]);
    return ERR_OK;
}

enum err ceremony_classic_deal(const struct ceremony_call *call, struct writer *w)
{
    const struct entropy_source *const entropy = call->tools->entropy;
    struct deal_call d = {.c = call->c};
    enum err e = entropy->fill(entropy->self, d.seed, sizeof d.seed);

    if (e == ERR_OK) {
        e = ceremony_classic_run(&call->c->known, deal, &d);
    }
    wr_bytes(w, d.commitment, sizeof d.commitment);
    wipe(&d, sizeof d);
    return e;
}

/* ---- OPEN ---- */

void ceremony_classic_deal_to(const struct ceremony_call *call, uint8_t peer, struct writer *w)
{
    uint8_t share[TECDSA_SCALAR_LEN];

    tecdsa_keygen_share(&call->c->secrets.classic.dealing, peer, share);
    wr_bytes(w, share, sizeof share);
    wipe(share, sizeof share);
}

/* ---- RHO ---- */

/* The OPEN of a peer, as it was kept. */
static enum err opened(const struct ceremony *c, uint8_t peer, struct ceremony_msg *open)
{
    struct reader r = rd_init((struct view){c->secrets.open[peer], c->secrets.open_len[peer]});

    return ceremony_msg_decode(&r, open);
}

/* False: the ceremony has ended. */
static bool share_fits(const struct ceremony_call *call, uint8_t peer)
{
    struct ceremony *const c = call->c;
    struct ceremony_msg proof[2];

    proof[1] = c->known.msg[CEREMONY_RHO][peer];
    if (opened(c, peer, &proof[0]) != ERR_OK) {
        ceremony_abort(call, CEREMONY_OWN_FAULT, c->own);
    } else if (ceremony_classic_check_share(&c->known, &proof[1], &proof[0]) != ERR_OK) {
        ceremony_complain(call, CEREMONY_BAD_SHARE, peer, proof, 2);
    }
    return ceremony_runs(call);
}

struct finish_call {
    struct ceremony *c;
    struct tecdsa_opening openings[PLAN_NODES_MAX];
};

static enum err finish(void *arg)
{
    struct finish_call *const f = arg;
    struct ceremony *const c = f->c;
    const struct tecdsa_ceremony rules = ceremony_classic_rules(&c->known);

    return tecdsa_keygen_finish(&rules, c->own, f->openings,
                                (const uint8_t(*)[TECDSA_SCALAR_LEN])c->secrets.classic.shares,
                                &c->classic, &c->classic_share);
}

void ceremony_classic_finish(const struct ceremony_call *call)
{
    struct ceremony *const c = call->c;
    struct finish_call f = {.c = c};

    for (uint8_t i = 0; i < c->plan.total; i++) {
        if (i != c->own && !share_fits(call, i)) {
            return;
        }
    }
    if (ceremony_classic_openings(&c->known, f.openings) != ERR_OK ||
        ceremony_classic_run(&c->known, finish, &f) != ERR_OK) {
        ceremony_abort(call, CEREMONY_OWN_FAULT, c->own);
    }
}

/* ---- TEST ---- */

struct prove_call {
    struct ceremony *c;
    uint8_t nonce[TECDSA_WIDE_LEN];
    uint8_t x[TECDSA_POINT_LEN];
    struct tecdsa_proof proof;
};

static enum err prove(void *arg)
{
    struct prove_call *const p = arg;
    struct ceremony *const c = p->c;
    const struct tecdsa_proof_of of = ceremony_classic_proof_of(&c->known, c->own);

    tecdsa_point_encode(&c->classic.x[c->own], p->x);
    tecdsa_proof_make(&of, &c->classic_share.x, p->x, p->nonce, &p->proof);
    return ERR_OK;
}

enum err ceremony_classic_prove(const struct ceremony_call *call, struct writer *w)
{
    const struct entropy_source *const entropy = call->tools->entropy;
    struct prove_call p = {.c = call->c};
    enum err e = entropy->fill(entropy->self, p.nonce, sizeof p.nonce);

    if (e == ERR_OK) {
        e = ceremony_classic_run(&call->c->known, prove, &p);
    }
    wr_bytes(w, &p.proof, sizeof p.proof);
    wipe(&p, sizeof p);
    return e;
}
