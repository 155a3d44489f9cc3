/* attest_fault.h - why evidence is refused: one number for each check, so that no two refusals
 * look alike to a log, a test or a person. Functions of attest/ return these in place of enum
 * err; attest_fault_err() gives its class to callers that branch on it. */
#ifndef ATTEST_ATTEST_FAULT_H
#define ATTEST_ATTEST_FAULT_H

#include "base/err.h"

/* X(enumerator, text, enum err that it counts as), in the order in which the checks stand. */
#define ATTEST_FAULTS(X)                                            \
    /* the report by itself, snp_report.h */                        \
    X(ATTEST_REPORT_SIZE, "report-size", ERR_LENGTH)                \
    X(ATTEST_REPORT_VERSION, "report-version", ERR_VERSION)         \
    X(ATTEST_REPORT_VERSION_NEW, "report-version-new", ERR_VERSION) \
    X(ATTEST_REPORT_MBZ, "report-mbz", ERR_RANGE)                   \
    X(ATTEST_REPORT_POLICY, "report-policy", ERR_RANGE)             \
    X(ATTEST_REPORT_ALGORITHM, "report-algorithm", ERR_BAD_ALG)     \
    X(ATTEST_REPORT_SIGNER, "report-signer", ERR_RANGE)             \
    X(ATTEST_REPORT_VMPL, "report-vmpl", ERR_RANGE)                 \
    X(ATTEST_REPORT_LINE, "report-line", ERR_RANGE)                 \
    X(ATTEST_REPORT_TCB, "report-tcb", ERR_RANGE)                   \
    X(ATTEST_REPORT_CHIP_ID, "report-chip-id", ERR_RANGE)           \
    X(ATTEST_REPORT_AUTHOR, "report-author", ERR_RANGE)             \
    X(ATTEST_REPORT_KEY, "report-key", ERR_ENCODING)                \
    X(ATTEST_REPORT_SIGNATURE, "report-signature", ERR_SIGNATURE)

enum attest_fault {
    ATTEST_OK = 0,
#define ATTEST_FAULT_ENUMERATOR(name, text, err) name,
    ATTEST_FAULTS(ATTEST_FAULT_ENUMERATOR)
#undef ATTEST_FAULT_ENUMERATOR
        ATTEST_FAULT_COUNT,
};

/* As TRY, for these. */
#define ATTEST_TRY(expr)                   \
    do {                                   \
        enum attest_fault fault_ = (expr); \
        if (fault_ != ATTEST_OK) {         \
            return fault_;                 \
        }                                  \
    } while (0)

/* Its text, as logs and people read it; "ok" for ATTEST_OK, "unknown" for no enumerator. */
const char *attest_fault_name(enum attest_fault f);

/* What it counts as; ERR_BUG for no enumerator. */
enum err attest_fault_err(enum attest_fault f);

#endif
