/* legs_steps.h - the inside of legs: one run, and its parts. */
#ifndef CLIENT_VERIFY_LEGS_STEPS_H
#define CLIENT_VERIFY_LEGS_STEPS_H

#include "client/verify/legs.h"

struct legs_run {
    struct view in;
    const struct verify_expect *expect;
    const struct legs_options *options;
    struct legs_report *report;
    struct token peek; /* the token as it came, both SignerInfos of a dual one */
};

/* Notes a result; what is printed in reason must be printable ASCII. */
__attribute__((format(printf, 4, 5))) void
legs_note(struct legs_run *run, enum leg leg, enum leg_result result, const char *format, ...);

/* Of any parameter set. */
bool legs_is_ml_dsa(const struct signer_info *s);

/* Notes what a verification report says of a leg. */
void legs_note_report(struct legs_run *run, enum leg leg, const struct verify_report *r);

/* The record's leg; ERR_NOSPACE and what verify_token() gives. */
MUST_CHECK enum err legs_record(struct legs_run *run);
void legs_bind_record(struct legs_run *run);

/* Both legs of a dual token, and what links them: each step's result is in the run. As
 * cms_one_signer(), verify_token(); ERR_NOSPACE: no memory. */
MUST_CHECK enum err legs_dual(struct legs_run *run);

/* Whether the certificates of both legs are of one authority; ERR_EVIDENCE: they are not, and
 * the binding says why. ERR_STATE: it could not be told. */
MUST_CHECK enum err legs_same_authority(struct legs_run *run, const char **reason);

#endif
