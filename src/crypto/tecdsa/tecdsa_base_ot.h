/* tecdsa_base_ot.h - what two parties set up once before they multiply: 256 oblivious transfers
 * by verified simplest OT (Doerner, Kondi, Lee, shelat 2018, protocol 7), and the seed of their
 * zero-sharing.
 *
 * An ordered pair of parties has a setup: Bob, who will bring the bits of a product, sends
 * these transfers, and Alice receives them by secret choice bits, delta. The same pair the
 * other way round is another setup. Five messages: first (Bob), choices (Alice), challenge
 * (Bob), response (Alice), opening (Bob). The structs of bytes here are what is sent.
 *
 * A failed step erases its state; nothing of it can be used again, and the setup starts anew
 * with another id. Which of the 256 failed is not told. All functions but the ids run on a work
 * stack (work_stack_run_gmp()). */
#ifndef CRYPTO_TECDSA_BASE_OT_H
#define CRYPTO_TECDSA_BASE_OT_H

#include "crypto/tecdsa/tecdsa_keygen.h"

#define TECDSA_OTS 256
#define TECDSA_OT_KEY_LEN 32
#define TECDSA_DELTA_LEN (TECDSA_OTS / 8)
#define TECDSA_NONCE_LEN 32

/* Whose setup it is, and which: another one has another id, and so has its other direction. */
struct tecdsa_setup_of {
    const uint8_t *key_id;   /* TECDSA_HASH_LEN */
    const uint8_t *epoch_id; /* TECDSA_HASH_LEN */
    unsigned bob, alice;
    uint32_t bob_incarnation, alice_incarnation;
    uint64_t counter;
    uint8_t bob_nonce[TECDSA_NONCE_LEN], alice_nonce[TECDSA_NONCE_LEN]; /* new every time */
};

/* H("setup", key_id, epoch_id, Bob, his incarnation, Alice, hers, counter, both nonces). */
void tecdsa_setup_id(const struct tecdsa_setup_of *of, uint8_t id[TECDSA_HASH_LEN]);

/* What comes of it. Secret; erased at the first failed check of what is built upon it. */
struct tecdsa_setup_bob {
    bool ready;
    unsigned bob, alice;
    uint8_t id[TECDSA_HASH_LEN];
    uint8_t k[2][TECDSA_OTS][TECDSA_OT_KEY_LEN];
};
struct tecdsa_setup_alice {
    bool ready;
    unsigned bob, alice;
    uint8_t id[TECDSA_HASH_LEN];
    uint8_t delta[TECDSA_DELTA_LEN]; /* choice c is bit c % 8 of byte c / 8 */
    uint8_t k[TECDSA_OTS][TECDSA_OT_KEY_LEN];
};

/* The messages. */
struct tecdsa_ot_first {
    uint8_t b[TECDSA_POINT_LEN];
    struct tecdsa_proof proof;
};
struct tecdsa_ot_choices {
    uint8_t a[TECDSA_OTS][TECDSA_POINT_LEN];
};
struct tecdsa_ot_challenge {
    uint8_t c[TECDSA_OTS][TECDSA_OT_KEY_LEN];
};
struct tecdsa_ot_response {
    uint8_t r[TECDSA_OTS][TECDSA_OT_KEY_LEN];
};
struct tecdsa_ot_opening {
    uint8_t h[TECDSA_OTS][2][TECDSA_OT_KEY_LEN];
};

/* A setup that is being made. Secret. */
struct tecdsa_ot_bob {
    int step; /* 0: none */
    struct tecdsa_scalar b;
    uint8_t first[TECDSA_POINT_LEN];
    struct tecdsa_setup_bob setup;
};
struct tecdsa_ot_alice {
    int step;
    struct tecdsa_ot_challenge challenge;
    struct tecdsa_setup_alice setup;
};

/* seed: TECDSA_SEED_LEN fresh bytes of one's own, which the caller erases. */
void tecdsa_ot_start(const struct tecdsa_setup_of *of, const uint8_t seed[TECDSA_SEED_LEN],
                     struct tecdsa_ot_bob *bob, struct tecdsa_ot_first *out);
/* ERR_SIGNATURE, ERR_ENCODING, ERR_RANGE: the proof, or the point in it. */
MUST_CHECK enum err tecdsa_ot_choose(const struct tecdsa_setup_of *of,
                                     const uint8_t seed[TECDSA_SEED_LEN],
                                     const struct tecdsa_ot_first *in,
                                     struct tecdsa_ot_alice *alice,
                                     struct tecdsa_ot_choices *out);
/* ERR_ENCODING, ERR_RANGE: a choice is no point, or is Bob's own, which would make a key known
 * to anybody. Here and below ERR_STATE: not this step's turn; nothing changes. */
MUST_CHECK enum err tecdsa_ot_ask(struct tecdsa_ot_bob *bob, const struct tecdsa_ot_choices *in,
                                  struct tecdsa_ot_challenge *out);
MUST_CHECK enum err tecdsa_ot_respond(struct tecdsa_ot_alice *alice,
                                      const struct tecdsa_ot_challenge *in,
                                      struct tecdsa_ot_response *out);
/* Bob's end: *setup is ready, bob erased. ERR_MISMATCH: Alice does not know the keys of her
 * choices. */
MUST_CHECK enum err tecdsa_ot_open(struct tecdsa_ot_bob *bob,
                                   const struct tecdsa_ot_response *in,
                                   struct tecdsa_ot_opening *out,
                                   struct tecdsa_setup_bob *setup);
/* Alice's end. ERR_MISMATCH: Bob did not ask what he ought to, and tried to learn a choice. */
MUST_CHECK enum err tecdsa_ot_finish(struct tecdsa_ot_alice *alice,
                                     const struct tecdsa_ot_opening *in,
                                     struct tecdsa_setup_alice *setup);

/* The seed of a pair's zero-sharing: both commit to a part, then both show it in private. */
struct tecdsa_zero_part {
    uint8_t part[TECDSA_OT_KEY_LEN];
    uint8_t salt[TECDSA_SALT_LEN];
};
/* H("zero-part", id of the setup whose Bob has the lower number, party, part, salt). */
void tecdsa_zero_commit(const uint8_t id[TECDSA_HASH_LEN], unsigned party,
                        const struct tecdsa_zero_part *part,
                        uint8_t commitment[TECDSA_HASH_LEN]);
/* The XOR of both parts. ERR_MISMATCH: the peer's is not what it committed to; seed is zero. */
MUST_CHECK enum err tecdsa_zero_seed(const uint8_t id[TECDSA_HASH_LEN],
                                     const struct tecdsa_zero_part *own, unsigned peer,
                                     const struct tecdsa_zero_part *shown,
                                     const uint8_t commitment[TECDSA_HASH_LEN],
                                     uint8_t seed[TECDSA_OT_KEY_LEN]);

#endif
