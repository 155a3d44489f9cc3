/* presign_desk.h - where the main thread of a core and the one that makes presignatures meet:
 * packets in, packets out, orders, and what stands. The main thread never waits for the other
 * one, whose slices take up to 100 ms; it takes from the pool itself, under the pool's guard.
 *
 *   main      puts packets and orders, gets packets, copies of the status, says stop
 *   the other one slice after the other: all that came, one piece of work, all that goes out
 *
 * No kernel: guards and the wake are the caller's, no-ops where one thread is both sides. */
#ifndef ENCLAVE_PRESIGN_PRESIGN_DESK_H
#define ENCLAVE_PRESIGN_PRESIGN_DESK_H

#include "base/build.h"
#include "enclave/mesh/mesh_box.h"
#include "enclave/presigner/presigner.h"

#include <stdatomic.h>

/* Slices run on a stack of their own, erased after each: its frames hold secrets. */
#define PRESIGN_STACK_LEN (BUILD_ASAN ? 2097152 : 196608)
/* Orders that wait. More: ERR_NOSPACE. */
#define PRESIGN_ORDERS_MAX 16
/* Packets that are ready to be fetched; more stay with the mesh, which has bounds of its own.
 */
#define PRESIGN_OUT_MAX 458752
/* Packets that one slice takes in before it works. */
#define PRESIGN_TURN 16
/* What time brings is looked at so often. */
#define PRESIGN_TICK_NS INT64_C(50000000)

/* How the two sides meet. */
struct presign_meeting {
    struct presign_guard desk, pool;
    void (*wake)(void *self); /* there is something to do */
    /* An order was carried out, by the other thread, or ended by the main one; token is its
     * caller's. Outside the guards. */
    void (*ordered)(void *self, void *token, enum err e);
    int64_t (*monotonic_ns)(void *self); /* the clock by which records age */
    void *self;
};

/* One thread is both sides: no guard, no wake. ordered and monotonic_ns are the caller's. */
struct presign_meeting presign_meeting_alone(void);

/* A node that is another process from now on. */
struct presign_fence {
    uint32_t incarnation; /* 0: there is none */
    uint8_t identity[P384_PUBLIC_LEN];
    uint8_t signing_key[ED25519_PUBLIC_LEN];
};

struct presign_waiting_order {
    struct presign_order order;
    void *token;
};

/* Lives in locked memory, zero before presign_desk_init(). */
struct presign_desk {
    _Alignas(64) uint8_t stack[PRESIGN_STACK_LEN]; /* first: it grows away from what follows */
    struct presign_meeting meeting;
    struct presigner *presigner; /* the other side's while it is at a slice */
    struct presign_pool *pool;
    /* voids, or a fence waits: every use of a record asks that, without a guard. */
    atomic_bool unheard;

    /* Under the guard of the desk. */
    bool running; /* from presign_desk_start() to presign_desk_stop() */
    bool busy;    /* a slice is under way */
    bool more;    /* the last one left work */
    /* How often records of before became void, and the presigner is to hear of it: what comes
     * while a slice is under way is for the next one. */
    uint32_t voids;
    bool failed; /* no fresh entropy after that, or the stack was too short: the core ends */
    int64_t tick_ns;
    unsigned nodes;
    bool in_waits; /* packets may be in the box */
    struct mesh_box in;
    size_t out_at, out_len; /* packets as in an answer to MESH_GET */
    uint8_t out[PRESIGN_OUT_MAX];
    size_t n_orders;
    struct presign_waiting_order orders[PRESIGN_ORDERS_MAX];
    struct presign_fence fences[MESH_NODES_MAX]; /* that the presigner is to hear of */
    struct presign_status status;

    uint64_t refused; /* the slice's: packets and ticks that found no room; they come again */
    uint8_t packet[MESH_PACKET_MAX]; /* its */
};

void presign_desk_init(struct presign_desk *d, const struct presign_meeting *meeting);

/* ---- the main thread ---- */

/* From here on slices work. presigner and pool were set up; they stay the caller's. */
void presign_desk_start(struct presign_desk *d, struct presigner *p, struct presign_pool *pool,
                        unsigned nodes);
/* No slice begins any more, and waiting orders end with ERR_STATE. False: one is under way; to
 * be asked again. Else all that waited is gone, and presigner and pool are the caller's alone.
 */
bool presign_desk_stop(struct presign_desk *d);

/* Packets of a MESH_PUT, of which mesh_packets_check() was right. How many were taken. */
size_t presign_desk_put(struct presign_desk *d, struct view body);
/* Packets for a MESH_GET: whole ones, as many as there is room for in w. */
void presign_desk_get(struct presign_desk *d, struct writer *w);
/* An order is to be carried out; meeting.ordered() follows. ERR_NOSPACE: too many wait.
 * ERR_STATE: stopped. */
MUST_CHECK enum err presign_desk_order(struct presign_desk *d,
                                       const struct presign_order *order, void *token);
/* As after the last slice. */
void presign_desk_status(struct presign_desk *d, struct presign_status *out);

/* All records are void, those that are being made, too. Gives how many were there. */
size_t presign_desk_void(struct presign_desk *d);
/* Those of a node are, and what was made with it; until the presigner is begun anew it knows
 * that node as another. */
void presign_desk_fence(struct presign_desk *d, unsigned node, const struct presign_fence *f);
/* Whether the presigner has not heard of either yet: until then no record is to be used. */
bool presign_desk_is_voided(const struct presign_desk *d);
/* Whether it cannot go on, and neither can the core. */
bool presign_desk_failed(struct presign_desk *d);

/* ---- the other thread ---- */

/* Under the guard: whether a slice has something to do at now_ns. */
bool presign_desk_is_due(const struct presign_desk *d, int64_t now_ns);
/* One slice; nothing where it is stopped. */
void presign_desk_slice(struct presign_desk *d);

#endif
