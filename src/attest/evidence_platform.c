#include "attest/evidence_platform.h"

#include "attest/hcl_report.h"

#include <string.h>

static enum attest_fault of_snp(struct view report, uint8_t out[EVIDENCE_PLATFORM_LEN])
{
    static const uint8_t zero[SNP_CHIP_ID_LEN];
    struct snp_report r;

    ATTEST_TRY(snp_report_parse(report, &r));
    if (memcmp(r.chip_id, zero, sizeof zero) == 0) {
        return ATTEST_ROSTER_CHIP_UNKNOWN;
    }
    memcpy(out, r.chip_id, EVIDENCE_PLATFORM_LEN);
    return ATTEST_OK;
}

static enum attest_fault of_tdx(struct view raw, uint8_t out[EVIDENCE_PLATFORM_LEN])
{
    struct tdx_quote quote;
    struct tdx_pck pck;

    ATTEST_TRY(tdx_quote_parse(raw, &quote));
    ATTEST_TRY(tdx_chain_peek(quote.pck_chain, &pck));
    tdx_pck_platform(&pck, out);
    return ATTEST_OK;
}

static enum attest_fault of_azure(struct view raw, uint8_t out[EVIDENCE_PLATFORM_LEN])
{
    struct hcl_report hcl;

    ATTEST_TRY(hcl_report_parse(raw, &hcl));
    return hcl.kind == HCL_SNP ? of_snp(hcl.hardware, out) : ATTEST_AZURE_KIND;
}

enum attest_fault evidence_platform(struct view block, uint8_t out[EVIDENCE_PLATFORM_LEN])
{
    struct evidence e;

    memset(out, 0, EVIDENCE_PLATFORM_LEN);
    if (evidence_decode(block, &e) != ERR_OK) {
        return ATTEST_EVIDENCE_BLOCK;
    }
    const struct view report = evidence_part(&e, EVIDENCE_REPORT);

    switch (e.format) {
    case EVIDENCE_SNP:
        return of_snp(report, out);
    case EVIDENCE_TDX:
        return of_tdx(report, out);
    case EVIDENCE_AZURE_SNP:
        return of_azure(report, out);
    default:
        return ATTEST_EVIDENCE_FORMAT;
    }
}
