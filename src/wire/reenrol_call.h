/* reenrol_call.h - how a host takes cores through the re-enrolment of a node: frames that carry
 * their packets, and how far each is. docs/wire.md 15.2.
 *
 * Every encoder writes one whole frame body, every decoder reads one and nothing after it. A
 * failed decode leaves *out all zero. Views point into the body. */
#ifndef WIRE_REENROL_CALL_H
#define WIRE_REENROL_CALL_H

#include "wire/ceremony_record.h"
#include "wire/frame.h"
#include "wire/pq1_msg.h"
#include "wire/reenrol_order.h"

#define REENROL_NOBODY 0xff

enum reenrol_state {
    REENROL_IDLE = 0,
    REENROL_RUNNING = 1,
    REENROL_DONE = 2, /* a helper has said all; the node has its shares */
    REENROL_ENDED = 3,
};

/* REENROL_ORDER: helpers(1) n(1) n x { length(2) order } record. */
struct reenrol_order_ask {
    uint8_t helpers; /* bit i: the node with place i. 0: the orders are to be taken, no more */
    size_t n;        /* 1 to PLAN_NODES_MAX; the last one is carried out now */
    struct view orders[PLAN_NODES_MAX]; /* not looked at here */
    struct view record;                 /* for the node itself, of the ceremony; else empty */
};
void reenrol_order_ask_encode(struct writer *w, const struct reenrol_order_ask *a);
/* ERR_TRUNCATED. ERR_RANGE: no orders, or too many. ERR_LENGTH: an order or a record of more
 * bytes than there are of one. */
MUST_CHECK enum err reenrol_order_ask_decode(struct view body, struct reenrol_order_ask *out);

/* What is under way between two cores: from(1) to(1) length(2) bytes, of PQ/1. */
#define REENROL_PACKET_HEAD 4
#define REENROL_PACKET_MAX PQ1_ATTESTED_MAX
struct reenrol_packet {
    uint8_t from, to; /* places */
    struct view bytes;
};
void reenrol_packet_encode(struct writer *w, const struct reenrol_packet *p);
/* The next packet of several. ERR_TRUNCATED. ERR_RANGE: no two places. ERR_LENGTH: no bytes, or
 * too many. */
MUST_CHECK enum err reenrol_packet_decode(struct reader *r, struct reenrol_packet *out);

/* REENROL_STEP asks with packets that follow one another, or none: what
 * reenrol_packet_decode() gives for the first that is none. */
MUST_CHECK enum err reenrol_packets_check(struct view packets);

/* The answer to both. */
#define REENROL_ANSWER_HEAD (10 + 4 * PLAN_NODES_MAX)
struct reenrol_answer {
    uint8_t state;    /* enum reenrol_state */
    uint8_t node;     /* the place that it is about; REENROL_NOBODY: of IDLE */
    uint8_t accused;  /* by whose fault it ENDED, as this core says; REENROL_NOBODY */
    uint8_t repaired; /* bit i: place i was re-enrolled in this epoch, or begun with */
    uint16_t err;     /* enum err: why it ENDED; else 0 */
    uint32_t attempt;
    uint32_t incarnation[PLAN_NODES_MAX]; /* of each place; 0 where there is none */
    struct view packets;
};
void reenrol_answer_encode(struct writer *w, const struct reenrol_answer *a);
/* ERR_TRUNCATED. ERR_RANGE: a value outside what stands above. What reenrol_packets_check()
 * gives. */
MUST_CHECK enum err reenrol_answer_decode(struct view body, struct reenrol_answer *out);

#endif
