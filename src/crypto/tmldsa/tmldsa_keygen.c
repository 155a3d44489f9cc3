#include "crypto/tmldsa/tmldsa_keygen.h"

#include "base/secret.h"
#include "crypto/mldsa/mldsa_pack.h"
#include "crypto/mldsa/mldsa_round.h"

#include <string.h>

static void absorb_field(struct sponge *s, const void *p, size_t n)
{
    const uint8_t length[4] = {(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16),
                               (uint8_t)(n >> 24)};

    sponge_absorb(s, length, sizeof length);
    sponge_absorb(s, p, n);
}

/* A party or a subset. */
static void absorb_number(struct sponge *s, unsigned number)
{
    const uint8_t byte = (uint8_t)number;

    absorb_field(s, &byte, 1);
}

static void start(const struct tmldsa_ceremony *c, const char *tag, struct sponge *s)
{
    static const char protocol[] = "TMLDSA-DKG-v1"; /* with its zero */

    sponge_init(s, c->path->ring->keccak, SPONGE_SHAKE256);
    sponge_absorb(s, protocol, sizeof protocol);
    sponge_absorb(s, tag, strlen(tag) + 1);
    absorb_field(s, c->id, sizeof c->id);
}

static void finish(struct sponge *s, uint8_t *out, size_t n)
{
    sponge_squeeze(s, out, n);
    wipe(s, sizeof *s);
}

void tmldsa_keygen_hash(const struct tmldsa_ceremony *c, const char *tag,
                        const struct view *fields, size_t n, uint8_t out[TMLDSA_HASH_LEN])
{
    struct sponge s;

    start(c, tag, &s);
    for (size_t i = 0; i < n; i++) {
        absorb_field(&s, fields[i].p, fields[i].n);
    }
    finish(&s, out, TMLDSA_HASH_LEN);
}

void tmldsa_keygen_commit_rho(const struct tmldsa_ceremony *c, unsigned party,
                              const struct tmldsa_rho_opening *opening,
                              uint8_t commitment[TMLDSA_HASH_LEN])
{
    struct sponge s;

    start(c, "rho", &s);
    absorb_number(&s, party);
    absorb_field(&s, opening->rho, sizeof opening->rho);
    absorb_field(&s, opening->salt, sizeof opening->salt);
    finish(&s, commitment, TMLDSA_HASH_LEN);
    CT_PUBLIC(commitment, TMLDSA_HASH_LEN);
}

/* Of two commitments: both are public. */
static enum err compare(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, TMLDSA_HASH_LEN) == 0 ? ERR_OK : ERR_MISMATCH;
}

enum err tmldsa_keygen_check_rho(const struct tmldsa_ceremony *c, unsigned party,
                                 const struct tmldsa_rho_opening *opening,
                                 const uint8_t commitment[TMLDSA_HASH_LEN])
{
    uint8_t again[TMLDSA_HASH_LEN];

    tmldsa_keygen_commit_rho(c, party, opening, again);
    return compare(again, commitment);
}

void tmldsa_keygen_commit_seed(const struct tmldsa_ceremony *c, unsigned party, unsigned subset,
                               const struct tmldsa_seed_opening *opening,
                               uint8_t commitment[TMLDSA_HASH_LEN])
{
    struct sponge s;

    start(c, "seed", &s);
    absorb_number(&s, party);
    absorb_number(&s, subset);
    absorb_field(&s, opening->seed, sizeof opening->seed);
    absorb_field(&s, opening->salt, sizeof opening->salt);
    finish(&s, commitment, TMLDSA_HASH_LEN);
    CT_PUBLIC(commitment, TMLDSA_HASH_LEN);
}

enum err tmldsa_keygen_check_seed(const struct tmldsa_ceremony *c, unsigned party,
                                  unsigned subset, const struct tmldsa_seed_opening *opening,
                                  const uint8_t commitment[TMLDSA_HASH_LEN])
{
    uint8_t again[TMLDSA_HASH_LEN];

    tmldsa_keygen_commit_seed(c, party, subset, opening, again);
    return compare(again, commitment);
}

static void absorb_rhos(struct sponge *s, const struct tmldsa_ceremony *c,
                        const struct tmldsa_rho_opening openings[])
{
    for (unsigned i = 0; i < c->params->n; i++) {
        absorb_field(s, openings[i].rho, sizeof openings[i].rho);
    }
}

void tmldsa_keygen_rho(const struct tmldsa_ceremony *c,
                       const struct tmldsa_rho_opening openings[], uint8_t rho[TMLDSA_RHO_LEN])
{
    struct sponge s;

    start(c, "rho-final", &s);
    absorb_rhos(&s, c, openings);
    finish(&s, rho, TMLDSA_RHO_LEN);
    CT_PUBLIC(rho, TMLDSA_RHO_LEN); /* it opens the public key */
}

void tmldsa_keygen_sigma(const struct tmldsa_ceremony *c,
                         const struct tmldsa_rho_opening openings[], unsigned subset,
                         const struct tmldsa_seed_opening seeds[],
                         uint8_t sigma[TMLDSA_SIGMA_LEN])
{
    struct sponge s;

    start(c, "seed-final", &s);
    absorb_rhos(&s, c, openings);
    absorb_number(&s, subset);
    for (unsigned j = 0; j < c->params->n; j++) {
        if ((subset >> j & 1) == 1) {
            absorb_number(&s, j);
            absorb_field(&s, seeds->seed, sizeof seeds->seed);
            seeds++;
        }
    }
    finish(&s, sigma, TMLDSA_SIGMA_LEN);
}

void tmldsa_matrix_make(const struct tmldsa_path *path, const struct tmldsa_params *params,
                        const uint8_t rho[TMLDSA_RHO_LEN],
                        struct tmldsa_keygen_scratch *scratch, struct tmldsa_matrix *m)
{
    m->path = path;
    m->params = params;
    mldsa_expand_a(path->ring, params->set, rho, &scratch->sampler, m->a_hat, params->set->l);
    wipe(scratch, sizeof *scratch);
}

/* To scratch->t_bytes. */
static void make_t(const struct tmldsa_matrix *m, const uint8_t sigma[TMLDSA_SIGMA_LEN],
                   struct tmldsa_keygen_scratch *x)
{
    const struct mldsa_path *ring = m->path->ring;
    const struct mldsa_params *set = m->params->set;

    mldsa_expand_s(ring, set, sigma, &x->sampler, x->s1, x->s2);
    for (unsigned j = 0; j < set->l; j++) {
        ring->ntt(&x->s1[j]);
    }
    for (unsigned i = 0; i < set->k; i++) {
        ring->hat_dot(&x->t, m->a_hat + (size_t)i * set->l, x->s1, set->l);
        ring->ntt_inverse(&x->t);
        m->path->drop_bits(&x->t, &x->s2[i], 0); /* the sum, in [0, q) */
        tmldsa_pack_t(&x->t, x->t_bytes + (size_t)i * TMLDSA_T_POLY_LEN);
    }
    CT_PUBLIC(x->t_bytes, tmldsa_pack_t_len(m->params)); /* as hard to invert as a public key */
}

void tmldsa_keygen_t(const struct tmldsa_matrix *m, const uint8_t sigma[TMLDSA_SIGMA_LEN],
                     struct tmldsa_keygen_scratch *scratch, uint8_t *t)
{
    make_t(m, sigma, scratch);
    memcpy(t, scratch->t_bytes, tmldsa_pack_t_len(m->params));
    wipe(scratch, sizeof *scratch);
}

enum err tmldsa_keygen_check_sigma(const struct tmldsa_matrix *m,
                                   const uint8_t sigma[TMLDSA_SIGMA_LEN], const uint8_t *t,
                                   struct tmldsa_keygen_scratch *scratch)
{
    enum err e;

    make_t(m, sigma, scratch);
    e = memcmp(t, scratch->t_bytes, tmldsa_pack_t_len(m->params)) == 0 ? ERR_OK : ERR_MISMATCH;
    wipe(scratch, sizeof *scratch);
    return e;
}

void tmldsa_keygen_commit_t(const struct tmldsa_ceremony *c, unsigned subset, const uint8_t *t,
                            uint8_t commitment[TMLDSA_HASH_LEN])
{
    struct sponge s;

    start(c, "t", &s);
    absorb_number(&s, subset);
    absorb_field(&s, t, tmldsa_pack_t_len(c->params));
    finish(&s, commitment, TMLDSA_HASH_LEN);
}

enum err tmldsa_keygen_check_t(const struct tmldsa_ceremony *c, unsigned subset, struct view t,
                               const uint8_t commitment[TMLDSA_HASH_LEN])
{
    uint8_t again[TMLDSA_HASH_LEN];
    struct mldsa_poly one;

    if (t.n != tmldsa_pack_t_len(c->params)) {
        return ERR_LENGTH;
    }
    for (size_t at = 0; at < t.n; at += TMLDSA_T_POLY_LEN) {
        if (tmldsa_unpack_t(t.p + at, &one) != 0) {
            return ERR_RANGE;
        }
    }
    tmldsa_keygen_commit_t(c, subset, t.p, again);
    return compare(again, commitment);
}

enum err tmldsa_keygen_public(const struct tmldsa_params *params,
                              const uint8_t rho[TMLDSA_RHO_LEN], const uint8_t *t,
                              struct tmldsa_keygen_scratch *scratch, uint8_t *pk)
{
    const unsigned k = params->set->k;
    const unsigned subsets = tmldsa_subsets(params);
    uint32_t over = 0;

    for (size_t i = 0; i < (size_t)subsets * k; i++) {
        over |= tmldsa_unpack_t(t + i * TMLDSA_T_POLY_LEN, &scratch->t);
    }
    if (over != 0) {
        return ERR_RANGE;
    }
    memcpy(pk, rho, MLDSA_SEED_LEN);
    for (size_t i = 0; i < k; i++) {
        memset(&scratch->t, 0, sizeof scratch->t);
        for (size_t s = 0; s < subsets; s++) {
            (void)tmldsa_unpack_t(t + (s * k + i) * TMLDSA_T_POLY_LEN, &scratch->low);
            for (unsigned j = 0; j < MLDSA_N; j++) {
                scratch->t.coeff[j] =
                    mldsa_canonical(scratch->t.coeff[j] + scratch->low.coeff[j] - MLDSA_Q);
            }
        }
        for (unsigned j = 0; j < MLDSA_N; j++) {
            scratch->t1.coeff[j] =
                mldsa_power2round(scratch->t.coeff[j], &scratch->low.coeff[j]);
        }
        mldsa_t1_encode(&scratch->t1, pk + MLDSA_SEED_LEN + i * MLDSA_T1_LEN);
    }
    return ERR_OK;
}

unsigned tmldsa_keygen_judge(const struct tmldsa_ceremony *c,
                             const struct tmldsa_rho_opening openings[], unsigned subset,
                             const struct tmldsa_testimony testimonies[],
                             const struct tmldsa_matrix *m,
                             struct tmldsa_keygen_scratch *scratch)
{
    struct tmldsa_seed_opening seeds[TMLDSA_PARTIES_MAX];
    uint8_t sigma[TMLDSA_SIGMA_LEN];
    uint8_t t_commitment[TMLDSA_HASH_LEN];
    unsigned liars = 0;
    unsigned others = 0;
    unsigned members = 0;

    for (unsigned j = 0; j < c->params->n; j++) {
        if ((subset >> j & 1) == 1) {
            const struct tmldsa_testimony *said = &testimonies[members];

            seeds[members++] = said->opening;
            liars |= (tmldsa_keygen_check_seed(c, j, subset, &said->opening,
                                               said->seed_commitment) != ERR_OK
                          ? 1u
                          : 0u)
                     << j;
        }
    }
    if (liars != 0) {
        return liars;
    }
    tmldsa_keygen_sigma(c, openings, subset, seeds, sigma);
    make_t(m, sigma, scratch);
    tmldsa_keygen_commit_t(c, subset, scratch->t_bytes, t_commitment);
    members = 0;
    for (unsigned j = 0; j < c->params->n; j++) {
        if ((subset >> j & 1) == 1) {
            others |=
                (compare(testimonies[members++].t_commitment, t_commitment) != ERR_OK ? 1u : 0u)
                << j;
        }
    }
    wipe(scratch, sizeof *scratch);
    return others;
}
