/* r1_macs.h - what shows each other node that an R1 of the shared classic key is of the node
 * that it names: a MAC for each, under a key that the two have of their channel
 * (docs/wire.md 3.6, 14.3). The host has none of the keys. No R1 of this key is shown to
 * anybody but its signers, each of which looks at the MAC that is for itself, so that nothing
 * is signed.
 *
 * Nodes are places from 0. No kernel, no heap. Secret. */
#ifndef ENCLAVE_PRESIGN_R1_MACS_H
#define ENCLAVE_PRESIGN_R1_MACS_H

#include "crypto/work_stack.h"
#include "wire/stamp.h"

#define R1_MAC_KEY_LEN 32

/* Lives in locked memory. */
struct r1_macs {
    unsigned own;
    bool known[R1_MACS_MAX];
    uint8_t key[R1_MACS_MAX][R1_MAC_KEY_LEN]; /* of each other node and this one */
};

/* No keys yet. own is below R1_MACS_MAX. */
void r1_macs_init(struct r1_macs *m, unsigned own);

/* The key of a pair is there; of the own node there is none, and nothing happens. */
void r1_macs_meet(struct r1_macs *m, unsigned node, const uint8_t key[R1_MAC_KEY_LEN]);
/* That node is another process from now on: its R1s are nobody's until its key is there. */
void r1_macs_forget(struct r1_macs *m, unsigned node);

/* The MACs after a body that is written; zeros for this node, and for whom there is no key.
 * ERR_BUG: the stack was too short. */
MUST_CHECK enum err r1_macs_write(const struct r1_macs *m, struct work_stack *stack,
                                  uint8_t r1[R1_PROVEN_LEN]);

/* Whether each of the R1s, in the order of the head's signers, is of that signer, as its MAC
 * for this node shows; the own one is not looked at. ERR_SIGNATURE: one is not, or there is no
 * key of its signer. ERR_LENGTH: not head->t of them. ERR_RANGE: a signer has no place. ERR_BUG
 * as above. */
MUST_CHECK enum err r1_macs_check(const struct r1_macs *m, struct work_stack *stack,
                                  const struct r2_head *head, struct view r1s);

#endif
