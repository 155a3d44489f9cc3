/* A policy: arbitrary text is refused whole, or says all that a policy has to say. */
#include "promise.h"

#include "attest/evidence_judge.h"

#include <string.h>

static void promise_line(const struct snp_line_policy *l)
{
    const struct snp_tcb none = {0};

    promise(!l->admitted || !snp_tcb_equal(&l->floor, &none));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct evidence_policy zero;
    static struct evidence_policy whole;
    static struct snp_policy alone;
    const struct snp_policy *const p = &whole.snp;
    const enum attest_fault f =
        snp_policy_parse((struct view){data, size}, &alone, &(unsigned){0});
    unsigned at = 0;
    bool any = false;

    if (evidence_policy_parse((struct view){data, size}, &whole, &at) != ATTEST_OK) {
        promise(memcmp(&whole, &zero, sizeof whole) == 0);
        promise(at >= 1 && at <= size + 1);
        return 0;
    }
    promise(size <= POLICY_TEXT_MAX);
    promise(whole.has_snp == (f == ATTEST_OK) &&
            (whole.has_snp || whole.has_tdx || whole.has_azure));
    promise(!whole.has_azure || whole.azure.n_pcrs > 0);
    if (!whole.has_snp) {
        return 0;
    }
    promise(p->measurements.n > 0 && !p->measurements.any);
    promise(p->id_keys.any == (p->id_keys.n == 0) &&
            p->author_keys.any == (p->author_keys.n == 0));
    promise(p->vmpl <= 3 && (p->vcek_allowed || p->vlek_allowed));
    promise(!p->vlek_allowed || p->n_providers > 0);
    promise(!p->lines[SNP_LINE_NONE].admitted);
    for (int line = SNP_LINE_MILAN; line < SNP_LINE_COUNT; line++) {
        promise_line(&p->lines[line]);
        any = any || p->lines[line].admitted;
    }
    promise(any);
    return 0;
}
