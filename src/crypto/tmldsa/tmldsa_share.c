#include "crypto/tmldsa/tmldsa_share.h"

#include "base/secret.h"
#include "crypto/mldsa/mldsa_round.h"

#include <assert.h>
#include <string.h>

enum err tmldsa_public_key_parse(const struct tmldsa_path *path,
                                 const struct tmldsa_params *params, struct view pk,
                                 struct mldsa_key_scratch *scratch,
                                 struct tmldsa_public_key *key)
{
    TRY(mldsa_public_key_parse(path->ring, params->set, pk, scratch, &key->key));
    key->params = params;
    key->path = path;
    memcpy(key->id, key->key.tr, sizeof key->id);
    return ERR_OK;
}

/* The sum over l or k polynomials of the squares of what these subsets add up to. */
static int64_t square_sum(const struct tmldsa_masks *held, const struct tmldsa_masks *duty,
                          const struct tmldsa_share_scratch *x, unsigned first, unsigned count)
{
    int64_t sum = 0;

    for (unsigned i = first; i < first + count; i++) {
        for (unsigned j = 0; j < MLDSA_N; j++) {
            int32_t v = 0;

            for (unsigned d = 0; d < duty->n; d++) {
                v += x->s[tmldsa_alloc_find(held, duty->mask[d])][i].coeff[j];
            }
            sum += (int64_t)v * v;
        }
    }
    return sum;
}

/* For one quorum. B^2 is 1.3^2 n (k + l / nu^2) load sigma^2 tau, where sigma^2 = eta (eta + 1)
 * / 3 is the variance of a coefficient of s_I. All-ones if tau |s|^2 passes (B / 1.15)^2, that
 * is, as 1.3 / 1.15 = 26 / 23: if |s1|^2 + nu^2 |s2|^2 passes (26/23)^2 n (nu^2 k + l) load eta
 * (eta + 1) / 3. */
static uint32_t too_long(const struct tmldsa_params *p, const struct tmldsa_masks *held,
                         const struct tmldsa_masks *duty, const struct tmldsa_share_scratch *x)
{
    const struct mldsa_params *set = p->set;
    const int64_t nu_2 = (int64_t)p->nu * p->nu;
    const int64_t norm =
        square_sum(held, duty, x, 0, set->l) + nu_2 * square_sum(held, duty, x, set->l, set->k);
    const int64_t bound = (int64_t)676 * MLDSA_N * (nu_2 * set->k + set->l) * tmldsa_load(p) *
                          set->eta * (set->eta + 1) / 1587;

    return (uint32_t)((uint64_t)(bound - norm) >> 63);
}

static void expand(const struct tmldsa_share *share, struct tmldsa_share_scratch *x)
{
    const struct mldsa_params *set = share->params->set;
    const struct mldsa_path *ring = share->path->ring;

    for (unsigned i = 0; i < share->held.n; i++) {
        mldsa_expand_s(ring, set, share->sigma[i], &x->sampler, x->s[i], x->s[i] + set->l);
    }
}

/* |coeff| < q. */
static void to_hat(const struct mldsa_path *ring, const struct mldsa_poly *s,
                   struct mldsa_poly *hat)
{
    *hat = *s;
    ring->ntt(hat);
    for (unsigned j = 0; j < MLDSA_N; j++) {
        hat->coeff[j] = mldsa_center(hat->coeff[j]);
    }
}

enum err tmldsa_share_load(const struct tmldsa_path *path, const struct tmldsa_params *params,
                           unsigned party, const uint8_t sigma[][TMLDSA_SIGMA_LEN],
                           struct tmldsa_share_scratch *scratch, struct tmldsa_share *share)
{
    const struct mldsa_params *set = params->set;
    uint32_t over = 0;

    share->params = params;
    share->path = path;
    share->party = party;
    share->held = tmldsa_alloc_held(params, party);
    memcpy(share->sigma, sigma, share->held.n * sizeof share->sigma[0]);
    expand(share, scratch);
    for (unsigned act = 0; act < 1u << params->n; act++) {
        if (tmldsa_alloc_is_quorum(params, act) && (act >> party & 1) == 1) {
            const struct tmldsa_masks duty = tmldsa_alloc_duty(params, act, party);

            over |= too_long(params, &share->held, &duty, scratch);
        }
    }
    for (unsigned i = 0; i < share->held.n; i++) {
        for (unsigned j = 0; j < set->l; j++) {
            to_hat(path->ring, &scratch->s[i][j], &share->s1_hat[i][j]);
        }
        for (unsigned j = 0; j < set->k; j++) {
            to_hat(path->ring, &scratch->s[i][set->l + j], &share->s2_hat[i][j]);
        }
    }
    wipe(scratch, sizeof *scratch);
    CT_PUBLIC(&over, sizeof over); /* a ceremony that starts anew shows it */
    if (over != 0) {
        wipe(share, sizeof *share);
        return ERR_RANGE;
    }
    return ERR_OK;
}

/* r += a, kept below q. */
static void add(struct mldsa_poly *r, const struct mldsa_poly *a)
{
    for (unsigned j = 0; j < MLDSA_N; j++) {
        r->coeff[j] = mldsa_center(r->coeff[j] + a->coeff[j]);
    }
}

void tmldsa_share_sum(const struct tmldsa_share *share, unsigned act, struct tmldsa_duty *duty)
{
    const struct mldsa_params *set = share->params->set;
    const struct tmldsa_masks masks = tmldsa_alloc_duty(share->params, act, share->party);

    memset(duty, 0, sizeof *duty);
    for (unsigned i = 0; i < masks.n; i++) {
        const unsigned at = tmldsa_alloc_find(&share->held, masks.mask[i]);

        assert(at < share->held.n);
        for (unsigned j = 0; j < set->l; j++) {
            add(&duty->s1_hat[j], &share->s1_hat[at][j]);
        }
        for (unsigned j = 0; j < set->k; j++) {
            add(&duty->s2_hat[j], &share->s2_hat[at][j]);
        }
    }
}
