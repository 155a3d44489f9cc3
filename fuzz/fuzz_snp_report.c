/* A report: arbitrary bytes are refused whole, or give fields that keep the header's promises.
 */
#include "promise.h"

#include "attest/snp_report.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct snp_report zero;
    static struct snp_report r;
    struct snp_tcb t;

    if (snp_report_parse((struct view){data, size}, &r) != ATTEST_OK) {
        promise(memcmp(&r, &zero, sizeof r) == 0);
        return 0;
    }
    promise(size == SNP_REPORT_LEN && memcmp(r.raw, data, size) == 0);
    promise(r.version >= 2 && r.version <= 5);
    promise((r.line == SNP_LINE_NONE) == (r.version == 2));
    promise((r.policy & SNP_POLICY_MBZ) == 0);
    for (int line = SNP_LINE_NONE; line < SNP_LINE_COUNT; line++) {
        if (snp_report_check_line(&r, (enum snp_line)line) == ATTEST_OK) {
            promise(r.line == SNP_LINE_NONE || (int)r.line == line);
            promise(snp_tcb_decode(r.launch_tcb, (enum snp_line)line, &t) == ATTEST_OK);
        }
    }
    return 0;
}
