/* azure_policy.h - what a guest of Azure must show, in the text that all policies are: what its
 * paravisor must be, in a section [paravisor] that has the keys of [guest], beside [platform]
 * and [line NAME]; and what the guest itself must be, by the PCRs of its vTPM, in [azure].
 * Without [azure] no guest of Azure passes, and what is written of a paravisor never admits a
 * guest that shows a report of its own. */
#ifndef ATTEST_AZURE_POLICY_H
#define ATTEST_AZURE_POLICY_H

#include "attest/snp_policy.h"
#include "attest/tpm_quote.h"

#define AZURE_POLICY_PCRS_MAX 64    /* values of PCRs, all together */
#define AZURE_POLICY_ISSUER_MAX 256 /* characters of who issues tokens */

/* One value that a PCR may have. */
struct azure_pcr {
    uint32_t index;
    uint8_t value[TPM_PCR_LEN];
};

struct azure_policy {
    struct snp_policy paravisor; /* with the hash of the text */
    size_t n_pcrs;               /* never 0 */
    struct azure_pcr pcrs[AZURE_POLICY_PCRS_MAX];
    bool secure_boot_required;
    size_t maa_issuer_len; /* 0: no token is taken */
    uint8_t maa_issuer[AZURE_POLICY_ISSUER_MAX];
};

/* Reads a policy and nothing after it. On failure *out is all zero and *at is the number of the
 * line at which it stopped, from 1. As snp_policy_parse_as(), with [paravisor] for [guest];
 * then the same for [azure]. */
MUST_CHECK enum attest_fault azure_policy_parse(struct view text, struct azure_policy *out,
                                                unsigned *at);

#endif
