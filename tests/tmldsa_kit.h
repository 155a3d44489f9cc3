/* tmldsa_kit.h - threshold ML-DSA for tests: a key from a dealer, and all parties of it in one
 * process. */
#ifndef TESTS_TMLDSA_KIT_H
#define TESTS_TMLDSA_KIT_H

#include "mldsa_kit.h"

#include "crypto/tmldsa/tmldsa_combine.h"

/* Too big for a stack. room holds w of every batch and the responses. */
struct tmldsa_kit {
    const struct tmldsa_path *path;
    const struct tmldsa_params *params;
    uint8_t rho[TMLDSA_RHO_LEN];
    uint8_t sigma[TMLDSA_SUBSETS_MAX][TMLDSA_SIGMA_LEN];
    uint8_t t[TMLDSA_SUBSETS_MAX * TMLDSA_T_MAX];
    uint8_t pk[MLDSA_PK_MAX], sig[MLDSA_SIG_MAX];
    struct tmldsa_matrix matrix;
    struct tmldsa_public_key key;
    struct tmldsa_share share[TMLDSA_PARTIES_MAX];
    struct tmldsa_batch batch[TMLDSA_PARTIES_MAX][TMLDSA_BATCHES_MAX];
    struct tmldsa_session session;
    uint8_t *response_room[TMLDSA_PARTIES_MAX];
    struct view response_bytes[TMLDSA_PARTIES_MAX];
    struct tmldsa_response response[TMLDSA_PARTIES_MAX];
    struct tmldsa_outcome outcome;
    struct tmldsa_keygen_scratch keygen_scratch;
    struct mldsa_key_scratch key_scratch;
    struct tmldsa_share_scratch share_scratch;
    struct tmldsa_commit_scratch commit_scratch;
    struct tmldsa_respond_scratch respond_scratch;
    struct tmldsa_combine_scratch combine_scratch;
    uint64_t noise;
};

static inline void tmldsa_must(enum err e, const char *what)
{
    if (e != ERR_OK) {
        (void)fprintf(stderr, "%s: %s\n", what, err_name(e));
        abort();
    }
}

/* The key of the reference's dealer: SHAKE256(seed || k || l) gives rho, 32 bytes for each
 * party, which are not used here, and sigma_I for masks ascending. */
static inline void tmldsa_deal(struct tmldsa_kit *kit, const uint8_t seed[32])
{
    const struct tmldsa_params *p = kit->params;
    const uint8_t sizes[2] = {(uint8_t)p->set->k, (uint8_t)p->set->l};
    uint8_t skipped[32];
    struct sponge s;

    sponge_init(&s, kit->path->ring->keccak, SPONGE_SHAKE256);
    sponge_absorb(&s, seed, 32);
    sponge_absorb(&s, sizes, sizeof sizes);
    sponge_squeeze(&s, kit->rho, sizeof kit->rho);
    for (unsigned i = 0; i < p->n; i++) {
        sponge_squeeze(&s, skipped, sizeof skipped);
    }
    tmldsa_matrix_make(kit->path, p, kit->rho, &kit->keygen_scratch, &kit->matrix);
    for (unsigned i = 0; i < tmldsa_subsets(p); i++) {
        sponge_squeeze(&s, kit->sigma[i], TMLDSA_SIGMA_LEN);
        tmldsa_keygen_t(&kit->matrix, kit->sigma[i], &kit->keygen_scratch,
                        kit->t + i * tmldsa_pack_t_len(p));
    }
}

/* The public key and the shares, from kit->sigma and kit->t. */
static inline void tmldsa_kit_load(struct tmldsa_kit *kit)
{
    const struct tmldsa_params *p = kit->params;
    const struct tmldsa_masks all = tmldsa_alloc_all(p);

    tmldsa_must(tmldsa_keygen_public(p, kit->rho, kit->t, &kit->keygen_scratch, kit->pk),
                "public key");
    tmldsa_must(tmldsa_public_key_parse(kit->path, p, (struct view){kit->pk, p->set->pk_len},
                                        &kit->key_scratch, &kit->key),
                "parse");
    for (unsigned i = 0; i < p->n; i++) {
        const struct tmldsa_masks held = tmldsa_alloc_held(p, i);
        uint8_t sigma[TMLDSA_HELD_MAX][TMLDSA_SIGMA_LEN];

        for (unsigned j = 0; j < held.n; j++) {
            memcpy(sigma[j], kit->sigma[tmldsa_alloc_find(&all, held.mask[j])],
                   TMLDSA_SIGMA_LEN);
        }
        tmldsa_must(tmldsa_share_load(kit->path, p, i,
                                      (const uint8_t(*)[TMLDSA_SIGMA_LEN])sigma,
                                      &kit->share_scratch, &kit->share[i]),
                    "share");
    }
}

/* A kit on the heap with a key of seed; batches of each party at most nb in a session. */
static inline struct tmldsa_kit *tmldsa_kit_new(const struct tmldsa_path *path,
                                                const struct tmldsa_params *p, unsigned nb,
                                                const uint8_t seed[32])
{
    struct tmldsa_kit *kit = aligned_alloc(64, (sizeof *kit + 63) / 64 * 64);

    memset(kit, 0, sizeof *kit);
    kit->path = path;
    kit->params = p;
    for (unsigned i = 0; i < p->n; i++) {
        kit->response_room[i] = malloc(tmldsa_respond_max(p, nb));
        for (unsigned b = 0; b < nb; b++) {
            kit->batch[i][b].w = malloc(tmldsa_pack_batch_len(p));
        }
    }
    kit->session.batches = (uint8_t)nb;
    tmldsa_deal(kit, seed);
    tmldsa_kit_load(kit);
    return kit;
}

static inline void tmldsa_kit_free(struct tmldsa_kit *kit)
{
    for (unsigned i = 0; i < TMLDSA_PARTIES_MAX; i++) {
        free(kit->response_room[i]);
        for (unsigned b = 0; b < TMLDSA_BATCHES_MAX; b++) {
            free(kit->batch[i][b].w);
        }
    }
    free(kit);
}

#define FOR_EACH_SIGNER(kit, i)                     \
    for (unsigned i = 0; i < (kit)->params->n; i++) \
        if (((kit)->session.act >> (i)&1) == 1)

/* Round 1 of one signer, with batches of these seeds, or of noise if seeds is NULL. */
static inline void tmldsa_round_1(struct tmldsa_kit *kit, unsigned i,
                                  const uint8_t seeds[][TMLDSA_SEED_LEN])
{
    for (unsigned b = 0; b < kit->session.batches; b++) {
        struct tmldsa_batch *batch = &kit->batch[i][b];

        tmldsa_batch_destroy(kit->params, batch);
        noise_bytes(&kit->noise, batch->commitment.batch_id, TMLDSA_BATCH_ID_LEN);
        if (seeds != NULL) {
            memcpy(batch->seed, seeds[b], TMLDSA_SEED_LEN);
        } else {
            noise_bytes(&kit->noise, batch->seed, TMLDSA_SEED_LEN);
        }
        tmldsa_must(tmldsa_commit(&kit->key, i, &kit->commit_scratch, batch), "commit");
        kit->session.commitment[i][b] = batch->commitment;
    }
}

/* Round 2 of one signer. */
static inline void tmldsa_round_2(struct tmldsa_kit *kit, unsigned i)
{
    for (unsigned b = 0; b < kit->session.batches; b++) {
        tmldsa_must(tmldsa_batch_reserve(&kit->batch[i][b], kit->session.id), "reserve");
        tmldsa_must(tmldsa_batch_reveal(kit->params, &kit->batch[i][b], kit->session.id,
                                        &kit->session.w[i][b]),
                    "reveal");
    }
}

/* Round 3 of one signer. */
static inline enum err tmldsa_round_3(struct tmldsa_kit *kit, unsigned i, unsigned *culprit)
{
    struct tmldsa_batch *own[TMLDSA_BATCHES_MAX];

    for (unsigned b = 0; b < TMLDSA_BATCHES_MAX; b++) {
        own[b] = &kit->batch[i][b];
    }
    return tmldsa_respond(&kit->key, &kit->share[i], &kit->session, own, &kit->respond_scratch,
                          kit->response_room[i], &kit->response_bytes[i], culprit);
}

static inline void tmldsa_finish(struct tmldsa_kit *kit)
{
    FOR_EACH_SIGNER(kit, i)
    {
        tmldsa_must(tmldsa_response_parse(&kit->key, kit->session.batches,
                                          kit->response_bytes[i], &kit->combine_scratch,
                                          &kit->response[i]),
                    "response");
    }
    tmldsa_must(tmldsa_combine(&kit->key, &kit->session, kit->response, &kit->combine_scratch,
                               kit->sig, &kit->outcome),
                "combine");
}

/* One session of act, from beginning to end, on mu of the kit's session. */
static inline void tmldsa_run(struct tmldsa_kit *kit, unsigned act)
{
    unsigned culprit;

    kit->session.act = (uint8_t)act;
    noise_bytes(&kit->noise, kit->session.id, sizeof kit->session.id);
    FOR_EACH_SIGNER(kit, i)
    {
        tmldsa_round_1(kit, i, NULL);
    }
    FOR_EACH_SIGNER(kit, i)
    {
        tmldsa_round_2(kit, i);
    }
    FOR_EACH_SIGNER(kit, i)
    {
        tmldsa_must(tmldsa_round_3(kit, i, &culprit), "respond");
    }
    tmldsa_finish(kit);
}

#endif
