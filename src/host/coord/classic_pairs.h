/* classic_pairs.h - which pairs of cores have set up what DKLs23 takes, as both say, and which
 * triples rest, as one of them says (PRESIGN_STATUS, docs/wire.md 14). For who operates them:
 * nothing is decided by it. Pure. */
#ifndef HOST_COORD_CLASSIC_PAIRS_H
#define HOST_COORD_CLASSIC_PAIRS_H

#include "base/bytes.h"
#include "wire/plan.h"

/* A core is asked so often. */
#define CLASSIC_PAIRS_NS INT64_C(1000000000)

struct classic_pairs {
    struct classic_pairs_said {
        bool asked; /* sent, and not answered */
        uint64_t id;
        int64_t asked_ns; /* 0: never */
        uint8_t with;     /* mask of those that it has set up with */
        uint64_t rests;   /* bit s: it makes nothing for the triple of mask s */
    } said[PLAN_NODES_MAX];
};

/* Whether a core is to be asked now. */
bool classic_pairs_is_due(const struct classic_pairs *p, unsigned party, int64_t now_ns);

/* It is asked, under that request id. */
void classic_pairs_ask(struct classic_pairs *p, unsigned party, uint64_t id, int64_t now_ns);

/* Whether an answer under that request id is waited for. */
bool classic_pairs_waits(const struct classic_pairs *p, unsigned party, uint64_t id);

/* Its answer, of one of so many nodes. What presign_status_decode() gives; ERR_RANGE: of
 * another number of nodes. It has set up with nobody then. */
MUST_CHECK enum err classic_pairs_take(struct classic_pairs *p, unsigned party, unsigned nodes,
                                       struct view body);

/* It refused to say, or is gone: it has set up with nobody. */
void classic_pairs_forget(struct classic_pairs *p, unsigned party);

bool classic_pairs_has(const struct classic_pairs *p, unsigned a, unsigned b);

/* Whether each two of these (a mask) have. */
bool classic_pairs_has_all(const struct classic_pairs *p, unsigned parties);

/* Whether one of these makes nothing for them as a triple. */
bool classic_pairs_rests(const struct classic_pairs *p, unsigned parties);

#endif
