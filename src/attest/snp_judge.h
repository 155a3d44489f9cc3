/* snp_judge.h - whether a report is genuine and satisfies a policy, and what it claims then.
 * One order for everybody, ended by the first check that fails; nothing is skipped because a
 * value is empty. */
#ifndef ATTEST_SNP_JUDGE_H
#define ATTEST_SNP_JUDGE_H

#include "attest/snp_policy.h"

/* What a node shows. DER; crl.n == 0: none was given. */
struct snp_evidence {
    struct view report, vek, ask, ark, crl;
};

/* What may be said of a node whose evidence passed, and by which policy it did. */
struct snp_claims {
    struct snp_report report;
    struct snp_vek vek; /* with assurance, line, and the span in which the chain holds */
    struct snp_tcb current, reported, committed, launch;
    bool chip_known; /* report.chip_id is the chip's */
    int64_t at_s;
    uint8_t policy_hash[SNP_POLICY_HASH_LEN];
};

/* Judges evidence at at_s: report_data is what the report must carry, which the caller computes
 * of its own nonce. On failure *out is all zero. In this order:
 *
 * As snp_report_parse(), snp_issuer_verify(), snp_vek_verify(); then as snp_judge_report(). */
MUST_CHECK enum attest_fault snp_judge(const struct snp_evidence *ev,
                                       const struct snp_policy *policy,
                                       const uint8_t report_data[SNP_REPORT_DATA_LEN],
                                       const struct snp_roots *roots, int64_t at_s,
                                       struct snp_claims *out);

/* The same with a key that was verified before: one signature in place of four. report is
 * SNP_REPORT_LEN bytes. On failure *out is all zero. In this order:
 *
 * As snp_report_parse(). ATTEST_VEK_TIME: the chain does not hold at at_s. As
 * snp_vek_check_report(), snp_report_verify(). ATTEST_JUDGE_REPORT_DATA. ATTEST_JUDGE_LINE,
 * ATTEST_JUDGE_SIGNER, ATTEST_JUDGE_PROVIDER, ATTEST_JUDGE_CRL: none was given.
 * ATTEST_JUDGE_MEASUREMENT. ATTEST_JUDGE_DEBUG, ATTEST_JUDGE_MIGRATION: allowed by POLICY, or
 * there is a migration agent. ATTEST_JUDGE_ABI, ATTEST_JUDGE_SMT, ATTEST_JUDGE_POLICY_SET,
 * ATTEST_JUDGE_PLATFORM_SET, ATTEST_JUDGE_PLATFORM_CLEAR, ATTEST_JUDGE_VMPL.
 * ATTEST_JUDGE_TCB_REPORTED, ATTEST_JUDGE_TCB_COMMITTED, ATTEST_JUDGE_TCB_LAUNCH: below the
 * floor. ATTEST_JUDGE_PROVISIONAL: CURRENT is not COMMITTED. ATTEST_JUDGE_MITIGATION: a bit is
 * missing, or the report is too old to tell. ATTEST_JUDGE_HOST_DATA, ATTEST_JUDGE_ID_KEY,
 * ATTEST_JUDGE_AUTHOR_KEY, ATTEST_JUDGE_FAMILY_ID, ATTEST_JUDGE_IMAGE_ID,
 * ATTEST_JUDGE_GUEST_SVN, ATTEST_JUDGE_MASKED_CHIP. */
MUST_CHECK enum attest_fault snp_judge_report(struct view report, const struct snp_vek *vek,
                                              const struct snp_policy *policy,
                                              const uint8_t report_data[SNP_REPORT_DATA_LEN],
                                              int64_t at_s, struct snp_claims *out);

#endif
