#include "host/ceremony/plan_policy.h"

#include "attest/evidence_judge.h"

#include <stdio.h>

enum err plan_policy_check(struct view text, char why[PLAN_POLICY_WHY_MAX])
{
    struct evidence_policy policy;
    unsigned line = 0;
    const enum attest_fault f = evidence_policy_parse(text, &policy, &line);

    why[0] = '\0';
    if (f == ATTEST_POLICY_FULL) {
        (void)snprintf(
            why, PLAN_POLICY_WHY_MAX,
            "policy-full at its line %u: at most %d values of a key, %d measurements "
            "in all",
            line, SNP_POLICY_LIST_MAX, EVIDENCE_CODE_MAX);
    } else if (f != ATTEST_OK) {
        (void)snprintf(why, PLAN_POLICY_WHY_MAX, "%s at its line %u", attest_fault_name(f),
                       line);
    }
    return attest_fault_err(f);
}
