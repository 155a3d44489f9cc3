/* rate_limit.h - a token bucket for each client address, in a table of fixed size. */
#ifndef HOST_FRONT_RATE_LIMIT_H
#define HOST_FRONT_RATE_LIMIT_H

#include "base/bytes.h"

#define RATE_KEY_LEN 8 /* an IPv4 address, or the first 64 bits of an IPv6 address */
#define RATE_WAYS                                                               \
    8 /* places that one address can take; the one unused for longest gives way \
       */

/* What stands for a client. */
struct rate_key {
    uint8_t family; /* 4 or 6 */
    uint8_t bytes[RATE_KEY_LEN];
};

struct rate_limit;

/* entries_max: addresses remembered, rounded up to a power of two. seed: random, so that nobody
 * can aim at one place of the table. NULL: out of memory. */
struct rate_limit *rate_limit_new(size_t entries_max, uint64_t seed);
void rate_limit_free(struct rate_limit *r);

/* Takes one request of that client at now_ns. per_s requests a second are given back, up to
 * burst. From any thread. 0: it may go on. Else how many seconds to wait, at least 1. */
unsigned rate_limit_take(struct rate_limit *r, const struct rate_key *key, uint32_t per_s,
                         uint32_t burst, int64_t now_ns);

#endif
