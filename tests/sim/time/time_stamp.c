#include "time_world.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t NOTHING[ACTIVATION_HASH_LEN];
static const uint8_t presign[STAMP_PRESIGN_LEN] = {1};

/* A stamp that is under way. */
struct attempt {
    struct r2_head head;
    struct r2_stamp stamp;
    struct tw_node *signers[TW_ORDERING];
    uint8_t bodies[TW_ORDERING * R1_PROVEN_LEN];
    uint8_t digest[32];
    struct stamp out;
};

/* Ascending, and with each liar as often as not. */
static void choose_signers(struct tw *w, struct attempt *a)
{
    bool in[TW_NODES] = {false};
    size_t n = 0;

    for (size_t i = 0; i < TW_NODES && n < 2; i++) {
        in[i] = w->nodes[i].bad && sim_chance(&w->rng, 800);
        n += in[i];
    }
    while (n < w->t) {
        const unsigned i = sim_below(&w->rng, TW_NODES);

        if (!in[i] && (!w->nodes[i].bad || sim_chance(&w->rng, 300))) {
            in[i] = true;
            n++;
        }
    }
    n = 0;
    for (uint8_t i = 0; i < TW_NODES; i++) {
        if (in[i]) {
            a->signers[n] = &w->nodes[i];
            a->head.signers[n++] = (uint8_t)(i + 1);
        }
    }
}

/* What a liar says, who has seen what the honest one before him said. */
static void lie(struct tw *w, const struct tw_node *n, struct r1_body *b)
{
    const int64_t utc_ns = tw_utc(w, w->tai_ns);
    const int64_t half = sim_in(&w->rng, 0, 600 * TW_MS);

    b->lo_ns = utc_ns + n->lie_ns - half;
    b->hi_ns = utc_ns + n->lie_ns + half;
    if (n->lie_ns == 0) { /* anything */
        b->lo_ns = utc_ns + sim_in(&w->rng, -1300 * TW_MS, 1300 * TW_MS);
        b->hi_ns = b->lo_ns + half;
    }
    if (w->policy.rule.ordering && w->totals->attempts % 2 == 0) { /* as early as may pass */
        b->hi_ns = utc_ns - sim_in(&w->rng, 50 * TW_MS, 200 * TW_MS);
        b->lo_ns = b->hi_ns - 4 * TW_MS;
    }
}

/* One R1, at its place. False: that node gives none. */
static bool promise(struct tw *w, struct attempt *a, size_t at)
{
    struct tw_node *const n = a->signers[at];
    struct r1_body b = {.key = KEY_CLASSIC, .index = a->head.signers[at]};
    struct writer bw = wr_init(a->bodies + at * R1_PROVEN_LEN, R1_PROVEN_LEN);

    memcpy(b.sid0, a->stamp.sid0, sizeof b.sid0);
    sim_bytes(&w->rng, b.part, sizeof b.part);
    sim_bytes(&w->rng, b.r1_id, sizeof b.r1_id);
    if (n->bad) {
        lie(w, n, &b);
        r1_body_encode(&bw, &b);
        return true;
    }
    if (n->paused) {
        return false;
    }
    tw_read(w, n);
    if (n->own.err != ERR_OK || !tw_permits(n)) {
        return false;
    }
    tw_check_peers(w, n);
    b.lo_ns = n->own.lo_ns;
    b.hi_ns = n->own.hi_ns;
    r1_body_encode(&bw, &b);
    (void)r1_table_expire(n->r1, n->own.mono_ns);
    if (r1_table_open(n->r1, 0, n->own.mono_ns, (struct view){bw.p, R1_PROVEN_LEN}) != ERR_OK) {
        return false;
    }
    time_keeper_give(&n->keeper, n->now.mid_tai_ns);
    return true;
}

/* Whether an honest node accepts. */
static bool accepts(struct tw *w, struct attempt *a, size_t at, struct stamp *out)
{
    struct tw_node *const n = a->signers[at];
    const struct boot_policy *policy;
    struct judge j = {.epoch_id = NOTHING,
                      .activation = NOTHING,
                      .key = KEY_CLASSIC,
                      .index = a->head.signers[at],
                      .threshold = w->t,
                      .total = TW_NODES,
                      .policies = &w->policy,
                      .n_policies = 1,
                      .r1 = n->r1,
                      .ordered_ms = &n->ordered_ms};

    tw_read(w, n);
    j.standing = tw_permits(n) ? n->own.err : ERR_TIME;
    j.now = n->own;
    if (judge_stamp(&j, &a->head, &a->stamp, &policy, out) != ERR_OK) {
        return false;
    }
    tw_check_peers(w, n);
    return true;
}

/* The rule of it all: genTime is within accuracy of when that signer saw the imprint. */
static void check(struct tw *w, const struct stamp *st, int64_t seen_tai_ns)
{
    const int64_t seen = tw_utc(w, seen_tai_ns);
    const int64_t off = llabs(st->gen_time_ms * TW_MS - seen);
    const int64_t accuracy = (int64_t)st->accuracy_ms * TW_MS;
    const int64_t permille = off * 1000 / accuracy;

    if (permille > w->totals->worst_permille) {
        w->totals->worst_permille = permille;
    }
    if (off > accuracy || seen == 0) {
        w->broken = "genTime outside true time +- accuracy";
        w->broken_off_ns = off;
    }
}

/* One token is made after another, so genTime has to rise. */
static void check_order(struct tw *w, const struct stamp *st)
{
    const bool after = st->gen_time_ms > w->ordered_ms;

    w->ordered_ms = st->gen_time_ms;
    if (!w->policy.rule.ordering || after) {
        return;
    }
    w->totals->disorder++;
    if (!w->shows_disorder) {
        w->broken = "a token is not after the one before";
    }
}

/* Carries R2 to each signer, in any order, at any time. */
static bool carry(struct tw *w, struct attempt *a, int64_t seen[TW_ORDERING])
{
    const size_t first = sim_below(&w->rng, w->t);
    bool all = true;

    for (size_t i = 0; i < w->t; i++) {
        const size_t at = (first + i) % w->t;
        const int64_t most = sim_chance(&w->rng, 300) ? w->held_ns : w->held_ns / 8;

        tw_to(w, w->tai_ns + sim_in(&w->rng, 0, most / w->t));
        seen[at] = w->tai_ns;
        if (!a->signers[at]->bad) {
            all = !a->signers[at]->paused && accepts(w, a, at, &a->out) && all;
        }
    }
    return all;
}

/* An R1 of before, in place of a new one. */
static void replay(struct tw *w, struct attempt *a)
{
    if (w->has_old && sim_chance(&w->rng, 300)) {
        struct r1_body b;

        for (size_t i = 0; i < w->t; i++) {
            if (r1_body_decode((struct view){w->old_r1, R1_BODY_LEN}, &b) == ERR_OK &&
                b.index == a->head.signers[i]) {
                memcpy(a->stamp.sid0, b.sid0, SID0_LEN);
                memcpy(a->bodies + i * R1_PROVEN_LEN, w->old_r1, R1_PROVEN_LEN);
            }
        }
    } else {
        memcpy(w->old_r1, a->bodies, R1_PROVEN_LEN);
        w->has_old = true;
    }
}

void tw_stamp(struct tw *w)
{
    struct attempt a = {.head = {.key = KEY_CLASSIC, .t = w->t, .n = 1}};
    int64_t seen[TW_ORDERING];

    a.stamp = (struct r2_stamp){.hash_alg = HASH_SHA256,
                                .policy = 1,
                                .bodies = {a.bodies, (size_t)w->t * R1_PROVEN_LEN},
                                .hashed_message = {a.digest, sizeof a.digest},
                                .presign = {presign, sizeof presign}};
    sim_bytes(&w->rng, a.stamp.sid0, SID0_LEN);
    choose_signers(w, &a);
    w->totals->attempts++;
    for (size_t i = 0; i < w->t; i++) {
        if (!promise(w, &a, i)) {
            w->totals->refused++;
            return;
        }
        tw_to(w, w->tai_ns + sim_in(&w->rng, 0, 20 * TW_MS));
    }
    if (w->replays) {
        replay(w, &a);
    }
    if (!carry(w, &a, seen)) {
        w->totals->refused++;
        return;
    }
    w->totals->tokens++;
    check_order(w, &a.out);
    for (size_t i = 0; i < w->t; i++) {
        if (!a.signers[i]->bad && !a.signers[i]->misled) {
            check(w, &a.out, seen[i]);
        }
    }
}
