/* The certificate of a key that signs reports: arbitrary bytes are refused whole, or say what a
 * VCEK or a VLEK says; nobody's are issued by AMD. */
#include "promise.h"

#include "attest/snp_vek.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct snp_vek zero;
    static const struct snp_issuer nobody;
    const struct view in = {data, size};
    struct snp_vek v;
    struct snp_issuer issuer;

    promise(snp_issuer_verify(in, in, in, &snp_roots_compiled, INT64_C(1780272000), &issuer) !=
            ATTEST_OK);
    if (snp_vek_parse(in, &v) != ATTEST_OK) {
        promise(memcmp(&v, &zero, sizeof v) == 0);
        return 0;
    }
    promise(size <= SNP_CERT_MAX && v.assurance == ATTEST_ASSURANCE_NONE);
    promise(v.line > SNP_LINE_NONE && v.line < SNP_LINE_COUNT);
    promise(v.signer == SNP_SIGNER_VCEK || v.signer == SNP_SIGNER_VLEK);
    promise((v.signer == SNP_SIGNER_VLEK) == (v.csp_id_len > 0));
    promise(v.csp_id_len <= SNP_CSP_ID_MAX);
    promise(v.line == SNP_LINE_TURIN || v.tcb.fmc == 0);
    promise(snp_vek_verify(in, &nobody, v.from_s, &v) != ATTEST_OK);
    return 0;
}
