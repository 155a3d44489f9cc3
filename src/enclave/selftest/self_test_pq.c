#include "enclave/selftest/self_test_pq.h"

#include "base/secret.h"

#include <string.h>

static const struct view message = {(const uint8_t *)"quorate", 7};
static const struct view no_context = {NULL, 0};

/* Worked out by a second implementation of FIPS 204. */
const struct self_test_pq_answers self_test_pq_known = {
    .public_key = {0xd6, 0x66, 0x80, 0x6e, 0x11, 0xce, 0xe1, 0x9a, 0x7c, 0x98, 0x9f,
                   0x74, 0x45, 0xf9, 0x0d, 0xd4, 0x19, 0xcf, 0x4d, 0x2d, 0x51, 0xdb,
                   0x8c, 0x0f, 0xdb, 0x4c, 0x0f, 0x0a, 0x54, 0x22, 0x38, 0xc9},
    .signature = {0xce, 0x11, 0xec, 0x6a, 0x7d, 0x1d, 0xd8, 0x49, 0x49, 0xce, 0xe6,
                  0x92, 0xf1, 0x43, 0xd3, 0x7f, 0x1d, 0x1a, 0x4a, 0x7d, 0x89, 0x14,
                  0xa7, 0x61, 0x7b, 0x1c, 0x2c, 0x61, 0x37, 0xeb, 0xb9, 0xfd},
};

static enum err sign(struct pq_signer *s, const struct pq_key *k, uint8_t hedge,
                     uint8_t sig[PQ_SIG_LEN])
{
    const uint8_t rnd[MLDSA_SEED_LEN] = {hedge};
    uint8_t mu[MLDSA_MU_LEN];

    TRY(mldsa_mu(mldsa_best(), k->private_key.tr, no_context, message, mu));
    return pq_sign(s, k, mu, rnd, sig);
}

static enum err verify(const uint8_t *sig, struct self_test_pq_work *w)
{
    return mldsa_verify(&w->public_key, no_context, message, (struct view){sig, PQ_SIG_LEN},
                        &w->verify_scratch);
}

static enum err read_public(const struct pq_key *k, struct self_test_pq_work *w)
{
    return mldsa_public_key_parse(mldsa_best(), &mldsa_65,
                                  (struct view){k->public_key, PQ_PUBLIC_LEN}, &w->key_scratch,
                                  &w->public_key);
}

static bool hashes_to(struct view v, const uint8_t want[32])
{
    uint8_t digest[HASH_MAX];

    hash_once(HASH_SHA256, v, digest);
    return memcmp(digest, want, 32) == 0; /* known answers are public */
}

static enum err known_answer(const struct self_test_pq_answers *a, struct pq_signer *s,
                             struct self_test_pq_work *w)
{
    uint8_t xi[MLDSA_SEED_LEN];

    for (size_t i = 0; i < sizeof xi; i++) {
        xi[i] = (uint8_t)i;
    }
    TRY(pq_key_make(s, &w->key_scratch, xi, &w->key));
    TRY(sign(s, &w->key, 0, w->sig[0]));
    if (!hashes_to((struct view){w->key.public_key, PQ_PUBLIC_LEN}, a->public_key) ||
        !hashes_to((struct view){w->sig[0], PQ_SIG_LEN}, a->signature)) {
        return ERR_BUG;
    }
    TRY(read_public(&w->key, w));
    TRY(verify(w->sig[0], w));
    w->sig[0][0] ^= 1;
    return verify(w->sig[0], w) == ERR_SIGNATURE ? ERR_OK : ERR_BUG;
}

static enum err pair(struct pq_signer *s, const struct pq_key *k, struct self_test_pq_work *w)
{
    TRY(read_public(k, w));
    for (uint8_t i = 0; i < 2; i++) {
        TRY(sign(s, k, i, w->sig[i]));
        TRY(verify(w->sig[i], w));
    }
    return memcmp(w->sig[0], w->sig[1], PQ_SIG_LEN) == 0 ? ERR_BUG : ERR_OK;
}

enum err self_test_pq_run(const struct self_test_pq_answers *a, struct pq_signer *s,
                          struct self_test_pq_work *w)
{
    const enum err e = known_answer(a, s, w);

    wipe(w, sizeof *w);
    return e == ERR_OK ? ERR_OK : ERR_BUG;
}

enum err self_test_pq_pair(struct pq_signer *s, const struct pq_key *k,
                           struct self_test_pq_work *w)
{
    const enum err e = pair(s, k, w);

    wipe(w, sizeof *w);
    return e == ERR_OK ? ERR_OK : ERR_BUG;
}
