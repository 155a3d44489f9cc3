/* attest_fault.h - why evidence is refused: one number for each check, so that no two refusals
 * look alike to a log, a test or a person. Functions of attest/ return these in place of enum
 * err; attest_fault_err() gives its class to callers that branch on it. */
#ifndef ATTEST_ATTEST_FAULT_H
#define ATTEST_ATTEST_FAULT_H

#include "base/err.h"

/* X(enumerator, text, enum err that it counts as), in the order in which the checks stand. */
#define ATTEST_FAULTS(X)                                               \
    /* the report by itself, snp_report.h */                           \
    X(ATTEST_REPORT_SIZE, "report-size", ERR_LENGTH)                   \
    X(ATTEST_REPORT_VERSION, "report-version", ERR_VERSION)            \
    X(ATTEST_REPORT_VERSION_NEW, "report-version-new", ERR_VERSION)    \
    X(ATTEST_REPORT_MBZ, "report-mbz", ERR_RANGE)                      \
    X(ATTEST_REPORT_POLICY, "report-policy", ERR_RANGE)                \
    X(ATTEST_REPORT_ALGORITHM, "report-algorithm", ERR_BAD_ALG)        \
    X(ATTEST_REPORT_SIGNER, "report-signer", ERR_RANGE)                \
    X(ATTEST_REPORT_VMPL, "report-vmpl", ERR_RANGE)                    \
    X(ATTEST_REPORT_LINE, "report-line", ERR_RANGE)                    \
    X(ATTEST_REPORT_TCB, "report-tcb", ERR_RANGE)                      \
    X(ATTEST_REPORT_CHIP_ID, "report-chip-id", ERR_RANGE)              \
    X(ATTEST_REPORT_AUTHOR, "report-author", ERR_RANGE)                \
    X(ATTEST_REPORT_KEY, "report-key", ERR_ENCODING)                   \
    X(ATTEST_REPORT_SIGNATURE, "report-signature", ERR_SIGNATURE)      \
    /* the root and who issues, snp_chain.h */                         \
    X(ATTEST_ARK_PARSE, "ark-parse", ERR_ENCODING)                     \
    X(ATTEST_ARK_PIN, "ark-pin", ERR_EVIDENCE)                         \
    X(ATTEST_ARK_NAME, "ark-name", ERR_MISMATCH)                       \
    X(ATTEST_ARK_CA, "ark-ca", ERR_EXTENSION)                          \
    X(ATTEST_ARK_KEY, "ark-key", ERR_BAD_ALG)                          \
    X(ATTEST_ARK_ALGORITHM, "ark-algorithm", ERR_BAD_ALG)              \
    X(ATTEST_ARK_SIGNATURE, "ark-signature", ERR_SIGNATURE)            \
    X(ATTEST_ARK_TIME, "ark-time", ERR_TIME)                           \
    X(ATTEST_ASK_PARSE, "ask-parse", ERR_ENCODING)                     \
    X(ATTEST_ASK_ISSUER, "ask-issuer", ERR_MISMATCH)                   \
    X(ATTEST_ASK_NAME, "ask-name", ERR_MISMATCH)                       \
    X(ATTEST_ASK_CA, "ask-ca", ERR_EXTENSION)                          \
    X(ATTEST_ASK_KEY, "ask-key", ERR_BAD_ALG)                          \
    X(ATTEST_ASK_ALGORITHM, "ask-algorithm", ERR_BAD_ALG)              \
    X(ATTEST_ASK_SIGNATURE, "ask-signature", ERR_SIGNATURE)            \
    X(ATTEST_ASK_TIME, "ask-time", ERR_TIME)                           \
    X(ATTEST_CRL_PARSE, "crl-parse", ERR_ENCODING)                     \
    X(ATTEST_CRL_ISSUER, "crl-issuer", ERR_MISMATCH)                   \
    X(ATTEST_CRL_USAGE, "crl-usage", ERR_EXTENSION)                    \
    X(ATTEST_CRL_ALGORITHM, "crl-algorithm", ERR_BAD_ALG)              \
    X(ATTEST_CRL_SIGNATURE, "crl-signature", ERR_SIGNATURE)            \
    X(ATTEST_CRL_TIME, "crl-time", ERR_TIME)                           \
    X(ATTEST_CRL_REVOKED, "crl-revoked", ERR_EVIDENCE)                 \
    /* the key that signed the report, snp_vek.h */                    \
    X(ATTEST_VEK_PARSE, "vek-parse", ERR_ENCODING)                     \
    X(ATTEST_VEK_KEY, "vek-key", ERR_BAD_ALG)                          \
    X(ATTEST_VEK_SIGNER, "vek-signer", ERR_MISMATCH)                   \
    X(ATTEST_VEK_PRODUCT, "vek-product", ERR_MISMATCH)                 \
    X(ATTEST_VEK_STRUCT_VERSION, "vek-struct-version", ERR_VERSION)    \
    X(ATTEST_VEK_SPL, "vek-spl", ERR_EXTENSION)                        \
    X(ATTEST_VEK_HWID, "vek-hwid", ERR_EXTENSION)                      \
    X(ATTEST_VEK_CSP_ID, "vek-csp-id", ERR_EXTENSION)                  \
    X(ATTEST_VEK_SERIAL, "vek-serial", ERR_RANGE)                      \
    X(ATTEST_VEK_CA, "vek-ca", ERR_EXTENSION)                          \
    X(ATTEST_VEK_ISSUER, "vek-issuer", ERR_MISMATCH)                   \
    X(ATTEST_VEK_KIND, "vek-kind", ERR_MISMATCH)                       \
    X(ATTEST_VEK_LINE, "vek-line", ERR_MISMATCH)                       \
    X(ATTEST_VEK_ALGORITHM, "vek-algorithm", ERR_BAD_ALG)              \
    X(ATTEST_VEK_SIGNATURE, "vek-signature", ERR_SIGNATURE)            \
    X(ATTEST_VEK_TIME, "vek-time", ERR_TIME)                           \
    /* the report beside that key */                                   \
    X(ATTEST_MATCH_SIGNER, "match-signer", ERR_MISMATCH)               \
    X(ATTEST_MATCH_TCB, "match-tcb", ERR_MISMATCH)                     \
    X(ATTEST_MATCH_CHIP, "match-chip", ERR_MISMATCH)                   \
    /* the certificates that a host gives, snp_table.h */              \
    X(ATTEST_TABLE_SIZE, "table-size", ERR_LENGTH)                     \
    X(ATTEST_TABLE_END, "table-end", ERR_TRUNCATED)                    \
    X(ATTEST_TABLE_ENTRIES, "table-entries", ERR_RANGE)                \
    X(ATTEST_TABLE_RANGE, "table-range", ERR_RANGE)                    \
    X(ATTEST_TABLE_OVERLAP, "table-overlap", ERR_RANGE)                \
    X(ATTEST_TABLE_TWICE, "table-twice", ERR_RANGE)                    \
    /* a policy as a file, snp_policy.h */                             \
    X(ATTEST_POLICY_SIZE, "policy-size", ERR_LENGTH)                   \
    X(ATTEST_POLICY_SYNTAX, "policy-syntax", ERR_ENCODING)             \
    X(ATTEST_POLICY_SECTION, "policy-section", ERR_TAG)                \
    X(ATTEST_POLICY_KEY, "policy-key", ERR_TAG)                        \
    X(ATTEST_POLICY_TWICE, "policy-twice", ERR_RANGE)                  \
    X(ATTEST_POLICY_VALUE, "policy-value", ERR_ENCODING)               \
    X(ATTEST_POLICY_FULL, "policy-full", ERR_NOSPACE)                  \
    X(ATTEST_POLICY_FLOOR, "policy-floor", ERR_RANGE)                  \
    X(ATTEST_POLICY_MISSING, "policy-missing", ERR_TRUNCATED)          \
    /* the report under a policy, snp_judge.h */                       \
    X(ATTEST_JUDGE_REPORT_DATA, "judge-report-data", ERR_MISMATCH)     \
    X(ATTEST_JUDGE_LINE, "judge-line", ERR_POLICY)                     \
    X(ATTEST_JUDGE_SIGNER, "judge-signer", ERR_POLICY)                 \
    X(ATTEST_JUDGE_PROVIDER, "judge-provider", ERR_POLICY)             \
    X(ATTEST_JUDGE_CRL, "judge-crl", ERR_POLICY)                       \
    X(ATTEST_JUDGE_MEASUREMENT, "judge-measurement", ERR_MISMATCH)     \
    X(ATTEST_JUDGE_DEBUG, "judge-debug", ERR_POLICY)                   \
    X(ATTEST_JUDGE_MIGRATION, "judge-migration", ERR_POLICY)           \
    X(ATTEST_JUDGE_ABI, "judge-abi", ERR_POLICY)                       \
    X(ATTEST_JUDGE_SMT, "judge-smt", ERR_POLICY)                       \
    X(ATTEST_JUDGE_POLICY_SET, "judge-policy-set", ERR_POLICY)         \
    X(ATTEST_JUDGE_PLATFORM_SET, "judge-platform-set", ERR_POLICY)     \
    X(ATTEST_JUDGE_PLATFORM_CLEAR, "judge-platform-clear", ERR_POLICY) \
    X(ATTEST_JUDGE_VMPL, "judge-vmpl", ERR_POLICY)                     \
    X(ATTEST_JUDGE_TCB_REPORTED, "judge-tcb-reported", ERR_STALE)      \
    X(ATTEST_JUDGE_TCB_COMMITTED, "judge-tcb-committed", ERR_STALE)    \
    X(ATTEST_JUDGE_TCB_LAUNCH, "judge-tcb-launch", ERR_STALE)          \
    X(ATTEST_JUDGE_PROVISIONAL, "judge-provisional", ERR_POLICY)       \
    X(ATTEST_JUDGE_MITIGATION, "judge-mitigation", ERR_STALE)          \
    X(ATTEST_JUDGE_HOST_DATA, "judge-host-data", ERR_MISMATCH)         \
    X(ATTEST_JUDGE_ID_KEY, "judge-id-key", ERR_MISMATCH)               \
    X(ATTEST_JUDGE_AUTHOR_KEY, "judge-author-key", ERR_MISMATCH)       \
    X(ATTEST_JUDGE_FAMILY_ID, "judge-family-id", ERR_MISMATCH)         \
    X(ATTEST_JUDGE_IMAGE_ID, "judge-image-id", ERR_MISMATCH)           \
    X(ATTEST_JUDGE_GUEST_SVN, "judge-guest-svn", ERR_STALE)            \
    X(ATTEST_JUDGE_MASKED_CHIP, "judge-masked-chip", ERR_POLICY)       \
    /* nodes beside one another */                                     \
    X(ATTEST_ROSTER_SIZE, "roster-size", ERR_RANGE)                    \
    X(ATTEST_ROSTER_POLICY, "roster-policy", ERR_MISMATCH)             \
    X(ATTEST_ROSTER_REPORT_ID, "roster-report-id", ERR_POLICY)         \
    X(ATTEST_ROSTER_CHIP_UNKNOWN, "roster-chip-unknown", ERR_POLICY)   \
    X(ATTEST_ROSTER_CHIP, "roster-chip", ERR_POLICY)                   \
    X(ATTEST_ROSTER_PROVIDER, "roster-provider", ERR_POLICY)           \
    X(ATTEST_ROSTER_LINE, "roster-line", ERR_POLICY)                   \
    /* what a guest is started with, ovmf.h and snp_launch.h */        \
    X(ATTEST_FIRMWARE_SIZE, "firmware-size", ERR_LENGTH)               \
    X(ATTEST_FIRMWARE_TABLE, "firmware-table", ERR_ENCODING)           \
    X(ATTEST_FIRMWARE_METADATA, "firmware-metadata", ERR_ENCODING)     \
    X(ATTEST_LAUNCH_VCPUS, "launch-vcpus", ERR_RANGE)                  \
    X(ATTEST_LAUNCH_FEATURES, "launch-features", ERR_RANGE)            \
    X(ATTEST_LAUNCH_KERNEL, "launch-kernel", ERR_POLICY)

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
