/* rig.h - the ceremonies of all nodes in one process, over a queue that a seed orders. */
#ifndef TESTS_CEREMONY_RIG_H
#define TESTS_CEREMONY_RIG_H

#include "plan_kit.h"

#include "crypto/keccak/sponge.h"
#include "enclave/ceremony/ceremony.h"

struct rig_node {
    struct ceremony c;
    struct ceremony_tools tools;
    struct entropy_source entropy;
    struct sponge stream; /* what it draws */
    struct drbg drbg;
    struct pq1_work work;
    bool dead;
};

/* One message under way to one node. */
struct rig_packet {
    uint8_t to;
    struct view whole;
};

struct rig;

/* What the network, or a bad node, does to a message for one receiver: edits the bytes (at most
 * cap), or returns how often it arrives. */
typedef unsigned rig_fault(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap);

/* One thing that is done to a message, and what must hold at the end. */
struct rig_branch {
    const char *name;
    rig_fault *fault;
    bool to_one; /* of the receivers of a round; else all get it so */
    void (*check)(const struct rig *r);
};
#define RIG_BRANCHES_MAX 4

#define RIG_QUEUE 4096

struct rig {
    struct plan_kit kit;
    struct rig_node *nodes; /* kit.plan.total */
    uint8_t *out;
    struct rig_packet queue[RIG_QUEUE];
    size_t queued;
    uint64_t random;
    int64_t now_ns;
    uint64_t delivered, bytes;

    rig_fault *fault;
    uint8_t bad;    /* node */
    uint8_t round;  /* of the messages that are touched */
    uint8_t victim; /* receiver, or CEREMONY_TO_ALL */
    size_t at;      /* offset in the body, for faults that want one */
    unsigned touched;
    bool once;    /* one lie for all receivers, and then silence */
    uint8_t *lie; /* the bytes of it */
    size_t lie_len;

    const struct rig_branch *branches; /* of rig_branch() */
    size_t n_branches;
    uint16_t left[RIG_BRANCHES_MAX]; /* bit i: that branch was not taken in round i */
};

/* t of n nodes, none begun. */
void rig_make(struct rig *r, uint8_t t, uint8_t n, uint64_t seed);
void rig_free(struct rig *r);

/* The plan has a shared P-384 key. Before the nodes begin. */
void rig_share_classic(struct rig *r);

/* Begins at every node and delivers until nothing moves, letting time pass when it must. */
void rig_run(struct rig *r);

/* Runs it once, without a fault. Wherever the bad node says its first word of a round below
 * CEREMONY_ROUNDS, each branch goes on from there to the end, in a process of its own. */
void rig_run_branches(struct rig *r, const struct rig_branch *branches, size_t n);

/* Begins at every node only, or delivers what is there until nothing moves. */
void rig_begin(struct rig *r);
void rig_settle(struct rig *r);

uint64_t rig_random(struct rig *r);

/* Signs edited bytes again as their sender would. */
void rig_sign(struct rig *r, uint8_t *bytes, size_t *n, struct ceremony_msg *m,
              const uint8_t *body, size_t body_len);

/* The body of the OPEN of node c for another, of seeds that it had. Returns its length. */
size_t rig_open(const struct ceremony *c, const struct ceremony_secrets *secrets, uint8_t to,
                uint8_t body[CEREMONY_OPEN_MAX]);

/* Another body under a good signature; one byte more where there was none. r->at counts from
 * the end. */
rig_fault rig_resign;

/* All good nodes have ended without a share, and each accuses the bad one; the proven way, or
 * not. */
void rig_check_ended(const struct rig *r, bool proven);

/* Whether all live nodes but the bad one are in that state. */
bool rig_all(const struct rig *r, enum ceremony_state state);

/* No node that is not finished has anything left to sign with; and all that are finished agree.
 */
void rig_check_secrets(const struct rig *r);

#endif
