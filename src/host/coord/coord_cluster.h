/* coord_cluster.h - several cores as one: which of them are those of the ceremony, which
 * answer, which are gone for ever, and who is asked for what. No kernel, no heap: time is an
 * argument.
 *
 * A core is known by its identity key, never by where it listens. One that the roster does not
 * know, or that says another epoch, is left out. With fewer than T that answer every job is
 * refused, of either key, until more do: at once, or, of the classic key with T connected,
 * after CLASSIC_PATIENCE_NS. A core that answers with another identity than before has lost its
 * share; once so many have that fewer than T shares can be left, the epoch is halted, for ever.
 */
#ifndef HOST_COORD_COORD_CLUSTER_H
#define HOST_COORD_COORD_CLUSTER_H

#include "host/coord/classic_step.h"
#include "host/coord/coord_step.h"
#include "host/coord/quorum_step.h"
#include "host/coord/time_relay.h"

/* A core that was silent for so long while there is work is asked for its state... */
#define COORD_PROBE_NS INT64_C(15000000)
/* ...and with a question open and nothing heard for so long it does not answer. Both together
 * are below the 100 ms within which requests are to be refused. */
#define COORD_SILENT_NS INT64_C(70000000)
/* Where we ourselves come late to ask, the machine is busy, and the core perhaps late as well:
 * it has so long from then on, but no more than twice the time. */
#define COORD_PATIENCE_NS INT64_C(30000000)

struct coord_cluster;

struct coord_member {
    struct coord_step step;
    struct coord_cluster *cluster;
    uint8_t at;    /* among the members */
    uint8_t place; /* in the plan, as it fitted last; PLAN_NODES_MAX: it never did */
    uint8_t fault; /* enum coord_fault */
    bool silent, banned;
    bool behind; /* too few of its sessions sign */
    bool up;     /* it takes part in sessions of the pq key */
    bool shares; /* and in stamps of the shared classic key, */
    uint8_t shared_activation[ACTIVATION_HASH_LEN]; /* under this one */
    bool gone;                                      /* the boot that was here counts as ended */
    bool shown;      /* what others see of it is what is here; cleared by each change */
    uint64_t judged; /* HELLOs of it that were looked at */
    uint32_t asked;  /* questions of sessions, on this connection, that it has not answered */
    int64_t probe_ns, patient_ns; /* asked for its state; not called silent before */
};

enum coord_news {
    COORD_NEWS_FAULT,  /* of a member: it is left out, or no longer */
    COORD_NEWS_SILENT, /* it does not answer */
    COORD_NEWS_BANNED, /* it is left out for the epoch */
    COORD_NEWS_HALTED, /* of the epoch; the member was the last to go */
};

struct coord_cluster_hooks {
    void (*news)(void *user, enum coord_news what, const struct coord_member *m); /* or NULL */
    void *user;
};

struct coord_cluster {
    size_t n;
    struct coord_member *members;
    bool together; /* else there is one, which signs alone */
    uint8_t first; /* of equally good members the first to be asked: fronts differ in it */
    struct coord_counters *counters;
    struct coord_cluster_hooks hooks;
    const struct quorum_roster *roster; /* NULL: none yet */
    struct quorum_step quorum;
    struct classic_step *classic; /* NULL: each core has a classic key of its own */
    struct time_relay times;
    unsigned boots, ended; /* masks of places: boot id known, gone for ever */
    unsigned strangers;    /* members that stand for a node of the plan that is gone, any */
    bool halted;
    uint8_t reenrolled; /* a mask of places */
    uint8_t boot_ids[PLAN_NODES_MAX][BOOT_ID_LEN];
};

struct coord_cluster_setup {
    struct coord_member *members; /* n, zero */
    size_t n;                     /* 1 to COORD_CORES_MAX */
    bool together;
    struct coord_counters *counters;
    struct coord_cluster_hooks hooks;
    uint8_t sid_prefix[COORD_SID_PREFIX_LEN]; /* random; makes the labels of this process its
                                                 own */
};

void coord_cluster_init(struct coord_cluster *cl, const struct coord_cluster_setup *setup);

/* A new epoch; roster and what setup points to stay until the next one. Jobs of keys that
 * several cores have end with ERR_QUORUM. Calls done(). */
void coord_cluster_epoch(struct coord_cluster *cl, const struct quorum_roster *roster,
                         const struct quorum_step_setup *setup, int64_t now_ns);

/* Of that epoch, whose roster has a classic key: s, which the caller keeps until the next one,
 * is set up. Jobs of that key of the epoch before have ended. */
void coord_cluster_share(struct coord_cluster *cl, struct classic_step *s,
                         const struct classic_step_setup *setup, int64_t now_ns);

/* The process of the plan's node with this boot nonce has ended, somebody saw, whether or not
 * it was ever connected here. Calls done(). */
void coord_cluster_ended(struct coord_cluster *cl, const uint8_t boot_nonce[PLAN_NONCE_LEN],
                         int64_t now_ns);

/* Another process has a lost node's place of that epoch: its keys are in the roster already.
 * Calls done(). */
void coord_cluster_reenrolled(struct coord_cluster *cl, uint8_t place, int64_t now_ns);

/* Tells whoever listens. */
void coord_cluster_news(const struct coord_cluster *cl, enum coord_news what,
                        const struct coord_member *m);

/* Why a job of this key would be refused now: ERR_QUORUM, ERR_HALTED. ERR_OK: it would not. */
enum err coord_cluster_gate(const struct coord_cluster *cl, enum core_key key);

/* As coord_step_full(), of one core that signs alone; else 0. */
unsigned coord_cluster_full(const struct coord_cluster *cl);

/* Takes a job. Calls done(). */
void coord_cluster_submit(struct coord_cluster *cl, struct coord_job *job, int64_t now_ns);

/* The connection to a member stands; is gone, for this reason. The second calls done(). */
void coord_cluster_open(struct coord_cluster *cl, size_t at, int64_t now_ns);
void coord_cluster_close(struct coord_cluster *cl, size_t at, enum err why, int64_t now_ns);

/* As coord_step_take(), of that member. */
MUST_CHECK enum err coord_cluster_take(struct coord_cluster *cl, size_t at, struct view in,
                                       int64_t now_ns, size_t *used);

/* Does what is due of the whole: silence, sessions. Before coord_cluster_pump() of each member.
 * Calls done(). */
void coord_cluster_tick(struct coord_cluster *cl, int64_t now_ns);

/* As coord_step_pump(), of that member. */
MUST_CHECK enum err coord_cluster_pump(struct coord_cluster *cl, size_t at, int64_t now_ns);

/* When both must be called at the latest. */
int64_t coord_cluster_next(const struct coord_cluster *cl);

/* The next frame of a session for that member; at most FRAME_HEADER_LEN + FRAME_BODY_LONG_MAX
 * bytes. False: there is none. Others are in coord_step_send() of the member's step. */
bool coord_cluster_pull(struct coord_cluster *cl, size_t at, struct writer *w);

/* What there is to see; but for n, and what only a roster gives. */
void coord_cluster_show(const struct coord_cluster *cl, struct coord_epoch_view *out);

#endif
