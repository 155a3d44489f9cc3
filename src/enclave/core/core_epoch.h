/* core_epoch.h - what names a start of a core and its keys. */
#ifndef ENCLAVE_CORE_CORE_EPOCH_H
#define ENCLAVE_CORE_CORE_EPOCH_H

#include "enclave/core/core_step.h"

/* Boot id, boot nonce and keys; of a core that signs alone its epoch_id, too. ERR_IO: no
 * entropy. */
MUST_CHECK enum err core_epoch_start(struct core *c, const struct core_public *keys);

/* The public key of KEY_PQ, which exists from now on, and what mu begins with. */
void core_epoch_pq(struct core *c, const uint8_t pq[PQ_PUBLIC_LEN]);

#endif
