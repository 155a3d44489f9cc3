/* classic_step.h - stamps of the shared P-384 key: which presignatures there are, which three
 * cores sign with which of them, and what becomes of a stamp when they are slow, refuse, go or
 * lie. No kernel, no heap: time is an argument. docs/wire.md 3.6, docs/adr/0034.
 *
 * A stamp takes one presignature of a triple and an R1 of each of the three; what waits goes
 * together into one R2. Their answers make a signature, or that presignature is lost, and the
 * stamp takes another one, until its deadline. A presignature once named in an R2 is never used
 * again here.
 *
 * Who drives it has a connection to each core: it says which are up, pulls frames when a
 * connection has room, and brings answers. done() of a job runs inside the calls that say so.
 */
#ifndef HOST_COORD_CLASSIC_STEP_H
#define HOST_COORD_CLASSIC_STEP_H

#include "host/coord/classic_pairs.h"
#include "host/coord/classic_run.h"
#include "host/coord/classic_triples.h"
#include "host/coord/classic_word.h"
#include "host/coord/coord_line.h"
#include "host/coord/coord_rate.h"
#include "host/coord/quorum_core.h"
#include "host/coord/quorum_run.h"

#define CLASSIC_ID_BIT (UINT64_C(1) << 62) /* of the request ids of these frames, too */
#define CLASSIC_SID_PREFIX_LEN 24
#define CLASSIC_BATCH_LEAST 4 /* stamps of a question that waits for no more */
#define CLASSIC_RUNS_MAX 4    /* R2 questions under way; more stamps wait */
/* Presignatures for one stamp: more than two liars waste, who are in nine of ten triples, each
 * of which rests after three wrong signatures. */
#define CLASSIC_TRIES_MAX 32
/* A core that calls so many presignatures of one stamp gone is left out of that stamp for a
 * while, twice as long after each further one. Where two fronts share the pools that happens to
 * honest cores, too: so it is this stamp's alone, and ends. */
#define CLASSIC_GONE_MAX 3
#define CLASSIC_GONE_NS INT64_C(5000000)
#define CLASSIC_GONE_DOUBLINGS 7
#define CLASSIC_COMBINES 2 /* signatures made in one pump: 0.4 ms each, and others wait */
#define CLASSIC_SWEEP_NS INT64_C(5000000)    /* deadlines are looked at so often at most */
#define CLASSIC_SILENT_NS INT64_C(200000000) /* then a core does not answer */
/* A core that is connected and does not answer may do so in a moment: where too few are left
 * without it, a stamp is refused for that no sooner than so long after it came. Below the 100
 * ms within which requests are to be refused. */
#define CLASSIC_PATIENCE_NS INT64_C(50000000)
/* A core that says that it has no valid time is believed for so long, or until it gives an R1:
 * longer than its rests, so that several are known to have none at once. */
#define CLASSIC_NO_TIME_NS INT64_C(1000000000)
/* A stamp that has found no presignature so long before its deadline is refused. */
#define CLASSIC_EMPTY_NS INT64_C(50000000)
/* Cores are asked what they have made: while a stamp waits for it; while stamps are made; else.
 */
#define CLASSIC_POLL_NS INT64_C(10000000)
#define CLASSIC_POLL_BUSY_NS INT64_C(50000000)
#define CLASSIC_POLL_IDLE_NS INT64_C(500000000)
#define CLASSIC_POLL_MORE_NS INT64_C(2000000) /* after a full page */
/* So many in CLASSIC_RELIST_NS: a core has a page of each triple that it is of, at most. More,
 * and it is asked like any other: each costs some milliseconds. */
#define CLASSIC_PAGES_MAX 20
/* And from the beginning: what another front used, or grew too old, is not believed for ever.
 */
#define CLASSIC_RELIST_NS INT64_C(60000000000)
#define CLASSIC_RELIST_STALE_NS INT64_C(100000000) /* where one was gone: so long at least */
#define CLASSIC_RELIST_APART_NS \
    INT64_C(1000000000) /* longer for each core: one after the other */
#define CLASSIC_LOST_NS \
    INT64_C(2000000000) /* a list not answered for so long is asked for again */

/* What one core says that it has. */
struct classic_source {
    bool asked;     /* sent, and not answered */
    bool more;      /* its last answer was a full page, and there were not too many */
    unsigned pages; /* full ones since paged_ns */
    int64_t paged_ns;
    bool stale;     /* a record that it had listed was gone */
    uint64_t since; /* what to ask from; 1: from the beginning */
    uint64_t generation;
    int64_t asked_ns;
    int64_t from_ns;  /* of the last answer */
    int64_t begun_ns; /* when it was asked from the beginning */
};

struct classic_step {
    const struct quorum_roster *roster;
    struct coord_counters *counters;
    /* As of struct quorum_step. May be NULL. */
    void (*on_odd)(void *user, unsigned party, enum err e, int64_t rest_ns);
    /* Three signatures of this triple were wrong: it rests. May be NULL. */
    void (*on_rest)(void *user, unsigned s);
    /* Few triples are usable, or enough again: once each. May be NULL. */
    void (*on_few)(void *user, enum coord_triples level);
    void *user;
    struct classic_few {
        bool begun; /* there were enough once */
        enum coord_triples level;
        int64_t looked_ns;
    } few;
    uint8_t sid_prefix[CLASSIC_SID_PREFIX_LEN];
    uint64_t chance;
    int64_t pumped_ns, sweep_ns;
    int64_t patience_ns; /* when the first stamp has waited long enough for too few cores */
    int64_t gone_ns;     /* when the first stamp goes again to a core that it leaves out */
    uint64_t next_sid, next_generation;
    unsigned current; /* number of the triple that R1s are asked of */
    bool starved;     /* stamps wait for a presignature */
    struct coord_rate rate;
    struct coord_line waiting;
    struct quorum_core cores[PLAN_NODES_MAX];
    int64_t no_time_ns[PLAN_NODES_MAX]; /* it said that it has no valid time: until then */
    uint8_t activations[PLAN_NODES_MAX][ACTIVATION_HASH_LEN];
    struct classic_source sources[PLAN_NODES_MAX];
    struct classic_triples triples;
    struct classic_words words;
    struct classic_promises promises;
    struct classic_ask asks[CLASSIC_ASKS_MAX];
    struct classic_run runs[CLASSIC_RUNS_MAX];
    struct classic_pairs pairs;
    struct classic_pool pool;
};

struct classic_step_setup {
    const struct quorum_roster *roster; /* has a classic key */
    struct coord_counters *counters;
    void (*on_odd)(void *user, unsigned party, enum err e, int64_t rest_ns);
    void (*on_rest)(void *user, unsigned s);
    void (*on_few)(void *user, enum coord_triples level);
    void *user;
    uint64_t chance;                            /* random: fronts pick differently */
    uint8_t sid_prefix[CLASSIC_SID_PREFIX_LEN]; /* random; makes the labels of this process its
                                                   own */
};

/* A new epoch, all cores down. Every job of the one before has ended. */
void classic_step_init(struct classic_step *s, const struct classic_step_setup *setup);

/* Ends all jobs with e. Calls done(). */
void classic_step_end(struct classic_step *s, enum err e);

/* A core can be asked, and signs under that activation; or no longer, and activation is NULL:
 * its questions are then lost, and what it has made is to be listed anew. life_ns: of its R1s.
 * Calls done(). */
void classic_step_up(struct classic_step *s, unsigned party, const uint8_t *activation,
                     int64_t life_ns);

/* Something came from that core. */
void classic_step_heard(struct classic_step *s, unsigned party);

/* It does not answer, as whoever asked it something else found: what waits for it is given up.
 * Calls done(). */
void classic_step_silent(struct classic_step *s, unsigned party);

/* Cores that could be asked now or soon: up, not silent. */
unsigned classic_step_alive(const struct classic_step *s);

/* Whether a stamp that comes now is taken: three are up. If some of these are silent it waits
 * for CLASSIC_PATIENCE_NS for a word of them. */
bool classic_step_may_serve(const struct classic_step *s);

/* Takes a job; ERR_QUORUM at once when fewer than three are up, ERR_STALE when fewer of them
 * sign under the job's activation. Calls done(). */
void classic_step_submit(struct classic_step *s, struct coord_job *job, int64_t now_ns);

/* Writes the next frame for that core, of at most FRAME_HEADER_LEN + FRAME_BODY_MAX bytes.
 * False: there is none. */
bool classic_step_pull(struct classic_step *s, unsigned party, struct writer *w);

/* An answer with CLASSIC_ID_BIT in its request id. ERR_TYPE: not an answer to what was asked:
 * close the connection. */
MUST_CHECK enum err classic_step_take(struct classic_step *s, unsigned party,
                                      const struct frame_header *h, struct view body,
                                      int64_t now_ns);

/* What there is to see; out is zero. */
void classic_step_show(const struct classic_step *s, struct coord_shared_view *out);

/* Does what is due: deadlines, silence, R1, R2, signatures. After any call above and at
 * classic_step_next(). Calls done(). */
void classic_step_pump(struct classic_step *s, int64_t now_ns);
int64_t classic_step_next(const struct classic_step *s);

#endif
