#include "base/secret.h"
#include "crypto/mldsa/mldsa.h"
#include "crypto/mldsa/mldsa_round.h"

#include <string.h>

enum err mldsa_mu(const struct mldsa_path *path, const uint8_t tr[MLDSA_TR_LEN],
                  struct view ctx, struct view message, uint8_t mu[MLDSA_MU_LEN])
{
    const uint8_t head[2] = {0, (uint8_t)ctx.n}; /* 0: pure, alg. 2 line 10 */
    struct sponge s;

    if (ctx.n > MLDSA_CTX_MAX) {
        return ERR_RANGE;
    }
    sponge_init(&s, path->keccak, SPONGE_SHAKE256);
    sponge_absorb(&s, tr, MLDSA_TR_LEN);
    sponge_absorb(&s, head, sizeof head);
    sponge_absorb(&s, ctx.p, ctx.n);
    sponge_absorb(&s, message.p, message.n);
    sponge_squeeze(&s, mu, MLDSA_MU_LEN);
    return ERR_OK;
}

/* rho'' = H(K || rnd || mu, 64), alg. 7 line 7. */
static void expand_rnd(const struct mldsa_private_key *key, const uint8_t *rnd,
                       struct mldsa_sign_scratch *x)
{
    struct sponge s;

    sponge_init(&s, key->path->keccak, SPONGE_SHAKE256);
    sponge_absorb(&s, key->k, sizeof key->k);
    sponge_absorb(&s, rnd, MLDSA_SEED_LEN);
    sponge_absorb(&s, x->mu, sizeof x->mu);
    sponge_squeeze(&s, x->rho_pp, sizeof x->rho_pp);
    wipe(&s, sizeof s);
}

/* y of attempt number n. Attempts take the stream of ExpandMask's polynomials l by l, and it is
 * made four by four: what is left over waits behind the l. */
static void next_y(const struct mldsa_private_key *key, unsigned n,
                   struct mldsa_sign_scratch *x)
{
    const unsigned l = key->params->l;
    const unsigned first = n * l;
    unsigned made = (first + 3) / 4 * 4; /* by attempts 0 to n-1 */

    for (unsigned j = 0; first + j < made; j++) {
        x->y[j] = x->y[l + j];
    }
    for (; made < first + l; made += 4) {
        mldsa_expand_mask(key->path, key->params, x->rho_pp, made, &x->sampler,
                          &x->y[made - first]);
    }
}

/* w = A y, its high and low bits, and w1Encode of the high ones. */
static void commit(const struct mldsa_private_key *key, struct mldsa_sign_scratch *x)
{
    const struct mldsa_params *params = key->params;
    const struct mldsa_path *path = key->path;

    for (unsigned j = 0; j < params->l; j++) {
        x->y_hat[j] = x->y[j];
        path->ntt(&x->y_hat[j]);
    }
    for (unsigned i = 0; i < params->k; i++) {
        path->hat_dot(&x->t, key->a_hat + (size_t)i * params->l, x->y_hat, params->l);
        path->ntt_inverse(&x->t);
        path->decompose(&x->t, params->gamma2, &x->w1[i], &x->w0[i]);
        path->w1_encode(&x->w1[i], params->gamma2, x->w1_bytes + (size_t)i * params->w1_len);
    }
}

/* c_tilde = H(mu || w1Encode(w1)) and the hat of c. */
static void challenge(const struct mldsa_private_key *key, struct mldsa_sign_scratch *x)
{
    const struct mldsa_params *params = key->params;
    struct sponge s;

    sponge_init(&s, key->path->keccak, SPONGE_SHAKE256);
    sponge_absorb(&s, x->mu, sizeof x->mu);
    sponge_absorb(&s, x->w1_bytes, (size_t)params->k * params->w1_len);
    sponge_squeeze(&s, x->c_tilde, params->c_tilde_len);
    wipe(&s, sizeof s);
    CT_PUBLIC(x->c_tilde, params->c_tilde_len); /* ADR what-rejection-shows: of every attempt */
    mldsa_sample_in_ball(key->path, params, x->c_tilde, &x->c_hat);
    key->path->ntt(&x->c_hat);
}

/* The one place where a secret decides the course of the code: an attempt is given up if the
 * mask is not zero. The ADR what-rejection-shows says why this may be seen. */
static bool gives_up(uint32_t mask)
{
    CT_PUBLIC(&mask, sizeof mask);
    return mask != 0;
}

/* t = c times the polynomial of this hat. */
static void times_c(const struct mldsa_private_key *key, const struct mldsa_poly *hat,
                    struct mldsa_sign_scratch *x)
{
    key->path->hat_dot(&x->t, &x->c_hat, hat, 1);
    key->path->ntt_inverse(&x->t);
}

/* The hint of w0 - c s2 + c t0, to x->hint; how many ones. */
static uint32_t make_hint(const struct mldsa_params *params, struct mldsa_sign_scratch *x)
{
    uint32_t ones = 0;

    for (unsigned i = 0; i < params->k; i++) {
        for (unsigned j = 0; j < MLDSA_N; j++) {
            const uint32_t h =
                mldsa_make_hint(x->w1[i].coeff[j], x->w0[i].coeff[j], params->gamma2);

            x->hint.at[i][j] = (uint8_t)h;
            ones += h;
        }
    }
    return ones;
}

/* Alg. 7 lines 18 to 28, in the order that gives up soonest: r0 = w0 - c s2, in place of w0; z
 * = y + c s1, in place of y; c t0; the hint. False: try anew.
 *
 * r0 as computed here is LowBits(w - c s2) whenever either is below gamma2 - beta: |c s2| <=
 * beta, so w0 - c s2 leaves (-gamma2, gamma2] by at most beta, and the true low bits are then
 * above gamma2 - beta on the other side. And then HighBits(w - c s2) is w1. */
static bool respond(const struct mldsa_private_key *key, struct mldsa_sign_scratch *x)
{
    const struct mldsa_params *params = key->params;
    const struct mldsa_path *path = key->path;

    for (unsigned i = 0; i < params->k; i++) {
        times_c(key, &key->s2_hat[i], x);
        if (gives_up(path->sub_small(&x->w0[i], &x->t, params->gamma2 - params->beta))) {
            return false;
        }
    }
    for (unsigned j = 0; j < params->l; j++) {
        times_c(key, &key->s1_hat[j], x);
        if (gives_up(path->add_small(&x->y[j], &x->t, params->gamma1 - params->beta))) {
            return false;
        }
    }
    for (unsigned i = 0; i < params->k; i++) {
        times_c(key, &key->t0_hat[i], x);
        if (gives_up(path->norm_reaches(&x->t, params->gamma2))) {
            return false;
        }
        (void)path->add_small(&x->w0[i], &x->t, params->gamma2);
    }
    return !gives_up((params->omega - make_hint(params, x)) >> 31);
}

/* sigEncode (alg. 26) of an attempt that was accepted: from here on z and the hint are public.
 */
static void write_sig(const struct mldsa_private_key *key, struct mldsa_sign_scratch *x,
                      uint8_t *sig)
{
    const struct mldsa_params *params = key->params;

    CT_PUBLIC(x->y, params->l * sizeof x->y[0]);
    CT_PUBLIC(&x->hint, sizeof x->hint);
    memcpy(sig, x->c_tilde, params->c_tilde_len);
    sig += params->c_tilde_len;
    for (unsigned j = 0; j < params->l; j++, sig += params->z_len) {
        mldsa_z_encode(&x->y[j], params, sig);
    }
    mldsa_hint_encode(params, &x->hint, sig);
}

/* ML-DSA.Sign_internal (alg. 7) from x->mu. */
static enum err sign(const struct mldsa_private_key *key, const uint8_t *rnd,
                     struct mldsa_sign_scratch *x, uint8_t *sig)
{
    expand_rnd(key, rnd, x);
    for (unsigned n = 0; n < MLDSA_ATTEMPTS_MAX; n++) {
        next_y(key, n, x);
        commit(key, x);
        challenge(key, x);
        if (respond(key, x)) {
            write_sig(key, x, sig);
            return ERR_OK;
        }
    }
    return ERR_BUG;
}

enum err mldsa_sign_mu(const struct mldsa_private_key *key, const uint8_t mu[MLDSA_MU_LEN],
                       const uint8_t rnd[MLDSA_SEED_LEN], struct mldsa_sign_scratch *scratch,
                       uint8_t *sig)
{
    enum err e;

    memcpy(scratch->mu, mu, MLDSA_MU_LEN);
    e = sign(key, rnd, scratch, sig);
    wipe(scratch, sizeof *scratch);
    return e;
}

enum err mldsa_sign(const struct mldsa_private_key *key, struct view ctx, struct view message,
                    const uint8_t rnd[MLDSA_SEED_LEN], struct mldsa_sign_scratch *scratch,
                    uint8_t *sig)
{
    enum err e = mldsa_mu(key->path, key->tr, ctx, message, scratch->mu);

    if (e == ERR_OK) {
        e = sign(key, rnd, scratch, sig);
    }
    wipe(scratch, sizeof *scratch);
    return e;
}
