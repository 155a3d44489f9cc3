/* sim_node.h - one core as the world drives it: frames in, answers out, work that threads would
 * do, a clock. The world knows nothing else of it; what stands behind is node_core.c. */
#ifndef TESTS_SIM_NODE_H
#define TESTS_SIM_NODE_H

#include "sim_fixture.h"

#include "enclave/judge/judge.h"
#include "enclave/judge/stamping.h"
#include "wire/frame.h"

struct sim_node;

/* An answer of a node. */
struct sim_answer {
    uint32_t lane;     /* of the question */
    struct view frame; /* a loan until the next call */
};

struct sim_node *sim_node_new(const struct sim_fixture *f, unsigned place, size_t pool);
void sim_node_free(struct sim_node *n);

/* Starts. has_share: with the key of the epoch, its pool empty; else as a core that started
 * anew, which has no part in this epoch. clock stays the caller's. */
void sim_node_start(struct sim_node *n, const struct clock_source *clock, uint64_t seed,
                    bool has_share);

/* A whole frame with a good header came on that lane. True: *answer is the answer; false: it
 * comes out of sim_node_work(). */
bool sim_node_take(struct sim_node *n, uint32_t lane, const struct frame_header *h,
                   struct view body, struct sim_answer *answer);

/* Whether a worker thread has something to do, and one piece of it. True: *answer came out. */
bool sim_node_has_work(const struct sim_node *n);
bool sim_node_work(struct sim_node *n, struct sim_answer *answer);

/* Housekeeping, every LIMIT_TICK_NS. */
void sim_node_tick(struct sim_node *n);

#endif
