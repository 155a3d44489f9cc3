/* presim.h - one history of presignatures: five engines (enclave/presign/presigner.h) with
 * channels and setups, up to two of them liars', and a hostile host between them, from one
 * seed. A history is a process of its own that begins where the fixture ends, so it follows
 * from its seed alone. docs/simulation.md says it in words. */
#ifndef TESTS_SIM_PRESIGN_PRESIM_H
#define TESTS_SIM_PRESIGN_PRESIM_H

#include "presigner_kit.h"
#include "sim_events.h"
#include "sim_rng.h"

#define PRESIM_NODES 5
#define PRESIM_IDS_MAX 64
#define PRESIM_TWOS_MAX 16
#define PRESIM_MS INT64_C(1000000)

/* "full" or "protocol". */
extern const char *const presim_level_name;

/* Whatever it draws in a history follows from its seed. */
void presim_level_begin(uint64_t seed);

/* What a lying node does to its messages; presim_liar.c. */
enum presim_lie {
    PRESIM_COLUMN = 1,      /* one column of an extension */
    PRESIM_ROW = 1 << 1,    /* one row of a product */
    PRESIM_OTHER = 1 << 2,  /* a point, psi or salt of round 2 */
    PRESIM_BODIES = 1 << 3, /* two peers are told two bodies, both signed */
    PRESIM_SID2 = 1 << 4,   /* another sid2 */
    PRESIM_SHARE = 1 << 5,  /* takes part with a share that is not its own */
    PRESIM_SILENT = 1 << 6, /* says nothing */
    PRESIM_ACCEL = 1 << 7,  /* a byte of a batch's message */
    PRESIM_SETUP = 1 << 8,  /* a byte of a setup's message */
    PRESIM_END = 1 << 9,    /* other words in what others are said to have said */
    PRESIM_LIES = 10
};
/* Those that no check shows: nobody's setup may go for them. */
#define PRESIM_BENIGN (PRESIM_BODIES | PRESIM_SID2 | PRESIM_SILENT | PRESIM_END)

enum presim_rule {
    PRESIM_NONE,
    PRESIM_BLAME,  /* an honest node cut, or left out, another one */
    PRESIM_KEPT,   /* a setup went for something that no check shows */
    PRESIM_ERASED, /* of a setup that failed something is left, or it may go on */
    PRESIM_FRESH,  /* a counter served twice */
    PRESIM_SAME,   /* two honest nodes hold different records of one id */
    PRESIM_SIGNS,  /* three honest nodes hold a record and it gives no signature */
    PRESIM_ONCE,   /* a record answered twice */
    PRESIM_PROVEN, /* two nodes were told two bodies, and do not know who did it */
    PRESIM_VOID,   /* a node that stood still has records */
    PRESIM_LIVE,   /* three honest nodes make no record when all is well */
    PRESIM_RULES
};
extern const char *const presim_rules[PRESIM_RULES];

enum presim_plant {
    PRESIM_NO_PLANT,
    PRESIM_PLANT_SID2,    /* does not look at sid2 before it checks */
    PRESIM_PLANT_KEEP,    /* keeps a setup whose check failed */
    PRESIM_PLANT_COUNTER, /* takes a counter twice */
    PRESIM_PLANT_PROOF,   /* believes every proof */
    PRESIM_PLANT_VOID,    /* keeps records that may be in a copy of it */
    PRESIM_PLANT_SILENT,  /* tells nobody what it heard in a session that ended */
    PRESIM_PLANTS
};
extern const char *const presim_plants[PRESIM_PLANTS];

struct presim_options {
    uint64_t seed;
    enum presim_plant plant;
};

/* Of all histories; one ends up here out of its process. */
struct presim_totals {
    uint64_t histories, packets, sessions, batches, records, signatures, lies, cuts, proofs;
    uint64_t print; /* of all packets */
    enum presim_rule broken;
    unsigned node;
};

/* A session of a liar who tells two bodies: who took which. */
struct presim_two {
    uint8_t sid1[TECDSA_HASH_LEN];
    unsigned from, took[2];
};

struct presim {
    struct world *w;
    struct presim_options options;
    struct sim_rng rng;
    struct presim_totals *totals;
    bool calm, was_calm; /* packets arrive; did from the beginning */
    bool voided;         /* a node stood still */
    unsigned drop, alter, twice, slow;
    unsigned lies[PRESIM_NODES];
    unsigned planted;                              /* the node with the fault */
    uint64_t counters[PRESIM_NODES][PRESIM_NODES]; /* the highest that a node took of a pair */
    int64_t last_ns[PRESIM_NODES][PRESIM_NODES];
    size_t n_twos;
    struct presim_two twos[PRESIM_TWOS_MAX];
    struct sim_events events;
};

/* A whole history; what it came to stands in totals. */
void presim_history(struct world *fixture, const struct presim_options *options,
                    struct presim_totals *totals);

void presim_break(struct presim *s, enum presim_rule rule, unsigned node);
static inline bool presim_is_honest(const struct presim *s, unsigned node)
{
    return s->lies[node] == 0;
}

/* ---- presim_liar.c ---- */
/* Who lies: at most two, and in two fifths of all histories nobody. */
void presim_liar_begin(struct presim *s);
/* What a liar makes of a message of its own to a node. False: it says nothing. */
bool presim_liar_change(struct presim *s, unsigned to, const struct presigner_message *m,
                        struct pq1_about *about, uint8_t *bytes);

/* ---- presim_check.c ---- */
/* A node took an order. */
void presim_check_order(struct presim *s, unsigned node, const struct presign_order *o);
/* A node took, or dropped, a message. */
void presim_check_heard(struct presim *s, unsigned node, const struct presigner_message *m);
/* After every step. */
void presim_check_step(struct presim *s);
/* Once all is over: signs with what there is. */
void presim_check_end(struct presim *s);

/* ---- presim_plant.c ---- */
void presim_plant_in(enum presim_plant what, unsigned node);
/* This node is driven from here on; PRESIM_NODES: none. */
void presim_plant_drive(unsigned node);

#endif
