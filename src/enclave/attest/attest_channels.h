/* attest_channels.h - evidence in the channels that another thread of a core makes, after the
 * ceremony: it asks the desk as the main thread does, and judges by a copy of what the ceremony
 * remembered, so that a node is still the guest that it was, on its machine.
 *
 *   main thread   begin, tells the time and who came again, hears what was judged
 *   the other     mesh, of enclave/mesh: asks, gives, judges
 *
 * No kernel, no heap. The guard is the caller's, a no-op where one thread is both sides. */
#ifndef ENCLAVE_ATTEST_ATTEST_CHANNELS_H
#define ENCLAVE_ATTEST_ATTEST_CHANNELS_H

#include "enclave/attest/attestor.h"
#include "enclave/attest/tsm_desk.h"
#include "enclave/mesh/mesh.h"
#include "wire/evidence.h"

/* Judgements that the main thread has not heard of. More: the oldest is told no more. */
#define ATTEST_JUDGED_MAX 16

/* One that the main thread is to hear of. */
struct attest_judged {
    uint8_t node;
    enum attest_fault fault;
    uint8_t block[EVIDENCE_HASH_LEN]; /* SHA-384 */
};

/* A node that is another process from now on. */
struct attest_fence {
    uint32_t incarnation; /* 0: there is none */
    bool has_platform;
    uint8_t platform[PLAN_PLATFORM_LEN];
};

struct attest_guard {
    void (*enter)(void *self), (*leave)(void *self); /* NULL: one thread */
    void *self;
};

/* 60 kB. Nothing of it is secret. */
struct attest_channels {
    struct mesh_attest mesh; /* for the other thread's mesh */
    struct tsm_desk *desk;
    struct attest_guard guard;

    /* Under the guard. */
    int64_t at_s; /* 0: there is no valid time */
    struct attest_fence fences[PLAN_NODES_MAX];
    size_t n_judged;
    struct attest_judged judged[ATTEST_JUDGED_MAX];

    /* The other thread's. */
    struct attestor attestor;
    uint8_t block[EVIDENCE_MAX];
};

/* Before the other thread's mesh begins. from: of the epoch, all judged by; it is copied. The
 * desk stays the caller's. */
void attest_channels_begin(struct attest_channels *c, const struct attestor *from,
                           struct tsm_desk *desk, const struct attest_guard *guard);

/* ---- the main thread ---- */

/* What it holds to be the time; 0: none. Until then, and without one, every judgement is
 * ERR_TIME. */
void attest_channels_time(struct attest_channels *c, int64_t at_s);

/* As attestor_fence(), before the mesh hears of that incarnation. */
void attest_channels_fence(struct attest_channels *c, unsigned node, uint32_t incarnation,
                           const uint8_t *platform);

/* The oldest judgement that was not told yet; false: there is none. */
bool attest_channels_next(struct attest_channels *c, struct attest_judged *out);

#endif
