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
#include "enclave/mesh/mesh.h"
#include "enclave/presign/presign_pool.h"
#include "enclave/presign/presign_session.h"
#include "enclave/presign/presign_setup.h"
#include "enclave/presign/presign_standing.h"
#include "os/entropy.h"
#include "wire/presign_call.h"

#define PRESIGNER_SESSIONS 4 /* at once */
#define PRESIGNER_BATCH_MAX \
    192 /* records: the longest message of a batch is MESH_MESSAGE_MAX */
#define PRESIGNER_SESSION_NS INT64_C(10000000000)
#define PRESIGNER_SETUP_NS INT64_C(60000000000)
#define PRESIGNER_BATCH_NS INT64_C(10000000000) /* without a message of it */
/* Who was not heard for so long, while others were, is dead: four times MESH_ALIVE_NS, so that
 * neither what a host loses now and then nor its restart makes anybody so. */
#define PRESIGNER_DEAD_NS INT64_C(60000000000)
/* Nobody was heard for so long: nobody carries, and nobody is dead of that. */
#define PRESIGNER_CARRIED_NS (2 * MESH_ALIVE_NS)
#define PRESIGNER_LOOK_NS INT64_C(1000000000) /* more between two ticks is no silence */

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

/* To whom messages MESH_REPAIR go. The message is gone after the call, which may send by
 * mesh_send(), but end nothing here. */
struct presigner_repair {
    void (*take)(void *self, unsigned from, const struct pq1_about *about, struct view message,
                 int64_t now_ns);
    void *self;
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
    bool joined;       /* the mesh is begun: a share came over it */
    struct presign_pool *pool;
    struct presign_guard guard;
    struct presigner_repair repair;   /* take NULL: none */
    const struct mesh_attest *attest; /* of a plan with a policy; else NULL */
};

/* Some 3 MB. Secret; in locked memory, where it stays. */
struct presigner;
size_t presigner_size(void);

/* In memory of presigner_size() bytes, zero, aligned to 64. ERR_RANGE: own or n. ERR_IO: no
 * randomness. What mesh_init() gives. */
MUST_CHECK enum err presigner_init(struct presigner *p, const struct presigner_setup *setup);

/* A packet of a core, as the host brought it. What is of no use is dropped. ERR_RANGE: from is
 * no peer. What mesh_take() gives: it may come again. */
MUST_CHECK enum err presigner_take(struct presigner *p, unsigned from, struct view packet,
                                   int64_t now_ns);

/* What the host wants. ERR_RANGE: no such peer, triple, number of records, kind. ERR_POLICY:
 * the pair waits or is dead, the triple rests, the accelerator is off. ERR_STALE: the counter
 * is not above the last one. ERR_STATE: a setup, seed or channel is missing, another setup is
 * being renewed, or a batch is live. ERR_NOSPACE: PRESIGNER_SESSIONS are under way, or the pool
 * would be full. ERR_IO: no randomness. Nothing begins then. Of WRONG: ERR_SIGNATURE: an answer
 * is not its signer's; ERR_MISMATCH: they make a signature; what presign_standing_wrong()
 * gives. */
MUST_CHECK enum err presigner_order(struct presigner *p, const struct presign_order *order,
                                    int64_t now_ns);

/* One slice of what is to be done. True: there may be more now. */
bool presigner_work(struct presigner *p, int64_t now_ns);

/* Packets to other cores, as many as there is room for: mesh_give(). */
size_t presigner_give(struct presigner *p, struct writer *out);

/* What time brings: every 50 ms or so. Records with whoever is dead by now are erased. What
 * mesh_tick() gives; all else was done. */
MUST_CHECK enum err presigner_tick(struct presigner *p, int64_t now_ns);

void presigner_status(struct presigner *p, int64_t now_ns, struct presign_status *out);

/* The fence: a node is another incarnation from now on, with other keys unless those are NULL.
 * All that was made or is being made with the old one is erased: records, sessions, batch,
 * setup, seed, channel, messages. What mesh_drop() gives: nothing changes. */
MUST_CHECK enum err presigner_reincarnate(struct presigner *p, unsigned node,
                                          uint32_t incarnation, const uint8_t *identity,
                                          const uint8_t *signing_key, int64_t now_ns);

/* This machine stood still, and may have been copied meanwhile: ends whatever is under way, and
 * all channels, and erases all records and what this core has set up with each peer: base
 * transfers, seeds, keys of R1s. Channels and seeds come again by themselves, and each peer
 * erases its records with this core then; setups are those that the host orders next, since
 * this end has none. Counters stay. ERR_IO: no fresh randomness: the core ends. */
MUST_CHECK enum err presigner_void(struct presigner *p, int64_t now_ns);

/* Erases all of it, its mesh, and the records in its pool. */
void presigner_wipe(struct presigner *p);

#endif
