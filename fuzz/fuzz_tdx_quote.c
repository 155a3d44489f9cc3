/* A quote of TDX: arbitrary bytes are refused whole, or every part lies in them, in its place.
 */
#include "promise.h"

#include "attest/tdx_quote.h"

#include <string.h>

/* Whether v begins at that offset of the quote, and ends in it. */
static bool lies(struct view v, const uint8_t *quote, size_t size, size_t at)
{
    return v.p == quote + at && v.n <= size && at <= size - v.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tdx_quote q;

    if (tdx_quote_parse((struct view){data, size}, &q) != ATTEST_OK) {
        promise_zero(&q, sizeof q);
        return 0;
    }
    size_t at = q.signed_part.n;

    promise(size <= TDX_QUOTE_MAX && (q.version == 4 || q.version == 5));
    promise(lies(q.signed_part, data, size, 0));
    promise(at == (q.version == 4 ? 632U : q.td.has_1_5 ? 702U : 638U));
    promise(lies(q.signature, data, size, at + 4) && q.signature.n == P256_SIG_LEN);
    promise(lies(q.attestation_key, data, size, at + 68));
    promise(lies(q.qe_report, data, size, at + 138) && q.qe_report.n == TDX_QE_REPORT_LEN);
    promise(lies(q.qe_signature, data, size, at + 522));
    promise(lies(q.qe_auth_data, data, size, at + 588));
    at += 588 + q.qe_auth_data.n + 6;
    promise(lies(q.pck_chain, data, size, at));
    promise(at + q.pck_chain.n + q.trailing.n == size);
    promise(memcmp(q.qe.report_data, q.qe_report.p + 320, TDX_REPORT_DATA_LEN) == 0);
    return 0;
}
