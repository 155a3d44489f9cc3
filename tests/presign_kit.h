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

/* The three shares of a new record. */
static inline void presign_kit_deal(struct presign_kit *kit, unsigned s,
                                    struct tecdsa_presignature out[TECDSA_T])
{
    tecdsa_deal_record(&kit->number, &kit->stack, &kit->x, s, out);
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
