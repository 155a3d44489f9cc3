/* quorum_step.h - which cores sign a stamp of the pq key together, and what becomes of it when
 * they are slow, refuse, go or lie: sessions are begun, given up and begun anew with others
 * until one signs or the job's deadline comes. No kernel, no heap: time is an argument.
 *
 * Who drives it has a connection to each core: it says which are up, pulls frames when a
 * connection has room, and brings answers. done() of a job runs inside the calls that say so.
 */
#ifndef HOST_COORD_QUORUM_STEP_H
#define HOST_COORD_QUORUM_STEP_H

#include "host/coord/coord_line.h"
#include "host/coord/quorum_choice.h"
#include "host/coord/quorum_ratio.h"
#include "host/coord/quorum_sample.h"
#include "host/coord/quorum_slot.h"

/* A session that is late is not waited for: its job is given another one, of a quorum without
 * who is late, and whichever signs first serves it. Once for a job, with no job in line, a
 * place free, and so many sessions begun since the last time, a few of which are saved up. */
#define QUORUM_HEDGE_SESSIONS 16
#define QUORUM_HEDGES_SAVED 4
#define QUORUM_SID_PREFIX_LEN 24

struct quorum_step {
    const struct quorum_roster *roster; /* NULL: no epoch, no stamp */
    struct coord_counters *counters;
    struct quorum_scratch *scratch;
    /* A party's signed words prove that it lied: run has them. Once for each. May be NULL. */
    void (*on_blame)(void *user, unsigned party, const struct quorum_run *run);
    /* A party refused its part of a session, was silent in it (ERR_DEADLINE) or answered what
     * is no answer, which proves nothing: it rests for so long. Of refusals and silence the
     * first since a session of it was whole. May be NULL. */
    void (*on_odd)(void *user, unsigned party, enum err e, int64_t rest_ns);
    /* Too few sessions of a party sign. May be NULL. */
    void (*on_ratio)(void *user, unsigned party, enum quorum_ratio_news news);
    void *user;
    uint8_t sid_prefix[QUORUM_SID_PREFIX_LEN];
    struct quorum_sample sample;
    struct quorum_ratios ratios;
    struct quorum_choice choice;
    int64_t pumped_ns;
    uint64_t next_sid, next_generation;
    uint64_t sessions, signed_; /* of which gave a signature */
    unsigned saved;             /* sessions towards hedges */
    struct coord_line waiting;
    struct quorum_core cores[PLAN_NODES_MAX];
    struct quorum_slot slots[QUORUM_RUNS_MAX];
};

struct quorum_step_setup {
    struct coord_counters *counters;
    struct quorum_scratch *scratch;
    uint8_t *room; /* QUORUM_RUNS_MAX times quorum_run_room() bytes */
    void (*on_blame)(void *user, unsigned party, const struct quorum_run *run);
    void (*on_odd)(void *user, unsigned party, enum err e, int64_t rest_ns);
    void (*on_ratio)(void *user, unsigned party, enum quorum_ratio_news news);
    void *user;
    struct quorum_sample sample;
    uint8_t sid_prefix[QUORUM_SID_PREFIX_LEN]; /* random; makes the labels of this process its
                                                  own */
};

/* A new epoch, all cores down. Every job of the one before has ended. */
void quorum_step_init(struct quorum_step *s, const struct quorum_roster *roster,
                      const struct quorum_step_setup *setup);

/* Ends all jobs with ERR_QUORUM. Calls done(). */
void quorum_step_end(struct quorum_step *s);

/* A core can be asked, or no longer: its questions are then lost. Calls done(). */
void quorum_step_up(struct quorum_step *s, unsigned party, bool up, int64_t now_ns);

/* Something came from that core. */
void quorum_step_heard(struct quorum_step *s, unsigned party);

/* It does not answer, as whoever asked it something else found: sessions that wait for it are
 * given up. Calls done(). */
void quorum_step_silent(struct quorum_step *s, unsigned party, int64_t now_ns);

/* Cores that could be asked now or soon: up, or lost a moment ago; not silent, not banned. */
unsigned quorum_step_alive(const struct quorum_step *s);

/* Takes a job; ERR_QUORUM at once when fewer than T are alive. Calls done(). */
void quorum_step_submit(struct quorum_step *s, struct coord_job *job, int64_t now_ns);

/* Writes the next frame for that core, of at most quorum_run_ask_max() + FRAME_HEADER_LEN
 * bytes. False: there is none. */
bool quorum_step_pull(struct quorum_step *s, unsigned party, struct writer *w);

/* An answer with QUORUM_ID_BIT in its request id. ERR_TYPE: not an answer to what was asked:
 * close the connection. Calls done(). */
MUST_CHECK enum err quorum_step_take(struct quorum_step *s, unsigned party,
                                     const struct frame_header *h, struct view body,
                                     int64_t now_ns);

/* Does what is due: deadlines, silence, new sessions. After any call above and at
 * quorum_step_next(). Calls done(). */
void quorum_step_pump(struct quorum_step *s, int64_t now_ns);
int64_t quorum_step_next(const struct quorum_step *s);

#endif
