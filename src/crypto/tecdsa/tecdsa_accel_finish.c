#include "base/secret.h"
#include "crypto/tecdsa/tecdsa_accel_steps.h"

#include <string.h>

static enum err late(struct tecdsa_accel *a)
{
    return tecdsa_accel_fail(a, TECDSA_ACCEL_LATE, TECDSA_ACCEL_NOBODY);
}

/* Of degree 2, and 0 at 0: every W is k phi. */
static bool zeros_hold(const struct tecdsa_accel *a)
{
    struct tecdsa_accel_five f;
    struct tecdsa_scalar zero;

    for (unsigned j = 0; j < TECDSA_ACCEL_PARTIES; j++) {
        if (tecdsa_scalar_decode(a->from[j].zero, &f.a[j]) != ERR_OK) {
            return false;
        }
    }
    tecdsa_accel_at_0(&f, &zero);
    return (tecdsa_accel_degree_2(&f) & tecdsa_scalar_zero(&zero)) != 0;
}

/* H("b12-done", bsid, e1, e4, then of each: coin, salt, what it opened, its ZERO). */
static enum err make_finish(struct tecdsa_accel *a)
{
    struct tecdsa_hash h;

    if (!zeros_hold(a)) {
        return late(a);
    }
    tecdsa_hash_start(&h, "b12-done");
    tecdsa_hash_field(&h, a->bsid, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, a->echo_1, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, a->echo_4, TECDSA_HASH_LEN);
    for (unsigned i = 0; i < TECDSA_ACCEL_PARTIES; i++) {
        const struct tecdsa_accel_party *const party = &a->from[i];

        tecdsa_hash_field(&h, party->coin, sizeof party->coin);
        tecdsa_hash_field(&h, party->coin_salt, sizeof party->coin_salt);
        tecdsa_hash_field(&h, a->u.s[i], (size_t)(a->records + 1) * TECDSA_SCALAR_LEN);
        tecdsa_hash_field(&h, party->phi_sum, sizeof party->phi_sum);
        tecdsa_hash_field(&h, party->v_sum, sizeof party->v_sum);
        tecdsa_hash_field(&h, party->zero, sizeof party->zero);
    }
    tecdsa_hash_finish(&h, a->echo_all, TECDSA_HASH_LEN);
    a->ready = true;
    return ERR_OK;
}

static size_t finish_len(unsigned records)
{
    (void)records;
    return TECDSA_HASH_LEN;
}

static void write_finish(const struct tecdsa_accel *a, unsigned to, struct writer *out)
{
    (void)to;
    wr_bytes(out, a->echo_all, TECDSA_HASH_LEN);
}

static enum err read_finish(struct tecdsa_accel *a, unsigned from, struct reader *in)
{
    struct view echo;

    (void)from;
    TRY(rd_take(in, TECDSA_HASH_LEN, &echo));
    return memcmp(echo.p, a->echo_all, TECDSA_HASH_LEN) == 0 ? ERR_OK : late(a);
}

const struct tecdsa_accel_step tecdsa_accel_finish = {finish_len, make_finish, write_finish,
                                                      read_finish};

/* Three independent sharings of 0 among the triple, for phi, u, v: without them a bad member, a
 * bad one outside and two that were shown different messages give the key. */
static void mask(const struct tecdsa_accel *a, unsigned b, unsigned s,
                 struct tecdsa_scalar out[3])
{
    uint8_t wide[3][TECDSA_WIDE_LEN];
    struct tecdsa_scalar one;

    memset(out, 0, 3 * sizeof *out);
    for (unsigned j = 0; j < TECDSA_ACCEL_PARTIES; j++) {
        struct tecdsa_hash h;

        if (j == a->party || (s >> j & 1) == 0) {
            continue;
        }
        tecdsa_hash_start(&h, "b12-mask");
        tecdsa_hash_field(&h, a->bsid, TECDSA_HASH_LEN);
        tecdsa_hash_number(&h, b, 1);
        tecdsa_hash_field(&h, a->signer->pair[j].zero_seed, TECDSA_OT_KEY_LEN);
        tecdsa_hash_finish(&h, wide, sizeof wide);
        for (int t = 0; t < 3; t++) {
            tecdsa_scalar_reduce(wide[t], &one);
            if (j < a->party) {
                tecdsa_scalar_neg(&one, &one);
            }
            tecdsa_scalar_add(&out[t], &one, &out[t]);
        }
    }
    wipe(wide, sizeof wide);
    wipe(&one, sizeof one);
}

/* phi = l phi_i, v = l v_i, u = W for the lowest of the triple and 0 for others; all masked. */
static void make_one(struct tecdsa_accel *a, unsigned b, const struct tecdsa_factor *lambda)
{
    const unsigned s = tecdsa_accel_triple(a->triple[b - 1]);
    const struct tecdsa_scalar *const phi = &a->value[1 + b / 3][b % 3][TECDSA_ACCEL_PHI];
    struct tecdsa_scalar masks[3];

    mask(a, b, s, masks);
    tecdsa_scalar_add_times(phi, lambda, &masks[0]);
    if ((unsigned)__builtin_ctz(s) == a->party) {
        tecdsa_scalar_add(&masks[1], &a->own[b].w, &masks[1]);
    }
    tecdsa_scalar_add_times(&a->own[b].v, lambda, &masks[2]);
    a->u.made[b].phi = masks[0];
    a->u.made[b].u = masks[1];
    a->u.made[b].v = masks[2];
    tecdsa_scalar_encode(&a->own[b].r, a->u.made[b].r);
    a->u.made[b].there = true;
    wipe(masks, sizeof masks);
}

/* What was dealt, opened and drawn goes; of records of other triples nothing is left. */
static void forget(struct tecdsa_accel *a)
{
    wipe(a->seed, sizeof a->seed);
    wipe(a->own_salt, sizeof a->own_salt);
    wipe(a->from, sizeof a->from);
    wipe(a->chi, sizeof a->chi);
    wipe(&a->challenge, sizeof a->challenge);
    wipe(a->value, sizeof a->value);
    wipe(a->own, sizeof a->own);
}

enum err tecdsa_accel_make_records(struct tecdsa_accel *a)
{
    struct tecdsa_factor lambda[TECDSA_ACCEL_TRIPLES];

    for (unsigned number = 0; number < TECDSA_ACCEL_TRIPLES; number++) {
        struct tecdsa_scalar l;

        tecdsa_lagrange(tecdsa_accel_triple(number), a->party, &l);
        tecdsa_scalar_factor(&l, &lambda[number]);
    }
    wipe(&a->u, sizeof a->u);
    for (unsigned b = 1; b <= a->records; b++) {
        if ((tecdsa_accel_triple(a->triple[b - 1]) >> a->party & 1) == 1) {
            make_one(a, b, &lambda[a->triple[b - 1]]);
        }
    }
    forget(a);
    a->fate = TECDSA_ACCEL_DONE;
    tecdsa_accel_epoch_end(a->epoch, false);
    return ERR_OK;
}
