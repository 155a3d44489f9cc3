/* identity.h - who a core is until attested identity exists: two keys that it makes at start
 * and that the plan of a ceremony lists. */
#ifndef ENCLAVE_IDENTITY_IDENTITY_H
#define ENCLAVE_IDENTITY_IDENTITY_H

#include "crypto/ed25519.h"
#include "crypto/p384.h"

/* Secret; lives in locked memory. */
struct identity {
    struct p384_key key;            /* signs th of PQ/1, and ceremony messages */
    struct ed25519_key signing_key; /* signs R1, REVEAL and RESPOND of the pq key */
};

/* Makes both, the second from seed, 32 fresh random bytes; then each must sign what its public
 * half verifies. On failure *id is zero. ERR_BUG: one does not. What p384_key_generate() and
 * ed25519_key_make() give. */
MUST_CHECK enum err identity_make(struct p384_signer *s, struct work_stack *w,
                                  const uint8_t seed[ED25519_SEED_LEN], struct identity *id);

#endif
