#include "crypto/mldsa/mldsa_key.h"

#include "base/secret.h"
#include "crypto/mldsa/mldsa_pack.h"
#include "crypto/mldsa/mldsa_round.h"

#include <string.h>

/* tr = H(pk, 64). */
static void hash_pk(const struct mldsa_path *path, const uint8_t *pk, size_t n,
                    uint8_t tr[MLDSA_TR_LEN])
{
    struct sponge s;

    sponge_init(&s, path->keccak, SPONGE_SHAKE256);
    sponge_absorb(&s, pk, n);
    sponge_squeeze(&s, tr, MLDSA_TR_LEN);
}

/* (rho, rho', K) = H(xi || k || l, 128). */
static void expand_xi(const struct mldsa_path *path, const struct mldsa_params *params,
                      const uint8_t xi[MLDSA_SEED_LEN], uint8_t rho[MLDSA_SEED_LEN],
                      uint8_t rho_prime[MLDSA_RHO_PRIME_LEN], uint8_t k[MLDSA_SEED_LEN])
{
    const uint8_t sizes[2] = {(uint8_t)params->k, (uint8_t)params->l};
    struct sponge s;

    sponge_init(&s, path->keccak, SPONGE_SHAKE256);
    sponge_absorb(&s, xi, MLDSA_SEED_LEN);
    sponge_absorb(&s, sizes, sizeof sizes);
    sponge_squeeze(&s, rho, MLDSA_SEED_LEN);
    sponge_squeeze(&s, rho_prime, MLDSA_RHO_PRIME_LEN);
    sponge_squeeze(&s, k, MLDSA_SEED_LEN);
    CT_PUBLIC(rho, MLDSA_SEED_LEN); /* it opens the public key */
    wipe(&s, sizeof s);
}

/* (t1, t0) = Power2Round(t + s2). t: |coeff| < q. */
static void round_t(const struct mldsa_poly *t, const struct mldsa_poly *s2,
                    struct mldsa_poly *t1, struct mldsa_poly *t0)
{
    for (unsigned i = 0; i < MLDSA_N; i++) {
        const int32_t v = mldsa_canonical(t->coeff[i]) + s2->coeff[i];

        t1->coeff[i] =
            mldsa_power2round(mldsa_canonical(mldsa_canonical(v) - MLDSA_Q), &t0->coeff[i]);
    }
}

/* Row i of t: its parts to pk, sk and the prepared key. */
static void make_row(struct mldsa_key_scratch *x, unsigned i, struct mldsa_private_key *key,
                     uint8_t *pk, uint8_t *sk)
{
    const struct mldsa_params *params = key->params;

    key->path->hat_dot(&x->t, key->a_hat + (size_t)i * params->l, key->s1_hat, params->l);
    key->path->ntt_inverse(&x->t);
    round_t(&x->t, &x->s2[i], &x->t1, &key->t0_hat[i]);
    mldsa_t1_encode(&x->t1, pk + MLDSA_SEED_LEN + (size_t)i * MLDSA_T1_LEN);
    if (sk != NULL) {
        mldsa_t0_encode(&key->t0_hat[i],
                        sk + params->sk_len - (size_t)(params->k - i) * MLDSA_T0_LEN);
    }
    key->path->ntt(&key->t0_hat[i]);
}

/* skEncode (alg. 24) of all but t0. */
static void write_sk(const struct mldsa_private_key *key, const struct mldsa_key_scratch *x,
                     const uint8_t rho[MLDSA_SEED_LEN], uint8_t *sk)
{
    const struct mldsa_params *params = key->params;

    memcpy(sk, rho, MLDSA_SEED_LEN);
    sk += MLDSA_SEED_LEN;
    memcpy(sk, key->k, MLDSA_SEED_LEN);
    sk += MLDSA_SEED_LEN;
    memcpy(sk, key->tr, MLDSA_TR_LEN);
    sk += MLDSA_TR_LEN;
    for (unsigned j = 0; j < params->l; j++, sk += params->eta_len) {
        mldsa_eta_encode(&x->s1[j], params->eta, sk);
    }
    for (unsigned i = 0; i < params->k; i++, sk += params->eta_len) {
        mldsa_eta_encode(&x->s2[i], params->eta, sk);
    }
}

void mldsa_keygen(const struct mldsa_path *path, const struct mldsa_params *params,
                  const uint8_t xi[MLDSA_SEED_LEN], struct mldsa_key_scratch *scratch,
                  struct mldsa_private_key *key, uint8_t *pk, uint8_t *sk)
{
    uint8_t rho[MLDSA_SEED_LEN];
    uint8_t rho_prime[MLDSA_RHO_PRIME_LEN];

    key->params = params;
    key->path = path;
    expand_xi(path, params, xi, rho, rho_prime, key->k);
    mldsa_expand_a(path, params, rho, &scratch->sampler, key->a_hat, params->l);
    mldsa_expand_s(path, params, rho_prime, &scratch->sampler, scratch->s1, scratch->s2);
    for (unsigned j = 0; j < params->l; j++) {
        key->s1_hat[j] = scratch->s1[j];
        path->ntt(&key->s1_hat[j]);
    }
    memcpy(pk, rho, MLDSA_SEED_LEN);
    for (unsigned i = 0; i < params->k; i++) {
        make_row(scratch, i, key, pk, sk);
        key->s2_hat[i] = scratch->s2[i];
        path->ntt(&key->s2_hat[i]);
    }
    CT_PUBLIC(pk, params->pk_len);
    hash_pk(path, pk, params->pk_len, key->tr);
    if (sk != NULL) {
        write_sk(key, scratch, rho, sk);
    }
    wipe(rho_prime, sizeof rho_prime);
    wipe(scratch, sizeof *scratch);
}

/* One polynomial of s1, s2: eta_len bytes from r, prepared to *hat. All-ones if outside, or if
 * the bytes are not there. */
static uint32_t read_eta(struct reader *r, const struct mldsa_private_key *key,
                         struct mldsa_poly *hat)
{
    struct view bytes;
    uint32_t outside;

    if (rd_take(r, key->params->eta_len, &bytes) != ERR_OK) {
        return UINT32_MAX;
    }
    outside = mldsa_eta_decode(bytes.p, key->params->eta, hat);
    key->path->ntt(hat);
    return outside;
}

/* s1, s2 and t0. */
static enum err read_vectors(struct reader *r, struct mldsa_private_key *key)
{
    const struct mldsa_params *params = key->params;
    uint32_t outside = 0;

    for (unsigned j = 0; j < params->l; j++) {
        outside |= read_eta(r, key, &key->s1_hat[j]);
    }
    for (unsigned i = 0; i < params->k; i++) {
        outside |= read_eta(r, key, &key->s2_hat[i]);
    }
    CT_PUBLIC(&outside, sizeof outside); /* shows only that the key is none */
    if (outside != 0) {
        return ERR_RANGE;
    }
    for (unsigned i = 0; i < params->k; i++) {
        struct view bytes;

        TRY(rd_take(r, MLDSA_T0_LEN, &bytes));
        mldsa_t0_decode(bytes.p, &key->t0_hat[i]);
        key->path->ntt(&key->t0_hat[i]);
    }
    return rd_finish(r);
}

enum err mldsa_private_key_parse(const struct mldsa_path *path,
                                 const struct mldsa_params *params, struct view sk,
                                 struct mldsa_key_scratch *scratch,
                                 struct mldsa_private_key *key)
{
    struct reader r = rd_init(sk);
    struct view rho;
    enum err e = ERR_LENGTH;

    if (sk.n == params->sk_len && rd_take(&r, MLDSA_SEED_LEN, &rho) == ERR_OK &&
        rd_copy(&r, key->k, sizeof key->k) == ERR_OK &&
        rd_copy(&r, key->tr, sizeof key->tr) == ERR_OK) {
        CT_PUBLIC(rho.p, rho.n); /* it opens the public key */
        key->params = params;
        key->path = path;
        e = read_vectors(&r, key);
    }
    if (e == ERR_OK) {
        mldsa_expand_a(path, params, rho.p, &scratch->sampler, key->a_hat, params->l);
    } else {
        wipe(key, sizeof *key);
    }
    wipe(scratch, sizeof *scratch);
    return e;
}

enum err mldsa_public_key_parse(const struct mldsa_path *path,
                                const struct mldsa_params *params, struct view pk,
                                struct mldsa_key_scratch *scratch, struct mldsa_public_key *key)
{
    const unsigned stride = params->l + 1;

    if (pk.n != params->pk_len) {
        return ERR_LENGTH;
    }
    key->params = params;
    key->path = path;
    hash_pk(path, pk.p, pk.n, key->tr);
    mldsa_expand_a(path, params, pk.p, &scratch->sampler, key->rows_hat, stride);
    for (unsigned i = 0; i < params->k; i++) {
        struct mldsa_poly *t1 = &key->rows_hat[i * stride + params->l];

        mldsa_t1_decode(pk.p + MLDSA_SEED_LEN + (size_t)i * MLDSA_T1_LEN, t1);
        for (unsigned j = 0; j < MLDSA_N; j++) {
            t1->coeff[j] *= 1 << MLDSA_D;
        }
        path->ntt(t1);
    }
    return ERR_OK;
}
