/* azure_judge.h - whether a guest of Azure is genuine and satisfies a policy. Its report is the
 * paravisor's, and says nothing of the guest's kernel; the paravisor vouches for a key of the
 * vTPM, and that key signs the guest's PCRs and what the caller asked with. So what is measured
 * is paravisor and firmware by the hardware, and the guest by software that the hardware
 * measured. */
#ifndef ATTEST_AZURE_JUDGE_H
#define ATTEST_AZURE_JUDGE_H

#include "attest/azure_policy.h"
#include "attest/hcl_report.h"
#include "attest/hcl_runtime.h"
#include "attest/snp_judge.h"

#define AZURE_EXTRA_DATA_LEN 32

/* What a node shows. Certificates are DER. n == 0: none was given, of crl, ak_public
 * (TPM2B_PUBLIC) and ak_cert; what is given must be of the key that the paravisor names. */
struct azure_evidence {
    struct view hcl, vek, ask, ark, crl;
    struct view quote; /* as tpm_quote.h has it */
    struct view ak_public, ak_cert;
};

/* What may be said of a guest whose evidence passed, and by which policy it did. */
struct azure_claims {
    struct snp_claims paravisor; /* with the policy's hash, time and assurance */
    struct hcl_runtime runtime;
    bool ak_public_checked, ak_cert_checked;
    uint32_t pcr_mask;                   /* what was quoted */
    uint32_t pcr_held;                   /* what the policy held against its values */
    uint8_t pcrs[TPM_PCRS][TPM_PCR_LEN]; /* of those quoted */
    uint64_t clock_ms, firmware_version;
    uint32_t reset_count, restart_count;
};

/* What a quote must carry where REPORT_DATA is what a report of its own would have to: SHA-256
 * of it, since not every TPM takes 64 bytes. */
void azure_extra_data(const uint8_t report_data[SNP_REPORT_DATA_LEN],
                      uint8_t out[AZURE_EXTRA_DATA_LEN]);

/* Judges evidence at at_s: extra_data is what the quote must carry, 1 to TPM_EXTRA_DATA_MAX
 * bytes, which the caller computes of its own nonce. On failure *out is all zero. In this
 * order:
 *
 * As hcl_report_parse(). ATTEST_AZURE_KIND: not a report of SEV-SNP. As snp_judge(), by what
 * the policy says of the paravisor: ATTEST_JUDGE_REPORT_DATA is a JSON that the report is not
 * of. As hcl_runtime_parse(). As tpm_public_parse(), ATTEST_AZURE_AK: another key; as
 * ak_cert_check(). As tpm_quote_parse(), tpm_quote_verify(). ATTEST_AZURE_EXTRA_DATA: not that,
 * or that is empty or too long. ATTEST_AZURE_SECURE_BOOT. ATTEST_AZURE_PCR_MISSING: one of
 * which the policy has values is not quoted. ATTEST_AZURE_PCR: it has none of them. */
MUST_CHECK enum attest_fault azure_judge(const struct azure_evidence *ev,
                                         const struct azure_policy *policy,
                                         struct view extra_data, const struct snp_roots *roots,
                                         int64_t at_s, struct azure_claims *out);

#endif
