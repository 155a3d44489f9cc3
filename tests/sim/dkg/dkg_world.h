/* dkg_world.h - one history of a key: five whole cores, the host's relay, and between them a
 * host that does what it likes, from one seed; then the key's certificates, and what it signs.
 * docs/simulation.md says it in words. */
#ifndef TESTS_SIM_DKG_WORLD_H
#define TESTS_SIM_DKG_WORLD_H

#include "dkg_level.h"
#include "dkg_plant.h"
#include "false_clock.h"
#include "sim_events.h"
#include "sim_rng.h"

#include "enclave/core/core_step.h"
#include "enclave/member/core_member.h"
#include "enclave/quorum/pq_worker.h"
#include "host/ceremony/relay.h"

#define DKG_NODES MEMBER_TOTAL
#define DKG_LIVES 8       /* identities of one place: so often it may start anew */
#define DKG_OLD 32        /* messages that the host keeps to show them again */
#define DKG_OLD_MAX 8192  /* bytes of each */
#define DKG_HELD_MAX 8    /* messages for one node that the host shows later */
#define DKG_EPOCHS_MAX 64 /* ceremonies of one life of a node */
#define DKG_HEAL_NS (60 * SECOND)
#define DKG_PROOF_NS (120 * SECOND) /* a healthy ceremony after that takes no longer */

/* What a lying node does, at its round where it has one; dkg_liar.c. */
enum dkg_lie {
    DKG_CHANGE = 1,          /* another body, and it keeps to it */
    DKG_EQUIVOCATE = 1 << 1, /* another body, to its victims alone */
    DKG_AGREE = 1 << 2,      /* its vouchers tell each what that one saw */
    DKG_OPENING = 1 << 3,    /* opens another seed than it committed to */
    DKG_SEED = 1 << 4,       /* makes t of another seed than it opened */
    DKG_LENGTH = 1 << 5,     /* a body that is too long or too short */
    DKG_TWICE = 1 << 6,      /* two bodies, both to all */
    DKG_COMPLAIN = 1 << 7,   /* complains of a node that did nothing */
    DKG_ABORT = 1 << 8,      /* aborts, naming anybody */
    DKG_SILENT = 1 << 9,     /* tells its victims nothing from then on */
    DKG_DEAL = 1 << 10,      /* deals shares of the P-384 key that it did not commit to */
    DKG_LIES = 11
};

/* What the host does with BEGINs. */
enum dkg_trick {
    DKG_HONEST,
    DKG_OLD_NONCE, /* one of an earlier ceremony */
    DKG_TWO,       /* two ceremonies at once: some nodes get another nonce */
    DKG_PLANS,     /* some nodes get another plan */
    DKG_AGAIN,     /* a BEGIN in the middle, now and then */
    DKG_TRICKS
};

struct dkg_liar {
    unsigned lies;
    uint8_t round; /* of messages that are touched */
    uint8_t victims;
    size_t at;           /* byte of the body */
    bool poked, accused; /* done in this ceremony */
    uint8_t epoch_id[EPOCH_ID_LEN];
};

/* What the observer has seen of a node. */
struct dkg_seen {
    enum ceremony_state state; /* latest */
    struct ceremony_end end;
    bool vouched, done; /* in this ceremony */
    bool too_long;      /* its sums were, in this ceremony */
    size_t n_epochs;
    uint8_t epochs[DKG_EPOCHS_MAX][EPOCH_ID_LEN];
    size_t n_secrets;
    uint8_t secrets[2 * TMLDSA_HELD_MAX][TMLDSA_SIGMA_LEN]; /* own seeds and sigmas */
    uint8_t dealt[DKG_NODES + 1][TECDSA_SCALAR_LEN]; /* by it, of a P-384 key, and its share */
};

struct dkg_held {
    size_t n;
    uint8_t bytes[DKG_OLD_MAX];
};

struct dkg_box {
    struct core core;
    struct false_clock clock;
    struct sim_rng rng;
    struct entropy_source entropy;
    uint8_t *memory;
    struct pq_worker worker;
    unsigned life;
    bool down;
    struct dkg_liar liar;
    struct dkg_seen seen;
    size_t n_held;
    struct dkg_held held[DKG_HELD_MAX];
};

/* The relay's connection to a node. */
struct dkg_link {
    int64_t number;
    uint64_t request; /* under way; 0: none */
};

/* Of a thousand frames, and of a thousand messages in frames. */
struct dkg_weather {
    unsigned drop, duplicate, corrupt, slow;
    unsigned m_drop, m_double, m_hold, m_corrupt, m_replay;
    int64_t trip_max_ns, slow_max_ns;
};

struct dkg_options {
    uint64_t seed;
    enum dkg_plant plant;
    bool trace;
};

enum dkg_rule {
    DKG_RULE_NONE,
    DKG_RULE_FRESH,   /* no node begins two ceremonies of one epoch_id */
    DKG_RULE_EQUAL,   /* who finishes one epoch has the same record and key */
    DKG_RULE_RECORD,  /* a finished record verifies */
    DKG_RULE_SHARES,  /* I7: all members of a subset have its secret, and t is of it */
    DKG_RULE_SECRET,  /* no seed or share outside a channel */
    DKG_RULE_VOID,    /* nothing of an aborted ceremony is left or used */
    DKG_RULE_NORM,    /* no key of sums that are too long */
    DKG_RULE_VOUCH,   /* on only if all saw the same */
    DKG_RULE_BLAME,   /* nobody honest is proven guilty, or named without a cause */
    DKG_RULE_PROOF,   /* a complaint of an honest node proves what it says */
    DKG_RULE_FRAME,   /* answers are whole frames */
    DKG_RULE_REQUEST, /* a quorum signs the request of the key, a core that of its own */
    DKG_RULE_USE,     /* a key in use does not end; one that is not active signs no stamp */
    DKG_RULE_CLASSIC, /* one R1 serves one R2, young, of this epoch; its signature verifies */
    DKG_RULE_LIVE,    /* healthy nodes make a key */
    DKG_RULE_COUNT
};
extern const char *const dkg_rule_names[DKG_RULE_COUNT];

/* Of all histories of a process. */
struct dkg_totals {
    uint64_t histories, frames, attempts, runs, keys, aborts, proven, lies, tricks, crashes,
        refused, requests, stamps, print;
};

struct dkg_world {
    struct dkg_options options;
    struct sim_rng rng;
    int64_t now_ns;
    struct dkg_weather weather;
    enum dkg_trick trick;
    bool shared;          /* the ceremonies make a P-384 key, too */
    bool healed, trusted; /* trusted: the host changed nothing so far */
    unsigned planted;     /* DKG_NODES: none */
    unsigned too_long;    /* a node whose sums are, in its next ceremony; DKG_NODES: none */
    uint8_t group;        /* nodes that get what is other, a mask */
    uint8_t other_nonce[PLAN_NONCE_LEN], old_nonce[PLAN_NONCE_LEN];
    bool has_old;

    /* Once a process. */
    struct boot_args args;
    struct p384_signer *signer;
    uint8_t *signer_pages;
    struct pq1_work *work;
    struct identity identities[DKG_NODES][DKG_LIVES];
    struct p384_key classic[DKG_NODES];
    struct ceremony_record *record;
    struct ceremony_scratch *scratch;
    uint8_t *ask_room, *answer_room, *change_room, *record_room;

    struct dkg_box *boxes; /* DKG_NODES */
    struct dkg_link links[DKG_NODES];
    struct relay *relay;
    unsigned runs, attempts;
    int64_t pump_ns;
    struct entropy_source entropy; /* the host's */
    struct plan plan;
    uint8_t plan_bytes[PLAN_MAX];
    struct view encoded;
    struct hello hello; /* the latest one */
    size_t n_old;
    struct dkg_held old[DKG_OLD];

    enum dkg_rule broken;
    unsigned broken_by;
    int64_t broken_ns;
    /* The finished record that was verified, by its epoch. */
    bool has_key;
    uint8_t key_epoch[EPOCH_ID_LEN], key_id[CEREMONY_HASH_LEN];
    struct dkg_totals totals;
    uint64_t print;
    struct sim_events events;
};

struct dkg_world *dkg_world_new(void);
void dkg_world_free(struct dkg_world *w);

/* A whole history. True: no rule was broken. */
bool dkg_history(struct dkg_world *w, const struct dkg_options *options);

void dkg_break(struct dkg_world *w, enum dkg_rule rule, unsigned node);
static inline bool dkg_is_honest(const struct dkg_world *w, unsigned node)
{
    return node < DKG_NODES && w->boxes[node].liar.lies == 0;
}
static inline struct ceremony *dkg_ceremony(const struct dkg_world *w, unsigned node)
{
    return &w->boxes[node].core.member->ceremony;
}

/* ---- dkg_scenario.c ---- */
void dkg_scenario_draw(struct dkg_world *w);
void dkg_scenario_heal(struct dkg_world *w);

/* ---- dkg_box.c ---- */
void dkg_box_start(struct dkg_world *w, unsigned node);
/* One frame to a core, and its answer in w->answer_room; its worker has no delay. */
struct view dkg_box_call(struct dkg_world *w, unsigned node, uint8_t type, uint64_t request_id,
                         struct view body);
/* The same of a healthy connection: the answer's body, or what it refused with. */
enum err dkg_box_ask(struct dkg_world *w, unsigned node, uint8_t type, struct view body,
                     struct view *answer);
/* Makes one batch of round 1, if one is wanted. */
void dkg_box_work(struct dkg_world *w, unsigned node);
void dkg_box_go(struct dkg_world *w, int64_t to_ns);

/* ---- dkg_host.c: the relay, and who runs it ---- */
void dkg_host_run(struct dkg_world *w);
void dkg_host_pump(struct dkg_world *w);
void dkg_host_take(struct dkg_world *w, const struct sim_event *e);
/* A key that the relay says is there: its record is genuine, and what was asked for. */
bool dkg_host_has_key(struct dkg_world *w);

/* ---- dkg_net.c: frames, and what the host does to what is in them ---- */
void dkg_net_ask(struct dkg_world *w, unsigned node, uint8_t type, struct view body);
void dkg_net_take(struct dkg_world *w, const struct sim_event *e);
void dkg_net_begin_again(struct dkg_world *w, unsigned node);

/* ---- dkg_liar.c ---- */

/* After each call of a liar's core: what it does to itself, and to what it said. The answer's
 * messages are read from said and written to out. */
void dkg_liar_speaks(struct dkg_world *w, unsigned node, struct view said, struct writer *out);
/* A message of a liar on its way to another. False: it is not told. */
bool dkg_liar_tells(struct dkg_world *w, const struct ceremony_msg *m, unsigned to,
                    struct writer *out);
void dkg_sign(struct dkg_world *w, unsigned node, const struct ceremony_msg *m,
              struct writer *out);

/* ---- dkg_check.c ---- */
/* After every call of an honest core; what leaves it. */
void dkg_check_node(struct dkg_world *w, unsigned node, struct view frame);
/* Once all have the key: each share. */
void dkg_check_shares(struct dkg_world *w);
/* tmldsa_share_load() of that node says that its sums are too long. */
bool dkg_check_too_long(struct dkg_world *w, unsigned node);

/* ---- dkg_use.c: certificates and stamps ---- */
void dkg_use(struct dkg_world *w);

#define DKG_TRACE(w, ...)              \
    do {                               \
        if ((w)->options.trace) {      \
            dkg_trace(w, __VA_ARGS__); \
        }                              \
    } while (0)
void dkg_trace(const struct dkg_world *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
