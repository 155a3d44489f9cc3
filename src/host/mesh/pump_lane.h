/* pump_lane.h - packets of one core for another that wait to be put into its inbox, oldest
 * first. Bounded; pure. */
#ifndef HOST_MESH_PUMP_LANE_H
#define HOST_MESH_PUMP_LANE_H

#include "base/bytes.h"

#define PUMP_LANE_MAX                                                                        \
    524288                   /* bytes of packets of one core for another, with their lengths \
                              */
#define PUMP_LANE_OVERHEAD 4 /* bytes that a packet takes besides its own */

/* Zero: empty. */
struct pump_lane {
    size_t at, end; /* what waits stands from at to end */
    uint8_t bytes[PUMP_LANE_MAX];
};

/* Bytes that are free. */
size_t pump_lane_room(const struct pump_lane *l);

bool pump_lane_empty(const struct pump_lane *l);

/* False: there is no room, and nothing changes. */
bool pump_lane_put(struct pump_lane *l, struct view packet);

/* The packet at *cursor, which then is that of the next; 0 at first. False: there is none.
 * *packet is good until something is put or dropped. */
bool pump_lane_next(const struct pump_lane *l, size_t *cursor, struct view *packet);

/* The oldest goes; there is one. */
void pump_lane_drop(struct pump_lane *l);

/* All go. Gives how many those were. */
unsigned pump_lane_clear(struct pump_lane *l);

#endif
