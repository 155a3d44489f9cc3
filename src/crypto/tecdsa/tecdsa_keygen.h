/* tecdsa_keygen.h - the mathematics of a threshold ECDSA key that is made without a dealer:
 * verifiable secret sharing (Feldman 1987) by every party, with commitments first. Three
 * parties sign. Who sends what when, and what becomes of a ceremony that fails, is the
 * ceremony's (enclave/ceremony).
 *
 *   1  every party deals (tecdsa_keygen_deal) and shows a commitment to its opening
 *      (tecdsa_keygen_commit). All compare an echo of what they saw.
 *   2  it shows the opening to all, and sends each party its share in private
 *      (tecdsa_keygen_share). All check openings and their own shares
 *      (tecdsa_keygen_check_opening, _check_share): whoever got a wrong one shows the signed
 *      message, and everybody checks it again. Shares shown so are burnt with the ceremony.
 *   3  all add up (tecdsa_keygen_finish) and compare an echo of the openings.
 *
 * Party i of 0 to N-1 holds the value at i+1 of a polynomial whose value at 0 is the key. The
 * public key can be steered only by who ends the ceremony after seeing the openings, and
 * whoever does is known.
 *
 * All functions run on a work stack (work_stack_run_gmp()). */
#ifndef CRYPTO_TECDSA_KEYGEN_H
#define CRYPTO_TECDSA_KEYGEN_H

#include "crypto/tecdsa/tecdsa_proof.h"

#define TECDSA_T 3 /* presigning is sound for three alone: docs/adr/0017 */
#define TECDSA_PARTIES_MAX 6
#define TECDSA_SALT_LEN 32
#define TECDSA_SEED_LEN 64
#define TECDSA_OPENING_LEN (TECDSA_T * TECDSA_POINT_LEN + TECDSA_PROOF_LEN + TECDSA_SALT_LEN)

/* What all functions here have in common. */
struct tecdsa_ceremony {
    uint8_t id[TECDSA_HASH_LEN]; /* fresh for every attempt, of the epoch and its nonces */
    unsigned n;                  /* parties */
};

/* Of one party: f(x) = a_0 + a_1 x + a_2 x^2. Secret; erased when the shares are sent. */
struct tecdsa_dealing {
    struct tecdsa_scalar a[TECDSA_T];
};

/* Of one party: A_k = a_k G, a proof that it knows a_0, a salt. Secret until it is shown; these
 * bytes are what is sent. */
struct tecdsa_opening {
    uint8_t a[TECDSA_T][TECDSA_POINT_LEN];
    struct tecdsa_proof proof;
    uint8_t salt[TECDSA_SALT_LEN];
};

/* Of one party, of one key. */
struct tecdsa_share {
    unsigned party;
    struct tecdsa_scalar x; /* secret */
};

/* What is known of a key: whatever the parties agree upon of it, key_id stands for. */
struct tecdsa_key {
    uint8_t key_id[TECDSA_HASH_LEN]; /* H("key", ceremony's id, N, public key, every X) */
    unsigned n;
    uint8_t public_key[TECDSA_POINT_LONG]; /* 04 | X | Y, as p384.h has it */
    struct tecdsa_point pk;
    struct tecdsa_point x[TECDSA_PARTIES_MAX]; /* of each share */
};

/* A dealing of one party out of fresh random bytes, which the caller erases. */
void tecdsa_keygen_deal(const struct tecdsa_ceremony *c, unsigned party,
                        const uint8_t seed[TECDSA_SEED_LEN], struct tecdsa_dealing *dealing,
                        struct tecdsa_opening *opening);

/* ERR_LENGTH: not TECDSA_OPENING_LEN: exactly three points. ERR_ENCODING, ERR_RANGE: a point or
 * a scalar is none; infinity has no encoding. *out is zero on failure. */
MUST_CHECK enum err tecdsa_opening_decode(struct view in, struct tecdsa_opening *out);

/* H("dkg", id, party, A_0, A_1, A_2, proof, salt). */
void tecdsa_keygen_commit(const struct tecdsa_ceremony *c, unsigned party,
                          const struct tecdsa_opening *opening,
                          uint8_t commitment[TECDSA_HASH_LEN]);

/* ERR_MISMATCH: not what was committed to. ERR_SIGNATURE and the decoder's: the proof. Its
 * sender is at fault. */
MUST_CHECK enum err tecdsa_keygen_check_opening(const struct tecdsa_ceremony *c, unsigned party,
                                                const struct tecdsa_opening *opening,
                                                const uint8_t commitment[TECDSA_HASH_LEN]);

/* f(to + 1), for party to. */
void tecdsa_keygen_share(const struct tecdsa_dealing *dealing, unsigned to,
                         uint8_t share[TECDSA_SCALAR_LEN]);

/* Whether it is the one that the opening gives. Whether it is, is public. ERR_RANGE: n or more.
 * ERR_MISMATCH: another. The dealer is at fault. */
MUST_CHECK enum err tecdsa_keygen_check_share(const struct tecdsa_opening *opening, unsigned to,
                                              const uint8_t share[TECDSA_SCALAR_LEN]);

/* The key of all openings, and party's share of the shares that were dealt to it, in order of
 * dealers. Both outputs are zero on failure. ERR_RANGE: the public key is infinity, or a share
 * is no scalar: the ceremony starts anew. ERR_MISMATCH: the shares are not those of the
 * openings. */
MUST_CHECK enum err tecdsa_keygen_finish(const struct tecdsa_ceremony *c, unsigned party,
                                         const struct tecdsa_opening openings[],
                                         const uint8_t shares[][TECDSA_SCALAR_LEN],
                                         struct tecdsa_key *key, struct tecdsa_share *share);

/* The same without a share: for who only verifies. */
MUST_CHECK enum err tecdsa_keygen_public(const struct tecdsa_ceremony *c,
                                         const struct tecdsa_opening openings[],
                                         struct tecdsa_key *key);

/* Lagrange's factor at 0 of party among the three parties of the mask s. Public. */
void tecdsa_lagrange(unsigned s, unsigned party, struct tecdsa_scalar *out);

/* The same at another point: at i + 1 shares are those of party i. */
void tecdsa_lagrange_at(unsigned s, unsigned party, unsigned at, struct tecdsa_scalar *out);

#endif
