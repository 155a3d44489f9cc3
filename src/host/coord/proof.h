/* proof.h - what is kept when a core is caught at a lie, so that others can see for themselves.
 * Pure. Layout in docs/wire.md 6. */
#ifndef HOST_COORD_PROOF_H
#define HOST_COORD_PROOF_H

#include "host/coord/quorum_run.h"

#define PROOF_MAX 4194304 /* bytes of one; (3,5) of ML-DSA-65 has 630,000 */

enum proof_kind {
    PROOF_REVEAL = 2,  /* it revealed what it had not committed to */
    PROOF_RESPOND = 3, /* its response is not one, or wrong */
};

/* The session as R2 had it, and the words that show the lie. ERR_STATE: party is none of run's
 * signers, or has said nothing yet. ERR_NOSPACE: over the writer's room. */
MUST_CHECK enum err proof_write(const struct quorum_run *run, unsigned party, struct writer *w);

/* Reads one and checks that the accused has signed what it is accused of: its R1 and the word.
 * Whether that was a lie is judged by crypto/tmldsa/tmldsa_commit.h or tmldsa_blame.h. *kind
 * and *party: what of whom. ERR_TAG, ERR_TRUNCATED, ERR_TRAILING, ERR_RANGE: no proof.
 * ERR_QUORUM: of another epoch. ERR_MISMATCH, ERR_SIGNATURE: it proves nothing. */
MUST_CHECK enum err proof_check(const struct quorum_roster *roster, struct view bytes,
                                const struct stamp_policy *rule, enum proof_kind *kind,
                                unsigned *party);

#endif
