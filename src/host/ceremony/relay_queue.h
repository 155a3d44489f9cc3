/* relay_queue.h - what the nodes of a ceremony wrote and others have not taken yet: each
 * message once, with who still waits for it. Pure. */
#ifndef HOST_CEREMONY_RELAY_QUEUE_H
#define HOST_CEREMONY_RELAY_QUEUE_H

#include "host/ceremony/relay.h"

/* Takes what a node has written. ERR_TYPE: it speaks for another, or to nobody. ERR_RATE: too
 * much of it waits. ERR_NOSPACE: no memory. Else as ceremony_msg_decode(). */
MUST_CHECK enum err relay_queue_take(struct relay *r, uint8_t node, struct view messages);

/* Whether something waits for a node. */
bool relay_queue_waits(const struct relay *r, uint8_t node);

/* Appends what waits for a node, as much as a frame holds, in the order in which it came. */
void relay_queue_give(struct relay *r, uint8_t node, struct writer *body);

/* These nodes, bit i is node i, get none of it any more. */
void relay_queue_forget(struct relay *r, uint8_t nodes);

#endif
