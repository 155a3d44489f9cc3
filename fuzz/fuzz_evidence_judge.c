#include "promise.h"

#include "attest/evidence_platform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A policy of anybody's is read or refused; and nobody makes evidence of random bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct evidence_policy policy;
    static struct evidence_claims claims;
    static const uint8_t report_data[SNP_REPORT_DATA_LEN];
    uint8_t platform[EVIDENCE_PLATFORM_LEN];
    unsigned at = 0;

    if (size == 0) {
        return 0;
    }
    if ((data[0] & 1) != 0) {
        (void)evidence_policy_parse((struct view){data + 1, size - 1}, &policy, &at);
        return 0;
    }
    (void)evidence_platform((struct view){data + 1, size - 1}, platform);
    promise(evidence_judge((struct view){data + 1, size - 1}, &policy, report_data,
                           &snp_roots_compiled, 0, &claims) != ATTEST_OK);
    return 0;
}
