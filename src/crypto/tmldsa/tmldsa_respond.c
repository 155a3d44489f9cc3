#include "crypto/tmldsa/tmldsa_respond.h"

#include "base/secret.h"
#include "crypto/mldsa/mldsa_pack.h"

#include <string.h>

static size_t bitmap_len(const struct tmldsa_params *p, unsigned batches)
{
    return ((size_t)batches * p->repetitions + 7) / 8;
}

size_t tmldsa_respond_max(const struct tmldsa_params *p, unsigned batches)
{
    return bitmap_len(p, batches) +
           (size_t)batches * p->repetitions * p->set->l * p->set->z_len;
}

static bool is_ours(const struct tmldsa_share *share, const struct tmldsa_session *s,
                    struct tmldsa_batch *const own[])
{
    if (!tmldsa_session_is_sound(share->params, s) || (s->act >> share->party & 1) == 0) {
        return false;
    }
    for (unsigned b = 0; b < s->batches; b++) {
        if (own[b]->state != TMLDSA_BATCH_REVEALED ||
            memcmp(own[b]->session, s->id, sizeof s->id) != 0) {
            return false;
        }
        for (unsigned other = 0; other < b; other++) { /* each index has a y of its own */
            if (own[other] == own[b]) {
                return false;
            }
        }
    }
    return true;
}

/* That the session is about our batches, and that the others' reveals are what they committed
 * to. */
static enum err check_reveals(const struct tmldsa_public_key *key, unsigned self,
                              const struct tmldsa_session *s, struct tmldsa_batch *const own[],
                              struct tmldsa_commit_scratch *x, unsigned *culprit)
{
    for (unsigned b = 0; b < s->batches; b++) {
        if (memcmp(&s->commitment[self][b], &own[b]->commitment, sizeof own[b]->commitment) !=
            0) {
            return ERR_BUG;
        }
    }
    for (unsigned party = 0; party < key->params->n; party++) {
        for (unsigned b = 0; b < s->batches; b++) {
            enum err e = ERR_OK;

            if ((s->act >> party & 1) == 1 && party != self) {
                e = tmldsa_commit_check(key, party, &s->commitment[party][b], s->w[party][b],
                                        x);
            }
            if (e != ERR_OK) {
                *culprit = party;
                return e;
            }
        }
    }
    return ERR_OK;
}

/* x->t = c times the polynomial of this hat. */
static void times_c(const struct mldsa_path *ring, const struct mldsa_poly *hat,
                    struct tmldsa_respond_scratch *x)
{
    ring->hat_dot(&x->t, &x->c_hat, hat, 1);
    ring->ntt_inverse(&x->t);
}

/* z of one index, from y and c; all-ones if it is accepted. Both are computed to the end. */
static uint32_t answer(const struct tmldsa_public_key *key, struct tmldsa_respond_scratch *x)
{
    const struct tmldsa_params *p = key->params;
    const struct tmldsa_path *path = key->path;
    const double r = p->r;
    double s1 = 0;
    double s2 = 0;
    double norm;
    uint32_t over = 0;
    uint32_t accept;

    for (unsigned j = 0; j < p->set->l; j++) {
        const double *y = tmldsa_point_poly(&x->commit.y, j);

        times_c(path->ring, &x->duty.s1_hat[j], x);
        s1 += path->shifted_square_sum(y, &x->t);
        path->round(y, &x->z[j]);
        over |= path->ring->add_small(&x->z[j], &x->t, p->set->gamma1);
    }
    for (unsigned i = 0; i < p->set->k; i++) {
        times_c(path->ring, &x->duty.s2_hat[i], x);
        s2 += path->shifted_square_sum(tmldsa_point_poly(&x->commit.y, p->set->l + i), &x->t);
    }
    norm = s1 / (p->nu * p->nu) + s2;
    accept = (0 - (uint32_t)(norm <= r * r)) & ~over;
    CT_PUBLIC(&accept, sizeof accept); /* the bitmap */
    return accept;
}

/* All indices of one batch; out is where the next z goes, and is moved on. */
static void answer_batch(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                         unsigned b, const struct tmldsa_batch *own,
                         struct tmldsa_respond_scratch *x, uint8_t *bitmap, uint8_t **out)
{
    const struct tmldsa_params *p = key->params;

    for (unsigned i = 0; i < p->repetitions; i++) {
        const unsigned index = b * p->repetitions + i;

        if (i % 4 == 0) {
            const unsigned left = p->repetitions - i;

            tmldsa_challenge(key, s, index, left < 4 ? left : 4, &x->challenge, x->c_tilde);
        }
        mldsa_sample_in_ball(key->path->ring, p->set, x->c_tilde[i % 4], &x->c_hat);
        key->path->ring->ntt(&x->c_hat);
        tmldsa_sample(key->path, p, own->seed, i, &x->commit.sample, &x->commit.y);
        if (answer(key, x) != 0) {
            CT_PUBLIC(x->z, p->set->l * sizeof x->z[0]);
            bitmap[index / 8] |= (uint8_t)(1u << index % 8);
            for (unsigned j = 0; j < p->set->l; j++, *out += p->set->z_len) {
                mldsa_z_encode(&x->z[j], p->set, *out);
            }
        }
    }
}

/* NOLINTNEXTLINE(readability-function-size): two keys, one session, and three results */
enum err tmldsa_respond(const struct tmldsa_public_key *key, const struct tmldsa_share *share,
                        const struct tmldsa_session *s, struct tmldsa_batch *const own[],
                        struct tmldsa_respond_scratch *scratch, uint8_t *out,
                        struct view *response, unsigned *culprit)
{
    uint8_t *end = out + bitmap_len(key->params, s->batches);
    enum err e;

    *response = (struct view){NULL, 0};
    *culprit = TMLDSA_PARTIES_MAX;
    if (!is_ours(share, s, own)) {
        return ERR_STATE;
    }
    memset(out, 0, bitmap_len(key->params, s->batches));
    scratch->session = *s;
    e = check_reveals(key, share->party, s, own, &scratch->commit, culprit);
    for (unsigned b = 0; b < s->batches; b++) {
        scratch->session.w[share->party][b] =
            (struct view){own[b]->w, tmldsa_pack_batch_len(key->params)};
    }
    if (e == ERR_OK) {
        tmldsa_share_sum(share, s->act, &scratch->duty);
        for (unsigned b = 0; b < s->batches; b++) {
            answer_batch(key, &scratch->session, b, own[b], scratch, out, &end);
        }
        *response = (struct view){out, (size_t)(end - out)};
    }
    for (unsigned b = 0; b < s->batches; b++) {
        tmldsa_batch_destroy(key->params, own[b]);
    }
    wipe(scratch, sizeof *scratch);
    return e;
}
