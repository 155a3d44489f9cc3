/* evidence_platform.h - on which machine an evidence block says that it was made: for who
 * drafts a plan, which people compare. Nothing is verified; of a block that passes, it is what
 * evidence_judge() claims. */
#ifndef ATTEST_EVIDENCE_PLATFORM_H
#define ATTEST_EVIDENCE_PLATFORM_H

#include "attest/evidence_judge.h"

/* CHIP_ID of the report, of a guest of Azure of that of its paravisor; TDX: SHA-512 of PPID and
 * FMSPC of the certificate in the quote. On failure out is all zero.
 *
 * ATTEST_EVIDENCE_BLOCK, ATTEST_EVIDENCE_FORMAT. ATTEST_ROSTER_CHIP_UNKNOWN: the host hides the
 * chip. As snp_report_parse(); of TDX as tdx_quote_parse() and tdx_chain_peek(); of Azure as
 * hcl_report_parse(), and ATTEST_AZURE_KIND. */
MUST_CHECK enum attest_fault evidence_platform(struct view block,
                                               uint8_t out[EVIDENCE_PLATFORM_LEN]);

#endif
