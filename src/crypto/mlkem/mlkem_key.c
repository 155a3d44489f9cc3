#include "crypto/mlkem/mlkem_key.h"

#include "base/secret.h"

#include <string.h>

void mlkem_encaps_key_encode(const struct mlkem_encaps_key *key, uint8_t *ek)
{
    for (unsigned i = 0; i < key->params->k; i++, ek += MLKEM_HAT_LEN) {
        key->path->encode(&key->t_hat[i], ek);
    }
    memcpy(ek, key->rho, MLKEM_SEED_LEN);
}

void mlkem_decaps_key_encode(const struct mlkem_decaps_key *key, uint8_t *dk)
{
    const struct mlkem_params *params = key->encaps.params;

    for (unsigned i = 0; i < params->k; i++, dk += MLKEM_HAT_LEN) {
        key->encaps.path->encode(&key->s_hat[i], dk);
    }
    mlkem_encaps_key_encode(&key->encaps, dk);
    dk += params->ek_len;
    memcpy(dk, key->encaps.h, MLKEM_HASH_LEN);
    memcpy(dk + MLKEM_HASH_LEN, key->z, MLKEM_SEED_LEN);
}

/* H, 4.1. */
static void hash(const struct mlkem_path *path, struct view ek, struct sponge *s,
                 uint8_t h[MLKEM_HASH_LEN])
{
    sponge_init(s, path->keccak, SPONGE_SHA3_256);
    sponge_absorb(s, ek.p, ek.n);
    sponge_squeeze(s, h, MLKEM_HASH_LEN);
}

/* (rho, sigma) = G(d || k), alg. 13 line 1. */
static void expand_d(const struct mlkem_path *path, const struct mlkem_params *params,
                     const uint8_t d[MLKEM_SEED_LEN], struct mlkem_key_scratch *x)
{
    const uint8_t k = (uint8_t)params->k;

    sponge_init(&x->sponge, path->keccak, SPONGE_SHA3_512);
    sponge_absorb(&x->sponge, d, MLKEM_SEED_LEN);
    sponge_absorb(&x->sponge, &k, 1);
    sponge_squeeze(&x->sponge, x->rho_sigma, sizeof x->rho_sigma);
    CT_PUBLIC(x->rho_sigma, MLKEM_SEED_LEN); /* rho ends the public key */
}

void mlkem_keygen(const struct mlkem_path *path, const struct mlkem_params *params,
                  const struct mlkem_seed *seed, struct mlkem_key_scratch *scratch,
                  struct mlkem_decaps_key *key, uint8_t *ek)
{
    struct mlkem_encaps_key *encaps = &key->encaps;
    const uint8_t *sigma = scratch->rho_sigma + MLKEM_SEED_LEN;

    encaps->params = params;
    encaps->path = path;
    expand_d(path, params, seed->d, scratch);
    memcpy(encaps->rho, scratch->rho_sigma, MLKEM_SEED_LEN);
    mlkem_expand_a(path, params, encaps->rho, &scratch->sampler, encaps->a_hat);
    mlkem_sample_cbd(path, sigma, 0, params->eta1, &scratch->sampler, key->s_hat, params->k);
    mlkem_sample_cbd(path, sigma, params->k, params->eta1, &scratch->sampler, scratch->e,
                     params->k);
    for (unsigned i = 0; i < params->k; i++) {
        path->ntt(&key->s_hat[i]);
        path->canonical(&key->s_hat[i]);
    }
    for (unsigned i = 0; i < params->k; i++) {
        path->ntt(&scratch->e[i]);
        path->hat_dot(&encaps->t_hat[i], encaps->a_hat + (size_t)i * params->k, 1, key->s_hat,
                      params->k);
        path->hat_add(&encaps->t_hat[i], &scratch->e[i]);
    }
    mlkem_encaps_key_encode(encaps, ek);
    CT_PUBLIC(ek, params->ek_len);
    hash(path, (struct view){ek, params->ek_len}, &scratch->sponge, encaps->h);
    memcpy(key->z, seed->z, MLKEM_SEED_LEN);
    wipe(scratch, sizeof *scratch);
}

/* The k polynomials of s or t. All-ones if a number is q or more. */
static uint32_t read_hats(const struct mlkem_path *path, const struct mlkem_params *params,
                          const uint8_t *in, struct mlkem_poly *to)
{
    uint32_t outside = 0;

    for (unsigned i = 0; i < params->k; i++, in += MLKEM_HAT_LEN) {
        outside |= path->decode(in, &to[i]);
    }
    return outside;
}

/* ek of the right length, into a key that may be half made on failure. */
static enum err read_encaps(const struct mlkem_path *path, const struct mlkem_params *params,
                            struct view ek, struct mlkem_key_scratch *x,
                            struct mlkem_encaps_key *key)
{
    const uint8_t *rho = ek.p + ek.n - MLKEM_SEED_LEN;

    CT_PUBLIC(ek.p, ek.n);
    key->params = params;
    key->path = path;
    if (read_hats(path, params, ek.p, key->t_hat) != 0) {
        return ERR_RANGE;
    }
    memcpy(key->rho, rho, MLKEM_SEED_LEN);
    hash(path, ek, &x->sponge, key->h);
    mlkem_expand_a(path, params, rho, &x->sampler, key->a_hat);
    return ERR_OK;
}

enum err mlkem_encaps_key_parse(const struct mlkem_path *path,
                                const struct mlkem_params *params, struct view ek,
                                struct mlkem_key_scratch *scratch, struct mlkem_encaps_key *key)
{
    enum err e = ERR_LENGTH;

    if (ek.n == params->ek_len) {
        e = read_encaps(path, params, ek, scratch, key);
    }
    if (e != ERR_OK) {
        wipe(key, sizeof *key);
    }
    wipe(scratch, sizeof *scratch);
    return e;
}

/* dk of the right length, into a key that may be half made on failure. */
static enum err read_decaps(const struct mlkem_path *path, const struct mlkem_params *params,
                            const uint8_t *dk, struct mlkem_key_scratch *x,
                            struct mlkem_decaps_key *key)
{
    const struct view ek = {dk + (size_t)params->k * MLKEM_HAT_LEN, params->ek_len};
    const uint8_t *h = ek.p + ek.n;
    uint32_t good;

    good = ~read_hats(path, params, dk, key->s_hat);
    CT_PUBLIC(&good, sizeof good); /* shows only that the key is none */
    if (good == 0) {
        return ERR_RANGE;
    }
    TRY(read_encaps(path, params, ek, x, &key->encaps));
    good = ct_equal(key->encaps.h, h, MLKEM_HASH_LEN);
    CT_PUBLIC(&good, sizeof good); /* as above */
    if (good == 0) {
        return ERR_MISMATCH;
    }
    memcpy(key->z, h + MLKEM_HASH_LEN, MLKEM_SEED_LEN);
    return ERR_OK;
}

enum err mlkem_decaps_key_parse(const struct mlkem_path *path,
                                const struct mlkem_params *params, struct view dk,
                                struct mlkem_key_scratch *scratch, struct mlkem_decaps_key *key)
{
    enum err e = ERR_LENGTH;

    if (dk.n == params->dk_len) {
        e = read_decaps(path, params, dk.p, scratch, key);
    }
    if (e != ERR_OK) {
        wipe(key, sizeof *key);
    }
    wipe(scratch, sizeof *scratch);
    return e;
}
