/* world.h - five nodes of one epoch, one of them lost and come again, and a host that carries
 * their packets and may do to them what it likes. */
#ifndef TESTS_REPAIR_WORLD_H
#define TESTS_REPAIR_WORLD_H

#include "reenrol_kit.h"
#include "tecdsa_kit.h"
#include "tmldsa_kit.h"

#include "enclave/limits.h"
#include "enclave/repair/reenrol.h"

#define WORLD_NODES 5
#define WORLD_QUEUE 256

struct world_node {
    struct plan plan; /* as it sees it */
    struct reenrol_roster roster;
    struct p384_key identity;
    struct ed25519_key signing_key;
    struct reenrol_tools tools;
    struct drbg drbg;
    struct pq1_work work;
    struct reenrol r;
    uint64_t repetitions;
};

struct world;

/* What becomes of a packet: edits it, or false: it is dropped. */
typedef bool world_fault(struct world *w, uint8_t from, uint8_t to, uint8_t *bytes, size_t *n);

struct world {
    struct plan_kit plan_kit;
    struct tecdsa_kit *classic;
    struct tmldsa_kit *pq;
    struct world_node nodes[WORLD_NODES];
    struct world_node old; /* the lost one as it was, come back */
    struct reenrol_order order;
    struct reenrol_shares shares;
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint32_t attempt;
    int64_t now_ns;
    struct {
        uint8_t from, to;
        size_t n;
        uint8_t bytes[REENROL_PACKET_MAX];
    } queue[WORLD_QUEUE];
    size_t queued;
    uint64_t random; /* the order of packets */
    world_fault *fault;
    unsigned touched;
    uint8_t held; /* packets to and from it wait; WORLD_NODES: nobody's */
};

struct world *world_new(uint64_t seed);
void world_free(struct world *w);

/* Node i as a fresh process, and an order for it, of the next attempt; all nodes but itself
 * still see the old one. The old one is kept aside. */
void world_lose(struct world *w, uint8_t i);

/* The order at one node: what the roster says. */
enum err world_order(struct world *w, uint8_t i);

/* A node begins, or says why not. */
enum err world_begin(struct world *w, uint8_t i, unsigned helpers);

/* All of it: the order at all nodes, the beginning at helpers and target, packets until none
 * are left. */
void world_run(struct world *w, unsigned helpers);
/* Packets until none are left, and no evidence comes. */
void world_settle(struct world *w);
/* One packet to a node; what it says to that waits. */
void world_give(struct world *w, uint8_t from, uint8_t to, struct view packet);
/* Takes the packet at that place out of those that wait; gives its length. */
size_t world_pop(struct world *w, size_t at, uint8_t *bytes);
/* Evidence of node i that has come goes out; true: it did. */
bool world_poll(struct world *w, uint8_t i);

/* The node has the shares that it had, and nobody has anything left. */
void world_check_done(struct world *w);

#endif
