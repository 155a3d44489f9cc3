#include "enclave/repair/adopt.h"

#include "base/secret.h"

#include <string.h>

static enum err fill_keys(struct ceremony *c, struct view pk)
{
    struct ceremony_known *const k = &c->known;

    TRY(ceremony_classic_key(k, &c->classic));
    TRY(ceremony_known_public_key(k, &c->scratch, c->pk)); /* which leaves every t */
    if (!view_equal((struct view){c->pk, sizeof c->pk}, pk)) {
        return ERR_BUG; /* verified before */
    }
    TRY(tmldsa_public_key_parse(k->rules.path, k->rules.params, pk, &c->scratch.key, &c->key));
    tmldsa_matrix_make(k->rules.path, k->rules.params, c->pk, &c->scratch.keygen,
                       &c->scratch.matrix); /* rho comes first, FIPS 204 alg. 22 */
    return ERR_OK;
}

static enum err adopt(struct ceremony *c, const struct ceremony_tools *tools)
{
    struct ceremony_finding findings[CEREMONY_CHECKS];
    struct ceremony_record r;

    TRY(ceremony_record_decode(c->record_bytes, &r));
    if (r.plan.classic != PLAN_CLASSIC_SHARED) {
        return ERR_POLICY;
    }
    r.known.stack = &tools->work->stack;
    if (!ceremony_record_verify(&r, &c->scratch, findings)) {
        return ERR_SIGNATURE;
    }
    memcpy(c->plan_bytes, r.known.plan_bytes.p, r.known.plan_bytes.n);
    c->plan = r.plan;
    c->known = r.known;
    c->known.plan = &c->plan;
    c->known.plan_bytes.p = c->plan_bytes;
    ceremony_record_id(c->record_bytes, c->id);
    return fill_keys(c, r.pk);
}

enum err adopt_record(struct ceremony *c, const struct ceremony_tools *tools,
                      struct view record)
{
    enum err e = record.n <= sizeof c->record ? ERR_OK : ERR_LENGTH;

    ceremony_wipe(c, tools);
    if (e == ERR_OK) {
        memcpy(c->record, record.p, record.n);
        c->record_bytes = (struct view){c->record, record.n};
        e = adopt(c, tools);
    }
    if (e != ERR_OK) {
        ceremony_wipe(c, tools);
    }
    return e;
}

struct reenrol_public adopt_public(struct ceremony *c)
{
    return (struct reenrol_public){{&c->scratch.matrix, c->scratch.t}, &c->scratch.keygen};
}

void adopt_shares(struct ceremony *c, uint8_t own, struct reenrol_shares *shares)
{
    c->own = own;
    c->share = shares->pq;
    c->classic_share = shares->classic;
    c->end = (struct ceremony_end){CEREMONY_NO_REASON, CEREMONY_NOBODY, CEREMONY_NOBODY, false};
    c->state = CEREMONY_FINISHED;
    wipe(shares, sizeof *shares);
}
