/* mesh_msg.h - packets between cores, which the host carries: MESH_PUT and MESH_GET.
 * docs/wire.md 14.
 *
 * Nodes are indices from 0 here, from 1 on the wire. Every encoder writes one whole frame body,
 * or one packet of it, every decoder reads one. A failed decode leaves *out zero. */
#ifndef WIRE_MESH_MSG_H
#define WIRE_MESH_MSG_H

#include "wire/frame.h"
#include "wire/pq1_msg.h"

#define MESH_NODES_MAX 6 /* of a plan */

/* The first byte of a packet: what follows it. */
enum mesh_kind {
    MESH_HANDSHAKE = 1, /* a message that makes a PQ/1 channel */
    MESH_RECORD = 2,    /* a record of one */
    MESH_KNOCK = 3,     /* nothing: the sender has no channel, and asks for one to be made */
};
#define MESH_PACKET_MAX (1 + PQ1_RECORD_OVERHEAD + PQ1_PLAIN_MAX)
/* Before each packet in a frame: node(1) length(4). */
#define MESH_PACKET_HEAD_LEN 5

/* pq1_about.type of a record: what the message is for. */
enum mesh_type {
    MESH_SETUP = 1,   /* docs/wire.md 12 */
    MESH_PRESIGN = 2, /* 13 */
    MESH_ACCEL = 3,   /* 10 */
    MESH_SEED = 4,    /* 14.3 */
    MESH_REPAIR = 5,  /* 11 */
};
#define MESH_TYPE_LAST MESH_REPAIR

/* A message is sealed in one record or two; the plain text of each begins with part(1)
 * parts(1), part from 1. The first of two is full, so a message has one form. */
#define MESH_PART_HEAD_LEN 2
#define MESH_PART_MAX (PQ1_PLAIN_MAX - MESH_PART_HEAD_LEN)
#define MESH_MESSAGE_MAX (MESH_PART_MAX + MESH_PART_MAX)

struct mesh_packet {
    uint8_t node;       /* MESH_PUT: from whom; MESH_GET: to whom. From 0 */
    struct view packet; /* 1 to MESH_PACKET_MAX bytes */
};
void mesh_packet_encode(struct writer *w, const struct mesh_packet *p);
/* The next packet of a body; the reader is after it. ERR_TRUNCATED. ERR_RANGE: no node, or a
 * packet of no such length. */
MUST_CHECK enum err mesh_packet_decode(struct reader *r, struct mesh_packet *out);

/* Packets of one MESH_PUT: their number is one byte of the answer. */
#define MESH_PUT_MAX 255

/* The whole of a MESH_PUT (most: MESH_PUT_MAX), or of the answer to a MESH_GET (SIZE_MAX): how
 * many packets it has. To be called before the first packet of it is used. ERR_TRUNCATED,
 * ERR_RANGE: as above; ERR_RANGE: more than most. */
MUST_CHECK enum err mesh_packets_check(struct view body, size_t most, size_t *n);
/* The answer to MESH_PUT: how many packets, from the front, were taken. */
void mesh_taken_encode(struct writer *w, uint8_t taken);
/* ERR_TRUNCATED, ERR_TRAILING. */
MUST_CHECK enum err mesh_taken_decode(struct view body, uint8_t *out);

/* MESH_GET: at most so many bytes of answer. One that has no room for the longest packet would
 * wait for it for ever. */
#define MESH_GET_LEAST (MESH_PACKET_HEAD_LEN + MESH_PACKET_MAX)
void mesh_get_encode(struct writer *w, uint32_t bytes);
/* ERR_TRUNCATED, ERR_TRAILING. ERR_RANGE: below MESH_GET_LEAST or over FRAME_BODY_LONG_MAX. */
MUST_CHECK enum err mesh_get_decode(struct view body, uint32_t *out);

#endif
