/* presim.h - one history of presignatures: five engines (enclave/presigner/presigner.h) with
 * channels and setups, up to two of them liars', and a hostile host between them, from one
 * seed. A history begins where the fixture ends, so it follows from its seed alone.
 * docs/simulation.md says it in words. */
#ifndef TESTS_SIM_PRESIGN_PRESIM_H
#define TESTS_SIM_PRESIGN_PRESIM_H

#include "presigner_kit.h"
#include "sim_events.h"
#include "sim_rng.h"

#define PRESIM_NODES 5
#define PRESIM_FRONT (PRESIM_NODES + 1) /* that asks them, for faults */
#define PRESIM_TWOS_MAX 16
#define PRESIM_MS INT64_C(1000000)

/* "full" or "protocol". */
extern const char *const presim_level_name;

/* Histories of one process: what is not presim_again()'s, it begins with. */
extern const unsigned presim_level_together;

/* Whatever it draws in a history follows from its seed. */
void presim_level_begin(uint64_t seed);

/* tecdsa_online_combine() of this level; presim_plant.c stands before it. */
enum err presim_level_combine(const uint8_t *public_key, const uint8_t *r,
                              const uint8_t *digest, const struct tecdsa_answer *answers,
                              uint8_t *sig);

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
    /* Of stamps: presim_stamps.h. */
    PRESIM_USED,     /* an honest node answered twice with one record */
    PRESIM_OTHERS,   /* it answered for signers that are not those of the record */
    PRESIM_PEERS,    /* it took for an honest peer's R1 what that one never said */
    PRESIM_NAMED,    /* a front named a record in two sessions */
    PRESIM_VERIFIES, /* a token does not verify */
    PRESIM_TWO,      /* two tokens are of one presignature */
    PRESIM_DOUBT,    /* a front holds an honest node, or three of them, for a liar */
    PRESIM_ENDS,     /* a job did not end once, by its deadline */
    PRESIM_SERVED,   /* with three able nodes a job is not served within 2 s of healing */
    /* Of a lost node: presim_fence.c. */
    PRESIM_OLD,     /* an honest node hears the old process after the order */
    PRESIM_FENCED,  /* it keeps a record that the old process has a part in */
    PRESIM_INDICES, /* it took orders of three indices */
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
    PRESIM_PLANT_TWICE,   /* answers with a record again */
    PRESIM_PLANT_OTHERS,  /* does not look whose record it is */
    PRESIM_PLANT_PEERS,   /* does not look at the MACs of R1s */
    /* Of a front. */
    PRESIM_PLANT_BLIND,    /* does not look at the signature that comes out */
    PRESIM_PLANT_AGAIN,    /* does not remember what it has named */
    PRESIM_PLANT_TRUSTING, /* suspects nobody */
    /* Of a node, of orders. */
    PRESIM_PLANT_STAYS, /* keeps the records that the old process has a part in */
    PRESIM_PLANT_HEARS, /* keeps the channel to it */
    PRESIM_PLANT_THIRD, /* takes any number of them */
    PRESIM_PLANTS
};
extern const char *const presim_plants[PRESIM_PLANTS];

struct presim_options {
    uint64_t seed;
    enum presim_plant plant;
    bool fences; /* the second half is of a lost node, and not of stamps */
    bool trace;
};

#define PRESIM_TRACE(s, ...)                                                 \
    do {                                                                     \
        if ((s)->options.trace) {                                            \
            printf("%9.3f ", (double)((s)->w->now_ns % 100000000000) / 1e6); \
            printf(__VA_ARGS__);                                             \
            printf("\n");                                                    \
        }                                                                    \
    } while (0)

/* Of all histories; one ends up here out of its process. */
struct presim_totals {
    uint64_t histories, packets, sessions, batches, records, signatures, lies, cuts, proofs;
    uint64_t frames, jobs, tokens;
    uint64_t print; /* of all packets and frames */
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
    unsigned tellers;                              /* who lied about stamps: a mask */
    unsigned batched;                              /* nodes that had an order of a batch */
    unsigned planted;                              /* the node with the fault */
    uint64_t counters[PRESIM_NODES][PRESIM_NODES]; /* the highest that a node took of a pair */
    int64_t last_ns[PRESIM_NODES][PRESIM_NODES];
    size_t n_twos;
    struct presim_two twos[PRESIM_TWOS_MAX];
    struct sim_events events;
};

/* A whole history; what it came to stands in totals, which are zero. Gives the mask of nodes
 * that had an order of a batch. */
unsigned presim_history(struct world *fixture, const struct presim_options *options,
                        struct presim_totals *totals);

/* ---- presim_again.c ---- */
/* What the fixture is, and how it is that again after a history. */
struct presim_kept;
struct presim_kept *presim_keep(const struct world *w);
void presim_again(struct world *w, const struct presim_kept *kept, unsigned batched);

/* Something was sent: it is in the hash of the history. */
void presim_print(struct presim *s, struct view v);
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

/* ---- presim_fence.c ---- */
void presim_fence_new(const struct world *w);
void presim_fence_run(struct presim *s);

/* ---- presim_plant.c ---- */
void presim_plant_in(enum presim_plant what, unsigned node);
/* This node, or PRESIM_FRONT, is driven from here on; PRESIM_NODES: none. */
void presim_plant_drive(unsigned node);
/* It was asked for these signers. */
void presim_plant_asked(unsigned signers);

#endif
