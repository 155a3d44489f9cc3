/* tecdsa_repair_kit.h - for the tests of repairs: three helpers and the party that lost its
 * share, and somebody who may change what they send. */
#ifndef TESTS_TECDSA_REPAIR_KIT_H
#define TESTS_TECDSA_REPAIR_KIT_H

#include "tecdsa_kit.h"

#include "crypto/tecdsa/tecdsa_repair.h"

struct repair_world {
    struct tecdsa_kit *kit;
    struct tecdsa_repair_of of;
    uint64_t noise; /* of the helpers' seeds */
    struct tecdsa_helper helper[TECDSA_PARTIES_MAX];
    struct tecdsa_repaired target;
    struct tecdsa_repair_deal deal[TECDSA_PARTIES_MAX][TECDSA_PARTIES_MAX]; /* [from][to] */
    struct tecdsa_repair_show show[TECDSA_PARTIES_MAX];
    struct tecdsa_repair_sum sum[TECDSA_PARTIES_MAX];
    struct tecdsa_share share;
    enum err said[TECDSA_PARTIES_MAX]
                 [TECDSA_PARTIES_MAX]; /* [by][of]; the target's own place */
};

#define REPAIR_EACH(w, i)                             \
    for (unsigned i = 0; i < TECDSA_PARTIES_MAX; i++) \
        if (((w)->of.helpers >> i & 1) == 1)

/* Fresh splits and all that is sent of them. */
static inline enum err repair_deal(void *arg)
{
    struct repair_world *const w = arg;
    uint8_t seed[TECDSA_SEED_LEN];

    REPAIR_EACH(w, i)
    {
        tecdsa_noise(&w->noise, seed, sizeof seed);
        CT_SECRET(seed, sizeof seed);
        TRY(tecdsa_repair_help(&w->helper[i], &w->kit->key, &w->kit->share[i], &w->of, seed));
        TRY(tecdsa_repair_show(&w->helper[i], &w->show[i]));
        REPAIR_EACH(w, j)
        {
            if (i != j) {
                TRY(tecdsa_repair_deal(&w->helper[i], j, &w->deal[i][j]));
            }
        }
    }
    return tecdsa_repair_begin(&w->target, &w->kit->key, &w->of);
}

/* Everybody takes what came; said has how. */
static inline enum err repair_accept(void *arg)
{
    struct repair_world *const w = arg;
    const unsigned t = w->of.target;
    enum err e = ERR_OK;

    REPAIR_EACH(w, i)
    {
        REPAIR_EACH(w, j)
        {
            if (i != j) {
                w->said[j][i] = tecdsa_repair_accept(&w->helper[j], i, &w->deal[i][j]);
                e = e == ERR_OK ? w->said[j][i] : e;
            }
        }
        w->said[t][i] = tecdsa_repair_accept_show(&w->target, i, &w->show[i]);
        e = e == ERR_OK ? w->said[t][i] : e;
    }
    return e;
}

static inline enum err repair_sum(void *arg)
{
    struct repair_world *const w = arg;

    REPAIR_EACH(w, i)
    {
        TRY(tecdsa_repair_sum(&w->helper[i], &w->sum[i]));
    }
    return ERR_OK;
}

static inline enum err repair_finish(void *arg)
{
    struct repair_world *const w = arg;

    REPAIR_EACH(w, i)
    {
        w->said[w->of.target][i] = tecdsa_repair_accept_sum(&w->target, i, &w->sum[i]);
        TRY(w->said[w->of.target][i]);
    }
    return tecdsa_repair_finish(&w->target, &w->share);
}

/* A whole honest repair. */
static inline enum err repair_run(struct repair_world *w, unsigned helpers, unsigned target)
{
    w->of.helpers = helpers;
    w->of.target = target;
    w->of.attempt++;
    TRY(tecdsa_on_stack(repair_deal, w));
    TRY(tecdsa_on_stack(repair_accept, w));
    TRY(tecdsa_on_stack(repair_sum, w));
    return tecdsa_on_stack(repair_finish, w);
}

#endif
