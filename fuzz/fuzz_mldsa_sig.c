#include "crypto/mldsa/mldsa.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SETS 3
static const struct mldsa_params *const sets[SETS] = {&mldsa_44, &mldsa_65, &mldsa_87};
static const struct view message = {(const uint8_t *)"message", 7};
static const struct view ctx = {(const uint8_t *)"ctx", 3};
static struct mldsa_public_key keys[SETS][2];
static uint8_t good[SETS][MLDSA_SIG_MAX];

static void prepare(void)
{
    static struct mldsa_private_key key;
    static struct mldsa_key_scratch scratch;
    static struct mldsa_sign_scratch sign_scratch;
    static uint8_t pk[MLDSA_PK_MAX];
    static const uint8_t seed[MLDSA_SEED_LEN] = {5};
    const struct mldsa_path *const paths[2] = {&mldsa_portable, mldsa_best()};

    for (int s = 0; s < SETS; s++) {
        mldsa_keygen(mldsa_best(), sets[s], seed, &scratch, &key, pk, NULL);
        if (mldsa_sign(&key, ctx, message, seed, &sign_scratch, good[s]) != ERR_OK) {
            abort();
        }
        for (int p = 0; p < 2; p++) {
            if (mldsa_public_key_parse(paths[p], sets[s], (struct view){pk, sets[s]->pk_len},
                                       &scratch, &keys[s][p]) != ERR_OK) {
                abort();
            }
        }
    }
}

/* A hint that is taken has one encoding. */
static void check_hint(const struct mldsa_params *params, const uint8_t *sig)
{
    static struct mldsa_hint hint;
    const size_t n = params->omega + params->k;
    const uint8_t *bytes = sig + params->sig_len - n;
    uint8_t again[128];

    if (mldsa_hint_decode(params, (struct view){bytes, n}, &hint) == ERR_OK) {
        mldsa_hint_encode(params, &hint, again);
        if (memcmp(again, bytes, n) != 0) {
            abort();
        }
    }
}

/* Byte 0: the set, and whether what follows byte 2 is the whole signature or is put into a good
 * one at the place that bytes 1 and 2 name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mldsa_verify_scratch scratch;
    static bool ready;
    uint8_t sig[MLDSA_SIG_MAX];
    const struct mldsa_params *params;
    enum err e[2];
    size_t n;
    int s;

    if (!ready) {
        prepare();
        ready = true;
    }
    if (size < 3) {
        return 0;
    }
    s = data[0] % SETS;
    params = sets[s];
    n = params->sig_len;
    memcpy(sig, good[s], sizeof sig);
    if (data[0] >= 0x80) {
        n = size - 3 < sizeof sig ? size - 3 : sizeof sig;
        memcpy(sig, data + 3, n);
    } else {
        const size_t at = (data[1] + 256u * data[2]) % params->sig_len;

        for (size_t i = 3; i < size && at + i - 3 < n; i++) {
            sig[at + i - 3] = data[i];
        }
    }
    for (int p = 0; p < 2; p++) {
        e[p] = mldsa_verify(&keys[s][p], ctx, message, (struct view){sig, n}, &scratch);
    }
    if (e[0] != e[1] || (n != params->sig_len) != (e[0] == ERR_LENGTH) ||
        (e[0] == ERR_OK) != (n == params->sig_len && memcmp(sig, good[s], n) == 0)) {
        abort();
    }
    if (n == params->sig_len) {
        check_hint(params, sig);
    }
    return 0;
}
