#include "crypto/tecdsa/tecdsa_online.h"

#include "base/secret.h"

#include <string.h>

/* Whether the record was fresh; it is not after this, for anybody. */
static bool take(struct tecdsa_presignature *record)
{
    unsigned fresh = TECDSA_PRESIGNATURE_FRESH;

    return atomic_compare_exchange_strong(&record->state, &fresh, TECDSA_PRESIGNATURE_NONE);
}

static void erase(struct tecdsa_presignature *record)
{
    wipe(&record->phi, sizeof record->phi);
    wipe(&record->u, sizeof record->u);
    wipe(&record->v, sizeof record->v);
}

enum err tecdsa_online_answer(struct tecdsa_presignature *record,
                              const uint8_t id[TECDSA_HASH_LEN],
                              const uint8_t digest[P384_DIGEST_LEN], struct tecdsa_answer *out)
{
    struct tecdsa_scalar e;
    struct tecdsa_scalar r;
    struct tecdsa_scalar w;
    enum err result = ERR_RANGE;

    memset(out, 0, sizeof *out);
    if (memcmp(id, record->id, TECDSA_HASH_LEN) != 0 || !take(record)) {
        return ERR_STATE;
    }
    tecdsa_scalar_of_digest(digest, &e);
    if (tecdsa_scalar_zero(&e) == 0 && tecdsa_scalar_decode(record->r, &r) == ERR_OK) {
        tecdsa_scalar_mul(&record->phi, &e, &w);
        tecdsa_scalar_mul(&record->v, &r, &r);
        tecdsa_scalar_add(&w, &r, &w);
        tecdsa_scalar_encode(&w, out->w);
        tecdsa_scalar_encode(&record->u, out->u);
        CT_PUBLIC(out, sizeof *out);
        wipe(&w, sizeof w);
        wipe(&r, sizeof r);
        result = ERR_OK;
    }
    erase(record);
    return result;
}

void tecdsa_online_discard(struct tecdsa_presignature *record)
{
    if (take(record)) {
        erase(record);
    }
}

enum err tecdsa_online_combine(const uint8_t public_key[P384_PUBLIC_LEN],
                               const uint8_t r[TECDSA_SCALAR_LEN],
                               const uint8_t digest[P384_DIGEST_LEN],
                               const struct tecdsa_answer answers[TECDSA_T],
                               uint8_t sig[P384_SIG_LEN])
{
    struct tecdsa_scalar s = {{0}};
    struct tecdsa_scalar below = {{0}};
    enum err e;

    memset(sig, 0, P384_SIG_LEN);
    for (unsigned i = 0; i < TECDSA_T; i++) {
        struct tecdsa_scalar w;
        struct tecdsa_scalar u;

        TRY(tecdsa_scalar_decode(answers[i].w, &w));
        TRY(tecdsa_scalar_decode(answers[i].u, &u));
        tecdsa_scalar_add(&s, &w, &s);
        tecdsa_scalar_add(&below, &u, &below);
    }
    tecdsa_scalar_invert_public(&below, &below); /* 0 of 0, and then s is 0: no signature */
    tecdsa_scalar_mul(&s, &below, &s);
    memcpy(sig, r, TECDSA_SCALAR_LEN);
    tecdsa_scalar_encode(&s, sig + TECDSA_SCALAR_LEN);
    e = p384_verify(public_key, digest, sig);
    if (e != ERR_OK) {
        memset(sig, 0, P384_SIG_LEN);
        return ERR_SIGNATURE;
    }
    return ERR_OK;
}
