/* mesh.h - one core's channels to the others after the ceremony: PQ/1, made and made anew
 * without anybody who dials, over a host that can lose, delay, reorder, double and alter.
 *
 * Messages of up to MESH_MESSAGE_MAX bytes, private and authentic, in order, or not at all: a
 * record that is missing breaks the channel, and what was under way over it ends (its owner
 * sees by mesh_breaks()). The next channel is made at once. docs/adr/0030 says why so.
 *
 * The node of the lower index of a pair begins, with a Hello; the other answers every Hello
 * that is new with one of its own. So two nodes never wait for one another, and no packet that
 * comes late or twice makes more than one Hello. The other one, when it has no channel, knocks.
 *
 *   index a < b   a: Hello   b: Hello, KEM   a: KEM, Finished   b: Finished
 *
 * Where the plan has a policy the KEMs have evidence of both machines, renewed with the
 * channel: as long as none can be had, channels that are there serve for the rest of
 * PQ1_LIFE_NS, and new ones wait (docs/adr/0048).
 *
 * All it holds is bounded: a lane of the outbox and room for one message for each peer. No
 * kernel, no heap, one thread. Time and randomness are arguments. Indices are from 0. Times are
 * of a monotonic clock, above 0. */
#ifndef ENCLAVE_MESH_MESH_H
#define ENCLAVE_MESH_MESH_H

#include "enclave/channel/pq1.h"
#include "enclave/mesh/mesh_box.h"

/* A handshake that has not ended after this begins anew; one who waits for a channel knocks so
 * often. */
#define MESH_STALL_NS INT64_C(5000000000)
/* Handshakes with one peer begin at least so long one after the other. */
#define MESH_PAUSE_NS INT64_C(250000000)
/* Hellos of one peer that are answered before it has to keep to MESH_PAUSE_NS. */
#define MESH_HELLOS_MAX 8
/* Of a lane of the outbox, kept free for handshakes when messages fill it. */
#define MESH_RESERVED_BYTES 8192
#define MESH_RESERVED_ATTESTED_BYTES 49152 /* the same, where a KEM has evidence */
/* No handshake with one whose evidence was refused twice begins before that. Once is what two
 * handshakes that cross make of honest ones. */
#define MESH_REFUSED_NS INT64_C(5000000000)

/* SEED is said so often, where nothing else waits: whoever lives is heard of. */
#define MESH_ALIVE_NS INT64_C(15000000000)

#define MESH_SEED_LEN 32

/* A node, as the plan and the roster have it. */
struct mesh_node {
    uint8_t identity[P384_PUBLIC_LEN];
    uint32_t incarnation;
};

/* Where evidence comes from and who judges it, as in a ceremony. Nothing waits in it. */
struct mesh_attest {
    /* Evidence of the own machine is wanted, for the channel with a peer; what was asked for
     * that peer before is forgotten. */
    enum err (*ask)(void *self, int64_t now_ns, unsigned peer,
                    const uint8_t report_data[REPORT_DATA_LEN]);
    /* What came of it, until the next call. ERR_BUSY: it comes. */
    enum err (*answer)(void *self, unsigned peer, struct view *block);
    void (*forget)(void *self, unsigned peer);
    /* A node's, of that incarnation. */
    enum err (*judge)(void *self, unsigned node, uint32_t incarnation, struct view block,
                      const uint8_t report_data[REPORT_DATA_LEN]);
    void *self;
};

struct mesh_setup {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t key_id[PQ1_HASH_LEN]; /* of the shared P-384 key */
    unsigned own, nodes;
    struct mesh_node roster[MESH_NODES_MAX];
    struct pq1_tools tools; /* all of it the caller's, for as long as the mesh lives */
    const struct mesh_attest
        *attest; /* of a plan with a policy; the caller's, too; else NULL */
};

struct mesh_counts {
    uint64_t sent, received; /* messages, without SEED */
    uint64_t dropped;    /* packets that were of no use: late, doubled, altered, malformed */
    uint64_t handshakes; /* that ended with a channel */
    uint64_t failed;     /* that ended without one: an error, or a stall */
    uint64_t broken;     /* channels that ended before their time */
    uint64_t refused;    /* evidence that the judge refused */
};

/* A message whose second part is to come. */
struct mesh_partial {
    bool waits;
    struct pq1_about about;
};

/* What a pair has of a part of either: the seed for the accelerator, and the key of the MACs of
 * R1s. Secret. */
struct mesh_seeding {
    bool drawn, came; /* the own part, the peer's */
    bool owed;        /* the own part goes as soon as there is a channel, and room */
    int64_t said_ns;  /* when it went last */
    uint8_t own[MESH_SEED_LEN], peer[MESH_SEED_LEN];
    uint8_t seed[MESH_SEED_LEN], mac_key[MESH_SEED_LEN];
};

/* With one peer. Secret. */
struct mesh_peer {
    struct pq1 channel;
    bool live;         /* the channel may be used: verified, and not broken */
    bool hurry;        /* what waits for MESH_STALL_NS waits for MESH_PAUSE_NS alone */
    bool asked;        /* for evidence of the own machine, for this handshake */
    int64_t rest_ns;   /* until then none is begun */
    unsigned refusals; /* of its evidence, since the last channel */
    uint32_t attempt;  /* the mark of the handshake's packets in the outbox */
    int64_t begun_ns;  /* when the last handshake began; 0: none */
    int64_t knock_ns;  /* when we knocked; 0: never */
    int64_t hellos_ns; /* until then the Hellos that came would take, MESH_PAUSE_NS for each */
    uint32_t breaks;
    uint32_t seeds; /* that the pair had, with this one */
    uint64_t heard; /* records and handshakes that were the peer's */
    struct mesh_partial partial;
    struct mesh_seeding seeding;
    size_t used;                      /* bytes of plain, from the front */
    uint8_t plain[2 * PQ1_PLAIN_MAX]; /* of one message */
};

/* 4 MB; may not be moved. Secret, but for the outbox. */
struct mesh {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t key_id[PQ1_HASH_LEN];
    unsigned own, nodes;
    struct mesh_node roster[MESH_NODES_MAX];
    struct pq1_tools tools;
    const struct mesh_attest *attest;
    struct pq1_judge judge; /* of the channels, by attest */
    bool refused;           /* it said no, just now */
    struct mesh_peer peers[MESH_NODES_MAX];
    struct mesh_box outbox;
    struct mesh_counts counts;
    bool given; /* a message of given_by, whose text is erased by the next call */
    unsigned given_by;
    uint8_t part[PQ1_PLAIN_MAX]; /* of a message that is sealed */
};

/* A whole message; body.p is NULL: none. body: until the next mesh_take() or mesh_tick(), which
 * erase it. */
struct mesh_message {
    unsigned from;
    struct pq1_about about; /* type: of enum mesh_type, but never MESH_SEED */
    struct view body;
};

/* ERR_RANGE: own is none of nodes, nodes is below 2 or over MESH_NODES_MAX, two identities are
 * one. ERR_MISMATCH: the tools' identity is not that of own. *m is zero then. */
MUST_CHECK enum err mesh_init(struct mesh *m, const struct mesh_setup *setup);

/* A packet that the host says is from a node. *out: the message that it completes, if it does.
 * What is of no use is dropped and counted, which is no error: a host may send what it likes.
 * ERR_STATE: DRBG or signer want a reseed: a handshake ended, and will begin anew. */
MUST_CHECK enum err mesh_take(struct mesh *m, unsigned from, struct view packet, int64_t now_ns,
                              struct mesh_message *out);

/* A message into the outbox. On failure nothing of it is. ERR_STATE: no channel: it ends here.
 * ERR_NOSPACE: the lane is full, or the channel is being renewed just now: later. ERR_LENGTH:
 * over MESH_MESSAGE_MAX. ERR_RANGE: no peer, or MESH_SEED, or no type. about->session and
 * ->round are the caller's. */
MUST_CHECK enum err mesh_send(struct mesh *m, unsigned to, const struct pq1_about *about,
                              struct view plain, int64_t now_ns);

/* Whether a message of n bytes would be taken by mesh_send() just now. */
bool mesh_has_room(const struct mesh *m, unsigned to, size_t n);

/* Packets for the host: as mesh_box_give(). */
size_t mesh_give(struct mesh *m, struct writer *out);

/* Begins, renews, gives up, knocks, sends what is owed. At least every MESH_PAUSE_NS.
 * ERR_STATE: as mesh_take(). */
MUST_CHECK enum err mesh_tick(struct mesh *m, int64_t now_ns);

/* Whether messages can go to a peer, and be had from it. */
bool mesh_verified(const struct mesh *m, unsigned peer);
/* Whether a handshake is under way. */
bool mesh_making(const struct mesh *m, unsigned peer);
/* Rises whenever a channel with it ended before its time: sessions of before are over. */
uint32_t mesh_breaks(const struct mesh *m, unsigned peer);

/* Rises with whatever came that was the peer's own, and new: no host can make it up. */
uint64_t mesh_heard(const struct mesh *m, unsigned peer);

/* The seed of the pair for the accelerator; NULL: not yet. The same at both ends, new for each
 * pair of incarnations, and when one of the two has forgotten it. MESH_SEED_LEN bytes. */
const uint8_t *mesh_seed(const struct mesh *m, unsigned peer);
/* The key of the MACs of R1s (docs/wire.md 3.6): likewise. */
const uint8_t *mesh_mac_key(const struct mesh *m, unsigned peer);
/* Rises with each seed, and key, that the pair has: the peer whose part is another one has
 * forgotten all that it had of before. */
uint32_t mesh_seeds(const struct mesh *m, unsigned peer);

/* A node is another incarnation from now on, with another identity unless that is NULL: its
 * channel, seed and packets are gone, and what the old one says is answered by nobody.
 * ERR_STALE: not above the one of before. ERR_RANGE: no peer, or an identity that another node
 * has. Nothing changes then. */
MUST_CHECK enum err mesh_drop(struct mesh *m, unsigned node, uint32_t incarnation,
                              const uint8_t *identity);

/* This core stood still, and may have been copied meanwhile: two copies must not seal with one
 * key. All channels break, what waits in the outbox is gone, and so are seeds and keys, of
 * which every pair gets others. The caller gave the DRBG and the signer fresh entropy before.
 */
MUST_CHECK enum err mesh_break(struct mesh *m);

/* Erases all of it. */
void mesh_wipe(struct mesh *m);

#endif
