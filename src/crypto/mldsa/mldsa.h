/* mldsa.h - ML-DSA signatures, FIPS 204. Pure only: HashML-DSA is not made and not accepted.
 *
 * One body serves ML-DSA-44, -65 and -87; the key says which. Keys: mldsa_key.h.
 *
 * Making keys and signing use less than 4 KiB of stack, and what the compiler kept there stays
 * when they return: a secret that must not outlive the call takes scratch_stack_run(). */
#ifndef CRYPTO_MLDSA_MLDSA_H
#define CRYPTO_MLDSA_MLDSA_H

#include "crypto/mldsa/mldsa_key.h"
#include "crypto/mldsa/mldsa_pack.h"

/* FIPS 204 appendix C: a bound on the attempts of one signature may not be lower. It is passed
 * with a probability below 2^-256. */
#define MLDSA_ATTEMPTS_MAX 814

/* Scratch of signing, erased before each call returns. One serves one thread at a time. */
struct mldsa_sign_scratch {
    struct mldsa_sampler sampler;
    struct mldsa_poly y[MLDSA_L_MAX + 3]; /* the l of this attempt, then up to 3 of the next */
    struct mldsa_poly y_hat[MLDSA_L_MAX];
    struct mldsa_poly w0[MLDSA_K_MAX], w1[MLDSA_K_MAX];
    struct mldsa_poly c_hat, t;
    struct mldsa_hint hint;
    uint8_t w1_bytes[1024]; /* of all k: 4 * 192, 6 * 128 or 8 * 128 */
    uint8_t rho_pp[MLDSA_RHO_PRIME_LEN];
    uint8_t c_tilde[MLDSA_C_TILDE_MAX];
    uint8_t mu[MLDSA_MU_LEN];
};

/* Scratch of verification. Holds no secret. */
struct mldsa_verify_scratch {
    struct mldsa_poly z_hat[MLDSA_L_MAX + 1]; /* z, then -c */
    struct mldsa_poly w;
    struct mldsa_hint hint;
    uint8_t w1_bytes[MLDSA_W1_MAX];
};

/* mu = H(tr || 0 || |ctx| || ctx || message, 64), alg. 2 and 7: what a signature signs.
 * ERR_RANGE: ctx is longer than MLDSA_CTX_MAX; mu is untouched. */
MUST_CHECK enum err mldsa_mu(const struct mldsa_path *path, const uint8_t tr[MLDSA_TR_LEN],
                             struct view ctx, struct view message, uint8_t mu[MLDSA_MU_LEN]);

/* Signs message under ctx (ML-DSA.Sign, alg. 2), hedged: rnd is 32 fresh random bytes, and a
 * signature stays safe if they are not. sig gets params->sig_len bytes, and is untouched on
 * failure. Time and memory access depend on the key only in what the ADR what-rejection-shows
 * names. ERR_RANGE: ctx is longer than MLDSA_CTX_MAX. ERR_BUG: MLDSA_ATTEMPTS_MAX attempts
 * failed. */
MUST_CHECK enum err mldsa_sign(const struct mldsa_private_key *key, struct view ctx,
                               struct view message, const uint8_t rnd[MLDSA_SEED_LEN],
                               struct mldsa_sign_scratch *scratch, uint8_t *sig);

/* The same from mu, for known answers and for signers that hash elsewhere: whoever gives mu
 * says what is signed. Deterministic (alg. 2's variant) if rnd is 32 zero bytes: only where the
 * same message must give the same signature. ERR_BUG: as above. */
MUST_CHECK enum err mldsa_sign_mu(const struct mldsa_private_key *key,
                                  const uint8_t mu[MLDSA_MU_LEN],
                                  const uint8_t rnd[MLDSA_SEED_LEN],
                                  struct mldsa_sign_scratch *scratch, uint8_t *sig);

/* Whether sig is a signature of message under ctx (ML-DSA.Verify, alg. 3).
 * ERR_RANGE: ctx is longer than MLDSA_CTX_MAX, or a coefficient of z is gamma1 - beta or more.
 * ERR_LENGTH: not params->sig_len bytes. ERR_ENCODING: the hint is not in its one encoding.
 * ERR_SIGNATURE: well formed, and not genuine. */
MUST_CHECK enum err mldsa_verify(const struct mldsa_public_key *key, struct view ctx,
                                 struct view message, struct view sig,
                                 struct mldsa_verify_scratch *scratch);

/* The same from mu, with the same errors. */
MUST_CHECK enum err mldsa_verify_mu(const struct mldsa_public_key *key,
                                    const uint8_t mu[MLDSA_MU_LEN], struct view sig,
                                    struct mldsa_verify_scratch *scratch);

#endif
