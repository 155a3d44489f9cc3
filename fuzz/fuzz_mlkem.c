#include "promise.h"

#include "base/secret.h"
#include "crypto/mlkem/mlkem.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SETS 3
static const struct mlkem_params *const sets[SETS] = {&mlkem_512, &mlkem_768, &mlkem_1024};

/* A good one of each. */
struct sample {
    uint8_t ek[MLKEM_EK_MAX], dk[MLKEM_DK_MAX], c[MLKEM_C_MAX];
    struct mlkem_shared_key shared;
    struct mlkem_decaps_key decaps;
};
static struct sample good[SETS];
static struct mlkem_decaps_key decaps;
static struct mlkem_encaps_key encaps;
static struct mlkem_key_scratch key_scratch;
static struct mlkem_scratch scratch;

static void prepare(void)
{
    static const struct mlkem_seed seed = {{6}, {7}};
    static const struct mlkem_message m = {{8}};

    for (int s = 0; s < SETS; s++) {
        struct sample *g = &good[s];

        mlkem_keygen(mlkem_best(), sets[s], &seed, &key_scratch, &g->decaps, g->ek);
        mlkem_decaps_key_encode(&g->decaps, g->dk);
        mlkem_encaps(&g->decaps.encaps, &m, &scratch, g->c, &g->shared);
    }
}

/* Whether one of the 12-bit numbers of n bytes is q or more. */
static bool outside(const uint8_t *in, size_t n)
{
    bool found = false;

    for (size_t i = 0; i < n; i += 3) {
        found |= (in[i] | (in[i + 1] & 15u) << 8) >= MLKEM_Q;
        found |= (in[i + 1] >> 4 | (unsigned)in[i + 2] << 4) >= MLKEM_Q;
    }
    return found;
}

/* ek that is taken has one encoding, and encapsulates. */
static void try_ek(const struct mlkem_params *params, const uint8_t *ek, size_t n)
{
    static const struct mlkem_message m = {{1}};
    const enum err e = mlkem_encaps_key_parse(mlkem_best(), params, (struct view){ek, n},
                                              &key_scratch, &encaps);
    uint8_t again[MLKEM_EK_MAX];
    struct mlkem_shared_key shared;

    if (n != params->ek_len) {
        promise(e == ERR_LENGTH);
        return;
    }
    promise(e == (outside(ek, (size_t)params->k * MLKEM_HAT_LEN) ? ERR_RANGE : ERR_OK));
    if (e == ERR_OK) {
        mlkem_encaps_key_encode(&encaps, again);
        promise(memcmp(again, ek, n) == 0);
        mlkem_encaps(&encaps, &m, &scratch, again, &shared);
    }
}

/* dk that is taken has one encoding, and decapsulates: to something, as s and t need not belong
 * together. */
static void try_dk(const struct mlkem_params *params, const uint8_t *dk, size_t n,
                   const struct sample *g)
{
    const enum err e = mlkem_decaps_key_parse(mlkem_best(), params, (struct view){dk, n},
                                              &key_scratch, &decaps);
    uint8_t again[MLKEM_DK_MAX];
    struct mlkem_shared_key shared;

    if (n != params->dk_len) {
        promise(e == ERR_LENGTH);
        return;
    }
    if (outside(dk, 2 * (size_t)params->k * MLKEM_HAT_LEN)) {
        promise(e == ERR_RANGE);
        return;
    }
    promise(e == ERR_OK || e == ERR_MISMATCH);
    if (e == ERR_OK) {
        mlkem_decaps_key_encode(&decaps, again);
        promise(memcmp(again, dk, n) == 0);
        promise(mlkem_decaps(&decaps, (struct view){g->c, params->c_len}, &scratch, &shared) ==
                ERR_OK);
    }
}

/* The good ciphertext gives the good key, any other of that length another one. */
static void try_c(const struct mlkem_params *params, const uint8_t *c, size_t n,
                  const struct sample *g)
{
    struct mlkem_shared_key shared;
    const enum err e = mlkem_decaps(&g->decaps, (struct view){c, n}, &scratch, &shared);

    if (n != params->c_len) {
        promise(e == ERR_LENGTH);
        return;
    }
    promise(e == ERR_OK);
    promise((ct_equal(shared.k, g->shared.k, sizeof shared.k) != 0) ==
            (memcmp(c, g->c, n) == 0));
}

/* Byte 0: the set, which of ek, dk and c, and whether what follows byte 2 is all of it or is
 * put into a good one at the place that bytes 1 and 2 name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    uint8_t bytes[MLKEM_DK_MAX + 1];
    const struct mlkem_params *params;
    const struct sample *g;
    unsigned what;
    size_t n;

    if (!ready) {
        prepare();
        ready = true;
    }
    if (size < 3) {
        return 0;
    }
    params = sets[data[0] % SETS];
    g = &good[data[0] % SETS];
    what = data[0] >> 4 & 3;
    n = what == 0 ? params->ek_len : what == 1 ? params->dk_len : params->c_len;
    memcpy(bytes, what == 0 ? g->ek : what == 1 ? g->dk : g->c, n);
    if (data[0] >= 0x80) {
        n = size - 3 < sizeof bytes ? size - 3 : sizeof bytes;
        memcpy(bytes, data + 3, n);
    } else {
        const size_t at = (data[1] + 256u * data[2]) % n;

        for (size_t i = 3; i < size && at + i - 3 < n; i++) {
            bytes[at + i - 3] = data[i];
        }
    }
    if (what == 0) {
        try_ek(params, bytes, n);
    } else if (what == 1) {
        try_dk(params, bytes, n, g);
    } else {
        try_c(params, bytes, n, g);
    }
    return 0;
}
