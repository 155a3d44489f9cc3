#include "wire/ceremony_classic.h"

#include <string.h>

_Static_assert(CEREMONY_HASH_LEN == TECDSA_HASH_LEN, "sid names the ceremony of both keys");
_Static_assert(PLAN_NODES_MAX == TECDSA_PARTIES_MAX, "a node is a party");
_Static_assert(PLAN_CLASSIC_THRESHOLD == TECDSA_T, "as many sign");

struct tecdsa_ceremony ceremony_classic_rules(const struct ceremony_known *k)
{
    struct tecdsa_ceremony c = {.n = k->plan->total};

    memcpy(c.id, k->rules.id, sizeof c.id);
    return c;
}

enum err ceremony_classic_run(const struct ceremony_known *k, enum err (*fn)(void *arg),
                              void *arg)
{
    return k->stack != NULL ? work_stack_run_gmp(k->stack, fn, arg) : fn(arg);
}

/* ---- bytes ---- */

size_t ceremony_classic_len(const struct plan *p)
{
    return p->classic == PLAN_CLASSIC_SHARED
               ? TECDSA_POINT_LONG + (size_t)p->total * TECDSA_POINT_LEN
               : 0;
}

void ceremony_classic_encode(const struct tecdsa_key *key, struct ceremony_classic_bytes *out)
{
    memset(out, 0, sizeof *out);
    memcpy(out->bytes, key->public_key, TECDSA_POINT_LONG);
    out->n = TECDSA_POINT_LONG;
    for (unsigned i = 0; i < key->n; i++) {
        tecdsa_point_encode(&key->x[i], &out->bytes[out->n]);
        out->n += TECDSA_POINT_LEN;
    }
}

/* ---- an opening ---- */

struct opening_call {
    struct tecdsa_ceremony c;
    unsigned party;
    struct tecdsa_opening opening;
    const uint8_t *commitment;
};

static enum err check_opening(void *arg)
{
    const struct opening_call *call = arg;

    return tecdsa_keygen_check_opening(&call->c, call->party, &call->opening, call->commitment);
}

enum err ceremony_classic_check_opening(const struct ceremony_known *k,
                                        const struct ceremony_msg *commit,
                                        const struct ceremony_msg *rho)
{
    struct opening_call call = {.c = ceremony_classic_rules(k),
                                .party = rho->sender,
                                .commitment = ceremony_body_classic(k->plan, commit).p};

    if (tecdsa_opening_decode(ceremony_body_classic(k->plan, rho), &call.opening) != ERR_OK) {
        return ERR_MISMATCH;
    }
    return ceremony_classic_run(k, check_opening, &call) == ERR_OK ? ERR_OK : ERR_MISMATCH;
}

/* ---- a share ---- */

struct share_call {
    struct tecdsa_opening opening;
    unsigned to;
    const uint8_t *share;
};

static enum err check_share(void *arg)
{
    const struct share_call *call = arg;

    return tecdsa_keygen_check_share(&call->opening, call->to, call->share);
}

enum err ceremony_classic_check_share(const struct ceremony_known *k,
                                      const struct ceremony_msg *rho,
                                      const struct ceremony_msg *open)
{
    struct share_call call = {.to = open->to, .share = ceremony_body_classic(k->plan, open).p};

    if (tecdsa_opening_decode(ceremony_body_classic(k->plan, rho), &call.opening) != ERR_OK) {
        return ERR_MISMATCH;
    }
    return ceremony_classic_run(k, check_share, &call) == ERR_OK ? ERR_OK : ERR_MISMATCH;
}

/* ---- the key ---- */

enum err ceremony_classic_openings(const struct ceremony_known *k,
                                   struct tecdsa_opening out[PLAN_NODES_MAX])
{
    for (size_t i = 0; i < k->plan->total; i++) {
        TRY(tecdsa_opening_decode(ceremony_body_classic(k->plan, &k->msg[CEREMONY_RHO][i]),
                                  &out[i]));
    }
    return ERR_OK;
}

enum err ceremony_classic_key(const struct ceremony_known *k, struct tecdsa_key *out)
{
    const struct tecdsa_ceremony c = ceremony_classic_rules(k);
    struct tecdsa_opening openings[PLAN_NODES_MAX];

    memset(out, 0, sizeof *out);
    TRY(ceremony_classic_openings(k, openings));
    return tecdsa_keygen_public(&c, openings, out);
}

/* ---- who holds a share ---- */

struct tecdsa_proof_of ceremony_classic_proof_of(const struct ceremony_known *k, uint8_t sender)
{
    return (struct tecdsa_proof_of){"holder", k->rules.id, sender};
}

struct proof_call {
    struct tecdsa_proof_of of;
    uint8_t x[TECDSA_POINT_LEN];
    struct tecdsa_proof proof;
};

static enum err check_proof(void *arg)
{
    const struct proof_call *call = arg;

    return tecdsa_proof_verify(&call->of, call->x, &call->proof);
}

enum err ceremony_classic_check_holder(const struct ceremony_known *k,
                                       const struct tecdsa_key *key,
                                       const struct ceremony_msg *test)
{
    const struct view proof = ceremony_body_classic(k->plan, test);
    struct proof_call call = {.of = ceremony_classic_proof_of(k, test->sender)};
    struct reader r = rd_init(proof);

    tecdsa_point_encode(&key->x[test->sender], call.x);
    TRY(rd_copy(&r, &call.proof, sizeof call.proof));
    return ceremony_classic_run(k, check_proof, &call) == ERR_OK ? ERR_OK : ERR_SIGNATURE;
}
