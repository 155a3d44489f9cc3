/* Responses and public keys of threshold ML-DSA. Byte 0: bit 7, whether what follows byte 2 is
 * the whole response or is put into an honest one at the place that bytes 1 and 2 name; bit 6,
 * whether it is a public key instead. */
#include "../tests/tmldsa_kit.h"
#include "promise.h"

#include "crypto/tmldsa/tmldsa_blame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tmldsa_kit *kit;
static uint8_t honest[4 * 2304 + 1];
static size_t honest_len;

/* (2,2) of ML-DSA-44 with two batches: four indices. Sessions until both accepted some. */
static void prepare(void)
{
    const uint8_t seed[32] = {1};

    kit = tmldsa_kit_new(tmldsa_best(), tmldsa_params_find(&mldsa_44, 2, 2), 2, seed);
    do {
        tmldsa_run(kit, 3);
    } while (!kit->outcome.found);
    honest_len = kit->response_bytes[1].n;
    promise(honest_len <= sizeof honest);
    memcpy(honest, kit->response_bytes[1].p, honest_len);
}

/* What is taken has the length that its bitmap says, and no z out of range; whatever it is,
 * combining gives a genuine signature or none, and nobody honest is blamed. */
static void check_response(struct view in)
{
    static struct tmldsa_blame_scratch scratch;
    static struct mldsa_verify_scratch verify_scratch;
    const struct mldsa_params *set = kit->params->set;
    const unsigned indices = tmldsa_session_indices(kit->params, &kit->session);
    struct tmldsa_response *response = &kit->response[1];
    unsigned accepted = 0;

    if (tmldsa_response_parse(&kit->key, kit->session.batches, in, &kit->combine_scratch,
                              response) != ERR_OK) {
        promise(response->bitmap.p == NULL && response->z.p == NULL);
        return;
    }
    promise_inside(response->bitmap, in);
    promise_inside(response->z, in);
    promise(response->z_max < set->gamma1);
    for (unsigned i = 0; i < indices; i++) {
        accepted += tmldsa_response_has(response, i) ? 1u : 0u;
    }
    promise(accepted == response->accepted);
    promise(in.n == 1 + (size_t)accepted * set->l * set->z_len);
    tmldsa_must(tmldsa_combine(&kit->key, &kit->session, kit->response, &kit->combine_scratch,
                               kit->sig, &kit->outcome),
                "combine");
    if (kit->outcome.found) {
        promise(mldsa_verify_mu(&kit->key.key, kit->session.mu,
                                (struct view){kit->sig, set->sig_len},
                                &verify_scratch) == ERR_OK);
    } else if (kit->outcome.suspect) {
        promise((tmldsa_blame(&kit->key, kit->t, &kit->session, kit->response,
                              kit->outcome.suspect_index, &scratch) &
                 1) == 0);
    }
}

static void check_key(struct view in)
{
    static struct tmldsa_public_key key;
    const enum err e =
        tmldsa_public_key_parse(tmldsa_best(), kit->params, in, &kit->key_scratch, &key);

    promise((e == ERR_OK) == (in.n == kit->params->set->pk_len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t bytes[sizeof honest];
    size_t n = honest_len;

    if (kit == NULL) {
        prepare();
        n = honest_len;
    }
    if (size < 3) {
        return 0;
    }
    memcpy(bytes, honest, sizeof bytes);
    if ((data[0] & 0xc0) != 0) {
        n = size - 3 < sizeof bytes ? size - 3 : sizeof bytes;
        memcpy(bytes, data + 3, n);
    } else {
        const size_t at = (data[1] + 256u * data[2]) % honest_len;

        for (size_t i = 3; i < size && at + i - 3 < n; i++) {
            bytes[at + i - 3] = data[i];
        }
    }
    if ((data[0] & 0x40) != 0) {
        check_key((struct view){bytes, n});
    } else {
        check_response((struct view){bytes, n});
    }
    return 0;
}
