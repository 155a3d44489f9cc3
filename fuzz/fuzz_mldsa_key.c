#include "crypto/mldsa/mldsa.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SETS 3
static const struct mldsa_params *const sets[SETS] = {&mldsa_44, &mldsa_65, &mldsa_87};
static const struct view message = {(const uint8_t *)"message", 7};
static struct mldsa_private_key private_key;
static struct mldsa_public_key public_key;
static struct mldsa_key_scratch scratch;
static struct mldsa_sign_scratch sign_scratch;
static struct mldsa_verify_scratch verify_scratch;
static uint8_t good_pk[SETS][MLDSA_PK_MAX];
static uint8_t good_sk[SETS][MLDSA_SK_MAX];
static uint8_t sig[MLDSA_SIG_MAX];

static void prepare(void)
{
    static const uint8_t seed[MLDSA_SEED_LEN] = {6};

    for (int s = 0; s < SETS; s++) {
        mldsa_keygen(mldsa_best(), sets[s], seed, &scratch, &private_key, good_pk[s],
                     good_sk[s]);
    }
}

/* The vectors of a private key that is taken have one encoding; of one that is refused for its
 * range, one of them is outside. */
static void check_private(const struct mldsa_params *params, const uint8_t *sk, bool in_range)
{
    const uint8_t *at = sk + 2 * (size_t)MLDSA_SEED_LEN + MLDSA_TR_LEN;
    struct mldsa_poly a;
    uint8_t again[MLDSA_T0_LEN];
    uint32_t outside = 0;

    for (unsigned i = 0; i < params->k + params->l; i++, at += params->eta_len) {
        const uint32_t this = mldsa_eta_decode(at, params->eta, &a);

        outside |= this;
        if (this == 0) {
            mldsa_eta_encode(&a, params->eta, again);
            if (memcmp(again, at, params->eta_len) != 0) {
                abort();
            }
        }
    }
    for (unsigned i = 0; i < params->k; i++, at += MLDSA_T0_LEN) {
        mldsa_t0_decode(at, &a);
        mldsa_t0_encode(&a, again);
        if (memcmp(again, at, MLDSA_T0_LEN) != 0) {
            abort();
        }
    }
    if ((outside == 0) != in_range) {
        abort();
    }
}

static void try_private(const struct mldsa_params *params, const uint8_t *sk, size_t n,
                        bool use)
{
    static const uint8_t rnd[MLDSA_SEED_LEN];
    const enum err e = mldsa_private_key_parse(mldsa_best(), params, (struct view){sk, n},
                                               &scratch, &private_key);

    if ((e == ERR_LENGTH) != (n != params->sk_len) ||
        (e != ERR_OK && e != ERR_LENGTH && e != ERR_RANGE)) {
        abort();
    }
    if (n == params->sk_len) {
        check_private(params, sk, e == ERR_OK);
    }
    /* A key whose parts do not belong together signs something, or gives up. */
    if (e == ERR_OK && use) {
        const enum err made =
            mldsa_sign(&private_key, message, message, rnd, &sign_scratch, sig);

        if (made != ERR_OK && made != ERR_BUG) {
            abort();
        }
    }
}

static void try_public(const struct mldsa_params *params, const uint8_t *pk, size_t n)
{
    const enum err e = mldsa_public_key_parse(mldsa_best(), params, (struct view){pk, n},
                                              &scratch, &public_key);
    struct mldsa_poly t1;
    uint8_t again[MLDSA_T1_LEN];

    if ((e == ERR_OK) != (n == params->pk_len)) {
        abort();
    }
    for (unsigned i = 0; e == ERR_OK && i < params->k; i++) {
        const uint8_t *at = pk + MLDSA_SEED_LEN + (size_t)i * MLDSA_T1_LEN;

        mldsa_t1_decode(at, &t1);
        mldsa_t1_encode(&t1, again);
        if (memcmp(again, at, MLDSA_T1_LEN) != 0) {
            abort();
        }
    }
    if (e == ERR_OK) {
        (void)!mldsa_verify(&public_key, message, message, (struct view){sig, params->sig_len},
                            &verify_scratch);
    }
}

/* Byte 0: the set, private or public, and whether what follows byte 2 is the whole key or is
 * put into a good one at the place that bytes 1 and 2 name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    uint8_t key[MLDSA_SK_MAX];
    const struct mldsa_params *params;
    bool is_private;
    size_t n;

    if (!ready) {
        prepare();
        ready = true;
    }
    if (size < 3) {
        return 0;
    }
    params = sets[data[0] % SETS];
    is_private = (data[0] & 0x40) != 0;
    n = is_private ? params->sk_len : params->pk_len;
    memcpy(key, is_private ? good_sk[data[0] % SETS] : good_pk[data[0] % SETS], n);
    if (data[0] >= 0x80) {
        n = size - 3 < sizeof key ? size - 3 : sizeof key;
        memcpy(key, data + 3, n);
    } else {
        const size_t at = (data[1] + 256u * data[2]) % n;

        for (size_t i = 3; i < size && at + i - 3 < n; i++) {
            key[at + i - 3] = data[i];
        }
    }
    if (is_private) {
        try_private(params, key, n, (data[0] & 0x38) == 0);
    } else {
        try_public(params, key, n);
    }
    return 0;
}
