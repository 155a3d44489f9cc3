/* classic_promise.h - R1s of three cores for stamps of the shared P-384 key, asked ahead for
 * one label each, and kept until a stamp takes them. Pure: time is an argument. */
#ifndef HOST_COORD_CLASSIC_PROMISE_H
#define HOST_COORD_CLASSIC_PROMISE_H

#include "crypto/tecdsa/tecdsa_presign.h"
#include "wire/stamp.h"

#define CLASSIC_ASKS_MAX 4       /* R1 questions under way, each to three cores */
#define CLASSIC_PROMISES_MAX 128 /* held and asked for; more are not asked for */
#define CLASSIC_R1S_LEN ((size_t)TECDSA_T * R1_PROVEN_LEN)
#define CLASSIC_R1_MARGIN_MS 50 /* of their life kept for R2's way to the cores */

/* The R1s of one stamp, in the order of the signers. */
struct classic_promise {
    unsigned t; /* number of the triple */
    int64_t asked_ns;
    uint8_t sid0[SID0_LEN];
    uint8_t r1s[CLASSIC_R1S_LEN];
};

/* One question. */
struct classic_ask {
    bool busy;
    unsigned t;
    unsigned sent, answered; /* masks of places among the three */
    uint64_t generation;
    int64_t asked_ns;
    size_t n;
    struct classic_promise promises[STAMP_BATCH_MAX];
};

struct classic_promises {
    int64_t life_ns;
    size_t n;
    struct classic_promise at[CLASSIC_PROMISES_MAX]; /* oldest first */
};

/* The party of a place among the three of mask s, and the place of a party (TECDSA_T: none). */
unsigned classic_party(unsigned s, unsigned place);
unsigned classic_place(unsigned s, unsigned party);

/* The body of the question to each of the three. */
void classic_ask_encode(const struct classic_ask *a, const uint8_t epoch_id[EPOCH_ID_LEN],
                        struct writer *w);

/* What the party at this place answers. ERR_MISMATCH: not R1s of this question. Else as
 * r1_answer_decode() and r1_body_decode(). */
MUST_CHECK enum err classic_ask_take(struct classic_ask *a,
                                     const uint8_t epoch_id[EPOCH_ID_LEN], unsigned place,
                                     unsigned party, struct view body);

/* Keeps what all three have answered, as far as there is room. */
void classic_promises_add(struct classic_promises *p, const struct classic_ask *a);

/* Drops those that are too old. */
void classic_promises_expire(struct classic_promises *p, int64_t now_ns);

/* Drops those of triple number t. */
void classic_promises_drop(struct classic_promises *p, unsigned t);

size_t classic_promises_count(const struct classic_promises *p, unsigned t);

/* The oldest of triple t, until anything is added or dropped; NULL: there is none. */
const struct classic_promise *classic_promises_first(const struct classic_promises *p,
                                                     unsigned t);

/* That one is used. */
void classic_promises_take(struct classic_promises *p, unsigned t);

#endif
