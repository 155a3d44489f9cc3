/* classic_pool.h - the presignatures of the shared P-384 key, as the cores list them
 * (PRESIGN_LIST): which of them all three of their triple hold, and which were used. Pure: time
 * and chance are arguments.
 *
 * A record is of use once all three have listed it with the same r. What was taken once is
 * never given out again, whatever cores list later. */
#ifndef HOST_COORD_CLASSIC_POOL_H
#define HOST_COORD_CLASSIC_POOL_H

#include "crypto/tecdsa/tecdsa_online.h"
#include "host/coord/coord.h"

#include <stdbool.h>

#define CLASSIC_PER_TRIPLE_MAX 512 /* more: the oldest that not all have listed goes */
#define CLASSIC_PICK                                                            \
    32 /* of so many, the oldest, one is picked by chance: so two fronts rarely \
          take the same */
#define CLASSIC_TAKEN_MAX 1024 /* of which somebody may still list: the oldest is forgotten */
#define CLASSIC_TAKEN_LEN 16   /* bytes of an id that are kept of them */
#define CLASSIC_AGE_NS INT64_C(3600000000000) /* cores keep none longer */

struct classic_record {
    uint8_t id[TECDSA_HASH_LEN];
    uint8_t r[TECDSA_SCALAR_LEN];
    uint8_t listed; /* by whom, a mask of parties */
    bool odd;       /* they list it with different r */
    int64_t since_ns;
};

struct classic_shelf {
    uint8_t s; /* mask of the three */
    unsigned n, whole;
    struct classic_record at[CLASSIC_PER_TRIPLE_MAX]; /* as they came */
};

struct classic_pool {
    unsigned n_triples;
    unsigned n_taken; /* ever */
    uint8_t taken[CLASSIC_TAKEN_MAX][CLASSIC_TAKEN_LEN];
    struct classic_shelf shelves[COORD_TRIPLES_MAX]; /* masks ascending */
};

/* Of nodes nodes, up to PLAN_NODES_MAX; empty. */
void classic_pool_init(struct classic_pool *p, unsigned nodes);

/* Where the records of a triple are; n_triples: it is none. */
unsigned classic_pool_find(const struct classic_pool *p, unsigned s);

/* A party lists a record of the triple s. False: it lists what is none of it, or not what
 * another one lists: then the record is of no use. */
bool classic_pool_list(struct classic_pool *p, unsigned party, unsigned s,
                       const uint8_t id[TECDSA_HASH_LEN], const uint8_t r[TECDSA_SCALAR_LEN],
                       int64_t now_ns);

/* What a party has listed holds no more: it begins anew. */
void classic_pool_forget(struct classic_pool *p, unsigned party);

/* Drops what is too old. */
void classic_pool_expire(struct classic_pool *p, int64_t now_ns);

/* How many records of triple number t all three have listed. */
unsigned classic_pool_stock(const struct classic_pool *p, unsigned t);

/* One of them, by chance; NULL: there is none. It stays until classic_pool_take(). */
const struct classic_record *classic_pool_pick(const struct classic_pool *p, unsigned t,
                                               uint64_t chance);

/* It is used: out has its id and r. */
void classic_pool_take(struct classic_pool *p, unsigned t, const struct classic_record *picked,
                       struct classic_record *out);

/* Not all three have said that they have used it: whoever lists it is not believed. */
void classic_pool_taken(struct classic_pool *p, const uint8_t id[TECDSA_HASH_LEN]);

#endif
