/* presign_pool.h - the presignatures that one core holds of the shared P-384 key, by triple,
 * until each is asked for (threshold-security F1).
 *
 * A record belongs to the three nodes of its triple, and answers once. It is in locked memory
 * alone, for PRESIGN_AGE_NS at most, and goes when one of its three does: what a node can no
 * longer complete that is dead, came back as another incarnation, or has forgotten it is erased
 * as soon as that is known (presigner.h).
 *
 * No kernel, no heap, one thread. Memory and time are arguments. */
#ifndef ENCLAVE_PRESIGN_PRESIGN_POOL_H
#define ENCLAVE_PRESIGN_PRESIGN_POOL_H

#include "crypto/tecdsa/tecdsa_online.h"
#include "enclave/presign/r1_macs.h"

#define PRESIGN_TRIPLES_MAX 10 /* of six nodes, those with this one */
#define PRESIGN_PER_TRIPLE_MAX 512
#define PRESIGN_AGE_NS INT64_C(3600000000000)
#define PRESIGN_AHEAD_NS INT64_C(1000000000) /* of a record of another thread */
#define PRESIGN_BUCKETS 1024                 /* of ids: a few records in each of a full pool */

/* One record; zero where there is none. Secret but for number and what is public of a record.
 */
struct presign_slot {
    struct tecdsa_presignature record;
    int64_t made_ns;
    uint64_t number;        /* rises by 1 from 1 with each record that is kept */
    uint32_t before, after; /* in order of number: place + 1; 0: none */
    uint32_t beside;        /* the next one of its bucket, likewise */
};

struct presign_counts {
    uint64_t made, used, expired, voided;
};

struct presign_pool {
    unsigned own; /* index of this node, from 0 */
    unsigned per_triple;
    unsigned n_triples;
    uint8_t triples[PRESIGN_TRIPLES_MAX]; /* masks, ascending: those with this node */
    uint16_t kept[PRESIGN_TRIPLES_MAX];   /* records of each */
    uint16_t next[PRESIGN_TRIPLES_MAX];   /* where a free place is looked for first */
    struct presign_slot *slots;           /* n_triples x per_triple */
    uint32_t first, last;                 /* kept ones, by number: place + 1 */
    uint64_t last_number;
    uint32_t buckets[PRESIGN_BUCKETS]; /* the last record of each that was kept: place + 1 */
    struct r1_macs macs; /* as of who is who: of a node that ended there is no key either */
    struct presign_counts counts;
};

/* Slots that a node of nodes needs; 0: no such number of nodes. */
size_t presign_pool_slots(unsigned nodes, unsigned per_triple);

/* slots: presign_pool_slots() of them, zero, in locked memory. ERR_RANGE: fewer nodes than sign
 * or more than TECDSA_PARTIES_MAX, own is none of them, per_triple is 0 or over
 * PRESIGN_PER_TRIPLE_MAX. */
MUST_CHECK enum err presign_pool_init(struct presign_pool *p, unsigned own, unsigned nodes,
                                      unsigned per_triple, struct presign_slot *slots);

/* Where the next record of a triple is made (tecdsa_presign_finish()); NULL: its pool is full,
 * or this node is none of the three. Nothing is held: the same place comes again until a record
 * is kept there. */
struct tecdsa_presignature *presign_pool_place(struct presign_pool *p, unsigned s);

/* The record that was made there is kept. ERR_STATE: it is no place of the pool of its triple,
 * or no record, or its id is there already: it is erased then. One that is kept stays. now_ns
 * is above 0. */
MUST_CHECK enum err presign_pool_keep(struct presign_pool *p,
                                      struct tecdsa_presignature *record, int64_t now_ns);

/* The answer of one record, which is gone then. digest: what this node computed itself of what
 * it judged. ERR_STALE: there is none of that id: used, too old, void, or never made. What
 * tecdsa_online_answer() gives. *out is zero on failure. */
MUST_CHECK enum err presign_pool_answer(struct presign_pool *p, struct work_stack *stack,
                                        const uint8_t id[TECDSA_HASH_LEN],
                                        const uint8_t digest[P384_DIGEST_LEN], int64_t now_ns,
                                        struct tecdsa_answer *out);

/* A record that is there, until the pool changes; NULL: none of that id is. */
const struct tecdsa_presignature *presign_pool_look(const struct presign_pool *p,
                                                    const uint8_t id[TECDSA_HASH_LEN]);
/* Its triple, a mask; 0: there is none. */
unsigned presign_pool_triple(const struct presign_pool *p, const uint8_t id[TECDSA_HASH_LEN]);

/* How many records of a triple are there. */
unsigned presign_pool_count(const struct presign_pool *p, unsigned s);

/* Adds a record that was made elsewhere, which is erased there. ERR_NOSPACE: the pool of its
 * triple is full, or this node is none of the three. What presign_pool_keep() gives. */
MUST_CHECK enum err presign_pool_add(struct presign_pool *p, struct tecdsa_presignature *record,
                                     int64_t now_ns);

/* The kept records by number, ascending: the first above a number, and the one after it; NULL:
 * no more. Good until the pool changes. */
const struct presign_slot *presign_pool_above(const struct presign_pool *p, uint64_t number);
const struct presign_slot *presign_pool_next(const struct presign_pool *p,
                                             const struct presign_slot *slot);

/* Erases what is too old: from the oldest on, until the first one that is not. */
void presign_pool_tick(struct presign_pool *p, int64_t now_ns);

/* A node is another incarnation, or has forgotten what it had: erases all records that it is
 * of, and the key of its R1s. Of the own index: all records, and no key. */
void presign_pool_void(struct presign_pool *p, unsigned node);

/* A node is dead, as far as this one can tell: erases all records that it is of. Should it come
 * back, the key of its R1s is the same. */
void presign_pool_lose(struct presign_pool *p, unsigned node);

#endif
