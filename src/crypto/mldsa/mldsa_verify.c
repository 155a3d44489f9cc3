#include "base/secret.h"
#include "crypto/mldsa/mldsa.h"
#include "crypto/mldsa/mldsa_round.h"

#include <string.h>

/* sigDecode (alg. 27): z to x->z_hat, not yet hats, and the hint. z's bounds are checked here
 * too (alg. 8 line 13). */
static enum err read_sig(const struct mldsa_public_key *key, struct view sig,
                         struct mldsa_verify_scratch *x, struct view *c_tilde)
{
    const struct mldsa_params *params = key->params;
    struct reader r = rd_init(sig);

    if (sig.n != params->sig_len) {
        return ERR_LENGTH;
    }
    TRY(rd_take(&r, params->c_tilde_len, c_tilde));
    for (unsigned j = 0; j < params->l; j++) {
        struct view z;

        TRY(rd_take(&r, params->z_len, &z)); /* the hint behind it is the slack */
        key->path->gamma1_unpack(&x->z_hat[j], params->gamma1, z.p);
        if (key->path->norm_reaches(&x->z_hat[j], params->gamma1 - params->beta) != 0) {
            return ERR_RANGE;
        }
    }
    return mldsa_hint_decode(params, (struct view){r.p, r.n}, &x->hint);
}

enum err mldsa_verify_mu(const struct mldsa_public_key *key, const uint8_t mu[MLDSA_MU_LEN],
                         struct view sig, struct mldsa_verify_scratch *scratch)
{
    const struct mldsa_params *params = key->params;
    const struct mldsa_path *path = key->path;
    struct mldsa_poly *c = &scratch->z_hat[params->l];
    uint8_t c_tilde_again[MLDSA_C_TILDE_MAX];
    struct view c_tilde;
    struct sponge s;

    TRY(read_sig(key, sig, scratch, &c_tilde));
    mldsa_sample_in_ball(path, params, c_tilde.p, c);
    for (unsigned i = 0; i < MLDSA_N; i++) {
        c->coeff[i] = -c->coeff[i];
    }
    for (unsigned j = 0; j <= params->l; j++) {
        path->ntt(&scratch->z_hat[j]);
    }
    sponge_init(&s, path->keccak, SPONGE_SHAKE256);
    sponge_absorb(&s, mu, MLDSA_MU_LEN);
    for (unsigned i = 0; i < params->k; i++) { /* w1 = UseHint(h, A z - c t1 2^d) */
        path->hat_dot(&scratch->w, key->rows_hat + i * (params->l + (size_t)1), scratch->z_hat,
                      params->l + 1);
        path->ntt_inverse(&scratch->w);
        path->use_hint(&scratch->w, params->gamma2, scratch->hint.at[i]);
        path->w1_encode(&scratch->w, params->gamma2, scratch->w1_bytes);
        sponge_absorb(&s, scratch->w1_bytes, params->w1_len);
    }
    sponge_squeeze(&s, c_tilde_again, params->c_tilde_len);
    return view_equal(c_tilde, (struct view){c_tilde_again, params->c_tilde_len})
               ? ERR_OK
               : ERR_SIGNATURE;
}

enum err mldsa_verify(const struct mldsa_public_key *key, struct view ctx, struct view message,
                      struct view sig, struct mldsa_verify_scratch *scratch)
{
    uint8_t mu[MLDSA_MU_LEN];

    TRY(mldsa_mu(key->path, key->tr, ctx, message, mu));
    return mldsa_verify_mu(key, mu, sig, scratch);
}
