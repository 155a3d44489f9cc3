/* sim_world.h - one history: five nodes, the coordinator, a rogue host beside it, a network and
 * clocks, from one seed. Whoever reads this file knows what can happen; docs/simulation.md says
 * it in words. */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include "false_clock.h"
#include "plant.h"
#include "sim_check.h"
#include "sim_events.h"
#include "sim_level.h"
#include "sim_node.h"
#include "sim_rng.h"
#include "sim_rogue.h"

#include "host/coord/quorum_step.h"

#define SIM_JOBS_MAX 8
#define SIM_LANE_FRONT 0
#define SIM_LANE_ROGUE 1
#define SIM_HEAL_NS (600 * MS)   /* from here on nothing new goes wrong */
#define SIM_SETTLE_NS (250 * MS) /* what was under way may still end */
#define SIM_PROOF_NS (2000 * MS) /* I10: a job after that is served within so long */
#define SIM_STEPS_STEADY_NS (OWN_CLOCK_STEADY_NS + 100 * MS)

/* What a lying node does to its answers, each now and then; sim_liar.c. */
enum sim_lie {
    LIE_COMMIT = 1,          /* commits to another w than it shows */
    LIE_REVEAL = 1 << 1,     /* shows another w than it committed to */
    LIE_RESPOND = 1 << 2,    /* a wrong z */
    LIE_TOO_LONG = 1 << 3,   /* a z that fails the norm */
    LIE_REJECT = 1 << 4,     /* says that it rejected all */
    LIE_SPAN = 1 << 5,       /* span and serial part chosen after seeing the others' */
    LIE_EQUIVOCATE = 1 << 6, /* tells the rogue something else than the coordinator */
    LIE_REPLAY = 1 << 7,     /* an R1 or a word of another session */
    LIE_EPOCH = 1 << 8,      /* an R1 of another epoch */
    LIE_REFUSE = 1 << 9,     /* an error, or nothing */
    LIE_ALL = (1 << 10) - 1
};

/* An R3 that a worker has. */
struct sim_answering {
    uint32_t lane;
    uint64_t request_id;
    uint8_t x[STAMP_X_LEN];
};

/* A node and what it stands in. */
struct sim_box {
    struct sim_node *node;
    struct false_clock clock;
    int64_t offset_ns;   /* its system clock less true time */
    int64_t boottime_ns; /* its CLOCK_BOOTTIME at the beginning */
    uint32_t bound_us;   /* what its kernel says of offset_ns */
    unsigned steps;      /* of its clock */
    bool has_share;      /* false: it was started anew, its share is gone */
    bool is_down;
    bool works; /* SIM_WORK is on its way */
    unsigned lies;
    struct sim_answering answering[PQ_ANSWERS_MAX];
    size_t n_answering;
    int64_t
        span_off_ns; /* a liar's: by so much its span is off, and nothing else is; 0: drawn */
    uint8_t old_r1[R1_MAX_LEN]; /* a liar's, to be told again */
    bool has_old_r1;
};

/* The coordinator's connection to a node. */
struct sim_link {
    bool up;
    int64_t number; /* counts connections: what was sent on another one is lost */
};

/* What the network does to a frame, in thousandths, and how long it takes. */
struct sim_weather {
    unsigned drop, duplicate, corrupt, slow;
    int64_t trip_max_ns, slow_max_ns;
};

struct sim_job {
    struct coord_job job;
    struct sim_world *world;
    uint8_t mu[MLDSA_MU_LEN];
    unsigned done;
    int64_t done_ns;
};

struct sim_options {
    uint64_t seed;
    enum plant plant;
    bool trace;
};

/* Of all histories of a process. */
struct sim_totals {
    uint64_t histories, frames, sessions, hedges, tokens, rogue_tokens, refused, blames,
        crashes, lies, jobs, served, print;
};

struct sim_world {
    const struct sim_fixture *f;
    struct sim_options options;
    struct sim_rng rng;
    int64_t now_ns, end_ns; /* of virtual time */
    struct sim_weather weather;
    bool clocks_agree; /* no honest clock is so far off that another refuses its time */
    unsigned cut;      /* nodes that the coordinator cannot reach, a mask */
    unsigned planted;  /* the node with the fault; SIM_NODES: none */
    struct sim_box boxes[SIM_NODES];
    struct sim_link links[SIM_NODES];
    int64_t pump_ns; /* when SIM_PUMP comes; INT64_MAX: it does not */
    struct quorum_step step;
    struct coord_counters counters;
    uint8_t *run_room, *ask_room, *change_room;
    size_t ask_max, change_max;
    size_t n_jobs;
    struct sim_job jobs[SIM_JOBS_MAX];
    struct sim_rogue rogue;
    struct sim_check check;
    struct sim_totals totals;
    uint64_t print; /* of all frames of this history, in their order */
    struct sim_events events;
};

struct sim_world *sim_world_new(const struct sim_fixture *f);
void sim_world_free(struct sim_world *w);

/* Everything as new, nothing planned: healthy nodes, all links up, a good network. */
void sim_world_begin(struct sim_world *w, const struct sim_options *options);

/* Lets virtual time go until end_ns, or until a rule is broken. */
void sim_world_run(struct sim_world *w, int64_t end_ns);

/* Frees what a history left. */
void sim_world_end(struct sim_world *w);

/* A whole history of that seed: begin, what sim_scenario.c draws, heal, the last checks, end.
 * True: no rule was broken. */
bool sim_history(struct sim_world *w, const struct sim_options *options);

/* Says that something happens at that time. */
void sim_at(struct sim_world *w, int64_t at_ns, enum sim_event_kind kind, unsigned node,
            int64_t arg);

/* True time, and what the system clock of a node shows. */
static inline int64_t sim_true_ns(const struct sim_world *w)
{
    return START_NS + w->now_ns;
}

/* Whether a node does what it is meant to: it has a share, is up, tells no lies. */
bool sim_is_honest(const struct sim_world *w, unsigned node);
bool sim_is_able(const struct sim_world *w, unsigned node);
/* Whether true time lies in the span that its clock gives. */
bool sim_clock_is_right(const struct sim_world *w, unsigned node);
/* How many shares are left. */
unsigned sim_shares(const struct sim_world *w);

/* ---- sim_scenario.c ---- */
void sim_scenario_draw(struct sim_world *w);
void sim_scenario_heal(struct sim_world *w);

/* ---- sim_net.c: frames on their way ---- */
void sim_net_to_node(struct sim_world *w, uint32_t lane, unsigned node, struct view frame);
void sim_net_from_node(struct sim_world *w, uint32_t lane, unsigned node, int64_t connection,
                       struct view frame);

/* ---- sim_box.c: a node is driven ---- */
void sim_box_start(struct sim_world *w, unsigned node, bool has_share);
void sim_box_take(struct sim_world *w, const struct sim_event *e);
void sim_box_work(struct sim_world *w, unsigned node);
void sim_box_tick(struct sim_world *w, unsigned node);

/* ---- sim_liar.c: what a liar makes of an answer ---- */

/* Whether it waits until others have answered. */
bool sim_liar_waits(struct sim_world *w, unsigned node, const struct frame_header *h);
/* x: the session of a REVEAL or RESPOND. frame is changed in place, its length too; signatures
 * are made anew. False: it says nothing. */
bool sim_liar_change(struct sim_world *w, unsigned node, uint32_t lane,
                     const uint8_t x[STAMP_X_LEN], uint8_t *frame, size_t *n);

/* ---- sim_front.c: the coordinator ---- */
void sim_front_begin(struct sim_world *w);
size_t sim_front_job(struct sim_world *w, uint8_t policy, int64_t within_ns);
void sim_front_submit(struct sim_world *w, size_t job);
void sim_front_take(struct sim_world *w, const struct sim_event *e);
void sim_front_connect(struct sim_world *w, unsigned node, bool up);
void sim_front_poll(struct sim_world *w);
void sim_front_pump(struct sim_world *w);
/* Sends what the coordinator has to say. */
void sim_front_pull(struct sim_world *w);

/* ---- sim_trace.c ---- */
#define SIM_TRACE(w, ...)              \
    do {                               \
        if ((w)->options.trace) {      \
            sim_trace(w, __VA_ARGS__); \
        }                              \
    } while (0)
void sim_trace(const struct sim_world *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* One line for a frame. */
void sim_trace_frame(const struct sim_world *w, const char *way, uint32_t lane, unsigned node,
                     struct view frame);

#endif
