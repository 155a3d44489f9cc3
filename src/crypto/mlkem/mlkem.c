#include "crypto/mlkem/mlkem.h"

#include "base/secret.h"

#include <string.h>

/* Bytes of a compressed polynomial of d bits a coefficient. */
static size_t compressed_len(unsigned d)
{
    return (size_t)d * (MLKEM_N / 8);
}

/* (K, r) = G(m || H(ek)), alg. 17 line 1. */
static void derive(const struct mlkem_encaps_key *key, const struct mlkem_message *m,
                   struct mlkem_scratch *x)
{
    sponge_init(&x->sponge, key->path->keccak, SPONGE_SHA3_512);
    sponge_absorb(&x->sponge, m->m, sizeof m->m);
    sponge_absorb(&x->sponge, key->h, sizeof key->h);
    sponge_squeeze(&x->sponge, x->k_r, sizeof x->k_r);
}

/* K-PKE.Encrypt (alg. 14) of m with the r that derive() left. */
static void pke_encrypt(const struct mlkem_encaps_key *key, const struct mlkem_message *m,
                        struct mlkem_scratch *x, uint8_t *c)
{
    const struct mlkem_params *params = key->params;
    const struct mlkem_path *path = key->path;
    const uint8_t *seed = x->k_r + MLKEM_KEY_LEN;

    mlkem_sample_cbd(path, seed, 0, params->eta1, &x->sampler, x->y_hat, params->k);
    mlkem_sample_cbd(path, seed, params->k, MLKEM_ETA2, &x->sampler, x->e, params->k + 1);
    for (unsigned i = 0; i < params->k; i++) {
        path->ntt(&x->y_hat[i]);
    }
    for (unsigned i = 0; i < params->k; i++, c += compressed_len(params->du)) {
        /* Column i of A: u = A^T y + e1. */
        path->hat_dot(&x->r, &key->a_hat[i], params->k, x->y_hat, params->k);
        path->ntt_inverse(&x->r);
        path->add(&x->r, &x->e[i]);
        path->compress(&x->r, params->du, c);
    }
    path->hat_dot(&x->r, key->t_hat, 1, x->y_hat, params->k); /* v = t^T y + e2 + mu */
    path->ntt_inverse(&x->r);
    path->add(&x->r, &x->e[params->k]);
    path->decompress(m->m, 1, &x->t);
    path->add(&x->r, &x->t);
    path->compress(&x->r, params->dv, c);
}

/* K-PKE.Decrypt (alg. 15) of c, of the right length, to x->m. */
static void pke_decrypt(const struct mlkem_decaps_key *key, const uint8_t *c,
                        struct mlkem_scratch *x)
{
    const struct mlkem_params *params = key->encaps.params;
    const struct mlkem_path *path = key->encaps.path;

    for (unsigned i = 0; i < params->k; i++, c += compressed_len(params->du)) {
        path->decompress(c, params->du, &x->y_hat[i]);
        path->ntt(&x->y_hat[i]);
    }
    path->hat_dot(&x->r, key->s_hat, 1, x->y_hat, params->k);
    path->ntt_inverse(&x->r);
    path->decompress(c, params->dv, &x->t);
    path->sub_from(&x->r, &x->t); /* w = v' - s^T u' */
    path->compress(&x->r, 1, x->m.m);
}

void mlkem_encaps(const struct mlkem_encaps_key *key, const struct mlkem_message *m,
                  struct mlkem_scratch *scratch, uint8_t *c, struct mlkem_shared_key *shared)
{
    derive(key, m, scratch);
    pke_encrypt(key, m, scratch, c);
    memcpy(shared->k, scratch->k_r, sizeof shared->k);
    CT_PUBLIC(c, key->params->c_len);
    wipe(scratch, sizeof *scratch);
}

/* K_bar = J(z || c), alg. 18 line 7. */
static void reject(const struct mlkem_decaps_key *key, struct view c, struct mlkem_scratch *x)
{
    sponge_init(&x->sponge, key->encaps.path->keccak, SPONGE_SHAKE256);
    sponge_absorb(&x->sponge, key->z, sizeof key->z);
    sponge_absorb(&x->sponge, c.p, c.n);
    sponge_squeeze(&x->sponge, x->k_bar, sizeof x->k_bar);
}

enum err mlkem_decaps(const struct mlkem_decaps_key *key, struct view c,
                      struct mlkem_scratch *scratch, struct mlkem_shared_key *shared)
{
    struct mlkem_scratch *x = scratch;
    uint32_t same;

    if (c.n != key->encaps.params->c_len) {
        return ERR_LENGTH;
    }
    pke_decrypt(key, c.p, x);
    derive(&key->encaps, &x->m, x);
    reject(key, c, x);
    pke_encrypt(&key->encaps, &x->m, x, x->c);
    same = ct_equal(c.p, x->c, c.n);
    for (size_t i = 0; i < sizeof shared->k; i++) {
        shared->k[i] = (uint8_t)ct_select(same, x->k_r[i], x->k_bar[i]);
    }
    wipe(x, sizeof *x);
    return ERR_OK;
}
