/* The protocol level of a ceremony: what makes the key, as level_ideal.c says it. Order, errors
 * and who is at fault are those of the real functions. t of a subset is short: all but its
 * first coefficients are zero. */
#include "dkg_level.h"
#include "ideal_mix.h"

#include "crypto/hash.h"
#include "crypto/mldsa/mldsa.h"

#define T_COEFFICIENTS 2 /* of 22 bits */

/* Names as the linker makes them. */
void __wrap_shake256_init(struct shake256 *s);
void __wrap_shake256_update(struct shake256 *s, const void *p, size_t n);
void __wrap_shake256_final(struct shake256 *s, uint8_t *out, size_t out_len);
enum err __wrap_mldsa_verify_mu(const struct mldsa_public_key *key, const uint8_t *mu,
                                struct view sig, struct mldsa_verify_scratch *scratch);
enum err __wrap_mldsa_verify(const struct mldsa_public_key *key, struct view context,
                             struct view message, struct view sig,
                             struct mldsa_verify_scratch *scratch);
enum err __wrap_mldsa_public_key_parse(const struct mldsa_path *path,
                                       const struct mldsa_params *params, struct view pk,
                                       struct mldsa_key_scratch *scratch,
                                       struct mldsa_public_key *key);
enum err __wrap_tmldsa_public_key_parse(const struct tmldsa_path *path,
                                        const struct tmldsa_params *params, struct view pk,
                                        struct mldsa_key_scratch *scratch,
                                        struct tmldsa_public_key *key);
void __wrap_tmldsa_keygen_hash(const struct tmldsa_ceremony *c, const char *tag,
                               const struct view *fields, size_t n, uint8_t *out);
void __wrap_tmldsa_keygen_commit_rho(const struct tmldsa_ceremony *c, unsigned party,
                                     const struct tmldsa_rho_opening *opening,
                                     uint8_t *commitment);
enum err __wrap_tmldsa_keygen_check_rho(const struct tmldsa_ceremony *c, unsigned party,
                                        const struct tmldsa_rho_opening *opening,
                                        const uint8_t *commitment);
void __wrap_tmldsa_keygen_commit_seed(const struct tmldsa_ceremony *c, unsigned party,
                                      unsigned subset,
                                      const struct tmldsa_seed_opening *opening,
                                      uint8_t *commitment);
enum err __wrap_tmldsa_keygen_check_seed(const struct tmldsa_ceremony *c, unsigned party,
                                         unsigned subset,
                                         const struct tmldsa_seed_opening *opening,
                                         const uint8_t *commitment);
void __wrap_tmldsa_keygen_rho(const struct tmldsa_ceremony *c,
                              const struct tmldsa_rho_opening openings[], uint8_t *rho);
void __wrap_tmldsa_matrix_make(const struct tmldsa_path *path,
                               const struct tmldsa_params *params, const uint8_t *rho,
                               struct tmldsa_keygen_scratch *scratch, struct tmldsa_matrix *m);
void __wrap_tmldsa_keygen_t(const struct tmldsa_matrix *m, const uint8_t *sigma,
                            struct tmldsa_keygen_scratch *scratch, uint8_t *t);
void __wrap_tmldsa_keygen_commit_t(const struct tmldsa_ceremony *c, unsigned subset,
                                   const uint8_t *t, uint8_t *commitment);
enum err __wrap_tmldsa_keygen_check_t(const struct tmldsa_ceremony *c, unsigned subset,
                                      struct view t, const uint8_t *commitment);
enum err __wrap_tmldsa_keygen_public(const struct tmldsa_params *params, const uint8_t *rho,
                                     const uint8_t *t, struct tmldsa_keygen_scratch *scratch,
                                     uint8_t *pk);
unsigned __wrap_tmldsa_keygen_judge(const struct tmldsa_ceremony *c,
                                    const struct tmldsa_rho_opening openings[], unsigned subset,
                                    const struct tmldsa_testimony testimonies[],
                                    const struct tmldsa_matrix *m,
                                    struct tmldsa_keygen_scratch *scratch);

/* ---- hashes of a ceremony ---- */

static struct mix start(const struct tmldsa_ceremony *c, const char *tag)
{
    struct mix m = mix_begin(MIX_KEYGEN);

    mix_bytes(&m, c->id, sizeof c->id);
    mix_bytes(&m, (const uint8_t *)tag, strlen(tag));
    return m;
}

static enum err compare(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, TMLDSA_HASH_LEN) == 0 ? ERR_OK : ERR_MISMATCH;
}

void __wrap_tmldsa_keygen_hash(const struct tmldsa_ceremony *c, const char *tag,
                               const struct view *fields, size_t n, uint8_t *out)
{
    struct mix m = start(c, tag);

    for (size_t i = 0; i < n; i++) {
        mix_bytes(&m, fields[i].p, fields[i].n);
    }
    mix_out(&m, out, TMLDSA_HASH_LEN);
}

void __wrap_tmldsa_keygen_commit_rho(const struct tmldsa_ceremony *c, unsigned party,
                                     const struct tmldsa_rho_opening *opening,
                                     uint8_t *commitment)
{
    struct mix m = start(c, "rho");

    mix_word(&m, party);
    mix_bytes(&m, (const uint8_t *)opening, sizeof *opening);
    mix_out(&m, commitment, TMLDSA_HASH_LEN);
}

enum err __wrap_tmldsa_keygen_check_rho(const struct tmldsa_ceremony *c, unsigned party,
                                        const struct tmldsa_rho_opening *opening,
                                        const uint8_t *commitment)
{
    uint8_t again[TMLDSA_HASH_LEN];

    __wrap_tmldsa_keygen_commit_rho(c, party, opening, again);
    return compare(again, commitment);
}

void __wrap_tmldsa_keygen_commit_seed(const struct tmldsa_ceremony *c, unsigned party,
                                      unsigned subset,
                                      const struct tmldsa_seed_opening *opening,
                                      uint8_t *commitment)
{
    struct mix m = start(c, "seed");

    mix_word(&m, (uint64_t)party << 8 | subset);
    mix_bytes(&m, (const uint8_t *)opening, sizeof *opening);
    mix_out(&m, commitment, TMLDSA_HASH_LEN);
}

enum err __wrap_tmldsa_keygen_check_seed(const struct tmldsa_ceremony *c, unsigned party,
                                         unsigned subset,
                                         const struct tmldsa_seed_opening *opening,
                                         const uint8_t *commitment)
{
    uint8_t again[TMLDSA_HASH_LEN];

    __wrap_tmldsa_keygen_commit_seed(c, party, subset, opening, again);
    return compare(again, commitment);
}

static void mix_rhos(struct mix *m, const struct tmldsa_ceremony *c,
                     const struct tmldsa_rho_opening openings[])
{
    for (unsigned i = 0; i < c->params->n; i++) {
        mix_bytes(m, openings[i].rho, TMLDSA_RHO_LEN);
    }
}

void __wrap_tmldsa_keygen_rho(const struct tmldsa_ceremony *c,
                              const struct tmldsa_rho_opening openings[], uint8_t *rho)
{
    struct mix m = start(c, "rho-final");

    mix_rhos(&m, c, openings);
    mix_out(&m, rho, TMLDSA_RHO_LEN);
}

void dkg_level_sigma(const struct tmldsa_ceremony *c,
                     const struct tmldsa_rho_opening openings[], unsigned subset,
                     const struct tmldsa_seed_opening seeds[], uint8_t sigma[TMLDSA_SIGMA_LEN])
{
    struct mix m = start(c, "seed-final");

    mix_rhos(&m, c, openings);
    mix_word(&m, subset);
    for (unsigned j = 0; j < c->params->n; j++) {
        if ((subset >> j & 1) == 1) {
            mix_bytes(&m, seeds->seed, sizeof seeds->seed);
            seeds++;
        }
    }
    mix_out(&m, sigma, TMLDSA_SIGMA_LEN);
}

/* ---- t, of the matrix and a secret ---- */

static size_t t_len(const struct tmldsa_params *p)
{
    return (size_t)p->set->k * TMLDSA_T_POLY_LEN;
}

void __wrap_tmldsa_matrix_make(const struct tmldsa_path *path,
                               const struct tmldsa_params *params, const uint8_t *rho,
                               struct tmldsa_keygen_scratch *scratch, struct tmldsa_matrix *m)
{
    (void)scratch;
    m->path = path;
    m->params = params;
    memcpy(m->a_hat, rho, TMLDSA_RHO_LEN);
}

void __wrap_tmldsa_keygen_t(const struct tmldsa_matrix *m, const uint8_t *sigma,
                            struct tmldsa_keygen_scratch *scratch, uint8_t *t)
{
    struct mix x = mix_begin(MIX_KEYGEN);
    uint64_t packed = 0;

    (void)scratch;
    mix_bytes(&x, (const uint8_t *)m->a_hat, TMLDSA_RHO_LEN);
    mix_bytes(&x, sigma, TMLDSA_SIGMA_LEN);
    for (unsigned i = 0; i < T_COEFFICIENTS; i++) {
        packed |= (x.a >> (22 * i) & 0x3fffff) << (23 * i);
    }
    memset(t, 0, t_len(m->params));
    memcpy(t, &packed, sizeof packed);
}

void __wrap_tmldsa_keygen_commit_t(const struct tmldsa_ceremony *c, unsigned subset,
                                   const uint8_t *t, uint8_t *commitment)
{
    struct mix m = start(c, "t");

    mix_word(&m, subset);
    mix_bytes(&m, t, t_len(c->params));
    mix_out(&m, commitment, TMLDSA_HASH_LEN);
}

enum err __wrap_tmldsa_keygen_check_t(const struct tmldsa_ceremony *c, unsigned subset,
                                      struct view t, const uint8_t *commitment)
{
    uint8_t again[TMLDSA_HASH_LEN];

    if (t.n != t_len(c->params)) {
        return ERR_LENGTH;
    }
    __wrap_tmldsa_keygen_commit_t(c, subset, t.p, again);
    return compare(again, commitment);
}

unsigned __wrap_tmldsa_keygen_judge(const struct tmldsa_ceremony *c,
                                    const struct tmldsa_rho_opening openings[], unsigned subset,
                                    const struct tmldsa_testimony testimonies[],
                                    const struct tmldsa_matrix *m,
                                    struct tmldsa_keygen_scratch *scratch)
{
    struct tmldsa_seed_opening seeds[TMLDSA_PARTIES_MAX] = {0};
    uint8_t sigma[TMLDSA_SIGMA_LEN];
    uint8_t t[TMLDSA_T_MAX];
    uint8_t com[TMLDSA_HASH_LEN];
    unsigned lied = 0;
    unsigned other = 0;
    unsigned n = 0;

    for (unsigned j = 0; j < c->params->n; j++) {
        if ((subset >> j & 1) == 1) {
            seeds[n] = testimonies[n].opening;
            lied |= (unsigned)(__wrap_tmldsa_keygen_check_seed(
                                   c, j, subset, &seeds[n], testimonies[n].seed_commitment) !=
                               ERR_OK)
                    << j;
            n++;
        }
    }
    dkg_level_sigma(c, openings, subset, seeds, sigma);
    __wrap_tmldsa_keygen_t(m, sigma, scratch, t);
    __wrap_tmldsa_keygen_commit_t(c, subset, t, com);
    n = 0;
    for (unsigned j = 0; j < c->params->n; j++) {
        if ((subset >> j & 1) == 1) {
            other |= (unsigned)(compare(com, testimonies[n++].t_commitment) != ERR_OK) << j;
        }
    }
    return lied != 0 ? lied : other;
}

/* ---- the key ---- */

enum err __wrap_tmldsa_keygen_public(const struct tmldsa_params *params, const uint8_t *rho,
                                     const uint8_t *t, struct tmldsa_keygen_scratch *scratch,
                                     uint8_t *pk)
{
    struct mix m = mix_begin(MIX_KEYGEN);

    (void)scratch;
    mix_bytes(&m, rho, TMLDSA_RHO_LEN);
    for (unsigned i = 0; i < tmldsa_subsets(params); i++) {
        mix_bytes(&m, t + i * t_len(params), 64);
    }
    memset(pk, 0, params->set->pk_len);
    mix_out(&m, pk, 64);
    return ERR_OK;
}

enum err __wrap_mldsa_public_key_parse(const struct mldsa_path *path,
                                       const struct mldsa_params *params, struct view pk,
                                       struct mldsa_key_scratch *scratch,
                                       struct mldsa_public_key *key)
{
    struct shake256 x;

    (void)scratch;
    if (pk.n != params->pk_len) {
        return ERR_LENGTH;
    }
    key->params = params;
    key->path = path;
    __wrap_shake256_init(&x);
    __wrap_shake256_update(&x, pk.p, pk.n);
    __wrap_shake256_final(&x, key->tr, MLDSA_TR_LEN);
    return ERR_OK;
}

enum err __wrap_tmldsa_public_key_parse(const struct tmldsa_path *path,
                                        const struct tmldsa_params *params, struct view pk,
                                        struct mldsa_key_scratch *scratch,
                                        struct tmldsa_public_key *key)
{
    const enum err e =
        __wrap_mldsa_public_key_parse(path->ring, params->set, pk, scratch, &key->key);

    key->params = params;
    key->path = path;
    memcpy(key->id, key->key.tr, sizeof key->id);
    return e;
}

enum err dkg_level_share_load(const struct tmldsa_path *path,
                              const struct tmldsa_params *params, unsigned party,
                              const uint8_t sigma[][TMLDSA_SIGMA_LEN],
                              struct tmldsa_share_scratch *scratch, struct tmldsa_share *share)
{
    (void)scratch;
    share->path = path;
    share->params = params;
    share->party = party;
    share->held = tmldsa_alloc_held(params, party);
    memcpy(share->sigma, sigma, share->held.n * sizeof share->sigma[0]);
    return ERR_OK;
}

enum err __wrap_mldsa_verify(const struct mldsa_public_key *key, struct view context,
                             struct view message, struct view sig,
                             struct mldsa_verify_scratch *scratch)
{
    uint8_t mu[MLDSA_MU_LEN];

    TRY(mldsa_mu(key->path, key->tr, context, message, mu));
    return __wrap_mldsa_verify_mu(key, mu, sig, scratch);
}
