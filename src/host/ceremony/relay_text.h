/* relay_text.h - how a ceremony ended, for people. Pure. */
#ifndef HOST_CEREMONY_RELAY_TEXT_H
#define HOST_CEREMONY_RELAY_TEXT_H

#include "host/ceremony/relay.h"

#define RELAY_TEXT_MAX 256 /* bytes with the zero */

/* "equivocation": enum ceremony_reason, in lower case without its prefix; "unknown". */
const char *relay_reason_name(uint8_t reason);

/* One sentence; nodes have the names that the plan gives them. */
void relay_end_text(const struct relay_end *end, const struct plan *p,
                    char out[RELAY_TEXT_MAX]);

/* Whether an end names a node that must be looked at before another ceremony: proven by its own
 * messages, or seen here. */
bool relay_end_blames(const struct relay_end *end);

#endif
