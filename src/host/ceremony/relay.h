/* relay.h - the host's part of a key ceremony: carries the nodes' messages, and starts it anew
 * when it ended without anybody's proven fault. docs/ceremony.md. Pure: frames in, frames out.
 *
 * The relay is trusted for nothing. It reads of a message to whom it goes, and of an answer how
 * the node says its ceremony stands; whether a record is genuine is for whoever verifies it. */
#ifndef HOST_CEREMONY_RELAY_H
#define HOST_CEREMONY_RELAY_H

#include "os/entropy.h"
#include "wire/ceremony_call.h"
#include "wire/ceremony_record.h"

/* Bytes of one node's messages that others have not taken yet, with what keeping them costs. A
 * node that sends more is named, and that is the end. */
#define RELAY_SENDER_MAX 16777216
#define RELAY_ATTEMPTS_MAX 3    /* then people decide: each abort may bias the key by a bit */
#define RELAY_ANSWER_MS 30000   /* a node that has not answered after so long ends an attempt */
#define RELAY_ATTEMPT_MS 300000 /* an attempt that takes longer is ended */
/* Once one node has given up: how long the others may take to come to an end of their own. */
#define RELAY_SETTLE_MS 15000
#define RELAY_IDLE_MS 100 /* a node for which there is nothing is asked so often */

enum relay_state {
    RELAY_RUNS,
    RELAY_DONE,   /* every node gave the same record */
    RELAY_FAILED, /* for good: see end */
};

enum relay_why {
    RELAY_NO_END = 0,
    RELAY_TOO_LONG, /* NORM: nobody's fault, and likely now and then */
    RELAY_ACCUSED,  /* others say so of node, and nothing proves it */
    RELAY_PROVEN,   /* enough nodes say that messages signed by node prove it */
    RELAY_SILENT,  /* node did not answer in time, or its connection ended: err. Twice: for good
                    */
    RELAY_REFUSED, /* node did not begin: err */
    RELAY_MISBEHAVED, /* node sent what no core sends, or too much: err */
    RELAY_SPLIT,      /* some nodes finished and some did not */
    RELAY_DIFFERS,    /* node has another record than the others */
    RELAY_SLOW,       /* RELAY_ATTEMPT_MS passed */
    RELAY_NO_MEMORY,  /* here */
};

/* How an attempt ended. */
struct relay_end {
    enum relay_why why;
    uint8_t node;   /* CEREMONY_NOBODY: none is named */
    uint8_t reason; /* enum ceremony_reason, of ACCUSED and PROVEN */
    enum err err;
};

/* A message that somebody has not taken yet. */
struct relay_message {
    struct relay_message *next;
    uint8_t sender;
    uint8_t waiting; /* bit i: node i has not taken it */
    size_t n;
    uint8_t bytes[];
};

struct relay_node {
    bool asked;             /* a question is under way */
    unsigned asked_attempt; /* of which attempt */
    int64_t asked_ms, next_ms;
    bool begun;
    struct ceremony_answer said; /* last; without its messages */
    size_t held;                 /* bytes of its messages that wait */
    uint32_t have, total;        /* bytes of its record */
};

struct relay {
    enum relay_state state;
    unsigned attempt;     /* from 1 */
    struct relay_end end; /* of the last attempt that ended */

    const struct entropy_source *entropy;
    struct view plan; /* the caller's */
    uint8_t threshold, total;
    uint8_t nonce[PLAN_NONCE_LEN]; /* of this attempt */
    bool fetching;                 /* all have finished: records are asked for */
    int64_t until_ms, settle_ms;   /* INT64_MAX: nobody has given up */
    struct relay_node nodes[PLAN_NODES_MAX];
    struct relay_message *first, *last;
    uint8_t record[CEREMONY_RECORD_MAX]; /* of node 0; the others' are compared with it */
};

/* The plan's bytes stay where they are until relay_free(). What plan_decode() gives;
 * ERR_NOSPACE: no memory. ERR_IO: no randomness. now_ms: of any clock that never steps back,
 * here and below. */
MUST_CHECK enum err relay_new(struct view plan, const struct entropy_source *entropy,
                              int64_t now_ms, struct relay **out);
void relay_free(struct relay *r); /* NULL is fine */

/* The next frame for a node that has none under way: its type, and its body of at most
 * FRAME_BODY_LONG_MAX bytes, appended. False: there is none now. One of the three below then
 * follows for it. */
bool relay_ask(struct relay *r, uint8_t node, int64_t now_ms, uint8_t *type,
               struct writer *body);

/* What a node answered: the body of an answer to its question. */
void relay_answer(struct relay *r, uint8_t node, struct view body, int64_t now_ms);

/* It answered an error, or not at all (ERR_IO: connection lost, whatever of it a frame). */
void relay_refused(struct relay *r, uint8_t node, enum err e, int64_t now_ms);
void relay_lost(struct relay *r, uint8_t node, enum err e, int64_t now_ms);

/* Deadlines. To be called when relay_next_ms() is reached. */
void relay_tick(struct relay *r, int64_t now_ms);
int64_t relay_next_ms(const struct relay *r);

/* The record, once RELAY_DONE. */
struct view relay_record(const struct relay *r);

#endif
