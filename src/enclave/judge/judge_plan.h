/* judge_plan.h - whether a core agrees to the plan of a key ceremony. */
#ifndef ENCLAVE_JUDGE_JUDGE_PLAN_H
#define ENCLAVE_JUDGE_JUDGE_PLAN_H

#include "enclave/judge/boot_args.h"
#include "wire/plan.h"

/* What it holds itself to, and who it is. */
struct plan_own {
    const struct boot_args *args;
    uint8_t threshold, total; /* what its pools are built for */
    const uint8_t *identity, *signing_key, *boot_nonce;
    bool attests; /* it has evidence, and judges that of others */
};

/* What plan_decode() gives. ERR_POLICY: other signers or policies than this core has, or an
 * attested plan where it does not attest. ERR_MISMATCH: no node of it has this identity,
 * signing key and boot nonce. */
MUST_CHECK enum err judge_plan(const struct plan_own *own, struct view plan);

#endif
