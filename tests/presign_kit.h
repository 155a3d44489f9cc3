/* presign_kit.h - presignatures as a dealer would give them: a key that nobody has to share,
 * and records of any three. */
#ifndef TESTS_PRESIGN_KIT_H
#define TESTS_PRESIGN_KIT_H

#include "tecdsa_kit.h"
#include "testing.h"

#include "enclave/presign/presign_pool.h"

struct presign_kit {
    struct work_stack stack;
    struct tecdsa_scalar x; /* the key */
    uint8_t public_key[P384_PUBLIC_LEN];
    uint64_t number; /* of the noise */
};

static inline enum err presign_kit_key(void *arg)
{
    struct presign_kit *const kit = arg;
    struct tecdsa_point point;

    tecdsa_point_mul_g(&kit->x, &point);
    tecdsa_point_long_encode(&point, kit->public_key);
    return ERR_OK;
}

static inline void presign_kit_init(struct presign_kit *kit)
{
    kit->number = kit->number > 0 ? kit->number : 1;
    work_stack_init(&kit->stack);
    kit->x = tecdsa_noise_scalar(&kit->number);
    assert_int_equal(work_stack_run_gmp(&kit->stack, presign_kit_key, kit), ERR_OK);
}

struct presign_dealt {
    struct tecdsa_scalar k;
    uint8_t r[TECDSA_SCALAR_LEN];
};

static inline enum err presign_kit_r(void *arg)
{
    struct presign_dealt *const d = arg;
    struct tecdsa_point point;
    struct tecdsa_scalar r;

    tecdsa_point_mul_g(&d->k, &point);
    tecdsa_point_x(&point, &r);
    tecdsa_scalar_encode(&r, d->r);
    return ERR_OK;
}

/* Three parts of a sum. */
static inline void presign_kit_split(struct presign_kit *kit, const struct tecdsa_scalar *sum,
                                     struct tecdsa_scalar part[TECDSA_T])
{
    part[0] = tecdsa_noise_scalar(&kit->number);
    part[1] = tecdsa_noise_scalar(&kit->number);
    tecdsa_scalar_sub(sum, &part[0], &part[2]);
    tecdsa_scalar_sub(&part[2], &part[1], &part[2]);
}

/* The three shares of a new record. */
static inline void presign_kit_deal(struct presign_kit *kit, unsigned s,
                                    struct tecdsa_presignature out[TECDSA_T])
{
    struct presign_dealt d = {.k = tecdsa_noise_scalar(&kit->number)};
    const struct tecdsa_scalar phi = tecdsa_noise_scalar(&kit->number);
    struct tecdsa_scalar parts[3][TECDSA_T];
    struct tecdsa_scalar product;
    uint8_t id[TECDSA_HASH_LEN];

    assert_int_equal(work_stack_run_gmp(&kit->stack, presign_kit_r, &d), ERR_OK);
    tecdsa_noise(&kit->number, id, sizeof id);
    presign_kit_split(kit, &phi, parts[0]);
    tecdsa_scalar_mul(&d.k, &phi, &product);
    presign_kit_split(kit, &product, parts[1]);
    tecdsa_scalar_mul(&kit->x, &phi, &product);
    presign_kit_split(kit, &product, parts[2]);
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

struct presign_combine {
    const uint8_t *public_key, *r, *digest;
    const struct tecdsa_answer *answers;
    uint8_t *sig;
};

static inline enum err presign_kit_combine_call(void *arg)
{
    const struct presign_combine *const c = arg;

    return tecdsa_online_combine(c->public_key, c->r, c->digest, c->answers, c->sig);
}

/* The signature of three answers, which is verified. */
static inline enum err presign_kit_combine(struct presign_kit *kit,
                                           const struct tecdsa_presignature *record,
                                           const uint8_t digest[P384_DIGEST_LEN],
                                           const struct tecdsa_answer answers[TECDSA_T],
                                           uint8_t sig[P384_SIG_LEN])
{
    struct presign_combine c = {kit->public_key, record->r, digest, answers, sig};

    return work_stack_run_gmp(&kit->stack, presign_kit_combine_call, &c);
}

#endif
