/* presign_standing.h - with whom this node may make presignatures, after what went wrong
 * (threshold-security F6). Nothing here accuses anybody to others: a check that failed says
 * that one of a pair is bad, and both know that of the other. So a pair is cut, for longer
 * every time, and the honest ones keep theirs.
 *
 *   a pair's check failed     its setup is gone; renewed after 1 min, 10 min, 1 h, 6 h by how
 *                             often that was in 24 h; from the fifth time on not in this epoch,
 *                             but once by an order
 *   shares are not the key's  that triple rests for an hour; who must be bad as long as fewer
 *                             than three are is in no new one, until an order
 *   two bodies are shown      who signed both is in no new triple, until an order
 *   a signature is wrong      three times in an hour: that triple rests for an hour
 *
 * All of that counts at once, and is told PRESIGN_SHOWN_NS later: by what a core says of itself
 * nobody learns which check it was that failed just now.
 *
 * No kernel, no heap. Times are of a monotonic clock, never falling. */
#ifndef ENCLAVE_PRESIGN_PRESIGN_STANDING_H
#define ENCLAVE_PRESIGN_PRESIGN_STANDING_H

#include "crypto/tecdsa/tecdsa_keygen.h"

#define PRESIGN_FAILURES_MAX 5 /* of a pair in PRESIGN_DAY_NS */
#define PRESIGN_DAY_NS INT64_C(86400000000000)
#define PRESIGN_WRONG_MAX 3 /* signatures of a triple in PRESIGN_REST_NS */
#define PRESIGN_REST_NS INT64_C(3600000000000)
#define PRESIGN_WRONG_KEPT 64 /* records whose wrong signatures were counted */
#define PRESIGN_SHOWN_NS INT64_C(10000000000)

/* With one peer. */
struct presign_with {
    bool dead; /* until an order */
    bool out;  /* of new triples, until an order */
    int64_t out_ns;
    size_t n; /* failures in the last day, ascending */
    int64_t failed_ns[PRESIGN_FAILURES_MAX];
    int64_t wait_until_ns;
};

/* Of one triple with this node. */
struct presign_triple {
    bool bad; /* its shares were not the key's, once */
    size_t n; /* wrong signatures, ascending */
    int64_t wrong_ns[PRESIGN_WRONG_MAX];
    int64_t rests_until_ns;
};

/* Zero but for own, at the start of an epoch. */
struct presign_standing {
    unsigned own;
    bool renewing; /* one at a time */
    struct presign_with with[TECDSA_PARTIES_MAX];
    struct presign_triple triples[1U << TECDSA_PARTIES_MAX]; /* by mask */
    size_t n_counted;                                        /* the last of them are kept */
    uint8_t counted[PRESIGN_WRONG_KEPT][TECDSA_HASH_LEN];
};

/* A check with that peer failed: its setup is to be erased. */
void presign_standing_failed(struct presign_standing *s, unsigned peer, int64_t now_ns);

/* Begins the renewal of the setup with a peer. False: not now; presign_standing_renewed() ends
 * it, however it went. */
bool presign_standing_renew(struct presign_standing *s, unsigned peer, int64_t now_ns);
void presign_standing_renewed(struct presign_standing *s);

/* The shares of a triple did not add up to the key. */
void presign_standing_triple(struct presign_standing *s, unsigned triple, int64_t now_ns);

/* A node said two things to two peers, which its signatures prove: it is in no new triple. */
void presign_standing_proven(struct presign_standing *s, unsigned node, int64_t now_ns);

/* A signature of a triple's record was wrong. ERR_RANGE: no triple of this node. ERR_STALE:
 * that record was counted. */
MUST_CHECK enum err presign_standing_wrong(struct presign_standing *s, unsigned triple,
                                           const uint8_t id[TECDSA_HASH_LEN], int64_t now_ns);

/* Whether presignatures are made for a triple. False for one that is none of this node. */
bool presign_standing_usable(const struct presign_standing *s, unsigned triple, int64_t now_ns);

/* The same as it is told; and whether what failed with a peer last is told yet. */
bool presign_standing_shows_usable(const struct presign_standing *s, unsigned triple,
                                   int64_t now_ns);
bool presign_standing_shows(const struct presign_standing *s, unsigned peer, int64_t now_ns);

/* Whether there is anything that counts and is not told yet, of whomever. */
bool presign_standing_hides(const struct presign_standing *s, int64_t now_ns);

/* An order of the operators: the peer is tried again, once. */
void presign_standing_order(struct presign_standing *s, unsigned peer);

#endif
