#include "crypto/tmldsa/tmldsa_commit.h"

#include "base/secret.h"
#include "crypto/mldsa/mldsa_round.h"

#include <string.h>

void tmldsa_batch_seed(const struct tmldsa_path *path, const uint8_t rng[TMLDSA_NODE_RNG_LEN],
                       const uint8_t node_key[TMLDSA_NODE_KEY_LEN],
                       const uint8_t batch_id[TMLDSA_BATCH_ID_LEN],
                       uint8_t seed[TMLDSA_SEED_LEN])
{
    struct sponge s;

    sponge_init(&s, path->ring->keccak, SPONGE_SHAKE256);
    sponge_absorb(&s, "TMLDSA-batch-v1", 15);
    sponge_absorb(&s, rng, TMLDSA_NODE_RNG_LEN);
    sponge_absorb(&s, node_key, TMLDSA_NODE_KEY_LEN);
    sponge_absorb(&s, batch_id, TMLDSA_BATCH_ID_LEN);
    sponge_squeeze(&s, seed, TMLDSA_SEED_LEN);
    wipe(&s, sizeof s);
}

/* com = SHAKE256("TMLDSA-w-v1" || key id || party || batch id || drop || LE16(K) || leaves, 48)
 * with a leaf of each repetition x, SHAKE256("TMLDSA-leaf-v1" || LE16(x) || w, 48): four leaves
 * are hashed at once. */
static void start_root(const struct tmldsa_public_key *key, unsigned party,
                       const uint8_t batch_id[TMLDSA_BATCH_ID_LEN], struct sponge *root)
{
    const struct tmldsa_params *p = key->params;
    const uint8_t who = (uint8_t)party;
    const uint8_t how[3] = {p->drop, (uint8_t)p->repetitions, (uint8_t)(p->repetitions >> 8)};

    sponge_init(root, key->path->ring->keccak, SPONGE_SHAKE256);
    sponge_absorb(root, "TMLDSA-w-v1", 11);
    sponge_absorb(root, key->id, sizeof key->id);
    sponge_absorb(root, &who, 1);
    sponge_absorb(root, batch_id, TMLDSA_BATCH_ID_LEN);
    sponge_absorb(root, how, sizeof how);
}

/* The leaves of repetitions first to first + 3, as far as there are, whose w stands at w. */
static void add_leaves(const struct tmldsa_public_key *key, unsigned first, const uint8_t *w,
                       struct tmldsa_commit_scratch *x)
{
    const struct keccak_path *keccak = key->path->ring->keccak;
    const size_t len = tmldsa_pack_w_len(key->params);
    const unsigned left = key->params->repetitions - first;
    const unsigned count = left < 4 ? left : 4;
    const uint8_t *in[4];
    uint8_t *out[4];

    for (unsigned i = 0; i < 4; i++) {
        in[i] = x->leaf[i];
        out[i] = x->out[i];
    }
    for (unsigned i = 0; i < count; i++) {
        memcpy(x->leaf[i], "TMLDSA-leaf-v1", TMLDSA_LEAF_PREFIX_LEN - 2);
        x->leaf[i][TMLDSA_LEAF_PREFIX_LEN - 2] = (uint8_t)(first + i);
        x->leaf[i][TMLDSA_LEAF_PREFIX_LEN - 1] = (uint8_t)((first + i) >> 8);
        memcpy(x->leaf[i] + TMLDSA_LEAF_PREFIX_LEN, w + i * len, len);
    }
    sponge_x4_start(&x->x4, keccak, SPONGE_SHAKE256, in, TMLDSA_LEAF_PREFIX_LEN + len);
    sponge_x4_squeeze(&x->x4, out);
    for (unsigned i = 0; i < count; i++) {
        sponge_absorb(&x->root, x->out[i], TMLDSA_HASH_LEN);
    }
}

/* w = A y1 + y2 without its low bits, of one repetition. */
static void make_w(const struct tmldsa_public_key *key, unsigned repetition,
                   const uint8_t seed[TMLDSA_SEED_LEN], struct tmldsa_commit_scratch *x,
                   uint8_t *out)
{
    const struct tmldsa_params *p = key->params;
    const struct mldsa_params *set = p->set;
    const struct tmldsa_path *path = key->path;
    const size_t poly_len = tmldsa_pack_w_len(p) / set->k;

    tmldsa_sample(path, p, seed, repetition, &x->sample, &x->y);
    for (unsigned j = 0; j < set->l; j++) {
        path->round(tmldsa_point_poly(&x->y, j), &x->y_hat[j]);
        path->ring->ntt(&x->y_hat[j]);
    }
    for (unsigned i = 0; i < set->k; i++) {
        path->round(tmldsa_point_poly(&x->y, set->l + i), &x->y2);
        path->ring->hat_dot(&x->w, key->key.rows_hat + i * (set->l + (size_t)1), x->y_hat,
                            set->l);
        path->ring->ntt_inverse(&x->w);
        path->drop_bits(&x->w, &x->y2, p->drop);
        tmldsa_pack_w(path, p->drop, &x->w, out + i * poly_len);
    }
}

enum err tmldsa_commit(const struct tmldsa_public_key *key, unsigned party,
                       struct tmldsa_commit_scratch *scratch, struct tmldsa_batch *batch)
{
    const size_t len = tmldsa_pack_w_len(key->params);
    const unsigned repetitions = key->params->repetitions;

    if (batch->state != TMLDSA_BATCH_EMPTY) {
        return ERR_STATE;
    }
    start_root(key, party, batch->commitment.batch_id, &scratch->root);
    for (unsigned i = 0; i < repetitions; i++) {
        make_w(key, i, batch->seed, scratch, batch->w + i * len);
        if (i % 4 == 3 || i == repetitions - 1) {
            add_leaves(key, i - i % 4, batch->w + (i - i % 4) * len, scratch);
        }
    }
    sponge_squeeze(&scratch->root, batch->commitment.com, TMLDSA_HASH_LEN);
    CT_PUBLIC(batch->commitment.com, TMLDSA_HASH_LEN);
    wipe(scratch, sizeof *scratch);
    batch->state = TMLDSA_BATCH_PUBLISHED;
    return ERR_OK;
}

enum err tmldsa_batch_reserve(struct tmldsa_batch *batch,
                              const uint8_t session[TMLDSA_SESSION_ID_LEN])
{
    if (batch->state != TMLDSA_BATCH_PUBLISHED) {
        return ERR_STATE;
    }
    memcpy(batch->session, session, TMLDSA_SESSION_ID_LEN);
    batch->state = TMLDSA_BATCH_RESERVED;
    return ERR_OK;
}

enum err tmldsa_batch_reveal(const struct tmldsa_params *params, struct tmldsa_batch *batch,
                             const uint8_t session[TMLDSA_SESSION_ID_LEN], struct view *w)
{
    *w = (struct view){NULL, 0};
    if (batch->state != TMLDSA_BATCH_RESERVED && batch->state != TMLDSA_BATCH_REVEALED) {
        return ERR_STATE;
    }
    if (memcmp(batch->session, session, TMLDSA_SESSION_ID_LEN) != 0) {
        return ERR_MISMATCH;
    }
    batch->state = TMLDSA_BATCH_REVEALED;
    *w = (struct view){batch->w, tmldsa_pack_batch_len(params)};
    CT_PUBLIC(batch->w, w->n);
    return ERR_OK;
}

void tmldsa_batch_destroy(const struct tmldsa_params *params, struct tmldsa_batch *batch)
{
    uint8_t *w = batch->w;

    if (batch->state == TMLDSA_BATCH_PUBLISHED || batch->state == TMLDSA_BATCH_RESERVED) {
        wipe(w, tmldsa_pack_batch_len(params));
    }
    wipe(batch, sizeof *batch);
    batch->w = w;
}

/* All-ones if a coefficient is none of a w. */
static uint32_t out_of_range(const struct tmldsa_public_key *key, struct view w,
                             struct tmldsa_commit_scratch *x)
{
    const struct tmldsa_params *p = key->params;
    const size_t poly_len = tmldsa_pack_w_len(p) / p->set->k;
    uint32_t over = 0;

    for (size_t at = 0; at < w.n; at += poly_len) {
        memset(&x->w, 0, sizeof x->w);
        over |= tmldsa_pack_add_w(key->path, p->drop, w.p + at, &x->w);
    }
    return over;
}

enum err tmldsa_commit_check(const struct tmldsa_public_key *key, unsigned party,
                             const struct tmldsa_commitment *commitment, struct view w,
                             struct tmldsa_commit_scratch *scratch)
{
    const size_t len = tmldsa_pack_w_len(key->params);
    uint8_t com[TMLDSA_HASH_LEN];

    if (w.n != tmldsa_pack_batch_len(key->params)) {
        return ERR_LENGTH;
    }
    if (out_of_range(key, w, scratch) != 0) {
        return ERR_RANGE;
    }
    start_root(key, party, commitment->batch_id, &scratch->root);
    for (unsigned i = 0; i < key->params->repetitions; i += 4) {
        add_leaves(key, i, w.p + i * len, scratch);
    }
    sponge_squeeze(&scratch->root, com, sizeof com);
    return memcmp(com, commitment->com, sizeof com) == 0 ? ERR_OK : ERR_MISMATCH;
}
