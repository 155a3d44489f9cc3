/* tmldsa_keygen.h - the mathematics of a threshold ML-DSA key that is made without a dealer:
 * what the parties of a ceremony hash, derive and check. Who sends what when, and what becomes
 * of a ceremony that fails, is the ceremony's (enclave/core).
 *
 *   1  every party draws rho_i and a salt, and for each of its subsets I a seed and a salt; it
 *      shows a commitment to each (tmldsa_keygen_commit_rho, _commit_seed). All compare an echo
 *      of what they saw (tmldsa_keygen_hash).
 *   2  it opens rho_i to all, and each seed to the other members of that subset, in private.
 *      Openings are checked against the commitments.
 *   3  all derive rho, and each member of I sigma_I (tmldsa_keygen_rho, _sigma): all openings
 * of rho enter every sigma_I, so that a subset whose members all lie cannot grind its own. They
 * expand it and commit to t_I = A s1_I + s2_I (tmldsa_keygen_t, _commit_t). 4  t_I are shown
 * and checked; their sum gives the public key (tmldsa_keygen_public). 5  every party makes its
 * share ready (tmldsa_share_load), which checks that its sums are not longer than the radii
 * allow for.
 *
 * Hashes are SHAKE256 over "TMLDSA-DKG-v1" 00 tag 00 and then every field with its length in
 * four bytes, lowest first; the ceremony's id is the first field of each. A party or a subset
 * is a field of one byte. Commitments have 48 bytes: twice the security level.
 *
 * The dealer of known answers is in tests/. */
#ifndef CRYPTO_TMLDSA_TMLDSA_KEYGEN_H
#define CRYPTO_TMLDSA_TMLDSA_KEYGEN_H

#include "crypto/mldsa/mldsa_key.h"
#include "crypto/tmldsa/tmldsa_alloc.h"
#include "crypto/tmldsa/tmldsa_pack.h"

#define TMLDSA_HASH_LEN 48
#define TMLDSA_CEREMONY_ID_LEN 48
#define TMLDSA_SALT_LEN 32
#define TMLDSA_RHO_LEN 32
#define TMLDSA_SIGMA_LEN 64
#define TMLDSA_T_MAX (MLDSA_K_MAX * TMLDSA_T_POLY_LEN) /* bytes of one t_I */

/* What all functions here have in common. */
struct tmldsa_ceremony {
    const struct tmldsa_path *path;
    const struct tmldsa_params *params;
    uint8_t id[TMLDSA_CEREMONY_ID_LEN]; /* fresh for every attempt */
};

/* Of one party; secret until it is shown. */
struct tmldsa_rho_opening {
    uint8_t rho[TMLDSA_RHO_LEN];
    uint8_t salt[TMLDSA_SALT_LEN];
};

/* Of one party and one of its subsets; known to the members of the subset alone. */
struct tmldsa_seed_opening {
    uint8_t seed[TMLDSA_SIGMA_LEN];
    uint8_t salt[TMLDSA_SALT_LEN];
};

/* A, in the path's order. Public. */
struct tmldsa_matrix {
    const struct tmldsa_path *path;
    const struct tmldsa_params *params;
    struct mldsa_poly a_hat[MLDSA_K_MAX * MLDSA_L_MAX]; /* row after row, l entries each */
};

/* Erased before each call returns. One serves one thread at a time. */
struct tmldsa_keygen_scratch {
    struct mldsa_sampler sampler;
    struct mldsa_poly s1[MLDSA_L_MAX];
    struct mldsa_poly s2[MLDSA_K_MAX];
    struct mldsa_poly t, t1, low;
    uint8_t t_bytes[TMLDSA_T_MAX];
};

/* H(tag, ceremony's id, fields) of the ceremony's own: echoes, its end. tag is not one of those
 * used below: "rho", "seed", "rho-final", "seed-final", "t". */
void tmldsa_keygen_hash(const struct tmldsa_ceremony *c, const char *tag,
                        const struct view *fields, size_t n, uint8_t out[TMLDSA_HASH_LEN]);

/* H("rho", id, party, rho, salt). Check: ERR_MISMATCH if the commitment is another; then its
 * sender is at fault. */
void tmldsa_keygen_commit_rho(const struct tmldsa_ceremony *c, unsigned party,
                              const struct tmldsa_rho_opening *opening,
                              uint8_t commitment[TMLDSA_HASH_LEN]);
MUST_CHECK enum err tmldsa_keygen_check_rho(const struct tmldsa_ceremony *c, unsigned party,
                                            const struct tmldsa_rho_opening *opening,
                                            const uint8_t commitment[TMLDSA_HASH_LEN]);

/* H("seed", id, party, subset, seed, salt), and its check. A member that was sent a wrong
 * opening shows the signed message, and everybody checks it again: the first kind of complaint.
 */
void tmldsa_keygen_commit_seed(const struct tmldsa_ceremony *c, unsigned party, unsigned subset,
                               const struct tmldsa_seed_opening *opening,
                               uint8_t commitment[TMLDSA_HASH_LEN]);
MUST_CHECK enum err tmldsa_keygen_check_seed(const struct tmldsa_ceremony *c, unsigned party,
                                             unsigned subset,
                                             const struct tmldsa_seed_opening *opening,
                                             const uint8_t commitment[TMLDSA_HASH_LEN]);

/* rho = H("rho-final", id, rho_0, ..., rho_N-1), of the openings of all parties in order. */
void tmldsa_keygen_rho(const struct tmldsa_ceremony *c,
                       const struct tmldsa_rho_opening openings[], uint8_t rho[TMLDSA_RHO_LEN]);

/* sigma_I = H("seed-final", id, rho_0, ..., rho_N-1, I, then of each member j ascending: j,
 * seed_j,I). seeds are those of the members in that order. */
void tmldsa_keygen_sigma(const struct tmldsa_ceremony *c,
                         const struct tmldsa_rho_opening openings[], unsigned subset,
                         const struct tmldsa_seed_opening seeds[],
                         uint8_t sigma[TMLDSA_SIGMA_LEN]);

/* A of rho (FIPS 204 alg. 32). */
void tmldsa_matrix_make(const struct tmldsa_path *path, const struct tmldsa_params *params,
                        const uint8_t rho[TMLDSA_RHO_LEN],
                        struct tmldsa_keygen_scratch *scratch, struct tmldsa_matrix *m);

/* t_I = A s1_I + s2_I of sigma_I (ExpandS), as tmldsa_pack_t_len() bytes. t_I may be shown. */
void tmldsa_keygen_t(const struct tmldsa_matrix *m, const uint8_t sigma[TMLDSA_SIGMA_LEN],
                     struct tmldsa_keygen_scratch *scratch, uint8_t *t);

/* Whether sigma_I belongs to the t_I that was published: how a restored party knows that a
 * helper sent it the true one. ERR_MISMATCH: it does not. */
MUST_CHECK enum err tmldsa_keygen_check_sigma(const struct tmldsa_matrix *m,
                                              const uint8_t sigma[TMLDSA_SIGMA_LEN],
                                              const uint8_t *t,
                                              struct tmldsa_keygen_scratch *scratch);

/* H("t", id, subset, t_I). Check: ERR_LENGTH: t is not tmldsa_pack_t_len() bytes. ERR_RANGE: a
 * coefficient is q or more. ERR_MISMATCH: another commitment. Its sender is at fault. */
void tmldsa_keygen_commit_t(const struct tmldsa_ceremony *c, unsigned subset, const uint8_t *t,
                            uint8_t commitment[TMLDSA_HASH_LEN]);
MUST_CHECK enum err tmldsa_keygen_check_t(const struct tmldsa_ceremony *c, unsigned subset,
                                          struct view t,
                                          const uint8_t commitment[TMLDSA_HASH_LEN]);

/* The public key of rho and the sum of all t_I: FIPS 204's pkEncode, params->set->pk_len bytes.
 * t: those of all subsets, one after the other, in the order of tmldsa_alloc_all().
 * ERR_RANGE: a coefficient is q or more; pk is untouched. */
MUST_CHECK enum err tmldsa_keygen_public(const struct tmldsa_params *params,
                                         const uint8_t rho[TMLDSA_RHO_LEN], const uint8_t *t,
                                         struct tmldsa_keygen_scratch *scratch, uint8_t *pk);

/* What one member of a subset said and did, as its signed messages show it. */
struct tmldsa_testimony {
    uint8_t seed_commitment[TMLDSA_HASH_LEN]; /* of step 1 */
    struct tmldsa_seed_opening opening;       /* of step 2 */
    uint8_t t_commitment[TMLDSA_HASH_LEN];    /* of step 3 */
};

/* The second kind of complaint: members of one subset committed to different t_I, and all have
 * shown what they sent. testimonies are those of the members, ascending. Returns who is at
 * fault, a mask of parties: those whose opening is not what they committed to; if there is
 * none, those whose t_I is not the one that the openings give. The seeds are burnt with it: the
 * ceremony starts anew, with a fresh id. */
unsigned tmldsa_keygen_judge(const struct tmldsa_ceremony *c,
                             const struct tmldsa_rho_opening openings[], unsigned subset,
                             const struct tmldsa_testimony testimonies[],
                             const struct tmldsa_matrix *m,
                             struct tmldsa_keygen_scratch *scratch);

#endif
