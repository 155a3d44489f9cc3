/* plan_policy.h - the policy of a plan, read as every core will read it: what they refuse
 * people hear before a core is asked. Pure. */
#ifndef HOST_CEREMONY_PLAN_POLICY_H
#define HOST_CEREMONY_PLAN_POLICY_H

#include "base/bytes.h"

#define PLAN_POLICY_WHY_MAX 128 /* bytes of a reason with its zero */

/* Whether cores take that text. Else why says what is wrong, and in which line of it. As
 * evidence_policy_parse(), by attest_fault_err(). */
MUST_CHECK enum err plan_policy_check(struct view text, char why[PLAN_POLICY_WHY_MAX]);

#endif
