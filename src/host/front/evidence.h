/* evidence.h - gathers the classic tokens of hybrid policies into batches, and has each batch
 * signed once by the pq key: natural batching, token.md.
 *
 * When the pq key is idle it signs at once what has arrived. While it is busy tokens wait, at
 * most for the window of their evidence policy, and fewer than its count; then they are a batch
 * of their own. What a batch holds is settled only when its frame goes to the core. */
#ifndef HOST_FRONT_EVIDENCE_H
#define HOST_FRONT_EVIDENCE_H

#include "host/front/archive.h"
#include "host/front/serving.h"

#define EVIDENCE_BATCHES_MAX                                                           \
    64                    /* under way; tokens then wait, at most until their deadline \
                           */
#define EVIDENCE_SIZES 13 /* of the histogram: 1, 2, 4 to 4096 tokens */

/* One token that waits. The caller owns it and leaves it alone from evidence_add() until done()
 * runs. */
struct evidence_entry {
    struct evidence_entry *next;        /* evidence's own */
    int64_t since_ns;                   /* evidence's own */
    struct serving *serving;            /* of the token; its owner holds it */
    const struct config_policy *policy; /* the evidence policy, in that snapshot */
    int64_t deadline_ns;                /* CLOCK_MONOTONIC */
    uint8_t leaf[ER_HASH_LEN];          /* SHA-512 of the data object */
    /* Whether somebody still waits for it; of any thread. */
    bool (*wanted)(const struct evidence_entry *entry);
    void (*done)(struct evidence_entry *entry); /* once; must not block */
    void *user;

    /* The result. err: as struct coord_job, ERR_NOSPACE, ERR_BUG. With ERR_OK archive is one
     * reference, and its row was handed to the journal. */
    enum err err;
    struct archive *archive; /* NULL: none */
    struct archive_path path;
};

struct evidence_counters {
    atomic_uint_fast64_t stamps, failed,
        tokens; /* batches signed, failed; tokens in the first */
    atomic_uint_fast64_t sizes[EVIDENCE_SIZES]; /* batches of up to 1 << i tokens */
    atomic_uint_fast64_t waiting;               /* now */
};

struct evidence;

/* NULL: out of memory. coord and journal outlive it. */
struct evidence *evidence_new(struct coord *coord, struct journal *journal,
                              int64_t (*monotonic_ns)(void));

/* Nothing may be under way any more: after coord_free(). */
void evidence_free(struct evidence *ev);

/* Takes a token; from any thread. May call done() before it returns. */
void evidence_add(struct evidence *ev, struct evidence_entry *entry);

/* Looks at the windows; from any thread. */
void evidence_tick(struct evidence *ev);

const struct evidence_counters *evidence_counters(const struct evidence *ev);

#endif
