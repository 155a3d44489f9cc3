/* The section [tdx]: arbitrary text is refused whole, or says all that it has to say. */
#include "promise.h"

#include "attest/tdx_policy.h"

#include <string.h>

static void promise_list(const struct tdx_digests *d, bool may_be_any)
{
    promise(d->n <= TDX_POLICY_LIST_MAX && d->any == (d->n == 0));
    promise(may_be_any || !d->any);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tdx_policy p;
    unsigned at = 0;
    bool any = false;

    if (tdx_policy_parse((struct view){data, size}, &p, &at) != ATTEST_OK) {
        promise_zero(&p, sizeof p);
        promise(at >= 1 && at <= size + 1);
        return 0;
    }
    promise(size <= POLICY_TEXT_MAX);
    promise_list(&p.mrtd, false);
    for (size_t i = 0; i < TDX_RTMRS; i++) {
        promise_list(&p.rtmr[i], true);
    }
    promise_list(&p.config_id, true);
    promise_list(&p.owner, true);
    promise_list(&p.owner_config, true);
    for (int s = TDX_STATUS_NONE; s < TDX_STATUS_COUNT; s++) {
        promise(!p.statuses[s] || (s > TDX_STATUS_NONE && s < TDX_STATUS_OUT_OF_DATE));
        any = any || p.statuses[s];
    }
    promise(any);
    promise(p.no_fmspc_denied == (p.n_fmspc_denied == 0));
    return 0;
}
