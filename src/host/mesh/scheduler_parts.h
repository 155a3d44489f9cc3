/* scheduler_parts.h - of scheduler.h: what its files share. */
#ifndef HOST_MESH_SCHEDULER_PARTS_H
#define HOST_MESH_SCHEDULER_PARTS_H

#include "host/mesh/scheduler.h"

static inline unsigned scheduler_bit(unsigned core)
{
    return 1U << core;
}

/* ---- what is known; scheduler_view.c ---- */

/* Mask of the cores that are up and said lately how they stand. */
unsigned scheduler_live(const struct scheduler *s, int64_t now_ns);

/* Of the three of a triple: the fewest records, and whether all make more and have room. */
struct scheduler_has {
    unsigned least;
    bool usable;
};
struct scheduler_has scheduler_count(const struct scheduler *s, unsigned triple);

/* What each of two says of the other. */
struct scheduler_both {
    const struct presign_peer_status *of_a, *of_b;
};
struct scheduler_both scheduler_both(const struct scheduler *s, unsigned a, unsigned b);
bool scheduler_pair_talks(struct scheduler_both p);
bool scheduler_pair_is_set_up(struct scheduler_both p);

/* Whether each pair of these cores has what is asked for. */
bool scheduler_every_pair(const struct scheduler *s, unsigned cores,
                          bool (*has)(struct scheduler_both p));

/* It failed once more. */
void scheduler_rest_longer(struct scheduler_rest *r, int64_t now_ns);

/* ---- orders; scheduler_view.c ---- */

bool scheduler_have_room(const struct scheduler *s, unsigned cores);
void scheduler_push(struct scheduler *s, unsigned core, const struct presign_order *o);
void scheduler_push_all(struct scheduler *s, unsigned cores, const struct presign_order *o);

/* It is over: whoever has not been told of it is not told any more. A mask of those. */
unsigned scheduler_take_back(struct scheduler *s, uint8_t kind, uint64_t counter);

uint64_t scheduler_next_counter(struct scheduler *s, uint64_t wall_us);

/* ---- the accelerator; scheduler_accel.c ---- */

/* Whether there can be one: it is wanted, and of five cores. */
bool scheduler_accel_wanted(const struct scheduler *s);

/* Whether it could make a batch now, or is at it; but for channels and seeds that are not there
 * yet. */
bool scheduler_accel_comes(const struct scheduler *s, unsigned live, int64_t now_ns);

/* The same with them. */
bool scheduler_accel_ready(const struct scheduler *s, unsigned live, int64_t now_ns);

/* Cores do as the configuration says. */
void scheduler_accel_switch(struct scheduler *s, unsigned live);

void scheduler_accel_settle(struct scheduler *s, unsigned live, int64_t now_ns);
void scheduler_accel_plan(struct scheduler *s, unsigned live, int64_t now_ns, uint64_t wall_us);

/* A core does not take that order, or has gone. */
void scheduler_accel_refused(struct scheduler *s, uint64_t counter, int64_t now_ns);
void scheduler_accel_lost(struct scheduler *s);

/* Whether its first batch is made: until then nothing else takes a core's time. Load that uses
 * all that is made since holds nothing up. */
bool scheduler_accel_has_made(const struct scheduler *s);

/* ---- sessions that were ordered; scheduler_sessions.c ---- */

/* One of a triple is ordered. */
void scheduler_sessions_begin(struct scheduler *s, unsigned triple, uint64_t counter,
                              int64_t now_ns);

/* How many of a triple may come to something. */
unsigned scheduler_sessions_of(const struct scheduler *s, unsigned triple);

/* How many more a core can be in. */
unsigned scheduler_sessions_room(const struct scheduler *s, unsigned core);

/* Whether some core of these is at one of a triple that failed, and owes. */
bool scheduler_sessions_on_trial(const struct scheduler *s, unsigned cores, int64_t now_ns);

/* A core takes the order. */
void scheduler_sessions_taken(struct scheduler *s, unsigned core, uint64_t counter);

/* A core says something new, which is not in its place yet. */
void scheduler_sessions_heard(struct scheduler *s, unsigned core,
                              const struct presign_status *said, int64_t now_ns);

/* A core does not take that order. The triple whose session is over for it; 0: none is. */
unsigned scheduler_sessions_refused(struct scheduler *s, unsigned core, uint64_t counter,
                                    enum err e);

/* A core is gone. */
void scheduler_sessions_lost(struct scheduler *s, unsigned core);

void scheduler_sessions_settle(struct scheduler *s, int64_t now_ns);

/* Another process gives the orders: what becomes of these is nobody's fault. */
void scheduler_sessions_forgive(struct scheduler *s);

/* ---- what triples are trusted with; scheduler_triples.c ---- */

/* Failures of late, 0 to some dozens. */
unsigned scheduler_triple_fails(const struct scheduler *s, unsigned triple, int64_t now_ns);

/* It failed lately, and has not made since what it owes. */
bool scheduler_triple_owes(const struct scheduler *s, unsigned triple, int64_t now_ns);

void scheduler_triple_failed(struct scheduler *s, unsigned triple, int64_t now_ns);

/* A core says something new, which is not in its place yet: of what it has more than before. */
void scheduler_triples_rise(struct scheduler *s, unsigned core,
                            const struct presign_status *said, int64_t now_ns);

/* One of its sessions seems to have ended well. Too many of which nothing is seen are none. */
void scheduler_triple_unseen(struct scheduler *s, unsigned triple, int64_t now_ns);

/* The triple of these cores that comes next; 0: none that can be begun now. */
unsigned scheduler_triples_pick(const struct scheduler *s, unsigned live, int64_t now_ns);

/* ---- DKLs23 and setups; scheduler_dkls.c ---- */

/* Each pair can make records together. */
bool scheduler_dkls_can(const struct scheduler *s, unsigned cores);

void scheduler_dkls_settle(struct scheduler *s, int64_t now_ns);

/* Begins setups: one for a core, so that as many are under way as there are disjoint pairs. */
void scheduler_dkls_set_up(struct scheduler *s, unsigned live, int64_t now_ns,
                           uint64_t wall_us);

/* Begins sessions. What entropy gives. */
MUST_CHECK enum err scheduler_dkls_make(struct scheduler *s,
                                        const struct entropy_source *entropy, unsigned live,
                                        int64_t now_ns, uint64_t wall_us);

void scheduler_dkls_refused(struct scheduler *s, unsigned core,
                            const struct presign_order *order, enum err e, int64_t now_ns);
void scheduler_dkls_lost(struct scheduler *s, unsigned core);

/* Whether a setup or session is under way. */
bool scheduler_dkls_busy(const struct scheduler *s);

#endif
