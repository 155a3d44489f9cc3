#include "crypto/tecdsa/tecdsa_repair.h"

#include "base/secret.h"

#include <string.h>

_Static_assert(sizeof(struct tecdsa_repair_deal) == 49 + 3 * 97 + 48 &&
                   sizeof(struct tecdsa_repair_sum) == 49 + 96,
               "bytes alone");

enum err tecdsa_repair_epoch_begin(struct tecdsa_repair_epoch *epoch, unsigned target,
                                   uint64_t attempt)
{
    const unsigned repaired = epoch->repaired | 1U << target;

    if (epoch->live) {
        return ERR_STATE;
    }
    if (attempt <= epoch->attempt) {
        return ERR_STALE;
    }
    if (__builtin_popcount(repaired) > TECDSA_REPAIRED_MAX) {
        return ERR_HALTED;
    }
    epoch->repaired = repaired;
    epoch->attempt = attempt;
    epoch->live = true;
    return ERR_OK;
}

void tecdsa_repair_epoch_end(struct tecdsa_repair_epoch *epoch)
{
    epoch->live = false;
}

void tecdsa_repair_id(const struct tecdsa_key *key, const struct tecdsa_repair_of *of,
                      uint8_t id[TECDSA_HASH_LEN])
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "repair");
    tecdsa_hash_field(&h, key->key_id, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, of->epoch_id, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, of->order, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, of->attempt, 8);
    tecdsa_hash_number(&h, of->helpers, 1);
    tecdsa_hash_number(&h, of->target, 1);
    for (unsigned i = 0; i < TECDSA_PARTIES_MAX; i++) {
        if ((of->helpers >> i & 1) == 1 || i == of->target) {
            tecdsa_hash_number(&h, of->incarnation[i], 4);
        }
    }
    tecdsa_hash_finish(&h, id, TECDSA_HASH_LEN);
}

static enum err start(struct tecdsa_repair_views *v, const struct tecdsa_key *key,
                      const struct tecdsa_repair_of *of)
{
    if (of->helpers >> key->n != 0 || __builtin_popcount(of->helpers) != TECDSA_T ||
        of->target >= key->n || (of->helpers >> of->target & 1) == 1) {
        return ERR_RANGE;
    }
    v->key = key;
    v->helpers = of->helpers;
    v->target = of->target;
    tecdsa_repair_id(key, of, v->id);
    return ERR_OK;
}

static bool is_helper(const struct tecdsa_repair_views *v, unsigned party)
{
    return party < TECDSA_PARTIES_MAX && (v->helpers >> party & 1) == 1;
}

/* The place of a helper among the three. */
static unsigned place(const struct tecdsa_repair_views *v, unsigned party)
{
    return (unsigned)__builtin_popcount(v->helpers & ((1U << party) - 1));
}

static bool all_shown(const struct tecdsa_repair_views *v)
{
    return v->shown == v->helpers;
}

/* Random parts, and the last one, which is kept at home, what is missing of l x. */
static void split(struct tecdsa_helper *h, const struct tecdsa_scalar *x,
                  const uint8_t seed[TECDSA_SEED_LEN])
{
    const unsigned own = place(&h->views, h->party);
    struct tecdsa_scalar *const rest = &h->d[own];
    struct tecdsa_scalar lambda;

    tecdsa_lagrange_at(h->views.helpers, h->party, h->views.target + 1, &lambda);
    tecdsa_scalar_mul(x, &lambda, rest);
    for (unsigned m = 0; m < TECDSA_T; m++) {
        struct tecdsa_hash hash;

        if (m == own) {
            continue;
        }
        tecdsa_hash_start(&hash, "repair-split");
        tecdsa_hash_field(&hash, h->views.id, TECDSA_HASH_LEN);
        tecdsa_hash_number(&hash, h->party, 1);
        tecdsa_hash_field(&hash, seed, TECDSA_SEED_LEN);
        tecdsa_hash_number(&hash, m, 1);
        tecdsa_hash_scalar(&hash, &h->d[m]);
        tecdsa_scalar_sub(rest, &h->d[m], rest);
    }
    for (unsigned m = 0; m < TECDSA_T; m++) {
        tecdsa_point_mul_g_encode(&h->d[m], h->views.d[own][m]);
        CT_PUBLIC(h->views.d[own][m], TECDSA_POINT_LONG);
    }
    h->sum = *rest;
}

enum err tecdsa_repair_help(struct tecdsa_helper *h, const struct tecdsa_key *key,
                            const struct tecdsa_share *share, const struct tecdsa_repair_of *of,
                            const uint8_t seed[TECDSA_SEED_LEN])
{
    wipe(h, sizeof *h);
    if ((of->helpers >> share->party & 1) == 0) {
        return ERR_RANGE;
    }
    TRY(start(&h->views, key, of));
    h->party = share->party;
    h->views.shown = 1U << h->party;
    h->live = true;
    split(h, &share->x, seed);
    return ERR_OK;
}

enum err tecdsa_repair_show(const struct tecdsa_helper *h, struct tecdsa_repair_show *out)
{
    memset(out, 0, sizeof *out);
    if (!h->live) {
        return ERR_STATE;
    }
    memcpy(out->id, h->views.id, TECDSA_HASH_LEN);
    out->party[0] = (uint8_t)h->party;
    memcpy(out->d, h->views.d[place(&h->views, h->party)], sizeof out->d);
    return ERR_OK;
}

enum err tecdsa_repair_deal(const struct tecdsa_helper *h, unsigned to,
                            struct tecdsa_repair_deal *out)
{
    memset(out, 0, sizeof *out);
    if (!h->live || !is_helper(&h->views, to) || to == h->party) {
        return ERR_STATE;
    }
    TRY(tecdsa_repair_show(h, &out->show));
    tecdsa_scalar_encode(&h->d[place(&h->views, to)], out->d);
    return ERR_OK;
}

/* Whose show it is, of which repair, and whether its turn is now. */
static enum err check_sender(const struct tecdsa_repair_views *v, unsigned from,
                             const uint8_t *id, const uint8_t *party)
{
    if (!is_helper(v, from)) {
        return ERR_STATE;
    }
    return memcmp(id, v->id, TECDSA_HASH_LEN) == 0 && party[0] == from ? ERR_OK : ERR_STALE;
}

/* The D of a helper add up to l X, its part of the share. Public. */
static enum err check_show(const struct tecdsa_repair_views *v, unsigned from,
                           const uint8_t d[TECDSA_T][TECDSA_POINT_LONG])
{
    struct tecdsa_scalar lambda;
    struct tecdsa_point want;
    struct tecdsa_point sum = tecdsa_infinity;

    for (unsigned m = 0; m < TECDSA_T; m++) {
        struct tecdsa_point point;

        TRY(tecdsa_point_long_decode(d[m], &point));
        tecdsa_point_add(&sum, &point, &sum);
    }
    tecdsa_lagrange_at(v->helpers, from, v->target + 1, &lambda);
    tecdsa_point_mul(&lambda, &v->key->x[from], &want);
    return tecdsa_point_equal(&sum, &want) != 0 ? ERR_OK : ERR_MISMATCH;
}

static void keep_show(struct tecdsa_repair_views *v, unsigned from,
                      const uint8_t d[TECDSA_T][TECDSA_POINT_LONG])
{
    memcpy(v->d[place(v, from)], d, sizeof v->d[0]);
    v->shown |= 1U << from;
}

static enum err check_deal(const struct tecdsa_helper *h, unsigned from,
                           const struct tecdsa_repair_deal *in, struct tecdsa_scalar *d)
{
    struct tecdsa_point point;

    TRY(check_show(&h->views, from, in->show.d));
    TRY(tecdsa_scalar_decode(in->d, d));
    TRY(tecdsa_point_long_decode(in->show.d[place(&h->views, h->party)], &point));
    return tecdsa_point_check(d, &point);
}

enum err tecdsa_repair_accept(struct tecdsa_helper *h, unsigned from,
                              const struct tecdsa_repair_deal *in)
{
    struct tecdsa_scalar d = {{0}};
    enum err e;

    if (!h->live || from == h->party) {
        return ERR_STATE;
    }
    TRY(check_sender(&h->views, from, in->show.id, in->show.party));
    if ((h->views.shown >> from & 1) == 1) {
        return ERR_STATE;
    }
    e = check_deal(h, from, in, &d);
    if (e == ERR_OK) {
        keep_show(&h->views, from, in->show.d);
        tecdsa_scalar_add(&h->sum, &d, &h->sum);
    } else {
        wipe(h, sizeof *h);
    }
    wipe(&d, sizeof d);
    return e;
}

static void make_echo(const struct tecdsa_repair_views *v, uint8_t echo[TECDSA_HASH_LEN])
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "repair-echo");
    tecdsa_hash_field(&h, v->id, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, v->d, sizeof v->d);
    tecdsa_hash_finish(&h, echo, TECDSA_HASH_LEN);
}

enum err tecdsa_repair_sum(struct tecdsa_helper *h, struct tecdsa_repair_sum *out)
{
    memset(out, 0, sizeof *out);
    if (!h->live || !all_shown(&h->views)) {
        return ERR_STATE;
    }
    memcpy(out->id, h->views.id, TECDSA_HASH_LEN);
    out->party[0] = (uint8_t)h->party;
    make_echo(&h->views, out->echo);
    tecdsa_scalar_encode(&h->sum, out->e);
    wipe(h, sizeof *h);
    return ERR_OK;
}

enum err tecdsa_repair_begin(struct tecdsa_repaired *r, const struct tecdsa_key *key,
                             const struct tecdsa_repair_of *of)
{
    wipe(r, sizeof *r);
    TRY(start(&r->views, key, of));
    r->live = true;
    return ERR_OK;
}

enum err tecdsa_repair_accept_show(struct tecdsa_repaired *r, unsigned from,
                                   const struct tecdsa_repair_show *in)
{
    enum err e;

    if (!r->live) {
        return ERR_STATE;
    }
    TRY(check_sender(&r->views, from, in->id, in->party));
    if ((r->views.shown >> from & 1) == 1) {
        return ERR_STATE;
    }
    e = check_show(&r->views, from, in->d);
    if (e == ERR_OK) {
        keep_show(&r->views, from, in->d);
    } else {
        wipe(r, sizeof *r);
    }
    return e;
}

/* e G is the sum of what all helpers showed for this one. */
static enum err check_sum(const struct tecdsa_repair_views *v, unsigned from,
                          const struct tecdsa_repair_sum *in, struct tecdsa_scalar *e)
{
    uint8_t echo[TECDSA_HASH_LEN];
    struct tecdsa_point want = tecdsa_infinity;

    make_echo(v, echo);
    if (memcmp(echo, in->echo, sizeof echo) != 0) { /* public */
        return ERR_QUORUM;
    }
    TRY(tecdsa_scalar_decode(in->e, e));
    for (unsigned h = 0; h < TECDSA_T; h++) {
        struct tecdsa_point point;

        TRY(tecdsa_point_long_decode(v->d[h][place(v, from)], &point));
        tecdsa_point_add(&want, &point, &want);
    }
    return tecdsa_point_check(e, &want);
}

enum err tecdsa_repair_accept_sum(struct tecdsa_repaired *r, unsigned from,
                                  const struct tecdsa_repair_sum *in)
{
    struct tecdsa_scalar sum = {{0}};
    enum err e;

    if (!r->live || !all_shown(&r->views)) {
        return ERR_STATE;
    }
    TRY(check_sender(&r->views, from, in->id, in->party));
    if ((r->added >> from & 1) == 1) {
        return ERR_STATE;
    }
    e = check_sum(&r->views, from, in, &sum);
    if (e == ERR_OK) {
        tecdsa_scalar_add(&r->sum, &sum, &r->sum);
        r->added |= 1U << from;
    } else {
        wipe(r, sizeof *r);
    }
    wipe(&sum, sizeof sum);
    return e;
}

enum err tecdsa_repair_finish(struct tecdsa_repaired *r, struct tecdsa_share *share)
{
    enum err e = ERR_OK;

    wipe(share, sizeof *share);
    if (!r->live || r->added != r->views.helpers) {
        return ERR_STATE;
    }
    if (tecdsa_point_check(&r->sum, &r->views.key->x[r->views.target]) == ERR_OK) {
        share->party = r->views.target;
        share->x = r->sum;
    } else {
        e = ERR_BUG;
    }
    wipe(r, sizeof *r);
    return e;
}
