/* tecdsa_presign.h - presignatures of three parties (Doerner, Kondi, Lee, shelat 2023): two
 * rounds that know of no message yet.
 *
 *   1  tecdsa_presign_begin, then to each of the two others tecdsa_presign_extend: the body,
 *      the same for both, and an extension for each. The sender signs the body outside. What
 *      comes from each peer goes to tecdsa_presign_accept_1.
 *   2  With both, sid2 names what all have said. To each peer tecdsa_presign_multiply; its
 *      message travels beside sid2, which is authenticated outside. What comes from each peer
 *      goes to tecdsa_presign_accept_2, and with both, tecdsa_presign_finish gives the record.
 *
 * What comes here is authentic: a frame that is not, or has another length, is dropped before.
 * A call that fails by one of the checks below ends the session: it is erased, and fate says
 * what to do about it. Peers are told that it ended, no more.
 *
 * One signer serves one thread at a time, with all its sessions: a failed check erases setups
 * that they have in common.
 *
 * Valid for three signers alone: sk and phi of the others are not committed to in round 1
 * (docs/adr/0017). All functions that make or take secrets run on a work stack. */
#ifndef CRYPTO_TECDSA_PRESIGN_H
#define CRYPTO_TECDSA_PRESIGN_H

#include "crypto/tecdsa/tecdsa_rvole.h"

#include <stdatomic.h>

#define TECDSA_PEERS (TECDSA_T - 1)

/* Why a session ended. */
enum tecdsa_fate {
    TECDSA_LIVE = 0,
    TECDSA_DONE,    /* its record was made */
    TECDSA_BENIGN,  /* sid2 differs, or a setup went away: setups stay. Signed bodies of one
                     * sender that differ are the proof against that sender */
    TECDSA_SESSION, /* a check of the session failed: both setups of the pair are erased */
    TECDSA_SETUP,   /* the check that depends on delta failed: the same, and every other session
                     * of the pair ends */
    TECDSA_TRIPLE,  /* the shares are not those of the key: nobody can say whose */
};

/* What a session is for. counter rises with every session of a pair. */
struct tecdsa_presign_of {
    uint8_t epoch_id[TECDSA_HASH_LEN];
    unsigned s;                               /* the three parties, a mask */
    uint32_t incarnation[TECDSA_PARTIES_MAX]; /* of the three; others do not count */
    uint64_t counter;
    uint8_t label[TECDSA_NONCE_LEN]; /* by who asks for it: trusted for nothing */
};

/* What is held with one peer, for many sessions. The owner renews what was erased. */
struct tecdsa_pair {
    struct tecdsa_setup_bob *bob;     /* mine, with the peer as Alice */
    struct tecdsa_setup_alice *alice; /* mine, with the peer as Bob */
    const uint8_t *zero_seed;         /* TECDSA_OT_KEY_LEN; secret */
    uint64_t last_counter;            /* of the last session: lower ones are refused */
};

/* One party. */
struct tecdsa_signer {
    const struct tecdsa_key *key;
    const struct tecdsa_share *share;
    const struct tecdsa_gadget *gadget;
    struct tecdsa_pair pair[TECDSA_PARTIES_MAX]; /* by party; one's own is unused */
};

/* One serves one thread at a time; erased before each call returns. */
struct tecdsa_presign_scratch {
    struct tecdsa_ote_scratch ote;
    struct tecdsa_rvole_scratch rvole;
};

/* Round 1. */
struct tecdsa_body {
    uint8_t sid1[TECDSA_HASH_LEN];
    uint8_t party[1];
    uint8_t nonce[TECDSA_NONCE_LEN];
    uint8_t commitment[TECDSA_HASH_LEN]; /* H("R", sid1, party, R, salt) */
};
struct tecdsa_round_1 {
    struct tecdsa_body body;
    struct tecdsa_ote_message extension;
};

/* Round 2. */
struct tecdsa_round_2 {
    struct tecdsa_rvole_message product;
    uint8_t gu[TECDSA_POINT_LEN], gv[TECDSA_POINT_LEN];
    uint8_t psi[TECDSA_SCALAR_LEN];
    uint8_t pk[TECDSA_POINT_LEN];
    uint8_t r[TECDSA_POINT_LEN];
    uint8_t salt[TECDSA_SALT_LEN];
};

/* Of one peer in one session. Secret. */
struct tecdsa_presign_peer {
    unsigned party;
    bool accepted_1, multiplied, accepted_2;
    struct tecdsa_body body;
    uint8_t setup_bob[TECDSA_HASH_LEN], setup_alice[TECDSA_HASH_LEN]; /* in use at the start */
    uint8_t x[TECDSA_COLUMN_LEN];    /* beta, and what masks it */
    uint8_t seed[TECDSA_SEED_LEN];   /* of my product as Alice */
    struct tecdsa_scalar chi;        /* b of beta */
    struct tecdsa_rows t, q;         /* as Bob, as Alice */
    struct tecdsa_scalar c[2], d[2]; /* u and v, as Alice and as Bob */
    struct tecdsa_scalar psi;        /* the peer's */
    struct tecdsa_point r, pk;       /* the peer's */
};

/* One session of one party. Some 90 kB. Secret. */
struct tecdsa_presign {
    enum tecdsa_fate fate;
    unsigned culprit; /* of TECDSA_SESSION and TECDSA_SETUP: the peer */
    struct tecdsa_signer *signer;
    unsigned s, party;
    struct tecdsa_body body;
    uint8_t sid2[TECDSA_HASH_LEN]; /* zero before round 1 is over */
    uint8_t salt[TECDSA_SALT_LEN];
    uint8_t r_bytes[TECDSA_POINT_LEN], pk_bytes[TECDSA_POINT_LEN];
    struct tecdsa_scalar r, phi, sk;
    struct tecdsa_presign_peer peer[TECDSA_PEERS];
};

/* A share of one presignature, for one message: the owner never copies it. Secret but for id, s
 * and r. */
struct tecdsa_presignature {
    atomic_uint state;            /* enum tecdsa_presignature_state */
    uint8_t id[TECDSA_HASH_LEN];  /* sid2 */
    unsigned s;                   /* the three parties: no other can complete it */
    uint8_t r[TECDSA_SCALAR_LEN]; /* of the signature */
    struct tecdsa_scalar phi, u, v;
};
enum tecdsa_presignature_state { TECDSA_PRESIGNATURE_NONE = 0, TECDSA_PRESIGNATURE_FRESH };

/* H("presign", key_id, epoch_id, S, the three incarnations, counter, label). */
void tecdsa_presign_sid1(const struct tecdsa_key *key, const struct tecdsa_presign_of *of,
                         uint8_t sid1[TECDSA_HASH_LEN]);

/* seed: TECDSA_SEED_LEN fresh bytes, which the caller erases. *p is erased on failure.
 * ERR_RANGE: s is not three parties of the key with this one among them. ERR_STATE: a setup is
 * not ready. ERR_STALE: the counter is not above the last one of a pair. */
MUST_CHECK enum err tecdsa_presign_begin(struct tecdsa_presign *p, struct tecdsa_signer *signer,
                                         const struct tecdsa_presign_of *of,
                                         const uint8_t seed[TECDSA_SEED_LEN]);

/* Here and below ERR_STATE: the session has ended, the peer is none of it, or it is not this
 * call's turn, or not a second time; nothing changes. ERR_STALE: sid1, sid2 or a setup is
 * another; of a wrong sid1 or sender nothing changes. */
MUST_CHECK enum err tecdsa_presign_extend(struct tecdsa_presign *p, unsigned to,
                                          struct tecdsa_presign_scratch *scratch,
                                          struct tecdsa_round_1 *out);

/* ERR_MISMATCH: the extension's check: TECDSA_SETUP. */
MUST_CHECK enum err tecdsa_presign_accept_1(struct tecdsa_presign *p, unsigned from,
                                            const struct tecdsa_round_1 *in,
                                            struct tecdsa_presign_scratch *scratch);

MUST_CHECK enum err tecdsa_presign_multiply(struct tecdsa_presign *p, unsigned to,
                                            struct tecdsa_presign_scratch *scratch,
                                            struct tecdsa_round_2 *out);

/* sid2: the sender's, out of the authenticated header; another one is TECDSA_BENIGN and comes
 * before any check. ERR_MISMATCH: the commitment, the product or one of its equations;
 * ERR_ENCODING, ERR_RANGE: a point or scalar: TECDSA_SESSION. */
MUST_CHECK enum err tecdsa_presign_accept_2(struct tecdsa_presign *p, unsigned from,
                                            const uint8_t sid2[TECDSA_HASH_LEN],
                                            const struct tecdsa_round_2 *in,
                                            struct tecdsa_presign_scratch *scratch);

/* The record; p is erased but for its fate. ERR_MISMATCH: TECDSA_TRIPLE. ERR_BUG: R is infinity
 * or r is 0, which chance alone brings about once in 2^384. */
MUST_CHECK enum err tecdsa_presign_finish(struct tecdsa_presign *p,
                                          struct tecdsa_presignature *out);

/* Ends a session: late, or a peer is lost. Its counter is burnt, setups stay. */
void tecdsa_presign_end(struct tecdsa_presign *p);

#endif
