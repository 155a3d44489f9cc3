/* presim_stamps.h - the second half of a history: stamps of the shared key, out of the pools
 * that the first half left. The five are whole cores (enclave/core) whose pools are those of
 * the engines; up to two fronts ask them (host/coord/classic_step.h), over connections that are
 * slow, end and come back. docs/simulation.md says it in words. */
#ifndef TESTS_SIM_PRESIGN_PRESIM_STAMPS_H
#define TESTS_SIM_PRESIGN_PRESIM_STAMPS_H

#include "presim.h"

#include "enclave/judge/stamping.h"
#include "host/coord/classic_step.h"

#define PRESIM_FRONTS 2
#define PRESIM_NARROW_MAX 3 /* jobs of the narrow policy before the last one */
#define PRESIM_JOBS_MAX 19
#define PRESIM_SAID_MAX 4096
#define PRESIM_USED_MAX 512
#define PRESIM_NAMED_MAX 1024

/* What a lying node does to its answers; presim_stamps_liar.c. */
enum presim_tell {
    PRESIM_TELL_W = 1,           /* another w, signed */
    PRESIM_TELL_U = 1 << 1,      /* another u, signed */
    PRESIM_TELL_R1 = 1 << 2,     /* an R1 with another byte, or another time and its MACs */
    PRESIM_TELL_TWICE = 1 << 3,  /* keeps what it answered with */
    PRESIM_TELL_LIST = 1 << 4,   /* lists what is not so */
    PRESIM_TELL_REFUSE = 1 << 5, /* refuses */
    PRESIM_TELL_SILENT = 1 << 6, /* says nothing */
    PRESIM_TELLS = 7
};

struct presim_stamps;

struct presim_job {
    struct coord_job job;
    struct presim_stamps *o;
    unsigned front, done;
};

struct presim_link {
    bool up;
    unsigned number;    /* of the connection: frames of another one are gone */
    int64_t last_ns[2]; /* frames there, and back, keep their order */
};

struct presim_front {
    struct classic_step *step;
    struct coord_counters counters;
    struct presim_link links[PRESIM_NODES];
    bool rogue; /* it asks other things than its machine would */
};

/* A record that honest nodes answered with: which of them did. */
struct presim_used {
    uint8_t id[TECDSA_HASH_LEN];
    unsigned nodes;
};

/* A record that an honest front named in an R2, for one session. */
struct presim_named {
    unsigned front;
    uint8_t id[TECDSA_HASH_LEN], sid0[SID0_LEN];
};

struct presim_stamps {
    struct presim *s;
    struct presim_node *nodes[PRESIM_NODES];
    unsigned tells[PRESIM_NODES];
    unsigned often;                /* of a thousand answers, those that are lies */
    int64_t hung_ns[PRESIM_NODES]; /* it does nothing before */
    bool chaos, making;            /* of presignatures */
    bool shown;                    /* somebody was shown a wrong signature */
    uint64_t noise;                /* of the dealer of records */
    struct sim_rng narrow;         /* who has what policy, and whose clock is wide: */
    unsigned wide;                 /* a mask */
    unsigned n_fronts, n_jobs;
    struct presim_front fronts[PRESIM_FRONTS];
    struct presim_job jobs[PRESIM_JOBS_MAX];
    int64_t tick_ns;
    /* The observer's. */
    unsigned n_said, n_used, n_named, n_tokens;
    uint64_t said[PRESIM_SAID_MAX]; /* R1s of honest nodes */
    struct presim_used used[PRESIM_USED_MAX];
    struct presim_named named[PRESIM_NAMED_MAX];
    uint8_t tokens[PRESIM_JOBS_MAX][TECDSA_SCALAR_LEN]; /* r of each */
    struct sim_events frames;
};

/* Once a process: cores, fronts and the key, before anything lies. */
void presim_stamps_new(const struct world *w);
/* The half itself. */
void presim_stamps_run(struct presim *s);

static inline bool presim_stamps_honest(const struct presim_stamps *o, unsigned node)
{
    return presim_is_honest(o->s, node) && o->tells[node] == 0;
}

/* Three that are, or will be, honest: a mask. */
unsigned presim_stamps_three(const struct presim_stamps *o);

/* ---- presim_node.c: a core, as core_io.c drives it ---- */
struct presim_node;
struct presim_node *presim_node_new(void);
/* As ceremony and activation leave it; its clock is off by so much, of which it knows a bound.
 */
void presim_node_begin(struct presim_node *n, struct presim *s, unsigned place, int64_t off_ns,
                       uint32_t bound_us);
void presim_node_tick(struct presim_node *n);
/* A whole frame on that lane, and its answer: until the next call, and may be changed. */
struct view presim_node_take(struct presim_node *n, uint32_t lane, const struct frame_header *h,
                             struct view body);
/* By number: 1, of any clock; 2, of clocks known to some ms, and not too far apart. */
const struct boot_policy *presim_policy(unsigned number);
const struct stamp_cert *presim_cert(void);

/* ---- presim_stamps_liar.c ---- */
void presim_tell_begin(struct presim_stamps *o);
/* Before a liar's core gets a frame, and after. */
void presim_tell_before(struct presim_stamps *o, unsigned node, const struct frame_header *h,
                        struct view body);
void presim_tell_after(struct presim_stamps *o, unsigned node, const struct frame_header *h,
                       struct view body);
/* What it makes of its answer; false: it says nothing. *n: bytes of the frame. */
bool presim_tell_change(struct presim_stamps *o, unsigned node, uint8_t *frame, size_t *n);
/* What a rogue front makes of its question to one node. */
void presim_rogue_change(struct presim_stamps *o, unsigned node, uint8_t *frame, size_t n);

/* ---- presim_plant.c ---- */
/* What the node that is driven makes of its w and u, before it signs them. */
void presim_plant_tell(unsigned tells);

/* ---- presim_stamps_check.c ---- */
/* A front sends a frame; an honest node is to answer one, and has. */
void presim_stamps_asked(struct presim_stamps *o, unsigned front, struct view frame);
void presim_stamps_before(struct presim_stamps *o, unsigned node, const struct frame_header *h,
                          struct view body);
void presim_stamps_after(struct presim_stamps *o, unsigned node, const struct frame_header *h,
                         struct view body, struct view answer);
/* A job has ended. */
void presim_stamps_done(struct presim_job *j);
/* After every step. */
void presim_stamps_step(struct presim_stamps *o);

#endif
