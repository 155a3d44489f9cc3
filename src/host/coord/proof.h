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

/* One that was read. Views point into its bytes. */
struct proof {
    enum proof_kind kind;
    unsigned party; /* the accused, from 0 */
    struct r2_head head;
    struct r2_stamp stamp;
    struct stamp derived;
    /* By place among the signers, each signed by its sender in this session; without a body: it
     * is not there. */
    struct quorum_word reveals[STAMP_T_MAX];
    struct quorum_word respond; /* the accused's, of PROOF_RESPOND */
};

/* Reads one and checks that the accused has signed what it is accused of: its R1 and the word.
 * Whether that was a lie is proof_judge.h's to say. rule: of the stamp's policy; NULL: as the
 * plan has it. ERR_TAG, ERR_TRUNCATED, ERR_TRAILING, ERR_RANGE: no proof, or of a policy that
 * the plan does not have. ERR_QUORUM: of another epoch. ERR_MISMATCH, ERR_SIGNATURE: it proves
 * nothing; so do what else stamp_derive() says. *out is then of no use. */
MUST_CHECK enum err proof_check(const struct quorum_roster *roster, struct view bytes,
                                const struct stamp_policy *rule, struct proof *out);

/* The plan's policy of this number and KEY_PQ; NULL: it has none. */
const struct hello_policy *proof_policy(const struct plan *plan, uint8_t number);

#endif
