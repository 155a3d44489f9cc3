/* judge.h - the five judgements of a signer at round 2 (architecture.md, "How a token is
 * made"). It trusts its own clock, read afresh after the imprint came, and nobody's word. */
#ifndef ENCLAVE_JUDGE_JUDGE_H
#define ENCLAVE_JUDGE_JUDGE_H

#include "enclave/judge/own_clock.h"
#include "enclave/judge/r1_table.h"

/* What the signer holds itself to. */
struct judge {
    const uint8_t *epoch_id;   /* EPOCH_ID_LEN */
    const uint8_t *activation; /* ACTIVATION_HASH_LEN, of the key */
    uint8_t key;               /* enum core_key */
    uint8_t index, threshold, total;
    const struct boot_policy *policies;
    size_t n_policies;
    struct r1_table *r1;
    int64_t *ordered_ms; /* the highest genTime accepted under a policy with ordering */
    enum err standing;   /* ERR_OK: it signs now; else why not */
    struct own_time now; /* read after the frame came; a clock event has voided the R1 table */
};

/* Whether this signer signs stamp s, whose own R1 is used up by the question. On success
 * *policy is what s is under and *out what the rule makes of it; on failure both are zero.
 *
 * ERR_STALE: its own R1 is unknown, used, too old or from before a clock event; or the
 * activation differs; or, under a policy with ordering, genTime is not above all that it
 * accepted under such a one. ERR_QUORUM: another epoch, key or set of signers. ERR_POLICY: no
 * such policy of this key. ERR_TIME: genTime and accuracy do not cover what this signer holds
 * possible, or the accuracy would be over the policy's. ERR_MISMATCH: a body is of another
 * session or its span is far from this signer's. ERR_RANGE: a body or serial number that the
 * rule refuses. j->standing, when that is no ERR_OK. */
MUST_CHECK enum err judge_stamp(const struct judge *j, const struct r2_head *h,
                                const struct r2_stamp *s, const struct boot_policy **policy,
                                struct stamp *out);

/* Judgement 3 alone: [lo, hi] is the signer's own span, unit_ms that of the policy's genTime.
 */
bool judge_time(const struct stamp *s, int64_t unit_ms, int64_t lo_ns, int64_t hi_ns);

#endif
