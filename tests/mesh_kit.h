/* mesh_kit.h - meshes of several cores in one process, and the host that carries between them
 * and may do what it likes. */
#ifndef TESTS_MESH_KIT_H
#define TESTS_MESH_KIT_H

#include "enclave/mesh/mesh.h"

#include <stdlib.h>
#include <string.h>

#define MESH_KIT_START INT64_C(1000000000000)

struct mesh_kit;

/* A packet on its way; the bytes may be changed. Whether it arrives. */
typedef bool (*mesh_kit_host)(struct mesh_kit *k, unsigned from, unsigned to, uint8_t *packet,
                              size_t n);
/* A message arrived. */
typedef void (*mesh_kit_got)(struct mesh_kit *k, unsigned to, const struct mesh_message *in);

struct mesh_kit {
    unsigned nodes;
    int64_t now_ns;
    struct mesh *m[MESH_NODES_MAX];
    struct mesh_setup setups[MESH_NODES_MAX];
    struct drbg drbg[MESH_NODES_MAX];
    struct p384_signer *signers[MESH_NODES_MAX];
    struct p384_key identities[MESH_NODES_MAX];
    struct pq1_work *work;
    mesh_kit_host host; /* NULL: all arrives */
    mesh_kit_got got;   /* NULL: nobody looks */
    void *arg;          /* of these two */
    size_t carried;     /* packets that arrived */
    enum err failed;    /* the last that was not ERR_OK */
    uint8_t answer[FRAME_BODY_LONG_MAX];
};

static inline void mesh_kit_note(struct mesh_kit *k, enum err e)
{
    k->failed = e == ERR_OK ? k->failed : e;
}

static inline void *mesh_kit_room(size_t align, size_t n)
{
    const size_t whole = (n + align - 1) / align * align;
    void *p = aligned_alloc(align, whole);

    if (p == NULL) {
        abort();
    }
    memset(p, 0, whole);
    return p;
}

/* A core that has these keys begins its mesh, whatever it had before. */
static inline void mesh_kit_start(struct mesh_kit *k, unsigned i)
{
    mesh_kit_note(k, mesh_init(k->m[i], &k->setups[i]));
}

/* Keys of node i, from a seed. */
static inline void mesh_kit_keys(struct mesh_kit *k, unsigned i, uint8_t seed)
{
    const uint8_t bytes[DRBG_SEED_LEN] = {seed, 9};

    drbg_init(&k->drbg[i], (struct view){bytes, sizeof bytes}, (struct view){NULL, 0});
    if (k->signers[i] == NULL) {
        mesh_kit_note(k, p384_signer_init(mesh_kit_room(4096, p384_signer_size()), bytes,
                                          &k->signers[i]));
    }
    mesh_kit_note(k, p384_key_generate(k->signers[i], &k->identities[i]));
}

/* What all nodes were told of the cluster: incarnations are 1. */
static inline void mesh_kit_setups(struct mesh_kit *k)
{
    for (unsigned i = 0; i < k->nodes; i++) {
        struct mesh_setup *const s = &k->setups[i];

        *s = (struct mesh_setup){
            .epoch_id = {0xe0},
            .key_id = {0x1d},
            .own = i,
            .nodes = k->nodes,
            .tools = {&k->drbg[i], k->signers[i], &k->identities[i], k->work}};
        for (unsigned j = 0; j < k->nodes; j++) {
            memcpy(s->roster[j].identity, k->identities[j].public_key, P384_PUBLIC_LEN);
            s->roster[j].incarnation = 1;
        }
    }
}

/* nodes cores that have not spoken yet. Free with mesh_kit_free(). */
static inline struct mesh_kit *mesh_kit_new(unsigned nodes)
{
    struct mesh_kit *const k = mesh_kit_room(64, sizeof *k);

    k->nodes = nodes;
    k->now_ns = MESH_KIT_START;
    k->work = mesh_kit_room(64, sizeof *k->work);
    pq1_work_init(k->work);
    for (unsigned i = 0; i < nodes; i++) {
        mesh_kit_keys(k, i, (uint8_t)(i + 1));
        k->m[i] = mesh_kit_room(64, sizeof *k->m[i]);
    }
    mesh_kit_setups(k);
    for (unsigned i = 0; i < nodes; i++) {
        mesh_kit_start(k, i);
    }
    return k;
}

static inline void mesh_kit_free(struct mesh_kit *k)
{
    for (unsigned i = 0; i < k->nodes; i++) {
        free(k->signers[i]);
        free(k->m[i]);
    }
    free(k->work);
    free(k);
}

/* A packet arrives, in a block of its own size. */
static inline void mesh_kit_deliver(struct mesh_kit *k, unsigned from, unsigned to,
                                    const uint8_t *packet, size_t n)
{
    uint8_t *const copy = malloc(n > 0 ? n : 1);
    struct mesh_message in;

    if (copy == NULL) {
        abort();
    }
    memcpy(copy, packet, n);
    mesh_kit_note(k, mesh_take(k->m[to], from, (struct view){copy, n}, k->now_ns, &in));
    free(copy);
    if (in.body.p != NULL && k->got != NULL) {
        k->got(k, to, &in);
    }
}

/* What waits at one node goes where it should. Gives how many packets that were. */
static inline size_t mesh_kit_fetch(struct mesh_kit *k, unsigned from)
{
    struct writer w = wr_init(k->answer, sizeof k->answer);
    const size_t n = mesh_give(k->m[from], &w);
    struct reader r = rd_init((struct view){k->answer, w.len});

    for (size_t i = 0; i < n; i++) {
        struct mesh_packet p;

        if (mesh_packet_decode(&r, &p) != ERR_OK || p.node >= k->nodes) {
            abort();
        }
        uint8_t *const bytes = k->answer + (p.packet.p - k->answer);

        if (k->host == NULL || k->host(k, from, p.node, bytes, p.packet.n)) {
            mesh_kit_deliver(k, from, p.node, bytes, p.packet.n);
            k->carried++;
        }
    }
    return n;
}

static inline void mesh_kit_tick(struct mesh_kit *k)
{
    for (unsigned i = 0; i < k->nodes; i++) {
        mesh_kit_note(k, mesh_tick(k->m[i], k->now_ns));
    }
}

/* Ticks, and carries until nothing waits; at most so many rounds. */
static inline void mesh_kit_settle(struct mesh_kit *k)
{
    for (unsigned round = 0, moved = 1; moved > 0 && round < 100; round++) {
        moved = 0;
        mesh_kit_tick(k);
        for (unsigned i = 0; i < k->nodes; i++) {
            moved += mesh_kit_fetch(k, i) > 0;
        }
    }
}

/* Time passes, in steps of a tick. */
static inline void mesh_kit_pass(struct mesh_kit *k, int64_t ns)
{
    const int64_t until = k->now_ns + ns;

    while (k->now_ns < until) {
        const int64_t left = until - k->now_ns;

        k->now_ns += left < MESH_PAUSE_NS ? left : MESH_PAUSE_NS;
        mesh_kit_settle(k);
    }
}

/* Whether all pairs have a channel and one seed. */
static inline bool mesh_kit_is_whole(const struct mesh_kit *k)
{
    for (unsigned i = 0; i < k->nodes; i++) {
        for (unsigned j = 0; j < k->nodes; j++) {
            const uint8_t *const seeds[2] = {mesh_seed(k->m[i], j), mesh_seed(k->m[j], i)};

            if (i != j && (!mesh_verified(k->m[i], j) || seeds[0] == NULL || seeds[1] == NULL ||
                           memcmp(seeds[0], seeds[1], MESH_SEED_LEN) != 0)) {
                return false;
            }
        }
    }
    return true;
}

#endif
