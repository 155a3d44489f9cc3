/* quorum_choice.h - which T cores are asked next. Pure: time is an argument. */
#ifndef HOST_COORD_QUORUM_CHOICE_H
#define HOST_COORD_QUORUM_CHOICE_H

#include "host/coord/quorum_core.h"
#include "wire/plan.h"

/* While nobody is doubted, the best cores one by one. When two of five lie and prove nothing,
 * all are doubted soon, whoever is fast among the liars sits in every session, and what is
 * known of single cores says no more: then quorums have their turn, those first that have not
 * come to nothing for longest. */
struct quorum_choice {
    unsigned n, t;
    unsigned turn; /* where a choice begins, so that equal cores share the work */
    uint64_t next; /* the number of the next session that comes to nothing */
    uint64_t spoiled[1U << PLAN_NODES_MAX]; /* by mask: the number of the last one; 0: none */
};

/* t of n cores sign. */
void quorum_choice_init(struct quorum_choice *c, unsigned n, unsigned t);

/* A session of these cores, a mask, came to nothing, and nobody was proved to be the cause. */
void quorum_choice_spoiled(struct quorum_choice *c, unsigned act);

/* One went through all rounds, with no answer that is odd. */
void quorum_choice_whole(struct quorum_choice *c, unsigned act);

/* T of those that can be asked, a mask; 0: they are fewer. behind: those that are asked after
 * the others. */
unsigned quorum_choose(struct quorum_choice *c, const struct quorum_core *cores, unsigned can,
                       unsigned behind, int64_t now_ns);

#endif
