/* relay_judge.h - how an attempt at a ceremony ended, by what its nodes say. Pure. */
#ifndef HOST_CEREMONY_RELAY_JUDGE_H
#define HOST_CEREMONY_RELAY_JUDGE_H

#include "host/ceremony/relay.h"

/* Of an attempt that some node has given up: RELAY_PROVEN, RELAY_SILENT, RELAY_ACCUSED,
 * RELAY_SPLIT or RELAY_TOO_LONG. */
void relay_judge(const struct relay *r, struct relay_end *out);

/* Of one that all nodes finished: the node whose ceremony has the rarest id; CEREMONY_NOBODY:
 * all have the same. */
uint8_t relay_judge_odd(const struct relay *r);

#endif
