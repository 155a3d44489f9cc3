/* forge_verdict.h - what we say of a forged token, and what OpenSSL's TS_RESP_verify_response()
 * says with the same anchors, at the same time. */
#ifndef TESTS_INTEG_CLIENT_FORGE_VERDICT_H
#define TESTS_INTEG_CLIENT_FORGE_VERDICT_H

#include "forge.h"

/* How tables write what is to come out: verdict and deciding step, then whether OpenSSL lets it
 * pass. */
#define GENUINE VERDICT_GENUINE, STEP_COUNT
#define FALSE_BY(step) VERDICT_NOT_GENUINE, STEP_##step
#define OPEN_BY(step) VERDICT_COULD_NOT_TELL, STEP_##step
#define PASSES true
#define REFUSED false

/* Which certificates a verifier has; NULL ends each list. */
struct forge_trust {
    X509 *anchors[4];
    X509 *untrusted[4];
    X509_CRL *crls[4];
    int64_t at_s; /* when OpenSSL looks; 0: at the genTime of honest tokens */
};

/* Judges token, with options but for trust. *out needs verify_free(). */
void forge_judge_for(struct view token, const struct forge_trust *t,
                     const struct verify_options *options, const struct verify_expect *expect,
                     struct verify_report *out);

/* The same as the answer to the query that every honest token here answers. */
void forge_judge(struct view token, const struct forge_trust *t,
                 const struct verify_options *options, struct verify_report *out);

/* Whether verdict and deciding step are these; else says so on stderr, with the whole report.
 */
bool forge_fits(const char *name, const struct verify_report *r, enum verdict v,
                enum verify_step_id decisive);

/* Whether OpenSSL accepts the token as it should, or refuses it. */
bool forge_openssl_fits(const char *name, struct view token, bool bare,
                        const struct forge_trust *t, bool accepts);

#endif
