/* mesh_box.h - packets that wait: a lane for each node, bounded, first in first out. A core has
 * two, each under its owner's lock: what came from the others, and what is to go to them. The
 * nodes take turns, so one that floods fills its own lane and delays nobody.
 *
 * No kernel, no heap, no lock of its own. Packets are sealed, or of handshakes: no secrets. */
#ifndef ENCLAVE_MESH_MESH_BOX_H
#define ENCLAVE_MESH_MESH_BOX_H

#include "wire/mesh_msg.h"

/* Bytes that one lane holds, MESH_WAITING_HEAD_LEN for each packet besides its own. Four
 * messages of the longest kind. */
#define MESH_LANE_BYTES 524288
#define MESH_WAITING_HEAD_LEN 8

struct mesh_lane {
    size_t from, to; /* what is there of bytes */
    uint8_t bytes[MESH_LANE_BYTES];
};

/* 3 MB. */
struct mesh_box {
    unsigned turn; /* the node whose turn it is */
    struct mesh_lane lanes[MESH_NODES_MAX];
};

/* One that waits. */
struct mesh_waiting {
    uint32_t mark; /* of who put it */
    struct view packet;
};

void mesh_box_init(struct mesh_box *b);

/* Whether a packet of n bytes has room, and room for after bytes more stays: for packets that
 * matter less. */
bool mesh_box_has_room(const struct mesh_box *b, unsigned node, size_t n, size_t after);

/* Room for a packet of up to n bytes, at the end of a lane; it counts only once it is kept.
 * ERR_NOSPACE: the lane is full. ERR_RANGE: no node, or n is 0 or over MESH_PACKET_MAX. */
MUST_CHECK enum err mesh_box_place(struct mesh_box *b, unsigned node, size_t n,
                                   struct writer *out);
/* What was written to that place is kept, under a mark. */
void mesh_box_keep(struct mesh_box *b, unsigned node, const struct writer *written,
                   uint32_t mark);

/* Both at once, of bytes that are there. As mesh_box_place(). */
MUST_CHECK enum err mesh_box_put(struct mesh_box *b, unsigned node, struct view packet,
                                 uint32_t mark);

/* The oldest of the node whose turn it is; false: nothing waits. It stays until
 * mesh_box_drop_first() with that node, or until something is put there: at most one such call
 * in between. */
bool mesh_box_first(struct mesh_box *b, unsigned *node, struct mesh_waiting *out);
void mesh_box_drop_first(struct mesh_box *b, unsigned node);

/* Packets as an answer to MESH_GET has them, as many as there is room for in out, the nodes in
 * turn, of each the oldest first. They are gone then. Gives how many. */
size_t mesh_box_give(struct mesh_box *b, struct writer *out);

/* Packets of a MESH_PUT until a lane is full. Gives how many were kept. A body of which
 * mesh_packets_check() was right; what is from a node that is none of nodes is dropped. */
size_t mesh_box_fill(struct mesh_box *b, unsigned nodes, struct view body);

/* Drops packets of a lane: all, or those of one mark. */
void mesh_box_clear(struct mesh_box *b, unsigned node);
void mesh_box_clear_marked(struct mesh_box *b, unsigned node, uint32_t mark);

/* Bytes that wait in a lane. */
size_t mesh_box_bytes(const struct mesh_box *b, unsigned node);

#endif
