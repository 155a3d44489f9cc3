#include "attest/azure_judge.h"

#include "attest/tpm_public.h"
#include "base/secret.h"

#include <string.h>

void azure_extra_data(const uint8_t report_data[SNP_REPORT_DATA_LEN],
                      uint8_t out[AZURE_EXTRA_DATA_LEN])
{
    hash_once(HASH_SHA256, (struct view){report_data, SNP_REPORT_DATA_LEN}, out);
}

/* The hardware: it measured the paravisor, which vouches for the JSON. */
static enum attest_fault judge_paravisor(const struct azure_evidence *ev,
                                         const struct snp_policy *policy,
                                         const struct snp_roots *roots, int64_t at_s,
                                         struct azure_claims *out)
{
    struct hcl_report hcl;
    uint8_t report_data[SNP_REPORT_DATA_LEN];
    struct snp_evidence snp = {.vek = ev->vek, .ask = ev->ask, .ark = ev->ark, .crl = ev->crl};

    ATTEST_TRY(hcl_report_parse(ev->hcl, &hcl));
    if (hcl.kind != HCL_SNP) {
        return ATTEST_AZURE_KIND;
    }
    snp.report = hcl.hardware;
    hcl_report_data(&hcl, report_data);
    ATTEST_TRY(snp_judge(&snp, policy, report_data, roots, at_s, &out->paravisor));
    return hcl_runtime_parse(hcl.runtime, &out->runtime);
}

/* What is shown of the key besides. */
static enum attest_fault judge_ak(const struct azure_evidence *ev, struct azure_claims *out)
{
    struct tpm_public ak;

    if (ev->ak_public.n > 0) {
        ATTEST_TRY(tpm_public_parse(ev->ak_public, &ak));
        if (memcmp(ak.modulus, out->runtime.ak, sizeof ak.modulus) != 0) {
            return ATTEST_AZURE_AK;
        }
        out->ak_public_checked = true;
    }
    if (ev->ak_cert.n > 0) {
        ATTEST_TRY(ak_cert_check(ev->ak_cert, out->runtime.ak));
        out->ak_cert_checked = true;
    }
    return ATTEST_OK;
}

/* An expectation that is empty is met by nothing. */
static bool carries(const struct tpm_quote *q, struct view extra_data)
{
    return extra_data.n > 0 && extra_data.n <= TPM_EXTRA_DATA_MAX &&
           q->extra_data.n == extra_data.n &&
           ct_equal(q->extra_data.p, extra_data.p, extra_data.n) != 0;
}

/* Whether PCR index has one of the values that the policy has for it. */
static bool has_value(const struct azure_policy *policy, uint32_t index, struct view value)
{
    for (size_t i = 0; i < policy->n_pcrs; i++) {
        const struct azure_pcr *const pcr = &policy->pcrs[i];

        if (pcr->index == index &&
            view_equal(value, (struct view){pcr->value, sizeof pcr->value})) {
            return true;
        }
    }
    return false;
}

static enum attest_fault judge_pcrs(const struct tpm_quote *q,
                                    const struct azure_policy *policy, struct azure_claims *out)
{
    for (size_t i = 0; i < policy->n_pcrs; i++) {
        const uint32_t index = policy->pcrs[i].index;
        const struct view value = tpm_quote_pcr(q, index);

        if (value.n == 0) {
            return ATTEST_AZURE_PCR_MISSING;
        }
        if (!has_value(policy, index, value)) {
            return ATTEST_AZURE_PCR;
        }
        out->pcr_held |= 1U << index;
    }
    return ATTEST_OK;
}

static void claim_quote(const struct tpm_quote *q, struct azure_claims *out)
{
    out->pcr_mask = q->pcr_mask;
    for (unsigned i = 0; i < TPM_PCRS; i++) {
        const struct view value = tpm_quote_pcr(q, i);

        if (value.n > 0) {
            memcpy(out->pcrs[i], value.p, value.n);
        }
    }
    out->clock_ms = q->clock_ms;
    out->firmware_version = q->firmware_version;
    out->reset_count = q->reset_count;
    out->restart_count = q->restart_count;
}

static enum attest_fault judge_quote(struct view quote, const struct azure_policy *policy,
                                     struct view extra_data, struct azure_claims *out)
{
    struct tpm_quote q;

    ATTEST_TRY(tpm_quote_parse(quote, &q));
    ATTEST_TRY(tpm_quote_verify(&q, out->runtime.ak));
    if (!carries(&q, extra_data)) {
        return ATTEST_AZURE_EXTRA_DATA;
    }
    if (policy->secure_boot_required && !out->runtime.secure_boot) {
        return ATTEST_AZURE_SECURE_BOOT;
    }
    ATTEST_TRY(judge_pcrs(&q, policy, out));
    claim_quote(&q, out);
    return ATTEST_OK;
}

enum attest_fault azure_judge(const struct azure_evidence *ev,
                              const struct azure_policy *policy, struct view extra_data,
                              const struct snp_roots *roots, int64_t at_s,
                              struct azure_claims *out)
{
    memset(out, 0, sizeof *out);
    enum attest_fault f = judge_paravisor(ev, &policy->paravisor, roots, at_s, out);

    if (f == ATTEST_OK) {
        f = judge_ak(ev, out);
    }
    if (f == ATTEST_OK) {
        f = judge_quote(ev->quote, policy, extra_data, out);
    }
    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}
