/* tdx_tcb.h - how the platform, the TDX module and the quoting enclave of a quote stand, by
 * what Intel says of them (Intel: PCS API documentation, "TCB levels"; TDX 1.5: TDX module
 * identities). */
#ifndef ATTEST_TDX_TCB_H
#define ATTEST_TDX_TCB_H

#include "attest/tdx_collateral.h"

struct tdx_standing {
    enum tdx_status status;
    int64_t date_s; /* tcbDate of the level */
};

struct tdx_tcb {
    struct tdx_standing platform, module, qe; /* of a module of TDX 1.0 as of its platform */
};

/* Finds the first level of each kind that the quote reaches. What is compared was verified
 * before. On failure *out is all zero. In this order:
 *
 * ATTEST_TDX_MATCH_FMSPC, ATTEST_TDX_MATCH_PCE_ID: the TCB info is of other platforms.
 * ATTEST_TDX_MATCH_MODULE: TEE_TCB_SVN says a later module than TDX 1.0's, of which the TCB
 * info knows nothing. ATTEST_TDX_MATCH_MODULE_SIGNER, ATTEST_TDX_MATCH_MODULE_ATTRIBUTES.
 * ATTEST_TDX_MATCH_MODULE_LEVEL, ATTEST_TDX_MATCH_TCB_LEVEL: below all levels.
 * ATTEST_TDX_MATCH_QE_MISC_SELECT, ATTEST_TDX_MATCH_QE_ATTRIBUTES, ATTEST_TDX_MATCH_QE_SIGNER,
 * ATTEST_TDX_MATCH_QE_PRODUCT. ATTEST_TDX_MATCH_QE_LEVEL: below all levels. */
MUST_CHECK enum attest_fault tdx_tcb_match(const struct tdx_quote *q, const struct tdx_pck *pck,
                                           const struct tdx_tcb_info *info,
                                           const struct tdx_qe_identity *qe,
                                           struct tdx_tcb *out);

#endif
