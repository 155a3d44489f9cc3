#include "enclave/core/core_presign.h"

#include "base/secret.h"
#include "enclave/core/core_parts.h"
#include "enclave/presign/presign_pool.h"
#include "enclave/quorum/pq_party.h"

#include <string.h>

enum err core_presign_prove(const struct core *c, uint8_t r1[R1_PROVEN_LEN])
{
    const struct pq_party *const p = c->quorum.party;
    uint8_t signed_part[R1_SIGNED_LEN];
    size_t n;

    if (p == NULL) {
        return ERR_STATE;
    }
    n = r1_signed((struct view){r1, R1_PROVEN_LEN}, signed_part);
    return ed25519_sign(p->stack, p->identity, (struct view){signed_part, n}, r1 + R1_BODY_LEN);
}

/* ---- round 2 ---- */

/* Judgement 4 of the other signers' R1s: each is its signer's word. */
static enum err check_proofs(const struct core *c, const struct core_presign_ask *ask)
{
    const struct pq_party *const p = c->quorum.party;
    struct reader r = rd_init(ask->r1s);

    for (size_t i = 0; i < ask->head->t; i++) {
        const uint8_t signer = ask->head->signers[i];
        uint8_t signed_part[R1_SIGNED_LEN];
        struct view r1;
        size_t n;

        TRY(rd_take(&r, R1_PROVEN_LEN, &r1));
        if (signer == c->index) { /* the very bytes were in the table */
            continue;
        }
        n = r1_signed(r1, signed_part);
        TRY(ed25519_verify(p->stack, p->peers[signer - 1].signing_key,
                           (struct view){signed_part, n}, r1.p + R1_BODY_LEN));
    }
    return rd_finish(&r);
}

/* Their places, as a mask. */
static unsigned triple_of(const struct r2_head *h)
{
    unsigned s = 0;

    for (size_t i = 0; i < h->t; i++) {
        s |= 1U << (h->signers[i] - 1U);
    }
    return s;
}

enum err core_presign_answer(struct core *c, const struct core_presign_ask *ask,
                             struct tecdsa_answer *out)
{
    struct presign_pool *const pool = c->presign.pool;
    unsigned s = 0;

    memset(out, 0, sizeof *out);
    if (pool == NULL || c->quorum.party == NULL) {
        return ERR_STATE;
    }
    TRY(check_proofs(c, ask));
    s = presign_pool_triple(pool, ask->id);
    if (s == 0) {
        return ERR_STALE;
    }
    if (s != triple_of(ask->head)) {
        return ERR_QUORUM;
    }
    return presign_pool_answer(pool, c->quorum.party->stack, ask->id, ask->digest,
                               c->now.mono_ns, out);
}

/* Judgements, and then the answer. */
static enum err answer(struct core *c, const struct judge *j, const struct r2_head *h,
                       const struct r2_stamp *s, struct tecdsa_answer *out)
{
    const struct boot_policy *policy;
    uint8_t digest[SIGN_DIGEST_LEN];
    struct stamp st;
    const struct core_presign_ask ask = {h, s->bodies, s->presign.p, digest};

    TRY(judge_stamp(j, h, s, &policy, &st));
    TRY(stamping_digest(&st, s, policy, c->certs, KEY_CLASSIC, digest));
    return core_presign_answer(c, &ask, out);
}

void core_presign_r2(struct core *c, const struct r2_head *h, struct writer *w)
{
    uint8_t activation[ACTIVATION_HASH_LEN];
    const struct judge j = core_judge(c, h->key, activation);

    wr_u8(w, h->n);
    for (size_t i = 0; i < h->n; i++) {
        struct tecdsa_answer a = {0};
        struct r2_result r = {.err = answer(c, &j, h, &c->stamps[i], &a),
                              .signature = {(const uint8_t *)&a, sizeof a}};

        _Static_assert(sizeof a == STAMP_SIGNATURE_CLASSIC, "w | u");
        if (r.err == ERR_OK) {
            c->counts.stamps_signed++;
        } else {
            core_refused(c, r.err);
        }
        r2_result_encode(w, &r);
    }
}

void core_presign_fence(struct core *c, uint8_t node)
{
    if (c->presign.pool != NULL) {
        presign_pool_void(c->presign.pool, node);
    }
}
