/* tecdsa_kit.h - for the tests of threshold ECDSA: a stream of bytes, a work stack, setups as a
 * dealer would give them. */
#ifndef TESTS_TECDSA_KIT_H
#define TESTS_TECDSA_KIT_H

#include "base/secret.h"
#include "crypto/hash.h"
#include "crypto/tecdsa/tecdsa_online.h"
#include "crypto/work_stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same bytes for the same number; the number goes on. */
static inline void tecdsa_noise(uint64_t *number, void *out, size_t n)
{
    struct shake256 s;

    shake256_init(&s);
    shake256_update(&s, number, sizeof *number);
    shake256_final(&s, out, n);
    (*number)++;
}

static inline struct tecdsa_scalar tecdsa_noise_scalar(uint64_t *number)
{
    uint8_t wide[TECDSA_WIDE_LEN];
    struct tecdsa_scalar a;

    tecdsa_noise(number, wide, sizeof wide);
    tecdsa_scalar_reduce(wide, &a);
    return a;
}

/* Whether all n bytes are 0. */
static inline bool tecdsa_erased(const void *p, size_t n)
{
    const uint8_t *bytes = p;

    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Another digest for every number. */
static inline void tecdsa_digest(unsigned number, uint8_t digest[P384_DIGEST_LEN])
{
    hash_once(HASH_SHA384, (struct view){(const uint8_t *)&number, sizeof number}, digest);
}

/* Runs fn(arg) where the core would. */
static inline enum err tecdsa_on_stack(enum err (*fn)(void *), void *arg)
{
    static struct work_stack work;
    static bool ready;

    if (!ready) {
        work_stack_init(&work);
        ready = true;
    }
    return work_stack_run_gmp(&work, fn, arg);
}

/* ---- records as a dealer would give them ---- */

struct tecdsa_dealt {
    struct tecdsa_scalar k;
    uint8_t r[TECDSA_SCALAR_LEN];
};

static inline enum err tecdsa_deal_r(void *arg)
{
    struct tecdsa_dealt *const d = arg;
    struct tecdsa_point point;
    struct tecdsa_scalar r;

    tecdsa_point_mul_g(&d->k, &point);
    tecdsa_point_x(&point, &r);
    tecdsa_scalar_encode(&r, d->r);
    return ERR_OK;
}

/* Three parts of a sum. */
static inline void tecdsa_split(uint64_t *number, const struct tecdsa_scalar *sum,
                                struct tecdsa_scalar part[TECDSA_T])
{
    part[0] = tecdsa_noise_scalar(number);
    part[1] = tecdsa_noise_scalar(number);
    tecdsa_scalar_sub(sum, &part[0], &part[2]);
    tecdsa_scalar_sub(&part[2], &part[1], &part[2]);
}

/* The three shares of a new record of the key x, for the three of mask s. */
static inline void tecdsa_deal_record(uint64_t *number, struct work_stack *stack,
                                      const struct tecdsa_scalar *x, unsigned s,
                                      struct tecdsa_presignature out[TECDSA_T])
{
    struct tecdsa_dealt d = {.k = tecdsa_noise_scalar(number)};
    const struct tecdsa_scalar phi = tecdsa_noise_scalar(number);
    struct tecdsa_scalar parts[3][TECDSA_T];
    struct tecdsa_scalar product;
    uint8_t id[TECDSA_HASH_LEN];

    if (work_stack_run_gmp(stack, tecdsa_deal_r, &d) != ERR_OK) {
        abort();
    }
    tecdsa_noise(number, id, sizeof id);
    tecdsa_split(number, &phi, parts[0]);
    tecdsa_scalar_mul(&d.k, &phi, &product);
    tecdsa_split(number, &product, parts[1]);
    tecdsa_scalar_mul(x, &phi, &product);
    tecdsa_split(number, &product, parts[2]);
    for (unsigned i = 0; i < TECDSA_T; i++) {
        memset(&out[i], 0, sizeof out[i]);
        memcpy(out[i].id, id, sizeof id);
        memcpy(out[i].r, d.r, sizeof d.r);
        out[i].s = s;
        out[i].phi = parts[0][i];
        out[i].u = parts[1][i];
        out[i].v = parts[2][i];
        atomic_store(&out[i].state, TECDSA_PRESIGNATURE_FRESH);
    }
}

/* What 256 transfers would have given. */
static inline void tecdsa_deal_setup(uint64_t *number, unsigned bob, unsigned alice,
                                     struct tecdsa_setup_bob *b, struct tecdsa_setup_alice *a)
{
    memset(b, 0, sizeof *b);
    memset(a, 0, sizeof *a);
    b->bob = a->bob = bob;
    b->alice = a->alice = alice;
    b->ready = a->ready = true;
    tecdsa_noise(number, b->id, sizeof b->id);
    memcpy(a->id, b->id, sizeof a->id);
    tecdsa_noise(number, b->k, sizeof b->k);
    tecdsa_noise(number, a->delta, sizeof a->delta);
    for (unsigned c = 0; c < TECDSA_OTS; c++) {
        memcpy(a->k[c], b->k[a->delta[c / 8] >> (c % 8) & 1][c], sizeof a->k[c]);
    }
}

/* A key of n parties, with a setup for every ordered pair, and room for one session. */
struct tecdsa_kit {
    uint64_t noise;
    struct tecdsa_ceremony c;
    struct tecdsa_key key;
    struct tecdsa_share share[TECDSA_PARTIES_MAX];
    struct tecdsa_gadget gadget;
    struct tecdsa_setup_bob bob[TECDSA_PARTIES_MAX][TECDSA_PARTIES_MAX];     /* [own][peer] */
    struct tecdsa_setup_alice alice[TECDSA_PARTIES_MAX][TECDSA_PARTIES_MAX]; /* [own][peer] */
    uint8_t zero_seed[TECDSA_PARTIES_MAX][TECDSA_PARTIES_MAX][TECDSA_OT_KEY_LEN];
    struct tecdsa_signer signer[TECDSA_PARTIES_MAX];
    struct tecdsa_presign_scratch scratch;
    struct tecdsa_presign_of of;
    struct tecdsa_presign p[TECDSA_PARTIES_MAX];
    struct tecdsa_round_1 m1[TECDSA_PARTIES_MAX][TECDSA_PARTIES_MAX]; /* [from][to] */
    struct tecdsa_round_2 m2[TECDSA_PARTIES_MAX][TECDSA_PARTIES_MAX];
    uint8_t sid2[TECDSA_PARTIES_MAX][TECDSA_HASH_LEN]; /* as each says it in its header */
    struct tecdsa_presignature record[TECDSA_PARTIES_MAX];
    struct tecdsa_answer answer[TECDSA_T];
};

static inline enum err tecdsa_kit_ceremony(void *arg)
{
    struct tecdsa_kit *const kit = arg;
    struct tecdsa_dealing dealing[TECDSA_PARTIES_MAX];
    struct tecdsa_opening opening[TECDSA_PARTIES_MAX];
    uint8_t shares[TECDSA_PARTIES_MAX][TECDSA_SCALAR_LEN];
    uint8_t seed[TECDSA_SEED_LEN];

    for (unsigned i = 0; i < kit->c.n; i++) {
        tecdsa_noise(&kit->noise, seed, sizeof seed);
        CT_SECRET(seed, sizeof seed);
        tecdsa_keygen_deal(&kit->c, i, seed, &dealing[i], &opening[i]);
    }
    for (unsigned j = 0; j < kit->c.n; j++) {
        for (unsigned i = 0; i < kit->c.n; i++) {
            tecdsa_keygen_share(&dealing[i], j, shares[i]);
        }
        TRY(tecdsa_keygen_finish(&kit->c, j, opening,
                                 (const uint8_t(*)[TECDSA_SCALAR_LEN])shares, &kit->key,
                                 &kit->share[j]));
    }
    return ERR_OK;
}

/* Fresh setups of a pair, both ways. */
static inline void tecdsa_kit_setup(struct tecdsa_kit *kit, unsigned i, unsigned j)
{
    tecdsa_deal_setup(&kit->noise, i, j, &kit->bob[i][j], &kit->alice[j][i]);
    tecdsa_deal_setup(&kit->noise, j, i, &kit->bob[j][i], &kit->alice[i][j]);
    tecdsa_noise(&kit->noise, kit->zero_seed[i][j], TECDSA_OT_KEY_LEN);
    memcpy(kit->zero_seed[j][i], kit->zero_seed[i][j], TECDSA_OT_KEY_LEN);
    CT_SECRET(kit->zero_seed[i][j], TECDSA_OT_KEY_LEN);
    CT_SECRET(kit->zero_seed[j][i], TECDSA_OT_KEY_LEN);
    for (int k = 0; k < 2; k++) {
        struct tecdsa_setup_bob *const b = k == 0 ? &kit->bob[i][j] : &kit->bob[j][i];
        struct tecdsa_setup_alice *const a = k == 0 ? &kit->alice[j][i] : &kit->alice[i][j];

        CT_SECRET(b->k, sizeof b->k);
        CT_SECRET(a->k, sizeof a->k);
        CT_SECRET(a->delta, sizeof a->delta);
    }
}

static inline struct tecdsa_kit *tecdsa_kit_new(unsigned n, uint64_t number)
{
    struct tecdsa_kit *kit = calloc(1, sizeof *kit);

    if (kit == NULL) {
        abort();
    }
    kit->noise = number << 32;
    kit->c.n = n;
    tecdsa_noise(&kit->noise, kit->c.id, sizeof kit->c.id);
    tecdsa_gadget_init(&kit->gadget);
    if (tecdsa_on_stack(tecdsa_kit_ceremony, kit) != ERR_OK) {
        abort();
    }
    for (unsigned i = 0; i < n; i++) {
        kit->signer[i].key = &kit->key;
        kit->signer[i].share = &kit->share[i];
        kit->signer[i].gadget = &kit->gadget;
        for (unsigned j = 0; j < n; j++) {
            kit->signer[i].pair[j].bob = &kit->bob[i][j];
            kit->signer[i].pair[j].alice = &kit->alice[i][j];
            kit->signer[i].pair[j].zero_seed = kit->zero_seed[i][j];
            if (i < j) {
                tecdsa_kit_setup(kit, i, j);
            }
        }
    }
    return kit;
}

/* Every ordered pair of the session. */
#define TECDSA_EACH_PAIR(kit, i, j)                       \
    for (unsigned i = 0; i < TECDSA_PARTIES_MAX; i++)     \
        for (unsigned j = 0; j < TECDSA_PARTIES_MAX; j++) \
            if (i != j && ((kit)->of.s >> i & 1) == 1 && ((kit)->of.s >> j & 1) == 1)
#define TECDSA_EACH(kit, i)                           \
    for (unsigned i = 0; i < TECDSA_PARTIES_MAX; i++) \
        if (((kit)->of.s >> i & 1) == 1)

static inline enum err tecdsa_kit_round_1(void *arg)
{
    struct tecdsa_kit *const kit = arg;
    uint8_t seed[TECDSA_SEED_LEN];

    kit->of.counter++;
    TECDSA_EACH(kit, i)
    {
        tecdsa_noise(&kit->noise, seed, sizeof seed);
        CT_SECRET(seed, sizeof seed);
        TRY(tecdsa_presign_begin(&kit->p[i], &kit->signer[i], &kit->of, seed));
    }
    TECDSA_EACH_PAIR(kit, i, j)
    {
        TRY(tecdsa_presign_extend(&kit->p[i], j, &kit->scratch, &kit->m1[i][j]));
    }
    return ERR_OK;
}

static inline enum err tecdsa_kit_accept_1(void *arg)
{
    struct tecdsa_kit *const kit = arg;

    TECDSA_EACH_PAIR(kit, i, j)
    {
        TRY(tecdsa_presign_accept_1(&kit->p[j], i, &kit->m1[i][j], &kit->scratch));
    }
    return ERR_OK;
}

static inline enum err tecdsa_kit_round_2(void *arg)
{
    struct tecdsa_kit *const kit = arg;

    TECDSA_EACH_PAIR(kit, i, j)
    {
        TRY(tecdsa_presign_multiply(&kit->p[i], j, &kit->scratch, &kit->m2[i][j]));
        memcpy(kit->sid2[i], kit->p[i].sid2, TECDSA_HASH_LEN);
    }
    return ERR_OK;
}

static inline enum err tecdsa_kit_accept_2(void *arg)
{
    struct tecdsa_kit *const kit = arg;

    TECDSA_EACH_PAIR(kit, i, j)
    {
        TRY(tecdsa_presign_accept_2(&kit->p[j], i, kit->sid2[i], &kit->m2[i][j],
                                    &kit->scratch));
    }
    return ERR_OK;
}

static inline enum err tecdsa_kit_finish(void *arg)
{
    struct tecdsa_kit *const kit = arg;

    TECDSA_EACH(kit, i)
    {
        TRY(tecdsa_presign_finish(&kit->p[i], &kit->record[i]));
    }
    return ERR_OK;
}

/* Both rounds of a triple. */
static inline enum err tecdsa_kit_presign(struct tecdsa_kit *kit, unsigned s)
{
    kit->of.s = s;
    TRY(tecdsa_on_stack(tecdsa_kit_round_1, kit));
    TRY(tecdsa_on_stack(tecdsa_kit_accept_1, kit));
    TRY(tecdsa_on_stack(tecdsa_kit_round_2, kit));
    TRY(tecdsa_on_stack(tecdsa_kit_accept_2, kit));
    return tecdsa_on_stack(tecdsa_kit_finish, kit);
}

/* What one party answers, in place at of the three. */
static inline enum err tecdsa_kit_answer(struct tecdsa_kit *kit, unsigned i, unsigned at,
                                         const uint8_t digest[P384_DIGEST_LEN])
{
    return tecdsa_online_answer(&kit->record[i], kit->record[i].id, digest, &kit->answer[at]);
}

/* A signature of the record that all three hold. */
static inline enum err tecdsa_kit_sign(struct tecdsa_kit *kit,
                                       const uint8_t digest[P384_DIGEST_LEN],
                                       uint8_t sig[P384_SIG_LEN])
{
    unsigned at = 0;
    unsigned last = 0;

    TECDSA_EACH(kit, i)
    {
        TRY(tecdsa_kit_answer(kit, i, at++, digest));
        last = i;
    }
    return tecdsa_online_combine(kit->key.public_key, kit->record[last].r, digest, kit->answer,
                                 sig);
}

#endif
