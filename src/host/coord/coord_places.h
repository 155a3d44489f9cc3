/* coord_places.h - which core has which place of the plan, which places are gone for ever, and
 * whether the epoch is over for it. No kernel, no heap. */
#ifndef HOST_COORD_COORD_PLACES_H
#define HOST_COORD_COORD_PLACES_H

#include "host/coord/coord_cluster.h"

#define COORD_NOWHERE PLAN_NODES_MAX /* the place of a member that never had one */

static inline bool coord_member_is_fit(const struct coord_member *m)
{
    return m->step.phase == COORD_UP && m->fault == COORD_FITS;
}

/* A core has greeted, or the roster is new: finds its place, or what is wrong with it. Calls
 * done(). */
void coord_places_judge(struct coord_cluster *cl, struct coord_member *m, int64_t now_ns);

/* Tells the sessions whether the member takes part in them. Calls done(). */
void coord_places_note(struct coord_cluster *cl, struct coord_member *m, int64_t now_ns);

/* The process of this place has ended. Calls done(). */
void coord_places_ended(struct coord_cluster *cl, size_t place, int64_t now_ns);

/* This place is another process's now, as the roster says: the one that was there is a
 * stranger, and no longer counts as ended. Calls done(). */
void coord_places_reenrolled(struct coord_cluster *cl, size_t place, int64_t now_ns);

/* How many nodes of the plan are gone for ever, at the least. */
unsigned coord_places_count_ended(const struct coord_cluster *cl);

#endif
