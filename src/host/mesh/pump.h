/* pump.h - the host's part of what cores say to one another after their ceremony (docs/wire.md
 * 14): fetches sealed packets from each core and puts them into the others' inboxes, asks how
 * presignatures stand, and gives the orders of scheduler.h. Pure: frames in, frames out; one
 * question at a time for each core.
 *
 * It is trusted for nothing, and cannot read what it carries. Nor does it trust a core: what
 * one sends for others waits in lanes of its own, and fills no other's; while one of them is
 * full that core is not asked for more, and a core that takes nothing for PUMP_STUCK_NS loses
 * what waits for it, so that nobody waits for it either. */
#ifndef HOST_MESH_PUMP_H
#define HOST_MESH_PUMP_H

#include "host/mesh/pump_lane.h"
#include "host/mesh/scheduler.h"
#include "wire/core_info.h"
#include "wire/mesh_msg.h"
#include "wire/plan.h"

#define PUMP_NOWHERE PLAN_NODES_MAX /* place of a core that is in no epoch, or not in ours */
#define PUMP_FRAME_MAX (FRAME_HEADER_LEN + FRAME_BODY_LONG_MAX)

/* Between two questions for packets: soon after something moved, a while after it, and else. */
#define PUMP_HOT_NS INT64_C(1000000)
#define PUMP_WARM_NS INT64_C(5000000)
#define PUMP_IDLE_NS INT64_C(25000000)
#define PUMP_HOT_FOR_NS INT64_C(20000000)
#define PUMP_WARM_FOR_NS INT64_C(200000000)
/* A core whose inbox is full is given packets again after so long. */
#define PUMP_FULL_NS INT64_C(2000000)
/* One that took nothing of what was there for it for so long loses it, and with it channels and
 * what is made over them: a core that only gets little CPU takes something before. */
#define PUMP_STUCK_NS INT64_C(3000000000)
/* A core that is in no epoch yet is asked so often who it is, and one that does not let us
 * fetch whether it does now; any core now and then. */
#define PUMP_WAIT_NS INT64_C(100000000)
#define PUMP_HELLO_NS INT64_C(2000000000)
/* One that has not answered for so long is none that orders are given to; after the longer
 * time its connection is closed. */
#define PUMP_SILENT_NS INT64_C(2000000000)
#define PUMP_DEAD_NS INT64_C(30000000000)

/* What somebody may want to log. */
struct pump_counts {
    uint64_t packets, bytes; /* put and taken */
    uint64_t dropped;        /* for a core that was not there, or took nothing */
};

struct pump_core {
    bool up;       /* connected */
    uint8_t asked; /* enum frame_type of the question under way; 0: none */
    int64_t asked_ns;
    uint64_t request_id;
    struct presign_order order; /* the one under way */
    uint8_t index;              /* as the core says, from 1; 0: not known, or none */
    uint8_t epoch_id[EPOCH_ID_LEN];
    unsigned place; /* index - 1 where it is of our epoch; else PUMP_NOWHERE */
    bool ours;      /* it lets us fetch */
    bool putting;   /* PUT has its turn before GET */
    int64_t hello_ns, get_ns, put_ns, status_ns; /* when each is due */
    int64_t moved_ns;                            /* when something moved to or from it */
    int64_t took_ns; /* when it took something, or nothing was there for it */
    bool stuck;
    uint8_t n_put; /* packets of the PUT under way, and whose they are */
    uint8_t put[MESH_PUT_MAX];
    bool forgotten;                         /* what was in it is gone meanwhile */
    unsigned first;                         /* whose lane comes first in the next PUT */
    struct pump_lane lanes[PLAN_NODES_MAX]; /* for this core, by place of the sender */
};

/* Large: not for the stack. */
struct pump {
    size_t n;
    uint8_t epoch_id[EPOCH_ID_LEN]; /* ours; zero: none yet */
    struct scheduler scheduler;
    struct pump_counts counts;
    int64_t planned_ns;                     /* when pump_plan() was last called; 0: never */
    struct pump_core cores[PLAN_NODES_MAX]; /* in the order of the configuration */
};

/* *p is zero. rule->total is the number of cores, at most PLAN_NODES_MAX. now_ns is of any
 * clock that never steps back, here and below. */
void pump_init(struct pump *p, const struct scheduler_rule *rule, int64_t now_ns);

/* The connection to a core is there, or is gone. */
void pump_open(struct pump *p, size_t core, int64_t now_ns);
void pump_close(struct pump *p, size_t core);

/* The next frame for a core, of at most PUMP_FRAME_MAX bytes, appended. False: there is none
 * now. */
bool pump_ask(struct pump *p, size_t core, int64_t now_ns, struct writer *frame);

/* A frame that came from it. ERR_TYPE: not an answer to what was asked. What the decoders of
 * mesh_msg.h, presign_call.h and core_info.h give. After any error: close the connection. */
MUST_CHECK enum err pump_take(struct pump *p, size_t core, const struct frame_header *h,
                              struct view body, int64_t now_ns);

/* Whether the core has not answered for PUMP_DEAD_NS: close its connection. */
bool pump_is_dead(const struct pump *p, size_t core, int64_t now_ns);

/* Decides what is to be made. As scheduler_plan(). */
MUST_CHECK enum err pump_plan(struct pump *p, const struct entropy_source *entropy,
                              int64_t now_ns, uint64_t wall_us);

/* When pump_ask() of some core has something at the latest, if nothing comes before. */
int64_t pump_next_ns(const struct pump *p, int64_t now_ns);

#endif
