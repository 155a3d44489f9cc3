#include "enclave/judge/judge.h"

#include <string.h>

#define NS_PER_MS INT64_C(1000000)
#define PEER_REACH_NS INT64_C(1000000000) /* how far a peer's span may lie from the own */

/* This signer's place in S; h->t: it is not in it. */
static size_t own_place(const struct judge *j, const struct r2_head *h)
{
    size_t at = 0;

    while (at < h->t && h->signers[at] != j->index) {
        at++;
    }
    return at;
}

/* Judgements 1 and 2: the own body names an R1 of ours that is open. It is used now. */
static enum err use_own(const struct judge *j, const struct r2_head *h,
                        const struct r2_stamp *s)
{
    const size_t at = own_place(j, h);
    const size_t each = r1_len(h->key, h->t);
    int64_t opened_ns = 0;
    struct view own;

    if (at == h->t) {
        return ERR_QUORUM;
    }
    own = (struct view){s->bodies.p + at * each, each};
    TRY(r1_table_use(j->r1, own, &opened_ns));
    return j->now.mono_ns - opened_ns <= R1_LIFE_NS ? ERR_OK : ERR_STALE;
}

/* Judgement 5: epoch, key, activation, T members. */
static enum err check_head(const struct judge *j, const struct r2_head *h)
{
    if (memcmp(h->epoch_id, j->epoch_id, EPOCH_ID_LEN) != 0 || h->key != j->key ||
        h->t != j->threshold) {
        return ERR_QUORUM;
    }
    for (size_t i = 0; i < h->t; i++) {
        if (h->signers[i] == 0 || h->signers[i] > j->total ||
            (i > 0 && h->signers[i] <= h->signers[i - 1])) {
            return ERR_QUORUM;
        }
    }
    return memcmp(h->activation, j->activation, ACTIVATION_HASH_LEN) == 0 ? ERR_OK : ERR_STALE;
}

static const struct boot_policy *find_policy(const struct judge *j, uint8_t number)
{
    for (size_t i = 0; i < j->n_policies; i++) {
        if (j->policies[i].number == number && j->policies[i].key == j->key) {
            return &j->policies[i];
        }
    }
    return NULL;
}

/* Judgement 4: every span of S meets the own, widened by a second. The own does always. */
static enum err check_spans(const struct judge *j, const struct r2_head *h,
                            const struct r2_stamp *s)
{
    const size_t offer = r1_len(h->key, h->t) - R1_BODY_LEN;
    struct reader r = rd_init(s->bodies);
    struct r1_body body;
    struct view one;
    struct view rest;

    for (size_t i = 0; i < h->t; i++) {
        TRY(rd_take(&r, R1_BODY_LEN, &one));
        TRY(rd_take(&r, offer, &rest));
        TRY(r1_body_decode(one, &body));
        if (body.hi_ns < j->now.lo_ns - PEER_REACH_NS ||
            body.lo_ns > j->now.hi_ns + PEER_REACH_NS) {
            return ERR_MISMATCH;
        }
    }
    return rd_finish(&r);
}

bool judge_time(const struct stamp *s, int64_t unit_ms, int64_t lo_ns, int64_t hi_ns)
{
    const int64_t g = s->gen_time_ms * NS_PER_MS;
    const int64_t a = (int64_t)s->accuracy_ms * NS_PER_MS;
    const int64_t half_unit = unit_ms * NS_PER_MS / 2;

    return g <= hi_ns + half_unit && g >= lo_ns - R1_LIFE_NS - (hi_ns - lo_ns) - half_unit &&
           g - a <= lo_ns && hi_ns <= g + a;
}

/* Any two quorums of such a policy share an honest signer (boot_args_check_ordering()), so who
 * asks after a token was given gets a later genTime, and no two tokens have the same. */
static enum err keep_order(const struct judge *j, const struct boot_policy *p,
                           int64_t gen_time_ms)
{
    if (!p->rule.ordering) {
        return ERR_OK;
    }
    if (gen_time_ms <= *j->ordered_ms) {
        return ERR_STALE;
    }
    *j->ordered_ms = gen_time_ms;
    return ERR_OK;
}

enum err judge_stamp(const struct judge *j, const struct r2_head *h, const struct r2_stamp *s,
                     const struct boot_policy **policy, struct stamp *out)
{
    const enum err used = use_own(j, h, s); /* whatever follows: one R1 serves one R2 */
    const struct boot_policy *p;
    struct stamp st;

    *policy = NULL;
    *out = (struct stamp){0};
    TRY(j->standing);
    TRY(used);
    TRY(check_head(j, h));
    p = find_policy(j, s->policy);
    if (p == NULL) {
        return ERR_POLICY;
    }
    TRY(check_spans(j, h, s));
    TRY(stamp_derive(h, s, &p->rule, &st));
    if (!judge_time(&st, stamp_unit_ms(p->rule.digits), j->now.lo_ns, j->now.hi_ns)) {
        return ERR_TIME;
    }
    TRY(keep_order(j, p, st.gen_time_ms));
    *policy = p;
    *out = st;
    return ERR_OK;
}
