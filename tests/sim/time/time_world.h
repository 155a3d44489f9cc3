/* time_world.h - five nodes with clocks of their own, time servers, liars among both, and a
 * true time that only the test knows. Virtual time, from one seed: docs/simulation.md.
 *
 * Real code: what a time server's answer bounds, the majority of several, the keeper of a core,
 * what cores make of one another's clocks, R1 table and judgements, the rule of genTime and
 * accuracy. Ours here: what passes between them. */
#ifndef TESTS_SIM_TIME_WORLD_H
#define TESTS_SIM_TIME_WORLD_H

#include "sim/world/sim_rng.h"

#include "enclave/clock/peer_view.h"
#include "enclave/clock/time_keeper.h"
#include "enclave/judge/judge.h"
#include "enclave/nts/nts_span.h"

#define TW_NODES 5
#define TW_THRESHOLD 3
#define TW_ORDERING 4 /* signers under a policy with ordering */
#define TW_SERVERS_MAX 7
#define TW_S INT64_C(1000000000)
#define TW_MS INT64_C(1000000)

struct tw_server {
    int64_t lie_ns;          /* its clock is so much ahead; 0: it is right */
    int64_t out_ns, back_ns; /* the longest ways there and back */
    int64_t extra_ns;        /* an attacker's, on the way there or (negative) back */
    bool extra_at_times;     /* and only now and then */
};

/* Triad (arXiv 2311.06156): the clock that is dragged, see triad.c. */
struct triad {
    bool calibrated, tainted;
    int64_t freq_hz; /* of the counter, as measured */
    int64_t ref_ns, ref_counter_ns;
};

struct tw_node {
    struct time_keeper keeper;
    struct time_reading now;
    struct own_time own; /* the same, as the judgements want it */
    int64_t ordered_ms;  /* what it gave out under a policy with ordering */
    struct r1_table *r1;
    struct peer_view peers;
    bool learned; /* what others gave out before it began */
    struct triad triad;
    bool bad; /* its R1s and statements lie: its span is off by lie_ns */
    int64_t lie_ns;
    bool misled; /* by more servers than may lie; it does as it should */
    bool cut;    /* off from its servers */
    bool paused; /* its processes do not run */
    bool counter_stopped, second_stopped;

    int64_t counter_ns, second_ns;
    int64_t latest_ns;                        /* that the second clock was read as */
    int64_t rate_ppb, wander_ppb, attack_ppb; /* of the counter: its own, of today, a rogue's */
    int64_t slew_ppb;                         /* of the second clock against the counter */

    size_t m;
    struct tw_server servers[TW_SERVERS_MAX];
    uint64_t seq;
    int64_t sample_ns; /* when it asks next */
    unsigned polls;
};

/* What an attacker does to one node at some moment, and for how long. */
enum tw_event {
    TW_NONE,
    TW_JUMP,  /* its counter jumps by amount */
    TW_RATE,  /* its counter is off by amount, ppb */
    TW_PAUSE, /* it does not run; amount 1: nor its counter, 2: nor any clock */
    TW_CUT,   /* no server answers */
    TW_MUTE,  /* no probe passes between any */
    TW_ANEW   /* it starts anew */
};

struct tw_plan {
    enum tw_event event;
    unsigned node; /* TW_NODES: all */
    int64_t at_ns, amount, long_ns;
    bool begun, ended;
};

struct tw_totals {
    uint64_t histories, attempts, tokens, refused,
        ready;         /* ready: nodes that serve at the end */
    uint64_t nodes;    /* honest ones */
    uint64_t disorder; /* tokens that are not after the one before */
    uint64_t triad_times, triad_wrong, triad_histories;
    int64_t worst_permille; /* of accuracy that genTime was off by */
    int64_t worst_half_ns;  /* of a node that served at the end */
};

struct tw {
    struct sim_rng rng;
    struct tw_node nodes[TW_NODES];
    struct r1_table *r1;     /* of all nodes */
    struct leap_table truth; /* how UTC goes */
    int64_t tai_ns, end_ns;
    int64_t tick_ns;
    struct tw_plan plan;
    struct boot_policy policy;
    uint8_t t;           /* signers of a stamp */
    int64_t ordered_ms;  /* genTime of the token before */
    bool shows_disorder; /* the row is there to show that it comes */
    int64_t held_ns;     /* R2 comes at most so late */
    int64_t pause_ns;    /* between two stamps, at most */
    bool replays;        /* R1s and samples of before come again */
    bool triad_on, triad_failed;
    bool mute;                  /* probes do not pass; they did at heard_ns last */
    int64_t heard_ns, round_ns; /* and when the next round of them begins */
    unsigned leg, told;         /* of the round; who told, by bit */
    struct time_probe probe;
    struct time_statement statements[TW_NODES], old_statement;
    uint8_t old_r1[R1_PROVEN_LEN];
    bool has_old;
    struct time_sample old_sample;
    struct tw_totals *totals;
    const char *broken; /* the rule, or NULL */
    int64_t broken_off_ns;
};

/* ---- world ---- */
struct tw *tw_new(void);
void tw_free(struct tw *w);
/* Nodes with honest clocks, m servers each, at that TAI. */
void tw_begin(struct tw *w, uint64_t seed, const char *leaps, int64_t tai_ns, size_t m);
/* On to that TAI: clocks, samples, events. */
void tw_to(struct tw *w, int64_t tai_ns);
/* The node looks at its clock. */
void tw_read(struct tw *w, struct tw_node *n);
/* UTC as POSIX counts it; no leap second is near. */
int64_t tw_utc(const struct tw *w, int64_t tai_ns);

/* ---- probes ---- */
/* A tick of the host that carries them. */
void tw_probe(struct tw *w);
bool tw_permits(const struct tw_node *n);
/* n promises or signs now. */
void tw_check_peers(struct tw *w, const struct tw_node *n);

/* ---- stamps ---- */
/* One stamp by a coordinator who is the attackers'. */
void tw_stamp(struct tw *w);

/* ---- Triad ---- */
void triad_begin(struct tw *w);
/* One second has passed. */
void triad_tick(struct tw *w);
void triad_check(struct tw *w);

/* ---- scenarios ---- */
struct tw_scenario {
    const char *name;
    void (*set)(struct tw *w, uint64_t seed);
    bool triad_fails;
    bool disorders; /* or the row proves nothing */
    unsigned every; /* histories: 1 of so many, the others are shorter ones */
};
extern const struct tw_scenario tw_scenarios[];
extern const size_t tw_n_scenarios;
/* False: the rule is broken. */
bool tw_history(struct tw *w, const struct tw_scenario *s, uint64_t seed,
                struct tw_totals *totals);

#endif
