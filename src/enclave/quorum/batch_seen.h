/* batch_seen.h - which batches of a peer have been in a session: none is in two. */
#ifndef ENCLAVE_QUORUM_BATCH_SEEN_H
#define ENCLAVE_QUORUM_BATCH_SEEN_H

#include "wire/stamp.h"

#define BATCH_BOOT_LEN 8
#define BATCH_SEEN_WINDOW 4096 /* numbers below the highest one that are still told apart */

/* A batch id: the first bytes of its maker's boot nonce, then a number in 8 bytes, lowest
 * first, which counts from 1. */
void batch_id_make(const uint8_t boot[BATCH_BOOT_LEN], uint64_t number,
                   uint8_t id[R1_BATCH_ID_LEN]);
uint64_t batch_id_number(const uint8_t id[R1_BATCH_ID_LEN]);

struct batch_seen {
    uint8_t boot[BATCH_BOOT_LEN]; /* of the peer */
    uint64_t top;                 /* the highest number seen */
    uint64_t bits[BATCH_SEEN_WINDOW / 64];
};

void batch_seen_init(struct batch_seen *s, const uint8_t boot[BATCH_BOOT_LEN]);

/* ERR_MISMATCH: of another start of that peer, or numbered 0. ERR_STALE: seen, or so far below
 * the highest that nobody knows. */
MUST_CHECK enum err batch_seen_check(const struct batch_seen *s,
                                     const uint8_t id[R1_BATCH_ID_LEN]);
/* Of one that passed the check. */
void batch_seen_add(struct batch_seen *s, const uint8_t id[R1_BATCH_ID_LEN]);

#endif
