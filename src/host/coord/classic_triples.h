/* classic_triples.h - which three cores are asked for the next stamps of the shared P-384 key,
 * after what became of earlier ones. Pure: time is an argument.
 *
 * An answer that is wrong shows only in the signature that three answers make, and not whose it
 * was. So triples are suspected, in turn: the one that failed last is asked last. Three wrong
 * signatures within an hour, and a triple rests for an hour; and those cores that have a part
 * in all triples that failed within an hour are asked after the others. */
#ifndef HOST_COORD_CLASSIC_TRIPLES_H
#define HOST_COORD_CLASSIC_TRIPLES_H

#include "host/coord/classic_pool.h"

#define CLASSIC_WRONG_MAX 3 /* signatures of a triple */
#define CLASSIC_WRONG_NS INT64_C(3600000000000)
#define CLASSIC_DOUBT_NS INT64_C(250000000) /* after a session that somebody refused, */
#define CLASSIC_DOUBT_DOUBLINGS 6           /* twice as long each time until one signs */
#define CLASSIC_DOUBT_LONGEST_NS (CLASSIC_DOUBT_NS << CLASSIC_DOUBT_DOUBLINGS)

struct classic_triple {
    uint8_t s;       /* mask of the three */
    uint8_t n_wrong; /* of wrong_ns; the latest */
    uint8_t misses;  /* sessions refused since one signed */
    int64_t wrong_ns[CLASSIC_WRONG_MAX];
    int64_t rest_ns;  /* not asked before */
    uint64_t spoiled; /* the number of the last failure since it signed; 0: none */
};

struct classic_triples {
    unsigned n;
    uint64_t next; /* number of the next failure */
    struct classic_triple at[COORD_TRIPLES_MAX];
};

/* The triples of a pool, in its order. */
void classic_triples_init(struct classic_triples *c, const struct classic_pool *p);

/* Three answers of triple number t made no signature. True: it rests from now on. */
bool classic_triples_wrong(struct classic_triples *c, unsigned t, int64_t now_ns);

/* A session of it came to nothing: one of them refused, and nobody knows because of whom. */
void classic_triples_refused(struct classic_triples *c, unsigned t, int64_t now_ns);

/* A record of it was gone at one of them. That happens: another front was before us. */
void classic_triples_stale(struct classic_triples *c, unsigned t);

/* It signed. */
void classic_triples_signed(struct classic_triples *c, unsigned t);

/* Cores that are in all triples with a wrong signature within an hour, a mask; 0: there was
 * none, or no core is. */
unsigned classic_triples_behind(const struct classic_triples *c, int64_t now_ns);

/* Whether it rests. */
bool classic_triples_rests(const struct classic_triples *c, unsigned t, int64_t now_ns);

/* The triple to be asked, of those within can, a mask of triple numbers: who is trusted most,
 * then whose stock is largest; last, the one asked so far, while it is trusted as much and its
 * stock is a quarter of that. n: can is empty. */
unsigned classic_triples_choose(const struct classic_triples *c, const struct classic_pool *p,
                                unsigned can, unsigned last, int64_t now_ns);

#endif
