/* scheduler.h - which presignatures are to be made, and by whom: statuses of cores in, orders
 * to cores out (docs/wire.md 14, docs/adr/0033). Pure: time and randomness are arguments.
 *
 *   accelerator  while all five are up and it is on: batches, whenever stocks are low
 *   setups       of every pair of the cores that are up, on disjoint pairs at once, from the
 *                first batch on and beside all that follow
 *   DKLs23       of the triples that are up, when the accelerator is not to be had
 *
 * It is trusted for nothing: a core makes no record twice, whatever it is told. And it trusts
 * no core: what one says of itself is weighed against what the others of a pair or triple say,
 * and what does not come about is tried again after a pause that grows. */
#ifndef HOST_MESH_SCHEDULER_H
#define HOST_MESH_SCHEDULER_H

#include "os/entropy.h"
#include "wire/presign_call.h"

#define SCHEDULER_NODES PRESIGN_NODES_MAX
#define SCHEDULER_MASKS (1U << SCHEDULER_NODES)
#define SCHEDULER_SIGNERS 3      /* of a triple */
#define SCHEDULER_ACCEL_NODES 5  /* the accelerator takes all of five */
#define SCHEDULER_SESSIONS_MAX 4 /* DKLs23 sessions that one core is in at a time */
#define SCHEDULER_SESSIONS ((size_t)SCHEDULER_NODES * SCHEDULER_SESSIONS_MAX)
#define SCHEDULER_ORDERS_MAX 16    /* orders that wait for one core; more are not given */
#define SCHEDULER_BATCH_MAX 192    /* records of one batch, as many as a core takes */
#define SCHEDULER_FIRST_RECORDS 30 /* of a batch while nothing is there: the first is soon */
#define SCHEDULER_BATCH_LEAST \
    64 /* records that lack in all before a batch is worth its rounds */

/* A core whose status is older counts as down. */
#define SCHEDULER_FRESH_NS INT64_C(2000000000)
/* The accelerator is missed for so long before DKLs23 and setups take its place. */
#define SCHEDULER_GRACE_NS INT64_C(1000000000)
/* The same while all five are up and make their channels. */
#define SCHEDULER_COMES_NS INT64_C(5000000000)
/* What has not come about after so long has failed. */
#define SCHEDULER_SESSION_NS INT64_C(12000000000)
#define SCHEDULER_BATCH_NS INT64_C(20000000000)
#define SCHEDULER_SETUP_NS INT64_C(65000000000)
/* A core ends a session that comes to nothing so long after it was told to begin it, whatever
 * the reason, and says until then that it is at it (docs/adr/0039). */
#define SCHEDULER_ENDS_NS INT64_C(10000000000)
/* Records that a triple owes once it has failed: until it has made them it has one session at
 * a time, and one place of each core with all others that owe. */
#define SCHEDULER_OWES 1
/* Sessions of a triple that seem to have ended well in so long, at least, and it shows no
 * record: it has failed. */
#define SCHEDULER_UNSEEN_MAX 16
#define SCHEDULER_UNSEEN_NS INT64_C(30000000000)
/* Nobody who owes is tried for so long after one who owes has begun, or until that has ended
 * well: of four places of a core, three and a third of the time are others'. */
#define SCHEDULER_TRIAL_NS INT64_C(15000000000)
/* A failure is remembered for so long after the pause that follows it. */
#define SCHEDULER_FORGET_NS INT64_C(600000000000)
/* The pause after the first failure, doubled with each further one in a row up to the longest.
 */
#define SCHEDULER_PAUSE_NS INT64_C(250000000)
#define SCHEDULER_PAUSE_MAX_NS INT64_C(300000000000)
/* How often statuses are wanted: while something is under way, and else. */
#define SCHEDULER_BUSY_NS INT64_C(20000000)
#define SCHEDULER_IDLE_NS INT64_C(200000000)
/* A core that calls a counter stale moves ours on, by at most so much: one that lies costs a
 * day of numbers of 600,000 years. */
#define SCHEDULER_AHEAD_MAX_US UINT64_C(86400000000)

struct scheduler_rule {
    unsigned total;   /* cores of the epoch */
    unsigned target;  /* records of each triple that are kept ready */
    bool accelerator; /* whether to use it */
};

enum scheduler_source {
    SCHEDULER_NONE, /* too few cores are up, or not ready yet */
    SCHEDULER_ACCEL,
    SCHEDULER_DKLS,
};

/* What failed lately rests. */
struct scheduler_rest {
    unsigned fails; /* in a row */
    int64_t until_ns;
};

struct scheduler_core {
    bool up, told;
    int64_t told_ns;
    struct presign_status said;
    unsigned strange; /* sessions that it was at when it was first heard, of another's orders */
    int64_t strange_ns; /* until then it may be at them */
    bool is_loose;      /* it says that it has ended what nothing else shows to be over */
    int64_t loose_ns;   /* since when */
    size_t first, n;    /* orders that wait, a ring */
    struct presign_order orders[SCHEDULER_ORDERS_MAX];
};

/* Where a core is with a session. */
enum scheduler_stage {
    SCHEDULER_OUT,     /* it has no part in it, or no more */
    SCHEDULER_TOLD,    /* the order waits for it, or is with it */
    SCHEDULER_TAKEN,   /* it said yes */
    SCHEDULER_COUNTED, /* and the number of sessions that it says it is at has it in it */
};

/* What was ordered and is not over. */
struct scheduler_session {
    uint8_t triple;              /* 0: none */
    bool over;                   /* nothing comes of it; whoever is at it ends it by its time */
    bool unheeded;               /* and its triple does not wait for that */
    uint8_t at[SCHEDULER_NODES]; /* enum scheduler_stage of each core */
    uint64_t counter;
    int64_t since_ns;
};
/* What became of a triple's sessions (docs/adr/0033). */
struct scheduler_triple {
    struct scheduler_rest rest;
    uint8_t owes;      /* records, before it has more than one session at a time */
    uint8_t rose;      /* cores that hold more of it since all three did last, a mask */
    uint8_t unseen;    /* sessions that seem to have ended well since */
    uint8_t seen;      /* records of which no session was taken for over yet */
    int64_t seen_ns;   /* when that was */
    int64_t unseen_ns; /* of the first of those */
    uint64_t turn;     /* counter of its last order */
};
struct scheduler_pair {
    bool runs;
    uint64_t counter;
    int64_t since_ns;
    struct scheduler_rest rest;
};
struct scheduler_batch {
    bool runs;
    uint64_t counter;
    int64_t since_ns;
    uint64_t made;    /* by the accelerator, in all, before */
    int64_t stuck_ns; /* since when a core is at one that is not ours; 0: none is */
    struct scheduler_rest rest;
};

struct scheduler {
    struct scheduler_rule rule;
    struct scheduler_core cores[SCHEDULER_NODES];
    struct scheduler_pair pairs[SCHEDULER_MASKS]; /* by mask of two */
    struct scheduler_triple triples[SCHEDULER_MASKS];
    int64_t trial_ns; /* nobody who owes is tried before */
    struct scheduler_session sessions[SCHEDULER_SESSIONS];
    struct scheduler_batch batch;
    enum scheduler_source source;
    int64_t accel_ns; /* when the accelerator was there last */
    uint64_t counter; /* the last one given out */
    uint64_t ahead_us;
};

/* now_ns is of any clock that never steps back, here and below. */
void scheduler_init(struct scheduler *s, const struct scheduler_rule *rule, int64_t now_ns);

/* A core answers us, or does so no more: what waited for it is forgotten. */
void scheduler_up(struct scheduler *s, unsigned core, bool up);

/* What a core says of itself. */
void scheduler_take(struct scheduler *s, unsigned core, const struct presign_status *said,
                    int64_t now_ns);

/* Decides; to be called after each status. wall_us is the time of day: counters are made of it,
 * so that they ascend from one process to the next. ERR_IO: no randomness. */
MUST_CHECK enum err scheduler_plan(struct scheduler *s, const struct entropy_source *entropy,
                                   int64_t now_ns, uint64_t wall_us);

/* In place of that, while another process gives the orders. */
void scheduler_stand_by(struct scheduler *s, int64_t now_ns);

/* The next order for a core. False: there is none. */
bool scheduler_next(struct scheduler *s, unsigned core, struct presign_order *out);

/* What the core answered to that order. */
void scheduler_answer(struct scheduler *s, unsigned core, const struct presign_order *order,
                      enum err e, int64_t now_ns);

/* How often statuses are wanted now. */
int64_t scheduler_pace_ns(const struct scheduler *s);

/* Records of a triple (a mask) that all three of it have; 0 while one of them is down. */
unsigned scheduler_stock(const struct scheduler *s, unsigned triple, int64_t now_ns);

#endif
