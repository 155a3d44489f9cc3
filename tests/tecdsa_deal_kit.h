/* tecdsa_deal_kit.h - a P-384 key, and presignatures of it as a dealer would give them. */
#ifndef TESTS_TECDSA_DEAL_KIT_H
#define TESTS_TECDSA_DEAL_KIT_H

#include "tecdsa_kit.h"

struct tecdsa_dealer {
    uint64_t noise;
    struct tecdsa_scalar x; /* the key */
    uint8_t public_key[P384_PUBLIC_LEN];
    struct tecdsa_scalar k; /* of the record in hand */
    uint8_t r[TECDSA_SCALAR_LEN];
};

static inline enum err tecdsa_dealer_key(void *arg)
{
    struct tecdsa_dealer *const d = arg;
    struct tecdsa_point point;

    tecdsa_point_mul_g(&d->x, &point);
    tecdsa_point_long_encode(&point, d->public_key);
    return ERR_OK;
}

static inline enum err tecdsa_dealer_init(struct tecdsa_dealer *d, uint64_t number)
{
    d->noise = number << 32;
    d->x = tecdsa_noise_scalar(&d->noise);
    return tecdsa_on_stack(tecdsa_dealer_key, d);
}

static inline enum err tecdsa_dealer_nonce(void *arg)
{
    struct tecdsa_dealer *const d = arg;
    struct tecdsa_point point;
    struct tecdsa_scalar r;

    tecdsa_point_mul_g(&d->k, &point);
    tecdsa_point_x(&point, &r);
    tecdsa_scalar_encode(&r, d->r);
    return ERR_OK;
}

/* Three parts of a sum. */
static inline void tecdsa_dealer_split(struct tecdsa_dealer *d, const struct tecdsa_scalar *sum,
                                       struct tecdsa_scalar part[TECDSA_T])
{
    part[0] = tecdsa_noise_scalar(&d->noise);
    part[1] = tecdsa_noise_scalar(&d->noise);
    tecdsa_scalar_sub(sum, &part[0], &part[2]);
    tecdsa_scalar_sub(&part[2], &part[1], &part[2]);
}

/* The three shares of a new record of the triple s. */
static inline enum err tecdsa_deal(struct tecdsa_dealer *d, unsigned s,
                                   struct tecdsa_presignature out[TECDSA_T])
{
    const struct tecdsa_scalar phi = tecdsa_noise_scalar(&d->noise);
    struct tecdsa_scalar parts[3][TECDSA_T];
    struct tecdsa_scalar product;
    uint8_t id[TECDSA_HASH_LEN];

    d->k = tecdsa_noise_scalar(&d->noise);
    TRY(tecdsa_on_stack(tecdsa_dealer_nonce, d));
    tecdsa_noise(&d->noise, id, sizeof id);
    tecdsa_dealer_split(d, &phi, parts[0]);
    tecdsa_scalar_mul(&d->k, &phi, &product);
    tecdsa_dealer_split(d, &product, parts[1]);
    tecdsa_scalar_mul(&d->x, &phi, &product);
    tecdsa_dealer_split(d, &product, parts[2]);
    for (unsigned i = 0; i < TECDSA_T; i++) {
        memset(&out[i], 0, sizeof out[i]);
        memcpy(out[i].id, id, sizeof id);
        memcpy(out[i].r, d->r, sizeof d->r);
        out[i].s = s;
        out[i].phi = parts[0][i];
        out[i].u = parts[1][i];
        out[i].v = parts[2][i];
        atomic_store(&out[i].state, TECDSA_PRESIGNATURE_FRESH);
    }
    return ERR_OK;
}

#endif
