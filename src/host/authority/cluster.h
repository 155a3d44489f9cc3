/* cluster.h - when the supervisor of several cores starts, enrols, replaces and stops them and
 * their front. Pure: one event in, a set of actions out; cluster_io.c carries them out.
 *
 * The cores make a key together once; the share of a core that ends is gone. So a core that
 * ended is replaced by one that stands outside of the epoch, and once more shares are gone than
 * may be missing, the epoch is over for ever, whatever comes back: HALTED. What ends that is an
 * order to begin anew. */
#ifndef HOST_AUTHORITY_CLUSTER_H
#define HOST_AUTHORITY_CLUSTER_H

#include "wire/plan.h"

#define CLUSTER_BACKOFF_MS_MAX 30000 /* longest pause before a restart */
#define CLUSTER_STABLE_MS \
    60000                    /* who ran so long is restarted after the shortest pause again */
#define CLUSTER_STOP_MS 5000 /* a core that has not ended after so long is killed */

enum cluster_phase {
    CLUSTER_ENROLLING, /* cores start, make their key, are certified */
    CLUSTER_SERVING,
    CLUSTER_HALTED, /* too few shares are left: no signature ever again */
    CLUSTER_LEFT,   /* the front serves with cores of another epoch: its own are let go */
    CLUSTER_ENDING, /* told to end, or to begin anew */
};

enum cluster_event {
    CLUSTER_TICK,
    CLUSTER_CORE_ENDED, /* or could not be started */
    CLUSTER_CORE_BACK,  /* one that was started outside of the epoch has a lost share again */
    CLUSTER_ENROLLED,
    CLUSTER_NOT_ENROLLED,
    CLUSTER_FRONT_ENDED, /* or could not be started */
    CLUSTER_FRONT_READY,
    CLUSTER_RENEW,  /* begin anew, with new cores and a new key */
    CLUSTER_LET_GO, /* another epoch serves: end the cores, and keep the front */
    CLUSTER_STOP,   /* a second time: at once */
};

/* What is to be done, in this order. Masks: bit i is core i. */
struct cluster_todo {
    uint8_t note_ended; /* these held a share, and are gone: to be kept before a core starts */
    uint8_t start_cores, stop_cores, kill_cores;
    bool enrol, end_enrol;
    bool start_front, stop_front, kill_front;
    bool say_ready; /* once */
    bool say_key;   /* once for each: it is certified, and in use */
    bool say_lost;  /* a share is gone, and enough are left */
    bool say_halted;
    bool exit;
};

struct cluster_rule {
    uint8_t threshold, total;
    /* Nothing that fails before there is a key ends it: what ended is started again, what
     * failed is tried again, and the front runs from the start and says what is missing. */
    bool patient;
    bool alone;             /* there is no front: another supervisor runs it */
    int64_t backoff_ms;     /* first pause before a restart; doubles up to the longest */
    int64_t front_drain_ms; /* how long the front may take to end */
};

struct cluster_child {
    bool runs, told; /* told: to end, and killed at at_ms */
    bool in_epoch;   /* a core: it holds a share */
    unsigned fails;
    int64_t at_ms, since_ms;
};

struct cluster {
    struct cluster_rule rule;
    enum cluster_phase phase;
    struct cluster_child cores[PLAN_NODES_MAX], front;
    struct cluster_child enrol; /* the command */
    bool again;                 /* ENDING: begin anew afterwards */
    bool ready, failed;
};

/* now_ms is any clock that never steps back, here and below. */
void cluster_init(struct cluster *c, const struct cluster_rule *rule, int64_t now_ms);

/* Takes one event; core: whose, of CORE_ENDED and
 * CORE_BACK. The first event is TICK. What goes wrong before
 * the first key is in use ends it all, unless the rule is patient: failed is then set. */
struct cluster_todo cluster_step(struct cluster *c, enum cluster_event ev, uint8_t core,
                                 int64_t now_ms);

/* When TICK is due next; INT64_MAX: not before another event. */
int64_t cluster_next_ms(const struct cluster *c);

/* How many shares are left. */
unsigned cluster_shares(const struct cluster *c);

#endif
