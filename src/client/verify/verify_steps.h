/* verify_steps.h - the inside of verify: one run, and the groups of steps. */
#ifndef CLIENT_VERIFY_VERIFY_STEPS_H
#define CLIENT_VERIFY_VERIFY_STEPS_H

#include "client/kit/openssl.h"
#include "client/verify/sig_check.h"
#include "client/verify/verify.h"

struct verify_run {
    const struct verify_expect *expect;
    const struct verify_options *options;
    struct verify_report *report;
    STACK_OF(X509) * helpers;    /* certificates of the token */
    X509 *signer;                /* not owned: in helpers or in trust; NULL: not found */
    const struct digest_alg *md; /* of SignerInfo.digestAlgorithm; NULL: unknown */
    struct sig_alg sig;
    bool has_sig;
};

/* Notes the result of a step; what is printed in reason must be printable ASCII. */
__attribute__((format(printf, 4, 5))) void verify_note(struct verify_run *run,
                                                       enum verify_step_id id,
                                                       enum verify_result result,
                                                       const char *format, ...);

/* The results of steps that need what could not be read stay NOT CHECKED. */
void verify_structure(struct verify_run *run); /* status to message digest */
void verify_find_signer(struct verify_run *run);
void verify_algorithms(struct verify_run *run);
void verify_signature(struct verify_run *run);
void verify_certificate(struct verify_run *run);             /* key usages, chain, revocation */
MUST_CHECK enum err verify_expected(struct verify_run *run); /* imprint to authority; fails as
                                                                  verify_token() */

#endif
