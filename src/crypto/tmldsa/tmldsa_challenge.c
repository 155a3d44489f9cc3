#include "crypto/tmldsa/tmldsa_challenge.h"

#include "crypto/mldsa/mldsa_round.h"

#include <string.h>

bool tmldsa_session_is_sound(const struct tmldsa_params *p, const struct tmldsa_session *s)
{
    return tmldsa_alloc_is_quorum(p, s->act) && s->batches >= 1 &&
           s->batches <= TMLDSA_BATCHES_MAX;
}

unsigned tmldsa_session_indices(const struct tmldsa_params *p, const struct tmldsa_session *s)
{
    return (unsigned)s->batches * p->repetitions;
}

const uint8_t *tmldsa_session_w(const struct tmldsa_params *p, const struct tmldsa_session *s,
                                unsigned party, unsigned index, unsigned i)
{
    const size_t len = tmldsa_pack_w_len(p);

    return s->w[party][index / p->repetitions].p + index % p->repetitions * len +
           i * (len / p->set->k);
}

void tmldsa_challenge_w(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                        unsigned index, unsigned i, struct mldsa_poly *w)
{
    const struct tmldsa_params *p = key->params;

    memset(w, 0, sizeof *w);
    for (unsigned party = 0; party < p->n; party++) {
        if ((s->act >> party & 1) == 1) {
            (void)tmldsa_pack_add_w(key->path, p->drop, tmldsa_session_w(p, s, party, index, i),
                                    w);
        }
    }
    for (unsigned j = 0; j < MLDSA_N; j++) { /* at most 6 (q - 1) before */
        w->coeff[j] = mldsa_center(w->coeff[j] * (1 << p->drop));
    }
}

void tmldsa_challenge(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                      unsigned first, unsigned count, struct tmldsa_challenge_scratch *scratch,
                      uint8_t c_tilde[4][MLDSA_C_TILDE_MAX])
{
    const struct mldsa_params *set = key->params->set;
    const struct mldsa_path *ring = key->path->ring;
    const uint8_t *in[4];
    uint8_t *out[4];

    for (unsigned x = 0; x < 4; x++) {
        in[x] = scratch->in[x];
        out[x] = scratch->out[x];
    }
    for (unsigned x = 0; x < count; x++) {
        memcpy(scratch->in[x], s->mu, MLDSA_MU_LEN);
        for (unsigned i = 0; i < set->k; i++) {
            tmldsa_challenge_w(key, s, first + x, i, &scratch->w);
            ring->decompose(&scratch->w, set->gamma2, &scratch->high, &scratch->low);
            ring->w1_encode(&scratch->high, set->gamma2,
                            scratch->in[x] + MLDSA_MU_LEN + (size_t)i * set->w1_len);
        }
    }
    sponge_x4_start(&scratch->x4, ring->keccak, SPONGE_SHAKE256, in,
                    MLDSA_MU_LEN + (size_t)set->k * set->w1_len);
    sponge_x4_squeeze(&scratch->x4, out);
    for (unsigned x = 0; x < count; x++) {
        memcpy(c_tilde[x], scratch->out[x], set->c_tilde_len);
    }
}
