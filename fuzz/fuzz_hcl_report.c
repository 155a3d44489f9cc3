/* The blob of a paravisor, its JSON, and what a policy says of both: arbitrary bytes are
 * refused whole, or what is read of them lies inside. */
#include "promise.h"

#include "attest/azure_policy.h"
#include "attest/hcl_report.h"
#include "attest/hcl_runtime.h"
#include "format/base64url.h"

#include <string.h>

static void promise_runtime(struct view json)
{
    static const struct hcl_runtime zero;
    struct hcl_runtime r;

    if (hcl_runtime_parse(json, &r) != ATTEST_OK) {
        promise(memcmp(&r, &zero, sizeof r) == 0);
        return;
    }
    promise((r.ak[0] & 0x80) != 0 && (r.ak[RSA_2048_LEN - 1] & 1) != 0);
    promise(memchr(r.vm_id, 0, sizeof r.vm_id) != NULL);
}

/* Three bytes for four characters, and no text but one for them. */
static void promise_base64url(struct view text)
{
    static uint8_t buf[HCL_REPORT_MAX];
    struct view v;

    if (base64url_decode(text, buf, sizeof buf, &v) != ERR_OK) {
        promise(v.n == 0);
        return;
    }
    promise(v.n == text.n * 3 / 4 && text.n % 4 != 1);
}

static void promise_policy(struct view text)
{
    static const struct azure_policy zero;
    static struct azure_policy p;
    unsigned at = 0;

    if (azure_policy_parse(text, &p, &at) != ATTEST_OK) {
        promise(memcmp(&p, &zero, sizeof p) == 0);
        promise(at >= 1 && at <= text.n + 1);
        return;
    }
    promise(p.n_pcrs > 0 && p.n_pcrs <= AZURE_POLICY_PCRS_MAX);
    for (size_t i = 0; i < p.n_pcrs; i++) {
        promise(p.pcrs[i].index < TPM_PCRS);
    }
    promise(p.maa_issuer_len <= AZURE_POLICY_ISSUER_MAX);
    promise(p.paravisor.measurements.n > 0 && !p.paravisor.measurements.any);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct hcl_report zero;
    const struct view in = {data, size};
    struct hcl_report h;

    promise_runtime(in);
    promise_policy(in);
    promise_base64url(in);
    if (hcl_report_parse(in, &h) != ATTEST_OK) {
        promise(memcmp(&h, &zero, sizeof h) == 0);
        return 0;
    }
    promise(size <= HCL_REPORT_MAX && (h.kind == HCL_SNP || h.kind == HCL_TDX));
    promise_inside(h.hardware, in);
    promise_inside(h.runtime, in);
    promise(h.runtime.n > 0 && hash_len(h.hash) > 0);
    promise_runtime(h.runtime);
    return 0;
}
