/* proof_judge.h - whether what a proof shows was a lie. Pure: everything in it is public, and
 * nobody's word is taken but that which the accused signed. threshold-ml-dsa.md A6.4. */
#ifndef HOST_COORD_PROOF_JUDGE_H
#define HOST_COORD_PROOF_JUDGE_H

#include "host/coord/proof.h"

enum proof_lie {
    PROOF_NO_LIE,
    PROOF_LIE_LENGTH,     /* its REVEAL is not as long as one is */
    PROOF_LIE_RANGE,      /* a coefficient of it is none that a w has */
    PROOF_LIE_COMMITMENT, /* it is not what its R1 committed to */
    PROOF_LIE_FORM,       /* its RESPOND is no response */
    PROOF_LIE_RESPONSE,   /* a z of it does not follow from what it revealed and its share */
};

/* p is one that proof_check() took. mu: what the session signed, MLDSA_MU_LEN bytes, needed
 * only where a response has the right form; NULL: not known.
 *
 * ERR_MISMATCH: no lie: an honest node says the same. ERR_EVIDENCE: the words of others, which
 * the accused would have had to answer, are missing or not those that their R1s commit to: it
 * proves nothing of the accused. ERR_STATE: mu is needed. *lie is then PROOF_NO_LIE. */
MUST_CHECK enum err proof_judge(const struct quorum_roster *roster, const struct proof *p,
                                const uint8_t *mu, struct quorum_scratch *x,
                                enum proof_lie *lie);

/* In words: "it revealed what it had not committed to"; "" for PROOF_NO_LIE. */
const char *proof_lie_text(enum proof_lie lie);

#endif
