/* classic_time.h - R1s of three cores under which a policy gives no stamp: whose clocks are
 * why. Pure. */
#ifndef HOST_COORD_CLASSIC_TIME_H
#define HOST_COORD_CLASSIC_TIME_H

#include "host/coord/classic_promise.h"

/* Whether there is a time that all three hold possible. If there is none, one of them is wrong,
 * and nobody knows which. */
bool classic_time_meets(const struct classic_promise *p);

/* Parties of the three of mask s whose own span is too wide for a policy of that accuracy,
 * whoever signs with them; a mask. */
unsigned classic_time_wide(const struct classic_promise *p, unsigned s,
                           uint32_t max_accuracy_ms);

#endif
