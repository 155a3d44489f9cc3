/* presign_call.h - what the host asks of a core about presignatures: PRESIGN_ORDER,
 * PRESIGN_LIST and PRESIGN_STATUS. docs/wire.md 14.
 *
 * A triple is a mask, bit i for the node of index i, from 0; the number of one is its place
 * among the ten of five nodes (tecdsa_accel_triple()). Peers are indices from 0 here, from 1 on
 * the wire. Every encoder writes one whole frame body, every decoder reads one and nothing
 * after it. A failed decode leaves *out zero. */
#ifndef WIRE_PRESIGN_CALL_H
#define WIRE_PRESIGN_CALL_H

#include "wire/presign_word.h"

#define PRESIGN_NODES_MAX 6
#define PRESIGN_LABEL_LEN 32
#define PRESIGN_RECORD_ID_LEN 48
#define PRESIGN_R_LEN 48
#define PRESIGN_ACCEL_TRIPLES 10      /* of five nodes */
#define PRESIGN_BATCH_RECORDS_MAX 255 /* their number is one byte */

/* ---- PRESIGN_ORDER ---- */

enum presign_order_kind {
    PRESIGN_ORDER_SETUP = 1, /* of a pair; goes to both */
    PRESIGN_ORDER_MAKE = 2,  /* one record by DKLs23; goes to the three */
    PRESIGN_ORDER_BATCH = 3, /* a batch of the accelerator; goes to all five */
    PRESIGN_ORDER_ACCEL = 4, /* the accelerator is switched on or off */
    PRESIGN_ORDER_WRONG = 5, /* three answers that make no signature; goes to the three */
    /* Operators have a pair try once more; goes to both. What follows the kind is of
     * renew_order.h, and not decoded here. */
    PRESIGN_ORDER_RENEW = 6,
};

struct presign_order {
    uint8_t kind;     /* enum presign_order_kind; what another kind has is zero */
    uint64_t counter; /* SETUP, MAKE, BATCH: not 0; RENEW: attempt */
    uint8_t peer;     /* SETUP, RENEW: index, from 0 */
    uint8_t triple;   /* MAKE: mask, of three */
    uint8_t label[PRESIGN_LABEL_LEN];           /* MAKE: chosen by the host, for uniqueness */
    uint8_t records;                            /* BATCH: how many, from 1 */
    uint8_t triples[PRESIGN_BATCH_RECORDS_MAX]; /* BATCH: the number of each record's triple */
    bool on;                                    /* ACCEL */
    struct presign_word word;                   /* WRONG */
};
void presign_order_encode(struct writer *w, const struct presign_order *o);
/* ERR_TRUNCATED, ERR_TRAILING. ERR_RANGE: no kind, or RENEW, no peer, no three of
 * PRESIGN_NODES_MAX, a counter or a number of records of 0, a number that is no triple's,
 * neither on nor off. */
MUST_CHECK enum err presign_order_decode(struct view body, struct presign_order *out);

/* The answer: what became of it; ERR_OK is 0. */
void presign_ordered_encode(struct writer *w, enum err e);
/* *out: ERR_BUG for a number that we do not know. ERR_TRUNCATED, ERR_TRAILING: *out is ERR_BUG.
 */
MUST_CHECK enum err presign_ordered_decode(struct view body, enum err *out);

/* ---- PRESIGN_LIST ---- */

/* The body: records of a number not below this. */
void presign_since_encode(struct writer *w, uint64_t since);
/* ERR_TRUNCATED, ERR_TRAILING. */
MUST_CHECK enum err presign_since_decode(struct view body, uint64_t *out);

struct presign_listed {
    uint64_t number; /* ascends with each record that the core keeps, from 1 */
    uint8_t triple;  /* mask */
    uint8_t id[PRESIGN_RECORD_ID_LEN];
    uint8_t r[PRESIGN_R_LEN]; /* x of the nonce's point, mod n */
};
#define PRESIGN_LISTED_LEN (8 + 1 + PRESIGN_RECORD_ID_LEN + PRESIGN_R_LEN)
#define PRESIGN_LIST_MAX 512 /* records in one answer */

/* The answer: next(8), which is what to ask since then, and the records, numbers ascending and
 * below next. Written piece by piece: the next first, over which the caller writes again by
 * presign_list_end(). */
size_t presign_list_begin(struct writer *w);
void presign_listed_encode(struct writer *w, const struct presign_listed *row);
void presign_list_end(struct writer *w, size_t mark, uint64_t next);

/* The answer, row by row. */
struct presign_list {
    uint64_t next;
    size_t n;
    struct view rows; /* n x PRESIGN_LISTED_LEN, each as it should be */
};
/* ERR_TRUNCATED. ERR_RANGE: more than PRESIGN_LIST_MAX; a number of 0, or that does not ascend,
 * or is not below next; no triple. */
MUST_CHECK enum err presign_list_decode(struct view body, struct presign_list *out);
/* Row i, below n. */
void presign_list_row(const struct presign_list *l, size_t i, struct presign_listed *out);

/* ---- PRESIGN_STATUS: asked with an empty body ---- */

enum presign_channel {
    PRESIGN_CHANNEL_NONE = 0,
    PRESIGN_CHANNEL_MAKING = 1,
    PRESIGN_CHANNEL_VERIFIED = 2,
};
enum presign_pair {
    PRESIGN_PAIR_NONE = 0,
    PRESIGN_PAIR_RUNNING = 1,
    PRESIGN_PAIR_DONE = 2,
    PRESIGN_PAIR_RESTS = 3, /* a setup failed: wait_s, or for good if that is UINT32_MAX */
};
enum presign_accel {
    PRESIGN_ACCEL_OFF = 0, /* switched off */
    PRESIGN_ACCEL_ON = 1,
    PRESIGN_ACCEL_LIVE = 2, /* a batch is under way */
    PRESIGN_ACCEL_OVER = 3, /* off for the epoch */
};

/* Of one node, by index; of the own one all zero but the incarnation. */
struct presign_peer_status {
    uint8_t channel; /* enum presign_channel */
    uint8_t setup;   /* enum presign_pair */
    bool seeded;     /* the seed of the pair for the accelerator is there */
    uint32_t incarnation;
    uint64_t counter; /* the highest of a setup or a record with it */
    uint32_t wait_s;  /* until a setup may begin */
};
struct presign_triple_status {
    uint8_t triple; /* mask */
    uint16_t count; /* records of it */
    bool usable;    /* records of it are made */
};
#define PRESIGN_STATUS_TRIPLES_MAX 10 /* of six nodes, those with one */

struct presign_status {
    size_t n_nodes; /* 3 to PRESIGN_NODES_MAX */
    struct presign_peer_status nodes[PRESIGN_NODES_MAX];
    size_t n_triples; /* masks ascend */
    struct presign_triple_status triples[PRESIGN_STATUS_TRIPLES_MAX];
    uint16_t cap;           /* of records of one triple */
    uint8_t accel;          /* enum presign_accel */
    uint8_t late;           /* batches of it that ended late */
    uint8_t sessions;       /* records that are being made by DKLs23 */
    uint64_t batch_counter; /* the highest of a BATCH */
    uint64_t made_dkls, made_accel, used, expired, voided;
    uint64_t aborted; /* sessions and batches that ended without a record */
    uint64_t dropped; /* messages of no use */
    uint64_t lies;    /* proofs that a node said two things in one session */
};
#define PRESIGN_STATUS_LEN_MAX \
    (1 + PRESIGN_NODES_MAX * 19 + 1 + PRESIGN_STATUS_TRIPLES_MAX * 4 + 5 + 9 * 8)
void presign_status_encode(struct writer *w, const struct presign_status *s);
/* ERR_TRUNCATED, ERR_TRAILING. ERR_RANGE: fewer nodes than sign or more than PRESIGN_NODES_MAX,
 * more than PRESIGN_STATUS_TRIPLES_MAX, a triple that is none or does not ascend, a count over
 * cap, an enumerator or a flag that is none. */
MUST_CHECK enum err presign_status_decode(struct view body, struct presign_status *out);

#endif
