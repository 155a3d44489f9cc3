/* presigner.h - what makes a core's presignatures of the shared P-384 key: the channels to the
 * other cores, what pairs of them set up, sessions of three (presign_session.h), batches of
 * five (crypto/tecdsa/tecdsa_accel.h), and with whom it is still done (presign_standing.h).
 * docs/adr/0031 says what is decided here and what by the host; the messages are docs/wire.md
 * 10, 12 and 13 in the packets of 14.
 *
 *   in    orders of the host; packets of the other cores, which the host carries
 *   out   packets; records into the pool
 *
 * The host says what is made, and when, under counters and labels of its own: the engine
 * refuses what it may not do, and ends what takes too long. Nothing that the host does or keeps
 * back is a failure of a peer.
 *
 * A step machine: no kernel, no heap. All calls are of one thread at a time, but for the pool,
 * which others use under the guard. No call takes more than some milliseconds, but the steps of
 * a setup (100 ms). */
#ifndef ENCLAVE_PRESIGN_PRESIGNER_H
#define ENCLAVE_PRESIGN_PRESIGNER_H

#include "crypto/tecdsa/tecdsa_accel.h"
#include "enclave/channel/pq1.h"
#include "enclave/presign/presign_pool.h"
#include "enclave/presign/presign_session.h"
#include "enclave/presign/presign_setup.h"
#include "enclave/presign/presign_standing.h"
#include "os/entropy.h"

#define PRESIGNER_SESSIONS 4 /* at once */
#define PRESIGNER_BATCH_MAX \
    192 /* records: the longest message of a batch is MESH_MESSAGE_MAX */
#define PRESIGNER_SESSION_NS INT64_C(30000000000)
#define PRESIGNER_SETUP_NS INT64_C(60000000000)
#define PRESIGNER_BATCH_NS INT64_C(10000000000) /* without a message of it */

struct mesh;

/* Around each use of the pool: no-ops where there is one thread. */
struct presign_guard {
    void (*enter)(void *self);
    void (*leave)(void *self);
    void *self;
};

/* As the plan lists it. */
struct presigner_node {
    uint8_t identity[P384_PUBLIC_LEN];
    uint8_t signing_key[ED25519_PUBLIC_LEN];
    uint32_t incarnation; /* 1 after the ceremony */
};

/* What it works with. All that it points to outlives it, and is used by it alone, but key and
 * pool. */
struct presigner_setup {
    unsigned own, n; /* index of this node; nodes, 3 to TECDSA_PARTIES_MAX */
    uint8_t epoch_id[EPOCH_ID_LEN];
    struct presigner_node nodes[TECDSA_PARTIES_MAX];
    const struct tecdsa_key *key;
    const struct tecdsa_share *share;
    const struct p384_key *identity;
    const struct ed25519_key *signing_key;
    const struct entropy_source *entropy;
    struct drbg *drbg; /* its own; seeded here, and anew with each use */
    struct p384_signer *signer;
    struct pq1_work *work;
    struct mesh *mesh; /* room, in locked memory: begun here */
    struct presign_pool *pool;
    struct presign_guard guard;
};

enum presigner_order_kind {
    PRESIGNER_SETUP = 1, /* with peer; said to both */
    PRESIGNER_MAKE = 2,  /* one presignature of triple; said to the three */
    PRESIGNER_BATCH = 3, /* of records; said to all five */
    PRESIGNER_ACCEL = 4, /* the accelerator on or off */
};

struct presigner_order {
    uint8_t kind;
    uint8_t peer;    /* index, from 0 */
    uint8_t triple;  /* mask */
    uint8_t records; /* at most PRESIGNER_BATCH_MAX */
    bool on;
    uint64_t counter; /* above the last of that pair, or of batches */
    uint8_t label[TECDSA_NONCE_LEN];
    uint8_t number[TECDSA_ACCEL_RECORDS_MAX]; /* of the triple of each record */
};

enum presigner_channel {
    PRESIGNER_NO_CHANNEL = 0,
    PRESIGNER_CHANNEL_MAKING,
    PRESIGNER_CHANNEL
};

/* What stands with one peer; all zero of the own index. */
struct presigner_with {
    uint8_t channel; /* enum presigner_channel */
    uint8_t setup;   /* enum presign_setup_state */
    bool seed;       /* of the accelerator: there */
    bool dead;       /* too many failures: an order of the operators alone renews it */
    uint32_t incarnation;
    uint64_t counter; /* the highest one of setups and sessions with it */
    uint32_t wait_s;  /* until a setup is renewed */
};

struct presigner_counts {
    uint64_t made_dkls, made_accel; /* records that were kept */
    uint64_t used, expired, voided; /* of the pool */
    uint64_t aborted;               /* sessions and batches that ended without a record */
    uint64_t dropped;               /* messages of no use */
    uint64_t lies;                  /* proofs: two bodies of one node for one session */
};

enum presigner_accel {
    PRESIGNER_ACCEL_OFF = 0, /* by order, or not five nodes */
    PRESIGNER_ACCEL_ON = 1,
    PRESIGNER_ACCEL_LIVE = 2,  /* a batch is under way */
    PRESIGNER_ACCEL_ENDED = 3, /* for the epoch */
};

struct presigner_status {
    unsigned n;
    struct presigner_with with[TECDSA_PARTIES_MAX];
    unsigned n_triples;
    struct {
        uint8_t mask;
        uint16_t count;
        bool usable; /* it does not rest */
    } triples[PRESIGN_TRIPLES_MAX];
    uint8_t accel; /* enum presigner_accel */
    uint8_t late;  /* batches that failed late */
    uint64_t accel_counter;
    unsigned sessions; /* under way */
    unsigned per_triple;
    struct presigner_counts counts;
};

/* Some 3 MB without the mesh. Secret; in locked memory, where it stays. */
struct presigner;
size_t presigner_size(void);

/* In memory of presigner_size() bytes, zero, aligned to 64. ERR_RANGE: own or n. ERR_IO: no
 * randomness. What mesh_init() gives. */
MUST_CHECK enum err presigner_init(struct presigner *p, const struct presigner_setup *setup);

/* A packet of a core, as the host brought it. What mesh_take() gives of packets that are not
 * genuine or of no use: they are dropped. */
MUST_CHECK enum err presigner_take(struct presigner *p, unsigned from, struct view packet,
                                   int64_t now_ns);

/* What the host wants. ERR_RANGE: no such peer, triple, number of records, kind. ERR_POLICY:
 * the pair waits or is dead, the triple rests, the accelerator is off. ERR_STALE: the counter
 * is not above the last one. ERR_STATE: a setup, seed or channel is missing, a batch is live,
 * or that setup is. ERR_NOSPACE: PRESIGNER_SESSIONS are under way, or the pool would be full.
 * Nothing begins then. */
MUST_CHECK enum err presigner_order(struct presigner *p, const struct presigner_order *order,
                                    int64_t now_ns);

/* One slice of what is to be done. True: there is more now. */
bool presigner_work(struct presigner *p, int64_t now_ns);

/* Packets to other cores, oldest first, as MESH_GET answers them: as many as there is room for
 * in out. */
void presigner_give(struct presigner *p, struct writer *out);

/* What time brings: every 50 ms or so. */
void presigner_tick(struct presigner *p, int64_t now_ns);

void presigner_status(struct presigner *p, int64_t now_ns, struct presigner_status *out);

/* The fence: a node is another incarnation from now on. All that was made or is being made with
 * the old one is erased: records, sessions, batch, setup, seed, channel, messages. ERR_RANGE:
 * no peer. ERR_STALE: the number is not above the one that it has. */
MUST_CHECK enum err presigner_reincarnate(struct presigner *p, unsigned node,
                                          uint32_t incarnation, const uint8_t *identity,
                                          const uint8_t *signing_key);

/* This machine may have been copied, or its clock lies: ends all sessions and the batch, and
 * erases all records. */
void presigner_void(struct presigner *p);

/* Erases all of it, its mesh, and the records in its pool. */
void presigner_wipe(struct presigner *p);

#endif
