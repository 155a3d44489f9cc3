/* sim_events.h - what will happen, in order of time; equal times in the order of being said. */
#ifndef TESTS_SIM_EVENTS_H
#define TESTS_SIM_EVENTS_H

#include "base/bytes.h"

#include <stdlib.h>

/* What the simulation itself relies on, in every build. */
static inline void sim_must(bool holds)
{
    if (!holds) {
        abort();
    }
}

enum sim_event_kind {
    SIM_TO_NODE,   /* bytes: a frame; arg: the coordinator's connection it was sent on */
    SIM_TO_HOST,   /* bytes: a frame; arg: as above */
    SIM_TO_ROGUE,  /* bytes: a frame */
    SIM_WORK,      /* a worker thread of a node has time */
    SIM_TICK,      /* of a node */
    SIM_PUMP,      /* the coordinator's next deadline */
    SIM_POLL,      /* the coordinator asks every core how it is */
    SIM_SUBMIT,    /* arg: number of the job */
    SIM_ROGUE,     /* arg: number of the rogue's session that goes on */
    SIM_CRASH,     /* of a node */
    SIM_RECONNECT, /* of a node */
    SIM_CUT,       /* arg: mask of nodes that the coordinator cannot reach from now on */
    SIM_STEP_CLOCK /* of a node; arg: by how many ns */
};

struct sim_event {
    int64_t at_ns;
    uint64_t order;
    enum sim_event_kind kind;
    unsigned node;
    uint32_t lane; /* of a frame: SIM_LANE_* */
    bool waited;   /* a liar has let others answer first */
    int64_t arg;
    uint8_t *bytes; /* of the heap; whoever takes the event frees them */
    size_t n;
};

#define SIM_EVENTS_MAX 8192

struct sim_events {
    size_t n;
    uint64_t orders;
    struct sim_event heap[SIM_EVENTS_MAX];
};

void sim_events_init(struct sim_events *q);
/* Frees what is left. */
void sim_events_end(struct sim_events *q);
/* bytes are copied. */
void sim_events_add(struct sim_events *q, const struct sim_event *e, struct view bytes);
/* When the first is; INT64_MAX: there is none. */
int64_t sim_events_next(const struct sim_events *q);
/* There is one. */
struct sim_event sim_events_take(struct sim_events *q);

#endif
