/* ceremony_cores.h - the cores of a ceremony as their host sees them: frames in, frames out,
 * over the nodes of rig.h. */
#ifndef TESTS_SIM_CEREMONY_CORES_H
#define TESTS_SIM_CEREMONY_CORES_H

#include "rig.h"

/* What a core keeps for the host: what its ceremony wrote and was not asked for yet. */
struct ceremony_outbox {
    uint8_t *bytes;
    size_t n, at;
};

struct ceremony_cores {
    struct rig rig; /* its bad node lies in the messages of its round */
    struct ceremony_outbox out[PLAN_NODES_MAX];
};

void ceremony_cores_make(struct ceremony_cores *c, uint8_t t, uint8_t n, uint64_t seed);
void ceremony_cores_free(struct ceremony_cores *c);

/* One question to one core, and the body of its answer. */
void ceremony_cores_answer(struct ceremony_cores *c, uint8_t node, uint8_t type,
                           struct view body, struct writer *answer);

#endif
