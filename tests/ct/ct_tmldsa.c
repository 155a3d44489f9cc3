#include "../tmldsa_kit.h"

#include "base/secret.h"

/* The dealer is a test's; what parties draw is secret, and so is all that comes of it but what
 * tmldsa_keygen.c, tmldsa_share.c, tmldsa_commit.c, tmldsa_respond.c and mldsa_sample.c
 * themselves call public: commitments, t_I, refused nibbles, whether a ceremony starts anew,
 * com, w once it is revealed, which indices were accepted, and z of those. */
static int check_keygen(const struct tmldsa_path *path, const struct tmldsa_params *p)
{
    static struct tmldsa_keygen_scratch scratch;
    static struct tmldsa_matrix m;
    static uint8_t t[TMLDSA_T_MAX];
    const struct tmldsa_ceremony c = {.path = path, .params = p, .id = {1}};
    struct tmldsa_rho_opening rho[TMLDSA_PARTIES_MAX] = {{{1}, {2}}};
    struct tmldsa_seed_opening seeds[TMLDSA_PARTIES_MAX] = {{{3}, {4}}};
    uint8_t commitment[TMLDSA_HASH_LEN];
    uint8_t public_rho[TMLDSA_RHO_LEN];
    uint8_t sigma[TMLDSA_SIGMA_LEN];

    CT_SECRET(rho, sizeof rho);
    CT_SECRET(seeds, sizeof seeds);
    tmldsa_keygen_commit_rho(&c, 0, &rho[0], commitment);
    tmldsa_keygen_commit_seed(&c, 0, 3, &seeds[0], commitment);
    if (tmldsa_keygen_check_seed(&c, 0, 3, &seeds[0], commitment) != ERR_OK) {
        return 1;
    }
    tmldsa_keygen_rho(&c, rho, public_rho);
    tmldsa_keygen_sigma(&c, rho, 3, seeds, sigma);
    tmldsa_matrix_make(path, p, public_rho, &scratch, &m);
    tmldsa_keygen_t(&m, sigma, &scratch, t);
    return tmldsa_keygen_check_sigma(&m, sigma, t, &scratch) == ERR_OK ? 0 : 2;
}

static void make_batch(struct tmldsa_kit *kit, unsigned i)
{
    uint8_t rng[TMLDSA_NODE_RNG_LEN] = {(uint8_t)i};
    uint8_t node_key[TMLDSA_NODE_KEY_LEN] = {2};
    struct tmldsa_batch *batch = &kit->batch[i][0];

    CT_SECRET(rng, sizeof rng);
    CT_SECRET(node_key, sizeof node_key);
    batch->commitment.batch_id[0]++;
    rng[1] = batch->commitment.batch_id[0];
    tmldsa_batch_seed(kit->path, rng, node_key, batch->commitment.batch_id, batch->seed);
    tmldsa_must(tmldsa_commit(&kit->key, i, &kit->commit_scratch, batch), "commit");
    kit->session.commitment[i][0] = batch->commitment;
}

static int check_signing(const struct tmldsa_path *path, const struct tmldsa_params *p)
{
    const uint8_t seed[32] = {5};
    struct tmldsa_kit *kit = tmldsa_kit_new(path, p, 1, seed);
    bool found = false;

    CT_SECRET(kit->sigma, sizeof kit->sigma);
    tmldsa_kit_load(kit);
    kit->session.act = (uint8_t)((1u << p->t) - 1);
    for (int n = 0; n < 40 && !found; n++) {
        unsigned culprit;

        FOR_EACH_SIGNER(kit, i)
        {
            make_batch(kit, i);
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
        found = kit->outcome.found;
    }
    tmldsa_kit_free(kit);
    return found ? 0 : 3;
}

int main(void)
{
    const struct tmldsa_path *const paths[] = {&tmldsa_portable, tmldsa_avx2()};
    const struct tmldsa_params *const sets[] = {tmldsa_params_find(&mldsa_44, 2, 3),
                                                tmldsa_params_find(&mldsa_65, 2, 3)};

    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2 && paths[i] != NULL; j++) {
            if (check_keygen(paths[i], sets[j]) != 0 || check_signing(paths[i], sets[j]) != 0) {
                return 1;
            }
        }
    }
    return 0;
}
