/* tdx_judge.h - whether a quote is genuine and satisfies a policy, and what it claims then. One
 * order for everybody, ended by the first check that fails; nothing is skipped because a value
 * is empty. */
#ifndef ATTEST_TDX_JUDGE_H
#define ATTEST_TDX_JUDGE_H

#include "attest/tdx_chain.h"
#include "attest/tdx_policy.h"
#include "attest/tdx_tcb.h"

/* What a node shows; its certificates are in the quote. */
struct tdx_evidence {
    struct view quote;
    struct tdx_collateral collateral;
};

/* What may be said of a node whose evidence passed, and by which policy it did. */
struct tdx_claims {
    enum attest_assurance assurance; /* of the root */
    uint16_t version;                /* of the quote */
    struct tdx_td td;
    struct tdx_pck pck;
    struct tdx_tcb tcb;
    uint8_t platform[TDX_PLATFORM_LEN]; /* the machine: tdx_pck_platform() */
    uint32_t tcb_evaluation, qe_evaluation;
    size_t trailing;         /* bytes behind the quote that nobody read */
    int64_t from_s, until_s; /* in which certificates, lists and collateral hold */
    int64_t at_s;
    uint8_t policy_hash[POLICY_HASH_LEN];
};

/* Room to work in; holds nothing that outlives the call. */
struct tdx_scratch {
    struct tdx_quote quote;
    struct tdx_chain chain;
    struct tdx_tcb_info tcb_info;
    struct tdx_qe_identity qe_identity;
};

/* Judges evidence at at_s: report_data is what the quote must carry, which the caller computes
 * of its own nonce. GMP allocates: where there is no heap, inside of gmp_arena_run(), of
 * P256_ARENA_LEN bytes. On failure *out is all zero. In this order:
 *
 * As tdx_quote_parse(), tdx_chain_verify(), tdx_chain_check_lists().
 * ATTEST_TDX_QE_SIGNATURE: the PCK did not sign the quoting enclave's report.
 * ATTEST_TDX_QE_KEY: that report does not vouch for the attestation key.
 * ATTEST_TDX_QUOTE_SIGNATURE: that key did not sign the quote.
 * As tdx_chain_signer() and tdx_tcb_info_parse(). ATTEST_TDX_TCB_SIGNATURE,
 * ATTEST_TDX_TCB_TIME: of later, or its next update is due. The same of the quoting enclave's
 * identity: ATTEST_TDX_QE_IDENTITY_SIGNATURE, ATTEST_TDX_QE_TIME. As tdx_tcb_match().
 * ATTEST_TDX_JUDGE_REPORT_DATA. ATTEST_TDX_JUDGE_TRAILING: bytes behind the quote.
 * ATTEST_TDX_JUDGE_FMSPC: denied. ATTEST_TDX_JUDGE_EVALUATION: collateral of before.
 * ATTEST_TDX_JUDGE_TCB_STATUS, ATTEST_TDX_JUDGE_MODULE_STATUS, ATTEST_TDX_JUDGE_QE_STATUS: not
 * one of those that are taken. ATTEST_TDX_JUDGE_DEBUG, ATTEST_TDX_JUDGE_MIGRATION.
 * ATTEST_TDX_JUDGE_SERVICE_TD: a service TD is bound to it, as far as TDX 1.5 tells: those that
 * there are move guests. ATTEST_TDX_JUDGE_RESERVED: a bit of TD_ATTRIBUTES that is unknown
 * here. ATTEST_TDX_JUDGE_SEPT_VE, ATTEST_TDX_JUDGE_PKS, ATTEST_TDX_JUDGE_KEY_LOCKER,
 * ATTEST_TDX_JUDGE_PERFMON. ATTEST_TDX_JUDGE_MRTD, ATTEST_TDX_JUDGE_RTMR,
 * ATTEST_TDX_JUDGE_CONFIG_ID, ATTEST_TDX_JUDGE_OWNER, ATTEST_TDX_JUDGE_OWNER_CONFIG. */
MUST_CHECK enum attest_fault tdx_judge(const struct tdx_evidence *ev,
                                       const struct tdx_policy *policy,
                                       const uint8_t report_data[TDX_REPORT_DATA_LEN],
                                       const struct tdx_roots *roots, int64_t at_s,
                                       struct tdx_scratch *x, struct tdx_claims *out);

#endif
