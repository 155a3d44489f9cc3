#include "wire/ceremony_known.h"

#include "crypto/hash.h"
#include "wire/ceremony_classic.h"

#include <string.h>

_Static_assert(CEREMONY_HASH_LEN == TMLDSA_HASH_LEN, "one hash");
_Static_assert(CEREMONY_HASH_LEN == TMLDSA_CEREMONY_ID_LEN, "sid is such a hash");
_Static_assert(CEREMONY_RHO_LEN + CEREMONY_SALT_LEN == sizeof(struct tmldsa_rho_opening),
               "the body of a RHO");
_Static_assert(CEREMONY_SIGMA_LEN + CEREMONY_SALT_LEN == sizeof(struct tmldsa_seed_opening),
               "an entry of an OPEN");
_Static_assert(PLAN_NODES_MAX == TMLDSA_PARTIES_MAX, "a node is a party");

static void make_sid(const struct ceremony_known *k, uint8_t sid[CEREMONY_HASH_LEN])
{
    static const char label[] = "TMLDSA-DKG-v1\0sid"; /* with both zero bytes */
    uint8_t hash_of_plan[PLAN_HASH_LEN];
    struct shake256 s;

    plan_hash(k->plan_bytes, hash_of_plan);
    shake256_init(&s);
    shake256_update(&s, label, sizeof label);
    shake256_update_field(&s, k->epoch_id, EPOCH_ID_LEN);
    shake256_update_field(&s, hash_of_plan, PLAN_HASH_LEN);
    shake256_final(&s, sid, CEREMONY_HASH_LEN);
}

enum err ceremony_known_init(struct ceremony_known *k, struct view plan_bytes,
                             const struct plan *plan, const uint8_t nonce[PLAN_NONCE_LEN])
{
    memset(k, 0, sizeof *k);
    k->rules.path = tmldsa_best();
    k->rules.params = tmldsa_params_find(&mldsa_65, plan->threshold, plan->total);
    if (k->rules.params == NULL) {
        return ERR_RANGE;
    }
    k->plan_bytes = plan_bytes;
    k->plan = plan;
    memcpy(k->nonce, nonce, PLAN_NONCE_LEN);
    plan_epoch_id(plan_bytes, plan, nonce, k->epoch_id);
    make_sid(k, k->rules.id);
    return ERR_OK;
}

bool ceremony_known_has_all(const struct ceremony_known *k, uint8_t round)
{
    for (size_t i = 0; i < k->plan->total; i++) {
        if (k->msg[round][i].whole.n == 0) {
            return false;
        }
    }
    return true;
}

void ceremony_known_hash(const struct ceremony_known *k, struct view whole,
                         uint8_t out[CEREMONY_HASH_LEN])
{
    tmldsa_keygen_hash(&k->rules, "message", &whole, 1, out);
}

/* ---- openings ---- */

static enum err check_rho(const struct ceremony_known *k, const struct ceremony_msg *commit,
                          const struct ceremony_msg *rho)
{
    struct tmldsa_rho_opening opening;
    struct reader r = rd_init(rho->body);

    TRY(rd_copy(&r, &opening, sizeof opening));
    return tmldsa_keygen_check_rho(&k->rules, rho->sender, &opening,
                                   ceremony_body_head(k->plan, commit).p);
}

static enum err check_seeds(const struct ceremony_known *k, const struct ceremony_msg *commit,
                            const struct ceremony_msg *open)
{
    uint8_t masks[CEREMONY_SUBSETS_MAX];
    const size_t n = ceremony_body_masks(k->plan, open, masks);

    for (size_t i = 0; i < n; i++) {
        const struct view com = ceremony_body_entry(k->plan, commit, masks[i]);
        struct reader r = rd_init(ceremony_body_entry(k->plan, open, masks[i]));
        struct tmldsa_seed_opening opening;

        TRY(rd_copy(&r, &opening, sizeof opening));
        TRY(tmldsa_keygen_check_seed(&k->rules, open->sender, masks[i], &opening, com.p));
    }
    return ERR_OK;
}

enum err ceremony_known_check_opening(const struct ceremony_known *k,
                                      const struct ceremony_msg *opening)
{
    const struct ceremony_msg *commit = &k->msg[CEREMONY_COMMIT][opening->sender];

    if (commit->whole.n == 0) {
        return ERR_STATE;
    }
    if (opening->round != CEREMONY_RHO) {
        return check_seeds(k, commit, opening);
    }
    TRY(check_rho(k, commit, opening));
    return k->plan->classic == PLAN_CLASSIC_SHARED
               ? ceremony_classic_check_opening(k, commit, opening)
               : ERR_OK;
}

void ceremony_known_openings(const struct ceremony_known *k,
                             struct tmldsa_rho_opening out[PLAN_NODES_MAX])
{
    for (size_t i = 0; i < k->plan->total; i++) {
        memcpy(&out[i], k->msg[CEREMONY_RHO][i].body.p, sizeof out[i]);
    }
}

/* ---- t ---- */

enum err ceremony_known_check_reveal(const struct ceremony_known *k,
                                     const struct ceremony_msg *commit,
                                     const struct ceremony_msg *reveal)
{
    uint8_t masks[CEREMONY_SUBSETS_MAX];
    const size_t n = ceremony_body_masks(k->plan, reveal, masks);

    for (size_t i = 0; i < n; i++) {
        TRY(tmldsa_keygen_check_t(&k->rules, masks[i],
                                  ceremony_body_entry(k->plan, reveal, masks[i]),
                                  ceremony_body_entry(k->plan, commit, masks[i]).p));
    }
    return ERR_OK;
}

/* Whether all members of a subset committed to one t. */
static bool agree(const struct ceremony_known *k, uint8_t mask)
{
    struct view first = {NULL, 0};

    for (uint8_t i = 0; i < k->plan->total; i++) {
        const struct view one =
            ceremony_body_entry(k->plan, &k->msg[CEREMONY_T_COMMIT][i], mask);

        if (first.n > 0 && one.n > 0 && !view_equal(first, one)) {
            return false;
        }
        first = one.n > 0 ? one : first;
    }
    return true;
}

uint8_t ceremony_known_split(const struct ceremony_known *k)
{
    uint8_t masks[CEREMONY_SUBSETS_MAX];
    const size_t n = ceremony_subsets(k->plan->total, ceremony_subset_size(k->plan), masks);

    for (size_t i = 0; i < n; i++) {
        if (!agree(k, masks[i])) {
            return masks[i];
        }
    }
    return 0;
}

const struct ceremony_msg *ceremony_known_differs(const struct ceremony_known *k,
                                                  const struct ceremony_msg *voucher)
{
    for (uint8_t round = CEREMONY_COMMIT; round < CEREMONY_ROUNDS; round++) {
        for (uint8_t i = 0; i < k->plan->total; i++) {
            const struct view said = ceremony_body_hash_of(k->plan, voucher, round, i);
            const struct ceremony_msg *m = &k->msg[round][i];
            uint8_t hash[CEREMONY_HASH_LEN];

            if (said.n == 0 || m->whole.n == 0) {
                continue;
            }
            ceremony_known_hash(k, m->whole, hash);
            if (!view_equal(said, (struct view){hash, sizeof hash})) {
                return m;
            }
        }
    }
    return NULL;
}

/* ---- the key ---- */

enum err ceremony_known_public_key(const struct ceremony_known *k,
                                   struct ceremony_scratch *scratch,
                                   uint8_t pk[CEREMONY_PK_LEN])
{
    struct tmldsa_rho_opening openings[PLAN_NODES_MAX];
    struct writer w = wr_init(scratch->t, sizeof scratch->t);
    uint8_t masks[CEREMONY_SUBSETS_MAX];
    const size_t n = ceremony_subsets(k->plan->total, ceremony_subset_size(k->plan), masks);
    uint8_t rho[TMLDSA_RHO_LEN];

    for (size_t i = 0; i < n; i++) {
        for (uint8_t j = 0; j < k->plan->total; j++) { /* the lowest member has it */
            wr_view(&w, ceremony_body_entry(k->plan, &k->msg[CEREMONY_T_REVEAL][j], masks[i]));
        }
    }
    ceremony_known_openings(k, openings);
    tmldsa_keygen_rho(&k->rules, openings, rho);
    return tmldsa_keygen_public(k->rules.params, rho, scratch->t, &scratch->keygen, pk);
}

void ceremony_known_done(const struct ceremony_known *k, const uint8_t pk[CEREMONY_PK_LEN],
                         const struct tecdsa_key *classic, uint8_t out[CEREMONY_HASH_LEN])
{
    const struct view fields[2] = {{pk, CEREMONY_PK_LEN},
                                   {classic != NULL ? classic->key_id : NULL, TECDSA_HASH_LEN}};

    tmldsa_keygen_hash(&k->rules, "done", fields, classic != NULL ? 2 : 1, out);
}

enum err ceremony_known_test_mu(const struct ceremony_known *k, const uint8_t tr[MLDSA_TR_LEN],
                                uint8_t mu[MLDSA_MU_LEN])
{
    static const uint8_t context[] = {'d', 'k', 'g', '-', 't', 'e', 's', 't'};
    static const char text[] = "TMLDSA-DKG-selftest";
    uint8_t message[sizeof text - 1 + CEREMONY_HASH_LEN];
    struct writer w = wr_init(message, sizeof message);
    struct view m;

    wr_bytes(&w, text, sizeof text - 1);
    wr_bytes(&w, k->rules.id, sizeof k->rules.id);
    TRY(wr_finish(&w, &m));
    return mldsa_mu(k->rules.path->ring, tr, (struct view){context, sizeof context}, m, mu);
}

enum err ceremony_known_check_test(const struct ceremony_known *k,
                                   const struct mldsa_public_key *key,
                                   const struct tecdsa_key *classic,
                                   const struct ceremony_msg *test,
                                   struct ceremony_scratch *scratch)
{
    uint8_t masks[CEREMONY_SUBSETS_MAX];
    const size_t n = ceremony_body_masks(k->plan, test, masks);
    uint8_t mu[MLDSA_MU_LEN];

    TRY(ceremony_known_test_mu(k, key->tr, mu));
    for (size_t i = 0; i < n; i++) {
        const struct view sig = ceremony_body_entry(k->plan, test, masks[i]);

        if (mldsa_verify_mu(key, mu, sig, &scratch->verify) != ERR_OK) {
            return ERR_SIGNATURE;
        }
    }
    return classic != NULL ? ceremony_classic_check_holder(k, classic, test) : ERR_OK;
}
