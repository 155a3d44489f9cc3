/* time_probe.h - how cores see one another's clocks: each challenges the others, each says its
 * span with the challenges that it heard, each hears what the others said. The host carries it
 * all and can drop it or be late; what it cannot is make a statement older than its challenge,
 * or another's. docs/wire.md 8. */
#ifndef WIRE_TIME_PROBE_H
#define WIRE_TIME_PROBE_H

#include "wire/core_info.h"

#define TIME_PEERS_MAX 6 /* cores of a plan, the own one included */
#define TIME_NONCE_LEN 16
#define TIME_STATEMENT_SIG_LEN 64

/* What a core asks of the others: their spans, after this. */
struct time_challenge {
    uint8_t index;                 /* of the core, from 1 */
    uint8_t nonce[TIME_NONCE_LEN]; /* random, new for each round */
};

/* What a core says of its clock, after all of these challenges. */
struct time_statement {
    uint8_t index;        /* of the core, from 1 */
    uint64_t seq;         /* ascends, from 1 */
    bool holds;           /* its own sources hold; else lo, hi are 0 */
    int64_t lo_ns, hi_ns; /* TAI */
    int64_t given_ns;     /* TAI: the highest time that it gave out; 0: none */
    uint8_t view;         /* bit index - 1: it holds that core to be consistent with itself */
    size_t n;             /* up to TIME_PEERS_MAX, indices ascending */
    struct time_challenge heard[TIME_PEERS_MAX];
    uint8_t signature[TIME_STATEMENT_SIG_LEN]; /* Ed25519, over time_statement_signed() */
};

/* "quorate-time-v1", epoch_id, and all of it before the signature. Gives the length. */
#define TIME_SIGNED_MAX (15 + EPOCH_ID_LEN + 36 + TIME_PEERS_MAX * (1 + TIME_NONCE_LEN))
size_t time_statement_signed(const struct time_statement *s,
                             const uint8_t epoch_id[EPOCH_ID_LEN],
                             uint8_t out[TIME_SIGNED_MAX]);

/* The challenge that a statement answers; NULL: it heard none of that core. */
const struct time_challenge *time_statement_heard(const struct time_statement *s,
                                                  uint8_t index);

enum time_step {
    TIME_OPEN = 1, /* empty; the answer is an own challenge */
    TIME_TELL = 2, /* n challenges; the answer is an own statement */
    TIME_HEAR = 3  /* n statements; the answer is empty */
};

struct time_probe {
    uint8_t step; /* enum time_step */
    size_t n;     /* up to TIME_PEERS_MAX, indices ascending */
    struct time_challenge challenges[TIME_PEERS_MAX]; /* TIME_TELL */
    struct time_statement statements[TIME_PEERS_MAX]; /* TIME_HEAR */
};
void time_probe_encode(struct writer *w, const struct time_probe *p);
/* On failure *out is zero, here and below. ERR_TRUNCATED, ERR_TRAILING. ERR_RANGE: a step that
 * is none; more than TIME_PEERS_MAX; an index that is 0, over that or does not ascend; of a
 * statement: seq 0, a negative time, lo over hi, a span that does not hold, a view of cores
 * that cannot be. */
MUST_CHECK enum err time_probe_decode(struct view body, struct time_probe *out);

/* Answers to OPEN and TELL. As time_probe_decode(). */
void time_challenge_encode(struct writer *w, const struct time_challenge *c);
MUST_CHECK enum err time_challenge_decode(struct view body, struct time_challenge *out);
void time_statement_encode(struct writer *w, const struct time_statement *s);
MUST_CHECK enum err time_statement_decode(struct view body, struct time_statement *out);

#endif
