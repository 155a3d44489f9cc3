/* bundle.h - one file with all that an epoch of an authority shows of itself: what was agreed,
 * how the keys came to be, what runs on which silicon, which certificates there are. Whoever
 * has it and a token needs nobody any more. docs/bundle.md.
 *
 *   "QUORATE-BUNDLE-1" 0a, then parts: kind(1) length(4, LE) bytes
 *
 * Parts ascend by kind; only those that say so come more than once. Nothing is verified here:
 * bundle_judge.h does that. */
#ifndef BUNDLE_BUNDLE_H
#define BUNDLE_BUNDLE_H

#include "base/bytes.h"

#define BUNDLE_MAGIC "QUORATE-BUNDLE-1\n"
#define BUNDLE_MAX 2097152      /* bytes of a whole bundle */
#define BUNDLE_NODES_MAX 6      /* PLAN_NODES_MAX */
#define BUNDLE_CHAIN_MAX 65536  /* bytes of one leg's certificates */
#define BUNDLE_RECIPE_MAX 16384 /* bytes of the recipe */
#define BUNDLE_EARLIER_MAX 256  /* epochs before this one */
#define BUNDLE_ORDERS_MAX 8     /* by which places went to other processes */
#define BUNDLE_EVIDENCE_MAX (BUNDLE_NODES_MAX + BUNDLE_ORDERS_MAX)    /* one a process */
#define BUNDLE_RETIREMENTS_MAX (BUNDLE_NODES_MAX + BUNDLE_ORDERS_MAX) /* one a process */

enum bundle_kind {
    BUNDLE_DOCUMENT = 1,   /* epoch_doc.h */
    BUNDLE_RECORD = 2,     /* wire/ceremony_record.h; has the plan, and the plan the policy */
    BUNDLE_EVIDENCE = 3,   /* of each node and incarnation, ascending: struct bundle_evidence */
    BUNDLE_CLASSIC = 4,    /* certificates, DER after one another, leaf first */
    BUNDLE_PQ = 5,         /* the same of the other leg */
    BUNDLE_RECIPE = 6,     /* text: of what the measurement is */
    BUNDLE_EARLIER = 7,    /* documents of the epochs before, oldest first */
    BUNDLE_RETIREMENT = 8, /* statements of nodes that their shares are erased */
    BUNDLE_ORDER = 9,   /* orders to re-enrol, as they were carried out: wire/reenrol_order.h */
    BUNDLE_BEFORE = 10, /* the whole bundle of the epoch before, without a part of this kind */
};

/* index(1) incarnation(4) block: what a node shows, and what of its REPORT_DATA does not follow
 * from the record. */
struct bundle_evidence {
    uint8_t index;        /* place in the plan, from 0 */
    uint32_t incarnation; /* of that place */
    struct view block;    /* wire/evidence.h */
};

/* Views point into what was parsed; n == 0: not there. */
struct bundle {
    struct view document, record, classic, pq, recipe, before;
    size_t n_evidence, n_earlier, n_retirements, n_orders;
    struct bundle_evidence
        evidence[BUNDLE_EVIDENCE_MAX]; /* by index, of one index by incarnation */
    struct view earlier[BUNDLE_EARLIER_MAX];
    struct view retirements[BUNDLE_RETIREMENTS_MAX];
    struct view orders[BUNDLE_ORDERS_MAX];
};

/* Writes a whole bundle. Overflow is kept in w. */
void bundle_encode(struct writer *w, const struct bundle *b);

/* Reads a whole bundle and nothing after it. On failure *out is all zero.
 *
 * ERR_LENGTH: over BUNDLE_MAX, or a part over what stands above. ERR_TAG: it does not begin as
 * a bundle does, or a kind that is none. ERR_TRUNCATED. ERR_ENCODING: parts do not ascend, one
 * that comes once comes twice, or is empty. ERR_RANGE: nodes and incarnations do not ascend, or
 * are over BUNDLE_NODES_MAX. ERR_NOSPACE: more parts of a kind than stands above. */
MUST_CHECK enum err bundle_decode(struct view in, struct bundle *out);

/* The bundle of the epoch before, in a bundle that was read. On failure *out is all zero.
 * ERR_STATE: there is none. ERR_RANGE: it has one before it itself: that is no part of ours.
 * Else as bundle_decode(). */
MUST_CHECK enum err bundle_before(const struct bundle *b, struct bundle *out);

/* The bytes that *b was read from, without the bundle of the epoch before: a bundle by itself.
 */
struct view bundle_alone(struct view in, const struct bundle *b);

/* Cuts the next certificate off a part of BUNDLE_CLASSIC or BUNDLE_PQ. ERR_TRUNCATED, ERR_TAG,
 * ERR_ENCODING: no DER SEQUENCE stands there. */
MUST_CHECK enum err bundle_next_certificate(struct reader *r, struct view *out);

#endif
