#include "crypto/tmldsa/tmldsa_combine.h"

#include "crypto/mldsa/mldsa_pack.h"
#include "crypto/mldsa/mldsa_round.h"

#include <string.h>

/* How many bits are set before bit number n. */
static unsigned count_bits(struct view bitmap, unsigned n)
{
    unsigned count = 0;

    for (unsigned i = 0; i < n; i++) {
        count += (unsigned)bitmap.p[i / 8] >> i % 8 & 1u;
    }
    return count;
}

bool tmldsa_response_has(const struct tmldsa_response *response, unsigned index)
{
    return (response->bitmap.p[index / 8] >> index % 8 & 1) == 1;
}

/* The polynomial at p, by way of a buffer: unpacking reads past its input. */
static void read_z(const struct tmldsa_public_key *key, const uint8_t *p,
                   struct tmldsa_combine_scratch *x, struct mldsa_poly *z)
{
    const struct mldsa_params *set = key->params->set;

    memcpy(x->z_bytes, p, set->z_len);
    key->path->ring->gamma1_unpack(z, set->gamma1, x->z_bytes);
}

void tmldsa_response_z(const struct tmldsa_public_key *key,
                       const struct tmldsa_response *response, unsigned index, unsigned j,
                       struct tmldsa_combine_scratch *scratch, struct mldsa_poly *z)
{
    const struct mldsa_params *set = key->params->set;
    const size_t before = (size_t)count_bits(response->bitmap, index) * set->l + j;

    read_z(key, response->z.p + before * set->z_len, scratch, z);
}

/* ERR_RANGE: a coefficient is gamma1. */
static enum err check_z(const struct tmldsa_public_key *key, struct tmldsa_combine_scratch *x,
                        struct tmldsa_response *response)
{
    const struct mldsa_params *set = key->params->set;

    for (size_t at = 0; at < response->z.n; at += set->z_len) {
        read_z(key, response->z.p + at, x, &x->one);
        for (unsigned i = 0; i < MLDSA_N; i++) {
            const int32_t v = x->one.coeff[i];
            const int32_t magnitude = v < 0 ? -v : v;

            response->z_max = magnitude > response->z_max ? magnitude : response->z_max;
        }
    }
    return response->z_max < set->gamma1 ? ERR_OK : ERR_RANGE;
}

static enum err parse(const struct tmldsa_public_key *key, unsigned batches, struct view in,
                      struct tmldsa_combine_scratch *x, struct tmldsa_response *response)
{
    const struct tmldsa_params *p = key->params;
    const unsigned indices = batches * p->repetitions;
    const size_t bitmap_len = (indices + 7) / 8;
    struct reader r = rd_init(in);

    TRY(rd_take(&r, bitmap_len, &response->bitmap));
    if (indices % 8 != 0 && response->bitmap.p[bitmap_len - 1] >> indices % 8 != 0) {
        return ERR_ENCODING;
    }
    response->accepted = count_bits(response->bitmap, indices);
    TRY(rd_take(&r, (size_t)response->accepted * p->set->l * p->set->z_len, &response->z));
    TRY(rd_finish(&r));
    return check_z(key, x, response);
}

enum err tmldsa_response_parse(const struct tmldsa_public_key *key, unsigned batches,
                               struct view in, struct tmldsa_combine_scratch *scratch,
                               struct tmldsa_response *response)
{
    enum err e;

    memset(response, 0, sizeof *response);
    e = parse(key, batches, in, scratch, response);
    if (e != ERR_OK) {
        memset(response, 0, sizeof *response);
    }
    return e;
}

/* Polynomial j of the sum of all signers' z: at most 6 gamma1, exact. */
static void sum_z(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                  const struct tmldsa_response responses[], unsigned index, unsigned j,
                  struct tmldsa_combine_scratch *x)
{
    memset(&x->z[j], 0, sizeof x->z[j]);
    for (unsigned party = 0; party < key->params->n; party++) {
        if ((s->act >> party & 1) == 0) {
            continue;
        }
        tmldsa_response_z(key, &responses[party], index, j, x, &x->one);
        for (unsigned i = 0; i < MLDSA_N; i++) {
            x->z[j].coeff[i] += x->one.coeff[i];
        }
    }
}

/* The sum of all z, and its hat. False: |z| reaches gamma1 - beta. */
static bool add_z(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                  const struct tmldsa_response responses[], unsigned index,
                  struct tmldsa_combine_scratch *x)
{
    const struct mldsa_params *set = key->params->set;
    uint32_t over = 0;

    for (unsigned j = 0; j < set->l; j++) {
        sum_z(key, s, responses, index, j, x);
        for (unsigned i = 0; i < MLDSA_N; i++) {
            over |= mldsa_reaches(x->z[j].coeff[i], set->gamma1 - set->beta);
        }
        x->z_hat[j] = x->z[j];
        key->path->ring->ntt(&x->z_hat[j]);
    }
    return over == 0;
}

/* -c, behind them. */
static void add_c(const struct tmldsa_public_key *key, const uint8_t *c_tilde,
                  struct tmldsa_combine_scratch *x)
{
    struct mldsa_poly *c = &x->z_hat[key->params->set->l];

    mldsa_sample_in_ball(key->path->ring, key->params->set, c_tilde, c);
    for (unsigned i = 0; i < MLDSA_N; i++) {
        c->coeff[i] = -c->coeff[i];
    }
    key->path->ring->ntt(c);
}

/* Ones of a hint: over omega in every other case, with honest signers too; over twice as many,
 * seven deviations from what these have, somebody's response was too long. */
#define SUSPECT_OMEGAS 2U

enum tried { TRIED_SIGNED, TRIED_UNLUCKY, TRIED_SUSPECT };

/* The hint that leads from A z - c t1 2^d to the high bits of the sum of w. */
static enum tried make_hint(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                            unsigned index, struct tmldsa_combine_scratch *x)
{
    const struct mldsa_params *set = key->params->set;
    const struct mldsa_path *ring = key->path->ring;
    unsigned ones = 0;

    memset(&x->hint, 0, sizeof x->hint);
    for (unsigned i = 0; i < set->k; i++) {
        ring->hat_dot(&x->w, key->key.rows_hat + i * (set->l + (size_t)1), x->z_hat,
                      set->l + 1);
        ring->ntt_inverse(&x->w);
        tmldsa_challenge_w(key, s, index, i, &x->w_sum);
        ring->decompose(&x->w, set->gamma2, &x->high[0], &x->low);
        ring->decompose(&x->w_sum, set->gamma2, &x->high[1], &x->low);
        if (ring->sub_small(&x->w, &x->w_sum, set->gamma2 + 1) != 0) {
            return TRIED_SUSPECT; /* never seen of honest signers */
        }
        for (unsigned j = 0; j < MLDSA_N; j++) {
            x->hint.at[i][j] = x->high[0].coeff[j] != x->high[1].coeff[j];
            ones += x->hint.at[i][j];
        }
    }
    if (ones > SUSPECT_OMEGAS * set->omega) {
        return TRIED_SUSPECT;
    }
    return ones <= set->omega ? TRIED_SIGNED : TRIED_UNLUCKY;
}

/* sigEncode (FIPS 204 alg. 26). */
static void write_sig(const struct mldsa_params *set, const uint8_t *c_tilde,
                      const struct tmldsa_combine_scratch *x, uint8_t *sig)
{
    memcpy(sig, c_tilde, set->c_tilde_len);
    sig += set->c_tilde_len;
    for (unsigned j = 0; j < set->l; j++, sig += set->z_len) {
        mldsa_z_encode(&x->z[j], set, sig);
    }
    mldsa_hint_encode(set, &x->hint, sig);
}

/* One index that all accepted; x->sig is what it gives. */
static enum tried try_index(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                            const struct tmldsa_response responses[], unsigned index,
                            struct tmldsa_combine_scratch *x)
{
    const struct mldsa_params *set = key->params->set;
    enum tried tried;

    if (!add_z(key, s, responses, index, x)) {
        return TRIED_SUSPECT; /* of honest signers twice in a thousand: worth a look */
    }
    tmldsa_challenge(key, s, index, 1, &x->challenge, x->c_tilde);
    add_c(key, x->c_tilde[0], x);
    tried = make_hint(key, s, index, x);
    if (tried != TRIED_SIGNED) {
        return tried;
    }
    write_sig(set, x->c_tilde[0], x, x->sig);
    return mldsa_verify_mu(&key->key, s->mu, (struct view){x->sig, set->sig_len}, &x->verify) ==
                   ERR_OK
               ? TRIED_SIGNED
               : TRIED_SUSPECT;
}

static bool all_accepted(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                         const struct tmldsa_response responses[], unsigned index)
{
    bool all = true;

    for (unsigned party = 0; party < key->params->n; party++) {
        if ((s->act >> party & 1) == 1) {
            all = all && tmldsa_response_has(&responses[party], index);
        }
    }
    return all;
}

/* That all signers' w and responses are there, whoever checked them before. */
static bool is_complete(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                        const struct tmldsa_response responses[])
{
    const size_t bitmap_len = (tmldsa_session_indices(key->params, s) + 7) / 8;
    bool complete = true;

    for (unsigned party = 0; party < key->params->n; party++) {
        if ((s->act >> party & 1) == 0) {
            continue;
        }
        complete = complete && responses[party].bitmap.n == bitmap_len;
        for (unsigned b = 0; b < s->batches; b++) {
            complete = complete && s->w[party][b].n == tmldsa_pack_batch_len(key->params);
        }
    }
    return complete;
}

enum err tmldsa_combine(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                        const struct tmldsa_response responses[],
                        struct tmldsa_combine_scratch *scratch, uint8_t *sig,
                        struct tmldsa_outcome *outcome)
{
    unsigned indices;

    memset(outcome, 0, sizeof *outcome);
    if (!tmldsa_session_is_sound(key->params, s)) {
        return ERR_STATE;
    }
    if (!is_complete(key, s, responses)) {
        return ERR_LENGTH;
    }
    indices = tmldsa_session_indices(key->params, s);
    for (unsigned index = 0; index < indices && !outcome->found; index++) {
        enum tried tried;

        if (!all_accepted(key, s, responses, index)) {
            continue;
        }
        outcome->all_accepted++;
        tried = try_index(key, s, responses, index, scratch);
        if (tried == TRIED_SIGNED) {
            memcpy(sig, scratch->sig, key->params->set->sig_len);
            outcome->found = true;
            outcome->index = index;
        } else if (tried == TRIED_SUSPECT && !outcome->suspect) {
            outcome->suspect = true;
            outcome->suspect_index = index;
        }
    }
    return ERR_OK;
}
